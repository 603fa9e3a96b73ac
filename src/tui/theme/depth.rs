//! How much colour a terminal has and whether its background is dark, read from the environment.
//!
//! The terminal itself is asked elsewhere (`term::query`); what is not known here stays unknown, and unknown is 16 colours.

/// How many colours may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// `NO_COLOR`, or a terminal without colours: attributes only.
    None,
    Sixteen,
    Indexed,
    True,
}

impl Depth {
    /// The depth the environment tells of: 16 when it says nothing (`COLORTERM` does not pass through SSH).
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        if set("NO_COLOR").is_some() || term == "dumb" || term.starts_with("vt") {
            return Self::None;
        }
        let colorterm = set("COLORTERM").unwrap_or_default();
        if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
            Self::True
        } else if term.ends_with("256color") || term.ends_with("-256") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

impl std::str::FromStr for Depth {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "16" => Ok(Self::Sixteen),
            "256" => Ok(Self::Indexed),
            "true" => Ok(Self::True),
            other => Err(format!("colours = \"{other}\": use auto, true, 256, 16 or none")),
        }
    }
}

/// The terminal's background, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    Dark,
    Light,
    /// Asked, and nothing was answered: taken for dark, in the 16 colours, with words in the terminal's own.
    Silent,
    #[default]
    Unknown,
}

impl Background {
    /// From the three channels of a colour, 0 to 255 each: light when black text reads better on it than white.
    #[must_use]
    pub fn of_rgb(rgb: [u8; 3]) -> Self {
        if luminance(rgb) > 0.179 { Self::Light } else { Self::Dark }
    }
}

/// Reads `COLORFGBG`, as in `15;0` or `0;default;15`: its last field is the background.
#[must_use]
pub fn colorfgbg(value: Option<&str>) -> Background {
    match value.and_then(|text| text.rsplit(';').next()).and_then(|last| last.parse::<u8>().ok()) {
        Some(7 | 9..=15) => Background::Light,
        Some(0..=6 | 8) => Background::Dark,
        Some(_) | None => Background::Unknown,
    }
}

/// Relative luminance by WCAG 2, between 0 and 1.
#[must_use]
pub(super) fn luminance(rgb: [u8; 3]) -> f64 {
    let channel = |byte: u8| {
        let c = f64::from(byte) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2])
}
