//! The numbers there are: what each is called, how it is made, and its samples.
//!
//! A sample is one row that counts in the whole, with whether it counts in the part, or how long it took. Periods, months,
//! breakdowns and the rows behind a number are then the same for all of them.

use serde::{Deserialize, Serialize};

use super::{Decision, Deployed, Recovery, Rows, Traits, Work};
use crate::{
    label::spaced,
    model::{Id, Instant, Line, Outcome},
    rules::facts::ScopeKind,
};

/// A number (numbers § Numbers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kpi {
    ChangeFailure,
    ChangeSuccess,
    WithIssues,
    NoOutcome,
    BackedOut,
    Emergency,
    Unauthorised,
    Rejected,
    Unchanged,
    Rework,
    DefectRate,
    Recovery,
    LeadTime,
    ApprovalWait,
    DeploymentFrequency,
    ReviewDebt,
}

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// So many of so many.
    Share,
    /// So many things found in so many: may be more than one each.
    Rate,
    /// How long.
    Length,
    /// So many in so many days, and how far apart.
    Pace,
    /// So many now.
    Count,
}

/// One row of a number.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    pub id: &'a Id,
    pub title: &'a Line,
    /// What puts it in a period.
    pub at: Instant,
    /// How much of the part it is.
    pub part: u64,
    /// How much of the whole it is.
    pub whole: u64,
    /// How long it took, where that is what is asked.
    pub secs: Option<i64>,
    pub traits: Traits<'a>,
    pub why: Why<'a>,
}

/// What a row says of itself.
#[derive(Debug, Clone, Copy)]
pub enum Why<'a> {
    Work(&'a Work<'a>),
    Release(&'a Deployed<'a>),
    Decision(&'a Decision<'a>),
}

/// Rows that do not count, with the reason and what would put them in a period.
pub type Left<'a> = Vec<(&'static str, &'a Id, Instant)>;

impl Kpi {
    /// Every number in the order of the screen.
    pub const ALL: [Self; 16] = [
        Self::ChangeFailure,
        Self::ChangeSuccess,
        Self::WithIssues,
        Self::NoOutcome,
        Self::BackedOut,
        Self::Emergency,
        Self::Unauthorised,
        Self::Rejected,
        Self::Unchanged,
        Self::Rework,
        Self::DefectRate,
        Self::Recovery,
        Self::LeadTime,
        Self::ApprovalWait,
        Self::DeploymentFrequency,
        Self::ReviewDebt,
    ];

