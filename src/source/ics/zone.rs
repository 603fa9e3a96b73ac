//! What a TZID means: a zone by its IANA name, by its VTIMEZONE's own hint, by the names of Windows and Outlook, by what
//! its VTIMEZONE does, and last by an offset in its name.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{line::Component, own::Own, shown_names, windows_zones};
use crate::{calendar::Zone, model::time::Instant};

/// How many zones of a feed are compared with those of the world, which takes a millisecond each.
const COMPARED: usize = 200;

/// What a TZID means: the zone that carries its times, and its own rules where that zone keeps other hours.
#[derive(Debug, Clone)]
struct Meaning {
    zone: Zone,
    own: Option<Rc<Own>>,
    /// What is to be said where it is used.
    said: Option<String>,
}

/// The zones of one feed. Each calendar object has its own definitions, and those of the others where it has none.
#[derive(Debug)]
pub struct Zones {
    /// The zone of floating and all-day times in the calendar that is being read.
    floating: Cell<Zone>,
    /// The zone configured for the source.
    configured: Zone,
    /// The zone a calendar names for itself (X-WR-TIMEZONE), by calendar; used where the source has none configured.
    named: Vec<Option<Zone>>,
    defined: BTreeMap<String, BTreeMap<usize, Option<Meaning>>>,
    calendar: Cell<usize>,
    /// A time the feed speaks of, at which zones are compared.
    around: Instant,
    /// TZIDs that were asked for and not understood.
    unknown: RefCell<BTreeSet<String>>,
    remarks: RefCell<BTreeSet<String>>,
}

impl Zones {
    /// Reads the VTIMEZONEs of calendars; `around` is a time the feed speaks of, at which zones are compared; with
    /// `by_feed` the zone a calendar names for itself goes before `floating`.
    #[must_use]
    pub fn new<'a>(
        calendars: impl Iterator<Item = &'a Component>,
        floating: Zone,
        by_feed: bool,
        around: Option<Instant>,
    ) -> Self {
        let (mut named, mut defined) = (Vec::new(), BTreeMap::<String, BTreeMap<_, _>>::new());
        let mut compared = 0;
        for (index, calendar) in calendars.enumerate() {
            let own = calendar.text("X-WR-TIMEZONE").filter(|_| by_feed).and_then(|name| by_name(&name));
            named.push(own);
            for component in calendar.children.iter().filter(|component| component.name == "VTIMEZONE") {
                let Some(id) = component.text("TZID") else { continue };
                let hint = || by_name(&component.text("X-LIC-LOCATION")?);
                let meaning = by_name(&id).or_else(hint).map(Meaning::plain).or_else(|| {
                    compared += 1;
                    let own = Own::of(component).filter(|_| compared <= COMPARED)?;
                    Some(Meaning::defined(&id, own, own_or(named.last(), floating), around))
                });
                defined.entry(id).or_default().entry(index).or_insert(meaning);
            }
        }
        let first = own_or(named.first(), floating);
        Self {
            floating: Cell::new(first),
            configured: floating,
            named,
            defined,
            calendar: Cell::new(0),
            around: around.unwrap_or_default(),
            unknown: RefCell::default(),
            remarks: RefCell::default(),
        }
    }

    /// Goes on to another calendar of the feed.
    pub fn enter(&self, calendar: usize) {
        self.calendar.set(calendar);
        self.floating.set(own_or(self.named.get(calendar), self.configured));
    }

    /// The zone of floating and all-day times.
    #[must_use]
    pub fn floating(&self) -> Zone {
        self.floating.get()
    }

    /// The zone of a TZID; without one, or with one that means nothing, `floating`.
    #[must_use]
    pub fn of(&self, id: Option<&str>, floating: Zone) -> Zone {
        self.meaning(id).map_or(floating, |meaning| meaning.zone)
    }

    /// The rules of a TZID where no zone keeps its hours.
    #[must_use]
    pub fn own(&self, id: Option<&str>) -> Option<Rc<Own>> {
        self.meaning(id)?.own
    }

    fn meaning(&self, id: Option<&str>) -> Option<Meaning> {
        let id = id.map(str::trim).filter(|id| !id.is_empty())?;
        let defined = self.defined.get(id).and_then(|by_calendar| {
            by_calendar.get(&self.calendar.get()).or_else(|| by_calendar.values().next()).cloned().flatten()
        });
        let found =
            defined.or_else(|| by_name(id).map(Meaning::plain)).or_else(|| Meaning::offset(id, self.around));
        match &found {
            Some(meaning) => self.remarks.borrow_mut().extend(meaning.said.clone()),
            None => drop(self.unknown.borrow_mut().insert(id.to_owned())),
        }
        found
    }

    /// The TZIDs that were asked for and not understood.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        self.unknown.borrow().iter().cloned().collect()
    }

    /// What is to be said of the TZIDs that were asked for.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.remarks.borrow().iter().cloned().collect()
    }
}

