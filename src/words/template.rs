//! Templates of standard changes in words: how one stands, what came of it, what could be one.

use super::time;
use crate::{
    calendar::Zone,
    label::{count, listed, spaced},
    ledger::derive::{
        catalogue::{TemplateState, TemplateView},
        suggestions::Suggestion,
    },
    model::{Line, Prose},
};

/// `approved until 2027-06-30`, `suspended since Mon 23 Nov 14:00: CHG7, made from it, failed; round 2 is open`.
#[must_use]
pub fn stands(view: &TemplateView, zone: Zone) -> String {
    let since = view.since.map(|at| format!(" since {}", time::typed(at, zone))).unwrap_or_default();
    let until = view.template.approved_until.map(|day| format!(" until {day}")).unwrap_or_default();
    let stands = match view.state {
        TemplateState::Proposed => "proposed".to_owned(),
        TemplateState::Approved => format!("approved{until}"),
        TemplateState::Expired => format!("was approved{until}"),
        TemplateState::Suspended => {
            let why = view.why.as_ref().map(|why| format!(": {}", why.said)).unwrap_or_default();
            format!("suspended{since}{why}")
        }
        TemplateState::Retired => format!("retired{since}"),
    };
    let round = view.round.map(|round| format!("; round {round} is open")).unwrap_or_default();
    format!("{stands}{round}")
}

/// `12 changes, 1 failed`.
#[must_use]
pub fn made(view: &TemplateView) -> String {
    let made = count(view.made, "change");
    if view.failed == 0 { made } else { format!("{made}, {} failed", view.failed) }
}

/// Fields as they are called: `services, rollback plan`.
#[must_use]
pub fn fields(names: &[Line]) -> String {
    listed(names.iter().map(|name| spaced(name)))
}

/// `suggested: "Rotate the logs of web-03": 6 changes went well in 180 days and none failed, on application`.
#[must_use]
pub fn suggestion(suggestion: &Suggestion) -> String {
    format!("suggested: {:?}: {}", suggestion.title, evidence(suggestion))
}

/// `5 changes went well in 180 days and none failed, on application`.
#[must_use]
pub fn evidence(suggestion: &Suggestion) -> String {
    let Suggestion { classes, changes, .. } = suggestion;
    format!(
        "{} went well in 180 days and none failed, on {}",
        count(changes.len(), "change"),
        listed(classes)
    )
}

/// A value of a field in one line.
#[must_use]
pub fn value(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => Prose::new(text).words(),
        serde_json::Value::Array(parts) => listed(parts.iter().map(|part| match part.get("text") {
            Some(text) => self::value(text),
            None => self::value(part),
        })),
        other => other.to_string(),
    }
}

/// An id made of a title: its words without numbers, with hyphens between.
#[must_use]
pub fn id(title: &str) -> String {
    let words = title.split_whitespace().filter(|word| !word.chars().any(|c| c.is_ascii_digit()));
    let plain = words
        .map(|word| word.to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>());
    let words: Vec<String> = plain.filter(|word| !word.is_empty()).take(6).collect();
    format!("tmpl-{}", words.join("-"))
}
