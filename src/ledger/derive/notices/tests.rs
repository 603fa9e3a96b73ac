use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    ledger::{
        command::{Command, RunCommand},
        desk::{Desk, at, id},
        event::{Event, NoticeAct, Vote},
    },
    model::{NoticeKind, Prose, State, time::MINUTE},
};

const VOTERS: [&str; 5] = ["m.ortiz", "s.varga", "a.chen", "k.wu", "r.diaz"];

fn board() -> Desk {
    Desk::payments(json!({}))
}

impl Desk {
    /// States of a person that are so now, with their items, but for clashes.
    fn so(&self, person: &str) -> Vec<(NoticeState, String)> {
        let all = self.ledger.notices_of(&id(person), self.now);
        all.into_iter()
            .filter(|notice| notice.key.state != NoticeState::Clash)
            .map(|notice| {
                (notice.key.state, notice.key.item.map(|item| item.to_string()).unwrap_or_default())
            })
            .collect()
    }

    fn states(&self, person: &str) -> Vec<NoticeState> {
        self.so(person).into_iter().map(|(state, _)| state).collect()
    }

    fn open_round(&mut self) {
        if self.ledger.fold().open_round(&id("C1")).is_none() {
            self.act("m.ortiz", Command::Open { item: id("C1") }).unwrap();
        }
    }

    fn run_act(&mut self, person: &str, act: RunCommand) -> Result<String, crate::ledger::command::Problem> {
        self.act(person, Command::Run { activity: id("C1"), act })
    }
}

#[test]
fn a_vote_that_is_needed_is_told_to_who_may_vote_until_they_did() {
    let mut desk = board();
    desk.open_round();
    for voter in VOTERS {
        assert_eq!(desk.so(voter), [(NoticeState::VoteNeeded, "C1".to_owned())], "{voter}");
    }
    assert_eq!(desk.so("x.out"), vec![], "who has no seat");
    assert_eq!(desk.so("j.lind"), vec![], "who is tied");
    desk.vote("a.chen", "C1", Vote::Approve).unwrap();
    assert_eq!(desk.so("a.chen"), vec![], "it is gone as they voted");
    desk.edit("j.lind", "C1", |change| change.services = vec!["lb-02".into()]).unwrap();
    assert_eq!(desk.states("a.chen"), [NoticeState::EditedAfterVote]);
    assert_eq!(desk.states("k.wu"), [NoticeState::VoteNeeded], "who had not voted");
}

#[test]
fn a_deadline_is_near_a_day_before_or_when_half_of_the_time_is_over() {
    let policies =
        |hours: i64| json!({"policies": [{"id": "default", "board": "cab", "deadline_hours": hours}]});
    for hours in [72, 12] {
        let mut desk = Desk::payments(policies(hours));
        desk.open_round();
        let round = desk.ledger.fold().round(&id("C1")).unwrap();
        let (from, deadline) = (round.opened_at, round.deadline.expect("it has one"));
        let half = from.plus((deadline - from) / 2).max(deadline.plus(-DAY));
        desk.now = half.plus(-MINUTE);
        assert_eq!(desk.states("k.wu"), [NoticeState::VoteNeeded], "{hours}");
        desk.now = half.plus(MINUTE);
        assert_eq!(desk.states("k.wu"), [NoticeState::DeadlineNear], "{hours}");
        desk.now = deadline.plus(1);
        assert!(!desk.states("k.wu").contains(&NoticeState::DeadlineNear), "no vote counts any more");
    }
}

