use serde_json::json;

use super::*;
use crate::{
    ledger::{
        agenda_item::{NotReady, OnAgenda, ReviewReason},
        command::{Command, RollCalled},
        desk::{Desk, at, id},
        event::{RoundOutcome, Vote},
        minute_taking::minutes,
        minutes::{ClosedLine, ItemResult, Verdict},
    },
    model::{Outcome, Prose, Section, Standing},
};

mod apart;
mod can;
mod became;
mod urgent;

use MeetingCommand as C;

const CAB: &str = "cab-2026-11-24";

/// The board of the pictures, meeting on Tuesdays at 14:00 UTC: a clash of two, one of high risk, two of low risk.
fn desk(extra: serde_json::Value) -> Desk {
    let change = |id: &str, risk: &str, start: &str, service: &str| {
        json!({"id": id, "title": format!("Change {id}"), "kind": "normal", "state": "authorize", "risk": risk,
            "requester": "p.novak", "owner": "j.lind", "presenter": "j.lind", "services": [service],
            "rollback_plan": "boot slot B", "test_plan": "rehearsed", "planned_start": format!("{start}:00:00Z"),
            "planned_end": format!("{start}:30:00Z"), "submitted_at": "2026-11-01T00:00:00Z"})
    };
    let mut file = json!({
        "boards": [{"id": "cab", "seats": [
            {"person": "m.ortiz", "role": "chair"}, {"person": "s.varga", "role": "chair", "seat": "security"},
            {"person": "a.chen"}, {"person": "k.wu"}, {"person": "r.diaz"}]}],
        "changes": [
            change("C1", "moderate", "2026-11-26T21", "lb-01"), change("C2", "moderate", "2026-11-26T21", "lb-01"),
            change("H1", "high", "2026-11-27T21", "db-01"), change("L1", "low", "2026-11-28T21", "web-1"),
            change("L2", "low", "2026-11-29T21", "web-2"), change("N1", "moderate", "2026-11-30T21", "mail")],
        "settings": {"allow_override": true, "meetings": [{"id": "cab", "name": "Payments CAB",
            "start": "2026-11-03T14:00", "end": "2026-11-03T15:00", "rrule": "FREQ=WEEKLY", "cut_off_hours": 12}]}
    });
    for (key, value) in extra.as_object().unwrap() {
        file[key] = value.clone();
    }
    Desk::payments(file)
}

fn act(desk: &mut Desk, person: &str, act: C) -> Result<String, Problem> {
    desk.act(person, Command::Meeting { meeting: id("cab"), act })
}

/// As the chair, which has to go well.
#[track_caller]
fn chair(desk: &mut Desk, command: C) -> String {
    act(desk, "m.ortiz", command).unwrap()
}

#[track_caller]
fn refused(result: Result<String, Problem>, kind: ProblemKind, word: &str) {
    let problem = result.unwrap_err();
    assert_eq!(problem.kind, kind, "{}", problem.title);
    assert!(problem.title.contains(word), "{:?} should say {word:?}", problem.title);
}

fn meeting(desk: &Desk) -> Arc<Meeting> {
    desk.ledger.fold().meetings.get(&id(CAB)).unwrap().clone()
}

fn order(desk: &Desk) -> Vec<String> {
    meeting(desk).agenda.iter().map(|entry| entry.agenda.item.to_string()).collect()
}

/// Everybody is there, and the clock runs.
fn started(extra: serde_json::Value) -> Desk {
    let mut desk = desk(extra);
    desk.pass(24 * 60);
    chair(&mut desk, C::Start);
    for person in ["s.varga", "a.chen", "k.wu", "r.diaz"] {
        act(&mut desk, person, C::Arrive { person: None }).unwrap();
    }
    desk
}

