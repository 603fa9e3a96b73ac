//! The part of a board that its first screen shows: small, so that it is there at once, and whole as far as it goes.

use std::{collections::BTreeSet, iter, sync::Arc};

use super::live::Live;
use crate::{
    ledger::Ledger,
    model::{ConflictKey, Id, Instant, Severity, Span, Standing, time::DAY},
    rules::{
        conflict::Conflict,
        facts::{Activity, End, Row},
    },
    wire::{Conflicts, Opening, Snapshot},
};

/// The days before and after now that are whole: of the week of any day within [`AHEAD`] nothing is missing.
const BEFORE: i64 = 7 * DAY;
const AFTER: i64 = 14 * DAY;

/// How long after it was made, and before, where a clock went back, it may be shown.
const AHEAD: i64 = 7 * DAY;
const BACK: i64 = DAY;

/// Of a busier board none is made: it would not be small.
const MOST: usize = 20_000;

/// So many services are taken whole, of more only those that are named.
const SERVICES: usize = 500;

impl Opening {
    /// Whether it says all that the first screen shows at `now`.
    #[must_use]
    pub fn serves(&self, now: Instant) -> bool {
        let made = self.from.plus(BEFORE);
        made.plus(-BACK) <= now && now < made.plus(AHEAD)
    }
}

impl Live {
    /// The board as it was shown last, cut to what the first screen shows; its rows are drawn here. `None` where that is
    /// no small part of it.
    #[must_use]
    pub fn opening(&self, shown: &Snapshot) -> Option<Snapshot> {
        let (from, to) = (shown.now.plus(-BEFORE), shown.now.plus(AFTER));
        let within = Span::new(from, to)?;
        let mut items = waiting(&self.ledger);
        let asked = items.clone();
        let rows = self.ledger.facts().rows().map(|(_, row)| row);
        items.extend(rows.filter(|row| overlaps(row, within, shown.now)).map(|row| item(row).clone()));
        let mut counted = Opening {
            from,
            to,
            block: 0,
            warn: 0,
            info: 0,
            acknowledged: 0,
            reviews_due: shown.reviews_due.len(),
        };
        let mut clashes = Vec::new();
        for row in shown.conflicts.iter() {
            count(&mut counted, &row.conflict, row.ack.is_some());
            if near(&self.ledger, &row.conflict, &items) {
                clashes.push(row);
            }
        }
        let partners =
            clashes.iter().flat_map(|row| sides(&row.key)).map(|side| whole(&self.ledger, side).clone());
        let mut drawn = items;
        drawn.extend(partners);
        if drawn.len() > MOST || clashes.len() > MOST {
            return None;
        }
        let drawn: Vec<Id> = drawn.into_iter().collect();
        let part = self.only(&drawn, shown);
        let named: BTreeSet<&Id> = part.activities.values().flat_map(|row| row.service_ids.iter()).collect();
        let few = shown.services.len() <= SERVICES;
        let services = shown.services.iter().filter(|(id, _)| few || named.contains(id));
        let services = services.map(|(id, service)| (id.clone(), Arc::clone(service))).collect();
        let tells = |tally: &crate::wire::Tally| {
            tally.is_open()
                || asked.contains(&tally.id)
                || tally.electorate.iter().any(|ballot| ballot.to_confirm.is_some())
        };
        // As everybody may see them: the file holds no vote that is hidden from others.
        let tallies = self.ledger.tallies().iter().filter(|(_, tally)| tells(tally));
        let tallies = tallies.map(|(id, tally)| (id.clone(), Arc::clone(tally))).collect();
        let due = shown.reviews_due.iter().filter(|id| drawn.binary_search(id).is_ok()).cloned().collect();
        Some(Snapshot {
            services,
            tallies,
            conflicts: clashes.into_iter().collect::<Conflicts>(),
            reviews_due: Arc::new(due),
            faults: Arc::default(),
            opening: Some(counted),
            ..part
        })
    }
}

/// The items of which something is undecided, whenever they are planned.
fn waiting(ledger: &Ledger) -> BTreeSet<Id> {
    let waits = |standing| match standing {
        Standing::Open | Standing::Deferred | Standing::Asked | Standing::Lapsed => true,
        Standing::None | Standing::Approved | Standing::Rejected => false,
    };
    let items = ledger.fold().items.iter().filter(|(_, item)| waits(item.standing)).map(|(id, _)| id);
    items.chain(ledger.fold().open.iter()).cloned().collect()
}

/// What is decided about: a phase stands for its release.
fn item(row: &Row) -> &Id {
    match &row.activity {
        Activity::Change(_) => &row.id,
        Activity::Phase(release, _) => &release.id,
    }
}

fn whole<'a>(ledger: &'a Ledger, side: &'a Id) -> &'a Id {
    ledger.facts().row(side).map_or(side, item)
}

/// Whether an activity is anywhere in a span, a point in it or at its end included.
fn overlaps(row: &Row, within: Span, now: Instant) -> bool {
    let Some(start) = row.start else { return false };
    let end = match row.end {
        End::Missing => start,
        End::At(end) => end.max(start),
        End::Running(planned) => planned.unwrap_or(start).max(now),
    };
    start <= within.end() && within.start() <= end
}

fn sides(key: &ConflictKey) -> impl Iterator<Item = &Id> {
    iter::once(&key.a).chain(&key.b)
}

/// Whether a clash is one of these items, or nobody can say when it is.
fn near(ledger: &Ledger, row: &Conflict, items: &BTreeSet<Id>) -> bool {
    let untimed = || ledger.facts().row(&row.key.a).is_none_or(|row| row.start.is_none());
    sides(&row.key).any(|side| items.contains(whole(ledger, side))) || (row.span.is_none() && untimed())
}

fn count(counted: &mut Opening, row: &Conflict, acknowledged: bool) {
    let which = match (acknowledged, row.severity) {
        (true, _) => &mut counted.acknowledged,
        (false, Severity::Block) => &mut counted.block,
        (false, Severity::Warn) => &mut counted.warn,
        (false, Severity::Info | Severity::Unknown) => &mut counted.info,
    };
    *which += 1;
}
