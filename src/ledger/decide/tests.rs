use serde_json::json;

use super::*;
use crate::ledger::{
    command::ProblemKind,
    desk::{Desk, at, id, who},
    event::{RoundOutcome, Vote},
    tally::BallotStatus,
};
use crate::model::{Prose, Standing, Vocabulary};

fn refused(result: Result<String, Problem>, kind: ProblemKind, word: &str) {
    let problem = result.unwrap_err();
    assert_eq!(problem.kind, kind, "{}", problem.title);
    assert!(problem.title.contains(word), "{:?} should say {word:?}", problem.title);
}

use ProblemKind::{Changed, Invalid, NotAllowed, NotFound};
use Vote::{Abstain, Approve, Reject};

#[test]
fn a_vote_from_authorize_to_scheduled() {
    let mut desk = Desk::payments(json!({}));
    assert_eq!(desk.standing("C1"), Standing::Open, "a round opens as the item enters authorize");
    assert_eq!(desk.vote("a.chen", "C1", Approve).unwrap(), "yes on C1");
    assert_eq!(desk.vote("s.varga", "C1", Approve).unwrap(), "yes on C1");
    let said = desk.vote("k.wu", "C1", Approve).unwrap();
    assert_eq!(said, "yes on C1, closed: approved, now scheduled");
    assert_eq!((desk.standing("C1"), desk.state("C1").as_str()), (Standing::Approved, "scheduled"));
    let closed = desk.tally("C1").closed.as_ref().unwrap();
    assert_eq!(closed.line, "approved 3–0 · quorum 3 of 5 met");
    assert_eq!(desk.folded().get(&id("C1")), desk.ledger.fold().get(&id("C1")));
}

#[test]
fn who_is_refused_a_vote_and_why() {
    let mut desk = Desk::payments(json!({}));
    for (person, kind, word) in
        [("x.out", NotAllowed, "no seat"), ("j.lind", NotAllowed, "tied"), ("p.novak", NotAllowed, "tied")]
    {
        refused(desk.vote(person, "C1", Approve), kind, word);
    }
    let revision = desk.revision("C1");
    let vote = |item: &str, vote, comment: &str, revision| Command::Vote {
        item: id(item),
        revision,
        vote,
        comment: Some(Prose::new(comment)),
        on_behalf: None,
    };
    refused(desk.act("k.wu", vote("C9", Approve, "", revision)), NotFound, "no change or release C9");
    refused(desk.act("k.wu", vote("C1", Reject, " ", revision)), Invalid, "reason");
    let other = crate::model::Material::default().revision();
    refused(desk.act("k.wu", vote("C1", Approve, "", other)), Changed, "changed since you saw it");
    assert!(desk.item("C1").rounds[0].votes.is_empty());
}

#[test]
fn a_stale_vote_is_refused_with_what_differs() {
    let mut desk = Desk::payments(json!({}));
    let seen = desk.revision("C1");
    desk.edit("j.lind", "C1", |c| c.risk = crate::model::Risk::High.into()).unwrap();
    let command =
        Command::Vote { item: id("C1"), revision: seen, vote: Approve, comment: None, on_behalf: None };
    let problem = desk.act("k.wu", command).unwrap_err();
    assert_eq!((problem.kind, problem.kind.exit_code()), (Changed, 5));
    let changes: Vec<_> = problem.changes.iter().map(|c| (&*c.field, &*c.old, &*c.new)).collect();
    assert_eq!(changes, [("risk", "low", "high")]);
}

