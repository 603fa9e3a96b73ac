//! Blackout and maintenance schedules of ServiceNow, and what their excluded entries cut out of them.

use chrono::{Datelike as _, Days, NaiveDate};
use quorate::{calendar::Recurring, model::Window};

use super::*;

const BLACKOUT: &str = "cmn_schedule_blackout";

fn schedule(id: &str, class: &str, zone: &str, condition: &str) -> Row {
    row(
        json!({ "sys_id": id, "name": format!("S {id}"), "sys_class_name": class, "type": "", "time_zone": zone,
        "condition": condition, "description": "" }),
    )
}

fn span(id: &str, of: &str, times: (&str, &str), more: Value) -> Row {
    let mut span = row(
        json!({ "sys_id": id, "schedule": of, "name": "", "type": "", "start_date_time": times.0,
        "end_date_time": times.1, "all_day": "false", "repeat_type": "", "days_of_week": "", "monthly_type": "" }),
    );
    span.extend(row(more));
    span
}

fn windows(reader: &Reader) -> Vec<&Window> {
    let all = reader.of_kind(RecordKind::Window).into_iter().filter_map(|record| match record {
        Record::Window(window) => Some(&**window),
        _ => None,
    });
    all.inspect(|window| drop(Recurring::new(window, Zone::UTC).unwrap())).collect()
}

fn told(reader: &Reader) -> Vec<String> {
    let line = |w: &Window| {
        format!(
            "{} {} {}..{} {} {} {} {:?}",
            w.id,
            w.kind.value,
            w.start,
            w.end,
            w.zone.as_deref().unwrap_or("-"),
            w.rrule.as_deref().unwrap_or("-"),
            if w.hard { "hard" } else { "soft" },
            w.scope.kinds
        )
    };
    windows(reader).into_iter().map(line).collect()
}

#[test]
fn schedules_become_windows() {
    let (night, freeze) = (("20261105T220000", "20261106T020000"), ("20261220T000000", "20270106T235959"));
    let world = Snow::having(|tables| {
        let (blackout, maintenance) = ("cmn_schedule_blackout", "cmn_schedule_maintenance");
        tables.insert(
            "cmn_schedule_condition".into(),
            vec![
                schedule("s1", blackout, "Europe/Madrid", ""),
                schedule("s2", maintenance, "floating", "type=normal^ORtype=standard^EQ"),
                schedule("s3", blackout, "", "cmdb_ci.u_tierIN1,2"),
                schedule("s4", "cmn_schedule_condition", "", ""),
            ],
        );
        tables.insert(
            "cmn_schedule_span".into(),
            vec![
                span("p1", "s1", freeze, json!({})),
                span("p2", "s1", freeze, json!({ "all_day": "true" })),
                span("p3", "s2", night, json!({ "repeat_type": "weekly", "days_of_week": "24", "repeat_count": "2", "repeat_until": "20261231" })),
                span("p4", "s2", night, json!({ "repeat_type": "monthly", "monthly_type": "dow" })),
                span("p5", "s2", ("20261105T220000Z", "20261106T020000Z"), json!({ "repeat_type": "specific" })),
                span("p6", "s3", night, json!({})),
                span("p7", "s4", night, json!({})),
                span("p8", "s1", ("soon", "later"), json!({})),
            ],
        );
    });
    let reader = world.read();
    let told = told(&reader);
    assert_eq!(
        told,
        [
            "snow:p1 freeze 2026-12-20T00:00:00..2027-01-06T23:59:59 Europe/Madrid - hard []",
            "snow:p2 freeze 2026-12-20..2027-01-06 Europe/Madrid - hard []",
            "snow:p3 maintenance 2026-11-05T22:00:00..2026-11-06T02:00:00 - FREQ=WEEKLY;BYDAY=TU,TH;INTERVAL=2;UNTIL=20261231 hard [\"normal\", \"standard\"]",
            "snow:p4 maintenance 2026-11-05T22:00:00..2026-11-06T02:00:00 - FREQ=MONTHLY;BYDAY=1TH hard [\"normal\", \"standard\"]",
            "snow:p5 maintenance 2026-11-05T22:00:00Z..2026-11-06T02:00:00Z - - hard [\"normal\", \"standard\"]",
            "snow:p6 freeze 2026-11-05T22:00:00..2026-11-06T02:00:00 - - soft []",
        ]
    );
    let places: Vec<&str> = reader.faults.iter().map(|fault| fault.place.as_str()).collect();
    assert_eq!(places, ["start_date_time", "repeat_type", "condition"]);
}

