//! What is worked out for a period and kept while one only moves the cursor: items, names, lanes, windows, axis.

use std::{collections::HashSet, sync::Arc};

use super::{
    index::{Index, Occurs},
    item::{Item, Names},
    lane::{Grouping, Lane, Ranks},
    mine::Mine,
    period::{Mode, Period},
    scene::Scene,
};
use crate::{
    calendar::{Zone, lanes::Axis},
    model::{Id, Instant, Line, RuleId, Severity, time::DAY},
    wire::{ConflictRow, Conflicts, Snapshot},
};

/// What makes two drawings work on the same things.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    index: u64,
    snapshot: (u64, usize),
    period: Period,
    cells: usize,
    zone: Zone,
    grouping: Grouping,
    opened: usize,
}

/// What makes lanes keep their ranks: they are taken anew only when one of these changes.
#[derive(Debug, Clone, PartialEq)]
struct Look {
    period: Period,
    filter: String,
    grouping: Grouping,
}

/// The things of a period.
#[derive(Debug)]
pub struct Kept {
    key: Option<Key>,
    look: Option<Look>,
    ranks: Ranks,
    first: Vec<Id>,
    pub items: Vec<Item>,
    pub names: Names,
    pub lanes: Vec<Lane>,
    pub axis: Axis,
    pub occurs: Vec<Occurs>,
}

/// How a period is to be laid out.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub period: Period,
    /// Columns of the timeline.
    pub cells: usize,
    pub grouping: Grouping,
    pub opened: &'a HashSet<Line>,
    /// What is placed first: the selection and its partners.
    pub first: &'a [Id],
    /// Whose services are mine: first among lanes by service, unless the settings say which lanes are.
    pub mine: Option<&'a Mine>,
}

impl Wanted<'_> {
    /// Whether my services come first: in lanes by service, and where the settings pin none.
    fn first_of_mine(&self, scene: &Scene<'_>) -> bool {
        self.grouping == Grouping::Service && scene.settings.pinned.is_empty()
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            key: None,
            look: None,
            ranks: Ranks::default(),
            first: Vec::new(),
            items: Vec::new(),
            names: Names::default(),
            lanes: Vec::new(),
            axis: Axis::new(Instant::default(), DAY, 1, Zone::UTC),
            occurs: Vec::new(),
        }
    }
}

/// The axis of a period: its days, or the cells of the timeline.
#[must_use]
pub fn axis(period: Period, zone: Zone, cells: usize) -> Axis {
    match period.mode {
        Mode::Timeline => Axis::new(period.at, period.step(), cells, zone),
        Mode::Week | Mode::Month | Mode::Agenda | Mode::Year => {
            Axis::new(zone.midnight(period.first_day(zone)), DAY, period.days(zone), zone)
        }
    }
}

impl Kept {
    /// Items without lanes and windows: a list.
    #[must_use]
    pub fn of(items: Vec<Item>, names: Names, axis: Axis) -> Self {
        Self { items, names, axis, ..Self::default() }
    }

    /// Takes the ranks anew and places the selection first, as if the period had just been opened.
    pub fn forget(&mut self) {
        self.look = None;
        self.key = None;
    }

    /// Places these first from now on, lanes keeping their places.
    pub fn place_first(&mut self, first: &[Id]) {
        self.first = first.to_vec();
        self.key = None;
    }

    /// Works out what changed since the last time.
    pub fn follow(&mut self, scene: &Scene<'_>, index: &Index, wanted: Wanted<'_>) {
        let look = Look { period: wanted.period, filter: scene.filter.to_owned(), grouping: wanted.grouping };
        if self.look.as_ref() != Some(&look) {
            self.ranks.forget();
            self.first = wanted.first.to_vec();
            self.look = Some(look);
            self.key = None;
        }
        let key = Key {
            index: index.version,
            snapshot: identity(scene.snapshot),
            period: wanted.period,
            cells: wanted.cells,
            zone: scene.zone,
            grouping: wanted.grouping,
            opened: wanted.opened.len(),
        };
        if self.key.as_ref() == Some(&key) {
            return;
        }
        self.key = Some(key);
        self.axis = axis(wanted.period, scene.zone, wanted.cells);
        let span = self.axis.span().filter(|_| wanted.period.mode != Mode::Year);
        self.items = span.map_or_else(Vec::new, |span| {
            let found = index.activities(span);
            found.map(|(start, end, row)| Item::new(scene, start, end, row, &self.first)).collect()
        });
        // Where a cell is a week, a window that recurs would fill every one of them.
        let coarse = wanted.period.mode == Mode::Timeline && self.axis.step() > DAY;
        self.occurs = span.map_or_else(Vec::new, |span| index.occurrences(span, !coarse));
        self.names = Names::of_most(&self.items);
        self.lanes = match wanted.period.mode {
            Mode::Week | Mode::Timeline => {
                self.ranks.pinned = match wanted.mine {
                    Some(mine) if wanted.first_of_mine(scene) => mine.lanes(),
                    _ => scene.settings.pinned.clone(),
                };
                self.ranks.lanes(&self.items, wanted.grouping, wanted.opened, index)
            }
            Mode::Month | Mode::Agenda | Mode::Year => Vec::new(),
        };
    }
}

fn identity(snapshot: &Arc<Snapshot>) -> (u64, usize) {
    (snapshot.seq, Arc::as_ptr(snapshot) as usize)
}

/// The clashes of one activity, looked up when it or the conflicts change.
#[derive(Debug, Default)]
pub struct Focus {
    id: Option<Id>,
    conflicts: Conflicts,
    /// Worst first, acknowledged ones last.
    pub rows: Vec<ConflictRow>,
}

impl Focus {
    pub fn follow(&mut self, scene: &Scene<'_>, id: Option<&Id>) {
        let conflicts = &scene.snapshot.conflicts;
        if self.id.as_ref() == id && self.conflicts.ptr_eq(conflicts) {
            return;
        }
        self.id = id.cloned();
        self.conflicts = conflicts.clone();
        self.rows = id.map_or_else(Vec::new, |id| scene.snapshot.conflicts_of(id));
    }

    /// What clashes with it, and by which rule; the worst first.
    #[must_use]
    pub fn partners(&self) -> Vec<(Id, RuleId, Severity)> {
        let Some(id) = &self.id else { return Vec::new() };
        let open = self.rows.iter().filter(|row| row.ack.is_none());
        open.filter_map(|row| Some((row.key.other_side(id)?.clone(), row.key.rule, row.severity))).collect()
    }
}
