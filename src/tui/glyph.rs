//! The glyphs of the screens, each with its ASCII twin, as one table.
//!
//! Every glyph is one column wide and stands beside a word. Drawing code takes glyphs from [`Glyphs`]; prose that still
//! carries one of the characters is turned into ASCII at the end of a frame by [`to_ascii`].

use ratatui::buffer::Buffer;

use crate::config::GlyphChoice;

macro_rules! glyphs {
    ($($(#[$doc:meta])* $name:ident $unicode:literal $ascii:literal)*) => {
        /// One set of glyphs; a field per meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Glyphs {
            $($(#[$doc])* pub $name: &'static str,)*
        }

        /// The set for terminals that show Unicode.
        pub static UNICODE: Glyphs = Glyphs { $($name: $unicode,)* };
        /// The twin of every glyph, in ASCII.
        pub static ASCII: Glyphs = Glyphs { $($name: $ascii,)* };
        /// Name, Unicode glyph and ASCII twin of every meaning, for legends and tests.
        pub static TABLE: &[(&str, &str, &str)] = &[$((stringify!($name), $unicode, $ascii),)*];
    };
}

glyphs! {
    /// The selected row.
    cursor "▸" ">"
    /// A marked row.
    mark "*" "*"
    /// A folded group.
    folded "[+]" "[+]"
    /// An open group.
    unfolded "[-]" "[-]"

    /// Waits for your vote.
    vote_waiting "?" "?"
    vote_yes "Y" "Y"
    vote_no "N" "N"
    vote_abstain "A" "A"
    vote_recused "R" "R"
    /// Your vote is stale after an edit.
    vote_stale "~" "~"
    /// Sent, not yet accepted.
    vote_sending "…" "_"
    vote_not_asked "·" "."

    state_vote_open "○" "o"
    /// Approved, or a planned phase.
    state_approved "●" "@"
    state_running "◐" "%"
    /// Done or passed.
    state_done "✓" "+"
    /// Failed, rejected or backed out.
    state_failed "✗" "x"
    state_cancelled "–" "-"
    state_draft "◌" ":"

    clash_block "▲" "!"
    clash_warn "△" "^"
    clash_info "i" "i"
    clash_acknowledged "▽" "v"
    /// Clashes with the selection.
    clash_partner "◂" "<"

    source_fresh "✓" "+"
    source_old "~" "~"
    source_down "✗" "x"
    source_loading "…" "_"

    bar_open "╍" "~"
    /// Approved or running.
    bar_live "━" "="
    bar_over "─" "-"
    /// Drawn in full in another lane.
    bar_elsewhere "┈" "."
    /// Begins the label of a bar drawn in full elsewhere.
    elsewhere "↳" "\\"

    /// Past it there is no way back.
    no_return "◆" "#"

    window_maintenance "░" ":"
    window_release "┄" "_"
    window_hard_freeze "╳" "x"
    window_soft_freeze "╱" "/"
    window_meeting "◇" "m"

    now "┃" "|"
    now_head "▼" "V"
    day "│" "'"
    clock_change "Δ" "D"
    /// Goes on beyond the edge; also between an old and a new value.
    beyond "→" ">"

    /// Text cut here.
    cut "…" ">"
    /// Sorted down, or more below.
    down "▾" "v"
    /// Sorted up, or more above.
    up "▴" "^"
    /// Between two panes; also the quorum mark.
    pane "│" "|"
    dot "·" "."
    dash "–" "-"
    times "×" "x"
    head_heavy "━" "="
    head_light "─" "-"

    /// A cell of a large digit.
    solid "█" "#"

    /// Load as a height; in ASCII as a density.
    level_1 "▁" "."
    level_2 "▂" ":"
    level_3 "▃" "-"
    level_4 "▄" "="
    level_5 "▅" "+"
    level_6 "▆" "*"
    level_7 "▇" "#"
    level_8 "█" "@"

    /// Corners and sides of a dialog.
    box_top_left "┏" "+"
    box_top_right "┓" "+"
    box_bottom_left "┗" "+"
    box_bottom_right "┛" "+"
    box_side "┃" "|"
}

impl Glyphs {
    /// The level of a load digit; a blank for none.
    #[must_use]
    pub const fn level(&self, digit: u8) -> &'static str {
        match digit {
            0 => " ",
            1 => self.level_1,
            2 => self.level_2,
            3 => self.level_3,
            4 | 5 => self.level_4,
            6 => self.level_5,
            7 => self.level_6,
            8 => self.level_7,
            9.. => self.level_8,
        }
    }
}

/// The ASCII twin of a glyph met in prose, where its place is not known; `None` for any other character.
#[must_use]
pub fn twin(symbol: &str) -> Option<&'static str> {
    match symbol {
        "…" => Some(ASCII.cut),
        "│" => Some(ASCII.pane),
        _ if symbol.is_ascii() => None,
        _ => TABLE.iter().find(|(_, unicode, _)| *unicode == symbol).map(|(_, _, ascii)| *ascii),
    }
}

/// Replaces every glyph of ours left in `buffer` by its ASCII twin; letters of other scripts stay.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Some(ascii) = twin(cell.symbol()) {
            cell.set_symbol(ascii);
        }
    }
}

