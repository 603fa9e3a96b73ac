//! A column map that was proposed: shown with the first rows as they would be, asked about on a terminal, and written.

use std::path::Path;

use super::super::source::Asking;
use crate::{
    calendar::Zone,
    cli::say,
    errors::Stop,
    model::{BoardFile, Change, Instant, Person},
    source::{
        board_file::Reading,
        csv::{DateOrder, Proposal, Told},
    },
    words,
};

/// How many rows are shown as they would be.
const FIRST: usize = 5;

/// What a file says by the proposed map; and by the other order of day and month, where nobody can tell.
pub type Readings<'a> = (&'a Reading, Option<&'a Reading>);

/// What was understood of a file, and its first rows by it, one line each. What is in doubt is shown as such: both orders
/// of day and month, and times without a zone as they are written.
#[must_use]
pub fn lines(name: &str, proposal: &Proposal, readings: Readings<'_>, zone: Zone) -> Vec<String> {
    let (reading, month_first) = readings;
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
    let when = |change: &Change| {
        let when = change.when(change.planned_start.unwrap_or(Instant::MIN));
        // Read as UTC for want of a zone, and so shown as the file has it.
        if proposal.any_zone {
            words::time::typed_when(when, Zone::UTC).replace(" UTC", "") + " in a zone nobody named"
        } else {
            words::time::typed_when(when, zone)
        }
    };
    if !reading.file.people.is_empty() {
        lines.push(format!("the first of {} as they would be:", all(&reading.file)));
        let people = reading.file.people.iter().take(FIRST);
        lines.extend(people.map(|row| format!("  {}", person(row, &reading.file))));
    }
    if !changes.is_empty() {
        let count = words::count(changes.len(), "change");
        lines.push(match month_first {
            Some(_) => format!("the first of {count}, read either way:"),
            None => format!("the first of {count} as they would be:"),
        });
        for (at, change) in changes.iter().take(FIRST).enumerate() {
            match month_first.map(|other| &other.file.changes) {
                None => lines.push(format!("  {}", row(change, &when(change)))),
                Some(others) => {
                    lines.push(format!("  {} · {}", change.id, change.title));
                    lines.push(format!("    day first:   {}", when(change)));
                    let other = others.get(at).filter(|other| other.id == change.id);
                    let other = other.map_or_else(|| "no time".to_owned(), when);
                    lines.push(format!("    month first: {other}"));
                }
            }
        }
    }
    lines.extend(proposal.notes.iter().chain(&reading.notes).map(|note| format!("note: {note}")));
    lines
}

/// `3 changes`; of a table of people, `2 people`.
#[must_use]
pub fn all(file: &BoardFile) -> String {
    match (file.changes.len(), file.people.len()) {
        (0, people @ 1..) => words::count(people, "person"),
        (changes, _) => words::count(changes, "change"),
    }
}

/// A person in a line: id, name, seats.
fn person(person: &Person, file: &BoardFile) -> String {
    let seats = file.boards.iter().flatten().flat_map(|board| {
        let own = board.seats.iter().filter(|seat| seat.person == person.id);
        own.map(|seat| {
            let named = seat.seat.as_ref().map(|name| format!(" for {name}")).unwrap_or_default();
            format!("{}{named} on {}", seat.role.word(), board.id)
        })
    });
    let parts = [person.id.to_string(), person.name.to_string()].into_iter().chain(seats);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// One change in a line: id, times, kind, state, risk, services, title.
fn row(change: &Change, when: &str) -> String {
    let parts = [
        change.id.to_string(),
        when.to_owned(),
        change.kind.value.to_string(),
        change.state.value.to_string(),
        format!("risk {}", change.risk.value),
        words::listed(&change.services),
        change.title.to_string(),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Asks for what only a person can say, the order of day and month and the zone; whether that settles all doubts.
///
/// # Errors
/// When no answer can be read.
pub fn settle(asking: &Asking, proposal: &Proposal, zone: Zone, told: &mut Told) -> Result<bool, Stop> {
    let asked = usize::from(proposal.either_order) + usize::from(proposal.any_zone);
    if asked == 0 || proposal.doubts.len() > asked {
        return Ok(false);
    }
    while proposal.either_order && told.order.is_none() {
        let Some(word) = asking.line("do its dates begin with the day or with the month?")? else {
            return Ok(false);
        };
        told.order = match word.to_lowercase() {
            word if "day-first".starts_with(&word) => Some(DateOrder::DayFirst),
            word if "month-first".starts_with(&word) => Some(DateOrder::MonthFirst),
            _ => None,
        };
    }
    while proposal.any_zone && told.zone.is_none() {
        let usual = zone.name();
        let name = asking.line(&format!("in which zone are its times [{usual}]?"))?;
        let name = name.unwrap_or_else(|| usual.to_owned());
        match Zone::named(&name) {
            Ok(_) => told.zone = Some(name),
            Err(error) => asking.say(&error.to_string()),
        }
    }
    Ok(true)
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
    say::note(&format!("the map is in {}; import with --map {}", path.display(), path.display()));
    Ok(())
}
