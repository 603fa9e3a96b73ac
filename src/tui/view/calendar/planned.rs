//! What the plans of the board make occur, beside the meetings on its record: each is an occurrence as a window has them.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    calendar::Schedule,
    model::{
        Id, Line, MeetingPlan, Scope, Span, Wall, Window, WindowKind, Word,
        time::{HOUR, MINUTE},
    },
    wire::{MeetingRow, Snapshot},
};

/// An occurrence of a window in view.
#[derive(Debug, Clone)]
pub struct Occurs {
    pub window: Arc<Window>,
    pub span: Span,
    /// A gap or a fold moved an edge.
    pub altered: bool,
    /// Its rule is not understood: it may occur at other times as well.
    pub doubt: bool,
    /// A meeting of the board, named by its id on record; not a window of that kind from a source.
    pub meeting: bool,
}

/// The plans made ready, and the meetings that are near or on record.
#[derive(Debug, Default)]
pub struct Planned {
    /// What the schedule was made from.
    plans: Vec<MeetingPlan>,
    holidays: Vec<chrono::NaiveDate>,
    zone: Option<Line>,
    schedule: Schedule,
    known: Arc<Vec<Arc<MeetingRow>>>,
}

impl Planned {
    /// Follows the snapshot; true when something is another.
    pub fn follow(&mut self, snapshot: &Snapshot) -> bool {
        let settings = &snapshot.rules.settings;
        let zone = settings.zone.as_deref().map(Line::new);
        let same = self.plans == settings.meetings && self.holidays == settings.holidays && self.zone == zone;
        if !same {
            self.plans.clone_from(&settings.meetings);
            self.holidays.clone_from(&settings.holidays);
            self.zone = zone;
            self.schedule = Schedule::of(settings);
        }
        let known = Arc::ptr_eq(&self.known, &snapshot.meetings);
        if !known {
            self.known = Arc::clone(&snapshot.meetings);
        }
        !(same && known)
    }

    /// The meetings that touch a span, each as a window of its own named by its id on record.
    #[must_use]
    pub fn within(&self, span: Span) -> Vec<Occurs> {
        let mut found: BTreeMap<Id, (Line, Span)> = BTreeMap::new();
        for meets in self.schedule.within(span) {
            if let Some(id) = meets.meeting() {
                found.insert(id, (meets.name, meets.span));
            }
        }
        for row in self.known.iter() {
            // The record knows better than the plan when it is, or was.
            found.remove(&row.id);
            let start = row.started_at.unwrap_or(row.start);
            let length = row.end.map_or(0, |end| end - row.start);
            let planned = start.plus(if length > 0 { length } else { HOUR });
            let end = row.ended_at.map_or(planned, |ended| ended.max(start.plus(MINUTE)));
            if let Some(at) = Span::new(start, end).filter(|at| at.overlaps(span)) {
                found.insert(row.id.clone(), (row.name.clone(), at));
            }
        }
        let occurs = |(id, (name, span)): (Id, (Line, Span))| Occurs {
            window: Arc::new(window(id, name, span)),
            span,
            altered: false,
            doubt: false,
            meeting: true,
        };
        found.into_iter().map(occurs).collect()
    }
}

fn window(id: Id, name: Line, span: Span) -> Window {
    Window {
        id,
        kind: Word::known(WindowKind::Meeting),
        name,
        scope: Scope::default(),
        start: Wall::Utc(span.start()),
        end: Wall::Utc(span.end()),
        zone: None,
        rrule: None,
        not_understood: None,
        exdates: Vec::new(),
        rdates: Vec::new(),
        hard: false,
        allow: Vec::new(),
        extra_seat: None,
        extra: crate::model::Extra::default(),
    }
}
