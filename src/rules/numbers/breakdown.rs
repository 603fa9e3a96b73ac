//! What numbers are broken down by: the cells, which rows belong to which, and each cell held against the rest.
//!
//! Which row belongs to which cell is found once and serves every number.

use std::cmp::Ordering;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::{
    By, Called, Difference, Interval, Key, Length, Measure,
    count::{Counting, lengths, measured},
    interval::{newcombe, share},
    kpi::Sample,
};

/// Cells of fewer rows are marked small.
pub const SMALL: u64 = 5;

/// A cell of a breakdown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cell {
    pub name: String,
    /// How many of them.
    pub part: u64,
    /// Out of how many; zero makes no share.
    pub whole: u64,
    /// Between 0 and 1; none where there is nothing to count.
    pub share: Option<f64>,
    /// Where the true share lies at 95 %; none where there is nothing to count.
    pub interval: Option<Interval>,
    /// Where the number is a length; none otherwise.
    pub length: Option<Length>,
    /// Fewer than five rows.
    pub small: bool,
    /// Of a share: this less all others.
    pub against_rest: Option<Difference>,
    /// How many times the share of the others it is.
    pub lift: Option<f64>,
}

/// Which cells the rows of a period belong to.
#[derive(Debug)]
pub struct Breakdown<'a> {
    /// Every cell with the name it has, in order.
    cells: Vec<(Key<'a>, String)>,
    /// Where the cells of each row begin, and where those of the last one end.
    starts: Vec<u32>,
    /// The places of the cells of each row, a row after the other.
    places: Vec<u32>,
}

/// What the rows of a cell come to.
#[derive(Debug, Clone, Default)]
struct Sum {
    part: u64,
    whole: u64,
    rows: u64,
    secs: Vec<i64>,
}

impl<'a> Breakdown<'a> {
    /// Finds the cells of the rows that lie in the period.
    #[must_use]
    pub fn of(counting: &Counting<'a>, by: By, called: &dyn Called) -> Self {
        let rows = counting.rows().all();
        let mut known: HashMap<Key<'a>, u32> = HashMap::default();
        // Words are few: a look at each is less than a hash.
        let mut words: Vec<(Key<'a>, u32)> = Vec::new();
        let (mut starts, mut places) = (Vec::new(), Vec::new());
        for (row, (at, traits)) in rows.enumerate() {
            starts.push(small(places.len()));
            if counting.is_inside(row) {
                traits.keys(by, at, called, |key| {
                    let word = words.iter().find(|(word, _)| *word == key).map(|(_, place)| *place);
                    let next = small(known.len());
                    let place = word.unwrap_or_else(|| *known.entry(key).or_insert(next));
                    if word.is_none() && !key.is_named() {
                        words.push((key, place));
                    }
                    places.push(place);
                });
            }
        }
        starts.push(small(places.len()));
        let mut cells: Vec<(Key<'a>, u32)> = known.into_iter().collect();
        cells.sort_unstable();
        let mut moved = vec![0; cells.len()];
        for (place, (_, found)) in cells.iter().enumerate() {
            if let Some(to) = moved.get_mut(*found as usize) {
                *to = small(place);
            }
        }
        for place in &mut places {
            *place = moved.get(*place as usize).copied().unwrap_or_default();
        }
        let cells = cells.into_iter().map(|(key, _)| (key, key.name(called))).collect();
        Self { cells, starts, places }
    }

    /// The places of the cells that a row belongs to; none where it lies outside of the period.
    #[must_use]
    pub fn of_row(&self, row: usize) -> &[u32] {
        let ends = self.starts.get(row).zip(self.starts.get(row + 1));
        ends.and_then(|(from, to)| self.places.get(*from as usize..*to as usize)).unwrap_or_default()
    }

    /// The cells of a number, each with its place; words in their own order, things with names by how many they are.
    #[must_use]
    pub fn cells(&self, measure: Measure, samples: &[Sample<'_>]) -> Vec<(usize, Cell)> {
        let mut sums = vec![Sum::default(); self.cells.len()];
        let (mut part, mut whole) = (0, 0);
        for sample in samples {
            (part, whole) = (part + sample.part, whole + sample.whole);
            for place in self.of_row(sample.row) {
                let Some(sum) = sums.get_mut(*place as usize) else { continue };
                (sum.part, sum.whole, sum.rows) =
                    (sum.part + sample.part, sum.whole + sample.whole, sum.rows + 1);
                sum.secs.extend(sample.secs);
            }
        }
        let with_rows = sums.into_iter().enumerate().filter(|(_, sum)| sum.rows > 0);
        let made = with_rows.filter_map(|(place, sum)| {
            let (_, name) = self.cells.get(place)?;
            Some((place, cell(measure, name, sum, (part, whole))))
        });
        let mut cells: Vec<(usize, Cell)> = made.collect();
        let is_word = |place: usize| self.key(place).is_some_and(|key| !key.is_named());
        cells.sort_by(|(place, x), (other, y)| match (is_word(*place), is_word(*other)) {
            (true, true) => Ordering::Equal,
            (word, other) => word
                .cmp(&other)
                .then(y.part.cmp(&x.part))
                .then(y.whole.cmp(&x.whole))
                .then_with(|| x.name.cmp(&y.name)),
        });
        cells
    }

    /// What a cell is, whatever it is called.
    #[must_use]
    pub fn key(&self, place: usize) -> Option<&Key<'a>> {
        self.cells.get(place).map(|(key, _)| key)
    }
}

fn cell(measure: Measure, name: &str, sum: Sum, all: (u64, u64)) -> Cell {
    let (share_of, interval) = measured(measure, sum.part, sum.whole);
    let rest = (all.0 - sum.part, all.1 - sum.whole);
    let compared = measure == Measure::Share;
    let lift = share_of.zip(share(rest.0, rest.1)).filter(|(_, rest)| *rest > 0.0);
    Cell {
        name: name.to_owned(),
        part: sum.part,
        whole: sum.whole,
        share: share_of,
        interval,
        length: lengths(sum.secs),
        small: sum.rows < SMALL,
        against_rest: compared.then(|| newcombe((sum.part, sum.whole), rest)).flatten(),
        lift: lift.filter(|_| compared).map(|(own, rest)| own / rest),
    }
}

/// Rows and cells are numbered as services are.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
