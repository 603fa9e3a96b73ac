//! Times of RFC 5545: dates, local times in a zone, instants, durations. Which zone a TZID means belongs to `zone`.

use chrono::{Days, NaiveDate, NaiveDateTime};

use super::line::Property;
use super::zone::Zones;
use crate::{
    calendar::{Fold, Zone},
    model::{
        time::{DAY, Instant},
        window::Wall,
    },
};

/// A point in time as the feed wrote it; floating times are local in the zone of their source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    Date(NaiveDate),
    Local(NaiveDateTime, Zone),
    Utc(Instant),
}

/// A length: days of the calendar and seconds of the clock, not negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Length {
    pub days: u64,
    pub secs: i64,
}

/// An RDATE: a start, with an end of its own where it is a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extra {
    pub start: Stamp,
    pub end: Option<Stamp>,
}

impl Stamp {
    /// The wall clock of `zone` that says the same.
    #[must_use]
    pub fn wall(self, zone: Zone) -> Wall {
        match self {
            Self::Date(date) => Wall::Date(date),
            Self::Local(local, own) if own == zone => Wall::Local(local),
            Self::Local(..) | Self::Utc(_) => Wall::Utc(self.instant(zone)),
        }
    }

    /// The local time in `zone`.
    #[must_use]
    pub fn local(self, zone: Zone) -> NaiveDateTime {
        match self {
            Self::Date(date) => date.and_time(chrono::NaiveTime::MIN),
            Self::Local(local, own) if own == zone => local,
            Self::Local(..) | Self::Utc(_) => zone.local(self.instant(zone)),
        }
    }

    /// The instant; a date is its midnight in `zone`.
    #[must_use]
    pub fn instant(self, zone: Zone) -> Instant {
        match self {
            Self::Date(date) => zone.midnight(date),
            Self::Local(local, own) => own.instant(local, Fold::First).0,
            Self::Utc(at) => at,
        }
    }

    /// The zone the wall clock is of: its own, UTC for an instant, `floating` for a date.
    #[must_use]
    pub fn zone(self, floating: Zone) -> Zone {
        match self {
            Self::Date(_) => floating,
            Self::Local(_, zone) => zone,
            Self::Utc(_) => Zone::UTC,
        }
    }

    /// The day a time stands for in a series of whole days: its date in its own zone. An instant is the midnight it is in
    /// `floating`; where it is none there, the nearest midnight, which is the one of whatever zone wrote it.
    #[must_use]
    pub fn day(self, floating: Zone) -> NaiveDate {
        match self {
            Self::Date(date) => date,
            Self::Local(local, _) => local.date(),
            Self::Utc(at) => {
                let local = floating.local(at);
                let half = chrono::Duration::hours(12);
                let utc = Zone::UTC.local(at);
                if local.time() == chrono::NaiveTime::MIN {
                    local.date()
                } else {
                    utc.checked_add_signed(half).unwrap_or(utc).date()
                }
            }
        }
    }

    /// Later by a length on the wall clock; `None` beyond the calendar.
    #[must_use]
    pub fn plus(self, length: Length) -> Option<Self> {
        let days = Days::new(length.days);
        Some(match self {
            Self::Date(date) if length.secs == 0 => Self::Date(date.checked_add_days(days)?),
            Self::Date(date) => Self::Date(date.checked_add_days(Days::new(
                length.days + u64::try_from((length.secs + DAY - 1) / DAY).ok()?,
            ))?),
            Self::Local(local, zone) => Self::Local(
                local
                    .checked_add_days(days)?
                    .checked_add_signed(chrono::Duration::try_seconds(length.secs)?)?,
                zone,
            ),
            Self::Utc(at) => Self::Utc(
                at.plus(i64::try_from(length.days).ok()?.checked_mul(DAY)?.checked_add(length.secs)?),
            ),
        })
    }
}

/// The times of a property, separated by commas; vCalendar 1.0 writes semicolons. A time without a zone is one of
/// `floating`: in a series that has a zone, the series' own.
///
/// # Errors
/// With what is wrong and what is allowed.
pub fn stamps(property: &Property, zones: &Zones, floating: Zone) -> Result<Vec<Stamp>, String> {
    property.value.split([',', ';']).map(|value| stamp(property, value, zones, floating)).collect()
}

