//! Writes to sources: made with the act, sent once, held when the item moved, never in another's name.

use super::{
    scripted::{Scripted, planned, submit},
    *,
};
use crate::{
    ledger::command::RunCommand,
    model::{BoardFile, Outcome, Scope, SourceId, Vote},
    source::{Point, Pushed, What},
    wire::WriteState,
};

struct World {
    dir: tempfile::TempDir,
    system: Scripted,
    hand: Hand,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        let (hand, clock) = Hand::at(noon());
        Self {
            dir: tempfile::tempdir().unwrap(),
            system: Scripted::new("sys:1", "Patch", "undo"),
            hand,
            clock,
        }
    }

    /// A program of `login`, with or without a credential of their own there.
    async fn open(&self, login: &str, me: bool) -> Hub {
        let identity =
            Identity { login: login.to_owned(), owns_board: login == "ana", claimed: None, verified: false };
        let path = board(&self.dir);
        if !path.exists() {
            // Who decides is known before there is anything to decide.
            let hub = open(Options::file(&path, self.clock.clone(), identity.clone())).await.unwrap();
            Self::seat(&hub).await;
            ask(&hub, |reply| Request::Close { reply }).await.unwrap();
        }
        let sources = vec![self.system.configured(me)];
        let hub =
            open(Options { sources, ..Options::file(path, self.clock.clone(), identity) }).await.unwrap();
        until(&hub, "a round is open", |s| s.open_tally(&id("sys:1")).is_some()).await;
        hub
    }

    async fn seat(hub: &Hub) {
        let people = r#"{"version":1,"people":[{"id":"ana","login":"ana"},{"id":"bo","login":"bo"},{"id":"cy","login":"cy"}],
            "boards":[{"id":"cab","seats":[{"person":"ana","role":"chair"},{"person":"bo"},{"person":"cy"}]}]}"#;
        let file: BoardFile = serde_json::from_str(people).unwrap();
        let from = Line::new("people");
        submit(hub, Command::Import { from, source: SourceId::board(), file: Box::new(file), given: None })
            .await
            .unwrap();
    }

    fn sent(&self) -> Vec<What> {
        self.system.sent()
    }

    fn answer(&self, pushed: Pushed) {
        self.system.system().answers.push_back(pushed);
    }
}

async fn vote(hub: &Hub, vote: Vote) {
    let revision = hub.snapshot.borrow().open_tally(&id("sys:1")).unwrap().revision;
    let comment = (vote == Vote::Reject).then(|| Prose::new("not yet"));
    let command = Command::Vote { item: id("sys:1"), revision, vote, comment, on_behalf: None };
    submit(hub, command).await.unwrap();
}

async fn pushed(hub: &Hub) -> Vec<(bool, String)> {
    let question = Question::Log { filter: LogFilter { limit: 100, ..LogFilter::default() } };
    match ask(hub, |reply| Request::Ask { actor: asking(), question, reply }).await.unwrap() {
        Answer::Log(page) => page
            .entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Pushed { accepted, write, .. } => Some((*accepted, write.clone())),
                _ => None,
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_vote_and_a_comment_go_out_with_the_act_and_are_in_the_record() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    vote(&hub, Vote::Approve).await;
    submit(&hub, Command::Comment { item: id("sys:1"), text: Prose::new("go ahead") }).await.unwrap();
    until(&hub, "both are through", |s| s.writes.is_empty() && world.sent().len() == 2).await;
    let sent = world.system.system().sent.clone();
    assert_eq!(sent[0].what, What::Vote { approve: true, comment: None });
    assert_eq!(sent[1].what, What::Comment { text: Prose::new("go ahead") });
    assert!(sent.iter().all(|write| write.own && write.person == Some(id("ana"))), "{sent:?}");
    assert_eq!(pushed(&hub).await, [(true, "comment".into()), (true, "vote yes".into())]);
}

#[tokio::test]
async fn an_abstention_and_a_vote_without_ones_own_credential_stay_here() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    vote(&hub, Vote::Abstain).await;
    close(&hub).await;
    let without = world.open("bo", false).await;
    vote(&without, Vote::Reject).await;
    // Something that is sent, so that there is a moment to look at.
    submit(&without, Command::Comment { item: id("sys:1"), text: Prose::new("seen") }).await.unwrap();
    let seen = What::Comment { text: Prose::new("seen") };
    until(&without, "the comment is through", |_| world.sent().contains(&seen)).await;
    assert!(world.sent().iter().all(|what| !matches!(what, What::Vote { .. })), "{:?}", world.sent());
    let all_by_the_source = world.system.system().sent.iter().all(|write| !write.own);
    assert!(all_by_the_source, "the account of the source speaks for the board");
}

