//! A file that names a part of a record changes that part.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::*;
use super::{a_change, a_file};
use crate::model::{Change, Record, RecordKind, RuleBook};

/// The file after it was merged onto the board.
fn merged(board: &BoardFile, text: &str) -> Result<BoardFile, Vec<String>> {
    let reading = read(text.as_bytes()).unwrap();
    let known: HashMap<(RecordKind, Id), Record> =
        board.clone().into_records().map(|record| ((record.kind(), record.id().clone()), record)).collect();
    let rules = RuleBook {
        boards: board.boards.clone().unwrap_or_default(),
        policies: board.policies.clone().unwrap_or_default(),
        templates: board.templates.clone().unwrap_or_default(),
        settings: board.settings.clone().unwrap_or_default(),
    };
    reading.given.complete(&reading.file, &rules, |kind, id| known.get(&(kind, id.clone())).cloned())
}

const BOARD: &str = r#"{"services":[{"id":"lb","tier":1,"depends_on":["sw"]}],
    "people":[{"id":"ann","name":"Ann","login":"ann","admin":true}],
    "boards":[{"id":"cab","name":"CAB","seats":[{"person":"ann","role":"chair"}]}],
    "changes":[{"id":"C1","title":"Disk","risk":"low","owner":"ann","cost":7,"steps":[{"text":"a","who":"ann"}]}],
    "releases":[{"id":"R","name":"Shop","version":"1.0","phases":[{"id":"p1"}]}],
    "windows":[{"id":"w","kind":"freeze","name":"Year end","start":"2026-12-20","end":"2027-01-06","hard":false}],
    "templates":[{"id":"t","name":"Cert","locked":["services"]}],
    "settings":{"depth":3,"long_hours":10}}"#;

