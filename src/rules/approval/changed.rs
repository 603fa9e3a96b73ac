//! What differs between two rule books, in words: who saved another quorum wants to read the quorum.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::{Board, Id, RuleBook, Seat};

/// One line per part that differs, beginning with its name: `policies: default changed (quorum 1/2 to 1)`.
#[must_use]
pub fn changed(old: &RuleBook, new: &RuleBook) -> Vec<String> {
    let boards = listed(&old.boards, &new.boards, |board| &board.id, board);
    let policies = listed(&old.policies, &new.policies, |policy| &policy.id, fields);
    let templates = listed(&old.templates, &new.templates, |template| &template.id, fields);
    let settings = fields(&old.settings, &new.settings);
    let parts =
        [("boards", boards), ("policies", policies), ("templates", templates), ("settings", settings)];
    let said = parts.into_iter().filter(|(_, parts)| !parts.is_empty());
    let mut said: Vec<String> = said.map(|(name, parts)| format!("{name}: {}", parts.join(", "))).collect();
    if said.is_empty() && old.policies != new.policies {
        said.push("policies: in another order".to_owned());
    }
    said
}

/// What came, went and changed in a list of things with ids.
fn listed<T: PartialEq>(
    old: &[T],
    new: &[T],
    id: impl Fn(&T) -> &Id,
    differs: impl Fn(&T, &T) -> Vec<String>,
) -> Vec<String> {
    let find = |list: &'_ [T], wanted: &Id| list.iter().position(|one| id(one) == wanted);
    let mut said = Vec::new();
    for one in new {
        match find(old, id(one)).and_then(|at| old.get(at)) {
            None => said.push(format!("{} added", id(one))),
            Some(known) if known == one => {}
            Some(known) => match differs(known, one) {
                nothing if nothing.is_empty() => said.push(format!("{} changed", id(one))),
                what => said.push(format!("{} changed ({})", id(one), what.join(", "))),
            },
        }
    }
    let gone = old.iter().filter(|one| find(new, id(one)).is_none());
    said.extend(gone.map(|one| format!("{} removed", id(one))));
    said
}

/// Who came to a seat and who left one, then the other fields.
fn board(old: &Board, new: &Board) -> Vec<String> {
    let has = |seats: &[Seat], seat: &Seat| seats.contains(seat);
    let come = new.seats.iter().filter(|seat| !has(&old.seats, seat));
    let gone = old.seats.iter().filter(|seat| !has(&new.seats, seat));
    let mut said: Vec<String> = come.map(|seat| format!("in: {}", sits(seat))).collect();
    said.extend(gone.map(|seat| format!("out: {}", sits(seat))));
    let unseated = |board: &Board| Board { seats: Vec::new(), ..board.clone() };
    said.extend(fields(&unseated(old), &unseated(new)));
    said
}

/// `ann, chair`, `cat, voting, security`.
fn sits(seat: &Seat) -> String {
    let named = seat.seat.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    format!("{}, {}{named}", seat.person, seat.role.word())
}

/// The fields that differ, plain ones with their values.
fn fields<T: serde::Serialize>(old: &T, new: &T) -> Vec<String> {
    let (old, new) = (object(old), object(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    differ
        .map(|name| {
            let spoken = name.replace('_', " ");
            match (plain(old.get(name)), plain(new.get(name))) {
                (Some(was), Some(is)) => format!("{spoken} {was} to {is}"),
                (None, _) | (_, None) => spoken,
            }
        })
        .collect()
}

fn object<T: serde::Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        Ok(_) | Err(_) => Map::new(),
    }
}

/// A value that can be said in a word; a field that is not set is `none`.
fn plain(value: Option<&Value>) -> Option<String> {
    match value {
        None | Some(Value::Null) => Some("none".to_owned()),
        Some(Value::Bool(value)) => Some((if *value { "yes" } else { "no" }).to_owned()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Array(_) | Value::Object(_)) => None,
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
            assert_eq!(changed(&book(old), &book(new)), want, "{name}");
        }
    }
}
