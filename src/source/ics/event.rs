//! One VEVENT as read: its times, its recurrence, its words. What becomes of it belongs to `series`.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::{
    IcsOptions,
    kind::{self, FeedKind},
    line::Component,
    own::Own,
    time::{Extra, Stamp, duration, extras, one, stamps},
    zone::Zones,
};
use crate::{
    calendar::{Fold, Zone},
    model::{Id, Line, Prose, Scope, WindowKind, time::Instant},
};

/// One VEVENT.
#[derive(Debug, Clone)]
pub struct Event {
    /// The line of the file it starts on.
    pub line: usize,
    pub uid: Id,
    /// The occurrence of its series that it stands for, and whether for all later ones too.
    pub replaces: Option<(Stamp, bool)>,
    /// That occurrence is written without a zone: it is in the zone of its series.
    pub replaces_floating: bool,
    /// How many changes of the same occurrence have its id before it; 0 for nearly every one.
    pub twin: usize,
    /// Kept beside another change of the same occurrence: that one is what replaces it.
    pub beside: bool,
    /// The zone of floating and all-day times.
    pub floating: Zone,
    /// The rules of its zone, where no zone of the world keeps them.
    pub own: Option<Rc<Own>>,
    /// SEQUENCE, then the time of the last edit: the higher one wins.
    pub version: (i64, Instant),
    pub start: Stamp,
    /// `None` = a point in time.
    pub end: Option<Stamp>,
    pub rules: Vec<String>,
    /// The rule that could not be read, as it is written.
    pub raw_rule: Option<String>,
    /// What of its repetition or its length could not be read, in words.
    pub not_understood: Option<String>,
    pub added: Vec<Extra>,
    pub removed: Vec<Stamp>,
    pub cancelled: bool,
    pub tentative: bool,
    pub name: Line,
    pub description: Prose,
    pub place: Option<Line>,
    pub url: Option<Line>,
    /// What its words say it is; `None` = they say nothing.
    pub kind: Option<FeedKind>,
    /// Its words say that it does not forbid.
    pub soft: bool,
    pub scope: Scope,
}

/// An event, or why there is none; and what was wrong in it, by line.
pub struct Read {
    pub event: Result<Event, (Option<Id>, String)>,
    pub problems: Vec<(usize, String)>,
}

/// Reads a VEVENT.
pub fn read(component: &Component, zones: &Zones, options: &IcsOptions) -> Read {
    let mut problems = component.problems.clone();
    let uid = uid(component);
    let event = match &uid {
        Ok(uid) => build(component, uid.clone(), zones, options, &mut problems)
            .map_err(|message| (Some(uid.clone()), message)),
        Err(message) => Err((None, message.clone())),
    };
    Read { event, problems }
}

fn build(
    component: &Component,
    uid: Id,
    zones: &Zones,
    options: &IcsOptions,
    problems: &mut Vec<(usize, String)>,
) -> Result<Event, String> {
    let property = component.get("DTSTART").ok_or("DTSTART is missing; an event needs a start")?;
    let start = one(property, zones, zones.floating())?;
    let categories: Vec<String> =
        component.all("CATEGORIES").flat_map(super::line::Property::texts).collect();
    let summary = component.text("SUMMARY").unwrap_or_default();
    let transparent = component.text("TRANSP").is_some_and(|value| value.eq_ignore_ascii_case("TRANSPARENT"));
    let status = component.text("STATUS").unwrap_or_default().to_ascii_uppercase();
    let mut dates = Dates { not_understood: None, problems };
    let (added, removed) = (dates.added(component, zones, start), dates.removed(component, zones, start));
    let end = dates.end(component, start, zones);
    let not_understood = dates.not_understood;
    let text = |name| component.text(name).map(|text| Line::new(&text)).filter(|line| !line.is_empty());
    let kind = kind::of(&categories, &summary, transparent);
    let mut event = Event {
        line: component.line,
        uid,
        replaces: replaces(component, zones, start)?,
        replaces_floating: component.get("RECURRENCE-ID").is_some_and(|id| id.param("TZID").is_none()),
        twin: 0,
        beside: false,
        floating: zones.floating(),
        own: zones.own(property.param("TZID")).filter(|_| matches!(start, Stamp::Local(..))),
        version: version(component, zones),
        start,
        end,
        rules: component.all("RRULE").map(|property| property.value.trim().to_owned()).collect(),
        raw_rule: None,
        not_understood,
        added,
        removed,
        cancelled: status == "CANCELLED",
        tentative: status == "TENTATIVE",
        name: Line::new(&summary),
        description: Prose::new(&component.text("DESCRIPTION").unwrap_or_default()),
        place: text("LOCATION"),
        url: text("URL"),
        kind,
        soft: kind::is_soft(&categories, &summary),
        scope: kind::scope(&categories, &options.scope),
    };
    if component.get("EXRULE").is_some() {
        // What it leaves out is not known: the first occurrence alone is certain.
        event.rules.clear();
    }
    let freeze = options.kind.or(kind) == Some(FeedKind::Window(WindowKind::Freeze));
    event.settle(zones.own(component.get("DTEND").and_then(|end| end.param("TZID"))).as_deref(), freeze);
    Ok(event)
}

impl Event {
    /// The zone its wall clocks are of.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.start.zone(self.floating)
    }

    /// Whether it happens once, as far as it says itself.
    fn is_single(&self) -> bool {
        self.rules.is_empty() && self.added.is_empty()
    }

    /// What happens once in a zone that only its file knows becomes instants; a series is mended when it is built.
    fn settle(&mut self, own_end: Option<&Own>, freeze: bool) {
        if !self.is_single() {
            return;
        }
        let folds = if freeze { (Fold::First, Fold::Second) } else { (Fold::Second, Fold::First) };
        let own_end = own_end.or(self.own.as_deref());
        self.end = self.end.map(|end| exact(end, own_end, folds.1));
        self.start = exact(self.start, self.own.as_deref(), folds.0);
    }
}

