//! What a system says when it says no: the sentence in an answer of JSON, in any of the shapes systems have for it.

use serde_json::Value;

use super::Answer;
use crate::model::text::clean_line;

/// The longest sentence that is shown, in characters.
const LONGEST: usize = 300;

impl Answer {
    /// The system's own sentence, cleaned, at most 300 characters; none where the body is no JSON or says nothing.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let value: Value = serde_json::from_slice(&self.bytes).ok()?;
        let mut found = Vec::new();
        gather(&value, &mut found);
        let text = clean_line(&found.join("; ")).trim().chars().take(LONGEST).collect::<String>();
        (!text.is_empty()).then_some(text)
    }
}

/// `{"message": …}`, `{"error": …, "error_description": …}`, `{"errors": […]}`, `["CODE", "text"]`, `{"field": ["text"]}`.
fn gather(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(fields) => {
            let told = ["message", "messages", "error", "error_description", "errors", "response_status"];
            told.iter().filter_map(|name| fields.get(*name)).for_each(|inner| match inner {
                // The names of the fields that are wrong are part of the sentence.
                Value::Object(wrong) if told.iter().all(|name| !wrong.contains_key(*name)) => {
                    for (field, why) in wrong {
                        let mut whys = Vec::new();
                        gather(why, &mut whys);
                        found.push(format!("{field} {}", whys.join(", ")));
                    }
                }
                inner => gather(inner, found),
            });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
