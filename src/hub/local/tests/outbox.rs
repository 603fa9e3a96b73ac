//! Writes to sources: made with the act, sent once, held when the item moved, never in another's name.

use std::{
    collections::VecDeque,
    sync::{Arc as Shared, Mutex},
};

use super::*;
use crate::{
    model::{BoardFile, Change, Record, RecordKind, SourceId, State, Stored, Vote},
    source::{Capabilities, Gone, Pending, Pull, PullError, Pulled, Pushed, Source, What, Write},
    wire::WriteState,
};

/// A system that answers by a script and remembers what it was sent.
#[derive(Default)]
struct System {
    title: String,
    plan: String,
    sent: Vec<Write>,
    answers: VecDeque<Pushed>,
}

struct Scripted {
    id: SourceId,
    system: Shared<Mutex<System>>,
}

impl Scripted {
    fn records(&self) -> Vec<Stored> {
        let system = self.system.lock().unwrap();
        let mut change = Change::new(id("sys:1"));
        change.title = Line::new(&system.title);
        change.state = State::Authorize.into();
        change.rollback_plan = Prose::new(&system.plan);
        change.planned_start = Some(noon().plus(86_400));
        change.planned_end = Some(noon().plus(90_000));
        vec![Stored { source: self.id.clone(), record: Record::Change(Box::new(change)) }]
    }
}

impl Source for Scripted {
    fn id(&self) -> &SourceId {
        &self.id
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { reads: &[RecordKind::Change], votes: Ok(()), comments: Ok(()) }
    }

    fn pull<'a>(&'a mut self, _: Option<&'a [u8]>, _: Instant) -> Pending<'a, Result<Pull, PullError>> {
        let what = Pulled::Part { records: self.records(), faults: Vec::new(), gone: Gone::Unsaid };
        let pull = Pull { what, cursor: b"1".to_vec(), more: None, warnings: Vec::new() };
        Box::pin(std::future::ready(Ok(pull)))
    }

    fn look<'a>(&'a mut self, _: &'a Id) -> Pending<'a, Result<Vec<Stored>, PullError>> {
        Box::pin(std::future::ready(Ok(self.records())))
    }

    fn push<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Pushed> {
        let mut system = self.system.lock().unwrap();
        system.sent.push(write.clone());
        let answer = system.answers.pop_front();
        Box::pin(std::future::ready(answer.unwrap_or_else(|| Pushed::Accepted(Line::new("as written")))))
    }
}

struct World {
    dir: tempfile::TempDir,
    system: Shared<Mutex<System>>,
    hand: Hand,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        let system = System { title: "Patch".into(), plan: "undo".into(), ..System::default() };
        let (hand, clock) = Hand::at(noon());
        Self { dir: tempfile::tempdir().unwrap(), system: Shared::new(Mutex::new(system)), hand, clock }
    }

    /// A program of `login`, with or without a credential of their own there.
    async fn open(&self, login: &str, me: bool) -> Hub {
        let identity = Identity { login: login.to_owned(), owns_board: login == "ana", claimed: None };
        let path = board(&self.dir);
        if !path.exists() {
            // Who decides is known before there is anything to decide.
            let hub = open(Options::file(&path, self.clock.clone(), identity.clone())).await.unwrap();
            Self::seat(&hub).await;
            ask(&hub, |reply| Request::Close { reply }).await.unwrap();
        }
        let source = Box::new(Scripted { id: SourceId::new("sys"), system: Shared::clone(&self.system) });
        let sources = vec![Configured { kind: "scripted", every: 300, max_age: 900, me, source }];
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
        submit(hub, Command::Import { from, source: SourceId::board(), file: Box::new(file) }).await.unwrap();
    }

    fn sent(&self) -> Vec<What> {
        self.system.lock().unwrap().sent.iter().map(|write| write.what.clone()).collect()
    }

    fn answer(&self, pushed: Pushed) {
        self.system.lock().unwrap().answers.push_back(pushed);
    }
}

async fn submit(hub: &Hub, command: Command) -> Result<Receipt, Problem> {
    let me = hub.snapshot.borrow().me.clone();
    let actor = Actor { person: me.person, login: me.name, known: Known::Claimed };
    let mut number = [0; 16];
    getrandom::fill(&mut number).unwrap();
    ask(hub, |reply| Request::Submit { id: number, actor, command: Box::new(command), reply }).await
}

async fn vote(hub: &Hub, vote: Vote) {
    let revision = hub.snapshot.borrow().open_tally(&id("sys:1")).unwrap().revision;
    let comment = (vote == Vote::Reject).then(|| Prose::new("not yet"));
    let command = Command::Vote { item: id("sys:1"), revision, vote, comment, on_behalf: None };
    submit(hub, command).await.unwrap();
}

async fn pushed(hub: &Hub) -> Vec<(bool, String)> {
    let question = Question::Log { filter: LogFilter { limit: 100, ..LogFilter::default() } };
    match ask(hub, |reply| Request::Ask { question, reply }).await.unwrap() {
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
    let sent = world.system.lock().unwrap().sent.clone();
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
    let all_by_the_source = world.system.lock().unwrap().sent.iter().all(|write| !write.own);
    assert!(all_by_the_source, "the account of the source speaks for the board");
}

#[tokio::test]
async fn a_vote_on_what_changed_there_is_held() {
    let world = World::new();
    let hub = world.open("ana", true).await;
    world.system.lock().unwrap().plan = "pray".into();
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