#[test]
fn what_each_state_takes() {
    use MeetingState::{Convened, Ended, Paused, Running};
    let item = || id("C1");
    let text = || Prose::new("why");
    let rows: [(&str, C, &str); 30] = [
        // convened, running, paused, ended
        ("convene", C::Convene { items: vec![], deadline_minutes: None }, "nnnn"),
        ("place", C::Place { item: item(), before: None }, "ynnn"),
        ("pull", C::Pull { item: item(), reason: None }, "ynnn"),
        ("start", C::Start, "ynnn"),
        ("late", C::Late { item: item(), reason: text() }, "yyyn"),
        ("focus", C::Focus { item: item() }, "nynn"),
        ("next", C::Next, "nynn"),
        ("previous", C::Previous, "nynn"),
        ("skip", C::Skip { item: None }, "nynn"),
        ("defer", C::Defer { item: None, to: item(), reason: text() }, "nynn"),
        ("promote", C::Promote { item: item() }, "nynn"),
        ("demote", C::Demote { item: item() }, "nynn"),
        ("restore", C::Restore { item: item() }, "nynn"),
        ("pull out", C::PullOut { item: item() }, "nynn"),
        ("presenter", C::Presenter { item: item(), present: false }, "nynn"),
        ("consent", C::Consent, "nynn"),
        ("pause", C::Pause, "nynn"),
        ("resume", C::Resume, "nnyn"),
        ("end", C::End, "nyyn"),
        ("arrive", C::Arrive { person: None }, "yyyn"),
        ("leave", C::Leave { person: None }, "yyyn"),
        ("still here", C::StillHere, "yyyn"),
        ("reconnected", C::Reconnected, "yyyn"),
        ("gone", C::Gone { person: item(), after: 0 }, "yyyn"),
        ("propose recusal", C::ProposeRecusal { item: item(), person: item(), reason: text() }, "nyyn"),
        ("take chair", C::TakeChair { reason: None }, "nyyn"),
        ("hand chair", C::HandChair { to: item() }, "nyyn"),
        ("renew chair", C::RenewChair, "nyyn"),
        ("issue", C::IssueMinutes, "nnny"),
        ("amend", C::AmendMinutes { text: text() }, "nnny"),
    ];
    for (name, command, want) in rows {
        for (state, want) in [Convened, Running, Paused, Ended].into_iter().zip(want.chars()) {
            assert_eq!(takes(state, &command).is_ok(), want == 'y', "{name} while {}", state.word());
        }
    }
}

#[test]
fn the_agenda_fills_itself_in_order() {
    let mut desk = desk(json!({}));
    let planned = desk.ledger.planned(&id(CAB)).unwrap();
    let agenda = desk.ledger.agenda(&planned);
    let shown: Vec<(String, Section)> =
        agenda.items.iter().map(|entry| (entry.item.to_string(), entry.section)).collect();
    let want = [
        ("C1", Section::Conflicts),
        ("C2", Section::Conflicts),
        ("H1", Section::HighRisk),
        ("N1", Section::Normal),
        ("L1", Section::Consent),
        ("L2", Section::Consent),
    ];
    assert_eq!(shown, want.map(|(id, section)| (id.to_owned(), section)));
    chair(&mut desk, C::Place { item: id("N1"), before: Some(id("C1")) });
    desk.pass(24 * 60);
    chair(&mut desk, C::Start);
    assert_eq!(order(&desk), ["N1", "C1", "C2", "H1", "L1", "L2"], "the chair reorders");
    let sealed = meeting(&desk).sealed.clone().unwrap();
    let items: Vec<_> = meeting(&desk).agenda.iter().map(|entry| entry.agenda.clone()).collect();
    assert_eq!(sealed.hash, crate::ledger::derive::agenda::seal(&items));
    assert_eq!(sealed.members.len(), 5);
}

#[test]
fn a_late_item_waits_for_the_chair() {
    let mut desk = desk(json!({}));
    desk.pass(18 * 60);
    let late = json!({"id": "X1", "title": "Late", "kind": "normal", "state": "authorize", "risk": "moderate",
        "services": ["x"], "rollback_plan": "undo", "presenter": "j.lind", "planned_start": "2026-12-01T21:00:00Z",
        "planned_end": "2026-12-01T22:00:00Z"});
    desk.import(json!({"changes": [late]})).unwrap();
    let planned = desk.ledger.planned(&id(CAB)).unwrap();
    let late: Vec<_> = desk.ledger.agenda(&planned).late.iter().map(|e| e.item.to_string()).collect();
    assert_eq!(late, ["X1"], "after the cut-off");
    desk.pass(6 * 60);
    chair(&mut desk, C::Start);
    assert!(!order(&desk).contains(&"X1".to_owned()));
    assert_eq!(desk.ledger.agenda(&meeting(&desk)).late.len(), 1);
    refused(
        act(&mut desk, "a.chen", C::Late { item: id("X1"), reason: Prose::new("please") }),
        ProblemKind::NotAllowed,
        "chair",
    );
    refused(
        act(&mut desk, "m.ortiz", C::Late { item: id("X1"), reason: Prose::new(" ") }),
        ProblemKind::Invalid,
        "reason",
    );
    chair(&mut desk, C::Late { item: id("X1"), reason: Prose::new("vendor window closes") });
    assert_eq!(order(&desk), ["C1", "C2", "H1", "N1", "X1", "L1", "L2"], "before the consent block");
    assert!(meeting(&desk).entry(&id("X1")).unwrap().late.is_some());
}

