//! Questions about the record: a page of the log, and whether its chain holds.
//!
//! The log is read from the store newest first, a chunk at a time; nothing of it is kept in memory.

use std::sync::Arc;

use serde_json::Value;

use super::{load, problem, proof};
use crate::{
    calendar::minutes,
    ledger::{Ledger, log},
    model::{Instant, time::MINUTE},
    store::{self, Store},
    wire::{Entry, LogFilter, LogPage, Problem, Verification, said_off},
};

/// Events read at once.
const CHUNK: u64 = 500;

/// Warnings of one kind that are named.
const NAMED: usize = 20;

/// Seconds by which an act may lie ahead of this process's clock.
const ASTRAY: i64 = 2 * MINUTE;

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
    if let (Some(item), None) = (&filter.item, &needle) {
        // The fold has kept which events are about it: the others are not read.
        let known = ledger.fold().get(item).map(|item| item.events.as_slice()).unwrap_or_default();
        for number in known.iter().rev().skip_while(|number| **number >= end) {
            for row in chunk(store, *number..number + 1)? {
                let Ok(entry) = load::event(&row) else { continue };
                if !ledger.hides(&entry.event) {
                    entries.push(Arc::new(entry));
                }
            }
            if entries.len() == limit {
                break;
            }
        }
        return Ok(LogPage { entries, total: head.events, head: log::hex(&head.hash) });
    }
    while end > 1 && entries.len() < limit {
        let start = end.saturating_sub(CHUNK).max(1);
        for row in chunk(store, start..end)?.iter().rev() {
            // What cannot be read is named on every screen, and hides no other.
            let Ok(entry) = load::event(row) else { continue };
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

/// Recomputes the whole chain from the stored rows. `head` is one that was printed on minutes or mailed before, so that
/// a cut tail shows; `now` tells which acts lie in the future.
///
/// # Errors
/// When the log cannot be read.
pub fn verify(store: &Store, head: Option<&str>, now: Instant) -> Result<Verification, Problem> {
    let asked = head.map(|head| head.trim().to_lowercase());
    let is_asked = |at: log::Head| {
        asked.as_ref().is_some_and(|asked| asked.len() >= 8 && at.hex().starts_with(asked.as_str()))
    };
    let nothing = log::Head::default().hex();
    let mut found = asked.as_deref() == Some(nothing.as_str());
    let (chain, unknown) = proof::walk(store, |at| found |= is_asked(at))?;
    let records = proof::walk_records(store)?;
    let pair = |fault: &log::Fault| (fault.n, fault.why.clone());
    Ok(Verification {
        events: chain.head.n,
        head: chain.head.hex(),
        broken: chain.fault.as_ref().map(pair),
        records: records.0,
        records_broken: records.1,
        head_found: asked.as_ref().map(|_| found),
        unreadable: unknown.as_ref().map(pair),
        warnings: warnings(&chain, now),
    })
}

/// What breaks nothing and should be looked at.
fn warnings(chain: &log::Chain, now: Instant) -> Vec<String> {
    let length = |secs: i64| minutes(secs / MINUTE);
    let mut said: Vec<String> = chain
        .backwards
        .iter()
        .take(NAMED)
        .map(|(n, by)| format!("event {n} lies {} before the one it follows: a clock was off", length(*by)))
        .collect();
    let more = chain.backwards.len().saturating_sub(NAMED);
    if more > 0 {
        said.push(format!("{more} more lie before the one they follow"));
    }
    if let Some((n, at)) = chain.newest.filter(|(_, at)| *at - now > ASTRAY) {
        said.push(format!("event {n} lies {} in the future: a clock was or is off", length(at - now)));
    }
    if let Some((n, off)) = chain.astray.first() {
        let (count, off) = (chain.astray.len(), said_off(*off));
        said.push(format!(
            "{count} acts by clocks that were off; that of event {n}, the first, was {off} the board's"
        ));
    }
    if let Some(first) = chain.withheld.first() {
        let count = chain.withheld.len();
        said.push(format!(
            "{count} secret votes stayed behind when this log was exported, the first is event {first}"
        ));
    }
    said
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
