//! What left the board for those outside it (telling § Handing over).

use serde::{Deserialize, Serialize};

use crate::model::{Line, Message, Prose};

/// What became of a message to an audience. A message is known by the number of the event that queued it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TellingAct {
    /// Somebody sends it; it waits to be handed over to each of its channels.
    Queued { message: Box<Message> },
    /// It is being handed over: from now on it counts as told, whatever the channel answers.
    HandedOver {
        message: u64,
        channel: Line,
        /// Addresses, or what else the channel calls those it goes to; no secret.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<Line>,
        text: Prose,
    },
    /// What the channel answered to what was handed over.
    Answered { message: u64, channel: Line, accepted: bool, words: Line },
    /// The channel did not take it: it was not told, and is handed over again later, but for what was given up.
    Refused {
        message: u64,
        channel: Line,
        words: Line,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        gave_up: bool,
    },
    /// It is not so any more: what waits of it is not handed over.
    Withdrawn { message: u64 },
}

#[cfg(test)]
mod tests {
    use crate::ledger::event::Event;

    #[test]
    fn what_was_written_reads_and_is_written_alike() {
        let written = [
            r#"{"type":"telling","item":"C1","act":{"type":"queued","message":{"audience":"shops","kind":"announcement","title":"New tills","outlook":{"course":"planned","planned":{"start":"2026-11-25T21:00:00Z","end":"2026-11-25T23:00:00Z"},"services":["shop"]},"responsible":"Bob Ray","channels":["mail"]}}}"#,
            r#"{"type":"telling","item":"C1","act":{"type":"queued","message":{"audience":"shops","kind":"running_late","title":"","outlook":{"course":"started"},"was":{"course":"on_hold"},"at":"2026-11-25T21:00:00Z","until":"2026-11-25T23:30:00Z","channels":[]}}}"#,
            r#"{"type":"telling","item":"C1","act":{"type":"handed_over","message":4,"channel":"mail","to":["a@example.com"],"text":"Planned"}}"#,
            r#"{"type":"telling","item":"C1","act":{"type":"answered","message":4,"channel":"mail","accepted":true,"words":"250 ok"}}"#,
            r#"{"type":"telling","item":"C1","act":{"type":"refused","message":4,"channel":"mail","words":"451 busy"}}"#,
            r#"{"type":"telling","item":"C1","act":{"type":"refused","message":4,"channel":"mail","words":"550 no","gave_up":true}}"#,
            r#"{"type":"telling","item":"C1","act":{"type":"withdrawn","message":4}}"#,
        ];
        for text in written {
            let event: Event = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&event).unwrap(), text);
        }
    }
}
