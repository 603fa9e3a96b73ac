//! The live board: facts, the fold of the log, and what follows from both, kept up to date (ledger § Derivation).
//!
//! Strata, each reading only lower ones: conflict rows from the facts; treated risk and routing; rounds and tallies;
//! what decisions make of conflicts (C13, C17), the gate, reviews due. [`Ledger::refresh`] derives anew only what an
//! edit, an event or time made dirty. The hub drives it: load, propose, commit, then keep or undo.

pub mod agenda;
mod board;
pub mod catalogue;
mod changes;
mod deadline;
pub mod decision_room;
pub mod forecast;
pub mod forward_schedule;
pub mod freeze_preview;
mod gate;
pub mod incidents;
pub mod insights;
pub mod item_context;
pub mod mine;
pub mod mirror;
pub mod notices;
mod numbers;
pub mod price;
pub mod resolve;
mod record_view;
pub mod reliability;
mod reviews_due;
mod rows;
pub mod night;
pub mod release;
pub mod rollback;
pub mod run;
pub mod run_sheet;
pub mod since;
mod tally;
pub mod telling;
mod templates;
pub mod suggestions;
pub mod what_changed;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    iter,
    sync::Arc,
};

use imbl::{OrdMap, OrdSet};

use super::{
    event::{Event, LogEntry, ReleaseAct, SourceRead},
    fold::{Acked, Fold},
    log::{Head, vocabulary::HeldBack},
    tally::{OwnBallot, Tally},
};
use crate::{
    model::{Board, Id, Instant, Record, RecordKind, Relation, Stored, time::MINUTE},
    rules::{
        approval::route,
        conflict::{self, Conflict, ConflictMap, Decisions, Fingerprint, fingerprint},
        facts::{Dirty, Facts},
    },
};

pub use board::Panel;
pub use changes::Changes;
pub(super) use deadline::deadline;
pub use record_view::RecordView;
pub use rows::Rows;
pub(super) use tally::decided;

/// The board in memory.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub(super) facts: Facts,
    pub(super) fold: Fold,
    pub(super) head: Head,
    pub(super) boards: Arc<Vec<Board>>,
    rows: Rows,
    tallies: OrdMap<Id, Arc<Tally>>,
    /// Items whose votes are hidden now, each with those that count: what everybody reads of their own.
    hidden: BTreeMap<Id, Box<[(Id, OwnBallot)]>>,
    owed: OrdSet<Id>,
    /// The rules, with templates as they stand.
    in_force: templates::InForce,
    now: Instant,
    /// The same, to the second.
    asked: Instant,
    /// When each source had last been read, for the record of a decision.
    sources: Vec<SourceRead>,
    /// Seconds by which the clock of who acts is off, for the record.
    pub(super) astray: Option<i64>,
    /// Where another service of the board reads less than this program, for what is written.
    pub(super) held_back: Option<HeldBack>,
    dirty: Dirty,
    /// Items an event was about since the last refresh.
    pub(super) touched: BTreeSet<Id>,
    /// Boards or people changed.
    reseat: bool,
    /// The proposal at hand changes the rules.
    pub(super) ruled: bool,
    /// The changes that it brings with the rules.
    pub(super) arrived: BTreeSet<Id>,
    /// Comments as the store has them, which keeps them alone, where the transaction at hand was told.
    pub(super) recalled: HashMap<Id, Stored>,
    /// What was derived in a transaction that was not kept, and nobody has drawn yet.
    pub(super) undone: Changes,
    /// What changed and nobody has yet drawn consequences from.
    pub(super) unsettled: Changes,
}

/// Something that was committed, here or elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    pub upserts: Vec<Stored>,
    pub tombstones: Vec<(RecordKind, Id)>,
    pub entries: Vec<LogEntry>,
}

/// What decisions say to the conflict rules.
pub(super) struct Decided<'a> {
    pub facts: &'a Facts,
    pub fold: &'a Fold,
}

