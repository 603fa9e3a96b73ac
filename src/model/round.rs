//! How a round opens and ends (rules § Counting), and how the author of an act was known (rules § Votes).

use serde::{Deserialize, Serialize};

/// How the author of an act was known (rules § Votes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// By the kernel, a token or a key.
    Verified,
    /// Said by the embedded board's user.
    Claimed,
    /// Entered by the chair for a person.
    RollCall,
    /// The board itself: time passed, or a source moved.
    System,
}

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoundOutcome {
    Approved,
    Rejected,
    Deferred,
    NeedsInfo,
    /// The item changed materially, or a freeze newly hit it: the round ended without a decision.
    Superseded,
}

/// Why a round opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OpenCause {
    /// The item entered `authorize`.
    Authorize,
    Chair,
    /// The item changed materially while a round was open.
    Changed,
    /// A freeze newly hits the item.
    Freeze,
    /// The item changed after its actual start.
    Extension,
    /// Work began by break-glass: the board says afterwards whether that was right.
    Ratification,
    /// The board or the policy of the round before is gone.
    Rules,
}

/// Why a round closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CloseCause {
    Early,
    Everybody,
    Deadline,
    Chair,
    Changed,
    Freeze,
    /// The item left the states in which it can be decided.
    Left,
    /// In a meeting, in the consent block: nobody objected.
    Consent,
    /// Against the vote, with a reason and a second person.
    Override,
    /// Nobody answered, and somebody broke the glass.
    BrokenGlass,
    /// Its board or its policy is gone, or nobody could vote on it when it opened.
    Rules,
    /// The board was copied, and its secret votes stayed behind.
    Copied,
}

impl RoundOutcome {
    /// Whether the item is decided by it: what is put off, asked about or replaced is not.
    #[must_use]
    pub fn decides(self) -> bool {
        match self {
            Self::Approved | Self::Rejected => true,
            Self::Deferred | Self::NeedsInfo | Self::Superseded => false,
        }
    }

    /// The word of the outcome in JSON, in the log and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Deferred => "deferred",
            Self::NeedsInfo => "needs_info",
            Self::Superseded => "superseded",
        }
    }
}

/// How an item was decided, or reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Approved,
    Rejected,
    Deferred,
    NeedsInfo,
    /// Work that began by break-glass was right.
    Ratified,
    NotRatified,
    ReviewedSuccessful,
    ReviewedNotSuccessful,
}

impl Verdict {
    /// How a round ended; `None` where it ended without a decision.
    #[must_use]
    pub fn of_round(outcome: RoundOutcome, ratification: bool) -> Option<Self> {
        match (outcome, ratification) {
            (RoundOutcome::Superseded, _) => None,
            (RoundOutcome::Approved, true) => Some(Self::Ratified),
            (RoundOutcome::Rejected | RoundOutcome::Deferred | RoundOutcome::NeedsInfo, true) => {
                Some(Self::NotRatified)
            }
            (RoundOutcome::Approved, false) => Some(Self::Approved),
            (RoundOutcome::Rejected, false) => Some(Self::Rejected),
            (RoundOutcome::Deferred, false) => Some(Self::Deferred),
            (RoundOutcome::NeedsInfo, false) => Some(Self::NeedsInfo),
        }
    }

    /// The verdict of a review, by its answer.
    #[must_use]
    pub fn of_review(successful: bool) -> Self {
        if successful { Self::ReviewedSuccessful } else { Self::ReviewedNotSuccessful }
    }

    /// Whether the answer was no.
    #[must_use]
    pub fn is_against(self) -> bool {
        match self {
            Self::Rejected | Self::NotRatified => true,
            Self::Approved
            | Self::Deferred
            | Self::NeedsInfo
            | Self::Ratified
            | Self::ReviewedSuccessful
            | Self::ReviewedNotSuccessful => false,
        }
    }
}
