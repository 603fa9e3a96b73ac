//! A file handed in by a person: a board file, CSV or a workbook by a column map, or a calendar; by its name, or as they
//! say. Without a map, one is proposed from the file's own header, and used where it leaves no doubt.
//!
//! A board file is taken whole or not at all. In formats that others write, single rows and events that are wrong are said
//! and left out.

use super::{
    board_file::{self, Reading},
    csv::{self, CsvMap, DateOrder, Proposal, Told},
    ics::{self, FeedKind, IcsOptions},
    sheet,
};
use crate::{
    calendar::Zone,
    model::{Fault, Id, Scope, SourceId},
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
            "csv" | "tsv" | "xlsx" | "xlsb" | "xlsm" | "xls" | "ods" => Self::Csv,
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
    /// What is said of a CSV file without a map.
    pub told: Told,
    /// The sheet of a workbook; the only one with rows where left out.
    pub sheet: Option<String>,
    /// What the events of a calendar are; by the words of each where left out.
    pub kind: Option<FeedKind>,
    /// The board of seats in a table of people that name none: the only one there is.
    pub board: Option<Id>,
    /// The zone of times in a calendar that name none, where the calendar names none for itself: the board's.
    pub zone: Zone,
}

/// Why a file cannot be read, and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Unreadable {
    pub message: String,
    pub hint: &'static str,
    /// The map that leaves doubts, and what it reads.
    pub proposal: Option<Box<Proposed>>,
}

impl Unreadable {
    fn new(message: String, hint: &'static str) -> Self {
        Self { message, hint, proposal: None }
    }
}

/// A map proposed for a file, and what the file says by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    pub proposal: Proposal,
    pub reading: Reading,
    /// What it says where dates begin with the month, if nobody can tell.
    pub month_first: Option<Reading>,
}

const NOTHING: &str = "nothing was imported";

/// Reads a file; `name` is how it is called in what is said about it. The second part is the column map that was
/// proposed, where nobody gave one.
///
/// # Errors
/// When it is not what it should be, or what a CSV file without a map means is in doubt.
pub fn read(bytes: &[u8], name: &str, how: &How) -> Result<(Reading, Option<Proposal>), Unreadable> {
    // A workbook is known by its first bytes, whatever it is called.
    if sheet::is_workbook(bytes) {
        let delimiter = map(how)?.map_or(b',', |map| map.delimiter());
        let rows = sheet::csv(bytes, how.sheet.as_deref(), delimiter)
            .map_err(|why| Unreadable::new(format!("{name}: {why}"), NOTHING))?;
        let of_sheet = |error: Unreadable| Unreadable {
            message: format!("{} (it is a workbook, read as its sheet saved as CSV would be)", error.message),
            ..error
        };
        return table(&rows, name, how).map_err(of_sheet);
    }
    match how.format.unwrap_or_else(|| Format::of(name)) {
        Format::Board => board_file::read(bytes).map(|reading| (reading, None)).map_err(|error| {
            let hint = "nothing was imported; `quorate schema board` prints the format";
            Unreadable::new(format!("{name}: {error}"), hint)
        }),
        Format::Csv => table(bytes, name, how),
        Format::Ics => calendar(bytes, name, how).map(|reading| (reading, None)),
    }
}

/// The rows of a CSV file by its column map, or by the one its header proposes.
fn table(bytes: &[u8], name: &str, how: &How) -> Result<(Reading, Option<Proposal>), Unreadable> {
    let fail = |message: String| Unreadable::new(message, NOTHING);
    if let Some(map) = map(how)? {
        return Ok((rows(bytes, &map, name)?, None));
    }
    let people =
        csv::read_people(bytes, how.board.as_ref(), name).map_err(|error| fail(error.to_string()))?;
    if let Some(people) = people {
        let (file, given, notes) = (people.file, people.given, faults(&people.faults));
        return Ok((Reading { file, given, notes, log: Vec::new() }, Some(people.proposal)));
    }
    let proposal = csv::propose(bytes, &how.told, name).map_err(|error| fail(error.to_string()))?;
    let read = CsvMap::parse(&proposal.map, "the proposed map").map_err(|error| fail(error.to_string()));
    if proposal.doubts.is_empty() {
        return Ok((rows(bytes, &read?, name)?, Some(proposal)));
    }
    let message = format!("{name}: {}", proposal.doubts.join("; "));
    let reading = read.and_then(|map| rows(bytes, &map, name)).unwrap_or_default();
    let month_first = proposal.either_order.then(|| {
        let told = Told { order: Some(DateOrder::MonthFirst), ..how.told.clone() };
        let other = csv::propose(bytes, &told, name).ok()?;
        rows(bytes, &CsvMap::parse(&other.map, "the proposed map").ok()?, name).ok()
    });
    let month_first = month_first.flatten();
    let proposal = Some(Box::new(Proposed { proposal, reading, month_first }));
    let hint = "nothing was imported; or write the map with --write-map MAP.toml, mend it, and import with --map MAP.toml";
    Err(Unreadable { message, hint, proposal })
}

/// The column map that was named.
fn map(how: &How) -> Result<Option<CsvMap>, Unreadable> {
    let parsed = how.map.as_ref().map(|(name, text)| CsvMap::parse(text, name));
    parsed.transpose().map_err(|error| Unreadable::new(error.to_string(), NOTHING))
}

fn rows(bytes: &[u8], map: &CsvMap, name: &str) -> Result<Reading, Unreadable> {
    let read = csv::read(bytes, map, &SourceId::board(), name)
        .map_err(|error| Unreadable::new(error.to_string(), NOTHING))?;
    let (file, given, notes) = (read.file, read.given, faults(&read.faults));
    Ok(Reading { file, given, notes, log: Vec::new() })
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
    let mut read =
        ics::read(bytes, &options).map_err(|error| Unreadable::new(format!("{name}: {error}"), NOTHING))?;
    let mut notes = faults(&std::mem::take(&mut read.faults));
    let kinds = read.windows.iter().map(|window| window.kind.value.to_string());
    let kinds = kinds.chain(read.releases.iter().map(|_| "release".to_owned()));
    if how.kind.is_none() && !(read.windows.is_empty() && read.releases.is_empty()) {
        let told = ics::taken_for(kinds);
        notes.insert(0, format!("{told}; `quorate import --windows KIND` says it for all of them"));
    }
    let given = read.given();
    Ok(Reading { file: read.into_file(), given, notes, log: Vec::new() })
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
