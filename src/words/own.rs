//! What waits to be written to systems as the person who looks: only a session of theirs has the account for it.

use std::collections::BTreeMap;

use super::{count, time};
use crate::{
    calendar::Zone,
    model::{Id, Instant, SourceId},
    wire::{Snapshot, WriteRow, WriteState},
};

/// Whether a write waits for an account of who looks.
fn is_mine(seen: &Snapshot, row: &WriteRow) -> bool {
    seen.served
        && row.own
        && row.person.is_some()
        && row.person == seen.me.person
        && row.state == WriteState::Queued
}

/// Of each system how many votes of who looks wait to be written there as them, and the last of what is said of them.
fn waiting(seen: &Snapshot) -> BTreeMap<&SourceId, (usize, &WriteRow)> {
    let mut found = BTreeMap::new();
    for row in seen.writes.iter().filter(|row| is_mine(seen, row)) {
        found.entry(&row.source).and_modify(|(count, _)| *count += 1).or_insert((1, row));
    }
    found
}

/// How many writes wait for an account that who looks does not have in their settings.
#[must_use]
pub fn without_account(seen: &Snapshot) -> usize {
    let lacks = |(source, (count, _)): (&SourceId, (usize, &WriteRow))| {
        if seen.accounts.contains(source) { 0 } else { count }
    };
    waiting(seen).into_iter().map(|(source, waits)| lacks((source, waits))).sum()
}

/// `3 of your votes wait to be written to snow as you: …`, a line for each system.
#[must_use]
pub fn lines(seen: &Snapshot) -> Vec<String> {
    let line = |(source, (votes, row)): (&SourceId, (usize, &WriteRow))| {
        let verb = if votes == 1 { "waits" } else { "wait" };
        let what = format!("{} of yours {verb} to be written to {source} as you", count(votes, "vote"));
        let why = match seen.accounts.contains(source) {
            true if row.attempts > 0 => row.words.to_string(),
            true => "it is sent while quorate is open, and by `quorate sync`".to_owned(),
            false => no_account(source),
        };
        format!("{what}: {why}")
    };
    waiting(seen).into_iter().map(line).collect()
}

/// What to do where there is no account.
#[must_use]
pub fn no_account(source: &SourceId) -> String {
    format!("your settings name no account of yours there; add [sources.{source}] and [sources.{source}.me]")
}

/// What is to be done about one write, beside its state, by who looks.
#[must_use]
pub fn of_row(seen: &Snapshot, row: &WriteRow) -> Option<String> {
    let person = row.person.as_ref()?;
    if is_mine(seen, row) {
        return (!seen.accounts.contains(&row.source)).then(|| no_account(&row.source));
    }
    let theirs = seen.served && seen.me.admin && row.own && row.state == WriteState::Queued;
    theirs.then(|| format!("only {person} can send it"))
}

/// Whether a write is a vote that only its person sends, and has not gone.
#[must_use]
pub fn waits(row: &WriteRow) -> bool {
    let open = match row.state {
        WriteState::Queued | WriteState::Sending | WriteState::Held => true,
        WriteState::Accepted | WriteState::Refused => false,
    };
    open && row.own && row.person.is_some() && row.what.starts_with("vote")
}

/// Whether who looks may give such a vote up: it is theirs, or they are an admin; one that is in somebody's hands nobody may.
#[must_use]
pub fn may_be_given_up(seen: &Snapshot, row: &WriteRow) -> bool {
    let mine = row.person.is_some() && row.person == seen.me.person;
    waits(row) && row.state != WriteState::Sending && (mine || seen.me.admin)
}

/// What waits for others, of each person and system: how many votes, and since when the first of them.
fn of_others(seen: &Snapshot) -> BTreeMap<(&Id, &SourceId), (usize, Instant)> {
    let mut found = BTreeMap::new();
    for row in seen.writes.iter().filter(|row| seen.served && waits(row) && row.state == WriteState::Queued) {
        let Some(person) = row.person.as_ref().filter(|person| seen.me.person.as_ref() != Some(person))
        else {
            continue;
        };
        let (count, since) = found.entry((person, &row.source)).or_insert((0, row.since));
        *count += 1;
        *since = row.since.min(*since);
    }
    found
}

/// How many votes wait for accounts of others, for who can do something about it.
#[must_use]
pub fn for_others(seen: &Snapshot) -> usize {
    if seen.me.admin { of_others(seen).into_values().map(|(count, _)| count).sum() } else { 0 }
}

/// `2 votes of bob wait to be written to snow since …`, a line for each person and system, and what to do.
#[must_use]
pub fn lines_of_others(seen: &Snapshot, zone: Zone) -> Vec<String> {
    let line = |((person, source), (votes, since)): ((&Id, &SourceId), (usize, Instant))| {
        let verb = if votes == 1 { "waits" } else { "wait" };
        let (votes, since) = (count(votes, "vote"), time::typed(since, zone));
        format!(
            "{votes} of {person} {verb} to be written to {source} since {since}: only {person} sends them, by \
             [sources.{source}.me] of their settings, with quorate open or `quorate sync`; `quorate own-votes` lists them, and how \
             they are given up"
        )
    };
    of_others(seen).into_iter().map(line).collect()
}
