//! What is to be written to sources: made in the same commit as the act, sent once, its state visible to everybody.
//!
//! A vote goes only with the credential of who cast it, by a program of theirs; everything else by whoever leads.

mod freeze; // what a freeze asks of systems
mod own; // what only its person may send, on a board that a service holds
mod posted; // one write, and where it stands
mod void; // what is not sent because of what was done since

use std::collections::{BTreeMap, BTreeSet};

use super::{again::rest, sources::Sources};
use crate::{
    calendar::Zone,
    ledger::{
        Ledger, Proposal,
        event::{Event, Known, RoundOutcome},
        log::{Sealed, hex},
    },
    model::{
        ApprovalAnswer, Fault, Id, Instant, Line, Person, Prose, Record, RecordKind, RunAct, SourceId,
        Stored, Vote,
    },
    rules::approval::line,
    source::{Capabilities, Point, What, Write},
    store::{self, OutboxState},
    wire::WriteRow,
    words::{Label, run_record::progress},
};

pub use own::{Asked, Look, Own};
pub use posted::Posted;

/// Refused and accepted writes kept in mind, for the page of their item.
const KEPT: usize = 400;

/// By whom writes go out that are a person's own.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// By this process, for who runs it.
    Person(Option<&'a Id>),
    /// By sessions of their people, which asked for these.
    Claimed(&'a BTreeSet<String>),
}

/// The writes of a board.
#[derive(Debug, Default)]
pub struct Outbox {
    /// A service holds the board: it has nobody's own credential, and people's sessions send what is theirs.
    served: bool,
    rows: BTreeMap<String, Posted>,
    /// Writes whose state could not be kept, with how often in a row and until when they are left alone.
    resting: BTreeMap<String, (u32, Instant)>,
    /// Rows that cannot be read, with their source and why.
    unreadable: BTreeMap<String, Fault>,
}

impl Outbox {
    /// Those of a board that a service holds, or of one inside the program.
    #[must_use]
    pub fn of_board(served: bool) -> Self {
        Self { served, ..Self::default() }
    }

    pub fn remember(&mut self, row: &store::Outbox) {
        match Posted::read(row) {
            Ok(posted) => {
                self.unreadable.remove(&row.id);
                self.keep(posted);
            }
            Err(error) => {
                tracing::error!(id = row.id, %error, "a write to a source cannot be read");
                let fault = Fault {
                    source: SourceId::new(&row.source),
                    record: None,
                    place: format!("write {}", row.id),
                    message: format!(
                        "the {} write {} to it cannot be read ({error}) and is not sent; a newer quorate may have made it: update quorate",
                        row.state.as_str(),
                        row.id
                    ),
                };
                self.unreadable.insert(row.id.clone(), fault);
            }
        }
    }

    /// Writes that cannot be read.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.unreadable.values()
    }

    /// Its state could not be kept: it is left alone for a while, longer each time.
    pub fn rest(&mut self, id: &str, now: Instant) {
        let failures = self.resting.get(id).map_or(0, |(failures, _)| failures + 1);
        self.resting.insert(id.to_owned(), (failures, now.plus(rest(failures))));
    }

    fn rests(&self, row: &Posted) -> Option<Instant> {
        self.resting.get(&row.write.id).map(|(_, until)| *until)
    }

    pub fn keep(&mut self, posted: Posted) {
        self.resting.remove(&posted.write.id);
        self.rows.insert(posted.write.id.clone(), posted);
        if self.rows.len() > 2 * KEPT {
            let mut old: Vec<(Instant, String)> = self
                .rows
                .values()
                .filter(|row| !row.is_waiting() && !freeze::is_hold(&row.write))
                .map(|row| (row.write.at, row.write.id.clone()))
                .collect();
            old.sort();
            let surplus = old.len().saturating_sub(KEPT);
            for (_, id) in old.into_iter().take(surplus) {
                self.rows.remove(&id);
            }
        }
    }

    pub fn clear(&mut self) {
        self.rows.clear();
        self.unreadable.clear();
    }

    /// What waits for its next try, of one source or of all, is due now.
    pub fn retry(&mut self, source: Option<&SourceId>) {
        self.resting.clear();
        for row in self.rows.values_mut().filter(|row| source.is_none_or(|source| row.source == *source)) {
            if row.state == OutboxState::Queued {
                row.next = None;
            }
        }
    }

    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Posted> {
        self.rows.get(id)
    }

    #[must_use]
    pub fn queued(&self, source: &SourceId) -> usize {
        // What waits for a session of its person is no sign of how the source does.
        let theirs = |row: &Posted| self.served && row.write.own;
        let waits =
            |row: &&Posted| row.source == *source && row.is_waiting() && !row.is_to_come() && !theirs(row);
        self.rows.values().filter(waits).count()
    }

    /// Writes that are not through, oldest first, then those refused or held.
    #[must_use]
    pub fn shown(&self) -> Vec<WriteRow> {
        let mut rows: Vec<&Posted> = self
            .rows
            .values()
            .filter(|row| row.state != OutboxState::Accepted && !row.is_to_come())
            .collect();
        rows.sort_by_key(|row| (!row.is_waiting(), row.write.at, row.write.id.clone()));
        rows.into_iter().map(Posted::shown).collect()
    }

    /// Every write about an item and its copies, oldest first.
    #[must_use]
    pub fn of(&self, ids: &[Id]) -> Vec<WriteRow> {
        let mut rows: Vec<&Posted> = self.rows.values().filter(|row| ids.contains(&row.write.item)).collect();
        rows.sort_by_key(|row| (row.write.at, row.write.id.clone()));
        rows.into_iter().map(Posted::shown).collect()
    }

    /// The next write this process is to send: what is due, of a source that is free.
    #[must_use]
    pub fn due(&self, sources: &Sources, whose: Whose<'_>, leads: bool, now: Instant) -> Option<&Posted> {
        let mine = |row: &&Posted| match (row.write.own, whose) {
            (true, Whose::Person(Some(me))) => {
                row.write.person.as_ref() == Some(me) && sources.able(&row.source).is_some_and(|(_, own)| own)
            }
            (true, Whose::Person(None)) => false,
            (true, Whose::Claimed(ids)) => ids.contains(&row.write.id),
            (false, _) => leads,
        };
        let come = |at: Option<Instant>| at.is_none_or(|at| at <= now);
        let another = |row: &Posted| {
            let now = sources.credential(&row.source, row.write.own);
            !row.barred.is_empty() && now.is_some_and(|now| !row.barred.contains(&now))
        };
        let due = |row: &&Posted| {
            let queued = row.state == OutboxState::Queued;
            if row.write.own && self.served {
                // Whether it was due, who asked for it was told.
                return queued && come(self.rests(row));
            }
            row.is_waiting()
                && (come(row.next) || queued && another(row))
                && come(row.not_before)
                && come(self.rests(row))
        };
        let mut rows: Vec<&Posted> =
            self.rows.values().filter(due).filter(mine).filter(|row| sources.is_home(&row.source)).collect();
        rows.sort_by_key(|row| (row.write.at, row.write.id.clone()));
        rows.first().copied()
    }

    /// Votes held as ours only that one of these approvals, new or changed at their source, asks for.
    #[must_use]
    pub fn asked(&self, ledger: &Ledger, source: &SourceId, brought: &[Stored]) -> Vec<Posted> {
        let facts = ledger.facts();
        let asks = |row: &Posted, stored: &Stored| {
            let Record::Approval(approval) = &stored.record else { return false };
            approval.answer.value == ApprovalAnswer::Requested
                && facts.whole(&approval.item) == facts.whole(&row.write.item)
                && (row.write.is_by(&approval.approver)
                    || facts
                        .person(approval.approver.as_str())
                        .is_some_and(|person| row.write.person.as_ref() == Some(&person.id)))
        };
        let ours = self.rows.values().filter(|row| row.ours && row.source == *source);
        ours.filter(|row| brought.iter().any(|stored| asks(row, stored))).cloned().collect()
    }

    /// When a write is to be tried next, after now.
    #[must_use]
    pub fn next_due(&self, now: Instant) -> Option<Instant> {
        let waiting = self.rows.values().filter(|row| row.is_waiting());
        waiting
            .filter_map(|row| row.next.max(self.rests(row)).max(row.not_before))
            .filter(|due| *due > now)
            .min()
    }

    /// What a proposal means for sources: rows to commit with it.
    #[must_use]
    pub fn posted(&self, ledger: &Ledger, sources: &Sources, proposal: &Proposal) -> Vec<Posted> {
        let mut rows: Vec<Posted> = Vec::new();
        for sealed in &proposal.events {
            rows.extend(freeze::holds(ledger, sources, sealed));
            rows.extend(freeze::ends(self.rows.values(), sealed));
            self.made_void(ledger, &sealed.entry, &mut rows);
            let Some((source, item)) = place(ledger, sources, sealed, self.served) else { continue };
            let Some((able, me)) = sources.able(&source) else { continue };
            // A service has nobody's credential: a vote waits for its person, and the rest goes by the source's account.
            let (votes, me) = (able.votes.is_ok() && (me || self.served), me && !self.served);
            if let Some(write) = write(ledger, sealed, &item, votes, me)
                && able.takes(&write.what).is_ok()
            {
                self.replaced(ledger, &write, &mut rows);
                rows.push(self.begun(source, write));
            }
        }
        rows
    }
}