#[test]
fn withdrawing_recusing_and_reaffirming() {
    let mut desk = Desk::payments(json!({}));
    refused(desk.act("k.wu", Command::Withdraw { item: id("C1") }), Invalid, "has not voted");
    refused(
        desk.act("k.wu", Command::Reaffirm { item: id("C1"), revision: desk.revision("C1") }),
        Invalid,
        "no vote in an earlier round",
    );
    desk.vote("k.wu", "C1", Reject).unwrap();
    desk.vote("a.chen", "C1", Approve).unwrap();
    desk.act("a.chen", Command::Withdraw { item: id("C1") }).unwrap();
    assert_eq!((desk.tally("C1").yes, desk.tally("C1").no), (0, 1));
    desk.edit("j.lind", "C1", |c| c.rollback_minutes = Some(20)).unwrap();
    assert_eq!(desk.rounds("C1"), [(1, Some(RoundOutcome::Superseded)), (2, None)]);
    let tally = desk.tally("C1");
    assert_eq!((tally.no, tally.objections.len(), &*tally.needs), (0, 1, "re-vote"));
    assert_eq!(tally.ballot(&id("k.wu")).unwrap().status, BallotStatus::Stale);
    let again = Command::Reaffirm { item: id("C1"), revision: desk.revision("C1") };
    assert_eq!(desk.act("k.wu", again).unwrap(), "no on C1 re-affirmed");
    assert_eq!((desk.tally("C1").no, desk.tally("C1").objections.len()), (1, 0));
    desk.act("k.wu", Command::Recuse { item: id("C1"), reason: None }).unwrap();
    assert_eq!((desk.tally("C1").no, desk.tally("C1").seats()), (0, 4));
    refused(desk.vote("k.wu", "C1", Approve), NotAllowed, "recused");
    refused(desk.act("k.wu", Command::Recuse { item: id("C1"), reason: None }), NotAllowed, "recused");
}

#[test]
fn the_roll_call_is_the_chairs() {
    let mut desk = Desk::payments(json!({}));
    let call = |desk: &Desk, person: &str| Command::Vote {
        item: id("C1"),
        revision: desk.revision("C1"),
        vote: Approve,
        comment: None,
        on_behalf: Some(id(person)),
    };
    refused(desk.act("k.wu", call(&desk, "a.chen")), NotAllowed, "only the acting chair");
    refused(desk.act("m.ortiz", call(&desk, "x.out")), NotAllowed, "no seat");
    refused(desk.act("m.ortiz", call(&desk, "j.lind")), NotAllowed, "tied");
    assert_eq!(desk.act("m.ortiz", call(&desk, "a.chen")).unwrap(), "yes on C1 for a.chen (roll call)");
    assert_eq!(
        desk.tally("C1").ballot(&id("a.chen")).unwrap().by,
        Some(crate::ledger::event::Known::RollCall)
    );
}

#[test]
fn the_chair_opens_closes_defers_and_asks() {
    let mut desk = Desk::payments(json!({}));
    let (open, close) = (|| Command::Open { item: id("C1") }, || Command::Close { item: id("C1") });
    refused(desk.act("k.wu", close()), NotAllowed, "only the acting chair");
    refused(desk.act("m.ortiz", open()), Invalid, "already open");
    refused(
        desk.act("m.ortiz", Command::Defer { item: id("C1"), reason: " ".into() }),
        Invalid,
        "needs words",
    );
    desk.vote("a.chen", "C1", Approve).unwrap();
    assert_eq!(desk.act("m.ortiz", close()).unwrap(), "round 1 of C1 closed: deferred");
    refused(desk.act("m.ortiz", close()), Changed, "is closed");
    refused(desk.vote("a.chen", "C1", Approve), Changed, "is closed");
    assert_eq!(desk.pass(10), "", "the chair opens the next round, nobody else");
    assert_eq!(desk.act("m.ortiz", open()).unwrap(), "round 2 of C1 opened on cab");
    desk.act("m.ortiz", Command::Ask { item: id("C1"), question: "which slot?".into() }).unwrap();
    assert_eq!(desk.standing("C1"), Standing::Asked);
    desk.act("m.ortiz", open()).unwrap();
    for person in ["a.chen", "s.varga", "k.wu"] {
        desk.vote(person, "C1", Reject).unwrap();
    }
    assert_eq!((desk.standing("C1"), desk.state("C1").as_str()), (Standing::Rejected, "rejected"));
    refused(desk.act("m.ortiz", open()), Invalid, "nothing is left to decide");
    refused(desk.vote("a.chen", "C1", Approve), Changed, "is closed");
}

