//! A fact that a rule needs and nobody gave.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::view::View;
use crate::{
    calendar::RULE_NOT_UNDERSTOOD,
    model::{Id, When},
    rules::facts::{Row, windows::WindowRow},
};

/// A fact that a rule needs and nobody gave.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Missing {
    Start,
    End,
    PlannedStart,
    PlannedEnd,
    ActualStart,
    Services,
    Owner,
    Submitted,
    RollbackMinutes,
    /// The system it comes from has no field for one.
    TestPlan,
    /// There is no such change.
    Change(Id),
    /// There is no such release.
    Release(Id),
    EndOf(Id),
    OutcomeOf(Id),
    /// When a window occurs.
    Occurrences(Id),
    /// When a window occurs whose rule is not understood.
    Rule(Id),
}

impl Missing {
    /// What is missing about a window that may have more occurrences than are known.
    pub fn occurrences(window: &WindowRow) -> Self {
        let id = window.window.id.clone();
        if window.is_not_understood() { Self::Rule(id) } else { Self::Occurrences(id) }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::End => f.write_str("an end after its start"),
            Self::PlannedStart => f.write_str("planned start"),
            Self::PlannedEnd => f.write_str("planned end"),
            Self::ActualStart => f.write_str("actual start"),
            Self::Services => f.write_str("services"),
            Self::Owner => f.write_str("owner"),
            Self::Submitted => f.write_str("when it was submitted"),
            Self::RollbackMinutes => f.write_str("rollback minutes"),
            Self::TestPlan => f.write_str("test plan, for which its system has no field"),
            Self::Change(id) => write!(f, "change {id}, which it waits for"),
            Self::Release(id) => write!(f, "release {id}, in which it is bundled"),
            Self::EndOf(id) => write!(f, "the end of {id}"),
            Self::OutcomeOf(id) => write!(f, "how {id} ended"),
            Self::Occurrences(id) => write!(f, "when window {id} occurs"),
            Self::Rule(id) => write!(f, "when window {id} occurs ({RULE_NOT_UNDERSTOOD})"),
        }
    }
}

/// The start or the end, where it has no proper span.
pub(super) fn untimed(view: &View<'_>, row: &Row) -> Option<Missing> {
    match view.when(row) {
        When::Unknown => Some(Missing::Start),
        When::Point(_) => Some(Missing::End),
        When::Span(_) => None,
    }
}

/// What it takes to share a CI and to overlap: a start, an end after it, services.
pub(super) fn to_share_a_ci(view: &View<'_>, row: &Row, out: &mut Vec<Missing>) {
    out.extend(untimed(view, row));
    out.extend(row.services.is_empty().then_some(Missing::Services));
}
