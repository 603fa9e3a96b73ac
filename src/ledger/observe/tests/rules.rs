//! Rounds when boards, seats and policies change, and the deadline a start allows.

use super::*;
use crate::model::RuleId;

fn causes(desk: &Desk, item: &str) -> Vec<(OpenCause, Option<CloseCause>)> {
    let rounds = desk.item(item).rounds.iter();
    rounds.map(|round| (round.cause, round.closed.as_ref().map(|closed| closed.cause))).collect()
}

fn unauthorised(desk: &Desk, item: &str) -> bool {
    desk.ledger.conflicts_of(&id(item)).any(|row| row.key.rule == RuleId::C17)
}

fn pending() -> serde_json::Value {
    json!([{"id": "C1", "title": "Core switch", "kind": "normal", "state": "authorize", "risk": "low", "requester": "p.novak",
        "owner": "j.lind", "services": ["lb-01"], "rollback_plan": "boot slot B", "planned_start": "2026-11-25T21:00:00Z",
        "planned_end": "2026-11-25T22:30:00Z"}])
}

fn cab() -> serde_json::Value {
    json!([{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}, {"person": "cat"}]}])
}

fn people() -> serde_json::Value {
    json!([{"id": "ann"}, {"id": "bob"}, {"id": "cat"}, {"id": "dan", "admin": true}])
}

/// Whatever comes first, in the end the board of the rules decides, in the same commit as the rules came.
#[test]
fn changes_may_come_before_people_and_seats() {
    let (changes, people, boards) =
        (json!({"changes": pending()}), json!({"people": people()}), json!({"boards": cab()}));
    let orders = [
        ("changes, people, boards", [&changes, &people, &boards]),
        ("changes, boards, people", [&changes, &boards, &people]),
        ("people, changes, boards", [&people, &changes, &boards]),
    ];
    for (name, [first, second, third]) in orders {
        let mut desk = Desk::new(first.clone());
        desk.import(second.clone()).unwrap();
        desk.import(third.clone()).unwrap();
        let round = desk.item("C1").open_round().unwrap_or_else(|| panic!("{name}: nothing is open"));
        assert_eq!(round.board, id("cab"), "{name}");
        let seats: Vec<&str> = round.seats.iter().map(|seat| seat.person.as_str()).collect();
        assert_eq!(seats, ["ann", "bob", "cat"], "{name}");
        for person in ["ann", "bob"] {
            desk.vote(person, "C1", Approve).unwrap_or_else(|problem| panic!("{name}: {}", problem.title));
        }
        desk.act("ann", Command::Close { item: id("C1") }).unwrap_or_else(|p| panic!("{name}: {}", p.title));
        assert_eq!(desk.standing("C1"), Standing::Approved, "{name}");
    }
}

#[test]
fn a_round_on_everybody_ends_as_the_board_is_named_and_says_why() {
    let mut desk = Desk::new(json!({"people": people(), "changes": pending()}));
    assert_eq!(desk.item("C1").open_round().unwrap().board, id("everyone"));
    let said = desk.import(json!({"boards": cab()})).unwrap();
    let ended = "the round ended: the rules of the board changed, round 2 opened on cab";
    assert!(said.ends_with(ended), "{said}");
    let want = [(OpenCause::Authorize, Some(CloseCause::Rules)), (OpenCause::Rules, None)];
    assert_eq!(causes(&desk, "C1"), want);
}

#[test]
fn a_round_outlives_what_does_not_concern_it_and_ends_with_its_policy() {
    let low = json!({"id": "low", "when": {"risk_at_most": "low"}, "board": "cab", "early_close": "both"});
    let rest = json!({"id": "default", "board": "cab", "early_close": "both"});
    let urgent = json!({"id": "more", "when": {"kinds": ["emergency"]}, "board": "cab"});
    let mut desk = Desk::payments(json!({"policies": [low, rest]}));
    desk.vote("a.chen", "C1", Approve).unwrap();
    desk.import(json!({"settings": {"depth": 1}})).unwrap();
    desk.import(json!({"policies": [low, {"id": "default", "board": "cab"}, urgent]})).unwrap();
    assert_eq!((desk.rounds("C1").len(), desk.tally("C1").yes), (1, 1), "its policy is still there");
    desk.import(json!({"policies": [rest]})).unwrap();
    assert_eq!(causes(&desk, "C1")[0].1, Some(CloseCause::Rules));
    assert_eq!(desk.tally("C1").policy, id("default"));
}

