//! The five fields of a cron line, as GitLab reads freeze periods: which wall clocks they name, and as a recurrence rule.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};

/// What a day may have of starts before it is no freeze any more.
const DAILY: usize = 24;

/// A cron line. A restricted day of the month and a restricted weekday are an "or", as everywhere in cron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    times: Vec<NaiveTime>,
    /// -1 is the last of the month; empty is every day.
    month_days: Vec<i32>,
    /// Empty is every month.
    months: Vec<u32>,
    /// 0 is Sunday; empty is every weekday.
    weekdays: Vec<u32>,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const RRULE_DAYS: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

impl Cron {
    /// # Errors
    /// Which field cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, month_day, month, weekday] = fields.as_slice() else {
            return Err(format!("{text:?} has {} fields and not five", fields.len()));
        };
        let bad = |name: &str, field: &str| format!("its {name} {field:?} cannot be read");
        let minutes = list(minute, 0, 59, &[]).ok_or_else(|| bad("minute", minute))?;
        let hours = list(hour, 0, 23, &[]).ok_or_else(|| bad("hour", hour))?;
        let months = list(month, 1, 12, &MONTHS).ok_or_else(|| bad("month", month))?;
        let mut weekdays = list(weekday, 0, 7, &WEEKDAYS).ok_or_else(|| bad("weekday", weekday))?;
        weekdays.iter_mut().for_each(|day| *day %= 7);
        weekdays.sort_unstable();
        weekdays.dedup();
        let month_days = days_of_month(month_day).ok_or_else(|| bad("day of the month", month_day))?;
        let every = |list: Vec<u32>, all: std::ops::Range<u32>| {
            if list.is_empty() { all.collect() } else { list }
        };
        let minutes = every(minutes, 0..60);
        let times: Vec<NaiveTime> = every(hours, 0..24)
            .into_iter()
            .flat_map(|hour| {
                minutes.iter().filter_map(move |minute| NaiveTime::from_hms_opt(hour, *minute, 0))
            })
            .collect();
        if times.len() > DAILY {
            return Err(format!("{text:?} occurs {} times a day, which is no edge of a freeze", times.len()));
        }
        let months = if months.len() == 12 { Vec::new() } else { months };
        let weekdays = if weekdays.len() == 7 { Vec::new() } else { weekdays };
        Ok(Self { times, month_days, months, weekdays })
    }

    fn falls_on(&self, date: NaiveDate) -> bool {
        let month = self.months.is_empty() || self.months.contains(&date.month());
        let last = date.succ_opt().is_none_or(|next| next.month() != date.month());
        let day = i32::try_from(date.day()).unwrap_or_default();
        let by_day = self.month_days.contains(&day) || (last && self.month_days.contains(&-1));
        let by_weekday = self.weekdays.contains(&date.weekday().num_days_from_sunday());
        month
            && match (self.month_days.is_empty(), self.weekdays.is_empty()) {
                (true, true) => true,
                (false, true) => by_day,
                (true, false) => by_weekday,
                (false, false) => by_day || by_weekday,
            }
    }

    /// The wall clocks named, in order, from the first day on, the last day included.
    pub fn between(&self, first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDateTime> + '_ {
        first
            .iter_days()
            .take_while(move |date| *date <= last)
            .filter(|date| self.falls_on(*date))
            .flat_map(|date| self.times.iter().map(move |time| date.and_time(*time)))
    }

    /// The next wall clock after another, within four years.
    #[must_use]
    pub fn next(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let last = after.date().checked_add_days(Days::new(4 * 366))?;
        self.between(after.date(), last).find(|at| *at > after)
    }

    /// As the value of an RFC 5545 RRULE, where one can say it.
    #[must_use]
    pub fn rule(&self) -> Option<String> {
        if self.times.len() > 1 || (!self.month_days.is_empty() && !self.weekdays.is_empty()) {
            return None;
        }
        let join = |list: &mut dyn Iterator<Item = String>| list.collect::<Vec<_>>().join(",");
        let mut rule = String::from(match (self.weekdays.is_empty(), self.months.is_empty()) {
            (false, true) => "FREQ=WEEKLY",
            _ => "FREQ=DAILY",
        });
        if !self.months.is_empty() {
            rule += &format!(";BYMONTH={}", join(&mut self.months.iter().map(ToString::to_string)));
        }
        if !self.month_days.is_empty() {
            rule += &format!(";BYMONTHDAY={}", join(&mut self.month_days.iter().map(ToString::to_string)));
        }
        if !self.weekdays.is_empty() {
            let days = &mut self.weekdays.iter().map(|day| RRULE_DAYS[*day as usize % 7].to_owned());
            rule += &format!(";BYDAY={}", join(days));
        }
        Some(rule)
    }
}

