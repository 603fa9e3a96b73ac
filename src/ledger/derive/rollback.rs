//! The way back of a release for every point at which it may stop (run § Rolling back a release).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{
    model::{Change, Id, Instant, Line, Outcome, Phase, PhaseState, Release, Span, Step},
    rules::{
        conflict::{View, limit_of},
        facts::{ActivityRef, Row},
        release::moving::contains,
        run::rollback::{Circle, RollbackRow, Unit, rollback},
    },
};

/// What rolling a release back takes, at each stop point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RollbackPlan {
    pub release: Id,
    pub title: Line,
    pub at: Instant,
    /// Where it stands now first, where anything has begun; then after each phase, as planned.
    pub stops: Vec<StopPoint>,
}

/// Where a release may stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StopPoint {
    /// The last phase that has begun; absent for now.
    pub after: Option<Id>,
    pub name: Line,
    /// A phase of it is a point of no return that has begun by then.
    pub limit: Option<Instant>,
    pub rows: Vec<RollbackRow>,
    /// Units that wait for each other: nothing can be said.
    pub circle: Vec<Id>,
}

/// How far a release is taken to be.
#[derive(Clone, Copy)]
enum Until {
    Now,
    Phase(usize),
}

impl Ledger {
    /// The way back of a release, for every stop point or for the one after a phase; `None` where there is no such release
    /// or phase.
    #[must_use]
    pub fn rollback_plan(&self, id: &Id, after: Option<&Id>) -> Option<RollbackPlan> {
        let release = self.facts.release(id)?;
        let named = |phase: &Phase| {
            after.is_none_or(|after| phase.id == *after || Id::phase(&release.id, &phase.id) == *after)
        };
        let mut stops = Vec::new();
        let begun = release.phases.iter().any(has_begun);
        if begun && after.is_none() {
            stops.push(self.stop(release, Until::Now));
        }
        let planned = release.phases.iter().enumerate().filter(|(_, phase)| named(phase));
        stops.extend(planned.map(|(at, _)| self.stop(release, Until::Phase(at))));
        if after.is_some() && stops.is_empty() {
            return None;
        }
        let title = Line::new(format!("{} {}", release.name, release.version).trim());
        Some(RollbackPlan { release: release.id.clone(), title, at: self.now, stops })
    }

    fn stop(&self, release: &Release, until: Until) -> StopPoint {
        let units = self.units(release, until);
        let limit = self.limit_at(release, &units, until);
        let (after, name) = match until {
            Until::Now => (None, Line::new("as it stands now")),
            Until::Phase(at) => {
                let phase = release.phases.get(at);
                let name = phase.map(|phase| phase.name.clone()).unwrap_or_default();
                (phase.map(|phase| Id::phase(&release.id, &phase.id)), name)
            }
        };
        match rollback(&units, limit, release.rollback_all_minutes) {
            Ok(rows) => StopPoint { after, name, limit, rows, circle: Vec::new() },
            Err(Circle(circle)) => StopPoint { after, name, limit, rows: Vec::new(), circle },
        }
    }

    /// The limit of what runs then: live of everything that does, planned of the phase.
    fn limit_at(&self, release: &Release, units: &[Unit], until: Until) -> Option<Instant> {
        let decided = self.decisions();
        let view = View::new(&self.facts, self.now, &decided);
        let limit = |id: &Id| {
            let number = self.facts.number(id)?;
            let at = ActivityRef { number, row: self.facts.row_at(number)? };
            Some(limit_of(&view, at)?.at)
        };
        match until {
            Until::Phase(at) => limit(&Id::phase(&release.id, &release.phases.get(at)?.id)),
            Until::Now => {
                let runs =
                    |id: &Id| self.facts.row(id).is_some_and(|row| matches!(row.actual(), (Some(_), None)));
                units.iter().map(|unit| &unit.id).filter(|id| runs(id)).filter_map(limit).min()
            }
        }
    }

    fn units(&self, release: &Release, until: Until) -> Vec<Unit> {
        let first = release.phases.iter().filter_map(|phase| phase.actual_start.or(phase.start)).min();
        let phases =
            release.phases.iter().enumerate().map(|(at, phase)| self.phase_unit(release, at, phase, until));
        let changes = self.facts.bundle(&release.id).filter_map(|id| self.facts.change(id));
        let changes = changes.map(|change| self.change_unit(release, change, first, until));
        phases.chain(changes).collect()
    }

