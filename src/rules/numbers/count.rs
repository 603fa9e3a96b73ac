//! A number counted: its share with the interval, its months, its breakdown and the rows behind it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Cell, Interval, Kpi, Measure, Period, Rows,
    breakdown::Breakdown,
    interval::{float, poisson, share, wilson},
    kpi::{Left, Sample, Why},
};
use crate::model::{Id, Instant, Line};

/// A number of a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Number {
    pub name: Kpi,
    pub label: String,
    pub measure: Measure,
    /// The numerator; of lengths, how many there are; of a pace, how many were done.
    pub part: u64,
    /// The denominator; of a pace, days.
    pub whole: u64,
    /// Of a share or a rate, where there is a whole.
    pub share: Option<f64>,
    /// Where the true share lies at 95 %; none where there is nothing to count.
    pub interval: Option<Interval>,
    /// Of lengths, and of the gaps of a pace.
    pub length: Option<Length>,
    /// What part of all that time was waiting for approval, of lead time.
    pub waiting: Option<Part>,
    /// The twelve months that end with the period, the oldest first.
    pub months: Vec<Month>,
    /// Empty where no breakdown was asked for.
    pub by: Vec<Cell>,
    pub left_out: Vec<LeftOut>,
    /// The rows behind it: those of the part first, the newest first; at most as many as were asked for.
    pub rows: Vec<NumberRow>,
    /// How many there are.
    pub rows_in_all: u64,
}

/// Seconds, of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Length {
    /// How many there are.
    pub count: u64,
    /// Between the middle two where they are even.
    pub median: i64,
    /// Seconds, on average.
    pub mean: i64,
    /// The least that 85 % do not exceed.
    pub p85: i64,
}

/// Seconds of seconds, over rows that have both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Part {
    /// Seconds of the part.
    pub part: i64,
    /// Seconds of the whole.
    pub whole: i64,
    /// How many there are.
    pub count: u64,
}

/// A month of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Month {
    pub start: Instant,
    /// How many of them in the month.
    pub part: u64,
    /// Out of how many in the month; zero makes no share.
    pub whole: u64,
    /// Seconds that half of them stay below; none where there are none.
    pub median: Option<i64>,
}

/// Rows that are not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeftOut {
    pub why: String,
    /// How many there are.
    pub count: u64,
    /// At most as many as were asked for.
    pub ids: Vec<Id>,
}

/// A row behind a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NumberRow {
    pub id: Id,
    pub title: Line,
    pub at: Instant,
    /// It counts in the part.
    pub part: bool,
    /// How long it took.
    pub secs: Option<i64>,
    /// `backed out`, `approved unchanged`.
    pub how: String,
}

/// The rows of a question with where each lies in time: found once, and the same for all numbers.
#[derive(Debug)]
pub struct Counting<'a> {
    rows: &'a Rows<'a>,
    period: &'a Period,
    starts: &'a [Instant; 13],
    /// At most so many rows behind a number.
    limit: usize,
    /// Of each row the place of its month among the twelve; 12 and more lies in none. See [`Rows::all`].
    months: Vec<u8>,
    /// Of each row whether it lies in the period.
    inside: Vec<bool>,
}

impl<'a> Counting<'a> {
    /// Counts rows in a period and in twelve months, given by their starts and the end of the last.
    #[must_use]
    pub fn new(rows: &'a Rows<'a>, period: &'a Period, starts: &'a [Instant; 13], limit: usize) -> Self {
        let months = rows.all().map(|(at, _)| month_of(at, starts)).collect();
        let inside = rows.all().map(|(at, _)| period.contains(at)).collect();
        Self { rows, period, starts, limit, months, inside }
    }

    /// What is counted.
    #[must_use]
    pub fn rows(&self) -> &'a Rows<'a> {
        self.rows
    }

    /// Whether a row lies in the period.
    #[must_use]
    pub fn is_inside(&self, row: usize) -> bool {
        self.inside.get(row).copied().unwrap_or(false)
    }

