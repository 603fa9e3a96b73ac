//! Properties: the same rows as the plain reference, and incremental equals from nothing.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    cases::{Decided, hour, id, records},
    reference::{Plain, World},
    *,
};
use crate::model::{RecordKind, Settings, Span, Stored};

/// One record (a release with its phases), by name; `None` takes it out.
type Edit = (String, Option<String>);

fn pick(list: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(list)
}

fn span() -> impl Strategy<Value = String> {
    (0..60_i64, prop_oneof![8 => 1..10_i64, 1 => 20..40_i64, 1 => -1..1_i64], 0..10).prop_map(
        |(start, hours, end)| match end {
            0 => format!("{start}"),
            _ => format!("{start}-{}", start + hours),
        },
    )
}

const ON: &[&str] = &["", "on=s0", "on=s1", "on=S1,s2", "on=x2,s3", "on=s3", "on=s4", "on=s0,s4", "on=s5"];
const ENV: &[&str] = &["", "", "env=prod", "env=Prod", "env=test"];
const ACTUAL: &[&str] = &["", "", "", "as=5", "as=5 ae=9", "as=20", "as=30 ae=31", "ae=40"];

fn change() -> impl Strategy<Value = (String, String)> {
    let who = (
        pick(&["", "owner=o", "owner=P", "owner=po", "owner=q"]),
        pick(&["", "group=net", "group=NET", "group=db"]),
        pick(&["", "risk=high", "risk=odd", "risk=moderate"]),
        pick(&["", "kind=emergency", "kind=standard", "kind=odd"]),
        pick(&["", "rplan=", "tplan=yes"]),
        pick(&["", "rb=30", "rb=300", "rb=2000"]),
    );
    let state = (
        pick(&[
            "",
            "",
            "",
            "state=assess",
            "state=authorize",
            "state=draft",
            "state=closed",
            "state=implement",
            "state=odd",
            "state=cancelled",
        ]),
        pick(&["", "", "", "outcome=failed", "outcome=successful", "outcome=odd", "outcome=backed_out"]),
        pick(ACTUAL),
        pick(&["", "", "approval=approved", "approval=requested", "approval=not_required"]),
        pick(&["", "sub=-60", "sub=-80 moved=-20"]),
        pick(&["", "", "out"]),
    );
    let links = (
        pick(&["", "", "rel=R0", "rel=R1", "rel=R9"]),
        pick(&["", "", "after=C0", "after=C1,C2", "after=C5,C9"]),
    );
    (0..9_u8, span(), pick(ON), pick(ENV), who, state, links).prop_map(
        |(n, span, on, env, who, state, links)| {
            let words = [
                &span, on, env, who.0, who.1, who.2, who.3, who.4, who.5, state.0, state.1, state.2, state.3,
                state.4, state.5, links.0, links.1,
            ];
            (format!("chg C{n}"), format!("chg C{n} {}", words.join(" ")))
        },
    )
}

fn release() -> impl Strategy<Value = (String, String)> {
    let phase =
        (span(), pick(ON), pick(ENV), pick(&["", "", "whole"]), pick(&["", "", "state=done"]), pick(ACTUAL));
    (
        0..3_u8,
        pick(ON),
        pick(&["", "", "sprint=W1", "sprint=w2", "state=closed"]),
        prop::collection::vec(phase, 0..3),
    )
        .prop_map(|(n, on, state, phases)| {
            let mut text = format!("rel R{n} {on} {state}");
            for (at, (span, on, env, whole, state, actual)) in phases.into_iter().enumerate() {
                text += &format!("\n ph R{n}/p{at} {span} {on} {env} {whole} {state} {actual}");
            }
            (format!("rel R{n}"), text)
        })
}

fn window() -> impl Strategy<Value = (String, String)> {
    (
        0..5_u8,
        pick(&["freeze", "maintenance", "maintenance", "event", "release", "sprint"]),
        (0..60_i64, 1..20_i64),
        pick(&["", "on=s1", "on=s3,s0", "on=S4"]),
        pick(&["", "", "env=prod", "grp=net", "kinds=normal,release"]),
        pick(&["", "soft", "allow=emergency"]),
        pick(&["", "", "rrule=FREQ=DAILY;COUNT=3 zone=Europe/Madrid", "rrule=FREQ=DAILY;INTERVAL=2"]),
    )
        .prop_map(|(n, kind, (start, hours), on, scope, more, rule)| {
            let text = format!("win w{n} {kind} {start}-{} {on} {scope} {more} {rule}", start + hours);
            (format!("win w{n}"), text)
        })
}