fn excluded(id: &str, of: &str, times: (&str, &str), more: Value) -> Row {
    let mut hole = span(id, of, times, more);
    hole.insert("type".into(), ("excluded".into(), "Excluded".into()));
    hole
}

/// When the windows occur in a span of local days, all together, in the zone of Madrid: `25T22:00-26T02:00`.
fn times(reader: &Reader, from: NaiveDate, days: u64) -> Vec<String> {
    let zone = Zone::named("Europe/Madrid").unwrap();
    let span = quorate::model::Span::new(zone.midnight(from), zone.midnight(from + Days::new(days))).unwrap();
    let mut found: Vec<_> = windows(reader)
        .into_iter()
        .flat_map(|window| Recurring::new(window, zone).unwrap().expand(span).unwrap())
        .map(|one| one.span)
        .collect();
    found.sort_by_key(|span| span.start());
    let local = |at| zone.local(at).format("%dT%H:%M").to_string();
    found.iter().map(|span| format!("{}-{}", local(span.start()), local(span.end()))).collect()
}

#[test]
fn an_excluded_entry_cuts_a_hole_into_its_schedule() {
    // A Monday well within what is reckoned, in winter.
    let monday = NaiveDate::from_isoywd_opt(chrono::Utc::now().year() + 1, 4, chrono::Weekday::Mon).unwrap();
    let at = |day: u64, time: &str| format!("{}T{time}", (monday + Days::new(day)).format("%Y%m%d"));
    let day = |day: u64| (monday + Days::new(day)).format("%d").to_string();
    let hole = |from: (u64, &str), to: (u64, &str), more: Value| (at(from.0, from.1), at(to.0, to.1), more);
    let weekly = || json!({ "repeat_type": "daily" });
    let long = hole((0, "080000"), (4, "180000"), json!({}));
    let night = hole((0, "220000"), (1, "020000"), weekly());
    let all_day = hole((0, "000000"), (2, "235959"), json!({ "all_day": "true" }));
    let rows: Vec<(&str, (String, String, Value), Vec<(String, String, Value)>, Vec<&str>)> = vec![
        ("none", long.clone(), vec![], vec!["0T08:00-4T18:00"]),
        (
            "in the middle",
            long.clone(),
            vec![hole((1, "100000"), (1, "120000"), json!({}))],
            vec!["0T08:00-1T10:00", "1T12:00-4T18:00"],
        ),
        (
            "at its start and over its end",
            long.clone(),
            vec![
                hole((0, "060000"), (0, "090000"), json!({})),
                hole((4, "170000"), (5, "170000"), json!({})),
            ],
            vec!["0T09:00-4T17:00"],
        ),
        ("all of it", long.clone(), vec![hole((0, "080000"), (4, "180000"), json!({}))], vec![]),
        (
            "beside it",
            long.clone(),
            vec![hole((4, "180000"), (5, "180000"), json!({}))],
            vec!["0T08:00-4T18:00"],
        ),
        (
            "one that repeats, out of one that does not",
            hole((0, "080000"), (2, "180000"), json!({})),
            vec![hole((0, "120000"), (0, "130000"), weekly())],
            vec!["0T08:00-0T12:00", "0T13:00-1T12:00", "1T13:00-2T12:00", "2T13:00-2T18:00"],
        ),
        (
            "a whole night of many",
            night.clone(),
            vec![hole((2, "200000"), (3, "040000"), json!({}))],
            vec!["0T22:00-1T02:00", "1T22:00-2T02:00", "3T22:00-4T02:00", "4T22:00-5T02:00"],
        ),
        (
            "a part of one of many",
            night.clone(),
            vec![hole((2, "230000"), (3, "000000"), json!({}))],
            vec![
                "0T22:00-1T02:00",
                "1T22:00-2T02:00",
                "2T22:00-2T23:00",
                "3T00:00-3T02:00",
                "3T22:00-4T02:00",
                "4T22:00-5T02:00",
            ],
        ),
        (
            "an hour of each",
            night.clone(),
            vec![hole((0, "220000"), (0, "230000"), weekly())],
            vec![
                "0T23:00-1T02:00",
                "1T23:00-2T02:00",
                "2T23:00-3T02:00",
                "3T23:00-4T02:00",
                "4T23:00-5T02:00",
            ],
        ),
        (
            "whole days less some hours",
            all_day,
            vec![hole((1, "090000"), (1, "170000"), json!({}))],
            vec!["0T00:00-1T09:00", "1T17:00-3T00:00"],
        ),
    ];
    for (name, entry, holes, want) in rows {
        let world = Snow::having(|tables| {
            tables
                .insert("cmn_schedule_condition".into(), vec![schedule("s1", BLACKOUT, "Europe/Madrid", "")]);
            let holes = holes
                .iter()
                .enumerate()
                .map(|(at, (from, to, more))| excluded(&format!("x{at}"), "s1", (from, to), more.clone()));
            let entry = span("p1", "s1", (&entry.0, &entry.1), entry.2.clone());
            tables.insert("cmn_schedule_span".into(), holes.chain([entry]).collect());
        });
        let reader = world.read();
        assert_eq!(reader.faults, [], "{name}");
        let want: Vec<String> = want
            .iter()
            .map(|line| {
                let ends = line.split('-').map(|end| {
                    let (number, time) = end.split_once('T').unwrap();
                    format!("{}T{time}", day(number.parse().unwrap()))
                });
                ends.collect::<Vec<_>>().join("-")
            })
            .collect();
        assert_eq!(times(&reader, monday, 5), want, "{name}");
    }
}

