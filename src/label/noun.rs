//! The table of labels, a `match` a type. A word that is the same in files and for people is taken from there.

use super::Label;
use crate::model::{
    Approval, ApprovalAnswer, CloseCause, Course, Decision, Impact, ItemKind, Kind, Known, MessageKind,
    OpenCause, Outcome, Part, PhaseState, ReleaseState, ReleaseType, Risk, Role, RoundOutcome, RuleId,
    Section, Severity, Standing, State, Strategy, Tie, Verdict, Vocabulary, Vote, WindowKind, hook::HookWord,
};

/// Types whose words in files are what people read.
macro_rules! as_written {
    ($($name:ident),+) => {$(
        impl Label for $name {
            fn label(self) -> &'static str {
                self.word()
            }
        }
    )+};
}

as_written!(Decision, ItemKind, Part, ReleaseState, ReleaseType, Role, WindowKind);

impl Label for MessageKind {
    fn label(self) -> &'static str {
        match self {
            Self::TurnedBack => "word that it was not done",
            Self::RunningLate => "word that it runs late",
            Self::CalledOff => "word that it is called off",
            Self::Started => "word that it started",
            Self::Finished => "word that it is done",
            Self::Announcement | Self::Reminder | Self::Correction => self.word(),
        }
    }

    fn short(self) -> &'static str {
        match self {
            Self::TurnedBack => Course::TurnedBack.label(),
            Self::RunningLate => "running late",
            Self::CalledOff => Course::CalledOff.label(),
            Self::Announcement | Self::Reminder | Self::Started | Self::Finished | Self::Correction => {
                self.word()
            }
        }
    }
}

impl Label for Course {
    fn label(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::OnHold => "on hold",
            Self::CalledOff => "called off",
            Self::Started => "under way",
            Self::Finished => "done",
            Self::TurnedBack => "not carried out",
        }
    }
}

/// What is unknown, in a narrow column.
const UNKNOWN: &str = "unkn";

impl Label for Kind {
    fn label(self) -> &'static str {
        self.word()
    }

    fn short(self) -> &'static str {
        match self {
            Self::Standard => "stand",
            Self::Normal => self.label(),
            Self::Emergency => "emerg",
            Self::Unknown => UNKNOWN,
        }
    }
}

/// Where a change is in its life; what its source calls that is shown as it is given.
impl Label for State {
    fn label(self) -> &'static str {
        match self {
            Self::Draft | Self::Scheduled | Self::Cancelled | Self::Rejected | Self::Unknown => self.word(),
            Self::Assess => "assessed",
            Self::Authorize => "to be decided",
            Self::Implement => PhaseState::Running.label(),
            Self::Review => "in review",
            Self::Closed => PhaseState::Done.label(),
        }
    }

    fn short(self) -> &'static str {
        if self == Self::Unknown { UNKNOWN } else { self.label() }
    }
}

impl Label for Vote {
    fn label(self) -> &'static str {
        match self {
            Self::Approve => "yes",
            Self::Reject => "no",
            Self::Abstain => "abstain",
        }
    }
}

/// A vote as a thing that somebody enters: `yes`, `abstention`.
#[must_use]
pub fn vote_noun(vote: Vote) -> &'static str {
    match vote {
        Vote::Approve | Vote::Reject => vote.label(),
        Vote::Abstain => "abstention",
    }
}

/// What somebody did who cast a vote: `voted yes`, `abstained`.
#[must_use]
pub fn cast(vote: Vote) -> &'static str {
    match vote {
        Vote::Approve => "voted yes",
        Vote::Reject => "voted no",
        Vote::Abstain => "abstained",
    }
}

impl Label for RoundOutcome {
    fn label(self) -> &'static str {
        match self {
            Self::Approved => Decision::Approved.label(),
            Self::Rejected => Decision::Rejected.label(),
            Self::Deferred => Decision::Deferred.label(),
            Self::NeedsInfo => "information asked",
            Self::Superseded => "superseded",
        }
    }
}

/// How an item was decided in a meeting, or reviewed.
impl Label for Verdict {
    fn label(self) -> &'static str {
        match self {
            Self::Approved => Decision::Approved.label(),
            Self::Rejected => Decision::Rejected.label(),
            Self::Deferred => Decision::Deferred.label(),
            Self::NeedsInfo => RoundOutcome::NeedsInfo.label(),
            Self::Ratified => "ratified",
            Self::NotRatified => "not ratified",
            Self::ReviewedSuccessful => "reviewed: successful",
            Self::ReviewedNotSuccessful => "reviewed: not successful",
        }
    }
}

/// What the board says of an item; where it says nothing, nothing.
impl Label for Standing {
    fn label(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Open => "vote open",
            Self::Approved => Decision::Approved.label(),
            Self::Lapsed => "approval lapsed",
            Self::Rejected => Decision::Rejected.label(),
            Self::Deferred => Decision::Deferred.label(),
            Self::Asked => RoundOutcome::NeedsInfo.label(),
        }
    }
}

impl Label for OpenCause {
    fn label(self) -> &'static str {
        match self {
            Self::Authorize => "it waits for authorization",
            Self::Chair => "by the chair",
            Self::Changed => "it changed",
            Self::Freeze => "a freeze hits it",
            Self::Rules => "the rules of the board changed",
            Self::Extension => "it changed after it started",
            Self::Ratification => "the glass was broken, to be ratified",
        }
    }
}