/// The one time of a property.
///
/// # Errors
/// As [`stamps`].
pub fn one(property: &Property, zones: &Zones, floating: Zone) -> Result<Stamp, String> {
    stamp(property, &property.value, zones, floating)
}

/// The times or periods of an RDATE.
///
/// # Errors
/// As [`stamps`].
pub fn extras(property: &Property, zones: &Zones, floating: Zone) -> Result<Vec<Extra>, String> {
    let read = |value: &str| {
        let Some((start, end)) = value.split_once('/') else {
            return Ok(Extra { start: stamp(property, value, zones, floating)?, end: None });
        };
        let start = stamp(property, start, zones, floating)?;
        let end = match end.trim() {
            length if length.starts_with(['P', '+', '-']) => start.plus(duration(length)?),
            end => Some(stamp(property, end, zones, floating)?),
        };
        Ok(Extra { start, end })
    };
    property.value.split([',', ';']).map(read).collect()
}

fn stamp(property: &Property, value: &str, zones: &Zones, floating: Zone) -> Result<Stamp, String> {
    let value = value.trim();
    let wrong = || {
        format!(
            "{}: {value:?} is no time; write 20261125, 20261125T220000 or 20261125T210000Z",
            property.name
        )
    };
    let upper = value.to_ascii_uppercase();
    let (clock, utc) = upper.strip_suffix('Z').map_or((upper.as_str(), false), |clock| (clock, true));
    if clock.len() == 8 {
        return NaiveDate::parse_from_str(clock, "%Y%m%d").map(Stamp::Date).map_err(|_| wrong());
    }
    let local = NaiveDateTime::parse_from_str(clock, "%Y%m%dT%H%M%S")
        .or_else(|_| NaiveDateTime::parse_from_str(clock, "%Y%m%dT%H%M"))
        .map_err(|_| wrong())?;
    if property.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("DATE")) {
        return Ok(Stamp::Date(local.date()));
    }
    Ok(if utc {
        Stamp::Utc(Instant::from_naive_utc(local))
    } else {
        Stamp::Local(local, zones.of(property.param("TZID"), floating))
    })
}

/// A DURATION (§3.3.6): `PT1H30M`, `P1D`, `P2W`.
///
/// # Errors
/// When it is none, or negative.
pub fn duration(text: &str) -> Result<Length, String> {
    let wrong = || format!("{:?} is no duration; write PT1H30M, P1D or P2W", text.trim());
    let text = text.trim().to_ascii_uppercase();
    if text.starts_with('-') {
        return Err(format!("{text} is negative; an event ends after its start"));
    }
    let mut rest = text.strip_prefix('+').unwrap_or(&text).strip_prefix('P').ok_or_else(wrong)?;
    let (mut length, mut in_time) = (Length::default(), false);
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            (in_time, rest) = (true, after);
            continue;
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let number: u32 = rest[..digits].parse().map_err(|_| wrong())?;
        match (rest.get(digits..=digits).unwrap_or_default(), in_time) {
            ("W", false) => length.days += u64::from(number) * 7,
            ("D", false) => length.days += u64::from(number),
            ("H", true) => length.secs += i64::from(number) * 3600,
            ("M", true) => length.secs += i64::from(number) * 60,
            ("S", true) => length.secs += i64::from(number),
            _ => return Err(wrong()),
        }
        rest = rest.get(digits + 1..).unwrap_or_default();
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let length = |days, secs| Ok(Length { days, secs });
        let cases = [
            ("PT1H30M", length(0, 5400)),
            ("P1D", length(1, 0)),
            ("+P2W", length(14, 0)),
            ("P1DT12H", length(1, 43_200)),
            ("pt0s", length(0, 0)),
        ];
        for (text, want) in cases {
            assert_eq!(duration(text), want, "{text}");
        }
        for text in ["", "P", "1H", "P1H", "PT1", "-PT1H", "PTé", "P99999999999D"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
