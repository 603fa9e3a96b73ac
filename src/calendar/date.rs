//! Which days a recurrence rule holds: a date with all that the BY-parts ask of it, advanced a day at a time.

use chrono::{Datelike, NaiveDate, Weekday};

use super::rule::{Freq, Rule};

/// A day with its places in month and year.
#[derive(Debug, Clone, Copy)]
pub struct Date {
    /// Days since 1970-01-01.
    pub number: i64,
    year: i32,
    /// From 1.
    month: u32,
    /// From 1.
    month_day: i32,
    /// From 1.
    year_day: i32,
    /// Monday is 0.
    weekday: u32,
    month_days: i32,
    year_days: i32,
}

/// The days a rule holds.
#[derive(Debug, Clone)]
pub struct Dates {
    /// A bit per month, from bit 1; 0 = all.
    months: u32,
    month_days: Vec<i32>,
    year_days: Vec<i32>,
    weeks: Vec<i32>,
    /// A bit per weekday without a number.
    weekdays: u32,
    numbered: Vec<(i32, u32)>,
    /// Numbers of weekdays are within the year, not the month.
    in_year: bool,
    by_weeks: bool,
    week_start: u32,
}

impl Date {
    /// The day of a number; `None` outside the calendar.
    pub fn at(number: i64) -> Option<Self> {
        let ce = i32::try_from(number.checked_add(719_163)?).ok()?;
        let date = NaiveDate::from_num_days_from_ce_opt(ce)?;
        Some(Self::of(date))
    }

    fn of(date: NaiveDate) -> Self {
        Self {
            number: day_number(date),
            year: date.year(),
            month: date.month(),
            month_day: i32::try_from(date.day()).unwrap_or(1),
            year_day: i32::try_from(date.ordinal()).unwrap_or(1),
            weekday: date.weekday().num_days_from_monday(),
            month_days: i32::from(date.num_days_in_month()),
            year_days: year_days(date.year()),
        }
    }

    /// The next day.
    pub fn advance(&mut self) {
        self.number += 1;
        self.month_day += 1;
        self.year_day += 1;
        self.weekday = (self.weekday + 1) % 7;
        if self.month_day > self.month_days {
            self.month_day = 1;
            self.month += 1;
            if self.month > 12 {
                (self.month, self.year_day) = (1, 1);
                self.year += 1;
                self.year_days = year_days(self.year);
            }
            self.month_days = month_days(self.year_days, self.month);
        }
    }

    /// The first day of the next month.
    fn advance_month(&mut self) {
        let rest = self.month_days - self.month_day;
        self.number += i64::from(rest);
        self.month_day = self.month_days;
        self.year_day += rest;
        self.weekday = (self.weekday + u32::try_from(rest).unwrap_or_default()) % 7;
        self.advance();
    }

    /// Months since year 0.
    pub fn month_index(&self) -> i64 {
        i64::from(self.year) * 12 + i64::from(self.month) - 1
    }

    /// The first day of a month with the number of its days.
    pub fn month(index: i64) -> Option<(Self, i64)> {
        let (year, month) =
            (i32::try_from(index.div_euclid(12)).ok()?, u32::try_from(index.rem_euclid(12)).ok()? + 1);
        let first = Self::of(NaiveDate::from_ymd_opt(year, month, 1)?);
        Some((first, i64::from(first.month_days)))
    }
}

impl Dates {
    /// The days of a rule that starts on `start`, which fills in what the rule leaves open.
    pub fn new(rule: &Rule, start: NaiveDate) -> Self {
        let own = Date::of(start);
        let bit = |day: &Weekday| 1 << day.num_days_from_monday();
        let mut this = Self {
            months: rule.months.iter().fold(0, |mask, month| mask | 1 << month),
            month_days: rule.month_days.clone(),
            year_days: rule.year_days.clone(),
            weeks: rule.weeks.clone(),
            weekdays: rule
                .days
                .iter()
                .filter(|(nth, _)| nth.is_none())
                .fold(0, |mask, (_, day)| mask | bit(day)),
            numbered: rule
                .days
                .iter()
                .filter_map(|(nth, day)| nth.map(|nth| (nth, day.num_days_from_monday())))
                .collect(),
            in_year: rule.freq == Freq::Yearly && rule.months.is_empty(),
            by_weeks: rule.freq == Freq::Yearly && !rule.weeks.is_empty(),
            week_start: rule.week_start.num_days_from_monday(),
        };
        let says_no_day = rule.days.is_empty() && rule.month_days.is_empty() && rule.year_days.is_empty();
        if says_no_day && (rule.freq == Freq::Weekly || this.by_weeks) {
            this.weekdays = 1 << own.weekday;
        } else if says_no_day && rule.freq >= Freq::Monthly {
            this.month_days = vec![own.month_day];
            if rule.freq == Freq::Yearly && this.months == 0 {
                this.months = 1 << own.month;
            }
        }
        this
    }

