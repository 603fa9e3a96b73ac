//! IANA zones: local times to instants and back, with the gap of spring and the fold of autumn.
//!
//! A record's local time is always read somehow ([`Zone::instant`]); a person's is refused where it is in doubt
//! ([`Zone::parse`]).

use chrono::{DateTime, Duration, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::{GapInfo, OffsetName, TZ_VARIANTS, Tz};

use crate::model::{
    time::{DAY, Instant, Span},
    window::Wall,
};

/// A zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

/// What a local time means in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Once(Instant),
    /// Autumn: the clock shows it twice.
    Twice {
        first: Instant,
        second: Instant,
    },
    /// Spring: the clock jumps over it; `after` is the first valid instant after the gap.
    Never {
        after: Instant,
    },
}

/// Which reading of a local time that occurs twice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    First,
    Second,
}

/// A change of a zone's offset. Offsets are seconds east of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub at: Instant,
    /// Seconds east of Greenwich until then.
    pub before: i32,
    /// Seconds east of Greenwich from then on.
    pub after: i32,
}

/// A zone over a span whose changes of offset are known: for reading many local times at little cost.
#[derive(Debug)]
pub struct Stretch {
    zone: Zone,
    /// From the first wall clock to before the second each occurs once, with this offset; the rest is asked of the zone.
    plain: Vec<(i64, i64, i32)>,
}

/// Reads ascending local times of a [`Stretch`].
#[derive(Debug, Clone, Copy)]
pub struct Ascending<'a> {
    stretch: &'a Stretch,
    at: usize,
}

/// No such zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time zone: write an IANA name such as Europe/Madrid, or UTC")]
pub struct ZoneError(pub String);

