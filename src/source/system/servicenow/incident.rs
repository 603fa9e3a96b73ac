//! Rows of `incident`: what broke, when, on what, and which change is said to have caused or mended it.
//!
//! They are read where the settings ask for it: an account that reads changes need not see incidents.

use super::{
    Adapted,
    table::{Rec, all_of, stamp},
};
use crate::{
    model::{Fault, Id, Incident, IncidentSeverity, IncidentState, Instant, Line, Record, Word},
    source::{
        system::{
            Page, Refusal, Setup,
            fields::{Codes, coded},
            incident,
        },
        words::Mapped,
    },
};

/// What is asked for of an incident; a change behind a reference by its number.
const FIELDS: &str = "sys_id,number,short_description,state,priority,opened_at,resolved_at,closed_at,cmdb_ci,\
business_service,caused_by,caused_by.number,rfc,rfc.number,sys_updated_on";

/// By their numbers, which are the same in every language.
const STATES: &Codes<IncidentState> = &[
    (1, "New", IncidentState::Open),
    (2, "In Progress", IncidentState::Open),
    (3, "On Hold", IncidentState::Open),
    (6, "Resolved", IncidentState::Restored),
    (7, "Closed", IncidentState::Closed),
    (8, "Canceled", IncidentState::Cancelled),
];

/// By priority: the column `severity` is rarely filled in.
const SEVERITIES: &Codes<IncidentSeverity> = &[
    (1, "1 - Critical", IncidentSeverity::Critical),
    (2, "2 - High", IncidentSeverity::High),
    (3, "3 - Moderate", IncidentSeverity::Moderate),
    (4, "4 - Low", IncidentSeverity::Low),
    (5, "5 - Planning", IncidentSeverity::Low),
];

impl Adapted {
    /// Those that go on, and those that were touched in the last `incident_days`.
    pub(super) async fn incidents(
        &self,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<Page, Refusal> {
        let asked = match since {
            Some(since) => format!("sys_updated_on>={}", stamp(since)),
            None => {
                format!("active=true^ORsys_updated_on>=javascript:gs.daysAgoStart({})", self.incident_days)
            }
        };
        let (rows, next) = self.rows("incident", all_of(&[&asked]), FIELDS, "number", page).await?;
        let mut answer = Page { next, total: rows.total, ..Page::default() };
        for rec in &rows.rows {
            let moved = rec.time("sys_updated_on");
            answer.take(&self.setup, incident(&self.setup, rec), moved);
        }
        Ok(answer)
    }
}

/// # Errors
/// What is wrong with the row.
fn incident(setup: &Setup, rec: &Rec) -> Result<Record, Fault> {
    let state = word(setup, rec, "state", STATES);
    let closed = rec.time("closed_at").filter(|_| state.value == IncidentState::Closed);
    let named = |field: &str| -> Result<Vec<Id>, Fault> {
        let number = rec.value(field);
        if number.is_empty() { Ok(Vec::new()) } else { Ok(vec![setup.record_id(number)?]) }
    };
    Ok(incident::record(Incident {
        title: Line::new(rec.value("short_description")),
        severity: word(setup, rec, "priority", SEVERITIES),
        opened: rec.time("opened_at"),
        restored: rec.time("resolved_at").or(closed),
        services: [rec.label("cmdb_ci"), rec.label("business_service")]
            .into_iter()
            .filter_map(Setup::line)
            .collect(),
        caused_by: named("caused_by.number")?,
        fixed_by: named("rfc.number")?,
        url: Some(Line::new(&format!("{}/incident.do?sys_id={}", setup.address, rec.sys_id()))),
        state,
        ..Incident::new(setup.record_id(rec.value("number"))?)
    }))
}

/// A choice by its number, shown as people see it there; one without a number by what people see.
fn word<T: Mapped>(setup: &Setup, rec: &Rec, field: &str, stock: &Codes<T>) -> Word<T> {
    match rec.value(field).trim().parse() {
        Ok(number) => coded(&setup.words, number, rec.label(field), stock),
        Err(_) => setup.words.read(rec.label(field), &[]),
    }
}
