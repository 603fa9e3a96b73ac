//! Where a run stands (run § Doing): its steps with their clocks, when it will end, and until when there is a way back.
//!
//! Pure: plan, what was said, limit and now are given. Nothing is rounded; lengths are seconds, the times that fall on no
//! full minute are those that somebody reported so. The limit is found in `rules::conflict::limit`, of which C14, C20 and
//! the run sheet read the same.

#[cfg(test)]
mod simulation;
pub mod rollback;
pub mod steps;

use serde::{Deserialize, Serialize};

pub use steps::{Plan, PlanStep};

use crate::model::{
    Instant, Line,
    run::{Run, Said, StepKey, Tick},
    time::MINUTE,
};

/// Who said nothing for so long is silent, however short the step.
const SILENT: i64 = 20 * MINUTE;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// The gate does not say go.
    Waiting,
    Ready,
    Running,
    Held,
    /// On its way back.
    TurningBack,
    Done,
    TurnedBack,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Waiting,
    Running,
    Failed,
    Done,
    Skipped,
}

/// What is known of an activity that is, was or will be carried out.
#[derive(Debug, Clone, Copy)]
pub struct RunFacts<'a> {
    pub plan: &'a Plan,
    pub run: &'a Run,
    /// When it started, by its source or here.
    pub started: Option<Instant>,
    /// When it ended; none goes on.
    pub ended: Option<Instant>,
    /// From when to when it is planned; what nobody said is none.
    pub planned: (Option<Instant>, Option<Instant>),
    /// What it must be over by; none is *no limit known*.
    pub limit: Option<Instant>,
    /// Unstarted, it cannot begin before this: what it waits for is projected to end then.
    pub not_before: Option<Instant>,
    /// When its owner or an operator was last heard of.
    pub heard: Option<Instant>,
    pub now: Instant,
}

/// A step of a run with its clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepClock {
    pub step: PlanStep,
    pub state: StepState,
    /// Seconds it is expected to take; absent where that cannot be told.
    pub expected: Option<i64>,
    /// Seconds of work on it so far; none before it began.
    pub worked: Option<i64>,
    /// The tick that settled it, or made it fail.
    pub said: Option<Said>,
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// As far as it can be told without the gate: unstarted is waiting.
    pub state: RunState,
    /// The steps; of a run that turned back those of the way back.
    pub steps: Vec<StepClock>,
    /// The step that is being worked on, or failed.
    pub running: Option<usize>,
    /// When it will end as things go; none is *cannot tell*.
    pub projected_end: Option<Instant>,
    /// It may well be later than that.
    pub at_least: bool,
    /// Seconds by which the projected end is after the planned one; never negative.
    pub late: i64,
    /// Minutes that undoing all that was begun takes; absent where that cannot be told, or there is no way back.
    pub undo_minutes: Option<u32>,
    /// Minutes that undoing all of it takes once it is done; absent where that cannot be told.
    pub undo_all: Option<u32>,
    /// The last moment to turn back in time; none is *cannot tell* or *no limit known*.
    pub turn_back_by: Option<Instant>,
    /// By when the next step, or the whole where nothing has begun, has to begin.
    pub begin_by: Option<Instant>,
    /// The step that is begun by then; none where the whole is meant.
    pub begins: Option<usize>,
    /// A point of no return has begun.
    pub no_return: bool,
    /// Seconds for which its owner has said nothing, where that is too long.
    pub silent: Option<i64>,
    /// What turning back now would be, the first one first.
    pub way_back: Vec<PlanStep>,
}

/// Where a run stands at an instant.
#[must_use]
pub fn progress(facts: RunFacts<'_>) -> Progress {
    Clock { facts }.progress()
}

struct Clock<'a> {
    facts: RunFacts<'a>,
}

