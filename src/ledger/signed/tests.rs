use serde_json::json;
use ssh_key::{PrivateKey, private::Ed25519Keypair};

use super::*;
use crate::ledger::{
    Who,
    command::{Command, Problem, ProblemKind},
    decide::can::{About, Operation},
    desk::{Desk, id, who},
    event::{Event, Known},
};

const LINEAGE: &str = "5eed";

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
}

/// A board whose votes must be signed; k.wu has key 1, a.chen key 2, and s.varga none.
fn desk() -> Desk {
    let public = |seed| key(seed).public_key().to_openssh().unwrap();
    let mut desk = Desk::payments(json!({"policies": [
        {"id": "default", "board": "cab", "early_close": "off", "require_signed": true}]}));
    desk.import(
        json!({"people": [{"id": "k.wu", "keys": [public(1)]}, {"id": "a.chen", "keys": [public(2)]}]}),
    )
    .unwrap();
    desk
}

/// Somebody for whom the record says where the round of C1 stands.
fn asking(desk: &Desk, person: &str) -> Who {
    let opened = desk.ledger.fold().round(&id("C1")).unwrap().opened;
    let opened = desk.log.iter().find(|sealed| sealed.entry.n == opened).unwrap();
    Who { ground: Some(Ground { lineage: LINEAGE.into(), opened: log::hex(&opened.hash) }), ..who(person) }
}

fn statement(desk: &Desk, person: &str, vote: Option<Vote>) -> Statement {
    desk.ledger.to_sign(&id("C1"), vote, None, &asking(desk, person), desk.now).unwrap().statement
}

fn sign_text(text: &str, key: &PrivateKey, namespace: &str) -> Signed {
    let made = key.sign(namespace, HashAlg::Sha512, text.as_bytes()).unwrap();
    Signed {
        text: text.into(),
        signature: made.to_pem(ssh_key::LineEnding::LF).unwrap(),
        key: key.public_key().fingerprint(HashAlg::Sha256).to_string(),
    }
}

fn send(desk: &mut Desk, person: &str, signed: Signed, comment: Option<&str>) -> Result<String, Problem> {
    let who = asking(desk, person);
    let command = Command::Signed { signed: Box::new(signed), comment: comment.map(Prose::new) };
    desk.commit(|tx| tx.decide(&command, &who)).map(|done| done.said)
}

#[test]
fn a_signed_vote_counts_and_is_kept_with_its_signature() {
    let mut desk = desk();
    let text = statement(&desk, "k.wu", Some(Vote::Approve)).text();
    send(&mut desk, "k.wu", sign_text(&text, &key(1), NAMESPACE), None).unwrap();
    assert_eq!(desk.tally("C1").yes, 1);
    let voted = desk.log.last().unwrap().entry.event.clone();
    let kept = voted.signed().unwrap().clone();
    assert_eq!(kept.text, text);
    let opened = kept.statement().unwrap().opened;
    kept.holds(&voted, Some(&opened)).unwrap();
    // Taken back, which is signed as well.
    let text = statement(&desk, "k.wu", None).text();
    send(&mut desk, "k.wu", sign_text(&text, &key(1), NAMESPACE), None).unwrap();
    assert_eq!(desk.tally("C1").yes, 0);
    assert!(matches!(desk.log.last().unwrap().entry.event, Event::Withdrawn { signed: Some(_), .. }));
}