    /// As it is typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ChangeFailure => "change-failure",
            Self::ChangeSuccess => "change-success",
            Self::WithIssues => "with-issues",
            Self::NoOutcome => "no-outcome",
            Self::BackedOut => "backed-out",
            Self::Emergency => "emergency",
            Self::Unauthorised => "unauthorised",
            Self::Rejected => "rejected",
            Self::Unchanged => "unchanged",
            Self::Rework => "rework",
            Self::DefectRate => "defect-rate",
            Self::Recovery => "recovery",
            Self::LeadTime => "lead-time",
            Self::ApprovalWait => "approval-wait",
            Self::DeploymentFrequency => "deployment-frequency",
            Self::ReviewDebt => "review-debt",
        }
    }

    /// As it is read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ChangeFailure => "failed change rate",
            Self::ChangeSuccess => "change success rate",
            Self::WithIssues => "in neither: with issues",
            Self::NoOutcome => "in neither: no outcome",
            Self::BackedOut => "changes backed out",
            Self::Emergency => "emergency changes",
            Self::Unauthorised => "unauthorised changes",
            Self::Rejected => "rejected",
            Self::Unchanged => "approved unchanged",
            Self::Rework => "rework rate",
            Self::DefectRate => "release defect rate",
            Self::Recovery => "recovery time (MTTR)",
            Self::LeadTime => "change lead time",
            Self::ApprovalWait => "approval wait",
            Self::DeploymentFrequency => "release frequency",
            Self::ReviewDebt => "reviews due",
        }
    }

    /// How it is made, in one sentence.
    #[must_use]
    pub const fn formula(self) -> &'static str {
        match self {
            Self::ChangeFailure => {
                "changes implemented in the period that failed, were backed out or caused an incident, of all implemented in it"
            }
            Self::ChangeSuccess => {
                "changes implemented in the period that were successful and caused no incident, of all implemented in it"
            }
            Self::WithIssues => {
                "changes implemented in the period that were successful with issues and caused no incident, of all implemented in it"
            }
            Self::NoOutcome => {
                "changes implemented in the period that were closed without an outcome and caused no incident, of all implemented in it"
            }
            Self::BackedOut => {
                "changes implemented in the period that were backed out, of all implemented in it"
            }
            Self::Emergency => "emergency changes implemented in the period, of all implemented in it",
            Self::Unauthorised => {
                "changes implemented in the period that started without authority (C17), of those of whose approval the record or their own system tells"
            }
            Self::Rejected => "rounds decided in the period that rejected, of all that approved or rejected",
            Self::Unchanged => {
                "rounds decided in the period that approved the revision of the item's first round, of all that approved"
            }
            Self::Rework => {
                "emergency deployments in the period, of all deployments: releases, and changes bundled in none"
            }
            Self::DefectRate => {
                "defects found in production within the days after a release that the board counts, per change bundled in it; releases whose days still run are left out"
            }
            Self::Recovery => {
                "from the first incident opened, else the first failed step, hold or turning back, to the last restored, else the end of turning back; changes and releases that failed in the period; an incident counts once"
            }
            Self::LeadTime => {
                "from submission to the last production phase of its release, else the change's own end; changes implemented in the period"
            }
            Self::ApprovalWait => "from the opening of a round to its decision; rounds decided in the period",
            Self::DeploymentFrequency => {
                "releases whose last production phase was done in the period, per day, and the median gap between them"
            }
            Self::ReviewDebt => "changes whose review is due now and is not written",
        }
    }

    /// What kind of number it is: a share, a length or a rate.
    #[must_use]
    pub const fn measure(self) -> Measure {
        match self {
            Self::ChangeFailure
            | Self::ChangeSuccess
            | Self::WithIssues
            | Self::NoOutcome
            | Self::BackedOut
            | Self::Emergency
            | Self::Unauthorised
            | Self::Rejected
            | Self::Unchanged
            | Self::Rework => Measure::Share,
            Self::DefectRate => Measure::Rate,
            Self::Recovery | Self::LeadTime | Self::ApprovalWait => Measure::Length,
            Self::DeploymentFrequency => Measure::Pace,
            Self::ReviewDebt => Measure::Count,
        }
    }

    /// The number of this name; `None` where there is none.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let plain = word.trim().to_lowercase().replace([' ', '_'], "-");
        let known = |kpi: &Self| kpi.word() == plain || kpi.label().replace(' ', "-") == plain;
        Self::ALL.into_iter().find(known).or((plain == "mttr").then_some(Self::Recovery))
    }

    /// Its rows of all time, and those that cannot be counted.
    #[must_use]
    pub fn samples<'a>(self, rows: &'a Rows<'a>) -> (Vec<Sample<'a>>, Left<'a>) {
        let mut left = Left::new();
        let all = || rows.work.iter();
        let samples = match self {
            Self::ChangeFailure => all().map(|work| of_work(work, work.failed())).collect(),
            Self::ChangeSuccess => all().map(|work| of_work(work, work.succeeded())).collect(),
            Self::WithIssues => {
                let issues = |work: &Work<'_>| work.outcome == Some(Outcome::SuccessfulWithIssues);
                all().map(|work| of_work(work, issues(work) && !work.incident)).collect()
            }
            Self::NoOutcome => {
                all().map(|work| of_work(work, work.outcome.is_none() && !work.incident)).collect()
            }
            Self::BackedOut => {
                all().map(|work| of_work(work, work.outcome == Some(Outcome::BackedOut))).collect()
            }
            Self::Emergency => {
                all().map(|work| of_work(work, work.traits.kind == ScopeKind::Emergency)).collect()
            }
            Self::Unauthorised => {
                let known = |work: &'a Work<'a>| work.unauthorised.map(|part| of_work(work, part));
                left.extend(
                    all()
                        .filter(|work| work.unauthorised.is_none())
                        .map(|work| ("nothing known of their approval", work.id, work.ended)),
                );
                all().filter_map(known).collect()
            }
            Self::Rejected => rows.decisions.iter().map(|one| of_decision(one, !one.approved)).collect(),
            Self::Unchanged => {
                let approved = rows.decisions.iter().filter(|one| one.approved);
                approved.map(|one| of_decision(one, one.unchanged)).collect()
            }
            Self::Rework => {
                let done = rows.releases.iter().map(|one| of_release(one, u64::from(one.emergency), 1));
                let alone = all().filter(|work| !work.bundled);
                let alone = alone.map(|work| of_work(work, work.traits.kind == ScopeKind::Emergency));
                done.chain(alone).collect()
            }
            Self::DefectRate => defects(rows, &mut left),
            Self::Recovery => recovered(rows, &mut left),
            Self::LeadTime => lead(rows, &mut left),
            Self::ApprovalWait => {
                let wait = |one: &'a Decision<'a>| Sample {
                    secs: Some((one.closed - one.opened).max(0)),
                    ..of_decision(one, true)
                };
                rows.decisions.iter().map(wait).collect()
            }
            Self::DeploymentFrequency => {
                rows.releases.iter().filter(|one| one.done).map(|one| of_release(one, 1, 1)).collect()
            }
            Self::ReviewDebt => Vec::new(),
        };
        (samples, left)
    }
}

