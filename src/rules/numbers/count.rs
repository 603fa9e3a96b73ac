//! A number counted: its share with the interval, its months, its breakdown and the rows behind it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    By, Called, Difference, Interval, Key, Kpi, Measure, Period, Rows,
    interval::{float, newcombe, poisson, share, wilson},
    kpi::{Sample, Why},
};
use crate::model::{Id, Instant, Line};

/// Cells of fewer rows are marked small.
pub const SMALL: u64 = 5;

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

/// How a number is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub period: &'a Period,
    pub starts: &'a [Instant; 13],
    /// What it is broken down by; none is the whole alone.
    pub by: Option<By>,
    /// At most so many rows.
    pub rows: usize,
}

/// Counts a number.
#[must_use]
pub fn number<'a>(kpi: Kpi, rows: &'a Rows<'a>, asked: Asked<'_>, called: &dyn Called) -> Number {
    let (samples, left) = kpi.samples(rows);
    let inside: Vec<&Sample<'a>> = samples.iter().filter(|sample| asked.period.contains(sample.at)).collect();
    let (part, whole) = match kpi.measure() {
        Measure::Pace => (length(inside.len()), asked.period.days()),
        Measure::Count => (length(rows.debt.len()), length(rows.debt.len())),
        Measure::Share | Measure::Rate | Measure::Length => sums(&inside),
    };
    let (share, interval) = measured(kpi.measure(), part, whole);
    let by = asked.by.map_or_else(Vec::new, |by| cells(kpi.measure(), &inside, by, called));
    let by = by.into_iter().map(|(_, cell)| cell).collect();
    let mut left_out: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
    for (why, id, _) in left.into_iter().filter(|(.., at)| asked.period.contains(*at)) {
        left_out.entry(why).or_default().push(id);
    }
    let mut out = Number {
        name: kpi,
        label: kpi.label().to_owned(),
        measure: kpi.measure(),
        part,
        whole,
        share,
        interval,
        length: match kpi.measure() {
            Measure::Pace => gaps(&inside),
            _ => lengths(inside.iter().filter_map(|sample| sample.secs).collect()),
        },
        waiting: (kpi == Kpi::LeadTime).then(|| waiting(&inside)).flatten(),
        months: months(&samples, asked.starts),
        by,
        left_out: Vec::new(),
        rows: behind(&inside, asked.rows),
        rows_in_all: length(inside.len()),
    };
    if kpi == Kpi::ReviewDebt {
        (out.rows, out.rows_in_all) = (debt(rows, asked.rows), part);
    }
    out.left_out = left_out
        .into_iter()
        .map(|(why, ids)| LeftOut {
            why: why.to_owned(),
            count: length(ids.len()),
            ids: ids.into_iter().take(asked.rows).cloned().collect(),
        })
        .collect();
    out
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

pub(super) fn sums(samples: &[&Sample<'_>]) -> (u64, u64) {
    samples.iter().fold((0, 0), |(part, whole), sample| (part + sample.part, whole + sample.whole))
}

/// The share and its interval; of a rate, that of a Poisson count over the whole.
fn measured(measure: Measure, part: u64, whole: u64) -> (Option<f64>, Option<Interval>) {
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
    secs.sort_unstable();
    let count = secs.len();
    let at = |place: usize| secs.get(place).copied();
    let median = (at(count.checked_sub(1)? / 2)? + at(count / 2)?) / 2;
    let rank = (count * 85).div_ceil(100).max(1) - 1;
    let sum: i64 = secs.iter().sum();
    let mean = sum / i64::try_from(count).unwrap_or(i64::MAX);
    Some(Length { count: length(count), median, mean, p85: at(rank)? })
}

/// The gaps between those that follow each other.
fn gaps(samples: &[&Sample<'_>]) -> Option<Length> {
    let mut ends: Vec<Instant> = samples.iter().map(|sample| sample.at).collect();
    ends.sort_unstable();
    lengths(ends.windows(2).map(|pair| pair[1] - pair[0]).collect())
}

/// How much of the lead time was waiting for approval, over the changes that had to.
fn waiting(samples: &[&Sample<'_>]) -> Option<Part> {
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

fn months(samples: &[Sample<'_>], starts: &[Instant; 13]) -> Vec<Month> {
    let mut months: Vec<(Month, Vec<i64>)> = starts
        .iter()
        .take(12)
        .map(|start| (Month { start: *start, part: 0, whole: 0, median: None }, Vec::new()))
        .collect();
    for sample in samples {
        let place = starts.partition_point(|start| *start <= sample.at);
        let Some((month, secs)) = place.checked_sub(1).and_then(|place| months.get_mut(place)) else {
            continue;
        };
        month.part += sample.part;
        month.whole += sample.whole;
        secs.extend(sample.secs);
    }
    let done = |(month, secs): (Month, Vec<i64>)| Month { median: lengths(secs).map(|l| l.median), ..month };
    months.into_iter().map(done).collect()
}

/// The cells of a breakdown, each with what it is whatever it is called.
pub(super) fn cells<'a>(
    measure: Measure,
    samples: &[&Sample<'a>],
    by: By,
    called: &dyn Called,
) -> Vec<(Key<'a>, Cell)> {
    let mut groups: BTreeMap<Key<'a>, Vec<&Sample<'a>>> = BTreeMap::new();
    for sample in samples {
        for key in sample.traits.keys(by, sample.at, called) {
            groups.entry(key).or_default().push(*sample);
        }
    }
    let all = sums(samples);
    let mut cells: Vec<(Key<'a>, Cell)> = groups
        .into_iter()
        .map(|(key, own)| {
            let (part, whole) = sums(&own);
            let (share_of, interval) = measured(measure, part, whole);
            let rest = (all.0 - part, all.1 - whole);
            let compared = measure == Measure::Share;
            let lift = share_of.zip(share(rest.0, rest.1)).filter(|(_, rest)| *rest > 0.0);
            let cell = Cell {
                name: key.name(called),
                part,
                whole,
                share: share_of,
                interval,
                length: lengths(own.iter().filter_map(|sample| sample.secs).collect()),
                small: length(own.len()) < SMALL,
                against_rest: compared.then(|| newcombe((part, whole), rest)).flatten(),
                lift: lift.filter(|_| compared).map(|(own, rest)| own / rest),
            };
            (key, cell)
        })
        .collect();
    // Words stand in their own order; things with names by how many they are.
    let is_word = |key: &Key<'_>| matches!(key, Key::Word(..) | Key::Nothing(_));
    cells.sort_by(|(key, x), (other, y)| match (is_word(key), is_word(other)) {
        (true, true) => std::cmp::Ordering::Equal,
        (word, other) => {
            word.cmp(&other).then(y.part.cmp(&x.part)).then(y.whole.cmp(&x.whole)).then(x.name.cmp(&y.name))
        }
    });
    cells
}

fn behind(samples: &[&Sample<'_>], limit: usize) -> Vec<NumberRow> {
    if limit == 0 {
        return Vec::new();
    }
    let mut order: Vec<&&Sample<'_>> = samples.iter().collect();
    order.sort_by(|x, y| (y.part > 0).cmp(&(x.part > 0)).then(y.at.cmp(&x.at)).then_with(|| x.id.cmp(y.id)));
    let row = |sample: &&Sample<'_>| NumberRow {
        id: sample.id.clone(),
        title: sample.title.clone(),
        at: sample.at,
        part: sample.part > 0,
        secs: sample.secs,
        how: sample.why.words(),
    };
    order.into_iter().take(limit).map(row).collect()
}

fn debt(rows: &Rows<'_>, limit: usize) -> Vec<NumberRow> {
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
