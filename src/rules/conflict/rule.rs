//! What a rule is. Its file has one, the table in `conflict.rs` has them all, and the engine knows no rule by its number.

use super::{
    Detail, Missing,
    case::{Check, Passed},
    common::Common,
    hit::{Hit, Path, Side},
    pair::{Between, Pair},
    seen::Seen,
    view::View,
};
use crate::{
    model::{RuleId, Severity, Span},
    rules::facts::{ActivityRef, Row},
};

/// A rule about clashes (rules § Clashes). Its name is that of its id, its text the section of `README.md`.
pub struct Rule {
    pub id: RuleId,
    /// The hardest severity: the one that the board's setting replaces.
    pub hardest: Severity,
    pub judge: Judge,
    /// What its rows depend on besides the activities they name.
    pub reads: &'static [Reads],
    /// Whose rows, besides those of an edited activity or release itself, may name it.
    pub reaches: &'static [Reaches],
    /// Adds the facts that it misses about one live activity.
    pub missing: fn(&View<'_>, ActivityRef<'_>, &mut Vec<Missing>),
    /// What is nearest to firing, where it passed.
    pub nearest: fn(&Passed<'_>) -> Vec<Check>,
    /// A row in a few words, seen from one of its sides.
    pub phrase: fn(&Seen<'_>) -> String,
}

/// How a rule comes to its rows.
#[derive(Clone, Copy)]
pub enum Judge {
    /// It looks from one live activity.
    Alone(fn(&View<'_>, ActivityRef<'_>, &mut Vec<Hit>)),
    /// It compares two live activities that overlap and have one of these in common.
    Pairs {
        between: &'static [Between],
        common: &'static [Common],
        judge: fn(&View<'_>, &Pair<'_>) -> Option<Hit>,
        /// Chooses among the rule's hits, where several may be of the same sides.
        settle: Option<fn(&mut Vec<Hit>)>,
    },
    /// It looks at stretches of time in which many run at once; the path of a row is all of them.
    Stretches {
        /// Whether the board sets a limit at all; without one there are no rows to make anew.
        limited: fn(&View<'_>) -> bool,
        all: fn(&View<'_>, &mut Vec<Hit>),
        /// Whether an activity with this span runs in a stretch, as far as only that matters.
        touches: fn(&View<'_>, &Row, Span) -> bool,
    },
}

/// What the rows of a rule depend on besides the activities they name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// When activities take place; what does not read it says the same wherever they are moved.
    Times,
    /// Windows: an edit of one makes all rows of the rule anew.
    Windows,
}

/// Whose rows may name an edited activity or release, besides its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaches {
    /// Changes that might still be rolling back when it starts.
    RollingBack,
    /// Changes that start within the cool-down after it.
    CoolingDown,
    /// Changes that name it in `after`.
    Waiting,
    /// Changes bundled in the edited release.
    Bundle,
}

impl Rule {
    /// Whether the rule looks at this, so that a change of it makes it look again.
    pub fn reads(&self, what: Reads) -> bool {
        self.reads.contains(&what)
    }

    /// Whether its rows lie in time, so that the calendar can draw them.
    pub fn is_of_stretches(&self) -> bool {
        matches!(self.judge, Judge::Stretches { .. })
    }

    /// Whether its rows are about services that two activities share or depend on.
    pub fn is_about_services(&self) -> bool {
        let Judge::Pairs { common, .. } = self.judge else { return false };
        common.contains(&Common::Service) || common.contains(&Common::Dependency)
    }

    /// The severity of a row: the board's for the hardest; a softer case never gets harder by it.
    pub fn severity(&self, view: &View<'_>, own: Severity) -> Severity {
        match view.settings().severity.get(&self.id) {
            Some(set) if own == self.hardest => *set,
            Some(set) => own.min(*set),
            None => own,
        }
    }

    /// A row of one activity: its own span, no minutes, no path.
    pub fn alone(
        &self,
        view: &View<'_>,
        own: Severity,
        at: ActivityRef<'_>,
        detail: impl Into<Detail>,
    ) -> Hit {
        Hit {
            rule: self.id,
            severity: self.severity(view, own),
            sides: (Side::Row(at.number), None),
            span: view.span(at.row),
            minutes: 0,
            path: Path::None,
            detail: detail.into(),
        }
    }

    /// A row of two activities with what they overlap and the services they share.
    pub fn of_two(
        &self,
        view: &View<'_>,
        own: Severity,
        sides: (u32, u32),
        both: Option<Span>,
        detail: impl Into<Detail>,
    ) -> Hit {
        Hit {
            rule: self.id,
            severity: self.severity(view, own),
            sides: (Side::Row(sides.0), Some(Side::Row(sides.1))),
            span: both,
            minutes: both.map_or(0, Span::minutes),
            path: Path::Shared(sides.0, sides.1),
            detail: detail.into(),
        }
    }

    /// As [`Self::of_two`], of a pair.
    pub fn of_pair(&self, view: &View<'_>, own: Severity, pair: &Pair<'_>, detail: impl Into<Detail>) -> Hit {
        self.of_two(view, own, (pair.x.number, pair.y.number), Some(pair.both), detail)
    }
}

impl Reaches {
    /// The activities reached from an edited one.
    pub fn of_activity(self, view: &View<'_>, row: &Row) -> Vec<u32> {
        let facts = view.facts;
        match self {
            Self::RollingBack => facts.before_rollback(row),
            Self::CoolingDown => facts.after_failure(row),
            Self::Waiting => facts.waiting_for(&row.id).filter_map(|id| facts.number(id)).collect(),
            Self::Bundle => Vec::new(),
        }
    }

    /// The activities reached from an edited release.
    pub fn of_release(self, view: &View<'_>, release: u32) -> Vec<u32> {
        let facts = view.facts;
        match (self, facts.release_at(release)) {
            (Self::Bundle, Some(release)) => {
                facts.bundle(&release.id).filter_map(|id| facts.number(id)).collect()
            }
            (Self::Bundle | Self::RollingBack | Self::CoolingDown | Self::Waiting, _) => Vec::new(),
        }
    }
}