#[test]
fn an_extension_whose_policy_goes_is_asked_on_the_next() {
    let mut desk = Desk::payments(json!({}));
    approve(&mut desk, "C1");
    let started = Command::Report { item: id("C1"), started: Some(at(0)), finished: None, outcome: None };
    desk.act("j.lind", started).unwrap();
    desk.edit("j.lind", "C1", |c| c.planned_end = Some("2026-11-25T23:30:00Z".parse().unwrap())).unwrap();
    assert_eq!(desk.item("C1").open_round().unwrap().cause, OpenCause::Extension);
    let only =
        |name: &str| json!({"policies": [{"id": name, "when": {"risk_at_most": "low"}, "board": "cab"}]});
    desk.import(only("other")).unwrap();
    assert_eq!(desk.rounds("C1").len(), 2, "the default policy never goes");
    desk.act("m.ortiz", Command::OpenAgain { item: id("C1") }).unwrap();
    assert_eq!(desk.tally("C1").policy, id("other"));
    desk.import(only("third")).unwrap();
    assert_eq!(causes(&desk, "C1").last(), Some(&(OpenCause::Extension, None)));
    assert_eq!(desk.standing("C1"), Standing::Approved);
}

#[test]
fn a_chair_opens_again_also_one_who_came_after_the_round() {
    let mut desk = Desk::payments(json!({}));
    desk.vote("a.chen", "C1", Approve).unwrap();
    desk.vote("k.wu", "C1", Reject).unwrap();
    let seats = json!([{"person": "x.out", "role": "chair"}, {"person": "a.chen"}, {"person": "k.wu"}]);
    desk.import(json!({"boards": [{"id": "cab", "seats": seats}]})).unwrap();
    assert_eq!(desk.rounds("C1"), [(1, None)], "seats are copied as a round opens");
    let again = || Command::OpenAgain { item: id("C1") };
    let refused = desk.act("x.out", Command::Open { item: id("C1") }).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::NotAllowed);
    assert_eq!(desk.act("a.chen", again()).unwrap_err().kind, ProblemKind::NotAllowed);
    let said = desk.act("x.out", again()).unwrap();
    assert_eq!(said, "round 2 of C1 opened on cab; 2 votes start again");
    assert_eq!(desk.rounds("C1"), [(1, Some(RoundOutcome::Superseded)), (2, None)]);
    assert!(desk.tally("C1").objections.iter().any(|objection| objection.person == id("k.wu")));
    desk.vote("x.out", "C1", Approve).unwrap();
    assert_eq!(desk.folded().items, desk.ledger.fold().items);
}

