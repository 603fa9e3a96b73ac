//! Who may vote: names nobody here bears, roll calls, delegated seats, and what an import may not say.

use super::*;
use crate::ledger::desk::at;
use crate::model::{Part, Record, SourceId, Stored};

fn roll(item: &str, desk: &Desk, person: &str, vote: Vote) -> Command {
    let comment = (vote == Reject).then(|| Prose::new("said so"));
    Command::Vote {
        item: id(item),
        revision: desk.revision(item),
        vote,
        comment,
        on_behalf: Some(id(person)),
    }
}

fn answer(agrees: bool) -> Command {
    Command::AnswerRollCall { item: id("C1"), agrees, comment: None }
}

/// The board of the pictures, with a change of another system whose owner is known by a name alone.
fn by_name(owner: &str) -> Desk {
    let mut desk = Desk::payments(json!({}));
    let owned = json!({"id": "I1", "kind": "normal", "state": "authorize", "risk": "low", "owner": owner,
        "rollback_plan": "x", "planned_start": "2026-11-25T21:00:00Z", "planned_end": "2026-11-25T22:30:00Z"});
    desk.source("itop", owned);
    desk
}

#[test]
fn who_might_be_the_owner_does_not_vote_until_the_chair_clears_them() {
    let mut desk = by_name("Wu, Kim");
    let tally = desk.tally("I1");
    assert_eq!(tally.seats(), 4);
    assert_eq!(tally.ballot(&id("k.wu")).unwrap().why.as_deref(), Some("might be Wu, Kim"));
    assert_eq!(tally.ties[0].might_be, [id("k.wu")]);
    refused(desk.vote("k.wu", "I1", Approve), NotAllowed, "might be somebody the item names");
    let call = roll("I1", &desk, "k.wu", Approve);
    refused(desk.act("m.ortiz", call), NotAllowed, "might be");
    let clear = |person: &str| Command::Clear { item: id("I1"), person: id(person), reason: None };
    refused(desk.act("a.chen", clear("k.wu")), NotAllowed, "only the acting chair");
    refused(desk.act("m.ortiz", clear("a.chen")), Invalid, "in no doubt");
    desk.act("m.ortiz", clear("k.wu")).unwrap();
    assert_eq!(desk.tally("I1").seats(), 5);
    desk.vote("k.wu", "I1", Approve).unwrap();
    // Remembered for that name, on other items too; and the log alone says the same.
    desk.source("itop", json!({"id": "I2", "state": "authorize", "risk": "low", "owner": "Kim Wu"}));
    assert_eq!(desk.tally("I2").seats(), 5);
    let folded = desk.folded();
    assert_eq!(folded.get(&id("I1")).unwrap().rounds, desk.item("I1").rounds);
}

#[test]
fn an_alias_mends_a_name() {
    let mut desk = by_name("Wu, Kim");
    desk.import(json!({"people": [{"id": "x.out", "aliases": ["Kim Wu"]}]})).unwrap();
    assert_eq!(desk.tally("I1").seats(), 5, "the owner is x.out, who has no seat");
    let mut desk = by_name("Wu, Kim");
    desk.import(json!({"people": [{"id": "k.wu", "name": "Kim Wu"}]})).unwrap();
    refused(desk.vote("k.wu", "I1", Approve), NotAllowed, "tied");
    assert!(desk.tally("I1").ties.is_empty());
}

#[test]
fn the_chair_who_might_be_the_owner_does_not_clear_themselves() {
    let mut desk = by_name("Maria Ortiz");
    let clear = Command::Clear { item: id("I1"), person: id("m.ortiz"), reason: None };
    refused(desk.act("m.ortiz", clear), NotAllowed, "only the acting chair");
    assert_eq!(desk.tally("I1").chair, None);
}

#[test]
fn an_owner_nobody_knows_is_said() {
    for (owner, unknown) in [("Rosa Bonheur", false), ("41", true), ("", true)] {
        let desk = by_name(owner);
        let tally = desk.tally("I1");
        assert_eq!((tally.ties.len(), tally.ties[0].unknown, tally.seats()), (1, unknown, 5), "{owner}");
        assert_eq!((tally.ties[0].part, tally.ties[0].name.as_str()), (Part::Owner, owner));
    }
}

#[test]
fn a_roll_call_turns_nobodys_own_vote() {
    let mut desk = Desk::payments(json!({}));
    desk.vote("a.chen", "C1", Reject).unwrap();
    let call = roll("C1", &desk, "a.chen", Approve);
    refused(desk.act("m.ortiz", call), NotAllowed, "their own vote stands");
    let otherwise = Command::SayOtherwise {
        item: id("C1"),
        revision: desk.revision("C1"),
        person: id("a.chen"),
        vote: Approve,
        comment: None,
    };
    refused(desk.act("k.wu", otherwise.clone()), NotAllowed, "only the acting chair");
    desk.act("m.ortiz", otherwise.clone()).unwrap();
    let tally = desk.tally("C1");
    assert_eq!((tally.yes, tally.no), (0, 1), "their own vote stands");
    assert!(tally.ballot(&id("a.chen")).unwrap().to_confirm.unwrap().instead);
    refused(desk.act("k.wu", answer(true)), Invalid, "no vote was entered");
    desk.act("a.chen", answer(false)).unwrap();
    assert_eq!((desk.tally("C1").yes, desk.tally("C1").no), (0, 1));
    desk.act("m.ortiz", otherwise).unwrap();
    desk.act("a.chen", answer(true)).unwrap();
    let tally = desk.tally("C1");
    assert_eq!((tally.yes, tally.no), (1, 0), "confirmed, it is theirs");
    assert_eq!(tally.ballot(&id("a.chen")).unwrap().by, Some(crate::ledger::event::Known::Claimed));
    assert_eq!(tally.ballot(&id("a.chen")).unwrap().to_confirm, None);
}

