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
/// takes the field or the element out, and makes none. `time` reads a time as it is typed.
pub fn set(record: &mut Value, typed: &str, time: &dyn Fn(&str) -> Result<String, Stop>) -> Result<(), Stop> {
    let (path, value) = parted(typed)?;
    let value = match value {
        "" => None,
        text if path.last().is_some_and(|last| TIMES.contains(last)) => Some(Value::String(time(text)?)),
        text => Some(read(path.last().copied().unwrap_or_default(), text)),
    };
    place_at(record, &path, value).map_err(|why| wrong(typed, &why))
}

/// The record with something, whatever it is, in the field that was typed, by which it is seen whether there is such a
/// field at all: what is only taken out leaves nothing to be refused.
pub fn probe(record: &Value, typed: &str) -> Option<Value> {
    let (path, value) = parted(typed).ok()?;
    let mut probed = record.clone();
    // An element that is taken out is no field.
    if value.is_empty() && place_at(&mut probed.clone(), &path, None).is_err() {
        return None;
    }
    place_at(&mut probed, &path, Some(Value::Bool(true))).ok()?;
    Some(probed)
}

/// The path and the value of `FIELD=VALUE`.
fn parted(typed: &str) -> Result<(Vec<&str>, &str), Stop> {
    let (path, value) = typed.split_once('=').ok_or_else(|| wrong(typed, "there is no ="))?;
    let steps: Vec<&str> = path.trim().split('.').collect();
    if steps.iter().any(|step| step.is_empty()) {
        return Err(wrong(typed, "a field is named by words between points"));
    }
    Ok((steps, value.trim()))
}

fn wrong(typed: &str, why: &str) -> Stop {
    Stop::invalid(
        format!("--set {typed}: {why}"),
        "write FIELD=VALUE, as in phases.p1.start='2026-12-02 20:00'",
    )
}

/// Puts a value into a place, or takes out what is there.
fn place_at(record: &mut Value, path: &[&str], value: Option<Value>) -> Result<(), String> {
    let Some((last, way)) = path.split_last() else { return Ok(()) };
    let mut at = record;
    for (depth, step) in way.iter().enumerate() {
        let own = way.get(depth.wrapping_sub(1)).copied().unwrap_or_default();
        if value.is_none() && at.as_array().is_some_and(|all| place(all, step, called_by(own)).is_none()) {
            return Err(format!("there is no {step}"));
        }
        at = child(at, step, own).ok_or_else(|| format!("{step} has no parts"))?;
    }
    let taken = value.is_none();
    put(at, last, way.last().copied().unwrap_or_default(), value).ok_or_else(|| match taken {
        true => format!("there is no {last}"),
        false => format!("{last} cannot be put there"),
    })
}

/// A list or an object is JSON, and so is what is a number or yes or no in a record; anything else is a text as it is.
fn read(field: &str, text: &str) -> Value {
    let json = text.starts_with(['[', '{', '"']) || OTHERS.contains(&field);
    let read = json.then(|| serde_json::from_str(text).ok()).flatten();
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// The lists, and what their elements are called by; those without a name go by their number alone.
const LISTS: [(&str, Option<&str>); 7] = [
    ("phases", Some("id")),
    ("defects", Some("id")),
    ("acceptance", Some("name")),
    ("success", Some("kpi")),
    ("criteria", Some("text")),
    ("steps", None),
    ("rollback_steps", None),
];

/// What elements of a list are called by.
fn called_by(list: &str) -> Option<&'static str> {
    LISTS.iter().find(|(name, _)| *name == list).map_or(Some("id"), |(_, by)| *by)
}

