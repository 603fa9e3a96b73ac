//! Rule C17 (unauthorised): a change has started without a decision that allows it.

use super::{Detail, View, hit::Hit};
use crate::{
    model::{Change, RuleId, Severity, State},
    rules::facts::Row,
};

/// The row of one live change.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    let Some(change) = row.1.change().filter(|change| started(change)) else { return };
    if !let_go_at_source(view, row.1) && !view.decisions.start_authorised(&change.id) {
        let detail = Detail::Unauthorised { started: change.actual_start, state: change.state.value };
        hits.push(Hit::lone(view, RuleId::C17, Severity::Block, row, detail));
    }
}

/// What the owning system says lets it go, approved or not to be approved there, unless a round of the board is open
/// on the same revision.
fn let_go_at_source(view: &View<'_>, row: &Row) -> bool {
    row.change().is_some_and(|change| view.facts.says(change).lets_go()) && !view.decisions.voted_on(&row.id)
}

/// Whether it has started, by its times or by its state.
pub(crate) fn started(change: &Change) -> bool {
    change.actual_start.is_some() || matches!(change.state.value, State::Implement | State::Review)
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