fn days_of_month(field: &str) -> Option<Vec<i32>> {
    let mut days = Vec::new();
    for part in field.split(',') {
        if part.eq_ignore_ascii_case("l") || part.eq_ignore_ascii_case("last") {
            days.push(-1);
            continue;
        }
        let some = list(part, 1, 31, &[])?;
        if some.is_empty() {
            return Some(Vec::new());
        }
        days.extend(some.into_iter().filter_map(|day| i32::try_from(day).ok()));
    }
    days.sort_unstable();
    days.dedup();
    Some(days)
}

/// A field: `*`, numbers, names, ranges and steps; empty for all there are.
fn list(field: &str, first: u32, last: u32, names: &[&str]) -> Option<Vec<u32>> {
    let mut found = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match (range, range.split_once('-')) {
            ("*", _) if step == 1 => return Some(Vec::new()),
            ("*", _) => (first, last),
            (_, Some((from, to))) => (number(from, first, names)?, number(to, first, names)?),
            (one, None) => {
                let one = number(one, first, names)?;
                (one, if step == 1 { one } else { last })
            }
        };
        if from < first || to > last || from > to {
            return None;
        }
        found.extend((from..=to).step_by(step));
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fn number(text: &str, first: u32, names: &[&str]) -> Option<u32> {
    let named = names.iter().position(|name| text.eq_ignore_ascii_case(name));
    match named {
        Some(at) => Some(first + u32::try_from(at).ok()?),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn a_line_names_the_clocks_cron_does() {
        for (row, line, after, want) in [
            ("a weekday", "0 23 * * 5", "2026-11-25 10:00", "2026-11-27 23:00"),
            ("by name", "0 23 * * FRI", "2026-11-27 23:00", "2026-12-04 23:00"),
            ("Sunday is 7 too", "30 8 * * 7", "2026-11-25 10:00", "2026-11-29 08:30"),
            ("a date", "0 0 20 12 *", "2026-12-20 00:00", "2027-12-20 00:00"),
            ("day or weekday", "0 0 1 * 1", "2026-11-25 10:00", "2026-11-30 00:00"),
            ("the last of a month", "0 0 L * *", "2026-02-10 10:00", "2026-02-28 00:00"),
            ("steps and ranges", "0 8-12/2 * jan-mar *", "2026-01-05 08:00", "2026-01-05 10:00"),
            ("29 February", "0 0 29 2 *", "2026-01-01 00:00", "2028-02-29 00:00"),
        ] {
            assert_eq!(Cron::parse(line).unwrap().next(at(after)), Some(at(want)), "{row}");
        }
        assert_eq!(Cron::parse("0 0 30 2 *").unwrap().next(at("2026-01-01 00:00")), None, "never");
    }

    #[test]
    fn what_is_no_line_is_said() {
        for (line, want) in [
            ("0 23 * *", "4 fields"),
            ("0 24 * * *", "hour \"24\""),
            ("x 1 * * *", "minute \"x\""),
            ("0 1 * 13 *", "month \"13\""),
            ("0 1 */0 * *", "day of the month"),
            ("0 1 * * 5-1", "weekday"),
            ("* * * * *", "1440 times a day"),
        ] {
            let error = Cron::parse(line).unwrap_err();
            assert!(error.contains(want), "{line}: {error}");
        }
    }

    #[test]
    fn a_rule_says_the_same_where_one_can() {
        for (line, want) in [
            ("0 23 * * 5", Some("FREQ=WEEKLY;BYDAY=FR")),
            ("0 0 20 12 *", Some("FREQ=DAILY;BYMONTH=12;BYMONTHDAY=20")),
            ("0 0 L * *", Some("FREQ=DAILY;BYMONTHDAY=-1")),
            ("0 18 * 1-3 1-5", Some("FREQ=DAILY;BYMONTH=1,2,3;BYDAY=MO,TU,WE,TH,FR")),
            ("0 18 * * *", Some("FREQ=DAILY")),
            ("0 0 1 * 1", None),
            ("0 6,18 * * *", None),
        ] {
            assert_eq!(Cron::parse(line).unwrap().rule().as_deref(), want, "{line}");
        }
    }
}
