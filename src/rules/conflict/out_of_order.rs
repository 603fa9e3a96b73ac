//! Rule C10 (out of order): a change starts before what it names in `after` is done, or that never will be.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Told, check, nothing_near},
    hit::{Hit, Path},
    rule::{Judge, Reaches, Reads, Rule},
    view::View,
};
use crate::{
    model::{Change, Id, Instant, Outcome, RuleId, Severity, State, When},
    rules::facts::{ActivityRef, End, Row},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C10,
    hardest: Severity::Block,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times],
    reaches: &[Reaches::Waiting],
    missing,
    nearest: nothing_near,
    phrase: |seen| format!("its order with {}", seen.other),
};

/// Which must come first, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub first: Id,
    pub then: Id,
    pub fault: OutOfOrder,
}

/// What is wrong with the change that had to come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutOfOrder {
    Cancelled,
    Rejected,
    Failed,
    BackedOut,
    /// Not closed, and not over before the other starts.
    Unfinished,
}

/// The rows of one change that waits for others.
fn judge(view: &View<'_>, then: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let Some(change) = then.row.change() else { return };
    let mut seen: Vec<&Id> = Vec::new();
    for id in change.after.iter().map(|id| view.facts.whole(id)) {
        if seen.contains(&id) || *id == change.id {
            continue;
        }
        seen.push(id);
        let Some(first) = before(view, id) else { continue };
        let backwards =
            first.row.live && first.row.change().is_some_and(|first| first.after.contains(&change.id));
        if backwards && first.row.id < then.row.id && fault(view, then.row, first.row).is_some() {
            continue; // the row of the two exists already, told from the other side
        }
        if let Some(fault) = fault(view, first.row, then.row) {
            let both = view.span(first.row).zip(view.span(then.row)).and_then(|(a, b)| a.intersection(b));
            let detail = Order { first: id.clone(), then: then.row.id.clone(), fault };
            let mut hit = RULE.of_two(view, Severity::Block, (first.number, then.number), both, detail);
            hit.span = both.or_else(|| view.span(then.row));
            hit.path = Path::None;
            hits.push(hit);
        }
    }
}

/// The row of a change named in `after`.
fn before<'a>(view: &View<'a>, id: &Id) -> Option<ActivityRef<'a>> {
    let number = view.facts.number(view.facts.whole(id))?;
    view.at(number).filter(|at| at.row.is_change())
}

/// What is wrong with the first of two, if anything is.
fn fault(view: &View<'_>, first: &Row, then: &Row) -> Option<OutOfOrder> {
    let change: &Change = first.change()?;
    match change.state.value {
        State::Cancelled => return Some(OutOfOrder::Cancelled),
        State::Rejected => return Some(OutOfOrder::Rejected),
        State::Draft
        | State::Assess
        | State::Authorize
        | State::Scheduled
        | State::Implement
        | State::Review
        | State::Closed
        | State::Unknown => {}
    }
    match change.outcome.as_ref().map(|outcome| outcome.value) {
        Some(Outcome::Failed) => return Some(OutOfOrder::Failed),
        Some(Outcome::BackedOut) => return Some(OutOfOrder::BackedOut),
        Some(Outcome::Successful | Outcome::SuccessfulWithIssues | Outcome::Unknown) | None => {}
    }
    let start = then.start?;
    let early = match (view.when(first), end_alone(first)) {
        (When::Span(span), _) => start < span.end(),
        (When::Point(at), _) => start < at,
        (When::Unknown, Some(end)) => start < end,
        (When::Unknown, None) => false,
    };
    (change.state.value != State::Closed && early).then_some(OutOfOrder::Unfinished)
}

/// The end of an activity that has no start: it counts all the same.
fn end_alone(row: &Row) -> Option<Instant> {
    match (row.start, row.end) {
        (None, End::At(end)) => Some(end),
        (None | Some(_), End::At(_) | End::Missing | End::Running(_)) => None,
    }
}

/// What is missing: the change named, the end of it, or the start of the one that waits.
fn missing(view: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
    for id in row.change().into_iter().flat_map(|change| &change.after) {
        match before(view, id) {
            None => out.push(Missing::Change(id.clone())),
            Some(ActivityRef { row: first, .. }) => {
                let open = first.change().is_some_and(|change| change.state.value != State::Closed);
                if !open || fault(view, first, row).is_some() {
                    continue;
                }
                if row.start.is_none() {
                    out.push(Missing::Start);
                } else if view.span(first).is_none() && end_alone(first).is_none() {
                    out.push(Missing::EndOf(id.clone()));
                }
            }
        }
    }
}

impl Told for Order {
    fn sentence(&self, _: &Conflict) -> String {
        let Self { first, then, fault } = self;
        let why = match fault {
            OutOfOrder::Cancelled => "is cancelled",
            OutOfOrder::Rejected => "is rejected",
            OutOfOrder::Failed => "failed",
            OutOfOrder::BackedOut => "was backed out",
            OutOfOrder::Unfinished => {
                return format!("{then} starts before {first}, which it waits for, is over");
            }
        };
        format!("{then} waits for {first}, which {why}")
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        let Self { first, then, .. } = self;
        vec![
            check(true, format!("{then} waits for {first}"), "named in after"),
            check(false, format!("{first} is done in time"), self.sentence(case.row)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C10;

    #[test]
    fn cases() {
        table(
            C10,
            &[
                ("starts before the end", "chg A 10-12\n chg B 11-13 after=A", &["block A B 60"]),
                ("starts at the end", "chg A 10-12\n chg B 12-13 after=A", &[]),
                ("starts before it all", "chg A 10-12\n chg B 8-9 after=A", &["block A B 0"]),
                ("an end without a start", "chg A pe=12\n chg B 11-13 after=A", &["block A B 0"]),
                ("starts at an end without a start", "chg A pe=12\n chg B 12-13 after=A", &[]),
                ("closed", "chg A 10-12 state=closed\n chg B 11-13 after=A", &[]),
                (
                    "closed, but failed",
                    "chg A 1-2 state=closed outcome=failed\n chg B 11-13 after=A",
                    &["block A B 0"],
                ),
                (
                    "backed out",
                    "chg A 1-2 state=review outcome=backed_out\n chg B 11-13 after=A",
                    &["block A B 0"],
                ),
                ("cancelled", "chg A 1-2 state=cancelled\n chg B 11-13 after=A", &["block A B 0"]),
                ("rejected", "chg A state=rejected\n chg B 11-13 after=A", &["block A B 0"]),
                ("a draft is not closed", "chg A 10-12 state=draft\n chg B 11-13 after=A", &["block A B 60"]),
                ("still running", "at 14\nchg A 10-12 as=10\n chg B 13-15 after=A", &["block A B 60"]),
                (
                    "each waits for the other: one row",
                    "chg A 10-12 after=B\n chg B 11-13 after=A",
                    &["block A B 60"],
                ),
                ("named twice", "chg A 10-12\n chg B 11-13 after=A,A", &["block A B 60"]),
                ("itself", "chg A 10-12 after=A", &[]),
                ("not live", "chg A 10-12\n chg B 11-13 after=A state=closed", &[]),
            ],
        );
        missing(
            C10,
            &[
                ("unknown change", "chg B 11-13 after=A", &["B: change A, which it waits for"]),
                ("no times", "chg A\n chg B 11-13 after=A", &["B: the end of A"]),
                ("no end", "chg A 10\n chg B 11-13 after=A", &["B: the end of A"]),
                ("no start of its own", "chg A 10-12\n chg B after=A", &["B: start"]),
            ],
        );
    }
}
