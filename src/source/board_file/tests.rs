mod merging;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{Change, Instant, Phase, Release, Service};

fn wrongs(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let cases = [
        ("no JSON", "{\"version\": 1,\n \"changes\": [ {\"id\": } ]}", "line 2, column 22"),
        ("not an object", "[1]", "no board file"),
        ("something else", r#"{"name": "x"}"#, "none of version"),
        ("another version", r#"{"version": 2}"#, "version (line 1): found 2, this program reads version 1"),
        ("version as text", r#"{"version": "1"}"#, "found \"1\""),
        (
            "bad time",
            "{\"version\":1,\"changes\":[{\"id\":\"A\"},\n{\"id\":\"B\",\n\"planned_start\":\"tomorrow\"}]}",
            "changes[1].planned_start of B (line 3): \"tomorrow\" is no instant: write RFC 3339",
        ),
        (
            "wrong type",
            r#"{"changes":[{"id":"A","title":5}]}"#,
            "changes[0].title of A (line 1): found integer `5`, expected a string",
        ),
        (
            "beside what is empty",
            "{\"changes\":[{\"id\":\"A\",\n\"title\":null,\"services\":null,\n\"planned_end\":\n\"noon\"}]}",
            "changes[0].planned_end of A (line 4): \"noon\" is no instant",
        ),
        (
            "beside what need not be said again",
            "{\"windows\":[{\"id\":\"w\",\n\"hard\":7}]}",
            "windows[0].hard of w (line 2): found integer `7`, expected a boolean",
        ),
        (
            "a field twice",
            "{\"changes\":[{\"id\":\"A\",\n\"title\":\"a\",\n\"title\":\"b\"}]}",
            "changes[0] of A (line 3): duplicate field `title`",
        ),
        ("no id", r#"{"changes":[{"title":"x"}]}"#, "changes[0] (line 1): missing field `id`"),
        ("empty id", r#"{"changes":[{"id":" "}]}"#, "an id must not be empty"),
        (
            "nested",
            r#"{"changes":[{"id":"A","outage":{"start":"x","end":"y"}}]}"#,
            "changes[0].outage.start of A",
        ),
        (
            "phase",
            r#"{"releases":[{"id":"R","phases":[{"id":"p"},{"name":"x"}]}]}"#,
            "releases[0].phases[1] of R",
        ),
        (
            "seat",
            r#"{"boards":[{"id":"b","seats":[{"person":"p","role":"king"}]}]}"#,
            "boards[0].seats[0].role of b",
        ),
        (
            "policy",
            r#"{"policies":[{"id":"p","quorum":"3/2"}]}"#,
            "policies[0].quorum of p (line 1): \"3/2\" is no quorum",
        ),
        ("misspelt rule", r#"{"policies":[{"id":"p","qourum":"1/2"}]}"#, "unknown field `qourum`"),
        ("setting", r#"{"settings":{"depth":-1}}"#, "settings.depth (line 1)"),
        ("not a list", r#"{"changes":{}}"#, "changes (line 1): must be a list"),
        (
            "twice the same id",
            r#"{"changes":[{"id":"A"},{"id":"A"}]}"#,
            "changes[1].id of A (line 1): A is also the id of changes[0]",
        ),
        ("change and release", r#"{"changes":[{"id":"A"}],"releases":[{"id":"A"}]}"#, "releases[0].id of A"),
        (
            "phase twice",
            r#"{"releases":[{"id":"R","phases":[{"id":"p"},{"id":"p"}]}]}"#,
            "releases[0].phases[1].id of R",
        ),
        ("section twice", r#"{"changes":[],"changes":[]}"#, "changes (line 1): is there twice"),
        ("field twice", r#"{"changes":[{"id":"A","title":"a","title":"b"}]}"#, "duplicate field `title`"),
        (
            "window",
            r#"{"windows":[{"id":"w","start":"noon","end":"2026-01-01"}]}"#,
            "windows[0].start of w (line 1): \"noon\" is no time",
        ),
    ];
    for (name, text, want) in cases {
        let said = wrongs(text);
        assert!(said.contains(want), "{name}: {said}");
    }
    let latin = read(b"{\"version\": 1,\n\"changes\": [\xe9]}").unwrap_err().to_string();
    assert!(latin.contains("line 2, column 13") && latin.contains("UTF-8"), "{latin}");
}

#[test]
fn every_wrong_place_is_listed_and_nothing_is_read() {
    let text = r#"{"changes":[{"id":"A","risk":1},{"id":"B"},{"id":"C","services":"x"}],"settings":{"hub_limit":"many"}}"#;
    let BoardFileError::Wrong(wrongs) = read(text.as_bytes()).unwrap_err() else { panic!() };
    let paths: Vec<_> = wrongs.iter().map(|wrong| wrong.path.as_str()).collect();
    assert_eq!(paths, ["changes[0].risk", "changes[2].services", "settings.hub_limit"]);
}

#[test]
fn what_is_left_out_or_null_has_its_default() {
    let bare = read(br#"{"changes":[{"id":"A"}]}"#).unwrap();
    let nulls = read(br#"{"changes":[{"id":"A","title":null,"services":null,"risk":null,"planned_start":null,"steps":null}],"windows":null}"#).unwrap();
    assert_eq!(bare.file, nulls.file);
    assert_eq!(bare.file.changes, [Change::new("A".parse().unwrap())]);
}

#[test]
fn unknown_fields_are_kept_reported_once_and_written_back() {
    let text = r#"{"version":1,"colour":"red",
        "changes":[{"id":"A","cost":12,"steps":[{"text":"x","who":"me"}],"extra":{"a":1}},{"id":"B","cost":null},{"id":"C","cost":3,"a/b":true}]}"#;
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(
        reading.notes,
        [
            "changes[].a/b: unknown, kept as it is",
            "changes[].cost: unknown, kept as it is (3 records)",
            "changes[].extra: unknown, kept as it is",
            "changes[].steps[].who: unknown, kept as it is",
            "colour: unknown, ignored",
        ]
    );
    let [a, b, c] = &reading.file.changes[..] else { panic!() };
    assert_eq!(a.extra["cost"], json!(12));
    assert_eq!(a.extra["/steps/0/who"], json!("me"));
    assert!(b.extra.is_empty());
    assert_eq!(c.extra["/a~1b"], json!(true));
    let written = write(&reading.file).unwrap();
    let value: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!(value["changes"][0]["steps"][0]["who"], "me");
    assert_eq!(value["changes"][0]["extra"], json!({"a": 1}));
    assert_eq!(value["changes"][2]["a/b"], true);
    assert_eq!(read(written.as_bytes()).unwrap().file, reading.file);
}

#[test]
fn a_source_loses_only_its_bad_records() {
    let text = br#"{"changes":[{"id":"A"},{"id":"B","planned_end":7},{"id":"A"}],
        "windows":[{"id":"w"}],"people":{},"policies":[{"id":"p","nonsense":1}],"settings":3}"#;
    let source = SourceId::new("itsm");
    let (reading, faults) = read_source(text, &source).unwrap();
    assert_eq!(reading.file.changes.len(), 1);
    assert_eq!(reading.file.policies, None);
    let places: Vec<_> =
        faults.iter().map(|f| (f.place.as_str(), f.record.as_ref().map(Id::as_str))).collect();
    assert_eq!(
        places,
        [
            ("changes[1].planned_end, line 1", Some("B")),
            ("changes[2].id, line 1", Some("A")),
            ("windows[0], line 2", Some("w")),
            ("people, line 2", None),
        ]
    );
    assert!(read_source(b"<html>", &source).is_err());
}

#[test]
fn items_of_a_source_are_named_after_it() {
    let text = br#"{"services":[{"id":"lb"}],"changes":[{"id":"B","after":["A"],"release":"R","services":["lb"]}],"releases":[{"id":"R"}]}"#;
    let mut file = read(text).unwrap().file;
    qualify(&mut file, &SourceId::new("itsm"));
    let change = &file.changes[0];
    assert_eq!((change.id.as_str(), change.after[0].as_str()), ("itsm:B", "itsm:A"));
    assert_eq!(change.release, Some(file.releases[0].id.clone()));
    assert_eq!((file.services[0].id.as_str(), &*change.services[0]), ("lb", "lb"));
}

#[test]
fn the_log_keeps_its_exact_text() {
    let events = [r#"{"at":"2026-11-25T21:00:00Z","n":1, "x":"é"}"#.to_owned()];
    let text = write_with_log(&BoardFile::default(), &events).unwrap();
    assert_eq!(read(text.as_bytes()).unwrap().log, events);
}

#[test]
fn an_import_is_counted() {
    let board = read(br#"{"changes":[{"id":"A"},{"id":"B"}],"settings":{}}"#).unwrap().file;
    let file =
        read(br#"{"changes":[{"id":"B","title":"new"},{"id":"C"},{"id":"A"}],"settings":{"depth":3}}"#)
            .unwrap()
            .file;
    let summary = ImportSummary::between(&board, &file, None).unwrap();
    assert_eq!(
        summary.to_string(),
        "changes: 1 added, 1 changed, 1 unchanged\n  B: title  → new\nsettings: depth 2 to 3\n"
    );
    assert!(ImportSummary::between(&board, &board, None).unwrap().is_nothing());
}

prop_compose! {
    fn a_change()(n in 0..40_u32, title in ".{0,20}", kind in "[a-z]{0,9}|normal|emergency", secs in proptest::option::of(0..4_000_000_000_i64),
                  services in prop::collection::vec("[a-z-]{1,8}", 0..3), text in ".{0,10}", cost in proptest::option::of(0..9_u8)) -> Change {
        Change {
            title: title.as_str().into(),
            kind: crate::model::Word::read(&kind),
            planned_start: secs.map(Instant::from_secs),
            services: services.iter().map(|s| s.as_str().into()).collect(),
            steps: vec![crate::model::Step { text: text.as_str().into(), done: n % 2 == 0, ..Default::default() }],
            extra: cost.map(|cost| ("cost".to_owned(), json!(cost))).into_iter().collect(),
            ..Change::new(Id::new(&format!("C{n}")).unwrap())
        }
    }
}

prop_compose! {
    fn a_file()(mut changes in prop::collection::vec(a_change(), 0..6), phases in 0..3_u8, tier in proptest::option::of(0..4_u8)) -> BoardFile {
        changes.sort_by(|x, y| x.id.cmp(&y.id));
        changes.dedup_by(|x, y| x.id == y.id);
        let phase = |n: u8| serde_json::from_value::<Phase>(json!({"id": format!("p{n}"), "share": n})).unwrap();
        let service = json!({"id": "lb", "tier": tier});
        BoardFile {
            changes,
            releases: vec![Release { phases: (0..phases).map(phase).collect(), ..Release::new("R".parse().unwrap()) }],
            services: vec![serde_json::from_value::<Service>(service).unwrap()],
            ..BoardFile::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(file in a_file()) {
        let text = write(&file).unwrap();
        let reading = read(text.as_bytes()).unwrap();
        prop_assert_eq!(&reading.file, &file);
        prop_assert_eq!(write(&reading.file).unwrap(), text);
    }

    #[test]
    fn nothing_makes_it_panic(text in r#"[\[\]{}",:0-9a-z .é]{0,60}"#) {
        let _ = read(text.as_bytes());
        let _ = read(format!("{{\"changes\":[{{\"id\":{text}}}]}}").as_bytes());
    }
}