impl Label for CloseCause {
    fn label(self) -> &'static str {
        match self {
            Self::Early => "certain before all had voted",
            Self::Everybody => "everybody had voted",
            Self::Deadline => "at its deadline",
            Self::Chair => OpenCause::Chair.label(),
            Self::Changed => OpenCause::Changed.label(),
            Self::Freeze => OpenCause::Freeze.label(),
            Self::Rules => OpenCause::Rules.label(),
            Self::Left => "it can no longer be decided",
            Self::Copied => "its secret votes stayed behind when the board was copied",
            Self::Consent => "by consent, no objection received",
            Self::Override => "decided against the vote",
            Self::BrokenGlass => "the glass was broken",
        }
    }
}

impl Label for Known {
    fn label(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Claimed => "not verified",
            Self::RollCall => "roll call",
            Self::System => "by the board",
        }
    }
}

impl Label for Severity {
    fn label(self) -> &'static str {
        match self {
            Self::Info => "note",
            Self::Warn => "warning",
            Self::Block => "blocking",
            Self::Unknown => "unknown",
        }
    }
}

impl Label for RuleId {
    fn label(self) -> &'static str {
        self.name()
    }
}

impl Label for Risk {
    fn label(self) -> &'static str {
        match self {
            Self::Low | Self::Moderate | Self::High | Self::Unknown => self.word(),
            Self::VeryHigh => "very high",
        }
    }

    fn short(self) -> &'static str {
        match self {
            Self::Low | Self::High => self.label(),
            Self::Moderate => "mod",
            Self::VeryHigh => "very",
            Self::Unknown => UNKNOWN,
        }
    }
}

impl Label for Impact {
    fn label(self) -> &'static str {
        match self {
            Self::Low | Self::Moderate | Self::High | Self::Unknown => self.word(),
            Self::VeryHigh => Risk::VeryHigh.label(),
        }
    }
}

impl Label for Outcome {
    fn label(self) -> &'static str {
        match self {
            Self::Successful | Self::Failed | Self::Unknown => self.word(),
            Self::SuccessfulWithIssues => "successful with issues",
            Self::BackedOut => "backed out",
        }
    }
}

impl Label for Approval {
    fn label(self) -> &'static str {
        match self {
            Self::Requested | Self::Approved | Self::Rejected | Self::Unknown => self.word(),
            Self::NotRequired => "not required",
        }
    }
}

impl Label for ApprovalAnswer {
    fn label(self) -> &'static str {
        match self {
            Self::Requested
            | Self::Approved
            | Self::Rejected
            | Self::Abstained
            | Self::Cancelled
            | Self::Unknown => self.word(),
            Self::NotRequired => Approval::NotRequired.label(),
            Self::NotSent => "not sent",
        }
    }
}

impl Label for HookWord {
    fn label(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::RolledBack => PhaseState::RolledBack.label(),
        }
    }
}

impl Label for PhaseState {
    fn label(self) -> &'static str {
        match self {
            Self::Pending => "pending phase",
            Self::Running | Self::Done | Self::Unknown => self.word(),
            Self::RolledBack => "rolled back",
        }
    }

    fn short(self) -> &'static str {
        if self == Self::Unknown { UNKNOWN } else { self.label() }
    }
}

impl Label for Strategy {
    fn label(self) -> &'static str {
        match self {
            Self::Canary | Self::Rolling | Self::Unknown => self.word(),
            Self::BlueGreen => "blue-green",
            Self::AllAtOnce => "all at once",
        }
    }
}

/// A part of an agenda in a word; its head is [`Section::title`].
impl Label for Section {
    fn label(self) -> &'static str {
        match self {
            Self::Reviews => "review",
            Self::Conflicts => "clash",
            Self::HighRisk => "high risk",
            Self::Normal => "normal",
            Self::Consent => "by consent",
            Self::Listed => "listed",
            Self::Unknown => "other",
        }
    }
}

/// Where a tie goes.
impl Label for Tie {
    fn label(self) -> &'static str {
        match self {
            Self::Chair => Role::Chair.label(),
            Self::Reject => Decision::Rejected.label(),
            Self::Defer => Decision::Deferred.label(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_on_screen_can_be_typed() {
        for severity in [Severity::Info, Severity::Warn, Severity::Block] {
            assert_eq!(Severity::of(severity.label()), Some(severity));
            assert_eq!(Severity::of(severity.word()), Some(severity));
        }
        fn typed<T: Vocabulary + Label>() {
            for (value, word) in T::WORDS {
                assert_eq!(T::of(value.label()), Some(*value), "{word} is read as {}", value.label());
            }
        }
        typed::<Risk>();
        typed::<Impact>();
        typed::<Outcome>();
        typed::<Approval>();
        typed::<ApprovalAnswer>();
        typed::<Strategy>();
    }

    #[test]
    fn a_label_has_no_underscore() {
        let risks = Risk::WORDS.iter().map(|(risk, _)| risk.label());
        let outcomes = Outcome::WORDS.iter().map(|(outcome, _)| outcome.label());
        let standings = Standing::ALL.iter().map(|standing| standing.label());
        for label in risks.chain(outcomes).chain(standings) {
            assert!(!label.contains('_'), "{label}");
        }
        assert_eq!(Standing::Asked.label(), RoundOutcome::NeedsInfo.label());
    }
}
