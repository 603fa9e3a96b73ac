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

/// `1 vote waits for your account`, in a few words for each thing that keeps votes of who looks from being written; nothing
/// where they go by themselves. What nobody can write is said to an admin too.
#[must_use]
pub fn short(seen: &Snapshot) -> Vec<String> {
    let (mut account, mut tried, mut nowhere) = (0, 0, 0);
    for (source, (votes, row)) in waiting(seen) {
        match gone(seen, source) {
            Some(_) => nowhere += votes,
            None if !seen.accounts.contains(source) => account += votes,
            None if row.attempts > 0 => tried += votes,
            None => {}
        }
    }
    nowhere += for_others(seen, true);
    let said = |votes: usize, one: &str, more: &str| {
        (votes > 0).then(|| format!("{} {}", count(votes, "vote"), if votes == 1 { one } else { more }))
    };
    let said = [
        said(account, "waits for your account", "wait for your account"),
        said(tried, "of yours is not written yet", "of yours are not written yet"),
        said(nowhere, "cannot be written", "cannot be written"),
    ];
    said.into_iter().flatten().collect()
}

/// `1 vote waits for its person`, for who can do something about it.
#[must_use]
pub fn short_of_others(seen: &Snapshot) -> Option<String> {
    let theirs = for_others(seen, false);
    let verb = if theirs == 1 { "waits for its person" } else { "wait for their people" };
    (theirs > 0).then(|| format!("{} {verb}", count(theirs, "vote")))
}

/// Why nobody sends what waits for a source; none where it is a source of this board.
fn gone(seen: &Snapshot, source: &SourceId) -> Option<String> {
    let here = seen.sources.iter().any(|known| known.id == *source);
    (!here).then(|| format!("{source} is no source of this board any more"))
}

