//! Labels of the states that faces show: of votes, meetings, sources, writes, rules and delegations.

use crate::{
    label::{Label, cast},
    model::{Course, Decision, RoundOutcome},
    rules::gate::GateVerdict,
    wire::{
        Ballot, BallotStatus, DelegationState, MeetingPhase, RuleState, SourceState, Tally, TallyOutcome,
        WriteState,
    },
};

/// How a round stands or ended.
impl Label for TallyOutcome {
    fn label(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => Decision::Approved.label(),
            Self::Rejected => Decision::Rejected.label(),
            Self::Deferred => Decision::Deferred.label(),
            Self::NeedsInfo => RoundOutcome::NeedsInfo.label(),
            Self::Superseded => RoundOutcome::Superseded.label(),
        }
    }
}

/// The place of somebody in a round, without what they voted.
impl Label for BallotStatus {
    fn label(self) -> &'static str {
        match self {
            Self::Voted => "voted",
            Self::Waiting => "not voted",
            Self::Recused => "recused",
            Self::Stale => "voted before the edit",
        }
    }
}

/// What somebody did in a round: `voted yes`, `not voted`, `recused`; of a secret vote that it was cast.
#[must_use]
pub fn ballot(ballot: &Ballot) -> &'static str {
    match (ballot.status, ballot.vote) {
        (BallotStatus::Voted, Some(vote)) => cast(vote),
        (BallotStatus::Voted | BallotStatus::Waiting | BallotStatus::Recused | BallotStatus::Stale, _) => {
            ballot.status.label()
        }
    }
}

impl Label for GateVerdict {
    fn label(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::NoGo => "no-go",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// What a rule of clashes says of an activity.
impl Label for RuleState {
    fn label(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Passed => "passed",
            Self::NotChecked => "not checked",
            Self::Off => "off",
        }
    }
}

impl Label for DelegationState {
    fn label(self) -> &'static str {
        match self {
            Self::InForce => "now",
            Self::ToCome => "to come",
            Self::Over => "over",
        }
    }
}

impl Label for MeetingPhase {
    fn label(self) -> &'static str {
        match self {
            Self::Planned => Course::Planned.label(),
            Self::Convened => "convened",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }
}

/// Where a write to a source has got to.
impl Label for WriteState {
    fn label(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Held => "held",
        }
    }
}

impl Label for SourceState {
    fn label(self) -> &'static str {
        match self {
            Self::FirstLoad => "first load",
            Self::Fresh => "fresh",
            Self::Old => "old",
            Self::Down => "down",
        }
    }
}

/// Whether somebody passed something, where it is known: of the criteria of a release.
#[must_use]
pub fn passed(passed: Option<bool>) -> &'static str {
    match passed {
        Some(true) => RuleState::Passed.label(),
        Some(false) => "not passed",
        None => TallyOutcome::Open.label(),
    }
}

/// What a round would close with now; of a secret vote only that it is not told.
#[must_use]
pub fn closed_now(tally: &Tally) -> &'static str {
    tally.if_closed_now.map_or("secret until it closes", Label::label)
}
