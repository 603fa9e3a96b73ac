use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    ledger::{
        command::{Command, Problem, ProblemKind, ReleaseCommand},
        desk::{Desk, at, id},
        event::Vote,
    },
    model::{ReleaseState, State, time::DAY},
};

/// C1 on lb-01, tomorrow but one; the shops hear of lb-01, the network of everything, and nobody of nothing.
fn board() -> Desk {
    Desk::payments(json!({"settings": {"audiences": [
        {"id": "shops", "hears": {"services": ["LB-01"]}, "channels": ["mail", "print"]},
        {"id": "net", "hears": {"items": ["change", "release"]}},
        {"id": "none"}]}}))
}

impl Desk {
    fn approve(&mut self, item: &str) {
        if self.ledger.fold().open_round(&id(item)).is_none() {
            self.act("m.ortiz", Command::Open { item: id(item) }).unwrap();
        }
        for voter in ["m.ortiz", "s.varga", "a.chen", "k.wu", "r.diaz"] {
            if self.ledger.fold().open_round(&id(item)).is_some() {
                self.vote(voter, item, Vote::Approve).unwrap();
            }
        }
    }

    /// Kinds of what is due, by audience.
    fn due(&self, item: &str) -> Vec<(String, MessageKind)> {
        let comms = self.ledger.comms(&id(item), self.now).unwrap();
        comms.due().map(|(line, message)| (line.audience.to_string(), message.kind)).collect()
    }

    fn send(&mut self, person: &str, item: &str) -> Result<String, Problem> {
        let comms = self.ledger.comms(&id(item), self.now).unwrap();
        let messages = comms.due().map(|(_, message)| message.clone()).collect();
        self.act(person, Command::Tell { item: id(item), messages })
    }

    /// Hands over what is ready, as the hub does; each channel answers so, or not at all.
    fn hand_over(&mut self, answer: Option<bool>) -> usize {
        let mut count = 0;
        while let Some(next) = self.ledger.to_hand_over(self.now, &BTreeSet::new()) {
            let (item, message, channel) = (next.sent.item.clone(), next.message, next.channel.clone());
            let over =
                TellingAct::HandedOver { message, channel: channel.clone(), to: vec![], text: "text".into() };
            self.tell(&item, over);
            count += 1;
            if let Some(accepted) = answer {
                let words = Line::new("so");
                let act = match accepted {
                    true => TellingAct::Answered { message, channel, accepted, words },
                    false => TellingAct::Refused { message, channel, words, gave_up: false },
                };
                self.tell(&item, act);
            }
        }
        count
    }

    fn tell(&mut self, item: &Id, act: TellingAct) {
        let event = Event::Telling { item: item.clone(), act: Box::new(act) };
        self.commit(|tx| tx.record(event)).unwrap();
    }

    /// Sends what is due, as the person in the chair, and hands it over.
    fn told(&mut self, item: &str) {
        self.send("m.ortiz", item).unwrap();
        self.hand_over(Some(true));
    }

    fn start_at(&mut self, item: &str, start: Instant) {
        self.act("m.ortiz", Command::Move { item: id(item), start }).unwrap();
    }
}

fn both(kind: MessageKind) -> Vec<(String, MessageKind)> {
    vec![("shops".to_owned(), kind), ("net".to_owned(), kind)]
}

#[test]
fn what_is_approved_is_announced_to_those_who_hear_of_it() {
    let mut desk = board();
    assert_eq!(desk.due("C1"), vec![], "nobody has approved it");
    desk.approve("C1");
    assert_eq!(desk.due("C1"), both(MessageKind::Announcement));
    let comms = desk.ledger.comms(&id("C1"), desk.now).unwrap();
    assert_eq!(comms.audiences.len(), 2, "who names nothing hears of nothing");
    assert_eq!(comms.responsible.as_deref(), Some("j.lind"));
    desk.told("C1");
    assert_eq!(desk.due("C1"), vec![]);
    assert_eq!(desk.ledger.comms(&id("C1"), desk.now).unwrap().told(), (2, 2));
}

#[test]
fn who_answers_for_it_the_manager_and_the_chair_send() {
    for (person, may) in [("j.lind", true), ("m.ortiz", true), ("a.chen", false), ("x.out", false)] {
        let mut desk = board();
        desk.approve("C1");
        let done = desk.send(person, "C1");
        assert_eq!(
            done.as_ref().err().map(|problem| problem.kind),
            (!may).then_some(ProblemKind::NotAllowed),
            "{person}"
        );
    }
}

