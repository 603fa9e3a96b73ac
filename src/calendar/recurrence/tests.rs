//! A table of rules with what they yield, and properties against a reference that looks at every day or second in turn.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use proptest::prelude::*;

use super::*;
use crate::calendar::{date::day_number, rule::Until};

fn clock(text: &str) -> NaiveDateTime {
    text.parse::<crate::model::window::Wall>().unwrap().local().unwrap()
}

fn recurrence(rule: &str, start: &str) -> Recurrence {
    let rule: Rule = rule.parse().unwrap();
    let until = rule.until.map(|until| until.wall(crate::calendar::Zone::UTC));
    Recurrence::new(&rule, clock(start), start.len() == 10, until)
}

fn days(rule: &str, start: &str, to: &str) -> String {
    let mut walls = Vec::new();
    recurrence(rule, start).between(i64::MIN / 2, wall_secs(clock(to)), &mut walls).unwrap();
    walls.iter().map(|wall| wall_clock(*wall).format("%y%m%d").to_string()).collect::<Vec<_>>().join(" ")
}

/// Name, rule, start, end, and the days it yields.
type DayCase = (&'static str, &'static str, &'static str, &'static str, &'static str);

const DAYS: &[DayCase] = &[
    ("every week", "FREQ=WEEKLY", "2026-11-04T22:00", "2026-11-26", "261104 261111 261118 261125"),
    ("two weekdays", "FREQ=WEEKLY;BYDAY=MO,WE", "2026-11-04T22:00", "2026-11-12", "261104 261109 261111"),
    (
        "every other week counts from Monday",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO",
        "2026-11-08",
        "2026-12-01",
        "261108 261116 261122 261130",
    ),
    (
        "every other week counts from Sunday",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
        "2026-11-08",
        "2026-12-01",
        "261108 261109 261122 261123",
    ),
    ("second Tuesday", "FREQ=MONTHLY;BYDAY=2TU", "2026-01-01", "2026-05-01", "260113 260210 260310 260414"),
    ("last Sunday", "FREQ=MONTHLY;BYDAY=-1SU", "2026-01-01", "2026-05-01", "260125 260222 260329 260426"),
    (
        "fifth Friday, where there is one",
        "FREQ=MONTHLY;BYDAY=5FR",
        "2026-01-01",
        "2026-11-01",
        "260130 260529 260731 261030",
    ),
    (
        "the 31st, where there is one",
        "FREQ=MONTHLY",
        "2026-01-31",
        "2026-08-01",
        "260131 260331 260531 260731",
    ),
    (
        "last day of the month",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "2026-01-31",
        "2026-05-01",
        "260131 260228 260331 260430",
    ),
    (
        "last working day",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "2026-01-01",
        "2026-06-01",
        "260130 260227 260331 260430 260529",
    ),
    (
        "first and last Monday or the 13th",
        "FREQ=MONTHLY;BYDAY=MO,FR;BYSETPOS=1,-1",
        "2026-02-01",
        "2026-04-01",
        "260202 260227 260302 260330",
    ),
    (
        "Friday the 13th",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "2026-01-01",
        "2027-01-01",
        "260213 260313 261113",
    ),
    (
        "quarters",
        "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1",
        "2026-01-01",
        "2027-01-01",
        "260101 260401 260701 261001",
    ),
    ("once a year", "FREQ=YEARLY", "2024-12-19", "2027-01-01", "241219 251219 261219"),
    ("29 February", "FREQ=YEARLY", "2024-02-29", "2033-01-01", "240229 280229 320229"),
    (
        "US Thanksgiving",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        "2024-01-01",
        "2027-01-01",
        "241128 251127 261126",
    ),
];

const MORE_DAYS: &[DayCase] = &[
    (
        "hundredth day and last",
        "FREQ=YEARLY;BYYEARDAY=100,-1",
        "2024-01-01",
        "2026-01-01",
        "240409 241231 250410 251231",
    ),
    ("twentieth Monday of the year", "FREQ=YEARLY;BYDAY=20MO", "2025-01-01", "2027-01-01", "250519 260518"),
    ("Monday of week 20", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "2025-01-01", "2027-01-01", "250512 260511"),
    (
        "week 1 begins in December",
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO",
        "2025-01-01",
        "2027-01-31",
        "251229 270104",
    ),
    (
        "week 53, where there is one, on the weekday of the start",
        "FREQ=YEARLY;BYWEEKNO=53",
        "2020-12-30",
        "2040-01-01",
        "201230 261230 321229 371230",
    ),
    ("the last week", "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "2025-01-01", "2028-01-01", "251228 270103"),
    ("three times", "FREQ=DAILY;COUNT=3", "2026-11-04", "2027-01-01", "261104 261105 261106"),
    (
        "the start is not generated, and not counted",
        "FREQ=WEEKLY;BYDAY=MO;COUNT=2",
        "2026-11-04",
        "2027-01-01",
        "261109 261116",
    ),
    (
        "until a date, whole",
        "FREQ=DAILY;UNTIL=20261106",
        "2026-11-04T22:00",
        "2027-01-01",
        "261104 261105 261106",
    ),
    (
        "until an hour before",
        "FREQ=DAILY;UNTIL=20261106T210000",
        "2026-11-04T22:00",
        "2027-01-01",
        "261104 261105",
    ),
    (
        "until and count",
        "FREQ=DAILY;UNTIL=20261106;COUNT=2",
        "2026-11-04T22:00",
        "2027-01-01",
        "261104 261105",
    ),
    ("never", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-11-04", "2926-01-01", ""),
    ("never, counted", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "2026-11-04", "2926-01-01", ""),
    (
        "times of the rule do not touch whole days",
        "FREQ=DAILY;BYHOUR=9,17;COUNT=2",
        "2026-11-04",
        "2027-01-01",
        "261104 261105",
    ),
    ("a count of millions", "FREQ=DAILY;COUNT=99999999", "9999-12-30", "9999-12-31T23:59", "991230 991231"),
];

#[test]
fn rules_yield_days() {
    for (name, rule, start, to, want) in DAYS.iter().chain(MORE_DAYS) {
        assert_eq!(days(rule, start, to), *want, "{name}");
    }
}

#[test]
fn rules_yield_times() {
    let hours = |rule: &str| {
        let mut walls = Vec::new();
        recurrence(rule, "2026-11-04T22:30")
            .between(0, wall_secs(clock("2026-11-06T00:00")), &mut walls)
            .unwrap();
        walls
            .iter()
            .map(|wall| wall_clock(*wall).format("%d %H:%M").to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let cases = [
        ("twice a day", "FREQ=DAILY;BYHOUR=6,22", "04 22:30, 05 06:30, 05 22:30"),
        ("every nine hours", "FREQ=HOURLY;INTERVAL=9", "04 22:30, 05 07:30, 05 16:30"),
        ("hours of the night", "FREQ=HOURLY;BYHOUR=0,1,2;BYMINUTE=0", "05 00:00, 05 01:00, 05 02:00"),
        (
            "every forty minutes, at night",
            "FREQ=MINUTELY;INTERVAL=40;BYHOUR=22,1",
            "04 22:30, 05 01:10, 05 01:50, 05 22:30",
        ),
        (
            "the last of each hour",
            "FREQ=HOURLY;INTERVAL=12;BYMINUTE=0,15,45;BYSETPOS=-1",
            "04 22:45, 05 10:45, 05 22:45",
        ),
        ("at one second", "FREQ=SECONDLY;BYHOUR=3;BYMINUTE=0;BYSECOND=0", "05 03:00"),
        ("three of many", "FREQ=HOURLY;COUNT=3;INTERVAL=6", "04 22:30, 05 04:30, 05 10:30"),
        ("only on Thursdays", "FREQ=HOURLY;BYDAY=TH;BYHOUR=0,23", "05 00:30, 05 23:30"),
    ];
    for (name, rule, want) in cases {
        assert_eq!(hours(rule), want, "{name}");
    }
}

#[test]
fn too_many_is_a_fault_not_a_short_answer() {
    let year = wall_secs(clock("2027-11-04T00:00"));
    let second = recurrence("FREQ=SECONDLY", "2026-11-04T22:30");
    assert_eq!(second.between(0, year, &mut Vec::new()), Err(TooMany));
    let mut walls = Vec::new();
    second.between(year, year + 60, &mut walls).unwrap();
    assert_eq!(walls.len(), 60, "a short span is answered");
    let rule: Rule = "FREQ=MINUTELY;BYDAY=MO;COUNT=4000000000".parse().unwrap();
    let often = Recurrence::new(&rule, clock("2026-11-04T22:30"), false, None);
    assert_eq!(often.between(20 * year, 21 * year, &mut Vec::new()), Err(TooMany));
}

/// The first day of the week that holds a day, found by walking.
fn week_start(date: NaiveDate, first: Weekday) -> NaiveDate {
    (0..7)
        .filter_map(|back| date.checked_sub_days(Days::new(back)))
        .find(|day| day.weekday() == first)
        .unwrap()
}

/// The week number of a day and how many weeks its week year has, by RFC 5545 (four days in the new year).
fn week_number(date: NaiveDate, first: Weekday) -> (i32, i32) {
    let one = |year: i32| week_start(NaiveDate::from_ymd_opt(year, 1, 4).unwrap(), first);
    let year =
        [date.year() + 1, date.year(), date.year() - 1].into_iter().find(|year| one(*year) <= date).unwrap();
    let weeks = |from: NaiveDate, to: NaiveDate| i32::try_from((to - from).num_days() / 7).unwrap();
    (weeks(one(year), date) + 1, weeks(one(year), one(year + 1)))
}

fn holds_day(rule: &Rule, start: NaiveDate, date: NaiveDate) -> bool {
    let signed = |list: &[i32], at: i32, of: i32| list.contains(&at) || list.contains(&(at - of - 1));
    let number = |n: u32| i32::try_from(n).unwrap();
    let month_days = i32::from(date.num_days_in_month());
    let year_days = number(NaiveDate::from_ymd_opt(date.year(), 12, 31).unwrap().ordinal());
    let (week, weeks) = if rule.weeks.is_empty() { (0, 0) } else { week_number(date, rule.week_start) };
    let none = rule.days.is_empty() && rule.month_days.is_empty() && rule.year_days.is_empty();
    let nth = |n: i32| {
        let (at, of) = if rule.freq == Freq::Yearly && rule.months.is_empty() {
            (number(date.ordinal()), year_days)
        } else {
            (number(date.day()), month_days)
        };
        if n > 0 { (at + 6) / 7 == n } else { (of - at + 7) / 7 == -n }
    };
    let open = match rule.freq {
        Freq::Yearly if none && rule.weeks.is_empty() => {
            date.day() == start.day() && (!rule.months.is_empty() || date.month() == start.month())
        }
        Freq::Monthly if none => date.day() == start.day(),
        Freq::Weekly | Freq::Yearly if none => date.weekday() == start.weekday(),
        _ => true,
    };
    open && (rule.months.is_empty() || rule.months.contains(&date.month()))
        && (rule.days.is_empty()
            || rule.days.iter().any(|(n, day)| *day == date.weekday() && n.is_none_or(nth)))
        && (rule.month_days.is_empty() || signed(&rule.month_days, number(date.day()), month_days))
        && (rule.year_days.is_empty() || signed(&rule.year_days, number(date.ordinal()), year_days))
        && (rule.weeks.is_empty() || signed(&rule.weeks, week, weeks))
}

/// Which period a wall lies in, as a number that grows by one.
fn period(rule: &Rule, at: NaiveDateTime) -> i64 {
    let date = at.date();
    match rule.freq {
        Freq::Yearly => i64::from(date.year()),
        Freq::Monthly => i64::from(date.year()) * 12 + i64::from(date.month0()),
        Freq::Weekly => day_number(week_start(date, rule.week_start)).div_euclid(7),
        Freq::Daily => day_number(date),
        Freq::Hourly => wall_secs(at).div_euclid(3600),
        Freq::Minutely => wall_secs(at).div_euclid(60),
        Freq::Secondly => wall_secs(at),
    }
}

fn holds_time(rule: &Rule, start: NaiveTime, at: NaiveTime) -> bool {
    let one = |list: &[u32], own: Option<u32>, now: u32| match own {
        Some(own) if list.is_empty() => own == now,
        _ => list.is_empty() || list.contains(&now),
    };
    one(&rule.hours, (rule.freq >= Freq::Daily).then(|| start.hour()), at.hour())
        && one(&rule.minutes, (rule.freq >= Freq::Hourly).then(|| start.minute()), at.minute())
        && one(&rule.seconds, (rule.freq >= Freq::Minutely).then(|| start.second()), at.second())
}

/// Every candidate from the year of the start on, looked at in turn.
fn reference(rule: &Rule, start: NaiveDateTime, to: WallSecs) -> Vec<WallSecs> {
    let first = if rule.freq < Freq::Daily {
        start.date()
    } else {
        NaiveDate::from_ymd_opt(start.year() - 1, 12, 1).unwrap()
    };
    let seconds: Vec<i64> = (0..DAY)
        .step_by(60)
        .filter(|second| holds_time(rule, start.time(), wall_clock(*second).time()))
        .collect();
    let mut periods: BTreeMap<i64, Vec<WallSecs>> = BTreeMap::new();
    for date in first.iter_days().take_while(|date| day_number(*date) * DAY < to + 400 * DAY) {
        if rule.freq < Freq::Daily && day_number(date) * DAY > to {
            break;
        }
        if !holds_day(rule, start.date(), date) {
            continue;
        }
        for wall in seconds.iter().map(|second| day_number(date) * DAY + second) {
            periods.entry(period(rule, wall_clock(wall))).or_default().push(wall);
        }
    }
    let mut all = BTreeSet::new();
    for (index, set) in periods {
        if (index - period(rule, start)).rem_euclid(i64::from(rule.interval)) != 0 {
            continue;
        }
        let size = i64::try_from(set.len()).unwrap();
        for (at, wall) in (1..).zip(&set) {
            let chosen = |position: &i32| i64::from(*position) == at || i64::from(*position) == at - size - 1;
            if rule.positions.is_empty() || rule.positions.iter().any(chosen) {
                all.insert(*wall);
            }
        }
    }
    let until = rule.until.map_or(i64::MAX, |until| wall_secs(until.wall(crate::calendar::Zone::UTC)));
    let count = rule.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap());
    all.into_iter()
        .filter(|wall| *wall >= wall_secs(start) && *wall <= until)
        .take(count)
        .filter(|wall| *wall < to)
        .collect()
}

fn some<T: std::fmt::Debug + Clone + 'static>(
    from: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![3 => Just(Vec::new()), 1 => proptest::collection::vec(from, 1..4)]
}

fn signed(most: i32) -> impl Strategy<Value = i32> {
    prop_oneof![1..=most, -most..=-1]
}

fn a_weekday() -> impl Strategy<Value = Weekday> {
    (0u8..7).prop_map(|day| Weekday::try_from(day).unwrap())
}

prop_compose! {
    fn a_rule(freqs: Vec<Freq>)(
        freq in prop::sample::select(freqs),
        interval in prop_oneof![2 => Just(1u32), 1 => 2u32..6],
        count in prop_oneof![2 => Just(None), 1 => (1u32..40).prop_map(Some)],
        until in prop_oneof![3 => Just(None), 1 => (0i64..900).prop_map(Some)],
        clocks in (some(0u32..24), some(0u32..60)),
        days in some((prop_oneof![2 => Just(None), 1 => signed(5).prop_map(Some)], a_weekday())),
        month_days in some(signed(31)),
        year_days in some(signed(366)),
        weeks in some(signed(53)),
        months in some(1u32..13),
        positions in some(signed(4)),
        week_start in a_weekday(),
    ) -> Rule {
        let coarse = freq >= Freq::Monthly;
        let by_week = freq == Freq::Yearly && !weeks.is_empty();
        Rule {
            freq,
            interval: if by_week { 1 } else { interval },
            count,
            until: until.map(|day| Until::Local(clock("2026-03-01T10:00") + chrono::Duration::days(day))),
            seconds: Vec::new(),
            minutes: clocks.1,
            hours: clocks.0,
            days: days.into_iter().map(|(nth, day)| (nth.filter(|_| coarse && !by_week), day)).collect(),
            month_days: if freq == Freq::Weekly { Vec::new() } else { month_days },
            year_days: if freq == Freq::Yearly { year_days } else { Vec::new() },
            weeks: if by_week { weeks } else { Vec::new() },
            months,
            positions: if by_week { Vec::new() } else { positions },
            week_start,
        }
    }
}

fn check(rule: &Rule, start: NaiveDateTime, days: i64, parts: &[i64]) -> Result<(), TestCaseError> {
    let until = rule.until.map(|until| until.wall(crate::calendar::Zone::UTC));
    let recurrence = Recurrence::new(rule, start, false, until);
    let (from, to) = (wall_secs(start) - DAY, wall_secs(start) + days * DAY);
    let mut whole = Vec::new();
    recurrence.between(from, to, &mut whole).unwrap();
    prop_assert_eq!(&whole, &reference(rule, start, to), "against the reference");
    let mut cuts: Vec<i64> = parts.iter().map(|part| from + part * (to - from) / 1000).collect();
    cuts.extend([from, to]);
    cuts.sort_unstable();
    let mut joined = Vec::new();
    for cut in cuts.windows(2) {
        recurrence.between(cut[0], cut[1], &mut joined).unwrap();
    }
    prop_assert_eq!(joined, whole, "in parts");
    Ok(())
}

/// A rule as iCalendar writes it, without its end.
fn written(rule: &Rule) -> String {
    fn list<T: ToString>(name: &str, values: &[T]) -> String {
        let values: Vec<String> = values.iter().map(T::to_string).collect();
        if values.is_empty() { String::new() } else { format!(";{name}={}", values.join(",")) }
    }
    let short = |day: Weekday| day.to_string()[..2].to_uppercase();
    let days: Vec<String> = rule
        .days
        .iter()
        .map(|(nth, day)| format!("{}{}", nth.map(|nth| nth.to_string()).unwrap_or_default(), short(*day)))
        .collect();
    let parts = [
        list("BYMINUTE", &rule.minutes),
        list("BYHOUR", &rule.hours),
        list("BYDAY", &days),
        list("BYMONTHDAY", &rule.month_days),
        list("BYYEARDAY", &rule.year_days),
        list("BYMONTH", &rule.months),
        list("BYSETPOS", &rule.positions),
    ];
    let freq = format!("{:?}", rule.freq).to_uppercase();
    format!("FREQ={freq};INTERVAL={};WKST={}{}", rule.interval, short(rule.week_start), parts.concat())
}

/// Makes of a rule one that is compared with `rrule`. Left out, and not compared: week numbers, positions, weekdays with a
/// number beside ones without, minutes and hours named twice, a count together with an end. It refuses an end before the
/// start, and the fifth weekday from the end of a month.
fn as_both_read(mut rule: Rule, start: NaiveDateTime, end: NaiveDateTime) -> Rule {
    rule.weeks.clear();
    rule.positions.clear();
    if rule.days.iter().any(|(nth, _)| nth.is_none()) {
        rule.days.iter_mut().for_each(|(nth, _)| *nth = None);
    }
    rule.days.iter_mut().for_each(|(nth, _)| *nth = nth.map(|nth| nth.max(-4)));
    for list in [&mut rule.hours, &mut rule.minutes] {
        list.sort_unstable();
        list.dedup();
    }
    let ends = rule.until.map_or(end, |until| until.wall(crate::calendar::Zone::UTC).clamp(start, end));
    rule.until = rule.count.is_none().then_some(Until::Local(ends));
    rule
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn days_are_those_of_the_reference(
        rule in a_rule(vec![Freq::Daily, Freq::Weekly, Freq::Monthly, Freq::Yearly]),
        day in 0i64..800, hour in 0i64..24, parts in proptest::collection::vec(0i64..1000, 0..4),
    ) {
        let start = clock("2026-01-01T00:00") + chrono::Duration::hours(day * 24 + hour);
        check(&rule, start, 700, &parts)?;
    }

    #[test]
    fn days_are_those_of_another_program(
        rule in a_rule(vec![Freq::Daily, Freq::Weekly, Freq::Monthly, Freq::Yearly]),
        day in 0i64..800, hour in 0i64..24,
    ) {
        let start = clock("2026-01-01T00:00") + chrono::Duration::hours(day * 24 + hour);
        let end = start + chrono::Duration::days(1_500);
        let rule = as_both_read(rule, start, end);
        let until = rule.until.map(|until| until.wall(crate::calendar::Zone::UTC));
        let stamp = |at: NaiveDateTime| at.format("%Y%m%dT%H%M%SZ").to_string();
        let ends = until.map(|until| format!(";UNTIL={}", stamp(until)));
        let ends = ends.or(rule.count.map(|count| format!(";COUNT={count}"))).unwrap_or_default();
        let text = format!("DTSTART:{}\nRRULE:{}{ends}", stamp(start), written(&rule));
        let theirs: rrule::RRuleSet = text.parse().unwrap();
        let theirs: Vec<String> = theirs
            .into_iter()
            .map(|at| at.naive_utc())
            .take_while(|at| *at < end)
            .map(|at| at.to_string())
            .collect();
        let mut ours = Vec::new();
        Recurrence::new(&rule, start, false, until).between(wall_secs(start), wall_secs(end), &mut ours).unwrap();
        let ours: Vec<String> = ours.into_iter().map(|wall| wall_clock(wall).to_string()).collect();
        prop_assert_eq!(ours, theirs, "{}", text);
    }

    #[test]
    fn hours_are_those_of_the_reference(
        rule in a_rule(vec![Freq::Hourly, Freq::Minutely]),
        minute in 0i64..400_000, parts in proptest::collection::vec(0i64..1000, 0..4),
    ) {
        let start = clock("2026-01-01T00:00") + chrono::Duration::minutes(minute);
        check(&rule, start, 3, &parts)?;
    }
}