#[tokio::test]
async fn a_vote_on_what_changed_there_is_held() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    world.system.system().plan = "pray".into();
    vote(&hub, Vote::Approve).await;
    let held = until(&hub, "held", |s| s.writes.iter().any(|row| row.state == WriteState::Held)).await;
    assert!(held.writes[0].words.contains("changed there"), "{:?}", held.writes);
    assert_eq!(world.sent(), [], "nothing was sent");
    assert!(
        held.open_tally(&id("sys:1")).is_some_and(|tally| tally.round == 2),
        "a round on what stands now"
    );
}

#[tokio::test]
async fn what_may_have_arrived_is_asked_for_again_and_what_is_refused_is_said() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    world.answer(Pushed::Unknown(Line::new("no answer came")));
    world.answer(Pushed::Refused(Line::new("no approval of yours is waiting")));
    vote(&hub, Vote::Approve).await;
    let unsure = until(&hub, "unsure", |s| {
        s.writes.iter().any(|row| row.state == WriteState::Sending && row.words == "no answer came")
    })
    .await;
    assert_eq!((world.sent().len(), unsure.writes[0].attempts), (1, 1));
    // Restarted in between: the write is durable.
    close(&hub).await;
    world.hand.set(noon().plus(60));
    let again = world.open("ana", true).await;
    let refused =
        until(&again, "refused", |s| s.writes.iter().any(|row| row.state == WriteState::Refused)).await;
    assert_eq!(refused.writes[0].words, "no approval of yours is waiting");
    assert_eq!(world.sent().len(), 2, "the adapter reads before it writes");
    assert_eq!(pushed(&again).await, [(false, "vote yes".into())]);
}

