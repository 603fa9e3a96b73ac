use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ledger::event::Known;
use crate::model::{Id, Line, Prose};

fn actor() -> Actor {
    Actor {
        person: Some(Id::new("m.ortiz").unwrap()),
        login: Line::new("mortiz"),
        via: None,
        known: Known::Claimed,
    }
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

/// The chain over these events, kept as the store keeps them, a commit each.
fn walk(chain: &[Sealed]) -> Chain {
    let mut walked = Chain::default();
    for (number, sealed) in (1..).zip(chain) {
        walked.take(&row(number, sealed));
    }
    walked
}

fn row(number: u64, sealed: &Sealed) -> Kept<'_> {
    let Sealed { entry, bytes, hash, prev } = sealed;
    Kept { number, seq: number, at: entry.at.secs() * 1000, bytes, hash: *hash, prev: *prev }
}

#[test]
fn by_whose_login_somebody_came_is_a_field_of_its_own_and_older_events_keep_their_bytes() {
    let bytes = |by: Actor| {
        let sealed = Head::default().seal(Instant::from_secs(1_795_000_000), by, comment("fine")).unwrap();
        let text = String::from_utf8(sealed.bytes).unwrap();
        assert_eq!(vocabulary::read(text.as_bytes()).unwrap(), sealed.entry, "{text}");
        text
    };
    let by = r#""by":{"known":"claimed","login":"mortiz","person":"m.ortiz"}"#;
    assert!(bytes(actor()).contains(by), "{}", bytes(actor()));
    let by_su = Actor { via: Some(Line::new("bin")), ..actor() };
    let by = r#""by":{"known":"claimed","login":"mortiz","person":"m.ortiz","via":"bin"}"#;
    assert!(bytes(by_su.clone()).contains(by), "{}", bytes(by_su));
    // As the login was written before: it stays as it stands, with its hash.
    let before = bytes(Actor { login: Line::new("mortiz via su from bin"), ..actor() });
    let read = vocabulary::read(before.as_bytes()).unwrap();
    assert_eq!((read.by.login.as_str(), &read.by.via), ("mortiz via su from bin", &None));
    assert_eq!(canonical(&read).unwrap(), before.as_bytes());
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
    let whole = walk(&chain);
    assert_eq!((whole.head.n, whole.fault), (4, None));
    assert_eq!(whole.head.hash, chain[3].hash);

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
        let found = walk(&copy);
        assert_eq!(found.fault.as_ref().map(|fault| fault.n), Some(broken), "{name}: {found:?}");
        assert_eq!(found.head.n, broken - 1, "{name}");
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
fn what_stands_beside_the_bytes_is_compared_with_them() {
    let chain = chain(&["one", "two", "three"]);
    type Edit = fn(&mut Kept<'_>);
    let cases: [(&str, Edit, &str); 7] = [
        ("its number", |k| k.number = 4, "missing"),
        ("the number of the one before", |k| k.number = 2, "twice"),
        ("its time", |k| k.at -= 86_400_000, "time"),
        ("its predecessor", |k| k.prev = [0; 32], "predecessor"),
        ("its hash", |k| k.hash = [0; 32], "hashed"),
        ("its commit", |k| k.seq = 1, "of commit 1, before that of its predecessor, 2"),
        ("nothing", |_| (), ""),
    ];
    for (name, edit, why) in cases {
        let mut walked = walk(&chain[..2]);
        let mut third = row(3, &chain[2]);
        edit(&mut third);
        let holds = walked.take(&third);
        let said = walked.fault.map(|fault| (fault.n, fault.why)).unwrap_or_default();
        assert_eq!(holds, why.is_empty(), "{name}: {said:?}");
        assert!(said.1.contains(why) && (holds || said.0 == 3), "{name}: {said:?}");
    }
}

#[test]
fn the_end_of_the_log_is_where_the_board_says() {
    let chain = chain(&["one", "two", "three"]);
    let last = chain[2].hash;
    let rows = [
        ("as it is", 3, last, 3, None),
        ("one more is promised", 4, last, 4, Some(4)),
        ("one is gone", 2, chain[1].hash, 3, Some(3)),
        ("another hash", 3, [7; 32], 3, Some(3)),
        ("a counter that was set back", 3, last, 2, Some(3)),
    ];
    for (row, events, hash, seq, broken) in rows {
        let mut walked = walk(&chain);
        walked.end(events, &hash, seq);
        assert_eq!(walked.fault.as_ref().map(|fault| fault.n), broken, "{row}: {walked:?}");
    }
}

#[test]
fn acts_that_lie_before_the_one_they_follow_are_named() {
    let mut head = Head::default();
    let at = |secs: i64| Instant::from_secs(1_795_000_000 + secs);
    let times = [0, -60, 500, 430, 440, -7000, 100];
    let chain: Vec<Sealed> =
        times.iter().map(|secs| head.seal(at(*secs), actor(), comment("x")).unwrap()).collect();
    let walked = walk(&chain);
    assert_eq!((walked.fault, walked.backwards), (None, vec![(4, 70), (6, 7440)]));
    assert_eq!(walked.newest, Some((3, at(500))));
}

#[test]
fn what_is_hashed_has_one_form() {
    let one = canonical(
        &json!({"a": [1, -2, "x\u{1}\n\u{e4}\"\\"], "b": {"c": null, "d": true}, "e": {}, "f": []}),
    )
    .unwrap();
    assert!(is_canonical(&one), "{}", String::from_utf8_lossy(&one));
    let others = [
        "",
        " {}",
        "{} ",
        r#"{"a": 1}"#,
        r#"{"b":1,"a":2}"#,
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,}"#,
        "[1,]",
        "[01]",
        "[-0]",
        "[1.0]",
        "[1e2]",
        "[9007199254740992]",
        "[+1]",
        "[-]",
        r#"["\u0041"]"#,
        r#"["\u000A"]"#,
        r#"["\u000a"]"#,
        r#"["\/"]"#,
        "[\"\n\"]",
        "[nul]",
        "[",
        "\"",
        r#"{"a":{"b":1,"a":1}}"#,
        "{}{}",
        "[tru",
        r#"{"a"}"#,
    ];
    for text in others {
        assert!(!is_canonical(text.as_bytes()), "{text:?}");
    }
    assert!(!is_canonical(b"[\"\xff\"]"), "no UTF-8");
    assert!(!is_canonical(&[b'['; 10_000]), "however deep");
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

/// Any text, control characters and those beyond 16 bits included.
fn a_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..8).prop_map(String::from_iter)
}

/// Any value that the log may hold.
fn a_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (1 - (1_i64 << 53)..1_i64 << 53).prop_map(Value::from),
        a_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(a_text(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_json_is_that_of_another_program(value in a_value()) {
        let bytes = canonical(&value).unwrap();
        let theirs = serde_json_canonicalizer::to_vec(&value).unwrap();
        prop_assert_eq!(String::from_utf8(bytes.clone()).unwrap(), String::from_utf8(theirs).unwrap());
        prop_assert!(is_canonical(&bytes));
    }

    #[test]
    fn canonical_json_reads_back_and_is_stable(texts in proptest::collection::vec(".{0,20}", 1..6)) {
        let value = json!({ "texts": texts, "n": 7, "z": { "b": null, "a": false } });
        let bytes = canonical(&value).unwrap();
        let again: Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(&again, &value);
        prop_assert!(is_canonical(&bytes));
        prop_assert_eq!(canonical(&again).unwrap(), bytes);
    }
}

use serde_json::Value;
