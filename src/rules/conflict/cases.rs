//! A board in a few words, for tables of cases. Times are hours after a Monday midnight: `10-12`, `10:30-26`.
//!
//! One record per line: `chg A 10-12 on=s1,s2 env=prod owner=o`, `rel R`, `ph R/p1 10-20 on=s1`, `svc s1 on=s2`,
//! `win w freeze 10-12 on=s1 soft`, `set {"depth": 1}`.

use serde_json::{Map, Value, json};

use super::{Conflict, Decisions, detect, unchecked};
use crate::{
    model::{Id, Instant, Record, RecordKind, RuleId, Settings, SourceId, Stored, Vocabulary, time::HOUR},
    rules::facts::Facts,
};

/// The Monday from which hours count.
pub fn hour(text: &str) -> Instant {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
    let base: Instant = "2026-01-05T00:00:00Z".parse().unwrap();
    let minutes: i64 = minutes.parse().unwrap();
    let hours: i64 = hours.parse().unwrap();
    base.plus(hours * HOUR + minutes * 60)
}

pub fn id(text: &str) -> Id {
    text.parse().unwrap()
}

/// Decisions by name; a change whose id begins with `VOTE` is being voted on.
#[derive(Default)]
pub struct Decided(pub Vec<&'static str>);

impl Decisions for Decided {
    fn approved(&self, change: &Id) -> bool {
        self.0.contains(&change.as_str())
    }
    fn start_authorised(&self, change: &Id) -> bool {
        self.0.contains(&change.as_str())
    }
    fn voted_on(&self, change: &Id) -> bool {
        change.as_str().starts_with("VOTE")
    }
}

/// The facts of a board.
pub fn board(text: &str) -> Facts {
    let (records, settings) = records(text);
    let mut facts = Facts::new(settings);
    facts.apply(records, Vec::new());
    facts
}

/// The records and settings of a board.
pub fn records(text: &str) -> (Vec<Stored>, Settings) {
    let mut settings = Settings::default();
    let mut found: Vec<(RecordKind, Map<String, Value>)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (what, rest) = line.split_once(' ').unwrap();
        if what == "set" {
            settings = serde_json::from_str(rest).unwrap();
            continue;
        }
        let mut words = rest.split_whitespace();
        let name = words.next().unwrap();
        let kind = match what {
            "chg" => RecordKind::Change,
            "rel" => RecordKind::Release,
            "svc" => RecordKind::Service,
            "win" => RecordKind::Window,
            "per" => RecordKind::Person,
            "app" => RecordKind::Approval,
            "ph" => {
                let (release, phase) = name.split_once('/').unwrap();
                let own = fields("ph", phase, words);
                let owner = found.iter_mut().find(|(_, map)| map["id"] == release).unwrap();
                let phases = owner.1.entry("phases").or_insert_with(|| json!([]));
                phases.as_array_mut().unwrap().push(Value::Object(own));
                continue;
            }
            other => panic!("{other}?"),
        };
        found.push((kind, fields(what, name, words)));
    }
    let stored = found.into_iter().map(|(kind, map)| read(kind, map)).collect();
    (stored, settings)
}

fn read(kind: RecordKind, map: Map<String, Value>) -> Stored {
    let record: Record = kind.read(&Value::Object(map).to_string()).unwrap();
    // Only another system's word approves a change before the rules see it.
    let there = matches!(&record, Record::Change(change) if change.approval.is_some());
    let source = if there { SourceId::new("itsm") } else { SourceId::board() };
    Stored { source, record }
}

fn fields<'a>(what: &str, name: &str, words: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".into(), json!(name));
    if what == "chg" {
        map.insert("state".into(), json!("scheduled"));
        map.insert("risk".into(), json!("low"));
        map.insert("rollback_plan".into(), json!("put it back"));
    }
    for word in words {
        field(what, word, &mut map);
    }
    map
}

