//! What happens in a run: facts of people and pipelines on any change or phase, whoever owns its record.

mod phase;

use super::{Ask, Step, invalid, own};
use crate::{
    ledger::{
        command::{Problem, ProblemKind, RunCommand},
        event::Event,
    },
    model::{
        Id, Instant, Outcome, Prose, RecordKind, Run, RunAct,
        run::{Said, StepKey, Tick},
    },
    rules::{
        authority::{
            Act,
            run::{RunRelations, RunRight, may_run},
        },
        conflict::{View, progress_of},
        facts::{ActivityRef, Row},
        gate::GateVerdict,
        run::{Progress, StepState},
    },
};

/// The run that something is asked of.
pub(super) struct Part<'a> {
    ask: Ask<'a>,
    /// The change, or the release of the phase.
    item: Id,
    phase: Option<Id>,
    activity: Id,
    at: ActivityRef<'a>,
    run: Run,
}

/// The right that a command takes, a row of the table.
const fn right_of(command: &RunCommand) -> RunRight {
    match command {
        RunCommand::Start { .. }
        | RunCommand::Step { .. }
        | RunCommand::Restored { .. }
        | RunCommand::End { .. } => RunRight::Carry,
        RunCommand::Hold { .. } | RunCommand::Explain { .. } => RunRight::Hold,
        RunCommand::Resume { .. } => RunRight::Resume,
        RunCommand::Back { .. } => RunRight::TurnBack,
        RunCommand::GoOn { .. } => RunRight::GoOn,
        RunCommand::Go { .. } | RunCommand::NoGo { .. } => RunRight::Decide,
        RunCommand::Criterion { .. } => RunRight::Answer,
        RunCommand::Drop { .. } => RunRight::Drop,
    }
}

impl Ask<'_> {
    pub(super) fn run(&self, activity: &Id, command: &RunCommand) -> Result<Step, Problem> {
        let part = self.part(activity)?;
        // Who may not is told that, and nothing else of the run.
        part.may(right_of(command))?;
        let (act, said) = part.act(command)?;
        part.step(vec![act], said)
    }

    /// What a pipeline or the people of an item say happened, without a run.
    pub(super) fn report(
        &self,
        activity: &Id,
        started: Option<Instant>,
        finished: Option<Instant>,
        outcome: Option<Outcome>,
    ) -> Result<Step, Problem> {
        let part = self.part(activity)?;
        self.allowed(&part.item, Act::Report)?;
        if [started, finished].into_iter().flatten().any(|at| at > self.now) {
            return Err(invalid(format!("{activity} cannot have started or finished later than now")));
        }
        let (theirs, ended) = part.at.row.actual();
        let (start, end) = (started.or(theirs), finished.or(ended));
        if end.is_some_and(|end| start.is_none_or(|start| end < start)) {
            return Err(invalid(format!("{activity} cannot finish before it started")));
        }
        let begun = started.map(|at| RunAct::Started { at, against: Vec::new(), reason: None });
        let over = (finished.is_some() || outcome.is_some()).then_some(RunAct::Ended {
            at: finished,
            outcome,
            reason: None,
        });
        let word = if end.is_some() || outcome.is_some() { "finished" } else { "started" };
        part.step(begun.into_iter().chain(over).collect(), format!("{activity}: {word}"))
    }

    pub(super) fn part(&self, activity: &Id) -> Result<Part<'_>, Problem> {
        let facts = self.ledger.facts();
        let gone = || match facts.release(activity) {
            Some(release) => {
                let phases: Vec<String> =
                    release.phases.iter().map(|phase| format!("{}/{}", release.id, phase.id)).collect();
                invalid(format!("{activity} is a release: its phases are carried out"))
                    .hint(format!("name one of {}", phases.join(", ")))
            }
            None => Problem::new(ProblemKind::NotFound, format!("there is no change or phase {activity}"))
                .hint("list them with `quorate changes` and `quorate releases`"),
        };
        let number = facts.number(activity).ok_or_else(gone)?;
        let row = facts.row_at(number).ok_or_else(gone)?;
        let (item, phase) = match facts.phase(activity) {
            Some((release, phase)) => (release.id.clone(), Some(phase.id.clone())),
            None => (activity.clone(), None),
        };
        let run = facts.run(activity).map(|run| Run::clone(run)).unwrap_or_default();
        let at = ActivityRef { number, row };
        Ok(Part { ask: *self, item, phase, activity: activity.clone(), at, run })
    }
}

