use ssh_key::{PrivateKey, private::Ed25519Keypair};

use super::*;

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
}

fn public(key: &PrivateKey) -> Line {
    Line::new(&key.public_key().to_openssh().unwrap())
}

fn sign(text: String, key: &PrivateKey, namespace: &str) -> Signed {
    let made = key.sign(namespace, HashAlg::Sha512, text.as_bytes()).unwrap();
    Signed {
        text,
        signature: made.to_pem(ssh_key::LineEnding::LF).unwrap(),
        key: key.public_key().fingerprint(HashAlg::Sha256).to_string(),
    }
}

/// The hash of event `n` of a record whose events have these bytes.
fn hash(n: u64) -> Option<log::Hash> {
    (1..100).contains(&n).then(|| [u8::try_from(n).unwrap(); 32])
}

fn head(n: u64, by: &PrivateKey) -> Event {
    let said = Head { board: "5eed".into(), n, hash: hex(&hash(n).unwrap_or_default()) };
    let proof = Box::new(sign(text(&said), by, HEAD));
    Event::HeadSigned { n, hash: said.hash, proof }
}

fn follows(new: &PrivateKey, by: Option<&PrivateKey>) -> Event {
    let key = public(new);
    let said = Successor { board: "5eed".into(), key: key.clone() };
    let proof = by.map(|by| Box::new(sign(text(&said), by, KEY)));
    Event::ServiceKeyChanged { key, proof }
}

fn found(events: &[(u64, Event)]) -> Found {
    let mut found = Found::default();
    events.iter().for_each(|(at, event)| found.take(*at, event, hash));
    found
}

#[test]
fn heads_hold_under_keys_that_follow_each_other() {
    let (one, two) = (key(1), key(2));
    let good = found(&[
        (5, head(4, &one)),
        (9, head(8, &one)),
        (10, follows(&two, Some(&one))),
        (12, head(11, &two)),
    ]);
    assert_eq!((good.heads, good.to, &good.broken), (3, 11, &None));
    assert_eq!(good.keys.len(), 2);
    assert!(good.strange.is_empty());
    let unsigned = found(&[(5, head(4, &one)), (10, follows(&two, None)), (12, head(11, &two))]);
    assert_eq!(unsigned.broken, None);
    assert!(unsigned.strange[0].contains("without the word of the one before"), "{unsigned:?}");
}

#[test]
fn what_does_not_hold_is_named_with_its_reason() {
    let (one, two) = (key(1), key(2));
    let with = |change: &dyn Fn(&mut u64, &mut String, &mut Signed)| {
        let mut event = head(4, &one);
        let Event::HeadSigned { n, hash, proof } = &mut event else { unreachable!() };
        change(n, hash, proof);
        vec![(5, event)]
    };
    let rows = [
        ("another number", with(&|n, _, _| *n = 3), "another head was signed"),
        ("another hash", with(&|_, hash, _| *hash = "0".repeat(64)), "another head was signed"),
        (
            "another text",
            with(&|_, _, proof| proof.text = proof.text.replace("5eed", "beef")),
            "does not fit",
        ),
        (
            "for a vote",
            with(&|_, _, proof| *proof = sign(proof.text.clone(), &key(1), "quorate-vote@v1")),
            "something else",
        ),
        ("of what follows it", vec![(5, head(5, &one))], "rewritten"),
        ("of nothing", vec![(5, head(200, &one))], "rewritten"),
        ("with another key", vec![(5, head(4, &one)), (9, head(8, &two))], "the key in use is"),
        (
            "after a key that signed itself",
            vec![(5, head(4, &one)), (8, follows(&two, Some(&two)))],
            "is not signed by",
        ),
        (
            "with the old key",
            vec![(5, head(4, &one)), (8, follows(&two, Some(&one))), (9, head(8, &one))],
            "the key in use is",
        ),
    ];
    for (row, events, want) in rows {
        let (_, why) = found(&events).broken.unwrap_or_else(|| panic!("{row} holds"));
        assert!(why.contains(want), "{row}: {why}");
    }
}

#[test]
fn a_head_is_due_after_so_many_events_and_with_minutes() {
    let mut to = SignedTo::default();
    assert_eq!((to.is_due(99, 100), to.is_due(100, 100), to.is_due(1000, 0)), (false, true, false));
    to.take(101, &head(100, &key(1)));
    assert_eq!((to.n, to.is_due(199, 100), to.is_due(200, 100)), (100, false, true));
    to.minutes = 150;
    assert!(to.is_due(151, 100) && !to.is_due(151, 0));
    assert_eq!(to.key, fingerprint(&public(&key(1))));
    to.take(152, &follows(&key(2), None));
    assert_eq!(to.key, fingerprint(&public(&key(2))));
}
