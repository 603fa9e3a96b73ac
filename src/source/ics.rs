//! iCalendar feeds (RFC 5545): their events as windows and releases. Fetching them is the hub's work.
//!
//! Where RULES "Time" and the RFC differ, RULES wins: a DTSTART that the rule does not generate is no occurrence, and a
//! local time in a gap or a fold is read against the change. One bad event becomes a fault and hides no other.

mod event;
mod kind;
mod line;
mod record;
mod series;
#[cfg(test)]
mod tests;
mod time;
mod windows_zones;
mod zone;

use std::collections::BTreeMap;

use crate::{
    calendar::Zone,
    model::{BoardFile, Fault, Id, Instant, Line, Release, Scope, SourceId, Window, WindowKind},
};
use event::Event;
pub use kind::{FeedKind, FeedKindError};
use line::Component;
use record::Words;
use zone::Zones;

/// How a feed is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcsOptions {
    pub source: SourceId,
    /// Of floating and all-day times; never the viewer's.
    pub zone: Zone,
    /// What every event of the feed is; `None` = by the words of each.
    pub kind: Option<FeedKind>,
    /// Whether its freezes forbid; where they do not, every freeze of the feed is soft.
    pub hard: bool,
    /// What an event speaks of where its categories do not say.
    pub scope: Scope,
}

/// What a feed said. Ids are the feed's own: `UID`, or `UID#` and the occurrence an override stands for, in UTC.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IcsRead {
    pub windows: Vec<Window>,
    pub releases: Vec<Release>,
    pub faults: Vec<Fault>,
    /// The name the feed gives itself.
    pub name: Option<Line>,
    /// How often the feed asks to be read, in seconds.
    pub refresh: Option<i64>,
}

/// The text is no iCalendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IcsError {
    #[error("this is no iCalendar: it does not say BEGIN:VCALENDAR; it begins with {0:?}")]
    Other(String),
    #[error("this is a web page, not an iCalendar: the address may want a login")]
    Page,
}

impl IcsRead {
    /// The records alone, as a board file.
    #[must_use]
    pub fn into_file(self) -> BoardFile {
        BoardFile { windows: self.windows, releases: self.releases, ..BoardFile::default() }
    }
}

/// Reads a feed.
///
/// # Errors
/// When there is no VCALENDAR in it at all.
pub fn read(text: &[u8], options: &IcsOptions) -> Result<IcsRead, IcsError> {
    let root = line::parse(text);
    let calendars: Vec<&Component> = root.children.iter().filter(|child| child.name == "VCALENDAR").collect();
    if calendars.is_empty() {
        return Err(no_calendar(text));
    }
    let zones = Zones::new(calendars.iter().copied(), options.zone, first_year(&calendars));
    let mut reader = Reader { options, read: IcsRead::default() };
    for (line, message) in
        root.problems.iter().chain(calendars.iter().flat_map(|calendar| &calendar.problems))
    {
        reader.fault(None, *line, message.clone());
    }
    let mut events = BTreeMap::new();
    for component in calendars.iter().flat_map(|calendar| &calendar.children) {
        if component.name == "VEVENT" {
            reader.take(component, &zones, &mut events);
        }
    }
    for series in events.into_values() {
        reader.series(series);
    }
    for id in zones.unknown() {
        let zone = options.zone;
        reader.fault(
            None,
            0,
            format!(
                "TZID {id:?} is no zone that is known; its times are read in {zone}, the zone of the source"
            ),
        );
    }
    let property = |names: &[&str]| {
        names.iter().find_map(|name| calendars.iter().find_map(|calendar| calendar.text(name)))
    };
    reader.read.name = property(&["NAME", "X-WR-CALNAME"]).map(|name| Line::new(&name));
    reader.read.refresh = property(&["REFRESH-INTERVAL", "X-PUBLISHED-TTL"])
        .and_then(|text| time::duration(&text).ok())
        .and_then(|length| i64::try_from(length.days).ok()?.checked_mul(86_400)?.checked_add(length.secs));
    Ok(reader.read)
}