impl Part<'_> {
    pub(super) fn row(&self) -> &Row {
        self.at.row
    }

    /// The change, or the release of the phase.
    pub(super) fn item(&self) -> &Id {
        &self.item
    }

    /// What has been said in it.
    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    pub(super) fn progress(&self) -> Progress {
        let decisions = self.ask.ledger.decisions();
        progress_of(&View::new(self.ask.ledger.facts(), self.ask.now, &decisions), self.at)
    }

    /// How who asks stands to it.
    fn relations(&self) -> RunRelations {
        let (ledger, who) = (self.ask.ledger, self.ask.who);
        let facts = ledger.facts();
        let held = ledger.relations(&self.item, who, self.ask.now);
        let me = who.actor.person.as_ref();
        let is_me = |name: &crate::model::Line| {
            let known = facts.person(name).map(|person| &person.id);
            me.is_some_and(|me| known == Some(me) || (known.is_none() && name.as_str() == me.as_str()))
        };
        let (change, phase) = (self.row().change(), self.row().phase());
        let operators = change.map(|change| &change.operators).or(phase.map(|phase| &phase.operators));
        let release = match change {
            Some(change) => change.release.as_ref().and_then(|release| facts.release(release)),
            None => facts.release(&self.item),
        };
        let manager = release.and_then(|release| release.manager.as_ref()).is_some_and(is_me);
        let owner = match phase {
            Some(phase) => phase.owner.as_ref().map_or(manager, is_me),
            None => held.owner,
        };
        RunRelations {
            owner,
            operator: operators.is_some_and(|names| names.iter().any(is_me)),
            manager,
            chair: held.chair,
            pipeline: who.pipeline,
        }
    }

    pub(super) fn may(&self, right: RunRight) -> Result<(), Problem> {
        may_run(right, &self.relations()).map_err(|refusal| {
            let title = format!("{} may not do this on {}: {refusal}", self.ask.who.name(), self.activity);
            Problem::new(ProblemKind::NotAllowed, title)
        })
    }

    /// What a command comes to: what is put on the record, and the receipt.
    fn act(&self, command: &RunCommand) -> Result<(RunAct, String), Problem> {
        let id = &self.activity;
        Ok(match command {
            RunCommand::Start { at, reason } => {
                let act = self.start(*at, reason.as_ref())?;
                (act, format!("{id}: started"))
            }
            RunCommand::Step { step, tick, said } => {
                let word = self.tick(step, *tick, said.as_ref())?;
                let (step, at) = (step.clone(), self.ask.now);
                let act = RunAct::Ticked { step: step.clone(), tick: *tick, at, said: said.clone() };
                (act, format!("{id}: {} {word}", step.text))
            }
            RunCommand::Hold { reason } => {
                self.under_way()?;
                if let Some(hold) = self.run.held() {
                    return Err(self.changed(format!("{id} is held already by {}", hold.from.by)));
                }
                (RunAct::Held { reason: reason.clone() }, format!("{id}: held"))
            }
            RunCommand::Explain { reason } => {
                let Some(hold) = self.run.held() else { return Err(invalid(format!("{id} is not held"))) };
                if hold.from.person != self.ask.who.actor.person {
                    return Err(invalid(format!("{} held {id}: they say why", hold.from.by)));
                }
                (RunAct::HoldExplained { reason: reason.clone() }, format!("{id}: said why"))
            }
            RunCommand::Resume { answer } => {
                self.resume(answer.as_ref())?;
                (RunAct::Resumed { answer: answer.clone() }, format!("{id}: goes on"))
            }
            RunCommand::Back { reason } => {
                self.under_way()?;
                if self.run.turned_back.is_some() {
                    return Err(self.changed(format!("{id} is on its way back already")));
                }
                (RunAct::TurnedBack { reason: reason.clone() }, self.turning())
            }
            RunCommand::GoOn { reason } => {
                let act = self.go_on(reason)?;
                (act, format!("{id}: goes on past the time to turn back"))
            }
            RunCommand::Go { reason } => {
                self.may_go()?;
                let act = RunAct::Decided { go: true, reason: reason.clone() };
                (act, format!("{id}: go"))
            }
            RunCommand::NoGo { reason } => {
                self.of_phase("no-go")?;
                let act = RunAct::Decided { go: false, reason: reason.clone() };
                (act, format!("{id}: no-go"))
            }
            RunCommand::Criterion { criterion, met } => {
                let criterion = self.criterion(criterion)?;
                let word = if *met { "met" } else { "not met" };
                let said = format!("{id}: {criterion} is {word}");
                (RunAct::Answered { criterion, met: *met }, said)
            }
            RunCommand::Restored { at } => {
                let at = self.past(*at)?;
                (RunAct::Restored { at }, format!("{id}: service restored"))
            }
            RunCommand::Drop { reason } => {
                self.droppable()?;
                (RunAct::Dropped { reason: reason.clone() }, format!("{id}: dropped"))
            }
            RunCommand::End { at, outcome, reason } => {
                let act = self.end(*at, *outcome, reason.as_ref())?;
                (act, format!("{id}: ended, {}", crate::label::Label::label(*outcome)))
            }
        })
    }

    /// A time that is not to come; now where none is given.
    fn past(&self, at: Option<Instant>) -> Result<Instant, Problem> {
        match at {
            Some(at) if at > self.ask.now => Err(invalid(format!("{at} is still to come"))),
            Some(at) => Ok(at),
            None => Ok(self.ask.now),
        }
    }

    fn changed(&self, title: String) -> Problem {
        Problem::new(ProblemKind::Changed, title)
            .hint(format!("look at it with `quorate run {}`", self.activity))
    }

    /// It must have started and not ended.
    pub(super) fn under_way(&self) -> Result<Instant, Problem> {
        let id = &self.activity;
        match self.row().actual() {
            (_, Some(end)) => Err(self.changed(format!("{id} ended {end}"))),
            (None, None) => Err(invalid(format!("{id} has not started"))
                .hint(format!("start it with `quorate run start {id}`"))),
            (Some(start), None) => Ok(start),
        }
    }

    pub(super) fn start(&self, at: Option<Instant>, reason: Option<&Prose>) -> Result<RunAct, Problem> {
        let (id, at) = (&self.activity, self.past(at)?);
        if let Some(started) = &self.run.started {
            return Err(self.changed(format!("{id} was started {} by {}", started.at, started.by)));
        }
        if self.run.ended.is_some() || self.run.outcome.is_some() {
            return Err(self.changed(format!("{id} is over")));
        }
        let (verdict, reasons) = self
            .ask
            .ledger
            .gate(id, at, false, Vec::new())
            .unwrap_or((GateVerdict::CannotTell, vec!["it is gone from its source".to_owned()]));
        if verdict == GateVerdict::Go {
            return Ok(RunAct::Started { at, against: Vec::new(), reason: reason.cloned() });
        }
        match reason.filter(|reason| !reason.trim().is_empty()) {
            Some(reason) => Ok(RunAct::Started { at, against: reasons, reason: Some(reason.clone()) }),
            None => Err(Problem::new(
                ProblemKind::No,
                format!("the gate does not say go for {id}: {}", reasons.join("; ")),
            )
            .hint("start it all the same with a reason, -m TEXT: that is recorded, and a review follows")),
        }
    }

    /// A tick that fits the step as it stands; in words what became of it.
    fn tick(&self, step: &StepKey, tick: Tick, said: Option<&Prose>) -> Result<&'static str, Problem> {
        let id = &self.activity;
        self.under_way()?;
        let progress = self.progress();
        let Some(clock) = progress.steps.iter().find(|clock| clock.step.key == *step) else {
            let what = if step.back { "the way back of" } else { "the steps of" };
            return Err(self.changed(format!("{:?} is not among {what} {id}", step.text.as_str())));
        };
        let settled =
            || clock.said.as_ref().map(|said| format!(" by {} {}", said.by, said.at)).unwrap_or_default();
        let text = &step.text;
        let held = self.run.held().filter(|hold| !hold.by_failure);
        match (tick, clock.state) {
            (Tick::Done | Tick::Failed, StepState::Done | StepState::Skipped) => {
                Err(self.changed(format!("{text} is settled already{}", settled())))
            }
            (Tick::Done | Tick::Failed, StepState::Failed) => {
                Err(self.changed(format!("{text} failed{}: try it again, skip it, or turn back", settled())))
            }
            (Tick::Done | Tick::Failed, StepState::Running | StepState::Waiting) if held.is_some() => {
                let by = held.map(|hold| hold.from.by.to_string()).unwrap_or_default();
                Err(self.changed(format!("{id} is held by {by}: nothing is done until it goes on")))
            }
            (Tick::Done, StepState::Running | StepState::Waiting) => Ok("is done"),
            (Tick::Failed, StepState::Running | StepState::Waiting) => Ok("failed, and the run is held"),
            (Tick::Retried, StepState::Failed) => Ok("is tried again"),
            (Tick::Skipped, StepState::Failed) if said.is_none_or(|said| said.trim().is_empty()) => {
                Err(invalid(format!("skipping {text} needs a reason")).hint("add -m TEXT"))
            }
            (Tick::Skipped, StepState::Failed) => Ok("is skipped"),
            (Tick::Undone, StepState::Done | StepState::Skipped) => Ok("is not done after all"),
            (Tick::Retried | Tick::Skipped, _) => Err(invalid(format!("{text} has not failed"))),
            (Tick::Undone, _) => Err(invalid(format!("{text} is not ticked"))),
        }
    }

    fn resume(&self, answer: Option<&Prose>) -> Result<(), Problem> {
        let id = &self.activity;
        self.under_way()?;
        let Some(hold) = self.run.held() else { return Err(invalid(format!("{id} is not held"))) };
        if hold.by_failure {
            return Err(invalid(format!("{id} is held by a step that failed"))
                .hint("try the step again, skip it with a reason, or turn back"));
        }
        let theirs = hold.from.person != self.ask.who.actor.person;
        if theirs && answer.is_none_or(|answer| answer.trim().is_empty()) {
            let title = format!("{} held {id}: going on answers them, and needs words", hold.from.by);
            return Err(invalid(title).hint("add -m TEXT"));
        }
        Ok(())
    }

    /// What turning back now means.
    fn turning(&self) -> String {
        let progress = self.progress();
        let steps = crate::label::count(progress.way_back.len(), "step");
        let stays =
            if progress.no_return { "; past its point of no return, what came before stays" } else { "" };
        format!("{}: turned back, {steps} to roll back{stays}", self.activity)
    }

    fn go_on(&self, reason: &Prose) -> Result<RunAct, Problem> {
        self.under_way()?;
        if reason.trim().is_empty() {
            return Err(invalid("going on past the time to turn back needs a reason").hint("add -m TEXT"));
        }
        let held = self.relations();
        let me = self.ask.who.actor.person.as_ref();
        let is_me = |said: &Option<Said>| said.as_ref().is_some_and(|said| said.person.as_ref() == me);
        let (owner, lead) = (&self.run.owner_goes_on, &self.run.lead_goes_on);
        if is_me(owner) || is_me(lead) {
            return Err(self.changed("you answered for it already: it takes a second person".to_owned()));
        }
        let as_owner = held.owner && owner.is_none();
        let as_lead = !as_owner && (held.manager || held.chair) && lead.is_none();
        if !as_owner && !as_lead && (held.owner || held.manager || held.chair) {
            return Err(self.changed("somebody answered for it already".to_owned()));
        }
        Ok(RunAct::WentOn { as_owner, as_lead, reason: reason.clone() })
    }

    fn end(&self, at: Option<Instant>, outcome: Outcome, reason: Option<&Prose>) -> Result<RunAct, Problem> {
        let (id, at) = (&self.activity, self.past(at)?);
        let Some(start) = self.row().actual().0 else {
            return Err(invalid(format!("{id} has not started"))
                .hint(format!("start it with `quorate run start {id}`")));
        };
        if at < start {
            return Err(invalid(format!("{id} cannot end before it started, {start}")));
        }
        if self.run.ended.is_some() && reason.is_none_or(|reason| reason.trim().is_empty()) {
            return Err(self
                .changed(format!("{id} ended already"))
                .hint("correct it with a reason, -m TEXT"));
        }
        let back = self.run.turned_back.is_some();
        let skipped = self.run.ticks.iter().any(|ticked| {
            ticked.tick == Tick::Skipped
                && self.run.tick_of(&ticked.step).is_some_and(|last| last.tick == Tick::Skipped)
        });
        match outcome {
            Outcome::Successful | Outcome::SuccessfulWithIssues if back => {
                Err(invalid(format!("{id} turned back: it ends backed_out, or failed")))
            }
            Outcome::Successful if skipped => {
                Err(invalid(format!("a step of {id} was skipped: at best it ends successful_with_issues")))
            }
            Outcome::Unknown => {
                Err(invalid("write successful, successful_with_issues, failed or backed_out"))
            }
            Outcome::Successful | Outcome::SuccessfulWithIssues | Outcome::Failed | Outcome::BackedOut => {
                Ok(RunAct::Ended { at: Some(at), outcome: Some(outcome), reason: reason.cloned() })
            }
        }
    }

    /// The events, and the record with what they say where the board owns it.
    pub(super) fn step(&self, acts: Vec<RunAct>, said: String) -> Result<Step, Problem> {
        let facts = self.ask.ledger.facts();
        let mut run = self.run.clone();
        let by = Said {
            at: self.ask.now,
            by: self.ask.who.name(),
            person: self.ask.who.actor.person.clone(),
            reason: None,
        };
        acts.iter().for_each(|act| run.take(act.clone(), by.clone()));
        let events = acts.into_iter().map(|act| Event::Run {
            item: self.item.clone(),
            phase: self.phase.clone(),
            act: Box::new(act),
        });
        let kind = if self.phase.is_some() { RecordKind::Release } else { RecordKind::Change };
        let ours = facts.source_of(kind, &self.item).is_none_or(crate::model::SourceId::is_board);
        let record = ours.then(|| facts.written(&self.item, &self.activity, &run, self.ask.now)).flatten();
        Ok(Step {
            events: events.collect(),
            upserts: record.map(own).into_iter().collect(),
            said,
            ..Step::default()
        })
    }
}
