//! Linking an incident to what caused or mended it, and taking that back (numbers § Incidents).

use super::{Ask, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
    },
    model::{Id, Prose, Relation},
    rules::authority::Act,
};

impl Ask<'_> {
    pub(super) fn link_incident(
        &self,
        (incident, item): (&Id, &Id),
        relation: Relation,
        linked: bool,
        reason: Option<&Prose>,
    ) -> Result<Step, Problem> {
        let known = self.ledger.facts().incident(incident).ok_or_else(|| {
            Problem::new(ProblemKind::NotFound, format!("there is no incident {incident}"))
                .hint("`quorate incident list` lists them")
        })?;
        self.allowed(item, if linked { Act::LinkIncident } else { Act::UnlinkIncident })?;
        let links = self.ledger.incident_links(known);
        let there = links.iter().any(|link| link.relation == relation && link.item == *item);
        if there == linked {
            let not = if linked { "already" } else { "not" };
            return Err(invalid(format!("{incident} is {not} {} {item}", relation.word())));
        }
        if !linked && reason.is_none_or(|text| text.trim().is_empty()) {
            return Err(invalid(format!(
                "taking back that {incident} is {} {item} needs a reason",
                relation.word()
            ))
            .hint("add -m TEXT"));
        }
        let event = Event::IncidentLinked {
            incident: incident.clone(),
            item: item.clone(),
            relation,
            linked,
            reason: reason.cloned(),
        };
        let not = if linked { "" } else { "not " };
        Ok(Step::one(event, format!("{incident} is {not}{} {item}", relation.word())))
    }
}