impl Clock<'_> {
    fn progress(&self) -> Progress {
        let RunFacts { plan, run, now, planned, .. } = self.facts;
        let begun = self.begun();
        let way_back = plan.way_back(&begun);
        let back = run.turned_back.is_some();
        let (steps, running, spare) = match &run.turned_back {
            Some(from) => self.clocks(&way_back, Some(from.at), i64::MAX),
            None => self.clocks(&plan.steps, self.facts.started, self.planned_secs()),
        };
        let over = self.facts.ended.is_some();
        let (projected_end, mut at_least) = self.projected(&steps, running);
        at_least |= !over && (spare || run.held().is_some() && self.facts.started.is_some());
        let late = projected_end.zip(planned.1).map_or(0, |(end, planned)| (end - planned).max(0));
        let no_return = plan.point_of_no_return && self.facts.started.is_some()
            || plan.steps.iter().zip(&begun).any(|(step, begun)| *begun && step.point_of_no_return);
        let undo_minutes = (!no_return).then(|| self.undo(&begun)).flatten();
        let on = self.facts.started.is_some() && !over && !back;
        let limit = self.facts.limit;
        let turn_back_by =
            limit.zip(undo_minutes).filter(|_| on).map(|(limit, undo)| limit.plus(-minutes(undo)));
        let (begins, begin_by) =
            if back || over { (None, None) } else { self.begin_by(&steps, &begun, running) };
        Progress {
            state: self.state(),
            late,
            silent: self.silent(running.and_then(|at| steps.get(at)), now),
            steps,
            running,
            projected_end,
            at_least,
            undo_minutes,
            undo_all: self.undo(&vec![true; begun.len()]),
            turn_back_by,
            begin_by,
            begins,
            no_return,
            way_back,
        }
    }

    fn state(&self) -> RunState {
        let RunFacts { run, started, ended, .. } = self.facts;
        let back = run.turned_back.is_some();
        match (ended, started) {
            (Some(_), _) if back => RunState::TurnedBack,
            (Some(_), _) => RunState::Done,
            (None, None) => RunState::Waiting,
            (None, Some(_)) if run.held().is_some() => RunState::Held,
            (None, Some(_)) if back => RunState::TurningBack,
            (None, Some(_)) => RunState::Running,
        }
    }

    fn planned_secs(&self) -> i64 {
        let (start, end) = self.facts.planned;
        start.zip(end).map_or(i64::MAX, |(start, end)| (end - start).max(0))
    }

    /// The steps with their clocks, which one is worked on, and whether the stated minutes leave nothing for the others.
    fn clocks(
        &self,
        steps: &[PlanStep],
        from: Option<Instant>,
        planned: i64,
    ) -> (Vec<StepClock>, Option<usize>, bool) {
        let (expected, spare) = expected(steps, planned);
        let run = self.facts.run;
        let mut clocks: Vec<StepClock> = Vec::with_capacity(steps.len());
        for (step, expected) in steps.iter().zip(expected) {
            let ticked = run.tick_of(&step.key);
            let state = match ticked.map(|ticked| ticked.tick) {
                Some(Tick::Done) => StepState::Done,
                Some(Tick::Skipped) => StepState::Skipped,
                Some(Tick::Failed) => StepState::Failed,
                Some(Tick::Retried | Tick::Undone) | None => StepState::Waiting,
            };
            let said = ticked.filter(|_| state != StepState::Waiting).map(|ticked| ticked.said.clone());
            let worked =
                said.as_ref().zip(from).map(|(said, from)| self.worked(steps, &step.key, from, said.at));
            clocks.push(StepClock { step: step.clone(), state, expected, worked, said });
        }
        let open = |clock: &StepClock| matches!(clock.state, StepState::Waiting | StepState::Failed);
        let running = from.and_then(|_| clocks.iter().position(open)).filter(|_| self.facts.ended.is_none());
        if let (Some(clock), Some(from)) = (running.and_then(|at| clocks.get_mut(at)), from) {
            if clock.state == StepState::Waiting {
                clock.state = StepState::Running;
            }
            clock.worked = Some(self.worked(steps, &clock.step.key, from, self.facts.now));
        }
        (clocks, running, spare)
    }

    /// Seconds of work on a step until an instant: since the one before it was settled, or since it is tried again, held
    /// time left out.
    fn worked(&self, steps: &[PlanStep], key: &StepKey, from: Instant, until: Instant) -> i64 {
        let run = self.facts.run;
        let settled = steps.iter().filter(|step| step.key != *key).filter_map(|step| run.tick_of(&step.key));
        let settled = settled.filter(|ticked| matches!(ticked.tick, Tick::Done | Tick::Skipped));
        let again = run.ticks.iter().filter(|ticked| ticked.step == *key && ticked.tick == Tick::Retried);
        let begun = settled.chain(again).map(|ticked| ticked.said.at).filter(|at| *at <= until);
        let begun = begun.max().unwrap_or(from).max(from);
        let held: i64 = run
            .holds
            .iter()
            .map(|hold| {
                let end = hold.until.as_ref().map_or(until, |said| said.at).min(until);
                (end - hold.from.at.max(begun)).max(0)
            })
            .sum();
        (until - begun - held).max(0)
    }

    /// Which steps of the plan have begun: the settled ones, what failed, and what is worked on. What was skipped counts.
    fn begun(&self) -> Vec<bool> {
        let RunFacts { plan, run, started, .. } = self.facts;
        let mut worked_on = started.is_some() && self.facts.ended.is_none();
        let begun = plan.steps.iter().map(|step| {
            let ticked = run.tick_of(&step.key).map(|ticked| ticked.tick);
            let settled = matches!(ticked, Some(Tick::Done | Tick::Skipped));
            let touched = run.ticks.iter().any(|ticked| ticked.step == step.key);
            let begun = settled || touched || worked_on;
            // The first that is not settled is the one that is worked on.
            worked_on &= settled;
            started.is_some() && begun
        });
        begun.collect()
    }

    /// Minutes that undoing these takes; `None` where it cannot be told.
    fn undo(&self, begun: &[bool]) -> Option<u32> {
        let plan = self.facts.plan;
        let steps = plan.steps.iter().zip(begun).filter(|(_, begun)| **begun);
        let own: Option<Vec<u32>> = steps.map(|(step, _)| step.rollback_minutes).collect();
        own.map(|minutes| minutes.into_iter().fold(0, u32::saturating_add)).or(plan.rollback_minutes)
    }

    /// When it will end, and whether it may well be later.
    fn projected(&self, steps: &[StepClock], running: Option<usize>) -> (Option<Instant>, bool) {
        let RunFacts { run, started, ended, planned, not_before, now, .. } = self.facts;
        if ended.is_some() {
            return (ended, false);
        }
        if started.is_none() && run.turned_back.is_none() {
            let from = [Some(now), planned.0, not_before].into_iter().flatten().max();
            return (from.zip(total(steps.iter())).map(|(from, secs)| from.plus(secs)), false);
        }
        let open = |clock: &StepClock| matches!(clock.state, StepState::Waiting | StepState::Failed);
        let to_come = steps.iter().enumerate().filter(|(at, clock)| Some(*at) != running && open(clock));
        let to_come = total(to_come.map(|(_, clock)| clock));
        let on = running.and_then(|at| steps.get(at));
        let left = on.map_or(Some(0), |clock| Some((clock.expected? - clock.worked?).max(0)));
        let over = on.is_some_and(|clock| {
            clock.state == StepState::Failed
                || clock.expected.zip(clock.worked).is_some_and(|(expected, worked)| worked > expected)
        });
        (left.zip(to_come).map(|(left, rest)| now.plus(left.saturating_add(rest))), over)
    }

    /// By when the next step has to begin, and which one that is; of what has not started, the whole.
    fn begin_by(
        &self,
        steps: &[StepClock],
        begun: &[bool],
        running: Option<usize>,
    ) -> (Option<usize>, Option<Instant>) {
        let RunFacts { plan, started, limit, .. } = self.facts;
        let Some(limit) = limit else { return (None, None) };
        if started.is_none() {
            let total = total(steps.iter());
            let undo = if plan.point_of_no_return { Some(0) } else { self.undo(&vec![true; begun.len()]) };
            return (None, total.zip(undo).map(|(total, undo)| limit.plus(-total).plus(-minutes(undo))));
        }
        let after = running.map_or(0, |at| at + 1);
        let next = steps.iter().enumerate().skip(after).find(|(_, clock)| clock.state == StepState::Waiting);
        let Some((at, clock)) = next else { return (None, None) };
        let passed = plan.point_of_no_return
            || plan.steps.iter().zip(begun).any(|(step, begun)| *begun && step.point_of_no_return);
        let mut with = begun.to_vec();
        if let Some(own) = with.get_mut(at) {
            *own = true;
        }
        let undo = if passed || clock.step.point_of_no_return { Some(0) } else { self.undo(&with) };
        let by = clock.expected.zip(undo).map(|(own, undo)| limit.plus(-own).plus(-minutes(undo)));
        (Some(at), by)
    }

    /// For how long its owner has said nothing, where that is longer than the step they are at.
    fn silent(&self, on: Option<&StepClock>, now: Instant) -> Option<i64> {
        let RunFacts { run, started, ended, heard, .. } = self.facts;
        let since = heard.max(started).filter(|_| ended.is_none() && run.held().is_none())?;
        started?;
        // Where every step is settled nobody has anything to say but how it ended.
        let most = on?.expected.unwrap_or(0).max(SILENT);
        Some(now - since).filter(|silent| *silent > most)
    }
}

