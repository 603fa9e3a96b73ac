//! Whether the chain of the record holds, read from the store, and what about it should be looked at.

use super::proof;
use crate::{
    calendar::minutes,
    ledger::log,
    model::{Instant, time::MINUTE},
    store::Store,
    wire::{Problem, Verification},
    words::time::clock_off,
};

/// Warnings of one kind that are named.
const NAMED: usize = 20;

/// Seconds by which an act may lie ahead of this process's clock.
const ASTRAY: i64 = 2 * MINUTE;

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
        let (count, off) = (chain.astray.len(), clock_off(*off));
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
