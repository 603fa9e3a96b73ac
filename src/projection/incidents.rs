//! Questions about incidents.

use crate::{
    ledger::Ledger,
    model::Id,
    wire::{IncidentView, Problem, ProblemKind},
};

/// One incident, or those that go on or are on a service, the newest first.
///
/// # Errors
/// When there is no such incident or service.
pub fn chosen(
    ledger: &Ledger,
    id: Option<&Id>,
    open: bool,
    service: Option<&str>,
) -> Result<Vec<IncidentView>, Problem> {
    let facts = ledger.facts();
    if let Some(id) = id
        && facts.incident(id).is_none()
    {
        return Err(Problem::new(ProblemKind::NotFound, format!("there is no incident {id}"))
            .hint("`quorate incident list` lists them"));
    }
    Ok(ledger.incident_views(|incident| {
        let on = |name: &str| incident.services.iter().any(|own| facts.same_service(own, name));
        id.is_none_or(|id| incident.id == *id) && (!open || incident.is_open()) && service.is_none_or(on)
    }))
}
