//! Questions to a local hub: what the projection reads of the store, of sources and of the clock to answer them.

use std::{ops::Range, sync::Arc};

use super::{
    backup, commit::may_move, load, notices, outbox::Outbox, problem, record, serve::Server,
    sources::Sources, tokens,
};
use crate::{
    channel::Post,
    ledger::{Ledger, log, signed::Ground},
    model::{Id, Instant, Preferences, RecordKind, Stored, Token},
    projection::{self, Outside, Read},
    rules::risk::History,
    store::Store,
    wire::{
        Actor, Answer, Broken, Command, Export, LogEntry, MeetingRow, Problem, Question, SourceHealth,
        Verification, WriteRow, notices::OpenChannel,
    },
    words::telling::Templates,
};

/// What a local hub knows beside its ledger at the moment of a question.
struct Known<'a> {
    store: &'a Store,
    ledger: &'a Ledger,
    outbox: &'a Outbox,
    sources: &'a Sources,
    health: Vec<SourceHealth>,
    broken: Option<Broken>,
    now: Instant,
    off: Option<i64>,
    meetings: Arc<Vec<Arc<MeetingRow>>>,
    post: &'a Post,
    outcomes: Option<&'a History>,
}

impl Server {
    /// Answers a question; nothing is changed by it.
    ///
    /// # Errors
    /// When there is no such thing, or the store cannot be read.
    pub fn answer(&mut self, actor: Actor, question: &Question) -> Result<Answer, Problem> {
        self.refuse_ended(&actor)?;
        // What a pipeline goes by is proved on the spot.
        let asks = matches!(question, Question::Gate { .. });
        let broken = if asks { self.prove()? } else { self.proof.broken() };
        let judged = self.judge();
        let known = Known {
            store: &self.store,
            ledger: &self.live.ledger,
            outbox: &self.outbox,
            sources: &self.sources,
            health: self.health(),
            broken,
            now: judged.at,
            off: judged.off,
            meetings: Arc::clone(&self.publish.borrow().meetings),
            post: &self.options.post,
            outcomes: self.part.as_ref().map(|part| &part.outcomes),
        };
        projection::answer(&self.live.ledger, &known, &self.who(actor), question)
    }
}

impl Outside for Known<'_> {
    fn meetings(&self) -> &[Arc<MeetingRow>] {
        &self.meetings
    }

    fn templates(&self) -> &Templates {
        &self.post.templates
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn clock_off(&self) -> Option<i64> {
        self.off
    }

    fn broken(&self) -> Option<&Broken> {
        self.broken.as_ref()
    }

    fn may(&self, command: &Command) -> Result<(), Problem> {
        may_move(self.ledger, self.sources, command)?;
        self.outbox.may_give_up(self.ledger, command)
    }

    fn outcomes(&self) -> Option<&History> {
        self.outcomes
    }

    fn sources(&self) -> &[SourceHealth] {
        &self.health
    }

    fn writes(&self, items: &[Id]) -> Vec<WriteRow> {
        self.outbox.of(items)
    }

    fn about(&self, kind: RecordKind, items: &[Id]) -> Result<Vec<Stored>, Problem> {
        about(self.store, kind, items)
    }

    fn turns_old(&self) -> Option<Instant> {
        self.sources.turns_old(self.now)
    }

    fn lineage(&self) -> Result<String, Problem> {
        Ok(self.store.head().map_err(problem)?.lineage.to_string())
    }

    fn log_head(&self) -> Result<(u64, String), Problem> {
        let head = self.store.head().map_err(problem)?;
        Ok((head.events, log::hex(&head.hash)))
    }

    fn events(&self, numbers: Range<u64>) -> Result<Vec<(LogEntry, log::Hash)>, Problem> {
        entries(self.store, numbers)
    }

    fn ground(&self, opened: u64) -> Result<Ground, Problem> {
        ground(self.store, opened)
    }

    fn verify(&self, head: Option<&str>) -> Result<Verification, Problem> {
        record::verify(self.store, Some(self.ledger.facts()), head, self.now)
    }

    fn export(&self, log: bool) -> Result<Export, Problem> {
        backup::export(self.store, self.ledger, log)
    }

    fn stamp(&self, kind: RecordKind, id: &Id) -> Result<Option<u64>, Problem> {
        let row = self.store.detail(kind.word(), id.as_str()).map_err(problem)?;
        Ok(row.map(|row| row.seq))
    }

    fn gone(&self, kind: RecordKind) -> Result<Vec<(Stored, u64)>, Problem> {
        gone(self.store, kind)
    }

    fn tokens(&self) -> Result<Vec<Token>, Problem> {
        self.store.tokens().map_err(problem)?.iter().map(tokens::read).collect()
    }

    fn preferences(&self, person: &Id) -> Result<Preferences, Problem> {
        preferences(self.store, person)
    }

    fn channels(&self, person: &Id) -> Vec<OpenChannel> {
        notices::open(self.post, self.ledger, person)
    }
}

/// What a person wants to be told.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn preferences(store: &Store, person: &Id) -> Result<Preferences, Problem> {
    let kept = store.preferences(person.as_str()).map_err(problem)?;
    kept.map_or_else(|| Ok(Preferences::default()), |json| notices::read(&json))
}

/// Records of a kind about these items.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn about(store: &Store, kind: RecordKind, items: &[Id]) -> Result<Vec<Stored>, Problem> {
    let mut found = Vec::new();
    for id in items {
        store
            .under(kind.word(), id.as_str(), |row| {
                if let Read::Live(stored) = load::record(&row) {
                    found.push(stored);
                }
            })
            .map_err(problem)?;
    }
    Ok(found)
}

/// The records of a kind that their source no longer has, with the commits that took them off.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn gone(store: &Store, kind: RecordKind) -> Result<Vec<(Stored, u64)>, Problem> {
    let mut found = Vec::new();
    let see = |row: crate::store::Record| {
        let seq = row.seq;
        // What it last said is read as if it still did.
        if let Read::Live(stored) = load::record(&crate::store::Record { deleted: false, ..row }) {
            found.push((stored, seq));
        }
    };
    store.gone(kind.word(), see).map_err(problem)?;
    Ok(found)
}

/// The events with these numbers that read, and their hashes.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn entries(store: &Store, numbers: Range<u64>) -> Result<Vec<(LogEntry, log::Hash)>, Problem> {
    let mut entries = Vec::new();
    store
        .events(numbers, |row| entries.extend(load::event(&row).ok().map(|entry| (entry, row.hash))))
        .map_err(problem)?;
    Ok(entries)
}

/// Where a round stands that an event opened, as the record tells it.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn ground(store: &Store, opened: u64) -> Result<Ground, Problem> {
    let head = store.head().map_err(problem)?;
    let mut hash = String::new();
    store.events(opened..opened + 1, |row| hash = log::hex(&row.hash)).map_err(problem)?;
    Ok(Ground { lineage: head.lineage.to_string(), opened: hash })
}
