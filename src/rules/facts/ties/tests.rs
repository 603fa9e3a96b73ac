use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{Record, RecordKind, SourceId, Stored};

fn stored(kind: RecordKind, source: &str, json: serde_json::Value) -> Stored {
    let record: Record = kind.read(&json.to_string()).unwrap();
    Stored { source: SourceId::new(source), record }
}

fn facts(people: &[(&str, serde_json::Value)], change: serde_json::Value) -> Facts {
    let mut facts = Facts::new(Default::default());
    let mut all: Vec<Stored> =
        people.iter().map(|(source, json)| stored(RecordKind::Person, source, json.clone())).collect();
    all.push(stored(RecordKind::Change, "itop", change));
    facts.apply(all, Vec::new());
    facts
}

fn tie(facts: &Facts, part: Part) -> Tie {
    let ties = facts.ties(&Id::new("C1").unwrap());
    ties.into_iter().find(|tie| tie.part == part).unwrap()
}

#[test]
fn who_a_record_names() {
    let jonas =
        || ("board", json!({"id": "j.lind", "name": "Jonas Lind", "email": "jonas.lind@example.com"}));
    let other = |id: &str, name: &str| ("board", json!({"id": id, "name": name}));
    let known = |id: &'static str| (Told::Known, vec![id], vec![]);
    let cases = [
        ("a display name", vec![jonas()], json!({"owner": "Jonas Lind"}), known("j.lind")),
        ("last, first", vec![jonas()], json!({"owner": "LIND, Jonas"}), known("j.lind")),
        (
            "two of one name are nobody, and either might be",
            vec![jonas(), other("jl2", "Lind Jonas")],
            json!({"owner": "Jonas Lind"}),
            (Told::Nobody, vec![], vec!["j.lind", "jl2"]),
        ),
        (
            "an address tells the two apart",
            vec![jonas(), other("jl2", "Lind Jonas")],
            json!({"owner": "Jonas Lind", "people": [{"part": "owner", "name": "Jonas Lind", "email": "jonas.lind@example.com"}]}),
            known("j.lind"),
        ),
        (
            "a word in common",
            vec![jonas(), other("a.chen", "Ada Chen")],
            json!({"owner": "J. Lind (external)"}),
            (Told::Nobody, vec![], vec!["j.lind"]),
        ),
        (
            "the local part of an address",
            vec![jonas()],
            json!({"owner": "lind.j@elsewhere.example"}),
            (Told::Nobody, vec![], vec!["j.lind"]),
        ),
        ("nobody like it", vec![jonas()], json!({"owner": "Rosa Diaz"}), (Told::Nobody, vec![], vec![])),
        ("a bare number", vec![jonas()], json!({"owner": "41"}), (Told::Unknown, vec![], vec![])),
        ("not at all", vec![jonas()], json!({}), (Told::Unknown, vec![], vec![])),
        (
            "what a source says of people settles nothing",
            vec![other("j.lind", ""), ("itop", json!({"id": "decoy", "name": "Jonas Lind"}))],
            json!({"owner": "Jonas Lind"}),
            (Told::Nobody, vec!["decoy"], vec!["j.lind"]),
        ),
        (
            "nor takes somebody's name away",
            vec![jonas(), ("itop", json!({"id": "decoy", "aliases": ["jonas lind"], "name": "Jonas Lind"}))],
            json!({"owner": "Jonas Lind"}),
            known("j.lind"),
        ),
    ];
    for (row, people, mut change, (told, who, might)) in cases {
        change["id"] = "C1".into();
        let facts = facts(&people, change);
        let tie = tie(&facts, Part::Owner);
        let ids = |ids: Vec<Id>| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(tie.told, told, "{row}");
        assert_eq!(ids(tie.people.clone()), who, "{row}");
        assert_eq!(ids(facts.resembling(&tie).into_iter().collect()), might, "{row}");
    }
}

#[test]
fn several_of_one_part_are_all_tied() {
    let people = [
        ("board", json!({"id": "a", "name": "Ada Chen"})),
        ("board", json!({"id": "b", "email": "b@x.org"})),
    ];
    let named = json!([{"part": "owner", "name": "Ada Chen"}, {"part": "owner", "email": "b@x.org"},
        {"part": "requester", "native": "7"}]);
    let facts = facts(&people, json!({"id": "C1", "owner": "Ada Chen", "people": named}));
    let ties = facts.ties(&Id::new("C1").unwrap());
    let told: Vec<_> = ties.iter().map(|tie| (tie.part, tie.people.len(), tie.told)).collect();
    assert_eq!(
        told,
        [(Part::Requester, 0, Told::Unknown), (Part::Owner, 1, Told::Known), (Part::Owner, 1, Told::Known)]
    );
}

const WORDS: [&str; 5] = ["Ada", "Jonas", "Lind", "Chén", "Wu"];

proptest! {
    /// Names of two words, in either order and case: known where one person alone has these words, else nobody, and
    /// whoever has one of them might be.
    #[test]
    fn names_match_as_words_do(
        people in prop::collection::vec((0..5_usize, 0..5_usize, any::<bool>()), 0..6),
        owner in (0..5_usize, 0..5_usize, any::<bool>()),
    ) {
        let write = |(a, b, comma): (usize, usize, bool)| {
            if comma { format!("{}, {}", WORDS[b].to_uppercase(), WORDS[a]) } else { format!("{} {}", WORDS[a], WORDS[b]) }
        };
        let bag = |(a, b, _): (usize, usize, bool)| { let mut bag = [a, b]; bag.sort_unstable(); bag };
        let records: Vec<_> = people.iter().enumerate()
            .map(|(n, name)| ("board", json!({"id": format!("{n}"), "name": write(*name)})))
            .collect();
        let facts = facts(&records, json!({"id": "C1", "owner": write(owner)}));
        let tie = tie(&facts, Part::Owner);
        let same: Vec<usize> = (0..people.len()).filter(|n| bag(people[*n]) == bag(owner)).collect();
        let alike: BTreeSet<String> = (0..people.len())
            .filter(|n| bag(people[*n]).iter().any(|word| bag(owner).contains(word)))
            .map(|n| n.to_string())
            .collect();
        let found: Vec<String> = tie.people.iter().map(ToString::to_string).collect();
        let might: BTreeSet<String> = facts.resembling(&tie).iter().map(ToString::to_string).collect();
        if let [only] = same.as_slice() {
            prop_assert_eq!(tie.told, Told::Known);
            prop_assert_eq!(found, vec![only.to_string()]);
            prop_assert!(might.is_empty());
        } else {
            prop_assert_eq!(tie.told, Told::Nobody);
            prop_assert!(found.is_empty());
            prop_assert_eq!(might, alike);
        }
    }
}
