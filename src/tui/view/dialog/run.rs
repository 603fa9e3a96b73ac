//! `R`: the menu of a run, and each of its acts confirmed with what it means; a reason is written where one is needed.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Meaning, Reason,
    menu::{self, Choice},
};
use crate::{
    calendar::minutes,
    model::{Id, Outcome, Prose, run::Tick},
    tui::{
        app::Shared,
        input::{Action, Key, Place},
        view::{Popup, permissions},
    },
    wire::{
        Command, Operation, RunCommand,
        run::{RunView, StepState},
    },
};

/// What can be done in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunDeed {
    Start,
    StepFailed,
    Retry,
    Skip,
    Resume,
    Explain,
    TurnBack,
    GoOn,
    Go,
    NoGo,
    Drop,
    Restored,
    End(Outcome),
}

/// The lines of the menu.
const LINES: [(Action, RunDeed, &str); 15] = [
    (Action::RunStart, RunDeed::Start, "start it"),
    (Action::StepFailed, RunDeed::StepFailed, "the step failed: the run is held"),
    (Action::RetryStep, RunDeed::Retry, "try the failed step again"),
    (Action::SkipStep, RunDeed::Skip, "skip the failed step, with a reason"),
    (Action::ResumeRun, RunDeed::Resume, "go on after a hold"),
    (Action::TurnBack, RunDeed::TurnBack, "turn back now"),
    (Action::GoOn, RunDeed::GoOn, "answer for going on past the time to turn back"),
    (Action::PhaseGo, RunDeed::Go, "go for this phase"),
    (Action::PhaseNoGo, RunDeed::NoGo, "no-go for this phase"),
    (Action::DropPhase, RunDeed::Drop, "drop this phase"),
    (Action::ServiceBack, RunDeed::Restored, "the service is there again"),
    (Action::EndWell, RunDeed::End(Outcome::Successful), "end it: successful"),
    (Action::EndIssues, RunDeed::End(Outcome::SuccessfulWithIssues), "end it: successful with issues"),
    (Action::EndFailed, RunDeed::End(Outcome::Failed), "end it: failed"),
    (Action::EndBackedOut, RunDeed::End(Outcome::BackedOut), "end it: backed out"),
];

