//! Freeze periods as windows: each runs from a start to the next end, on the wall clock of its zone.
//!
//! Where every one is equally long, a recurrence rule says it for ever; else the occurrences of two years are listed, a
//! window per length.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::TZ_VARIANTS;
use serde::Deserialize;

use super::cron::Cron;
use crate::{
    calendar::Zone,
    model::{Id, Line, Wall, Window, WindowKind},
    source::bare,
};

/// A freeze period as the system has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FreezePeriod {
    pub id: u64,
    pub freeze_start: Option<String>,
    pub freeze_end: Option<String>,
    pub cron_timezone: Option<String>,
    pub created_at: Option<String>,
}

/// The windows of a freeze period, without scope and hardness.
///
/// # Errors
/// Which line cannot be read, in words.
pub fn windows(id: &Id, freeze: &FreezePeriod, zone: Zone, today: NaiveDate) -> Result<Vec<Window>, String> {
    let (start_line, end_line) = (
        freeze.freeze_start.as_deref().unwrap_or_default(),
        freeze.freeze_end.as_deref().unwrap_or_default(),
    );
    let start = Cron::parse(start_line).map_err(|why| format!("freeze_start: {why}"))?;
    let end = Cron::parse(end_line).map_err(|why| format!("freeze_end: {why}"))?;
    let made = freeze.created_at.as_deref().and_then(|at| at.get(..10)?.parse().ok()).unwrap_or(today);
    // A year before it was made, so that one under way then counts; five years, so that a leap day is in it.
    let anchor = made.checked_sub_days(Days::new(366)).unwrap_or(made);
    let spans = spans(&start, &end, anchor, anchor.with_year(anchor.year() + 5).unwrap_or(anchor));
    let Some((first, length)) = spans.first().copied() else {
        return Err(format!("{start_line:?} to {end_line:?} never occurs"));
    };
    let window = |id: Id, first: NaiveDateTime, length: TimeDelta| Window {
        name: Line::new("Deploy freeze"),
        zone: Some(Line::new(zone.name())),
        ..bare::window(id, WindowKind::Freeze, Wall::Local(first), Wall::Local(first + length))
    };
    let even = spans.iter().all(|(_, other)| *other == length);
    if let Some(rule) = start.rule().filter(|_| even) {
        return Ok(vec![Window { rrule: Some(Line::new(&rule)), ..window(id.clone(), first, length) }]);
    }
    let (from, to) = (today.checked_sub_days(Days::new(366)), today.checked_add_days(Days::new(731)));
    let mut groups: BTreeMap<i64, Vec<NaiveDateTime>> = BTreeMap::new();
    for (at, length) in self::spans(&start, &end, from.unwrap_or(today), to.unwrap_or(today)) {
        groups.entry(length.num_minutes()).or_default().push(at);
    }
    let listed = groups.into_iter().filter_map(|(minutes, starts)| {
        let (first, rest) = starts.split_first()?;
        let id = Id::new(&format!("{id}-{minutes}m")).ok()?;
        let rdates = rest.iter().map(|at| Wall::Local(*at)).collect();
        Some(Window { rdates, ..window(id, *first, TimeDelta::minutes(minutes)) })
    });
    Ok(listed.collect())
}

/// Starts with their lengths.
fn spans(start: &Cron, end: &Cron, first: NaiveDate, last: NaiveDate) -> Vec<(NaiveDateTime, TimeDelta)> {
    start.between(first, last).filter_map(|at| Some((at, end.next(at)? - at))).collect()
}

/// A zone by its IANA name, by the name of a city in it, or by the name Rails has for it.
#[must_use]
pub fn zone(name: &str) -> Option<Zone> {
    let name = name.trim();
    if let Ok(zone) = Zone::named(name) {
        return Some(zone);
    }
    let named = RAILS.iter().find(|(rails, _)| rails.eq_ignore_ascii_case(name));
    let city = format!("/{}", name.replace(' ', "_"));
    let tail =
        |zone: &str| zone.len() > city.len() && zone[zone.len() - city.len()..].eq_ignore_ascii_case(&city);
    let by_city = || TZ_VARIANTS.iter().map(|zone| zone.name()).find(|zone| tail(zone));
    Zone::named(named.map(|(_, iana)| *iana).or_else(by_city)?).ok()
}