#[test]
fn the_owner_hears_of_questions_decisions_and_clashes_and_never_of_their_own() {
    let mut desk = board();
    desk.act("k.wu", Command::Question { item: id("C1"), text: "who tests it?".into() }).unwrap();
    assert_eq!(desk.states("j.lind"), [NoticeState::Question]);
    assert!(!desk.states("p.novak").contains(&NoticeState::Question), "it goes to the owner");
    desk.act("j.lind", Command::Question { item: id("C1"), text: "and when?".into() }).unwrap();
    assert_eq!(desk.states("j.lind").len(), 1, "their own question is no news to them");
    for question in [1, 2] {
        desk.act("m.ortiz", Command::Answer { item: id("C1"), question, text: "ops".into() }).unwrap();
    }
    assert_eq!(desk.so("j.lind"), vec![]);

    desk.open_round();
    for voter in VOTERS {
        if desk.ledger.fold().open_round(&id("C1")).is_some() {
            desk.vote(voter, "C1", Vote::Approve).unwrap();
        }
    }
    assert_eq!(desk.states("j.lind"), [NoticeState::Decided]);
    assert_eq!(desk.states("p.novak"), [NoticeState::Decided]);
    desk.pass(1);
    let revision = desk.revision("C1");
    desk.act("j.lind", Command::Read { item: id("C1"), revision }).unwrap();
    assert_eq!(desk.so("j.lind"), vec![], "they opened it");
    desk.edit("j.lind", "C1", |change| change.services = vec!["lb-02".into()]).unwrap();
    let lapsed = desk.states("p.novak").contains(&NoticeState::Lapsed);
    assert!(lapsed || desk.ledger.fold().open_round(&id("C1")).is_some());
}

#[test]
fn a_clash_of_two_of_theirs_is_told_once_and_not_once_it_is_acknowledged() {
    let change = |name: &str, owner: &str| {
        json!({"id": name, "title": name, "kind": "normal", "state": "scheduled", "risk": "low", "owner": owner, "services": ["lb-01"],
            "rollback_plan": "back", "planned_start": "2026-11-25T21:00:00Z", "planned_end": "2026-11-25T22:30:00Z"})
    };
    let clashes = |desk: &Desk, person: &str| {
        let all = desk.ledger.notices_of(&id(person), desk.now);
        let with =
            |notice: &Notice| notice.key.state == NoticeState::Clash && notice.about.contains(" with ");
        all.into_iter().filter(with).collect::<Vec<_>>()
    };
    let both = Desk::payments(json!({"changes": [change("A", "j.lind"), change("B", "j.lind")]}));
    let pairs: BTreeSet<String> = both
        .ledger
        .notices_of(&id("j.lind"), both.now)
        .into_iter()
        .filter(|notice| notice.key.state == NoticeState::Clash && !notice.about.is_empty())
        .filter(|notice| notice.key.mark.ends_with(" B"))
        .map(|notice| notice.key.item.unwrap().to_string())
        .collect();
    assert_eq!(pairs, BTreeSet::from(["A".to_owned()]), "of two of theirs one tells of it");
    let two = Desk::payments(json!({"changes": [change("A", "j.lind"), change("B", "p.novak")]}));
    assert!(!clashes(&two, "j.lind").is_empty() && !clashes(&two, "p.novak").is_empty());
    assert_eq!(clashes(&two, "k.wu"), vec![]);
    let mut two = two;
    let pairs = two.ledger.conflicts_of(&id("A")).filter(|row| row.key.b.is_some());
    let keys: Vec<_> = pairs.map(|row| row.key.clone()).collect();
    for conflict in keys {
        let until = two.now.plus(DAY);
        let done = two.act("m.ortiz", Command::Acknowledge { conflict, reason: "we know".into(), until });
        assert!(done.is_ok(), "{done:?}");
    }
    assert_eq!(clashes(&two, "j.lind"), vec![]);
    two.now = at(10 * 24 * 60);
    assert_eq!(clashes(&two, "p.novak"), vec![], "it is over");
}