#[test]
fn routine_work_that_is_there_already_is_covered_when_the_policy_is_saved() {
    let routine = |id: &str, state: &str, template: &str| {
        json!({"id": id, "title": id, "kind": "standard", "state": state, "risk": "low", "owner": "j.lind", "template": template,
            "services": [id], "rollback_plan": "old one", "planned_start": "2026-11-24T20:00:00Z",
            "planned_end": "2026-11-24T21:00:00Z"})
    };
    let begun = |id: &str, template: &str| {
        let mut change = routine(id, "implement", template);
        change["actual_start"] = json!(at(-30).to_string());
        change
    };
    let mut desk = Desk::payments(json!({}));
    desk.source("itop", routine("R1", "scheduled", "cert"));
    desk.source("itop", begun("R2", "cert"));
    desk.source("itop", routine("R3", "authorize", "cert"));
    desk.source("itop", begun("R4", "other"));
    desk.source("itop", routine("R5", "authorize", "cert"));
    desk.vote("a.chen", "R5", Reject).unwrap();
    assert!(unauthorised(&desk, "R2") && unauthorised(&desk, "R4"));
    let own = |id: &str, more: serde_json::Value| {
        let mut file = more;
        file["changes"] = json!([routine(id, "scheduled", "cert")]);
        file
    };
    desk.import(own("O1", json!({}))).unwrap();
    let routine = json!({"id": "routine", "when": {"kinds": ["standard"]}, "auto": true});
    let saved = json!({"policies": [routine, {"id": "default", "board": "cab"}],
        "templates": [{"id": "cert", "approved_until": "2027-01-31"}]});
    desk.import(own("O2", saved)).unwrap();
    assert_eq!(desk.standing("O2"), Standing::None, "what comes with the policy was not there before it");
    for item in ["R1", "R2", "R3", "O1"] {
        assert_eq!(desk.standing(item), Standing::Approved, "{item}");
        assert_eq!(desk.item(item).approval.as_ref().unwrap().template, Some(id("cert")), "{item}");
    }
    assert!(!unauthorised(&desk, "R2") && unauthorised(&desk, "R4"), "another template covers nothing");
    assert_eq!(
        desk.standing("R5"),
        Standing::Open,
        "what somebody has answered is not decided over their head"
    );
    desk.source("itop", begun("R6", "cert"));
    assert!(!unauthorised(&desk, "R6"), "and what comes later");
    let inside = "2026-11-24T20:30:00Z".parse().unwrap();
    let (verdict, reasons) = desk.ledger.gate(&id("R1"), inside, false, vec![]).unwrap();
    assert_eq!(verdict, crate::rules::gate::GateVerdict::Go, "{reasons:?}");
}

#[test]
fn a_deadline_is_never_after_the_start_it_decides_on() {
    // Hours from now to the start, hours of the policy, the deadline in hours from now, and what is said of it.
    let cases: [(&str, i64, Option<i64>, Option<i64>, &str); 8] = [
        ("far away", 100, Some(48), Some(48), ""),
        ("just in time", 72, Some(48), Some(48), ""),
        ("brought forward", 60, Some(48), Some(36), "deadline brought forward to 24 h before its start"),
        ("the day before is past", 10, Some(48), Some(10), "late: less than 24 h before its start"),
        (
            "the policy is sooner than the start",
            10,
            Some(4),
            Some(4),
            "late: less than 24 h before its start",
        ),
        ("the start is past", -2, Some(4), Some(4), "late: its start is past"),
        ("no deadline", 60, None, None, ""),
        ("no deadline, and late", 10, None, None, "late: less than 24 h before its start"),
    ];
    for (name, start, hours, due, words) in cases {
        let mut policy = json!({"id": "default", "board": "cab"});
        if let Some(hours) = hours {
            policy["deadline_hours"] = json!(hours);
        }
        let mut changes = pending();
        changes[0]["planned_start"] = json!(at(start * 60).to_string());
        changes[0]["planned_end"] = json!(at(400 * 60).to_string());
        let desk = Desk::payments(json!({"policies": [policy], "changes": changes}));
        let round = desk.item("C1").open_round().unwrap();
        assert_eq!(round.deadline, due.map(|hours| at(hours * 60)), "{name}");
        let said = round.routed.iter().map(ToString::to_string).find(|why| why.contains("start"));
        assert_eq!(said.is_some(), !words.is_empty(), "{name}: {said:?}");
        assert!(said.as_ref().is_none_or(|said| said.starts_with(words)), "{name}: {said:?}");
    }
}