#[test]
fn conditions_belong_to_an_approval() {
    let mut desk = Desk::payments(json!({}));
    let add = |owner: &str| Command::Condition { item: id("C1"), text: "call ops".into(), owner: id(owner) };
    refused(desk.act("m.ortiz", add("j.lind")), Invalid, "not approved");
    for person in ["a.chen", "s.varga", "k.wu"] {
        desk.vote(person, "C1", Approve).unwrap();
    }
    refused(desk.act("m.ortiz", add("nobody")), Invalid, "nobody the board knows");
    desk.act("m.ortiz", add("j.lind")).unwrap();
    let met = || Command::MeetCondition { item: id("C1"), condition: 1 };
    refused(desk.act("k.wu", met()), NotAllowed, "j.lind or the chair");
    assert_eq!(desk.tally("C1").conditions.len(), 1);
    desk.act("j.lind", met()).unwrap();
    assert!(desk.tally("C1").conditions[0].met);
    refused(desk.act("m.ortiz", met()), Invalid, "already met");
}

#[test]
fn a_delegate_votes_for_a_time() {
    let mut desk = Desk::payments(json!({}));
    let give = |from: &str, start, end| Command::Delegate {
        board: id("cab"),
        from: id(from),
        to: id("x.out"),
        start: at(start),
        end: at(end),
    };
    refused(desk.act("k.wu", give("a.chen", 0, 60)), NotAllowed, "somebody else's seat");
    refused(desk.act("x.out", give("x.out", 0, 60)), NotAllowed, "no seat");
    refused(desk.act("k.wu", give("k.wu", 60, 60)), Invalid, "must end after");
    desk.act("k.wu", give("k.wu", 5, 60)).unwrap();
    refused(desk.vote("x.out", "C1", Approve), NotAllowed, "no seat");
    desk.pass(5);
    desk.vote("x.out", "C1", Approve).unwrap();
    refused(desk.vote("k.wu", "C1", Approve), NotAllowed, "no seat");
    assert_eq!(desk.tally("C1").ballot(&id("x.out")).unwrap().acts_for, Some(id("k.wu")));
    assert_eq!(desk.ledger.next_due(), Some(at(60)));
    desk.pass(55);
    assert_eq!(desk.tally("C1").yes, 1, "a vote cast for a seat stands until who acts in it now has voted");
    desk.vote("k.wu", "C1", Abstain).unwrap();
    let tally = desk.tally("C1");
    assert_eq!((tally.yes, tally.abstain, tally.seats()), (0, 1, 5));
}

#[test]
fn conflicts_are_acknowledged_and_reopen() {
    let clash = json!({"id": "C2", "kind": "normal", "state": "authorize", "risk": "low", "owner": "x.out", "services": ["lb-01"],
        "rollback_plan": "x", "planned_start": "2026-11-25T22:00:00Z", "planned_end": "2026-11-25T23:00:00Z"});
    let mut desk = Desk::payments(json!({}));
    desk.import(json!({"changes": [clash]})).unwrap();
    let key: crate::model::ConflictKey =
        serde_json::from_value(json!({"rule": "C1", "a": "C1", "b": "C2"})).unwrap();
    let row = desk.ledger.conflicts().get(&key).unwrap().clone();
    let ack =
        |until| Command::Acknowledge { conflict: key.clone(), reason: "one team".into(), until: at(until) };
    assert_eq!(row.severity.word(), "block");
    refused(desk.act("j.lind", ack(60)), NotAllowed, "tied");
    refused(desk.act("k.wu", ack(60)), NotAllowed, "only a chair");
    refused(desk.act("m.ortiz", ack(0)), Invalid, "later than now");
    desk.act("m.ortiz", ack(60)).unwrap();
    assert!(desk.ledger.ack(&row).is_some() && !desk.ledger.open_block(&id("C1")));
    desk.edit("x.out", "C2", |c| c.title = "new title".into()).unwrap();
    assert!(desk.ledger.ack(&row).is_some(), "a title is no reason to reopen");
    desk.edit("x.out", "C2", |c| c.planned_end = Some("2026-11-25T23:30:00Z".parse().unwrap())).unwrap();
    let row = desk.ledger.conflicts().get(&key).unwrap().clone();
    assert!(desk.ledger.ack(&row).is_none(), "its times changed");
    desk.act("m.ortiz", ack(60)).unwrap();
    desk.pass(61);
    assert!(desk.ledger.ack(&row).is_none(), "it expired");
}

