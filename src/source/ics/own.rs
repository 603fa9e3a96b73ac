//! A zone as a VTIMEZONE defines it: onsets and offsets, and the IANA zone that comes nearest to it.
//!
//! Windows carry IANA names alone. Where none keeps the hours of the file, the nearest carries the series, and `exact`
//! mends the occurrences at which the two differ.

use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::TZ_VARIANTS;

use super::{line::Component, windows_zones};
use crate::{
    calendar::{
        Fold, Zone,
        recurrence::{Recurrence, wall_clock, wall_secs},
        rule,
    },
    model::{
        Span,
        time::{DAY, HOUR, Instant},
    },
};

/// The years for which onsets are known: 1970 to 2100.
const KNOWN: (i64, i64) = (0, 131 * 366 * DAY);
/// How long after its last onset a definition that lists them is believed.
const AFTER_LAST: i64 = 120 * DAY;

/// When the offset of a zone changes, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Sorted; the offset before the first onset stands at the beginning of time.
    onsets: Vec<(Instant, i32)>,
    /// The time that the file itself speaks of: from the first onset to soon after the last where none recurs for ever.
    covered: (Instant, Instant),
}

impl Own {
    /// One offset at all times, in seconds east of UTC.
    #[must_use]
    pub fn constant(offset: i32) -> Self {
        Self { onsets: vec![(Instant::MIN, offset)], covered: (Instant::MIN, Instant::MAX) }
    }

    /// Reads a VTIMEZONE; `None` where it cannot be told what it does.
    #[must_use]
    pub fn of(component: &Component) -> Option<Self> {
        let mut onsets = Vec::new();
        let mut open = false;
        let parts =
            component.children.iter().filter(|part| part.name == "STANDARD" || part.name == "DAYLIGHT");
        for part in parts {
            open |= observance(part, &mut onsets)?;
        }
        onsets.sort_unstable();
        onsets.dedup();
        let (first, before) = onsets.first().map(|(at, before, _)| (*at, *before))?;
        let last = onsets.last().map_or(first, |(at, _, _)| *at);
        let changes = onsets.len() > 1 && onsets.iter().any(|(_, from, to)| from != to);
        let until = if open || !changes { Instant::MAX } else { last.plus(AFTER_LAST) };
        let known = onsets.into_iter().map(|(at, _, after)| (at, after));
        let onsets = std::iter::once((Instant::MIN, before)).chain(known).collect();
        Some(Self { onsets, covered: (first, until) })
    }

    /// Whether it ends: it lists its onsets and says nothing of later years.
    #[must_use]
    pub fn ends(&self) -> bool {
        self.covered.1 != Instant::MAX
    }

    /// Seconds east of UTC.
    #[must_use]
    pub fn offset(&self, at: Instant) -> i32 {
        let after = self.onsets.partition_point(|(onset, _)| *onset <= at);
        self.onsets.get(after.saturating_sub(1)).map_or(0, |(_, offset)| *offset)
    }

    /// What a local time means: in a gap the first instant after it, as everywhere (rules § Time).
    #[must_use]
    pub fn instant(&self, local: NaiveDateTime, fold: Fold) -> Instant {
        let at = |offset: i32| Instant::from_naive_utc(local).plus(-i64::from(offset));
        let near = at(0);
        let from = self.onsets.partition_point(|(onset, _)| *onset < near.plus(-2 * DAY)).saturating_sub(1);
        let to = self.onsets.partition_point(|(onset, _)| *onset <= near.plus(2 * DAY));
        let around = self.onsets.get(from..to).unwrap_or_default();
        let mut read: Vec<Instant> = around
            .iter()
            .map(|(_, offset)| at(*offset))
            .filter(|found| at(self.offset(*found)) == *found)
            .collect();
        read.sort_unstable();
        let gap = || around.iter().map(|(onset, _)| *onset).find(|onset| local_of(self, *onset) > local);
        match fold {
            Fold::First => read.first(),
            Fold::Second => read.last(),
        }
        .copied()
        .or_else(gap)
        .unwrap_or(near)
    }

