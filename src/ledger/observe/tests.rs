use serde_json::json;

use super::*;
use crate::ledger::{
    command::{Command, ProblemKind, TemplateCommand},
    desk::{Desk, at, id},
    event::Vote::{Approve, Reject},
};
use crate::model::{Line, Prose, RecordKind, Risk};

mod rules;

fn approve(desk: &mut Desk, item: &str) {
    for person in ["a.chen", "s.varga", "k.wu"] {
        desk.vote(person, item, Approve).unwrap();
    }
}

#[test]
fn a_round_opens_as_the_item_enters_authorize() {
    let mut desk = Desk::payments(json!({}));
    let change = |state: &str, approval: serde_json::Value| json!({"id": "J1", "state": state, "risk": "low", "approval": approval});
    let none = serde_json::Value::Null;
    desk.source("jira", change("assess", none.clone()));
    assert_eq!(desk.standing("J1"), Standing::None);
    desk.source("jira", change("authorize", none.clone()));
    assert_eq!(desk.standing("J1"), Standing::Open);
    desk.act("m.ortiz", Command::Defer { item: id("J1"), reason: "who?".into() }).unwrap();
    desk.source("jira", change("authorize", none.clone()));
    assert_eq!(desk.rounds("J1").len(), 1, "it is there already, it does not enter");
    desk.source("jira", change("assess", none.clone()));
    desk.source("jira", change("authorize", none.clone()));
    assert_eq!(desk.rounds("J1").len(), 2, "it went back and enters again");
    approve(&mut desk, "J1");
    assert_eq!(desk.state("J1"), "authorize", "a source's record is moved by its source");
    desk.source("jira", json!({"id": "J2", "state": "authorize", "approval": "approved"}));
    assert_eq!(desk.standing("J2"), Standing::None, "approved there is approved");
}

#[test]
fn a_material_change_ends_the_round_and_opens_another() {
    let mut desk = Desk::payments(json!({}));
    desk.vote("a.chen", "C1", Approve).unwrap();
    desk.edit("j.lind", "C1", |c| c.title = "Core switch firmware".into()).unwrap();
    assert_eq!(desk.rounds("C1"), [(1, None)], "a title is not material");
    let said = desk.edit("j.lind", "C1", |c| c.services = vec!["lb-01".into(), "sw".into()]).unwrap();
    assert_eq!(said, "C1 edited, the round ended: the item changed, round 2 opened on cab");
    assert_eq!(desk.tally("C1").yes, 0);
    desk.edit("j.lind", "C1", |c| c.services = vec!["lb-01".into()]).unwrap();
    assert_eq!(desk.rounds("C1").len(), 3, "a revision that comes back does not revive its round");
    assert_eq!(desk.tally("C1").revision_number, 1);
    desk.edit("j.lind", "C1", |c| c.state = State::Cancelled.into()).unwrap();
    let last = desk.item("C1").rounds.last().unwrap().closed.as_ref().unwrap();
    assert_eq!((last.outcome, last.cause), (RoundOutcome::Superseded, CloseCause::Left));
    assert_eq!(desk.standing("C1"), Standing::None);
}

#[test]
fn a_freeze_that_newly_hits_ends_the_round() {
    let mut desk = Desk::payments(json!({}));
    let freeze = |id: &str, hard: bool| {
        json!({"windows": [{"id": id, "kind": "freeze", "hard": hard, "extra_seat": "security", "start": "2026-11-25T00:00",
                            "end": "2026-11-26T00:00"}]})
    };
    desk.import(freeze("soft", false)).unwrap();
    assert_eq!(desk.rounds("C1").len(), 2);
    assert_eq!(desk.item("C1").rounds[0].closed.as_ref().unwrap().cause, CloseCause::Freeze);
    assert_eq!(desk.tally("C1").mandatory, [Line::new("security")], "a soft freeze asks for its seat");
    desk.import(freeze("soft", false)).unwrap();
    desk.pass(10);
    assert_eq!(desk.rounds("C1").len(), 2, "it is known to this round");
    desk.import(freeze("hard", true)).unwrap();
    assert_eq!(desk.rounds("C1").len(), 3);
}

#[test]
fn an_approval_lapses_and_says_why() {
    let mut desk = Desk::payments(json!({}));
    approve(&mut desk, "C1");
    desk.edit("j.lind", "C1", |c| c.description = "more words".into()).unwrap();
    assert_eq!(desk.standing("C1"), Standing::Approved);
    desk.pass(2);
    let said = desk.edit("j.lind", "C1", |c| c.risk = Risk::High.into()).unwrap();
    assert_eq!(said, "C1 edited, approval lapsed");
    let lapse = desk.item("C1").lapse.as_ref().unwrap();
    assert_eq!((lapse.at, lapse.changes.len(), &*lapse.changes[0].field), (at(2), 1, "risk"));
    assert_eq!((desk.standing("C1"), desk.rounds("C1").len()), (Standing::Lapsed, 1));
    desk.act("m.ortiz", Command::Open { item: id("C1") }).unwrap();
    approve(&mut desk, "C1");
    assert_eq!(desk.standing("C1"), Standing::Approved);
}