#[test]
fn nothing_closes_early_in_a_meeting() {
    let mut desk = started(json!({}));
    assert_eq!(chair(&mut desk, C::Next), "cab-2026-11-24: now C1");
    for person in ["m.ortiz", "s.varga", "a.chen", "k.wu", "r.diaz"] {
        desk.vote(person, "C1", Vote::Approve).unwrap();
    }
    assert_eq!(desk.standing("C1"), Standing::Open, "all have voted, and the chair has not closed");
    let said = desk.act("m.ortiz", Command::Close { item: id("C1") }).unwrap();
    assert!(said.contains("approved"), "{said}");
    assert_eq!(meeting(&desk).entry(&id("C1")).unwrap().result().verdict(), Some(Verdict::Approved));
    // After the meeting what is certain closes again by itself.
    desk.vote("a.chen", "N1", Vote::Approve).unwrap();
    desk.vote("k.wu", "N1", Vote::Approve).unwrap();
    desk.vote("s.varga", "N1", Vote::Approve).unwrap();
    assert_eq!(desk.standing("N1"), Standing::Open);
    let said = chair(&mut desk, C::End);
    assert!(said.contains("closed: approved"), "{said}");
    assert_eq!(desk.standing("N1"), Standing::Approved);
    assert_eq!(desk.folded().meetings, desk.ledger.fold().meetings, "a fold of the log alone");
}

#[test]
fn the_stopwatches_come_from_events_alone() {
    let mut desk = started(json!({}));
    chair(&mut desk, C::Next);
    desk.pass(3);
    chair(&mut desk, C::Pause);
    desk.pass(10);
    chair(&mut desk, C::Resume);
    desk.pass(2);
    chair(&mut desk, C::Skip { item: None });
    desk.pass(4);
    let now = desk.now;
    let seen = meeting(&desk);
    let spent = |item: &str| seen.entry(&id(item)).unwrap().clock.at(now) / 60;
    assert_eq!((spent("C1"), spent("C2"), seen.clock.at(now) / 60), (5, 4, 9));
    assert_eq!(seen.focus, Some(id("C2")));
    // What waits: C2 has no minutes left, H1 8, N1 4, the block 3.
    assert_eq!(seen.projected_end(now), Some(now.plus(15 * 60)));
}

#[test]
fn moving_through_the_agenda() {
    let mut desk = started(json!({}));
    chair(&mut desk, C::Next);
    chair(&mut desk, C::Promote { item: id("N1") });
    assert_eq!(order(&desk), ["C1", "N1", "C2", "H1", "L1", "L2"]);
    chair(&mut desk, C::Skip { item: None });
    assert_eq!(meeting(&desk).focus, Some(id("N1")));
    chair(&mut desk, C::Demote { item: id("N1") });
    assert_eq!(order(&desk), ["C1", "C2", "H1", "N1", "L1", "L2"]);
    assert_eq!(meeting(&desk).focus, Some(id("C2")), "goes on where the focus was");
    chair(&mut desk, C::Presenter { item: id("C2"), present: false });
    assert_eq!(order(&desk), ["C1", "H1", "N1", "C2", "L1", "L2"], "absent sinks to the end");
    assert_eq!(meeting(&desk).focus, Some(id("H1")));
    chair(&mut desk, C::Previous);
    assert_eq!(meeting(&desk).focus, Some(id("C1")), "skipped ones can be gone back to");
    chair(&mut desk, C::Restore { item: id("C1") });
    assert!(meeting(&desk).entry(&id("C1")).unwrap().waits());
    refused(act(&mut desk, "m.ortiz", C::Promote { item: id("L1") }), ProblemKind::Invalid, "consent");
    refused(
        act(&mut desk, "m.ortiz", C::Skip { item: Some(id("C9")) }),
        ProblemKind::NotFound,
        "not on the agenda",
    );
    refused(act(&mut desk, "a.chen", C::Next), ProblemKind::NotAllowed, "only who is in a chair seat");
}