#[test]
fn who_was_called_confirms_or_disputes() {
    let mut desk = Desk::payments(json!({}));
    for person in ["a.chen", "k.wu"] {
        let call = roll("C1", &desk, person, Approve);
        desk.act("m.ortiz", call).unwrap();
        assert!(!desk.tally("C1").ballot(&id(person)).unwrap().to_confirm.unwrap().instead);
    }
    desk.act("a.chen", answer(true)).unwrap();
    desk.act("k.wu", answer(false)).unwrap();
    let tally = desk.tally("C1");
    assert_eq!((tally.yes, tally.disputed.len()), (1, 1));
    assert_eq!(tally.disputed[0].person, id("k.wu"));
    assert_eq!(tally.ballot(&id("k.wu")).unwrap().status, crate::ledger::tally::BallotStatus::Waiting);
    desk.vote("k.wu", "C1", Reject).unwrap();
    assert_eq!(desk.tally("C1").no, 1);
    let folded = desk.folded();
    assert_eq!(folded.get(&id("C1")).unwrap().rounds, desk.item("C1").rounds);
}

#[test]
fn a_cast_vote_stays_its_authors_when_the_seat_is_delegated() {
    let mut desk = Desk::payments(json!({}));
    desk.vote("a.chen", "C1", Reject).unwrap();
    let give = |to: &str| Command::Delegate {
        board: id("cab"),
        from: id("a.chen"),
        to: id(to),
        start: at(0),
        end: at(600),
    };
    desk.act("a.chen", give("k.wu")).unwrap();
    desk.pass(1);
    let tally = desk.tally("C1");
    assert_eq!((tally.no, tally.seats()), (1, 5), "to somebody with a seat");
    desk.act("a.chen", give("x.out")).unwrap();
    desk.pass(1);
    assert_eq!((desk.tally("C1").no, desk.tally("C1").seats()), (1, 5), "to somebody without");
    refused(desk.vote("a.chen", "C1", Approve), NotAllowed, "no seat");
    desk.vote("x.out", "C1", Approve).unwrap();
    let tally = desk.tally("C1");
    assert_eq!((tally.yes, tally.no, tally.seats()), (1, 0, 5), "the new delegate has voted");
}

#[test]
fn the_delegate_of_a_tied_person_is_tied() {
    let owned = json!({"id": "C2", "kind": "normal", "state": "authorize", "risk": "low", "owner": "k.wu",
        "rollback_plan": "x", "planned_start": "2026-11-26T21:00:00Z", "planned_end": "2026-11-26T22:30:00Z"});
    let mut desk = Desk::payments(json!({"changes": [owned]}));
    let give =
        Command::Delegate { board: id("cab"), from: id("k.wu"), to: id("x.out"), start: at(0), end: at(600) };
    desk.act("k.wu", give).unwrap();
    desk.pass(1);
    refused(desk.vote("x.out", "C2", Approve), NotAllowed, "tied");
    assert_eq!(desk.tally("C2").seats(), 4);
    assert_eq!(
        desk.tally("C2").ballot(&id("x.out")).unwrap().why.as_deref(),
        Some("delegate of somebody tied to it")
    );
    let mut edited = desk.ledger.facts().change(&id("C2")).unwrap().clone();
    edited.title = "mine".into();
    refused(desk.act("x.out", Command::Edit { change: Box::new(edited) }), NotAllowed, "edit");
}

#[test]
fn an_import_gives_no_approval_and_records_rights() {
    let mut desk = Desk::payments(json!({}));
    let approved = json!({"id": "C9", "state": "scheduled", "approval": "approved", "planned_start": "2026-11-23T13:00:00Z",
        "planned_end": "2026-11-23T16:00:00Z", "rollback_plan": "x", "kind": "normal", "risk": "low"});
    let said = desk
        .import(json!({"changes": [approved], "people": [{"id": "x.out", "login": "xout", "admin": true}]}))
        .unwrap();
    assert!(said.contains("`approval` of 1 change is not taken"), "{said}");
    assert!(
        said.contains("admin of x.out: none to yes") && said.contains("login of x.out: none to xout"),
        "{said}"
    );
    let (verdict, reasons) = desk.ledger.gate(&id("C9"), at(0), false, Vec::new()).unwrap();
    assert_eq!(verdict, crate::rules::gate::GateVerdict::NoGo, "{reasons:?}");
    let changed = desk.log.iter().find_map(|sealed| match &sealed.entry.event {
        Event::PeopleChanged { changes } if changes.iter().any(|change| change.person == id("x.out")) => {
            Some(changes.len())
        }
        _ => None,
    });
    assert_eq!(changed, Some(2));
    desk.import(json!({"people": [{"id": "x.out", "login": "xout", "admin": true}]})).unwrap();
}

#[test]
fn a_source_makes_no_admin() {
    let mut desk = Desk::payments(json!({}));
    let eve: Record =
        crate::model::RecordKind::Person.read(r#"{"id":"eve","admin":true,"login":"root"}"#).unwrap();
    let stored = Stored { source: SourceId::new("itsm"), record: eve };
    desk.moved(vec![stored], vec![]);
    let file = Box::new(serde_json::from_value(json!({"version": 1, "changes": [{"id": "E1"}]})).unwrap());
    let import = Command::Import { from: "f".into(), source: SourceId::board(), file, given: None };
    refused(desk.act("eve", import), NotAllowed, "only an admin");
}