/// A local time as the instant its own zone means, where the zone that carries it means another.
fn exact(stamp: Stamp, own: Option<&Own>, fold: Fold) -> Stamp {
    match (stamp, own) {
        (Stamp::Local(local, zone), Some(own)) => {
            let meant = own.instant(local, fold);
            if zone.instant(local, fold).0 == meant { stamp } else { Stamp::Utc(meant) }
        }
        (Stamp::Local(..) | Stamp::Utc(_) | Stamp::Date(_), _) => stamp,
    }
}

/// Reads what an event says of when it is, and keeps what could not be read.
struct Dates<'a> {
    not_understood: Option<String>,
    problems: &'a mut Vec<(usize, String)>,
}

impl Dates<'_> {
    /// Said, and marked where it changes when the event occurs.
    fn fault(&mut self, line: usize, message: String) {
        self.not_understood.get_or_insert_with(|| message.clone());
        self.problems.push((line, message));
    }

    fn added(&mut self, component: &Component, zones: &Zones, start: Stamp) -> Vec<Extra> {
        let floating = start.zone(zones.floating());
        let mut found = Vec::new();
        for property in component.all("RDATE") {
            match extras(property, zones, floating) {
                Ok(extras) => found.extend(extras),
                Err(message) => self.fault(property.line, message),
            }
        }
        if let Stamp::Date(_) = start {
            for extra in &mut found {
                extra.start = Stamp::Date(extra.start.day(floating));
                extra.end = extra.end.map(|end| Stamp::Date(end.day(floating)));
            }
        }
        found
    }

    fn removed(&mut self, component: &Component, zones: &Zones, start: Stamp) -> Vec<Stamp> {
        let floating = start.zone(zones.floating());
        let mut found = Vec::new();
        for property in component.all("EXDATE").filter(|property| !property.value.trim().is_empty()) {
            match stamps(property, zones, floating) {
                Ok(stamps) => found.extend(stamps),
                Err(message) => self.fault(property.line, message),
            }
        }
        for property in component.all("EXRULE") {
            let message = "EXRULE is out of use and not read; list the dates as EXDATE".to_owned();
            self.fault(property.line, message);
        }
        if let Stamp::Date(_) = start {
            found.iter_mut().for_each(|stamp| *stamp = Stamp::Date(stamp.day(floating)));
        }
        found
    }

    fn end(&mut self, component: &Component, start: Stamp, zones: &Zones) -> Option<Stamp> {
        end(component, start, zones).unwrap_or_else(|message| {
            let named = component.get("DTEND").or_else(|| component.get("DURATION"));
            self.fault(named.map_or(component.line, |property| property.line), message);
            one_day(start)
        })
    }
}

/// The UID; where it is missing or too long, a name made from what the event says.
fn uid(component: &Component) -> Result<Id, String> {
    let given = component.text("UID").unwrap_or_default();
    Id::new(&given).or_else(|_| {
        let seed = if given.is_empty() {
            let value = |name| component.get(name).map_or("", |property| property.value.as_str());
            format!("{}\n{}", value("DTSTART"), value("SUMMARY"))
        } else {
            given
        };
        let digest = Sha256::digest(seed.as_bytes());
        let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Id::new(&format!("ics-{hex}")).map_err(|error| error.to_string())
    })
}

fn replaces(component: &Component, zones: &Zones, start: Stamp) -> Result<Option<(Stamp, bool)>, String> {
    let Some(property) = component.get("RECURRENCE-ID") else { return Ok(None) };
    let later = property.param("RANGE").is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"));
    Ok(Some((one(property, zones, start.zone(zones.floating()))?, later)))
}

fn version(component: &Component, zones: &Zones) -> (i64, Instant) {
    let sequence = component.text("SEQUENCE").and_then(|text| text.parse().ok()).unwrap_or_default();
    let edited = ["LAST-MODIFIED", "DTSTAMP"]
        .iter()
        .filter_map(|name| one(component.get(name)?, zones, zones.floating()).ok())
        .map(|stamp| stamp.instant(zones.floating()))
        .max();
    (sequence, edited.unwrap_or(Instant::MIN))
}

/// A date alone lasts its day, a time alone is a point.
fn one_day(start: Stamp) -> Option<Stamp> {
    match start {
        Stamp::Date(_) => start.plus(super::time::Length { days: 1, secs: 0 }),
        Stamp::Local(..) | Stamp::Utc(_) => None,
    }
}

/// DTEND, or DTSTART with DURATION.
fn end(component: &Component, start: Stamp, zones: &Zones) -> Result<Option<Stamp>, String> {
    let zone = start.zone(zones.floating());
    let end = match (component.get("DTEND"), component.get("DURATION")) {
        (Some(end), _) => Some(one(end, zones, zone)?),
        (None, Some(length)) => {
            start.plus(duration(&length.value).map_err(|error| format!("DURATION: {error}"))?)
        }
        (None, None) => None,
    };
    let Some(end) = end else { return Ok(one_day(start)) };
    if end.local(zone) > start.local(zone) || end.instant(zone) > start.instant(zone) {
        return Ok(Some(end));
    }
    if end.local(zone) < start.local(zone) {
        return Err("DTEND: the event ends before it starts; correct one of them".to_owned());
    }
    Ok(one_day(start))
}
