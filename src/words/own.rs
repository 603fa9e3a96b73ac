//! What waits to be written to systems as the person who looks: only a session of theirs has the account for it.

use std::collections::BTreeMap;

use super::count;
use crate::{
    model::SourceId,
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

/// What is said of one write beside its state, to who looks.
#[must_use]
pub fn of_row(seen: &Snapshot, row: &WriteRow) -> Option<String> {
    (is_mine(seen, row) && !seen.accounts.contains(&row.source)).then(|| no_account(&row.source))
}