#[tokio::test]
async fn a_decision_becomes_one_note() {
    let world = World::new();
    let hub = world.open("ana", false).await;
    submit(&hub, Command::Close { item: id("sys:1") }).await.unwrap();
    until(&hub, "the note is through", |_| !world.sent().is_empty()).await;
    let sent = world.sent();
    let [What::Decision { text, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert!(text.starts_with("Change advisory board: "), "{text:?}");
}

async fn go(hub: &Hub, start: Instant) -> Result<Receipt, Problem> {
    submit(hub, Command::Move { item: id("sys:1"), start }).await
}

fn to(days: i64) -> Instant {
    planned().plus(days * 86_400)
}

fn shown_at(snapshot: &Snapshot) -> Option<Instant> {
    snapshot.activities[&id("sys:1")].planned.start()
}

#[tokio::test]
async fn a_move_goes_to_the_source_and_the_board_shows_it_when_the_source_does() {
    for own in [true, false] {
        let world = World::new();
        let hub = world.open("ana", own).await;
        let receipt = go(&hub, to(1)).await.unwrap();
        assert!(receipt.said.contains("in sys; the board follows"), "{}", receipt.said);
        assert_eq!(shown_at(&hub.snapshot.borrow()), Some(planned()), "it is where its source has it");
        until(&hub, "it is through", |s| s.writes.is_empty() && world.sent().len() == 1).await;
        let sent = world.system.system().sent[0].clone();
        let want = What::Dates { was: planned(), start: to(1), end: Some(to(1).plus(3600)) };
        assert_eq!((sent.what, sent.own, sent.name.as_str()), (want, own, "ana"));
        assert_eq!(pushed(&hub).await, [(true, "planned dates".into())]);
        // The source is read again soon after a write.
        world.hand.set(noon().plus(60));
        let after = until(&hub, "the board follows", |s| shown_at(s) == Some(to(1))).await;
        assert!(after.writes.is_empty(), "{:?}", after.writes);
    }
}

#[tokio::test]
async fn a_move_of_what_changed_there_is_held() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    world.system.system().plan = "pray".into();
    go(&hub, to(1)).await.unwrap();
    let held = until(&hub, "held", |s| s.writes.iter().any(|row| row.state == WriteState::Held)).await;
    assert!(held.writes[0].words.contains("since you moved it"), "{:?}", held.writes);
    assert_eq!((world.sent(), held.writes[0].what.as_str()), (vec![], "planned dates"));
}

#[tokio::test]
async fn a_later_move_takes_the_place_of_one_that_is_not_through() {
    let later = Pushed::Later { words: Line::new("busy"), after: None };
    for first in [later, Pushed::Unknown(Line::new("no answer came"))] {
        let world = World::new();
        let hub = world.open("ana", true).await;
        world.answer(first);
        go(&hub, to(1)).await.unwrap();
        until(&hub, "to be tried again", |s| s.writes.iter().any(|row| !row.words.is_empty())).await;
        go(&hub, to(2)).await.unwrap();
        let done = until(&hub, "the later one is through", |_| world.sent().len() == 2).await;
        assert_eq!(world.system.system().start, to(2));
        world.hand.set(noon().plus(4000));
        let after = until(&hub, "the board follows", |s| shown_at(s) == Some(to(2))).await;
        assert_eq!(world.sent().len(), 2, "the earlier one is not sent again");
        let [row] = &after.writes[..] else { panic!("{:?} {:?}", done.writes, after.writes) };
        assert_eq!((row.state, row.words.as_str()), (WriteState::Refused, "replaced by a later move"));
    }
}

#[tokio::test]
async fn where_a_source_takes_no_dates_nothing_is_proposed() {
    let world = World::new();
    world.system.system().dates = Err("it is carved in stone");
    let hub = world.open("ana", true).await;
    let before = hub.snapshot.borrow().events;
    let refused = go(&hub, to(1)).await.unwrap_err();
    assert_eq!(refused.kind, ProblemKind::NotAllowed);
    assert!(refused.title.contains("belongs to sys") && refused.title.contains("carved"), "{refused:?}");
    assert_eq!(refused.hint.as_deref(), Some("change it in sys; the board follows"));
    let after = hub.snapshot.borrow().clone();
    assert_eq!((after.events, &after.sources[0].dates), (before, &Some(Line::new("it is carved in stone"))));
}

/// Another hand on the board's file, which can make the store refuse some writes as a full disk would.
fn refusing(path: &Path, on: &str, when: &str) -> rusqlite::Connection {
    let hand = rusqlite::Connection::open(path).unwrap();
    hand.execute_batch(&format!(
        "CREATE TRIGGER refuse_update BEFORE UPDATE ON {on} WHEN {when} BEGIN SELECT RAISE(ABORT, 'no room'); END;
         CREATE TRIGGER refuse_insert BEFORE INSERT ON {on} WHEN {when} BEGIN SELECT RAISE(ABORT, 'no room'); END;"
    ))
    .unwrap();
    hand
}

fn allow(hand: &rusqlite::Connection) {
    hand.execute_batch("DROP TRIGGER refuse_update; DROP TRIGGER refuse_insert;").unwrap();
}

/// How often something new is published while so many questions are answered one after the other.
async fn published_while_asked(hub: &Hub, questions: usize) -> usize {
    let mut watch = hub.snapshot.clone();
    watch.borrow_and_update();
    let mut published = 0;
    for _ in 0..questions {
        page(hub, LogFilter { limit: 1, ..LogFilter::default() }).await;
        tokio::task::yield_now().await;
        if watch.has_changed().unwrap() {
            watch.borrow_and_update();
            published += 1;
        }
    }
    published
}

#[tokio::test]
async fn a_write_whose_sending_cannot_be_recorded_waits_and_goes_out_once() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    let hand = refusing(&board(&world.dir), "outbox", "new.state = 'sending'");
    vote(&hub, Vote::Approve).await;
    let waiting =
        until(&hub, "it waits", |s| s.writes.iter().any(|row| row.state == WriteState::Queued)).await;
    assert_eq!((world.sent(), waiting.writes.len()), (vec![], 1));
    // The hub answers, and does not try again before its time.
    let tries = published_while_asked(&hub, 200).await;
    assert!(tries <= 5, "it was tried {tries} times while nobody asked for it");
    world.hand.set(noon().plus(6));
    page(&hub, LogFilter { limit: 1, ..LogFilter::default() }).await;
    assert_eq!(world.sent(), [], "it is not sent unrecorded");
    allow(&hand);
    world.hand.set(noon().plus(60));
    until(&hub, "it is through", |s| s.writes.is_empty() && world.sent().len() == 1).await;
    assert_eq!(pushed(&hub).await, [(true, "vote yes".into())]);
}

