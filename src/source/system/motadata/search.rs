//! `search/byqual`: what is asked, and how its pages are followed although paging is nowhere documented.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::token::Tokens;
use crate::{
    model::Instant,
    source::{
        http::{Call, HttpError, Login},
        system::{Refusal, session::Session},
    },
};

/// An object as the API gives it: every field but `id` may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Object(Map<String, Value>);

#[derive(Debug, Default, Deserialize)]
pub struct Found {
    #[serde(rename = "objectList", default)]
    list: Option<Vec<Object>>,
    #[serde(rename = "totalCount", default)]
    pub total: Option<usize>,
}

impl Found {
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        self.list.as_deref().unwrap_or_default()
    }
}

impl Object {
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        self.0.get("id").and_then(Value::as_i64)
    }

    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// A text, or a number as text; empty where there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> String {
        match self.get(field) {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
            _ => String::new(),
        }
    }

    /// Several texts: a list, or a text with commas.
    #[must_use]
    pub fn texts(&self, field: &str) -> Vec<String> {
        match self.get(field) {
            Some(Value::Array(list)) => {
                list.iter().filter_map(Value::as_str).map(|text| text.trim().to_owned()).collect()
            }
            _ => self.text(field).split(',').map(|text| text.trim().to_owned()).collect(),
        }
    }

    /// Milliseconds since 1970; nothing for 0.
    #[must_use]
    pub fn time(&self, field: &str) -> Option<Instant> {
        let millis = self.get(field)?.as_i64().filter(|millis| *millis > 0)?;
        Some(Instant::from_secs(millis.div_euclid(1000)))
    }
}

fn relation(operand: &Value, operator: &str, value: &Value) -> Value {
    json!({ "type": "RelationalQualificationRest", "leftOperand": operand, "operator": operator,
        "rightOperand": { "type": "ValueOperandRest", "value": value } })
}

/// Everything there is, in the documented vocabulary.
#[must_use]
pub fn everything() -> Value {
    let ids = json!({ "type": "ListLongValueRest", "value": [0] });
    relation(&json!({ "type": "DbOperandRest", "key": "id" }), "not_in", &ids)
}

/// One by its id.
#[must_use]
pub fn by_id(id: i64) -> Value {
    let ids = json!({ "type": "ListLongValueRest", "value": [id] });
    relation(&json!({ "type": "DbOperandRest", "key": "id" }), "in", &ids)
}

/// What moved since then.
#[must_use]
pub fn since(at: Instant) -> Value {
    let millis = json!({ "type": "LongValueRest", "value": at.secs() * 1000 });
    relation(&json!({ "type": "DbOperandRest", "key": "updatedTime" }), "GreaterThanOrEqual", &millis)
}

/// Conversations of one type.
#[must_use]
pub fn conversations(kind: &str) -> Value {
    let value = json!({ "type": "EnumValueRest", "value": kind });
    let operand = json!({ "type": "PropertyOperandRest", "key": ".conversation.conversationType" });
    relation(&operand, "equal", &value)
}

/// Asks for a page, by rows.
///
/// # Errors
/// When it cannot be had.
pub async fn search(
    session: &Session<Tokens>,
    address: &str,
    qual: &Value,
    (offset, size): (usize, usize),
    login: &Login,
) -> Result<Found, Refusal> {
    let body = json!({ "qualDetails": { "type": "FlatQualificationRest", "quals": [qual] } });
    let call = Call::post(address)
        .header("accept", "application/json")
        .query("offset", offset.to_string())
        .query("size", size.to_string())
        .query("sort_by", "id")
        .json(body);
    // Asked twice it answers the same: searching changes nothing.
    let answer = session.read(call, login).await?;
    let found: Found = answer.read()?;
    if found.list.is_none() {
        return Err(Refusal::Http(HttpError::Garbled {
            place: answer.place,
            reason: "there is no objectList in it".to_owned(),
        }));
    }
    Ok(found)
}
