//! What names one conflict row: the rule and its two sides.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{id::Id, rule_id::RuleId, time::Instant};

/// The identity of a conflict row (rules § Clashes): sorted by rule as text, then a, then b.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConflictKey {
    pub rule: RuleId,
    pub a: Id,
    /// `None` for a lone activity's row.
    pub b: Option<Id>,
    /// Where one activity can have several rows of a rule (C11, a row per stretch over the limit; C19, one more of
    /// its sprint): when this one starts.
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
