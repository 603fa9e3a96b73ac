//! What only its person may send, on a board that a service holds: it has nobody's own credential, so a session of that
//! person takes the write, sends it and says how that ended.

use std::collections::BTreeSet;

use super::{Outbox, Posted, posted::LEASE};
use crate::{
    hub::{
        Reply,
        protocol::{Claim, Claimed, Reported},
    },
    ledger::Ledger,
    model::{Id, Instant, Line, SourceId},
    source::{Mark, What, Write},
    store::OutboxState,
    wire::{Actor, Command, Problem, ProblemKind},
};

/// The fewest seconds for which a write is given out.
const SHORTEST: i64 = 5;

/// What sessions of people asked for or said, and is not answered.
#[derive(Debug, Default)]
pub struct Own {
    pub claims: Vec<Asked>,
    pub looks: Vec<Look>,
}

/// A write that is asked for, and who waits for it.
#[derive(Debug)]
pub struct Asked {
    pub claim: Claim,
    pub reply: Reply<Claimed>,
}

/// A write that is to be looked for.
#[derive(Debug)]
pub struct Look {
    pub write: String,
    /// Which try had it as the look was asked for.
    pub claim: Option<String>,
    /// Whose session says that it is there; none where nothing was heard of it.
    pub said: Option<(Actor, Reply<Reported>)>,
    /// Its source is being asked.
    pub begun: bool,
}

impl Own {
    /// What was asked for by sessions that still wait for it.
    pub fn asked(&mut self) -> BTreeSet<String> {
        self.claims.retain(|asked| !asked.reply.is_closed());
        self.claims.iter().map(|asked| asked.claim.write.clone()).collect()
    }

    /// What was asked for of a write, taken out.
    pub fn take(&mut self, write: &str) -> Option<Asked> {
        let at = self.claims.iter().position(|asked| asked.claim.write == write)?;
        Some(self.claims.swap_remove(at))
    }
}

impl Posted {
    /// For how many seconds of those that are asked for it is given out.
    #[must_use]
    pub fn lent(secs: i64) -> i64 {
        secs.clamp(SHORTEST, LEASE)
    }

    /// In the hands of a session of its person.
    #[must_use]
    pub fn taken(&self, claim: &str, secs: i64, now: Instant) -> Self {
        let words = format!("a session of {} sends it", self.write.name);
        Self {
            words: Line::new(&words),
            claim: Some(claim.to_owned()),
            next: Some(now.plus(Self::lent(secs))),
            ..self.sending(now)
        }
    }

    /// It was not sent, as far as can be read: the next session may take it, unless something made it void meanwhile.
    #[must_use]
    pub fn again(&self, words: &str) -> Self {
        match &self.void {
            Some(void) => self.ended(OutboxState::Refused, void.clone()),
            None => Self { next: None, ..self.ended(OutboxState::Queued, Line::new(words)) },
        }
    }

    /// Whether who took it had it for as long as they asked.
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.state == OutboxState::Sending && self.next.is_none_or(|next| next <= now)
    }
}

impl Outbox {
    /// That a vote which is given up waits, and nobody has it in hand.
    ///
    /// # Errors
    /// There is none, or it is too late for that.
    pub fn may_give_up(&self, ledger: &Ledger, command: &Command) -> Result<(), Problem> {
        let Command::GiveUp { item, write, source, person, reason: _ } = command else { return Ok(()) };
        let same = |row: &&Posted| {
            let facts = ledger.facts();
            row.write.own
                && row.source == *source
                && row.write.person.as_ref() == Some(person)
                && matches!(row.write.what, What::Vote { .. })
                && facts.whole(&row.write.item) == facts.whole(item)
        };
        let Some(row) = self.get(write).filter(same) else {
            let title = format!("no vote of {person} on {item} waits to be written to {source}");
            return Err(
                Problem::new(ProblemKind::NotFound, title).hint("`quorate own-votes` lists those that wait")
            );
        };
        let too_late = |why: String| Err(Problem::new(ProblemKind::Changed, format!("not given up: {why}")));
        match row.state {
            OutboxState::Queued | OutboxState::Held => Ok(()),
            OutboxState::Sending => too_late(format!("{}; how that ends is heard first", row.words))
                .map_err(|problem: Problem| problem.hint("try again")),
            OutboxState::Accepted => too_late(format!("it is written there: {}", row.words)),
            OutboxState::Refused => too_late(format!("it waits no more: {}", row.words)),
        }
    }

    /// A write as it is made; what waits for its person says so.
    pub(super) fn begun(&self, source: SourceId, write: Write) -> Posted {
        let waits = self.served && write.own;
        let words = format!("waits for a session of {} with their own account there", write.name);
        let row = Posted::new(source, write);
        if waits { Posted { words: Line::new(&words), ..row } } else { row }
    }

    /// Whether a session of its person has it.
    pub(super) fn is_in_hand(&self, row: &Posted) -> bool {
        self.served && row.write.own && row.state == OutboxState::Sending
    }

    /// The writes that a session took and said nothing more of for as long as it asked.
    #[must_use]
    pub fn overdue(&self, now: Instant) -> Vec<&Posted> {
        let rests = |row: &Posted| self.rests(row).is_some_and(|until| until > now);
        let overdue = |row: &&Posted| self.is_in_hand(row) && row.is_overdue(now) && !rests(row);
        self.rows.values().filter(overdue).collect()
    }

    /// A write that this person's session asks for, where it may be sent now.
    ///
    /// # Errors
    /// There is none, it is somebody else's, or it is not its time.
    pub fn asked_for(&self, id: &str, person: &Id, mark: Mark, now: Instant) -> Result<&Posted, Problem> {
        let row = self.theirs(id, person)?;
        let not_now = |why: String| Err(Problem::new(ProblemKind::Changed, format!("not sent: {why}")));
        match row.state {
            OutboxState::Queued => {}
            OutboxState::Sending => return not_now("another session of yours has it in hand".to_owned()),
            OutboxState::Accepted | OutboxState::Refused | OutboxState::Held => {
                return not_now(format!("it is through: {}", row.words));
            }
        }
        let another = !row.barred.is_empty() && !row.barred.contains(&mark);
        if let Some(next) = row.next.filter(|next| *next > now && !another) {
            return not_now(format!("it is tried again in {} s: {}", next - now, row.words));
        }
        let earlier = |other: &&Posted| {
            self.is_in_hand(other)
                && other.write.item == row.write.item
                && other.write.person == row.write.person
                && matches!(other.write.what, What::Vote { .. })
        };
        if let Some(other) = self.rows.values().find(earlier) {
            return not_now(format!("your {} on it is still being sent", other.what()));
        }
        Ok(row)
    }

    /// A write of this person's own.
    ///
    /// # Errors
    /// There is none of that name, or only somebody else sends it.
    pub fn theirs(&self, id: &str, person: &Id) -> Result<&Posted, Problem> {
        let row = self.get(id).ok_or_else(|| {
            Problem::new(ProblemKind::NotFound, format!("there is no write {id:?} on this board"))
        })?;
        match &row.write.person {
            Some(owner) if row.write.own && owner == person => Ok(row),
            Some(owner) if row.write.own => {
                let why = format!("the {} on {} is {owner}'s own", row.what(), row.write.item);
                Err(Problem::new(ProblemKind::NotAllowed, why)
                    .hint("only a session of theirs sends it and says how it ended"))
            }
            Some(_) | None => {
                let why = format!("the {} on {} is sent by the service", row.what(), row.write.item);
                Err(Problem::new(ProblemKind::NotAllowed, why))
            }
        }
    }
}
