//! Fields of a record as they are typed: `contingency=switch back`, `phases.p1.rollback_minutes=20`, `phases.p2=`.

use serde_json::{Map, Value};

use crate::errors::Stop;

/// Fields that are times, and may be typed as local ones.
const TIMES: [&str; 5] = ["start", "end", "actual_start", "actual_end", "found_at"];

/// Fields that are numbers, or yes or no.
const OTHERS: [&str; 10] = [
    "share",
    "rollback_minutes",
    "rollback_all_minutes",
    "minutes",
    "whole_environment",
    "point_of_no_return",
    "ends_outage",
    "done",
    "passed",
    "met",
];

/// Puts what was typed into a record. An element of a list goes by its `id` or its number from 1, or is new; an empty value
/// takes the field or the element out. `time` reads a time as it is typed.
pub fn set(record: &mut Value, typed: &str, time: &dyn Fn(&str) -> Result<String, Stop>) -> Result<(), Stop> {
    let wrong = |why: &str| {
        Stop::invalid(
            format!("--set {typed}: {why}"),
            "write FIELD=VALUE, as in phases.p1.start='2026-12-02 20:00'",
        )
    };
    let (path, value) = typed.split_once('=').ok_or_else(|| wrong("there is no ="))?;
    let steps: Vec<&str> = path.trim().split('.').collect();
    let Some((last, way)) = steps.split_last().filter(|_| steps.iter().all(|step| !step.is_empty())) else {
        return Err(wrong("a field is named by words between points"));
    };
    let value = value.trim();
    let value = match value {
        "" => None,
        text if TIMES.contains(last) => Some(Value::String(time(text)?)),
        text => Some(read(last, text)),
    };
    let mut at = record;
    for (depth, step) in way.iter().enumerate() {
        // What comes next says whether a list is begun here: a field of things that have ids.
        let list = depth == 0 && ["phases", "acceptance", "success", "defects"].contains(step);
        at = child(at, step, list).ok_or_else(|| wrong(&format!("{step} has no parts")))?;
    }
    put(at, last, value).ok_or_else(|| wrong(&format!("{last} cannot be put there")))
}

/// A list or an object is JSON, and so is what is a number or yes or no in a record; anything else is a text as it is.
fn read(field: &str, text: &str) -> Value {
    let json = text.starts_with(['[', '{', '"']) || OTHERS.contains(&field);
    let read = json.then(|| serde_json::from_str(text).ok()).flatten();
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Goes one step down, making what is not there.
fn child<'a>(at: &'a mut Value, step: &str, list: bool) -> Option<&'a mut Value> {
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    match at {
        Value::Object(map) => {
            let empty = || if list { Value::Array(Vec::new()) } else { Value::Null };
            Some(map.entry(step.to_owned()).or_insert_with(empty))
        }
        Value::Array(all) => {
            let known = place(all, step);
            let place = known.unwrap_or(all.len());
            if known.is_none() {
                let mut new = Map::new();
                new.insert("id".to_owned(), Value::String(step.to_owned()));
                all.push(Value::Object(new));
            }
            all.get_mut(place)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The place of an element by its id, or by its number from 1.
fn place(all: &[Value], step: &str) -> Option<usize> {
    let by_id = all.iter().position(|one| one.get("id").and_then(Value::as_str) == Some(step));
    let by_number = || step.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < all.len());
    by_id.or_else(by_number)
}

fn put(at: &mut Value, last: &str, value: Option<Value>) -> Option<()> {
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    match (at, value) {
        (Value::Object(map), Some(value)) => {
            map.insert(last.to_owned(), value);
        }
        (Value::Object(map), None) => {
            map.remove(last);
        }
        (Value::Array(all), Some(value)) => match place(all, last) {
            Some(place) => *all.get_mut(place)? = value,
            None => all.push(value),
        },
        (Value::Array(all), None) => {
            let place = place(all, last)?;
            all.remove(place);
        }
        (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), _) => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_as_they_are_typed() {
        let base = || json!({"id": "R", "name": "Shop", "phases": [{"id": "p1", "share": 5}], "success": [{"kpi": "a"}]});
        let cases = [
            ("version=2.1", "/version", json!("2.1")),
            ("success.1.actual=5", "/success/0/actual", json!("5")),
            ("contingency=switch back", "/contingency", json!("switch back")),
            (r#"services=["a","b"]"#, "/services", json!(["a", "b"])),
            ("phases.p1.share=25", "/phases/0/share", json!(25)),
            ("phases.p2.name=all", "/phases/1", json!({"id": "p2", "name": "all"})),
            ("phases.p1.start=tomorrow", "/phases/0/start", json!("T tomorrow")),
            ("success.1.target=none", "/success/0/target", json!("none")),
            ("defects.BUG1.where=production", "/defects/0", json!({"id": "BUG1", "where": "production"})),
        ];
        let time = |text: &str| Ok(format!("T {text}"));
        for (typed, pointer, want) in cases {
            let mut record = base();
            set(&mut record, typed, &time).unwrap();
            assert_eq!(record.pointer(pointer), Some(&want), "{typed}");
        }
        let mut record = base();
        set(&mut record, "name=", &time).unwrap();
        set(&mut record, "phases.p1=", &time).unwrap();
        assert_eq!(record, json!({"id": "R", "phases": [], "success": [{"kpi": "a"}]}));
        for wrong in ["name", "=x", "name.first=x", "phases..x=1"] {
            assert!(set(&mut base(), wrong, &time).is_err(), "{wrong}");
        }
    }
}
