//! A column map that was proposed: shown with the first rows as they would be, asked about on a terminal, and written.

use std::path::Path;

use crate::{
    calendar::Zone,
    cli::words,
    errors::Stop,
    model::{Change, Instant},
    source::{board_file::Reading, csv::Proposal},
};

/// How many rows are shown as they would be.
const FIRST: usize = 5;

/// What was understood of a file, and its first rows by it, one line each.
#[must_use]
pub fn lines(name: &str, proposal: &Proposal, reading: &Reading, zone: Zone) -> Vec<String> {
    let like = proposal.system.map_or_else(String::new, |system| format!(", an export of {system}"));
    let mut lines = vec![format!("{name}{like}: read by its header, no map was given")];
    let wide = proposal.columns.iter().map(|(field, _)| field.len()).max().unwrap_or_default();
    lines.extend(
        proposal.columns.iter().map(|(field, column)| format!("  {field:wide$}  from column {column:?}")),
    );
    if !proposal.unused.is_empty() {
        lines.push(format!("  not used: {}", proposal.unused.join(", ")));
    }
    let changes = &reading.file.changes;
    if !changes.is_empty() {
        lines.push(format!("the first of {} as they would be:", counted(changes.len(), "change")));
        lines.extend(changes.iter().take(FIRST).map(|change| format!("  {}", row(change, zone))));
    }
    lines.extend(proposal.notes.iter().chain(&reading.notes).map(|note| format!("note: {note}")));
    lines
}

/// `1 change`, `3 changes`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// One change in a line: id, times, kind, state, risk, services, title.
fn row(change: &Change, zone: Zone) -> String {
    let parts = [
        change.id.to_string(),
        words::when(change.when(change.planned_start.unwrap_or(Instant::MIN)), zone),
        change.kind.value.to_string(),
        change.state.value.to_string(),
        format!("risk {}", change.risk.value),
        words::list(&change.services),
        change.title.to_string(),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Writes the map; a file that is there already is left as it is.
pub fn write(path: &Path, map: &str) -> Result<(), Stop> {
    let refused = |error: std::io::Error| {
        Stop::invalid(
            format!("{} cannot be written: {error}", path.display()),
            "nothing was imported; name another file",
        )
    };
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(refused)?;
    std::io::Write::write_all(&mut file, map.as_bytes()).map_err(refused)?;
    words::note(&format!("the map is in {}; import with --map {}", path.display(), path.display()));
    Ok(())
}
