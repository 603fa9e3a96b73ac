//! Theme files: three depths per role, one or two halves, an optional painted background.

use std::{collections::BTreeMap, path::Path};

use ratatui::style::Color;
use serde::Deserialize;

use super::{Background, Depth, Role};

/// The themes that come with the program: name and file.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("default", include_str!("../../../themes/default.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("deuteranopia", include_str!("../../../themes/deuteranopia.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
];

/// A theme that cannot be used, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    #[error("theme `{name}` is not known; use one of {known}")]
    Unknown { name: String, known: String },
    #[error("theme file {file} cannot be read: {source}")]
    Unreadable { file: String, source: std::io::Error },
    #[error("theme file {file} is not valid: {message}")]
    Invalid { file: String, message: String },
}

/// Steps of the ramp by which load is coloured, from little to much.
pub const LOAD_STEPS: usize = 5;

/// A parsed theme file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// The name it is chosen by.
    pub name: String,
    /// One sentence for `quorate themes`.
    pub about: String,
    background: Option<Cell>,
    dark_load: Option<[Cell; LOAD_STEPS]>,
    light_load: Option<[Cell; LOAD_STEPS]>,
    dark: BTreeMap<String, Cell>,
    light: Option<BTreeMap<String, Cell>>,
}

/// One of 16 colours, an index of 256, a true colour.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "(String, toml::Value, String)")]
pub(super) struct Cell {
    pub(super) ansi: Color,
    pub(super) index: Option<u8>,
    pub(super) rgb: Option<[u8; 3]>,
}

impl Theme {
    /// Finds a theme by name: in `dir` first (`NAME.toml`), then among the embedded ones. `auto`, `dark` and `light`
    /// are the default theme; the caller forces the half.
    ///
    /// # Errors
    /// When there is no such theme, or its file cannot be read or is not valid.
    pub fn load(name: &str, dir: Option<&Path>) -> Result<Self, ThemeError> {
        let name = if matches!(name, "auto" | "dark" | "light") { "default" } else { name };
        let plain = !name.is_empty() && !name.contains(['/', '\\']) && !name.starts_with('.');
        if let Some(path) = dir.filter(|_| plain).map(|dir| dir.join(format!("{name}.toml"))) {
            match std::fs::read_to_string(&path) {
                Ok(text) => return Self::parse(&path.display().to_string(), &text),
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => {
                    return Err(ThemeError::Unreadable { file: path.display().to_string(), source });
                }
            }
        }
        match EMBEDDED.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::parse(&format!("themes/{name}.toml"), text),
            None => {
                let known: Vec<_> = EMBEDDED.iter().map(|(known, _)| *known).collect();
                Err(ThemeError::Unknown { name: name.to_owned(), known: known.join(", ") })
            }
        }
    }

    /// Every theme that can be used: the embedded ones, then those of `dir` that are none of them.
    #[must_use]
    pub fn all(dir: Option<&Path>) -> Vec<Self> {
        let mut names: Vec<String> = EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut own: Vec<String> = dir
            .and_then(|dir| std::fs::read_dir(dir).ok())
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
            .filter(|name| !names.contains(name))
            .collect();
        own.sort();
        names.append(&mut own);
        names.iter().filter_map(|name| Self::load(name, dir).ok()).collect()
    }

    /// Reads a theme file; every role must be there, and no other.
    ///
    /// # Errors
    /// [`ThemeError::Invalid`], naming the file and the role or line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ThemeError> {
        let invalid = |message: String| ThemeError::Invalid { file: file.to_owned(), message };
        let theme: Self = toml::from_str(text).map_err(|e| invalid(e.to_string()))?;
        for (half, roles) in [("dark", Some(&theme.dark)), ("light", theme.light.as_ref())] {
            let Some(roles) = roles else { continue };
            if let Some(role) = Role::ALL.iter().find(|role| !roles.contains_key(role.name())) {
                return Err(invalid(format!("[{half}] lacks the role `{}`", role.name())));
            }
            if let Some(extra) = roles.keys().find(|key| Role::ALL.iter().all(|role| role.name() != *key)) {
                return Err(invalid(format!("[{half}] has `{extra}`, which is no role")));
            }
        }
        Ok(theme)
    }

    /// Whether it paints no background and has a half for dark and one for light ones.
    #[must_use]
    pub const fn follows_background(&self) -> bool {
        self.light.is_some()
    }

    /// The depth to use: a theme that paints no background falls back to 16 colours where the background is unknown.
    pub(super) fn depth_on(&self, background: Background, depth: Depth) -> Depth {
        match (background, depth) {
            (Background::Unknown | Background::Silent, Depth::Indexed | Depth::True)
                if self.light.is_some() =>
            {
                Depth::Sixteen
            }
            _ => depth,
        }
    }

    pub(super) fn background(&self, depth: Depth) -> Option<Color> {
        self.background.map(|cell| cell.at(depth)).filter(|colour| *colour != Color::Reset)
    }

    pub(super) fn colour(&self, role: Role, background: Background, depth: Depth) -> Color {
        if background == Background::Unknown && self.light.is_some() && depth != Depth::None {
            return unknown_background(role);
        }
        self.cell(role, background).map_or(Color::Reset, |cell| cell.at(depth))
    }

    /// The ramp of load, where the theme has one and the background is known.
    pub(super) fn load_ramp(&self, background: Background) -> Option<&[Cell; LOAD_STEPS]> {
        match (background, &self.light) {
            (Background::Light, Some(_)) => self.light_load.as_ref(),
            (Background::Unknown | Background::Silent, Some(_)) => None,
            (Background::Light | Background::Dark | Background::Silent | Background::Unknown, _) => {
                self.dark_load.as_ref()
            }
        }
    }

    pub(super) fn cell(&self, role: Role, background: Background) -> Option<Cell> {
        let half = match (background, &self.light) {
            (Background::Light, Some(light)) => light,
            (Background::Light | Background::Dark | Background::Silent | Background::Unknown, _) => {
                &self.dark
            }
        };
        half.get(role.name()).copied()
    }
}

