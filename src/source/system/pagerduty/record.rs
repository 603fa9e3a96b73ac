//! Incidents, maintenance windows and services as records.

use serde_json::Value;

use crate::{
    model::{
        Fault, Incident, IncidentSeverity, IncidentState, Instant, Line, Record, Scope, Service, Wall,
        WindowKind, Word,
    },
    source::{
        bare,
        system::{
            Setup,
            fields::Table,
            incident,
            json::{at, instant, line, list, number, text},
        },
    },
};

const STATES: Table<IncidentState> = Table::Words(&[
    ("triggered", IncidentState::Open),
    ("acknowledged", IncidentState::Open),
    ("resolved", IncidentState::Restored),
    (MERGED, IncidentState::Cancelled),
]);
/// Names of priorities that PagerDuty proposes; an incident without one has its urgency.
const SEVERITIES: Table<IncidentSeverity> = Table::Words(&[
    ("P1", IncidentSeverity::Critical),
    ("P2", IncidentSeverity::High),
    ("P3", IncidentSeverity::Moderate),
    ("P4", IncidentSeverity::Low),
    ("P5", IncidentSeverity::Low),
    ("SEV-1", IncidentSeverity::Critical),
    ("SEV-2", IncidentSeverity::High),
    ("SEV-3", IncidentSeverity::Moderate),
    ("SEV-4", IncidentSeverity::Low),
    ("SEV-5", IncidentSeverity::Low),
]);
/// The state of one that became part of another: it is the same trouble, and counted there.
const MERGED: &str = "merged";

/// When an incident began.
pub fn began(row: &Value) -> Option<Instant> {
    instant(row, "created_at")
}

/// When it ended; of one that has ended and does not say, when its status last changed.
pub fn ended(row: &Value) -> Option<Instant> {
    let changed = || instant(row, "last_status_change_at").filter(|_| text(row, "status") == "resolved");
    instant(row, "resolved_at").or_else(changed)
}

/// # Errors
/// When it cannot be told from others.
pub fn incident(setup: &Setup, row: &Value) -> Result<Record, Fault> {
    let id = id(setup, row)?;
    let merged = text(row, "resolve_reason.type") == "merge_resolve_reason";
    let state = if merged { MERGED } else { text(row, "status") };
    let title = line(row, "title").or_else(|| line(row, "summary")).unwrap_or_default();
    let priority = line(row, "priority.summary").or_else(|| line(row, "priority.name"));
    Ok(incident::record(Incident {
        // By its number people call it.
        title: match number(row, "incident_number") {
            Some(number) => Line::new(&format!("[#{number}] {title}")),
            None => title,
        },
        state: STATES.read(&setup.words, state),
        severity: match priority.as_deref().or(line(row, "urgency").as_deref()) {
            Some(word) => SEVERITIES.read(&setup.words, word),
            None => Word::default(),
        },
        opened: began(row),
        restored: ended(row),
        services: name(at(row, "service")).into_iter().collect(),
        url: line(row, "html_url"),
        ..Incident::new(id)
    }))
}

/// # Errors
/// When it has no id or no times, or names no service: it would count for everything.
pub fn window(setup: &Setup, row: &Value) -> Result<Record, Fault> {
    let id = id(setup, row)?;
    let fault =
        |place: &str, words: &str| setup.fault(Some(&id), place, format!("{words}: the window was left out"));
    let (start, end) = instant(row, "start_time")
        .zip(instant(row, "end_time"))
        .ok_or_else(|| fault("start_time", "it does not say from when to when it is"))?;
    let services: Vec<Line> = list(row, "services").iter().filter_map(name).collect();
    if services.is_empty() {
        return Err(fault("services", "it names no service"));
    }
    let mut window = bare::window(id.clone(), WindowKind::Maintenance, Wall::Utc(start), Wall::Utc(end));
    window.name = line(row, "description").or_else(|| line(row, "summary")).unwrap_or_default();
    window.scope = Scope { services, ..Scope::default() };
    Ok(Record::Window(Box::new(window)))
}

/// # Errors
/// When it cannot be told from others.
pub fn service(setup: &Setup, row: &Value) -> Result<Record, Fault> {
    Ok(Record::Service(Box::new(Service {
        id: id(setup, row)?,
        name: name(row).unwrap_or_default(),
        class: None,
        tier: None,
        depends_on: Vec::new(),
        aliases: Vec::new(),
        extra: Default::default(),
    })))
}

fn id(setup: &Setup, row: &Value) -> Result<crate::model::Id, Fault> {
    match text(row, "id") {
        "" => Err(setup.nameless()),
        id => setup.record_id(id),
    }
}

/// What a service, or a reference to one, is called; by its id where it bears no name.
fn name(service: &Value) -> Option<Line> {
    ["name", "summary", "id"].iter().find_map(|field| line(service, field))
}
