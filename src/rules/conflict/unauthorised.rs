//! Rule C17 (unauthorised): a change has started without a decision that allows it.

use serde::{Deserialize, Serialize};

use super::{
    Conflict,
    case::{Case, Check, Told, check, nothing_near},
    hit::Hit,
    rule::{Judge, Rule},
    view::View,
    wording,
};
use crate::{
    model::{Change, Instant, RuleId, Severity, State},
    rules::facts::{ActivityRef, Row},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C17,
    hardest: Severity::Block,
    judge: Judge::Alone(judge),
    reads: &[],
    reaches: &[],
    missing: |_, _, _| {},
    nearest: nothing_near,
    phrase: |_| "started unapproved".to_owned(),
};

/// How it is known that it has started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unauthorised {
    /// When, where that is known.
    pub started: Option<Instant>,
    pub state: State,
}

/// The row of one live change.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let Some(change) = at.row.change().filter(|change| started(change)) else { return };
    let against = view.facts.run(&change.id).is_some_and(|run| !run.against.is_empty());
    if against || (!let_go_at_source(view, at.row) && !view.decisions.start_authorised(&change.id)) {
        let detail = Unauthorised { started: change.actual_start, state: change.state.value };
        hits.push(RULE.alone(view, Severity::Block, at, detail));
    }
}

/// What the owning system says lets it go, approved or not to be approved there, unless a round of the board is open
/// on the same revision.
fn let_go_at_source(view: &View<'_>, row: &Row) -> bool {
    row.change().is_some_and(|change| view.facts.says(change).lets_go()) && !view.decisions.voted_on(&row.id)
}

/// Whether it has started, by its times or by its state.
fn started(change: &Change) -> bool {
    change.actual_start.is_some() || matches!(change.state.value, State::Implement | State::Review)
}

impl Told for Unauthorised {
    fn sentence(&self, row: &Conflict) -> String {
        let a = &row.key.a;
        match self.started {
            Some(start) => format!("{a} started {} without an approved decision", wording::at(start)),
            None => format!("{a} is in {} without an approved decision", self.state),
        }
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![
            check(true, "it has started", self.sentence(case.row)),
            check(false, "a decision allows it", "none, here or at its source"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::table;
    use crate::model::RuleId::C17;

    #[test]
    fn cases() {
        table(
            C17,
            &[
                ("started", "chg A 1-2 as=1", &["block A - 0"]),
                ("in implement", "chg A 1-2 state=implement", &["block A - 0"]),
                ("in review", "chg A 1-2 state=review", &["block A - 0"]),
                ("only scheduled", "chg A 1-2", &[]),
                ("approved here", "chg OK 1-2 as=1", &[]),
                ("approved at its source", "chg A 1-2 as=1 approval=approved", &[]),
                ("its source needs no approval", "chg A 1-2 as=1 approval=not_required", &[]),
                (
                    "one of two has answered there",
                    "chg A 1-2 as=1 approval=approved\napp A#1 item=A answer=approved\napp A#2 item=A answer=requested",
                    &["block A - 0"],
                ),
                (
                    "its source needs none, yet somebody there has not answered",
                    "chg A 1-2 as=1 approval=not_required\napp A#1 item=A answer=requested",
                    &["block A - 0"],
                ),
                (
                    "approved at its source while the board votes on it",
                    "chg VOTE 1-2 as=1 approval=approved",
                    &["block VOTE - 0"],
                ),
                ("closed", "chg A 1-2 as=1 ae=2 state=closed", &[]),
            ],
        );
    }
}