#[test]
fn put_off_to_a_named_meeting() {
    let mut desk = started(json!({}));
    chair(&mut desk, C::Next);
    let defer = |to: &str| C::Defer { item: None, to: id(to), reason: Prose::new("vendor absent") };
    refused(act(&mut desk, "m.ortiz", defer("cab-2026-11-25")), ProblemKind::Invalid, "no meeting to come");
    refused(act(&mut desk, "m.ortiz", defer(CAB)), ProblemKind::Invalid, "no meeting to come");
    chair(&mut desk, defer("cab-2026-12-01"));
    let seen = meeting(&desk);
    let entry = seen.entry(&id("C1")).unwrap();
    assert_eq!(entry.result(), ItemResult::Deferred(id("cab-2026-12-01")));
    assert_eq!(entry.decisions[0].verdict, Verdict::Deferred);
    assert_eq!((desk.standing("C1"), seen.focus.clone()), (Standing::Deferred, Some(id("C2"))));
    chair(&mut desk, C::End);
    let next = desk.ledger.planned(&id("cab-2026-12-01")).unwrap();
    let agenda = desk.ledger.agenda(&next);
    let carried = agenda.items.iter().find(|entry| entry.item == id("C1")).unwrap();
    assert_eq!(carried.why, Some(OnAgenda::DeferredFrom(id("cab-2026-11-24"))));
    desk.pass(7 * 24 * 60);
    chair(&mut desk, C::Start);
    chair(&mut desk, C::Focus { item: id("C1") });
    assert_eq!(desk.standing("C1"), Standing::Open, "a round opens as it comes into focus");
}

#[test]
fn the_consent_block() {
    let mut desk = started(json!({}));
    act(&mut desk, "k.wu", C::PullOut { item: id("L2") }).unwrap();
    let seen = meeting(&desk);
    let pulled = seen.entry(&id("L2")).unwrap();
    assert_eq!((pulled.agenda.section, pulled.waits()), (Section::Normal, true));
    let said = chair(&mut desk, C::Consent);
    assert_eq!(desk.standing("L1"), Standing::Approved, "{said}");
    let seen = meeting(&desk);
    let closed = &seen.entry(&id("L1")).unwrap().decisions[0].line;
    let ClosedLine::Counted { outcome, count } = closed else { panic!("{closed:?}") };
    assert_eq!((*outcome, count.by_silence, count.electorate), (RoundOutcome::Approved, true, 5));
    assert_eq!(desk.tally("L1").line, "approved: no objection received · 5 could vote");
    assert_eq!(desk.standing("L2"), Standing::Open);
    refused(act(&mut desk, "m.ortiz", C::Consent), ProblemKind::Invalid, "nothing waits");
}

#[test]
fn what_is_left_out_of_the_block() {
    let mut desk = started(json!({}));
    desk.vote("k.wu", "L1", Vote::Reject).unwrap();
    for person in ["s.varga", "a.chen", "k.wu", "r.diaz"] {
        act(&mut desk, person, C::Leave { person: None }).unwrap();
    }
    refused(act(&mut desk, "m.ortiz", C::Consent), ProblemKind::No, "1 of its voters are here");
    for person in ["a.chen", "r.diaz"] {
        chair(&mut desk, C::Arrive { person: Some(id(person)) });
    }
    let said = chair(&mut desk, C::Consent);
    assert!(said.contains("1 approved") && said.contains("L1: k.wu objects"), "{said}");
    assert_eq!((desk.standing("L1"), desk.standing("L2")), (Standing::Open, Standing::Approved));
}

