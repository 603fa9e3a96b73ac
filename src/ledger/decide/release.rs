//! A release as a plan: its life, and what is bundled in it (release § Plan).

mod moved;
mod written;

use super::{Ask, Step, invalid, own};
use crate::{
    ledger::{
        command::{Problem, ProblemKind, ReleaseCommand},
        event::{Event, OpenCause, ReleaseAct},
        rounds::opening,
    },
    model::{Change, Id, Line, Prose, Record, RecordKind, Release, ReleaseState, Standing},
    rules::{
        authority::run::{RunRelations, RunRight, may_run},
        release::lifecycle::{self, Way},
    },
};

impl Ask<'_> {
    pub(super) fn release(&self, id: &Id, command: &ReleaseCommand) -> Result<Step, Problem> {
        if let ReleaseCommand::New { record } = command {
            return self.new_release(id, record);
        }
        let Some(release) = self.ledger.facts().release(id) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("there is no release {id}"))
                .hint("`quorate releases` lists them"));
        };
        if let ReleaseCommand::Edit { record } = command {
            return self.edit_release(release, record);
        }
        self.plans(release)?;
        match command {
            ReleaseCommand::State { to, reason } => self.enter(release, *to, reason.as_ref()),
            ReleaseCommand::Submit => self.submit(release),
            ReleaseCommand::Bundle { change } => self.bundle(release, change),
            ReleaseCommand::Unbundle { change } => self.unbundle(release, change),
            ReleaseCommand::New { .. } | ReleaseCommand::Edit { .. } => {
                Err(invalid("a release is written once at a time"))
            }
        }
    }

    /// Its manager and the chair plan a release; a pipeline and everybody else do not.
    fn plans(&self, release: &Release) -> Result<(), Problem> {
        let facts = self.ledger.facts();
        let me = self.who.actor.person.as_ref().filter(|_| !self.who.pipeline);
        let is_me = |name: &Line| {
            let known = facts.person(name).map(|person| &person.id);
            me.is_some_and(|me| known == Some(me) || (known.is_none() && name.as_str() == me.as_str()))
        };
        let chair = self.ledger.relations(&release.id, self.who, self.now).chair;
        let manager = release.manager.as_ref().is_some_and(is_me);
        may_run(RunRight::Plan, &RunRelations { manager, chair, ..RunRelations::default() }).map_err(
            |refusal| {
                let title = format!("{} may not do this on {}: {refusal}", self.who.name(), release.id);
                Problem::new(ProblemKind::NotAllowed, title)
            },
        )
    }

    /// One step forward where nothing is missing; back, or called off, with a reason.
    fn enter(&self, release: &Release, to: ReleaseState, reason: Option<&Prose>) -> Result<Step, Problem> {
        let id = &release.id;
        let from = self.ledger.stage(release);
        let way =
            lifecycle::way(from, to).map_err(|why| invalid(format!("{id} does not enter {to}: {why}")))?;
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        if reason.is_none() && way != Way::Forward {
            let what = if way == Way::Back { "going back" } else { "calling it off" };
            return Err(invalid(format!("{id}: {what} needs a reason")).hint("add -m TEXT"));
        }
        if way != Way::Back {
            self.complete(release, to)?;
        }
        let act = ReleaseAct::Moved { from, to, reason: reason.cloned() };
        let mut step = Step::one(self.planned(id, act), format!("{id}: from {from} to {to}"));
        if self.ours(RecordKind::Release, id) {
            let moved = Release { state: to.into(), updated_at: Some(self.now), ..release.clone() };
            step.upserts.push(own(Record::Release(Box::new(moved))));
        } else if to == ReleaseState::Test {
            step.events.extend(self.asked_again(id));
        }
        Ok(step)
    }

    /// Whether everything that an entry takes is there.
    fn complete(&self, release: &Release, to: ReleaseState) -> Result<(), Problem> {
        let missing = self.ledger.missing_for(release, to);
        if missing.is_empty() {
            return Ok(());
        }
        let title = format!("{} does not enter {to} yet: {}", release.id, missing.join("; "));
        Err(Problem::new(ProblemKind::No, title)
            .hint(format!("`quorate show {}` has the whole list", release.id)))
    }

    /// Before its board, whatever the state of its life.
    fn submit(&self, release: &Release) -> Result<Step, Problem> {
        let id = &release.id;
        if let Some(round) = self.ledger.fold().open_round(id) {
            return Err(Problem::new(
                ProblemKind::Changed,
                format!("round {} of {id} is open already", round.number),
            ));
        }
        let approved = self.ledger.facts().revision(id).zip(self.ledger.fold().get(id));
        if approved.is_some_and(|(revision, item)| item.approves(&revision)) {
            return Err(invalid(format!("{id} is approved as it is: there is nothing to decide")));
        }
        if !release.state.value.is_live() {
            return Err(invalid(format!("{id} is {}: nothing is left to decide", release.state.as_given())));
        }
        let mut step =
            Step::one(self.planned(id, ReleaseAct::Submitted), format!("{id} is before the board"));
        step.events.extend(self.asked_again(id));
        Ok(step)
    }

    /// What the board has answered once does not open by itself.
    fn asked_again(&self, id: &Id) -> Option<Event> {
        let standing = self.ledger.fold().get(id)?.standing;
        match standing {
            Standing::Rejected | Standing::Deferred | Standing::Asked => {
                opening(self.ledger, id, OpenCause::Authorize, self.now)
            }
            Standing::None | Standing::Open | Standing::Approved | Standing::Lapsed => None,
        }
    }

    fn bundle(&self, release: &Release, change: &Id) -> Result<Step, Problem> {
        let (id, old) = (&release.id, self.carried(change)?);
        match self.ledger.facts().release_of(old) {
            Some(other) if other == *id => {
                return Err(invalid(format!("{change} is bundled in {id} already")));
            }
            Some(other) => {
                return Err(invalid(format!("{change} is bundled in {other}"))
                    .hint(format!("take it out first: quorate release unbundle {other} {change}")));
            }
            None => {}
        }
        self.rebundled(release, old, Some(id.clone()))
    }

    fn unbundle(&self, release: &Release, change: &Id) -> Result<Step, Problem> {
        let old = self.carried(change)?;
        if self.ledger.facts().release_of(old).as_ref() != Some(&release.id) {
            return Err(invalid(format!("{change} is not bundled in {}", release.id)));
        }
        self.rebundled(release, old, None)
    }

    /// A change that has not begun.
    fn carried(&self, change: &Id) -> Result<&Change, Problem> {
        let facts = self.ledger.facts();
        let Some(old) = facts.change(change) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("there is no change {change}"))
                .hint("list them with `quorate changes`"));
        };
        if old.actual_start.is_some() && old.state.value.is_live() {
            return Err(invalid(format!(
                "{change} has started: it stays where it is bundled until it is over"
            )));
        }
        Ok(old)
    }

    fn rebundled(&self, release: &Release, old: &Change, into: Option<Id>) -> Result<Step, Problem> {
        let (id, change) = (&release.id, &old.id);
        let trial = self.ledger.bundle_trial(change, into.as_ref());
        let costs = trial.map(|trial| trial.line()).unwrap_or_default();
        // A change of a source stays as that has it; the board's word stands beside it.
        let beside = !self.ours(RecordKind::Change, change);
        let (act, said) = match into {
            Some(_) => (
                ReleaseAct::Bundled { change: change.clone(), beside },
                format!("{change} is bundled in {id}: {costs}"),
            ),
            None => (
                ReleaseAct::Unbundled { change: change.clone(), beside },
                format!("{change} is not bundled in {id} any more: {costs}"),
            ),
        };
        if beside {
            return Ok(Step::one(self.planned(id, act), said));
        }
        let new = Change { release: into, updated_at: Some(self.now), ..old.clone() };
        let mut step = self.edited(old, new, said)?;
        step.events.insert(0, self.planned(id, act));
        Ok(step)
    }

    fn planned(&self, id: &Id, act: ReleaseAct) -> Event {
        Event::Release { item: id.clone(), act: Box::new(act) }
    }

    /// Whether the board itself owns a record.
    pub(super) fn ours(&self, kind: RecordKind, id: &Id) -> bool {
        self.ledger.facts().source_of(kind, id).is_none_or(crate::model::SourceId::is_board)
    }
}
