//! Acts of a meeting in words, after the meeting's name.

use crate::{label::count, ledger::event::MeetingAct, model::Prose, words::result::became as became_word};

/// What happened, without who, when and in which meeting: `now CHG0030042`.
pub fn act(act: &MeetingAct) -> String {
    match act {
        MeetingAct::Convened { name, board, start, .. } => format!("{name} of {board} convened for {start}"),
        MeetingAct::Placed { item, before: Some(before) } => format!("put {item} before {before}"),
        MeetingAct::Placed { item, before: None } => format!("put {item} last"),
        MeetingAct::Pulled { item, reason, deadline } => {
            let due = deadline.map(|due| format!(", votes close {due}")).unwrap_or_default();
            format!("asked for {item}{due}{}", with(reason.as_ref()))
        }
        MeetingAct::Started { chair, agenda, hash, .. } => {
            let hash = hash.get(..12).unwrap_or(hash);
            format!("started, {chair} in the chair, {} sealed as {hash}", count(agenda.len(), "item"))
        }
        MeetingAct::LateEntered { entry, reason, .. } => {
            format!("let {} in late{}", entry.item, with(Some(reason)))
        }
        MeetingAct::Focused { item: Some(item) } => format!("now {item}"),
        MeetingAct::Focused { item: None } => "no item in focus".to_owned(),
        MeetingAct::Skipped { item } => format!("skipped {item}"),
        MeetingAct::Deferred { item, to, reason } => {
            format!("postponed {item} to {to}{}", with(Some(reason)))
        }
        MeetingAct::Moved { item, before: Some(before) } => format!("moved {item} before {before}"),
        MeetingAct::Moved { item, before: None } => format!("moved {item} to the end"),
        MeetingAct::Restored { item } => format!("{item} waits again"),
        MeetingAct::PulledOut { item } => format!("pulled {item} out of the consent block"),
        MeetingAct::Presenter { item, present: true } => format!("{item} is presented"),
        MeetingAct::Presenter { item, present: false } => format!("nobody presents {item}"),
        MeetingAct::Consented { items, left_out } => {
            let out: Vec<String> =
                left_out.iter().map(|left| format!("{} ({})", left.item, left.why)).collect();
            let out = if out.is_empty() { String::new() } else { format!(", left out {}", out.join(", ")) };
            format!("{} by consent{out}", count(items.len(), "item"))
        }
        MeetingAct::Paused => "paused".to_owned(),
        MeetingAct::Resumed => "goes on".to_owned(),
        MeetingAct::Arrived { person, marked, .. } => format!("{person} is here{}", by_chair(*marked)),
        MeetingAct::Left { person, marked } => format!("{person} left{}", by_chair(*marked)),
        MeetingAct::RecusalProposed { item, person, reason } => {
            format!("{person} is asked to step out of {item}{}", with(Some(reason)))
        }
        MeetingAct::Became { item, became } => format!("{item}: {}", became_word(became)),
        MeetingAct::ChairTaken { person, from, reason } => {
            format!("{person} took the chair from {from}{}", with(reason.as_ref()))
        }
        MeetingAct::ChairRenewed => "the chair is still there".to_owned(),
        MeetingAct::Ended { open } => match open.len() {
            0 => "ended".to_owned(),
            1 => "ended, one item comes again".to_owned(),
            more => format!("ended, {more} items come again"),
        },
        MeetingAct::MinutesIssued { .. } => "issued the minutes".to_owned(),
        MeetingAct::MinutesAmended { text } => format!("added to the minutes{}", with(Some(text))),
    }
}

fn by_chair(marked: bool) -> &'static str {
    if marked { ", marked by the chair" } else { "" }
}

/// A text after a colon, on one line.
fn with<'a>(text: impl Into<Option<&'a Prose>>) -> String {
    let text = text.into().map(Prose::words).filter(|text| !text.is_empty());
    text.map(|text| format!(": {text}")).unwrap_or_default()
}
