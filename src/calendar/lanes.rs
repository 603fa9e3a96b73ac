//! The arithmetic of calendar lanes: instants to cells, first-fit rows, and load as one digit a cell.
//!
//! A cell is a column of elapsed time, so a day has as many cells as it has hours. Nothing here knows a screen.

use std::ops::Range;

use super::zone::Zone;
use crate::model::time::{DAY, Instant, Span};

/// Cells of equal time, or of local days where a cell is a day or more. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// The start of every cell, and the end of the last one.
    bounds: Vec<Instant>,
    step: i64,
}

impl Axis {
    /// `cells` cells (at least one) of `step` seconds from `start`; steps of whole days follow the midnights of `zone`.
    #[must_use]
    pub fn new(start: Instant, step: i64, cells: usize, zone: Zone) -> Self {
        let step = step.max(1);
        let cells = cells.max(1);
        let bounds = if step < DAY {
            (0..=cells).map(|cell| start.plus(step.saturating_mul(cell as i64))).collect()
        } else {
            midnights(start, step / DAY, cells, zone)
        };
        Self { bounds, step }
    }

    /// Number of cells.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Seconds a cell stands for; a cell of days may be an hour off.
    #[must_use]
    pub const fn step(&self) -> i64 {
        self.step
    }

    /// The first moment of the axis.
    #[must_use]
    pub fn start(&self) -> Instant {
        self.bounds[0]
    }

    /// The first moment after the axis.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.bounds[self.cells()]
    }

    /// The whole time in view.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        Span::new(self.start(), self.end())
    }

    /// The first instant of a cell; the end of the axis for one beyond it.
    #[must_use]
    pub fn at(&self, cell: usize) -> Instant {
        self.bounds[cell.min(self.cells())]
    }

    /// The time one cell stands for.
    #[must_use]
    pub fn cell_span(&self, cell: usize) -> Option<Span> {
        Span::new(self.at(cell), self.at(cell + 1))
    }

    /// The cell an instant lies in; `None` outside.
    #[must_use]
    pub fn cell(&self, at: Instant) -> Option<usize> {
        (self.start() <= at && at < self.end()).then(|| self.bounds.partition_point(|bound| *bound <= at) - 1)
    }

    /// The cells that `[start, end)` touches, snapped outward and at least one; `None` when it is out of view.
    #[must_use]
    pub fn range(&self, start: Instant, end: Instant) -> Option<Range<usize>> {
        let end = end.max(start.plus(1));
        if end <= self.start() || start >= self.end() {
            return None;
        }
        let first = self.cell(start.max(self.start()))?;
        let last = self.cell(end.plus(-1).min(self.end().plus(-1)))?;
        Some(first..last + 1)
    }
}

fn midnights(start: Instant, days: i64, cells: usize, zone: Zone) -> Vec<Instant> {
    let first = zone.date(start);
    let mut bounds: Vec<Instant> = Vec::with_capacity(cells + 1);
    for cell in 0..=cells {
        let date = chrono::Duration::try_days(days.saturating_mul(cell as i64))
            .and_then(|ahead| first.checked_add_signed(ahead));
        let next = date.map(|date| zone.midnight(date));
        let after = bounds.last().map(|before| before.plus(days.saturating_mul(DAY)));
        bounds.extend(match (next, bounds.last()) {
            (Some(next), Some(before)) if next <= *before => after,
            (Some(next), _) => Some(next),
            (None, Some(_)) => after,
            (None, None) => Some(start),
        });
    }
    bounds
}

/// Puts each range of cells, in the given order, into the first of at most `rows` rows where it touches no other;
/// `None` = there is no such row.
#[must_use]
pub fn first_fit(ranges: &[Range<usize>], rows: usize) -> Vec<Option<usize>> {
    let mut taken: Vec<Vec<u64>> = Vec::new();
    ranges.iter().map(|range| fit_one(&mut taken, range, rows)).collect()
}

fn fit_one(taken: &mut Vec<Vec<u64>>, range: &Range<usize>, rows: usize) -> Option<usize> {
    let free = taken
        .iter()
        .position(|row| !words(range).any(|(word, mask)| row.get(word).is_some_and(|w| w & mask != 0)));
    let row = match free {
        Some(row) => row,
        None if taken.len() < rows => {
            taken.push(Vec::new());
            taken.len() - 1
        }
        None => return None,
    };
    for (word, mask) in words(range) {
        if taken[row].len() <= word {
            taken[row].resize(word + 1, 0);
        }
        taken[row][word] |= mask;
    }
    Some(row)
}

/// The words of a bit set that a range touches, each with its bits.
fn words(range: &Range<usize>) -> impl Iterator<Item = (usize, u64)> {
    let (start, end) = (range.start, range.end);
    (start / 64..end.div_ceil(64)).map(move |word| {
        let low = start.saturating_sub(word * 64).min(64);
        let high = (end - word * 64).min(64);
        let below = |bits: usize| if bits >= 64 { u64::MAX } else { (1 << bits) - 1 };
        (word, below(high) & !below(low))
    })
}

