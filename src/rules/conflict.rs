//! The rules about clashes (rules § Clashes): which rows stand, and why.
//!
//! Everything of a rule is in its file, named as the rule is: what it compares, when it fires, which facts it can miss, its
//! sentence, its explanation, and the tables of cases of all that. The table below has each once. [`detect`] asks all of
//! them from nothing, [`redetect`] only around an edit, with the same judgement. Decisions come from the ledger, see
//! [`Decisions`]. One circle is meant: the table names the facts of each rule, and the rows a rule makes hold them.

mod case;
#[cfg(test)]
pub mod cases;
mod common;
mod dependency;
mod fingerprint;
mod finish;
mod full;
mod hit;
pub mod limit;
mod maintenance;
mod map;
mod missing;
mod near;
mod pair;
#[cfg(test)]
mod reference;
mod row;
mod rule;
mod seen;
mod sweep;
#[cfg(test)]
pub(crate) mod tests;
mod unchecked;
mod under_way;
mod view;
mod wording;

// The rules, in the order of their numbers.
mod same_ci;
mod dependent_ci;
mod freeze;
mod window_missed;
mod window_exceeded;
mod release_clash;
mod release_against_release;
mod outside_its_phase;
mod double_booked;
mod out_of_order;
mod over_capacity;
mod short_notice;
mod not_yet_approved;
mod rollback_overruns;
mod cool_down;
mod not_ready;
mod unauthorised;
mod overrunning;
mod outside_its_window;
mod past_turning_back;

use serde::{Deserialize, Serialize};

pub use crate::model::ConflictKey;
use crate::{
    model::{Id, Instant, RuleId},
    rules::facts::{Dirty, Facts},
};
pub use case::{Bar, Check, Question};
pub use case::{Case, Passed, Told, bar, live};
pub use fingerprint::{Fingerprint, fingerprint};
pub use freeze::{freezes_after, hard_freeze_in};
pub use limit::{Limit, LimitCause, limit_of};
pub use maintenance::block_end;
pub use map::ConflictMap;
pub use missing::Missing;
pub use near::{Raised, Raising, raised_by, raising, touching};
pub use out_of_order::OutOfOrder;
pub use row::{Conflict, Redone};
pub use rule::Rule;
pub use seen::{Seen, names};
pub use unchecked::unchecked_there;
pub use unchecked::{Unchecked, unchecked, unchecked_of};
pub use under_way::{plan_of, progress_of, waits_of};
pub use view::{Moved, View};

/// A line for each rule: its file, and the facts of a case that its sentence needs.
macro_rules! table {
    ($($file:ident => $Facts:ident),+ $(,)?) => {
        /// What a row knows beside its sides, span and path.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Detail { $($Facts($file::$Facts)),+ }

        $(
            pub use $file::$Facts;
            impl From<$Facts> for Detail {
                fn from(facts: $Facts) -> Self {
                    Self::$Facts(facts)
                }
            }
        )+

        impl Detail {
            fn told(&self) -> &dyn Told {
                match self { $(Self::$Facts(facts) => facts),+ }
            }
        }

        /// Every rule, in the order of their numbers.
        static RULES: [Rule; RuleId::ALL.len()] = [$($file::RULE),+];
    };
}

table! {
    same_ci => SameCi,
    dependent_ci => DependentCi,
    freeze => Freeze,
    window_missed => WindowMissed,
    window_exceeded => WindowExceeded,
    release_clash => ReleaseClash,
    release_against_release => ReleaseAgainstRelease,
    outside_its_phase => OutsidePhase,
    double_booked => DoubleBooked,
    out_of_order => Order,
    over_capacity => OverCapacity,
    short_notice => ShortNotice,
    not_yet_approved => NotYetApproved,
    rollback_overruns => RollbackOverruns,
    cool_down => CoolDown,
    not_ready => NotReady,
    unauthorised => Unauthorised,
    overrunning => Overrunning,
    outside_its_window => OutsideWindow,
    past_turning_back => PastTurningBack,
}

/// The rule of an id; `None` for an id that a newer version wrote.
pub fn rule(id: RuleId) -> Option<&'static Rule> {
    RULES.get(id as usize)
}

/// A row in a few words, seen from one of its sides: `REL-4.2/p1 on lb-01, 90 min`.
#[must_use]
pub fn phrase(id: RuleId, seen: Seen<'_>) -> String {
    rule(id).map_or_else(|| id.name().to_owned(), |rule| (rule.phrase)(&seen))
}

/// Whether the rows of a rule are about services that two activities share or depend on.
#[must_use]
pub fn is_about_services(id: RuleId) -> bool {
    rule(id).is_some_and(Rule::is_about_services)
}

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

/// Whether a rule that runs counts what happens at once: its rows may hang on any activity of the board.
#[must_use]
pub fn counts_at_once(facts: &Facts) -> bool {
    let view = View::new(facts, Instant::MIN, &Nothing);
    let counts = |rule: &Rule| matches!(rule.judge, rule::Judge::Stretches { limited, .. } if limited(&view));
    full::running(&view).any(counts)
}

/// The next instant at which some row may change by time alone; `None` while time changes nothing.
#[must_use]
pub fn next_due(facts: &Facts, now: Instant) -> Option<Instant> {
    facts.next_due(now)
}
