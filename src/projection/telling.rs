//! Questions about what others are told.

use super::{questions, runs};
use crate::{
    ledger::Ledger,
    model::{Id, Instant},
    wire::{Answer, Problem, telling::Comms},
    words::telling::{Templates, text},
};

/// What is told of one item, or of everything in a span; in this night where none is named.
///
/// # Errors
/// When there is no such item, or the span is empty.
pub fn comms(
    ledger: &Ledger,
    templates: &Templates,
    id: Option<&Id>,
    asked: (Option<Instant>, Option<Instant>),
    now: Instant,
) -> Result<Answer, Problem> {
    let mut all = match id {
        Some(id) => vec![ledger.comms(id, now).ok_or_else(|| questions::unknown(id))?],
        None => ledger.comms_within(runs::night_span(ledger, asked, now)?, now),
    };
    all.iter_mut().for_each(|comms| write(ledger, templates, comms));
    Ok(Answer::Comms(all))
}

/// Writes what is due as it would be handed over.
fn write(ledger: &Ledger, templates: &Templates, comms: &mut Comms) {
    for line in &mut comms.audiences {
        let Some((message, audience)) = line.due.as_ref().zip(ledger.audience(&line.audience)) else {
            continue;
        };
        let written = text(templates, &comms.item, message, audience, ledger.zone_of(audience));
        line.text = Some(written.to_string());
    }
}
