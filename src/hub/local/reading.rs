//! Long questions, answered beside the loop, so that no vote waits for them: on the board as it stood when their turn came, each
//! with a connection of its own to the store.
//!
//! The ledger is shared with who reads it. The loop goes on in a copy where somebody still reads: one copy for each that is under
//! way, which is why only so many are at once, and why what is answered in a moment is answered by the loop itself.

use std::{collections::VecDeque, ops::Range, sync::Arc, thread, time::Duration};

use tokio::sync::mpsc;

use super::{
    answer::{about, entries, gone, ground, preferences},
    backup,
    counted::{self, Stand, Told},
    problem, record,
    serve::Server,
    tokens,
};
use crate::{
    hub::Reply,
    ledger::{Ledger, Who, log, signed::Ground},
    model::{Id, Instant, Preferences, RecordKind, Stored, Token},
    projection::{self, Outside},
    rules::risk::History,
    store::{Head, Location, Mode, OpenOptions, Store},
    wire::{
        Actor, Answer, Broken, Command, Export, InsightsAsked, LogEntry, MeetingRow, Problem, ProblemKind,
        Question, SourceHealth, Verification, WriteRow, notices::OpenChannel,
    },
    words::telling::Templates,
};

/// How many are answered at once: each may keep a copy of the ledger alive.
const AT_ONCE: usize = 2;
/// How many may wait.
const WAITING: usize = 256;
/// How long a hub that ends waits for those that are under way.
const FAREWELL: Duration = Duration::from_secs(5);

/// A long question and who waits for its answer.
#[derive(Debug)]
pub struct Asked {
    actor: Actor,
    what: What,
}

#[derive(Debug)]
enum What {
    Question(Box<Question>, Reply<Answer>),
    /// Waits until a test lets it go.
    #[cfg(test)]
    Held(std::sync::mpsc::Receiver<()>, Reply<u64>),
}

/// How the reading of one ended.
#[derive(Debug, Default)]
pub struct Ended {
    /// Its connection, for the next.
    store: Option<Store>,
    /// It could not be answered there, and is by the loop.
    again: Option<Asked>,
    /// Numbers that were counted anew.
    counted: Option<Told>,
}

/// What is under way, and what waits.
#[derive(Debug)]
pub struct Reading {
    under_way: usize,
    waiting: VecDeque<Asked>,
    spare: Vec<Store>,
    tell: mpsc::UnboundedSender<Ended>,
    ended: mpsc::UnboundedReceiver<Ended>,
}

impl Default for Reading {
    fn default() -> Self {
        let (tell, ended) = mpsc::unbounded_channel();
        Self { under_way: 0, waiting: VecDeque::new(), spare: Vec::new(), tell, ended }
    }
}

impl Reading {
    /// The next that ends; never while none is under way.
    pub async fn next(&mut self) -> Ended {
        match self.ended.recv().await {
            Some(ended) => ended,
            None => std::future::pending().await,
        }
    }
}

/// Tells the loop that a thread has ended, however it did.
struct Slot {
    tell: mpsc::UnboundedSender<Ended>,
    ended: Ended,
}

impl Drop for Slot {
    fn drop(&mut self) {
        // A loop that is gone lends no connection any more.
        let _ = self.tell.send(std::mem::take(&mut self.ended));
    }
}