/// Names of Rails that are no city of the zone.
const RAILS: [(&str, &str); 33] = [
    ("International Date Line West", "Etc/GMT+12"),
    ("American Samoa", "Pacific/Pago_Pago"),
    ("Midway Island", "Pacific/Midway"),
    ("Hawaii", "Pacific/Honolulu"),
    ("Alaska", "America/Juneau"),
    ("Pacific Time (US & Canada)", "America/Los_Angeles"),
    ("Arizona", "America/Phoenix"),
    ("Mountain Time (US & Canada)", "America/Denver"),
    ("Central America", "America/Guatemala"),
    ("Central Time (US & Canada)", "America/Chicago"),
    ("Guadalajara", "America/Mexico_City"),
    ("Saskatchewan", "America/Regina"),
    ("Eastern Time (US & Canada)", "America/New_York"),
    ("Indiana (East)", "America/Indiana/Indianapolis"),
    ("Quito", "America/Lima"),
    ("Atlantic Time (Canada)", "America/Halifax"),
    ("Georgetown", "America/Guyana"),
    ("Newfoundland", "America/St_Johns"),
    ("Brasilia", "America/Sao_Paulo"),
    ("Greenland", "America/Godthab"),
    ("Mid-Atlantic", "Atlantic/South_Georgia"),
    ("Cape Verde Is.", "Atlantic/Cape_Verde"),
    ("Edinburgh", "Europe/London"),
    ("West Central Africa", "Africa/Algiers"),
    ("Bern", "Europe/Zurich"),
    ("Kyiv", "Europe/Kiev"),
    ("Pretoria", "Africa/Johannesburg"),
    ("St. Petersburg", "Europe/Moscow"),
    ("Abu Dhabi", "Asia/Muscat"),
    ("New Delhi", "Asia/Kolkata"),
    ("Beijing", "Asia/Shanghai"),
    ("Wellington", "Pacific/Auckland"),
    ("Osaka", "Asia/Tokyo"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(start: &str, end: &str) -> Result<Vec<Window>, String> {
        let freeze = FreezePeriod {
            id: 1,
            freeze_start: Some(start.into()),
            freeze_end: Some(end.into()),
            cron_timezone: None,
            created_at: Some("2026-01-10T09:00:00.000Z".into()),
        };
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        windows(&Id::constant("f"), &freeze, Zone::UTC, today)
    }

    #[test]
    fn a_period_that_is_always_as_long_repeats_by_a_rule() {
        for (row, start, end, want) in [
            (
                "a weekend",
                "0 23 * * 5",
                "0 8 * * 1",
                "2025-01-10T23:00:00 2025-01-13T08:00:00 FREQ=WEEKLY;BYDAY=FR",
            ),
            (
                "a turn of the year",
                "0 0 20 12 *",
                "0 0 3 1 *",
                "2025-12-20T00:00:00 2026-01-03T00:00:00 FREQ=DAILY;BYMONTH=12;BYMONTHDAY=20",
            ),
            ("a night", "0 22 * * *", "0 6 * * *", "2025-01-09T22:00:00 2025-01-10T06:00:00 FREQ=DAILY"),
        ] {
            let windows = of(start, end).unwrap();
            let [window] = windows.as_slice() else { panic!("{row}: {windows:?}") };
            let said = format!("{} {} {}", window.start, window.end, window.rrule.as_deref().unwrap());
            assert_eq!(said, want, "{row}");
        }
    }

    #[test]
    fn a_period_of_changing_length_is_listed() {
        let windows = of("0 0 28 * *", "0 0 1 * *").unwrap();
        let lengths: Vec<&str> = windows.iter().map(|window| window.id.as_str()).collect();
        assert_eq!(
            lengths,
            ["f-1440m", "f-2880m", "f-4320m", "f-5760m"],
            "February, the one of 2028, short and long months"
        );
        assert_eq!(windows.iter().map(|window| 1 + window.rdates.len()).sum::<usize>(), 36);
        assert!(of("0 0 20 2 *", "0 0 5 3 *").unwrap()[0].rrule.is_none());
    }

    #[test]
    fn what_makes_no_window_is_said() {
        for (start, end, want) in [
            ("soon", "0 8 * * 1", "freeze_start"),
            ("0 8 * * 1", "", "freeze_end"),
            ("0 0 30 2 *", "0 0 1 3 *", "never occurs"),
        ] {
            assert!(of(start, end).unwrap_err().contains(want), "{start} {end}");
        }
    }

    #[test]
    fn a_zone_is_known_by_what_rails_calls_it() {
        for (name, want) in [
            ("Europe/Madrid", Some("Europe/Madrid")),
            ("Madrid", Some("Europe/Madrid")),
            ("UTC", Some("UTC")),
            ("New Delhi", Some("Asia/Kolkata")),
            ("Buenos Aires", Some("America/Argentina/Buenos_Aires")),
            ("Eastern Time (US & Canada)", Some("America/New_York")),
            ("Atlantis", None),
            ("", None),
        ] {
            assert_eq!(zone(name).map(Zone::name), want, "{name}");
        }
    }
}
