//! Releases as plans, as they are shown: where each is in its life, whether it is ready, its phases, what it carries and
//! what stands apart from it (release § Plan).

mod facts;
mod scope;
mod trial;
mod work;

use serde::{Deserialize, Serialize};

use super::{
    Ledger,
    rollback::RollbackPlan,
    telling::{CommsLine, ToldSoFar},
};
use crate::{
    model::{
        Acceptance, Criterion, Defect, Id, Instant, Line, PhaseState, Prose, Release, ReleaseState,
        ReleaseType, RuleId, Severity, Span, Standing, Strategy, Success, Vocabulary, WindowKind,
    },
    rules::release::{lifecycle, readiness::Readiness},
};

pub use trial::BundleTrial;
pub use work::{PlannedStep, PlannedWork};

/// A release in a line of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseSummary {
    pub id: Id,
    pub name: Line,
    pub version: Line,
    pub kind: ReleaseType,
    /// The word of its source.
    pub state: String,
    /// Where it is in its life: of an own release its state, else where the board put it, else what its source says.
    pub stage: ReleaseState,
    pub standing: Standing,
    /// Who answers for the release, as the source writes it; none where it says nobody.
    pub manager: Option<Line>,
    /// The sprint it comes from, as the source writes it; none where it does not say.
    pub sprint: Option<Line>,
    pub live: bool,
    /// The phase that runs, else the first that is to come.
    pub next: Option<NextPhase>,
    /// Checks that hold, and how many there are.
    pub met: usize,
    /// How many checks there are.
    pub checks: usize,
    pub ready: bool,
    /// Open rows of its phases and of what it carries.
    pub blocks: usize,
    /// Open rows of its phases and changes that warn.
    pub warns: usize,
}

/// The phase that is next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextPhase {
    /// `RELEASE/PHASE`.
    pub id: Id,
    pub name: Line,
    /// Percent of the traffic that it takes; none where the strategy has no share.
    pub share: Option<u8>,
    /// When it is to begin; none where nobody said.
    pub start: Option<Instant>,
    pub running: bool,
}

/// A release, whole, as a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleasePlan {
    pub release: ReleaseSummary,
    pub at: Instant,
    /// It belongs to the board itself, and is edited here.
    pub own: bool,
    /// What comes next in its life, with what that lacks; absent at its end.
    pub entry: Option<Entry>,
    /// How it came to its stage, where the board put it there.
    pub entered: Option<Entered>,
    pub readiness: Readiness,
    pub services: Vec<Line>,
    pub phases: Vec<PlannedPhase>,
    /// Release windows and those of its sprint, around its phases.
    pub windows: Vec<PlanWindow>,
    pub bundle: Vec<CarriedChange>,
    /// What shares a service with it and is not bundled, what fits best first.
    pub apart: Vec<Apart>,
    pub acceptance: Vec<Acceptance>,
    pub success: Vec<Success>,
    pub defects: Vec<Defect>,
    pub contingency: Prose,
    /// `14.2 % estimate, mostly …`, or why there is none.
    pub risk: String,
    pub rollback: RollbackPlan,
    /// Open and acknowledged clashes of its phases and of what it carries, the worst first.
    pub clashes: Vec<PlanClash>,
    /// Its services with their neighbours in one hop.
    pub infrastructure: Vec<Neighbours>,
    /// How its changes are told to others, where they say.
    pub communication: Vec<Communication>,
    /// Whom it is told to, and how far that is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comms: Vec<CommsLine>,
    /// The same in short; absent where nobody hears of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldSoFar>,
    /// What is done in it, step by step: its phases in order, each followed by what it carries there, then the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub work: Vec<PlannedWork>,
    /// What differs from how it was at an instant, where one was asked for.
    pub since: Option<Since>,
}

/// A clash of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanClash {
    pub rule: RuleId,
    pub severity: Severity,
    pub reason: String,
    /// Both sides are parts of the release.
    pub inside: bool,
    pub acknowledged: bool,
}

/// A service with what it needs and who needs it, in one hop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Neighbours {
    pub service: Line,
    pub needs: Vec<Line>,
    pub needed_by: Vec<Line>,
    /// How many of its phases and changes touch it.
    pub touched: usize,
}