#[test]
fn what_was_signed_is_what_is_voted_or_it_is_refused() {
    let mut desk = desk();
    let good = statement(&desk, "k.wu", Some(Vote::Approve));
    let with = |change: &dyn Fn(&mut Statement)| {
        let mut other = good.clone();
        change(&mut other);
        sign_text(&other.text(), &key(1), NAMESPACE)
    };
    let right = || with(&|_| ());
    let other = "0".repeat(64);
    let other_revision: Revision = serde_json::from_value(json!(format!("1-{other}"))).unwrap();
    let cases: Vec<(&str, Signed, ProblemKind, &str)> = vec![
        ("another board", with(&|s| s.board = "else".into()), ProblemKind::Changed, "another board"),
        ("another round", with(&|s| s.round = 9), ProblemKind::Changed, "another round"),
        ("another opening", with(&|s| s.opened.clone_from(&other)), ProblemKind::Changed, "another round"),
        ("another revision", with(&|s| s.revision = other_revision), ProblemKind::Changed, "changed since"),
        ("another person", with(&|s| s.person = id("a.chen")), ProblemKind::NotAllowed, "signed as a.chen"),
        ("another comment", with(&|s| s.comment = Some(other.clone())), ProblemKind::Changed, "comment"),
        ("others' seats", with(&|s| s.seats.push(id("a.chen"))), ProblemKind::Changed, "seats"),
        (
            "another's key",
            sign_text(&good.text(), &key(2), NAMESPACE),
            ProblemKind::NotAllowed,
            "none of theirs",
        ),
        ("another purpose", sign_text(&good.text(), &key(1), "file"), ProblemKind::NotAllowed, "signed for"),
        (
            "not canonical",
            sign_text(&format!(" {}", good.text()), &key(1), NAMESPACE),
            ProblemKind::Changed,
            "form",
        ),
        ("no statement", sign_text("approve", &key(1), NAMESPACE), ProblemKind::Invalid, "no statement"),
        (
            "another vote's signature",
            Signed { text: with(&|s| s.vote = Some(Vote::Abstain)).text, ..right() },
            ProblemKind::NotAllowed,
            "does not fit",
        ),
        (
            "no signature",
            Signed { signature: "x".into(), ..right() },
            ProblemKind::NotAllowed,
            "cannot be read",
        ),
        (
            "another's fingerprint",
            Signed { key: "SHA256:x".into(), ..right() },
            ProblemKind::NotAllowed,
            "none of theirs",
        ),
    ];
    for (name, signed, kind, says) in cases {
        let refused = send(&mut desk, "k.wu", signed, None).expect_err(name);
        assert_eq!(refused.kind, kind, "{name}: {}", refused.title);
        assert!(refused.title.contains(says), "{name}: {}", refused.title);
    }
    assert_eq!(desk.tally("C1").yes, 0);
    send(&mut desk, "k.wu", right(), None).unwrap();
}

#[test]
fn under_its_policy_nobody_votes_unsigned_or_for_somebody() {
    let mut desk = desk();
    let revision = desk.revision("C1");
    let vote = |person: Option<&str>| Command::Vote {
        item: id("C1"),
        revision,
        vote: Vote::Approve,
        comment: None,
        on_behalf: person.map(id),
    };
    let refused = |desk: &mut Desk, by: &str, command: Command| desk.act(by, command).expect_err(by).title;
    assert!(refused(&mut desk, "k.wu", vote(None)).contains("signed votes only"));
    assert!(refused(&mut desk, "m.ortiz", vote(Some("k.wu"))).contains("nobody votes for k.wu"));
    // Whether they may vote is another question than whether they signed.
    let about = About { id: &id("C1"), meeting: None };
    let may = |desk: &Desk, person: &str, operation: Operation| {
        let all = desk.ledger.can(about, &who(person), desk.now);
        all.into_iter().find(|known| known.operation == operation).unwrap().refusal
    };
    assert_eq!(may(&desk, "k.wu", Operation::Vote), None);
    assert!(may(&desk, "m.ortiz", Operation::RollCall).is_some());
    assert!(desk.tally("C1").signed);
    // A key is no right: it must be of who acts, and they must be verified where that is asked for.
    let text = statement(&desk, "a.chen", Some(Vote::Approve)).text();
    assert!(send(&mut desk, "k.wu", sign_text(&text, &key(2), NAMESPACE), None).is_err());
    let mut verified = asking(&desk, "a.chen");
    verified.actor.known = Known::Verified;
    assert!(desk.ledger.to_sign(&id("C1"), None, None, &verified, desk.now).unwrap().required);
}

#[test]
fn keys_are_read_as_openssh_writes_them() {
    let line = key(1).public_key().to_openssh().unwrap();
    assert_eq!(read_key(&format!("{line} k.wu@desk\n")).unwrap().as_str(), format!("{line} k.wu@desk"));
    for (given, says) in
        [("", "no public key"), ("ssh-ed25519 AAAA", "no public key"), ("-----BEGIN", "no public key")]
    {
        assert!(read_key(given).unwrap_err().contains(says), "{given}");
    }
}
