//! Gap and fold against the change, EXDATE and RDATE, ends and zones, and what must hold for any window.

use proptest::prelude::*;

use super::*;
use crate::model::{id::Id, text::Line};

fn window(kind: WindowKind, start: &str, end: &str) -> Window {
    serde_json::from_value(serde_json::json!({
        "id": "w", "kind": kind, "start": start, "end": end, "zone": "Europe/Madrid",
    }))
    .unwrap()
}

fn ruled(start: &str, end: &str, rule: &str) -> Window {
    Window { rrule: Some(Line::new(rule)), ..window(WindowKind::Maintenance, start, end) }
}

fn walls(texts: &[&str]) -> Vec<Wall> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn span(from: &str, to: &str) -> Span {
    Span::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

fn year() -> Span {
    span("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
}

fn shown(window: &Window, asked: Span) -> String {
    let found = expand(window, Zone::UTC, asked).unwrap();
    let one = |found: &Occurrence| {
        let mark = if found.altered { "!" } else { "" };
        let clock = |at: Instant| at.to_utc().format("%m%dT%H%M").to_string();
        format!("{}-{}{mark}", clock(found.span.start()), clock(found.span.end()))
    };
    found.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn gap_and_fold_are_read_against_the_change() {
    use WindowKind::{Freeze, Maintenance, Meeting, Unknown};
    let cases = [
        ("plain", Maintenance, "2026-11-04T22:00", "2026-11-05T02:00", "1104T2100-1105T0100"),
        ("gap at the start", Maintenance, "2026-03-29T02:30", "2026-03-29T04:00", "0329T0100-0329T0200!"),
        ("gap at the end", Freeze, "2026-03-29T01:00", "2026-03-29T02:30", "0329T0000-0329T0100!"),
        ("gap swallows it", Maintenance, "2026-03-29T02:00", "2026-03-29T03:00", ""),
        ("gap swallows a freeze", Freeze, "2026-03-29T02:10", "2026-03-29T02:50", ""),
        ("fold at the start, freeze", Freeze, "2026-10-25T02:30", "2026-10-25T06:00", "1025T0030-1025T0500!"),
        (
            "fold at the start, window",
            Maintenance,
            "2026-10-25T02:30",
            "2026-10-25T06:00",
            "1025T0130-1025T0500!",
        ),
        ("fold at the end, freeze", Freeze, "2026-10-24T22:00", "2026-10-25T02:30", "1024T2000-1025T0130!"),
        ("fold at the end, window", Meeting, "2026-10-24T22:00", "2026-10-25T02:30", "1024T2000-1025T0030!"),
        ("fold at both, freeze", Freeze, "2026-10-25T02:00", "2026-10-25T02:30", "1025T0000-1025T0130!"),
        ("fold at both, window: never", Maintenance, "2026-10-25T02:00", "2026-10-25T02:30", ""),
        ("unknown kind is no freeze", Unknown, "2026-10-25T02:00", "2026-10-25T02:30", ""),
        (
            "across a change of offset",
            Maintenance,
            "2026-10-24T22:00",
            "2026-10-25T06:00",
            "1024T2000-1025T0500",
        ),
        ("whole days", Freeze, "2026-03-27", "2026-04-01", "0326T2300-0401T2200"),
        ("one whole day", Freeze, "2026-03-29", "2026-03-29", "0328T2300-0329T2200"),
        ("instants", Freeze, "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "1025T0030-1025T0100"),
        ("instant and wall clock", Freeze, "2026-11-04T21:00:00Z", "2026-11-05T02:00", "1104T2100-1105T0100"),
    ];
    for (name, kind, start, end, want) in cases {
        assert_eq!(shown(&window(kind, start, end), year()), want, "{name}");
        if name.starts_with("instant") {
            continue;
        }
        let ruled = Window { rrule: Some(Line::new("FREQ=DAILY;COUNT=1")), ..window(kind, start, end) };
        assert_eq!(shown(&ruled, year()), want, "{name}, as a rule");
    }
}

#[test]
fn wall_clocks_repeat() {
    let base = || ruled("2026-03-14T22:00", "2026-03-15T02:00", "FREQ=WEEKLY;BYDAY=SA;UNTIL=20260411");
    let cases = [
        (
            "across the change of offset",
            base(),
            "0314T2100-0315T0100 0321T2100-0322T0100 0328T2100-0329T0100! 0404T2000-0405T0000 0411T2000-0412T0000",
        ),
        (
            "until in UTC is a wall clock here",
            ruled("2026-03-28T22:00", "2026-03-28T23:00", "FREQ=WEEKLY;UNTIL=20260404T200000Z"),
            "0328T2100-0328T2200 0404T2000-0404T2100",
        ),
        (
            "until just before",
            ruled("2026-03-28T22:00", "2026-03-28T23:00", "FREQ=WEEKLY;UNTIL=20260404T195959Z"),
            "0328T2100-0328T2200",
        ),
        (
            "exdates as wall clock, date and instant",
            Window { exdates: walls(&["2026-03-21T22:00", "2026-04-04", "2026-04-11T20:00:00Z"]), ..base() },
            "0314T2100-0315T0100 0328T2100-0329T0100!",
        ),
        (
            "an exdate at another time removes nothing",
            Window {
                exdates: walls(&["2026-03-21T21:00", "2026-04-03"]),
                ..ruled("2026-03-21T22:00", "2026-03-21T23:00", "FREQ=WEEKLY;COUNT=1")
            },
            "0321T2100-0321T2200",
        ),
        (
            "rdates, doubles once",
            Window {
                rdates: walls(&["2026-03-28T22:00", "2026-04-20", "2026-04-21T10:00"]),
                ..ruled("2026-03-28T22:00", "2026-03-28T23:00", "FREQ=WEEKLY;COUNT=1")
            },
            "0328T2100-0328T2200 0420T2000-0420T2100 0421T0800-0421T0900",
        ),
        (
            "rdates without a rule",
            Window {
                rdates: walls(&["2026-04-20T22:00"]),
                ..window(WindowKind::Release, "2026-03-28T22:00", "2026-03-28T23:00")
            },
            "0328T2100-0328T2200 0420T2000-0420T2100",
        ),
        (
            "exdate wins over rdate",
            Window {
                rdates: walls(&["2026-04-20T22:00"]),
                exdates: walls(&["2026-04-20T22:00"]),
                ..window(WindowKind::Release, "2026-03-28T22:00", "2026-03-28T23:00")
            },
            "0328T2100-0328T2200",
        ),
        (
            "the start is not generated",
            ruled("2026-03-13T22:00", "2026-03-13T23:00", "FREQ=WEEKLY;BYDAY=SA;COUNT=1"),
            "0314T2100-0314T2200",
        ),
        (
            "half past two every night",
            ruled("2026-03-28T02:30", "2026-03-28T04:30", "FREQ=DAILY;COUNT=3"),
            "0328T0130-0328T0330 0329T0100-0329T0230! 0330T0030-0330T0230",
        ),
        (
            "the night with two half past twos",
            ruled("2026-10-24T02:30", "2026-10-24T03:00", "FREQ=DAILY;COUNT=3"),
            "1024T0030-1024T0100 1025T0130-1025T0200! 1026T0130-1026T0200",
        ),
        (
            "the shifted start can be excluded",
            Window {
                exdates: walls(&["2026-03-29T01:00:00Z"]),
                ..ruled("2026-03-28T02:30", "2026-03-28T04:30", "FREQ=DAILY;COUNT=2")
            },
            "0328T0130-0328T0330",
        ),
        (
            "a long one that began last year",
            ruled("2025-12-01", "2026-01-10", "FREQ=YEARLY"),
            "1130T2300-0110T2300 1130T2300-0110T2300",
        ),
    ];
    for (name, window, want) in cases {
        assert_eq!(shown(&window, year()), want, "{name}");
    }
}

#[test]
fn zones() {
    let mut plain = window(WindowKind::Event, "2026-11-04T22:00", "2026-11-04T23:00");
    plain.zone = None;
    assert_eq!(shown(&plain, year()), "1104T2200-1104T2300", "the default zone");
    plain.zone = Some(Line::new("America/New_York"));
    assert_eq!(shown(&plain, year()), "1105T0300-1105T0400", "its own");
}

#[test]
fn a_rule_that_is_not_understood_leaves_the_first_occurrence() {
    let cases = [
        ("FREQ=SOMETIMES", "RRULE: FREQ=SOMETIMES: one of"),
        ("FREQ=DAILY;COUNT=-3", "RRULE: COUNT=-3: a whole number"),
        ("FREQ=DAILY;UNTIL=NaN", "RRULE: UNTIL=NAN: a time such as"),
        ("RSCALE=HEBREW;FREQ=YEARLY", "RRULE: \"RSCALE=HEBREW\" is no part"),
    ];
    for (rule, want) in cases {
        let window = ruled("2026-03-14T22:00", "2026-03-15T02:00", rule);
        let recurring = Recurring::new(&window, Zone::UTC).unwrap();
        assert!(
            recurring.doubt().is_some_and(|why| why.starts_with(want)),
            "{rule}: {:?}",
            recurring.doubt()
        );
        assert_eq!(shown(&window, year()), "0314T2100-0315T0100", "{rule}");
        assert_eq!(recurring.earliest(), Some("2026-03-14T21:00:00Z".parse().unwrap()));
        let more = Window { rdates: walls(&["2026-02-01T22:00"]), ..window };
        assert_eq!(
            shown(&more, year()),
            "0201T2100-0202T0100 0314T2100-0315T0100",
            "{rule}: a listed date counts"
        );
        let recurring = Recurring::new(&more, Zone::UTC).unwrap();
        assert_eq!(recurring.earliest(), Some("2026-02-01T21:00:00Z".parse().unwrap()));
    }
    let told = Window {
        not_understood: Some(Line::new("repeat_type \"lunar\"")),
        ..window(WindowKind::Freeze, "2026-03-14T22:00", "2026-03-15T02:00")
    };
    let recurring = Recurring::new(&told, Zone::UTC).unwrap();
    assert_eq!(recurring.doubt(), Some("repeat_type \"lunar\""));
    let plain = ruled("2026-03-14T22:00", "2026-03-15T02:00", "FREQ=YEARLY;X-A=1");
    let recurring = Recurring::new(&plain, Zone::UTC).unwrap();
    assert_eq!((recurring.doubt(), recurring.notes().len()), (None, 1));
    let empty = ruled("2026-03-14T22:00", "2026-03-15T02:00", "");
    assert_eq!(Recurring::new(&empty, Zone::UTC).unwrap().doubt(), None, "an empty rule is none");
    assert_eq!(shown(&empty, year()), "0314T2100-0315T0100");
}

#[test]
fn what_repeats_too_often_keeps_its_first_occurrence_on_screen() {
    let window = ruled("2026-03-14T22:00", "2026-03-14T22:30", "FREQ=SECONDLY");
    let recurring = Recurring::new(&window, Zone::UTC).unwrap();
    assert!(recurring.expand(year()).is_err());
    let first = recurring.shown(year());
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].span.start(), "2026-03-14T21:00:00Z".parse().unwrap());
}

#[test]
fn faults_say_what_is_wrong() {
    let base = || ruled("2026-03-14T22:00", "2026-03-15T02:00", "FREQ=WEEKLY");
    let cases = [
        (Window { zone: Some(Line::new("Mars/Base")), ..base() }, "zone: \"Mars/Base\" is no time zone"),
        (
            window(WindowKind::Event, "2026-03-14T22:00", "2026-03-14T22:00"),
            "end: 2026-03-14T22:00:00 is not after",
        ),
        (window(WindowKind::Event, "2026-03-14", "2026-03-12"), "end: 2026-03-12 is not after"),
        (ruled("2026-03-14T22:00", "2026-03-14T22:30", "FREQ=SECONDLY"), "rrule: the rule repeats more than"),
    ];
    for (window, want) in cases {
        let fault = expand(&window, Zone::UTC, year()).unwrap_err().to_string();
        assert!(fault.starts_with(want), "{fault}");
    }
}

prop_compose! {
    fn a_window()(
        freeze in any::<bool>(),
        zone in prop::sample::select(vec!["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
        start in 0i64..400, half_hour in 0i64..48, length in 1i64..200,
        rule in prop::sample::select(vec!["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU,TU", "FREQ=MONTHLY;BYDAY=-1SU", "FREQ=DAILY;COUNT=90", "FREQ=HOURLY;INTERVAL=5"]),
        removed in proptest::collection::vec(0i64..400, 0..5), added in proptest::collection::vec(0i64..20_000, 0..5),
    ) -> Window {
        let wall = |day: i64, half_hours: i64| Wall::Local(wall_clock(wall_secs(
            chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().into()) + day * DAY + half_hours * 1800));
        Window {
            id: Id::new("w").unwrap(),
            zone: Some(Line::new(zone)),
            start: wall(start, half_hour),
            end: wall(start, half_hour + length),
            rrule: Some(Line::new(rule)),
            exdates: removed.iter().map(|day| wall(*day, half_hour)).collect(),
            rdates: added.iter().map(|half_hours| wall(0, *half_hours)).collect(),
            ..window(if freeze { WindowKind::Freeze } else { WindowKind::Maintenance }, "2026-01-01", "2026-01-01")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_span_is_the_union_of_its_parts(window in a_window(), cuts in proptest::collection::vec(0i64..760 * 24, 0..5)) {
        let asked = span("2025-12-01T00:00:00Z", "2028-01-01T00:00:00Z");
        let whole = expand(&window, Zone::UTC, asked).unwrap();
        prop_assert!(whole.is_sorted());
        let mut edges: Vec<Instant> = cuts.iter().map(|hours| asked.start().plus(hours * 3600)).collect();
        edges.extend([asked.start(), asked.end()]);
        edges.sort_unstable();
        let recurring = Recurring::new(&window, Zone::UTC).unwrap();
        let mut parts = std::collections::BTreeSet::new();
        for edge in edges.windows(2) {
            let Some(part) = Span::new(edge[0], edge[1]) else { continue };
            let found = recurring.expand(part).unwrap();
            prop_assert!(found.iter().all(|found| found.span.overlaps(part)));
            parts.extend(found);
        }
        prop_assert_eq!(parts.into_iter().collect::<Vec<_>>(), whole);
    }

    #[test]
    fn removing_and_adding(window in a_window()) {
        let asked = span("2025-12-01T00:00:00Z", "2028-01-01T00:00:00Z");
        let found = |window: &Window| expand(window, Zone::UTC, asked).unwrap();
        let bare = Window { exdates: Vec::new(), rdates: Vec::new(), ..window.clone() };
        let all = found(&bare);
        let thinned = found(&Window { rdates: Vec::new(), ..window.clone() });
        prop_assert!(thinned.iter().all(|one| all.contains(one)), "an EXDATE only removes");
        prop_assert!(all.len() - thinned.len() <= window.exdates.len());
        let added = found(&Window { exdates: Vec::new(), ..window.clone() });
        prop_assert!(all.iter().all(|one| added.contains(one)), "an RDATE only adds");
        let both: Vec<Occurrence> = found(&window);
        prop_assert!(thinned.iter().all(|one| both.contains(one)) && both.iter().all(|one| added.contains(one)));
        let twice = Window { rdates: [window.rdates.clone(), window.rdates.clone()].concat(), ..window.clone() };
        prop_assert_eq!(found(&twice), both, "doubles count once");
    }

    #[test]
    fn a_freeze_is_never_shorter(window in a_window()) {
        let asked = span("2025-12-01T00:00:00Z", "2028-01-01T00:00:00Z");
        let of = |kind| expand(&Window { kind, ..window.clone() }, Zone::UTC, asked).unwrap();
        let (freeze, other) = (of(WindowKind::Freeze.into()), of(WindowKind::Maintenance.into()));
        for one in &other {
            prop_assert!(freeze.iter().any(|freeze| freeze.span.covers(one.span)));
        }
    }
}
