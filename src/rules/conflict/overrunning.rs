//! Rule C18 (overrunning): a live activity has started, has not ended, and is past its planned end.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Told, check, nothing_near},
    hit::Hit,
    rule::{Judge, Rule},
    view::View,
    wording,
};
use crate::{
    model::{Instant, PhaseState, RuleId, Severity, Span, State},
    rules::facts::ActivityRef,
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C18,
    hardest: Severity::Block,
    judge: Judge::Alone(judge),
    reads: &[],
    reaches: &[],
    missing,
    nearest: nothing_near,
    phrase: |_| "past its planned end".to_owned(),
};

/// What has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrunning {
    pub planned_end: Instant,
}

/// The row of one activity.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let ((_, end), (Some(begun), None)) = (at.row.planned(), at.row.actual()) else { return };
    let Some(planned_end) = end.filter(|end| view.now > *end) else { return };
    let mut hit = RULE.alone(view, Severity::Block, at, Overrunning { planned_end });
    // The planned span: one that grows with the clock would change the row every minute.
    hit.span = Span::new(begun, planned_end);
    hits.push(hit);
}

/// What is missing: the planned end of what has started; the actual start of what is said to run.
fn missing(_: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
    let said = match (row.change(), row.phase()) {
        (Some(change), _) => change.state.value == State::Implement,
        (None, Some(phase)) => phase.state.value == PhaseState::Running,
        (None, None) => false,
    };
    match row.actual() {
        (Some(_), None) if row.planned().1.is_none() => out.push(Missing::PlannedEnd),
        (None, None) if said => out.push(Missing::ActualStart),
        (Some(_) | None, Some(_) | None) => {}
    }
}

impl Told for Overrunning {
    fn sentence(&self, row: &Conflict) -> String {
        format!("{} should have ended {}", row.key.a, wording::at(self.planned_end))
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![
            check(true, "it has started and not ended", case.own()),
            check(true, "its planned end is past", case.at(self.planned_end)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C18;

    #[test]
    fn cases() {
        table(
            C18,
            &[
                ("past its end", "at 12:01\nchg A 10-12 as=10", &["block A - 0"]),
                ("at its end", "at 12\nchg A 10-12 as=10", &[]),
                ("ended", "at 15\nchg A 10-12 as=10 ae=14", &[]),
                ("not started", "at 15\nchg A 10-12", &[]),
                ("a phase", "at 15\nrel R\n ph R/p 10-12 as=10", &["block R/p - 0"]),
                ("not live", "at 15\nchg A 10-12 as=10 state=closed", &[]),
            ],
        );
        missing(
            C18,
            &[
                ("no planned end", "chg A as=1", &["A: planned end"]),
                ("said to run", "chg A 1-2 state=implement", &["A: actual start"]),
            ],
        );
    }
}
