//! Automatic approval by template (rules § Standard changes): when it holds, and why not.

use serde_json::Value;

use super::{
    reason::NotAutomatic,
    subject::{Item, Subject},
};
use crate::{
    model::{Change, Id, Instant, Line, Prose, Risk, Stands, Template},
    rules::facts::{Facts, same_name},
};

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
    in_force(template, now)?;
    fits(subject.facts, change, template, risk)?;
    if subject.clashes.open_block {
        return Err(NotAutomatic::OpenBlock);
    }
    Ok(named.clone())
}

/// Whether the board's word for a template holds at an instant: approved, in date, neither suspended nor over.
///
/// # Errors
/// Why not.
pub fn in_force(template: &Template, now: Instant) -> Result<(), NotAutomatic> {
    let id = || template.id.clone();
    match template.stands {
        Stands::ByRules | Stands::Approved { .. } => {}
        Stands::Proposed => return Err(NotAutomatic::NotApproved(id())),
        Stands::Suspended { at, .. } => return Err(NotAutomatic::Suspended { template: id(), at }),
        Stands::Retired { at } => return Err(NotAutomatic::Retired { template: id(), at }),
    }
    let Some(until) = template.approved_until else { return Err(NotAutomatic::NotApproved(id())) };
    if now.to_utc().date_naive() > until {
        return Err(NotAutomatic::Expired { template: id(), until });
    }
    Ok(())
}

/// Whether a change, treated as of this risk, is what a template allows: locked fields as they are, what is to be filled in
/// filled in, no service it may not touch.
///
/// # Errors
/// What differs.
pub fn fits(facts: &Facts, change: &Change, template: &Template, risk: Risk) -> Result<(), NotAutomatic> {
    let id = || template.id.clone();
    if risk > template.max_risk.treated() {
        return Err(NotAutomatic::TooRisky { template: id(), risk, most: template.max_risk });
    }
    let whole = Whole::of(change);
    if let Some(field) = template.locked.iter().find(|field| !whole.unchanged(facts, template, field)) {
        return Err(NotAutomatic::Differs { template: id(), field: field.clone() });
    }
    if let Some(field) = template.required.iter().find(|field| whole.lacks(field)) {
        return Err(NotAutomatic::Lacks { template: id(), field: field.clone() });
    }
    match change.services.iter().find(|service| !touches(facts, template, service)) {
        Some(service) => Err(NotAutomatic::Touches { template: id(), service: service.clone() }),
        None => Ok(()),
    }
}

/// Whether a service, or its class, is one that a template may touch.
fn touches(facts: &Facts, template: &Template, service: &Line) -> bool {
    let class = facts.service(service).and_then(|record| record.class.as_ref());
    let is_class = |name: &Line| class.is_some_and(|class| same_name(class, name));
    template.may_touch.is_empty()
        || template.may_touch.iter().any(|name| facts.same_service(name, service) || is_class(name))
}

/// A change with its fields by name.
struct Whole<'a> {
    change: &'a Change,
    fields: serde_json::Map<String, Value>,
}

impl<'a> Whole<'a> {
    fn of(change: &'a Change) -> Self {
        let fields = match serde_json::to_value(change) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) | Err(_) => serde_json::Map::new(),
        };
        Self { change, fields }
    }

    fn get(&self, field: &str) -> Value {
        self.fields.get(field).map_or(Value::Null, plain)
    }

    fn lacks(&self, field: &str) -> bool {
        self.get(field).is_null()
    }

    /// Whether a locked field is as the template has it. One that the template leaves out must be empty.
    fn unchanged(&self, facts: &Facts, template: &Template, field: &Line) -> bool {
        let want = template.fields.get(field.as_str()).unwrap_or(&Value::Null);
        match field.as_str() {
            "services" => same_services(facts, self.change, want),
            field => self.get(field) == plain(want),
        }
    }
}

fn same_services(facts: &Facts, change: &Change, want: &Value) -> bool {
    let want: Vec<&str> = want.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let known = |a: &str, b: &str| facts.same_service(a, b);
    change.services.iter().all(|own| want.iter().any(|name| known(own, name)))
        && want.iter().all(|name| change.services.iter().any(|own| known(own, name)))
}

/// A value reduced to what counts: texts to their words, nothing and empty to nothing; of a step not whether it is done.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => match Prose::new(text).words() {
            words if words.is_empty() => Value::Null,
            words => Value::String(words),
        },
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        Value::Object(map) => {
            let said =
                map.iter().filter(|(key, _)| key.as_str() != "done").map(|(key, value)| (key, plain(value)));
            let said = said.filter(|(_, value)| !value.is_null() && *value != Value::Bool(false));
            Value::Object(said.map(|(key, value)| (key.clone(), value)).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
