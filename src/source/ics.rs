//! iCalendar feeds (RFC 5545): their events as windows and releases. Fetching them is the hub's work.
//!
//! Where rules § Time and the RFC differ, the rules win: a local time in a gap or a fold is read against the change. One bad
//! event becomes a fault and hides no other, and no event that was read goes without an occurrence or a word.

mod event;
mod exact;
mod family;
mod kind;
mod line;
mod own;
mod record;
mod rules;
mod series;
mod shown_names;
#[cfg(test)]
mod tests;
mod time;
mod windows_zones;
mod zone;

use std::collections::BTreeMap;

use crate::{
    calendar::Zone,
    model::{
        BoardFile, Fault, FilePart, GivenFields, Id, Instant, Line, Release, Scope, SourceId, Window,
        WindowKind,
    },
};
use event::Event;
use family::Family;
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
    /// Whether the zone a calendar names for itself (X-WR-TIMEZONE) goes before that: where nobody has chosen one.
    pub zone_by_feed: bool,
    /// What every event of the feed is; `None` = by the words of each.
    pub kind: Option<FeedKind>,
    /// Whether its freezes forbid; where they do not, every freeze of the feed is soft.
    pub hard: bool,
    /// What an event speaks of where its categories do not say.
    pub scope: Scope,
}

impl IcsOptions {
    /// The zone of floating and whole-day times on a board of that zone, where the calendar names none itself: the one
    /// that was chosen, else the board's, else the machine's.
    #[must_use]
    pub fn zone_at(&self, board: Option<Zone>) -> Zone {
        board.filter(|_| self.zone_by_feed).unwrap_or(self.zone)
    }
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
    /// What a calendar says of its windows and releases, a field it leaves out being one it says nothing of. Whom they
    /// concern, and whether a freeze is hard, is the board's to say once they are there, unless the calendar says it.
    #[must_use]
    pub fn given(&self) -> GivenFields {
        let mut given = GivenFields::default();
        for window in &self.windows {
            let mut fields = vec!["kind", "name", "start", "end", "zone", "rrule", "exdates", "rdates"];
            fields.extend(["not_understood", "description", "location", "url", "status"]);
            fields.extend((window.scope != Scope::default()).then_some("scope"));
            fields.extend((!window.hard).then_some("hard"));
            given.add(FilePart::Window, [window.id.clone()], fields.into_iter().map(Line::new).collect());
        }
        for release in &self.releases {
            let mut fields = vec!["name", "phases", "url", "description", "location", "status"];
            fields.extend((!release.services.is_empty()).then_some("services"));
            fields.extend((release.state != Release::new(release.id.clone()).state).then_some("state"));
            given.add(FilePart::Release, [release.id.clone()], fields.into_iter().map(Line::new).collect());
        }
        given
    }

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
    let zones =
        Zones::new(calendars.iter().copied(), options.zone, options.zone_by_feed, first_year(&calendars));
    let mut reader = Reader { options, read: IcsRead::default() };
    for (line, message) in
        root.problems.iter().chain(calendars.iter().flat_map(|calendar| &calendar.problems))
    {
        reader.fault(None, *line, message.clone());
    }
    let mut events = BTreeMap::new();
    for (index, calendar) in calendars.iter().enumerate() {
        zones.enter(index);
        for component in calendar.children.iter().filter(|component| component.name == "VEVENT") {
            reader.take(component, &zones, &mut events);
        }
    }
    for series in events.into_values() {
        reader.series(series);
    }
    for id in zones.unknown() {
        let zone = zones.floating();
        reader.fault(
            None,
            0,
            format!(
                "TZID {id:?} is no zone that is known; its times are read in {zone}, the zone of the source"
            ),
        );
    }
    for said in zones.remarks() {
        reader.fault(None, 0, said);
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

/// What events were taken for, in words: `taken by their words: 2 freeze, 1 event`.
#[must_use]
pub fn taken_for(kinds: impl Iterator<Item = String>) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for kind in kinds {
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((kind, 1)),
        }
    }
    let counted: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    format!("what its events are was told by their words: {}", counted.join(", "))
}

struct Reader<'a> {
    options: &'a IcsOptions,
    read: IcsRead,
}

/// The events of one UID.
type Series = Vec<Event>;

impl Reader<'_> {
    fn fault(&mut self, record: Option<Id>, line: usize, message: String) {
        let place = if line == 0 { "feed".to_owned() } else { format!("line {line}") };
        let message = crate::model::text::clean_line(&message).into_owned();
        self.read.faults.push(Fault { source: self.options.source.clone(), record, place, message });
    }

    /// Reads an event and keeps it with those of its UID.
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
            Ok(event) => events.entry(event.uid.clone()).or_default().push(event),
        }
    }

    /// The series of one UID: of several that nothing tells apart, every one.
    fn series(&mut self, series: Series) {
        let words = Words { options: self.options };
        let family = Family::of(series);
        for (event, message) in family.said {
            self.fault(Some(event.0), event.1, message);
        }
        if family.masters.is_empty() {
            for mut event in family.overrides.into_iter().filter(|event| !event.cancelled) {
                self.point(&event, &words);
                if event.replaces.is_some_and(|(_, later)| later) && event.rules.is_empty() {
                    let why = "it changes all later occurrences of a series that is not there: only this one is known";
                    event.not_understood.get_or_insert_with(|| why.to_owned());
                    self.fault(Some(event.uid.clone()), event.line, format!("RECURRENCE-ID: {why}"));
                }
                let mut built = series::Built::default();
                let id = series::override_id(&event, event.zone());
                series::alone(&event, id, None, &words, &mut built);
                self.keep(built);
            }
            return;
        }
        let mut overrides = Some(family.overrides);
        for master in family.masters {
            let own = if master.takes_overrides { overrides.take().unwrap_or_default() } else { Vec::new() };
            self.one(master.event, own, &words);
        }
    }

    fn one(&mut self, mut master: Event, mut overrides: Vec<Event>, words: &Words<'_>) {
        if series::is_release(&master, &overrides, words.kind(&master, None)) {
            self.read.releases.push(words.release(&master));
            return;
        }
        if master.cancelled {
            return;
        }
        self.point(&master, words);
        for (line, message) in rules::settle(&mut master) {
            self.fault(Some(master.uid.clone()), line, message);
        }
        let later = |event: &&mut Event| event.replaces.is_some_and(|(_, later)| later) && !event.cancelled;
        for event in overrides.iter_mut().filter(later) {
            let id = series::override_id(event, master.zone());
            for (line, message) in rules::settle(event) {
                self.fault(Some(id.clone()), line, message);
            }
        }
        self.keep(series::build(&master, &overrides, words));
    }

    fn keep(&mut self, built: series::Built) {
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