/// The communication plan of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Communication {
    pub id: Id,
    pub plan: Prose,
}

/// What differs from how a release and what it carries were at an instant, as far as the record had seen them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Since {
    pub at: Instant,
    pub changes: Vec<ItemDiffers>,
    /// Items that the record had not seen by then.
    pub unseen: Vec<Id>,
}

/// A field of an item that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ItemDiffers {
    pub id: Id,
    pub field: String,
    pub old: String,
    pub new: String,
}

/// An entry into the next state of a life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    pub to: ReleaseState,
    pub missing: Vec<String>,
}

/// How a release came to where it is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entered {
    pub at: Instant,
    pub by: Line,
    pub from: ReleaseState,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
}

/// A phase as it is planned and stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedPhase {
    /// `RELEASE/PHASE`.
    pub id: Id,
    pub name: Line,
    pub strategy: Strategy,
    /// Percent of the traffic that it takes; none where the strategy has no share.
    pub share: Option<u8>,
    /// Where it takes place, as the source writes it; none where it does not say.
    pub environment: Option<Line>,
    pub services: Vec<Line>,
    /// When it is to begin; none where nobody said.
    pub start: Option<Instant>,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    /// When it really began; none where it did not, or nobody said.
    pub actual_start: Option<Instant>,
    /// When it really ended; none where it did not, or nobody said.
    pub actual_end: Option<Instant>,
    pub state: PhaseState,
    /// It was dropped: it is not tried again.
    pub dropped: bool,
    pub point_of_no_return: bool,
    /// Minutes that undoing takes; none is *cannot tell*, never zero.
    pub rollback_minutes: Option<u32>,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    pub criteria: Vec<Criterion>,
    /// What is missing for a go; empty where go can be said.
    pub before_go: Vec<String>,
    /// The worst open row of it.
    pub clash: Option<Severity>,
}

/// A window that phases belong in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanWindow {
    pub id: Id,
    pub kind: WindowKind,
    pub spans: Vec<Span>,
}

/// A bundled change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CarriedChange {
    pub id: Id,
    pub title: Line,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    /// When it is to begin; none where nobody said.
    pub start: Option<Instant>,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    /// `approved`, `lapsed`, `to be approved` …
    pub stands: String,
    /// The gravest open row of it; none is clear.
    pub clash: Option<Severity>,
}

/// A change that shares something with a release and is not bundled in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Apart {
    pub id: Id,
    pub title: Line,
    pub services: Vec<Line>,
    /// It fits: near a phase, of the same person, or its title names the release.
    pub fits: bool,
    /// Why it fits, in words.
    pub why: Vec<String>,
    /// What bundling it would do.
    pub trial: BundleTrial,
}

impl Ledger {
    /// Where a release is in its life.
    #[must_use]
    pub fn stage(&self, release: &Release) -> ReleaseState {
        let source = self.facts.source_of(crate::model::RecordKind::Release, &release.id);
        if source.is_none_or(crate::model::SourceId::is_board) {
            return release.state.value;
        }
        let put = self.fold.get(&release.id).and_then(|item| Some(item.life.stage.as_ref()?.to));
        put.unwrap_or(release.state.value)
    }

    /// What an entry of a release lacks.
    #[must_use]
    pub fn missing_for(&self, release: &Release, to: ReleaseState) -> Vec<String> {
        let bundle: Vec<&Id> = self.facts.bundle(&release.id).collect();
        let owed = bundle.iter().filter(|id| self.owed.contains(**id));
        let reviews: Vec<Id> = owed.map(|id| (*id).clone()).collect();
        let readiness = self.readiness(release);
        let entering =
            lifecycle::Entering { release, bundle: bundle.len(), readiness: &readiness, reviews: &reviews };
        lifecycle::missing(to, &entering)
    }

    /// Every release in a line, those that are not over first, by their next phase.
    #[must_use]
    pub fn release_summaries(&self) -> Vec<ReleaseSummary> {
        let mut all: Vec<ReleaseSummary> = self
            .facts
            .releases()
            .map(|release| self.release_summary(release, &self.readiness(release)))
            .collect();
        let start = |one: &ReleaseSummary| one.next.as_ref().and_then(|next| next.start);
        all.sort_by(|a, b| {
            let (x, y) = (start(a), start(b));
            (!a.live, x.is_none(), x, &a.id).cmp(&(!b.live, y.is_none(), y, &b.id))
        });
        all
    }