#[tokio::test]
async fn what_is_due_and_cannot_be_recorded_is_not_tried_without_a_rest() {
    let world = World::new();
    let hub = world.open("ana", false).await;
    let policy = r#"{"version":1,"policies":[{"id":"default","board":"cab","rule":"majority","deadline_hours":4,"on_deadline":"defer"}]}"#;
    let file: BoardFile = serde_json::from_str(policy).unwrap();
    let from = Line::new("policy");
    submit(&hub, Command::Import { from, source: SourceId::board(), file: Box::new(file), given: None })
        .await
        .unwrap();
    submit(&hub, Command::Close { item: id("sys:1") }).await.unwrap();
    submit(&hub, Command::Open { item: id("sys:1") }).await.unwrap();
    let due = hub.snapshot.borrow().open_tally(&id("sys:1")).unwrap().deadline;
    let hand = refusing(&board(&world.dir), "events", "true");
    world.hand.set(due.unwrap().plus(1));
    let tries = published_while_asked(&hub, 200).await;
    assert!(tries <= 10, "it was tried {tries} times");
    let before = hub.snapshot.borrow().events;
    allow(&hand);
    world.hand.set(due.unwrap().plus(60));
    until(&hub, "it is recorded with the next minute", |s| s.events > before).await;
}

#[tokio::test]
async fn what_the_board_remembers_and_nobody_can_read_is_said_and_kept() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    vote(&hub, Vote::Approve).await;
    until(&hub, "it is through", |s| s.writes.is_empty() && world.sent().len() == 1).await;
    close(&hub).await;
    let hand = rusqlite::Connection::open(board(&world.dir)).unwrap();
    hand.execute_batch(
        "UPDATE cursors SET json = CAST('{\"from\":' AS BLOB);
         UPDATE outbox SET json = CAST('{}' AS BLOB), state = 'queued';",
    )
    .unwrap();
    let kept = || -> Vec<u8> { hand.query_row("SELECT json FROM cursors", [], |row| row.get(0)).unwrap() };
    world.hand.set(noon().plus(4000));
    let hub = world.open("ana", true).await;
    let seen = until(&hub, "it is said", |s| {
        !s.provisional && s.sources.iter().any(|source| source.state == crate::wire::SourceState::Down)
    })
    .await;
    let error = seen.sources[0].error.clone().unwrap();
    assert!(
        error.contains("remembers of it cannot be read") && error.contains("sync --source sys"),
        "{error}"
    );
    let fault = seen.faults.iter().find(|fault| fault.message.contains("write")).expect("the write is named");
    assert!(fault.message.contains("cannot be read") && fault.message.contains("is not sent"), "{fault:?}");
    assert_eq!(kept(), b"{\"from\":", "it is not replaced by an empty one");
    ask(&hub, |reply| Request::Sync {
        actor: asking(),
        source: Some(SourceId::new("sys")),
        accept: false,
        reply,
    })
    .await
    .unwrap();
    let after = hub.snapshot.borrow().clone();
    assert_eq!(after.sources[0].state, crate::wire::SourceState::Fresh);
    assert_ne!(kept(), b"{\"from\":", "a person said so");
}

#[tokio::test]
async fn a_vote_of_somebody_whom_the_system_does_not_ask_is_ours_only_and_sent_once() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    world.answer(Pushed::Ours(Line::new("change 1 asks no validation of you")));
    vote(&hub, Vote::Approve).await;
    let held = until(&hub, "held", |s| s.writes.iter().any(|row| row.state == WriteState::Held)).await;
    assert_eq!(held.writes[0].words, "ours only: change 1 asks no validation of you");
    for minutes in [60, 120] {
        world.hand.set(noon().plus(minutes * 60));
        ask(&hub, |reply| Request::Retry { actor: asking(), source: None, reply }).await.unwrap();
        ask(&hub, |reply| Request::Sync {
            actor: asking(),
            source: Some(SourceId::new("sys")),
            accept: false,
            reply,
        })
        .await
        .unwrap();
    }
    assert_eq!(world.sent().len(), 1, "not at every pull");
    assert_eq!(pushed(&hub).await, [], "nothing was refused");
    let tally = hub.snapshot.borrow().open_tally(&id("sys:1")).map(|tally| tally.yes);
    assert_eq!(tally, Some(1), "it counts here");
}