#[test]
fn a_run_that_may_start_is_late_or_held_is_told_to_its_hands() {
    let mut desk = Desk::payments(json!({"services": [{"id": "lb-01"}],
        "changes": [{"id": "C1", "title": "Core switch", "kind": "normal", "state": "authorize", "risk": "low",
            "owner": "j.lind", "operators": ["p.novak"], "services": ["lb-01"], "rollback_plan": "boot slot B",
            "rollback_minutes": 5, "planned_start": "2026-11-25T21:00:00Z", "planned_end": "2026-11-25T22:30:00Z",
            "steps": [{"text": "switch"}]}]}));
    let runs = |desk: &Desk, person: &str| {
        let all = desk.so(person).into_iter().map(|(state, _)| state);
        all.filter(|state| state.kind() == NoticeKind::Run && *state != NoticeState::ToDecide)
            .collect::<Vec<_>>()
    };
    desk.open_round();
    for voter in VOTERS {
        if desk.ledger.fold().open_round(&id("C1")).is_some() {
            desk.vote(voter, "C1", Vote::Approve).unwrap();
        }
    }
    desk.pass(55 * 60 - 5);
    assert_eq!(runs(&desk, "j.lind"), vec![], "it may not start before its time");
    desk.pass(6);
    assert_eq!(runs(&desk, "j.lind"), [NoticeState::MayStart]);
    assert_eq!(runs(&desk, "p.novak"), [NoticeState::MayStart], "who operates it");
    assert_eq!(runs(&desk, "k.wu"), vec![]);
    desk.pass(15);
    assert_eq!(runs(&desk, "j.lind"), [NoticeState::Late], "it should have started");
    desk.run_act("j.lind", RunCommand::Start { at: None, reason: Some("now".into()) }).unwrap();
    assert!(!runs(&desk, "j.lind").contains(&NoticeState::MayStart));
    desk.run_act("p.novak", RunCommand::Hold { reason: Some("a alarm".into()) }).unwrap();
    assert!(runs(&desk, "j.lind").contains(&NoticeState::Held));
    assert!(!runs(&desk, "p.novak").contains(&NoticeState::Held), "who holds it knows");
    desk.run_act("p.novak", RunCommand::Resume { answer: None }).unwrap();
    assert!(!runs(&desk, "j.lind").contains(&NoticeState::Held));
    desk.pass(120);
    assert!(runs(&desk, "j.lind").contains(&NoticeState::Late), "{:?}", desk.so("j.lind"));
}

#[test]
fn an_action_is_overdue_the_day_after_its_day() {
    let mut desk = board();
    let add = Command::AddAction {
        meeting: None,
        item: None,
        text: "write it down".into(),
        owner: id("k.wu"),
        due: Some("2026-11-24".parse().unwrap()),
    };
    desk.act("m.ortiz", add).unwrap();
    assert!(!desk.states("k.wu").contains(&NoticeState::Overdue));
    desk.now = "2026-11-24T23:59:00Z".parse().unwrap();
    assert!(!desk.states("k.wu").contains(&NoticeState::Overdue), "its day is not over");
    desk.now = "2026-11-25T00:00:00Z".parse().unwrap();
    assert!(desk.states("k.wu").contains(&NoticeState::Overdue));
    desk.act("k.wu", Command::CloseAction { action: 1, note: None }).unwrap();
    assert!(!desk.states("k.wu").contains(&NoticeState::Overdue));
}

#[test]
fn how_somebody_votes_in_secret_moves_nobody_elses_notices() {
    let world = |vote: Vote| {
        let mut desk = Desk::payments(
            json!({"policies": [{"id": "default", "board": "cab", "secret": true, "early_close": "off"}]}),
        );
        desk.open_round();
        desk.vote("a.chen", "C1", vote).unwrap();
        desk.pass(30);
        let people: BTreeSet<Id> =
            VOTERS.iter().chain(&["j.lind", "p.novak", "x.out"]).map(|person| id(person)).collect();
        desk.ledger.notices(&people, desk.now)
    };
    let approve = world(Vote::Approve);
    assert!(!approve.is_empty());
    for vote in [Vote::Reject, Vote::Abstain] {
        assert_eq!(world(vote), approve, "{vote:?}");
    }
}