#[test]
fn what_is_sent_is_what_was_shown() {
    let mut desk = board();
    desk.approve("C1");
    let shown: Vec<Message> =
        desk.ledger.comms(&id("C1"), desk.now).unwrap().due().map(|(_, message)| message.clone()).collect();
    desk.start_at("C1", at(3 * 24 * 60));
    desk.approve("C1");
    let refused = desk.act("m.ortiz", Command::Tell { item: id("C1"), messages: shown }).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Changed);
    desk.send("m.ortiz", "C1").unwrap();
    let again = desk.send("m.ortiz", "C1").unwrap_err();
    assert_eq!(again.kind, ProblemKind::Invalid, "nothing is due any more: {again:?}");
}

#[test]
fn several_moves_are_one_correction_and_a_move_back_is_none() {
    let mut desk = board();
    desk.approve("C1");
    desk.told("C1");
    let before = desk.ledger.facts().change(&id("C1")).unwrap().planned_start.unwrap();
    for days in [1, 2, 5] {
        desk.start_at("C1", before.plus(days * DAY));
        desk.approve("C1");
    }
    assert_eq!(desk.due("C1"), both(MessageKind::Correction));
    let comms = desk.ledger.comms(&id("C1"), desk.now).unwrap();
    let (_, message) = comms.due().next().unwrap();
    assert_eq!(message.was.as_ref().unwrap().planned.unwrap().start(), before, "old and new");
    assert_eq!(message.outlook.planned.unwrap().start(), before.plus(5 * DAY));
    desk.send("m.ortiz", "C1").unwrap();
    desk.start_at("C1", before);
    desk.approve("C1");
    assert_eq!(desk.hand_over(Some(true)), 0, "what was on its way was taken back");
    assert_eq!(desk.due("C1"), vec![], "they know it as it is");
}

#[test]
fn handed_over_and_unanswered_counts_as_told_and_what_was_refused_does_not() {
    let mut desk = board();
    desk.approve("C1");
    desk.send("m.ortiz", "C1").unwrap();
    assert_eq!(desk.hand_over(None), 3, "two channels and one");
    assert_eq!(desk.hand_over(None), 0, "nothing twice, whatever became of it");
    assert_eq!(desk.due("C1"), vec![]);

    let mut desk = board();
    desk.approve("C1");
    desk.send("m.ortiz", "C1").unwrap();
    desk.hand_over(Some(false));
    let comms = desk.ledger.comms(&id("C1"), desk.now).unwrap();
    assert_eq!(comms.told(), (0, 2), "refused");
    assert_eq!(desk.hand_over(Some(true)), 0, "not at once");
    desk.pass(1);
    assert_eq!(desk.hand_over(Some(true)), 3);
    assert_eq!(desk.ledger.comms(&id("C1"), desk.now).unwrap().told(), (2, 2));
}

#[test]
fn what_is_called_off_is_said_to_those_who_knew_of_it() {
    let mut desk = board();
    desk.approve("C1");
    desk.told("C1");
    desk.edit("m.ortiz", "C1", |change| change.state = State::Cancelled.into()).unwrap();
    assert_eq!(desk.due("C1"), both(MessageKind::CalledOff));
    desk.told("C1");
    assert_eq!(desk.due("C1"), vec![]);
}

/// R carries C1.
fn with_release() -> Desk {
    Desk::payments(json!({
        "settings": {"audiences": [{"id": "shops", "hears": {"services": ["lb-01"]}}]},
        "releases": [{"id": "R", "name": "Checkout", "version": "4.2", "manager": "p.novak", "state": "test",
            "phases": [{"id": "p1", "services": ["lb-01"], "start": "2026-11-25T20:00:00Z", "end": "2026-11-25T23:00:00Z"}]}],
        "changes": [{"id": "C1", "title": "Core switch", "kind": "normal", "state": "authorize", "risk": "low",
            "owner": "j.lind", "services": ["lb-01"], "rollback_plan": "boot slot B", "release": "R",
            "planned_start": "2026-11-25T21:00:00Z", "planned_end": "2026-11-25T22:30:00Z"}]}))
}

