//! A system with one change that answers by a script and remembers what it was sent.

use std::{
    collections::VecDeque,
    sync::{Arc as Shared, Mutex, MutexGuard},
};

use super::*;
use crate::{
    model::{ApprovalAnswer, ApprovalRequest, Change, Record, RecordKind, SourceId, State, Stored},
    source::{Capabilities, Gone, Mark, Pending, Pull, PullError, Pulled, Pushed, Source, What, Why, Write},
};

/// When its change is planned, unless it was moved.
pub fn planned() -> Instant {
    noon().plus(86_400)
}

/// What a system has and does.
pub struct System {
    pub title: String,
    pub plan: String,
    pub start: Instant,
    pub votes: Result<(), Why>,
    pub dates: Result<(), Why>,
    pub sent: Vec<Write>,
    /// Writes of others that arrived.
    pub there: Vec<String>,
    /// Whom it asks for an approval of its change.
    pub asks: Option<&'static str>,
    /// By which its credential is told from others.
    pub credential: Option<Mark>,
    /// What it answers next; it accepts once there is nothing more.
    pub answers: VecDeque<Pushed>,
}

/// A source of that system: of `sys:1`, `sys`.
#[derive(Clone)]
pub struct Scripted {
    id: SourceId,
    change: Id,
    system: Shared<Mutex<System>>,
}

impl Scripted {
    pub fn new(change: &str, title: &str, plan: &str) -> Self {
        let system = System {
            title: title.into(),
            plan: plan.into(),
            start: planned(),
            votes: Ok(()),
            dates: Ok(()),
            sent: Vec::new(),
            there: Vec::new(),
            asks: None,
            credential: None,
            answers: VecDeque::new(),
        };
        let source = change.split_once(':').unwrap().0;
        Self { id: SourceId::new(source), change: id(change), system: Shared::new(Mutex::new(system)) }
    }

    pub fn system(&self) -> MutexGuard<'_, System> {
        self.system.lock().unwrap()
    }

    /// As the settings of somebody with or without a credential there have it.
    pub fn configured(&self, me: bool) -> Configured {
        Configured {
            kind: "scripted",
            every: 300,
            max_age: 900,
            me,
            likeness: String::new(),
            source: Box::new(self.clone()),
        }
    }

    pub fn sent(&self) -> Vec<What> {
        self.system().sent.iter().map(|write| write.what.clone()).collect()
    }

    fn records(&self) -> Vec<Stored> {
        let system = self.system();
        let mut change = Change::new(self.change.clone());
        change.title = Line::new(&system.title);
        change.state = State::Authorize.into();
        change.rollback_plan = Prose::new(&system.plan);
        change.planned_start = Some(system.start);
        change.planned_end = Some(system.start.plus(3600));
        let stored = |record| Stored { source: self.id.clone(), record };
        let asked = system.asks.map(|name| {
            let request = ApprovalRequest::new(&self.change, "a1", name, ApprovalAnswer::Requested.into());
            stored(Record::Approval(Box::new(request)))
        });
        std::iter::once(stored(Record::from(change))).chain(asked).collect()
    }
}

impl Source for Scripted {
    fn id(&self) -> &SourceId {
        &self.id
    }

    fn capabilities(&self) -> Capabilities {
        let System { votes, dates, .. } = *self.system();
        Capabilities {
            reads: &[RecordKind::Change],
            votes,
            comments: Ok(()),
            dates,
            progress: Ok(()),
            holds: Ok(()),
        }
    }

    fn pull<'a>(&'a mut self, _: Option<&'a [u8]>, _: Instant) -> Pending<'a, Result<Pull, PullError>> {
        let what = Pulled::Part { records: self.records(), faults: Vec::new(), gone: Gone::Unsaid };
        let pull = Pull { what, cursor: b"1".to_vec(), more: None, warnings: Vec::new(), fewer: Vec::new() };
        Box::pin(std::future::ready(Ok(pull)))
    }

    fn look<'a>(&'a mut self, _: &'a Id) -> Pending<'a, Result<Vec<Stored>, PullError>> {
        Box::pin(std::future::ready(Ok(self.records())))
    }

    fn credential(&self, _own: bool) -> Option<Mark> {
        self.system().credential
    }

    fn written<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Result<Option<Line>, PullError>> {
        let there = self.system().there.contains(&write.id);
        Box::pin(std::future::ready(Ok(there.then(|| Line::new("approval 1")))))
    }

    fn push<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Pushed> {
        let mut system = self.system();
        system.sent.push(write.clone());
        let answer = system.answers.pop_front().unwrap_or_else(|| Pushed::Accepted(Line::new("as written")));
        if let (What::Dates { start, .. }, Pushed::Accepted(_)) = (&write.what, &answer) {
            system.start = *start;
        }
        Box::pin(std::future::ready(answer))
    }
}

/// What the person of this hub asks of the board.
pub async fn submit(hub: &Hub, command: Command) -> Result<Receipt, Problem> {
    let me = hub.snapshot.borrow().me.clone();
    let actor = Actor { person: me.person, login: me.name, via: None, known: Known::Claimed };
    let number = crate::store::random().unwrap();
    ask(hub, |reply| Request::Submit { id: number, actor, command: Box::new(command), reply }).await
}
