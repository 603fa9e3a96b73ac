//! One commit: what is decided in a transaction of the ledger, what it writes beside that, and what became of it.
//!
//! It is decided on the board as it stands, and anew when somebody else was faster. Nothing is kept before the store says
//! that it is on the disk.

use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::{
    again::{LINE, PATIENCE, Patience},
    load,
    outbox::Outbox,
    problem,
    proof::{self, Seal},
    serve::Server,
    sources::Sources,
};
use crate::{
    ledger::{Ledger, Proposal, Transaction, event::SourceRead, log},
    model::{Id, Instant, RecordKind},
    store::{self, Batch, CommandKey, Head, Outcome, Seq, Store, Tombstone},
    wire::{Actor, Command, Problem, ProblemKind, Receipt, SourceHealth},
};

/// What a decision may look at beside the ledger.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    pub store: &'a Store,
    pub sources: &'a Sources,
    pub outbox: &'a Outbox,
    /// The commit that it is decided on.
    pub seq: Seq,
}

/// How an attempt to commit ended.
pub enum Tried {
    Done(Receipt),
    /// This very command was done before, or its key was another's; what is answered to that.
    Before(Outcome),
    /// Somebody else was faster.
    Late,
}

/// What follows from the time that passed.
///
/// # Errors
/// When an event cannot be written.
pub fn reaction(tx: &mut Transaction<'_>, _: &Beside<'_>) -> Result<Batch, Problem> {
    tx.react()?;
    Ok(Batch { leads: true, ..Batch::default() })
}

impl Server {
    /// Commits what is decided on the board as it stands, anew when somebody else was faster. `decide` says what the commit
    /// writes beside what the transaction proposes.
    pub(super) fn commit(
        &mut self,
        decide: impl Fn(&mut Transaction<'_>, &Beside<'_>) -> Result<Batch, Problem>,
    ) -> Result<Receipt, Problem> {
        self.refuse_stuck()?;
        let mut patience = Patience::new();
        let mut turn = None;
        loop {
            match self.try_commit(&decide)? {
                Tried::Done(receipt) => return Ok(receipt),
                Tried::Before(outcome) => {
                    self.catch_up()?;
                    return answered_before(outcome);
                }
                Tried::Late => {}
            }
            if !patience.again() {
                return Err(Problem::new(
                    ProblemKind::Changed,
                    "the board kept changing while this was decided; nothing was recorded",
                )
                .hint("try again"));
            }
            if turn.is_none() {
                turn = self.store.wait_turn(LINE);
                patience = Patience::lasting(if turn.is_some() { LINE } else { PATIENCE });
            }
            self.catch_up()?;
        }
    }

    /// Commits once, or says that somebody else was faster. What the batch brings a receipt for is written as one.
    pub(super) fn try_commit(
        &mut self,
        decide: &impl Fn(&mut Transaction<'_>, &Beside<'_>) -> Result<Batch, Problem>,
    ) -> Result<Tried, Problem> {
        self.refuse_broken()?;
        self.hear_first()?;
        let judged = self.judge();
        self.refuse_astray(judged.off)?;
        let read = |health: SourceHealth| SourceRead { source: health.id, read_at: health.last_ok };
        let read = self.health().into_iter().map(read).collect();
        // Who still reads the board for a long question keeps it as it was.
        let ledger = Arc::make_mut(&mut self.live.ledger);
        ledger.set_clock_off(judged.off);
        ledger.hold_back(self.others.held_back.clone());
        ledger.set_sources_read(read);
        let clocks = judged.leave.unwrap_or_else(|| self.clocks.clone());
        let mut tx = ledger.begin(judged.at);
        let beside =
            Beside { store: &self.store, sources: &self.sources, outbox: &self.outbox, seq: self.head.seq };
        let mut batch = decide(&mut tx, &beside)?;
        if tx.proposal().events.iter().any(|sealed| proof::concludes(&sealed.entry.event)) {
            self.proof.prove_first(&self.store)?;
        }
        let receipt = Receipt {
            seq: self.head.seq + 1,
            events: tx.proposal().events.iter().map(|sealed| sealed.entry.n).collect(),
            said: tx.proposal().said.clone(),
        };
        let posted = self.outbox.posted(tx.ledger(), &self.sources, tx.proposal());
        batch.note = serde_json::to_string(&Seal::after(&self.head, tx.ledger().head(), clocks.clone())).ok();
        let rows = posted.iter().map(super::outbox::Posted::row).collect::<Result<Vec<_>, _>>()?;
        batch.outbox.extend(rows);
        let batch = fill(&self.head, tx.proposal(), &receipt, batch)?;
        match self.store.commit(&batch).map_err(problem)? {
            Outcome::Moved(_) => Ok(Tried::Late),
            before @ (Outcome::AlreadyDone(_) | Outcome::OtherCommand) => Ok(Tried::Before(before)),
            Outcome::Committed(done) => {
                let (proposal, changes) = tx.keep();
                if done.seq > self.head.seq {
                    self.clocks = clocks;
                }
                self.live.changed(changes);
                self.keep(&proposal, done.seq);
                posted.into_iter().for_each(|row| self.outbox.keep(row));
                Ok(Tried::Done(Receipt { seq: done.seq, ..receipt }))
            }
        }
    }

