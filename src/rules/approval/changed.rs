//! What differs between two rule books, as types with their sentence: who saved another quorum wants to read the quorum.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{Board, Id, RuleBook, Seat};

/// What changed in a part of the rules: `policies: default changed (quorum 1/2 to 1)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RulesDiffer {
    Boards(Vec<Named>),
    Policies(Vec<Named>),
    Templates(Vec<Named>),
    Settings(Vec<FieldDiffers>),
    /// The same policies, tried in another order.
    PolicyOrder,
    /// A sentence of an earlier program, as it was written.
    #[serde(untagged)]
    Said(String),
}

/// What came of a board, policy or template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Named {
    Added(Id),
    Removed(Id),
    /// Of nothing told, only other people's fields.
    Changed {
        id: Id,
        fields: Vec<FieldDiffers>,
    },
}

/// A field that differs, or somebody who came to a seat or left one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldDiffers {
    In(Seat),
    Out(Seat),
    /// A plain field with its values; null where it is not set.
    Value {
        field: String,
        from: Value,
        to: Value,
    },
    /// A list or a structure, by its name alone.
    Other(String),
}

/// What differs, a part each.
#[must_use]
pub fn changed(old: &RuleBook, new: &RuleBook) -> Vec<RulesDiffer> {
    let boards = listed(&old.boards, &new.boards, |board| &board.id, board);
    let policies = listed(&old.policies, &new.policies, |policy| &policy.id, fields);
    let templates = listed(&old.templates, &new.templates, |template| &template.id, fields);
    let settings = fields(&old.settings, &new.settings);
    let mut found = Vec::new();
    found.extend((!boards.is_empty()).then_some(RulesDiffer::Boards(boards)));
    found.extend((!policies.is_empty()).then_some(RulesDiffer::Policies(policies)));
    found.extend((!templates.is_empty()).then_some(RulesDiffer::Templates(templates)));
    found.extend((!settings.is_empty()).then_some(RulesDiffer::Settings(settings)));
    if found.is_empty() && old.policies != new.policies {
        found.push(RulesDiffer::PolicyOrder);
    }
    found
}

/// What came, went and changed in a list of things with ids.
fn listed<T: PartialEq>(
    old: &[T],
    new: &[T],
    id: impl Fn(&T) -> &Id,
    differs: impl Fn(&T, &T) -> Vec<FieldDiffers>,
) -> Vec<Named> {
    let find = |list: &'_ [T], wanted: &Id| list.iter().position(|one| id(one) == wanted);
    let mut found = Vec::new();
    for one in new {
        match find(old, id(one)).and_then(|at| old.get(at)) {
            None => found.push(Named::Added(id(one).clone())),
            Some(known) if known == one => {}
            Some(known) => found.push(Named::Changed { id: id(one).clone(), fields: differs(known, one) }),
        }
    }
    let gone = old.iter().filter(|one| find(new, id(one)).is_none());
    found.extend(gone.map(|one| Named::Removed(id(one).clone())));
    found
}

/// Who came to a seat and who left one, then the other fields.
fn board(old: &Board, new: &Board) -> Vec<FieldDiffers> {
    let has = |seats: &[Seat], seat: &Seat| seats.contains(seat);
    let come = new.seats.iter().filter(|seat| !has(&old.seats, seat));
    let gone = old.seats.iter().filter(|seat| !has(&new.seats, seat));
    let mut found: Vec<FieldDiffers> = come.cloned().map(FieldDiffers::In).collect();
    found.extend(gone.cloned().map(FieldDiffers::Out));
    let unseated = |board: &Board| Board { seats: Vec::new(), ..board.clone() };
    found.extend(fields(&unseated(old), &unseated(new)));
    found
}

