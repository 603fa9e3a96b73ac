//! Meetings on the calendar: what the plans of the board make occur, and those on its record. A meeting is no activity and
//! clashes with nothing; it stands in one quiet place and leads to its screen.

use std::{collections::BTreeMap, sync::Arc};

use super::{index::Occurs, scene::Canvas, shown::Shown};
use crate::{
    calendar::{self, Schedule},
    model::{
        Id, Line, MeetingPlan, Scope, Span, Wall, Window, WindowKind, Word,
        time::{HOUR, MINUTE},
    },
    tui::{input::Action, theme::Role, view::widget::Head},
    wire::MeetingPhase,
    wire::{MeetingRow, Snapshot},
    words::Label,
};

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

/// Meetings in view, by their time.
pub fn in_view<'a>(shown: &Shown<'a>) -> impl Iterator<Item = &'a Occurs> + use<'a> {
    shown.occurs.iter().filter(|occurs| occurs.meeting)
}

/// What a meeting is called: its name, else its id.
#[must_use]
pub fn name(occurs: &Occurs) -> &str {
    let window = &occurs.window;
    if window.name.is_empty() { window.id.as_str() } else { window.name.as_str() }
}

/// The strip of a meeting: when, what is known of its agenda, and where Enter goes.
pub fn strip(shown: &Shown<'_>, id: &Id, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let Some(occurs) = in_view(shown).find(|occurs| occurs.window.id == *id) else { return };
    let (zone, columns) = (shown.scene.zone, canvas.width());
    let row = shown.scene.snapshot.meetings.iter().find(|row| row.id == *id);
    let phase = row.map_or(MeetingPhase::Planned, |row| row.phase).label();
    let when = calendar::span(occurs.span, zone);
    if canvas.height() < 4 {
        canvas.cut(0, 0, &format!("{} {when} · {phase}", name(occurs)), columns, look.text());
        return;
    }
    canvas.head(0, &Head::new(name(occurs), false).fact(id.as_str()).right(format!("meeting · {phase}")));
    let length = calendar::minutes(occurs.span.minutes());
    canvas.cut(1, 1, &format!("{when} · {length}"), columns.saturating_sub(1), look.text());
    let (agenda, role) = match row {
        Some(row) => match row.forecast.as_ref().filter(|_| row.started_at.is_none()) {
            Some(forecast) if forecast.stuck > 0 => (forecast.line.clone(), Role::Caution),
            Some(forecast) => (forecast.line.clone(), Role::Text),
            None => {
                (format!("{} on its agenda", crate::words::count(row.counted().count(), "item")), Role::Text)
            }
        },
        None => ("its agenda fills itself once the meetings before it are over".to_owned(), Role::Muted),
    };
    canvas.cut(1, 2, &agenda, columns.saturating_sub(1), look.word(role));
    if row.is_some() {
        let words = format!("{} goes to the meeting", shown.scene.keymap.shown(Action::Enter));
        canvas.put(1, 3, &words, columns, look.muted());
    }
}
