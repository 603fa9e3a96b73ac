//! Tickets of the type incident, with their items as services and the changes that they are linked to.
//!
//! They are read from the latest back: a ticket that nobody touched for long is of no use any more. Each page begins with
//! the last row of the one before, so that a deletion meanwhile passes over nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Glpi,
    list::{self, id_of, is_old},
    session::naive,
    under::children_of,
};
use crate::{
    model::{Fault, Id, Incident, IncidentSeverity, IncidentState, Instant, Line, Record},
    source::{
        markup,
        system::{
            Page, Refusal, Setup,
            fields::{Codes, called, coded},
            incident::{self, Reads},
            json::{key, number, text},
        },
    },
};

/// Tickets are incidents (1) or requests (2).
const INCIDENT: i64 = 1;
const STATES: &Codes<IncidentState> = &[
    (1, "New", IncidentState::Open),
    (2, "Processing (assigned)", IncidentState::Open),
    (3, "Processing (planned)", IncidentState::Open),
    (4, "Pending", IncidentState::Open),
    (5, "Solved", IncidentState::Restored),
    (6, "Closed", IncidentState::Closed),
];
const SEVERITIES: &Codes<IncidentSeverity> = &[
    (1, "Very low", IncidentSeverity::Low),
    (2, "Low", IncidentSeverity::Low),
    (3, "Medium", IncidentSeverity::Moderate),
    (4, "High", IncidentSeverity::High),
    (5, "Very high", IncidentSeverity::Critical),
    (6, "Major", IncidentSeverity::Critical),
];

/// Where the listing has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct At {
    offset: usize,
    /// The number and the stamp of the row at `offset`, read before.
    last: Option<(u64, String)>,
}

impl At {
    fn token(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Whether rows were passed over: the last one before is not here, and what is here is not newer than it.
    fn passed_over(&self, rows: &[Value]) -> bool {
        self.last.as_ref().is_some_and(|(last, stamp)| {
            let here = rows.iter().any(|row| id_of(row) == Some(*last));
            !here && rows.first().is_none_or(|row| text(row, "date_mod") <= stamp.as_str())
        })
    }
}

/// A page of those that moved since, or in the last days. `settled` need no reading as long as they have this stamp.
pub async fn page(
    glpi: &mut Glpi,
    since: Option<Instant>,
    before: Option<&str>,
    settled: &BTreeMap<Id, Instant>,
) -> Result<Page, Refusal> {
    let Some(reads) = glpi.incidents else { return Ok(Page::default()) };
    let at: At = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let (order, incidents) = (("date_mod", "DESC"), [("searchText[type]", "1")]);
    let mut rows = list::rows_where(glpi, "Ticket", at.offset, glpi.size, order, &incidents).await?;
    if at.passed_over(&rows) {
        let back = At { offset: at.offset.saturating_sub(glpi.size), last: None };
        return Ok(Page { next: back.token(), ..Page::default() });
    }
    let read = rows.len();
    let last = rows.last().and_then(|row| Some((id_of(row)?, text(row, "date_mod").to_owned())));
    let edge = since.unwrap_or_else(|| reads.edge(&glpi.setup));
    rows.retain(|row| !is_old(&glpi.setup, row, edge));
    let more = read >= glpi.size && rows.len() == read;
    let next = At { offset: at.offset + read.saturating_sub(1), last };
    let mut answer = Page { next: next.token().filter(|_| more), ..Page::default() };
    for row in rows.iter().filter(|row| number(row, "type") == Some(INCIDENT)) {
        let updated = naive(text(row, "date_mod")).map(|at| glpi.setup.moved(at));
        let known = |id: Id| settled.get(&id).copied() == updated;
        let native = id_of(row).map(|id| id.to_string()).unwrap_or_default();
        if since.is_some() && updated.is_some() && named(&glpi.setup, &native).is_ok_and(known) {
            continue;
        }
        let incident = read_one(glpi, reads, row).await?;
        answer.take(&glpi.setup, incident, updated);
    }
    Ok(answer)
}

/// One of them, with what hangs on it.
async fn read_one(glpi: &mut Glpi, reads: Reads, row: &Value) -> Result<Result<Record, Fault>, Refusal> {
    let made = match made(&glpi.setup, row) {
        Ok(made) => made,
        Err(fault) => return Ok(Err(fault)),
    };
    let id = id_of(row).unwrap_or_default();
    let mut services = Vec::new();
    for item in children_of::<Value>(glpi, ("Ticket", id), "Item_Ticket").await? {
        let (kind, Some(id)) = (text(&item, "itemtype"), key(&item, "items_id")) else { continue };
        if !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '\\')) {
            services.extend(glpi.session.name(kind, id).await?.as_deref().map(Line::new));
        }
    }
    let mut changes = Vec::new();
    if reads.linked.is_some() {
        for link in children_of::<Value>(glpi, ("Ticket", id), "Change_Ticket").await? {
            let linked = key(&link, "changes_id").map(|id| glpi.setup.record_id(&id.to_string()));
            changes.extend(linked.and_then(Result::ok));
        }
    }
    Ok(Ok(incident::record(reads.with_linked(Incident { services, ..made }, changes))))
}

/// The id of a ticket here: it has the number of some change there, which would be called the same.
///
/// # Errors
/// When it cannot be told from others.
fn named(setup: &Setup, number: &str) -> Result<Id, Fault> {
    setup.record_id(&format!("ticket-{number}"))
}

/// # Errors
/// When it cannot be told from others.
fn made(setup: &Setup, row: &Value) -> Result<Incident, Fault> {
    let id = id_of(row).ok_or_else(|| setup.nameless())?;
    let at = |name: &str| naive(text(row, name)).map(|local| setup.naive(local));
    let word = |name: &str| number(row, name).unwrap_or_default();
    let (status, priority) = (word("status"), word("priority"));
    let label = |number: i64, stock: Option<&str>| stock.map_or_else(|| number.to_string(), str::to_owned);
    let state = coded(&setup.words, status, &label(status, called(status, STATES)), STATES);
    let closed = at("closedate").filter(|_| state.value == IncidentState::Closed);
    Ok(Incident {
        title: Line::new(&markup::decoded(text(row, "name"))),
        severity: coded(&setup.words, priority, &label(priority, called(priority, SEVERITIES)), SEVERITIES),
        opened: at("date"),
        restored: at("solvedate").or(closed),
        url: Setup::line(&format!("{}/front/ticket.form.php?id={id}", setup.address)),
        state,
        ..Incident::new(named(setup, &id.to_string())?)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_deleted_before_a_page_is_noticed() {
        let row = |id: u64, at: &str| json!({ "id": id, "date_mod": format!("2026-11-02 {at}") });
        let at = At { offset: 4, last: Some((7, "2026-11-02 10:00:00".to_owned())) };
        // name; the rows of the page; whether one was passed over
        for (name, rows, want) in [
            ("it begins where the last ended", vec![row(7, "10:00:00"), row(6, "09:00:00")], false),
            ("others moved before it", vec![row(9, "11:00:00"), row(7, "10:00:00")], false),
            ("many moved before it", vec![row(9, "11:00:00"), row(8, "10:30:00")], false),
            ("one before it was deleted", vec![row(6, "09:00:00"), row(5, "08:00:00")], true),
            ("it moved itself", vec![row(6, "10:00:00")], true),
            ("everything was deleted", vec![], true),
        ] {
            assert_eq!(at.passed_over(&rows), want, "{name}");
        }
        assert!(!At::default().passed_over(&[row(6, "09:00:00")]), "the first page passes over nothing");
    }
}
