//! Rule C12 (short notice): a normal change should start sooner after it was submitted or moved than the board asks.

use super::{Detail, Missing, View, hit::Hit};
use crate::{
    model::{RuleId, Severity, time::DAY},
    rules::facts::{Row, ScopeKind},
};

/// The row of one change.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    let asked = asked(view);
    if let Some(given) = given(row.1).filter(|given| *given < asked) {
        hits.push(Hit::lone(view, RuleId::C12, Severity::Info, row, Detail::Notice { given, asked }));
    }
}

fn asked(view: &View<'_>) -> i64 {
    i64::from(view.settings().lead_days) * DAY
}

/// Seconds of notice, by what is known; more may be known by nobody.
fn given(row: &Row) -> Option<i64> {
    let change = row.change().filter(|_| row.kind == ScopeKind::Normal)?;
    let since = change.submitted_at.max(change.moved_at)?;
    Some(change.planned_start? - since)
}

/// What is missing: the planned start, or when it was submitted, where that could matter.
pub(crate) fn missing(view: &View<'_>, row: &Row, out: &mut Vec<Missing>) {
    let Some(change) = row.change().filter(|_| row.kind == ScopeKind::Normal) else { return };
    if change.planned_start.is_none() {
        out.push(Missing::PlannedStart);
    }
    let fired = given(row).is_some_and(|given| given < asked(view));
    if change.submitted_at.is_none() && !fired {
        out.push(Missing::Submitted);
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C12;

    #[test]
    fn cases() {
        table(
            C12,
            &[
                ("short", "chg A 71:59-80 sub=0", &["info A - 0"]),
                ("just enough", "chg A 72-80 sub=0", &[]),
                ("moved earlier since", "chg A 72-80 sub=0 moved=1", &["info A - 0"]),
                ("moved before it was submitted", "chg A 72-80 sub=0 moved=-5", &[]),
                ("emergency", "chg A 5-6 sub=0 kind=emergency", &[]),
                ("an unknown kind is normal", "chg A 5-6 sub=0 kind=odd", &["info A - 0"]),
                ("moved, submission unknown", "chg A 5-6 moved=0", &["info A - 0"]),
            ],
        );
        missing(
            C12,
            &[
                ("never submitted", "chg A 5-6", &["A: when it was submitted"]),
                ("enough since the move only", "chg A 90-91 moved=0", &["A: when it was submitted"]),
                ("no start", "chg A sub=0", &["A: planned start"]),
            ],
        );
    }
}