    /// The spans within which its offset is another than that of a zone.
    #[must_use]
    pub fn differs(&self, zone: Zone, span: Span) -> Vec<Span> {
        let mut edges: Vec<Instant> = zone.transitions(span).into_iter().map(|change| change.at).collect();
        edges.extend(self.onsets.iter().map(|(at, _)| *at).filter(|at| span.contains(*at)));
        edges.extend([span.start(), span.end()]);
        edges.sort_unstable();
        edges.dedup();
        let pairs = edges.windows(2).filter_map(|two| Span::new(two[0], two[1]));
        pairs.filter(|part| self.offset(part.start()) != zone.offset(part.start())).collect()
    }

    /// The IANA zone that keeps the same hours, or the one that comes nearest; and whether they are the same. Compared in
    /// the time the file speaks of, around `around`; of equals the source's own first, then those people use.
    #[must_use]
    pub fn nearest(&self, floating: Zone, around: Instant) -> (Zone, bool) {
        let samples = self.samples(around);
        let common = windows_zones::common().filter_map(|name| Zone::named(name).ok());
        let all = TZ_VARIANTS.iter().filter_map(|zone| Zone::named(zone.name()).ok());
        let mut best = (usize::MAX, floating);
        for zone in [floating, Zone::UTC].into_iter().chain(common).chain(all) {
            let misses =
                samples.iter().filter(|(at, offset)| zone.offset(*at) != *offset).take(best.0).count();
            if misses < best.0 {
                best = (misses, zone);
            }
            if misses == 0 {
                break;
            }
        }
        (best.1, best.0 == 0)
    }

    /// Instants and offsets at which zones are compared: every month of some three years, and beside every onset.
    fn samples(&self, around: Instant) -> Vec<(Instant, i32)> {
        let (first, last) = self.covered;
        let from = around.plus(-400 * DAY).max(first).min(if self.ends() { first } else { Instant::MAX });
        let until = if self.ends() { last } else { from.plus(1200 * DAY) };
        let months = (0..40).map(|month| from.plus(month * 30 * DAY));
        let edges = self.onsets.iter().flat_map(|(at, _)| [at.plus(-HOUR), *at]);
        let within = |at: &Instant| from <= *at && *at < until;
        months.chain(edges).filter(within).map(|at| (at, self.offset(at))).collect()
    }
}

fn local_of(own: &Own, onset: Instant) -> NaiveDateTime {
    wall_clock(onset.secs() + i64::from(own.offset(onset)))
}

/// Adds the onsets of a STANDARD or DAYLIGHT, each with the offsets before and after; whether it recurs without an end.
fn observance(part: &Component, onsets: &mut Vec<(Instant, i32, i32)>) -> Option<bool> {
    let before = utc_offset(&part.text("TZOFFSETFROM")?)?;
    let after = utc_offset(&part.text("TZOFFSETTO")?)?;
    let start = part.get("DTSTART").and_then(|property| local(&property.value))?;
    let mut walls = vec![wall_secs(start)];
    for property in part.all("RDATE") {
        walls.extend(property.value.split(',').filter_map(local).map(wall_secs));
    }
    let mut open = false;
    for property in part.all("RRULE") {
        let Some(rule) = rule::read(&property.value).ok().and_then(|reading| reading.rule) else { continue };
        open |= rule.until.is_none() && rule.count.is_none();
        let until = rule
            .until
            .and_then(|until| until.wall(Zone::UTC).checked_add_signed(TimeDelta::seconds(before.into())));
        Recurrence::new(&rule, start, false, until).between(KNOWN.0, KNOWN.1, &mut walls).ok()?;
    }
    onsets.extend(
        walls
            .into_iter()
            .map(|wall| (Instant::from_naive_utc(wall_clock(wall)).plus(-i64::from(before)), before, after)),
    );
    Some(open)
}

