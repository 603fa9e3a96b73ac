//! Spans of calendar months in the zone of the board.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Zone,
    model::{Instant, Span},
};

/// A half-open span with the name it goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Period {
    pub start: Instant,
    pub end: Instant,
    /// `Sep–Nov 2026`, or its first and last day.
    pub name: String,
}

impl Period {
    /// So many months, the last one that of an instant.
    #[must_use]
    pub fn months(zone: Zone, last: Instant, count: u32) -> Self {
        let (year, month) = month_of(zone, last);
        Self::of_months(zone, index(year, month) - i64::from(count.max(1)) + 1, count.max(1))
    }

    /// So many months from a month on, counted from year 0.
    fn of_months(zone: Zone, first: i64, count: u32) -> Self {
        let end = first + i64::from(count);
        let name = name(first, end - 1);
        Self { start: begins(zone, first), end: begins(zone, end), name }
    }

    /// A span as it was asked for.
    #[must_use]
    pub fn of(zone: Zone, span: Span) -> Self {
        let last = zone.date(span.end().plus(-1));
        let name = format!("{} to {last}", zone.date(span.start()));
        Self { start: span.start(), end: span.end(), name }
    }

    /// `2026`, `2026-Q3` or `2026-11`.
    #[must_use]
    pub fn read(zone: Zone, text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-').map_or((text, None), |(year, rest)| (year, Some(rest)));
        let year: i32 = year.parse().ok().filter(|year| (1900..=9999).contains(year))?;
        let (month, count) = match rest {
            None => (1, 12),
            Some(rest) => match rest.strip_prefix(['q', 'Q']) {
                Some(quarter) => {
                    (3 * quarter.parse::<u32>().ok().filter(|quarter| (1..=4).contains(quarter))? - 2, 3)
                }
                None => (rest.parse::<u32>().ok().filter(|month| (1..=12).contains(month))?, 1),
            },
        };
        Some(Self::of_months(zone, index(year, month), count))
    }

    /// As long a period before or after it: whole months where it is of whole months.
    #[must_use]
    pub fn shifted(&self, zone: Zone, by: i64) -> Self {
        match self.whole_months(zone) {
            Some((first, count)) => Self::of_months(zone, first + by * i64::from(count), count),
            None => {
                let length = (self.end - self.start) * by;
                let moved = Span::new(self.start.plus(length), self.end.plus(length));
                moved.map_or_else(|| self.clone(), |span| Self::of(zone, span))
            }
        }
    }

    fn whole_months(&self, zone: Zone) -> Option<(i64, u32)> {
        let of = |at| month_of(zone, at);
        let ((year, month), (to_year, to_month)) = (of(self.start), of(self.end));
        let (first, end) = (index(year, month), index(to_year, to_month));
        let whole = begins(zone, first) == self.start && begins(zone, end) == self.end;
        whole.then(|| Some((first, u32::try_from(end - first).ok()?))).flatten()
    }

    /// Whether a moment lies in it.
    #[must_use]
    pub fn contains(&self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// The starts of the twelve months that end with the last one of the period, and the end of that.
    #[must_use]
    pub fn twelve(&self, zone: Zone) -> [Instant; 13] {
        let (year, month) = month_of(zone, self.end.plus(-1));
        let first = index(year, month) - 11;
        let mut starts = [self.start; 13];
        for (at, start) in (0..).zip(&mut starts) {
            *start = begins(zone, first + at);
        }
        starts
    }

    /// Whole days, at least one.
    #[must_use]
    pub fn days(&self) -> u64 {
        u64::try_from((self.end - self.start + 43_200) / 86_400).unwrap_or(1).max(1)
    }
}

fn month_of(zone: Zone, at: Instant) -> (i32, u32) {
    let date = zone.date(at);
    (date.year(), date.month())
}

fn index(year: i32, month: u32) -> i64 {
    i64::from(year) * 12 + i64::from(month) - 1
}

/// The first day of a month.
fn day(month: i64) -> NaiveDate {
    let (year, of_year) = (month.div_euclid(12), month.rem_euclid(12));
    let (year, of_year) = (i32::try_from(year).unwrap_or(9999), u32::try_from(of_year).unwrap_or(0));
    NaiveDate::from_ymd_opt(year, of_year + 1, 1).unwrap_or(NaiveDate::MAX)
}

fn begins(zone: Zone, month: i64) -> Instant {
    zone.midnight(day(month))
}

/// `Nov 2026`, `Sep–Nov 2026`, `Dec 2025–Feb 2026`, `2026`.
fn name(first: i64, last: i64) -> String {
    let (from, to) = (day(first), day(last));
    match () {
        () if first == last => to.format("%b %Y").to_string(),
        () if from.year() != to.year() => format!("{}–{}", from.format("%b %Y"), to.format("%b %Y")),
        () if last - first == 11 => to.format("%Y").to_string(),
        () => format!("{}–{}", from.format("%b"), to.format("%b %Y")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_those_of_the_zone() {
        let madrid = Zone::named("Europe/Madrid").unwrap();
        // Half past midnight of 1 December there.
        let period = Period::months(madrid, at("2026-11-30T23:30:00Z"), 3);
        assert_eq!((&*period.name, period.start), ("Oct–Dec 2026", at("2026-09-30T22:00:00Z")));
        assert_eq!(Period::months(Zone::UTC, at("2026-11-30T23:30:00Z"), 3).name, "Sep–Nov 2026");
        assert_eq!(Period::months(Zone::UTC, at("2026-01-15T00:00:00Z"), 3).name, "Nov 2025–Jan 2026");
        let before = period.shifted(madrid, -1);
        assert_eq!((&*before.name, before.end), ("Jul–Sep 2026", period.start));
        assert_eq!(before.shifted(madrid, 1), period);
        let starts = period.twelve(madrid);
        assert_eq!((starts[12], starts[9]), (period.end, period.start));
    }

    #[test]
    fn periods_are_read_as_typed() {
        for (text, name, days) in [
            ("2026", "2026", 365),
            ("2026-Q3", "Jul–Sep 2026", 92),
            ("2026-q1", "Jan–Mar 2026", 90),
            ("2024-02", "Feb 2024", 29),
        ] {
            let period = Period::read(Zone::UTC, text).unwrap();
            assert_eq!((&*period.name, period.days()), (name, days), "{text}");
        }
        for text in ["", "26", "2026-13", "2026-Q5", "2026-0", "last"] {
            assert_eq!(Period::read(Zone::UTC, text), None, "{text}");
        }
    }
}
