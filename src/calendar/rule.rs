//! The value of an RFC 5545 RRULE, read and checked; what it yields belongs to `recurrence`, and what real files write
//! beside the standard to `field`.

mod field; // what the field writes

use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use super::zone::Zone;
use crate::model::{text::clean_line, time::Instant};
pub use field::{Reading, read};

/// The unit a rule repeats by, finest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freq {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// Until when a rule repeats, inclusive, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The end of that day.
    Date(NaiveDate),
    Local(NaiveDateTime),
    Utc(Instant),
}

/// A recurrence rule. Empty lists say nothing; lists are as written, unsorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub freq: Freq,
    /// Every how many of the frequency, from 1.
    pub interval: u32,
    /// How many occurrences there are; none does not end by number.
    pub count: Option<u32>,
    /// Until when, inclusive; none does not end by time.
    pub until: Option<Until>,
    pub seconds: Vec<u32>,
    pub minutes: Vec<u32>,
    pub hours: Vec<u32>,
    /// Weekdays, each with its number within the month or year where it has one (`-1SU`).
    pub days: Vec<(Option<i32>, Weekday)>,
    pub month_days: Vec<i32>,
    pub year_days: Vec<i32>,
    pub weeks: Vec<i32>,
    pub months: Vec<u32>,
    pub positions: Vec<i32>,
    pub week_start: Weekday,
}

/// Why a text is no recurrence rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("the rule has no FREQ: write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY first")]
    NoFreq,
    #[error("{0:?} is no part of a recurrence rule: write NAME=VALUE, as in FREQ=WEEKLY;BYDAY=WE")]
    Unknown(String),
    #[error("{part} is given twice: keep one")]
    Twice { part: &'static str },
    #[error("{part}={value}: {want}")]
    Value { part: &'static str, value: String, want: &'static str },
    #[error("{0:?} is no rule of vCalendar 1.0 that can be read; write it as FREQ=WEEKLY;BYDAY=WE")]
    VCalendar(String),
}

const PARTS: [&str; 14] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
];

impl Until {
    /// The last second that still counts, on the wall clock of a zone.
    #[must_use]
    pub fn wall(self, zone: Zone) -> NaiveDateTime {
        match self {
            Self::Date(date) => date.and_hms_opt(23, 59, 59).unwrap_or(date.and_time(NaiveTime::MIN)),
            Self::Local(local) => local,
            Self::Utc(at) => zone.local(at),
        }
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let text = field::bare(text);
        let mut values: [Option<String>; 14] = Default::default();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let unknown = || RuleError::Unknown(clean_line(part).into_owned());
            let (name, value) = part.split_once('=').ok_or_else(unknown)?;
            let index =
                PARTS.iter().position(|known| name.trim().eq_ignore_ascii_case(known)).ok_or_else(unknown)?;
            if values[index].replace(value.trim().to_ascii_uppercase()).is_some() {
                return Err(RuleError::Twice { part: PARTS[index] });
            }
        }
        let rule = Self::of_parts(&values)?;
        rule.check()?;
        Ok(rule)
    }
}

impl Rule {
    fn of_parts(values: &[Option<String>; 14]) -> Result<Self, RuleError> {
        let list = |index: usize, max: i32, signed: bool, want: &'static str| {
            numbers(PARTS[index], values[index].as_deref(), max, signed, want)
        };
        let unsigned = |index: usize, max: i32, want: &'static str| {
            list(index, max, false, want).map(|numbers| numbers.into_iter().map(i32::unsigned_abs).collect())
        };
        Ok(Self {
            freq: values[0].as_deref().ok_or(RuleError::NoFreq).and_then(freq)?,
            interval: positive("INTERVAL", values[1].as_deref())?.unwrap_or(1),
            count: positive("COUNT", values[2].as_deref())?,
            until: values[3].as_deref().map(until).transpose()?,
            seconds: unsigned(4, 60, "seconds from 0 to 59")?,
            minutes: unsigned(5, 59, "minutes from 0 to 59")?,
            hours: unsigned(6, 23, "hours from 0 to 23")?,
            days: values[7].as_deref().map_or(Ok(Vec::new()), days)?,
            month_days: list(8, 31, true, "days from 1 to 31 or -31 to -1")?,
            year_days: list(9, 366, true, "days from 1 to 366 or -366 to -1")?,
            weeks: list(10, 53, true, "weeks from 1 to 53 or -53 to -1")?,
            months: list(11, 12, true, "months from 1 to 12")?
                .into_iter()
                .map(|month| u32::try_from(month).map_err(|_| bad("BYMONTH", month, "months from 1 to 12")))
                .collect::<Result<_, _>>()?,
            positions: list(12, 366, true, "positions from 1 to 366 or -366 to -1")?,
            week_start: match values[13].as_deref() {
                None => Weekday::Mon,
                Some(day) => weekday(day).ok_or_else(|| bad("WKST", day, "one of MO TU WE TH FR SA SU"))?,
            },
        })
    }

    /// What the parts must not be together (RFC 5545 §3.3.10).
    fn check(&self) -> Result<(), RuleError> {
        let numbered = self.days.iter().any(|(nth, _)| nth.is_some());
        if numbered && (self.freq < Freq::Monthly || !self.weeks.is_empty()) {
            let want = "a numbered weekday needs FREQ=MONTHLY, or YEARLY without BYWEEKNO";
            return Err(bad("BYDAY", "a numbered weekday", want));
        }
        Ok(())
    }
}

