//! The board file (source § Board file): reading it whole or record by record, and writing it back.
//!
//! [`read`] is for imports, all or nothing. [`read_source`] is for a board file that is configured as a source: a bad
//! record becomes a fault and the others stay. What an import does to the board is the ledger's business.

mod extra;
mod reader;
mod summary;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

use crate::model::{BoardFile, Fault, GivenFields, Id, SourceId};

pub use summary::{Difference, ImportSummary, KindCount};
pub use write::{write, write_with_log};

/// What a board file said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    pub file: BoardFile,
    /// Which fields of its records it names, for an import; empty for a source, whose records are whole.
    pub given: GivenFields,
    /// Fields this program does not know, one sentence per field: `changes[].colour: unknown, kept as it is (3 records)`.
    pub notes: Vec<String>,
    /// The events of an export with its log, each the exact text that was hashed.
    pub log: Vec<String>,
}

/// Something wrong at one place of a board file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// A JSON path: `changes[3].planned_start`.
    pub path: String,
    /// The record, where it could be told.
    pub record: Option<Id>,
    /// The line of the file, from 1.
    pub line: usize,
    /// What was found and what is allowed.
    pub message: String,
}

/// Why a board file was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoardFileError {
    #[error("line {line}, column {column}: {message}; the file is no JSON from there on")]
    Syntax { line: usize, column: usize, message: String },
    #[error("this is no board file: {0}")]
    NotABoardFile(String),
    #[error("{}", listed(.0))]
    Wrong(Vec<Wrong>),
}

/// How many wrong places are listed before the rest is counted.
const LISTED: usize = 20;

fn listed(wrongs: &[Wrong]) -> String {
    let mut lines: Vec<String> = wrongs.iter().take(LISTED).map(Wrong::to_string).collect();
    if wrongs.len() > LISTED {
        lines.push(format!("and {} more", wrongs.len() - LISTED));
    }
    lines.join("\n")
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(id) = &self.record {
            write!(f, " of {id}")?;
        }
        write!(f, " (line {}): {}", self.line, self.message)
    }
}

/// Reads a board file for an import: everything, or every place that is wrong.
///
/// # Errors
/// When it is no JSON, no board file, of another version, or anything in it is wrong.
pub fn read(bytes: &[u8]) -> Result<Reading, BoardFileError> {
    let (reading, wrongs) = reader::read(bytes, reader::Parts::All)?;
    if wrongs.is_empty() { Ok(reading) } else { Err(BoardFileError::Wrong(wrongs)) }
}

/// Reads a board file as a source: what is wrong becomes a fault of its record, rules and seats are ignored.
///
/// # Errors
/// When it is no JSON or no board file: then nothing of it can be used.
pub fn read_source(bytes: &[u8], source: &SourceId) -> Result<(Reading, Vec<Fault>), BoardFileError> {
    let (reading, wrongs) = reader::read(bytes, reader::Parts::Records)?;
    let fault = |wrong: Wrong| Fault {
        source: source.clone(),
        record: wrong.record,
        place: format!("{}, line {}", wrong.path, wrong.line),
        message: wrong.message,
    };
    Ok((reading, wrongs.into_iter().map(fault).collect()))
}

/// Gives the items of a source their names on the board, `source:native`, wherever the file names them.
///
/// Services and people keep their names: they are what joins systems.
pub fn qualify(file: &mut BoardFile, source: &SourceId) {
    let rename = |id: &mut Id| *id = Id::of_source(source.as_str(), id);
    for change in &mut file.changes {
        rename(&mut change.id);
        change.after.iter_mut().for_each(rename);
        change.release.iter_mut().for_each(rename);
    }
    file.releases.iter_mut().for_each(|release| rename(&mut release.id));
    file.windows.iter_mut().for_each(|window| rename(&mut window.id));
    for comment in &mut file.comments {
        rename(&mut comment.id);
        rename(&mut comment.item);
    }
    for approval in &mut file.approvals {
        rename(&mut approval.id);
        rename(&mut approval.item);
    }
}