impl Decisions for Decided<'_> {
    fn approved(&self, change: &Id) -> bool {
        let Some(item) = self.fold.get(change).filter(|item| item.approval.is_some()) else { return false };
        self.facts.revision(change).is_some_and(|revision| item.approves(&revision))
    }

    fn start_authorised(&self, change: &Id) -> bool {
        let Some(item) = self.fold.get(change) else { return false };
        let started = self.facts.change(change).and_then(|change| change.actual_start);
        match started.and_then(|at| item.revision_at(at)) {
            Some(revision) => item.ever_approved(&revision) || item.ratified(&revision),
            None => {
                let now = || self.facts.revision(change);
                self.approved(change) || now().is_some_and(|revision| item.ratified(&revision))
            }
        }
    }

    fn voted_on(&self, change: &Id) -> bool {
        let Some(round) = self.fold.open_round(change) else { return false };
        self.facts.revision(change) == Some(round.revision)
    }
}

impl Ledger {
    /// A board on which nothing was imported and nobody acted.
    #[must_use]
    pub fn new() -> Self {
        Self { dirty: Dirty::all(), reseat: true, ..Self::default() }
    }

    /// What sources say and what the rules computed from it.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What the events of the log add up to.
    #[must_use]
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Where the log stands.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// The boards in force, that of everybody included.
    #[must_use]
    pub fn boards(&self) -> &Arc<Vec<Board>> {
        &self.boards
    }