/// Why a time typed by a person is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocalError {
    #[error("{0:?} is no time: write 2026-11-25 22:00, 2026-11-25, or RFC 3339 with an offset")]
    Unreadable(String),
    #[error("{local} occurs twice in {zone}, the clock is set back: write {first} or {second}")]
    Twice { local: String, zone: &'static str, first: String, second: String },
    #[error("{local} does not exist in {zone}, the clock is set forward: write {before} or {after}")]
    Never { local: String, zone: &'static str, before: String, after: String },
}

impl Zone {
    /// Universal time, for boards that name no zone.
    pub const UTC: Self = Self(Tz::UTC);

    /// Finds a zone by its IANA name, without regard to case.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn named(name: &str) -> Result<Self, ZoneError> {
        let name = name.trim();
        name.parse()
            .ok()
            .or_else(|| TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name)))
            .map(Self)
            .ok_or_else(|| ZoneError(crate::model::text::clean_line(name).into_owned()))
    }

    /// The zone a board has in its settings; UTC where it has none or one that is not known.
    #[must_use]
    pub fn of_board(name: Option<&crate::model::Line>) -> Self {
        name.and_then(|name| Self::named(name).ok()).unwrap_or(Self::UTC)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Seconds east of UTC at an instant.
    #[must_use]
    pub fn offset(self, at: Instant) -> i32 {
        self.0.offset_from_utc_datetime(&at.to_utc().naive_utc()).fix().local_minus_utc()
    }

    /// What the clock on the wall shows.
    #[must_use]
    pub fn local(self, at: Instant) -> NaiveDateTime {
        let utc = at.to_utc().naive_utc();
        utc.checked_add_signed(Duration::seconds(i64::from(self.offset(at)))).unwrap_or(utc)
    }

    /// The day that a moment falls on here.
    #[must_use]
    pub fn date(self, at: Instant) -> NaiveDate {
        self.local(at).date()
    }

    /// The letters of the zone at an instant (`CET`), or its offset where it has none (`+0530`).
    #[must_use]
    pub fn abbreviation(self, at: Instant) -> String {
        let offset = self.0.offset_from_utc_datetime(&at.to_utc().naive_utc());
        match offset.abbreviation() {
            Some(letters) if letters.starts_with(|c: char| c.is_ascii_alphabetic()) => letters.to_owned(),
            _ => offset_label(offset.fix().local_minus_utc()),
        }
    }

    /// What a local time means here.
    #[must_use]
    pub fn read(self, local: NaiveDateTime) -> Reading {
        let at = |offset: i32| Instant::from_naive_utc(local).plus(-i64::from(offset));
        match self.0.offset_from_local_datetime(&local) {
            MappedLocalTime::Single(offset) => Reading::Once(at(offset.fix().local_minus_utc())),
            MappedLocalTime::Ambiguous(a, b) => {
                let (a, b) = (at(a.fix().local_minus_utc()), at(b.fix().local_minus_utc()));
                Reading::Twice { first: a.min(b), second: a.max(b) }
            }
            MappedLocalTime::None => {
                let end: Option<DateTime<Tz>> = GapInfo::new(&local, &self.0).and_then(|gap| gap.end);
                let after = end.map_or_else(
                    || at(self.offset(Instant::from_naive_utc(local))),
                    |end| Instant::from_utc(end.to_utc()),
                );
                Reading::Never { after }
            }
        }
    }

    /// The instant of a local time, and whether a gap or a fold altered it (rules § Time).
    #[must_use]
    pub fn instant(self, local: NaiveDateTime, fold: Fold) -> (Instant, bool) {
        match (self.read(local), fold) {
            (Reading::Once(at), _) => (at, false),
            (Reading::Twice { first: at, .. }, Fold::First)
            | (Reading::Twice { second: at, .. }, Fold::Second)
            | (Reading::Never { after: at }, _) => (at, true),
        }
    }

    /// The local day: 23, 24 or 25 hours. `None` for a day the zone skipped.
    #[must_use]
    pub fn day(self, date: NaiveDate) -> Option<Span> {
        let next = date.succ_opt()?;
        Span::new(self.midnight(date), self.midnight(next))
    }

    /// The first instant of a local day.
    #[must_use]
    pub fn midnight(self, date: NaiveDate) -> Instant {
        self.instant(date.and_time(NaiveTime::MIN), Fold::First).0
    }

    /// The changes of offset in `(start, end)`, in order. Changes less than a week apart that cancel each other go unseen.
    #[must_use]
    pub fn transitions(self, span: Span) -> Vec<Transition> {
        let mut found = Vec::new();
        let (mut from, mut before) = (span.start(), self.offset(span.start()));
        while from.plus(1) < span.end() {
            let to = from.plus(7 * DAY).min(span.end().plus(-1));
            if self.offset(to) == before {
                from = to;
                continue;
            }
            let at = self.bisect(from, to, before);
            let after = self.offset(at);
            found.push(Transition { at, before, after });
            (from, before) = (at, after);
        }
        found
    }

    /// The zone over a span, for many readings.
    #[must_use]
    pub fn over(self, span: Span) -> Stretch {
        let offset = self.offset(span.start());
        let mut plain = Vec::new();
        let (mut from, mut before) = (span.start().secs() + i64::from(offset), offset);
        for change in self.transitions(span) {
            let at = change.at.secs();
            plain.push((from, at + i64::from(change.before.min(change.after)), before));
            (from, before) = (at + i64::from(change.before.max(change.after)), change.after);
        }
        plain.push((from, span.end().secs() + i64::from(before), before));
        Stretch { zone: self, plain }
    }

    /// Whether the offset differs anywhere within a span: what the Δ mark says.
    #[must_use]
    pub fn crosses(self, span: Span) -> bool {
        !self.transitions(span).is_empty()
    }

    /// The first instant after `from` (which has offset `before`) and up to `to` with another offset.
    fn bisect(self, mut from: Instant, mut to: Instant, before: i32) -> Instant {
        while to - from > 1 {
            let middle = from.plus((to - from) / 2);
            if self.offset(middle) == before { from = middle } else { to = middle }
        }
        to
    }

    /// Reads a time typed by a person: RFC 3339, or local in this zone; a date is its midnight.
    ///
    /// # Errors
    /// When it cannot be read, or the local time occurs twice or not at all: both readings are named.
    pub fn parse(self, text: &str) -> Result<Instant, LocalError> {
        let wall: Wall = text
            .parse()
            .map_err(|_| LocalError::Unreadable(crate::model::text::clean_line(text.trim()).into_owned()))?;
        let local = match (wall, wall.local()) {
            (Wall::Utc(at), _) => return Ok(at),
            (Wall::Date(_) | Wall::Local(_), Some(local)) => local,
            (Wall::Date(_) | Wall::Local(_), None) => return Err(LocalError::Unreadable(text.to_owned())),
        };
        let shown = local.format("%Y-%m-%d %H:%M").to_string();
        match self.read(local) {
            Reading::Once(at) => Ok(at),
            Reading::Twice { first, second } => Err(LocalError::Twice {
                local: shown,
                zone: self.name(),
                first: self.rfc3339(first),
                second: self.rfc3339(second),
            }),
            Reading::Never { after } => Err(LocalError::Never {
                local: shown,
                zone: self.name(),
                before: self.rfc3339(after.plus(-60)),
                after: self.rfc3339(after),
            }),
        }
    }

    /// An instant with the zone's offset: `2026-10-25T02:30:00+02:00`.
    #[must_use]
    pub fn rfc3339(self, at: Instant) -> String {
        at.to_utc().with_timezone(&self.0).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
    }
}

