//! How risky something is said to be, ordered.

use super::word::vocabulary;

vocabulary! {
    /// Declared risk, ordered. Unknown is treated as high.
    Risk, "risk" { Low = "low", Moderate = "moderate", High = "high", VeryHigh = "very_high" }
}

impl Risk {
    /// The risk that rules use: unknown counts as high.
    #[must_use]
    pub fn treated(self) -> Self {
        match self {
            Self::Unknown => Self::High,
            Self::Low | Self::Moderate | Self::High | Self::VeryHigh => self,
        }
    }
}
