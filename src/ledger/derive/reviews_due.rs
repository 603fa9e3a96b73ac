//! Post-implementation reviews due (rules § Reviews).

use std::collections::BTreeSet;

use super::{Changes, Decided, Ledger};
use crate::{
    ledger::agenda_item::ReviewReason,
    model::{Change, Id, Instant, Kind, Outcome, RuleId, State, time::MINUTE},
    rules::conflict::Decisions,
};

/// An overrun above this asks for a review.
const OVERRUN: i64 = 30 * MINUTE;

impl Ledger {
    /// Why a review of a change is due; `None` when none is.
    #[must_use]
    pub fn review_reason(&self, id: &Id) -> Option<ReviewReason> {
        let change = self.facts.change(id)?;
        let item = self.fold.get(id);
        if item.is_some_and(|item| !item.reviews.is_empty()) {
            return None;
        }
        if self.rows.of(id).any(|row| row.key.rule == RuleId::C17) {
            return Some(ReviewReason::Unauthorised);
        }
        if !is_over(change) {
            return None;
        }
        // What was over before the record knew of it is history, not a debt of this board.
        let unauthorised = change.actual_start.is_some()
            && item.is_some()
            && !Decided { facts: &self.facts, fold: &self.fold }.start_authorised(id);
        // Our run's end, where there is one: a source may close the record hours later (run § Reported facts).
        let ran = self.facts.run(id).and_then(|run| Some(run.ended.as_ref()?.at));
        let end = ran.or(change.actual_end);
        if unauthorised { Some(ReviewReason::Unauthorised) } else { reason(change, end) }
    }

    pub(super) fn derive_reviews_due(&mut self, changes: &Changes, touched: &BTreeSet<Id>) {
        let ids: Vec<Id> = if changes.everything {
            self.owed = imbl::OrdSet::new();
            self.facts.changes().map(|change| change.id.clone()).collect()
        } else {
            changes.activities.iter().chain(&changes.rows).chain(touched).cloned().collect()
        };
        for id in ids {
            if self.review_reason(&id).is_some() {
                self.owed.insert(id);
            } else {
                self.owed.remove(&id);
            }
        }
    }
}

/// Whether the work is over, done or not.
fn is_over(change: &Change) -> bool {
    match change.state.value {
        State::Cancelled | State::Rejected | State::Draft => false,
        State::Review | State::Closed => true,
        State::Assess | State::Authorize | State::Scheduled | State::Implement | State::Unknown => {
            change.outcome.is_some() || change.actual_end.is_some()
        }
    }
}

fn reason(change: &Change, end: Option<Instant>) -> Option<ReviewReason> {
    let outcome = change.outcome.as_ref().map(|word| word.value);
    if let Some(Outcome::Failed | Outcome::BackedOut | Outcome::SuccessfulWithIssues) = outcome {
        return outcome.map(ReviewReason::Outcome);
    }
    if change.kind.value == Kind::Emergency {
        return Some(ReviewReason::Emergency);
    }
    if !change.incidents.is_empty() {
        return Some(ReviewReason::CausedIncident);
    }
    let late = end.zip(change.planned_end).map(|(actual, planned)| actual - planned);
    late.filter(|late| *late > OVERRUN).map(|late| ReviewReason::Overran(late / MINUTE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_a_review() {
        let cases = [
            ("a plain success", r#"{"id":"C","state":"closed","outcome":"successful"}"#, false),
            ("failed", r#"{"id":"C","state":"closed","outcome":"failed"}"#, true),
            ("backed out", r#"{"id":"C","state":"review","outcome":"backed_out"}"#, true),
            ("with issues", r#"{"id":"C","state":"review","outcome":"successful_with_issues"}"#, true),
            ("an emergency that is over", r#"{"id":"C","kind":"emergency","state":"review"}"#, true),
            ("an emergency to come", r#"{"id":"C","kind":"emergency","state":"authorize"}"#, false),
            (
                "an emergency that was cancelled",
                r#"{"id":"C","kind":"emergency","state":"cancelled"}"#,
                false,
            ),
            ("an incident", r#"{"id":"C","state":"closed","incidents":["INC1"]}"#, true),
            (
                "31 minutes over",
                r#"{"id":"C","state":"closed","planned_end":"2026-11-23T10:00:00Z","actual_end":"2026-11-23T10:31:00Z"}"#,
                true,
            ),
            (
                "30 minutes over",
                r#"{"id":"C","state":"closed","planned_end":"2026-11-23T10:00:00Z","actual_end":"2026-11-23T10:30:00Z"}"#,
                false,
            ),
        ];
        for (name, json, want) in cases {
            let change: Change = serde_json::from_str(json).unwrap();
            assert_eq!(is_over(&change) && reason(&change, change.actual_end).is_some(), want, "{name}");
        }
    }
}