    /// Counts a number.
    #[must_use]
    pub fn number(&self, kpi: Kpi, by: Option<&Breakdown<'_>>) -> Number {
        let (mut left, mut inside, mut months) = (Left::new(), Vec::new(), Months::of(self.starts));
        kpi.each(self.rows, &mut left, |sample| {
            months.take(self.months.get(sample.row).copied(), &sample);
            if self.is_inside(sample.row) {
                inside.push(sample);
            }
        });
        let measure = kpi.measure();
        let debt = length(self.rows.debt.len());
        let (part, whole) = match measure {
            Measure::Pace => (length(inside.len()), self.period.days()),
            Measure::Count => (debt, debt),
            Measure::Share | Measure::Rate | Measure::Length => sums(&inside),
        };
        let (share, interval) = measured(measure, part, whole);
        let by = by.map_or_else(Vec::new, |by| by.cells(measure, &inside));
        let is_debt = kpi == Kpi::ReviewDebt;
        Number {
            name: kpi,
            label: kpi.label().to_owned(),
            measure,
            part,
            whole,
            share,
            interval,
            length: match measure {
                Measure::Pace => gaps(&inside),
                Measure::Share | Measure::Rate | Measure::Length | Measure::Count => {
                    lengths(inside.iter().filter_map(|sample| sample.secs).collect())
                }
            },
            waiting: (kpi == Kpi::LeadTime).then(|| waiting(&inside)).flatten(),
            months: months.done(),
            by: by.into_iter().map(|(_, cell)| cell).collect(),
            left_out: self.left_out(left),
            rows_in_all: if is_debt { debt } else { length(inside.len()) },
            rows: if is_debt { debt_rows(self.rows, self.limit) } else { behind(inside, self.limit) },
        }
    }

    /// The samples of a number that lie in the period.
    #[must_use]
    pub fn inside(&self, kpi: Kpi) -> Vec<Sample<'a>> {
        let (mut left, mut inside) = (Left::new(), Vec::new());
        kpi.each(self.rows, &mut left, |sample| {
            if self.is_inside(sample.row) {
                inside.push(sample);
            }
        });
        inside
    }

    /// By reason, those of the period.
    fn left_out(&self, left: Left<'_>) -> Vec<LeftOut> {
        let mut by_reason: BTreeMap<&str, (usize, Vec<Id>)> = BTreeMap::new();
        for (why, id, _) in left.into_iter().filter(|(.., at)| self.period.contains(*at)) {
            let (count, ids) = by_reason.entry(why).or_default();
            *count += 1;
            if ids.len() < self.limit {
                ids.push(id.clone());
            }
        }
        let one = |(why, (count, ids)): (&str, (usize, Vec<Id>))| LeftOut {
            why: why.to_owned(),
            count: length(count),
            ids,
        };
        by_reason.into_iter().map(one).collect()
    }
}

/// The place of the month that an instant lies in; 12 where it lies in none of the twelve.
fn month_of(at: Instant, starts: &[Instant; 13]) -> u8 {
    let begun = starts.partition_point(|start| *start <= at);
    begun.checked_sub(1).and_then(|place| u8::try_from(place).ok()).unwrap_or(12)
}

pub(super) fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

