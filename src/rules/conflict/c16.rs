//! Rule C16 (not ready): a change lacks a rollback plan, or a risky one its test plan.

use super::{Detail, Missing, View, hit::Hit};
use crate::{
    model::{Risk, RuleId, Severity},
    rules::facts::{Row, ScopeKind},
};

/// The row of one change.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    let Some(change) = row.1.change().filter(|_| row.1.kind != ScopeKind::Standard) else { return };
    let rollback = change.rollback_plan.is_no_plan();
    let test = row.1.risk >= Risk::High && change.lacks_test_plan();
    if rollback || test {
        let detail = Detail::NotReady { rollback, test };
        hits.push(Hit::lone(view, RuleId::C16, Severity::Warn, row, detail));
    }
}

/// A test plan that a risky change cannot have where it comes from.
pub(crate) fn missing(row: &Row, out: &mut Vec<Missing>) {
    let Some(change) = row.change().filter(|_| row.kind != ScopeKind::Standard) else { return };
    if row.risk >= Risk::High && change.no_test_plan_field && change.test_plan.is_no_plan() {
        out.push(Missing::TestPlan);
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C16;

    #[test]
    fn cases() {
        table(
            C16,
            &[
                ("ready", "chg A 1-2", &[]),
                ("no rollback plan", "chg A 1-2 rplan=", &["warn A - 0"]),
                (
                    "words that are no plan",
                    "chg A 1-2 rplan=N/A\n chg B 1-2 rplan=tbd\n chg C 1-2 rplan=-\n chg D 1-2 rplan=_None_",
                    &["warn A - 0", "warn B - 0", "warn C - 0", "warn D - 0"],
                ),
                ("standard", "chg A 1-2 rplan= kind=standard", &[]),
                ("emergency", "chg A 1-2 rplan= kind=emergency", &["warn A - 0"]),
                ("high risk, no test plan", "chg A 1-2 risk=high", &["warn A - 0"]),
                ("unknown risk is high", "chg A 1-2 risk=odd", &["warn A - 0"]),
                ("high risk, tested", "chg A 1-2 risk=very_high tplan=staging", &[]),
                ("high risk, of a system without test plans", "chg A 1-2 risk=high tfield=none", &[]),
                ("which excuses no rollback plan", "chg A 1-2 rplan= tfield=none", &["warn A - 0"]),
                ("moderate risk", "chg A 1-2 risk=moderate", &[]),
            ],
        );
        missing(
            C16,
            &[
                (
                    "of a system without test plans",
                    "chg A 1-2 risk=high tfield=none",
                    &["A: test plan, for which its system has no field"],
                ),
                ("not risky", "chg A 1-2 risk=low tfield=none", &[]),
                ("written all the same", "chg A 1-2 risk=high tfield=none tplan=staging", &[]),
            ],
        );
    }
}
