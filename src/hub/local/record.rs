//! Questions about the record: a page of the log, and whether its chain holds.
//!
//! The log is read from the store newest first, a chunk at a time; nothing of it is kept in memory.

use std::sync::Arc;

use serde_json::Value;

use super::{load, problem};
use crate::{
    ledger::{Ledger, log},
    store::{self, Store},
    wire::{Entry, LogFilter, LogPage, Problem, Verification},
};

/// Events read at once.
const CHUNK: u64 = 500;

/// Rows of a page when the question names no number.
const PAGE: usize = 200;

/// The newest entries that pass the filter; a secret vote of somebody else is left out until its round has closed.
///
/// # Errors
/// When the log cannot be read.
pub fn page(store: &Store, ledger: &Ledger, filter: &LogFilter) -> Result<LogPage, Problem> {
    let head = store.head().map_err(problem)?;
    let limit = if filter.limit == 0 { PAGE } else { filter.limit };
    let needle =
        filter.text.as_deref().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    let mut end = filter.before.unwrap_or(u64::MAX).min(head.events + 1);
    let mut entries = Vec::new();
    while end > 1 && entries.len() < limit {
        let start = end.saturating_sub(CHUNK).max(1);
        for row in chunk(store, start..end)?.iter().rev() {
            let entry = load::event(row)?;
            if passes(&entry, filter, needle.as_deref()) && !ledger.hides(&entry.event) {
                entries.push(Arc::new(entry));
                if entries.len() == limit {
                    break;
                }
            }
        }
        end = start;
    }
    Ok(LogPage { entries, total: head.events, head: log::hex(&head.hash) })
}

/// Recomputes the whole chain from the stored bytes.
///
/// # Errors
/// When the log cannot be read.
pub fn verify(store: &Store, head: Option<&str>) -> Result<Verification, Problem> {
    let total = store.head().map_err(problem)?.events;
    let mut failed = None;
    let chunks = (1..=total)
        .step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX))
        .map_while(|start| chunk(store, start..start + CHUNK).map_err(|problem| failed = Some(problem)).ok());
    let found = log::verify(chunks.flatten().map(|row| (row.bytes, Some(row.hash))), head);
    if let Some(problem) = failed {
        return Err(problem);
    }
    let log::Verified { events, head, broken, head_found } = found;
    // Numbers that are missing in the middle end the stream early without breaking a link.
    let broken = broken.or_else(|| (events < total).then(|| (events + 1, "it is missing".to_owned())));
    Ok(Verification { events, head, broken, head_found })
}

fn chunk(store: &Store, numbers: std::ops::Range<u64>) -> Result<Vec<store::Event>, Problem> {
    let mut rows = Vec::new();
    store.events(numbers, |row| rows.push(row)).map_err(problem)?;
    Ok(rows)
}

fn passes(entry: &Entry, filter: &LogFilter, needle: Option<&str>) -> bool {
    filter.item.as_ref().is_none_or(|item| entry.event.item() == Some(item))
        && needle.is_none_or(|needle| says(entry, needle))
}

/// Whether who, what, item or comment hold the text; `needle` is in lower case.
fn says(entry: &Entry, needle: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(needle);
    has(&entry.by.login)
        || entry.by.person.as_ref().is_some_and(|person| has(person.as_str()))
        || serde_json::to_value(&entry.event).is_ok_and(|event| holds(&event, &has))
}

/// Any text of the event counts; the names of its fields do not.
fn holds(value: &Value, has: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => has(text),
        Value::Array(values) => values.iter().any(|value| holds(value, has)),
        Value::Object(fields) => fields.values().any(|value| holds(value, has)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
