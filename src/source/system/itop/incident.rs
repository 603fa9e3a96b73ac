//! Incidents: with their items and service, and the change that each names as its parent.

use super::{Itop, Object, record};
use crate::{
    model::{Fault, Incident, IncidentSeverity, IncidentState, Instant, Line, Record, Word},
    source::system::{
        Page, Refusal, Setup,
        fields::{Codes, Table},
        incident::{self, Reads},
    },
};

const STATES: Table<IncidentState> = Table::Words(&[
    ("new", IncidentState::Open),
    ("assigned", IncidentState::Open),
    ("dispatched", IncidentState::Open),
    ("escalated_tto", IncidentState::Open),
    ("escalated_ttr", IncidentState::Open),
    ("pending", IncidentState::Open),
    ("resolved", IncidentState::Restored),
    ("closed", IncidentState::Closed),
    ("rejected", IncidentState::Cancelled),
]);
const SEVERITIES: &Codes<IncidentSeverity> = &[
    (1, "critical", IncidentSeverity::Critical),
    (2, "high", IncidentSeverity::High),
    (3, "medium", IncidentSeverity::Moderate),
    (4, "low", IncidentSeverity::Low),
];

impl Itop {
    /// A page of incidents: those that go on and those that were touched lately, or those that moved since.
    pub(super) async fn incidents(
        &self,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<Page, Refusal> {
        let Some(reads) = self.incidents else { return Ok(Page::default()) };
        let which = match since {
            Some(since) => self.touched(since),
            None => {
                let touched = self.touched(reads.edge(&self.setup));
                format!("(status NOT IN ('resolved','closed','rejected') OR {touched})")
            }
        };
        let condition = format!("id < {} AND {which}", super::below(page));
        let found = match self.objects("Incident", "*", &condition).await {
            Err(Refusal::Said(words)) => {
                let help = "leave them out with options.incidents = \"no\", or let the account read the class Incident";
                return Err(Refusal::Said(format!("incidents: {words}; {help}")));
            }
            other => other?,
        };
        let (mut answer, objects) = self.read(found, page, "incident");
        for object in &objects {
            let moved = record::moved(&self.setup, object);
            answer.take(&self.setup, read(&self.setup, reads, object), moved);
        }
        Ok(answer)
    }
}

/// # Errors
/// When it, or the change it names, cannot be told from others.
fn read(setup: &Setup, reads: Reads, object: &Object) -> Result<Record, Fault> {
    let state: Word<IncidentState> = STATES.read(&setup.words, object.text("status"));
    let closed = object.at(setup, "close_date").filter(|_| state.value == IncidentState::Closed);
    let mut services = record::items(object);
    services.extend(object.line("service_name").filter(|name| !services.contains(name)));
    // 0 is no change.
    let parent = Some(object.text("parent_change_id")).filter(|id| !matches!(*id, "" | "0"));
    let changes = parent.map(|id| setup.record_id(id)).transpose()?;
    let (reference, title) = (object.text("ref"), object.text("title"));
    let made = Incident {
        title: match reference {
            "" => Line::new(title),
            reference => Line::new(&format!("{reference} {title}")),
        },
        severity: match object.text("priority") {
            "" => Word::default(),
            priority => Table::Codes(SEVERITIES).read(&setup.words, priority),
        },
        opened: object.at(setup, "start_date"),
        restored: object.at(setup, "resolution_date").or(closed),
        services,
        url: Some(Line::new(&format!(
            "{}/pages/UI.php?operation=details&class=Incident&id={}",
            setup.address, object.key
        ))),
        state,
        ..Incident::new(setup.record_id(&object.key)?)
    };
    Ok(incident::record(reads.with_linked(made, changes.into_iter().collect())))
}
