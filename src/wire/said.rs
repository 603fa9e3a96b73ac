//! Events of the record in words, one sentence each: for the Record screen, `audit log` and search.

mod meeting;

use crate::ledger::event::{CloseCause, Event, OpenCause, PersonChange, RoundOutcome, Vote};
use crate::model::{FieldChange, Line, Prose};

impl Event {
    /// What happened, without who and when: `voted approve on CHG0030042, round 2`.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table: one arm an event, found by its name")]
    pub fn said(&self) -> String {
        match self {
            Self::RoundOpened { item, round, board, policy, cause, .. } => {
                let cause = opened(*cause);
                format!("opened round {round} on {item} at {board} by policy {}: {cause}", policy.id)
            }
            Self::AutoApproved { item, template, .. } => format!("approved {item} by template {template}"),
            Self::Voted { item, round, person, vote, comment, roll_call, reaffirmed, .. } => {
                let whose = if *roll_call { format!(" for {person}") } else { String::new() };
                let again = if *reaffirmed { " again" } else { "" };
                let vote = voted(*vote);
                format!("{vote} {item}{whose}{again}{}", in_round(*round, comment.as_ref()))
            }
            Self::RollCallAnswered { item, round, person, agrees, comment } => {
                let vote = if *agrees { "confirmed the vote" } else { "disputed the vote entered for them" };
                format!("{person} {vote} on {item}{}", in_round(*round, comment.as_ref()))
            }
            Self::SaidOtherwise { item, round, person, vote, comment, .. } => {
                let (vote, end) = (vote.word(), in_round(*round, comment.as_ref()));
                format!("{person} says {vote} on {item} instead, to be confirmed{end}")
            }
            Self::Cleared { item, shown, person, reason, .. } => {
                format!("{person} is not {shown}, named by {item}{}", with(reason.as_ref()))
            }
            Self::PeopleChanged { changes } => format!("changed people: {}", people(changes)),
            Self::VoteWithheld { item, round, .. } => {
                format!("voted on {item}, round {round}, secretly; {WITHHELD}")
            }
            Self::Withdrawn { item, round, .. } => format!("withdrew the vote on {item}, round {round}"),
            Self::Recused { item, round, person, reason } => {
                format!("recused {person} from {item}, round {round}{}", with(reason.as_ref()))
            }
            Self::Commented { item, text } => format!("commented on {item}{}", with(Some(text))),
            Self::RoundClosed { item, round, outcome, arithmetic, cause, reason, .. } => format!(
                "closed round {round} on {item}: {}, {}; {}{}",
                outcome_words(*outcome),
                closed(*cause),
                arithmetic.line,
                with(reason.as_ref())
            ),
            Self::ConditionAdded { item, condition, text, owner } => {
                format!("added condition {condition} to {item} for {owner}{}", with(Some(text)))
            }
            Self::ConditionMet { item, condition } => format!("condition {condition} of {item} is met"),
            Self::Lapsed { item, changes, .. } => {
                format!("the approval of {item} lapsed: {}", edits(changes))
            }
            Self::ItemObserved { item, from, to, .. } => format!("{item} {}", moved(from.as_deref(), to)),
            Self::Acknowledged { conflict, severity, reason, until, .. } => {
                format!("acknowledged {severity} {} until {until}{}", key(conflict), with(Some(reason)))
            }
            Self::Unacknowledged { conflict, reason } => {
                format!("took back the acknowledgement of {}{}", key(conflict), with(reason.as_ref()))
            }
            Self::ChairNamed { item, person } => format!("named {person} to the chair of {item}"),
            Self::Delegated { board, from, to, start, end } => {
                format!("{to} acts for {from} at {board} from {start} to {end}")
            }
            Self::DelegationEnded { board, from, to, .. } => {
                format!("{to} acts for {from} at {board} no longer")
            }
            Self::Edited { item, changes } => format!("edited {item}: {}", edits(changes)),
            Self::MoveProposed { item, was, start, .. } => {
                format!("asked the source of {item} to move it from {was} to {start}")
            }
            Self::Reviewed { item, successful, text } => {
                let verdict = if *successful { "successful" } else { "not successful" };
                format!("reviewed {item}: {verdict}{}", with(Some(text)))
            }
            Self::RulesChanged { summary, .. } => {
                format!("changed the board's rules: {}", summary.join(", "))
            }
            Self::Imported { from, added, changed, unchanged } => {
                format!("imported {from}: {added} added, {changed} changed, {unchanged} unchanged")
            }
            Self::FewerAccepted { source, what, before, after } => {
                format!("said that {source} has {after} {what}, where it had {before}")
            }
            Self::Pushed { source, item, write, accepted, words } => {
                let verb = if *accepted { "accepted" } else { "refused" };
                format!("{source} {verb} {write} on {item}: {words}")
            }
            Self::RollbackAsked { item } => format!("asked the gate to roll {item} back: go"),
            Self::Meeting { meeting, act } => format!("{meeting}: {}", meeting::said(act)),
            Self::QuestionAsked { item, question, text } => {
                format!("asked question {question} on {item}{}", with(Some(text)))
            }
            Self::QuestionAnswered { item, question, text } => {
                format!("answered question {question} on {item}{}", with(Some(text)))
            }
            Self::ItemRead { item, revision } => format!("read {item} at {}", revision.short()),
            Self::GlassBroken { item, incident, agreed, channel, claimed_at, due, reason, .. } => {
                let (agreed, reason) = (names(agreed), with(Some(reason)));
                let agreed = format!("{agreed} agreed by {channel}, they say {claimed_at}");
                format!(
                    "broke the glass for {item}, incident {incident}: {agreed}; ratification due {due}{reason}"
                )
            }
            Self::OverrideProposed { item, outcome, reason, .. } => {
                let outcome = outcome_words(*outcome);
                format!("proposed {outcome} for {item} against the vote{}", with(Some(reason)))
            }
            Self::ActionAdded { action, owner, due, text, .. } => {
                let due = due.map(|due| format!(", due {due}")).unwrap_or_default();
                format!("gave action {action} to {owner}{due}{}", with(Some(text)))
            }
            Self::ActionClosed { action, note } => {
                format!("closed action {action}{}", with(note.as_ref()))
            }
            Self::Away { person, start, end } => format!("{person} is away from {start} to {end}"),
            Self::FrozenNow { window, until, reason, .. } => {
                format!("froze at once until {until} as {window}{}", with(Some(reason)))
            }
            Self::Thawed { window, reason } => format!("thawed {window}{}", with(Some(reason))),
        }
    }
}

