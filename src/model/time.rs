//! Instants and spans. All instants are UTC seconds; spans are half-open.
//!
//! Zones, wall clocks and recurrence belong to `calendar`; this file only holds what a record needs to name a time.

use std::{fmt, num::NonZeroI64, ops, str::FromStr};

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A UTC instant in whole seconds since 1970-01-01T00:00:00Z. Written as RFC 3339 with `Z`; fractions are dropped.
///
/// Held as seconds counted from just before [`Instant::MIN`], so that none is nought and an instant that may be missing
/// takes no more room than one that is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transparent))]
pub struct Instant(#[cfg_attr(feature = "schema", schemars(with = "DateTime<Utc>"))] NonZeroI64);

/// Seconds of a minute.
pub const MINUTE: i64 = 60;
/// Seconds of an hour.
pub const HOUR: i64 = 3600;
/// Seconds of a day of 24 hours; days of a calendar are counted in their zone.
pub const DAY: i64 = 86_400;

/// The seconds of the years 1 and 9999 where they begin and end.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

const ONE: NonZeroI64 = match NonZeroI64::new(1) {
    Some(one) => one,
    None => NonZeroI64::MAX,
};

/// The start of 1970.
impl Default for Instant {
    fn default() -> Self {
        Self::from_secs(0)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Instant").field(&self.secs()).finish()
    }
}

impl Instant {
    /// The first and last instants that can be shown: years 1 to 9999.
    pub const MIN: Self = Self(ONE);
    /// The last moment that is written with four digits of year.
    pub const MAX: Self = Self::from_secs(LAST);

    /// Seconds since the epoch, kept within [`Instant::MIN`] and [`Instant::MAX`].
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        let secs = if secs > LAST { LAST } else { secs };
        match NonZeroI64::new(if secs < FIRST { 0 } else { secs - FIRST + 1 }) {
            Some(held) => Self(held),
            None => Self::MIN,
        }
    }

    /// Seconds since 1970 in universal time.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.get() - 1 + FIRST
    }

    /// The second in which a moment lies; what is finer is dropped.
    #[must_use]
    pub fn from_utc(at: DateTime<Utc>) -> Self {
        Self::from_secs(at.timestamp())
    }

    /// The moment for calendars.
    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.secs(), 0).unwrap_or_default()
    }

    /// A UTC wall clock read as an instant.
    #[must_use]
    pub fn from_naive_utc(at: NaiveDateTime) -> Self {
        Self::from_utc(at.and_utc())
    }

    /// The instant `secs` later (earlier when negative), saturating.
    #[must_use]
    pub const fn plus(self, secs: i64) -> Self {
        Self::from_secs(self.secs().saturating_add(secs))
    }

    /// Floored to the minute, as derivation sees now.
    #[must_use]
    pub const fn floor_minute(self) -> Self {
        Self::from_secs(self.secs() - self.secs().rem_euclid(MINUTE))
    }
}

impl ops::Sub for Instant {
    type Output = i64;
    /// Seconds from `other` to `self`.
    fn sub(self, other: Self) -> i64 {
        self.secs() - other.secs()
    }
}

impl FromStr for Instant {
    type Err = chrono::ParseError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(s.trim()).map(|at| Self::from_utc(at.to_utc()))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() { s.collect_str(self) } else { s.serialize_i64(self.secs()) }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if !d.is_human_readable() {
            return Ok(Self::from_secs(i64::deserialize(d)?));
        }
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(|_| {
            serde::de::Error::custom(format!(
                "{text:?} is no instant: write RFC 3339 with an offset, such as 2026-11-25T21:00:00Z"
            ))
        })
    }
}

/// A half-open span `[start, end)` that is never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Span {
    start: Instant,
    end: Instant,
}

impl Span {
    /// `None` when the end is not after the start.
    #[must_use]
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// Its first second.
    #[must_use]
    pub const fn start(self) -> Instant {
        self.start
    }

    /// The first instant that is no longer inside.
    #[must_use]
    pub const fn end(self) -> Instant {
        self.end
    }

    /// Length in seconds, at least 1.
    #[must_use]
    pub fn secs(self) -> i64 {
        self.end - self.start
    }

    /// Length in whole minutes, rounded down.
    #[must_use]
    pub fn minutes(self) -> i64 {
        self.secs() / MINUTE
    }

    /// Whether a moment lies in it: the first second does, the end does not.
    #[must_use]
    pub fn contains(self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// Whether `other` lies within this span.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether both have a second in common; touching is none.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// What both have in common; back-to-back spans have nothing.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The same length, starting at `start`.
    #[must_use]
    pub fn moved_to(self, start: Instant) -> Self {
        let end = start.plus(self.secs());
        Self { start: start.min(end.plus(-1)), end }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            start: Instant,
            end: Instant,
        }
        let raw = Raw::deserialize(d)?;
        Self::new(raw.start, raw.end)
            .ok_or_else(|| serde::de::Error::custom("the end must be after the start"))
    }
}

