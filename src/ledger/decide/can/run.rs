//! Of which step of a run an operation speaks (run § Doing).

use super::attempt::{Attempt, words};
use crate::{
    ledger::{
        command::{Problem, RunCommand},
        decide::invalid,
    },
    model::{
        Id,
        run::{StepKey, Tick},
    },
    rules::{
        authority::run::RunRight,
        run::{Progress, StepState},
    },
};

impl Attempt<'_> {
    /// A tick of the step that can have it: the one that is worked on, the one that failed, or the newest that is settled.
    ///
    /// # Errors
    /// Where there is no such step; who may not tick at all is told that alone.
    pub(super) fn tick(&self, activity: &Id, tick: Tick) -> Result<RunCommand, Problem> {
        let ask = self.ask();
        let part = ask.part(activity)?;
        let act = |step| RunCommand::Step { step, tick, said: Some(words()) };
        part.may(RunRight::Carry)?;
        let progress = part.progress();
        let step = match tick {
            Tick::Done | Tick::Failed => running(&progress),
            Tick::Retried | Tick::Skipped => in_state(&progress, StepState::Failed),
            Tick::Undone => settled(&progress),
        };
        let missing = || match tick {
            Tick::Done | Tick::Failed => part
                .under_way()
                .err()
                .unwrap_or_else(|| invalid(format!("no step of {activity} is being worked on"))),
            Tick::Retried | Tick::Skipped => invalid(format!("no step of {activity} failed")),
            Tick::Undone => invalid(format!("no step of {activity} is ticked")),
        };
        step.map(act).ok_or_else(missing)
    }
}

fn running(progress: &Progress) -> Option<StepKey> {
    let clock = progress.steps.get(progress.running?)?;
    Some(clock.step.key.clone())
}

fn in_state(progress: &Progress, state: StepState) -> Option<StepKey> {
    let clock = progress.steps.iter().find(|clock| clock.state == state)?;
    Some(clock.step.key.clone())
}

/// The step that was settled last.
fn settled(progress: &Progress) -> Option<StepKey> {
    let settled =
        progress.steps.iter().filter(|clock| matches!(clock.state, StepState::Done | StepState::Skipped));
    let newest = settled.max_by_key(|clock| clock.said.as_ref().map(|said| said.at))?;
    Some(newest.step.key.clone())
}
