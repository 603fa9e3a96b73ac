//! Unknown fields: into the `extra` of their record when reading, back to their place when writing.
//!
//! A field of the record itself is kept under its name, one further in under its JSON pointer (`/steps/0/colour`).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::extra::Extra;
use crate::model::text::{clean_fields, clean_line};

/// A pointer for people, without its indices: `/steps/0/colour` is `steps[].colour`.
pub(super) fn shown(pointer: &str) -> String {
    let mut out = String::new();
    for part in pointer.split('/').skip(1) {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            out.push_str("[]");
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(&clean_line(&unescape(part)));
        }
    }
    out
}

/// Takes the fields at `pointers` out of a record's JSON, keyed as `extra` keeps them.
pub(super) fn collect(record: &Value, pointers: &[String]) -> Extra {
    let mut extra = BTreeMap::new();
    for pointer in pointers {
        if let Some(value) = record.pointer(pointer) {
            let plain = pointer.strip_prefix('/').filter(|name| !name.contains(['/', '~']));
            extra.insert(plain.unwrap_or(pointer).to_owned(), value.clone());
        }
    }
    clean_fields(extra).into_iter().collect()
}

/// Puts kept fields back into a record's JSON. One whose place is gone stays beside the record's own fields, and so
/// does nothing to a field that is known.
pub(super) fn restore(record: &mut Map<String, Value>, extra: &Extra) {
    for (name, value) in extra.iter() {
        let (name, value) = (name.to_owned(), value.clone());
        let field = match place(record, &name) {
            Some((map, field)) if !map.contains_key(&field) => {
                map.insert(field, value);
                continue;
            }
            _ => name,
        };
        record.entry(field).or_insert(value);
    }
}

fn place<'a>(record: &'a mut Map<String, Value>, name: &str) -> Option<(&'a mut Map<String, Value>, String)> {
    let Some((parent, field)) = name.rsplit_once('/') else { return Some((record, name.to_owned())) };
    let mut parts = parent.split('/').skip(1).map(unescape);
    let Some(first) = parts.next() else { return Some((record, unescape(field))) };
    let mut at = record.get_mut(&first)?;
    for part in parts {
        at = match at {
            Value::Object(map) => map.get_mut(&part)?,
            Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some((at.as_object_mut()?, unescape(field)))
}

fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}
