//! Questions about releases as plans.

use super::questions;
use crate::{
    ledger::Ledger,
    model::{Id, Instant},
    wire::{Answer, Problem, ProblemKind, release::Bundling},
};

/// A release, whole.
///
/// # Errors
/// When there is none.
pub fn plan(ledger: &Ledger, id: &Id, since: Option<Instant>) -> Result<Answer, Problem> {
    let plan = ledger.release_plan(id, since).ok_or_else(|| no_release(id))?;
    Ok(Answer::Plan(Box::new(plan)))
}

fn no_release(id: &Id) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("there is no release {id}"))
        .hint("`quorate releases` lists them")
}

/// A change bundled on trial.
///
/// # Errors
/// When there is no such change, or no such release.
pub fn bundling(ledger: &Ledger, change: &Id, release: Option<&Id>) -> Result<Answer, Problem> {
    if let Some(id) = release.filter(|id| ledger.facts().release(id).is_none()) {
        return Err(no_release(id));
    }
    let trial = ledger.bundle_trial(change, release).ok_or_else(|| questions::unknown(change))?;
    Ok(Answer::Bundling(Box::new(Bundling { change: change.clone(), release: release.cloned(), trial })))
}
