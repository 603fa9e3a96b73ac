//! What a freeze would do, in the lines of its dialog: what it stops, what runs, what may go on, before anything is sent.

use crate::{
    calendar::minutes,
    model::time::MINUTE,
    tui::{
        app::Shared,
        theme::Role,
        view::{
            pending_question::{PendingQuestion, refusal},
            widget::wrap,
        },
    },
    wire::{
        Answer,
        documents::{FreezePreview, Frozen},
    },
};

/// Of each list that is named before the rest is counted.
const NAMED: usize = 4;

/// The lines; none where nothing was asked.
pub fn lines(shared: &Shared, asked: &PendingQuestion, columns: usize) -> Vec<(String, Role)> {
    if let Some(problem) = asked.problem() {
        return wrapped(vec![(refusal(problem), Role::Bad)], columns);
    }
    match asked.answer() {
        Some(Answer::FreezePreview(preview)) => wrapped(said(shared, preview), columns),
        Some(_) | None if asked.is_waiting() => vec![("asking what it would do".to_owned(), Role::Muted)],
        Some(_) | None => Vec::new(),
    }
}

/// Lines that are no longer than the dialog; what goes on under a line stands in.
fn wrapped(lines: Vec<(String, Role)>, columns: usize) -> Vec<(String, Role)> {
    let parts = |(text, role): (String, Role)| {
        let inside = if text.starts_with("  ") { "  " } else { "" };
        let pieces = wrap(text.trim_start(), columns.saturating_sub(4));
        let placed = pieces.into_iter().enumerate().map(move |(at, piece)| {
            let more = if at == 0 { "" } else { "  " };
            (format!("{inside}{more}{piece}"), role)
        });
        placed.collect::<Vec<_>>()
    };
    lines.into_iter().flat_map(parts).collect()
}

fn said(shared: &Shared, preview: &FreezePreview) -> Vec<(String, Role)> {
    let times = shared.times();
    let FreezePreview { stops, runs, exempt, reached, unchecked, .. } = preview;
    let mut lines = Vec::new();
    let mut list = |head: String, rows: &[Frozen], role: Role, line: &dyn Fn(&Frozen) -> String| {
        if rows.is_empty() {
            return;
        }
        lines.push((head, role));
        lines.extend(rows.iter().take(NAMED).map(|row| (format!("  {} {}", row.id, line(row)), Role::Text)));
        lines.extend(
            (rows.len() > NAMED).then(|| (format!("  and {} more", rows.len() - NAMED), Role::Muted)),
        );
    };
    list(format!("It stops {}:", stops.len()), stops, Role::Caution, &|row| {
        let start = row.start.map(|at| format!(", {}", times.today(at))).unwrap_or_default();
        let told = match (row.told, row.source.is_board()) {
            (true, _) => format!("; {} is told to put it on hold", row.source),
            (false, true) => String::new(),
            (false, false) => format!("; put it on hold in {} yourself", row.source),
        };
        format!("{}{start}{told}", row.title)
    });
    list(
        format!("{} under way: turn back, or finish with a recorded go on?", runs.len()),
        runs,
        Role::Bad,
        &|row| {
            let ends = row.projected_end.map_or_else(
                || ", cannot tell when it ends".to_owned(),
                |at| format!(", to finish lasts until {}", times.today(at)),
            );
            // Backing out is never frozen: how long it takes is what there is to weigh.
            let back = match row.undo_minutes.map(i64::from) {
                Some(own) => {
                    let over = times.today(shared.now.plus(own * MINUTE));
                    format!(", to turn back {}, until {over}", minutes(own))
                }
                None => ", cannot tell its way back".to_owned(),
            };
            format!("{}{ends}{back}", row.title)
        },
    );
    list(format!("{} may go on, exempt by kind:", exempt.len()), exempt, Role::Ok, &|row| {
        row.title.to_string()
    });
    list(
        format!("{} on the edge, depending on something frozen:", reached.len()),
        reached,
        Role::Text,
        &|row| row.title.to_string(),
    );
    if lines.is_empty() {
        lines.push(("It stops nothing that is planned or runs now.".to_owned(), Role::Ok));
    }
    lines.extend(unchecked.iter().take(NAMED).map(|line| (format!("not checked: {line}"), Role::Caution)));
    lines
}
