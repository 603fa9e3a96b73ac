//! From roles to styles: what a thing means decides its colour, and the terminal decides how much colour there is.
//!
//! Views ask [`Styles`] for a role and never name a colour. Themes are TOML files (four are embedded, more can be put in
//! the user's theme directory). Nothing is said by colour alone: with [`Depth::None`] only attributes remain.

mod depth;
mod file;

pub use depth::{Background, Depth, colorfgbg};
pub use file::{EMBEDDED, LOAD_STEPS, Theme, ThemeError};
use ratatui::style::{Color, Modifier, Style};

use crate::tui::glyph::Glyphs;

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident $name:literal)*) => {
        /// What a coloured thing means; the roles every theme defines.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Role { $($(#[$doc])* $variant,)* }

        impl Role {
            /// Every role, in the order of the theme files.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The role's key in a theme file.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

roles! {
    /// Everything not named below.
    Text "text"
    /// Labels, past items, acknowledged rows.
    Muted "muted"
    /// Keys in hints, focused rule and title, partner of the selection.
    Accent "accent"
    /// Pane rules, separators, day lines.
    Rule "rule"
    /// Marked rows.
    Mark "mark"
    /// Waits for your vote; a zone that is not yours.
    You "you"
    /// Approved, fresh, passed.
    Ok "ok"
    /// Block, rejected, failed, down, errors.
    Bad "bad"
    /// Warn, old source, due within four hours.
    Caution "caution"
    /// Info, notes, acknowledged.
    Info "info"
    /// Vote open, not yours.
    Pending "pending"
    Running "running"
    /// Bar of a change.
    Change "change"
    /// Bar of a release phase.
    Release "release"
    /// Maintenance and release windows.
    Maint "maint"
    /// Hard and soft freezes.
    Freeze "freeze"
    /// The now-line and its head.
    Now "now"
}

/// A theme as one terminal can show it; cheap to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Styles {
    colours: [Color; Role::ALL.len()],
    /// From little to much.
    load: [Color; LOAD_STEPS],
    background: Option<Color>,
    depth: Depth,
}

impl Styles {
    /// The colours of `theme` on a terminal of this depth; `background` picks the half of a theme that paints none.
    #[must_use]
    pub fn new(theme: &Theme, background: Background, depth: Depth) -> Self {
        let depth = theme.depth_on(background, depth);
        let mut colours = [Color::Reset; Role::ALL.len()];
        for role in Role::ALL {
            colours[*role as usize] = theme.colour(*role, background, depth);
        }
        // As words, digits keep the colour of text where there are 16 colours.
        let mut load = [colours[Role::Text as usize]; LOAD_STEPS];
        if let (Depth::Indexed | Depth::True, Some(ramp)) = (depth, theme.load_ramp(background)) {
            load = ramp.map(|cell| cell.at(depth));
        }
        Self { colours, load, background: theme.background(depth), depth }
    }

    /// Bold, underline and reverse only.
    #[must_use]
    pub const fn plain() -> Self {
        let (colours, load) = ([Color::Reset; Role::ALL.len()], [Color::Reset; LOAD_STEPS]);
        Self { colours, load, background: None, depth: Depth::None }
    }

    /// The colour depth in force.
    #[must_use]
    pub const fn depth(&self) -> Depth {
        self.depth
    }

    /// What the whole frame is filled with first.
    #[must_use]
    pub fn base(&self) -> Style {
        Style::new().fg(self.colours[Role::Text as usize]).bg(self.background.unwrap_or(Color::Reset))
    }

    /// Style of a glyph, bar or fill of this role; carries no words.
    #[must_use]
    pub fn glyph(&self, role: Role) -> Style {
        Style::new().fg(self.colours[role as usize]).add_modifier(weight(role))
    }

    /// Style of words and numbers of this role: with 16 colours they keep the colour of text.
    #[must_use]
    pub fn word(&self, role: Role) -> Style {
        let shown = if self.depth == Depth::Sixteen { Role::Text } else { role };
        Style::new().fg(self.colours[shown as usize]).add_modifier(weight(role))
    }

    #[must_use]
    pub fn text(&self) -> Style {
        self.word(Role::Text)
    }

    #[must_use]
    pub fn muted(&self) -> Style {
        self.word(Role::Muted)
    }

    /// Text that leads: a title, a decision, a number that matters.
    #[must_use]
    pub fn strong(&self) -> Style {
        self.text().add_modifier(Modifier::BOLD)
    }

    /// A key in a hint.
    #[must_use]
    pub fn key(&self) -> Style {
        self.word(Role::Accent)
    }

    /// The rule of a pane head: accented and bold with the focus.
    #[must_use]
    pub fn rule(&self, focused: bool) -> Style {
        if focused { self.glyph(Role::Accent).add_modifier(Modifier::BOLD) } else { self.glyph(Role::Rule) }
    }

    /// The title of a pane head.
    #[must_use]
    pub fn title(&self, focused: bool) -> Style {
        if focused { self.word(Role::Accent).add_modifier(Modifier::BOLD) } else { self.text() }
    }

    /// The partner of the selection on a calendar.
    #[must_use]
    pub fn partner(&self) -> Style {
        self.word(Role::Accent).add_modifier(Modifier::UNDERLINED)
    }

    /// The selected id or bar label: reverse video of the text colour, no role colour.
    #[must_use]
    pub fn selected(&self) -> Style {
        self.base().add_modifier(Modifier::REVERSED)
    }

    /// A load digit: 1–3 plain, 4–6 bold, 7–9 reverse; and by the ramp of the theme, where there are colours for it.
    #[must_use]
    pub fn heat(&self, digit: u8) -> Style {
        let plain = match digit {
            0..=3 => self.text(),
            4..=6 => self.strong(),
            _ => self.selected(),
        };
        plain.fg(self.load_colour(digit))
    }

    /// A level of load that is told by its height: the ramp alone, no attribute.
    #[must_use]
    pub fn level(&self, digit: u8) -> Style {
        self.text().fg(self.load_colour(digit))
    }

    fn load_colour(&self, digit: u8) -> Color {
        let step = (usize::from(digit.clamp(1, 9)) * LOAD_STEPS).div_ceil(9) - 1;
        self.load.get(step).copied().unwrap_or(Color::Reset)
    }
}

/// What every drawing function gets: styles and glyphs.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub styles: Styles,
    pub glyphs: &'static Glyphs,
}

impl std::ops::Deref for Look {
    type Target = Styles;
    fn deref(&self) -> &Styles {
        &self.styles
    }
}

/// Roles that are bold wherever they stand.
const fn weight(role: Role) -> Modifier {
    match role {
        Role::You | Role::Bad | Role::Now => Modifier::BOLD,
        Role::Text
        | Role::Muted
        | Role::Accent
        | Role::Rule
        | Role::Mark
        | Role::Ok
        | Role::Caution
        | Role::Info
        | Role::Pending
        | Role::Running
        | Role::Change
        | Role::Release
        | Role::Maint
        | Role::Freeze => Modifier::empty(),
    }
}

#[cfg(test)]
mod tests;
