//! Questions about numbers.

use crate::{
    ledger::Ledger,
    model::{Id, Instant},
    wire::{Insights, InsightsAsked, Problem, ProblemKind},
};

/// The numbers of a period, for who asks.
///
/// # Errors
/// When there is no such period.
pub fn insights(
    ledger: &Ledger,
    asked: &InsightsAsked,
    me: Option<&Id>,
    now: Instant,
) -> Result<Insights, Problem> {
    ledger.insights(asked, me, now).ok_or_else(|| {
        Problem::new(ProblemKind::Invalid, "there is no such period")
            .hint("write a month, a quarter or a year: 2026-11, 2026-Q3, 2026; an end is after its start")
    })
}