#[test]
fn a_move_says_how_many_votes_start_again_and_by_when() {
    let policy = json!({"id": "default", "board": "cab", "deadline_hours": 24});
    let mut desk = Desk::payments(json!({"policies": [policy]}));
    let start = |text: &str| text.parse::<Instant>().unwrap();
    let line = |desk: &Desk, to: &str| {
        desk.ledger.revote(&id("C1"), start(to), desk.now).line(|at| at.to_string()).unwrap_or_default()
    };
    let none = "a new round opens, no vote is lost, new deadline 2026-11-24T14:00:00Z";
    assert_eq!(line(&desk, "2026-11-26T21:00:00Z"), none);
    desk.vote("a.chen", "C1", Approve).unwrap();
    desk.vote("k.wu", "C1", Approve).unwrap();
    let sooner = "2 votes start again, new deadline 2026-11-24T10:00:00Z, deadline brought forward to 24 h before its start";
    assert_eq!(line(&desk, "2026-11-25T10:00:00Z"), sooner);
    let command = Command::Move { item: id("C1"), start: start("2026-11-25T10:00:00Z") };
    let said = desk.act("m.ortiz", command).unwrap();
    let ended = "the round ended: the item changed, round 2 opened on cab";
    assert_eq!(said, format!("C1 moved to 2026-11-25T10:00:00Z: {sooner}, {ended}"));
    let due = desk.item("C1").open_round().unwrap().deadline;
    assert_eq!(due, Some(start("2026-11-24T10:00:00Z")), "as it was said");
    for person in ["a.chen", "k.wu", "s.varga"] {
        desk.vote(person, "C1", Approve).unwrap();
    }
    desk.act("m.ortiz", Command::Close { item: id("C1") }).unwrap();
    assert_eq!(line(&desk, "2026-11-26T21:00:00Z"), "its approval lapses, 3 votes start again");
}

/// A delegation begins at the second it is recorded, and is seen at that second.
#[test]
fn a_delegate_votes_in_the_first_minute_and_the_tally_shows_it() {
    let mut desk = Desk::payments(json!({}));
    let delegate = |from: &str, to: &str, start: Instant, end: Instant| Command::Delegate {
        board: id("cab"),
        from: id(from),
        to: id(to),
        start,
        end,
    };
    desk.now = at(0).plus(17);
    let command = delegate("k.wu", "x.out", desk.now, at(600));
    desk.act("k.wu", command).unwrap();
    desk.now = desk.now.plus(3);
    desk.vote("x.out", "C1", Approve).unwrap();
    assert_eq!(desk.tally("C1").yes, 1, "{}", desk.tally("C1").line);
    let acts = |desk: &Desk, person: &str| desk.tally("C1").electorate.iter().any(|b| b.person == id(person));
    assert!(acts(&desk, "x.out"));
    // It ends at its second too.
    let command = delegate("a.chen", "r.diaz", desk.now, desk.now.plus(20));
    desk.act("a.chen", command).unwrap();
    assert!(!acts(&desk, "a.chen"));
    assert_eq!(desk.ledger.next_due(), Some(desk.now.plus(20)), "to the second");
    desk.now = desk.now.plus(20);
    desk.pass(0);
    assert!(acts(&desk, "a.chen"));
}

#[test]
fn an_acknowledgement_expires_at_its_second() {
    let stop =
        json!({"id": "stop", "kind": "freeze", "start": "2026-11-25T00:00", "end": "2026-11-26T00:00"});
    let mut desk = Desk::payments(json!({"windows": [stop]}));
    let found = desk.ledger.conflicts().iter().find(|row| row.key.rule == RuleId::C3);
    let conflict = found.unwrap().key.clone();
    desk.now = at(0).plus(10);
    let until = at(5).plus(10);
    let command = Command::Acknowledge { conflict: conflict.clone(), reason: "known".into(), until };
    desk.act("m.ortiz", command).unwrap();
    let holds = |desk: &mut Desk, at: Instant| {
        desk.ledger.refresh(at);
        let row = desk.ledger.conflicts().get(&conflict).unwrap().clone();
        desk.ledger.ack(&row).is_some()
    };
    assert_eq!(desk.ledger.next_due(), Some(until));
    assert!(holds(&mut desk, until.plus(-1)));
    assert!(!holds(&mut desk, until), "not at the end of its minute");
}
