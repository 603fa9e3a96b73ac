//! The words of the log and their ages: each event names the vocabulary it is written in, and is read for ever.
//!
//! An event of an older vocabulary is brought up to date as it is read, one step at a time, a file a step; its bytes and
//! their hash stay as they are. One of a newer vocabulary is refused in a sentence: what is not understood is not folded.
//! The format of a board's file follows: a program that knows neither does not open it.

mod v1;
mod v2;
mod v3;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    ledger::event::{Event, LogEntry, first_vocabulary},
    model::Line,
};

/// The vocabulary that new events are written in. Events of the first one name none.
pub const CURRENT: u32 = 4;

/// What is written while a service of this board reads less than this program does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The newest vocabulary that all of them read.
    pub to: u32,
    /// Which of them reads no more, as people know it.
    pub by: Line,
}

/// Brings an event one vocabulary on, in place; whether anything was changed is nobody's business.
type Step = fn(&mut Value);

/// From each vocabulary to the next, the first one first.
const STEPS: [Step; CURRENT as usize - 1] = [v1::to_2, v2::to_3, v3::to_4];

/// The part of an event that says how the rest is to be read.
#[derive(Deserialize)]
struct Age {
    #[serde(default = "first_vocabulary")]
    v: u32,
}

/// Reads the bytes of an event of any vocabulary up to the current one.
///
/// # Errors
/// When it is of a newer one, or no event.
pub fn read(bytes: &[u8]) -> Result<LogEntry, String> {
    // Most events are of one shape in every vocabulary, and are read at once.
    match serde_json::from_slice::<LogEntry>(bytes) {
        Ok(entry) if entry.v <= CURRENT => Ok(entry),
        Ok(entry) => Err(newer(entry.v)),
        Err(why) => read_old(bytes).unwrap_or_else(|| Err(why.to_string())),
    }
}

/// Reads an event whose shape is not today's; `None` where its age does not explain that.
fn read_old(bytes: &[u8]) -> Option<Result<LogEntry, String>> {
    let Age { v } = serde_json::from_slice(bytes).ok()?;
    if v > CURRENT {
        return Some(Err(newer(v)));
    }
    let steps = STEPS.get(usize::try_from(v).ok()?.checked_sub(1)?..).filter(|steps| !steps.is_empty())?;
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    steps.iter().for_each(|step| step(&mut value));
    Some(serde_json::from_value(value).map_err(|error| error.to_string()))
}

/// The first vocabulary that has this kind of event. Services of one board began to say what they read with the fourth, so none
/// of them reads less than the third.
#[must_use]
pub fn first_with(event: &Event) -> u32 {
    match event {
        Event::IncidentLinked { .. }
        | Event::Written { .. }
        | Event::Release { .. }
        | Event::Telling { .. }
        | Event::Notified { .. }
        | Event::Template { .. }
        | Event::PipelineTold { .. }
        | Event::PipelineAssigned { .. }
        | Event::HeadSigned { .. }
        | Event::ServiceKeyChanged { .. }
        | Event::GivenUp { .. } => 4,
        Event::RoundOpened { .. }
        | Event::AutoApproved { .. }
        | Event::Voted { .. }
        | Event::VoteWithheld { .. }
        | Event::Withdrawn { .. }
        | Event::Recused { .. }
        | Event::Commented { .. }
        | Event::RoundClosed { .. }
        | Event::RollCallAnswered { .. }
        | Event::SaidOtherwise { .. }
        | Event::Cleared { .. }
        | Event::PeopleChanged { .. }
        | Event::ConditionAdded { .. }
        | Event::ConditionMet { .. }
        | Event::Lapsed { .. }
        | Event::ItemObserved { .. }
        | Event::Acknowledged { .. }
        | Event::Unacknowledged { .. }
        | Event::ChairNamed { .. }
        | Event::Delegated { .. }
        | Event::DelegationEnded { .. }
        | Event::Edited { .. }
        | Event::MoveProposed { .. }
        | Event::Reviewed { .. }
        | Event::RulesChanged { .. }
        | Event::Imported { .. }
        | Event::FewerAccepted { .. }
        | Event::Pushed { .. }
        | Event::RollbackAsked { .. }
        | Event::Run { .. }
        | Event::Meeting { .. }
        | Event::QuestionAsked { .. }
        | Event::QuestionAnswered { .. }
        | Event::ItemRead { .. }
        | Event::GlassBroken { .. }
        | Event::OverrideProposed { .. }
        | Event::ActionAdded { .. }
        | Event::ActionClosed { .. }
        | Event::Away { .. }
        | Event::FrozenNow { .. }
        | Event::Thawed { .. } => 3,
    }
}

fn newer(v: u32) -> String {
    format!("it is written in vocabulary {v} of the log, and this program knows up to {CURRENT}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_event_is_refused_in_a_sentence_whatever_it_says() {
        for event in [r#"{"type":"commented","item":"C1","text":"x"}"#, r#"{"type":"sung"}"#] {
            let by = r#"{"known":"system","login":"q","person":null}"#;
            let zeros = "0".repeat(64);
            let of = |v: &str| {
                format!(
                    r#"{{"at":"2026-11-23T14:00:00Z","by":{by},"event":{event},"n":1,"prev":"{zeros}"{v}}}"#
                )
            };
            let refused = read(of(&format!(r#","v":{}"#, CURRENT + 1)).as_bytes()).unwrap_err();
            assert_eq!(refused, "it is written in vocabulary 5 of the log, and this program knows up to 4");
            assert_eq!(read(of("").as_bytes()).is_ok(), event.contains("commented"), "{event}");
        }
    }
}