#[test]
fn a_release_tells_of_its_changes_and_no_longer_of_what_left_it() {
    let mut desk = with_release();
    desk.approve("C1");
    assert_eq!(
        desk.due("C1"),
        vec![("shops".to_owned(), MessageKind::Announcement)],
        "nobody has approved R"
    );
    desk.approve("R");
    assert_eq!(desk.due("R"), vec![("shops".to_owned(), MessageKind::Announcement)]);
    assert_eq!(desk.due("C1"), vec![], "its release will tell of it");
    desk.told("R");
    let comms = desk.ledger.comms(&id("C1"), desk.now).unwrap();
    assert_eq!(comms.audiences[0].covered_by, Some(id("R")));
    assert_eq!(desk.due("C1"), vec![]);
    let unbundle = ReleaseCommand::Unbundle { change: id("C1") };
    desk.act("p.novak", Command::Release { release: id("R"), act: unbundle }).unwrap();
    desk.approve("C1");
    assert_eq!(desk.due("C1"), vec![("shops".to_owned(), MessageKind::Announcement)]);
}

#[test]
fn calling_off_a_release_names_what_stays() {
    let mut desk = with_release();
    desk.approve("C1");
    desk.approve("R");
    desk.told("R");
    let off = ReleaseCommand::State { to: ReleaseState::Cancelled, reason: Some("not now".into()) };
    desk.act("p.novak", Command::Release { release: id("R"), act: off }).unwrap();
    let comms = desk.ledger.comms(&id("R"), desk.now).unwrap();
    let (_, message) = comms.due().next().unwrap();
    assert_eq!((message.kind, &message.stays), (MessageKind::CalledOff, &vec![id("C1")]));
    desk.told("R");
    assert_eq!(
        desk.due("C1"),
        vec![("shops".to_owned(), MessageKind::Announcement)],
        "nobody tells of it now"
    );
}

#[test]
fn of_the_night_releases_come_first() {
    let mut desk = with_release();
    desk.approve("C1");
    let span = Span::new(at(0), at(4 * 24 * 60)).unwrap();
    let all: Vec<String> =
        desk.ledger.comms_within(span, desk.now).iter().map(|comms| comms.item.to_string()).collect();
    assert_eq!(all, ["R", "C1"]);
}

/// What may happen around one change, in the order in which chance brings it.
#[derive(Debug, Clone)]
enum Move {
    Plan(i64),
    Service(bool),
    Cancel(bool),
    Approve,
    Send,
    /// A channel takes a message; it answers so, or the program ends before it does.
    HandOver(Option<bool>),
    Pass(i64),
    Start,
    End(bool),
    /// The log is read anew.
    Restart,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0..4i64).prop_map(Move::Plan),
        1 => any::<bool>().prop_map(Move::Service),
        1 => any::<bool>().prop_map(Move::Cancel),
        4 => Just(Move::Approve),
        5 => Just(Move::Send),
        5 => prop_oneof![Just(None), Just(Some(true)), Just(Some(false))].prop_map(Move::HandOver),
        3 => (1..2000i64).prop_map(Move::Pass),
        1 => Just(Move::Start),
        1 => any::<bool>().prop_map(Move::End),
        1 => Just(Move::Restart),
    ];
    prop::collection::vec(one, 1..40)
}

/// What an audience received, as it would see it in its own inbox.
#[derive(Debug, Default)]
struct Inbox {
    messages: Vec<Message>,
    /// Numbers by channel: nothing comes twice.
    seen: BTreeSet<(u64, Line)>,
}

