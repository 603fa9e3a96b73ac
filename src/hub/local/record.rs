//! Whether the chain of the record holds, read from the store, and what about it should be looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::{load, problem, proof};
use crate::{
    calendar::minutes,
    ledger::{
        event::{Event, LogEntry},
        heads, log,
        signed::keys,
    },
    model::{Id, Instant, time::MINUTE},
    rules::facts::Facts,
    store::{self, Store},
    wire::{Problem, Verification},
    words::time::clock_off,
};

/// Warnings of one kind that are named.
const NAMED: usize = 20;

/// Seconds by which an act may lie ahead of this process's clock.
const ASTRAY: i64 = 2 * MINUTE;

/// Recomputes the whole chain from the stored rows. `people` says whose keys there are. `head` is one that was printed on minutes or mailed before, so that
/// a cut tail shows; `now` tells which acts lie in the future.
///
/// # Errors
/// When the log cannot be read.
pub fn verify(
    store: &Store,
    people: Option<&Facts>,
    head: Option<&str>,
    now: Instant,
) -> Result<Verification, Problem> {
    let asked = head.map(|head| head.trim().to_lowercase());
    let is_asked = |at: log::Head| {
        asked.as_ref().is_some_and(|asked| asked.len() >= 8 && at.hex().starts_with(asked.as_str()))
    };
    let nothing = log::Head::default().hex();
    let mut found = asked.as_deref() == Some(nothing.as_str());
    let (chain, unknown) = proof::walk(store, |at| found |= is_asked(at))?;
    let records = proof::walk_records(store)?;
    let signatures = signatures(store, people)?;
    let heads = signed_heads(store)?;
    let pair = |fault: &log::Fault| (fault.n, fault.why.clone());
    Ok(Verification {
        events: chain.head.n,
        head: chain.head.hex(),
        broken: chain.fault.as_ref().map(pair),
        records: records.0,
        records_broken: records.1,
        signed: signatures.signed,
        signature_broken: signatures.broken,
        heads: heads.heads,
        signed_to: heads.to,
        head_keys: heads.keys,
        head_broken: heads.broken,
        head_found: asked.as_ref().map(|_| found),
        unreadable: unknown.as_ref().map(pair),
        warnings: warnings(&chain, now).into_iter().chain(signatures.strange).chain(heads.strange).collect(),
    })
}

/// Checks the heads that the service signed, each against the event it names as the store has it now.
fn signed_heads(store: &Store) -> Result<heads::Found, Problem> {
    let with =
        |row: &store::Event, what: &str| row.bytes.windows(what.len()).any(|part| part == what.as_bytes());
    let about = |row: &store::Event| {
        with(row, r#""type":"head_signed""#) || with(row, r#""type":"service_key_changed""#)
    };
    let mut said = Vec::new();
    store
        .events(0..u64::MAX, |row| {
            said.extend(Some(row).filter(about).and_then(|row| load::event(&row).ok()))
        })
        .map_err(problem)?;
    let named: BTreeSet<u64> = said
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::HeadSigned { n, .. } => Some(*n),
            _ => None,
        })
        .collect();
    let mut hashes = BTreeMap::new();
    if !named.is_empty() {
        store
            .events(0..u64::MAX, |row| {
                if named.contains(&row.number) {
                    hashes.insert(row.number, row.hash);
                }
            })
            .map_err(problem)?;
    }
    let mut found = heads::Found::default();
    said.iter().for_each(|entry| found.take(entry.n, &entry.event, |n| hashes.get(&n).copied()));
    Ok(found)
}

/// What was found of the signed votes of a log.
#[derive(Default)]
struct Signatures {
    signed: u64,
    broken: Option<(u64, String)>,
    /// Votes that are signed with keys which are none of their authors' now.
    strange: Vec<String>,
}

/// Checks every signature of the log. Few events have one, so that the others are not read.
fn signatures(store: &Store, people: Option<&Facts>) -> Result<Signatures, Problem> {
    let mut votes = Vec::new();
    let with = |what: &[u8], row: &store::Event| row.bytes.windows(what.len()).any(|part| part == what);
    let signed = |row: &store::Event| with(br#""signed":{"#, row);
    store
        .events(0..u64::MAX, |row| {
            votes.extend(Some(row).filter(signed).and_then(|row| load::event(&row).ok()))
        })
        .map_err(problem)?;
    let mut found = Signatures { signed: votes.len() as u64, ..Signatures::default() };
    let mut opened: BTreeMap<(Id, u32), String> = BTreeMap::new();
    if !votes.is_empty() {
        store
            .events(0..u64::MAX, |row| {
                if !with(br#""type":"round_opened""#, &row) {
                    return;
                }
                if let Ok(LogEntry { event: Event::RoundOpened { item, round, .. }, .. }) = load::event(&row)
                {
                    opened.insert((item, round), log::hex(&row.hash));
                }
            })
            .map_err(problem)?;
    }
    for vote in &votes {
        let Some(signed) = vote.event.signed() else { continue };
        let said = signed.statement();
        let hash = said.as_ref().and_then(|said| opened.get(&(said.item.clone(), said.round)));
        match signed.holds(&vote.event, hash.map(String::as_str)) {
            Err(why) if found.broken.is_none() => found.broken = Some((vote.n, why)),
            Err(_) => {}
            Ok(key) => {
                let Some(people) = people else { continue };
                let person = said.as_ref().and_then(|said| people.person_record(&said.person));
                let own =
                    person.is_some_and(|person| keys(person).any(|own| own.key_data() == key.key_data()));
                if !own && found.strange.len() < NAMED {
                    found.strange.push(format!(
                        "the vote of event {} is signed with {}, which is no key of its author now",
                        vote.n, signed.key
                    ));
                }
            }
        }
    }
    Ok(found)
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
