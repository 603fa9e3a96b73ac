//! Facts: names, rows, faults, and what an edit makes dirty.

use super::*;
use crate::model::{Record, Stored};

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn read(kind: RecordKind, json: serde_json::Value) -> Stored {
    Stored { source: SourceId::board(), record: kind.read(&json.to_string()).unwrap() }
}

fn change(json: serde_json::Value) -> Stored {
    read(RecordKind::Change, json)
}

fn facts(records: Vec<Stored>) -> Facts {
    let mut facts = Facts::new(Settings::default());
    facts.apply(records, Vec::new());
    facts
}

#[test]
fn aliases_join_services_and_names_join_where_nobody_claims_them() {
    let service = |json| read(RecordKind::Service, json);
    let facts = facts(vec![
        service(
            serde_json::json!({"id": "lb-01", "name": "Load balancer", "aliases": ["LB01"], "tier": 2, "depends_on": ["Core"]}),
        ),
        service(serde_json::json!({"id": "snow:lb01", "aliases": ["lb01"], "tier": 1})),
        service(serde_json::json!({"id": "core", "name": "LB01"})),
        service(serde_json::json!({"id": "x", "name": "Twin"})),
        service(serde_json::json!({"id": "y", "name": "Twin"})),
    ]);
    for (name, a, b, same) in [
        ("alias", "LB-01", "lb01", true),
        ("record of another system", "lb-01", "snow:lb01", true),
        ("display name", "load balancer", "lb01", true),
        ("a display name that is an alias elsewhere", "core", "lb01", false),
        ("a display name of two", "twin", "x", false),
    ] {
        assert_eq!(facts.same_service(a, b), same, "{name}");
    }
    assert_eq!(facts.tier("LB01"), Some(1));
    let path = facts.graph().path(facts.service_number("lb01"), facts.service_number("core"), 2);
    assert_eq!(path, [facts.service_number("lb01"), facts.service_number("core")]);
}

#[test]
fn people_are_found_by_every_name() {
    let person = |json| read(RecordKind::Person, json);
    let facts = facts(vec![
        person(
            serde_json::json!({"id": "m.ortiz", "login": "mortiz", "email": "M.Ortiz@example.com", "aliases": ["Maya"]}),
        ),
        person(serde_json::json!({"id": "maya"})),
    ]);
    for (name, who) in
        [("M.ORTIZ", "m.ortiz"), ("mortiz", "m.ortiz"), ("m.ortiz@EXAMPLE.com", "m.ortiz"), ("Maya", "maya")]
    {
        assert_eq!(facts.person(name).map(|person| person.id.as_str()), Some(who), "{name}");
    }
    assert!(facts.person("nobody").is_none());
}

#[test]
fn faults_are_told_once_each() {
    let facts = facts(vec![
        change(
            serde_json::json!({"id": "A", "kind": "Weird", "risk": "low", "planned_start": "2026-01-01T10:00:00Z", "after": ["B", "gone"], "owner": "nobody", "release": "R"}),
        ),
        change(
            serde_json::json!({"id": "B", "risk": "low", "planned_start": "2026-01-01T10:00:00Z", "planned_end": "2026-01-01T09:00:00Z", "after": ["A"]}),
        ),
        read(RecordKind::Service, serde_json::json!({"id": "s", "depends_on": ["t"]})),
        read(RecordKind::Service, serde_json::json!({"id": "t", "depends_on": ["s"]})),
    ]);
    let told: Vec<_> = facts
        .faults()
        .into_iter()
        .map(|fault| format!("{} {}", fault.record.unwrap(), fault.place))
        .collect();
    assert_eq!(
        told,
        [
            "A after",
            "A after[1]",
            "A kind",
            "A owner",
            "A planned_end",
            "A release",
            "B planned_end",
            "s depends_on"
        ]
    );
}

#[test]
fn an_edit_makes_few_things_dirty() {
    let mut records: Vec<Stored> = (0..200)
        .map(|n| {
            let hour = format!("2026-01-{:02}T{:02}:00:00Z", 1 + n / 20, n % 20);
            let end = format!("2026-01-{:02}T{:02}:30:00Z", 1 + n / 20, n % 20);
            change(serde_json::json!({"id": format!("C{n:03}"), "state": "scheduled", "services": [format!("s{}", n % 5)],
                "planned_start": hour, "planned_end": end, "rollback_minutes": 400}))
        })
        .collect();
    let mut facts = facts(std::mem::take(&mut records));
    let edited = change(
        serde_json::json!({"id": "C010", "state": "scheduled", "services": ["s0"], "planned_start": "2026-01-01T12:00:00Z"}),
    );
    let dirty = facts.apply(vec![edited], Vec::new());
    assert!(!dirty.everything);
    let names: Vec<_> = dirty.activities.iter().map(Id::as_str).collect();
    assert_eq!(names, ["C005", "C010"]);
    let gone = facts.apply(Vec::new(), vec![(RecordKind::Change, id("C010"))]);
    assert!(gone.activities.contains("C010") && facts.change(&id("C010")).is_none());
    assert_eq!(facts.len(), 199);
    assert!(matches!(Record::kind(&change(serde_json::json!({"id": "x"})).record), RecordKind::Change));
}

/// Times are said in whole seconds: work that was begun and ended in one was done, and says nothing that is wrong.
#[test]
fn work_reported_as_begun_and_ended_in_one_second_is_no_fault() {
    use crate::model::{Outcome, Run, RunAct, run::Said};
    let second = |second: i64| Instant::from_secs(1_924_980_000 + second);
    let (start, end) = (second(0).to_string(), second(3600).to_string());
    let planned = |more: serde_json::Value| {
        let mut json =
            serde_json::json!({"id": "C1", "state": "scheduled", "planned_start": start, "planned_end": end});
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json
    };
    let same = serde_json::json!({"actual_start": start, "actual_end": start});
    for (name, record, reported, wrong) in [
        ("said here", planned(serde_json::json!({})), Some((0, 0)), false),
        ("a second apart", planned(serde_json::json!({})), Some((0, 1)), false),
        ("backwards", planned(serde_json::json!({})), Some((1, 0)), true),
        ("said by its source alone", planned(same), None, true),
    ] {
        let mut facts = facts(vec![change(record)]);
        if let Some((start, end)) = reported {
            let said = |at| Said { at: second(at), by: "j.lind".into(), person: None, reason: None };
            let mut run = Run::default();
            run.take(RunAct::Started { at: second(start), against: Vec::new(), reason: None }, said(start));
            let outcome = Some(Outcome::Successful);
            run.take(RunAct::Ended { at: Some(second(end)), outcome, reason: None }, said(end));
            facts.set_run(&id("C1"), &id("C1"), Some(Arc::new(run)));
        }
        let faults = facts.faults_of(&id("C1"));
        assert_eq!(faults.iter().any(|fault| fault.place == "actual_end"), wrong, "{name}: {faults:?}");
    }
}
