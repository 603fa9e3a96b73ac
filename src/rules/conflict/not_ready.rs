//! Rule C16 (not ready): a change lacks a rollback plan, or a risky one its test plan.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Told, check, nothing_near},
    hit::Hit,
    rule::{Judge, Rule},
    view::View,
};
use crate::{
    model::{Change, Risk, RuleId, Severity},
    rules::facts::{ActivityRef, Row, ScopeKind},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C16,
    hardest: Severity::Warn,
    judge: Judge::Alone(judge),
    reads: &[],
    reaches: &[],
    missing,
    nearest: nothing_near,
    phrase: |seen| format!("missing: {}", seen.names_or("a plan")),
};

/// Which plans are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotReady {
    pub rollback: bool,
    pub test: bool,
}

/// The row of one change.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let Some(change) = asked(at.row) else { return };
    let rollback = change.rollback_plan.is_no_plan();
    let test = at.row.risk >= Risk::High && change.lacks_test_plan();
    if rollback || test {
        hits.push(RULE.alone(view, Severity::Warn, at, NotReady { rollback, test }));
    }
}

/// A test plan that a risky change cannot have where it comes from.
fn missing(_: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
    let Some(change) = asked(row) else { return };
    if row.risk >= Risk::High && change.no_test_plan_field && change.test_plan.is_no_plan() {
        out.push(Missing::TestPlan);
    }
}

/// A change that is asked for plans.
fn asked(row: &Row) -> Option<&Change> {
    row.change().filter(|_| row.kind != ScopeKind::Standard)
}

impl Told for NotReady {
    fn sentence(&self, row: &Conflict) -> String {
        let lacks = match (self.rollback, self.test) {
            (true, true) => "rollback plan and no test plan",
            (false, true) => "test plan",
            (true | false, false) => "rollback plan",
        };
        format!("{} has no {lacks}", row.key.a)
    }

    fn checks(&self, _: &Case<'_>) -> Vec<Check> {
        vec![
            check(!self.rollback, "it has a rollback plan", if self.rollback { "none" } else { "yes" }),
            check(
                !self.test,
                "a risky one has a test plan",
                if self.test { "none" } else { "yes, or not risky" },
            ),
        ]
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
