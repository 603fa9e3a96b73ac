//! The part of a board that its first screen shows: small, so that it is there at once, and whole as far as it goes.

use std::{collections::BTreeSet, iter, sync::Arc};

use imbl::OrdMap;

use super::live::Live;
use crate::{
    ledger::Ledger,
    model::{ConflictKey, Id, Instant, Severity, Span, Standing, time::DAY},
    rules::{
        conflict::Conflict,
        facts::{Activity, End, Row},
    },
    wire::{ConflictRow, Conflicts, Opening, Snapshot, Tally},
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
        let within = around(shown.now)?;
        let mut items = waiting(&self.ledger);
        let asked = items.clone();
        let rows = self.ledger.facts().rows().map(|(_, row)| row);
        items.extend(rows.filter(|row| overlaps(row, within, shown.now)).map(|row| item(row).clone()));
        let untimed = |id: &Id| self.ledger.facts().row(id).is_none_or(|row| row.start.is_none());
        let picked = Picked::of(shown, items, |side| whole(&self.ledger, side), untimed)?;
        let part = self.only(&picked.drawn, shown);
        // As everybody may see them: the file holds no vote that is hidden from others.
        Some(picked.cut(part, shown, &asked, self.ledger.tallies()))
    }
}

/// The same of a board of which every row is drawn, with the tallies that it shows.
#[must_use]
pub fn opening(shown: &Snapshot) -> Option<Snapshot> {
    let within = around(shown.now)?;
    let open = shown.tallies.values().filter(|tally| tally.is_open()).map(|tally| &tally.id);
    let releases = shown.releases.values().filter(|row| waits(row.standing)).map(|row| &row.id);
    let changes = shown.activities.values().filter(|row| waits(row.standing)).map(|row| &row.item);
    let asked: BTreeSet<Id> = open.chain(releases).chain(changes).cloned().collect();
    let near = shown.activities.values().filter(|row| {
        let Some(start) = row.when.start() else { return false };
        let end = row.when.span().map_or(start, Span::end);
        let end = if row.is_running() { end.max(shown.now) } else { end };
        start <= within.end() && within.start() <= end
    });
    let items = asked.iter().chain(near.map(|row| &row.item)).cloned().collect();
    let whole = |side| shown.activities.get(side).map_or(side, |row| &row.item);
    let untimed = |id: &Id| shown.activities.get(id).is_none_or(|row| row.when.start().is_none());
    let picked = Picked::of(shown, items, whole, untimed)?;
    let drawn = |id: &Id| picked.drawn.binary_search(id).is_ok();
    let activities = shown.activities.iter().filter(|(_, row)| drawn(&row.item));
    let releases = shown.releases.iter().filter(|(id, _)| drawn(id));
    let part = Snapshot {
        activities: activities.map(|(id, row)| (id.clone(), Arc::clone(row))).collect(),
        releases: releases.map(|(id, row)| (id.clone(), Arc::clone(row))).collect(),
        ..shown.clone()
    };
    Some(picked.cut(part, shown, &asked, &shown.tallies))
}

/// What of a board its opening has.
struct Picked {
    counted: Opening,
    clashes: Vec<ConflictRow>,
    /// The items, those of the other sides of clashes too; in order.
    drawn: Vec<Id>,
}

impl Picked {
    /// The clashes of these items, or of which nobody can say when they are; `whole` tells what is decided about.
    fn of<'a>(
        shown: &'a Snapshot,
        items: BTreeSet<Id>,
        whole: impl Fn(&'a Id) -> &'a Id,
        untimed: impl Fn(&Id) -> bool,
    ) -> Option<Self> {
        let within = around(shown.now)?;
        let mut counted = Opening {
            from: within.start(),
            to: within.end(),
            block: 0,
            warn: 0,
            info: 0,
            acknowledged: 0,
            reviews_due: shown.reviews_due.len(),
        };
        let mut clashes = Vec::new();
        let mut partners: BTreeSet<Id> = BTreeSet::new();
        for row in shown.conflicts.rows().iter() {
            let acknowledged = shown.conflicts.is_acknowledged(&row.key);
            count(&mut counted, row, acknowledged);
            let near = sides(&row.key).any(|side| items.contains(whole(side)));
            if near || (row.span.is_none() && untimed(&row.key.a)) {
                partners.extend(sides(&row.key).map(|side| whole(side).clone()));
                clashes.extend(shown.conflicts.get(&row.key));
            }
        }
        let mut drawn = items;
        drawn.append(&mut partners);
        let small = drawn.len() <= MOST && clashes.len() <= MOST;
        small.then(|| Self { counted, clashes, drawn: drawn.into_iter().collect() })
    }

    /// The part of the board with what belongs to it alone.
    fn cut(
        self,
        part: Snapshot,
        shown: &Snapshot,
        asked: &BTreeSet<Id>,
        tallies: &OrdMap<Id, Arc<Tally>>,
    ) -> Snapshot {
        let named: BTreeSet<&Id> = part.activities.values().flat_map(|row| row.service_ids.iter()).collect();
        let few = shown.services.len() <= SERVICES;
        let services = shown.services.iter().filter(|(id, _)| few || named.contains(id));
        let services = services.map(|(id, service)| (id.clone(), Arc::clone(service))).collect();
        let tells = |tally: &Tally| {
            tally.is_open()
                || asked.contains(&tally.id)
                || tally.electorate.iter().any(|ballot| ballot.to_confirm.is_some())
        };
        let tallies = tallies.iter().filter(|(_, tally)| tells(tally));
        let tallies = tallies.map(|(id, tally)| (id.clone(), Arc::clone(tally))).collect();
        let is_drawn = |id: &&Id| self.drawn.binary_search(id).is_ok();
        let due = shown.reviews_due.iter().filter(is_drawn).cloned().collect();
        Snapshot {
            services,
            tallies,
            conflicts: self.clashes.into_iter().collect::<Conflicts>(),
            reviews_due: Arc::new(due),
            faults: Arc::default(),
            opening: Some(self.counted),
            ..part
        }
    }
}

/// The days that are whole.
fn around(now: Instant) -> Option<Span> {
    Span::new(now.plus(-BEFORE), now.plus(AFTER))
}

/// The items of which something is undecided, whenever they are planned.
fn waiting(ledger: &Ledger) -> BTreeSet<Id> {
    let items = ledger.fold().items.iter().filter(|(_, item)| waits(item.standing)).map(|(id, _)| id);
    items.chain(ledger.fold().open.iter()).cloned().collect()
}

/// Whether something is undecided.
fn waits(standing: Standing) -> bool {
    match standing {
        Standing::Open | Standing::Deferred | Standing::Asked | Standing::Lapsed => true,
        Standing::None | Standing::Approved | Standing::Rejected => false,
    }
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

fn count(counted: &mut Opening, row: &Conflict, acknowledged: bool) {
    let which = match (acknowledged, row.severity) {
        (true, _) => &mut counted.acknowledged,
        (false, Severity::Block) => &mut counted.block,
        (false, Severity::Warn) => &mut counted.warn,
        (false, Severity::Info | Severity::Unknown) => &mut counted.info,
    };
    *which += 1;
}
