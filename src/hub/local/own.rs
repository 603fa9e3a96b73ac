//! Writes that only their person may send, on a board that a service holds.
//!
//! A session of that person asks for one; the item is read anew first, as before every vote. It is given out for a time, and
//! nobody else has it until then. What the session says of it is its person's word; that it is there is believed only once the
//! service has read so itself. One of which nothing is heard in its time is looked for, and waits again where it is not there.

use super::{
    outbox::{Asked, Look, Posted, Whose},
    serve::Server,
};
use crate::{
    hub::{
        Reply,
        protocol::{Claim, Claimed, Report, Reported},
    },
    model::{Id, Line},
    source::{PullError, Pushed, Write},
    store::OutboxState,
    wire::{Actor, Known, Problem, ProblemKind, WriteState},
};

/// The most characters of what a session says of a write.
const WORDS: usize = 400;
/// Claims and reports that may wait for their source at once.
const MOST: usize = 1024;

/// Where a write has got to, for who sent it.
fn reported(row: &Posted) -> Reported {
    let state = match row.state {
        OutboxState::Queued => WriteState::Queued,
        OutboxState::Sending => WriteState::Sending,
        OutboxState::Accepted => WriteState::Accepted,
        OutboxState::Refused => WriteState::Refused,
        OutboxState::Held => WriteState::Held,
    };
    Reported { state, words: row.words.clone() }
}

/// At most so much of what a session says goes on the record.
fn short(words: &Line) -> Line {
    Line::new(&words.chars().take(WORDS).collect::<String>())
}

impl Server {
    /// The next write that this process may send.
    pub(super) fn next_write(&mut self, leads: bool) -> Option<Posted> {
        let now = self.options.clock.now();
        if self.options.shared {
            let asked = self.own.asked();
            return self.outbox.due(&self.sources, Whose::Claimed(&asked), leads, now).cloned();
        }
        let me = self.publish.borrow().me.person.clone();
        self.outbox.due(&self.sources, Whose::Person(me.as_ref()), leads, now).cloned()
    }

    /// A session asks for a write of its person's.
    pub(super) fn claim(&mut self, actor: &Actor, claim: Claim, reply: Reply<Claimed>) {
        match self.may_claim(actor, &claim) {
            Err(problem) => drop(reply.send(Err(problem))),
            // The answer got lost.
            Ok(Some(before)) => drop(reply.send(Ok(before))),
            Ok(None) => {
                self.own.claims.push(Asked { claim, reply });
                self.send_due();
            }
        }
    }

    /// That it may be given out once its item was read anew; what was answered before, where it was.
    fn may_claim(&mut self, actor: &Actor, claim: &Claim) -> Result<Option<Claimed>, Problem> {
        let person = self.sender(actor)?;
        let now = self.options.clock.now();
        let given = self.outbox.theirs(&claim.write, &person)?;
        if given.state == OutboxState::Sending
            && given.claim.as_ref() == Some(&claim.claim)
            && let Some(next) = given.next.filter(|next| *next > now)
        {
            return Ok(Some(Claimed { write: given.write.clone(), secs: next - now }));
        }
        let row = self.outbox.asked_for(&claim.write, &person, claim.mark, now)?;
        if self.sources.able(&row.source).is_none() {
            let why = format!("{} is no source of this board any more", row.source);
            return Err(Problem::new(ProblemKind::Unreachable, why)
                .hint("it is set where the board is kept; ask whoever runs it"));
        }
        if self.own.asked().contains(&claim.write) {
            let why = "another session of yours asks for it";
            return Err(Problem::new(ProblemKind::Changed, format!("not sent: {why}")));
        }
        self.is_room()?;
        Ok(None)
    }

    fn is_room(&self) -> Result<(), Problem> {
        if self.own.claims.len() + self.own.looks.len() < MOST {
            return Ok(());
        }
        Err(Problem::new(ProblemKind::Unreachable, "too many writes wait for their source").hint("try again"))
    }