pub(super) fn sums(samples: &[Sample<'_>]) -> (u64, u64) {
    samples.iter().fold((0, 0), |(part, whole), sample| (part + sample.part, whole + sample.whole))
}

/// The share and its interval; of a rate, that of a Poisson count over the whole.
pub(super) fn measured(measure: Measure, part: u64, whole: u64) -> (Option<f64>, Option<Interval>) {
    match measure {
        Measure::Share => (share(part, whole), wilson(part, whole)),
        Measure::Rate | Measure::Pace if whole > 0 => {
            let Interval { low, high } = poisson(part);
            (share(part, whole), Some(Interval { low: low / float(whole), high: high / float(whole) }))
        }
        Measure::Rate | Measure::Pace | Measure::Length | Measure::Count => (None, None),
    }
}

/// Of these lengths; none of none.
#[must_use]
pub fn lengths(mut secs: Vec<i64>) -> Option<Length> {
    let count = secs.len();
    let rank = (count * 85).div_ceil(100).checked_sub(1)?;
    let sum: i64 = secs.iter().sum();
    let (_, p85, _) = secs.select_nth_unstable(rank);
    let p85 = *p85;
    // Whatever does not exceed that stands before it now, the middle among it.
    let (below, upper, _) = secs.get_mut(..=rank)?.select_nth_unstable(count / 2);
    let upper = *upper;
    let lower = if count.is_multiple_of(2) { below.iter().max().copied()? } else { upper };
    let mean = sum / i64::try_from(count).unwrap_or(i64::MAX);
    Some(Length { count: length(count), median: (lower + upper) / 2, mean, p85 })
}

/// The gaps between those that follow each other.
fn gaps(samples: &[Sample<'_>]) -> Option<Length> {
    let mut ends: Vec<Instant> = samples.iter().map(|sample| sample.at).collect();
    ends.sort_unstable();
    lengths(ends.windows(2).map(|pair| pair[1] - pair[0]).collect())
}

/// How much of the lead time was waiting for approval, over the changes that had to.
fn waiting(samples: &[Sample<'_>]) -> Option<Part> {
    let both = samples.iter().filter_map(|sample| match sample.why {
        Why::Work(work) => Some((work.wait?, sample.secs?)),
        Why::Release(_) | Why::Decision(_) => None,
    });
    let sum = both.fold(Part { part: 0, whole: 0, count: 0 }, |sum, (wait, all)| Part {
        part: sum.part + wait.min(all),
        whole: sum.whole + all,
        count: sum.count + 1,
    });
    (sum.count > 0).then_some(sum)
}

/// What the twelve months come to.
struct Months(Vec<(Month, Vec<i64>)>);

impl Months {
    fn of(starts: &[Instant; 13]) -> Self {
        let none = |start: &Instant| Month { start: *start, part: 0, whole: 0, median: None };
        Self(starts.iter().take(12).map(|start| (none(start), Vec::new())).collect())
    }

    fn take(&mut self, place: Option<u8>, sample: &Sample<'_>) {
        let Some((month, secs)) = place.and_then(|place| self.0.get_mut(usize::from(place))) else { return };
        month.part += sample.part;
        month.whole += sample.whole;
        secs.extend(sample.secs);
    }

    fn done(self) -> Vec<Month> {
        let done = |(month, secs)| Month { median: lengths(secs).map(|length| length.median), ..month };
        self.0.into_iter().map(done).collect()
    }
}

/// The first rows in the order of the screen: those of the part first, the newest first.
fn behind(mut samples: Vec<Sample<'_>>, limit: usize) -> Vec<NumberRow> {
    let order = |x: &Sample<'_>, y: &Sample<'_>| {
        (y.part > 0)
            .cmp(&(x.part > 0))
            .then(y.at.cmp(&x.at))
            .then_with(|| x.id().cmp(y.id()))
            .then(x.row.cmp(&y.row))
    };
    if limit == 0 {
        return Vec::new();
    }
    if limit < samples.len() {
        samples.select_nth_unstable_by(limit, order);
        samples.truncate(limit);
    }
    samples.sort_unstable_by(order);
    let row = |sample: &Sample<'_>| NumberRow {
        id: sample.id().clone(),
        title: sample.title().clone(),
        at: sample.at,
        part: sample.part > 0,
        secs: sample.secs,
        how: sample.why.words(),
    };
    samples.iter().map(row).collect()
}

fn debt_rows(rows: &Rows<'_>, limit: usize) -> Vec<NumberRow> {
    let row = |(id, title): &(&Id, &Line)| NumberRow {
        id: (*id).clone(),
        title: (*title).clone(),
        at: rows.now,
        part: true,
        secs: None,
        how: "review due".to_owned(),
    };
    rows.debt.iter().take(limit).map(row).collect()
}