#[test]
fn own_records_are_moved_others_are_not() {
    let mut desk = Desk::payments(json!({}));
    let start = "2026-11-24T21:00:00Z".parse().unwrap();
    refused(desk.act("k.wu", Command::Move { item: id("C1"), start }), NotAllowed, "only the chair");
    desk.act("j.lind", Command::Move { item: id("C1"), start }).unwrap();
    let change = desk.ledger.facts().change(&id("C1")).unwrap();
    assert_eq!(change.planned_end, Some("2026-11-24T22:30:00Z".parse().unwrap()), "the length is kept");
    assert_eq!(change.moved_at, Some(at(0)), "it was moved earlier");
    desk.source(
        "jira",
        json!({"id": "J1", "state": "authorize", "owner": "j.lind", "planned_start": "2026-11-25T21:00:00Z"}),
    );
    let edited = desk.ledger.facts().change(&id("J1")).unwrap().clone();
    refused(desk.act("j.lind", Command::Edit { change: edited.into() }), NotAllowed, "belongs to jira");
}

#[test]
fn a_change_of_a_source_is_moved_by_asking_its_source() {
    let mut desk = Desk::payments(json!({}));
    let start = "2026-11-26T21:00:00Z".parse().unwrap();
    let planned = json!({"id": "J1", "state": "authorize", "owner": "j.lind", "planned_start": "2026-11-25T21:00:00Z",
        "planned_end": "2026-11-25T22:00:00Z"});
    desk.source("jira", planned.clone());
    let go = |desk: &mut Desk, person: &str, start| desk.act(person, Command::Move { item: id("J1"), start });
    refused(go(&mut desk, "k.wu", start), NotAllowed, "only the chair");
    let before = desk.ledger.facts().change(&id("J1")).unwrap().clone();
    refused(go(&mut desk, "j.lind", before.planned_start.unwrap()), Invalid, "already");
    go(&mut desk, "j.lind", start).unwrap();
    assert_eq!(
        *desk.ledger.facts().change(&id("J1")).unwrap(),
        before,
        "nothing moves until the source says so"
    );
    let revision = desk.ledger.record_view(&id("J1")).unwrap().revision;
    let want = Event::MoveProposed {
        item: id("J1"),
        revision,
        was: before.planned_start.unwrap(),
        start,
        end: Some("2026-11-26T22:00:00Z".parse().unwrap()),
    };
    assert_eq!(desk.log.last().map(|sealed| &sealed.entry.event), Some(&want));
    assert_eq!(desk.item("J1").events.last(), Some(&desk.ledger.head().n), "the record keeps it");
    for (row, field, value, why) in [
        ("no start", "planned_start", json!(null), "no planned start"),
        ("implementing", "state", json!("implement"), "has started"),
        ("started", "actual_start", json!("2026-11-20T21:00:00Z"), "has started"),
        ("in review", "state", json!("review"), "is over"),
        ("closed", "state", json!("closed"), "is closed"),
        ("cancelled", "state", json!("cancelled"), "is cancelled"),
        ("with an outcome", "outcome", json!("failed"), "is over"),
    ] {
        let mut other = planned.clone();
        other[field] = value;
        desk.source("jira", other);
        let refusal = go(&mut desk, "j.lind", start).unwrap_err();
        assert!(refusal.title.contains(why), "{row}: {refusal:?}");
    }
}