/// Seconds that each step is expected to take, and whether the stated minutes leave nothing for those without: a step
/// without minutes shares what is left of the planned length with its like.
fn expected(steps: &[PlanStep], planned: i64) -> (Vec<Option<i64>>, bool) {
    let stated: i64 = steps.iter().filter_map(|step| step.minutes).map(minutes).fold(0, i64::saturating_add);
    let unstated =
        i64::try_from(steps.iter().filter(|step| step.minutes.is_none()).count()).unwrap_or(i64::MAX);
    let known = planned != i64::MAX;
    let left = (planned - stated).max(0);
    let mut nth = 0;
    let own = |step: &PlanStep| match step.minutes {
        Some(own) => Some(minutes(own)),
        None => {
            // Shares that add up to what is left, to the second.
            nth += 1;
            known.then(|| share(left, nth, unstated))
        }
    };
    let own: Vec<Option<i64>> = steps.iter().map(own).collect();
    (own, unstated > 0 && known && left == 0)
}

/// The nth of `of` parts of a length, which add up to it.
fn share(length: i64, nth: i64, of: i64) -> i64 {
    let until =
        |nth: i64| i64::try_from(i128::from(length) * i128::from(nth) / i128::from(of.max(1))).unwrap_or(0);
    until(nth) - until(nth - 1)
}

/// Seconds that all of these are expected to take; `None` where one cannot be told.
pub fn total<'a>(mut clocks: impl Iterator<Item = &'a StepClock>) -> Option<i64> {
    clocks.try_fold(0_i64, |sum, clock| Some(sum.saturating_add(clock.expected?)))
}

/// Minutes as seconds.
fn minutes(minutes: u32) -> i64 {
    i64::from(minutes) * MINUTE
}

/// As they are written: the text of a step by its number.
#[must_use]
pub fn step_name(step: &PlanStep, at: usize) -> Line {
    Line::new(&format!("{} {}", at + 1, step.key.text))
}
