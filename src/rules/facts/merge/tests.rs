//! What is one thing in several systems: whatever the order in which it came, and kept up to date edit by edit.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{Record, Settings, Stored};

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn stored(kind: RecordKind, json: &serde_json::Value) -> Stored {
    let record: Record = kind.read(&json.to_string()).unwrap();
    let source = record.id().as_str().split(':').next().unwrap().to_owned();
    Stored { source: SourceId::new(&source), record }
}

fn change(json: &serde_json::Value) -> Stored {
    stored(RecordKind::Change, json)
}

fn settings(merging: &serde_json::Value) -> Settings {
    serde_json::from_value(json!({ "merging": merging })).unwrap()
}

fn keys() -> Settings {
    settings(&json!({
        "copies": [{ "pattern": "CHG\\d+", "from": "jira", "to": "snow" }, { "pattern": "same as (\\S+)" }],
        "releases": [{ "pattern": "(?i)rel-\\d+|v\\d+", "fields": ["title", "description", "train"] },
            { "pattern": "https://\\S+", "fields": ["description"] }],
        "same": [{ "change": "rt:7", "of": "snow:CHG2" }],
    }))
}

fn facts(records: Vec<Stored>) -> Facts {
    let mut facts = Facts::new(keys());
    facts.apply(records, Vec::new());
    facts
}

/// Everything that joining decides, to compare two facts by.
fn joined(facts: &Facts) -> String {
    let mut said = String::new();
    for change in facts.changes() {
        let copies: Vec<&str> = facts.copies(&change.id).iter().map(|copy| copy.id.as_str()).collect();
        let row = facts.row(&change.id).unwrap();
        let release = facts.release_of(change);
        assert_eq!(
            facts.release_at(row.release).map(|release| release.id.clone()),
            release.clone().filter(|id| facts.release(id).is_some())
        );
        said += &format!(
            "{} {copies:?} {release:?} {}\n",
            change.id,
            facts.material(&change.id).unwrap().revision()
        );
    }
    for release in facts.releases() {
        let bundle: Vec<&Id> = facts.bundle(&release.id).collect();
        said += &format!("{} {bundle:?} {}\n", release.id, facts.material(&release.id).unwrap().revision());
    }
    said + &format!("{:?}", facts.faults())
}

#[test]
fn a_change_is_part_of_the_release_it_names() {
    let releases = [
        json!({ "id": "jira:REL-1", "name": "Autumn", "version": "v26", "url": "https://jira/REL-1" }),
        json!({ "id": "git:REL-2", "version": "v27" }),
        json!({ "id": "jira:REL-2", "version": "v27" }),
    ];
    for (row, fields, want, faults) in [
        ("by its id without the source", json!({ "title": "Deploy rel-1" }), Some("jira:REL-1"), 0),
        ("by its version", json!({ "title": "Deploy v26" }), Some("jira:REL-1"), 0),
        ("by its address", json!({ "description": "see https://jira/REL-1" }), Some("jira:REL-1"), 0),
        ("in a field of its source", json!({ "extra": { "train": "REL-1" } }), Some("jira:REL-1"), 0),
        ("its source comes first", json!({ "title": "REL-1", "release": "git:REL-2" }), Some("git:REL-2"), 0),
        (
            "its source names nothing that is there",
            json!({ "title": "REL-1", "release": "x" }),
            Some("jira:REL-1"),
            0,
        ),
        ("nothing is there", json!({ "release": "x" }), Some("x"), 1),
        ("two have that name", json!({ "title": "REL-2" }), None, 1),
        ("nothing of that name", json!({ "title": "REL-9" }), None, 0),
    ] {
        let mut json = json!({ "id": "snow:1", "state": "scheduled" });
        json.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let mut records: Vec<Stored> =
            releases.iter().map(|json| stored(RecordKind::Release, json)).collect();
        records.push(change(&json));
        let facts = facts(records);
        let own = facts.change(&id("snow:1")).unwrap();
        assert_eq!(facts.release_of(own), want.map(id), "{row}");
        assert_eq!(facts.faults().len(), faults, "{row}: {:?}", facts.faults());
        if let Some(release) = want.map(id).filter(|release| facts.release(release).is_some()) {
            assert_eq!(facts.bundle(&release).collect::<Vec<_>>(), [&id("snow:1")], "{row}");
        }
    }
}

#[test]
fn a_copy_is_told_by_its_original() {
    let snow = json!({ "id": "snow:CHG1", "title": "Swap a disk", "state": "authorize", "planned_start": "2026-12-01T20:00:00Z" });
    let other = json!({ "id": "snow:CHG2", "title": "Other", "state": "authorize" });
    let copy = |id: &str, more: serde_json::Value| {
        let mut json = json!({ "id": id, "state": "scheduled" });
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json
    };
    for (row, json, whole, faults) in [
        ("by the key in its title", copy("jira:A", json!({ "title": "for CHG1" })), "snow:CHG1", 0),
        ("by the settings alone", copy("rt:7", json!({})), "snow:CHG2", 0),
        (
            "not from a system of which nothing is said",
            copy("rt:8", json!({ "title": "for CHG1" })),
            "rt:8",
            0,
        ),
        ("not of its own source", copy("snow:9", json!({ "title": "same as CHG1" })), "snow:9", 0),
        ("not of two", copy("jira:A", json!({ "title": "CHG1 and CHG2" })), "jira:A", 1),
        ("not of itself", copy("jira:A", json!({ "title": "same as jira:A" })), "jira:A", 0),
        (
            "planned otherwise",
            copy("jira:A", json!({ "title": "CHG1", "planned_start": "2026-12-02T20:00:00Z" })),
            "snow:CHG1",
            1,
        ),
        ("over there", copy("jira:A", json!({ "title": "CHG1", "state": "closed" })), "snow:CHG1", 1),
    ] {
        let facts = facts(vec![change(&snow), change(&other), change(&json)]);
        let own = id(json["id"].as_str().unwrap());
        assert_eq!(*facts.whole(&own), id(whole), "{row}");
        assert_eq!(facts.change(&own).is_some(), own == id(whole), "{row}");
        assert!(facts.told(&own).is_some(), "{row}");
        let said: Vec<_> = facts.faults().into_iter().filter(|fault| fault.place != "planned_end").collect();
        assert_eq!(said.len(), faults, "{row}: {said:?}");
    }
}