fn service() -> impl Strategy<Value = (String, String)> {
    (0..6_u8, pick(&["", "on=s1", "on=x2,s3", "on=s0", "on=s4"]), any::<bool>()).prop_map(|(n, on, alias)| {
        let alias = if alias { format!("aliases=x{n}") } else { String::new() };
        (format!("svc s{n}"), format!("svc s{n} {on} {alias}"))
    })
}

fn person() -> impl Strategy<Value = (String, String)> {
    pick(&["", "login=po", "login=q"]).prop_map(|login| ("per p".to_owned(), format!("per p {login}")))
}

/// An approval that a source asked for.
fn asked() -> impl Strategy<Value = (String, String)> {
    (0..9_u8, 0..2_u8, pick(&["approved", "requested", "odd", "cancelled", "rejected"])).prop_map(
        |(n, who, answer)| (format!("app C{n}#{who}"), format!("app C{n}#{who} item=C{n} answer={answer}")),
    )
}

pub(crate) fn record() -> impl Strategy<Value = (String, String)> {
    prop_oneof![8 => change(), 3 => release(), 3 => window(), 2 => service(), 1 => person(), 2 => asked()]
}

pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    pick(&[
        "{}",
        r#"{"exclusive_groups": ["Net"], "depth": 1, "severity": {"C1": "warn", "C3": "info"}}"#,
        r#"{"capacity": [{"scope": "environment", "max": 1}, {"scope": "service", "value": "X2", "max": 1, "risk": "high"}]}"#,
        r#"{"capacity": [{"scope": "all", "max": 2, "risk": "high"}, {"scope": "group", "max": 1}], "long_hours": 4, "off": ["C2"]}"#,
    ])
    .prop_map(|json| serde_json::from_str(json).unwrap())
}

pub(crate) fn stored(board: &BTreeMap<String, String>) -> Vec<Stored> {
    records(&board.values().cloned().collect::<Vec<_>>().join("\n")).0
}

fn facts(board: &BTreeMap<String, String>, settings: &Settings) -> Facts {
    let mut facts = Facts::new(settings.clone());
    facts.apply(stored(board), Vec::new());
    facts
}

fn plain(row: &Conflict) -> Plain {
    let b = row.key.b.as_ref().map(ToString::to_string);
    (row.key.rule, row.severity, row.key.a.to_string(), b, row.span.map(Span::start), row.minutes)
}

const WHO: fn() -> Decided = || Decided(vec!["C1", "C4"]);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rows_are_those_of_the_plain_reference(
        records in prop::collection::vec(record(), 1..22), settings in settings(), now in 0..60_i64,
    ) {
        let board: BTreeMap<String, String> = records.into_iter().collect();
        let now = hour(&now.to_string());
        let mut facts = facts(&board, &settings);
        facts.prepare(now);
        let got: Vec<Plain> = detect(&facts, now, &WHO()).iter().map(plain).collect();
        let mut world = World::new(stored(&board), settings.clone(), now);
        world.changes.sort_by(|a, b| a.id.cmp(&b.id));
        let mut want = world.rows();
        // The reference knows no overrides but by this table.
        for row in &mut want {
            row.1 = rule(row.0).unwrap().severity(&View::new(&facts, now, &WHO()), row.1);
        }
        prop_assert_eq!(got, want);
    }

    #[test]
    fn incremental_equals_from_nothing(
        first in prop::collection::vec(record(), 1..18),
        edits in prop::collection::vec(prop::collection::vec((record(), prop::bool::weighted(0.25)), 0..3), 1..7),
        settings in settings(), hours in prop::collection::vec(0..8_i64, 7),
    ) {
        let mut board: BTreeMap<String, String> = first.into_iter().collect();
        let mut facts = facts(&board, &settings);
        let mut now = hour("0");
        let mut rows = detect(&facts, now, &WHO());
        for (batch, later) in edits.into_iter().zip(hours) {
            let batch: Vec<Edit> =
                batch.into_iter().map(|((name, text), gone)| (name, (!gone).then_some(text))).collect();
            let (mut upserts, mut tombstones) = (Vec::new(), Vec::new());
            for (name, text) in &batch {
                match text {
                    Some(text) => {
                        upserts.extend(records(text).0);
                        tombstones.retain(|(_, gone): &(RecordKind, Id)| !name.ends_with(gone.as_str()));
                        board.insert(name.clone(), text.clone());
                    }
                    None => {
                        let (kind, gone) = name.split_once(' ').unwrap();
                        upserts.retain(|stored: &Stored| stored.record.id().as_str() != gone);
                        tombstones.push((kind_of(kind), id(gone)));
                        board.remove(name);
                    }
                }
            }
            let before = now;
            now = now.plus(later * 3600);
            let mut dirty = facts.apply(upserts, tombstones);
            facts.prepare(now);
            dirty.merge(facts.due(before, now));
            let redone = redetect(&facts, &dirty, now, &WHO());
            rows.retain(|row| !redone.replaces(&row.key));
            rows.extend(redone.rows);
            rows.sort_by(Conflict::order);
            let mut fresh = self::facts(&board, &settings);
            fresh.prepare(now);
            prop_assert_eq!(&rows, &detect(&fresh, now, &WHO()));
        }
    }

    #[test]
    fn nothing_changes_before_it_is_due(
        records in prop::collection::vec(record(), 1..22), settings in settings(), at in 0..60_i64, minutes in 1..400_i64,
    ) {
        let board: BTreeMap<String, String> = records.into_iter().collect();
        let facts = facts(&board, &settings);
        let now = hour(&at.to_string());
        let due = next_due(&facts, now);
        let later = now.plus(minutes * 60);
        if due.is_none_or(|due| later < due) {
            prop_assert_eq!(detect(&facts, now, &WHO()), detect(&facts, later, &WHO()));
        }
    }
}