/// Whether a question may take long: it looks through the record, all rounds or all times, or writes much down. What is asked for
/// one page, what needs the proof of the record on the spot, or what the loop alone knows (writes under way, what a source can) is
/// answered by the loop.
fn is_long(question: &Question) -> bool {
    match question {
        Question::Slots { .. }
        | Question::WhatIf { .. }
        | Question::Minutes { .. }
        | Question::RunSheet { .. }
        | Question::Night { .. }
        | Question::Comms { .. }
        | Question::Incidents { .. }
        | Question::Insights { .. }
        | Question::WhatChanged { .. }
        | Question::Rollback { .. }
        | Question::CarriedOut { .. }
        | Question::Stamps { .. }
        | Question::Gone { .. }
        | Question::Releases
        | Question::Plan { .. }
        | Question::Schedule { .. }
        | Question::Prices { .. }
        | Question::Resolve { .. }
        | Question::Catalogue
        | Question::Told { .. }
        | Question::Context { .. }
        | Question::Unchecked
        | Question::Log { .. }
        | Question::Verify { .. }
        | Question::Pack { .. }
        | Question::Export { .. } => true,
        Question::Detail { .. }
        | Question::ExplainConflict { .. }
        | Question::ExplainActivity { .. }
        | Question::Gate { .. }
        | Question::Service { .. }
        | Question::Notices
        | Question::Rehearse { .. }
        | Question::Names
        | Question::Meeting { .. }
        | Question::Run { .. }
        | Question::Bundling { .. }
        | Question::Mapped { .. }
        | Question::FreezePreview { .. }
        | Question::Room { .. }
        | Question::Delegations
        | Question::ToSign { .. }
        | Question::Approvers
        | Question::Tokens
        | Question::Personal
        | Question::Can { .. } => false,
    }
}

impl Server {
    /// Answers a question: at once, or beside the loop where it may take long and others wait meanwhile.
    pub(super) fn asked(&mut self, actor: Actor, question: Question, reply: Reply<Answer>) {
        if !self.options.follow || self.store.named().is_none() || !is_long(&question) {
            // A face that no longer waits for its answer is no fault.
            return drop(reply.send(self.answer(actor, &question)));
        }
        if self.reading.waiting.len() >= WAITING {
            let many = Problem::new(
                ProblemKind::Unreachable,
                "too many long questions wait for their answers already",
            );
            return drop(reply.send(Err(many.hint("try again in a moment"))));
        }
        self.reading.waiting.push_back(Asked { actor, what: What::Question(Box::new(question), reply) });
        self.read_next();
    }

    /// Something that waits where long questions are answered, and says the commit it was taken at.
    #[cfg(test)]
    pub(super) fn held(&mut self, actor: Actor, until: std::sync::mpsc::Receiver<()>, reply: Reply<u64>) {
        self.reading.waiting.push_back(Asked { actor, what: What::Held(until, reply) });
        self.read_next();
    }

    /// One has ended: the next has its turn.
    pub(super) fn read(&mut self, ended: Ended) {
        self.reading.under_way -= 1;
        self.reading.spare.extend(ended.store);
        if let Some(told) = ended.counted {
            self.counted.keep(told);
        }
        if let Some(asked) = ended.again {
            self.answer_here(asked);
        }
        self.read_next();
    }

    /// Answers what waits, as far as there is room for it.
    fn read_next(&mut self) {
        while self.reading.under_way < AT_ONCE
            && let Some(asked) = self.reading.waiting.pop_front()
        {
            let taken = match self.refuse_ended(&asked.actor) {
                Ok(()) => self.taken(&asked),
                Err(refused) => {
                    asked.refuse(refused);
                    continue;
                }
            };
            let slot = Slot { tell: self.reading.tell.clone(), ended: Ended::default() };
            let (location, spare) = (self.options.location.clone(), self.reading.spare.pop());
            self.reading.under_way += 1;
            // Kept here until there is a thread for it.
            let kept = Arc::new(std::sync::Mutex::new(Some(asked)));
            let theirs = Arc::clone(&kept);
            let work = move || {
                let mut slot = slot;
                let asked = theirs.lock().ok().and_then(|mut kept| kept.take());
                if let Some(asked) = asked {
                    slot.ended = taken.answer(asked, spare, &location);
                }
            };
            if let Err(error) = thread::Builder::new().name("question".to_owned()).spawn(work) {
                tracing::error!(%error, "no thread for a long question: it is answered by the loop");
                // The slot went with the thread that could not be had, and is told of by itself.
                if let Some(asked) = kept.lock().ok().and_then(|mut kept| kept.take()) {
                    self.answer_here(asked);
                }
            }
        }
    }

    fn answer_here(&mut self, asked: Asked) {
        match asked.what {
            What::Question(question, reply) => drop(reply.send(self.answer(asked.actor, &question))),
            #[cfg(test)]
            What::Held(_, reply) => drop(reply.send(Ok(self.head.seq))),
        }
    }

