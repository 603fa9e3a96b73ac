//! One change that two systems tell of: one item, and a vote goes to the system that takes it.

use std::sync::{Arc as Shared, Mutex};

use super::*;
use crate::{
    model::{BoardFile, Change, Record, RecordKind, SourceId, State, Stored, Vote},
    source::{Capabilities, Gone, Pending, Pull, PullError, Pulled, Pushed, Source, What, Write},
    wire::WriteState,
};

type Sent = Shared<Mutex<Vec<Write>>>;

/// A system with one change, which takes votes or does not.
struct Mirror {
    id: SourceId,
    change: &'static str,
    title: Shared<Mutex<&'static str>>,
    votes: Result<(), &'static str>,
    sent: Sent,
}

impl Mirror {
    fn records(&self) -> Vec<Stored> {
        let mut change = Change::new(id(self.change));
        change.title = Line::new(*self.title.lock().unwrap());
        change.rollback_plan = Prose::new(*self.title.lock().unwrap());
        change.state = State::Authorize.into();
        change.planned_start = Some(noon().plus(86_400));
        change.planned_end = Some(noon().plus(90_000));
        vec![Stored { source: self.id.clone(), record: Record::Change(Box::new(change)) }]
    }
}

impl Source for Mirror {
    fn id(&self) -> &SourceId {
        &self.id
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { reads: &[RecordKind::Change], votes: self.votes, comments: Ok(()), dates: Ok(()) }
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
        self.sent.lock().unwrap().push(write.clone());
        Box::pin(std::future::ready(Pushed::Accepted(Line::new("as written"))))
    }
}

struct World {
    dir: tempfile::TempDir,
    sent: Sent,
    /// What the copy says; where that changes, so does the copy.
    copy: Shared<Mutex<&'static str>>,
}

/// `snow:CHG1` takes no votes; `jira:A`, which names it in its title, does.
async fn one_change_in_two(order: [usize; 2]) -> (Hub, World) {
    let dir = tempfile::tempdir().unwrap();
    let world = World { dir, sent: Sent::default(), copy: Shared::new(Mutex::new("CHG1, as jira has it")) };
    let mirror = |at: usize| {
        let source = match at {
            0 => Mirror {
                id: SourceId::new("snow"),
                change: "snow:CHG1",
                title: Shared::new(Mutex::new("Swap a disk")),
                votes: Err("it takes none"),
                sent: Sent::clone(&world.sent),
            },
            _ => Mirror {
                id: SourceId::new("jira"),
                change: "jira:A",
                title: Shared::clone(&world.copy),
                votes: Ok(()),
                sent: Sent::clone(&world.sent),
            },
        };
        Configured { kind: "scripted", every: 300, max_age: 900, me: true, source: Box::new(source) }
    };
    let sources = order.map(mirror).into();
    let (_, clock) = Hand::at(noon());
    let options = |sources| {
        let identity = Identity { login: "ana".to_owned(), owns_board: true, claimed: None };
        Options { sources, ..Options::file(board(&world.dir), clock.clone(), identity) }
    };
    let file: BoardFile = serde_json::from_str(
        r#"{"version":1,"people":[{"id":"ana","login":"ana"},{"id":"bo"},{"id":"cy"}],
        "boards":[{"id":"cab","seats":[{"person":"ana","role":"chair"},{"person":"bo"},{"person":"cy"}]}],
        "settings":{"merging":{"copies":[{"pattern":"CHG\\d+","from":"jira","to":"snow"}]}}}"#,
    )
    .unwrap();
    let file = Box::new(file);
    let hub = open(options(Vec::new())).await.unwrap();
    submit(&hub, Command::Import { from: Line::new("board"), source: SourceId::board(), file })
        .await
        .unwrap();
    close(&hub).await;
    let hub = open(options(sources)).await.unwrap();
    until(&hub, "one item with a round", |s| {
        s.sources.iter().all(|source| source.last_ok.is_some())
            && s.activities.len() == 1
            && s.open_tally(&id("snow:CHG1")).is_some()
            && s.open_tally(&id("jira:A")).is_none()
    })
    .await;
    (hub, world)
}

async fn submit(hub: &Hub, command: Command) -> Result<Receipt, Problem> {
    let me = hub.snapshot.borrow().me.clone();
    let actor = Actor { person: me.person, login: me.name, known: Known::Claimed };
    let mut number = [0; 16];
    getrandom::fill(&mut number).unwrap();
    ask(hub, |reply| Request::Submit { id: number, actor, command: Box::new(command), reply }).await
}

async fn vote(hub: &Hub) {
    let revision = hub.snapshot.borrow().open_tally(&id("snow:CHG1")).unwrap().revision;
    let item = id("snow:CHG1");
    submit(hub, Command::Vote { item, revision, vote: Vote::Approve, comment: None, on_behalf: None })
        .await
        .unwrap();
}

async fn page(hub: &Hub, item: &str) -> crate::wire::ChangeDetail {
    let question = Question::Detail { id: id(item) };
    match ask(hub, |reply| Request::Ask { question, reply }).await.unwrap() {
        Answer::Change(detail) => *detail,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_vote_goes_to_the_system_that_takes_it_and_a_note_to_the_original() {
    for order in [[0, 1], [1, 0]] {
        let (hub, world) = one_change_in_two(order).await;
        vote(&hub).await;
        submit(&hub, Command::Comment { item: id("snow:CHG1"), text: "well".into() }).await.unwrap();
        until(&hub, "both are through", |s| world.sent.lock().unwrap().len() == 2 && s.writes.is_empty())
            .await;
        let mut sent: Vec<(String, bool)> = world
            .sent
            .lock()
            .unwrap()
            .iter()
            .map(|write| (write.item.to_string(), matches!(write.what, What::Vote { approve: true, .. })))
            .collect();
        sent.sort();
        assert_eq!(sent, [("jira:A".to_owned(), true), ("snow:CHG1".to_owned(), false)]);
        for item in ["snow:CHG1", "jira:A"] {
            let page = page(&hub, item).await;
            assert_eq!((page.change.id.as_str(), page.copies.as_slice()), ("snow:CHG1", &[id("jira:A")][..]));
            assert_eq!(page.writes.len(), 2, "{:?}", page.writes);
        }
    }
}

#[tokio::test]
async fn a_vote_is_held_when_the_copy_it_goes_to_has_moved() {
    let (hub, world) = one_change_in_two([0, 1]).await;
    *world.copy.lock().unwrap() = "CHG1, otherwise";
    vote(&hub).await;
    let held = until(&hub, "held", |s| s.writes.iter().any(|row| row.state == WriteState::Held)).await;
    assert!(held.writes[0].words.contains("changed there"), "{:?}", held.writes);
    assert!(world.sent.lock().unwrap().is_empty(), "nothing was sent");
}