/// The few colours that can be read on any background.
const fn unknown_background(role: Role) -> Color {
    match role {
        Role::Bad => Color::Red,
        Role::Freeze | Role::Release => Color::Magenta,
        Role::Text
        | Role::Muted
        | Role::Accent
        | Role::Rule
        | Role::Mark
        | Role::You
        | Role::Ok
        | Role::Caution
        | Role::Info
        | Role::Pending
        | Role::Running
        | Role::Change
        | Role::Maint
        | Role::Now => Color::Reset,
    }
}

impl Cell {
    pub(super) fn at(self, depth: Depth) -> Color {
        match depth {
            Depth::None => Color::Reset,
            Depth::Sixteen => self.ansi,
            Depth::Indexed => self.index.map_or(Color::Reset, Color::Indexed),
            Depth::True => self.rgb.map_or(Color::Reset, |[r, g, b]| Color::Rgb(r, g, b)),
        }
    }
}

impl TryFrom<(String, toml::Value, String)> for Cell {
    type Error = String;
    fn try_from((ansi, index, rgb): (String, toml::Value, String)) -> Result<Self, String> {
        let index = match index {
            toml::Value::String(text) if text == "default" => None,
            other => Some(
                other
                    .as_integer()
                    .and_then(|number| u8::try_from(number).ok())
                    .ok_or_else(|| format!("`{other}` is no colour of 256; use 0 to 255 or \"default\""))?,
            ),
        };
        Ok(Self { ansi: ansi_colour(&ansi)?, index, rgb: rgb_colour(&rgb)? })
    }
}

fn ansi_colour(name: &str) -> Result<Color, String> {
    Ok(match name {
        "Reset" => Color::Reset,
        "Black" => Color::Black,
        "Red" => Color::Red,
        "Green" => Color::Green,
        "Yellow" => Color::Yellow,
        "Blue" => Color::Blue,
        "Magenta" => Color::Magenta,
        "Cyan" => Color::Cyan,
        "Gray" => Color::Gray,
        "DarkGray" => Color::DarkGray,
        "LightRed" => Color::LightRed,
        "LightGreen" => Color::LightGreen,
        "LightYellow" => Color::LightYellow,
        "LightBlue" => Color::LightBlue,
        "LightMagenta" => Color::LightMagenta,
        "LightCyan" => Color::LightCyan,
        "White" => Color::White,
        other => return Err(format!("`{other}` is none of the 16 colours, nor Reset")),
    })
}

fn rgb_colour(text: &str) -> Result<Option<[u8; 3]>, String> {
    if text == "default" {
        return Ok(None);
    }
    let wrong = || format!("`{text}` is no colour; write it as #rrggbb or \"default\"");
    let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.is_ascii()).ok_or_else(wrong)?;
    let number = u32::from_str_radix(hex, 16).map_err(|_| wrong())?;
    let [_, r, g, b] = number.to_be_bytes();
    Ok(Some([r, g, b]))
}
