//! Automatic approval by template (rules § Standard changes): when it holds, and why not.

use serde_json::Value;

use super::{
    reason::NotAutomatic,
    subject::{Item, Subject},
};
use crate::model::{Change, Id, Instant, Line, Prose, Risk, Template};

/// Whether the item may be approved by its template alone.
///
/// # Errors
/// Why not.
pub fn holds(
    subject: &Subject<'_>,
    templates: &[Template],
    risk: Risk,
    now: Instant,
) -> Result<Id, NotAutomatic> {
    let Item::Change(change) = subject.what else { return Err(NotAutomatic::Release) };
    let Some(named) = &change.template else { return Err(NotAutomatic::NoTemplate) };
    let Some(template) = templates.iter().find(|template| template.id == *named) else {
        return Err(NotAutomatic::UnknownTemplate(named.clone()));
    };
    let Some(until) = template.approved_until else { return Err(NotAutomatic::NotApproved(named.clone())) };
    if now.to_utc().date_naive() > until {
        return Err(NotAutomatic::Expired { template: named.clone(), until });
    }
    if risk > template.max_risk.treated() {
        return Err(NotAutomatic::TooRisky { template: named.clone(), risk, most: template.max_risk });
    }
    if let Some(field) = template.locked.iter().find(|field| !unchanged(subject, change, template, field)) {
        return Err(NotAutomatic::Differs { template: named.clone(), field: field.clone() });
    }
    if subject.clashes.open_block {
        return Err(NotAutomatic::OpenBlock);
    }
    Ok(named.clone())
}

/// Whether a locked field is as the template has it. One that the template leaves out must be empty.
fn unchanged(subject: &Subject<'_>, change: &Change, template: &Template, field: &Line) -> bool {
    let want = template.fields.get(field.as_str()).unwrap_or(&Value::Null);
    if field.as_str() == "services" {
        return same_services(subject, change, want);
    }
    let Ok(Value::Object(fields)) = serde_json::to_value(change) else { return false };
    plain(fields.get(field.as_str()).unwrap_or(&Value::Null)) == plain(want)
}

fn same_services(subject: &Subject<'_>, change: &Change, want: &Value) -> bool {
    let want: Vec<&str> = want.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let known = |a: &str, b: &str| subject.facts.same_service(a, b);
    change.services.iter().all(|own| want.iter().any(|name| known(own, name)))
        && want.iter().all(|name| change.services.iter().any(|own| known(own, name)))
}

/// A value reduced to what counts: texts to their words, nothing and empty to nothing.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => match Prose::new(text).words() {
            words if words.is_empty() => Value::Null,
            words => Value::String(words),
        },
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), plain(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
