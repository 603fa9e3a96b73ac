//! Whether the record holds: walked over as it is read, and again before anything is decided on it.
//!
//! No mark of how far it was verified is kept anywhere: whoever can edit the log can edit the mark. A board that opens
//! reads its whole log, and hashes it by the way. What lies behind a running program is walked over again when somebody
//! else has written: soon where that was no commit, before every closing, gate and minutes, and now and then.
//!
//! The note of the last commit says where the log ended, and each record has a hash of its own. They are no proof, since
//! they lie in the same file; they show what was cut off, rewritten or added by hands that did not know of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant as Moment;

use super::{agreed::Clocks, load, problem, serve::Server};
use crate::{
    ledger::{
        event::{Event, MeetingAct},
        log::{self, Chain, Fault},
    },
    model::Instant,
    store::{self, Head, Rows, Seq, Store},
    wire::{Broken, Problem, ProblemKind},
};

/// What others committed is walked over again, where nothing asks for it, so much later.
const REST: Duration = Duration::from_mins(10);

/// Where the log ended when it was last committed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    pub seq: Seq,
    pub events: u64,
    /// Of the last one, in hex.
    pub head: String,
    /// What time it was then, by whose word.
    #[serde(default)]
    pub clocks: Clocks,
}

impl Seal {
    /// What the next commit notes about itself: where the log ends with it.
    #[must_use]
    pub fn after(before: &Head, log: log::Head, clocks: Clocks) -> Self {
        Self { seq: before.seq + 1, events: log.n, head: log.hex(), clocks }
    }

    /// What the last commit noted, where it noted anything.
    #[must_use]
    pub fn of(head: &Head) -> Option<Self> {
        serde_json::from_str(head.note.as_deref()?).ok()
    }
}

/// What this process knows about the record's soundness.
#[derive(Debug, Default)]
pub struct Proof {
    chain: Chain,
    /// The first event this program does not know.
    unknown: Option<Fault>,
    /// The records that were read, and what was done to them by other hands.
    rows: Rows,
    edited: Option<String>,
    /// Since when somebody else may have edited what was walked over.
    stale: Option<Moment>,
}

impl Proof {
    /// Takes the next event that was read, and whether it could be.
    pub fn take<T>(&mut self, row: &store::Event, read: &Result<T, String>) {
        self.chain.take(&load::kept(row));
        if let Err(why) = read
            && self.unknown.is_none()
        {
            self.unknown = Some(Fault { n: row.number, why: why.clone() });
        }
    }

    /// Takes the records that were read.
    pub fn take_records(&mut self, rows: Rows) {
        self.rows.join(rows);
    }

    /// Everything up to this head was read: `whole` from the beginning, else only what is new.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn read_to(&mut self, store: &Store, head: &Head, whole: bool) -> Result<(), Problem> {
        let rows = std::mem::take(&mut self.rows);
        // The sum is of all of them; of some, each has its own hash.
        let edited = if whole { rows.fault(head.records) } else { rows.edited() };
        self.edited = self.edited.take().or(edited);
        end(&mut self.chain, store, head)?;
        if self.chain.fault.is_some() {
            // Read in the order of commits; named in the order of the log, as everybody names it.
            let (walked, _) = walk(store, |_| ())?;
            self.chain.fault = walked.fault.or(self.chain.fault.take());
        }
        Ok(())
    }

    /// Another process walked over all of it up to this head, and nobody wrote since: the newest event is of this time.
    pub fn trust(&mut self, head: log::Head, seq: Seq, newest: Option<Instant>) {
        self.chain.advance(head, seq, newest);
    }

    /// This process put events on the log itself, the newest at this time.
    pub fn advance(&mut self, head: log::Head, seq: Seq, at: Option<Instant>) {
        self.chain.advance(head, seq, at);
    }

    /// The newest time of any event.
    #[must_use]
    pub fn newest(&self) -> Option<Instant> {
        self.chain.newest.map(|(_, at)| at)
    }

    /// Somebody else wrote. `commit` where that was a commit: what changed a board without one is looked at at once.
    pub fn touched(&mut self, commit: bool) {
        let due = if commit { Moment::now() + REST } else { Moment::now() };
        self.stale = Some(self.stale.map_or(due, |known| known.min(due)));
    }

    /// When the whole log is to be walked over again, if nothing asks for it before.
    #[must_use]
    pub fn due(&self) -> Option<Moment> {
        self.stale.filter(|_| !self.is_broken())
    }

    /// Walks over the whole log again where somebody else wrote since.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn renew(&mut self, store: &Store) -> Result<(), Problem> {
        if self.stale.is_none() || self.is_broken() {
            return Ok(());
        }
        let known = self.chain.head;
        let mut there = None;
        // Until it could be read it stays to be done, but not at once.
        self.stale = Some(Moment::now() + REST);
        let (walked, _) = walk(store, |at| there = there.or((at.n == known.n).then_some(at.hash)))?;
        self.edited = walk_records(store)?.1;
        self.stale = None;
        let fault = match walked.fault {
            Some(fault) => Some(fault),
            None if walked.head.n < known.n => Some(Fault {
                n: walked.head.n + 1,
                why: "it is gone: the end of the log was cut off".to_owned(),
            }),
            None if known.n > 0 && there != Some(known.hash) => {
                let why = "another event stands there now than when this program read it";
                Some(Fault { n: known.n, why: why.to_owned() })
            }
            None => None,
        };
        self.chain.fault = fault;
        Ok(())
    }

    /// Secret votes stayed behind when this log was copied.
    #[must_use]
    pub fn lacks_votes(&self) -> bool {
        !self.chain.withheld.is_empty()
    }

    /// Before something that nobody can take back.
    ///
    /// # Errors
    /// When the record does not hold, or cannot be read.
    pub fn prove_first(&mut self, store: &Store) -> Result<(), Problem> {
        self.renew(store)?;
        refused(self.broken().as_ref())
    }

    /// The first event that does not hold, else the first that cannot be read.
    #[must_use]
    pub fn broken(&self) -> Option<Broken> {
        let event = |fault: &Fault, newer| Broken { event: Some(fault.n), why: fault.why.clone(), newer };
        let records = |why: &String| Broken { event: None, why: why.clone(), newer: false };
        let fault = self.chain.fault.as_ref().map(|fault| event(fault, false));
        let fault = fault.or_else(|| self.edited.as_ref().map(records));
        fault.or_else(|| self.unknown.as_ref().map(|fault| event(fault, true)))
    }

    fn is_broken(&self) -> bool {
        self.chain.fault.is_some() || self.edited.is_some()
    }
}

