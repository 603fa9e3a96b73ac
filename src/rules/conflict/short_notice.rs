//! Rule C12 (short notice): a normal change should start sooner after it was submitted or moved than the board asks.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Passed, Told, check},
    hit::Hit,
    rule::{Judge, Reads, Rule},
    view::View,
    wording::length,
};
use crate::{
    calendar::label,
    model::{RuleId, Severity, time::DAY},
    rules::facts::{ActivityRef, Row, ScopeKind},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C12,
    hardest: Severity::Info,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times],
    reaches: &[],
    missing,
    nearest,
    phrase: |_| "short notice".to_owned(),
};

/// Notice, in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortNotice {
    /// Below 0 where it starts before it was submitted.
    pub given: i64,
    /// Seconds of notice that the kind asks for.
    pub asked: i64,
}

/// The row of one change.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let asked = asked(view);
    if let Some(given) = given(at.row).filter(|given| *given < asked) {
        hits.push(RULE.alone(view, Severity::Info, at, ShortNotice { given, asked }));
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
fn missing(view: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
    let Some(change) = row.change().filter(|_| row.kind == ScopeKind::Normal) else { return };
    if change.planned_start.is_none() {
        out.push(Missing::PlannedStart);
    }
    let fired = given(row).is_some_and(|given| given < asked(view));
    if change.submitted_at.is_none() && !fired {
        out.push(Missing::Submitted);
    }
}

fn nearest(passed: &Passed<'_>) -> Vec<Check> {
    let since = passed.row.change().and_then(|change| change.submitted_at.max(change.moved_at));
    since.map(|at| check(true, "enough notice", label::stamp(at, passed.question.zone))).into_iter().collect()
}

impl Told for ShortNotice {
    fn sentence(&self, row: &Conflict) -> String {
        let (a, asked) = (&row.key.a, length(self.asked));
        if self.given < 0 {
            let early = length(-self.given);
            return format!("{a} starts {early} before it was submitted, and {asked} of notice is asked");
        }
        format!("{a} gives {} of notice, and {asked} is asked", length(self.given))
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![check(false, "enough notice", self.sentence(case.row))]
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
