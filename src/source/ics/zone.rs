//! Which IANA zone a TZID means: by its name, by its VTIMEZONE's own hint, by Windows' names, or by what its VTIMEZONE does.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::TZ_VARIANTS;

use super::{line::Component, windows_zones};
use crate::{
    calendar::{
        Zone,
        recurrence::{Recurrence, wall_clock, wall_secs},
        rule::Rule,
    },
    model::time::{DAY, HOUR, Instant},
};

/// How many zones of a feed are compared with those of the world, which takes a millisecond each.
const COMPARED: usize = 200;

/// The zones of one feed.
#[derive(Debug)]
pub struct Zones {
    /// The zone of floating and all-day times, configured for the source.
    pub floating: Zone,
    defined: BTreeMap<String, Option<Zone>>,
    /// TZIDs that were asked for and not understood.
    unknown: RefCell<BTreeSet<String>>,
}

impl Zones {
    /// Reads the VTIMEZONEs of a calendar; `around` is a time the feed speaks of, at which zones are compared.
    #[must_use]
    pub fn new<'a>(
        calendars: impl Iterator<Item = &'a Component>,
        floating: Zone,
        around: Option<Instant>,
    ) -> Self {
        let mut defined: BTreeMap<String, Option<Zone>> = BTreeMap::new();
        for component in calendars.flat_map(|calendar| &calendar.children) {
            let Some(id) = component.text("TZID").filter(|_| component.name == "VTIMEZONE") else { continue };
            let zone = by_name(&id).or_else(|| by_name(&component.text("X-LIC-LOCATION")?)).or_else(|| {
                let few = defined.len() < COMPARED;
                few.then(|| by_behaviour(component, floating, around.unwrap_or_default()))?
            });
            defined.insert(id, zone);
        }
        Self { floating, defined, unknown: RefCell::default() }
    }

    /// The zone of a TZID; without one, or with one that means nothing, the zone of the source.
    #[must_use]
    pub fn of(&self, id: Option<&str>) -> Zone {
        let Some(id) = id.map(str::trim).filter(|id| !id.is_empty()) else { return self.floating };
        self.defined.get(id).copied().flatten().or_else(|| by_name(id)).unwrap_or_else(|| {
            self.unknown.borrow_mut().insert(id.to_owned());
            self.floating
        })
    }

    /// The TZIDs that were asked for and not understood.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        self.unknown.borrow().iter().cloned().collect()
    }
}

/// By IANA name, also behind a path (`/citadel.org/20211207_1/Europe/Madrid`), or by a name of Windows.
fn by_name(id: &str) -> Option<Zone> {
    let id = id.trim().trim_matches('"');
    let tails = std::iter::once(id)
        .chain(id.match_indices('/').map(|(at, _)| &id[at + 1..]))
        .filter(|tail| !tail.is_empty());
    tails
        .filter(|tail| !tail.starts_with(|c: char| c.is_ascii_digit()))
        .find_map(|tail| Zone::named(tail).ok())
        .or_else(|| Zone::named(windows_zones::iana(id)?).ok())
}

/// Finds a zone that keeps the same offsets for three years around a time: the source's own first, then those people use.
fn by_behaviour(component: &Component, floating: Zone, around: Instant) -> Option<Zone> {
    let from = around.plus(-400 * DAY);
    let onsets = onsets(component, around)?;
    let offset = |at: Instant| {
        let after = onsets.partition_point(|(onset, _)| *onset <= at);
        onsets.get(after.saturating_sub(1)).map(|(_, offset)| *offset)
    };
    let mut samples: Vec<Instant> = (0..40).map(|month| from.plus(month * 30 * DAY)).collect();
    samples.extend(
        onsets
            .iter()
            .filter(|(at, _)| from < *at && *at < from.plus(1200 * DAY))
            .flat_map(|(at, _)| [at.plus(-HOUR), *at]),
    );
    let wanted: Vec<(Instant, i32)> =
        samples.into_iter().filter_map(|at| offset(at).map(|offset| (at, offset))).collect();
    let common = windows_zones::common().filter_map(|name| Zone::named(name).ok());
    let all = TZ_VARIANTS.iter().filter_map(|zone| Zone::named(zone.name()).ok());
    [floating, Zone::UTC]
        .into_iter()
        .chain(common)
        .chain(all)
        .find(|zone| wanted.iter().all(|(at, offset)| zone.offset(*at) == *offset))
}