fn of_work<'a>(work: &'a Work<'a>, part: bool) -> Sample<'a> {
    Sample {
        id: work.id,
        title: work.title,
        at: work.ended,
        part: u64::from(part),
        whole: 1,
        secs: None,
        traits: work.traits,
        why: Why::Work(work),
    }
}

fn of_release<'a>(one: &'a Deployed<'a>, part: u64, whole: u64) -> Sample<'a> {
    Sample {
        id: one.id,
        title: one.title,
        at: one.ended,
        part,
        whole,
        secs: None,
        traits: one.traits,
        why: Why::Release(one),
    }
}

fn of_decision<'a>(one: &'a Decision<'a>, part: bool) -> Sample<'a> {
    Sample {
        id: one.id,
        title: one.title,
        at: one.closed,
        part: u64::from(part),
        whole: 1,
        secs: None,
        traits: one.traits,
        why: Why::Decision(one),
    }
}

fn defects<'a>(rows: &'a Rows<'a>, left: &mut Left<'a>) -> Vec<Sample<'a>> {
    let mut samples = Vec::new();
    for one in &rows.releases {
        match () {
            () if one.ended.plus(rows.defect_days * 86_400) > rows.now => {
                left.push(("its days still run", one.id, one.ended));
            }
            () if one.bundle == 0 => left.push(("no change is bundled in it", one.id, one.ended)),
            () => samples.push(of_release(one, one.defects, one.bundle)),
        }
    }
    samples
}

fn recovered<'a>(rows: &'a Rows<'a>, left: &mut Left<'a>) -> Vec<Sample<'a>> {
    let work = rows.work.iter().map(|work| (of_work(work, true), work.recovery));
    let releases = rows.releases.iter().map(|one| (of_release(one, 1, 1), one.recovery));
    let mut samples = Vec::new();
    for (sample, recovery) in work.chain(releases) {
        match recovery {
            Recovery::NoFailure => {}
            Recovery::Took { from, until } => {
                samples.push(Sample { secs: Some((until - from).max(0)), ..sample });
            }
            Recovery::StillOpen => left.push(("an incident is still open", sample.id, sample.at)),
            Recovery::NotKnown => left.push(("no times of the failure", sample.id, sample.at)),
            Recovery::CountedElsewhere => {
                left.push(("its incident is counted with another", sample.id, sample.at))
            }
        }
    }
    samples
}

fn lead<'a>(rows: &'a Rows<'a>, left: &mut Left<'a>) -> Vec<Sample<'a>> {
    let mut samples = Vec::new();
    for work in &rows.work {
        match (work.submitted, work.produced) {
            (None, _) => left.push(("no time of submission", work.id, work.ended)),
            (_, None) => left.push(("its release is not in production", work.id, work.ended)),
            (Some(from), Some(until)) if until < from => {
                left.push(("submitted after its end", work.id, work.ended))
            }
            (Some(from), Some(until)) => {
                samples.push(Sample { secs: Some(until - from), ..of_work(work, true) });
            }
        }
    }
    samples
}

impl Why<'_> {
    /// What the row says, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Work(work) => work.how(),
            Self::Release(one) if one.failed => "failed".to_owned(),
            Self::Release(one) => spaced(if one.done { "done" } else { "not done" }),
            Self::Decision(one) => match (one.approved, one.unchanged) {
                (true, true) => "approved unchanged".to_owned(),
                (true, false) => "approved after an edit".to_owned(),
                (false, _) => "rejected".to_owned(),
            },
        }
    }
}