impl Meaning {
    fn plain(zone: Zone) -> Self {
        Self { zone, own: None, said: None }
    }

    fn defined(id: &str, own: Own, floating: Zone, around: Option<Instant>) -> Self {
        let (zone, same) = own.nearest(floating, around.unwrap_or_default());
        let said = (same && own.ends())
            .then(|| format!("TZID {id:?} is defined for some time only; it is read as {zone} throughout"));
        Self { zone, own: (!same).then(|| Rc::new(own)), said }
    }

    /// The last resort: an offset in the name.
    fn offset(id: &str, around: Instant) -> Option<Self> {
        let offset = shown_names::offset(id)?;
        let own = Own::constant(offset);
        let (zone, same) = own.nearest(Zone::UTC, around);
        let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
        let clock = format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60);
        let said =
            format!("TZID {id:?} is no zone that is known; its times are read as {clock}, all the year");
        Some(Self { zone, own: (!same).then(|| Rc::new(own)), said: Some(said) })
    }
}

fn own_or(named: Option<&Option<Zone>>, floating: Zone) -> Zone {
    named.copied().flatten().unwrap_or(floating)
}

/// By IANA name, also behind a path (`/citadel.org/20211207_1/Europe/Madrid`), or by a name of Windows or Outlook.
fn by_name(id: &str) -> Option<Zone> {
    let id = id.trim().trim_matches('"');
    let tails = std::iter::once(id)
        .chain(id.match_indices('/').map(|(at, _)| &id[at + 1..]))
        .filter(|tail| !tail.is_empty());
    tails
        .filter(|tail| !tail.starts_with(|c: char| c.is_ascii_digit()))
        .find_map(|tail| Zone::named(tail).ok())
        .or_else(|| Zone::named(windows_zones::iana(id).or_else(|| shown_names::iana(id))?).ok())
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
        let zones = Zones::new(root.children.iter(), madrid, false, Some(at));
        let cases = [
            ("none", None, "Europe/Madrid"),
            ("an IANA name", Some("America/Sao_Paulo"), "America/Sao_Paulo"),
            ("in lower case", Some("europe/paris"), "Europe/Paris"),
            ("behind a path", Some("/citadel.org/20211207_1/Europe/Berlin"), "Europe/Berlin"),
            ("Windows", Some("W. Europe Standard Time"), "Europe/Berlin"),
            ("Windows, quoted", Some("\"Romance Standard Time\""), "Europe/Paris"),
            ("Windows, as shown", Some("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi"), "Asia/Kolkata"),
            ("what it does", Some("Our Office"), "America/New_York"),
            ("its hint", Some("Hint"), "Asia/Kolkata"),
            ("an offset", Some("Fixed"), "Asia/Seoul"),
            ("an offset in its name", Some("(UTC+09:00) Somewhere"), "Asia/Seoul"),
            ("nothing", Some("Mars/Base"), "Europe/Madrid"),
        ];
        for (name, id, want) in cases {
            assert_eq!(zones.of(id, madrid).name(), want, "{name}");
        }
        assert_eq!(zones.unknown(), ["Mars/Base"]);
        let said = "TZID \"(UTC+09:00) Somewhere\" is no zone that is known; its times are read as UTC+09:00, all the year";
        assert_eq!(zones.remarks(), [said]);
        let own = zones.own(Some("Nowhere")).unwrap();
        assert_eq!(own.offset(at), 4620, "what no zone keeps is kept by its own rules");
        assert!(zones.own(Some("Our Office")).is_none());
    }
}