/// `3 of your votes wait to be written to snow as you: …`, a line for each system.
#[must_use]
pub fn lines(seen: &Snapshot) -> Vec<String> {
    let line = |(source, (votes, row)): (&SourceId, (usize, &WriteRow))| {
        let verb = if votes == 1 { "waits" } else { "wait" };
        let what = format!("{} of yours {verb} to be written to {source} as you", count(votes, "vote"));
        let why = match gone(seen, source) {
            Some(gone) => format!("{gone}; `quorate own-votes give-up {}` ends the waiting", row.item),
            None if !seen.accounts.contains(source) => no_account(source),
            None if row.attempts > 0 => row.words.to_string(),
            None => "it is sent while quorate is open, and by `quorate sync`".to_owned(),
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
    let theirs = seen.served && seen.me.admin && row.own && row.state == WriteState::Queued;
    if !is_mine(seen, row) && !theirs {
        return None;
    }
    if let Some(gone) = gone(seen, &row.source) {
        return Some(gone);
    }
    if is_mine(seen, row) {
        return (!seen.accounts.contains(&row.source)).then(|| no_account(&row.source));
    }
    Some(format!("only {person} can send it"))
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
fn of_others(seen: &Snapshot) -> BTreeMap<(&Id, &SourceId), (usize, Option<Instant>)> {
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

/// How many votes of others an admin sees waiting: to be written by them, or for a source that is gone.
fn for_others(seen: &Snapshot, nowhere: bool) -> usize {
    let here = |(_, source): &(&Id, &SourceId)| gone(seen, source).is_some() == nowhere;
    let waits = of_others(seen).into_iter().filter(|(of, _)| seen.me.admin && here(of));
    waits.map(|(_, (votes, _))| votes).sum()
}

/// `2 votes of bob wait to be written to snow since …`, a line for each person and system, and what to do.
#[must_use]
pub fn lines_of_others(seen: &Snapshot, zone: Zone) -> Vec<String> {
    let line = |((person, source), (votes, since)): ((&Id, &SourceId), (usize, Option<Instant>))| {
        let verb = if votes == 1 { "waits" } else { "wait" };
        let since = since.map(|at| format!(" since {}", time::typed(at, zone))).unwrap_or_default();
        let what = format!("{} of {person} {verb} to be written to {source}{since}", count(votes, "vote"));
        let why = gone(seen, source).unwrap_or_else(|| {
            format!("only {person} sends that, with [sources.{source}.me] in their settings and quorate open, or by `quorate sync`")
        });
        format!("{what}: {why}; `quorate own-votes` lists what waits and says how it is given up")
    };
    of_others(seen).into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use serde_json::json;

    use super::*;
    use crate::wire::SourceHealth;

    /// What bob, and an admin dan who has no account either, are told of the votes that wait.
    #[test]
    fn each_vote_that_waits_says_for_what() {
        let at: Instant = "2026-11-23T13:05:00Z".parse().unwrap();
        let row = |person: &str, source: &str, state: &str, attempts: u32| -> WriteRow {
            serde_json::from_value(json!({ "id": "a1", "source": source, "item": "snow:1", "what": "vote yes",
                "person": person, "since": at, "own": true, "state": state, "words": "refuses the credentials",
                "attempts": attempts, "next_try": null }))
            .unwrap()
        };
        let snow: SourceHealth = serde_json::from_value(json!({ "id": "snow", "kind": "servicenow",
            "state": "fresh", "last_ok": at, "down_since": null, "error": null, "next_retry": null,
            "records": 1, "faults": 0, "queued": 0 }))
        .unwrap();
        // The case; the rows; whether bob's settings name an account; bob's bar and first line; dan's bar, of the others last.
        type Case = (&'static str, Vec<WriteRow>, bool, &'static str, &'static str, &'static str);
        let cases: [Case; 7] = [
            (
                "no account",
                vec![row("bob", "snow", "queued", 0), row("bob", "snow", "queued", 0)],
                false,
                "2 votes wait for your account",
                "2 votes of yours wait to be written to snow as you: your settings name no account of yours there",
                "2 votes wait for their people",
            ),
            (
                "it goes by itself",
                vec![row("bob", "snow", "queued", 0)],
                true,
                "",
                "1 vote of yours waits to be written to snow as you: it is sent while quorate is open",
                "1 vote waits for its person",
            ),
            (
                "the account is refused",
                vec![row("bob", "snow", "queued", 2)],
                true,
                "1 vote of yours is not written yet",
                "1 vote of yours waits to be written to snow as you: refuses the credentials",
                "1 vote waits for its person",
            ),
            (
                "its source is gone",
                vec![row("bob", "old", "queued", 0)],
                true,
                "1 vote cannot be written",
                "1 vote of yours waits to be written to old as you: old is no source of this board any more; \
                 `quorate own-votes give-up snow:1`",
                "1 vote cannot be written",
            ),
            ("another's", vec![row("cat", "snow", "queued", 0)], true, "", "", "1 vote waits for its person"),
            ("in hand", vec![row("bob", "snow", "sending", 1)], false, "", "", ""),
            ("through", vec![row("bob", "snow", "refused", 1)], false, "", "", ""),
        ];
        for (case, rows, account, bar, line, admin) in cases {
            let mut seen = Snapshot { served: true, writes: Arc::new(rows), ..Snapshot::empty(at) };
            seen.sources = Arc::new(vec![snow.clone()]);
            seen.me.person = Some(Id::new("bob").unwrap());
            let accounts = account.then(|| ["snow", "old"].map(SourceId::new)).into_iter().flatten();
            seen.accounts = Arc::new(accounts.collect::<BTreeSet<_>>());
            assert_eq!(short(&seen).join(", "), bar, "{case}");
            let first = lines(&seen).into_iter().next().unwrap_or_default();
            assert!(first.starts_with(line) && line.is_empty() == first.is_empty(), "{case}: {first}");
            assert_eq!(short_of_others(&seen), None, "{case}");
            (seen.me.person, seen.me.admin) = (Some(Id::new("dan").unwrap()), true);
            let said: Vec<String> = short(&seen).into_iter().chain(short_of_others(&seen)).collect();
            assert_eq!(said.join(", "), admin, "{case}");
            assert_eq!(lines(&seen), [] as [String; 0], "{case}");
        }
    }
}