#[test]
fn after_the_start_an_edit_opens_an_extension() {
    let mut desk = Desk::payments(json!({}));
    approve(&mut desk, "C1");
    desk.pass(1);
    desk.act(
        "j.lind",
        Command::Report { item: id("C1"), started: Some(at(1)), finished: None, outcome: None },
    )
    .unwrap();
    desk.pass(1);
    desk.edit("j.lind", "C1", |c| c.planned_end = Some("2026-11-25T23:30:00Z".parse().unwrap())).unwrap();
    let round = desk.item("C1").open_round().unwrap();
    assert_eq!(round.cause, OpenCause::Extension);
    assert_eq!(desk.standing("C1"), Standing::Approved, "what was approved before the start stays");
    let unauthorised = |desk: &Desk| {
        desk.ledger.conflicts_of(&id("C1")).any(|row| row.key.rule == crate::model::RuleId::C17)
    };
    assert!(!unauthorised(&desk), "the revision it started with was approved");
    for person in ["a.chen", "s.varga", "k.wu"] {
        desk.vote(person, "C1", Reject).unwrap();
    }
    assert_eq!(desk.rounds("C1").len(), 2, "a refused extension is not asked again by itself");
    assert!(!desk.item("C1").approves(&desk.revision("C1")));
}

#[test]
fn deadlines() {
    let policy = |more: serde_json::Value| {
        let mut policy = json!({"id": "default", "deadline_hours": 1});
        policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"policies": [policy]})
    };
    let consent = || policy(json!({"on_deadline": "approve"}));

    let mut desk = Desk::payments(policy(json!({})));
    assert_eq!(desk.ledger.next_due(), Some(at(60)));
    desk.vote("a.chen", "C1", Approve).unwrap();
    desk.now = at(60);
    let late = desk.vote("k.wu", "C1", Approve).unwrap_err();
    assert_eq!(late.kind, ProblemKind::Changed, "refused though nobody has recorded the closing yet");
    assert_eq!(desk.rounds("C1"), [(1, None)]);
    assert_eq!(desk.ledger.next_due(), Some(at(61)), "an overdue closing is asked for by the minute");
    assert_eq!(desk.pass(3), "closed at its deadline: deferred");
    let closed = desk.item("C1").rounds[0].closed.as_ref().unwrap();
    assert_eq!(
        (closed.due, closed.at),
        (Some(at(60)), at(63)),
        "it says when it was due and when it was recorded"
    );

    let mut desk = Desk::payments(consent());
    assert!(desk.tally("C1").by_consent);
    assert_eq!(desk.tally("C1").needs, "consent");
    assert_eq!(desk.pass(75), "closed at its deadline: approved, now scheduled");
    assert_eq!(desk.tally("C1").line, "approved: no objection received · 5 could vote");

    let mut desk = Desk::payments(consent());
    assert_eq!(desk.pass(76), "closed at its deadline: deferred", "recorded too late for silence");

    let mut desk = Desk::payments(consent());
    desk.vote("k.wu", "C1", Reject).unwrap();
    assert_eq!(desk.pass(60), "closed at its deadline: deferred", "silence is broken");
}

#[test]
fn approved_by_template() {
    let rules = json!({
        "policies": [{"id": "routine", "when": {"kinds": ["standard"]}, "auto": true}],
        "templates": [{"id": "cert", "approved_until": "2026-12-31", "locked": ["rollback_plan"], "fields": {"rollback_plan": "put it back"}}]
    });
    let mut desk = Desk::payments(rules);
    let cert = |id: &str, plan: &str| json!({"changes": [{"id": id, "kind": "standard", "state": "authorize", "risk": "low", "template": "cert", "rollback_plan": plan}]});
    desk.import(cert("S1", "put it back")).unwrap();
    assert_eq!((desk.standing("S1"), desk.state("S1").as_str()), (Standing::Approved, "scheduled"));
    assert!(desk.item("S1").rounds.is_empty());
    desk.import(cert("S2", "pray")).unwrap();
    assert_eq!(desk.standing("S2"), Standing::Open);
    assert_eq!(
        desk.tally("S2").routed,
        ["not automatic by routine: rollback_plan differs from what cert locks"]
    );
    desk.edit("r.diaz", "S1", |c| c.services = vec!["web".into()]).unwrap();
    assert_eq!(desk.standing("S1"), Standing::Approved, "the template holds for the new revision too");
    // What the template does not allow is a normal change, and the board votes on it.
    desk.edit("r.diaz", "S1", |c| c.risk = Risk::High.into()).unwrap();
    assert_eq!((desk.standing("S1"), desk.state("S1").as_str()), (Standing::Open, "authorize"));
    assert_eq!(desk.ledger.facts().change(&id("S1")).unwrap().kind.as_given(), "normal");
}