impl Server {
    /// Somebody else wrote a while ago: the whole record is walked over again, and what it finds is shown.
    pub(super) fn prove_again(&mut self) {
        match self.prove() {
            Ok(None) => {}
            Ok(Some(_)) => self.settle(),
            Err(error) => tracing::error!(%error, "the record cannot be verified"),
        }
    }

    /// Walks over the record again where somebody else wrote since; says what does not hold.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn prove(&mut self) -> Result<Option<Broken>, Problem> {
        self.proof.renew(&self.store)?;
        Ok(self.proof.broken())
    }

    /// Nothing is decided on a record that does not hold.
    pub(super) fn refuse_broken(&self) -> Result<(), Problem> {
        refused(self.proof.broken().as_ref())
    }
}

/// Whether an event ends something that nobody can take back: before it the whole record is verified.
pub fn concludes(event: &Event) -> bool {
    let issued =
        matches!(event, Event::Meeting { act, .. } if matches!(**act, MeetingAct::MinutesIssued { .. }));
    issued || matches!(event, Event::RoundClosed { .. } | Event::AutoApproved { .. })
}

/// Why nothing is done on this board, where its record does not hold.
fn refused(broken: Option<&Broken>) -> Result<(), Problem> {
    let Some(broken) = broken else { return Ok(()) };
    let said = format!("nothing is done on this board: {}", crate::words::doubt::broken(broken));
    Err(Problem::new(ProblemKind::Unreachable, said).hint(crate::words::doubt::broken_hint(broken)))
}

/// Walks over the log as the store has it now; `see` is told each head that holds. With the first event this program
/// does not know.
///
/// # Errors
/// When the store cannot be read.
pub fn walk(store: &Store, mut see: impl FnMut(log::Head)) -> Result<(Chain, Option<Fault>), Problem> {
    let head = store.head().map_err(problem)?;
    let (mut chain, mut unknown) = (Chain::default(), None);
    store
        .events(1..head.events.saturating_add(1), |row| {
            if !chain.take(&load::kept(&row)) {
                return;
            }
            see(chain.head);
            if unknown.is_none()
                && let Err(why) = load::event(&row)
            {
                unknown = Some(Fault { n: row.number, why });
            }
        })
        .map_err(problem)?;
    end(&mut chain, store, &head)?;
    Ok((chain, unknown))
}

/// Walks over all records as the store has them now: how many, and what was done to them by other hands.
///
/// # Errors
/// When the store cannot be read.
pub fn walk_records(store: &Store) -> Result<(u64, Option<String>), Problem> {
    let mut rows = Rows::default();
    let head = store.all_records(|row| rows.take(&row)).map_err(problem)?;
    Ok((rows.count(), rows.fault(head.records)))
}

/// Compares the end of a walk with what the store says of it, and with the note of the last commit.
fn end(chain: &mut Chain, store: &Store, head: &Head) -> Result<(), Problem> {
    chain.end(head.events, &head.hash, head.seq);
    if chain.fault.is_some() {
        return Ok(());
    }
    let Some(seal) = Seal::of(head) else { return Ok(()) };
    let mut rows = Vec::new();
    store
        .events(seal.events..seal.events.saturating_add(2), |row| rows.push((row.number, row.seq, row.hash)))
        .map_err(problem)?;
    chain.fault = against(&seal, head, &rows);
    Ok(())
}

/// What the note of the last commit finds wrong; `rows` are number, commit and hash of the event it ended with, and of
/// the next.
fn against(seal: &Seal, head: &Head, rows: &[(u64, Seq, store::Hash)]) -> Option<Fault> {
    let fault = |n, why: String| Some(Fault { n, why });
    if head.events < seal.events {
        let why = format!("it is gone: the log ended with event {}, its end was cut off", seal.events);
        return fault(head.events + 1, why);
    }
    if head.seq < seal.seq {
        let why = format!("the board counts {} commits, and had {}: it was set back", head.seq, seal.seq);
        return fault(head.events, why);
    }
    let at = |number| rows.iter().find(|row| row.0 == number);
    if at(seal.events).is_some_and(|row| log::hex(&row.2) != seal.head) {
        return fault(seal.events, "it is another one than the last commit put there".to_owned());
    }
    let next = at(seal.events + 1)?;
    (next.1 <= seal.seq)
        .then(|| Fault { n: next.0, why: "it came after the last commit, and by none of its own".to_owned() })
}