/// Goes one step down from the field `own`, making what is not there.
fn child<'a>(at: &'a mut Value, step: &str, own: &str) -> Option<&'a mut Value> {
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    match at {
        Value::Object(map) => {
            let list = LISTS.iter().any(|(name, _)| *name == step);
            let empty = || if list { Value::Array(Vec::new()) } else { Value::Null };
            Some(map.entry(step.to_owned()).or_insert_with(empty))
        }
        Value::Array(all) => {
            let known = place(all, step, called_by(own));
            let place = known.unwrap_or(all.len());
            if known.is_none() {
                let mut new = Map::new();
                // The next number is a new one without a name; another number is a mistake.
                match (step.parse::<usize>(), called_by(own)) {
                    (_, Some("id")) => {
                        new.insert("id".to_owned(), Value::String(step.to_owned()));
                    }
                    (Ok(number), _) if number == all.len() + 1 => {}
                    (Err(_), Some(by)) => {
                        new.insert(by.to_owned(), Value::String(step.to_owned()));
                    }
                    (Ok(_) | Err(_), _) => return None,
                }
                all.push(Value::Object(new));
            }
            // A criterion is written as its text alone where nobody has answered it.
            let one = all.get_mut(place)?;
            if let (Value::String(text), Some(by)) = (&*one, called_by(own)) {
                *one = Value::Object(Map::from_iter([(by.to_owned(), Value::String(text.clone()))]));
            }
            Some(one)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The place of an element by what it is called, or by its number from 1.
fn place(all: &[Value], step: &str, by: Option<&str>) -> Option<usize> {
    let called =
        |one: &Value| by.is_some_and(|by| one.get(by).or(Some(one)).and_then(Value::as_str) == Some(step));
    let by_id = all.iter().position(called);
    let by_number = || step.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < all.len());
    by_id.or_else(by_number)
}

fn put(at: &mut Value, last: &str, own: &str, value: Option<Value>) -> Option<()> {
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
        (Value::Array(all), Some(value)) => match place(all, last, called_by(own)) {
            Some(place) => *all.get_mut(place)? = value,
            None => all.push(value),
        },
        (Value::Array(all), None) => {
            let place = place(all, last, called_by(own))?;
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
        let base = || json!({"id": "R", "name": "Shop", "phases": [{"id": "p1", "share": 5}, {"id": "q", "criteria": ["quiet"]}], "success": [{"kpi": "a"}]});
        let cases = [
            ("version=2.1", "/version", json!("2.1")),
            ("success.1.actual=5", "/success/0/actual", json!("5")),
            ("contingency=switch back", "/contingency", json!("switch back")),
            (r#"services=["a","b"]"#, "/services", json!(["a", "b"])),
            ("phases.p1.share=25", "/phases/0/share", json!(25)),
            ("phases.p2.name=all", "/phases/2", json!({"id": "p2", "name": "all"})),
            ("phases.p1.start=tomorrow", "/phases/0/start", json!("T tomorrow")),
            ("success.1.target=none", "/success/0/target", json!("none")),
            ("acceptance.suite.passed=true", "/acceptance/0", json!({"name": "suite", "passed": true})),
            ("acceptance.1.kind=regression", "/acceptance/0", json!({"kind": "regression"})),
            ("success.a.target=5", "/success/0", json!({"kpi": "a", "target": "5"})),
            (
                "success.conversion.target=no drop",
                "/success/1",
                json!({"kpi": "conversion", "target": "no drop"}),
            ),
            ("phases.p1.steps.1.text=Switch over", "/phases/0/steps/0", json!({"text": "Switch over"})),
            ("phases.p1.criteria.p95.met=true", "/phases/0/criteria/0", json!({"text": "p95", "met": true})),
            (
                "phases.q.criteria.quiet.met=true",
                "/phases/1/criteria/0",
                json!({"text": "quiet", "met": true}),
            ),
            ("phases.q.criteria.1.met=false", "/phases/1/criteria/0", json!({"text": "quiet", "met": false})),
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
        assert_eq!(
            record,
            json!({"id": "R", "phases": [{"id": "q", "criteria": ["quiet"]}], "success": [{"kpi": "a"}]})
        );
        for wrong in [
            "name",
            "=x",
            "name.first=x",
            "phases..x=1",
            "phases.p1.steps.2.text=b",
            "phases.p1.steps.b.text=x",
            "phases.p9=",
            "phases.p9.name=",
        ] {
            assert!(set(&mut base(), wrong, &time).is_err(), "{wrong}");
        }
    }
}
