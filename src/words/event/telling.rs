//! What left the board for those outside it, in words.

use crate::{label::Label, ledger::event::TellingAct};

/// What happened; `of` is ` of CHG0030042` where the item is named.
pub fn act(act: &TellingAct, of: &str) -> String {
    match act {
        TellingAct::Queued { message } => {
            format!("sent the {}{of} to {}", message.kind.label(), message.audience)
        }
        TellingAct::HandedOver { message, channel, to, .. } => {
            let to = if to.is_empty() { String::new() } else { format!(", to {}", crate::label::listed(to)) };
            format!("handed message {message}{of} over to {channel}{to}")
        }
        TellingAct::Answered { message, channel, accepted, words } => {
            let verb = if *accepted { "took" } else { "did not confirm" };
            format!("{channel} {verb} message {message}{of}: {words}")
        }
        TellingAct::Refused { message, channel, words, gave_up } => {
            let tail = if *gave_up { ", given up" } else { ", tried again later" };
            format!("{channel} refused message {message}{of}: {words}{tail}")
        }
        TellingAct::Withdrawn { message } => {
            format!("took message {message}{of} back: it is not so any more")
        }
    }
}
