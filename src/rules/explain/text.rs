//! The rules in words, with the thresholds of the board.

use crate::model::{RuleId, Settings};

/// The text of a rule on this board.
pub(super) fn of(rule: RuleId, settings: &Settings) -> String {
    let Settings { depth, long_hours, focus_hours, lead_days, approve_by_hours, cool_down_hours, .. } =
        settings;
    match rule {
        RuleId::C1 => format!(
            "Two live changes overlap and share a CI. Block if either declares an outage or both last at most {long_hours} h, \
             else info; inside one release info, and nothing where one is ordered after the other."
        ),
        RuleId::C2 => format!(
            "Two live activities overlap, and a service of one depends on a service of the other in 1 to {depth} hops."
        ),
        RuleId::C3 => format!(
            "A live activity overlaps a freeze that covers it, or that covers a service which depends on one of its own \
             within {depth} hops."
        ),
        RuleId::C4 => {
            "A service of the activity has maintenance windows, and the activity lies in none of them."
                .to_owned()
        }
        RuleId::C5 => {
            "The activity overlaps the maintenance windows of a service, and no block of them contains it."
                .to_owned()
        }
        RuleId::C6 => {
            "A live change overlaps a phase of a release it is not bundled in, and they share a CI, or the \
                       phase takes the whole environment."
                .to_owned()
        }
        RuleId::C7 => {
            "Live phases of two releases overlap and share a CI, or changes bundled in two live releases \
                       clash on one."
                .to_owned()
        }
        RuleId::C8 => {
            "A bundled change is timed, its release has timed phases, and none of them contains it."
                .to_owned()
        }
        RuleId::C9 => format!(
            "Two live changes of at most {focus_hours} h overlap and have the same owner, or the same group that does \
             one thing at a time."
        ),
        RuleId::C10 => {
            "A live change starts before a change it waits for is over, or waits for one that failed or will \
                        never be done."
                .to_owned()
        }
        RuleId::C11 => "More live activities run at once than a limit of the board allows.".to_owned(),
        RuleId::C12 => format!(
            "A normal change is to start less than {lead_days} days after it was submitted, or moved to start earlier."
        ),
        RuleId::C13 => {
            format!(
                "A change still waits for approval, and is to start within {approve_by_hours} h or should have started; or, \
                 unless it is an emergency, before the board meets next."
            )
        }
        RuleId::C14 => {
            "Rolling the change back would pass the start of the next activity on a shared CI, or the end of \
                        its maintenance block."
                .to_owned()
        }
        RuleId::C15 => format!(
            "The latest change on a shared CI failed or was backed out less than {cool_down_hours} h before this one starts."
        ),
        RuleId::C16 => {
            "A normal or emergency change has no rollback plan, or a risky one no test plan.".to_owned()
        }
        RuleId::C17 => "A change has started without an approved decision for it.".to_owned(),
        RuleId::C18 => "A live activity has started, has not ended, and is past its planned end.".to_owned(),
        RuleId::Unknown => String::new(),
    }
}