/// A change that its source scheduled by itself: under the template, then another plan, then the template waits.
#[test]
fn what_deviates_from_its_template_after_all_is_put_before_the_board() {
    let rules = json!({
        "policies": [{"id": "routine", "when": {"kinds": ["standard"]}, "auto": true}],
        "templates": [{"id": "cert", "approved_until": "2026-12-31", "locked": ["rollback_plan"], "fields": {"rollback_plan": "put it back"}}]
    });
    let mut desk = Desk::payments(rules);
    let there = |id: &str, plan: &str, service: &str| {
        json!({"id": id, "kind": "standard", "state": "scheduled", "risk": "low", "template": "cert", "rollback_plan": plan,
            "services": [service]})
    };
    for id in ["S1", "S2"] {
        desk.source("jira", there(id, "put it back", "web"));
        assert_eq!(desk.standing(id), Standing::Approved, "{id}");
    }
    desk.source("jira", there("S1", "pray", "web"));
    assert_eq!(desk.standing("S1"), Standing::Open, "it is a normal change now, and the board votes on it");
    assert_eq!(
        desk.tally("S1").routed,
        ["not automatic by routine: rollback_plan differs from what cert locks"]
    );
    // What still is as the template has it waits for the template, not for a round of its own.
    let act = TemplateCommand::Suspend { reason: Prose::new("one failed") };
    desk.act("m.ortiz", Command::Template { template: id("cert"), act }).unwrap();
    desk.source("jira", there("S2", "put it back", "mail"));
    assert_eq!(desk.standing("S2"), Standing::Lapsed);
    assert!(desk.item("S2").rounds.is_empty());
}

#[test]
fn a_record_that_goes_takes_its_round_along() {
    let mut desk = Desk::payments(json!({}));
    desk.source("jira", json!({"id": "J1", "state": "authorize"}));
    desk.moved(vec![], vec![(RecordKind::Change, id("J1"))]);
    let closed = desk.item("J1").rounds[0].closed.as_ref().unwrap();
    assert_eq!((closed.outcome, closed.cause), (RoundOutcome::Superseded, CloseCause::Left));
    assert_eq!(desk.pass(10), "");
}

#[test]
fn a_decided_file_imported_again_changes_no_decision() {
    let mut desk = Desk::payments(json!({}));
    approve(&mut desk, "C1");
    let same = json!({"changes": [{"id": "C1", "title": "Core switch", "kind": "normal", "state": "authorize", "risk": "low",
        "requester": "p.novak", "owner": "j.lind", "services": ["lb-01"], "rollback_plan": "boot slot B",
        "planned_start": "2026-11-25T21:00:00Z", "planned_end": "2026-11-25T22:30:00Z"}]});
    desk.import(same).unwrap();
    assert_eq!((desk.standing("C1"), desk.state("C1").as_str()), (Standing::Approved, "scheduled"));
    assert_eq!(desk.rounds("C1").len(), 1);
}