#[test]
fn a_roll_call_is_one_act() {
    let mut desk = started(json!({}));
    chair(&mut desk, C::Next);
    let revision = desk.revision("C1");
    let called = |person: &str, vote, why: &str| RollCalled {
        person: id(person),
        vote,
        comment: (!why.is_empty()).then(|| Prose::new(why)),
    };
    let votes = vec![called("m.ortiz", Vote::Approve, ""), called("k.wu", Vote::Reject, "")];
    let roll = C::RollCall { item: id("C1"), revision, votes };
    refused(act(&mut desk, "m.ortiz", roll), ProblemKind::Invalid, "reason");
    assert_eq!(desk.tally("C1").yes, 0, "all or nothing");
    let votes = vec![
        called("m.ortiz", Vote::Approve, ""),
        called("a.chen", Vote::Approve, ""),
        called("k.wu", Vote::Reject, "no rehearsal"),
    ];
    let said = chair(&mut desk, C::RollCall { item: id("C1"), revision, votes });
    assert_eq!(said, "roll call on C1: 2 yes, 1 no, 0 abstained");
    desk.act("m.ortiz", Command::Close { item: id("C1") }).unwrap();
    let seen = meeting(&desk);
    let decided = &seen.entry(&id("C1")).unwrap().decisions[0];
    assert_eq!((decided.roll_call.len(), decided.objections[0].by.as_str()), (3, "k.wu"));
}

#[test]
fn the_chair_lapses_to_the_deputy() {
    let mut desk = started(json!({}));
    let take = || C::TakeChair { reason: Some(Prose::new("lost the line")) };
    refused(act(&mut desk, "s.varga", C::Next), ProblemKind::NotAllowed, "m.ortiz holds the chair");
    refused(act(&mut desk, "s.varga", take()), ProblemKind::NotAllowed, "m.ortiz holds the chair");
    refused(act(&mut desk, "k.wu", take()), ProblemKind::NotAllowed, "only who is in a chair seat");
    desk.pass(4);
    chair(&mut desk, C::Next);
    desk.pass(4);
    refused(act(&mut desk, "s.varga", take()), ProblemKind::NotAllowed, "m.ortiz holds the chair");
    desk.pass(1);
    act(&mut desk, "s.varga", take()).unwrap();
    refused(act(&mut desk, "m.ortiz", C::Next), ProblemKind::NotAllowed, "s.varga holds the chair");
    // Whoever holds the chair presides over the items, too.
    for person in ["m.ortiz", "a.chen", "k.wu"] {
        desk.vote(person, "C1", Vote::Approve).unwrap();
    }
    refused(desk.act("m.ortiz", Command::Close { item: id("C1") }), ProblemKind::NotAllowed, "chair");
    desk.act("s.varga", Command::Close { item: id("C1") }).unwrap();
    act(&mut desk, "s.varga", C::HandChair { to: id("m.ortiz") }).unwrap();
    chair(&mut desk, C::Next);
    assert_eq!(meeting(&desk).chairs.len(), 3);
    assert_eq!(meeting(&desk).clock.at(desk.now) / 60, 9, "the clock is the same");
}

#[test]
fn minutes_are_issued_once_and_replayed() {
    let mut desk = started(json!({}));
    let add = |text: &str| Command::AddAction {
        meeting: Some(id(CAB)),
        item: Some(id("C1")),
        text: Prose::new(text),
        owner: id("j.lind"),
        due: chrono::NaiveDate::from_ymd_opt(2026, 11, 27),
    };
    chair(&mut desk, C::Next);
    desk.act("k.wu", add("Rehearse on DC-2")).unwrap();
    desk.pass(5);
    chair(&mut desk, C::Leave { person: Some(id("r.diaz")) });
    refused(act(&mut desk, "m.ortiz", C::IssueMinutes), ProblemKind::Changed, "still on");
    chair(&mut desk, C::End);
    chair_of(&mut desk, C::IssueMinutes);
    refused(issue_again(&mut desk), ProblemKind::Changed, "were issued");
    let seen = meeting(&desk);
    let issued = &seen.minutes.as_ref().unwrap().minutes;
    assert_eq!((issued.attendance.len(), issued.quorum.need, issued.quorum.of), (5, 3, 5));
    assert_eq!((issued.actions.len(), issued.items.len()), (1, 6));
    assert_eq!(issued.items[0].result, ItemResult::Discussed);
    // The same log gives the same minutes.
    let folded = desk.folded();
    let again = minutes(&folded, &folded.meetings[&id(CAB)], &issued.head).unwrap();
    assert_eq!((again.items, again.attendance), (issued.items.clone(), issued.attendance.clone()));
    desk.act(
        "a.chen",
        Command::Meeting {
            meeting: id(CAB),
            act: C::AmendMinutes { text: Prose::new("I had left at 14:20") },
        },
    )
    .unwrap();
    assert_eq!(meeting(&desk).amendments.len(), 1);
    // Open actions come to the next meeting.
    desk.act("j.lind", Command::CloseAction { action: 1, note: None }).unwrap();
    refused(
        desk.act("j.lind", Command::CloseAction { action: 1, note: None }),
        ProblemKind::Invalid,
        "closed already",
    );
}