struct Reader<'a> {
    options: &'a IcsOptions,
    read: IcsRead,
}

/// The events of each UID, by what they replace; the master replaces nothing.
type Series = BTreeMap<Option<Instant>, Event>;

impl Reader<'_> {
    fn fault(&mut self, record: Option<Id>, line: usize, message: String) {
        let place = if line == 0 { "feed".to_owned() } else { format!("line {line}") };
        let message = crate::model::text::clean_line(&message).into_owned();
        self.read.faults.push(Fault { source: self.options.source.clone(), record, place, message });
    }

    /// Reads an event and keeps it, unless a newer version of it is there.
    fn take(&mut self, component: &Component, zones: &Zones, events: &mut BTreeMap<Id, Series>) {
        let read = event::read(component, zones, self.options);
        let id = match &read.event {
            Ok(event) => Some(event.uid.clone()),
            Err((id, _)) => id.clone(),
        };
        for (line, message) in read.problems {
            self.fault(id.clone(), line, message);
        }
        match read.event {
            Err((id, message)) => self.fault(id, component.line, message),
            Ok(event) => {
                let zone = event.start.zone(zones.floating);
                let key = event.replaces.map(|(stamp, _)| stamp.instant(zone));
                let series = events.entry(event.uid.clone()).or_default();
                if series.get(&key).is_none_or(|known| known.version <= event.version) {
                    series.insert(key, event);
                }
            }
        }
    }

    fn series(&mut self, mut series: Series) {
        let master = series.remove(&None);
        let overrides: Vec<Event> = series.into_values().collect();
        let words = Words { options: self.options, zone: self.options.zone };
        let Some(master) = master else {
            for event in overrides.iter().filter(|event| !event.cancelled) {
                self.point(event, &words);
                let zone = event.start.zone(words.zone);
                self.read.windows.push(words.window(event, series::override_id(event, zone), None));
            }
            return;
        };
        if series::is_release(&master, &overrides, words.kind(&master, None)) {
            self.read.releases.push(words.release(&master));
            return;
        }
        if master.cancelled {
            return;
        }
        self.point(&master, &words);
        let built = series::build(&master, &overrides, &words);
        self.read.windows.extend(built.windows);
        for (id, line, message) in built.faults {
            self.fault(Some(id), line, message);
        }
    }

    /// A window that rules use needs an end.
    fn point(&mut self, event: &Event, words: &Words<'_>) {
        let matters = match words.kind(event, None) {
            FeedKind::Window(WindowKind::Freeze | WindowKind::Maintenance | WindowKind::Release)
            | FeedKind::Release => true,
            FeedKind::Window(
                WindowKind::Event | WindowKind::Meeting | WindowKind::Sprint | WindowKind::Unknown,
            ) => false,
        };
        if event.end.is_none() && matters {
            let message = "it has no DTEND and no DURATION; it is taken to last one minute".to_owned();
            self.fault(Some(event.uid.clone()), event.line, message);
        }
    }
}

/// The first start of any event: around it the zones of the feed are compared.
fn first_year(calendars: &[&Component]) -> Option<Instant> {
    let starts = calendars
        .iter()
        .flat_map(|calendar| &calendar.children)
        .filter(|component| component.name == "VEVENT")
        .filter_map(|event| event.get("DTSTART"));
    let date = |value: &str| chrono::NaiveDate::parse_from_str(value.get(..8)?, "%Y%m%d").ok();
    starts.filter_map(|start| date(start.value.trim())).max().map(|date| Instant::from_naive_utc(date.into()))
}

fn no_calendar(text: &[u8]) -> IcsError {
    let start: String =
        String::from_utf8_lossy(&text[..text.len().min(200)]).trim().chars().take(40).collect();
    if start.to_ascii_lowercase().starts_with("<!doctype") || start.to_ascii_lowercase().starts_with("<html")
    {
        return IcsError::Page;
    }
    IcsError::Other(crate::model::text::clean_line(&start).into_owned())
}
