//! The facts of one case that its sentence needs, and that no other column of the row says.

use serde::{Deserialize, Serialize};

use crate::{
    model::{CapacityScope, Id, Instant, Line, Outcome, Risk, State},
    rules::facts::ScopeKind,
};

/// What a row knows beside its sides, span and path; one variant per way to fire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Detail {
    /// C1. Who declares an outage, who lasts longer than `long_hours`, the release both are in.
    SameCi { outage: Option<Id>, long: Option<Id>, release: Option<Id> },
    /// C2. The release both are in.
    Dependent { release: Option<Id> },
    /// C3. The frozen activity; whether only a dependent service is frozen; the exempt kind; the seat it needs.
    Freeze { activity: Id, reached: bool, hard: bool, exempt: Option<ScopeKind>, seat: Option<Line> },
    /// C4.
    Missed,
    /// C5.
    Exceeded,
    /// C6. The change, and the environment that the phase takes whole where no CI is shared.
    Clash { change: Id, whole: Option<Line> },
    /// C7. The changes that clash, where the row is of two releases.
    Releases { changes: Option<Box<(Id, Id)>> },
    /// C8. How many timed phases the release has.
    OutsidePhase { change: Id, phases: u32 },
    /// C9. Whose time it is.
    Busy { owner: Option<Line>, group: Option<Line> },
    /// C10. Which must come first, and what is wrong.
    Order { first: Id, then: Id, fault: OutOfOrder },
    /// C11. The limit and how many run at the peak.
    Capacity { scope: CapacityScope, value: Option<Line>, risk: Risk, max: u32, peak: u32 },
    /// C12. Notice given and notice asked, in seconds.
    Notice { given: i64, asked: i64 },
    /// C13. Where it stands, when it should start, and the next meeting of the board by name, where one is planned.
    Unapproved { state: State, start: Instant, meeting: Option<(Line, Instant)> },
    /// C14. The change that rolls back and how many seconds it would run over.
    Rollback { change: Id, over: i64 },
    /// C15. The change that failed, how, and how many seconds before this start.
    CoolDown { failed: Id, outcome: Outcome, before: i64 },
    /// C16. Which plans are missing.
    NotReady { rollback: bool, test: bool },
    /// C17. When it started, where that is known, and its state.
    Unauthorised { started: Option<Instant>, state: State },
    /// C18. When it should have ended.
    Overrun { planned_end: Instant },
}

/// What is wrong with the change that had to come first (rule C10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutOfOrder {
    Cancelled,
    Rejected,
    Failed,
    BackedOut,
    /// Not closed, and not over before the other starts.
    Unfinished,
}
