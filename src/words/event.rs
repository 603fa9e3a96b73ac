//! Events of the record in words, one sentence each: for the Record screen, the history of an item, `audit log` and search.
//!
//! Without who and when: those stand beside it. Times are those of the log, in UTC.

mod about;
mod meeting;
mod notice;
mod release;
mod run;
mod telling;
mod template;

use super::{Form, told::Told};
use crate::{
    label::{Label, cast, listed},
    ledger::event::{Event, LogEntry},
    model::Id,
};

/// Who acted, as lists show it: the person, or the login of somebody who is nobody here.
#[must_use]
pub fn actor(entry: &LogEntry) -> &str {
    entry.by.person.as_ref().map_or_else(|| entry.by.login.as_str(), Id::as_str)
}

/// By whose login they came, where it was another's: `via su from bin`.
#[must_use]
pub fn via(entry: &LogEntry) -> Option<String> {
    entry.by.via.as_ref().map(|via| format!("via su from {via}"))
}

/// What an event was about; empty for the board itself.
#[must_use]
pub fn subject(event: &Event) -> &str {
    event.item().map_or("", Id::as_str)
}

/// What happened: `voted yes on CHG0030042, round 2`, and beside the item `voted yes on 4f1c9a`.
#[must_use]
pub fn sentence(event: &Event, form: Form) -> String {
    tell(event, form).done()
}