fn bad(part: &'static str, value: impl ToString, want: &'static str) -> RuleError {
    RuleError::Value { part, value: clean_line(&value.to_string()).into_owned(), want }
}

fn freq(value: &str) -> Result<Freq, RuleError> {
    Ok(match value {
        "SECONDLY" => Freq::Secondly,
        "MINUTELY" => Freq::Minutely,
        "HOURLY" => Freq::Hourly,
        "DAILY" => Freq::Daily,
        "WEEKLY" => Freq::Weekly,
        "MONTHLY" => Freq::Monthly,
        "YEARLY" => Freq::Yearly,
        _ => {
            return Err(bad(
                "FREQ",
                value,
                "one of YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY",
            ));
        }
    })
}

fn positive(part: &'static str, value: Option<&str>) -> Result<Option<u32>, RuleError> {
    value
        .map(|value| match value.parse::<u32>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(bad(part, value, "a whole number from 1")),
        })
        .transpose()
}

fn numbers(
    part: &'static str,
    value: Option<&str>,
    max: i32,
    signed: bool,
    want: &'static str,
) -> Result<Vec<i32>, RuleError> {
    let read = |item: &str| match item.trim().parse::<i32>() {
        Ok(number) if number.abs() <= max && (if signed { number != 0 } else { number >= 0 }) => Ok(number),
        _ => Err(bad(part, item, want)),
    };
    value.map_or(Ok(Vec::new()), |value| value.split(',').map(read).collect())
}

fn weekday(day: &str) -> Option<Weekday> {
    Some(match day {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

fn days(value: &str) -> Result<Vec<(Option<i32>, Weekday)>, RuleError> {
    let read = |item: &str| {
        let item = item.trim();
        let fault = || bad("BYDAY", item, "weekdays such as WE, 2TU or -1SU");
        let (number, day) = item.split_at_checked(item.len().saturating_sub(2)).ok_or_else(fault)?;
        let nth = match number {
            "" => None,
            number => {
                Some(number.parse::<i32>().ok().filter(|n| *n != 0 && n.abs() <= 53).ok_or_else(fault)?)
            }
        };
        Ok((nth, weekday(day).ok_or_else(fault)?))
    };
    value.split(',').map(read).collect()
}

fn until(value: &str) -> Result<Until, RuleError> {
    let fault = || bad("UNTIL", value, "a time such as 20261231, 20261231T220000 or 20261231T210000Z");
    if let Ok(date) = NaiveDate::parse_from_str(value, "%Y%m%d") {
        return Ok(Until::Date(date));
    }
    let (clock, utc) = value.strip_suffix('Z').map_or((value, false), |clock| (clock, true));
    let local = NaiveDateTime::parse_from_str(clock, "%Y%m%dT%H%M%S").map_err(|_| fault())?;
    Ok(if utc { Until::Utc(Instant::from_naive_utc(local)) } else { Until::Local(local) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read() {
        let rule: Rule =
            "RRULE:freq=monthly;INTERVAL=2;BYDAY=2TU,-1SU,FR;BYSETPOS=-1;WKST=SU;UNTIL=20261231;"
                .parse()
                .unwrap();
        assert_eq!((rule.freq, rule.interval, rule.week_start), (Freq::Monthly, 2, Weekday::Sun));
        assert_eq!(rule.days, [(Some(2), Weekday::Tue), (Some(-1), Weekday::Sun), (None, Weekday::Fri)]);
        assert_eq!(rule.positions, [-1]);
        assert_eq!(rule.until, Some(Until::Date(NaiveDate::from_ymd_opt(2026, 12, 31).unwrap())));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("", "the rule has no FREQ: write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY first"),
            ("FREQ=OFTEN", "FREQ=OFTEN: one of YEARLY, MONTHLY"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0: a whole number from 1"),
            ("FREQ=DAILY;COUNT=-3", "COUNT=-3: a whole number from 1"),
            ("FREQ=WEEKLY;BYDAY=MO,XX", "BYDAY=XX: weekdays such as WE, 2TU or -1SU"),
            ("FREQ=WEEKLY;BYDAY=é", "BYDAY=é: weekdays such as"),
            ("FREQ=WEEKLY;BYDAY=2MO", "BYDAY=a numbered weekday: a numbered weekday needs FREQ=MONTHLY"),
            ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0: days from 1 to 31"),
            ("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13: months from 1 to 12"),
            ("FREQ=DAILY;BYHOUR=24", "BYHOUR=24: hours from 0 to 23"),
            ("FREQ=DAILY;UNTIL=soon", "UNTIL=SOON: a time such as 20261231"),
            ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is given twice"),
            ("FREQ=DAILY;BYEASTER=1", "\"BYEASTER=1\" is no part of a recurrence rule"),
            ("every wednesday", "\"every wednesday\" is no part of a recurrence rule"),
        ];
        for (text, want) in cases {
            let error = text.parse::<Rule>().unwrap_err().to_string();
            assert!(error.starts_with(want), "{text}: {error}");
        }
    }
}