fn local(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text.trim().trim_end_matches('Z'), "%Y%m%dT%H%M%S").ok()
}

/// `+0100`, `-073000`: seconds east of UTC.
fn utc_offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.trim().split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |two| two.parse::<i32>().ok());
    (digits.len() >= 4).then_some(())?;
    let offset = part(0)? * 3600 + part(2)? * 60 + part(4)?;
    (offset < 24 * 3600).then_some(sign * offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ics::{
        line::parse,
        tests::{NOTES, ZonePart, zone_of},
    };

    fn own(parts: &[ZonePart<'_>]) -> Own {
        Own::of(&parse(zone_of("x", parts).as_bytes()).children[0]).unwrap()
    }

    fn notes() -> Own {
        own(&NOTES)
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn clock(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn local_times_are_read_as_the_file_says() {
        let notes = notes();
        let cases = [
            ("winter", "2026-12-07T16:00:00", "2026-12-07T15:00:00Z", "2026-12-07T15:00:00Z"),
            ("summer", "2026-07-07T16:00:00", "2026-07-07T14:00:00Z", "2026-07-07T14:00:00Z"),
            (
                "its own fold, an hour before the usual one",
                "2026-10-25T01:30:00",
                "2026-10-24T23:30:00Z",
                "2026-10-25T00:30:00Z",
            ),
            ("the usual fold is none", "2026-10-25T02:30:00", "2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z"),
            ("a gap", "2026-03-29T02:30:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
        ];
        for (name, local, first, second) in cases {
            assert_eq!(notes.instant(clock(local), Fold::First), at(first), "{name}");
            assert_eq!(notes.instant(clock(local), Fold::Second), at(second), "{name}");
        }
    }

    #[test]
    fn the_nearest_zone_and_where_it_differs() {
        let around = at("2026-12-07T00:00:00Z");
        let (zone, same) = notes().nearest(Zone::UTC, around);
        assert!(!same && zone.offset(around) == 3600, "{zone}");
        let year = Span::new(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).unwrap();
        let hour = Span::new(at("2026-10-25T00:00:00Z"), at("2026-10-25T01:00:00Z")).unwrap();
        assert_eq!(notes().differs(zone, year), [hour]);
        let one_year = own(&[
            ("DAYLIGHT", "20260329T020000", "+0100", "+0200", ""),
            ("STANDARD", "20261025T030000", "+0200", "+0100", ""),
        ]);
        let (zone, same) = one_year.nearest(Zone::UTC, around);
        assert!(same && one_year.ends() && zone.offset(at("2027-07-01T00:00:00Z")) == 7200, "{zone}");
        let eras = own(&[
            (
                "DAYLIGHT",
                "19870405T020000",
                "-0500",
                "-0400",
                "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z\n",
            ),
            (
                "STANDARD",
                "19671029T020000",
                "-0400",
                "-0500",
                "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z\n",
            ),
            ("DAYLIGHT", "20070311T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\n"),
            ("STANDARD", "20071104T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\n"),
        ]);
        assert_eq!(eras.nearest(Zone::UTC, around), (Zone::named("America/New_York").unwrap(), true));
        assert_eq!(
            eras.instant(clock("2006-03-20T12:00:00"), Fold::First),
            at("2006-03-20T17:00:00Z"),
            "the old era"
        );
        assert_eq!(
            eras.instant(clock("2007-03-20T12:00:00"), Fold::First),
            at("2007-03-20T16:00:00Z"),
            "the new one"
        );
        assert_eq!(Own::constant(5 * 3600 + 1800).nearest(Zone::UTC, around).0.offset(around), 19_800);
    }

    #[test]
    fn offsets() {
        for (text, want) in [
            ("+0100", Some(3600)),
            ("-0730", Some(-27_000)),
            ("+011730", Some(4650)),
            ("0100", None),
            ("+1", None),
            ("+9900", None),
            ("", None),
        ] {
            assert_eq!(utc_offset(text), want, "{text}");
        }
    }
}