#[test]
fn records_that_call_each_other_the_same_are_one_and_none_is_lost() {
    let records = || {
        [("a:1", "b:1"), ("b:1", "c:1"), ("c:1", "a:1"), ("d:1", "c:1")]
            .map(|(id, of)| change(&json!({ "id": id, "title": format!("same as {of}") })))
            .to_vec()
    };
    let facts = facts(records());
    let shown: Vec<&str> = facts.changes().map(|change| change.id.as_str()).collect();
    assert_eq!(shown, ["a:1"]);
    assert_eq!(facts.copies(&id("a:1")).len(), 3);
}

/// An edit by small numbers: which record, whom it names, of what release it is by its source.
#[derive(Debug, Clone)]
enum Edit {
    Change { which: usize, names: usize, release: usize },
    Release { which: usize, version: usize },
    Gone { which: usize },
    GoneRelease { which: usize },
    Settings { which: usize },
}

const CHANGES: [&str; 6] = ["snow:CHG1", "snow:CHG2", "jira:A", "jira:B", "rt:7", "git:1"];
const RELEASES: [&str; 3] = ["jira:REL-1", "git:REL-1", "jira:REL-3"];
const TEXTS: [&str; 9] =
    ["", "CHG1", "CHG2", "CHG1 CHG2", "same as A", "same as git:1", "same as CHG1", "REL-1", "v3 CHG1"];

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let (which, release) = (0usize..6, 0usize..3);
    let edit = prop_oneof![
        6 => (which.clone(), 0usize..9, 0usize..4).prop_map(|(which, names, release)| Edit::Change { which, names, release }),
        2 => (release.clone(), 0usize..4).prop_map(|(which, version)| Edit::Release { which, version }),
        2 => which.prop_map(|which| Edit::Gone { which }),
        1 => release.prop_map(|which| Edit::GoneRelease { which }),
        1 => (0usize..2).prop_map(|which| Edit::Settings { which }),
    ];
    proptest::collection::vec(edit, 1..40)
}

proptest! {
    /// Edit by edit is as from nothing, in whatever order the records come.
    #[test]
    fn edit_by_edit_is_as_from_nothing(edits in edits(), reverse in any::<bool>()) {
        let mut live = Facts::new(keys());
        let mut settings = keys();
        let mut all: BTreeMap<(RecordKind, Id), Stored> = BTreeMap::new();
        for edit in edits {
            let put = |stored: Stored, all: &mut BTreeMap<_, _>, live: &mut Facts| {
                all.insert((stored.record.kind(), stored.record.id().clone()), stored.clone());
                live.apply(vec![stored], Vec::new());
            };
            match edit {
                Edit::Change { which, names, release } => {
                    let release = RELEASES.get(release);
                    let json = json!({ "id": CHANGES[which], "title": TEXTS[names], "release": release, "state": "authorize", "after": [CHANGES[(which + 1) % 6]] });
                    put(change(&json), &mut all, &mut live);
                }
                Edit::Release { which, version } => {
                    let json = json!({ "id": RELEASES[which], "version": format!("v{version}") });
                    put(stored(RecordKind::Release, &json), &mut all, &mut live);
                }
                Edit::Gone { which } => {
                    let key = (RecordKind::Change, id(CHANGES[which]));
                    all.remove(&key);
                    live.apply(Vec::new(), vec![key]);
                }
                Edit::GoneRelease { which } => {
                    let key = (RecordKind::Release, id(RELEASES[which]));
                    all.remove(&key);
                    live.apply(Vec::new(), vec![key]);
                }
                Edit::Settings { which } => {
                    settings = if which == 0 { Settings::default() } else { keys() };
                    live.set_settings(settings.clone());
                }
            }
            let mut records: Vec<Stored> = all.values().cloned().collect();
            if reverse {
                records.reverse();
            }
            let mut fresh = Facts::new(settings.clone());
            for record in records {
                fresh.apply(vec![record], Vec::new());
            }
            prop_assert_eq!(joined(&live), joined(&fresh));
            let mut at_once = Facts::new(settings.clone());
            at_once.apply(all.values().cloned().collect(), Vec::new());
            prop_assert_eq!(joined(&live), joined(&at_once));
            // Nothing is lost, and nothing is there twice.
            let shown: usize = live.changes().map(|change| 1 + live.copies(&change.id).len()).sum();
            let known = all.keys().filter(|(kind, _)| *kind == RecordKind::Change).count();
            prop_assert_eq!(shown, known);
        }
    }
}
