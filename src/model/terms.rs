//! The terms of a template that are taken from a change that went well (rules § Standard changes).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    change::Change,
    id::Id,
    template::{TIMES, Template},
    text::Line,
};

/// What a template takes from a change, in the order in which it is shown.
const TAKEN: [&str; 13] = [
    "title",
    "services",
    "environment",
    "group",
    "implementation_plan",
    "steps",
    "test_plan",
    "rollback_plan",
    "rollback_steps",
    "rollback_minutes",
    "communication_plan",
    "success_check",
    "reason",
];

/// Of what it takes, what each change made from it may write anew.
const OPEN: [&str; 2] = ["title", "reason"];

impl Template {
    /// The terms that a change as it was would have: its plan locked, its times to be filled in.
    #[must_use]
    pub fn of_change(change: &Change, id: Id, approved_until: NaiveDate) -> Self {
        let whole = serde_json::to_value(change).unwrap_or_default();
        let taken = TAKEN.iter().filter_map(|name| Some(((*name).to_owned(), whole.get(*name)?.clone())));
        let fields: BTreeMap<String, serde_json::Value> =
            taken.map(|(name, value)| (name, undone(value))).collect();
        let locked = TAKEN.iter().filter(|name| fields.contains_key(**name) && !OPEN.contains(name));
        Self {
            name: change.title.clone(),
            approved_until: Some(approved_until),
            max_risk: change.risk.value.treated(),
            locked: locked.map(|name| Line::new(name)).collect(),
            fields,
            required: TIMES.iter().map(|name| Line::new(name)).collect(),
            owner: change.owner.clone(),
            ..Self::new(id)
        }
    }
}

/// Steps of a change that was carried out are not done yet in the next.
fn undone(mut value: serde_json::Value) -> serde_json::Value {
    for step in value.as_array_mut().into_iter().flatten() {
        if let Some(step) = step.as_object_mut() {
            step.remove("done");
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_as_it_was_makes_terms() {
        let change: Change = serde_json::from_value(json!({"id": "C1", "title": "Renew the certificate of web-01", "kind": "normal",
            "risk": "low", "owner": "ann", "services": ["web"], "rollback_plan": "put the old one back",
            "steps": [{"text": "issue", "done": true}], "planned_start": "2026-11-01T10:00:00Z", "outcome": "successful"}))
        .unwrap();
        let until = NaiveDate::from_ymd_opt(2027, 6, 30).unwrap();
        let terms = Template::of_change(&change, "cert".parse().unwrap(), until);
        let locked: Vec<&str> = terms.locked.iter().map(Line::as_str).collect();
        assert_eq!(locked, ["services", "steps", "rollback_plan"]);
        assert_eq!(
            terms.fields["steps"],
            json!([{"text": "issue"}]),
            "nothing of it is done in the next one"
        );
        assert_eq!(
            terms.fields.len(),
            4,
            "times, state and outcome are of the change alone: {:?}",
            terms.fields
        );
        assert_eq!(terms.required, [Line::new("planned_start"), Line::new("planned_end")]);
        let said = serde_json::to_string(&terms).unwrap();
        assert_eq!(serde_json::from_str::<Template>(&said).unwrap(), terms);
    }
}
