//! What cannot wait: an outcome against the vote, an emergency board, broken glass, a freeze of the chair.

use super::*;

#[test]
fn against_the_vote_with_a_second_person() {
    let mut desk = started(json!({}));
    chair(&mut desk, C::Next);
    for (person, vote) in [
        ("m.ortiz", Vote::Approve),
        ("s.varga", Vote::Approve),
        ("a.chen", Vote::Reject),
        ("k.wu", Vote::Reject),
        ("r.diaz", Vote::Reject),
    ] {
        desk.vote(person, "C1", vote).unwrap();
    }
    let by = |approve, second: Option<&str>| Command::Override {
        item: id("C1"),
        approve,
        reason: Prose::new("the outage costs more"),
        second: second.map(id),
    };
    let against = |approve| by(approve, None);
    refused(desk.act("m.ortiz", by(true, Some("m.ortiz"))), ProblemKind::Invalid, "second person");
    refused(desk.act("k.wu", against(true)), ProblemKind::NotAllowed, "chair");
    refused(desk.act("m.ortiz", against(false)), ProblemKind::Invalid, "says so already");
    refused(
        desk.act("s.varga", Command::ConfirmOverride { item: id("C1") }),
        ProblemKind::Invalid,
        "nobody proposes",
    );
    desk.act("m.ortiz", by(true, Some("s.varga"))).unwrap();
    assert_eq!(desk.tally("C1").against.as_ref().unwrap().second, Some(id("s.varga")));
    refused(
        desk.act("k.wu", Command::ConfirmOverride { item: id("C1") }),
        ProblemKind::NotAllowed,
        "s.varga",
    );
    refused(
        desk.act("m.ortiz", Command::ConfirmOverride { item: id("C1") }),
        ProblemKind::NotAllowed,
        "second person",
    );
    desk.act("s.varga", Command::ConfirmOverride { item: id("C1") }).unwrap();
    let line = &desk.tally("C1").line;
    assert_eq!(line, "approved: decided against the vote 2–3 by m.ortiz and s.varga");
    let mut off = super::desk(json!({"settings": {}}));
    refused(off.act("m.ortiz", against(true)), ProblemKind::NotAllowed, "does not decide against the vote");
}

fn emergency() -> Desk {
    let urgent = json!({"id": "E1", "title": "Restart gateway", "kind": "emergency", "state": "authorize", "risk": "high",
        "owner": "j.lind", "requester": "p.novak", "services": ["gw"], "rollback_plan": "start it again",
        "planned_start": "2026-11-23T15:00:00Z", "planned_end": "2026-11-23T15:30:00Z"});
    desk(json!({"changes": [urgent], "boards": [
        {"id": "cab", "seats": [{"person": "m.ortiz", "role": "chair"}, {"person": "a.chen"}, {"person": "k.wu"}]},
        {"id": "ecab", "emergency": true, "seats": [{"person": "s.varga", "role": "chair"}, {"person": "r.diaz"},
            {"person": "k.wu"}]}]}))
}

#[test]
fn an_emergency_board_convenes_at_once() {
    let mut desk = emergency();
    let convene = C::Convene { items: vec![id("E1")], deadline_minutes: Some(20) };
    refused(
        desk.act("a.chen", Command::Meeting { meeting: id("ecab"), act: convene.clone() }),
        ProblemKind::NotAllowed,
        "no seat",
    );
    desk.act("r.diaz", Command::Meeting { meeting: id("ecab"), act: convene }).unwrap();
    let called = id("ecab-2026-11-23-1400");
    assert!(desk.ledger.fold().meetings.contains_key(&called));
    assert_eq!(desk.tally("E1").deadline, Some(at(20)));
    desk.vote("r.diaz", "E1", Vote::Approve).unwrap();
    desk.vote("k.wu", "E1", Vote::Approve).unwrap();
    desk.pass(20);
    assert_eq!(desk.standing("E1"), Standing::Approved, "nobody had to start it");
}

fn glass(claimed: Instant) -> Command {
    Command::BreakGlass {
        item: id("E1"),
        incident: "INC0012345".into(),
        agreed: vec!["a.chen".into()],
        channel: "phone".into(),
        claimed_at: claimed,
        reason: Prose::new("checkout is down, nobody of the board answers"),
    }
}

#[test]
fn broken_glass_is_ratified_or_not() {
    for (votes, word, go) in [(&["r.diaz", "k.wu"][..], "ratified", true), (&[][..], "not ratified", false)] {
        let mut desk = emergency();
        refused(desk.act("x.out", glass(at(-10))), ProblemKind::NotAllowed, "may not break the glass");
        refused(desk.act("j.lind", glass(at(10))), ProblemKind::Invalid, "later than now");
        desk.act("j.lind", glass(at(-10))).unwrap();
        let broken = desk.item("E1").glass.clone().unwrap();
        assert_eq!((broken.claimed_at, broken.entered_at), (at(-10), at(0)), "never merged");
        assert_eq!(broken.due, at(2 * 24 * 60), "two business days");
        let (_, reasons) = desk.ledger.gate(&id("E1"), at(60), false, vec![]).unwrap();
        assert!(reasons[0].contains("no approval: by break-glass for INC0012345"), "{reasons:?}");
        let unauthorised = |desk: &Desk| {
            desk.ledger.conflicts_of(&id("E1")).any(|row| row.key.rule == crate::model::RuleId::C17)
        };
        desk.act(
            "j.lind",
            Command::Report { item: id("E1"), started: Some(at(0)), finished: None, outcome: None },
        )
        .unwrap();
        desk.pass(1);
        assert!(unauthorised(&desk), "nobody has ratified it yet");
        for person in votes {
            desk.vote(person, "E1", Vote::Approve).unwrap();
        }
        desk.pass(2 * 24 * 60);
        assert_eq!(unauthorised(&desk), !go, "{word}");
        let item = desk.item("E1");
        assert_eq!(item.glass.as_ref().unwrap().ratified.map(|(said, _)| said), Some(go), "{word}");
        assert_eq!(desk.standing("E1"), Standing::None, "never shown as an approval before: {word}");
        let (verdict, reasons) = desk.ledger.gate(&id("E1"), at(60), false, vec![]).unwrap();
        // Of work that goes on past its end the gate says that alone.
        let said = if go { "should have ended" } else { "was not ratified" };
        assert!(reasons.iter().any(|reason| reason.contains(said)), "{verdict:?} {reasons:?}");
        refused(desk.act("j.lind", glass(at(-10))), ProblemKind::Invalid, "already");
    }
}