fn chair_of(desk: &mut Desk, act: C) -> String {
    desk.act("m.ortiz", Command::Meeting { meeting: id(CAB), act }).unwrap()
}

fn issue_again(desk: &mut Desk) -> Result<String, Problem> {
    desk.act("m.ortiz", Command::Meeting { meeting: id(CAB), act: C::IssueMinutes })
}

#[test]
fn questions_and_reading() {
    let mut desk = desk(json!({}));
    desk.act("k.wu", Command::Question { item: id("C1"), text: Prose::new("Who is on call?") }).unwrap();
    assert_eq!(desk.ledger.not_ready(&id("C1"), true), [NotReady::OpenQuestions(1)]);
    let answer = || Command::Answer { item: id("C1"), question: 1, text: Prose::new("j.lind") };
    refused(desk.act("a.chen", answer()), ProblemKind::NotAllowed, "its people or the chair");
    desk.act("j.lind", answer()).unwrap();
    assert!(desk.ledger.not_ready(&id("C1"), true).is_empty());
    let revision = desk.revision("C1");
    let before = desk.log.len();
    for _ in 0..2 {
        desk.act("k.wu", Command::Read { item: id("C1"), revision }).unwrap();
    }
    assert_eq!(desk.log.len(), before + 1, "on record once");
    assert_eq!(desk.item("C1").reads[&id("k.wu")].revision, revision);
}

#[test]
fn an_item_with_a_deadline_is_pulled_into_the_meeting() {
    let policies = json!([{"id": "default", "board": "cab", "early_close": "both", "deadline_hours": 4}]);
    let mut desk = desk(json!({"policies": policies}));
    let planned = desk.ledger.planned(&id(CAB)).unwrap();
    assert!(desk.ledger.agenda(&planned).items.is_empty(), "decided without a meeting");
    act(&mut desk, "k.wu", C::Pull { item: id("C1"), reason: Some(Prose::new("let us talk")) }).unwrap();
    assert_eq!(desk.tally("C1").deadline, None, "its deadline is set aside");
    let seen = desk.ledger.agenda(&meeting(&desk));
    assert_eq!(seen.items[0].why, Some(OnAgenda::AskedForBy("k.wu".into())));
    desk.pass(5 * 60);
    assert_eq!((desk.standing("C1"), desk.standing("C2")), (Standing::Open, Standing::Deferred));
    refused(
        act(&mut desk, "x.out", C::Pull { item: id("H1"), reason: None }),
        ProblemKind::NotAllowed,
        "no seat",
    );
}

#[test]
fn the_quorum_days_ahead() {
    let policies = json!([
        {"id": "high", "when": {"risk_at_least": "high"}, "board": "cab", "mandatory": ["security"]},
        {"id": "default", "board": "cab", "quorum": 4}]);
    let mut desk = desk(json!({"policies": policies}));
    let forecast = |desk: &Desk| {
        let planned = desk.ledger.planned(&id(CAB)).unwrap();
        desk.ledger.forecast(&planned, &desk.ledger.agenda(&planned).items)
    };
    assert_eq!(forecast(&desk).line, "all 6 items can be decided");
    let away = |person: &str| Command::Away { person: Some(id(person)), start: at(0), end: at(48 * 60) };
    refused(desk.act("k.wu", away("s.varga")), ProblemKind::NotAllowed, "may not say");
    desk.act("s.varga", away("s.varga")).unwrap();
    let seen = forecast(&desk);
    assert_eq!(seen.line, "security away without a delegate: 1 of 6 items cannot be decided");
    let stuck: Vec<_> =
        seen.items.iter().filter_map(|i| Some((i.item.as_str(), i.why.as_deref()?))).collect();
    assert_eq!(stuck, [("H1", "security away")]);
    desk.act("m.ortiz", away("k.wu")).unwrap();
    assert_eq!(forecast(&desk).stuck, 6, "three are left, and four must vote");
    let (start, end) = (at(0), at(48 * 60));
    desk.act(
        "s.varga",
        Command::Delegate { board: id("cab"), from: id("s.varga"), to: id("x.out"), start, end },
    )
    .unwrap();
    assert_eq!(forecast(&desk).stuck, 0, "a delegate sits there");
}