    /// The now of conflict rows, floored to the minute.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The now that acts are held against, to the second: who acts for whom, what has expired, whether it may go.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.asked
    }

    /// Gives the conflict rows of an earlier run at this board: those that stand again are kept instead of made twice.
    pub fn expect(&mut self, conflicts: ConflictMap) {
        self.rows.expect(conflicts);
    }

    /// All conflict rows, acknowledged ones included, in order.
    #[must_use]
    pub fn conflicts(&self) -> &ConflictMap {
        self.rows.all()
    }

    /// The conflict rows that name an activity, a release or a window.
    pub fn conflicts_of<'a>(&'a self, side: &Id) -> impl Iterator<Item = &'a Arc<Conflict>> + use<'a> {
        self.rows.of(side)
    }

    /// The newest round of every item that has one, as everybody may see it; [`Ledger::mine`] has the rest.
    #[must_use]
    pub fn tallies(&self) -> &OrdMap<Id, Arc<Tally>> {
        &self.tallies
    }

    /// The tally of an earlier round, as it closed.
    #[must_use]
    pub fn tally_of_round(&self, item: &Id, round: u32) -> Option<Tally> {
        let found = self.fold.get(item)?.rounds.iter().find(|r| r.number == round)?;
        Some(tally::tally(self, item, found))
    }

    /// Changes whose post-implementation review is due.
    #[must_use]
    pub fn reviews_due(&self) -> &OrdSet<Id> {
        &self.owed
    }

    /// What conflict rules ask about decisions.
    #[must_use]
    pub fn decisions(&self) -> impl Decisions + '_ {
        Decided { facts: &self.facts, fold: &self.fold }
    }

    /// The acknowledgement of a row, while it holds: not expired, and neither side changed, nor the severity rose.
    #[must_use]
    pub fn ack(&self, row: &Conflict) -> Option<&Arc<Acked>> {
        let ack = self.fold.acks.get(&row.key).filter(|ack| self.asked < ack.until)?;
        let given = ack.fingerprint.parse::<Fingerprint>().ok()?;
        (!given.reopens(&fingerprint(row, &self.facts))).then_some(ack)
    }

    /// When each source had last been read, as far as anybody said.
    #[must_use]
    pub fn sources_read(&self) -> &[SourceRead] {
        &self.sources
    }

    /// Keeps when each source was last read, for the seal of what follows.
    pub fn set_sources_read(&mut self, sources: Vec<SourceRead>) {
        self.sources = sources;
    }

    /// By how many seconds the clock of who acts next is off: kept beside each act.
    pub fn set_clock_off(&mut self, off: Option<i64>) {
        self.astray = off;
    }

    /// Writes nothing that another service of the board cannot read, while there is such a one.
    pub fn hold_back(&mut self, held_back: Option<HeldBack>) {
        self.held_back = held_back;
    }

    /// Takes in what was committed; `head` is where the log stands after it. [`Ledger::refresh`] derives what follows.
    pub fn take(&mut self, taken: Taken, head: Head) {
        self.take_records(taken.upserts, taken.tombstones);
        for entry in taken.entries {
            self.take_entry(entry);
        }
        self.head = head;
    }

    pub(super) fn take_records(&mut self, upserts: Vec<Stored>, tombstones: Vec<(RecordKind, Id)>) {
        let is_person = |kind| kind == RecordKind::Person;
        self.reseat |= upserts.iter().any(|stored| is_person(stored.record.kind()));
        self.reseat |= tombstones.iter().any(|(kind, _)| is_person(*kind));
        for stored in &upserts {
            if let Record::Incident(incident) = &stored.record {
                // What they caused may have to answer for it.
                let caused = incident.named(Relation::CausedBy).iter();
                self.touched.extend(caused.map(|item| self.facts.whole(item).clone()));
            }
        }
        if !upserts.is_empty() || !tombstones.is_empty() {
            self.dirty.merge(self.facts.apply(upserts, tombstones));
        }
    }

    pub(super) fn take_entry(&mut self, entry: LogEntry) {
        match &entry.event {
            Event::RulesChanged { .. } => {
                self.fold.apply(entry);
                return self.rules_changed();
            }
            Event::Delegated { board, .. } | Event::DelegationEnded { board, .. } => {
                let open =
                    self.fold.open.iter().filter(|id| self.fold.round(id).is_some_and(|r| r.board == *board));
                self.touched.extend(open.cloned());
            }
            Event::Run { item, phase, .. } => {
                let (item, activity) = (item.clone(), Fold::activity(item, phase.as_ref()));
                self.touched.insert(item.clone());
                self.fold.apply(entry);
                return self.take_run(&item, &activity);
            }
            Event::Release { act, .. } => {
                let moved = match &**act {
                    ReleaseAct::Bundled { change, beside: true }
                    | ReleaseAct::Unbundled { change, beside: true } => Some(change.clone()),
                    _ => None,
                };
                self.touched.extend(entry.event.item().cloned());
                self.fold.apply(entry);
                if let Some(change) = moved {
                    self.touched.insert(change.clone());
                    self.take_bundled(&change);
                }
                return;
            }
            Event::Meeting { meeting, .. } => {
                let meeting = meeting.clone();
                self.touched.extend(entry.event.item().cloned());
                self.fold.apply(entry);
                // What closes early, and who is in the chair, may differ for all of its items.
                if let Some(meeting) = self.fold.meetings.get(&meeting) {
                    let items = meeting.agenda.iter().map(|entry| entry.agenda.item.clone());
                    self.touched.extend(items);
                }
                return;
            }
            Event::Acknowledged { conflict, .. } | Event::Unacknowledged { conflict, .. } => {
                let sides = iter::once(&conflict.a).chain(&conflict.b).cloned().collect();
                self.touched.extend(self.items_of(&sides));
            }
            Event::Cleared { .. } => self.touched.extend(self.fold.open.iter().cloned()),
            event => self.touched.extend(event.item().cloned()),
        }
        self.fold.apply(entry);
    }

    /// Something was said of an activity, or taken back.
    pub(super) fn take_run(&mut self, item: &Id, activity: &Id) {
        let run = self.fold.runs.get(activity).cloned();
        self.dirty.merge(self.facts.set_run(item, activity, run));
    }

    /// Where the board bundled a change of a source, or that this is taken back.
    pub(super) fn take_bundled(&mut self, change: &Id) {
        let release = self.fold.bundled.get(change).cloned();
        self.dirty.merge(self.facts.set_bundled(change, release));
    }

    /// The rule book is another one.
    pub(super) fn rules_changed(&mut self) {
        self.dirty.merge(self.facts.set_settings(self.fold.rules.settings.clone()));
        self.reseat = true;
    }

    /// Derives what became dirty, at `now`. Cheap when nothing did.
    pub fn refresh(&mut self, now: Instant) -> Changes {
        let asked = std::mem::replace(&mut self.asked, now);
        let expired = self.fold.acks.values().any(|ack| asked < ack.until && ack.until <= now);
        let crossed = self.fold.next_delegation(asked).is_some_and(|at| at <= now);
        let now = now.floor_minute();
        let before = std::mem::replace(&mut self.now, now);
        let mut changes = Changes::default();
        if std::mem::take(&mut self.reseat) {
            self.boards = Arc::new(route::boards(&self.fold.rules, self.facts.people().map(|p| &**p)));
            changes.rules = true;
        }
        let mut dirty = std::mem::take(&mut self.dirty);
        if before != now && !dirty.everything {
            dirty.merge(self.facts.due(before, now));
        }
        let mut touched = std::mem::take(&mut self.touched);
        if before != now || expired || !dirty.is_empty() {
            touched.extend(self.acknowledged_open());
        }
        if !dirty.everything {
            // A decision is read by the rules of changes alone (C13, C17).
            dirty.activities.extend(touched.iter().filter(|id| self.facts.change(id).is_some()).cloned());
        }
        self.facts.prepare(now);
        if dirty.everything && self.rows.all().is_empty() {
            // The rows come all at once and are not named.
            touched.extend(self.fold.items.keys().cloned());
        }
        changes.rows =
            self.rows.derive(&self.facts, &dirty, now, &Decided { facts: &self.facts, fold: &self.fold });
        changes.rules |= self.derive_templates();
        if crossed || changes.rules {
            touched.extend(self.fold.open.iter().cloned());
        }
        touched.extend(self.items_of(&changes.rows));
        changes.everything = dirty.everything;
        changes.activities = dirty.activities;
        changes.releases = dirty.releases;
        self.derive_tallies(&touched);
        self.derive_reviews_due(&changes, &touched);
        changes.items = touched;
        self.unsettled.merge(changes.clone());
        changes.merge(std::mem::take(&mut self.undone));
        changes
    }

    /// Items with an open round and an acknowledged row, which may stop to hold by time or by what its other side became.
    fn acknowledged_open(&self) -> BTreeSet<Id> {
        let sides = self.fold.acks.keys().flat_map(|key| iter::once(&key.a).chain(&key.b)).cloned().collect();
        self.items_of(&sides).into_iter().filter(|item| self.fold.open.contains(item)).collect()
    }

    /// Items with a round among these sides of rows; a phase stands for its release.
    fn items_of(&self, sides: &BTreeSet<Id>) -> BTreeSet<Id> {
        let item = |side: &Id| match self.facts.phase(side) {
            Some((release, _)) => release.id.clone(),
            None => side.clone(),
        };
        sides.iter().map(item).filter(|item| self.fold.items.contains_key(item)).collect()
    }

    fn derive_tallies(&mut self, touched: &BTreeSet<Id>) {
        for id in touched {
            let Some(round) = self.fold.round(id) else {
                self.tallies.remove(id);
                self.hidden.remove(id);
                continue;
            };
            let tally = tally::tally(self, id, round);
            if tally.hides() {
                self.hidden.insert(id.clone(), mine::ballots(round, &tally));
            } else {
                self.hidden.remove(id);
            }
            if self.tallies.get(id).is_none_or(|old| **old != tally) {
                self.tallies.insert(id.clone(), Arc::new(tally));
            }
        }
    }

    /// The next instant after the last refresh at which something changes by time alone: rows, a deadline, a
    /// delegation, an acknowledgement. A deadline that has passed and is not closed is named again by the minute, so
    /// that a process that may not close it does not spin on it.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let now = self.now;
        let deadline = self.fold.deadlines.iter().map(|(due, _)| *due).find(|due| *due > self.asked);
        let overdue = self.fold.deadlines.get_min().is_some_and(|(due, _)| *due <= self.asked);
        let again = overdue.then(|| ceil_minute(self.asked.plus(1)));
        let expiry = self.fold.acks.values().map(|ack| ack.until).filter(|until| *until > self.asked).min();
        let rows = conflict::next_due(&self.facts, now);
        let seen = [expiry, self.fold.next_delegation(self.asked)].into_iter().flatten();
        let on = self.fold.on.iter().filter_map(|id| self.fold.meetings.get(id));
        let silence = on.flat_map(|meeting| meeting.presence.values()).filter(|known| known.is_here());
        let silence = silence.filter_map(|known| known.until).filter(|until| *until > self.asked).min();
        seen.chain(rows).chain(silence).chain(deadline).chain(again).filter(|due| *due > self.asked).min()
    }
}

/// The first full minute from an instant on.
fn ceil_minute(at: Instant) -> Instant {
    let floor = at.floor_minute();
    if floor == at { at } else { floor.plus(MINUTE) }
}

#[cfg(test)]
pub(crate) mod tests;