fn apply(desk: &mut Desk, inboxes: &mut BTreeMap<String, Inbox>, next: &Move) {
    let start = at(0).plus(3 * DAY);
    match next {
        Move::Plan(days) => {
            drop(desk.act("m.ortiz", Command::Move { item: id("C1"), start: start.plus(days * DAY) }))
        }
        Move::Service(more) => {
            let services = if *more { vec!["lb-01".into(), "shop".into()] } else { vec!["lb-01".into()] };
            drop(desk.edit("m.ortiz", "C1", |change| change.services.clone_from(&services)));
        }
        Move::Cancel(off) => {
            let state = if *off { State::Cancelled } else { State::Authorize };
            drop(desk.edit("m.ortiz", "C1", |change| change.state = state.into()));
        }
        Move::Approve => {
            drop(desk.act("m.ortiz", Command::Open { item: id("C1") }));
            for voter in ["m.ortiz", "s.varga", "a.chen", "k.wu", "r.diaz"] {
                if desk.ledger.fold().open_round(&id("C1")).is_some() {
                    drop(desk.vote(voter, "C1", Vote::Approve));
                }
            }
        }
        Move::Send => drop(desk.send("m.ortiz", "C1")),
        Move::HandOver(answer) => {
            while let Some(next) = desk.ledger.to_hand_over(desk.now, &BTreeSet::new()) {
                let (message, channel) = (next.message, next.channel.clone());
                let over = TellingAct::HandedOver {
                    message,
                    channel: channel.clone(),
                    to: vec![],
                    text: "text".into(),
                };
                // Whatever is handed over is so at that moment.
                let comms = desk.ledger.comms(&id("C1"), desk.now).unwrap();
                let line = comms.audiences.iter().find(|line| line.audience == next.audience.id).unwrap();
                assert_eq!(line.due, None, "nothing else is to be told while this is handed over");
                desk.tell(&id("C1"), over);
                if *answer == Some(false) {
                    let words = Line::new("busy");
                    desk.tell(&id("C1"), TellingAct::Refused { message, channel, words, gave_up: false });
                    continue;
                }
                let inbox = inboxes.entry(next.audience.id.to_string()).or_default();
                assert!(inbox.seen.insert((message, channel.clone())), "nothing comes twice");
                if inbox.messages.last() != Some(&next.sent.message) {
                    inbox.messages.push(next.sent.message.clone());
                }
                if answer.is_some() {
                    let words = Line::new("250 ok");
                    desk.tell(&id("C1"), TellingAct::Answered { message, channel, accepted: true, words });
                }
            }
        }
        Move::Pass(minutes) => drop(desk.pass(*minutes)),
        Move::Start => drop(desk.act(
            "m.ortiz",
            Command::Report { item: id("C1"), started: Some(desk.now), finished: None, outcome: None },
        )),
        Move::End(well) => {
            let outcome = if *well { "successful" } else { "failed" };
            let outcome = serde_json::from_value(outcome.into()).unwrap();
            let now = desk.now;
            drop(desk.act(
                "m.ortiz",
                Command::Report {
                    item: id("C1"),
                    started: None,
                    finished: Some(now),
                    outcome: Some(outcome),
                },
            ));
        }
        Move::Restart => {
            let fold = desk.folded();
            let waiting = |fold: &crate::ledger::fold::Fold| {
                fold.telling.waiting().map(|sent| Sent::clone(sent)).collect::<Vec<_>>()
            };
            assert_eq!(waiting(&fold), waiting(desk.ledger.fold()), "the log alone knows what waits");
        }
    }
}

fn sound(desk: &Desk, inboxes: &BTreeMap<String, Inbox>) {
    let comms = desk.ledger.comms(&id("C1"), desk.now).unwrap();
    for line in &comms.audiences {
        let open: Vec<u64> = desk
            .ledger
            .fold()
            .telling
            .of(&id("C1"), &line.audience)
            .filter(|sent| sent.waits())
            .map(|sent| sent.n)
            .collect();
        assert!(open.len() <= 1, "at most one message is on its way to {}: {open:?}", line.audience);
        assert!(line.due.is_none() || line.waiting.is_none(), "what waits is what is due: {line:?}");
        let inbox = inboxes.get(line.audience.as_str());
        let last = inbox.and_then(|inbox| inbox.messages.last()).map(|message| &message.outlook);
        let known = line.heard.as_ref().map(|heard| &heard.outlook);
        assert_eq!(known, last, "the board knows what {} knows", line.audience);
    }
    for inbox in inboxes.values() {
        for pair in inbox.messages.windows(2) {
            let same = pair[0].outlook == pair[1].outlook;
            let renewed = matches!(pair[1].kind, MessageKind::Reminder | MessageKind::RunningLate);
            assert!(!same || renewed, "nothing is told again that they know: {pair:?}");
            if pair[1].kind == MessageKind::Correction {
                assert_eq!(
                    pair[1].was.as_deref(),
                    Some(&pair[0].outlook),
                    "a correction quotes what they know"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_moves_contradicts_repeats_or_forgets(sequence in moves()) {
        let mut desk = board();
        let mut inboxes = BTreeMap::new();
        for next in &sequence {
            apply(&mut desk, &mut inboxes, next);
            sound(&desk, &inboxes);
        }
        // Once what is due was sent and handed over there is nothing to tell, and everybody who was told knows what is so.
        desk.pass(60);
        apply(&mut desk, &mut inboxes, &Move::Send);
        apply(&mut desk, &mut inboxes, &Move::HandOver(Some(true)));
        sound(&desk, &inboxes);
        prop_assert_eq!(desk.due("C1"), vec![]);
    }
}
