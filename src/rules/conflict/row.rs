//! Rows of clashes: what is stored, drawn and acknowledged.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use super::Detail;
use crate::model::{ConflictKey, Id, Instant, Line, RuleId, Severity, Span};

/// One row: a rule that fired for one activity, or for two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The rule and its sides: what the row is found by, and what an acknowledgement names.
    pub key: ConflictKey,
    /// As hard as the board's settings make it.
    pub severity: Severity,
    /// The first overlapping span; of a lone activity its own; absent for a point.
    pub span: Option<Span>,
    /// Where there is no span: the instant of the activity that is a point.
    pub point: Option<Instant>,
    /// Overlapping minutes, summed where a window recurs.
    pub minutes: i64,
    /// The dependency path, the shared services, or whatever the rule says it is. Behind one thin pointer: there are tens of
    /// thousands of rows, and most of them share it with others.
    pub path: Arc<Vec<Line>>,
    /// The facts of this case, from which the sentence is made.
    pub detail: Detail,
}

impl Conflict {
    /// The order of rows: rule as text, a, b, start (rules § Clashes).
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        // Two cases of one key, as each of two that ended before they began, stand in one order whoever found them first.
        let told = || format!("{:?}", self.detail).cmp(&format!("{:?}", other.detail));
        self.key.cmp(&other.key).then_with(|| self.span.cmp(&other.span)).then_with(told)
    }

    /// This case in one sentence. Times are UTC; screens that show zones have the span.
    #[must_use]
    pub fn reason(&self) -> String {
        self.detail.told().sentence(self)
    }
}

/// What `redetect` found: `rows` take the place of every old row that [`Redone::replaces`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redone {
    pub(super) everything: bool,
    pub(super) rules: Vec<RuleId>,
    pub(super) sides: BTreeSet<Id>,
    /// Sorted by rule as text, a, b, start.
    pub rows: Vec<Conflict>,
}

impl Redone {
    /// Whether an old row is out of date.
    #[must_use]
    pub fn replaces(&self, row: &ConflictKey) -> bool {
        self.everything
            || self.rules.contains(&row.rule)
            || self.sides.contains(&row.a)
            || row.b.as_ref().is_some_and(|b| self.sides.contains(b))
    }

    /// The activities and releases whose rows were derived anew, unless everything was.
    #[must_use]
    pub fn sides(&self) -> Option<&BTreeSet<Id>> {
        (!self.everything).then_some(&self.sides)
    }

    /// The rules of which all rows were derived anew.
    #[must_use]
    pub fn rules(&self) -> &[RuleId] {
        &self.rules
    }
}
