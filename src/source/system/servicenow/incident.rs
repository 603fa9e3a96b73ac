//! Rows of `incident`: what broke, when, on what, and which change is said to have caused or mended it.
//!
//! They are read where the settings ask for it: an account that reads changes need not see incidents.

use super::{
    Adapted,
    table::{Rec, all_of, stamp},
};
use crate::{
    model::{Fault, Id, Incident, IncidentSeverity, IncidentState, Instant, Line, Record, Vocabulary, Word},
    source::system::{Page, Refusal, Setup},
};

/// What is asked for of an incident; a change behind a reference by its number.
const FIELDS: &str = "sys_id,number,short_description,state,priority,opened_at,resolved_at,closed_at,cmdb_ci,\
business_service,caused_by,caused_by.number,rfc,rfc.number,sys_updated_on";

const STATES: [(&str, IncidentState); 6] = [
    ("1", IncidentState::Open),
    ("2", IncidentState::Open),
    ("3", IncidentState::Open),
    ("6", IncidentState::Restored),
    ("7", IncidentState::Closed),
    ("8", IncidentState::Cancelled),
];

/// By priority: the column `severity` is rarely filled in.
const SEVERITIES: [(&str, IncidentSeverity); 5] = [
    ("1", IncidentSeverity::Critical),
    ("2", IncidentSeverity::High),
    ("3", IncidentSeverity::Moderate),
    ("4", IncidentSeverity::Low),
    ("5", IncidentSeverity::Low),
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
            let read = incident(&self.setup, rec).map(|one| Record::Incident(std::sync::Arc::new(one)));
            answer.take(&self.setup, read, moved);
        }
        Ok(answer)
    }
}

/// # Errors
/// What is wrong with the row.
fn incident(setup: &Setup, rec: &Rec) -> Result<Incident, Fault> {
    let state: Word<IncidentState> = coded(rec, "state", &STATES);
    let closed = rec.time("closed_at").filter(|_| state.value == IncidentState::Closed);
    let named = |field: &str| -> Result<Vec<Id>, Fault> {
        let number = rec.value(field);
        if number.is_empty() { Ok(Vec::new()) } else { Ok(vec![setup.record_id(number)?]) }
    };
    Ok(Incident {
        title: Line::new(rec.value("short_description")),
        severity: coded(rec, "priority", &SEVERITIES),
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
    })
}

/// A choice by its value, which is the same in every language; one that is none of the stock ones by what people see.
fn coded<T: Vocabulary>(rec: &Rec, field: &str, stock: &[(&str, T)]) -> Word<T> {
    let (value, label) = (rec.value(field), rec.label(field));
    match stock.iter().find(|(code, _)| *code == value) {
        Some((_, meant)) => Word::mapped(*meant, label),
        None => Word::read(label),
    }
}
