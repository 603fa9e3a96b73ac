//! How the command line answers, asks and remarks: receipts, texts that are typed, notes beside the answer.

use super::out::Out;
use crate::{
    errors::Stop,
    model::{Instant, Prose, When},
    source::{Capabilities, system::Account},
    wire::{Receipt, Snapshot},
};

/// What can be written to a source, and why not where it cannot.
#[must_use]
pub fn able(able: &Capabilities) -> String {
    // One reason for everything is said once.
    if let (Err(why), Err(other), Err(third)) = (able.votes, able.comments, able.dates)
        && why == other
        && why == third
    {
        return format!("nothing is written back: {why}");
    }
    let say = |what: &str, able: &Result<(), &'static str>| match able {
        Ok(()) => format!("{what} are written back"),
        Err(why) => format!("{what} stay here: {why}"),
    };
    let parts = [("votes", &able.votes), ("comments", &able.comments), ("planned dates", &able.dates)];
    let said = parts.map(|(what, able)| say(what, able)).join("; ");
    // Where nothing is written, that was said.
    match able.progress {
        Ok(()) => format!("{said}; the status there follows a run"),
        Err(why) if able.comments.is_ok() => format!("{said}; {why}"),
        Err(_) => said,
    }
}

/// Whose account my own credential is in a system, by which a vote goes out.
///
/// # Errors
/// Why it is not taken there.
pub fn credential(me: &Result<Option<Account>, String>) -> Result<Option<String>, String> {
    let said = |account: &Account| format!("your own credential is the account of {} there", account.name());
    match me {
        Ok(account) => Ok(account.as_ref().map(said)),
        Err(why) => Err(format!("your own credential is not taken there: {why}")),
    }
}

/// Whether an activity is somewhere in a half-open span; without bounds everything is.
#[must_use]
pub fn within(when: When, (from, to): (Option<Instant>, Option<Instant>)) -> bool {
    let (from, to) = match (from, to) {
        (None, None) => return true,
        (from, to) => (from.unwrap_or(Instant::MIN), to.unwrap_or(Instant::MAX)),
    };
    match when {
        When::Unknown => false,
        When::Point(at) => from <= at && at < to,
        When::Span(span) => span.start() < to && from < span.end(),
    }
}

/// What was done, in the hub's own sentence.
pub fn receipt(out: &mut Out<'_>, receipt: Receipt) -> Result<(), Stop> {
    if out.json { out.object(&receipt) } else { out.line(&receipt.said) }
}

/// A text as typed, or from standard input where it is `-`; an empty one is refused.
pub fn text(typed: &str) -> Result<Prose, Stop> {
    let text = if typed == "-" {
        let read = std::io::read_to_string(std::io::stdin().lock());
        read.map_err(|error| {
            Stop::invalid(format!("standard input cannot be read: {error}"), "give the text with -m")
        })?
    } else {
        typed.to_owned()
    };
    let text = Prose::new(&text);
    if text.trim().is_empty() {
        return Err(Stop::invalid("the text is empty", "say something with -m"));
    }
    Ok(text)
}

/// Something worth knowing that is no answer: on standard error.
pub fn note(text: &str) {
    aside(&format!("note: {text}"));
}

/// One line on standard error, beside the answer.
pub fn aside(text: &str) {
    crate::errors::tell(&format!("{text}\n"));
}

/// Says how many secret votes did not leave with this log.
pub fn withheld(log: &[String]) {
    match log.iter().filter(|line| line.contains(r#""type":"vote_withheld""#)).count() {
        0 => {}
        1 => note("1 secret vote of an open round stayed here; its hash keeps its place in the chain"),
        count => note(&format!(
            "{count} secret votes of open rounds stayed here; their hashes keep their places in the chain"
        )),
    }
}

/// The title of an item: of a change its own, of a release its name and version.
#[must_use]
pub fn title(snapshot: &Snapshot, item: &crate::model::Id) -> String {
    if let Some(row) = snapshot.activities.get(item) {
        return row.title.to_string();
    }
    snapshot
        .releases
        .get(item)
        .map(|row| format!("{} {}", row.name, row.version).trim().to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn the_span_of_a_list_is_half_open() {
        let (from, to) = (at("2026-11-25T10:00:00Z"), at("2026-11-25T12:00:00Z"));
        let when = |start: &str, end: &str| When::of(Some(at(start)), Some(at(end)));
        let cases = [
            ("inside", when("2026-11-25T10:30:00Z", "2026-11-25T11:00:00Z"), true),
            ("ends at the start", when("2026-11-25T09:00:00Z", "2026-11-25T10:00:00Z"), false),
            ("starts at the end", when("2026-11-25T12:00:00Z", "2026-11-25T13:00:00Z"), false),
            ("around", when("2026-11-24T00:00:00Z", "2026-11-27T00:00:00Z"), true),
            ("a point at the start", When::Point(from), true),
            ("a point at the end", When::Point(to), false),
            ("no times", When::Unknown, false),
        ];
        for (name, when, want) in cases {
            assert_eq!(within(when, (Some(from), Some(to))), want, "{name}");
        }
        assert!(within(When::Unknown, (None, None)));
    }

    #[test]
    fn one_reason_for_everything_is_said_once() {
        let mut there = Capabilities::read_only(&[], "it is a list");
        assert_eq!(able(&there), "nothing is written back: it is a list");
        there.dates = Err("another");
        assert_eq!(
            able(&there),
            "votes stay here: it is a list; comments stay here: it is a list; planned dates stay here: another"
        );
        there.comments = Ok(());
        assert_eq!(
            able(&there),
            "votes stay here: it is a list; comments are written back; planned dates stay here: another; it is a list"
        );
    }
}