#[test]
fn the_gate_of_a_live_board() {
    use crate::rules::gate::GateVerdict::{CannotTell, Go, NoGo};
    let mut desk = Desk::payments(json!({}));
    let inside: Instant = "2026-11-25T21:30:00Z".parse().unwrap();
    let ask = |desk: &Desk, at| desk.ledger.gate(&id("C1"), at, false, vec![]).unwrap();
    assert_eq!(ask(&desk, inside), (NoGo, vec!["not approved: the vote is open".to_owned()]));
    approve(&mut desk, "C1");
    assert_eq!(ask(&desk, inside).0, Go);
    assert_eq!(ask(&desk, at(0)).0, NoGo);
    assert_eq!(desk.ledger.gate(&id("C1"), inside, false, vec!["ics is old".into()]).unwrap().0, CannotTell);
    desk.act("m.ortiz", Command::Condition { item: id("C1"), text: "call".into(), owner: id("j.lind") })
        .unwrap();
    assert_eq!(ask(&desk, inside), (NoGo, vec!["condition not met: call (j.lind)".to_owned()]));
    desk.act("j.lind", Command::MeetCondition { item: id("C1"), condition: 1 }).unwrap();
    desk.import(json!({"windows": [{"id": "stop", "kind": "freeze", "start": "2026-11-25T00:00", "end": "2026-11-26T00:00"}]})).unwrap();
    let (verdict, reasons) = ask(&desk, inside);
    assert!(verdict == NoGo && reasons[0].starts_with("blocking clash: "), "{reasons:?}");
    assert_eq!(
        desk.ledger.gate(&id("C1"), inside, true, vec![]).unwrap().0,
        Go,
        "backing out is never frozen"
    );
    desk.edit("j.lind", "C1", |c| c.risk = Risk::High.into()).unwrap();
    assert!(ask(&desk, inside).1[0].starts_with("approval lapsed: edited 2026-11-23T14:00:00Z (risk)"));
    assert_eq!(desk.ledger.gate(&id("none"), inside, false, vec![]), None);
    desk.source(
        "jira",
        json!({"id": "J1", "state": "scheduled", "approval": "approved", "risk": "low", "services": ["x"],
        "planned_start": "2026-11-24T21:00:00Z", "planned_end": "2026-11-24T22:30:00Z"}),
    );
    let (verdict, reasons) =
        desk.ledger.gate(&id("J1"), "2026-11-24T21:30:00Z".parse().unwrap(), false, vec![]).unwrap();
    assert_eq!((verdict, reasons[0].as_str()), (Go, "approved by the word of source jira"));
}

/// A source that runs its own approvals says *approved* as soon as one of several has answered.
#[test]
fn a_yes_of_one_of_several_at_the_source_opens_nothing() {
    use crate::model::{ApprovalAnswer as Answer, ApprovalRequest, RuleId, SourceId, Stored};
    use crate::rules::gate::GateVerdict::{Go, NoGo};
    let mut desk = Desk::payments(json!({}));
    let change = |state: &str, word: &str| {
        json!({"id": "G1", "title": "glpi", "state": state, "approval": word, "risk": "low", "services": ["x"], "rollback_plan": "y",
               "planned_start": "2026-11-24T21:00:00Z", "planned_end": "2026-11-24T22:30:00Z"})
    };
    let answer = |desk: &mut Desk, who: &str, answer: Answer| {
        let asked = ApprovalRequest::new(&id("G1"), who, who, answer.into());
        let record = Record::Approval(Box::new(asked));
        let stored = Stored { source: SourceId::new("glpi"), record };
        desk.moved(vec![stored], vec![]);
    };
    let ask = |desk: &Desk| {
        let (verdict, reasons) =
            desk.ledger.gate(&id("G1"), "2026-11-24T21:30:00Z".parse().unwrap(), false, vec![]).unwrap();
        (verdict, reasons[0].clone())
    };
    answer(&mut desk, "ann", Answer::Approved);
    answer(&mut desk, "bob", Answer::Requested);
    desk.source("glpi", change("assess", "approved"));
    let early =
        "not approved: nobody has decided; its own system says it may go, but bob there has not answered";
    assert_eq!(ask(&desk), (NoGo, early.to_owned()));
    desk.source("glpi", change("authorize", "approved"));
    assert_eq!(desk.standing("G1"), Standing::Open, "it is not decided there, so the board is asked");
    assert_eq!(ask(&desk).0, NoGo);
    answer(&mut desk, "bob", Answer::Approved);
    let ours = "not approved: the vote is open; its own system says approved, the board decides";
    assert_eq!(ask(&desk), (NoGo, ours.to_owned()), "a round of ours is open on the same revision");
    desk.source("glpi", change("implement", "approved"));
    let unauthorised =
        |desk: &Desk| desk.ledger.conflicts_of(&id("G1")).any(|row| row.key.rule == RuleId::C17);
    assert!(unauthorised(&desk), "begun while the board was voting");
    desk.source("glpi", change("authorize", "approved"));
    desk.act("m.ortiz", Command::Defer { item: id("G1"), reason: "theirs".into() }).unwrap();
    assert_eq!(
        ask(&desk),
        (Go, "approved by the word of source glpi".to_owned()),
        "nobody waits, no vote is open"
    );
    answer(&mut desk, "cat", Answer::Requested);
    assert_eq!(ask(&desk).0, NoGo, "one more was asked there");
    desk.source("glpi", change("implement", "not_required"));
    assert!(unauthorised(&desk) && ask(&desk).0 == NoGo, "it needs none, and yet somebody waits");
    answer(&mut desk, "cat", Answer::Cancelled);
    assert_eq!(ask(&desk), (Go, "needs no approval by the word of source glpi".to_owned()));
    assert!(!unauthorised(&desk), "routine work is not unauthorised");
}