#[test]
fn what_a_channel_refused_is_due_again_and_what_it_gave_up_is_not() {
    let mut desk = board();
    desk.open_round();
    let wanted = wanted();
    let mut inbox = Inboxes::default();
    hand_over(&mut desk, &wanted, &mut inbox, Some(false));
    assert!(inbox.0.is_empty());
    let (now, later) = desk.ledger.notices_to_hand_over(&wanted, &|_, _| true, desk.now);
    assert!(now.is_empty() && later.is_some_and(|at| at > desk.now), "the channel rests first: {later:?}");
    desk.pass(1);
    hand_over(&mut desk, &wanted, &mut inbox, Some(true));
    assert!(inbox.0.contains_key(&("m.ortiz".to_owned(), "mail".to_owned())), "{inbox:?}");

    let mut desk = board();
    desk.open_round();
    let (handings, _) = desk.ledger.notices_to_hand_over(&wanted, &|_, _| true, desk.now);
    let handing = handings.first().unwrap();
    let message = record(&mut desk, handing);
    let act = NoticeAct::Refused { message, words: Line::new("550 nobody"), gave_up: true };
    say(&mut desk, &handing.person, act);
    desk.pass(24 * 60);
    let again = desk.ledger.notices_to_hand_over(&wanted, &|_, _| true, desk.now).0;
    let same = again.iter().filter(|one| one.person == handing.person && one.channel == handing.channel);
    let told: BTreeSet<&NoticeKey> = handing.notices.iter().map(|notice| &notice.key).collect();
    for one in same {
        assert!(one.notices.iter().all(|notice| !told.contains(&notice.key)), "{one:?}");
    }
}

/// How some people want to hear.
fn wanted() -> BTreeMap<Id, Preferences> {
    let said = json!({
        "m.ortiz": {"channels": ["mail"], "gather_minutes": 0},
        "s.varga": {"channels": ["mail", "chat"], "quiet": {"from": "20:00", "to": "08:00"}},
        "j.lind": {"channels": ["mail"], "quiet": {"from": "22:00", "to": "06:00"}, "gather_minutes": 60},
        "p.novak": {"channels": ["chat"], "off": ["my_item"]},
        "k.wu": {"channels": ["mail"], "gather_minutes": 5},
        "x.out": {"channels": ["mail"]}});
    serde_json::from_value(said).unwrap()
}

/// What came to people, by person and channel.
#[derive(Debug, Default)]
struct Inboxes(BTreeMap<(String, String), Vec<NoticeKey>>);

fn say(desk: &mut Desk, person: &Id, act: NoticeAct) {
    let event = Event::Notified { person: person.clone(), act: Box::new(act) };
    desk.commit(|tx| tx.record(event)).unwrap();
}

/// Puts on the record that this is handed over; the number of its event.
fn record(desk: &mut Desk, handing: &PersonalHanding) -> u64 {
    let states = handing.notices.iter().map(|notice| notice.key.clone()).collect();
    say(desk, &handing.person, NoticeAct::HandedOver { channel: handing.channel.clone(), states });
    desk.ledger.fold().notices.heard(&handing.person, &handing.channel).unwrap().digests.back().unwrap().n
}

/// Hands over what is due, as the hub does; each channel answers so, or not at all.
fn hand_over(
    desk: &mut Desk,
    wanted: &BTreeMap<Id, Preferences>,
    inboxes: &mut Inboxes,
    answer: Option<bool>,
) {
    let (handings, _) = desk.ledger.notices_to_hand_over(wanted, &|_, _| true, desk.now);
    for handing in handings {
        let preferences = &wanted[&handing.person];
        // As another process took it, nothing of it is due any more.
        assert!(desk.ledger.notices_still_due(&handing, preferences, desk.now));
        sound(desk, &handing, preferences);
        let message = record(desk, &handing);
        assert!(!desk.ledger.notices_still_due(&handing, preferences, desk.now), "nothing twice");
        let (person, channel) = (handing.person.to_string(), handing.channel.to_string());
        let words = Line::new("so");
        if answer == Some(false) {
            say(desk, &handing.person, NoticeAct::Refused { message, words, gave_up: false });
            continue;
        }
        let inbox = inboxes.0.entry((person, channel)).or_default();
        for notice in &handing.notices {
            assert!(!inbox.contains(&notice.key), "a state is told once: {notice:?}");
            inbox.push(notice.key.clone());
        }
        if answer == Some(true) {
            say(desk, &handing.person, NoticeAct::Answered { message, accepted: true, words });
        }
    }
}