impl Stretch {
    /// Its moments in order, each once, whatever clocks did.
    #[must_use]
    pub fn ascending(&self) -> Ascending<'_> {
        Ascending { stretch: self, at: 0 }
    }
}

impl Ascending<'_> {
    /// As [`Zone::instant`], of a wall clock in seconds. One that is earlier than the one before is read as well, only
    /// slower.
    pub fn instant(&mut self, wall: i64, fold: Fold) -> (Instant, bool) {
        let plain = &self.stretch.plain;
        while plain.get(self.at).is_some_and(|(_, to, _)| wall >= *to) {
            self.at += 1;
        }
        match plain.get(self.at) {
            Some((from, _, offset)) if wall >= *from => {
                (Instant::from_secs(wall - i64::from(*offset)), false)
            }
            _ => {
                let local = DateTime::from_timestamp(wall, 0).unwrap_or_default().naive_utc();
                self.stretch.zone.instant(local, fold)
            }
        }
    }
}

impl std::str::FromStr for Zone {
    type Err = ZoneError;
    fn from_str(name: &str) -> Result<Self, ZoneError> {
        Self::named(name)
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

fn offset_label(secs: i32) -> String {
    let (sign, minutes) = (if secs < 0 { '-' } else { '+' }, secs.abs() / 60);
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse::<Wall>().unwrap().local().unwrap()
    }

    #[test]
    fn names() {
        assert_eq!(Zone::named("europe/madrid").unwrap().name(), "Europe/Madrid");
        assert_eq!(Zone::named("UTC").unwrap(), Zone::UTC);
        let error = Zone::named("Madrid\x1b[2J").unwrap_err().to_string();
        assert!(error.contains("\"Madrid\" is no time zone"), "{error}");
    }

    #[test]
    fn local_times_are_read() {
        let cases = [
            ("winter", "Europe/Madrid", "2026-11-25T22:00", Reading::Once(at("2026-11-25T21:00:00Z"))),
            ("summer", "Europe/Madrid", "2026-07-01T22:00", Reading::Once(at("2026-07-01T20:00:00Z"))),
            (
                "gap",
                "Europe/Madrid",
                "2026-03-29T02:30",
                Reading::Never { after: at("2026-03-29T01:00:00Z") },
            ),
            (
                "gap starts",
                "Europe/Madrid",
                "2026-03-29T02:00",
                Reading::Never { after: at("2026-03-29T01:00:00Z") },
            ),
            ("gap is over", "Europe/Madrid", "2026-03-29T03:00", Reading::Once(at("2026-03-29T01:00:00Z"))),
            (
                "fold",
                "Europe/Madrid",
                "2026-10-25T02:30",
                Reading::Twice { first: at("2026-10-25T00:30:00Z"), second: at("2026-10-25T01:30:00Z") },
            ),
            ("fold is over", "Europe/Madrid", "2026-10-25T03:00", Reading::Once(at("2026-10-25T02:00:00Z"))),
            (
                "midnight gap",
                "America/Havana",
                "2026-03-08T00:00",
                Reading::Never { after: at("2026-03-08T05:00:00Z") },
            ),
            (
                "half an hour",
                "Australia/Lord_Howe",
                "2026-10-04T02:15",
                Reading::Never { after: at("2026-10-03T15:30:00Z") },
            ),
            (
                "a lost day",
                "Pacific/Apia",
                "2011-12-30T12:00",
                Reading::Never { after: at("2011-12-30T10:00:00Z") },
            ),
        ];
        for (name, zone, given, want) in cases {
            assert_eq!(Zone::named(zone).unwrap().read(local(given)), want, "{name}");
        }
    }

    #[test]
    fn people_are_asked_when_in_doubt() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        assert_eq!(zone.parse(" 2026-11-25 22:00 "), Ok(at("2026-11-25T21:00:00Z")));
        assert_eq!(zone.parse("2026-11-25T21:00:00Z"), Ok(at("2026-11-25T21:00:00Z")));
        assert_eq!(zone.parse("2026-11-25"), Ok(at("2026-11-24T23:00:00Z")));
        assert_eq!(
            zone.parse("2026-10-25 02:30").unwrap_err().to_string(),
            "2026-10-25 02:30 occurs twice in Europe/Madrid, the clock is set back: \
             write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"
        );
        assert_eq!(
            zone.parse("2026-03-29 02:30").unwrap_err().to_string(),
            "2026-03-29 02:30 does not exist in Europe/Madrid, the clock is set forward: \
             write 2026-03-29T01:59:00+01:00 or 2026-03-29T03:00:00+02:00"
        );
        assert!(matches!(zone.parse("tomorrow"), Err(LocalError::Unreadable(_))));
    }