/// When the offset changes, and to what; the offset before the first one stands at the beginning of time.
fn onsets(component: &Component, around: Instant) -> Option<Vec<(Instant, i32)>> {
    let mut onsets = Vec::new();
    for part in component.children.iter().filter(|part| part.name == "STANDARD" || part.name == "DAYLIGHT") {
        let before = utc_offset(&part.text("TZOFFSETFROM")?)?;
        let after = utc_offset(&part.text("TZOFFSETTO")?)?;
        let start = part.get("DTSTART").and_then(|property| local(&property.value))?;
        let mut walls = vec![wall_secs(start)];
        for property in part.all("RDATE") {
            walls.extend(property.value.split(',').filter_map(local).map(wall_secs));
        }
        if let Some(rule) = part.get("RRULE").and_then(|property| property.value.parse::<Rule>().ok()) {
            let until = rule
                .until
                .map(|until| until.wall(Zone::UTC).checked_add_signed(TimeDelta::seconds(before.into())));
            let recurrence = Recurrence::new(&rule, start, false, until.flatten());
            let (from, to) = (around.secs() - 1200 * DAY, around.secs() + 1200 * DAY);
            recurrence.between(from, to, &mut walls).ok()?;
        }
        onsets.extend(
            walls.into_iter().map(|wall| {
                (Instant::from_naive_utc(wall_clock(wall)).plus(-i64::from(before)), before, after)
            }),
        );
    }
    onsets.sort_unstable();
    let first = onsets.first().map(|(_, before, _)| (Instant::MIN, *before))?;
    Some(std::iter::once(first).chain(onsets.into_iter().map(|(at, _, after)| (at, after))).collect())
}

fn local(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text.trim().trim_end_matches('Z'), "%Y%m%dT%H%M%S").ok()
}

/// `+0100`, `-073000`: seconds east of UTC.
fn utc_offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.trim().split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |two| two.parse::<i32>().ok());
    (digits.len() >= 4).then_some(())?;
    Some(sign * (part(0)? * 3600 + part(2)? * 60 + part(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ics::line::parse;

    const NEW_YORK: &str = "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Our Office\n\
        BEGIN:STANDARD\nDTSTART:16011104T020000\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\n\
        BEGIN:DAYLIGHT\nDTSTART:16010311T020000\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nEND:DAYLIGHT\n\
        END:VTIMEZONE\nBEGIN:VTIMEZONE\nTZID:Hint\nX-LIC-LOCATION:Asia/Kolkata\nEND:VTIMEZONE\n\
        BEGIN:VTIMEZONE\nTZID:Fixed\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0900\nTZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE\n\
        BEGIN:VTIMEZONE\nTZID:Nowhere\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0117\nTZOFFSETTO:+0117\nEND:STANDARD\nEND:VTIMEZONE\n\
        END:VCALENDAR\n";

    #[test]
    fn tzids_are_understood() {
        let madrid = Zone::named("Europe/Madrid").unwrap();
        let root = parse(NEW_YORK.as_bytes());
        let at = "2026-11-25T21:00:00Z".parse().unwrap();
        let zones = Zones::new(root.children.iter(), madrid, Some(at));
        let cases = [
            ("none", None, "Europe/Madrid"),
            ("an IANA name", Some("America/Sao_Paulo"), "America/Sao_Paulo"),
            ("in lower case", Some("europe/paris"), "Europe/Paris"),
            ("behind a path", Some("/citadel.org/20211207_1/Europe/Berlin"), "Europe/Berlin"),
            ("Windows", Some("W. Europe Standard Time"), "Europe/Berlin"),
            ("Windows, quoted", Some("\"Romance Standard Time\""), "Europe/Paris"),
            ("Windows, as shown", Some("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi"), "Europe/Madrid"),
            ("what it does", Some("Our Office"), "America/New_York"),
            ("its hint", Some("Hint"), "Asia/Kolkata"),
            ("an offset", Some("Fixed"), "Asia/Seoul"),
            ("nothing", Some("Nowhere"), "Europe/Madrid"),
        ];
        for (name, id, want) in cases {
            assert_eq!(zones.of(id).name(), want, "{name}");
        }
        assert_eq!(zones.unknown(), ["(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Nowhere"]);
    }

    #[test]
    fn offsets() {
        for (text, want) in [
            ("+0100", Some(3600)),
            ("-0730", Some(-27_000)),
            ("+011730", Some(4650)),
            ("0100", None),
            ("+1", None),
            ("", None),
        ] {
            assert_eq!(utc_offset(text), want, "{text}");
        }
    }
}
