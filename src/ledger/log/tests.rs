use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ledger::event::Known;
use crate::model::{Id, Line, Prose};

fn actor() -> Actor {
    Actor { person: Some(Id::new("m.ortiz").unwrap()), login: Line::new("mortiz"), known: Known::Claimed }
}

fn comment(text: &str) -> Event {
    Event::Commented { item: Id::new("CHG1").unwrap(), text: Prose::new(text) }
}

fn chain(texts: &[&str]) -> Vec<Sealed> {
    let mut head = Head::default();
    texts
        .iter()
        .enumerate()
        .map(|(at, text)| {
            head.seal(Instant::from_secs(1_795_000_000 + at as i64), actor(), comment(text)).unwrap()
        })
        .collect()
}

fn check(chain: &[Sealed], head: Option<&str>) -> Verified {
    verify(chain.iter().map(|s| (&s.bytes, Some(s.hash))), head)
}

#[test]
fn canonical_bytes() {
    let cases = [
        ("keys are sorted, no spaces", json!({"b": 1, "a": [true, null]}), r#"{"a":[true,null],"b":1}"#),
        ("keys sort by UTF-16", json!({"\u{fb33}": 1, "\u{1f600}": 2}), "{\"\u{1f600}\":2,\"\u{fb33}\":1}"),
        (
            "strings as RFC 8785 writes them",
            json!("\u{20ac}$\u{f}\nA'\u{42}\"\\/\u{7f}\u{8}\u{c}\r\t"),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\/\u{7f}\\b\\f\\r\\t\"",
        ),
        ("the largest number", json!(9_007_199_254_740_991_u64), "9007199254740991"),
        ("a negative number", json!(-5), "-5"),
    ];
    for (name, value, want) in cases {
        assert_eq!(String::from_utf8(canonical(&value).unwrap()).unwrap(), want, "{name}");
    }
    for (name, value) in
        [("a fraction", json!(0.5)), ("too large", json!(1_u64 << 53)), ("too small", json!(-(1_i64 << 53)))]
    {
        assert!(matches!(canonical(&value), Err(NotCanonical::Number(_))), "{name}");
    }
}

#[test]
fn a_chain_verifies_and_a_broken_one_names_its_event() {
    let chain = chain(&["one", "two", "three", "four"]);
    let whole = check(&chain, None);
    assert_eq!((whole.events, whole.broken, whole.head_found), (4, None, None));
    assert_eq!(whole.head, hex(&chain[3].hash));

    type Edit = fn(&mut Vec<Sealed>);
    let cases: [(&str, Edit, u64); 7] = [
        ("a word of the second", |c| c[1].bytes = replace(&c[1].bytes, "two", "too"), 2),
        ("a word of the last, hash kept", |c| c[3].bytes = replace(&c[3].bytes, "four", "fore"), 4),
        (
            "a space that changes nothing else",
            |c| c[2].bytes = replace(&c[2].bytes, "{\"at\"", "{ \"at\""),
            3,
        ),
        ("one taken out", |c| drop(c.remove(1)), 2),
        ("two swapped", |c| c.swap(1, 2), 2),
        ("one that is no event", |c| c[2].bytes = b"{}".to_vec(), 3),
        ("an edit with its hash redone", |c| redo(c), 3),
    ];
    for (name, edit, broken) in cases {
        let mut copy = chain.clone();
        edit(&mut copy);
        let found = check(&copy, None);
        assert_eq!(found.broken.as_ref().map(|(n, _)| *n), Some(broken), "{name}: {found:?}");
        assert_eq!(found.events, broken - 1, "{name}");
    }
}

fn redo(chain: &mut [Sealed]) {
    chain[1].bytes = replace(&chain[1].bytes, "two", "too");
    chain[1].hash = Sha256::digest(&chain[1].bytes).into();
}

fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8(bytes.to_vec()).unwrap().replacen(from, to, 1).into_bytes()
}

#[test]
fn a_cut_tail_shows_against_a_head() {
    let chain = chain(&["one", "two", "three"]);
    let printed = hex(&chain[1].hash);
    assert_eq!(check(&chain, Some(&printed)).head_found, Some(true), "the log has grown since");
    assert_eq!(check(&chain[..2], Some(&printed)).head_found, Some(true));
    assert_eq!(check(&chain[..1], Some(&printed)).head_found, Some(false), "cut before the head");
    assert_eq!(check(&chain, Some(&printed[..12])).head_found, Some(true), "as minutes print it");
    assert_eq!(check(&chain, Some("")).head_found, Some(false));
}

#[test]
fn export_and_import_are_the_same_bytes() {
    let chain = chain(&["one\nwith a second line", "two · ünïcode", "three"]);
    let text = export(chain.iter().map(|s| s.bytes.as_slice()));
    assert_eq!(text.lines().count(), 3);
    assert_eq!(import(&text).unwrap(), chain);
    let cut: String = text.lines().skip(1).collect();
    assert_eq!(import(&cut).unwrap_err().n, 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_json_reads_back_and_is_stable(texts in proptest::collection::vec(".{0,20}", 1..6)) {
        let value = json!({ "texts": texts, "n": 7, "z": { "b": null, "a": false } });
        let bytes = canonical(&value).unwrap();
        let again: Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(&again, &value);
        prop_assert_eq!(canonical(&again).unwrap(), bytes);
    }
}

use serde_json::Value;