/// One arm an event, found by its name; what takes more is put together in [`about`].
#[expect(clippy::too_many_lines, reason = "one arm an event")]
fn tell(event: &Event, form: Form) -> Told {
    use Event as E;
    macro_rules! say {
        ($($text:tt)+) => { Told::new(form, format!($($text)+)) };
    }
    match event {
        E::RoundOpened { item, round, board, policy, seats, cause, .. } => {
            let (whole, beside) = (about::opened(board, policy, *cause), about::policy(policy, seats));
            say!("opened round {round}").with(" on ", item).either(whole, beside)
        }
        E::AutoApproved { item, template, .. } => say!("approved").with(" ", item).put(about::by(template)),
        E::Voted { item, round, revision, person, vote, comment, roll_call, reaffirmed, .. } => {
            let told = say!("{}{}", cast(*vote), about::whose(*roll_call, person, *reaffirmed));
            told.on(item, *round).beside(about::at(" on ", revision)).wrote(comment)
        }
        E::RollCallAnswered { item, round, person, agrees, comment } => {
            say!("{}", about::answered(form, person, *agrees)).on(item, *round).wrote(comment)
        }
        E::SaidOtherwise { item, round, person, vote, comment, .. } => {
            say!("{person} says {} instead, to be confirmed", vote.label()).on(item, *round).wrote(comment)
        }
        E::Cleared { item, shown, person, reason, .. } => {
            say!("{person} is not {shown}").with(", named by ", item).wrote(reason)
        }
        E::HeadSigned { n, .. } => say!("signed the head of event {n}"),
        E::ServiceKeyChanged { key, proof } => say!("{}", about::service_key(key, proof.is_some())),
        E::PeopleChanged { changes } => say!("changed people: {}", about::people(changes)),
        E::VoteWithheld { item, round, .. } => say!("voted").on(item, *round).put(about::WITHHELD),
        E::Withdrawn { item, round, .. } => say!("withdrew the vote").on(item, *round),
        E::Recused { item, round, person, reason } => {
            say!("recused").with(" ", person).on(item, *round).wrote(reason)
        }
        E::Commented { item, text } => say!("commented").with(" on ", item).wrote(text),
        E::RoundClosed { item, round, outcome, arithmetic, cause, reason, .. } => {
            let ended = about::ended(form, *outcome, arithmetic, *cause);
            say!("closed").with(" round ", round).with(" on ", item).put(ended).wrote(reason)
        }
        E::ConditionAdded { item, condition, text, owner } => {
            say!("added condition {condition} for {owner}").with(" to ", item).wrote(text)
        }
        E::ConditionMet { item, condition } => {
            say!("condition {condition}").with(" of ", item).put(" is met")
        }
        E::Lapsed { item, changes, .. } => {
            say!("the approval").with(" of ", item).put(" lapsed: ").put(about::lapsed(form, changes))
        }
        E::ItemObserved { item, from, to, .. } => say!("{}", about::moved(form, item, from.as_deref(), to)),
        E::Acknowledged { conflict, severity, reason, until, .. } => {
            let told = say!("acknowledged ").with(severity.label(), " ").put(about::clash(conflict));
            told.with(" until ", until).wrote(reason)
        }
        E::Unacknowledged { conflict, reason } => {
            say!("took back the acknowledgement of {}", about::clash(conflict)).wrote(reason)
        }
        E::ChairNamed { item, person } => say!("named {person} to the chair").with(" of ", item),
        E::Delegated { board, from, to, start, end } => {
            say!("{to} acts for {from}").whole(format_args!(" at {board} from {start} to {end}"))
        }
        E::DelegationEnded { board, from, to, .. } => {
            say!("{to} no longer acts for {from}").with(" at ", board)
        }
        E::Written { kind, id, created, changes } => {
            let verb = if *created { "made" } else { "edited" };
            say!("{verb} the {} {id}", kind.word()).put(": ").put(about::edits(changes))
        }
        E::Edited { item, changes } => say!("edited").with(" ", item).put(": ").put(about::edits(changes)),
        E::IncidentLinked { incident, item, relation, linked, reason } => {
            let not = if *linked { "" } else { "not " };
            say!("{incident} is {not}{}", relation.word()).either(format!(" {item}"), " it").wrote(reason)
        }
        E::MoveProposed { item, was, start, .. } => {
            say!("asked its source to move it").with(", ", item).put(format_args!(", from {was} to {start}"))
        }
        E::Reviewed { item, successful, text } => {
            say!("reviewed").with(" ", item).put(about::success(*successful)).wrote(text)
        }
        E::RulesChanged { summary, .. } => {
            say!("changed the board's rules: {}", listed(summary.iter().map(ToString::to_string)))
        }
        E::Imported { from, added, changed, unchanged } => {
            say!("imported {from}: {added} added, {changed} changed, {unchanged} unchanged")
        }
        E::FewerAccepted { source, what, before, after } => {
            say!("said that {source} has {after} {what}, where it had {before}")
        }
        E::Pushed { source, item, write, accepted, words } => {
            let verb = if *accepted { "accepted" } else { "refused" };
            say!("{source} {verb} {write}").with(" on ", item).put(": ").put(words)
        }
        E::GivenUp { item, source, person, reason } => {
            let told = say!("gave up writing the vote of {person} to {source}").with(" on ", item);
            told.put("; it counts here and was never written there").wrote(reason)
        }
        E::RollbackAsked { item } => say!("asked the gate to roll ").either(item, "it").put(" back: go"),
        E::Run { item, phase, act } => {
            let (what, wrote) = run::act(form, item, phase.as_ref(), act);
            say!("{what}").wrote(wrote)
        }
        E::Release { item, act } => {
            let (what, wrote) = release::act(form, item, act);
            Told::new(form, what).wrote(&wrote.cloned())
        }
        E::Telling { item, act } => {
            let about = if form == Form::Whole { format!(" of {item}") } else { String::new() };
            say!("{}", telling::act(act, &about))
        }
        E::Notified { person, act } => say!("{}", notice::act(person, act)),
        E::Template { item, act } => {
            let (what, wrote) = template::act(form, item, act);
            Told::new(form, what).wrote(&wrote.cloned())
        }
        E::PipelineTold { delivery, activity, late } => {
            let fact = &delivery.fact;
            let about = activity.as_ref().map_or_else(|| ", unmapped".to_owned(), |id| format!(" of {id}"));
            let late = if *late { ", late" } else { "" };
            say!("told by {}: {} {}{about}{late}", delivery.hook, fact.workflow, fact.word.label())
        }
        E::PipelineAssigned { told, activity } => say!("said that event {told} is about {activity}"),
        E::Meeting { meeting, act } => say!("{meeting}: {}", meeting::act(act)),
        E::QuestionAsked { item, question, text } => {
            say!("asked question {question}").with(" on ", item).wrote(text)
        }
        E::QuestionAnswered { item, question, text } => {
            say!("answered question {question}").with(" on ", item).wrote(text)
        }
        E::ItemRead { item, revision } => say!("read").with(" ", item).put(about::at(" at ", revision)),
        E::GlassBroken { item, incident, agreed, channel, claimed_at, due, reason, .. } => {
            let agreed = about::agreed(incident, agreed, channel, *claimed_at, *due);
            say!("broke the glass").with(" for ", item).put(agreed).wrote(reason)
        }
        E::OverrideProposed { item, outcome, reason, .. } => {
            say!("proposed {} against the vote", outcome.label()).with(" on ", item).wrote(reason)
        }
        E::ActionAdded { action, owner, due, text, .. } => {
            say!("gave action {action} to {owner}{}", about::due(*due)).wrote(text)
        }
        E::ActionClosed { action, note } => say!("closed action {action}").wrote(note),
        E::Away { person, start, end } => say!("{person} is away from {start} to {end}"),
        E::FrozenNow { window, until, reason, .. } => say!("froze until {until} as {window}").wrote(reason),
        E::Thawed { window, reason } => say!("thawed {window}").wrote(reason),
    }
}