    /// The board as it stands, for one long question of somebody.
    fn taken(&self, asked: &Asked) -> Taken {
        let judged = self.judge();
        Taken {
            who: self.who(asked.actor.clone()),
            counted: asked.insights().and_then(|asked| self.counted.find(asked)),
            ledger: Arc::clone(&self.live.ledger),
            head: self.head.clone(),
            health: self.health(),
            broken: self.proof.broken(),
            now: judged.at,
            off: judged.off,
            turns_old: self.sources.turns_old(judged.at),
            meetings: Arc::clone(&self.publish.borrow().meetings),
            templates: self.options.post.templates.clone(),
        }
    }

    /// Waits for what is under way, not for ever; what waits is answered by the loop.
    pub(super) async fn end_reading(&mut self) {
        while let Some(asked) = self.reading.waiting.pop_front() {
            self.answer_here(asked);
        }
        let until = tokio::time::Instant::now() + FAREWELL;
        while self.reading.under_way > 0 {
            let Ok(ended) = tokio::time::timeout_at(until, self.reading.next()).await else {
                tracing::warn!("a long question is not answered: this process ends");
                return;
            };
            self.read(ended);
        }
    }
}

impl Asked {
    /// Where it is the numbers that are asked for.
    fn insights(&self) -> Option<&InsightsAsked> {
        match &self.what {
            What::Question(question, _) if let Question::Insights { asked } = &**question => Some(asked),
            What::Question(..) => None,
            #[cfg(test)]
            What::Held(..) => None,
        }
    }

    fn refuse(self, refused: Problem) {
        match self.what {
            What::Question(_, reply) => drop(reply.send(Err(refused))),
            #[cfg(test)]
            What::Held(_, reply) => drop(reply.send(Err(refused))),
        }
    }
}

/// The board as one long question sees it.
struct Taken {
    who: Who,
    ledger: Arc<Ledger>,
    head: Head,
    health: Vec<SourceHealth>,
    broken: Option<Broken>,
    now: Instant,
    off: Option<i64>,
    turns_old: Option<Instant>,
    meetings: Arc<Vec<Arc<MeetingRow>>>,
    templates: Templates,
    /// Where numbers are asked for: what was told of them before.
    counted: Option<Arc<Told>>,
}

impl Taken {
    /// Answers with a connection that is lent, or one of its own.
    fn answer(self, asked: Asked, spare: Option<Store>, location: &Location) -> Ended {
        let (question, reply) = match asked.what {
            What::Question(question, reply) => (question, reply),
            #[cfg(test)]
            What::Held(until, reply) => {
                // The test that is gone lets go as well.
                let _ = until.recv();
                let _ = reply.send(Ok(self.head.seq));
                return Ended { store: spare, ..Ended::default() };
            }
        };
        let again = |question, reply, store| Ended {
            store,
            again: Some(Asked { actor: asked.actor.clone(), what: What::Question(question, reply) }),
            counted: None,
        };
        let options = OpenOptions { mode: Mode::Read, ..OpenOptions::default() };
        let store = match spare.map_or_else(|| Store::open(location, &options), Ok) {
            Ok(store) => store,
            Err(error) => {
                tracing::warn!(%error, "a long question is answered by the loop");
                return again(question, reply, None);
            }
        };
        let who = self.who.clone();
        let apart = Apart { taken: self, store };
        // What is written down whole is of one moment: where somebody wrote meanwhile it is read again by who writes.
        let whole = matches!(*question, Question::Export { .. });
        let stood = |apart: &Apart| {
            let (head, taken) = (apart.store.head().ok(), &apart.taken.head);
            head.is_some_and(|head| head.lineage == taken.lineage && (!whole || head.seq == taken.seq))
        };
        if !stood(&apart) {
            return again(question, reply, Some(apart.store));
        }
        let (answer, counted) = if let Question::Insights { asked } = &*question {
            apart.taken.insights(asked)
        } else {
            (projection::answer(&apart.taken.ledger, &apart, &who, &question), None)
        };
        if whole && !stood(&apart) {
            return again(question, reply, Some(apart.store));
        }
        let Apart { taken, store } = apart;
        // The ledger first: whoever has the answer finds it given back.
        drop(taken);
        let _ = reply.send(answer);
        Ended { store: Some(store), again: None, counted }
    }

