//! What became of an item in a meeting, as a type; its sentence is made in `words`.

use serde::{Deserialize, Serialize};

use super::Became;
use crate::model::{Id, Line, Verdict};

/// What came after a decision while the item was still before the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The approval holds no longer, and nobody has decided since.
    Lapsed,
    /// Cancelled, closed, gone …
    Over(Became),
}

/// What became of an item in a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ItemResult {
    NotReached,
    Skipped,
    /// Discussed, and not decided.
    Discussed,
    /// To another meeting.
    Deferred(Id),
    Decided {
        verdict: Verdict,
        /// What followed from the verdict; none where nothing did.
        then: Option<Then>,
    },
    /// What had been approved lapsed, and it was not decided again.
    Lapsed,
    /// Cancelled, closed, gone …: nothing was left to decide.
    Over(Became),
    /// Words of an earlier program that this one has no type for.
    Said(Line),
}

impl ItemResult {
    /// Whether the item is to be decided at another meeting.
    #[must_use]
    pub fn comes_again(&self) -> bool {
        match self {
            Self::NotReached | Self::Skipped | Self::Discussed | Self::Lapsed => true,
            Self::Deferred(_) | Self::Decided { .. } | Self::Over(_) | Self::Said(_) => false,
        }
    }

    /// How it was decided, where it was.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Decided { verdict, .. } => Some(*verdict),
            Self::NotReached
            | Self::Skipped
            | Self::Discussed
            | Self::Deferred(_)
            | Self::Lapsed
            | Self::Over(_)
            | Self::Said(_) => None,
        }
    }

    /// Whether an approval that was given here lapsed.
    #[must_use]
    pub fn has_lapsed(&self) -> bool {
        matches!(self, Self::Lapsed | Self::Decided { then: Some(Then::Lapsed), .. })
    }
}