#[test]
fn a_hole_that_cannot_be_cut_is_a_doubt_and_hides_nothing() {
    let night = ("20261105T220000", "20261106T020000");
    let in_utc = ("20261105T220000Z", "20261106T020000Z");
    let daily = || json!({ "repeat_type": "daily" });
    for (name, entry, hole, place) in [
        (
            "of another clock",
            span("p1", "s1", night, json!({})),
            excluded("x", "s1", in_utc, json!({})),
            "excluded",
        ),
        (
            "in UTC, of another zone, again and again",
            span("p1", "s1", in_utc, daily()),
            excluded("x", "s1", in_utc, json!({})),
            "excluded",
        ),
        (
            "no time",
            span("p1", "s1", night, json!({})),
            excluded("x", "s1", ("soon", "later"), json!({})),
            "start_date_time",
        ),
        (
            "of another schedule",
            span("p1", "s1", night, json!({})),
            excluded("x", "s2", night, json!({})),
            "",
        ),
    ] {
        let world = Snow::having(|tables| {
            let all = ["s1", "s2"].map(|id| schedule(id, BLACKOUT, "Europe/Madrid", ""));
            tables.insert("cmn_schedule_condition".into(), all.to_vec());
            tables.insert("cmn_schedule_span".into(), vec![entry, hole]);
        });
        let reader = world.read();
        assert_eq!(windows(&reader).len(), 1, "{name}");
        let places: Vec<&str> = reader.faults.iter().map(|fault| fault.place.as_str()).collect();
        assert_eq!(
            places,
            if place.is_empty() { vec![] } else { vec![place] },
            "{name}: {:?}",
            reader.faults
        );
    }
}

#[test]
fn what_is_not_understood_of_a_schedule_is_said_of_its_windows_alone() {
    let night = ("20261105T220000", "20261106T020000");
    let world = Snow::having(|tables| {
        let odd = schedule("s1", BLACKOUT, "Europe/Madrid", "cmdb_ci.u_tierIN1,2");
        tables.insert("cmn_schedule_condition".into(), vec![odd]);
        let hole = excluded("x", "s1", ("20261106T000000", "20261106T010000"), json!({}));
        tables.insert("cmn_schedule_span".into(), vec![span("p1", "s1", night, json!({})), hole]);
    });
    let reader = world.read();
    let places: Vec<&str> = reader.faults.iter().map(|fault| fault.place.as_str()).collect();
    assert_eq!(places, ["condition"]);
    assert_eq!(windows(&reader).iter().filter(|window| !window.hard).count(), 2, "two pieces, both soft");
}