impl RunDeed {
    /// What is written first, where something is.
    const fn question(self, gate: bool, theirs: bool) -> Option<&'static str> {
        match self {
            Self::Start if !gate => Some("The gate does not say go. Why is it started all the same?"),
            Self::Skip => Some("Why is it skipped?"),
            Self::Resume if theirs => Some("What is answered to who held it?"),
            Self::Explain => Some("It is held. Why?"),
            Self::TurnBack => Some("Why is it turned back? It may stay empty."),
            Self::GoOn => Some("Why does it go on?"),
            Self::StepFailed => Some("What was seen? It may stay empty."),
            Self::Start
            | Self::Retry
            | Self::Resume
            | Self::Go
            | Self::NoGo
            | Self::Drop
            | Self::Restored
            | Self::End(_) => None,
        }
    }

    /// Whether the text may stay empty.
    const fn may_be_empty(self) -> bool {
        matches!(self, Self::TurnBack | Self::StepFailed)
    }

    /// What is asked of the board by it.
    const fn operation(self) -> Option<Operation> {
        Some(match self {
            Self::Start => Operation::RunStart,
            Self::StepFailed => Operation::RunFailStep,
            Self::Retry => Operation::RunRetry,
            Self::Skip => Operation::RunSkip,
            Self::Resume => Operation::RunResume,
            Self::Explain => Operation::RunExplain,
            Self::TurnBack => Operation::RunTurnBack,
            Self::GoOn => Operation::RunGoOn,
            Self::Go => Operation::RunGo,
            Self::NoGo => Operation::RunNoGo,
            Self::Drop => Operation::RunDrop,
            Self::Restored => Operation::RunRestored,
            Self::End(Outcome::Successful) => Operation::RunEndSuccessful,
            Self::End(Outcome::SuccessfulWithIssues) => Operation::RunEndWithIssues,
            Self::End(Outcome::Failed) => Operation::RunEndFailed,
            Self::End(Outcome::BackedOut) => Operation::RunEndBackedOut,
            Self::End(Outcome::Unknown) => return None,
        })
    }

    /// As the menu calls it.
    fn about(self) -> &'static str {
        LINES.iter().find(|(_, deed, _)| *deed == self).map_or("held", |(.., about)| *about)
    }

    /// Why it cannot be done now, as the board says it; `None` where it may be tried.
    fn disabled(self, shared: &Shared, run: &RunView) -> Option<String> {
        permissions::of_run(shared, &run.id, self.operation()?)
    }

    fn command(self, run: &RunView, text: &Prose) -> Option<RunCommand> {
        let reason = || (!text.is_empty()).then(|| text.clone());
        let step = |tick| {
            let failed = run.steps.iter().find(|step| step.state == StepState::Failed);
            let on = run.running.and_then(|at| run.steps.get(at));
            let step = failed.or(on)?.step.clone();
            Some(RunCommand::Step { step, tick, said: reason() })
        };
        match self {
            Self::Start => Some(RunCommand::Start { at: None, reason: reason() }),
            Self::StepFailed => step(Tick::Failed),
            Self::Retry => step(Tick::Retried),
            Self::Skip => step(Tick::Skipped),
            Self::Resume => Some(RunCommand::Resume { answer: reason() }),
            Self::Explain => Some(RunCommand::Explain { reason: text.clone() }),
            Self::TurnBack => Some(RunCommand::Back { reason: reason() }),
            Self::GoOn => Some(RunCommand::GoOn { reason: text.clone() }),
            Self::Go => Some(RunCommand::Go { reason: reason() }),
            Self::NoGo => Some(RunCommand::NoGo { reason: reason() }),
            Self::Drop => Some(RunCommand::Drop { reason: reason() }),
            Self::Restored => Some(RunCommand::Restored { at: None }),
            Self::End(outcome) => Some(RunCommand::End { at: None, outcome, reason: reason() }),
        }
    }
}

/// The menu.
#[derive(Debug)]
pub struct RunMenu {
    run: RunView,
}

impl RunMenu {
    #[must_use]
    pub const fn new(run: RunView) -> Self {
        Self { run }
    }
}

impl Popup for RunMenu {
    fn places(&self) -> &'static [Place] {
        &[Place::RunMenu]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let (_, deed, _) = LINES.iter().find(|(own, ..)| *own == action)?;
        deed.disabled(shared, &self.run)
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        let Some((_, deed, _)) = LINES.iter().find(|(own, ..)| *own == action) else { return false };
        let next = RunDo::new(shared, *deed, &self.run);
        shared.close();
        shared.open(next);
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let title = format!("{} run of {}", shared.keymap.shown(Action::RunMenu), self.run.id);
        let choices = LINES.map(|(action, deed, about)| {
            let why = deed.disabled(shared, &self.run);
            let disabled = why.is_some();
            let words = why.map_or_else(|| about.to_owned(), |why| format!("{about}: {why}"));
            Choice { action, name: "", words, disabled, lead: None }
        });
        menu::draw(shared, buf, area, (&title, 66), 0, &choices);
    }
}

/// One act of a run: what it means, a reason where one is needed, and one key that sends it.
#[derive(Debug)]
pub struct RunDo {
    deed: RunDeed,
    run: RunView,
    reason: Reason,
}

impl RunDo {
    #[must_use]
    pub fn new(shared: &Shared, deed: RunDeed, run: &RunView) -> Self {
        let asks = Self::question(deed, run).is_some();
        let reason = Reason::new(shared, &format!("run: {} {}", run.id, deed.about()), asks);
        Self { deed, run: run.clone(), reason }
    }

