//! One VEVENT as read: its times, its recurrence, its words. What becomes of it belongs to `series`.

use sha2::{Digest, Sha256};

use super::{
    IcsOptions,
    kind::{self, FeedKind},
    line::Component,
    time::{Extra, Stamp, duration, extras, one, stamps},
    zone::Zones,
};
use crate::model::{Id, Line, Prose, Scope, time::Instant};

/// One VEVENT.
#[derive(Debug, Clone)]
pub struct Event {
    /// The line of the file it starts on.
    pub line: usize,
    pub uid: Id,
    /// The occurrence of its series that it stands for, and whether for all later ones too.
    pub replaces: Option<(Stamp, bool)>,
    /// SEQUENCE, then the time of the last edit: the higher one wins.
    pub version: (i64, Instant),
    pub start: Stamp,
    /// `None` = a point in time.
    pub end: Option<Stamp>,
    pub rules: Vec<String>,
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
    let start = component.get("DTSTART").ok_or("DTSTART is missing; an event needs a start")?;
    let start = one(start, zones)?;
    let categories: Vec<String> =
        component.all("CATEGORIES").flat_map(super::line::Property::texts).collect();
    let summary = component.text("SUMMARY").unwrap_or_default();
    let transparent = component.text("TRANSP").is_some_and(|value| value.eq_ignore_ascii_case("TRANSPARENT"));
    let status = component.text("STATUS").unwrap_or_default().to_ascii_uppercase();
    let mut list = |name: &'static str, into: &mut Vec<Stamp>| {
        for property in component.all(name) {
            match stamps(property, zones) {
                Ok(found) => into.extend(found),
                Err(message) => problems.push((property.line, message)),
            }
        }
    };
    let mut removed = Vec::new();
    list("EXDATE", &mut removed);
    let mut added = Vec::new();
    for property in component.all("RDATE") {
        match extras(property, zones) {
            Ok(found) => added.extend(found),
            Err(message) => problems.push((property.line, message)),
        }
    }
    for property in component.all("EXRULE") {
        let message = "EXRULE is out of use and not read; list the dates as EXDATE".to_owned();
        problems.push((property.line, message));
    }
    let text = |name| component.text(name).map(|text| Line::new(&text)).filter(|line| !line.is_empty());
    Ok(Event {
        line: component.line,
        uid,
        replaces: replaces(component, zones)?,
        version: version(component, zones),
        start,
        end: end(component, start, zones)?,
        rules: component.all("RRULE").map(|property| property.value.trim().to_owned()).collect(),
        added,
        removed,
        cancelled: status == "CANCELLED",
        tentative: status == "TENTATIVE",
        name: Line::new(&summary),
        description: Prose::new(&component.text("DESCRIPTION").unwrap_or_default()),
        place: text("LOCATION"),
        url: text("URL"),
        kind: kind::of(&categories, &summary, transparent),
        soft: kind::is_soft(&categories, &summary),
        scope: kind::scope(&categories, &options.scope),
    })
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

fn replaces(component: &Component, zones: &Zones) -> Result<Option<(Stamp, bool)>, String> {
    let Some(property) = component.get("RECURRENCE-ID") else { return Ok(None) };
    let later = property.param("RANGE").is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"));
    Ok(Some((one(property, zones)?, later)))
}

fn version(component: &Component, zones: &Zones) -> (i64, Instant) {
    let sequence = component.text("SEQUENCE").and_then(|text| text.parse().ok()).unwrap_or_default();
    let edited = ["LAST-MODIFIED", "DTSTAMP"]
        .iter()
        .filter_map(|name| one(component.get(name)?, zones).ok())
        .map(|stamp| stamp.instant(zones.floating))
        .max();
    (sequence, edited.unwrap_or(Instant::MIN))
}

/// DTEND, or DTSTART with DURATION; a date alone lasts its day, a time alone is a point.
fn end(component: &Component, start: Stamp, zones: &Zones) -> Result<Option<Stamp>, String> {
    let day = || match start {
        Stamp::Date(_) => start.plus(super::time::Length { days: 1, secs: 0 }),
        Stamp::Local(..) | Stamp::Utc(_) => None,
    };
    let end = match (component.get("DTEND"), component.get("DURATION")) {
        (Some(end), _) => Some(one(end, zones)?),
        (None, Some(length)) => {
            start.plus(duration(&length.value).map_err(|error| format!("DURATION: {error}"))?)
        }
        (None, None) => None,
    };
    let zone = start.zone(zones.floating);
    let Some(end) = end else { return Ok(day()) };
    if end.local(zone) > start.local(zone) || end.instant(zone) > start.instant(zone) {
        return Ok(Some(end));
    }
    if end.local(zone) < start.local(zone) {
        return Err("DTEND: the event ends before it starts; correct one of them".to_owned());
    }
    Ok(day())
}