    /// How long rolling a phase back takes, where it says so, or each of its steps does.
    pub(super) fn rollback_minutes(&self, phase: &Phase) -> Option<u32> {
        phase.rollback_minutes.or_else(|| of_steps(&phase.steps))
    }

    /// How long rolling a whole phase or change back takes: one figure for the table, the plan and readiness.
    pub(super) fn minutes_back(&self, row: &Row) -> Option<u32> {
        match (row.phase(), row.change()) {
            (Some(phase), _) => self.rollback_minutes(phase),
            (None, Some(change)) => change_minutes_back(change),
            (None, None) => None,
        }
    }

    fn phase_unit(&self, release: &Release, at: usize, phase: &Phase, until: Until) -> Unit {
        let id = Id::phase(&release.id, &phase.id);
        Unit {
            phase: Some(at),
            is_phase: true,
            start: phase.actual_start.or(phase.start),
            begun: match until {
                Until::Now => has_begun(phase),
                Until::Phase(last) => at <= last,
            },
            before: false,
            minutes: self.rollback_minutes(phase),
            owner: self.same_person(phase.owner.as_ref().or(release.manager.as_ref())),
            services: self.services_of(&id),
            point_of_no_return: phase.point_of_no_return,
            compensation: Some(Line::new(&phase.compensation)).filter(|text| !text.is_empty()),
            after: Vec::new(),
            id,
        }
    }

    fn change_unit(&self, release: &Release, change: &Change, first: Option<Instant>, until: Until) -> Unit {
        let when = change.when(self.now);
        let phase = release.phases.iter().position(|phase| contains(phase, when, self.now));
        let start = change.actual_start.or(change.planned_start);
        let undone = change.outcome.as_ref().is_some_and(|word| word.value == Outcome::BackedOut);
        let begun = match until {
            Until::Now => change.actual_start.is_some() && !undone,
            Until::Phase(last) => match phase {
                Some(at) => at <= last,
                None => {
                    let end =
                        release.phases.get(last).and_then(|phase| phase.when(self.now).span()).map(Span::end);
                    start.zip(end).is_none_or(|(start, end)| start < end)
                }
            },
        };
        Unit {
            id: change.id.clone(),
            phase,
            is_phase: false,
            start,
            begun,
            before: change.actual_end.zip(first).is_some_and(|(end, first)| end <= first) && phase.is_none(),
            minutes: change_minutes_back(change),
            owner: self.same_person(change.owner.as_ref()),
            services: self.services_of(&change.id),
            point_of_no_return: change.steps.iter().any(|step| step.point_of_no_return),
            compensation: None,
            after: change.after.clone(),
        }
    }

    fn same_person(&self, name: Option<&Line>) -> Option<Line> {
        let name = name?;
        Some(self.facts.person(name).map_or_else(|| name.clone(), |person| Line::new(person.id.as_str())))
    }

    fn services_of(&self, id: &Id) -> BTreeSet<Line> {
        let row = self.facts.row(id);
        let services =
            row.into_iter().flat_map(|row| row.services.iter().map(move |touch| (row, touch.service)));
        services.map(|(row, service)| self.facts.spelled(row, service)).collect()
    }
}

/// How long rolling a change back takes, where each of its steps says it, or it does.
fn change_minutes_back(change: &Change) -> Option<u32> {
    of_steps(&change.steps).or(change.rollback_minutes)
}

/// What rolling back all of these steps takes, where each says it.
fn of_steps(steps: &[Step]) -> Option<u32> {
    let minutes: Option<Vec<u32>> = steps.iter().map(|step| step.rollback_minutes).collect();
    minutes
        .filter(|minutes| !minutes.is_empty())
        .map(|minutes| minutes.into_iter().fold(0, u32::saturating_add))
}

/// A phase that was rolled back is not there any more.
fn has_begun(phase: &Phase) -> bool {
    match phase.state.value {
        PhaseState::Running | PhaseState::Done => true,
        PhaseState::RolledBack => false,
        PhaseState::Pending | PhaseState::Unknown => phase.actual_start.is_some(),
    }
}
