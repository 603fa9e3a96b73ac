//! From the first vocabulary to the second: what became of an item stood in issued minutes as a sentence, and is a type
//! now.

use serde_json::{Map, Value, json};

/// Brings an event of the first vocabulary to the second.
pub fn to_2(event: &mut Value) {
    let items = event.pointer_mut("/event/act/minutes/items").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
        minute_item(item);
    }
}

fn minute_item(item: &mut Map<String, Value>) {
    if let Some(said) = item.get("result").and_then(Value::as_str) {
        let result = result(said);
        item.insert("result".to_owned(), result);
    }
    let decisions = item.get_mut("decisions").and_then(Value::as_array_mut);
    for decided in decisions.into_iter().flatten().filter_map(Value::as_object_mut) {
        let word = decided.remove("word");
        let outcome = decided.remove("outcome");
        let said = word.as_ref().or(outcome.as_ref()).and_then(Value::as_str).unwrap_or_default();
        if let Some(verdict) = verdict(&said.replace('_', " ")) {
            decided.insert("verdict".to_owned(), verdict.into());
        }
    }
}

/// A sentence of the first vocabulary as a type.
fn result(said: &str) -> Value {
    let decided = |verdict: &str, then: Value| json!({"decided": {"verdict": verdict, "then": then}});
    match said {
        "not reached" => return json!("not_reached"),
        "skipped" => return json!("skipped"),
        "discussed, not decided" => return json!("discussed"),
        "approved, then lapsed, not decided again" => return json!("lapsed"),
        _ => {}
    }
    if let Some(meeting) = said.strip_prefix("deferred to ") {
        return json!({"deferred": meeting});
    }
    if let Some(became) = over(said) {
        return json!({"over": became});
    }
    if let Some(verdict) = verdict(said) {
        return decided(verdict, Value::Null);
    }
    let parts = said.split_once(", then ").and_then(|(word, then)| Some((verdict(word)?, then)));
    match parts {
        Some((verdict, "lapsed")) => decided(verdict, json!("lapsed")),
        Some((verdict, then)) if over(then).is_some() => decided(verdict, json!({"over": over(then)})),
        Some(_) | None => json!({"said": said}),
    }
}

fn verdict(word: &str) -> Option<&'static str> {
    Some(match word {
        "approved" => "approved",
        "rejected" => "rejected",
        "deferred" => "deferred",
        "needs info" => "needs_info",
        "ratified" => "ratified",
        "not ratified" => "not_ratified",
        "reviewed: successful" => "reviewed_successful",
        "reviewed: not successful" => "reviewed_not_successful",
        _ => return None,
    })
}

fn over(word: &str) -> Option<&'static str> {
    Some(match word {
        "cancelled" => "cancelled",
        "rejected in its own system" => "rejected",
        "closed" => "closed",
        "gone from its source" => "gone",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::minutes::ItemResult;

    #[test]
    fn every_sentence_of_the_first_vocabulary_has_its_own_type() {
        let mut seen = std::collections::BTreeSet::new();
        for said in [
            "not reached",
            "skipped",
            "discussed, not decided",
            "approved, then lapsed, not decided again",
            "deferred to cab-2026-12-01",
            "approved",
            "rejected",
            "deferred",
            "needs info",
            "ratified",
            "not ratified",
            "reviewed: successful",
            "reviewed: not successful",
            "approved, then lapsed",
            "approved, then cancelled",
            "rejected, then gone from its source",
            "cancelled",
            "closed",
            "rejected in its own system",
            "sung",
            "approved, then sung",
        ] {
            let result: ItemResult = serde_json::from_value(result(said)).unwrap();
            let words = if let ItemResult::Said(words) = &result { words.as_str() } else { "" };
            assert_eq!(words, if said.contains("sung") { said } else { "" }, "{result:?}");
            assert!(seen.insert(format!("{result:?}")), "{said} is a sentence of its own: {result:?}");
        }
    }
}
