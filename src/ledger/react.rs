//! What is proposed to the store: a command, a pull or the passing of time, with everything that follows from it.
//!
//! A proposal leaves the ledger as if it had been committed. Then the hub says [`Ledger::keep`], or [`Ledger::undo`]
//! where the commit failed or was only asked about.

use std::collections::BTreeSet;

use super::{
    command::{Command, Problem, ProblemKind},
    decide::{self, Counts, Step, Who, system},
    derive::{Changes, Ledger},
    event::{Actor, Event, MeetingAct},
    fold::Fold,
    log::{Head, Sealed},
    observe,
};
use crate::model::{Id, Instant, RecordKind, Stored};

/// How often consequences may have consequences. More is a mistake in the rules, and time will ask again.
const PASSES: usize = 16;

/// What one commit would write.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Proposal {
    pub events: Vec<Sealed>,
    pub upserts: Vec<Stored>,
    pub tombstones: Vec<(RecordKind, Id)>,
    /// What happened, in one sentence.
    pub said: String,
    /// What an import brought.
    pub counts: Option<Counts>,
}

impl Proposal {
    /// Whether there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.upserts.is_empty() && self.tombstones.is_empty()
    }
}

/// What has to be taken back if a proposal is not committed.
#[derive(Debug, Clone)]
pub struct Undo {
    fold: Fold,
    head: Head,
    records: Vec<(RecordKind, Id, Option<Stored>)>,
    unsettled: Changes,
    /// What was derived since.
    changes: Changes,
}

impl Ledger {
    /// A person's command, with everything that follows from it. Nothing is changed when it is a problem.
    ///
    /// # Errors
    /// When it may not be done, makes no sense, or was decided on something that has changed since.
    pub fn decide(&mut self, command: &Command, who: &Who, now: Instant) -> Result<Proposal, Problem> {
        let changes = self.begin(now);
        let step = match decide::step(self, command, who, now) {
            Ok(step) => step,
            Err(problem) => {
                self.undo();
                return Err(problem);
            }
        };
        self.propose(changes, step, &who.actor, now)
    }

    /// A source moved records, with everything that follows from it.
    ///
    /// # Errors
    /// When an event cannot be written.
    pub fn observe(
        &mut self,
        upserts: Vec<Stored>,
        tombstones: Vec<(RecordKind, Id)>,
        now: Instant,
    ) -> Result<Proposal, Problem> {
        let changes = self.begin(now);
        let upserts = self.with_last_move(upserts, now);
        self.propose(changes, Step { upserts, tombstones, ..Step::default() }, &system(), now)
    }

    /// Something happened that the board itself records: what a source answered to a write.
    ///
    /// # Errors
    /// When the event cannot be written.
    pub fn record(&mut self, event: Event, now: Instant) -> Result<Proposal, Problem> {
        let changes = self.begin(now);
        self.propose(changes, Step::one(event, ""), &system(), now)
    }

    /// Time passed, or something was committed elsewhere: what follows. Empty when nothing does.
    ///
    /// # Errors
    /// When an event cannot be written.
    pub fn react(&mut self, now: Instant) -> Result<Proposal, Problem> {
        let changes = self.begin(now);
        self.propose(changes, Step::default(), &system(), now)
    }

    /// The proposal was committed. Says what to draw anew.
    pub fn keep(&mut self) -> Changes {
        self.undo.take().map(|undo| undo.changes).unwrap_or_default()
    }

    /// The proposal was not committed: everything is as before it.
    pub fn undo(&mut self) -> Changes {
        let Some(undo) = self.undo.take() else { return Changes::default() };
        let Undo { fold, head, records, unsettled, mut changes } = *undo;
        self.touched.extend(changes.items.iter().cloned());
        let rules = self.fold.rules != fold.rules;
        self.fold = fold;
        self.head = head;
        if rules {
            self.rules_changed();
        }
        let (mut upserts, mut tombstones) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for (kind, id, stored) in records {
            // What was there before the first of several writes is what counts.
            match stored {
                _ if !seen.insert((kind, id.clone())) => {}
                Some(stored) => upserts.push(stored),
                None => tombstones.push((kind, id)),
            }
        }
        self.take_records(upserts, tombstones);
        changes.merge(self.refresh(self.now()));
        self.unsettled = unsettled;
        changes
    }

    /// Starts a proposal on the board as it is at `now`.
    fn begin(&mut self, now: Instant) -> Changes {
        if self.undo.is_some() {
            self.undo();
        }
        let changes = self.refresh(now);
        self.undo = Some(Box::new(Undo {
            fold: self.fold.clone(),
            head: self.head,
            records: Vec::new(),
            unsettled: self.unsettled.clone(),
            changes: Changes::default(),
        }));
        changes
    }

