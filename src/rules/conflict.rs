//! The conflict rules C1 to C18 (rules § Clashes): which rows stand, and why.
//!
//! A file per rule says when it fires; [`detect`] asks all of them from nothing, [`redetect`] only around an edit, and
//! both use the same judgement of one activity or one pair. Decisions come from the ledger, see [`Decisions`].

mod c01;
mod c02;
mod c03;
mod c04;
mod c05;
mod c06;
mod c07;
mod c08;
mod c09;
mod c10;
mod c11;
mod c12;
mod c13;
mod c14;
mod c15;
mod c16;
mod c17;
mod c18;
#[cfg(test)]
pub(crate) mod cases;
mod detail;
mod fingerprint;
mod full;
mod hit;
mod map;
mod near;
mod pair;
mod reason;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
mod unchecked;
mod view;

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

pub use crate::model::ConflictKey;
use crate::{
    model::{Id, Instant, Line, RuleId, Severity, Span},
    rules::facts::{Dirty, Facts},
};
pub(crate) use c03::freezes_after;
pub(crate) use c04::{block_end, windows_of};
pub use detail::{Detail, OutOfOrder};
pub use fingerprint::{Fingerprint, fingerprint};
pub use map::ConflictMap;
pub(crate) use near::{Hits, hits_of, touching};
pub use unchecked::{Missing, Unchecked, unchecked, unchecked_of};
pub(crate) use unchecked::{missing as missing_facts, unchecked_there};
#[cfg(test)]
pub(crate) use view::leading;
pub(crate) use view::{Moved, View};

/// What the ledger knows about decisions, as far as rules C13 and C17 ask.
pub trait Decisions: Sync {
    /// Approved here for the current revision, or by a valid automatic approval.
    fn approved(&self, change: &Id) -> bool;
    /// Approved, ratified or automatically approved here for the revision it started with.
    fn start_authorised(&self, change: &Id) -> bool;
    /// A round of the board is open on the current revision: it decides, whatever the owning system says.
    fn voted_on(&self, change: &Id) -> bool;
}

/// A board on which nothing has been decided.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Decisions for Nothing {
    fn approved(&self, _: &Id) -> bool {
        false
    }
    fn start_authorised(&self, _: &Id) -> bool {
        false
    }
    fn voted_on(&self, _: &Id) -> bool {
        false
    }
}

/// One row: a rule that fired for one activity, or for two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub key: ConflictKey,
    pub severity: Severity,
    /// The first overlapping span; of a lone activity its own; absent for a point.
    pub span: Option<Span>,
    /// Where there is no span: the instant of the activity that is a point.
    pub point: Option<Instant>,
    /// Overlapping minutes, summed where a window recurs.
    pub minutes: i64,
    /// The dependency path, the shared services, or whatever the rule says it is.
    pub path: Arc<[Line]>,
    /// The facts of this case, from which the sentence is made.
    pub detail: Detail,
}

/// What [`redetect`] found: `rows` take the place of every old row that [`Redone::replaces`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redone {
    everything: bool,
    rules: Vec<RuleId>,
    sides: BTreeSet<Id>,
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

impl Conflict {
    /// The order of rows: rule as text, a, b, start (rules § Clashes).
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key).then_with(|| self.span.cmp(&other.span))
    }

    /// This case in one sentence.
    #[must_use]
    pub fn reason(&self) -> String {
        reason::sentence(self)
    }
}

/// Every row that stands at `now`, in order. O(n log n + rows).
#[must_use]
pub fn detect(facts: &Facts, now: Instant, decisions: &dyn Decisions) -> Vec<Conflict> {
    full::all(&View::new(facts, now, decisions))
}

/// The rows around what an edit, or time, made dirty.
#[must_use]
pub fn redetect(facts: &Facts, dirty: &Dirty, now: Instant, decisions: &dyn Decisions) -> Redone {
    let view = View::new(facts, now, decisions);
    if dirty.everything || dirty.activities.len() > facts.len() / 4 + 64 {
        return Redone { everything: true, rows: full::all(&view), ..Redone::default() };
    }
    near::again(&view, dirty)
}

/// The next instant at which some row may change by time alone; `None` while time changes nothing.
#[must_use]
pub fn next_due(facts: &Facts, now: Instant) -> Option<Instant> {
    facts.next_due(now)
}
