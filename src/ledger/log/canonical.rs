//! Canonical JSON (RFC 8785) for what the log holds: keys sorted, no spaces, whole numbers below 2^53, no fractions.

use serde::Serialize;
use serde_json::{Map, Number, Value};

/// Why a value has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    #[error("{0} is no whole number below 2^53; write it as a text")]
    Number(String),
    #[error("it cannot be written as JSON: {0}")]
    Json(String),
}

const LIMIT: u64 = 1 << 53;

/// The canonical bytes of a value.
///
/// # Errors
/// When it holds a fraction or a number of 2^53 and more.
pub fn canonical(value: &impl Serialize) -> Result<Vec<u8>, NotCanonical> {
    let value = serde_json::to_value(value).map_err(|e| NotCanonical::Json(e.to_string()))?;
    let mut out = Vec::with_capacity(512);
    write(&value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(number) => out.extend(whole(number)?.bytes()),
        Value::String(text) => write_text(text, out)?,
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => write_map(map, out)?,
    }
    Ok(())
}

fn write_map(map: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let mut keys: Vec<(&String, &Value)> = map.iter().collect();
    // RFC 8785 sorts by UTF-16 code units; for ASCII keys that is their bytes.
    keys.sort_unstable_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push(b'{');
    for (at, (key, value)) in keys.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_text(key, out)?;
        out.push(b':');
        write(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// `serde_json` escapes exactly what RFC 8785 escapes, in the same way.
fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    serde_json::to_writer(out, text).map_err(|e| NotCanonical::Json(e.to_string()))
}

fn whole(number: &Number) -> Result<String, NotCanonical> {
    let fits = number
        .as_u64()
        .map_or_else(|| number.as_i64().is_some_and(|n| n.unsigned_abs() < LIMIT), |n| n < LIMIT);
    if fits { Ok(number.to_string()) } else { Err(NotCanonical::Number(number.to_string())) }
}
