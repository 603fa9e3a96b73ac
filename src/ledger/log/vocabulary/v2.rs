//! From the second vocabulary to the third: sentences inside events are types now, and those of the second stand as written.
//!
//! How a round was routed, what its count came to, what differs in the rules, what an item of an agenda lacks and why it is
//! there, why one did not pass by consent: each type of these takes a sentence as `Said`, and says it as it is. So nothing
//! is rewritten here, an agenda keeps the hash it was sealed under, and an old log is read as fast as a new one.

use serde_json::Value;

/// Brings an event of the second vocabulary to the third.
pub fn to_3(_event: &mut Value) {}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ledger::{event::LogEntry, log::vocabulary};

    /// An event of the second vocabulary, as a program of its time wrote it.
    fn written(event: &Value) -> String {
        let by = json!({"known": "verified", "login": "ann", "person": "ann"});
        let prev = "0".repeat(64);
        json!({"at": "2026-11-23T14:00:00Z", "by": by, "event": event, "n": 1, "prev": prev, "v": 2})
            .to_string()
    }

    #[test]
    fn what_the_second_vocabulary_wrote_as_a_sentence_stays_that_sentence() {
        let agenda = json!({
            "item": "C1", "title": "x", "revision": null, "section": "normal", "minutes": 5, "start": null, "end": null,
            "risk": "low", "presenter": null, "not_ready": ["no tested rollback", "2 open questions"],
            "why": "deferred from cab-2026-11-17"
        });
        let meeting = |act: Value| json!({"type": "meeting", "meeting": "cab-1", "act": act});
        let revision = format!("1-{}", "0".repeat(64));
        for event in [
            json!({"type": "round_closed", "item": "C1", "round": 1, "revision": revision, "outcome": "approved",
                "arithmetic": {"yes": 3, "no": 0, "abstain": 0, "electorate": 5, "quorum_need": 3, "quorum_met": true,
                    "by_silence": false, "line": "sung 3–0"},
                "cause": "chair", "due": null, "reason": null}),
            json!({"type": "rules_changed", "rules": crate::model::RuleBook::default(), "summary": ["policies: sung"]}),
            meeting(json!({"type": "late_entered", "entry": agenda, "reason": "x"})),
            meeting(
                json!({"type": "consented", "items": [], "left_out": [{"item": "C1", "why": "a blocking clash is open"}]}),
            ),
        ] {
            let entry: LogEntry = vocabulary::read(written(&event).as_bytes()).unwrap();
            assert_eq!(serde_json::to_value(&entry).unwrap()["event"], event);
        }
    }
}