#[tokio::test]
async fn a_vote_that_is_ours_only_is_sent_when_the_system_asks_the_person_later_and_once() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    for _ in 0..2 {
        world.answer(Pushed::Ours(Line::new("change 1 asks no validation of you")));
    }
    vote(&hub, Vote::Approve).await;
    until(&hub, "held", |s| s.writes.iter().any(|row| row.state == WriteState::Held)).await;
    let sync = || ask(&hub, |reply| Request::Sync { actor: asking(), source: None, accept: false, reply });
    // name; whom it asks; how often the vote was sent by then
    for (row, asks, sent) in [
        ("nobody", None, 1),
        ("somebody else", Some("bo"), 1),
        ("the person, and it says no again", Some("ana"), 2),
        ("as before: nothing is new", Some("ana"), 2),
        ("nobody again", Some("cy"), 2),
        ("the person once more", Some("ANA"), 3),
        ("and it has it", Some("ana"), 3),
    ] {
        world.system.system().asks = asks;
        sync().await.unwrap();
        assert_eq!(world.sent().len(), sent, "{row}");
        let held = hub.snapshot.borrow().writes.iter().any(|row| row.state == WriteState::Held);
        assert_eq!(held, sent < 3, "{row}");
    }
    assert_eq!(pushed(&hub).await, [(true, "vote yes".into())]);
}

#[tokio::test]
async fn a_write_that_a_credential_kept_back_is_sent_at_once_with_another_and_not_with_one_that_was_refused()
{
    let world = World::new();
    // name; the credential of a program that is started; whether it is right; how often the vote was sent by then
    for (row, credential, right, sent) in [
        ("a wrong one", Some(1), false, 1),
        ("the same in another program", Some(1), false, 1),
        ("another wrong one", Some(2), false, 2),
        ("the first again", Some(1), false, 2),
        ("one that is not known yet", None, false, 2),
        ("the right one", Some(3), true, 3),
    ] {
        world.system.system().credential = credential;
        if let (false, Some(by)) = (right, credential) {
            let mut system = world.system.system();
            system.answers.clear();
            system.answers.push_back(Pushed::Barred { words: Line::new("refuses the credentials"), by });
        } else {
            world.system.system().answers.clear();
        }
        let hub = world.open("ana", true).await;
        if world.sent().is_empty() {
            vote(&hub, Vote::Approve).await;
        }
        for _ in 0..3 {
            ask(&hub, |reply| Request::Sync { actor: asking(), source: None, accept: false, reply })
                .await
                .unwrap();
        }
        assert_eq!(world.sent().len(), sent, "{row}");
        assert_eq!(hub.snapshot.borrow().writes.is_empty(), right, "{row}");
        close(&hub).await;
    }
    let hub = world.open("ana", true).await;
    assert_eq!(pushed(&hub).await, [(true, "vote yes".into())]);
}

#[tokio::test]
async fn what_waits_for_its_next_try_goes_out_at_once_where_somebody_says_so() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    world.answer(Pushed::Later { words: Line::new("refuses the credentials"), after: Some(1800) });
    vote(&hub, Vote::Approve).await;
    until(&hub, "it waits", |s| s.writes.iter().any(|row| row.words == "refuses the credentials")).await;
    let sync = || {
        ask(&hub, |reply| Request::Sync {
            actor: asking(),
            source: Some(SourceId::new("sys")),
            accept: false,
            reply,
        })
    };
    sync().await.unwrap();
    assert_eq!(world.sent().len(), 1, "a pull alone does not try a refused credential again");
    let other = Some(SourceId::new("other"));
    ask(&hub, |reply| Request::Retry { actor: asking(), source: other, reply }).await.unwrap();
    sync().await.unwrap();
    assert_eq!(world.sent().len(), 1, "that was another source");
    ask(&hub, |reply| Request::Retry { actor: asking(), source: None, reply }).await.unwrap();
    sync().await.unwrap();
    until(&hub, "it is through", |s| s.writes.is_empty()).await;
    assert_eq!((world.sent().len(), pushed(&hub).await), (2, vec![(true, "vote yes".into())]));
}

fn points(world: &World) -> Vec<Point> {
    let point = |what: What| match what {
        What::Progress { point, .. } => point,
        other => panic!("{other:?}"),
    };
    world.sent().into_iter().map(point).collect()
}

