//! What goes to the store in one commit, as a value: commands, pulls and the passing of time, with everything that
//! follows from them.
//!
//! [`Ledger::begin`] lends the ledger to a [`Transaction`], in which it stands as if all of that were committed. Kept, it
//! stays so; dropped, everything is as before. What is decided in one transaction can fail each by itself.

use std::{collections::BTreeSet, sync::Arc};

use imbl::{OrdMap, ordmap::DiffItem};

use super::{
    command::{Command, Problem, ProblemKind},
    decide::{self, Counts, Step, system},
    derive::{Changes, Ledger},
    event::{Actor, Event, MeetingAct},
    fold::Fold,
    log::{
        Head, Sealed,
        vocabulary::{self, HeldBack},
    },
    observe,
    who::Who,
};
use crate::model::{Id, Instant, RecordKind, Run, Stored};

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

/// What the ledger was before something was decided in a transaction.
#[derive(Debug)]
struct Mark {
    fold: Fold,
    head: Head,
    /// The records that were written since, as they were.
    records: Vec<(RecordKind, Id, Option<Stored>)>,
    unsettled: Changes,
}

/// What may become one commit. Dropped, the ledger is as before it.
#[derive(Debug)]
pub struct Transaction<'a> {
    ledger: &'a mut Ledger,
    now: Instant,
    /// Where it began, and where what is being decided began.
    marks: Vec<Mark>,
    proposal: Proposal,
    /// What was derived since it began, and is to be drawn anew whatever becomes of it.
    changes: Changes,
}

impl Ledger {
    /// Starts a transaction on the board as it is at `now`.
    pub fn begin(&mut self, now: Instant) -> Transaction<'_> {
        let changes = self.refresh(now);
        self.recalled.clear();
        let mark = self.mark();
        Transaction { ledger: self, now, marks: vec![mark], proposal: Proposal::default(), changes }
    }

    fn mark(&self) -> Mark {
        Mark {
            fold: self.fold.clone(),
            head: self.head,
            records: Vec::new(),
            unsettled: self.unsettled.clone(),
        }
    }

    /// What was said of activities since is not said any more.
    fn take_runs_back(&mut self, said: &OrdMap<Id, Arc<Run>>) {
        let differ: Vec<Id> = said
            .diff(&self.fold.runs)
            .map(|item| match item {
                DiffItem::Add(id, _) | DiffItem::Remove(id, _) => id.clone(),
                DiffItem::Update { new: (id, _), .. } => id.clone(),
            })
            .collect();
        for activity in differ {
            let release = self.facts.phase(&activity).map(|(release, _)| release.id.clone());
            self.take_run(&release.unwrap_or_else(|| activity.clone()), &activity);
        }
    }

    /// Goes back to a mark; `changed` names the items that were derived since. Says what is derived by that.
    fn go_back(&mut self, mark: Mark, changed: &BTreeSet<Id>) -> Changes {
        let Mark { fold, head, records, unsettled } = mark;
        self.touched.extend(changed.iter().cloned());
        let rules = self.fold.rules != fold.rules;
        let said = std::mem::replace(&mut self.fold, fold);
        self.head = head;
        self.take_runs_back(&said.runs);
        let differs = |id: &&Id| said.bundled.get(*id) != self.fold.bundled.get(*id);
        let bundled: Vec<Id> =
            said.bundled.keys().chain(self.fold.bundled.keys()).filter(differs).cloned().collect();
        bundled.iter().for_each(|change| self.take_bundled(change));
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
        let changes = self.refresh(self.instant());
        self.unsettled = unsettled;
        changes
    }
}