#[test]
fn what_happened_and_its_review() {
    let mut desk = Desk::payments(json!({}));
    for person in ["a.chen", "s.varga", "k.wu"] {
        desk.vote(person, "C1", Approve).unwrap();
    }
    let review = || Command::Review { item: id("C1"), successful: false, text: "no spare".into() };
    refused(desk.act("k.wu", review()), Invalid, "has not ended");
    let report = |started, finished, outcome| Command::Report { item: id("C1"), started, finished, outcome };
    refused(desk.act("k.wu", report(Some(at(0)), None, None)), NotAllowed, "reports what happened");
    refused(desk.act("j.lind", report(Some(at(5)), None, None)), Invalid, "later than now");
    desk.act("j.lind", report(Some(at(0)), None, None)).unwrap();
    assert_eq!(desk.state("C1"), "implement");
    desk.pass(30);
    desk.act("j.lind", report(None, Some(at(20)), Some(crate::model::Outcome::Failed))).unwrap();
    assert_eq!(desk.state("C1"), "review");
    assert_eq!(
        desk.ledger.review_reason(&id("C1")),
        Some(crate::ledger::agenda_item::ReviewReason::Outcome(crate::model::Outcome::Failed))
    );
    refused(desk.act("j.lind", review()), NotAllowed, "somebody else reviews it");
    desk.act("k.wu", review()).unwrap();
    assert!(desk.ledger.reviews_due().is_empty());
}

#[test]
fn imports_are_an_admins_and_say_what_changed() {
    let mut desk = Desk::payments(json!({}));
    let file = Box::new(crate::model::BoardFile::default());
    let import =
        Command::Import { from: "f".into(), source: crate::model::SourceId::board(), file, given: None };
    refused(desk.act("m.ortiz", import.clone()), NotAllowed, "only an admin");
    desk.act("r.diaz", import).unwrap();
    let before = desk.log.len();
    assert_eq!(
        desk.import(json!({"people": [{"id": "k.wu"}]})).unwrap(),
        "file: 0 added, 0 changed, 1 unchanged"
    );
    assert_eq!(desk.log.len(), before, "what changes nothing leaves no trace");
    let bad =
        json!({"policies": [{"id": "p", "board": "cab", "mandatory": ["legal"]}], "people": [{"id": "new"}]});
    refused(desk.import(bad), Invalid, "board cab has no seat legal");
    assert!(desk.ledger.facts().person("new").is_none(), "all or nothing");
    let named = "file: settings: depth 2 to 1";
    assert_eq!(desk.import(json!({"settings": {"depth": 1}})).unwrap(), named);
    assert_eq!(desk.ledger.facts().settings().depth, 1);
    let said = desk
        .import(json!({"people": [{"id": "zoe"}], "policies": [{"id": "default", "board": "cab", "early_close": "both", "quorum": 1}]}))
        .unwrap();
    assert_eq!(said, "file: 1 added, 0 changed, 0 unchanged; policies: default changed (quorum 1/2 to 1)");
}

#[test]
fn a_board_that_names_nothing_can_be_tried_at_once() {
    let mut desk = Desk::new(json!({"people": [{"id": "zoe"}, {"id": "abe"}],
        "changes": [{"id": "C1", "state": "authorize", "risk": "low", "owner": "other"}]}));
    assert_eq!(
        desk.ledger.panel(&id("C1"), at(0)).electorate.chair,
        Some(id("zoe")),
        "its first person is in the chair"
    );
    desk.vote("abe", "C1", Approve).unwrap();
    assert_eq!(
        desk.act("zoe", Command::Close { item: id("C1") }).unwrap(),
        "round 1 of C1 closed: approved, now scheduled"
    );
    desk.import(json!({"people": [{"id": "mia"}]})).unwrap();
    assert_eq!(desk.ledger.boards()[0].seats.len(), 3, "whoever is known has a seat");
    desk.import(json!({"boards": [{"id": "cab", "seats": [{"person": "mia", "role": "chair"}]}]})).unwrap();
    let boards: Vec<&str> = desk.ledger.boards().iter().map(|b| b.id.as_str()).collect();
    assert_eq!(boards, ["cab"], "a named board takes its place");
}

