//! Who should move, priced both ways: for each side of a conflict the nearest move that ends it, what else it clears or
//! raises, the votes that have to be cast again, and the people who were already told.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Ledger, deadline};
use crate::{
    model::{
        ConflictKey, Id, Instant, Severity, Standing,
        time::{DAY, HOUR},
    },
    rules::{
        approval::Route,
        conflict::{Conflict, Decisions},
        whatif::{self, WhatIf},
    },
};

/// One way out of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Price {
    /// What moves: a change, or a release with all its phases.
    pub mover: Id,
    /// By how many seconds.
    pub by: i64,
    pub start: Instant,
    /// Rows of `warn` and `block` that go, and that come.
    pub clears: u32,
    /// How many rows the move would add.
    pub adds: u32,
    /// Votes and approvals that a moved item loses.
    pub revotes: u32,
    /// People who were told the old time.
    pub told: u32,
    /// `CHG42 +2 h: clears 3, adds 0, 2 re-votes`.
    pub line: String,
}

/// What a move costs in votes: a material change, so that what was said of the old time is said again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revote {
    /// Votes that start again, those on bundled changes included.
    pub votes: u32,
    /// It is approved now, and will not be.
    pub lapses: bool,
    /// A new round opens in place of the one that is open.
    pub opens: bool,
    /// The deadline of that round, where it has one.
    pub deadline: Option<Instant>,
    /// What the new start makes of that deadline: brought forward, or already late.
    pub note: Option<String>,
}

impl Revote {
    /// `3 votes start again, new deadline 24 Nov 21:00`; none where no vote is lost and no round opens anew. `time`
    /// says an instant.
    #[must_use]
    pub fn line(&self, time: impl Fn(Instant) -> String) -> Option<String> {
        let mut parts = Vec::new();
        if self.lapses {
            parts.push("its approval lapses".to_owned());
        }
        match self.votes {
            0 if self.opens => parts.push("a new round opens, no vote is lost".to_owned()),
            0 => {}
            1 => parts.push("1 vote starts again".to_owned()),
            votes => parts.push(format!("{votes} votes start again")),
        }
        parts.extend(self.deadline.map(|due| format!("new deadline {}", time(due))));
        parts.extend(self.note.clone());
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// Moves that are tried, nearest first.
const MOVES: [i64; 12] = [
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    8 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    7 * DAY,
    14 * DAY,
];

impl Ledger {
    /// For each side that could move, the nearest move that ends the row and raises nothing, else the one that raises
    /// least; empty when neither side can.
    #[must_use]
    pub fn prices(&self, key: &ConflictKey) -> Vec<Price> {
        let decisions = self.decisions();
        self.movers(key).iter().filter_map(|mover| self.price(mover, key, &decisions)).collect()
    }

    /// What could move to end a row: its sides, of a phase its release.
    pub(super) fn movers(&self, key: &ConflictKey) -> Vec<Id> {
        let mut movers: Vec<Id> = Vec::new();
        for side in std::iter::once(&key.a).chain(&key.b) {
            let mover = match self.facts.phase(side) {
                Some((release, _)) => release.id.clone(),
                None => side.clone(),
            };
            if self.knows(&mover) && !movers.contains(&mover) {
                movers.push(mover);
            }
        }
        movers
    }

    fn price(&self, mover: &Id, key: &ConflictKey, decisions: &dyn Decisions) -> Option<Price> {
        let from = self.start_of(mover)?;
        let mut best: Option<(usize, i64, WhatIf)> = None;
        for by in MOVES {
            let found = whatif::what_if(&self.facts, mover, from.plus(by), self.now, decisions)?;
            if !found.solved.iter().any(|row| row.key == *key) {
                continue;
            }
            let adds = count(&found.new);
            if best.as_ref().is_none_or(|(least, ..)| adds < *least) {
                best = Some((adds, by, found));
            }
            if adds == 0 {
                break;
            }
        }
        let (adds, by, found) = best?;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let clears = count(&found.solved);
        let (revotes, told) = (self.revotes(mover), self.told(mover));
        let mut line = format!("{mover} {}: clears {clears}, adds {adds}", shift(by));
        for (count, one, many) in [(revotes, "re-vote", "re-votes"), (told, "person told", "people told")] {
            match count {
                0 => {}
                1 => line = format!("{line}, 1 {one}"),
                more => line = format!("{line}, {more} {many}"),
            }
        }
        Some(Price {
            mover: mover.clone(),
            by,
            start: found.start,
            clears: number(clears),
            adds: number(adds),
            revotes: number(revotes),
            told: number(told),
            line,
        })
    }

    /// The planned start of a change, or of the first phase of a release.
    pub(in crate::ledger) fn start_of(&self, mover: &Id) -> Option<Instant> {
        if let Some(change) = self.facts.change(mover) {
            return change.planned_start;
        }
        self.facts.release(mover)?.phases.iter().filter_map(|phase| phase.start).min()
    }

    /// What a move to `start` makes of the votes on an item, and of those on the changes that move with it.
    #[must_use]
    pub fn revote(&self, mover: &Id, start: Instant, now: Instant) -> Revote {
        let item = match self.facts.phase(mover) {
            Some((release, _)) => release.id.clone(),
            None => mover.clone(),
        };
        let standing = self.fold.get(&item).map(|item| item.standing);
        let mut revote = Revote {
            votes: u32::try_from(self.revotes(&item)).unwrap_or(u32::MAX),
            lapses: standing == Some(Standing::Approved),
            ..Revote::default()
        };
        if self.fold.open_round(&item).is_none() {
            return revote;
        }
        let routing = self.routing_to_board(&item, now).map(|routing| routing.route);
        if let Some(Route::Board { policy, .. }) = routing {
            let first = match item == *mover {
                true => start,
                false => self.start_of(&item).map_or(start, |first| first.min(start)),
            };
            let (due, note) = deadline(self, &item, &policy, Some(first), now);
            (revote.deadline, revote.note) = (due, note.map(|note| note.to_string()));
            revote.opens = true;
        }
        revote
    }

    /// A move is material: votes cast are cast again, and an approval is given again.
    pub(super) fn revotes(&self, mover: &Id) -> usize {
        let bundle = self.facts.bundle(mover).cloned();
        let items: Vec<Id> = std::iter::once(mover.clone()).chain(bundle).collect();
        let votes = |id: &Id| {
            let round = self.fold.round(id)?;
            let known = self.fold.get(id)?;
            let stands = round.is_open() || known.standing == Standing::Approved;
            stands.then_some(round.votes.len())
        };
        items.iter().filter_map(votes).sum()
    }

    /// Stakeholders, requester and owner; of a release those of its bundle, and its manager.
    fn told(&self, mover: &Id) -> usize {
        let Some(release) = self.facts.release(mover) else { return 0 };
        let mut people: BTreeSet<String> = release.manager.iter().map(|name| name.to_lowercase()).collect();
        for change in self.facts.bundle(mover).filter_map(|id| self.facts.change(id)) {
            let names = change.stakeholders.iter().chain(&change.requester).chain(&change.owner);
            people.extend(names.map(|name| name.to_lowercase()));
        }
        people.len()
    }
}

fn count(rows: &[Conflict]) -> usize {
    rows.iter().filter(|row| row.severity >= Severity::Warn).count()
}

/// `+2 h`, `+1 d`.
fn shift(by: i64) -> String {
    if by % DAY == 0 { format!("+{} d", by / DAY) } else { format!("+{} h", by / HOUR) }
}
