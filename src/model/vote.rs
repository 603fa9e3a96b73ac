//! What a person says to an item, and what the board says.

use serde::{Deserialize, Serialize};

/// A cast vote (rules § Votes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    Approve,
    Reject,
    Abstain,
}

/// The closing outcome of a round (rules § Counting).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Approved,
    Rejected,
    Deferred,
}

/// The board's own word about an item (ledger § Standing).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    #[default]
    None,
    Open,
    Approved,
    Lapsed,
    Rejected,
    Deferred,
    /// The board asked for information.
    Asked,
}

impl Vote {
    /// The three answers in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::Abstain];

    /// The word of the vote in JSON and in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Abstain => "abstain",
        }
    }
}

impl Decision {
    /// The word of the decision in source files and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Deferred => "deferred",
        }
    }
}

impl Standing {
    /// All of them, in the order of a change's life.
    pub const ALL: [Self; 7] =
        [Self::None, Self::Open, Self::Approved, Self::Lapsed, Self::Rejected, Self::Deferred, Self::Asked];

    /// The word of the standing in JSON and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Lapsed => "lapsed",
            Self::Rejected => "rejected",
            Self::Deferred => "deferred",
            Self::Asked => "asked",
        }
    }
}
