//! Times as a screen says them: weekday, date and clock in one zone. Glyphs and colours are the terminal's business.

use super::zone::Zone;
use crate::model::time::{Instant, Span};

/// `22:00`.
#[must_use]
pub fn clock(at: Instant, zone: Zone) -> String {
    zone.local(at).format("%H:%M").to_string()
}

/// `Wed 25 Nov`.
#[must_use]
pub fn day(at: Instant, zone: Zone) -> String {
    zone.local(at).format("%a %d %b").to_string()
}

/// `Wed 25 Nov 22:00`.
#[must_use]
pub fn stamp(at: Instant, zone: Zone) -> String {
    zone.local(at).format("%a %d %b %H:%M").to_string()
}

/// `Wed 25 Nov 2026 22:00 CET`.
#[must_use]
pub fn full(at: Instant, zone: Zone) -> String {
    format!("{} {}", zone.local(at).format("%a %d %b %Y %H:%M"), zone.abbreviation(at))
}

/// A sentence of the board in which times stand as RFC 3339 in UTC, as somebody in a zone reads it: `2026-11-25T21:00:00Z`
/// becomes `Wed 25 Nov 22:00 CET`. Whatever only resembles such a time stays as it is.
#[must_use]
pub fn in_zone(text: &str, zone: Zone) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(end) = rest.find('Z') {
        let (before, after) = rest.split_at(end + 1);
        let from = before.rfind(|c: char| !(c.is_ascii_digit() || "-:T.Z".contains(c)));
        let from = from.map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let token = &before[from..];
        match token.parse::<Instant>().ok().filter(|_| token.len() >= "2026-11-25T21:00Z".len()) {
            Some(at) => {
                said.push_str(&before[..from]);
                said.push_str(&format!("{} {}", stamp(at, zone), zone.abbreviation(at)));
            }
            None => said.push_str(before),
        }
        rest = after;
    }
    said.push_str(rest);
    said
}

/// `Wed 25 Nov 22:00–23:30 CET`; the end names its day when that is another one (`Thu 00:30`, with its date where the span
/// lasts a day or more), and each end names its zone where they differ. Midnight as an end is `24:00`, so that a day does
/// not seem to last for two.
#[must_use]
pub fn span(span: Span, zone: Zone) -> String {
    let (from, to) = (zone.abbreviation(span.start()), zone.abbreviation(span.end()));
    let first = if from == to { String::new() } else { format!(" {from}") };
    format!("{}{first}{}{} {to}", stamp(span.start(), zone), "–", end_of(span, zone))
}

fn end_of(span: Span, zone: Zone) -> String {
    let (start, end) = (zone.local(span.start()), zone.local(span.end()));
    let last = zone.local(span.end().plus(-1));
    let day = match (last.date() == start.date(), span.secs() < crate::model::time::DAY) {
        (true, _) => String::new(),
        (false, true) => last.format("%a ").to_string(),
        (false, false) => last.format("%a %d %b ").to_string(),
    };
    format!("{day}{}", clock_of_end(end, last))
}

/// `22:00–23:30`, `23:00–Thu 00:30`: the clocks of a span whose first day is said elsewhere.
#[must_use]
pub fn clocks(span: Span, zone: Zone) -> String {
    format!("{}–{}", clock(span.start(), zone), end_of(span, zone))
}

/// The clocks of a span in another zone than the one its day was said in; a day that differs is named.
#[must_use]
pub fn clocks_elsewhere(span: Span, said_in: Zone, zone: Zone) -> String {
    let other = zone.date(span.start()) != said_in.date(span.start());
    let day = if other { zone.local(span.start()).format("%a ").to_string() } else { String::new() };
    format!("{day}{} {}", clocks(span, zone), zone.abbreviation(span.start()))
}

fn clock_of_end(end: chrono::NaiveDateTime, last: chrono::NaiveDateTime) -> String {
    if end.date() == last.date() { end.format("%H:%M").to_string() } else { "24:00".to_owned() }
}

/// A length in words: `45 min`, `90 min`, `3 h`, `3 h 30 min`, `2 d 4 h`.
#[must_use]
pub fn minutes(total: i64) -> String {
    let (days, hours, minutes) = (total / 1440, total / 60 % 24, total % 60);
    match (days, hours, minutes) {
        _ if total < 120 => format!("{total} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, 0) => format!("{days} d"),
        (days, hours, 0) => format!("{days} d {hours} h"),
        (days, hours, minutes) => format!("{days} d {hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let cases = [
            ("2026-11-25T21:00:00Z", "2026-11-25T22:30:00Z", "Wed 25 Nov 22:00–23:30 CET"),
            ("2026-11-25T22:00:00Z", "2026-11-25T23:30:00Z", "Wed 25 Nov 23:00–Thu 00:30 CET"),
            ("2026-11-25T22:00:00Z", "2026-11-25T23:00:00Z", "Wed 25 Nov 23:00–24:00 CET"),
            ("2026-11-25T17:00:00Z", "2026-11-30T06:00:00Z", "Wed 25 Nov 18:00–Mon 30 Nov 07:00 CET"),
            ("2026-11-24T23:00:00Z", "2026-11-26T23:00:00Z", "Wed 25 Nov 00:00–Thu 26 Nov 24:00 CET"),
            ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "Sun 25 Oct 02:30 CEST–02:30 CET"),
        ];
        for (start, end, want) in cases {
            let given = Span::new(start.parse().unwrap(), end.parse().unwrap()).unwrap();
            assert_eq!(span(given, zone), want);
        }
        let night =
            Span::new("2026-11-25T22:00:00Z".parse().unwrap(), "2026-11-25T23:30:00Z".parse().unwrap());
        let night = night.unwrap();
        assert_eq!(clocks(night, zone), "23:00–Thu 00:30");
        assert_eq!(clocks_elsewhere(night, zone, Zone::UTC), "22:00–23:30 UTC");
        let early =
            Span::new("2026-11-24T23:30:00Z".parse().unwrap(), "2026-11-25T00:30:00Z".parse().unwrap());
        assert_eq!(clocks_elsewhere(early.unwrap(), zone, Zone::UTC), "Tue 23:30–Wed 00:30 UTC");
        assert_eq!(full("2026-11-25T21:00:00Z".parse().unwrap(), zone), "Wed 25 Nov 2026 22:00 CET");
    }

    #[test]
    fn times_in_a_sentence_are_those_of_who_reads_it() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let cases = [
            ("the approved span ends 2026-11-30T08:23:00Z", "the approved span ends Mon 30 Nov 09:23 CET"),
            (
                "from 2026-10-25T00:30:00Z to 2026-10-25T01:30:00Z; then go",
                "from Sun 25 Oct 02:30 CEST to Sun 25 Oct 02:30 CET; then go",
            ),
            ("«2026-11-30T08:23:00Z»", "«Mon 30 Nov 09:23 CET»"),
            ("Zone Z of 2026-11-30Z and CHG-2026Z", "Zone Z of 2026-11-30Z and CHG-2026Z"),
            ("2026-13-30T08:23:00Z is none", "2026-13-30T08:23:00Z is none"),
            ("nothing", "nothing"),
            ("", ""),
        ];
        for (given, want) in cases {
            assert_eq!(in_zone(given, zone), want);
        }
    }

    #[test]
    fn lengths() {
        let cases = [
            (0, "0 min"),
            (90, "90 min"),
            (180, "3 h"),
            (210, "3 h 30 min"),
            (3120, "2 d 4 h"),
            (2880, "2 d"),
        ];
        for (given, want) in cases {
            assert_eq!(minutes(given), want);
        }
    }
}
