//! What left the board for its people, each for themselves (notices § Handing over).

use serde::{Deserialize, Serialize};

use crate::model::{Line, NoticeKey};

/// What became of a message to a person. It is known by the number of the event that handed it over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum NoticeAct {
    /// One message with these states is being handed over: from now on they count as told, whatever the channel answers.
    HandedOver { channel: Line, states: Vec<NoticeKey> },
    /// What the channel answered to what was handed over.
    Answered { message: u64, accepted: bool, words: Line },
    /// The channel did not take it: it was not told, and what is still so then goes out later, but for what was given up.
    Refused {
        message: u64,
        words: Line,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        gave_up: bool,
    },
}

#[cfg(test)]
mod tests {
    use crate::ledger::event::Event;

    #[test]
    fn what_was_written_reads_and_is_written_alike() {
        let written = [
            r#"{"type":"notified","person":"ann","act":{"type":"handed_over","channel":"mail","states":[{"state":"vote_needed","item":"C1","mark":"2"},{"state":"overdue","mark":"7"}]}}"#,
            r#"{"type":"notified","person":"ann","act":{"type":"answered","message":4,"accepted":true,"words":"250 ok"}}"#,
            r#"{"type":"notified","person":"ann","act":{"type":"refused","message":4,"words":"451 busy"}}"#,
            r#"{"type":"notified","person":"ann","act":{"type":"refused","message":4,"words":"550 no","gave_up":true}}"#,
        ];
        for text in written {
            let event: Event = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&event).unwrap(), text);
        }
    }
}