/// What is handed over is so, wanted, not their own act, and does not wait for the morning.
fn sound(desk: &Desk, handing: &PersonalHanding, wanted: &Preferences) {
    let so = desk.ledger.notices_of(&handing.person, desk.now);
    let held = quiet(wanted, handing.zone, desk.now);
    let me = handing.person.as_str();
    for notice in &handing.notices {
        assert!(so.contains(notice), "what is told is so: {notice:?}");
        assert!(wanted.wants(notice), "what is told is wanted: {notice:?}");
        assert!(held.is_none() || is_urgent(notice, desk.now, held), "it waits for the morning: {notice:?}");
        let item = notice.key.item.as_ref().and_then(|item| desk.ledger.fold().get(item));
        let round = item.and_then(|item| item.rounds.last());
        match notice.key.state {
            NoticeState::VoteNeeded | NoticeState::DeadlineNear | NoticeState::EditedAfterVote => {
                assert!(!round.unwrap().votes.contains_key(&handing.person), "they voted");
                assert!(!desk.ledger.tied(&id("C1")).contains(&handing.person), "they may not vote");
            }
            NoticeState::Question | NoticeState::Held => {
                assert_ne!(notice.about.as_str(), me, "their own act")
            }
            NoticeState::Decided => {
                assert_ne!(round.unwrap().closed.as_ref().unwrap().by.as_str(), me, "their own act");
            }
            NoticeState::VotedForThem
            | NoticeState::Clash
            | NoticeState::Lapsed
            | NoticeState::MayStart
            | NoticeState::Late
            | NoticeState::ToDecide
            | NoticeState::Overdue => {}
        }
    }
}

/// What may happen around one change, in the order in which chance brings it.
#[derive(Debug, Clone)]
enum Move {
    Plan(i64),
    Edit(bool),
    Cancel(bool),
    Open,
    Vote(usize, Vote),
    Withdraw(usize),
    Close,
    Ask(bool),
    Answer(u32),
    Read,
    Start,
    Hold(bool),
    Resume,
    Action(u64),
    CloseAction(u32),
    HandOver(Option<bool>),
    Pass(i64),
    /// The log is read anew.
    Restart,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let vote = prop_oneof![Just(Vote::Approve), Just(Vote::Reject), Just(Vote::Abstain)];
    let one = prop_oneof![
        2 => (-1..4i64).prop_map(Move::Plan),
        2 => any::<bool>().prop_map(Move::Edit),
        1 => any::<bool>().prop_map(Move::Cancel),
        3 => Just(Move::Open),
        6 => (0..VOTERS.len(), vote).prop_map(|(who, vote)| Move::Vote(who, vote)),
        1 => (0..VOTERS.len()).prop_map(Move::Withdraw),
        1 => Just(Move::Close),
        2 => any::<bool>().prop_map(Move::Ask),
        1 => (1..4u32).prop_map(Move::Answer),
        1 => Just(Move::Read),
        1 => Just(Move::Start),
        1 => any::<bool>().prop_map(Move::Hold),
        1 => Just(Move::Resume),
        1 => (0..5u64).prop_map(Move::Action),
        1 => (1..4u32).prop_map(Move::CloseAction),
        7 => prop_oneof![Just(None), Just(Some(true)), Just(Some(false))].prop_map(Move::HandOver),
        5 => (1..900i64).prop_map(Move::Pass),
        1 => Just(Move::Restart),
    ];
    prop::collection::vec(one, 1..40)
}

