//! Rows of the board in one line each: an activity, a clash, and how many clashes.

use super::{listed, time::typed_when};
use crate::{
    calendar::Zone,
    label::{Label, count},
    wire::{ActivityKind, ActivityRow, Clashes, ConflictRow, api},
};

/// `2 blocking, 1 warning`; nothing where there is nothing.
#[must_use]
pub fn clashes(clashes: Clashes) -> String {
    let parts = [
        (clashes.block, format!("{} blocking", clashes.block)),
        (clashes.warn, count(clashes.warn, "warning")),
        (clashes.info, count(clashes.info, "note")),
        (clashes.acknowledged, format!("{} acknowledged", clashes.acknowledged)),
    ];
    listed(parts.into_iter().filter(|(number, _)| *number > 0).map(|(_, said)| said))
}

/// The kind of an activity: `emergency`, `phase`.
#[must_use]
pub fn kind(row: &ActivityRow) -> &'static str {
    match &row.kind {
        ActivityKind::Change(kind) => kind.value.label(),
        ActivityKind::Phase { .. } => "phase",
    }
}

/// An activity in one line.
#[must_use]
pub fn activity(row: &ActivityRow, zone: Zone) -> String {
    let mut facts = vec![format!("{} {}", kind(row), api::state_word(row))];
    if !row.is_phase() {
        facts.push(format!("{} risk", row.risk.value.label()));
    }
    facts.push(row.standing.label().to_owned());
    facts.retain(|fact| !fact.is_empty());
    let places = listed(row.services.iter());
    let place = match (&row.environment, places.is_empty()) {
        (Some(environment), false) => format!("on {places} in {environment}"),
        (Some(environment), true) => format!("in {environment}"),
        (None, false) => format!("on {places}"),
        (None, true) => String::new(),
    };
    let owner = row.owner.as_ref().map(|owner| format!("owner {owner}")).unwrap_or_default();
    let review = if row.review_due { "review due".to_owned() } else { String::new() };
    let mut parts =
        vec![listed(facts), typed_when(row.when, zone), place, owner, clashes(row.clashes), review];
    parts.retain(|part| !part.is_empty());
    format!("{}: {}; {}", row.id, row.title, parts.join("; "))
}

/// A clash in one line.
#[must_use]
pub fn conflict(row: &ConflictRow) -> String {
    let sides = match &row.key.b {
        Some(b) => format!("{} and {b}", row.key.a),
        None => row.key.a.to_string(),
    };
    let acknowledged = row
        .ack
        .as_ref()
        .map(|ack| format!("; acknowledged by {}: {}", ack.by, ack.reason))
        .unwrap_or_default();
    let (severity, name, rule) = (row.severity.label(), row.key.rule.label(), row.key.rule);
    format!("{severity} {name} ({rule}): {sides}: {}{acknowledged}", row.reason())
}
