//! A file handed in by a person: a board file, CSV by a column map, or a calendar; by its name, or as they say.
//!
//! A board file is taken whole or not at all. In formats that others write, single rows and events that are wrong are said
//! and left out.

use super::{
    board_file::{self, Reading},
    csv::{self, CsvMap},
    ics::{self, FeedKind, IcsOptions},
};
use crate::{
    calendar::Zone,
    model::{Fault, Scope, SourceId},
};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Board,
    Csv,
    Ics,
}

impl Format {
    /// By the ending of a name; a board file where it says nothing.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "csv" | "tsv" => Self::Csv,
            "ics" | "ical" | "ifb" => Self::Ics,
            _ => Self::Board,
        }
    }
}

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct How {
    /// What it is; by its name where left out.
    pub format: Option<Format>,
    /// The name and the text of the column map of a CSV file.
    pub map: Option<(String, String)>,
    /// What the events of a calendar are; by the words of each where left out.
    pub kind: Option<FeedKind>,
    /// The zone of times in a calendar that name none, where the calendar names none for itself: the board's.
    pub zone: Zone,
}

/// Why a file cannot be read, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unreadable {
    pub message: String,
    pub hint: &'static str,
}

const NOTHING: &str = "nothing was imported";

/// Reads a file; `name` is how it is called in what is said about it.
///
/// # Errors
/// When it is not what it should be, or a CSV file has no column map.
pub fn read(bytes: &[u8], name: &str, how: &How) -> Result<Reading, Unreadable> {
    match how.format.unwrap_or_else(|| Format::of(name)) {
        Format::Board => board_file::read(bytes).map_err(|error| Unreadable {
            message: format!("{name}: {error}"),
            hint: "nothing was imported; `quorate schema board` prints the format",
        }),
        Format::Csv => table(bytes, name, how.map.as_ref()),
        Format::Ics => calendar(bytes, name, how),
    }
}

/// The rows of a CSV file by its column map.
fn table(bytes: &[u8], name: &str, map: Option<&(String, String)>) -> Result<Reading, Unreadable> {
    let fail = |message: String| Unreadable { message, hint: NOTHING };
    let Some((map_name, text)) = map else {
        return Err(Unreadable {
            message: format!("{name}: a CSV file needs a column map"),
            hint: "name one with --map MAP.toml",
        });
    };
    let map = CsvMap::parse(text, map_name).map_err(|error| fail(error.to_string()))?;
    let read = csv::read(bytes, &map, &SourceId::board(), name).map_err(|error| fail(error.to_string()))?;
    Ok(Reading { file: read.file, notes: faults(&read.faults), ..Reading::default() })
}

/// A calendar's events as windows and releases.
fn calendar(bytes: &[u8], name: &str, how: &How) -> Result<Reading, Unreadable> {
    let options = IcsOptions {
        source: SourceId::board(),
        zone: how.zone,
        zone_by_feed: true,
        kind: how.kind,
        hard: true,
        scope: Scope::default(),
    };
    let mut read = ics::read(bytes, &options)
        .map_err(|error| Unreadable { message: format!("{name}: {error}"), hint: NOTHING })?;
    let mut notes = faults(&std::mem::take(&mut read.faults));
    let kinds = read.windows.iter().map(|window| window.kind.value.to_string());
    let kinds = kinds.chain(read.releases.iter().map(|_| "release".to_owned()));
    if how.kind.is_none() && !(read.windows.is_empty() && read.releases.is_empty()) {
        let told = ics::taken_for(kinds);
        notes.insert(0, format!("{told}; `quorate import --windows KIND` says it for all of them"));
    }
    Ok(Reading { file: read.into_file(), notes, ..Reading::default() })
}

/// How many faults of a file are said one by one.
const SAID: usize = 20;

/// What is wrong in single rows or events of a format that others write: said, and the rest is imported.
fn faults(faults: &[Fault]) -> Vec<String> {
    let say = |fault: &Fault| {
        let record = fault.record.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
        format!("{}{record}: {}", fault.place, fault.message)
    };
    let mut notes: Vec<String> = faults.iter().take(SAID).map(say).collect();
    if faults.len() > SAID {
        notes.push(format!("and {} more faults", faults.len() - SAID));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_a_file_is() {
        for (name, format) in [
            ("board.json", Format::Board),
            ("board", Format::Board),
            ("Changes.CSV", Format::Csv),
            ("a.b.tsv", Format::Csv),
            ("freeze.ics", Format::Ics),
        ] {
            assert_eq!(Format::of(name), format, "{name}");
        }
    }
}