/// Where an act is written: to the system that owns its item, or, where that one does not take it and another tells of
/// the same change, to that other.
fn place(ledger: &Ledger, sources: &Sources, sealed: &Sealed, served: bool) -> Option<(SourceId, Id)> {
    let facts = ledger.facts();
    let item = facts.whole(sealed.entry.event.item()?);
    let own =
        facts.source_of(RecordKind::Change, item).or_else(|| facts.source_of(RecordKind::Release, item))?;
    let copies = facts.copies(item).into_iter();
    let copies = copies.filter_map(|copy| Some((facts.source_of(RecordKind::Change, &copy.id)?, &copy.id)));
    let places =
        || std::iter::once((own, item)).chain(copies.clone()).filter(|(source, _)| !source.is_board());
    if let Event::MoveProposed { .. } = sealed.entry.event {
        // Another that tells of it does not decide when it is: what the board shows would not move.
        return (!own.is_board()).then(|| (own.clone(), item.clone()));
    }
    let votes = matches!(sealed.entry.event, Event::Voted { .. });
    let takes = |(source, _): &(&SourceId, &Id)| {
        let takes = |(able, me): (&Capabilities, bool)| {
            if votes { able.votes.is_ok() && (me || served) } else { able.comments.is_ok() }
        };
        sources.able(source).is_some_and(takes)
    };
    let (source, id) = places().find(takes).or_else(|| places().next())?;
    Some((source.clone(), id.clone()))
}

