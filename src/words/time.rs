//! Times as they can be typed back, for the command line; those of screens and paper are in [`crate::calendar`].

use crate::{
    calendar::{Zone, minutes},
    model::{Instant, Span, When},
};

/// What is said of something without planned times.
pub const NO_TIMES: &str = "no planned times";

/// `2026-11-25 22:00 CET`.
#[must_use]
pub fn typed(at: Instant, zone: Zone) -> String {
    format!("{} {}", zone.local(at).format("%Y-%m-%d %H:%M"), zone.abbreviation(at))
}

/// `2026-11-25 22:00 to 23:30 CET`; the end names its day where that is another one.
#[must_use]
pub fn typed_span(span: Span, zone: Zone) -> String {
    let (start, end) = (zone.local(span.start()), zone.local(span.end()));
    let format = if start.date() == end.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    let (from, to) = (zone.abbreviation(span.start()), zone.abbreviation(span.end()));
    let from = if from == to { String::new() } else { format!(" {from}") };
    format!("{}{from} to {} {to}", start.format("%Y-%m-%d %H:%M"), end.format(format))
}

/// The planned times of something: a span, a point, or that there are none.
#[must_use]
pub fn typed_when(when: When, zone: Zone) -> String {
    match when {
        When::Unknown => NO_TIMES.to_owned(),
        When::Point(at) => format!("{}, no end", typed(at, zone)),
        When::Span(whole) => typed_span(whole, zone),
    }
}

/// A length of time that may be below a minute: `40 s`, `5 min`, `1 h 30 min`.
#[must_use]
pub fn length(secs: i64) -> String {
    if secs < 60 { format!("{secs} s") } else { minutes(secs / 60) }
}

/// How far a clock is off, in seconds: `2 h ahead of`, `3 min behind`.
#[must_use]
pub fn clock_off(off: i64) -> String {
    let length = minutes((off.abs() + 30) / 60);
    if off > 0 { format!("{length} ahead of") } else { format!("{length} behind") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_can_be_typed_back() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let zone = Zone::named("Europe/Madrid").unwrap();
        let cases = [
            ("2026-11-25T21:00:00Z", "2026-11-25T22:30:00Z", "2026-11-25 22:00 to 23:30 CET"),
            ("2026-11-25T21:00:00Z", "2026-11-26T01:00:00Z", "2026-11-25 22:00 to 2026-11-26 02:00 CET"),
            ("2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z", "2026-10-25 00:00 CEST to 04:00 CET"),
        ];
        for (start, end, want) in cases {
            assert_eq!(typed_span(Span::new(at(start), at(end)).unwrap(), zone), want);
        }
        let shown = typed(at("2026-11-25T21:00:00Z"), zone);
        assert_eq!(zone.parse(shown.trim_end_matches(" CET")), Ok(at("2026-11-25T21:00:00Z")));
    }

    #[test]
    fn lengths_and_clocks() {
        assert_eq!((length(40).as_str(), length(5_400).as_str()), ("40 s", "90 min"));
        assert_eq!((clock_off(7_200).as_str(), clock_off(-190).as_str()), ("2 h ahead of", "3 min behind"));
    }
}
