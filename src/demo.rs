//! A made-up company around a given now: the board a stranger sees first.
//!
//! Deterministic: the same now gives the same company. It is told as [`Act`]s in time order, what the records said and
//! what people did, and is played through the same ledger as real boards; nothing is written to disk. Plans look ahead
//! by local days and clock times, what already happened looks back by minutes, so the story holds at any hour.

mod bulk;
mod company;
mod night;
mod releases;
mod story;
mod comments_and_votes;

use chrono::{Days, NaiveTime};
use chrono_tz::Tz;

use crate::{
    ledger::command::Command,
    model::{BoardFile, Id, Instant, Line},
};

/// The zone of the company.
pub const ZONE: Tz = chrono_tz::Europe::Madrid;

/// The login that opens the demo sits in the chair.
pub const CHAIR: &str = "m.ortiz";

/// One thing that happened, at its time.
#[derive(Debug, Clone)]
pub struct Act {
    pub at: Instant,
    pub what: Deed,
}

/// Records that appeared or moved, or what a person did.
#[derive(Debug, Clone)]
pub enum Deed {
    Records(Box<BoardFile>),
    /// Records of the company's other system, which approved them.
    Elsewhere(Box<BoardFile>),
    Person {
        who: Id,
        command: Command,
    },
}

/// When the demo opens unless told otherwise: Monday 14:05 in its own zone, of the week whose Monday is nearest, so that
/// the week on screen is the one in the documents.
#[must_use]
pub fn opening(now: Instant) -> Instant {
    use chrono::Datelike;
    let clock = Clock { now };
    let weekday = i64::from(now.to_utc().with_timezone(&ZONE).weekday().num_days_from_monday());
    clock.day(if weekday <= 3 { -weekday } else { 7 - weekday }, 14, 5)
}

/// When the night of the demo opens: two minutes past one of the Thursday of the same week, in the company's zone.
#[must_use]
pub fn opening_night(now: Instant) -> Instant {
    Clock { now: opening(now) }.day(3, 1, 2)
}

/// The company in the middle of a night in which much runs, as acts in time order.
#[must_use]
pub fn night_acts(now: Instant) -> Vec<Act> {
    night::acts(&Clock { now: now.floor_minute() }, acts(now))
}

/// The whole company, as acts in time order. The first brings people, services, windows, rules and history.
#[must_use]
pub fn acts(now: Instant) -> Vec<Act> {
    let clock = Clock { now: now.floor_minute() };
    let mut acts = vec![
        Act { at: clock.ago(40 * 24 * 60), what: Deed::Records(Box::new(company::founding(&clock))) },
        Act { at: clock.ago(30 * 24 * 60), what: Deed::Records(Box::new(bulk::history(&clock))) },
        Act { at: clock.ago(9 * 24 * 60), what: Deed::Records(Box::new(releases::all(&clock))) },
        Act { at: clock.ago(8 * 24 * 60), what: Deed::Records(Box::new(bulk::ahead(&clock))) },
    ];
    acts.extend(story::acts(&clock));
    acts.extend(comments_and_votes::acts(&clock));
    acts.sort_by_key(|act| act.at);
    acts
}

/// Now, and the two ways the story names a time.
pub(crate) struct Clock {
    pub now: Instant,
}

impl Clock {
    /// Minutes before now.
    pub fn ago(&self, minutes: i64) -> Instant {
        self.now.plus(-60 * minutes)
    }

    /// A local clock time, `days` after today (before, when negative). A time that does not exist that day is read as
    /// UTC: no planned time of the story lies in a gap.
    pub fn day(&self, days: i64, hour: u32, minute: u32) -> Instant {
        let today = self.now.to_utc().with_timezone(&ZONE).date_naive();
        let shift = Days::new(days.unsigned_abs());
        let date = if days < 0 { today.checked_sub_days(shift) } else { today.checked_add_days(shift) }
            .unwrap_or(today);
        let local = date.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default());
        local
            .and_local_timezone(ZONE)
            .earliest()
            .map_or_else(|| Instant::from_naive_utc(local), |at| Instant::from_utc(at.to_utc()))
    }

    /// The half hour at or before `minutes` from now.
    pub fn half_hour(&self, minutes: i64) -> Instant {
        let at = self.now.plus(60 * minutes).secs();
        Instant::from_secs(at - at.rem_euclid(1800))
    }

    /// `2026-11-25`, the local date `days` after today.
    pub fn date(&self, days: i64) -> String {
        self.day(days, 12, 0).to_utc().with_timezone(&ZONE).format("%Y-%m-%d").to_string()
    }

    /// The RRULE day of the date `days` after today.
    pub fn weekday(&self, days: i64) -> &'static str {
        use chrono::{Datelike, Weekday};
        match self.day(days, 12, 0).to_utc().with_timezone(&ZONE).weekday() {
            Weekday::Mon => "MO",
            Weekday::Tue => "TU",
            Weekday::Wed => "WE",
            Weekday::Thu => "TH",
            Weekday::Fri => "FR",
            Weekday::Sat => "SA",
            Weekday::Sun => "SU",
        }
    }
}

/// An id that this file wrote itself. Never fails for the texts used here; a broken one would show as `?`.
pub(crate) fn id(text: &str) -> Id {
    Id::new(text).or_else(|_| Id::new("?")).unwrap_or_else(|_| unreachable!("a question mark is an id"))
}

pub(crate) fn line(text: &str) -> Option<Line> {
    Some(Line::new(text))
}

pub(crate) fn lines(texts: &[&str]) -> Vec<Line> {
    texts.iter().map(|text| Line::new(text)).collect()
}

#[cfg(test)]
mod tests;
