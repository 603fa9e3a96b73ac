//! Rule C15 (cool-down): the latest change on a CI failed shortly before this one starts.

use super::{
    Detail, Missing, View,
    hit::{Hit, Side},
    view::hours,
};
use crate::{
    model::{Id, Instant, Outcome, RuleId, Severity},
    rules::facts::Row,
};

/// The row of one change.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    let Some((number, end, outcome)) = latest(view, row) else { return };
    let (Some(start), Some(failed)) = (row.1.start, view.row(number)) else { return };
    if matches!(outcome, Outcome::Failed | Outcome::BackedOut) {
        let detail = Detail::CoolDown { failed: failed.id.clone(), outcome, before: start - end };
        let mut hit = Hit::lone(view, RuleId::C15, Severity::Info, row, detail);
        hit.sides.1 = Some(Side::Row(number));
        hit.path = super::hit::Path::Shared(row.0, number);
        hits.push(hit);
    }
}

/// The latest finished change that shares a CI and ended within the cool-down before the start; among equals the
/// smallest id. What ended longer ago cannot fire, and neither can what it hides.
fn latest(view: &View<'_>, row: (u32, &Row)) -> Option<(u32, Instant, Outcome)> {
    let start = row.1.start.filter(|_| row.1.is_change())?;
    let from = start.plus(1 - hours(view.settings().cool_down_hours));
    let mut best: Option<(Instant, &Id, u32, Outcome)> = None;
    for touch in &row.1.services {
        for entry in view.facts.finished_of(touch.service).starting(from, start.plus(1)) {
            let Some(other) = view.row(entry.row) else { continue };
            let (Some(end), Some(change)) = (other.finished(), other.change()) else { continue };
            if entry.row == row.0 || end > start || end < from || !row.1.compatible(other) {
                continue;
            }
            // Of two that begin and end in one instant each would follow the other: the smaller id came first.
            let at_once = other.start == Some(start) && end == start && row.1.finished() == Some(start);
            if at_once && row.1.id < other.id {
                continue;
            }
            let better = best.is_none_or(|(at, id, ..)| end > at || (end == at && other.id < *id));
            if let Some(outcome) = change.outcome.as_ref().filter(|_| better) {
                best = Some((end, &other.id, entry.row, outcome.value));
            }
        }
    }
    best.map(|(end, _, number, outcome)| (number, end, outcome))
}

/// What is missing: a start, services, or how the latest change ended.
pub(crate) fn missing(view: &View<'_>, row: (u32, &Row), out: &mut Vec<Missing>) {
    if !row.1.is_change() {
        return;
    }
    if row.1.start.is_none() {
        out.push(Missing::Start);
    }
    if row.1.services.is_empty() {
        out.push(Missing::Services);
    }
    if let Some((number, _, Outcome::Unknown)) = latest(view, row)
        && let Some(other) = view.row(number)
    {
        out.push(Missing::OutcomeOf(other.id.clone()));
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