#[test]
fn of_every_part_only_what_is_named_changes() {
    let board = read(BOARD.as_bytes()).unwrap().file;
    // The part, what the file says, and what it is afterwards.
    let cases = [
        ("services", r#"[{"id":"lb","tier":2}]"#, json!([{"id":"lb","tier":2,"depends_on":["sw"]}])),
        (
            "people",
            r#"[{"id":"ann","email":"a@x"}]"#,
            json!([{"id":"ann","name":"Ann","email":"a@x","login":"ann","admin":true}]),
        ),
        ("people", r#"[{"id":"ann","login":null}]"#, json!([{"id":"ann","name":"Ann","admin":true}])),
        (
            "boards",
            r#"[{"id":"cab","emergency":true}]"#,
            json!([{"id":"cab","name":"CAB","emergency":true,"seats":[{"person":"ann","role":"chair"}]}]),
        ),
        ("releases", r#"[{"id":"R","version":"1.1"}]"#, json!([{"id":"R","name":"Shop","version":"1.1"}])),
        (
            "windows",
            r#"[{"id":"w","name":"Quiet"}]"#,
            json!([{"id":"w","name":"Quiet","start":"2026-12-20","end":"2027-01-06","hard":false}]),
        ),
        (
            "windows",
            r#"[{"id":"w","end":"2027-01-10"}]"#,
            json!([{"id":"w","name":"Year end","start":"2026-12-20","end":"2027-01-10"}]),
        ),
        (
            "templates",
            r#"[{"id":"t","max_risk":"high"}]"#,
            json!([{"id":"t","name":"Cert","max_risk":"high","locked":["services"]}]),
        ),
        ("settings", r#"{"depth":1}"#, json!({"depth":1,"long_hours":10})),
        ("settings", r#"{"depth":null}"#, json!({"depth":2,"long_hours":10})),
        (
            "changes",
            r#"[{"id":"C1","cost":8}]"#,
            json!([{"id":"C1","title":"Disk","extra":{"cost":8,"/steps/0/who":"ann"}}]),
        ),
        (
            "changes",
            r#"[{"id":"C1","cost":null}]"#,
            json!([{"id":"C1","owner":"ann","extra":{"/steps/0/who":"ann"}}]),
        ),
        ("changes", r#"[{"id":"C1","steps":[{"text":"b"}]}]"#, json!([{"id":"C1","extra":{"cost":7}}])),
        (
            "changes",
            r#"[{"id":"C1","risk":"high","owner":null}]"#,
            json!([{"id":"C1","title":"Disk","risk":"high","owner":null}]),
        ),
    ];
    for (part, says, want) in cases {
        let after = merged(&board, &format!("{{\"{part}\":{says}}}")).unwrap();
        let after = serde_json::to_value(&after).unwrap();
        let (after, want) = match want {
            Value::Array(items) => (after[part][0].clone(), items[0].clone()),
            other => (after[part].clone(), other),
        };
        for (field, value) in want.as_object().unwrap() {
            assert_eq!(&after[field], value, "{part} {says}: {field} of {after}");
        }
    }
}

#[test]
fn a_window_that_is_new_needs_its_times_and_one_that_is_there_does_not() {
    let board = read(BOARD.as_bytes()).unwrap().file;
    let cases = [
        (r#"{"id":"new","name":"x"}"#, Err("the window new is new here and needs its start and end")),
        (r#"{"id":"new","start":"2026-12-01"}"#, Err("the window new is new here and needs its end")),
        (r#"{"id":"new","start":"2026-12-01","end":"2026-12-02"}"#, Ok(())),
        (r#"{"id":"w"}"#, Ok(())),
    ];
    for (says, want) in cases {
        let after = merged(&board, &format!("{{\"windows\":[{says}]}}"));
        match want {
            Ok(()) => assert!(after.is_ok(), "{says}: {after:?}"),
            Err(sentence) => assert_eq!(after.unwrap_err(), [sentence], "{says}"),
        }
    }
    // Times cannot be cleared, and what is wrong beside a missing time is said.
    for (says, said) in [
        (r#"{"id":"w","start":null,"end":"2026-12-02"}"#, "missing field `start`"),
        (r#"{"id":"w","name":5}"#, "windows[0].name of w"),
    ] {
        let wrong = read(format!("{{\"windows\":[{says}]}}").as_bytes()).unwrap_err().to_string();
        assert!(wrong.contains(said), "{says}: {wrong}");
    }
    let reading = read(br#"{"windows":[{"id":"w","name":"x"}]}"#).unwrap();
    assert_eq!(reading.given.lacking(&reading.file).len(), 1, "taken whole, it has no times");
}

#[test]
fn which_fields_are_given_crosses_a_wire() {
    let given = read(BOARD.as_bytes()).unwrap().given;
    let text = serde_json::to_string(&given).unwrap();
    assert_eq!(serde_json::from_str::<GivenFields>(&text).unwrap(), given);
    assert!(text.contains(r#""part":"settings","fields":["depth","long_hours"]}"#), "{text}");
}

/// How each field of the test's changes is taken from one change into another.
fn setters() -> BTreeMap<&'static str, fn(&mut Change, &Change)> {
    BTreeMap::from([
        ("title", (|to, from| to.title = from.title.clone()) as fn(&mut Change, &Change)),
        ("kind", |to, from| to.kind = from.kind.clone()),
        ("planned_start", |to, from| to.planned_start = from.planned_start),
        ("services", |to, from| to.services = from.services.clone()),
        ("steps", |to, from| to.steps = from.steps.clone()),
        ("cost", |to, from| to.extra = from.extra.clone()),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_named_fields_and_no_others_are_the_files(old in a_change(), new in a_change(), mask in 0..64_u8) {
        let named: Vec<_> = setters().into_iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0).collect();
        let whole = write(&BoardFile { changes: vec![new.clone()], ..BoardFile::default() }).unwrap();
        let whole: Value = serde_json::from_str(&whole).unwrap();
        let mut said = Map::from_iter([("id".to_owned(), json!(old.id))]);
        let mut want = old.clone();
        for (_, (field, set)) in named {
            said.insert(field.to_owned(), whole["changes"][0][field].clone());
            set(&mut want, &new);
        }
        let board = BoardFile { changes: vec![old], ..BoardFile::default() };
        let after = merged(&board, &json!({ "changes": [said] }).to_string()).unwrap();
        prop_assert_eq!(&after.changes, &[want]);
    }

    #[test]
    fn a_board_over_itself_is_itself(board in a_file()) {
        let text = write(&board).unwrap();
        prop_assert_eq!(&merged(&board, &text).unwrap(), &board);
        let reading = read(text.as_bytes()).unwrap();
        let summary = ImportSummary::between(&board, &reading.file, Some(&reading.given)).unwrap();
        prop_assert!(summary.is_nothing() && summary.differences.is_empty());
    }
}
