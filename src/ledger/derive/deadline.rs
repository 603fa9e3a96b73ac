//! By when a round ends (rules § Deadlines).

use super::Ledger;
use crate::{
    model::{Id, Instant, Policy, time::HOUR},
    rules::approval::RoutedBy,
};

/// By when a round that opens at `now` ends: as its policy says, and never later than `approve_by_hours` before the
/// start it decides on; where that is past, before the start. The reason says what the start made of it.
pub(in crate::ledger) fn deadline(
    ledger: &Ledger,
    id: &Id,
    policy: &Policy,
    start: Option<Instant>,
    now: Instant,
) -> (Option<Instant>, Option<RoutedBy>) {
    let own = policy.deadline_hours.map(|hours| now.plus(i64::from(hours) * HOUR));
    let Some(start) = start.filter(|_| !has_begun(ledger, id)) else { return (own, None) };
    let hours = ledger.facts().settings().approve_by_hours;
    let limit = start.plus(-(i64::from(hours) * HOUR));
    if start <= now {
        return (own, Some(RoutedBy::StartIsPast));
    }
    if limit <= now {
        return (own.map(|own| own.min(start)), Some(RoutedBy::Late { hours }));
    }
    let sooner = own.filter(|own| *own > limit);
    let why = sooner.map(|_| RoutedBy::BroughtForward { hours });
    (own.map(|own| own.min(limit)), why)
}

/// Work on it has begun: there is no start left to be in time for.
fn has_begun(ledger: &Ledger, id: &Id) -> bool {
    let facts = ledger.facts();
    facts.change(id).is_some_and(|change| change.actual_start.is_some())
        || facts.release(id).is_some_and(|r| r.phases.iter().any(|phase| phase.actual_start.is_some()))
}