/// When an activity is (rules § Things): a proper span, a point (an end is missing or not after the start), or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum When {
    Unknown,
    Point(Instant),
    Span(Span),
}

impl When {
    /// What a start and an end make: a span where the end is later, a point without such an end, and unknown without a start.
    #[must_use]
    pub fn of(start: Option<Instant>, end: Option<Instant>) -> Self {
        match (start, end) {
            (None, _) => Self::Unknown,
            (Some(start), Some(end)) => Span::new(start, end).map_or(Self::Point(start), Self::Span),
            (Some(start), None) => Self::Point(start),
        }
    }

    /// Where it begins, as far as that is known.
    #[must_use]
    pub fn start(self) -> Option<Instant> {
        match self {
            Self::Unknown => None,
            Self::Point(at) => Some(at),
            Self::Span(span) => Some(span.start()),
        }
    }

    /// The span, where both ends are known.
    #[must_use]
    pub fn span(self) -> Option<Span> {
        match self {
            Self::Span(span) => Some(span),
            Self::Unknown | Self::Point(_) => None,
        }
    }

    /// Some of it lies in a span; a point at its start does, one at its end does not.
    #[must_use]
    pub fn touches(self, span: Span) -> bool {
        match self {
            Self::Unknown => false,
            Self::Point(at) => span.contains(at),
            Self::Span(own) => own.overlaps(span),
        }
    }

    /// All of it lies in a span.
    #[must_use]
    pub fn within(self, span: Span) -> bool {
        match self {
            Self::Unknown => false,
            Self::Point(at) => span.start() <= at && at <= span.end(),
            Self::Span(own) => span.covers(own),
        }
    }
}

/// The effective times (rules § Things): actual before planned; once started and not ended, the later of planned end and now.
#[must_use]
pub fn effective(
    planned: (Option<Instant>, Option<Instant>),
    actual: (Option<Instant>, Option<Instant>),
    now: Instant,
) -> When {
    let start = actual.0.or(planned.0);
    let end = match (actual.0, actual.1) {
        (_, Some(end)) => Some(end),
        (Some(_), None) => Some(planned.1.map_or(now, |end| end.max(now))),
        (None, None) => planned.1,
    };
    When::of(start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Instant {
        Instant::from_secs(1_795_000_000 + minute * MINUTE)
    }

    #[test]
    fn back_to_back_is_not_an_overlap() {
        let a = Span::new(at(0), at(60)).unwrap();
        let b = Span::new(at(60), at(90)).unwrap();
        assert!(!a.overlaps(b) && a.intersection(b).is_none());
        assert_eq!(Span::new(at(5), at(5)), None);
    }

    #[test]
    fn a_point_lies_in_a_span_too() {
        let span = Span::new(at(0), at(60)).unwrap();
        let point = |minute| When::of(Some(at(minute)), None);
        let asked = |when: When| (when.touches(span), when.within(span));
        assert_eq!(asked(point(-1)), (false, false));
        assert_eq!(asked(point(0)), (true, true));
        assert_eq!(
            asked(point(60)),
            (false, true),
            "a run that begins then is the next one's, one that ended is this one's"
        );
        assert_eq!(asked(When::of(Some(at(5)), Some(at(5)))), (true, true), "begun and ended in one second");
        assert_eq!(asked(When::of(Some(at(-5)), Some(at(5)))), (true, false));
        assert_eq!(asked(When::Unknown), (false, false));
    }

    #[test]
    fn effective_times() {
        let (p, q, now) = (Some(at(0)), Some(at(60)), at(90));
        let cases = [
            ("planned", (p, q), (None, None), When::of(p, q)),
            ("started late, still on", (p, q), (Some(at(10)), None), When::of(Some(at(10)), Some(at(90)))),
            ("done", (p, q), (Some(at(10)), Some(at(20))), When::of(Some(at(10)), Some(at(20)))),
            ("no end", (p, None), (None, None), When::Point(at(0))),
            ("started, no planned end", (p, None), (p, None), When::of(p, Some(now))),
            ("end before start", (q, p), (None, None), When::Point(at(60))),
            ("nothing", (None, q), (None, None), When::Unknown),
        ];
        for (name, planned, actual, want) in cases {
            assert_eq!(effective(planned, actual, now), want, "{name}");
        }
    }

    #[test]
    fn instants_read_and_write() {
        for (text, want) in [
            ("2026-11-25T22:00:00+01:00", "2026-11-25T21:00:00Z"),
            ("2026-11-25T21:00:00.9Z", "2026-11-25T21:00:00Z"),
        ] {
            assert_eq!(text.parse::<Instant>().unwrap().to_string(), want);
        }
        assert!("2026-11-25 21:00".parse::<Instant>().is_err());
    }
}
