//! Rule C18 (overrunning): a live activity has started, has not ended, and is past its planned end.

use super::{Detail, Missing, View, hit::Hit};
use crate::{
    model::{PhaseState, RuleId, Severity, Span, State},
    rules::facts::Row,
};

/// The row of one activity.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    let ((start, end), (Some(_), None)) = (row.1.planned(), row.1.actual()) else { return };
    let Some(planned_end) = end.filter(|end| view.now > *end) else { return };
    let mut hit = Hit::lone(view, RuleId::C18, Severity::Block, row, Detail::Overrun { planned_end });
    // The planned span: one that grows with the clock would change the row every minute.
    hit.span = row.1.actual().0.or(start).and_then(|start| Span::new(start, planned_end));
    hits.push(hit);
}

/// What is missing: the planned end of what has started; the actual start of what is said to run.
pub(crate) fn missing(_: &View<'_>, row: &Row, out: &mut Vec<Missing>) {
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