/// Why a secret vote is not known here.
const WITHHELD: &str = "the vote stayed behind when the board was copied";

fn in_round(round: u32, comment: Option<&Prose>) -> String {
    format!(", round {round}{}", with(comment))
}

fn people(changes: &[PersonChange]) -> String {
    let one = |change: &PersonChange| {
        let (from, to) = (quoted(&change.from), quoted(&change.to));
        format!("{} of {}: {from} to {to}", change.field, change.person)
    };
    changes.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What a source says of the state of an item.
fn moved(from: Option<&str>, to: &str) -> String {
    match from {
        Some(from) if from != to => format!("went from {from} to {to} at its source"),
        Some(_) => format!("changed at its source, still {to}"),
        None => format!("appeared as {to}"),
    }
}

fn names(names: &[Line]) -> String {
    names.iter().map(Line::as_str).collect::<Vec<_>>().join(", ")
}

fn quoted(text: &str) -> &str {
    if text.is_empty() { "nothing" } else { text }
}

fn voted(vote: Vote) -> &'static str {
    match vote {
        Vote::Approve => "voted yes on",
        Vote::Reject => "voted no on",
        Vote::Abstain => "abstained on",
    }
}

fn outcome_words(outcome: RoundOutcome) -> &'static str {
    match outcome {
        RoundOutcome::Approved => "approved",
        RoundOutcome::Rejected => "rejected",
        RoundOutcome::Deferred => "deferred",
        RoundOutcome::NeedsInfo => "information asked",
        RoundOutcome::Superseded => "superseded",
    }
}

fn opened(cause: OpenCause) -> &'static str {
    match cause {
        OpenCause::Authorize => "it waits for authorization",
        OpenCause::Chair => "by the chair",
        OpenCause::Changed => "it changed",
        OpenCause::Freeze => "a freeze hits it",
        OpenCause::Rules => "the rules of the board changed",
        OpenCause::Extension => "it changed after it started",
        OpenCause::Ratification => "the glass was broken, to be ratified",
    }
}

fn closed(cause: CloseCause) -> &'static str {
    match cause {
        CloseCause::Early => "certain before all had voted",
        CloseCause::Everybody => "everybody had voted",
        CloseCause::Deadline => "at its deadline",
        CloseCause::Chair => "by the chair",
        CloseCause::Changed => "it changed",
        CloseCause::Freeze => "a freeze hits it",
        CloseCause::Rules => "the rules of the board changed",
        CloseCause::Left => "it can no longer be decided",
        CloseCause::Copied => "its secret votes stayed behind when the board was copied",
        CloseCause::Consent => "by consent, no objection received",
        CloseCause::Override => "decided against the vote",
        CloseCause::BrokenGlass => "the glass was broken",
    }
}

fn key(conflict: &crate::model::ConflictKey) -> String {
    let sides =
        conflict.b.as_ref().map_or_else(|| conflict.a.to_string(), |b| format!("{} and {b}", conflict.a));
    format!("{} of {sides}", conflict.rule.name())
}

/// A text after a colon, on one line.
fn with(text: Option<&Prose>) -> String {
    text.map(|text| text.words())
        .filter(|text| !text.is_empty())
        .map(|text| format!(": {text}"))
        .unwrap_or_default()
}

fn edits(changes: &[FieldChange]) -> String {
    let edit = |change: &FieldChange| {
        format!("{} from {} to {}", change.field.replace('_', " "), change.old, change.new)
    };
    changes.iter().map(edit).collect::<Vec<_>>().join(", ")
}