    /// The proposal is on the board.
    fn keep(&mut self, proposal: &Proposal, seq: Seq) {
        self.wrote = true;
        self.live.follow(&proposal.upserts, &proposal.tombstones);
        let log::Head { n, hash } = self.live.ledger.head();
        let newest = proposal.events.iter().map(|sealed| sealed.entry.at).max();
        self.proof.advance(log::Head { n, hash }, seq, newest);
        self.head = Head { seq, events: n, hash, ..self.head.clone() };
    }
}

/// A change of a source moves only where its source takes dates: what that can do, the ledger does not know.
pub fn may_move(ledger: &Ledger, sources: &Sources, command: &Command) -> Result<(), Problem> {
    let Command::Move { item, .. } = command else { return Ok(()) };
    let source = ledger.facts().source_of(RecordKind::Change, item);
    let Some(source) = source.filter(|source| !source.is_board()) else { return Ok(()) };
    let why = match sources.able(source) {
        Some((able, _)) => able.dates.err(),
        None => Some("no source of that name is configured here"),
    };
    why.map_or(Ok(()), |why| {
        let words = format!("{item} belongs to {source} and is not moved from here: {why}");
        Err(Problem::new(ProblemKind::NotAllowed, words)
            .hint(format!("change it in {source}; the board follows")))
    })
}

/// The batch of a proposal.
fn fill(head: &Head, proposal: &Proposal, receipt: &Receipt, batch: Batch) -> Result<Batch, Problem> {
    let gone = |(kind, id): &(RecordKind, Id)| Tombstone { kind: kind.word(), id: id.as_str().to_owned() };
    Ok(Batch {
        expect: head.seq,
        lineage: Some(head.lineage.clone()),
        receipt: written(receipt)?,
        events: proposal.events.iter().map(load::new_event).collect(),
        upserts: proposal.upserts.iter().map(load::upsert).collect(),
        tombstones: proposal.tombstones.iter().map(gone).collect(),
        ..batch
    })
}

/// A receipt as it is kept.
///
/// # Errors
/// When it cannot be written down.
pub fn written(receipt: &Receipt) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(receipt).map_err(|error| {
        Problem::new(ProblemKind::Unreachable, format!("the receipt of this cannot be written: {error}"))
    })
}

/// By what a command is known when it is sent again: its author, the key they gave it, and what it says, which is hashed
/// when it is first asked for.
pub struct Sent<'a> {
    author: String,
    id: [u8; 16],
    at: i64,
    command: &'a Command,
    digest: OnceLock<Result<store::Hash, String>>,
}

impl<'a> Sent<'a> {
    pub fn new(id: [u8; 16], actor: &Actor, command: &'a Command, now: Instant) -> Self {
        let author = match &actor.person {
            Some(person) => format!("person {person}"),
            None => format!("login {}", actor.login),
        };
        Self { author, id, at: now.secs(), command, digest: OnceLock::new() }
    }

    /// Whether hashing it takes so long that it is done beside deciding it.
    pub fn is_long(&self) -> bool {
        matches!(self.command, Command::Import { file, .. } if file.changes.len() > 1_000)
    }

    /// The key, whole.
    ///
    /// # Errors
    /// When the command cannot be written down.
    pub fn key(&self) -> Result<CommandKey, Problem> {
        let digest = self.digest.get_or_init(|| {
            let mut digest = Digested(Sha256::new());
            serde_json::to_writer(&mut digest, self.command).map_err(|error| error.to_string())?;
            Ok(digest.0.finalize().into())
        });
        let digest = digest.clone().map_err(|error| {
            Problem::new(ProblemKind::Invalid, format!("this command cannot be written down: {error}"))
        })?;
        Ok(CommandKey { author: self.author.clone(), id: self.id, digest, at: self.at })
    }

    /// What was answered to it before, where it was; or that its key was another's.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn before(&self, store: &Store) -> Result<Option<Outcome>, Problem> {
        // Nothing is hashed for a key that was never seen.
        if store.answered(&self.unhashed()).map_err(problem)?.is_none() {
            return Ok(None);
        }
        store.answered(&self.key()?).map_err(problem)
    }

    /// The key without what the command says.
    pub fn unhashed(&self) -> CommandKey {
        CommandKey { author: self.author.clone(), id: self.id, digest: [0; 32], at: self.at }
    }
}

/// What is written, hashed.
struct Digested(Sha256);

impl std::io::Write for Digested {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is said of a command whose key was seen before.
pub fn answered_before(outcome: Outcome) -> Result<Receipt, Problem> {
    let Outcome::AlreadyDone(done) = outcome else {
        return Err(Problem::new(ProblemKind::Invalid, crate::hub::protocol::OTHER_COMMAND)
            .hint("give each command a key of its own"));
    };
    serde_json::from_slice(&done.body).map_err(|e| {
        Problem::new(ProblemKind::Unreachable, format!("the receipt of this command cannot be read: {e}"))
    })
}
