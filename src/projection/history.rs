//! A page of the record: which events pass a filter, newest first, and which are not for everybody yet.
//!
//! The log is read a chunk at a time through [`Outside`]; nothing of it is kept in memory.

use std::sync::Arc;

use serde_json::Value;

use super::outside::Outside;
use crate::{
    ledger::{Ledger, log},
    model::Id,
    wire::{LogEntry, LogFilter, LogPage, Problem},
};

/// Events read at once.
const CHUNK: u64 = 500;

/// Rows of a page when the question names no number.
const PAGE: usize = 200;

/// The newest entries that pass the filter. Of a secret vote of somebody else than who asks only its author and its hash
/// are told, and found, until its item is decided.
///
/// # Errors
/// When the log cannot be read.
pub fn page(
    ledger: &Ledger,
    outside: &dyn Outside,
    me: Option<&Id>,
    filter: &LogFilter,
) -> Result<LogPage, Problem> {
    let (total, head) = outside.log_head()?;
    let limit = if filter.limit == 0 { PAGE } else { filter.limit };
    let needle =
        filter.text.as_deref().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    let told = |entry: LogEntry, hash: &log::Hash| match ledger.hides(&entry.event, me) {
        true => log::veiled(&entry, hash).unwrap_or(entry),
        false => entry,
    };
    let end = filter.before.unwrap_or(u64::MAX).min(total + 1);
    let entries = match (&filter.item, &needle) {
        (Some(item), None) => {
            // The fold has kept which events are about it: the others are not read.
            let known = ledger.fold().get(item).map(|item| item.events.as_slice()).unwrap_or_default();
            let before = known.iter().rev().skip_while(|number| **number >= end);
            newest(told, outside, before.map(|number| *number..number + 1), limit, |_| true)?
        }
        _ => {
            let passes = |entry: &LogEntry| passes(entry, filter, needle.as_deref());
            newest(told, outside, backwards(end), limit, passes)?
        }
    };
    Ok(LogPage { entries, total, head })
}

/// The numbers before `end` in chunks, the newest first.
fn backwards(end: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    let chunk = |end: u64| (end > 1).then(|| end.saturating_sub(CHUNK).max(1)..end);
    std::iter::successors(chunk(end), move |later| chunk(later.start))
}

/// The newest events of these chunks that pass, as many as `limit`.
fn newest(
    told: impl Fn(LogEntry, &log::Hash) -> LogEntry,
    outside: &dyn Outside,
    chunks: impl Iterator<Item = std::ops::Range<u64>>,
    limit: usize,
    passes: impl Fn(&LogEntry) -> bool,
) -> Result<Vec<Arc<LogEntry>>, Problem> {
    let mut found = Vec::new();
    for numbers in chunks {
        if found.len() == limit {
            break;
        }
        let entries = outside.events(numbers)?.into_iter().rev();
        let shown = entries.map(|(entry, hash)| told(entry, &hash)).filter(|entry| passes(entry));
        found.extend(shown.take(limit - found.len()).map(Arc::new));
    }
    Ok(found)
}

fn passes(entry: &LogEntry, filter: &LogFilter, needle: Option<&str>) -> bool {
    filter.item.as_ref().is_none_or(|item| entry.event.item() == Some(item))
        && needle.is_none_or(|needle| says(entry, needle))
}

/// Whether who, what, item or comment hold the text; `needle` is in lower case.
fn says(entry: &LogEntry, needle: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(needle);
    has(&entry.by.login)
        || entry.by.via.as_deref().is_some_and(&has)
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