#[test]
fn what_is_new_since_it_was_read() {
    let mut desk = desk(json!({}));
    let revision = desk.revision("C1");
    assert_eq!(desk.ledger.since_read(&id("C1"), &id("k.wu")), None);
    desk.act("k.wu", Command::Read { item: id("C1"), revision }).unwrap();
    assert!(desk.ledger.since_read(&id("C1"), &id("k.wu")).unwrap().is_nothing());
    assert_eq!(desk.ledger.readers(&id("C1")), [id("k.wu")]);
    desk.pass(1);
    desk.act("a.chen", Command::Comment { item: id("C1"), text: Prose::new("ready?") }).unwrap();
    desk.edit("j.lind", "C1", |c| c.risk = crate::model::Risk::High.into()).unwrap();
    desk.vote("a.chen", "C1", Vote::Approve).unwrap();
    let since = desk.ledger.since_read(&id("C1"), &id("k.wu")).unwrap();
    let fields: Vec<&str> = since.changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!((fields, since.comments, since.votes), (vec!["risk"], 1, 1));
    assert!(desk.ledger.readers(&id("C1")).is_empty(), "nobody has read this revision");
}

#[test]
fn who_should_move_priced_both_ways() {
    let mut desk = desk(json!({}));
    desk.vote("a.chen", "C1", Vote::Approve).unwrap();
    let key = desk.ledger.conflicts_of(&id("C1")).find(|row| row.key.rule == crate::model::RuleId::C1);
    let key = key.unwrap().key.clone();
    let lines: Vec<String> = desk.ledger.prices(&key).into_iter().map(|price| price.line).collect();
    assert_eq!(lines, ["C1 +1 h: clears 2, adds 0, 1 re-vote", "C2 +1 h: clears 2, adds 0"]);
    // Beside the item the cheaper way comes first.
    let moves = desk.ledger.context(&id("C1")).unwrap().moves;
    assert_eq!(moves.len(), 2);
    assert_eq!(moves[0].ways.iter().map(|way| way.mover.as_str()).collect::<Vec<_>>(), ["C2", "C1"]);
}

#[test]
fn a_deputy_in_the_chair_opens_rounds_too() {
    let mut desk = started(json!({}));
    chair(&mut desk, C::Next);
    desk.act("m.ortiz", Command::Defer { item: id("C1"), reason: Prose::new("later") }).unwrap();
    chair(&mut desk, C::HandChair { to: id("s.varga") });
    refused(desk.act("m.ortiz", Command::Open { item: id("C1") }), ProblemKind::NotAllowed, "chair");
    desk.act("s.varga", Command::Open { item: id("C1") }).unwrap();
    assert!(meeting(&desk).entry(&id("C1")).unwrap().waits(), "a new round on it opens it again");
}

#[test]
fn what_went_wrong_comes_first() {
    let over = |id: &str, kind: &str, outcome: &str, end: &str| {
        json!({"id": id, "title": id, "kind": kind, "state": "closed", "risk": "low", "outcome": outcome,
            "rollback_plan": "x", "planned_start": format!("{end}T01:00:00Z"), "planned_end": format!("{end}T02:00:00Z")})
    };
    let mut desk = desk(json!({}));
    let changes = [
        over("F1", "normal", "failed", "2026-11-20"),
        over("G1", "normal", "successful", "2026-11-20"),
        over("O1", "normal", "failed", "2026-06-20"),
    ];
    desk.import(json!({"changes": changes})).unwrap();
    let planned = desk.ledger.planned(&id(CAB)).unwrap();
    let first = &desk.ledger.agenda(&planned).items[0];
    assert_eq!((first.item.as_str(), first.section), ("F1", Section::Reviews));
    assert_eq!(first.why, Some(OnAgenda::ReviewDue(ReviewReason::Outcome(Outcome::Failed))));
    assert_eq!(desk.ledger.agenda(&planned).items.len(), 7, "long ago is a debt, not an item");
    desk.pass(24 * 60);
    chair(&mut desk, C::Start);
    chair(&mut desk, C::Next);
    desk.act("a.chen", Command::Review { item: id("F1"), successful: false, text: Prose::new("no check") })
        .unwrap();
    assert_eq!(
        meeting(&desk).entry(&id("F1")).unwrap().result().verdict(),
        Some(Verdict::ReviewedNotSuccessful)
    );
}
