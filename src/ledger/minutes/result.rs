//! What became of an item in a meeting, as a type; its sentence is made where it is shown.

use serde::{Deserialize, Serialize};

use super::Became;
use crate::{
    ledger::event::RoundOutcome,
    model::{Id, Line},
};

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
        then: Option<Then>,
    },
    /// What had been approved lapsed, and it was not decided again.
    Lapsed,
    /// Cancelled, closed, gone …: nothing was left to decide.
    Over(Became),
    /// Words of an earlier program that this one has no type for.
    Said(Line),
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

    #[must_use]
    pub fn of_review(successful: bool) -> Self {
        if successful { Self::ReviewedSuccessful } else { Self::ReviewedNotSuccessful }
    }

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Deferred => "deferred",
            Self::NeedsInfo => "needs info",
            Self::Ratified => "ratified",
            Self::NotRatified => "not ratified",
            Self::ReviewedSuccessful => "reviewed: successful",
            Self::ReviewedNotSuccessful => "reviewed: not successful",
        }
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

impl ItemResult {
    /// What it is counted as, where results are counted: `approved`, `deferred`, `reviewed: successful`, `skipped`.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Deferred(_) => Verdict::Deferred.word().to_owned(),
            other => other.said(),
        }
    }

    /// The same in a word, however a review came out.
    #[must_use]
    pub fn short(&self) -> String {
        match self.verdict() {
            Some(Verdict::ReviewedSuccessful | Verdict::ReviewedNotSuccessful) => "reviewed".to_owned(),
            Some(_) | None => self.word(),
        }
    }

    /// In words: `approved`, `approved, then lapsed`, `deferred to cab-2026-12-01`, `discussed, not decided`.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::NotReached => "not reached".to_owned(),
            Self::Skipped => "skipped".to_owned(),
            Self::Discussed => "discussed, not decided".to_owned(),
            Self::Deferred(to) => format!("deferred to {to}"),
            Self::Decided { verdict, then: None } => verdict.word().to_owned(),
            Self::Decided { verdict, then: Some(Then::Lapsed) } => format!("{}, then lapsed", verdict.word()),
            Self::Decided { verdict, then: Some(Then::Over(over)) } => {
                format!("{}, then {}", verdict.word(), over.word())
            }
            Self::Lapsed => "approved, then lapsed, not decided again".to_owned(),
            Self::Over(over) => over.word().to_owned(),
            Self::Said(words) => words.as_str().to_owned(),
        }
    }

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
