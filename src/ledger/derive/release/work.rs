//! What is done in a release, step by step: in each phase and in each change it carries, by whom, until when at the latest,
//! and what undoes it (release § Plan).

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{
    model::{Id, Instant, Line, Prose, Release},
    rules::{
        conflict::{Limit, plan_of},
        release::moving::contains,
        run::PlanStep,
    },
};

/// A phase or a bundled change as it is to be carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedWork {
    /// `RELEASE/PHASE`, or the change.
    pub id: Id,
    pub title: Line,
    /// The phase itself, or the one that a change lies in; none where it lies in none.
    pub phase: Option<Id>,
    /// When it is to begin; none where nobody said.
    pub start: Option<Instant>,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    /// The owner's number to call; none where nobody wrote one down.
    pub phone: Option<Line>,
    pub operators: Vec<Line>,
    /// Where everybody listens; none where nobody wrote one down.
    pub bridge: Option<Line>,
    /// By when it has to be over; none is *no limit known*.
    pub limit: Option<Limit>,
    pub steps: Vec<PlannedStep>,
    /// The steps are lines of the implementation plan.
    pub from_plan: bool,
    /// What undoes all of it, in the order in which it is done.
    pub back: Vec<PlannedStep>,
    /// Minutes that undoing all of it takes; none is *cannot tell*.
    pub back_minutes: Option<u32>,
    /// There is no way back once it has begun.
    pub no_return: bool,
    /// What makes up for it past its point of no return.
    pub compensation: Prose,
    /// How one sees that it worked.
    pub success_check: Prose,
}

/// A step as it is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedStep {
    pub text: Line,
    /// How one sees that it worked; none where the step says nothing.
    pub check: Option<Prose>,
    /// Minutes it is expected to take; none where nobody said.
    pub minutes: Option<u32>,
    /// Who does it, where that is not the owner of the whole.
    pub owner: Option<Line>,
    /// Minutes that undoing takes; none is *cannot tell*, never zero.
    pub rollback_minutes: Option<u32>,
    pub point_of_no_return: bool,
    pub ends_outage: bool,
}

fn planned(step: &PlanStep) -> PlannedStep {
    PlannedStep {
        text: step.key.text.clone(),
        check: step.check.clone(),
        minutes: step.minutes,
        owner: step.owner.clone(),
        rollback_minutes: step.rollback_minutes,
        point_of_no_return: step.point_of_no_return,
        ends_outage: step.ends_outage,
    }
}

impl Ledger {
    /// The work of a release: its phases in their order, each followed by the changes inside it; then those in none.
    pub(super) fn planned_work(&self, release: &Release) -> Vec<PlannedWork> {
        let lies_in = |id: &Id| {
            let when = self.facts.change(id)?.when(self.now);
            let phase = release.phases.iter().find(|phase| contains(phase, when, self.now))?;
            Some(Id::phase(&release.id, &phase.id))
        };
        let mut carried: Vec<(Option<Id>, PlannedWork)> = self
            .facts
            .bundle(&release.id)
            .filter_map(|id| {
                let phase = lies_in(id);
                Some((phase.clone(), self.work_of(id, phase)?))
            })
            .collect();
        carried.sort_by(|(_, a), (_, b)| {
            (a.start.is_none(), a.start, &a.id).cmp(&(b.start.is_none(), b.start, &b.id))
        });
        let mut all = Vec::new();
        for phase in &release.phases {
            let id = Id::phase(&release.id, &phase.id);
            all.extend(self.work_of(&id, Some(id.clone())));
            let inside = |(lies, _): &&(Option<Id>, PlannedWork)| lies.as_ref() == Some(&id);
            all.extend(carried.iter().filter(inside).map(|(_, work)| work.clone()));
        }
        all.extend(carried.into_iter().filter(|(lies, _)| lies.is_none()).map(|(_, work)| work));
        all
    }

    fn work_of(&self, id: &Id, phase: Option<Id>) -> Option<PlannedWork> {
        let row = self.facts.row(id)?;
        let view = self.run_view(id, self.now)?;
        let plan = plan_of(row);
        let back = plan.way_back(&vec![true; plan.steps.len()]);
        Some(PlannedWork {
            id: id.clone(),
            title: view.title,
            phase,
            start: view.planned_start,
            end: view.planned_end,
            owner: view.owner,
            phone: view.phone,
            operators: view.operators,
            bridge: view.bridge,
            limit: view.limit,
            // A step that only stands for the whole says nothing.
            steps: if plan.whole { Vec::new() } else { plan.steps.iter().map(planned).collect() },
            from_plan: plan.from_plan,
            back: back.iter().map(planned).collect(),
            back_minutes: self.minutes_back(row),
            no_return: plan.point_of_no_return,
            compensation: row.phase().map(|phase| phase.compensation.clone()).unwrap_or_default(),
            success_check: row.change().map(|change| change.success_check.clone()).unwrap_or_default(),
        })
    }
}
