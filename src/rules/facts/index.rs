//! Activities of one service (owner, group, environment) in order of start, for sweeps and for questions about a span.

use std::collections::BTreeSet;

use foldhash::HashMap;

use super::row::{End, Row};
use crate::model::{Instant, Span};

/// An activity in a [`List`]: its start, its end as known without the time of day, and its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListEntry {
    pub start: Instant,
    /// The activity, by its number in the facts.
    pub row: u32,
    running: bool,
    end: Instant,
}

/// Entries sorted by start and row, with the latest end of every block of them.
#[derive(Debug, Clone, Default)]
pub struct List {
    entries: Vec<ListEntry>,
    latest: Vec<Instant>,
}

const BLOCK: usize = 32;
const FEW: usize = 16;

impl ListEntry {
    /// `None` for what has no start.
    #[must_use]
    pub fn of(row: &Row, number: u32) -> Option<Self> {
        let start = row.start?;
        let (running, end) = match row.end {
            End::Missing => (false, start),
            End::At(end) => (false, end),
            End::Running(planned) => (true, planned.unwrap_or(Instant::MIN)),
        };
        Some(Self { start, row: number, running, end })
    }

    /// An entry that is sorted by `at` alone.
    #[must_use]
    pub fn at(at: Instant, number: u32) -> Self {
        Self { start: at, row: number, running: false, end: at }
    }

    /// The effective end; not after the start for a point.
    #[must_use]
    pub fn end(&self, now: Instant) -> Instant {
        if self.running { self.end.max(now) } else { self.end }
    }

    fn latest(&self) -> Instant {
        if self.running { Instant::MAX } else { self.end }
    }
}

impl List {
    /// Entries by start, then number.
    #[must_use]
    pub fn entries(&self) -> &[ListEntry] {
        &self.entries
    }

    /// Adds an entry where it belongs.
    pub fn insert(&mut self, entry: ListEntry) {
        let at = self.entries.partition_point(|other| (other.start, other.row) < (entry.start, entry.row));
        self.entries.insert(at, entry);
        self.bound(at / BLOCK);
    }

    /// Takes an entry out, where it is in.
    pub fn remove(&mut self, entry: ListEntry) {
        let at = self.entries.partition_point(|other| (other.start, other.row) < (entry.start, entry.row));
        if self.entries.get(at).is_some_and(|found| found.row == entry.row) {
            self.entries.remove(at);
            self.bound(at / BLOCK);
        }
    }

    /// Adds without sorting; [`List::sort`] must follow.
    pub fn push(&mut self, entry: ListEntry) {
        self.entries.push(entry);
    }

    /// Brings entries in order, after they were added at the end.
    pub fn sort(&mut self) {
        self.entries.sort_unstable_by_key(|entry| (entry.start, entry.row));
        self.entries.dedup_by_key(|entry| (entry.start, entry.row));
        self.entries.shrink_to_fit();
        self.bound(0);
    }

    /// Renews the latest ends from a block on.
    fn bound(&mut self, block: usize) {
        self.latest.truncate(block);
        let rest = self.entries.get(block * BLOCK..).unwrap_or_default();
        self.latest.reserve_exact(rest.len().div_ceil(BLOCK));
        self.latest.extend(
            rest.chunks(BLOCK).map(|block| block.iter().map(ListEntry::latest).max().unwrap_or(Instant::MIN)),
        );
    }

    /// The proper spans that overlap `span`, in order of start.
    pub fn overlapping(&self, span: Span, now: Instant) -> impl Iterator<Item = (u32, Span)> + '_ {
        let until = self.entries.partition_point(|entry| entry.start < span.end());
        let blocks = self.entries.get(..until).unwrap_or_default().chunks(BLOCK).zip(&self.latest);
        blocks.filter(move |(_, latest)| **latest > span.start()).flat_map(|(block, _)| block).filter_map(
            move |entry| {
                let own = Span::new(entry.start, entry.end(now))?;
                own.overlaps(span).then_some((entry.row, own))
            },
        )
    }

    /// Rows that start before `to` and, as far as is known without the time of day, may end at `from` or after it.
    pub fn may_last(&self, from: Instant, to: Instant) -> impl Iterator<Item = u32> + '_ {
        let until = self.entries.partition_point(|entry| entry.start < to);
        let blocks = self.entries.get(..until).unwrap_or_default().chunks(BLOCK).zip(&self.latest);
        blocks
            .filter(move |(_, latest)| **latest >= from)
            .flat_map(|(block, _)| block)
            .filter(move |entry| entry.running || from <= entry.end)
            .map(|entry| entry.row)
    }

    /// The entries that start at `from` or after it, in order of start.
    #[must_use]
    pub fn starting_in_order(&self, from: Instant) -> &[ListEntry] {
        let from = self.entries.partition_point(|entry| entry.start < from);
        self.entries.get(from..).unwrap_or_default()
    }

    /// The entries that start in `[from, to)`.
    #[must_use]
    pub fn starting(&self, from: Instant, to: Instant) -> &[ListEntry] {
        let from = self.entries.partition_point(|entry| entry.start < from);
        let rest = self.entries.get(from..).unwrap_or_default();
        // Most ask for hours, of which a list has few.
        let few = rest.iter().take(FEW).take_while(|entry| entry.start < to).count();
        let count = if few < FEW { few } else { rest.partition_point(|entry| entry.start < to) };
        rest.get(..count).unwrap_or_default()
    }
}

/// Lists by the number of a name.
#[derive(Debug, Clone, Default)]
pub struct Lists(HashMap<u32, List>);

impl Lists {
    /// The list of a name; empty where there is none.
    #[must_use]
    pub fn get(&self, name: u32) -> &List {
        static EMPTY: List = List { entries: Vec::new(), latest: Vec::new() };
        self.0.get(&name).unwrap_or(&EMPTY)
    }

    /// The list of a name, made where there is none.
    pub fn at(&mut self, name: u32) -> &mut List {
        self.0.entry(name).or_default()
    }

    /// The lists that hold something, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &List)> {
        self.0.iter().filter(|(_, list)| !list.entries.is_empty()).map(|(name, list)| (*name, list))
    }

    /// Brings every list in order.
    pub fn sort(&mut self) {
        self.0.values_mut().for_each(List::sort);
    }
}

/// Rows in order of time, by what they may clash over.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// Live activities by service.
    pub service: Lists,
    /// Live activities by environment.
    pub environment: Lists,
    /// Live changes by owner.
    pub owner: Lists,
    /// Live activities by group.
    pub group: Lists,
    /// Finished changes by service, in order of their end (rule C15).
    pub finished: Lists,
    /// Live phases that take their whole environment (rule C6), by environment.
    pub whole: Lists,
    /// All live activities.
    pub all: List,
    /// Rows that have started and not ended.
    pub running: BTreeSet<u32>,
    /// Changes that wait for a decision, by planned start (rule C13).
    pub undecided: BTreeSet<(Instant, u32)>,
    /// The longest rollback ever seen, in seconds (rule C14).
    pub longest_rollback: i64,
    /// Spans of edited rows, for which windows may have to be expanded.
    pub unseen: Vec<Span>,
}
