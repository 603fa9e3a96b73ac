//! What becomes of an item while it is before a meeting: agenda and minutes tell it, with the time.

use super::*;
use crate::{
    ledger::minutes::{Became, ItemResult, Then},
    model::{RecordKind, State},
};

fn news(desk: &Desk, item: &str) -> Vec<Became> {
    let meeting = meeting(desk);
    meeting.entry(&id(item)).unwrap().news.iter().map(|news| news.became.clone()).collect()
}

fn result(desk: &Desk, item: &str) -> ItemResult {
    meeting(desk).entry(&id(item)).unwrap().result()
}

fn decided(verdict: Verdict) -> ItemResult {
    ItemResult::Decided { verdict, then: None }
}

/// A source's change that is before the meeting.
fn theirs(state: &str, more: serde_json::Value) -> serde_json::Value {
    let mut change = json!({"id": "J1", "title": "Theirs", "kind": "normal", "state": state, "risk": "moderate", "owner": "j.lind",
        "requester": "p.novak", "presenter": "j.lind", "services": ["san"], "rollback_plan": "back", "test_plan": "t",
        "planned_start": "2026-12-01T21:00:00Z", "planned_end": "2026-12-01T22:00:00Z", "submitted_at": "2026-11-01T00:00:00Z"});
    change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    change
}

/// The meeting runs, and J1 is on its agenda.
fn running() -> Desk {
    let mut desk = desk(json!({}));
    desk.source("jira", theirs("authorize", json!({})));
    desk.pass(24 * 60);
    chair(&mut desk, C::Start);
    for person in ["s.varga", "a.chen", "k.wu", "r.diaz"] {
        act(&mut desk, person, C::Arrive { person: None }).unwrap();
    }
    desk
}

#[test]
fn what_its_source_makes_of_it_is_told_before_its_turn_and_in_focus() {
    let moved = json!({"planned_start": "2026-12-02T21:00:00Z", "planned_end": "2026-12-02T22:00:00Z"});
    let start = "2026-12-02T21:00:00Z".parse().ok();
    let edited = |fields: &[&str], start| Became::Edited {
        fields: fields.iter().map(|f| (*f).to_owned()).collect(),
        start,
    };
    let cases = [
        (
            "cancelled",
            theirs("cancelled", json!({})),
            vec![Became::Cancelled],
            ItemResult::Over(Became::Cancelled),
        ),
        (
            "rejected there",
            theirs("rejected", json!({})),
            vec![Became::Rejected],
            ItemResult::Over(Became::Rejected),
        ),
        (
            "no there, in its word for approval",
            theirs("authorize", json!({"approval": "rejected"})),
            vec![Became::Rejected],
            ItemResult::Over(Became::Rejected),
        ),
        ("closed", theirs("closed", json!({})), vec![Became::Closed], ItemResult::Over(Became::Closed)),
        ("begun", theirs("implement", json!({})), vec![Became::Started], ItemResult::NotReached),
        (
            "approved there",
            theirs("authorize", json!({"approval": "approved"})),
            vec![Became::Approved],
            ItemResult::NotReached,
        ),
        (
            "moved",
            theirs("authorize", moved),
            vec![edited(&["planned_end", "planned_start"], start)],
            ItemResult::NotReached,
        ),
        (
            "another risk",
            theirs("authorize", json!({"risk": "high"})),
            vec![edited(&["risk"], None)],
            ItemResult::NotReached,
        ),
    ];
    for (name, change, want, outcome) in cases {
        for focused in [false, true] {
            let mut desk = running();
            if focused {
                chair(&mut desk, C::Focus { item: id("J1") });
                desk.pass(2);
            }
            desk.source("jira", change.clone());
            assert_eq!(news(&desk, "J1"), want, "{name}");
            let outcome = match &outcome {
                ItemResult::NotReached if focused => ItemResult::Discussed,
                other => other.clone(),
            };
            if focused {
                chair(&mut desk, C::Focus { item: id("C1") });
            }
            assert_eq!(result(&desk, "J1"), outcome, "{name}");
            let said = chair(&mut desk, C::End);
            let over = want[0].is_over();
            assert_eq!(said.contains("6 items"), over, "{name}: {said}");
            let minutes = minutes(desk.ledger.fold(), &meeting(&desk), "head").unwrap();
            let item = minutes.items.iter().find(|item| item.agenda.item == id("J1")).unwrap();
            assert_eq!(item.result, outcome, "{name}");
            assert_eq!(item.news.iter().map(|news| news.became.clone()).collect::<Vec<_>>(), want, "{name}");
            assert_eq!(item.news[0].at, desk.now, "{name}");
            assert_eq!(desk.folded().meetings, desk.ledger.fold().meetings, "{name}: the log alone tells it");
        }
    }
}

#[test]
fn a_deleted_item_is_gone_and_one_that_returns_is_to_be_decided_again() {
    let mut desk = running();
    desk.moved(vec![], vec![(RecordKind::Change, id("J1"))]);
    assert_eq!(
        (news(&desk, "J1"), result(&desk, "J1")),
        (vec![Became::Gone], ItemResult::Over(Became::Gone))
    );
    desk.source("jira", theirs("authorize", json!({})));
    assert_eq!(news(&desk, "J1"), [Became::Gone, Became::Back]);
    assert!(meeting(&desk).entry(&id("J1")).unwrap().waits());
}

#[test]
fn an_approval_that_lapses_in_the_meeting_is_told_beside_the_decision() {
    let mut desk = running();
    chair(&mut desk, C::Focus { item: id("C1") });
    for person in ["a.chen", "k.wu", "r.diaz"] {
        desk.vote(person, "C1", Vote::Approve).unwrap();
    }
    desk.act("m.ortiz", Command::Close { item: id("C1") }).unwrap();
    assert_eq!(result(&desk, "C1"), decided(Verdict::Approved));
    desk.pass(3);
    desk.edit("j.lind", "C1", |change| change.risk = crate::model::Risk::High.into()).unwrap();
    assert_eq!(
        result(&desk, "C1"),
        ItemResult::Decided { verdict: Verdict::Approved, then: Some(Then::Lapsed) }
    );
    let edited = Became::Edited { fields: vec!["risk".to_owned()], start: None };
    assert_eq!(news(&desk, "C1"), [edited, Became::Lapsed]);
    desk.act("m.ortiz", Command::Open { item: id("C1") }).unwrap();
    assert_eq!(result(&desk, "C1"), ItemResult::Lapsed);
    desk.edit("j.lind", "C1", |change| change.state = State::Cancelled.into()).unwrap();
    assert_eq!(result(&desk, "C1"), ItemResult::Over(Became::Cancelled));
}

#[test]
fn what_the_board_itself_decided_is_no_news() {
    let mut desk = running();
    for person in ["a.chen", "k.wu", "r.diaz"] {
        desk.vote(person, "C1", Vote::Reject).unwrap();
    }
    desk.act("m.ortiz", Command::Close { item: id("C1") }).unwrap();
    assert_eq!(desk.state("C1"), "rejected", "its state followed");
    assert_eq!(news(&desk, "C1"), []);
    assert_eq!(result(&desk, "C1"), decided(Verdict::Rejected));
}
