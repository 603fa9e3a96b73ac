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
    hole.insert("type".into(), ("exclude".into(), "Excluded".into()));
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

/// A schedule with one entry, and what is excluded of it.
fn with_holes(entry: &(String, String, Value), holes: &[(String, String, Value)]) -> Snow {
    Snow::having(|tables| {
        tables.insert("cmn_schedule_condition".into(), vec![schedule("s1", BLACKOUT, "Europe/Madrid", "")]);
        let holes = holes
            .iter()
            .enumerate()
            .map(|(at, (from, to, more))| excluded(&format!("x{at}"), "s1", (from, to), more.clone()));
        let entry = span("p1", "s1", (&entry.0, &entry.1), entry.2.clone());
        tables.insert("cmn_schedule_span".into(), holes.chain([entry]).collect());
    })
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
        let reader = with_holes(&entry, &holes).read();
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

fn rules(reader: &Reader) -> Vec<String> {
    windows(reader).into_iter().map(|w| format!("{} {}", w.id, w.rrule.as_deref().unwrap_or("-"))).collect()
}

#[test]
fn a_floating_day_of_the_year_is_counted_from_sunday_and_the_last_week_has_a_word() {
    for (day, week, want) in [
        ("1", "2", Some("FREQ=YEARLY;BYMONTH=3;BYDAY=2SU")),
        ("2", "last", Some("FREQ=YEARLY;BYMONTH=3;BYDAY=-1MO")),
        ("7", "1", Some("FREQ=YEARLY;BYMONTH=3;BYDAY=1SA")),
        ("5", "4", Some("FREQ=YEARLY;BYMONTH=3;BYDAY=4TH")),
        ("8", "1", None),
        ("1", "first", None),
    ] {
        let world = Snow::having(|tables| {
            let repeat = json!({ "repeat_type": "yearly", "yearly_type": "float", "month": "3", "float_week": week,
                "float_day": day, "all_day": "true" });
            tables.insert("cmn_schedule_condition".into(), vec![schedule("s1", BLACKOUT, "US/Eastern", "")]);
            let times = ("20260308T000000", "20260308T235959");
            tables.insert("cmn_schedule_span".into(), vec![span("p1", "s1", times, repeat)]);
        });
        let reader = world.read();
        assert_eq!(rules(&reader), [format!("snow:p1 {}", want.unwrap_or("-"))], "{day} {week}");
        assert_eq!(reader.faults.len(), usize::from(want.is_none()), "{day} {week}: {:?}", reader.faults);
    }
}

fn of_class(id: &str, class: &str, condition: &str) -> Row {
    let mut all = schedule(id, BLACKOUT, "", condition);
    all.extend(row(json!({ "applies_to": class, "source": class })));
    all
}

#[test]
fn a_schedule_for_a_class_of_cis_names_those_it_is_for() {
    let ci = |id: &str, name: &str, more: Value| {
        let mut ci = row(json!({ "sys_id": id, "name": name, "u_tier": "" }));
        ci.extend(row(more));
        ci
    };
    let night = ("20261105T220000", "20261106T020000");
    for (name, class, condition, want, place) in [
        ("a class", "cmdb_ci_server", "", "hard [\"db-1\", \"web-1\"]", None),
        ("a part of it", "cmdb_ci_server", "u_tier=1^EQ", "hard [\"db-1\"]", None),
        ("every CI", "cmdb_ci", "", "hard []", None),
        ("CIs by name", "cmdb_ci", "name=mail^ORname=dns", "hard [\"mail\"]", None),
        ("changes", "change_request", "cmdb_ci.name=mail", "hard [\"mail\"]", None),
        ("a condition that is dropped", "cmdb_ci_server", "u_owner=me", "soft []", Some("u_owner")),
        ("nothing that can be seen", "cmdb_ci_server", "u_tier=9", "soft []", Some("can be seen")),
        ("a class that is not there", "cmdb_ci_tape", "", "soft []", Some("cannot be read")),
        ("no class", "cmdb_ci/../x", "", "soft []", Some("no class")),
    ] {
        let world = Snow::having(|tables| {
            tables.insert("cmn_schedule_condition".into(), vec![of_class("s1", class, condition)]);
            tables.insert("cmn_schedule_span".into(), vec![span("p1", "s1", night, json!({}))]);
            let servers = vec![ci("i1", "db-1", json!({ "u_tier": "1" })), ci("i2", "web-1", json!({}))];
            tables.insert("cmdb_ci_server".into(), servers);
            tables.insert("cmdb_ci".into(), vec![ci("i3", "mail", json!({}))]);
        });
        let reader = world.read();
        let told: Vec<String> = windows(&reader)
            .into_iter()
            .map(|w| format!("{} {:?}", if w.hard { "hard" } else { "soft" }, w.scope.services))
            .collect();
        assert_eq!(told, [want], "{name}");
        let messages: Vec<&str> = reader.faults.iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(messages.len(), usize::from(place.is_some()), "{name}: {messages:?}");
        assert!(messages.iter().all(|text| text.contains(place.unwrap_or_default())), "{name}: {messages:?}");
    }
}

#[test]
fn an_entry_that_is_for_something_else_than_its_schedule_says_so_itself() {
    let night = ("20261105T220000", "20261106T020000");
    let world = Snow::having(|tables| {
        tables.insert("cmn_schedule_condition".into(), vec![of_class("s1", "cmdb_ci", "")]);
        let own = json!({ "applies_to": "change_request", "condition": "cmdb_ci.name=mail" });
        let spans = vec![span("p1", "s1", night, json!({})), span("p2", "s1", night, own)];
        tables.insert("cmn_schedule_span".into(), spans);
    });
    let reader = world.read();
    let scopes: Vec<usize> = windows(&reader).into_iter().map(|w| w.scope.services.len()).collect();
    assert_eq!((scopes, reader.faults.len()), (vec![0, 1], 0));
}

fn other(id: &str, of: &str, child: &str, kind: &str) -> Row {
    row(json!({ "sys_id": id, "schedule": of, "child_schedule": child, "type": kind }))
}

#[test]
fn schedules_include_and_exclude_others() {
    let plain = |id: &str, zone: &str| schedule(id, "cmn_schedule", zone, "");
    let daily = || json!({ "repeat_type": "daily", "repeat_until": "20261108" });
    let night = ("20261105T220000", "20261105T230000");
    let holiday = ("20261107T000000", "20261107T235959");
    let world = |others: Vec<Row>, zone: &str| {
        Snow::having(|tables| {
            tables
                .insert("cmn_schedule_condition".into(), vec![schedule("s1", BLACKOUT, "Europe/Madrid", "")]);
            tables.insert("cmn_schedule".into(), vec![plain("k1", zone), plain("k2", "")]);
            let spans = vec![
                span("p1", "s1", night, daily()),
                span("p2", "k1", holiday, json!({ "all_day": "true" })),
                span("p3", "k2", ("20261105T120000", "20261105T130000"), json!({})),
            ];
            tables.insert("cmn_schedule_span".into(), spans);
            tables.insert("cmn_other_schedule".into(), others);
        })
    };
    let from = NaiveDate::from_ymd_opt(2026, 11, 5).unwrap();
    let nights = |days: &[&str]| days.iter().map(|d| format!("{d}T22:00-{d}T23:00")).collect::<Vec<_>>();
    let alone = nights(&["05", "06", "07", "08"]);
    let with = |more: &str, base: &[String]| {
        let mut all = base.to_vec();
        all.push(more.to_owned());
        all.sort();
        all
    };
    let rows: Vec<(&str, Vec<Row>, &str, Vec<String>, Option<&str>)> = vec![
        ("none", vec![], "", alone.clone(), None),
        (
            "one included",
            vec![other("o1", "s1", "k1", "include")],
            "",
            with("07T00:00-08T00:00", &alone),
            None,
        ),
        ("one excluded", vec![other("o1", "s1", "k1", "exclude")], "", nights(&["05", "06", "08"]), None),
        (
            "one that includes another, and so on in a ring",
            vec![
                other("o1", "s1", "k1", "include"),
                other("o2", "k1", "k2", "include"),
                other("o3", "k2", "s1", "include"),
            ],
            "Europe/Madrid",
            with("05T12:00-05T13:00", &with("07T00:00-08T00:00", &alone)),
            None,
        ),
        ("one that cannot be seen", vec![other("o1", "s1", "k9", "include")], "", alone.clone(), Some("k9")),
        (
            "excluded in another zone",
            vec![other("o1", "s1", "k1", "exclude")],
            "Asia/Tokyo",
            alone.clone(),
            Some("without holes"),
        ),
    ];
    for (name, others, zone, want, doubt) in rows {
        let reader = world(others, zone).read();
        let mut found = times(&reader, from, 5);
        found.sort();
        assert_eq!(found, want, "{name}");
        let kinds: BTreeSet<String> = windows(&reader).iter().map(|w| w.kind.value.to_string()).collect();
        assert_eq!(kinds, BTreeSet::from(["freeze".to_owned()]), "{name}");
        let messages: Vec<&str> = reader.faults.iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(messages.len(), usize::from(doubt.is_some()), "{name}: {messages:?}");
        assert!(messages.iter().all(|text| text.contains(doubt.unwrap_or_default())), "{name}: {messages:?}");
    }
}

#[test]
fn one_schedule_included_by_two_has_a_window_in_each() {
    let world = Snow::having(|tables| {
        let roots =
            vec![schedule("s1", BLACKOUT, "", ""), schedule("s2", "cmn_schedule_maintenance", "", "")];
        tables.insert("cmn_schedule_condition".into(), roots);
        tables.insert("cmn_schedule".into(), vec![schedule("k1", "cmn_schedule", "", "")]);
        let night = ("20261105T220000", "20261105T230000");
        tables.insert("cmn_schedule_span".into(), vec![span("p1", "k1", night, json!({}))]);
        let others = vec![other("o1", "s1", "k1", "include"), other("o2", "s2", "k1", "include")];
        tables.insert("cmn_other_schedule".into(), others);
    });
    let reader = world.read();
    let told: Vec<String> =
        windows(&reader).iter().map(|w| format!("{} {} {}", w.id, w.kind.value, w.name)).collect();
    assert_eq!(told, ["snow:p1-s1 freeze S s1: S k1", "snow:p1-s2 maintenance S s2: S k1"]);
}

#[test]
fn a_ci_names_its_own_maintenance_schedule() {
    let ci = |id: &str, name: &str, of: &str| {
        row(json!({ "sys_id": id, "name": name, "maintenance_schedule": [of, of] }))
    };
    let night = ("20261105T220000", "20261106T020000");
    let world = Snow::having(|tables| {
        let mut narrow = of_class("s1", "change_request", "cmdb_ci.name=mail");
        narrow.insert("sys_class_name".into(), ("cmn_schedule_maintenance".into(), String::new()));
        let listed = vec![narrow, schedule("s2", "cmn_schedule_maintenance", "", "")];
        let mut all = listed.clone();
        all.push(schedule("k1", "cmn_schedule", "Europe/Madrid", ""));
        tables.insert("cmn_schedule_condition".into(), listed);
        tables.insert("cmn_schedule".into(), all);
        let spans = ["s1", "s2", "k1"].map(|of| span(&format!("p-{of}"), of, night, json!({})));
        tables.insert("cmn_schedule_span".into(), spans.to_vec());
        let cis = vec![
            ci("i1", "db-1", "k1"),
            ci("i2", "db-2", "k1"),
            ci("i3", "web", "s1"),
            ci("i4", "dns", "s2"),
            ci("i5", "free", ""),
        ];
        tables.insert("cmdb_ci".into(), cis);
    });
    let reader = world.read();
    let told: Vec<String> = windows(&reader)
        .iter()
        .map(|w| {
            format!("{} {} {:?} {}", w.id, w.kind.value, w.scope.services, w.zone.as_deref().unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "snow:p-k1 maintenance [\"db-1\", \"db-2\"] Europe/Madrid",
            "snow:p-s1 maintenance [\"mail\"] -",
            "snow:p-s1-ci maintenance [\"web\"] -",
            "snow:p-s2 maintenance [] -",
        ]
    );
    assert_eq!(reader.faults, []);
}