#[test]
fn an_admin_names_a_chair_where_all_are_tied() {
    let mut desk = Desk::payments(json!({}));
    desk.import(
        json!({"changes": [{"id": "C2", "state": "authorize", "owner": "m.ortiz", "requester": "x.out"}]}),
    )
    .unwrap();
    let name = |item: &str, person: &str| Command::NameChair { item: id(item), person: id(person) };
    refused(desk.act("r.diaz", name("C1", "a.chen")), Invalid, "has its chair");
    refused(desk.act("k.wu", name("C2", "a.chen")), NotAllowed, "only an admin");
    refused(desk.act("m.ortiz", Command::Close { item: id("C2") }), NotAllowed, "deputy");
    refused(desk.act("r.diaz", name("C2", "x.out")), Invalid, "tied");
    desk.act("r.diaz", name("C2", "a.chen")).unwrap();
    assert_eq!(desk.tally("C2").chair, Some(id("a.chen")));
    desk.act("a.chen", Command::Close { item: id("C2") }).unwrap();
}

#[test]
fn verified_votes_only() {
    let policy = json!([{"id": "default", "require_verified": true}]);
    let mut desk = Desk::payments(json!({"policies": policy}));
    refused(desk.vote("k.wu", "C1", Approve), NotAllowed, "verified votes only");
    let revision = desk.revision("C1");
    let command = Command::Vote { item: id("C1"), revision, vote: Abstain, comment: None, on_behalf: None };
    let mut verified = who("k.wu");
    verified.actor.known = Known::Verified;
    desk.commit(|tx| tx.decide(&command, &verified)).unwrap();
}

#[test]
fn what_is_not_committed_did_not_happen() {
    let mut desk = Desk::payments(json!({}));
    let before = desk.ledger.clone();
    for person in ["a.chen", "s.varga"] {
        desk.vote(person, "C1", Approve).unwrap();
    }
    let after_two = desk.ledger.clone();
    let revision = desk.revision("C1");
    let vote = Command::Vote { item: id("C1"), revision, vote: Approve, comment: None, on_behalf: None };
    let first = desk.only_asked("k.wu", &vote).unwrap();
    assert_eq!(
        (first.events.len(), first.upserts.len()),
        (3, 1),
        "vote, closing, the state observed; the record moved"
    );
    assert_eq!(desk.ledger.fold().get(&id("C1")), after_two.fold().get(&id("C1")));
    assert_eq!(desk.ledger.head(), after_two.head());
    assert_eq!(desk.ledger.tallies(), after_two.tallies());
    assert_eq!(desk.ledger.conflicts(), after_two.conflicts());
    assert_eq!(desk.state("C1"), "authorize");
    assert_eq!(desk.only_asked("k.wu", &vote).unwrap(), first, "deciding again decides the same");
    desk.import(json!({"people": [{"id": "new"}]})).unwrap();
    assert_ne!(before.head(), desk.ledger.head());
}

#[test]
fn of_several_in_one_transaction_each_fails_alone() {
    let mut desk = Desk::payments(json!({}));
    let revision = desk.revision("C1");
    let vote = |vote| Command::Vote { item: id("C1"), revision, vote, comment: None, on_behalf: None };
    let acts = [
        ("a.chen", vote(Approve)),
        ("x.out", vote(Approve)),
        ("k.wu", vote(Reject)),
        ("s.varga", vote(Approve)),
    ];
    let before = desk.ledger.clone();
    let mut tx = desk.ledger.begin(desk.now);
    let done = acts.each_ref().map(|(person, command)| tx.decide(command, &who(person)).is_ok());
    assert_eq!(done, [true, false, false, true], "nobody outside votes, and a rejection needs its reason");
    assert_eq!(tx.proposal().events.len(), 2);
    drop(tx);
    assert_eq!(
        (desk.ledger.head(), desk.ledger.tallies()),
        (before.head(), before.tallies()),
        "dropped, undone"
    );
    let one = desk
        .commit(|tx| {
            acts.iter().for_each(|(person, command)| drop(tx.decide(command, &who(person))));
            Ok(())
        })
        .unwrap();
    let mut apart = Desk::payments(json!({}));
    let said: Vec<String> =
        acts.iter().filter_map(|(person, command)| apart.act(person, command.clone()).ok()).collect();
    assert_eq!(one.said, said.join(", "));
    assert_eq!(desk.ledger.head(), apart.ledger.head(), "as if each had been a commit of its own");
    assert_eq!(desk.ledger.tallies(), apart.ledger.tallies());
}

mod run;
mod who;