/// What is refused changes nothing.
fn apply(desk: &mut Desk, wanted: &BTreeMap<Id, Preferences>, inboxes: &mut Inboxes, next: &Move) {
    let item = || id("C1");
    let text = || Prose::new("so");
    let hand = |owner: bool| if owner { "j.lind" } else { "p.novak" };
    match next {
        Move::Plan(days) => {
            drop(desk.act("m.ortiz", Command::Move { item: item(), start: at(0).plus(days * DAY + 3_600) }));
        }
        Move::Edit(more) => {
            let services = if *more { vec!["lb-01".into(), "shop".into()] } else { vec!["lb-01".into()] };
            drop(desk.edit("j.lind", "C1", |change| change.services.clone_from(&services)));
        }
        Move::Cancel(off) => {
            let state = if *off { State::Cancelled } else { State::Authorize };
            drop(desk.edit("m.ortiz", "C1", |change| change.state = state.into()));
        }
        Move::Open => drop(desk.act("m.ortiz", Command::Open { item: item() })),
        Move::Vote(who, vote) => {
            if desk.ledger.fold().open_round(&item()).is_some() {
                drop(desk.vote(VOTERS[*who], "C1", *vote));
            }
        }
        Move::Withdraw(who) => drop(desk.act(VOTERS[*who], Command::Withdraw { item: item() })),
        Move::Close => drop(desk.act("m.ortiz", Command::Close { item: item() })),
        Move::Ask(owner) => drop(desk.act(hand(*owner), Command::Question { item: item(), text: text() })),
        Move::Answer(question) => {
            let question = *question;
            drop(desk.act("j.lind", Command::Answer { item: item(), question, text: text() }));
        }
        Move::Read => {
            let revision = desk.revision("C1");
            drop(desk.act("j.lind", Command::Read { item: item(), revision }));
        }
        Move::Start => {
            drop(desk.run_act("j.lind", RunCommand::Start { at: None, reason: Some(text()) }));
        }
        Move::Hold(owner) => drop(desk.run_act(hand(*owner), RunCommand::Hold { reason: Some(text()) })),
        Move::Resume => drop(desk.run_act("j.lind", RunCommand::Resume { answer: Some(text()) })),
        Move::Action(days) => {
            let due = Some("2026-11-23".parse::<chrono::NaiveDate>().unwrap() + chrono::Days::new(*days));
            let owner = id("k.wu");
            drop(
                desk.act(
                    "m.ortiz",
                    Command::AddAction { meeting: None, item: None, text: text(), owner, due },
                ),
            );
        }
        Move::CloseAction(action) => {
            drop(desk.act("k.wu", Command::CloseAction { action: *action, note: None }));
        }
        Move::HandOver(answer) => hand_over(desk, wanted, inboxes, *answer),
        Move::Pass(minutes) => drop(desk.pass(*minutes)),
        Move::Restart => {
            let fold = desk.folded();
            for person in wanted.keys() {
                let heard = |book: &crate::ledger::fold::NoticeBook| {
                    book.of(person)
                        .map(|(channel, heard)| (channel.clone(), heard.clone()))
                        .collect::<Vec<_>>()
                };
                assert_eq!(
                    heard(&fold.notices),
                    heard(&desk.ledger.fold().notices),
                    "the log alone knows what was told"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_acts_tells_twice_or_what_is_not_so_or_forgets(sequence in moves()) {
        let mut desk = board();
        let wanted = wanted();
        let mut inboxes = Inboxes::default();
        for next in &sequence {
            apply(&mut desk, &wanted, &mut inboxes, next);
        }
        // Two noons later every channel has rested and nobody is left in peace: what is so was told to who wants it.
        for _ in 0..3 {
            let noon = desk.now.plus(DAY).secs().div_euclid(DAY) * DAY + 12 * 3_600;
            desk.now = Instant::from_secs(noon);
            desk.pass(0);
            hand_over(&mut desk, &wanted, &mut inboxes, Some(true));
        }
        for (person, preferences) in &wanted {
            let so = desk.ledger.notices_of(person, desk.now);
            for channel in &preferences.channels {
                let inbox = inboxes.0.get(&(person.to_string(), channel.to_string()));
                for notice in so.iter().filter(|notice| preferences.wants(notice)) {
                    prop_assert!(
                        inbox.is_some_and(|inbox| inbox.contains(&notice.key)),
                        "{person} was never told by {channel}: {notice:?}"
                    );
                }
            }
        }
    }
}