    /// The person of who sends something of their own; never a machine, nor somebody whom nobody verified.
    fn sender(&mut self, actor: &Actor) -> Result<Id, Problem> {
        self.refuse_read_only()?;
        self.follow();
        self.refuse_broken()?;
        self.refuse_ended(actor)?;
        let refused = |why: &str| Err(Problem::new(ProblemKind::NotAllowed, why));
        if !self.options.shared {
            return refused("a board that this program holds itself is written back by it");
        }
        match &actor.person {
            Some(_) if self.is_pipeline(actor) => refused("a machine sends nobody's vote"),
            Some(person) if actor.known == Known::Verified => Ok(person.clone()),
            Some(_) | None => refused("only its person sends a vote, and it is not known who you are"),
        }
    }

    /// Gives a write out, durably, to the session that asked for it.
    pub(super) fn give_out(&mut self, posted: &Posted) {
        let Some(Asked { claim, reply }) = self.own.take(&posted.write.id) else { return };
        if reply.is_closed() {
            return;
        }
        let taken = posted.taken(&claim.claim, claim.secs, self.options.clock.now());
        let done = self.post(posted, &taken, None);
        if done.is_err() {
            self.leave_alone(posted);
        }
        self.settle();
        let secs = Posted::lent(claim.secs);
        let _ = reply.send(done.map(|()| Claimed { write: posted.write.clone(), secs }));
    }

    /// It was not given out after all: who asked for it is told why.
    pub(super) fn keep_back(&mut self, write: &str) {
        let Some(Asked { reply, .. }) = self.own.take(write) else { return };
        let why = self.outbox.get(write).map(|row| row.words.to_string());
        let why = why.unwrap_or_else(|| "it is gone".to_owned());
        let _ = reply.send(Err(Problem::new(ProblemKind::Changed, why)));
    }

    /// A session says how a write ended that it took.
    pub(super) fn report(&mut self, actor: Actor, report: Box<Report>, reply: Reply<Reported>) {
        let posted = match self.may_report(&actor, &report) {
            Ok(posted) => posted,
            Err(problem) => return drop(reply.send(Err(problem))),
        };
        let waits = matches!(posted.state, OutboxState::Sending | OutboxState::Queued);
        match &report.pushed {
            // What it says is read here first. Also of one that was late: it may have been waiting again.
            Pushed::Accepted(_) if waits => {
                let said = Some((actor, reply));
                self.own.looks.retain(|look| look.begun || look.write != report.write);
                let claim = Some(report.claim);
                self.own.looks.push(Look { write: report.write, claim, said, begun: false });
                return self.send_due();
            }
            Pushed::Accepted(_) => {}
            Pushed::Refused(words) if posted.state == OutboxState::Sending => {
                self.pushed_by(&posted.write, &Pushed::Refused(short(words)), Some(&actor));
            }
            Pushed::Ours(words) if posted.state == OutboxState::Sending => {
                self.pushed_by(&posted.write, &Pushed::Ours(short(words)), Some(&actor));
            }
            Pushed::Later { words, after } if posted.state == OutboxState::Sending => {
                let later = Pushed::Later { words: short(words), after: *after };
                self.pushed_by(&posted.write, &later, Some(&actor));
            }
            Pushed::Barred { words, by } if posted.state == OutboxState::Sending => {
                let barred = Pushed::Barred { words: short(words), by: *by };
                self.pushed_by(&posted.write, &barred, Some(&actor));
            }
            Pushed::Unknown(words) if posted.state == OutboxState::Sending => {
                self.pushed_by(&posted.write, &Pushed::Unknown(short(words)), Some(&actor));
            }
            // Said before, or settled meanwhile.
            Pushed::Refused(_)
            | Pushed::Ours(_)
            | Pushed::Later { .. }
            | Pushed::Barred { .. }
            | Pushed::Unknown(_) => {}
        }
        self.say_state(&report.write, reply);
    }

