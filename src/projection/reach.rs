//! What an answer about one item, or about what waits for somebody, may depend on: an index of a board, so that not all of it
//! need be read.
//!
//! It holds no rule: which records and events any rule, asked about an item, can get to, and rather too many. They make a
//! small board of their own, and the same code answers on it as on the whole. What is counted over all of a board, how changes
//! ended, is counted as the index is made. What cannot be told with certainty is a miss: of a board that counts all that runs
//! at once, or joins copies of several systems, there is no index.

mod around;
mod build;
mod differs;
mod lists;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use self::{
    around::Part,
    lists::{Ids, Lists},
};
use crate::{
    model::{Id, Instant},
    rules::{
        facts::{End, Row},
        risk::History,
    },
};

/// Where nothing is known: no start, no owner, no release.
const NEVER: i64 = i64::MIN;

/// The index of a board. Everything in it has a number: items (changes and releases), activities, services that share a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    depth: u8,
    /// How long before an activity starts another one may still matter to it, in seconds.
    back: i64,
    items: Ids,
    /// By item: whether it is a release.
    releases: Vec<bool>,
    /// By item, its activities; a release has its phases.
    activities: Lists,
    rows: Vec<Entry>,
    /// By activity, the item.
    item: Vec<u32>,
    /// By activity, the services; by service, the activities.
    touches: Lists,
    lanes: Lists,
    /// By release, the services that it names itself.
    named: Lists,
    /// By owner, the activities that run.
    running: Lists,
    /// By change, its release; by release, its bundle.
    release: Lists,
    bundle: Lists,
    /// By change, those it comes after; and those that come after it.
    before: Lists,
    waiting: Lists,
    /// By item, the approvals that its own system asked for.
    asked: Lists,
    approvals: Ids,
    /// By item, the events of the log about it.
    events: Lists,
    /// Events about no item of the board.
    elsewhere: Vec<u32>,
    /// Items that matter to all others: templates.
    always: Vec<u32>,
    /// Items that a meeting had before it: who is in its chair hangs on all that was done there.
    met: Vec<u32>,
    services: Ids,
    /// By service, its records; what it depends on; what depends on it.
    records: Lists,
    below: Lists,
    above: Lists,
    /// A service that needs another, where any does: on a board without dependencies nothing is missing where an item names
    /// no service.
    needs: Option<u32>,
    /// Items whose newest round may ask somebody something, in order; none where one of them is no item of the board.
    asking: Option<Vec<u32>>,
    /// How all changes ended.
    outcomes: History,
}

/// When an activity takes place, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    start: i64,
    end: i64,
    owner: u32,
    live: bool,
    running: bool,
}

/// The part of a board that answers about one item, or about what waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    pub changes: Vec<Id>,
    pub releases: Vec<Id>,
    pub services: Vec<Id>,
    pub approvals: Vec<Id>,
    /// Numbers of events, in order.
    pub events: Vec<u64>,
    /// A meeting had the item before it: of its round only what is decided is known here, not who is in the chair of it.
    pub met: bool,
    /// How all changes of the board ended.
    pub outcomes: History,
}

impl Reach {
    /// The part of the board that answers about an item, or a phase of one, at `now`; `None` where that is no small part, or
    /// nobody knows such an item.
    #[must_use]
    pub fn around(&self, id: &Id, now: Instant) -> Option<Around> {
        let own = self.find(id)?;
        let mut part = Part::new(self, now.secs());
        part.core(&[own])?;
        part.full()?;
        part.releases()?;
        let met = self.met.binary_search(&own).is_ok();
        Some(Around { met, ..part.told()? })
    }

    /// The part of the board that says what waits for whom at `now`: the items that may ask somebody, with what is around each.
    /// `None` where that is no small part, or a meeting had one of them before it: who is in its chair counts.
    #[must_use]
    pub fn asking(&self, now: Instant) -> Option<Around> {
        let asking = self.asking.as_ref()?;
        if asking.iter().any(|item| self.met.binary_search(item).is_ok()) {
            return None;
        }
        // A board on which nothing waits is no empty one.
        let some = (self.items() > 0).then_some(0);
        let mut part = Part::new(self, now.secs());
        part.take(some);
        part.core(asking)?;
        part.full()?;
        part.releases()?;
        part.told()
    }

    /// The number of an item, or of that of a phase. A phase that could be taken for the tail of an item's id is none.
    fn find(&self, id: &Id) -> Option<u32> {
        if let Some(number) = self.items.find(id.as_str()) {
            return Some(number);
        }
        let (release, _) = id.as_str().rsplit_once('/')?;
        let number = self.items.find(release)?;
        let is_release = self.releases.get(number as usize).copied().unwrap_or_default();
        (is_release && !self.items.any_ends_with(id.as_str())).then_some(number)
    }
}

impl Entry {
    fn of(row: &Row) -> Self {
        let start = row.start.map(Instant::secs);
        let end = match row.end {
            End::Missing => None,
            End::At(end) => Some(end),
            End::Running(planned) => planned,
        };
        // Every end that any rule goes by.
        let ends = [end, row.planned().1, row.finished()].into_iter().flatten().map(Instant::secs);
        let all: Vec<i64> = ends.chain(start).collect();
        Self {
            start: all.iter().copied().min().unwrap_or(NEVER),
            end: all.iter().copied().max().unwrap_or(NEVER),
            owner: row.owner,
            live: row.live,
            running: matches!(row.end, End::Running(_)),
        }
    }

    fn until(&self, now: i64) -> i64 {
        if self.running { self.end.max(now) } else { self.end }
    }

    fn meets(&self, now: i64, (from, to): (i64, i64)) -> bool {
        self.start != NEVER && self.start <= to && from <= self.until(now)
    }
}
