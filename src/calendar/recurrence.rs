//! What a recurrence rule yields, as wall-clock seconds. Knows no zone: `occurrence` turns walls into instants.
//!
//! A rule is a row of periods (years, months, weeks, days, or finer), counted from the one that holds the start; without
//! COUNT any span is reached by arithmetic; COUNT is a division where every period yields alike, else a walk.

use std::ops::Range;

use chrono::{NaiveDateTime, NaiveTime, Timelike};

use super::{
    date::{Date, Dates},
    rule::{Freq, Rule},
};
use crate::model::time::Instant;

/// Seconds of the wall clock since 1970-01-01T00:00:00 of the same clock.
pub type WallSecs = i64;

const DAY: i64 = 86_400;
/// Walls that one rule may yield in one asked span: an every-minute rule over two months.
const MOST: usize = 100_000;
/// Periods that are looked at for one asked span, or to find the end of a COUNT.
const PERIODS: u32 = 1_000_000;

/// A rule that repeats too often to be drawn or compared: a data fault, never a short answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the rule repeats more than {MOST} times in the asked span: use a longer FREQ or INTERVAL, or a COUNT or UNTIL"
)]
pub struct TooMany;

/// A rule with its start, ready to be asked for any span.
#[derive(Debug, Clone)]
pub struct Recurrence {
    freq: Freq,
    interval: i64,
    dates: Dates,
    /// Seconds of the day that a day of the rule yields; for finer rules the seconds within one period.
    times: Vec<i64>,
    hours: u32,
    minutes: u64,
    seconds: u64,
    positions: Vec<i32>,
    start: WallSecs,
    /// The period that holds the start: year, month since year 0, first day of the week, day, or wall of its first second.
    base: i64,
    count: Option<u32>,
    /// Nothing after this counts.
    last: WallSecs,
}

/// The wall clock as seconds.
#[must_use]
pub fn wall_secs(at: NaiveDateTime) -> WallSecs {
    at.and_utc().timestamp()
}

/// Seconds as the wall clock.
#[must_use]
pub fn wall_clock(secs: WallSecs) -> NaiveDateTime {
    chrono::DateTime::from_timestamp(secs, 0).unwrap_or_default().naive_utc()
}

impl Recurrence {
    /// Prepares a rule; `until` is its UNTIL on the wall clock of the window. With `all_day` the times of the rule are
    /// passed over, as RFC 5545 asks.
    #[must_use]
    pub fn new(rule: &Rule, start: NaiveDateTime, all_day: bool, until: Option<NaiveDateTime>) -> Self {
        let (hours, minutes, seconds) = if all_day && rule.freq >= Freq::Daily {
            (&[][..], &[][..], &[][..])
        } else {
            (&rule.hours[..], &rule.minutes[..], &rule.seconds[..])
        };
        let mut this = Self {
            freq: rule.freq,
            interval: i64::from(rule.interval),
            dates: Dates::new(rule, start.date()),
            times: times(rule.freq, start.time(), hours, minutes, seconds),
            hours: hours.iter().fold(0, |mask, hour| mask | 1 << hour),
            minutes: minutes.iter().fold(0, |mask, minute| mask | 1 << minute),
            seconds: seconds.iter().fold(0, |mask, second| mask | 1 << (*second).min(59)),
            positions: rule.positions.clone(),
            start: wall_secs(start),
            base: 0,
            count: rule.count,
            last: until.map_or(Instant::MAX.secs(), wall_secs).min(Instant::MAX.secs()),
        };
        this.base = match this.freq {
            Freq::Yearly => this.dates.first_year(this.start.div_euclid(DAY)),
            _ => this.period_of(this.start),
        };
        this
    }

