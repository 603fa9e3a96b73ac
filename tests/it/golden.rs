//! Logs of each vocabulary that was ever written: they are read for ever, fold to the same board, and their hashes hold.
//!
//! A log here is never changed. When the vocabulary grows, the newest one is written with QUORATE_UPDATE=1; a kind of event
//! that the current one has not yet is put at its end in the same way.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use quorate::ledger::{
    fold::Fold,
    log::{self, vocabulary},
};
use serde_json::{Map, Value, json};

/// Keeps the log of a meeting as the one of the current vocabulary, where there is none and one is asked for.
pub fn keep(text: &str) {
    let path = golden(vocabulary::CURRENT);
    if std::env::var_os("QUORATE_UPDATE").is_some() && !path.exists() {
        fs::write(path, text).unwrap();
    }
}

fn golden(vocabulary: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/vocabulary-{vocabulary}.jsonl"))
}

/// What a log comes to, in lines.
fn folded(text: &str) -> Vec<String> {
    let sealed = log::import(text).unwrap();
    let mut fold = Fold::default();
    let mut kinds: BTreeMap<u32, usize> = BTreeMap::new();
    let head = sealed.last().map(|last| log::hex(&last.hash)).unwrap_or_default();
    for sealed in sealed {
        *kinds.entry(sealed.entry.v).or_default() += 1;
        fold.apply(sealed.entry);
    }
    let mut lines = vec![format!("head {head}, events by vocabulary {kinds:?}")];
    for (id, item) in &fold.items {
        let rounds: Vec<String> = item
            .rounds
            .iter()
            .map(|round| {
                let closed = round.closed.as_ref().map_or("open", |closed| closed.outcome.word());
                format!("{} {closed} {} votes", round.number, round.votes.len())
            })
            .collect();
        lines.push(format!(
            "{id}: {:?}; reviews {}; {}",
            item.standing,
            item.reviews.len(),
            rounds.join(", ")
        ));
    }
    for meeting in fold.meetings.values() {
        lines.push(format!("{} {}", meeting.id, meeting.state.word()));
        let issued = meeting.minutes.iter().flat_map(|issued| &issued.minutes.items);
        lines.extend(
            issued.map(|item| {
                format!("  {}: {}", item.agenda.item, quorate::words::result::result(&item.result))
            }),
        );
    }
    lines
}

#[test]
fn logs_of_every_vocabulary_fold_to_what_they_always_did() {
    for vocabulary in quorate::ledger::event::first_vocabulary()..=vocabulary::CURRENT {
        let text = fs::read_to_string(golden(vocabulary)).unwrap_or_else(|error| {
            panic!("there is no log of vocabulary {vocabulary}: {error}; write it with QUORATE_UPDATE=1")
        });
        insta::assert_snapshot!(format!("vocabulary_{vocabulary}"), folded(&text).join("\n"));
    }
}

#[test]
fn the_first_and_the_current_log_tell_the_same_meeting() {
    let of = |vocabulary| -> Vec<String> {
        let lines = folded(&fs::read_to_string(golden(vocabulary)).unwrap());
        let mut told: Vec<String> =
            lines.iter().filter(|line| line.starts_with("  ")).map(|line| results(line)).collect();
        told.sort();
        told
    };
    assert_eq!(of(quorate::ledger::event::first_vocabulary()), of(vocabulary::CURRENT));
}

/// Without the id, which the demo makes from its day.
fn results(line: &str) -> String {
    line.split_once(": ")
        .map(|(_, result)| result.split(" to ").next().unwrap_or_default().to_owned())
        .unwrap_or_default()
}

/// The log with one event of every kind: beside that of a meeting, from the vocabulary on in which it was begun.
fn of_kinds(vocabulary: u32) -> PathBuf {
    golden(vocabulary).with_file_name(format!("vocabulary-{vocabulary}-kinds.jsonl"))
}

/// Stands for a secret vote in a copy of a log, under the hash of the vote: no log of its own has it.
const IN_COPIES: &str = "vote_withheld";

/// The kinds of event in the published vocabulary, each with one that says all there is to say: `voted`, `run ended`.
fn kinds() -> BTreeMap<String, Value> {
    let schema: Value = serde_json::from_str(include_str!("../schemas/event.json")).unwrap();
    let defs = &schema["$defs"];
    let mut kinds = BTreeMap::new();
    for variant in defs["Event"]["oneOf"].as_array().unwrap() {
        let kind = variant["properties"]["type"]["const"].as_str().unwrap().to_owned();
        let event = sample(defs, variant);
        let act = variant["properties"]["act"]["$ref"].as_str();
        match act.map(|place| &defs[place.rsplit('/').next().unwrap()]["oneOf"]).and_then(Value::as_array) {
            Some(acts) => kinds.extend(acts.iter().map(|act| {
                let mut event = event.clone();
                event["act"] = sample(defs, act);
                (format!("{kind} {}", act["properties"]["type"]["const"].as_str().unwrap()), event)
            })),
            None => kinds.extend((kind != IN_COPIES).then_some((kind, event))),
        }
    }
    kinds
}

/// A value of a field; what ends ends later than what begins.
fn field(defs: &Value, name: &str, node: &Value) -> Value {
    let value = sample(defs, node);
    if value == "2026-11-23T13:05:00Z" && ["end", "to", "until"].contains(&name) {
        return json!("2026-11-23T14:05:00Z");
    }
    value
}