    /// The write that is spoken of, where this try had it last.
    fn may_report(&mut self, actor: &Actor, report: &Report) -> Result<Posted, Problem> {
        let person = self.sender(actor)?;
        let row = self.outbox.theirs(&report.write, &person)?;
        if row.claim.as_ref() != Some(&report.claim) {
            return Err(Problem::new(ProblemKind::Changed, "another session of yours took that write since")
                .hint("what you sent is found when it is read there"));
        }
        self.is_room()?;
        Ok(row.clone())
    }

    fn say_state(&self, write: &str, reply: Reply<Reported>) {
        let gone = || Problem::new(ProblemKind::NotFound, "that write is not here any more");
        let _ = reply.send(self.outbox.get(write).map(reported).ok_or_else(gone));
    }

    /// Looks for what sessions say is there, and for what they said nothing more of.
    pub(super) fn look_for_own(&mut self, leads: bool) {
        if !self.options.shared {
            return;
        }
        let now = self.options.clock.now();
        if leads {
            let look = |row: &Posted| {
                let (write, claim) = (row.write.id.clone(), row.claim.clone());
                Look { write, claim, said: None, begun: false }
            };
            let mut overdue: Vec<Look> = self.outbox.overdue(now).into_iter().map(look).collect();
            overdue.retain(|new| self.own.looks.iter().all(|look| look.write != new.write));
            self.own.looks.extend(overdue);
        }
        for at in (0..self.own.looks.len()).rev() {
            let look = &self.own.looks[at];
            match self.outbox.get(&look.write) {
                Some(_) if look.begun => {}
                Some(row) if self.sources.is_home(&row.source) => {
                    self.sources.find(&row.source, row.write.clone());
                    self.own.looks[at].begun = true;
                }
                // It is asked once its source is back.
                Some(row) if self.sources.able(&row.source).is_some() => {}
                Some(_) | None => {
                    let Look { write, said, .. } = self.own.looks.swap_remove(at);
                    if let Some((_, reply)) = said {
                        self.say_state(&write, reply);
                    }
                }
            }
        }
    }

    /// It was looked whether a write is there.
    pub(super) fn found(&mut self, write: &Write, found: Result<Option<Line>, PullError>) {
        let now = self.options.clock.now();
        let at = self.own.looks.iter().position(|look| look.begun && look.write == write.id);
        let Some(Look { claim, said, .. }) = at.map(|at| self.own.looks.swap_remove(at)) else { return };
        let (by, reply) = said.map_or((None, None), |(actor, reply)| (Some(actor), Some(reply)));
        let Some(posted) = self.outbox.get(&write.id).cloned() else { return };
        let waits = matches!(posted.state, OutboxState::Sending | OutboxState::Queued);
        match found {
            Ok(Some(place)) if waits => {
                self.pushed_by(write, &Pushed::Accepted(place), by.as_ref());
            }
            // Another session took it since: what is not there yet may be on its way.
            Ok(None) | Err(_) if claim != posted.claim => {}
            Ok(None) if posted.state == OutboxState::Sending && by.is_some() => {
                let words = "your session says that it is there, and it is not where this board reads: the url of your \
                             settings may name another system";
                let again = match posted.void {
                    Some(_) => posted.again(words),
                    None => posted.later(OutboxState::Queued, Line::new(words), None, now),
                };
                self.told(&posted, &again, None);
            }
            Ok(None) if posted.is_overdue(now) => {
                let words =
                    format!("the session of {} that took it fell silent; it is not there", write.name);
                self.told(&posted, &posted.again(&words), None);
            }
            Err(error) if posted.state == OutboxState::Sending => {
                let words = match by {
                    Some(_) => {
                        format!("a session of {} sent it; not yet read again here: {error}", write.name)
                    }
                    None => format!("perhaps sent; not yet read again: {error}"),
                };
                let later = posted.later(OutboxState::Sending, Line::new(&words), error.retry_after, now);
                self.told(&posted, &later, None);
            }
            Ok(_) | Err(_) => {}
        }
        self.settle();
        if let Some(reply) = reply {
            self.say_state(&write.id, reply);
        }
        self.send_due();
    }
}
