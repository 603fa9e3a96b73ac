//! What names one conflict row: the rule and its two sides.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{
    id::Id,
    rulebook::{RuleId, Severity},
    time::Instant,
};

/// The identity of a conflict row (rules § Clashes): sorted by rule as text, then a, then b.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ConflictKey {
    pub rule: RuleId,
    pub a: Id,
    /// `None` for a lone activity's row.
    pub b: Option<Id>,
    /// Where one activity can have several rows of a rule (C11, a row per stretch over the limit): when this one starts.
    #[serde(default)]
    pub at: Option<Instant>,
}

impl Ord for ConflictKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rule
            .by_text(other.rule)
            .then_with(|| self.a.cmp(&other.a))
            .then_with(|| (&self.b, self.at).cmp(&(&other.b, other.at)))
    }
}

impl PartialOrd for ConflictKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ConflictKey {
    /// Whether `id` is one of the sides.
    #[must_use]
    pub fn names(&self, id: &Id) -> bool {
        self.a == *id || self.b.as_ref() == Some(id)
    }

    /// The side that is not `id`.
    #[must_use]
    pub fn other_side(&self, id: &Id) -> Option<&Id> {
        if self.a == *id { self.b.as_ref() } else { Some(&self.a) }
    }
}

impl Severity {
    /// The word people read; JSON and filters have the shorter one.
    #[must_use]
    pub const fn said(self) -> &'static str {
        match self {
            Self::Info => "note",
            Self::Warn => "warning",
            Self::Block => "blocking",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vocabulary;

    #[test]
    fn what_is_read_on_screen_can_be_typed() {
        for severity in [Severity::Info, Severity::Warn, Severity::Block] {
            assert_eq!(Severity::of(severity.said()), Some(severity));
            assert_eq!(Severity::of(severity.word()), Some(severity));
        }
    }
}
