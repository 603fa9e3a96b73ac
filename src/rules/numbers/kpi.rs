//! The numbers there are: what each is called, how it is made, and its samples.
//!
//! A sample is one row that counts in the whole, with whether it counts in the part, or how long it took. Periods, months,
//! breakdowns and the rows behind a number are then the same for all of them.

use serde::{Deserialize, Serialize};

use super::{Decision, Deployed, Recovery, Rows, Work};
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
    /// Its place among all rows: changes, then releases, then decisions.
    pub row: usize,
    /// What puts it in a period.
    pub at: Instant,
    /// How much of the part it is.
    pub part: u64,
    /// How much of the whole it is.
    pub whole: u64,
    /// How long it took, where that is what is asked.
    pub secs: Option<i64>,
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

    /// Hands over its rows of all time, and keeps those that cannot be counted.
    pub fn each<'a>(self, rows: &'a Rows<'a>, left: &mut Left<'a>, mut take: impl FnMut(Sample<'a>)) {
        match self {
            Self::ChangeFailure => share_of(rows, take, Work::failed),
            Self::ChangeSuccess => share_of(rows, take, Work::succeeded),
            Self::WithIssues => share_of(rows, take, |work| {
                work.outcome == Some(Outcome::SuccessfulWithIssues) && !work.incident
            }),
            Self::NoOutcome => share_of(rows, take, |work| work.outcome.is_none() && !work.incident),
            Self::BackedOut => share_of(rows, take, |work| work.outcome == Some(Outcome::BackedOut)),
            Self::Emergency => share_of(rows, take, is_emergency),
            Self::Unauthorised => {
                for (row, work) in rows.works() {
                    match work.unauthorised {
                        Some(part) => take(of_work(row, work, part)),
                        None => left.push(("nothing known of their approval", work.id, work.ended)),
                    }
                }
            }
            Self::Rejected => {
                rows.decided().for_each(|(row, one)| take(of_decision(row, one, !one.approved)));
            }
            Self::Unchanged => {
                let approved = rows.decided().filter(|(_, one)| one.approved);
                approved.for_each(|(row, one)| take(of_decision(row, one, one.unchanged)));
            }
            Self::Rework => {
                for (row, one) in rows.deployed() {
                    take(of_release(row, one, u64::from(one.emergency), 1));
                }
                let alone = rows.works().filter(|(_, work)| !work.bundled);
                alone.for_each(|(row, work)| take(of_work(row, work, is_emergency(work))));
            }
            Self::DefectRate => defects(rows, left, take),
            Self::Recovery => recovered(rows, left, take),
            Self::LeadTime => lead(rows, left, take),
            Self::ApprovalWait => {
                for (row, one) in rows.decided() {
                    let secs = Some((one.closed - one.opened).max(0));
                    take(Sample { secs, ..of_decision(row, one, true) });
                }
            }
            Self::DeploymentFrequency => {
                let done = rows.deployed().filter(|(_, one)| one.done);
                done.for_each(|(row, one)| take(of_release(row, one, 1, 1)));
            }
            Self::ReviewDebt => {}
        }
    }
}

/// The changes of which something is so, of all.
fn share_of<'a>(rows: &'a Rows<'a>, mut take: impl FnMut(Sample<'a>), so: impl Fn(&Work<'a>) -> bool) {
    rows.works().for_each(|(row, work)| take(of_work(row, work, so(work))));
}

fn is_emergency(work: &Work<'_>) -> bool {
    work.traits.kind == ScopeKind::Emergency
}

fn of_work<'a>(row: usize, work: &'a Work<'a>, part: bool) -> Sample<'a> {
    Sample { row, at: work.ended, part: u64::from(part), whole: 1, secs: None, why: Why::Work(work) }
}

fn of_release<'a>(row: usize, one: &'a Deployed<'a>, part: u64, whole: u64) -> Sample<'a> {
    Sample { row, at: one.ended, part, whole, secs: None, why: Why::Release(one) }
}

fn of_decision<'a>(row: usize, one: &'a Decision<'a>, part: bool) -> Sample<'a> {
    Sample { row, at: one.closed, part: u64::from(part), whole: 1, secs: None, why: Why::Decision(one) }
}

fn defects<'a>(rows: &'a Rows<'a>, left: &mut Left<'a>, mut take: impl FnMut(Sample<'a>)) {
    for (row, one) in rows.deployed() {
        match () {
            () if one.ended.plus(rows.defect_days * 86_400) > rows.now => {
                left.push(("its days still run", one.id, one.ended));
            }
            () if one.bundle == 0 => left.push(("no change is bundled in it", one.id, one.ended)),
            () => take(of_release(row, one, one.defects, one.bundle)),
        }
    }
}

fn recovered<'a>(rows: &'a Rows<'a>, left: &mut Left<'a>, mut take: impl FnMut(Sample<'a>)) {
    let mut one = |sample: Sample<'a>, recovery: Recovery| {
        let mut leave = |why| left.push((why, sample.id(), sample.at));
        match recovery {
            Recovery::NoFailure => {}
            Recovery::Took { from, until } => take(Sample { secs: Some((until - from).max(0)), ..sample }),
            Recovery::StillOpen => leave("an incident is still open"),
            Recovery::NotKnown => leave("no times of the failure"),
            Recovery::CountedElsewhere => leave("its incident is counted with another"),
        }
    };
    rows.works().for_each(|(row, work)| one(of_work(row, work, true), work.recovery));
    rows.deployed().for_each(|(row, done)| one(of_release(row, done, 1, 1), done.recovery));
}

fn lead<'a>(rows: &'a Rows<'a>, left: &mut Left<'a>, mut take: impl FnMut(Sample<'a>)) {
    for (row, work) in rows.works() {
        match (work.submitted, work.produced) {
            (None, _) => left.push(("no time of submission", work.id, work.ended)),
            (_, None) => left.push(("its release is not in production", work.id, work.ended)),
            (Some(from), Some(until)) if until < from => {
                left.push(("submitted after its end", work.id, work.ended));
            }
            (Some(from), Some(until)) => {
                take(Sample { secs: Some(until - from), ..of_work(row, work, true) });
            }
        }
    }
}

impl<'a> Sample<'a> {
    /// The item that the row is about.
    #[must_use]
    pub fn id(&self) -> &'a Id {
        match self.why {
            Why::Work(work) => work.id,
            Why::Release(one) => one.id,
            Why::Decision(one) => one.id,
        }
    }

    /// What the item is called.
    #[must_use]
    pub fn title(&self) -> &'a Line {
        match self.why {
            Why::Work(work) => work.title,
            Why::Release(one) => one.title,
            Why::Decision(one) => one.title,
        }
    }
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
