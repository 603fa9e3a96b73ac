//! One event of the log in a sentence: who did what to what.

use crate::{
    model::Id,
    wire::{Entry, Event, RoundOutcome, Vote},
};

/// Who acted, as lists show it.
#[must_use]
pub fn who(entry: &Entry) -> String {
    entry.by.person.as_ref().map_or_else(|| entry.by.login.to_string(), Id::to_string)
}

/// What was done, without who and without the item: `voted no on 4f1c9a`.
#[must_use]
pub fn what(event: &Event) -> String {
    match event {
        Event::RoundOpened { round, policy, seats, .. } => {
            format!(
                "opened voting: {}, {}, round {round}",
                policy.id,
                crate::words::count(seats.len(), "seat")
            )
        }
        Event::AutoApproved { template, .. } => format!("approved by template {template}"),
        Event::Voted { person, vote, comment, roll_call, reaffirmed, revision, .. } => {
            let again = if *reaffirmed { " again" } else { "" };
            let whose = if *roll_call { format!(" for {person}") } else { String::new() };
            let why = comment.as_ref().map(|text| format!(": {}", text.words())).unwrap_or_default();
            format!("voted {}{again}{whose} on {}{why}", vote_word(*vote), revision.short())
        }
        Event::VoteWithheld { .. } => {
            "voted, secretly; the vote stayed behind in the board this is a copy of".to_owned()
        }
        Event::Withdrawn { .. } => "withdrew the vote".to_owned(),
        Event::Recused { reason, .. } => with("recused", reason.as_deref()),
        Event::Commented { text, .. } => format!("commented: {}", text.words()),
        Event::RoundClosed { outcome, arithmetic, reason, .. } => {
            let silence = if arithmetic.by_silence { ", no objection received" } else { "" };
            let count = format!(
                "{}-{}-{}/{}",
                arithmetic.yes, arithmetic.no, arithmetic.abstain, arithmetic.electorate
            );
            with(&format!("closed: {} {count}{silence}", outcome_word(*outcome)), reason.as_deref())
        }
        Event::ConditionAdded { condition, text, owner, .. } => {
            format!("condition {condition} for {owner}: {}", text.words())
        }
        Event::ConditionMet { condition, .. } => format!("condition {condition} is met"),
        Event::Lapsed { changes, .. } => {
            let fields: Vec<String> = changes.iter().map(|change| change.field.replace('_', " ")).collect();
            format!("approval lapsed: edited {}", fields.join(", "))
        }
        Event::ItemObserved { from, to, .. } => match from {
            Some(from) if from == to => format!("edited at its source, still {to}"),
            Some(from) => format!("{from} > {to} at its source"),
            None => format!("{to} at its source"),
        },
        Event::Acknowledged { conflict, reason, .. } => {
            let other = conflict.b.as_ref().map(|b| format!(" and {b}")).unwrap_or_default();
            format!("acknowledged {} of {}{other}: {}", conflict.rule.name(), conflict.a, reason.words())
        }
        Event::Unacknowledged { conflict, reason } => {
            with(&format!("took back the acknowledgement of {}", conflict.rule.name()), reason.as_deref())
        }
        Event::Delegated { from, to, .. } => format!("{to} sits for {from}"),
        Event::DelegationEnded { from, to, .. } => format!("{to} sits for {from} no longer"),
        Event::Edited { changes, .. } => {
            let fields = changes
                .iter()
                .map(|change| format!("{} {} > {}", change.field.replace('_', " "), change.old, change.new));
            format!("edited {}", fields.collect::<Vec<_>>().join(", "))
        }
        Event::MoveProposed { was, start, .. } => {
            format!("asked its source to move it from {was} to {start}")
        }
        Event::Reviewed { successful, text, .. } => {
            let how = if *successful { "successful" } else { "not successful" };
            format!("reviewed, {how}: {}", text.words())
        }
        Event::RulesChanged { summary, .. } => format!("changed the rules: {}", summary.join(", ")),
        Event::Imported { from, added, changed, unchanged } => {
            format!("imported {from}: {added} added, {changed} changed, {unchanged} unchanged")
        }
        Event::Pushed { source, write, accepted, words, .. } => {
            let how = if *accepted { "accepted" } else { "refused" };
            format!("{source} {how} {write}: {words}")
        }
        Event::RollbackAsked { .. } => "asked to roll back: go".to_owned(),
        Event::ChairNamed { person, .. } => format!("named {person} to the chair"),
        Event::RollCallAnswered { agrees: true, .. } => "confirmed the vote entered for them".to_owned(),
        Event::RollCallAnswered { comment, .. } => {
            with("disputed the vote entered for them", comment.as_deref())
        }
        Event::SaidOtherwise { person, vote, comment, .. } => {
            with(&format!("{person} says {} instead, to be confirmed", vote_word(*vote)), comment.as_deref())
        }
        Event::Cleared { person, shown, reason, .. } => {
            with(&format!("{person} is not {shown}"), reason.as_deref())
        }
        Event::PeopleChanged { .. }
        | Event::FewerAccepted { .. }
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
        | Event::Thawed { .. } => event.said(),
    }
}

/// What it was about; empty for the board itself.
#[must_use]
pub fn item(event: &Event) -> &str {
    event.item().map_or("", Id::as_str)
}

const fn vote_word(vote: Vote) -> &'static str {
    match vote {
        Vote::Approve => "yes",
        Vote::Reject => "no",
        Vote::Abstain => "abstain",
    }
}

fn outcome_word(outcome: RoundOutcome) -> String {
    outcome.word().replace('_', " ")
}

fn with(words: &str, reason: Option<&str>) -> String {
    match reason.filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{words}: {}", reason.split_whitespace().collect::<Vec<_>>().join(" ")),
        None => words.to_owned(),
    }
}