impl Transaction<'_> {
    /// The board as it would be.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        self.ledger
    }

    /// What would be written.
    #[must_use]
    pub fn proposal(&self) -> &Proposal {
        &self.proposal
    }

    /// Tells of comments that the store has: an import merges onto those.
    pub fn recall(&mut self, comments: impl IntoIterator<Item = Stored>) {
        self.ledger.recalled.extend(comments.into_iter().map(|stored| (stored.record.id().clone(), stored)));
    }

    /// A person's command, with everything that follows from it. Where it is a problem the transaction is as before it.
    ///
    /// # Errors
    /// When it may not be done, makes no sense, or was decided on something that has changed since.
    pub fn decide(&mut self, command: &Command, who: &Who) -> Result<(), Problem> {
        let step = decide::step(self.ledger, command, who, self.now)?;
        let Some(then) = decide::reported(command, &step) else { return self.propose(step, &who.actor) };
        // Both or neither: what is reported can be refused, and then nothing was made.
        let before = self.proposal.clone();
        self.marks.push(self.ledger.mark());
        let done = self.propose(step, &who.actor).and_then(|()| {
            let step = decide::step(self.ledger, &then, who, self.now)?;
            self.propose(step, &who.actor)
        });
        let mark = self.marks.pop();
        if done.is_err() {
            self.proposal = before;
            self.go_back(mark);
        } else if let (Some(below), Some(mark)) = (self.marks.last_mut(), mark) {
            below.records.extend(mark.records);
        }
        done
    }

    /// As [`Self::decide`], for a command that shares its commit with others: says what happened by it alone.
    ///
    /// # Errors
    /// As there.
    pub fn decide_apart(&mut self, command: &Command, who: &Who) -> Result<String, Problem> {
        let before = std::mem::take(&mut self.proposal.said);
        let done = self.decide(command, who);
        let said = std::mem::replace(&mut self.proposal.said, before);
        done.map(|()| said)
    }

    /// A source moved records, with everything that follows from it.
    ///
    /// # Errors
    /// When an event cannot be written.
    pub fn observe(
        &mut self,
        upserts: Vec<Stored>,
        tombstones: Vec<(RecordKind, Id)>,
    ) -> Result<(), Problem> {
        let upserts = self.ledger.with_last_move(upserts, self.now);
        self.propose(Step { upserts, tombstones, ..Step::default() }, &system())
    }

    /// Something happened that the board itself records: what a source answered to a write.
    ///
    /// # Errors
    /// When the event cannot be written.
    pub fn record(&mut self, event: Event) -> Result<(), Problem> {
        self.record_by(event, &system())
    }

    /// Something that a person said in passing and the board records, no command of its own.
    ///
    /// # Errors
    /// When the event cannot be written.
    pub fn record_by(&mut self, event: Event, by: &Actor) -> Result<(), Problem> {
        self.propose(Step::one(event, ""), by)
    }

    /// Time passed, or something was committed elsewhere: what follows. Nothing when nothing does.
    ///
    /// # Errors
    /// When an event cannot be written.
    pub fn react(&mut self) -> Result<(), Problem> {
        self.propose(Step::default(), &system())
    }

    /// It was committed: the ledger stays as it is. What was written, and what to draw anew.
    pub fn keep(mut self) -> (Proposal, Changes) {
        self.marks.clear();
        (std::mem::take(&mut self.proposal), std::mem::take(&mut self.changes))
    }

    fn propose(&mut self, step: Step, by: &Actor) -> Result<(), Problem> {
        self.marks.push(self.ledger.mark());
        let mut own = Proposal { said: step.said.clone(), counts: step.counts, ..Proposal::default() };
        self.ledger.arrived = step.upserts.iter().map(|stored| stored.record.id().clone()).collect();
        self.ledger.ruled = step.events.iter().any(|event| matches!(event, Event::RulesChanged { .. }));
        let done = self.advance(step, by, &mut own).and_then(|()| {
            self.refresh();
            self.settle(&mut own)
        });
        self.ledger.ruled = false;
        self.ledger.arrived.clear();
        let mark = self.marks.pop();
        match done {
            Ok(()) => {
                if let (Some(below), Some(mark)) = (self.marks.last_mut(), mark) {
                    below.records.extend(mark.records);
                }
                self.proposal.join(own);
                Ok(())
            }
            Err(problem) => {
                self.go_back(mark);
                Err(problem)
            }
        }
    }

    fn refresh(&mut self) {
        let changes = self.ledger.refresh(self.now);
        self.changes.merge(changes);
    }

    fn go_back(&mut self, mark: Option<Mark>) {
        if let Some(mark) = mark {
            let changes = self.ledger.go_back(mark, &self.changes.items);
            self.changes.merge(changes);
        }
    }

    /// Takes a step as if it were committed.
    fn advance(&mut self, step: Step, by: &Actor, proposal: &mut Proposal) -> Result<(), Problem> {
        let upserted = step.upserts.iter().map(|stored| (stored.record.kind(), stored.record.id().clone()));
        let touched = upserted.chain(step.tombstones.iter().cloned());
        if let Some(mark) = self.marks.last_mut() {
            let old = touched.map(|(kind, id)| (kind, id.clone(), self.ledger.stored(kind, &id)));
            mark.records.extend(old);
        }
        self.ledger.take_records(step.upserts.clone(), step.tombstones.clone());
        replace(&mut proposal.upserts, step.upserts);
        proposal.tombstones.extend(step.tombstones);
        let clock = self.ledger.astray;
        for event in step.events {
            let v = self.ledger.vocabulary_of(&event)?;
            let sealed = self.ledger.head.seal_by(self.now, by.clone(), event, clock, v).map_err(|e| {
                Problem::new(ProblemKind::Invalid, format!("this cannot be put on the record: {e}"))
            })?;
            self.ledger.take_entry(sealed.entry.clone());
            proposal.events.push(sealed);
        }
        Ok(())
    }

    /// Draws consequences until there are none.
    fn settle(&mut self, proposal: &mut Proposal) -> Result<(), Problem> {
        let now = self.now;
        let gone = self.ledger.fallen_silent(now);
        if !gone.is_empty() {
            self.advance(Step { events: gone, ..Step::default() }, &system(), proposal)?;
            self.refresh();
        }
        self.settle_items(now, proposal)?;
        // What waits to be handed over is what is so after all of this.
        let overtaken = self.ledger.overtaken(now);
        if !overtaken.is_empty() {
            self.advance(Step { events: overtaken, ..Step::default() }, &system(), proposal)?;
        }
        Ok(())
    }

    fn settle_items(&mut self, now: Instant, proposal: &mut Proposal) -> Result<(), Problem> {
        for _ in 0..PASSES {
            let items = self.ledger.due_items(now);
            let mut steps = Vec::new();
            for item in &items {
                steps.extend(observe::next(self.ledger, item, now));
            }
            if steps.is_empty() {
                break;
            }
            // By what is to be said, not by what was looked at: a board that was just opened looks at everything.
            let few = steps.iter().filter(|step| !step.said.is_empty()).count() < 8;
            for step in steps {
                if few && !step.said.is_empty() {
                    proposal.say(&step.said);
                }
                self.advance(step, &system(), proposal)?;
            }
            self.refresh();
        }
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.marks.is_empty() {
            return;
        }
        // Where something is decided it has gone back to where that began already, or panics.
        let first = self.marks.drain(..).next();
        self.go_back(first);
        // Drawn with what is derived next.
        self.ledger.undone.merge(std::mem::take(&mut self.changes));
    }
}

impl Ledger {
    /// The vocabulary in which this event is written: what all services of the board read.
    fn vocabulary_of(&self, event: &Event) -> Result<u32, Problem> {
        let Some(HeldBack { to, by }) = &self.held_back else { return Ok(vocabulary::CURRENT) };
        if vocabulary::first_with(event) <= *to {
            return Ok(*to);
        }
        let words =
            format!("this cannot be put on the record yet: {by} serves this board too and cannot read it");
        Err(Problem::new(ProblemKind::NotAllowed, words)
            .hint("upgrade that service, or end it; what older ones can read is recorded meanwhile"))
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
            changes.filter(|id| self.is_followed(id)).chain(self.fold.items.keys()).cloned().collect()
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
    /// Whether there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.upserts.is_empty() && self.tombstones.is_empty()
    }

    /// What is decided after it, in the same transaction.
    fn join(&mut self, later: Self) {
        self.events.extend(later.events);
        replace(&mut self.upserts, later.upserts);
        self.tombstones.extend(later.tombstones);
        if !later.said.is_empty() {
            self.say(&later.said);
        }
        self.counts = later.counts.or(self.counts.take());
    }

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
