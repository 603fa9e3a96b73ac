//! Meetings on the calendar: what the plans of the board make occur, and those on its record. A meeting is no activity and
//! clashes with nothing; it stands in one quiet place and leads to its screen.

use super::{planned::Occurs, scene::Canvas, shown::Shown};
use crate::{
    calendar,
    model::Id,
    tui::{input::Action, theme::Role, view::widget::Head},
    wire::MeetingPhase,
    words::Label,
};

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
