//! The board in memory: records and log as they stand, and the snapshot made of them.

use std::sync::Arc;

use imbl::OrdMap;

use super::{backup, load::Read, record};
use crate::{
    model::{Fault, Id, Instant, Person, Record, RecordKind, Service, Window},
    store::Store,
    wire::{Answer, Entry, Event, Problem, ProblemKind, Question, Snapshot},
};

/// Records and rules of the board.
#[derive(Debug, Default)]
pub struct Live {
    windows: OrdMap<Id, Arc<Window>>,
    services: OrdMap<Id, Arc<Service>>,
    people: OrdMap<Id, Arc<Person>>,
    rules: Arc<crate::model::RuleBook>,
    faults: Vec<Fault>,
}

impl Live {
    pub fn take_record(&mut self, read: Read) {
        match read {
            Read::Live(stored) => match stored.record {
                Record::Change(_) | Record::Release(_) => {}
                Record::Window(window) => drop(self.windows.insert(window.id.clone(), Arc::new(*window))),
                Record::Service(service) => {
                    drop(self.services.insert(service.id.clone(), Arc::new(*service)))
                }
                Record::Person(person) => drop(self.people.insert(person.id.clone(), Arc::new(*person))),
            },
            Read::Gone(kind, id) => match kind {
                RecordKind::Change | RecordKind::Release => {}
                RecordKind::Window => drop(self.windows.remove(&id)),
                RecordKind::Service => drop(self.services.remove(&id)),
                RecordKind::Person => drop(self.people.remove(&id)),
            },
            Read::Unreadable(fault) => self.faults.push(fault),
        }
    }

    pub fn take_event(&mut self, entry: Entry) {
        if let Event::RulesChanged { rules, .. } = entry.event {
            self.rules = Arc::new(*rules);
        }
    }

    /// When time alone changes something next.
    pub fn next_due(&self) -> Option<Instant> {
        None
    }

    pub fn snapshot(&mut self, before: &Snapshot, now: Instant) -> Snapshot {
        Snapshot {
            now,
            rules: Arc::clone(&self.rules),
            windows: self.windows.clone(),
            services: self.services.clone(),
            people: self.people.clone(),
            faults: Arc::new(self.faults.clone()),
            provisional: false,
            ..before.clone()
        }
    }

    pub fn answer(&self, store: &Store, question: &Question, _now: Instant) -> Result<Answer, Problem> {
        match question {
            Question::Log { filter } => Ok(Answer::Log(Box::new(record::page(store, filter)?))),
            Question::Verify { head } => Ok(Answer::Verification(record::verify(store, head.as_deref())?)),
            Question::Export { log } => {
                Ok(Answer::Export(Box::new(backup::export(store, &self.rules, *log)?)))
            }
            _ => Err(Problem::new(ProblemKind::Invalid, "this cannot be answered yet")),
        }
    }
}
