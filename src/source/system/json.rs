//! JSON of systems, read by names, or by paths such as `user.name`. What is not there, or is of another kind than was
//! asked for, reads as nothing.

use serde_json::Value;

use super::Setup;
use crate::model::{Instant, Line};

/// A field by its name, else by the parts of its path.
#[must_use]
pub fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    let by_path = || path.split('.').try_fold(value, |value, name| value.get(name));
    value.get(path).or_else(by_path).unwrap_or(&Value::Null)
}

/// A text, as it stands there.
#[must_use]
pub fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    at(value, path).as_str().unwrap_or_default()
}

/// A text without the space around it, where it says something.
#[must_use]
pub fn line(value: &Value, path: &str) -> Option<Line> {
    Setup::line(text(value, path))
}

/// A whole number.
#[must_use]
pub fn number(value: &Value, path: &str) -> Option<i64> {
    at(value, path).as_i64()
}

/// A number by which something is known: there is none for 0.
#[must_use]
pub fn key(value: &Value, path: &str) -> Option<u64> {
    at(value, path).as_u64().filter(|key| *key > 0)
}

/// A time as RFC 3339 writes it.
#[must_use]
pub fn instant(value: &Value, path: &str) -> Option<Instant> {
    text(value, path).trim().parse().ok()
}

#[must_use]
pub fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    at(value, path).as_array().map_or(&[], Vec::as_slice)
}

/// A text, a number as text, or several of them with commas; an object says nothing by itself.
#[must_use]
pub fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => {
            list.iter().map(words).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_found_by_its_name_then_by_its_path_and_what_is_odd_is_nothing() {
        let value = json!({
            "user": { "name": " Ann ", "id": 0 }, "user.name": "by its whole name", "tags": ["a", 2, null],
            "at": "2026-11-22T14:00:00Z", "flag": true,
        });
        for (path, want) in [
            ("user.name", "by its whole name"),
            ("user.id", "0"),
            ("tags", "a, 2"),
            ("flag", ""),
            ("user", ""),
            ("user.name.first", ""),
            ("nothing.here", ""),
        ] {
            assert_eq!(words(at(&value, path)), want, "{path}");
        }
        assert_eq!((key(&value, "user.id"), number(&value, "user.id")), (None, Some(0)));
        assert_eq!((instant(&value, "at").is_some(), instant(&value, "tags")), (true, None));
        assert_eq!((list(&value, "tags").len(), list(&value, "at").len()), (3, 0));
    }
}