/// Changes, a release and a window of one of many blocks that have nothing in common.
fn block(name: usize) -> String {
    let mut text = format!("win w{name} freeze 30-33 on=b{name}s1 soft\nrel r{name}\n");
    text += &format!("ph r{name}/p 5-9 on=b{name}s2\nsvc b{name}s0 on=b{name}s1\n");
    for at in 0..100 {
        let (start, service, owner) = (at * 7 % 90, at % 5, at % 11);
        text += &format!(
            "chg c{name}-{at} {start}-{} on=b{name}s{service} owner=b{name}o{owner} rb=200\n",
            start + 3
        );
    }
    text
}

#[test]
fn a_board_found_by_two_threads_has_the_rows_of_its_parts() {
    let now = hour("20");
    let rows = |text: &str| detect(&cases::board(text), now, &Nothing);
    let blocks: Vec<String> = (0..60).map(block).collect();
    let mut parts: Vec<Conflict> = blocks.iter().flat_map(|text| rows(text)).collect();
    parts.sort_by(Conflict::order);
    let whole = rows(&blocks.concat());
    assert!(
        whole.len() > 2_000,
        "so many that they are sorted by rank and printed by halves: {}",
        whole.len()
    );
    assert_eq!(whole, parts);
}

fn kind_of(word: &str) -> RecordKind {
    match word {
        "chg" => RecordKind::Change,
        "rel" => RecordKind::Release,
        "win" => RecordKind::Window,
        "svc" => RecordKind::Service,
        "app" => RecordKind::Approval,
        _ => RecordKind::Person,
    }
}

#[test]
fn a_fingerprint_reopens_for_what_matters() {
    let base = "chg A 10-12 on=s1\n chg B 11-13 on=s1";
    let print = |text: &str| {
        let facts = super::cases::board(text);
        fingerprint(&detect(&facts, hour("0"), &Nothing)[0], &facts)
    };
    let first = print(base);
    assert_eq!(first.to_string().parse::<Fingerprint>().unwrap(), first);
    for (name, text, reopens) in [
        ("nothing", base.to_owned(), false),
        ("title", base.replace("chg A", "chg A title=x"), false),
        ("start", base.replace("10-12", "9-12"), true),
        ("risk", base.replace("11-13", "11-13 risk=high"), true),
        ("state", base.replace("11-13", "11-13 state=implement"), true),
        ("services", base.replace("A 10-12 on=s1", "A 10-12 on=s1,s2"), true),
        ("severity falls", format!("set {{\"severity\":{{\"C1\":\"warn\"}}}}\n{base}"), false),
    ] {
        assert_eq!(first.reopens(&print(&text)), reopens, "{name}");
    }
    let soft = print(&format!("set {{\"severity\":{{\"C1\":\"warn\"}}}}\n{base}"));
    assert!(soft.reopens(&first), "severity rises");
}