    fn question(deed: RunDeed, run: &RunView) -> Option<&'static str> {
        let gate = run.verdict == Some(crate::wire::GateVerdict::Go);
        deed.question(gate, run.held.is_some())
    }

    /// What it means, in words.
    fn means(&self, shared: &Shared) -> Vec<String> {
        let run = &self.run;
        let times = shared.times();
        let at = |at: crate::model::Instant| times.today(at);
        let mut lines = Vec::new();
        match self.deed {
            RunDeed::Start => {
                lines.push(format!("{} starts now.", run.title));
                lines
                    .extend(run.reasons.iter().map(|reason| shared.times().said(&format!("gate: {reason}"))));
            }
            RunDeed::StepFailed => lines
                .push("The run is held until the step is tried again, skipped or turned back.".to_owned()),
            RunDeed::Retry => lines.push("The step begins anew, and its clock with it.".to_owned()),
            RunDeed::Skip => lines.push("It then ends successful with issues at best.".to_owned()),
            RunDeed::Resume => {
                let held = run.held.as_ref();
                lines.extend(held.map(|held| format!("It is held by {} since {}.", held.by, at(held.at))));
            }
            RunDeed::Explain => lines.push("Everybody who looks at the run sees why.".to_owned()),
            RunDeed::TurnBack => {
                let steps = run.way_back.iter().map(|step| {
                    let own = step.minutes.map_or_else(|| "? min".to_owned(), |own| minutes(i64::from(own)));
                    format!("{}, {own}", step.text)
                });
                lines.extend(steps);
                lines.extend(run.back_by.map(|end| format!("It would be over by {}.", at(end))));
                if !run.stays.is_empty() {
                    let stays: Vec<&str> = run.stays.iter().map(|line| line.as_str()).collect();
                    lines.push(format!("It stays: {}.", stays.join(", ")));
                }
            }
            RunDeed::GoOn => {
                lines.push("It takes the owner, and a second person: the manager or the chair.".to_owned())
            }
            RunDeed::Go => {
                lines.push("It holds for 24 hours, and not past a hold or another answer.".to_owned())
            }
            RunDeed::NoGo => lines.push("The gate of the phase says no until somebody says go.".to_owned()),
            RunDeed::Drop => lines.push("The phase is not tried again.".to_owned()),
            RunDeed::Restored => lines.push("The agreed end of the outage is no limit any more.".to_owned()),
            RunDeed::End(outcome) => {
                let open = run.steps.iter().filter(|step| step.state == StepState::Waiting).count();
                lines.push(format!("It ends now, {}.", crate::words::Label::label(outcome)));
                if open > 0 {
                    lines.push(format!("{} not done.", crate::words::count(open, "step")));
                }
            }
        }
        lines
    }

    fn send(&self, shared: &mut Shared) {
        let activity: Id = self.run.id.clone();
        match self.deed.command(&self.run, self.reason.text()) {
            Some(act) => {
                let ticket = shared.submit(Command::Run { activity: activity.clone(), act });
                shared.sent.sent(activity, ticket);
                self.reason.sent(shared, ticket);
                shared.close();
            }
            None => shared.note("no step is being worked on"),
        }
    }

    /// Goes on from what was written.
    fn finish(&mut self, shared: &mut Shared) {
        // Why it is held only says more of what was done: no further question.
        if self.reason.finish(shared, self.deed.may_be_empty()) && self.deed == RunDeed::Explain {
            self.send(shared);
        }
    }
}

impl Popup for RunDo {
    fn places(&self) -> &'static [Place] {
        self.reason.places()
    }

    fn takes_text(&self) -> bool {
        self.reason.is_open()
    }

    fn guarded(&self) -> bool {
        !self.reason.is_open()
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (action, self.reason.is_open()) {
            (Action::Finish | Action::MoveOn, true) => self.finish(shared),
            (Action::Send, false) => self.send(shared),
            _ => return self.reason.act(shared, action),
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        self.reason.key(shared, key);
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        self.reason.paste(shared, text);
    }

    fn edited(&mut self, shared: &mut Shared, text: &str) {
        self.reason.edited(shared, text);
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let title = format!("{}: {}", self.run.id, self.deed.about());
        let lines = self.means(shared);
        let question = Self::question(self.deed, &self.run);
        self.reason.draw(shared, buf, area, &Meaning { width: 70, title: &title, lines: &lines, question });
    }
}