    /// Whether the rule holds a day.
    pub fn hold(&self, date: &Date) -> bool {
        (self.months == 0 || self.months & 1 << date.month != 0)
            && ((self.weekdays == 0 && self.numbered.is_empty())
                || self.weekdays & 1 << date.weekday != 0
                || self.numbered.iter().any(|nth| self.is_nth(*nth, date)))
            && among(&self.month_days, date.month_day, date.month_days)
            && among(&self.year_days, date.year_day, date.year_days)
            && (self.weeks.is_empty() || self.in_weeks(date))
    }

    /// The next day worth a look: months the rule does not name are passed over whole.
    pub fn advance(&self, date: &mut Date) {
        if self.months == 0 || self.months & 1 << date.month != 0 {
            date.advance()
        } else {
            date.advance_month()
        }
    }

    /// The weekdays it holds, as bits from Monday, where nothing else is asked of a day.
    pub fn weekdays_alone(&self) -> Option<u32> {
        let alone = !self.limit_weeks() && self.numbered.is_empty();
        alone.then_some(if self.weekdays == 0 { 0x7f } else { self.weekdays })
    }

    /// Whether something thins out the days of a plain daily rule.
    pub fn limit_days(&self) -> bool {
        self.limit_weeks() || self.weekdays != 0
    }

    /// Whether some weeks yield fewer days than others.
    pub fn limit_weeks(&self) -> bool {
        self.months != 0
            || !(self.month_days.is_empty() && self.year_days.is_empty() && self.weeks.is_empty())
    }

    fn is_nth(&self, (nth, weekday): (i32, u32), date: &Date) -> bool {
        let (day, days) =
            if self.in_year { (date.year_day, date.year_days) } else { (date.month_day, date.month_days) };
        date.weekday == weekday
            && if nth > 0 { (day - 1) / 7 + 1 == nth } else { (days - day) / 7 + 1 == -nth }
    }

    fn in_weeks(&self, date: &Date) -> bool {
        let year = self.week_year(date.number, i64::from(date.year));
        let (Some(first), Some(next)) = (self.week_one(year), self.week_one(year + 1)) else { return false };
        let week = (date.number - first) / 7 + 1;
        let weeks = (next - first) / 7;
        self.weeks.iter().any(|wanted| {
            let wanted = i64::from(*wanted);
            week == if wanted > 0 { wanted } else { weeks + 1 + wanted }
        })
    }

    /// The first day of the first week of a year: the one that holds 4 January.
    fn week_one(&self, year: i64) -> Option<i64> {
        let fourth = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, 1, 4)?;
        Some(self.week_of(day_number(fourth)))
    }

    fn week_year(&self, day: i64, year: i64) -> i64 {
        if self.week_one(year + 1).is_some_and(|first| first <= day) {
            year + 1
        } else if self.week_one(year).is_some_and(|first| first <= day) {
            year
        } else {
            year - 1
        }
    }

    /// The first day of the week that holds a day.
    pub fn week_of(&self, day: i64) -> i64 {
        day - (day + 3 - i64::from(self.week_start)).rem_euclid(7)
    }

    /// The year a day belongs to: with BYWEEKNO the year of its week.
    pub fn year_of(&self, day: i64) -> i64 {
        let year = Date::at(day).map_or(0, |date| i64::from(date.year));
        if self.by_weeks { self.week_year(day, year) } else { year }
    }

    /// The year a rule counts its interval from. With BYWEEKNO it is the year of the week of the start, unless nothing of
    /// that year is left to hold: then, as libical and dateutil have it, the calendar year.
    pub fn first_year(&self, start: i64) -> i64 {
        let year = self.year_of(start);
        let next = self.week_one(year + 1).filter(|_| self.by_weeks);
        let held = |day: i64| Date::at(day).is_some_and(|date| self.hold(&date));
        match next {
            Some(next) if !(start..next).any(held) => {
                Date::at(start).map_or(year, |date| i64::from(date.year))
            }
            _ => year,
        }
    }

    /// The first day of a year with the number of its days.
    pub fn year(&self, year: i64) -> Option<(Date, i64)> {
        if self.by_weeks {
            let (first, next) = (self.week_one(year)?, self.week_one(year + 1)?);
            return Some((Date::at(first)?, next - first));
        }
        let first = Date::of(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, 1, 1)?);
        Some((first, i64::from(first.year_days)))
    }
}

/// Whether a list is empty or holds a day, counted from the start or (negative) from the end.
fn among(list: &[i32], day: i32, days: i32) -> bool {
    list.is_empty() || list.iter().any(|wanted| *wanted == day || *wanted == day - days - 1)
}

fn year_days(year: i32) -> i32 {
    if NaiveDate::from_ymd_opt(year, 2, 29).is_some() { 366 } else { 365 }
}

fn month_days(year_days: i32, month: u32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => year_days - 337,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date.
pub(super) fn day_number(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - 719_163
}