    #[test]
    fn days_have_their_hours() {
        let cases = [
            ("Europe/Madrid", "2026-03-29", Some(23)),
            ("Europe/Madrid", "2026-06-01", Some(24)),
            ("Europe/Madrid", "2026-10-25", Some(25)),
            ("Pacific/Apia", "2011-12-30", None),
        ];
        for (zone, date, want) in cases {
            let day = Zone::named(zone).unwrap().day(date.parse().unwrap());
            assert_eq!(day.map(|day| day.secs() / 3600), want, "{zone} {date}");
        }
    }

    #[test]
    fn changes_of_offset_are_found() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let year = Span::new(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).unwrap();
        let want = [
            Transition { at: at("2026-03-29T01:00:00Z"), before: 3600, after: 7200 },
            Transition { at: at("2026-10-25T01:00:00Z"), before: 7200, after: 3600 },
        ];
        assert_eq!(zone.transitions(year), want);
        let upto = Span::new(at("2026-03-28T00:00:00Z"), at("2026-03-29T01:00:00Z")).unwrap();
        assert!(!zone.crosses(upto) && zone.crosses(Span::new(upto.start(), upto.end().plus(1)).unwrap()));
        assert!(!Zone::UTC.crosses(year));
    }

    #[test]
    fn a_stretch_reads_as_the_zone_does() {
        let zones = ["UTC", "Europe/Madrid", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia"];
        let more = ["Africa/Casablanca", "Asia/Gaza", "Asia/Kolkata", "America/St_Johns", "Africa/Cairo"];
        for name in zones.into_iter().chain(more) {
            let zone = Zone::named(name).unwrap();
            let span = Span::new(at("2010-06-01T00:00:00Z"), at("2014-06-01T00:00:00Z")).unwrap();
            let stretch = zone.over(span);
            for fold in [Fold::First, Fold::Second] {
                let mut read = stretch.ascending();
                let before = span.start().secs() - 3 * DAY;
                for wall in (before..span.end().secs() + 3 * DAY).step_by(17 * 60) {
                    let local = DateTime::from_timestamp(wall, 0).unwrap().naive_utc();
                    assert_eq!(read.instant(wall, fold), zone.instant(local, fold), "{name} {local}");
                }
                let (again, local) = (span.start().secs(), local("2010-06-01T00:00"));
                assert_eq!(read.instant(again, fold), zone.instant(local, fold), "{name}: back again");
            }
        }
    }

    #[test]
    fn letters_or_an_offset() {
        let cases = [
            ("Europe/Madrid", "2026-01-01T00:00:00Z", "CET"),
            ("Europe/Madrid", "2026-07-01T00:00:00Z", "CEST"),
            ("Asia/Colombo", "2026-01-01T00:00:00Z", "+0530"),
            ("America/Sao_Paulo", "2026-01-01T00:00:00Z", "-0300"),
            ("UTC", "2026-01-01T00:00:00Z", "UTC"),
        ];
        for (zone, when, want) in cases {
            assert_eq!(Zone::named(zone).unwrap().abbreviation(at(when)), want, "{zone}");
        }
    }
}