    /// Appends the walls in `[from, to)`, ascending and without doubles.
    ///
    /// # Errors
    /// When there are too many: nothing is cut off silently.
    pub fn between(&self, from: WallSecs, to: WallSecs, out: &mut Vec<WallSecs>) -> Result<(), TooMany> {
        let from = from.max(self.start);
        let mut to = to.min(self.last.saturating_add(1));
        if from >= to {
            return Ok(());
        }
        if let Some(count) = self.count {
            to = to.min(self.last_of(count, to)?.saturating_add(1));
        }
        let before = out.len();
        let mut index = (self.period_of(from) - self.base).max(0) / self.unit();
        let mut set = Vec::new();
        let mut held = index;
        for _ in 0..PERIODS {
            let Some(next) = self.period(index, to, &mut set) else { return Ok(()) };
            if !set.is_empty() {
                held = index;
            } else if index - held > self.cycle() {
                return Ok(());
            }
            out.extend(set.iter().copied().filter(|wall| from <= *wall && *wall < to));
            if out.len() - before > MOST {
                return Err(TooMany);
            }
            index = next;
        }
        Err(TooMany)
    }

    /// Fills `set` with what a period yields, before or after the start alike; gives the next period worth a look, or
    /// none when this one starts at `to` or later.
    fn period(&self, index: i64, to: WallSecs, set: &mut Vec<WallSecs>) -> Option<i64> {
        set.clear();
        let period = self.base.checked_add(index.checked_mul(self.unit())?)?;
        if self.freq < Freq::Daily {
            return self.fine_period(index, period, to, set);
        }
        if let (Freq::Weekly | Freq::Daily, Some(weekdays)) = (self.freq, self.dates.weekdays_alone()) {
            let days = if self.freq == Freq::Weekly { 7 } else { 1 };
            return self.plain_period(index, period..period + days, weekdays, to, set);
        }
        let (first, days) = match self.freq {
            Freq::Yearly => self.dates.year(period)?,
            Freq::Monthly => Date::month(period)?,
            Freq::Weekly => (Date::at(period)?, 7),
            Freq::Daily | Freq::Hourly | Freq::Minutely | Freq::Secondly => (Date::at(period)?, 1),
        };
        if first.number * DAY >= to {
            return None;
        }
        let mut date = first;
        while date.number < first.number + days {
            if self.dates.hold(&date) {
                set.extend(self.times.iter().map(|time| date.number * DAY + time));
            }
            self.dates.advance(&mut date);
        }
        self.keep_positions(set);
        Some(index + 1)
    }

    /// As [`Self::period`] where a day is held by its weekday alone, the bits from Monday: no date is needed.
    fn plain_period(
        &self,
        index: i64,
        days: Range<i64>,
        weekdays: u32,
        to: WallSecs,
        set: &mut Vec<WallSecs>,
    ) -> Option<i64> {
        if days.start.checked_mul(DAY)? >= to {
            return None;
        }
        // The first of 1970 was a Thursday.
        for day in days.filter(|day| weekdays >> (day + 3).rem_euclid(7) & 1 != 0) {
            set.extend(self.times.iter().map(|time| day * DAY + time));
        }
        self.keep_positions(set);
        Some(index + 1)
    }

    /// As [`Self::period`] for hours, minutes and seconds; a day, hour or minute that does not match is passed over whole.
    fn fine_period(&self, index: i64, wall: WallSecs, to: WallSecs, set: &mut Vec<WallSecs>) -> Option<i64> {
        if wall >= to {
            return None;
        }
        let second = wall.rem_euclid(DAY);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        let misses = |mask: u64, at: i64| mask != 0 && mask & 1 << at == 0;
        let skip = if !self.dates.hold(&Date::at(wall.div_euclid(DAY))?) {
            DAY - second
        } else if misses(u64::from(self.hours), hour) {
            3600 - second % 3600
        } else if self.freq < Freq::Hourly && misses(self.minutes, minute) {
            60 - second % 60
        } else if self.freq == Freq::Secondly && misses(self.seconds, second % 60) {
            1
        } else {
            set.extend(self.times.iter().map(|time| wall + time));
            self.keep_positions(set);
            1
        };
        Some(index + (skip + self.unit() - 1) / self.unit())
    }

    fn keep_positions(&self, set: &mut Vec<WallSecs>) {
        if self.positions.is_empty() || set.is_empty() {
            return;
        }
        let size = i64::try_from(set.len()).unwrap_or(i64::MAX);
        let index = |position: i32| {
            let position = i64::from(position);
            usize::try_from(if position > 0 { position - 1 } else { size + position }).ok()
        };
        let mut kept: Vec<WallSecs> =
            self.positions.iter().filter_map(|position| set.get(index(*position)?).copied()).collect();
        kept.sort_unstable();
        kept.dedup();
        *set = kept;
    }