    fn propose(
        &mut self,
        before: Changes,
        step: Step,
        by: &Actor,
        now: Instant,
    ) -> Result<Proposal, Problem> {
        let mut proposal = Proposal { said: step.said.clone(), counts: step.counts, ..Proposal::default() };
        self.arrived = step.upserts.iter().map(|stored| stored.record.id().clone()).collect();
        self.ruled = step.events.iter().any(|event| matches!(event, Event::RulesChanged { .. }));
        let mut changes = before;
        let done = self.advance(step, by, now, &mut proposal).and_then(|()| {
            changes.merge(self.refresh(now));
            self.settle(now, &mut proposal, &mut changes)
        });
        self.ruled = false;
        self.arrived.clear();
        if let Some(undo) = &mut self.undo {
            undo.changes = changes;
        }
        if let Err(problem) = done {
            self.undo();
            return Err(problem);
        }
        Ok(proposal)
    }

    /// Takes a step as if it were committed.
    fn advance(
        &mut self,
        step: Step,
        by: &Actor,
        now: Instant,
        proposal: &mut Proposal,
    ) -> Result<(), Problem> {
        let upserted = step.upserts.iter().map(|stored| (stored.record.kind(), stored.record.id().clone()));
        let touched: Vec<(RecordKind, Id)> = upserted.chain(step.tombstones.iter().cloned()).collect();
        let old: Vec<_> =
            touched.into_iter().map(|(kind, id)| (kind, id.clone(), self.stored(kind, &id))).collect();
        if let Some(undo) = &mut self.undo {
            undo.records.extend(old);
        }
        self.take_records(step.upserts.clone(), step.tombstones.clone());
        replace(&mut proposal.upserts, step.upserts);
        proposal.tombstones.extend(step.tombstones);
        for event in step.events {
            let sealed = self.head.seal_by(now, by.clone(), event, self.astray).map_err(|e| {
                Problem::new(ProblemKind::Invalid, format!("this cannot be put on the record: {e}"))
            })?;
            self.take_entry(sealed.entry.clone());
            proposal.events.push(sealed);
        }
        Ok(())
    }

    /// Draws consequences until there are none.
    fn settle(
        &mut self,
        now: Instant,
        proposal: &mut Proposal,
        changes: &mut Changes,
    ) -> Result<(), Problem> {
        let gone = self.fallen_silent(now);
        if !gone.is_empty() {
            self.advance(Step { events: gone, ..Step::default() }, &system(), now, proposal)?;
            changes.merge(self.refresh(now));
        }
        for _ in 0..PASSES {
            let items = self.due_items(now);
            let mut any = false;
            let mut steps = Vec::new();
            for item in &items {
                steps.extend(observe::next(self, item, now));
            }
            for step in steps {
                any = true;
                if !step.said.is_empty() && items.len() < 8 {
                    proposal.say(&step.said);
                }
                self.advance(step, &system(), now, proposal)?;
            }
            if !any {
                break;
            }
            changes.merge(self.refresh(now));
        }
        Ok(())
    }

    /// Whose session was lost has left the meeting.
    fn fallen_silent(&self, now: Instant) -> Vec<Event> {
        let on = self.fold.on.iter().filter_map(|id| self.fold.meetings.get(id));
        let left =
            on.flat_map(|meeting| meeting.silent(now).map(|person| (meeting.id.clone(), person.clone())));
        let event = |(meeting, person)| {
            let act = MeetingAct::Left { person, marked: false };
            Event::Meeting { meeting, act: Box::new(act) }
        };
        left.map(event).collect()
    }

    /// The items for which something may follow: what changed since consequences were last drawn, and what is due.
    fn due_items(&mut self, now: Instant) -> BTreeSet<Id> {
        let changes = std::mem::take(&mut self.unsettled);
        let mut items: BTreeSet<Id> = if changes.everything {
            let changes = self.facts.changes().map(|change| &change.id);
            changes.chain(self.fold.items.keys()).cloned().collect()
        } else {
            let releases = changes
                .activities
                .iter()
                .chain(&changes.rows)
                .filter_map(|side| self.facts.phase(side).map(|(release, _)| release.id.clone()));
            let releases: Vec<Id> = releases.collect();
            let named =
                changes.activities.iter().chain(&changes.releases).chain(&changes.rows).chain(&changes.items);
            named.cloned().chain(releases).collect()
        };
        if changes.rules {
            // What was there already may be covered by a template now.
            items.extend(self.facts.changes().filter(|c| c.template.is_some()).map(|c| c.id.clone()));
        }
        let due = self.fold.deadlines.iter().take_while(|(due, _)| *due <= now).map(|(_, id)| id.clone());
        items.extend(due);
        items.retain(|item| self.is_followed(item));
        items
    }
}

impl Proposal {
    fn say(&mut self, more: &str) {
        if self.said.is_empty() {
            more.clone_into(&mut self.said);
        } else {
            self.said.push_str(", ");
            self.said.push_str(more);
        }
    }
}

/// A record written twice in one commit is written as it was last.
fn replace(upserts: &mut Vec<Stored>, new: Vec<Stored>) {
    if !upserts.is_empty() && !new.is_empty() {
        let key = |stored: &Stored| (stored.record.kind(), stored.record.id().clone());
        let again: BTreeSet<_> = new.iter().map(key).collect();
        upserts.retain(|old| !again.contains(&key(old)));
    }
    upserts.extend(new);
}
