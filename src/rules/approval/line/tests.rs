use super::*;
use crate::model::{EarlyClose, Instant, Policy, Risk, Role, Seat};
use crate::rules::approval::electorate::{Electorate, Seating};

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn electorate(board: &[(&str, Role, Option<&str>)], tied: &[Id]) -> Electorate {
    let seats: Vec<Seat> = board
        .iter()
        .map(|(person, role, seat)| Seat { person: id(person), role: *role, seat: seat.map(Into::into) })
        .collect();
    Seating { tied, ..Seating::of_board(&seats, &[]) }.at(Instant::from_secs(0))
}

fn nine() -> Electorate {
    let mut board = vec![("ann", Role::Chair, None)];
    board.extend(["bob", "cat", "dan", "eve", "fay", "gus"].map(|name| (name, Role::Voting, None)));
    board.push(("hal", Role::Voting, Some("network")));
    board.push(("ian", Role::Voting, Some("dba")));
    electorate(&board, &[])
}

/// The board of the pictures: m.ortiz in the chair, s.varga for security.
fn payments() -> Electorate {
    electorate(
        &[
            ("m.ortiz", Role::Chair, None),
            ("a.chen", Role::Voting, None),
            ("s.varga", Role::Voting, Some("security")),
            ("k.wu", Role::Voting, None),
            ("r.diaz", Role::Voting, None),
        ],
        &[],
    )
}

fn cast(people: &[(&str, Vote)]) -> Vec<(Id, Vote)> {
    people.iter().map(|(person, vote)| (id(person), *vote)).collect()
}

fn poll<'a>(policy: &'a Policy, electorate: &'a Electorate, votes: &[(Id, Vote)]) -> Poll<'a> {
    Poll::new(policy, electorate, votes.iter().map(|(p, v)| (p, *v)), &[])
}

use Vote::{Abstain, Approve, Reject};

#[test]
fn the_line_of_the_rules() {
    let (policy, nine) = (Policy::fallback(id("p")), nine());
    let votes = cast(&[
        ("ann", Abstain),
        ("bob", Approve),
        ("cat", Approve),
        ("dan", Approve),
        ("eve", Reject),
        ("fay", Reject),
        ("gus", Approve),
    ]);
    assert_eq!(
        line(&poll(&policy, &nine, &votes)),
        "if closed now: approved 4–2, 1 abstained · quorum 5 of 9 met · certain with 1 more yes · waiting: network, dba \
         · tie goes to the chair"
    );
}

#[test]
fn lines() {
    let payments = payments();
    let policy = |json: &str| -> Policy { serde_json::from_str(json).unwrap() };
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, Vote)], &'a str);
    let cases: &[Case<'_>] = &[
        (
            "nothing yet",
            r#"{"id":"p"}"#,
            &[],
            "if closed now: deferred 0–0 · quorum 3 of 5 not met, 3 more must vote · certain with 3 more yes \
             · waiting: m.ortiz, a.chen, security, k.wu, r.diaz · tie goes to the chair",
        ),
        (
            "a mandatory seat",
            r#"{"id":"p","mandatory":["security"],"tie":"reject"}"#,
            &[("a.chen", Approve), ("k.wu", Approve), ("m.ortiz", Approve), ("r.diaz", Approve)],
            "if closed now: deferred 4–0 · quorum 3 of 5 met · mandatory: security has not voted yes or no \
             · certain with 1 more yes · waiting: security · tie rejects",
        ),
        (
            "unanimity lost",
            r#"{"id":"p","rule":"unanimous"}"#,
            &[("a.chen", Reject)],
            "if closed now: deferred 0–1 · quorum 3 of 5 not met, 2 more must vote · can no longer be approved \
             · waiting: m.ortiz, security, k.wu, r.diaz",
        ),
    ];
    for (name, json, votes, want) in cases {
        let policy = policy(json);
        assert_eq!(line(&poll(&policy, &payments, &cast(votes))), *want, "{name}");
    }
}

