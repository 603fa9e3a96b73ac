//! Incidents by id, those that still go on, and which item names which incident.
//!
//! A link can be written on either side: an incident names what caused or mended it, and a change names the incidents it
//! caused or is meant to mend (numbers § Incidents).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::Facts;
use crate::model::{Id, Incident};

/// The incidents of the board.
#[derive(Debug, Clone, Default)]
pub(super) struct Incidents {
    all: BTreeMap<Id, Arc<Incident>>,
    open: BTreeSet<Id>,
}

impl Incidents {
    pub(super) fn edit(&mut self, id: Id, incident: Option<Arc<Incident>>) {
        self.open.remove(&id);
        match incident {
            Some(incident) => {
                if incident.is_open() {
                    self.open.insert(id.clone());
                }
                self.all.insert(id, incident);
            }
            None => drop(self.all.remove(&id)),
        }
    }
}

impl Facts {
    /// An incident by id; `None` where no source has it.
    #[must_use]
    pub fn incident(&self, id: &Id) -> Option<&Incident> {
        self.incidents.all.get(id).map(|incident| &**incident)
    }

    /// As it is kept, shared.
    #[must_use]
    pub fn incident_record(&self, id: &Id) -> Option<&Arc<Incident>> {
        self.incidents.all.get(id)
    }

    /// All incidents by id, shared.
    pub fn incidents(&self) -> impl ExactSizeIterator<Item = &Arc<Incident>> {
        self.incidents.all.values()
    }

    /// Those that still go on, by id.
    pub fn open_incidents(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.incidents.open.iter().filter_map(|id| self.incidents.all.get(id))
    }

    /// Those that still go on and are on one of these services; environments are compatible as of activities.
    pub fn open_on<'a>(
        &'a self,
        services: &'a [u32],
        environment: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Arc<Incident>> {
        self.open_incidents().filter(move |incident| {
            let on = |name| services.contains(&self.service_number(name));
            let apart = |own: &str| environment.is_some_and(|other| !super::same_name(own, other));
            incident.services.iter().any(|name| on(name))
                && !incident.environment.as_deref().is_some_and(apart)
        })
    }
}