/// The point of a run that a system may have a status for.
const fn point(act: &RunAct) -> Option<Point> {
    match act {
        RunAct::Started { .. } => Some(Point::Started),
        RunAct::TurnedBack { .. } => Some(Point::TurnedBack),
        RunAct::Ended { .. } => Some(Point::Ended),
        RunAct::Ticked { .. }
        | RunAct::Held { .. }
        | RunAct::HoldExplained { .. }
        | RunAct::Resumed { .. }
        | RunAct::WentOn { .. }
        | RunAct::Decided { .. }
        | RunAct::Answered { .. }
        | RunAct::Restored { .. }
        | RunAct::Dropped { .. } => None,
    }
}

/// What an event means for the source of its item, if anything. Abstentions and votes by roll call stay here.
fn write(ledger: &Ledger, sealed: &Sealed, item: &Id, votes: bool, me: bool) -> Option<Write> {
    let entry = &sealed.entry;
    let by = entry.by.person.as_ref();
    let acts = entry.by.known != Known::System;
    let (what, own, revision) = match &entry.event {
        Event::Voted { item: cast_on, person, vote, comment, revision, round, .. } => {
            let approve = match vote {
                Vote::Approve => true,
                Vote::Reject => false,
                Vote::Abstain => return None,
            };
            // What is secret here until the item is decided is not told elsewhere, whatever closed with it.
            // It may go to a copy of the item, which has no round of its own.
            let secret = void::is_secret(ledger, cast_on, *round);
            if !votes || secret || by != Some(person) {
                return None;
            }
            (What::Vote { approve, comment: comment.clone() }, true, Some(*revision))
        }
        Event::Commented { text, .. } if acts => (What::Comment { text: text.clone() }, me, None),
        Event::Run { phase, act, .. } if acts => {
            let zone = Zone::of_board(ledger.facts().settings().zone.as_ref());
            let text = Prose::new(&progress(act, phase.as_ref(), entry.at, zone)?);
            // The status of a release there is not that of one of its phases.
            match point(act).filter(|_| phase.is_none()) {
                Some(point) => (What::Progress { text, point }, me, None),
                None => (What::Comment { text }, me, None),
            }
        }
        Event::MoveProposed { was, start, end, revision, .. } => {
            (What::Dates { was: *was, start: *start, end: *end }, me, Some(*revision))
        }
        Event::RoundClosed { outcome, arithmetic, reason, revision, .. } => {
            let approved = match outcome {
                RoundOutcome::Approved => Some(true),
                RoundOutcome::Rejected => Some(false),
                RoundOutcome::Deferred | RoundOutcome::NeedsInfo => None,
                RoundOutcome::Superseded => return None,
            };
            let reason = reason.as_ref().map(|why| format!("\n{}", why.as_str())).unwrap_or_default();
            let board = ledger
                .fold()
                .get(ledger.facts().whole(item))
                .and_then(|item| item.rounds.last().map(|r| r.board.clone()));
            let board = board.map(|id| format!(" by {id}")).unwrap_or_default();
            let text = format!(
                "Change advisory board: {}{board}.\n{}{reason}",
                outcome.label(),
                line::closed(*outcome, arithmetic)
            );
            (What::Decision { text: Prose::new(&text), approved }, false, Some(*revision))
        }
        _ => return None,
    };
    let person = by.and_then(|id| ledger.facts().person(id.as_str()));
    let named = |person: &Person| match person.name.is_empty() {
        true => Line::new(person.id.as_str()),
        false => person.name.clone(),
    };
    let mut known_as: Vec<Line> = Vec::new();
    if let Some(person) = person {
        known_as.push(Line::new(person.id.as_str()));
        known_as.extend(person.email.iter().chain(person.login.iter()).chain(&person.aliases).cloned());
    }
    Some(Write {
        id: hex(&sealed.hash).chars().take(16).collect(),
        item: item.clone(),
        what,
        person: by.cloned(),
        own,
        name: person.map_or_else(|| entry.by.login.clone(), named),
        known_as,
        revision,
        at: entry.at,
    })
}