    /// The calendar repeats itself after 400 years, which are 20,871 weeks: a rule that yields nothing for so many of its
    /// periods never will.
    fn cycle(&self) -> i64 {
        match self.freq {
            Freq::Yearly => 400,
            Freq::Monthly => 4_800,
            Freq::Weekly => 20_871,
            Freq::Daily => 146_097,
            Freq::Hourly | Freq::Minutely | Freq::Secondly => 146_097 * DAY,
        }
    }

    /// What `base` counts in: one step of the rule.
    fn unit(&self) -> i64 {
        match self.freq {
            Freq::Yearly | Freq::Monthly | Freq::Daily => self.interval,
            Freq::Weekly => 7 * self.interval,
            Freq::Hourly => 3600 * self.interval,
            Freq::Minutely => 60 * self.interval,
            Freq::Secondly => self.interval,
        }
    }

    /// The period that holds a wall, in the unit of `base`.
    fn period_of(&self, wall: WallSecs) -> i64 {
        let day = wall.div_euclid(DAY);
        match self.freq {
            Freq::Yearly => self.dates.year_of(day),
            Freq::Monthly => Date::at(day).map_or(0, |date| date.month_index()),
            Freq::Weekly => self.dates.week_of(day),
            Freq::Daily => day,
            Freq::Hourly => wall - wall.rem_euclid(3600),
            Freq::Minutely => wall - wall.rem_euclid(60),
            Freq::Secondly => wall,
        }
    }

    /// The wall of the last of `count` occurrences, or `to` where that comes first.
    fn last_of(&self, count: u32, to: WallSecs) -> Result<WallSecs, TooMany> {
        let mut left = i64::from(count);
        let mut set = Vec::new();
        let (mut index, mut held) = (0, 0);
        for _ in 0..PERIODS {
            let Some(mut next) = self.period(index, to, &mut set) else {
                return Ok(to);
            };
            set.retain(|wall| *wall >= self.start);
            let size = i64::try_from(set.len()).unwrap_or(i64::MAX);
            if let Some(last) = usize::try_from(left - 1).ok().and_then(|at| set.get(at)) {
                return Ok(*last);
            }
            left -= size;
            if size > 0 {
                held = index;
            } else if index - held > self.cycle() {
                return Ok(to);
            }
            if index > 0 && size > 0 && self.is_even() {
                let whole = (left - 1) / size;
                (next, left) = (next + whole, left - whole * size);
            }
            index = next;
        }
        // Hours that no day shows: a rule finer than a day that has yielded nothing for so long.
        if left == i64::from(count) { Ok(to) } else { Err(TooMany) }
    }

    /// Whether every period yields the same number, so that a COUNT is a division.
    fn is_even(&self) -> bool {
        match self.freq {
            Freq::Weekly => !self.dates.limit_weeks(),
            Freq::Daily => !self.dates.limit_days(),
            Freq::Hourly | Freq::Minutely | Freq::Secondly => {
                let finer = self.freq < Freq::Hourly && self.minutes != 0
                    || self.freq == Freq::Secondly && self.seconds != 0;
                !self.dates.limit_days() && self.hours == 0 && !finer
            }
            Freq::Monthly | Freq::Yearly => false,
        }
    }
}

/// The times that one period yields, sorted: seconds of the day, of the hour or of the minute.
fn times(freq: Freq, start: NaiveTime, hours: &[u32], minutes: &[u32], seconds: &[u32]) -> Vec<i64> {
    let or = |list: &[u32], own: u32, taken: bool| match list {
        _ if !taken => vec![0],
        [] => vec![i64::from(own)],
        list => list.iter().map(|number| i64::from(*number).min(59)).collect(),
    };
    let hours = or(hours, start.hour(), freq >= Freq::Daily);
    let minutes = or(minutes, start.minute(), freq >= Freq::Hourly);
    let seconds = or(seconds, start.second(), freq >= Freq::Minutely);
    let mut all: Vec<i64> = hours
        .iter()
        .flat_map(|h| minutes.iter().map(move |m| h * 3600 + m * 60))
        .flat_map(|t| seconds.iter().map(move |s| t + s))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests;