fn field(what: &str, word: &str, map: &mut Map<String, Value>) {
    let list = |text: &str| -> Value { text.split(',').filter(|x| !x.is_empty()).collect::<Vec<_>>().into() };
    let mut put = |key: &str, value: Value| {
        map.insert(key.to_owned(), value);
    };
    let Some((key, value)) = word.split_once('=') else {
        match word {
            "out" => put("outage", json!({"start": hour("0"), "end": hour("1")})),
            "soft" => put("hard", json!(false)),
            "whole" => put("whole_environment", json!(true)),
            "maintenance" | "freeze" | "event" | "release" | "sprint" => put("kind", json!(word)),
            span => {
                let (start, end) =
                    span.split_once('-').map_or((span, None), |(start, end)| (start, Some(end)));
                let (from, to) =
                    if what == "chg" { ("planned_start", "planned_end") } else { ("start", "end") };
                put(from, json!(hour(start)));
                if let Some(end) = end {
                    put(to, json!(hour(end)));
                }
            }
        }
        return;
    };
    match (what, key) {
        ("win", "on" | "env" | "grp" | "kinds") => {
            let key = match key {
                "on" => "services",
                "env" => "environments",
                "grp" => "groups",
                other => other,
            };
            let scope = map.entry("scope").or_insert_with(|| json!({}));
            scope.as_object_mut().unwrap().insert(key.to_owned(), list(value));
        }
        ("svc", "on") => put("depends_on", list(value)),
        (_, "on") => put("services", list(value)),
        (_, "after" | "allow" | "aliases") => put(key, list(value)),
        (_, "env") => put("environment", json!(value)),
        (_, "rel") => put("release", json!(value)),
        (_, "as") => put("actual_start", json!(hour(value))),
        (_, "pe") => put("planned_end", json!(hour(value))),
        (_, "ae") => put("actual_end", json!(hour(value))),
        (_, "sub") => put("submitted_at", json!(hour(value))),
        (_, "moved") => put("moved_at", json!(hour(value))),
        (_, "rb") => put("rollback_minutes", json!(value.parse::<u32>().unwrap())),
        (_, "rplan") => put("rollback_plan", json!(value.replace('_', " "))),
        (_, "tfield") => put("no_test_plan_field", json!(value == "none")),
        (_, "tplan") => put("test_plan", json!(value)),
        (_, "seat") => put("extra_seat", json!(value)),
        (_, other) => put(other, json!(value)),
    }
}

/// A row in a few words: `block A B 60 s1`.
pub fn brief(row: &Conflict) -> String {
    let b = row.key.b.as_ref().map_or("-", Id::as_str);
    let path: Vec<&str> = row.path.iter().map(|line| line.as_str()).collect();
    format!("{} {} {b} {} {}", row.severity, row.key.a, row.minutes, path.join(">")).trim_end().to_owned()
}

/// Runs a table: name, board, wanted rows of one rule at hour 0.
pub fn table(rule: RuleId, cases: &[(&str, &str, &[&str])]) {
    for (name, text, want) in cases {
        let (now, text) = match text.trim_start().strip_prefix("at ") {
            Some(rest) => rest.split_once('\n').map(|(at, rest)| (hour(at.trim()), rest)).unwrap(),
            None => (hour("0"), *text),
        };
        let decided = Decided(vec!["OK"]);
        let rows = detect(&board(text), now, &decided);
        let got: Vec<String> = rows.iter().filter(|row| row.key.rule == rule).map(brief).collect();
        assert_eq!(got, *want, "{}: {name}", rule.word());
        assert!(rows.iter().all(|row| row.reason().len() > 10), "{}: {name}", rule.word());
    }
}

/// Runs a table of what is missing: name, board, wanted `activity: fact`.
pub fn missing(rule: RuleId, cases: &[(&str, &str, &[&str])]) {
    for (name, text, want) in cases {
        let got: Vec<String> = unchecked(&board(text), hour("0"), &Decided(vec!["OK"]))
            .iter()
            .filter(|row| row.rule == rule)
            .map(|row| format!("{}: {}", row.activity, row.missing))
            .collect();
        assert_eq!(got, *want, "{}: {name}", rule.word());
    }
}
