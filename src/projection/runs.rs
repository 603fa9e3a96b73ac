//! Questions about runs, nights and ways back, and what pipelines told.

use super::questions;
use crate::{
    ledger::{Ledger, fold::Told},
    model::{
        Id, Instant, Span,
        hook::{Delivery, LATE},
    },
    wire::{
        Answer, Problem, ProblemKind,
        hook::{Mapped, ToldRow},
        run::RunView,
    },
};

/// The run of a change or a phase.
///
/// # Errors
/// When there is no such activity.
pub fn run(ledger: &Ledger, id: &Id, now: Instant) -> Result<Answer, Problem> {
    let view = ledger.run_view(id, now).ok_or_else(|| match ledger.facts().release(id) {
        Some(release) => {
            let phases: Vec<String> =
                release.phases.iter().map(|phase| format!("{id}/{}", phase.id)).collect();
            Problem::new(ProblemKind::NotFound, format!("{id} is a release: its phases are carried out"))
                .hint(format!("name one of {}", phases.join(", ")))
        }
        None => questions::unknown(id),
    })?;
    Ok(Answer::Run(Box::new(view)))
}

/// The runs of an item of which something is on the record, by start: of a release those of its phases and of the changes
/// it carries.
pub fn carried_out(ledger: &Ledger, item: &Id, now: Instant) -> Vec<RunView> {
    let facts = ledger.facts();
    let ids: Vec<Id> = match facts.release(item) {
        Some(release) => super::rows::phases(release).chain(facts.bundle(item).cloned()).collect(),
        None => vec![item.clone()],
    };
    let views = ids.iter().filter_map(|id| ledger.run_view(id, now));
    let mut views: Vec<RunView> = views.filter(|view| view.record.is_some()).collect();
    views.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    views
}

/// What runs in a span; in the night that it is, where none is named.
///
/// # Errors
/// When the span is empty.
pub fn night(
    ledger: &Ledger,
    (from, to): (Option<Instant>, Option<Instant>),
    now: Instant,
) -> Result<Answer, Problem> {
    Ok(Answer::Night(Box::new(ledger.night(night_span(ledger, (from, to), now)?, now))))
}

/// The span that is meant; of what is not named, the night that it is.
pub(super) fn night_span(
    ledger: &Ledger,
    (from, to): (Option<Instant>, Option<Instant>),
    now: Instant,
) -> Result<Span, Problem> {
    let night = ledger.night_of(from.unwrap_or(now));
    let span = match (from, to, night) {
        (Some(from), Some(to), _) => Span::new(from, to),
        (Some(from), None, night) => night.and_then(|night| Span::new(from, night.end())),
        (None, Some(to), night) => night.and_then(|night| Span::new(night.start(), to)),
        (None, None, night) => night,
    };
    span.ok_or_else(|| {
        Problem::new(ProblemKind::Invalid, "the end is not after the start").hint("give --from and --to")
    })
}

/// The way back of a release.
///
/// # Errors
/// When there is no such release or phase.
pub fn rollback(ledger: &Ledger, id: &Id, after: Option<&Id>) -> Result<Answer, Problem> {
    let plan = ledger.rollback_plan(id, after).ok_or_else(|| match (ledger.facts().release(id), after) {
        (Some(release), Some(after)) => {
            let phases: Vec<String> = release.phases.iter().map(|phase| phase.id.to_string()).collect();
            Problem::new(ProblemKind::NotFound, format!("{id} has no phase {after}"))
                .hint(format!("it has {}", phases.join(", ")))
        }
        (None | Some(_), _) => Problem::new(ProblemKind::NotFound, format!("there is no release {id}"))
            .hint("`quorate releases` lists them"),
    })?;
    Ok(Answer::Rollback(Box::new(plan)))
}

/// What pipelines told in the last 30 days, the newest first.
pub fn told(ledger: &Ledger, unmapped: bool, now: Instant) -> Vec<ToldRow> {
    let told = ledger.fold().told.since(now).filter(|told| !unmapped || told.activity.is_none());
    let why = |told: &Told| {
        let named = ledger.named_by(&told.delivery.fact);
        told.activity.is_none().then(|| named.err()).flatten()
    };
    let mut rows: Vec<ToldRow> = told.map(|told| ToldRow::new(told, why(told))).collect();
    rows.reverse();
    rows
}

/// What a delivery would be mapped to, if it came now.
pub fn mapped(ledger: &Ledger, delivery: &Delivery, now: Instant) -> Mapped {
    let taken = ledger.fold().told.same(delivery, now).map(|told| told.n);
    let late = delivery.fact.at.is_some_and(|at| now - at > LATE);
    match ledger.named_by(&delivery.fact) {
        Ok(activity) => Mapped { activity: Some(activity), why: None, taken, late },
        Err(why) => Mapped { activity: None, why: Some(why), taken, late },
    }
}
