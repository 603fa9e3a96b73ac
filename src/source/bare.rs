//! Windows and phases of which no more is known than when they are: a source fills in what else it was told.

use crate::model::{Id, Line, Phase, PhaseState, Scope, Wall, Window, WindowKind, Word};

/// A hard window for everything, once.
#[must_use]
pub fn window(id: Id, kind: WindowKind, start: Wall, end: Wall) -> Window {
    Window {
        id,
        name: Line::default(),
        kind: Word::known(kind),
        start,
        end,
        zone: None,
        scope: Scope::default(),
        allow: Vec::new(),
        hard: true,
        extra_seat: None,
        rrule: None,
        rdates: Vec::new(),
        not_understood: None,
        exdates: Vec::new(),
        extra: Default::default(),
    }
}

/// A phase that is still to come, without a name or a time.
#[must_use]
pub fn phase(id: Id) -> Phase {
    Phase {
        id,
        state: PhaseState::Pending.into(),
        start: None,
        end: None,
        actual_start: None,
        actual_end: None,
        name: Line::default(),
        environment: None,
        whole_environment: false,
        services: Vec::new(),
        share: None,
        strategy: Word::default(),
        criteria: Vec::new(),
        point_of_no_return: false,
        owner: None,
        operators: Vec::new(),
        steps: Vec::new(),
        rollback_steps: Vec::new(),
        rollback_minutes: None,
        compensation: Default::default(),
    }
}
