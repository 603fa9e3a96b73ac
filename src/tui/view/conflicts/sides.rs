//! One side of a clash in two lines: what it is, when, whose, from where.

use ratatui::text::Line as Text;

use crate::{
    calendar::{self, RULE_NOT_UNDERSTOOD, Recurring, Zone},
    model::{Id, Vocabulary, WindowKind},
    tui::{
        app::Shared,
        view::item::{
            Subject,
            lines::{Words, when_words},
            votes,
        },
    },
    wire::ConflictRow,
    words::Label,
};

/// The lines of an activity, a release or a window.
#[must_use]
pub fn lines(shared: &Shared, id: &Id, row: Option<&ConflictRow>, columns: usize) -> Vec<Text<'static>> {
    match Subject::of(&shared.snapshot, id) {
        Some(subject) => activity(shared, &subject),
        None => window(shared, id, row, columns),
    }
}

fn activity(shared: &Shared, subject: &Subject<'_>) -> Vec<Text<'static>> {
    let look = &shared.look;
    let (glyph, role, word) = subject.state(look.glyphs);
    let count = subject.tally.filter(|tally| tally.is_open()).map(votes).unwrap_or_default();
    let mut first = Words::new(look).text(" ").text(&subject.title()).text(" · ").sign(glyph, role, &word);
    if !count.is_empty() {
        first = first.text(" ").text(&count);
    }
    let Some(row) = subject.row else { return vec![first.line()] };
    if !row.is_phase() {
        first = first.dot(&format!("{} risk", subject.risk().label()));
    }
    let who = match (&row.owner, row.is_phase()) {
        (Some(owner), false) => format!("owner {owner}"),
        (Some(manager), true) => format!("manager {manager}"),
        (None, _) => "no owner named".to_owned(),
    };
    let read = shared
        .snapshot
        .sources
        .iter()
        .find(|source| source.id == row.source)
        .and_then(|source| source.last_ok)
        .map(|at| format!(", read {}", shared.times().past(at)))
        .unwrap_or_default();
    let source = if row.source.is_board() { String::new() } else { format!("{}{read}", row.source) };
    let second = Words::new(look).text(" ").text(&when_words(shared, row.when)).dot(&who).dot(&source);
    vec![first.line(), second.line()]
}

fn window(shared: &Shared, id: &Id, row: Option<&ConflictRow>, _columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let Some(window) = shared.snapshot.windows.get(id) else {
        return vec![Words::new(look).muted(" no longer on the board").line()];
    };
    let kind = match window.kind.value {
        WindowKind::Freeze if window.hard => "hard freeze".to_owned(),
        WindowKind::Freeze => "soft freeze".to_owned(),
        other => format!("{} window", other.word()),
    };
    let mut first = Words::new(look).text(" ").text(window.name.as_str()).dot(&kind);
    if !window.allow.is_empty() {
        let allowed: Vec<&str> = window.allow.iter().map(|kind| kind.as_str()).collect();
        first = first.dot(&format!("allows {}", allowed.join(", ")));
    }
    let overlap = row.and_then(|row| row.span).map(|span| calendar::span(span, shared.zones.current()));
    let mut second = Words::new(look).text(" ").muted("overlap ").text(&overlap.unwrap_or_default());
    let zone = Zone::of_board(shared.snapshot.rules.settings.zone.as_ref());
    if Recurring::new(window, zone).is_ok_and(|recurring| recurring.doubt().is_some()) {
        second = second.dot(RULE_NOT_UNDERSTOOD);
    }
    vec![first.line(), second.line()]
}