#[test]
fn a_chair_freezes_at_once_and_it_thaws_by_itself() {
    let mut desk = desk(json!({}));
    let scope = serde_json::from_value(json!({"services": ["db-01"]})).unwrap();
    let freeze = Command::Freeze {
        scope,
        until: at(5 * 24 * 60),
        reason: Prose::new("data loss suspected"),
        allow: Vec::new(),
    };
    refused(desk.act("k.wu", freeze.clone()), ProblemKind::NotAllowed, "only the chair");
    desk.act("m.ortiz", freeze).unwrap();
    let window = desk.ledger.fold().frozen.keys().next().unwrap().clone();
    assert!(desk.ledger.clashes(&id("H1")).freezes.contains(&window), "C3 holds for the scope");
    assert!(!desk.ledger.clashes(&id("N1")).freezes.contains(&window));
    desk.pass(60);
    desk.act("m.ortiz", Command::Thaw { window: window.clone(), reason: Prose::new("found it") }).unwrap();
    assert!(desk.ledger.clashes(&id("H1")).freezes.is_empty());
    refused(
        desk.act("m.ortiz", Command::Thaw { window, reason: Prose::new("again") }),
        ProblemKind::Invalid,
        "thawed",
    );
}

/// What is said before a freeze is what stands after it, for every scope; and a thaw leaves the board as it was.
#[test]
fn a_freeze_does_what_its_preview_said() {
    use std::collections::BTreeSet;

    use crate::{
        ledger::{command::RunCommand, derive::freeze_preview::Frozen},
        model::{Id, RuleId, Scope, Severity},
    };
    let scopes = [
        json!({}),
        json!({"services": ["db-01"]}),
        json!({"services": ["db-01", "lb-01"], "kinds": ["normal"]}),
        json!({"environments": ["production"]}),
        json!({"kinds": ["emergency"]}),
        json!({"services": ["nobody-has-it"]}),
    ];
    let (mut hit, mut running) = (0, 0);
    for scope in scopes {
        for allow in [vec![], vec!["emergency".into()], vec!["normal".into(), "release".into()]] {
            let mut desk = desk(json!({}));
            // One is under way since an hour, and knows what turning back takes.
            let act = RunCommand::Start { at: Some(desk.now), reason: Some(Prose::new("it cannot wait")) };
            desk.act("j.lind", Command::Run { activity: id("H1"), act }).unwrap();
            desk.pass(60);
            let rows = |desk: &Desk| -> Vec<_> { desk.ledger.conflicts().iter().cloned().collect() };
            let before = rows(&desk);
            let scope: Scope = serde_json::from_value(scope.clone()).unwrap();
            let until = at(10 * 24 * 60);
            let said = desk.ledger.freeze_preview(&scope, &allow, until, desk.now).unwrap();
            let reason = Prose::new("data loss suspected");
            desk.act("m.ortiz", Command::Freeze { scope, until, reason: reason.clone(), allow }).unwrap();
            let window = desk.ledger.fold().frozen.keys().next().unwrap().clone();
            let stand = |severity: Severity| -> BTreeSet<Id> {
                let all = rows(&desk);
                let own = all.iter().filter(|row| row.key.rule == RuleId::C3 && row.key.names(&window));
                let own = own.filter(|row| row.severity == severity);
                own.filter_map(|row| row.key.other_side(&window).cloned()).collect()
            };
            let ids = |lists: &[&Vec<Frozen>]| -> BTreeSet<Id> {
                lists.iter().flat_map(|list| list.iter()).map(|row| row.id.clone()).collect()
            };
            assert_eq!(ids(&[&said.stops, &said.runs]), stand(Severity::Block));
            assert_eq!(ids(&[&said.exempt]), stand(Severity::Info));
            assert_eq!(ids(&[&said.reached]), stand(Severity::Warn));
            for run in &said.runs {
                let then = desk.ledger.run_view(&run.id, desk.now).unwrap();
                assert_eq!(
                    (run.projected_end, run.undo_minutes, run.turn_back_by),
                    (then.projected_end, then.undo_minutes, then.turn_back_by),
                    "{}",
                    run.id
                );
                running += 1;
            }
            hit += said.stops.len() + said.exempt.len() + said.reached.len();
            desk.act("m.ortiz", Command::Thaw { window: window.clone(), reason }).unwrap();
            let mut after = rows(&desk);
            after.retain(|row| !row.key.names(&window));
            let keys = |rows: &[std::sync::Arc<crate::rules::conflict::Conflict>]| {
                rows.iter().map(|row| (row.key.clone(), row.severity)).collect::<BTreeSet<_>>()
            };
            assert_eq!(keys(&after), keys(&before), "a thaw restores only what it held");
        }
    }
    assert!(hit > 10 && running > 3, "{hit} {running}");
}
