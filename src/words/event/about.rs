//! Parts of the sentences of events: what a round closed with, what was edited, who agreed.

use crate::{
    label::{Label, count, listed, spaced},
    ledger::{
        event::{Arithmetic, PersonChange},
        heads::fingerprint,
    },
    model::{
        CloseCause, ConflictKey, FieldChange, Id, Instant, Line, OpenCause, Policy, Revision, RoundOutcome,
        Seat,
    },
    rules::approval::line,
    words::Form,
};

/// Why a secret vote is not known here.
pub const WITHHELD: &str = ", secretly; the vote stayed behind when the board was copied";

/// ` at cab by policy high-risk: it waits for authorization`.
pub fn opened(board: &Id, policy: &Policy, cause: OpenCause) -> String {
    format!(" at {board} by policy {}: {}", policy.id, cause.label())
}

/// `: high-risk, 9 seats`.
pub fn policy(policy: &Policy, seats: &[Seat]) -> String {
    format!(": {}, {}", policy.id, count(seats.len(), "seat"))
}

/// Whose vote a roll call entered, and that a vote was given again.
pub fn whose(roll_call: bool, person: &Id, reaffirmed: bool) -> String {
    let whose = if roll_call { format!(" for {person}") } else { String::new() };
    format!("{whose}{}", if reaffirmed { " again" } else { "" })
}

/// What somebody said of a vote that was entered for them.
pub fn answered(form: Form, person: &Id, agrees: bool) -> String {
    let who = if form == Form::Whole { format!("{person} ") } else { String::new() };
    format!("{who}{} the vote entered for them", if agrees { "confirmed" } else { "disputed" })
}

/// `: approved, everybody had voted; approved 4–2 · quorum 5 of 9 met`, and beside the item `: approved 4-2-0/9`.
pub fn ended(form: Form, outcome: RoundOutcome, count: &Arithmetic, cause: CloseCause) -> String {
    let word = outcome.label();
    match form {
        Form::Whole => format!(": {word}, {}; {}", cause.label(), line::closed(outcome, count)),
        Form::Beside => {
            let silence = if count.by_silence { ", no objection received" } else { "" };
            format!(": {word} {}-{}-{}/{}{silence}", count.yes, count.no, count.abstain, count.electorate)
        }
    }
}

/// `planned start from … to …, risk from low to high`.
pub fn edits(changes: &[FieldChange]) -> String {
    listed(
        changes
            .iter()
            .map(|change| format!("{} from {} to {}", spaced(&change.field), change.old, change.new)),
    )
}

/// The edits that made an approval lapse; beside the item the fields alone: `edited planned start, risk`.
pub fn lapsed(form: Form, changes: &[FieldChange]) -> String {
    match form {
        Form::Whole => edits(changes),
        Form::Beside => format!("edited {}", listed(changes.iter().map(|change| spaced(&change.field)))),
    }
}

/// What a source says of the state of an item.
pub fn moved(form: Form, item: &Id, from: Option<&str>, to: &str) -> String {
    let item = if form == Form::Whole { format!("{item} ") } else { String::new() };
    match from {
        Some(from) if from != to => format!("{item}went from {from} to {to} at its source"),
        Some(_) => format!("{item}edited at its source, still {to}"),
        None => format!("{item}appeared as {to}"),
    }
}

/// The template that approved something.
pub fn by(template: &Id) -> String {
    format!(" by template {template}")
}

/// `same CI of CHG0030042 and CHG0030057`.
pub fn clash(conflict: &ConflictKey) -> String {
    let other = conflict.b.as_ref().map(|b| format!(" and {b}")).unwrap_or_default();
    format!("{} of {}{other}", conflict.rule.label(), conflict.a)
}

/// ` on 4f1c9a`, after the words given.
pub fn at(words: &str, revision: &Revision) -> String {
    format!("{words}{}", revision.short())
}

/// How a review came out: `: not successful`.
pub const fn success(successful: bool) -> &'static str {
    if successful { ": successful" } else { ": not successful" }
}

/// Who agreed that work starts without the board, how, when, and until when the board says whether that was right.
pub fn agreed(incident: &Line, people: &[Line], channel: &Line, claimed_at: Instant, due: Instant) -> String {
    let people = listed(people);
    format!(
        ", incident {incident}: {people} agreed by {channel}, they say {claimed_at}; ratification due {due}"
    )
}

/// `, due 2026-12-01`; nothing where nothing is due.
pub fn due(due: Option<chrono::NaiveDate>) -> String {
    due.map(|due| format!(", due {due}")).unwrap_or_default()
}

/// `signs heads with SHA256:… from here on, as the key before says`.
pub fn service_key(key: &Line, signed: bool) -> String {
    let key = fingerprint(key).unwrap_or_else(|| "a key that cannot be read".to_owned());
    let word = if signed { "as the key before says" } else { "without the word of the key before" };
    format!("signs heads with {key} from here on, {word}")
}

/// `login of m.ortiz: nothing to mortiz; …`.
pub fn people(changes: &[PersonChange]) -> String {
    let quoted = |text: &Line| if text.is_empty() { "nothing".to_owned() } else { text.to_string() };
    let one = |change: &PersonChange| {
        format!("{} of {}: {} to {}", change.field, change.person, quoted(&change.from), quoted(&change.to))
    };
    changes.iter().map(one).collect::<Vec<_>>().join("; ")
}