/// How many of the ranges touch each of `cells` cells.
#[must_use]
pub fn load(ranges: impl IntoIterator<Item = Range<usize>>, cells: usize) -> Vec<u32> {
    let mut steps = vec![0i64; cells + 1];
    for range in ranges {
        let (start, end) = (range.start.min(cells), range.end.min(cells));
        if start < end {
            steps[start] += 1;
            steps[end] -= 1;
        }
    }
    let mut sum = 0;
    steps[..cells]
        .iter()
        .map(|step| {
            sum += step;
            u32::try_from(sum).unwrap_or(0)
        })
        .collect()
}

/// The least of 1, 2, 5, 10, 20, 50, 100… that keeps every digit at most 9.
#[must_use]
pub fn scale(most: u32) -> u32 {
    let mut scale = 1u32;
    for factor in [2, 5, 10].iter().cycle().scan(1u32, |power, factor| {
        let at = *power;
        if *factor == 10 {
            *power = power.saturating_mul(10);
        }
        Some(at.saturating_mul(*factor))
    }) {
        if most.div_ceil(scale) <= 9 || factor == u32::MAX {
            return scale;
        }
        scale = factor;
    }
    scale
}

/// A load as one digit: divided by the scale, rounded up, at most 9.
#[must_use]
pub fn digit(load: u32, scale: u32) -> u8 {
    u8::try_from(load.div_ceil(scale.max(1)).min(9)).unwrap_or(9)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::time::{HOUR, MINUTE};

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn bars_snap_outward_and_have_at_least_one_cell() {
        let axis = Axis::new(at("2026-11-25T11:00:00Z"), 30 * MINUTE, 10, Zone::UTC);
        let cases = [
            ("exact", "2026-11-25T12:00:00Z", "2026-11-25T13:00:00Z", Some(2..4)),
            ("outward", "2026-11-25T12:10:00Z", "2026-11-25T13:01:00Z", Some(2..5)),
            ("a point", "2026-11-25T12:10:00Z", "2026-11-25T12:10:00Z", Some(2..3)),
            ("begins before", "2026-11-25T01:00:00Z", "2026-11-25T11:01:00Z", Some(0..1)),
            ("ends after", "2026-11-25T15:45:00Z", "2026-11-26T11:01:00Z", Some(9..10)),
            ("before", "2026-11-25T01:00:00Z", "2026-11-25T11:00:00Z", None),
            ("after", "2026-11-25T16:00:00Z", "2026-11-25T17:00:00Z", None),
        ];
        for (name, start, end, want) in cases {
            assert_eq!(axis.range(at(start), at(end)), want, "{name}");
        }
    }

    #[test]
    fn days_have_23_24_and_25_hours() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let hours = |start: &str| {
            let axis = Axis::new(at(start), DAY, 2, zone);
            (axis.at(1) - axis.at(0)) / HOUR
        };
        assert_eq!(hours("2026-10-24T22:00:00Z"), 25);
        assert_eq!(hours("2026-03-28T23:00:00Z"), 23);
        assert_eq!(hours("2026-11-24T23:00:00Z"), 24);
    }

    #[test]
    fn one_scale_keeps_every_digit_below_ten() {
        let cases = [
            (0, 1),
            (9, 1),
            (10, 2),
            (18, 2),
            (19, 5),
            (45, 5),
            (46, 10),
            (90, 10),
            (91, 20),
            (180, 20),
            (181, 50),
            (1007, 200),
        ];
        for (most, want) in cases {
            assert_eq!(scale(most), want, "{most}");
        }
        assert!(digit(u32::MAX, scale(u32::MAX)) <= 9);
        assert_eq!((digit(0, 20), digit(1, 20), digit(21, 20)), (0, 1, 2));
    }

    proptest! {
        #[test]
        fn no_two_ranges_share_a_cell(spans in prop::collection::vec((0usize..300, 1usize..90), 0..60), rows in 0usize..9) {
            let ranges: Vec<_> = spans.iter().map(|(start, len)| *start..start + len).collect();
            let placed = first_fit(&ranges, rows);
            for (i, a) in ranges.iter().enumerate() {
                let Some(row) = placed[i] else {
                    for row in 0..rows {
                        let blocked = ranges[..i].iter().zip(&placed).any(|(b, r)| *r == Some(row) && a.start < b.end && b.start < a.end);
                        prop_assert!(blocked, "row {row} was free for {a:?}");
                    }
                    continue;
                };
                prop_assert!(row < rows);
                for (b, other) in ranges[..i].iter().zip(&placed) {
                    prop_assert!(*other != Some(row) || a.end <= b.start || b.end <= a.start);
                }
            }
        }

        #[test]
        fn load_counts_what_touches_a_cell(spans in prop::collection::vec((0usize..50, 0usize..30), 0..40)) {
            let ranges: Vec<_> = spans.iter().map(|(start, len)| *start..start + len).collect();
            for (cell, count) in load(ranges.clone(), 40).into_iter().enumerate() {
                let want = ranges.iter().filter(|range| range.contains(&cell)).count();
                prop_assert_eq!(count as usize, want);
            }
        }

        #[test]
        fn the_scale_is_the_least_that_fits(most in 0u32..100_000) {
            let scale = scale(most);
            prop_assert!(most.div_ceil(scale) <= 9);
        }
    }
}