    /// The numbers, and what is to be kept of them.
    fn insights(&self, asked: &InsightsAsked) -> (Result<Answer, Problem>, Option<Told>) {
        let stand = Stand::of(&self.head, &self.ledger);
        let who = (self.who.actor.person.as_ref(), self.now);
        match counted::insights(&self.ledger, self.counted.as_deref(), (stand, asked), who) {
            Ok((insights, told)) => (Ok(Answer::Insights(Box::new(insights))), told),
            Err(problem) => (Err(problem), None),
        }
    }
}

/// What is known beside the ledger where no loop is.
struct Apart {
    taken: Taken,
    store: Store,
}

impl Outside for Apart {
    fn meetings(&self) -> &[Arc<MeetingRow>] {
        &self.taken.meetings
    }

    fn templates(&self) -> &Templates {
        &self.taken.templates
    }

    fn now(&self) -> Instant {
        self.taken.now
    }

    fn clock_off(&self) -> Option<i64> {
        self.taken.off
    }

    fn broken(&self) -> Option<&Broken> {
        self.taken.broken.as_ref()
    }

    /// Nothing that is answered here asks what may be done: see [`is_long`].
    fn may(&self, _: &Command) -> Result<(), Problem> {
        Err(Problem::new(ProblemKind::Unreachable, "what may be done is not told here"))
    }

    /// Who answers beside a loop has the whole board.
    fn outcomes(&self) -> Option<&History> {
        None
    }

    fn sources(&self) -> &[SourceHealth] {
        &self.taken.health
    }

    /// Nothing that is answered here tells of writes: see [`is_long`].
    fn writes(&self, _: &[Id]) -> Vec<WriteRow> {
        tracing::error!("writes under way are asked for where nobody knows them");
        Vec::new()
    }

    fn about(&self, kind: RecordKind, items: &[Id]) -> Result<Vec<Stored>, Problem> {
        about(&self.store, kind, items)
    }

    fn stamp(&self, kind: RecordKind, id: &Id) -> Result<Option<u64>, Problem> {
        let row = self.store.detail(kind.word(), id.as_str()).map_err(problem)?;
        Ok(row.map(|row| row.seq))
    }

    fn gone(&self, kind: RecordKind) -> Result<Vec<(Stored, u64)>, Problem> {
        gone(&self.store, kind)
    }

    fn preferences(&self, person: &Id) -> Result<Preferences, Problem> {
        preferences(&self.store, person)
    }

    /// Nothing that is answered here tells of channels: see [`is_long`].
    fn channels(&self, _: &Id) -> Vec<OpenChannel> {
        tracing::error!("channels are asked for where nobody knows them");
        Vec::new()
    }

    fn turns_old(&self) -> Option<Instant> {
        self.taken.turns_old
    }

    fn lineage(&self) -> Result<String, Problem> {
        Ok(self.taken.head.lineage.to_string())
    }

    fn log_head(&self) -> Result<(u64, String), Problem> {
        Ok((self.taken.head.events, log::hex(&self.taken.head.hash)))
    }

    /// Never what came after: whether that may be told only a newer ledger knows.
    fn events(&self, numbers: Range<u64>) -> Result<Vec<(LogEntry, log::Hash)>, Problem> {
        entries(&self.store, numbers.start..numbers.end.min(self.taken.head.events + 1))
    }

    fn ground(&self, opened: u64) -> Result<Ground, Problem> {
        ground(&self.store, opened)
    }

    fn verify(&self, head: Option<&str>) -> Result<Verification, Problem> {
        record::verify(&self.store, Some(self.taken.ledger.facts()), head, self.taken.now)
    }

    fn export(&self, log: bool) -> Result<Export, Problem> {
        backup::export(&self.store, &self.taken.ledger, log)
    }

    fn tokens(&self) -> Result<Vec<Token>, Problem> {
        self.store.tokens().map_err(problem)?.iter().map(tokens::read).collect()
    }
}
