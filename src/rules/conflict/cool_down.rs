//! Rule C15 (cool-down): the latest change on a CI failed shortly before this one starts.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Told, check, nothing_near},
    hit::{Hit, Path, Side},
    rule::{Judge, Reaches, Reads, Rule},
    view::{View, hours},
    wording::{length, on, other},
};
use crate::{
    model::{Id, Instant, Outcome, RuleId, Severity},
    rules::facts::ActivityRef,
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C15,
    hardest: Severity::Info,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times],
    reaches: &[Reaches::CoolingDown],
    missing,
    nearest: nothing_near,
    phrase: |seen| format!("cool-down after {}", seen.other),
};

/// What went wrong before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoolDown {
    pub failed: Id,
    pub outcome: Outcome,
    /// How many seconds before this start.
    pub before: i64,
}

/// The row of one change.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let Some((number, end, outcome)) = latest(view, at) else { return };
    let (Some(start), Some(failed)) = (at.row.start, view.row(number)) else { return };
    if matches!(outcome, Outcome::Failed | Outcome::BackedOut) {
        let detail = CoolDown { failed: failed.id.clone(), outcome, before: start - end };
        let mut hit = RULE.alone(view, Severity::Info, at, detail);
        hit.sides.1 = Some(Side::Row(number));
        hit.path = Path::Shared(at.number, number);
        hits.push(hit);
    }
}

/// The latest finished change that shares a CI and ended within the cool-down before the start; among equals the
/// smallest id. What ended longer ago cannot fire, and neither can what it hides.
fn latest(view: &View<'_>, at: ActivityRef<'_>) -> Option<(u32, Instant, Outcome)> {
    let start = at.row.start.filter(|_| at.row.is_change())?;
    let from = start.plus(1 - hours(view.settings().cool_down_hours));
    let mut best: Option<(Instant, &Id, u32, Outcome)> = None;
    for touch in &at.row.services {
        for entry in view.facts.finished_of(touch.service).starting(from, start.plus(1)) {
            let Some(other) = view.row(entry.row) else { continue };
            let (Some(end), Some(change)) = (other.finished(), other.change()) else { continue };
            if entry.row == at.number || end > start || end < from || !at.row.compatible(other) {
                continue;
            }
            // Of two that begin and end in one instant each would follow the other: the smaller id came first.
            let at_once = other.start == Some(start) && end == start && at.row.finished() == Some(start);
            if at_once && at.row.id < other.id {
                continue;
            }
            let better = best.is_none_or(|(last, id, ..)| end > last || (end == last && other.id < *id));
            if let Some(outcome) = change.outcome.as_ref().filter(|_| better) {
                best = Some((end, &other.id, entry.row, outcome.value));
            }
        }
    }
    best.map(|(end, _, number, outcome)| (number, end, outcome))
}

/// What is missing: a start, services, or how the latest change ended.
fn missing(view: &View<'_>, at: ActivityRef<'_>, out: &mut Vec<Missing>) {
    if !at.row.is_change() {
        return;
    }
    if at.row.start.is_none() {
        out.push(Missing::Start);
    }
    if at.row.services.is_empty() {
        out.push(Missing::Services);
    }
    if let Some((number, _, Outcome::Unknown)) = latest(view, at)
        && let Some(other) = view.row(number)
    {
        out.push(Missing::OutcomeOf(other.id.clone()));
    }
}

impl Told for CoolDown {
    fn sentence(&self, row: &Conflict) -> String {
        let (failed, before) = (&self.failed, length(self.before));
        let how = match self.outcome {
            Outcome::Failed => "failed",
            Outcome::BackedOut => "was backed out",
            Outcome::Successful | Outcome::SuccessfulWithIssues | Outcome::Unknown => "ended",
        };
        format!("{failed} {how} on {} only {before} before {} starts", on(row), other(row, failed))
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![
            check(true, "they share a CI", case.path(", ")),
            check(true, "the latest change there failed", self.sentence(case.row)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C15;

    #[test]
    fn cases() {
        table(
            C15,
            &[
                (
                    "failed the day before",
                    "chg A 1-2 on=s state=closed outcome=failed\n chg B 20-21 on=s",
                    &["info A B 0 s"],
                ),
                (
                    "backed out, actual end counts",
                    "chg A 1-2 on=s as=1 ae=5 state=closed outcome=backed_out\n chg B 28-30 on=s",
                    &["info A B 0 s"],
                ),
                ("long enough ago", "chg A 1-2 on=s state=closed outcome=failed\n chg B 26-27 on=s", &[]),
                (
                    "a minute less",
                    "chg A 1-2 on=s state=closed outcome=failed\n chg B 25:59-27 on=s",
                    &["info A B 0 s"],
                ),
                (
                    "a later one went well",
                    "chg A 1-2 on=s state=closed outcome=failed\n chg C 3-4 on=s state=closed outcome=successful\n chg B 20-21 on=s",
                    &[],
                ),
                (
                    "a later one on another CI",
                    "chg A 1-2 on=s state=closed outcome=failed\n chg C 3-4 on=t state=closed outcome=successful\n chg B 20-21 on=s",
                    &["info A B 0 s"],
                ),
                (
                    "among equals the smallest id",
                    "chg A 1-2 on=s state=closed outcome=failed\n chg C 1-2 on=s state=closed outcome=successful\n chg B 20-21 on=s",
                    &["info A B 0 s"],
                ),
                (
                    "ends as it starts",
                    "chg A 1-2 on=s state=closed outcome=failed\n chg B 2-3 on=s",
                    &["info A B 0 s"],
                ),
                ("ends after the start", "chg A 1-4 on=s state=closed outcome=failed\n chg B 2-3 on=s", &[]),
                ("no outcome", "chg A 1-2 on=s state=closed\n chg B 20-21 on=s", &[]),
                (
                    "two that begin and end in one instant",
                    "chg B 40 on=s outcome=failed ae=40\n chg A 40 on=s outcome=failed ae=40",
                    &["info A B 0 s"],
                ),
                (
                    "a phase does not cool down",
                    "rel R on=s\n ph R/p 20-21\n chg A 1-2 on=s state=closed outcome=failed",
                    &[],
                ),
            ],
        );
        missing(
            C15,
            &[
                (
                    "an outcome nobody knows",
                    "chg A 1-2 on=s state=closed outcome=odd\n chg B 20-21 on=s",
                    &["B: how A ended"],
                ),
                ("no services", "chg B 20-21", &["B: services"]),
            ],
        );
    }
}