/// A value of a schema, with everything that is optional.
fn sample(defs: &Value, node: &Value) -> Value {
    if let Some(place) = node["$ref"].as_str() {
        let name = place.rsplit('/').next().unwrap();
        return match name {
            "Instant" => json!("2026-11-23T13:05:00Z"),
            "Id" => json!("CHG1"),
            "Line" | "Prose" | "SourceId" => json!("text"),
            "Revision" => json!(format!("1-{}", "0f".repeat(32))),
            "QuietHours" => json!({"from": "22:00", "to": "07:00"}),
            "Wall" => json!("2026-11-23T13:05:00"),
            // English is what is left out.
            "DateLanguage" => json!("de"),
            "Fraction" => json!("1/2"),
            "Quorum" => json!("2"),
            "VotingRule" => json!("majority"),
            _ => sample(defs, &defs[name]),
        };
    }
    if let Some(value) = node.get("const").or_else(|| node["enum"].get(0)) {
        return value.clone();
    }
    for list in ["oneOf", "anyOf", "allOf"] {
        if let Some(first) =
            node[list].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null"))
        {
            let mut value = sample(defs, first);
            // What is beside the choice belongs to it.
            if let (Some(own), Some(more)) = (value.as_object_mut(), node["properties"].as_object()) {
                own.extend(more.iter().map(|(name, one)| (name.clone(), field(defs, name, one))));
            }
            return value;
        }
    }
    let kind = match &node["type"] {
        Value::Array(kinds) => kinds.iter().find_map(|kind| kind.as_str().filter(|kind| *kind != "null")),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => {
            let fields = node["properties"].as_object().into_iter().flatten();
            Value::Object(
                fields.map(|(name, one)| (name.clone(), field(defs, name, one))).collect::<Map<_, _>>(),
            )
        }
        Some("array") => match node["prefixItems"].as_array() {
            Some(items) => items.iter().map(|one| sample(defs, one)).collect(),
            None => {
                let least = node["minItems"].as_u64().unwrap_or(1).max(1);
                (0..least).map(|_| sample(defs, &node["items"])).collect()
            }
        },
        Some("string") if node["format"] == "date" => json!("2026-11-23"),
        Some("string") => json!("text"),
        Some("integer" | "number") => json!(node["minimum"].as_u64().unwrap_or(0).max(1)),
        Some("boolean") => json!(true),
        _ => Value::Null,
    }
}

/// The kind of an event as [`kinds`] calls it.
fn kind_of(event: &Value) -> String {
    let kind = event["type"].as_str().unwrap();
    match event["act"]["type"].as_str() {
        Some(act) => format!("{kind} {act}"),
        None => kind.to_owned(),
    }
}

/// What a kind of event is called and made of can be forgotten by nobody: each stands in a log that is read for ever.
#[test]
fn every_kind_of_event_stands_in_the_log_of_the_current_vocabulary() {
    let path = of_kinds(vocabulary::CURRENT);
    let mut text = fs::read_to_string(&path).unwrap_or_default();
    let sealed = log::import(&text).unwrap();
    let events = |text: &str| -> BTreeSet<String> {
        text.lines().map(|line| kind_of(&serde_json::from_str::<Value>(line).unwrap()["event"])).collect()
    };
    let there = events(&text);
    let missing: Vec<(String, Value)> =
        kinds().into_iter().filter(|(kind, _)| !there.contains(kind)).collect();
    if std::env::var_os("QUORATE_UPDATE").is_some() && !missing.is_empty() {
        let mut head = log::Head::default();
        if let Some(last) = sealed.last() {
            head = log::Head { n: last.entry.n, hash: last.hash };
        }
        for (kind, event) in &missing {
            let event =
                serde_json::from_value(event.clone()).unwrap_or_else(|why| panic!("{kind}: {why}: {event}"));
            let by =
                serde_json::from_value(json!({"person": "ann", "login": "ann", "known": "claimed"})).unwrap();
            let one = head.seal("2026-11-23T13:05:00Z".parse().unwrap(), by, event).unwrap();
            text.push_str(&log::export(std::iter::once(one.bytes.as_slice())));
        }
        fs::write(&path, &text).unwrap();
        assert_eq!(events(&text), kinds().into_keys().collect(), "what was written is what is asked for");
        return;
    }
    let names: Vec<&str> = missing.iter().map(|(kind, _)| kind.as_str()).collect();
    assert!(
        names.is_empty(),
        "in no log of vocabulary {} stands: {names:?}; QUORATE_UPDATE=1 puts it at the end",
        vocabulary::CURRENT
    );
}

/// Their bytes, hashes and meaning stay: the chain holds, each is read, and together they fold to what they did.
#[test]
fn the_log_of_every_kind_folds_to_what_it_did() {
    let text = fs::read_to_string(of_kinds(vocabulary::CURRENT)).unwrap();
    for line in text.lines() {
        let kept: Value = serde_json::from_str(line).unwrap();
        let read: quorate::ledger::event::LogEntry = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), kept, "nothing of an event is lost as it is read");
    }
    insta::assert_snapshot!(format!("vocabulary_{}_kinds", vocabulary::CURRENT), folded(&text).join("\n"));
}
