//! How the command line says things: words instead of glyphs, times that can be typed back.

use super::out::Out;
use crate::{
    calendar::Zone,
    errors::Stop,
    model::{Instant, Line, Prose, Span, Vocabulary, When},
    source::Capabilities,
    wire::{ActivityRow, Clashes, ConflictRow, Receipt, Snapshot, Standing, api},
};

/// `2026-11-25 22:00 CET`.
#[must_use]
pub fn time(at: Instant, zone: Zone) -> String {
    format!("{} {}", zone.local(at).format("%Y-%m-%d %H:%M"), zone.abbreviation(at))
}

/// `2026-11-25 22:00 to 23:30 CET`; the end names its day where that is another one.
#[must_use]
pub fn span(span: Span, zone: Zone) -> String {
    let (start, end) = (zone.local(span.start()), zone.local(span.end()));
    let format = if start.date() == end.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    let (from, to) = (zone.abbreviation(span.start()), zone.abbreviation(span.end()));
    let from = if from == to { String::new() } else { format!(" {from}") };
    format!("{}{from} to {} {to}", start.format("%Y-%m-%d %H:%M"), end.format(format))
}

/// What can be written to a source, and why not where it cannot.
#[must_use]
pub fn able(able: &Capabilities) -> String {
    let say = |what: &str, able: &Result<(), &'static str>| match able {
        Ok(()) => format!("{what} are written back"),
        Err(why) => format!("{what} stay here: {why}"),
    };
    let parts = [("votes", &able.votes), ("comments", &able.comments), ("planned dates", &able.dates)];
    parts.map(|(what, able)| say(what, able)).join("; ")
}

/// The times of an activity in words.
#[must_use]
pub fn when(when: When, zone: Zone) -> String {
    match when {
        When::Unknown => "no planned times".to_owned(),
        When::Point(at) => format!("{}, no end", time(at, zone)),
        When::Span(whole) => span(whole, zone),
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

/// Names in a row.
#[must_use]
pub fn list(names: &[Line]) -> String {
    names.iter().map(Line::as_str).collect::<Vec<_>>().join(", ")
}

/// `2 blocking, 1 warning`; nothing where there is nothing.
#[must_use]
pub fn clashes(clashes: Clashes) -> String {
    let parts = [
        (clashes.block, format!("{} blocking", clashes.block)),
        (clashes.warn, crate::words::count(clashes.warn, "warning")),
        (clashes.info, crate::words::count(clashes.info, "note")),
        (clashes.acknowledged, format!("{} acknowledged", clashes.acknowledged)),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|(n, _)| *n > 0).map(|(_, said)| said).collect();
    parts.join(", ")
}

/// The board's word about an item, where it has one.
#[must_use]
pub fn standing(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::None => None,
        Standing::Open => Some("vote open"),
        Standing::Approved => Some("approved"),
        Standing::Lapsed => Some("approval lapsed"),
        Standing::Rejected => Some("rejected"),
        Standing::Deferred => Some("deferred"),
        Standing::Asked => Some("information asked"),
    }
}

/// An activity in one line.
#[must_use]
pub fn activity(row: &ActivityRow, zone: Zone) -> String {
    let mut facts = vec![format!("{} {}", api::kind_word(row), api::state_word(row))];
    if !row.is_phase() {
        facts.push(format!("{} risk", row.risk.value.word().replace('_', " ")));
    }
    facts.extend(standing(row.standing).map(str::to_owned));
    let mut parts = vec![facts.join(", "), when(row.when, zone)];
    let places = list(&row.services);
    let place = match (&row.environment, places.is_empty()) {
        (Some(environment), false) => format!("on {places} in {environment}"),
        (Some(environment), true) => format!("in {environment}"),
        (None, false) => format!("on {places}"),
        (None, true) => String::new(),
    };
    parts.push(place);
    parts.push(row.owner.as_ref().map(|owner| format!("owner {owner}")).unwrap_or_default());
    parts.push(clashes(row.clashes));
    if row.review_due {
        parts.push("review due".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    format!("{}: {}; {}", row.id, row.title, parts.join("; "))
}

/// A clash in one line.
#[must_use]
pub fn conflict(row: &ConflictRow) -> String {
    let sides = match &row.key.b {
        Some(b) => format!("{} and {b}", row.key.a),
        None => row.key.a.to_string(),
    };
    let name = row.key.rule.name();
    let acknowledged = row
        .ack
        .as_ref()
        .map(|ack| format!("; acknowledged by {}: {}", ack.by, ack.reason))
        .unwrap_or_default();
    let reason = row.reason();
    format!("{} {name} ({}): {sides}: {reason}{acknowledged}", row.severity.said(), row.key.rule)
}

/// The word of a value that serializes as one, with spaces: `needs info`.
#[must_use]
pub fn snake(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.replace('_', " "),
        _ => String::new(),
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
    fn times_can_be_typed_back() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let cases = [
            ("2026-11-25T21:00:00Z", "2026-11-25T22:30:00Z", "2026-11-25 22:00 to 23:30 CET"),
            ("2026-11-25T21:00:00Z", "2026-11-26T01:00:00Z", "2026-11-25 22:00 to 2026-11-26 02:00 CET"),
            ("2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z", "2026-10-25 00:00 CEST to 04:00 CET"),
        ];
        for (start, end, want) in cases {
            assert_eq!(span(Span::new(at(start), at(end)).unwrap(), zone), want);
        }
        let shown = time(at("2026-11-25T21:00:00Z"), zone);
        assert_eq!(zone.parse(shown.trim_end_matches(" CET")), Ok(at("2026-11-25T21:00:00Z")));
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
}
