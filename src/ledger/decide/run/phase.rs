//! Go and no-go for a phase of a release, and phases that are dropped (run § Doing).

use super::{Part, invalid};
use crate::{
    ledger::command::{Problem, ProblemKind},
    model::{Line, Phase, PhaseState, Release},
};

impl Part<'_> {
    /// It must be a phase.
    pub(super) fn of_phase(&self, what: &str) -> Result<(&Release, &Phase), Problem> {
        self.ask.ledger.facts().phase(&self.activity).ok_or_else(|| {
            invalid(format!("{} is a change: {what} is said of phases", self.activity))
                .hint("a change may go when `quorate gate` says so")
        })
    }

    pub(super) fn may_go(&self) -> Result<(), Problem> {
        let (release, phase) = self.of_phase("go")?;
        let missing = self.ask.ledger.before_go(release, phase);
        if missing.is_empty() {
            return Ok(());
        }
        let title = format!("no go for {} yet: {}", self.activity, missing.join("; "));
        Err(Problem::new(ProblemKind::No, title))
    }

    /// A criterion of the phase by its text, or by its number from 1.
    pub(super) fn criterion(&self, named: &Line) -> Result<Line, Problem> {
        let (_, phase) = self.of_phase("a criterion")?;
        let by_text = phase.criteria.iter().find(|one| one.text == *named);
        let by_number = || named.parse::<usize>().ok()?.checked_sub(1).and_then(|at| phase.criteria.get(at));
        let list = || {
            let texts = phase.criteria.iter().enumerate().map(|(at, one)| format!("{} {}", at + 1, one.text));
            texts.collect::<Vec<_>>().join(", ")
        };
        by_text.or_else(by_number).map(|one| one.text.clone()).ok_or_else(|| {
            Problem::new(ProblemKind::NotFound, format!("{} has no criterion {named}", self.activity))
                .hint(format!("it has: {}", list()))
        })
    }

    pub(super) fn droppable(&self) -> Result<(), Problem> {
        let (_, phase) = self.of_phase("dropping")?;
        match phase.state.value {
            PhaseState::Pending | PhaseState::RolledBack | PhaseState::Unknown => Ok(()),
            PhaseState::Running | PhaseState::Done => {
                Err(invalid(format!("{} is {}: turn it back first", self.activity, phase.state.value)))
            }
        }
    }
}