#[tokio::test]
async fn a_run_of_a_systems_change_is_told_there_with_its_points_and_ticks_are_not() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    let run = |act| submit(&hub, Command::Run { activity: id("sys:1"), act });
    run(RunCommand::Start { at: None, reason: Some(Prose::new("the window is short")) }).await.unwrap();
    run(RunCommand::Hold { reason: Some(Prose::new("an alarm")) }).await.unwrap();
    run(RunCommand::Resume { answer: Some(Prose::new("the drain itself")) }).await.unwrap();
    world.hand.set(noon().plus(1800));
    run(RunCommand::End { at: None, outcome: Outcome::Successful, reason: None }).await.unwrap();
    until(&hub, "both are through", |s| s.writes.is_empty() && world.sent().len() == 2).await;
    assert_eq!(points(&world), [Point::Started, Point::Ended]);
    let sent = world.system.system().sent.clone();
    let texts: Vec<String> = sent.iter().map(|write| write.text(true)).collect();
    assert!(texts[0].starts_with("Started ") && texts[0].contains("the window is short"), "{texts:?}");
    assert!(texts[1].starts_with("Ended ") && texts[1].contains("successful"), "{texts:?}");
    assert!(sent.iter().all(|write| write.own && write.name == "ana"), "{sent:?}");
    assert_eq!(pushed(&hub).await, [(true, "end of work".into()), (true, "start of work".into())]);
}

/// Until when the freezes of these tests hold: past the planned work.
fn thaws() -> Instant {
    planned().plus(7200)
}

async fn frozen(hub: &Hub) -> Id {
    let (scope, reason) = (Scope::default(), Prose::new("data loss suspected"));
    submit(hub, Command::Freeze { scope, until: thaws(), reason, allow: Vec::new() }).await.unwrap();
    let ours = |s: &Snapshot| {
        s.windows.iter().map(|(id, _)| id.clone()).find(|id| id.as_str().starts_with("freeze-"))
    };
    ours(&*until(hub, "frozen", |s| ours(s).is_some()).await).unwrap()
}

#[tokio::test]
async fn a_freeze_holds_what_it_stops_there_and_lets_it_go_when_it_ends_by_itself() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    frozen(&hub).await;
    let held = until(&hub, "held", |s| s.writes.is_empty() && world.sent().len() == 1).await;
    assert_eq!(points(&world), [Point::Held { until: thaws() }]);
    assert!(held.sources.iter().all(|source| source.queued == 0), "its end is not due: {:?}", held.sources);
    let hold = world.system.system().sent[0].clone();
    assert!(!hold.own && hold.text(false).contains("data loss suspected"), "{hold:?}");
    // Trying again what waits sends no end before its time, and neither does a restart.
    close(&hub).await;
    let hub = world.open("ana", true).await;
    ask(&hub, |reply| Request::Retry { source: None, actor: asking(), reply }).await.unwrap();
    submit(&hub, Command::Comment { item: id("sys:1"), text: Prose::new("when?") }).await.unwrap();
    until(&hub, "the comment is through", |s| s.writes.is_empty() && world.sent().len() == 2).await;
    assert!(matches!(world.sent()[1], What::Comment { .. }), "{:?}", world.sent());
    world.hand.set(thaws());
    until(&hub, "let go", |_| world.sent().len() == 3).await;
    let What::Progress { point, .. } = world.sent()[2].clone() else { panic!("{:?}", world.sent()) };
    assert_eq!(point, Point::Thawed { hold: hold.id });
}

#[tokio::test]
async fn a_freeze_that_is_ended_early_lets_go_at_once_and_holds_nothing_any_more() {
    for arrives in [true, false] {
        let world = World::new();
        let hub = world.open("ana", true).await;
        if !arrives {
            world.answer(Pushed::Later { words: Line::new("busy"), after: None });
        }
        let window = frozen(&hub).await;
        until(&hub, "tried", |s| world.sent().len() == 1 && s.writes.is_empty() == arrives).await;
        let reason = Prose::new("a false alarm");
        submit(&hub, Command::Thaw { window, reason }).await.unwrap();
        until(&hub, "let go", |_| world.sent().len() == 2).await;
        world.hand.set(thaws().plus(7200));
        submit(&hub, Command::Comment { item: id("sys:1"), text: Prose::new("well") }).await.unwrap();
        until(&hub, "the comment is through", |_| world.sent().len() == 3).await;
        let sent = world.sent();
        assert!(matches!(sent[1], What::Progress { point: Point::Thawed { .. }, .. }), "{sent:?}");
        assert!(matches!(sent[2], What::Comment { .. }), "held again, or let go twice: {sent:?}");
    }
}