/// The set the setting `glyphs` asks for; `env` reads an environment variable. Left to itself, ASCII is for locales
/// other than UTF-8 and for plain terminals.
pub fn choose(choice: GlyphChoice, env: impl Fn(&str) -> Option<String>) -> &'static Glyphs {
    match choice {
        GlyphChoice::Unicode => &UNICODE,
        GlyphChoice::Ascii => &ASCII,
        GlyphChoice::Auto if plain_terminal(&env) || !utf8_locale(&env) => &ASCII,
        GlyphChoice::Auto => &UNICODE,
    }
}

/// Whether `TERM` names a terminal that is known to show ASCII only.
pub fn plain_terminal(env: impl Fn(&str) -> Option<String>) -> bool {
    let term = env("TERM").unwrap_or_default();
    matches!(term.as_str(), "" | "linux" | "dumb") || term.starts_with("vt")
}

/// The first of LC_ALL, LC_CTYPE and LANG that is set decides.
fn utf8_locale(env: impl Fn(&str) -> Option<String>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| env(name).filter(|value| !value.is_empty()))
        .is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn every_glyph_is_one_column_wide() {
        for (name, unicode, ascii) in TABLE {
            let want = if matches!(*name, "folded" | "unfolded") { 3 } else { 1 };
            assert_eq!(unicode.width(), want, "{name} {unicode}");
            assert_eq!(ascii.width(), want, "{name} {ascii}");
            assert!(ascii.is_ascii(), "{name}");
        }
    }

    #[test]
    fn no_braille_emoji_or_private_use() {
        for (name, unicode, _) in TABLE {
            for c in unicode.chars() {
                let code = u32::from(c);
                assert!(!(0x2800..=0x28ff).contains(&code), "{name} is braille");
                assert!(!(0xe000..=0xf8ff).contains(&code) && code < 0x1f000, "{name}");
            }
        }
    }

    #[test]
    fn within_one_place_a_character_means_one_thing() {
        for place in ["vote_", "state_", "clash_", "source_", "bar_", "window_", "level_"] {
            let rows: Vec<_> = TABLE.iter().filter(|(name, ..)| name.starts_with(place)).collect();
            for (i, a) in rows.iter().enumerate() {
                for b in &rows[i + 1..] {
                    assert_ne!(a.1, b.1, "{} and {}", a.0, b.0);
                    assert_ne!(a.2, b.2, "{} and {} in ASCII", a.0, b.0);
                }
            }
        }
    }

    #[test]
    fn more_load_is_never_lower() {
        for glyphs in [&UNICODE, &ASCII] {
            let rising: Vec<&str> = TABLE
                .iter()
                .filter(|(name, ..)| name.starts_with("level_"))
                .map(|(_, u, a)| if glyphs == &UNICODE { *u } else { *a })
                .collect();
            let places: Vec<usize> = (1..=9)
                .map(|digit| rising.iter().position(|glyph| *glyph == glyphs.level(digit)).unwrap())
                .collect();
            assert!(
                places.is_sorted() && places.first() == Some(&0) && places.last() == Some(&7),
                "{places:?}"
            );
            assert_eq!((glyphs.level(0), glyphs.level(200)), (" ", glyphs.level_8));
        }
    }

    #[test]
    fn auto_looks_at_locale_and_terminal() {
        let cases = [
            ("utf-8 xterm", [("LANG", "en_GB.UTF-8"), ("TERM", "xterm-256color")], &UNICODE),
            ("utf8 spelt short", [("LC_ALL", "C.utf8"), ("TERM", "tmux")], &UNICODE),
            ("latin locale", [("LANG", "en_GB.ISO-8859-1"), ("TERM", "xterm")], &ASCII),
            ("linux console", [("LANG", "en_GB.UTF-8"), ("TERM", "linux")], &ASCII),
            ("vt220", [("LANG", "en_GB.UTF-8"), ("TERM", "vt220")], &ASCII),
            ("no locale", [("LANG", ""), ("TERM", "xterm")], &ASCII),
        ];
        for (name, vars, want) in cases {
            let env = |key: &str| vars.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned());
            assert_eq!(choose(GlyphChoice::Auto, env), want, "{name}");
        }
    }

    #[test]
    fn prose_is_turned_into_ascii_and_letters_stay() {
        let mut buffer = Buffer::with_lines(["22:00–23:30 · é … ▲"]);
        to_ascii(&mut buffer);
        assert_eq!(buffer, Buffer::with_lines(["22:00-23:30 . é > !"]));
    }
}
