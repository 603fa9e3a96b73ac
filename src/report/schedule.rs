//! The run sheet of a weekend and the forward schedule, on paper: who is on and when, and what moved.

use super::document::{Document, Form};
use crate::{
    calendar::{Zone, full, span, stamp},
    model::Line,
    wire::documents::{ForwardRow, ForwardSchedule, Moved, RunRow, RunSheet},
    words::{Label, count, listed, time::NO_TIMES},
};

/// A run sheet: by start, with go or no-go, the way back, and points of no return.
#[must_use]
pub fn run_sheet(sheet: &RunSheet, zone: Zone, form: Form) -> String {
    let mut page = Document::new(form);
    page.title(&format!("Run sheet: {} to {}", full(sheet.span.start(), zone), full(sheet.span.end(), zone)));
    if sheet.rows.is_empty() {
        page.line("Nothing runs.");
    }
    for row in &sheet.rows {
        run(&mut page, row, zone);
    }
    page.text()
}

fn run(page: &mut Document, row: &RunRow, zone: Zone) {
    page.heading(&format!("{}: {} {}", span(row.span, zone), row.id, row.title));
    page.fact("On", &on(row));
    if !row.services.is_empty() {
        page.fact("Where", &listed(&row.services));
    }
    let verdict = row.verdict.label();
    let by = stamp(row.span.start(), zone);
    page.fact("Go or no-go", &format!("{by}, as things stand {verdict}: {}", row.reasons.join("; ")));
    if !row.criteria.is_empty() {
        page.fact("Criteria", &listed(&row.criteria));
    }
    match (row.rollback_minutes, row.turn_back_by) {
        (Some(minutes), Some(by)) => {
            page.fact(
                "Way back",
                &format!(
                    "{}; turn back by {}",
                    crate::calendar::minutes(i64::from(minutes)),
                    stamp(by, zone)
                ),
            );
        }
        _ if row.point_of_no_return => {}
        _ => page.fact("Way back", "not known"),
    }
    if row.point_of_no_return {
        page.fact("No way back", &format!("after this phase, from {}", stamp(row.span.end(), zone)));
    }
    if row.steps > 0 {
        page.fact("Steps", &row.steps.to_string());
    }
}

fn on(row: &RunRow) -> String {
    let owner = row.owner.as_ref().map_or("nobody named", |owner| owner.as_str());
    let extra: Vec<&str> = row.name.iter().chain(&row.email).chain(&row.group).map(Line::as_str).collect();
    if extra.is_empty() { owner.to_owned() } else { format!("{owner} ({})", extra.join(", ")) }
}

/// A forward schedule: by start, with what is new, moved or gone.
#[must_use]
pub fn forward(schedule: &ForwardSchedule, zone: Zone, form: Form) -> String {
    let mut page = Document::new(form);
    let (from, to) = (full(schedule.span.start(), zone), full(schedule.span.end(), zone));
    page.title(&format!("Forward schedule: {from} to {to}"));
    let moved = schedule.rows.iter().filter(|row| row.moved != Moved::No).count();
    page.line(&format!(
        "{}, {moved} new, moved or gone since {}.",
        count(schedule.rows.len(), "change"),
        full(schedule.since, zone)
    ));
    let rows: Vec<Vec<String>> = schedule.rows.iter().map(|row| cells(row, zone)).collect();
    if !rows.is_empty() {
        page.table(&["when", "id", "title", "risk", "board", "owner", "since"], &rows);
    }
    page.text()
}

fn cells(row: &ForwardRow, zone: Zone) -> Vec<String> {
    vec![
        row.span.map_or_else(|| NO_TIMES.to_owned(), |own| span(own, zone)),
        row.id.to_string(),
        row.title.to_string(),
        row.risk.label().to_owned(),
        row.standing.label().to_owned(),
        row.owner.as_ref().map(Line::to_string).unwrap_or_default(),
        since(row, zone),
    ]
}

fn since(row: &ForwardRow, zone: Zone) -> String {
    let was = row.was.map(|was| format!(", was {}", stamp(was, zone))).unwrap_or_default();
    match row.moved {
        Moved::No => String::new(),
        Moved::New => "new".to_owned(),
        Moved::Earlier => format!("earlier{was}"),
        Moved::Later => format!("later{was}"),
        Moved::Moved => "moved".to_owned(),
        Moved::Gone => format!("gone{was}"),
    }
}
