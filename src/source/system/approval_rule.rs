//! How many of those who are asked for their approval have to say yes, where a system tells its rule.

use crate::model::ApprovalAnswer;

/// The rule of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalRule {
    Anyone,
    Everyone,
    /// Whoever answers first decides.
    First,
    /// More than half.
    Majority,
    /// At least so many of a hundred.
    Percent(usize),
    /// Not told, or not understood: everybody counts.
    Unknown,
}

impl ApprovalRule {
    /// Whether these answers are enough for a yes, whoever still waits. What nobody is asked for any more counts not.
    #[must_use]
    pub fn is_met(self, answers: &[ApprovalAnswer]) -> bool {
        let count = |wanted| answers.iter().filter(|answer| **answer == wanted).count();
        let (yes, no) = (count(ApprovalAnswer::Approved), count(ApprovalAnswer::Rejected));
        let out = count(ApprovalAnswer::Cancelled) + count(ApprovalAnswer::NotRequired);
        let all = answers.len().saturating_sub(out);
        match self {
            Self::Anyone => yes > 0,
            // Which of both came first is not known.
            Self::First => yes > 0 && no == 0,
            Self::Majority => yes * 2 > all,
            Self::Percent(share) => yes > 0 && yes * 100 >= share * all,
            Self::Everyone | Self::Unknown => yes > 0 && yes == all,
        }
    }

    /// An answer as it stands in a step: who still waits where the rule is met is needed no more.
    #[must_use]
    pub fn settles(self, answers: &[ApprovalAnswer], own: ApprovalAnswer) -> ApprovalAnswer {
        let waits = matches!(own, ApprovalAnswer::Requested | ApprovalAnswer::NotSent);
        if waits && self.is_met(answers) { ApprovalAnswer::NotRequired } else { own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_met_by_enough_and_a_rule_nobody_knows_by_everybody() {
        use ApprovalAnswer::{Approved as Y, Cancelled as C, Rejected as N, Requested as W};
        for (rule, answers, want) in [
            (ApprovalRule::Anyone, &[Y, W, W][..], true),
            (ApprovalRule::Anyone, &[W, W], false),
            (ApprovalRule::Everyone, &[Y, W], false),
            (ApprovalRule::Everyone, &[Y, Y, C], true),
            (ApprovalRule::Everyone, &[C], false),
            (ApprovalRule::First, &[Y, W], true),
            (ApprovalRule::First, &[Y, N, W], false),
            (ApprovalRule::Majority, &[Y, W], false),
            (ApprovalRule::Majority, &[Y, Y, W], true),
            (ApprovalRule::Percent(50), &[Y, W], true),
            (ApprovalRule::Percent(51), &[Y, W], false),
            (ApprovalRule::Percent(0), &[W], false),
            (ApprovalRule::Unknown, &[Y, W], false),
            (ApprovalRule::Unknown, &[Y], true),
            (ApprovalRule::Unknown, &[], false),
        ] {
            assert_eq!(rule.is_met(answers), want, "{rule:?} {answers:?}");
            let settled = rule.settles(answers, W);
            assert_eq!(settled == ApprovalAnswer::NotRequired, want, "{rule:?} {answers:?}");
        }
        assert_eq!(ApprovalRule::Anyone.settles(&[Y, N], N), N);
    }
}
