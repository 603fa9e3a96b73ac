//! What left the board for its people, in words.

use crate::{label::count, ledger::event::NoticeAct, model::Id};

/// What happened.
pub fn act(person: &Id, act: &NoticeAct) -> String {
    match act {
        NoticeAct::HandedOver { channel, states } => {
            format!("handed {} for {person} over to {channel}", count(states.len(), "notice"))
        }
        NoticeAct::Answered { message, accepted, words } => {
            let verb = if *accepted { "took" } else { "did not confirm" };
            format!("the channel {verb} message {message} to {person}: {words}")
        }
        NoticeAct::Refused { message, words, gave_up } => {
            let tail = if *gave_up { ", given up" } else { ", tried again later" };
            format!("the channel refused message {message} to {person}: {words}{tail}")
        }
    }
}