#[test]
fn a_closed_line_says_what_was_in_the_way() {
    let payments = payments();
    let policy: Policy = serde_json::from_str(r#"{"id":"p","mandatory":["security"]}"#).unwrap();
    let two = [("m.ortiz", Approve), ("a.chen", Reject), ("k.wu", Abstain)];
    let tied = [
        ("m.ortiz", Approve),
        ("a.chen", Reject),
        ("s.varga", Abstain),
        ("r.diaz", Approve),
        ("k.wu", Reject),
    ];
    for (votes, want) in [
        (
            &two[..],
            "deferred 1–1, 1 abstained · quorum 3 of 5 met · mandatory: security has not voted yes or no",
        ),
        (
            &tied[..],
            "deferred 2–2, 1 abstained · quorum 3 of 5 met · mandatory: security has not voted yes or no",
        ),
    ] {
        assert_eq!(
            closed(RoundOutcome::Deferred, &arithmetic(&poll(&policy, &payments, &cast(votes)), false)),
            want
        );
    }
    let free = Policy::fallback(id("p"));
    assert_eq!(
        closed(RoundOutcome::Approved, &arithmetic(&poll(&free, &payments, &cast(&tied)), false)),
        "approved 2–2, 1 abstained · quorum 3 of 5 met · tie goes to the chair"
    );
}

#[test]
fn the_four_answers() {
    let policy = Policy {
        early_close: EarlyClose::Both,
        mandatory: vec!["security".into()],
        ..Policy::fallback(id("p"))
    };
    let payments = payments();
    let votes = cast(&[("a.chen", Approve), ("s.varga", Approve), ("k.wu", Reject)]);
    let poll = poll(&policy, &payments, &votes);
    let silence = Silence { treated_risk: Risk::High, open_block: true, late: 0 };
    let answers = answers(&poll, &id("m.ortiz"), Some(&silence));
    assert_eq!(answers.now.words, "approved (2 yes over 1 no)");
    assert_eq!(answers.approve.words, "approved at once");
    assert_eq!(answers.reject.words, "open, r.diaz decides");
    assert_eq!(answers.abstain.words, "open, r.diaz decides");
    assert_eq!(answers.deadline.as_deref(), Some("approved 2–1"));
    assert_eq!(needs(&poll, false), Needs::Yes(1));
}

#[test]
fn what_the_queue_says_is_missing() {
    let payments = payments();
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, Vote)], &'a [&'a str], bool, &'a str);
    let cases: &[Case<'_>] = &[
        ("one yes of any", r#"{"id":"p","rule":"any","min_people":1,"quorum":0}"#, &[], &[], false, "1 yes"),
        (
            "two against one",
            r#"{"id":"p"}"#,
            &[("a.chen", Approve), ("k.wu", Reject), ("s.varga", Reject)],
            &[],
            false,
            "2 yes",
        ),
        ("quorum", r#"{"id":"p"}"#, &[("a.chen", Approve)], &[], false, "quorum 2"),
        ("objections only", r#"{"id":"p"}"#, &[], &["k.wu"], false, "re-vote"),
        ("by consent", r#"{"id":"p","on_deadline":"approve"}"#, &[], &[], true, "consent"),
        (
            "the mandatory seat",
            r#"{"id":"p","mandatory":["security"]}"#,
            &[("a.chen", Approve), ("k.wu", Approve), ("m.ortiz", Approve)],
            &[],
            false,
            "security",
        ),
        (
            "the chair can close",
            r#"{"id":"p"}"#,
            &[("a.chen", Approve), ("k.wu", Approve), ("m.ortiz", Approve)],
            &[],
            false,
            "ready",
        ),
    ];
    for (name, json, votes, objections, consent, want) in cases {
        let policy: Policy = serde_json::from_str(json).unwrap();
        let objections: Vec<Id> = objections.iter().map(|p| id(p)).collect();
        let votes = cast(votes);
        let poll = Poll::new(&policy, &payments, votes.iter().map(|(p, v)| (p, *v)), &objections);
        assert_eq!(needs(&poll, *consent).to_string(), *want, "{name}");
    }
}
