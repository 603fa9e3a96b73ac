//! From one item to all that an answer about it may depend on.

use std::collections::BTreeSet;

use super::{Around, Entry, NEVER, Reach, lists::Lists};
use crate::{model::time::DAY, rules::facts::NONE};

/// How far ahead a limit is looked for beyond the end of an activity (run § Doing), and a day more.
const AHEAD: i64 = 32 * DAY;

/// With more activities, or more events, a part of the board is no small one.
const MOST: usize = 4_000;
const MOST_EVENTS: usize = 20_000;

/// What was found around an item so far.
pub(super) struct Part<'a> {
    reach: &'a Reach,
    now: i64,
    /// Activities whose rows have to be right.
    core: BTreeSet<u32>,
    /// Activities whose limits and projected ends have to be right.
    full: BTreeSet<u32>,
    items: BTreeSet<u32>,
}

impl<'a> Part<'a> {
    pub(super) fn new(reach: &'a Reach, now: i64) -> Self {
        let items = reach.always.iter().copied().collect();
        Self { reach, now, core: BTreeSet::new(), full: BTreeSet::new(), items }
    }

    fn row(&self, activity: u32) -> Option<Entry> {
        self.reach.rows.get(activity as usize).copied()
    }

    /// An item, with nothing of what is near it.
    pub(super) fn take(&mut self, item: Option<u32>) {
        self.items.extend(item);
    }

    /// The items and their bundles, and all that takes place meanwhile.
    pub(super) fn core(&mut self, own: &[u32]) -> Option<()> {
        let reach = self.reach;
        let bundled = own.iter().flat_map(|own| reach.bundle.get(*own));
        for item in own.iter().chain(bundled).copied() {
            self.items.insert(item);
            self.core.extend(reach.activities.get(item));
            self.items.extend(reach.waiting.get(item));
        }
        let mut spans: Vec<(i64, i64)> = self
            .core
            .iter()
            .filter_map(|at| self.row(*at))
            .filter(|row| row.start != NEVER)
            .map(|row| (row.start, row.until(self.now)))
            .collect();
        joined(&mut spans);
        for (row, item) in reach.rows.iter().zip(&reach.item) {
            if row.live && spans.iter().any(|span| row.meets(self.now, *span)) {
                self.items.insert(*item);
            }
        }
        self.small()
    }

    /// What shares a service with the core, what these wait for, and what is near to each of them.
    pub(super) fn full(&mut self) -> Option<()> {
        let reach = self.reach;
        let mut next: Vec<u32> = self.core.iter().copied().collect();
        for at in &self.core {
            next.extend(self.near(*at));
        }
        while let Some(at) = next.pop() {
            if !self.full.insert(at) {
                continue;
            }
            if self.full.len() > MOST {
                return None;
            }
            let item = reach.item.get(at as usize).copied()?;
            for before in reach.before.get(item) {
                self.items.insert(*before);
                next.extend(reach.activities.get(*before));
            }
            if let Some(row) = self.row(at).filter(|row| row.owner != NONE) {
                next.extend(reach.running.get(row.owner));
            }
        }
        for at in self.full.clone() {
            self.items.extend(reach.item.get(at as usize));
            let near: Vec<u32> = self.near(at);
            self.items.extend(near.into_iter().filter_map(|at| reach.item.get(at as usize)));
        }
        self.small()
    }

    /// Activities that share a service, from as long before as may matter to as long after.
    fn near(&self, at: u32) -> Vec<u32> {
        let Some(row) = self.row(at).filter(|row| row.start != NEVER) else { return Vec::new() };
        let within = (row.start - self.reach.back, row.end.max(self.now) + AHEAD);
        let lanes = self.reach.touches.get(at).iter().flat_map(|service| self.reach.lanes.get(*service));
        let near =
            lanes.copied().filter(|other| self.row(*other).is_some_and(|row| row.meets(self.now, within)));
        near.collect()
    }

    /// A release is known with its bundle, a change with its release.
    pub(super) fn releases(&mut self) -> Option<()> {
        let mut next: Vec<u32> = self.items.iter().copied().collect();
        while let Some(item) = next.pop() {
            for other in self.reach.release.get(item).iter().chain(self.reach.bundle.get(item)) {
                if self.items.insert(*other) {
                    next.push(*other);
                }
            }
            self.small()?;
        }
        Some(())
    }

    fn small(&self) -> Option<()> {
        (self.items.len() <= MOST).then_some(())
    }

    /// Their services with what these hang together with, and what the log says of them.
    pub(super) fn told(self) -> Option<Around> {
        let reach = self.reach;
        let mut around = Around { outcomes: reach.outcomes.clone(), ..Around::default() };
        let mut services: BTreeSet<u32> = reach.needs.into_iter().collect();
        for at in &self.full {
            for touched in reach.touches.get(*at) {
                walk(&reach.below, *touched, reach.depth, &mut services);
                walk(&reach.above, *touched, reach.depth, &mut services);
            }
        }
        for item in &self.items {
            services.extend(reach.named.get(*item));
            for at in reach.activities.get(*item) {
                services.extend(reach.touches.get(*at));
            }
        }
        let records: BTreeSet<u32> =
            services.iter().flat_map(|service| reach.records.get(*service)).copied().collect();
        for record in records {
            around.services.push(reach.services.get(record)?);
        }
        let mut events: Vec<u32> = reach.elsewhere.clone();
        for item in &self.items {
            let id = reach.items.get(*item)?;
            match reach.releases.get(*item as usize)? {
                true => around.releases.push(id),
                false => around.changes.push(id),
            }
            events.extend(reach.events.get(*item));
            for asked in reach.asked.get(*item) {
                around.approvals.push(reach.approvals.get(*asked)?);
            }
        }
        if events.len() > MOST_EVENTS {
            return None;
        }
        events.sort_unstable();
        events.dedup();
        around.events = events.into_iter().map(u64::from).collect();
        Some(around)
    }
}

/// The same instants in spans that neither touch nor overlap.
fn joined(spans: &mut Vec<(i64, i64)>) {
    spans.sort_unstable();
    spans.dedup_by(|next, last| {
        let touch = next.0 <= last.1;
        if touch {
            last.1 = last.1.max(next.1);
        }
        touch
    });
}

/// Every service within so many hops.
fn walk(edges: &Lists, from: u32, depth: u8, found: &mut BTreeSet<u32>) {
    let mut seen = BTreeSet::from([from]);
    let mut at = vec![from];
    for _ in 0..depth {
        let mut next = Vec::new();
        for to in at.iter().flat_map(|at| edges.get(*at)) {
            if seen.insert(*to) {
                next.push(*to);
            }
        }
        at = next;
    }
    found.extend(seen);
}