/// The fields that differ, plain ones with their values.
fn fields<T: Serialize>(old: &T, new: &T) -> Vec<FieldDiffers> {
    let (old, new) = (object(old), object(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let value = |of: &Map<String, Value>, name: &String| of.get(name).cloned().unwrap_or_default();
    differ
        .map(|name| match (value(&old, name), value(&new, name)) {
            (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => {
                FieldDiffers::Other(name.clone())
            }
            (from, to) => FieldDiffers::Value { field: name.clone(), from, to },
        })
        .collect()
}

fn object<T: Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        Ok(_) | Err(_) => Map::new(),
    }
}

impl fmt::Display for RulesDiffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boards(named) => write!(f, "boards: {}", joined(named)),
            Self::Policies(named) => write!(f, "policies: {}", joined(named)),
            Self::Templates(named) => write!(f, "templates: {}", joined(named)),
            Self::Settings(fields) => write!(f, "settings: {}", joined(fields)),
            Self::PolicyOrder => f.write_str("policies: in another order"),
            Self::Said(words) => f.write_str(words),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(id) => write!(f, "{id} added"),
            Self::Removed(id) => write!(f, "{id} removed"),
            Self::Changed { id, fields } if fields.is_empty() => write!(f, "{id} changed"),
            Self::Changed { id, fields } => write!(f, "{id} changed ({})", joined(fields)),
        }
    }
}

impl fmt::Display for FieldDiffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::In(seat) => write!(f, "in: {}", sits(seat)),
            Self::Out(seat) => write!(f, "out: {}", sits(seat)),
            Self::Value { field, from, to } => {
                write!(f, "{} {} to {}", field.replace('_', " "), plain(from), plain(to))
            }
            Self::Other(field) => f.write_str(&field.replace('_', " ")),
        }
    }
}

fn joined<T: fmt::Display>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// `ann, chair`, `cat, voting, security`.
fn sits(seat: &Seat) -> String {
    let named = seat.seat.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    format!("{}, {}{named}", seat.person, seat.role.word())
}

/// A value in a word; a field that is not set is `none`.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(value) => (if *value { "yes" } else { "no" }).to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn book(value: Value) -> RuleBook {
        let file: crate::model::BoardFile = serde_json::from_value(value).unwrap();
        RuleBook {
            boards: file.boards.unwrap_or_default(),
            policies: file.policies.unwrap_or_default(),
            templates: file.templates.unwrap_or_default(),
            settings: file.settings.unwrap_or_default(),
        }
    }

    #[test]
    fn what_changed_is_said_by_name() {
        let seats = |seats: Value| json!({"version": 1, "boards": [{"id": "cab", "seats": seats}]});
        let policy = |policy: Value| json!({"version": 1, "policies": [policy]});
        let old = seats(json!([{"person": "ann", "role": "chair"}, {"person": "bob"}]));
        let cases = [
            ("the same", old.clone(), old.clone(), vec![]),
            (
                "who sits there",
                old.clone(),
                seats(json!([{"person": "cat", "role": "chair", "seat": "security"}, {"person": "bob"}])),
                vec!["boards: cab changed (in: cat, chair, security, out: ann, chair)"],
            ),
            ("a board more", json!({"version": 1}), old.clone(), vec!["boards: cab added"]),
            ("a board less", old, json!({"version": 1}), vec!["boards: cab removed"]),
            (
                "another quorum",
                policy(json!({"id": "default", "quorum": "1/2"})),
                policy(json!({"id": "default", "quorum": 1})),
                vec!["policies: default changed (quorum 1/2 to 1)"],
            ),
            (
                "another policy in its place",
                policy(json!({"id": "a", "board": "cab"})),
                policy(json!({"id": "b", "board": "cab"})),
                vec!["policies: b added, a removed"],
            ),
            (
                "a setting",
                json!({"version": 1}),
                json!({"version": 1, "settings": {"depth": 1}}),
                vec!["settings: depth 2 to 1"],
            ),
        ];
        for (name, old, new, want) in cases {
            let said: Vec<String> = changed(&book(old), &book(new)).iter().map(ToString::to_string).collect();
            assert_eq!(said, want, "{name}");
        }
    }
}