    /// A release, whole, with what differs from how it was; `None` for one nobody knows.
    #[must_use]
    pub fn release_plan(&self, id: &Id, since: Option<Instant>) -> Option<ReleasePlan> {
        let release = self.facts.release(id)?;
        let readiness = self.readiness(release);
        let summary = self.release_summary(release, &readiness);
        let entry =
            lifecycle::next(summary.stage).map(|to| Entry { to, missing: self.missing_for(release, to) });
        let stage = self.fold.get(id).and_then(|item| item.life.stage.clone());
        let entered = stage.filter(|stage| stage.to == summary.stage).map(|stage| Entered {
            at: stage.at,
            by: stage.by.clone(),
            from: stage.from,
            reason: stage.reason.clone(),
        });
        let source = self.facts.source_of(crate::model::RecordKind::Release, id);
        Some(ReleasePlan {
            at: self.now,
            own: source.is_none_or(crate::model::SourceId::is_board),
            entry,
            entered,
            services: release.services.clone(),
            phases: release.phases.iter().map(|phase| self.planned_phase(release, phase)).collect(),
            windows: self.plan_windows(release),
            bundle: self.carried_changes(id),
            apart: self.apart(release),
            acceptance: release.acceptance.clone(),
            success: release.success.clone(),
            defects: release.defects.clone(),
            contingency: release.contingency.clone(),
            risk: self.release_risk(id),
            rollback: self.rollback_plan(id, None)?,
            clashes: self.plan_clashes(release),
            infrastructure: self.infrastructure(release),
            communication: self.communication(id),
            comms: self.comms(id, self.now).map(|comms| comms.audiences).unwrap_or_default(),
            told: self.told_so_far(id, self.now),
            work: self.planned_work(release),
            since: since.map(|at| self.since_then(id, at)),
            release: summary,
            readiness,
        })
    }

    fn release_summary(&self, release: &Release, readiness: &Readiness) -> ReleaseSummary {
        let (mut blocks, mut warns) = (0, 0);
        for row in self.open_rows(release) {
            match row.severity {
                Severity::Block => blocks += 1,
                Severity::Warn => warns += 1,
                Severity::Info | Severity::Unknown => {}
            }
        }
        let live = release.state.value.is_live() && self.stage(release).is_live();
        ReleaseSummary {
            id: release.id.clone(),
            name: release.name.clone(),
            version: release.version.clone(),
            kind: release.kind.value,
            state: release.state.as_given().to_owned(),
            stage: self.stage(release),
            standing: self.fold.get(&release.id).map_or(Standing::None, |item| item.standing),
            manager: release.manager.clone(),
            sprint: release.sprint.clone(),
            live,
            next: next_phase(release).filter(|_| live),
            met: readiness.met,
            checks: readiness.checks.len(),
            ready: readiness.ready,
            blocks,
            warns,
        }
    }
}

/// The phase that runs, else the first that is neither done nor rolled back.
fn next_phase(release: &Release) -> Option<NextPhase> {
    let runs = |phase: &&crate::model::Phase| phase.state.value == PhaseState::Running;
    let open = |phase: &&crate::model::Phase| phase.state.value.is_live();
    let phase = release.phases.iter().find(runs).or_else(|| release.phases.iter().find(open))?;
    Some(NextPhase {
        id: Id::phase(&release.id, &phase.id),
        name: phase.name.clone(),
        share: phase.share,
        start: phase.start,
        running: phase.state.value == PhaseState::Running,
    })
}

impl ReleaseSummary {
    /// Its name and version, as one.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version).trim().to_owned()
    }

    /// `4/6`.
    #[must_use]
    pub fn score(&self) -> String {
        format!("{}/{}", self.met, self.checks)
    }

    /// Whether its source calls where it is by another word than the board.
    #[must_use]
    pub fn speaks_otherwise(&self) -> bool {
        self.state != self.stage.word()
    }
}

#[cfg(test)]
mod tests;
