//! The board in memory: the ledger, and the snapshot drawn from it, of which only what changed is made anew.

use std::{collections::BTreeSet, sync::Arc};

use imbl::OrdMap;

use super::{meetings::Meetings, rows};
use crate::{
    ledger::{Changes, Ledger, Taken, log},
    model::{ConflictKey, Fault, Id, Instant, Person, Record, RecordKind, Service, Stored, Window},
    wire::{Ack, ActivityRow, Conflicts, ItemRow, LogEntry, Snapshot},
};

/// A record as a store has it now. Small: there is one for each record of the board while it is read.
#[derive(Debug)]
pub enum Read {
    Live(Stored),
    Gone(RecordKind, Id),
    /// Kept, but not readable by this program; the others are not hidden by it.
    Unreadable(Box<Fault>),
}

/// The ledger, and what is drawn from it.
#[derive(Debug)]
pub struct Live {
    /// Shared with who reads it for longer than a moment: who writes goes on in a copy then.
    pub ledger: Arc<Ledger>,
    /// What was read and not yet given to the ledger.
    read: Taken,
    unreadable: Vec<Fault>,
    windows: OrdMap<Id, Arc<Window>>,
    services: OrdMap<Id, Arc<Service>>,
    people: OrdMap<Id, Arc<Person>>,
    activities: OrdMap<Id, Arc<ActivityRow>>,
    releases: OrdMap<Id, Arc<ItemRow>>,
    /// The acknowledgements in force, by the row they accept.
    acks: OrdMap<ConflictKey, Arc<Ack>>,
    faults: Arc<Vec<Fault>>,
    reviews_due: Arc<Vec<Id>>,
    meetings: Meetings,
    /// What is not drawn yet.
    changes: Changes,
    /// That of it which only the rows of changes and releases wait for.
    undrawn: Changes,
    /// Records came or went since faults were looked for.
    moved: bool,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            ledger: Arc::new(Ledger::new()),
            read: Taken::default(),
            unreadable: Vec::new(),
            windows: OrdMap::new(),
            services: OrdMap::new(),
            people: OrdMap::new(),
            activities: OrdMap::new(),
            releases: OrdMap::new(),
            acks: OrdMap::new(),
            faults: Arc::default(),
            reviews_due: Arc::default(),
            meetings: Meetings::default(),
            changes: Changes { everything: true, ..Changes::default() },
            undrawn: Changes::default(),
            moved: true,
        }
    }
}

impl Live {
    /// Takes a record as the store has it; [`Live::taken`] gives all of them to the ledger.
    pub fn take_record(&mut self, read: Read) {
        match read {
            Read::Live(stored) => self.read.upserts.push(stored),
            Read::Gone(kind, id) => self.read.tombstones.push((kind, id)),
            Read::Unreadable(fault) => self.unreadable.push(*fault),
        }
    }

    /// So many records come.
    pub fn expect_records(&mut self, count: usize) {
        self.read.upserts.reserve_exact(count);
    }

    /// Takes an event as the log has it.
    pub fn take_event(&mut self, entry: LogEntry) {
        self.read.entries.push(entry);
    }

    /// Everything up to this head was read.
    pub fn taken(&mut self, head: log::Head) {
        let taken = std::mem::take(&mut self.read);
        self.follow(&taken.upserts, &taken.tombstones);
        Arc::make_mut(&mut self.ledger).take(taken, head);
    }

    /// Keeps the records that are shown as they are, which no change of the ledger names.
    pub fn follow(&mut self, upserts: &[Stored], tombstones: &[(RecordKind, Id)]) {
        self.moved |= !upserts.is_empty() || !tombstones.is_empty();
        for stored in upserts {
            if !self.unreadable.is_empty() {
                let (kind, id) = (stored.record.kind().word(), stored.record.id());
                self.unreadable.retain(|fault| fault.place != kind || fault.record.as_ref() != Some(id));
            }
            match &stored.record {
                Record::Change(_) | Record::Release(_) => {}
                Record::Window(window) => put(&mut self.windows, &window.id, window),
                Record::Service(service) => put(&mut self.services, &service.id, service),
                Record::Person(person) if stored.source.is_board() => {
                    put(&mut self.people, &person.id, person)
                }
                // What a source says of people maps no login and carries no rights.
                Record::Person(person) => {
                    let confined =
                        Person { admin: false, login: None, keys: Vec::new(), ..Person::clone(person) };
                    put(&mut self.people, &person.id, &confined);
                }
                Record::Comment(_) | Record::Approval(_) | Record::Incident(_) => {}
            }
        }
        for (kind, id) in tombstones {
            match kind {
                RecordKind::Change | RecordKind::Release => {}
                RecordKind::Window => drop(self.windows.remove(id)),
                RecordKind::Service => drop(self.services.remove(id)),
                RecordKind::Person => drop(self.people.remove(id)),
                RecordKind::Comment | RecordKind::Approval | RecordKind::Incident => {}
            }
        }
    }

    /// Whether every record could be read.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.unreadable.is_empty()
    }

    /// Who is on the board, by id.
    #[must_use]
    pub fn people(&self) -> &OrdMap<Id, Arc<Person>> {
        &self.people
    }

    /// Notes what the ledger derived anew.
    pub fn changed(&mut self, changes: Changes) {
        self.changes.merge(changes);
    }

    /// When time alone changes something next.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.ledger.next_due()
    }

    /// Draws what changed into a snapshot; who looks, where and at which sequence is left to the hub. Without `rows` those
    /// of changes and releases, and the faults of records, are as they were, and drawn when they are asked for.
    pub fn snapshot(&mut self, before: &Snapshot, rows: bool) -> Snapshot {
        let changes = std::mem::take(&mut self.changes);
        let sides = self.draw_acks();
        self.meetings.draw(&self.ledger, &changes);
        self.undrawn.merge(changes);
        self.undrawn.rows.extend(sides);
        if rows {
            let undrawn = std::mem::take(&mut self.undrawn);
            self.draw_faults();
            self.draw_rows(undrawn, before);
        }
        let owed = self.ledger.reviews_due();
        if owed.len() != self.reviews_due.len() || owed.iter().ne(self.reviews_due.iter()) {
            self.reviews_due = Arc::new(owed.iter().cloned().collect());
        }
        let mut rules = Arc::clone(&self.ledger.fold().rules);
        if *rules.boards != **self.ledger.boards() {
            // The board of everybody, where none was set.
            Arc::make_mut(&mut rules).boards.clone_from(self.ledger.boards());
        }
        Snapshot {
            now: self.ledger.now(),
            rules,
            activities: self.activities.clone(),
            releases: self.releases.clone(),
            windows: self.windows.clone(),
            services: self.services.clone(),
            people: self.people.clone(),
            conflicts: Conflicts::new(self.ledger.conflicts().clone(), self.acks.clone()),
            tallies: self.ledger.tallies().clone(),
            reviews_due: Arc::clone(&self.reviews_due),
            meetings: Arc::clone(&self.meetings.rows),
            actions: Arc::clone(&self.meetings.actions),
            glass: Arc::clone(&self.meetings.glass),
            questions: Arc::clone(&self.meetings.questions),
            faults: Arc::clone(&self.faults),
            provisional: false,
            opening: None,
            kept: false,
            ..before.clone()
        }
    }

    /// Brings the acknowledgements up to date and says for whose rows one came or ceased to hold.
    fn draw_acks(&mut self) -> BTreeSet<Id> {
        let rows = self.ledger.conflicts();
        let mut touched: BTreeSet<ConflictKey> = self.acks.keys().cloned().collect();
        touched.extend(self.ledger.fold().acks.keys().cloned());
        let mut sides = BTreeSet::new();
        for key in touched {
            let ack = rows.get(&key).and_then(|row| rows::ack(&self.ledger, row));
            if self.acks.get(&key) == ack.as_ref() {
                continue;
            }
            sides.insert(key.a.clone());
            sides.extend(key.b.clone());
            match ack {
                Some(ack) => drop(self.acks.insert(key, ack)),
                None => drop(self.acks.remove(&key)),
            }
        }
        sides
    }

    /// Draws the rows of activities and releases that changed, or whose conflicts did.
    fn draw_rows(&mut self, changes: Changes, before: &Snapshot) {
        let facts = self.ledger.facts();
        let mut sides = BTreeSet::new();
        if changes.everything {
            self.activities = OrdMap::new();
            self.releases = OrdMap::new();
            sides.extend(facts.changes().map(|change| change.id.clone()));
            sides.extend(facts.releases().map(|release| release.id.clone()));
        } else {
            let Changes { activities, releases, rows, items, .. } = changes;
            sides.extend([activities, releases, rows, items].into_iter().flatten());
        }
        // A release speaks for its phases, and a phase is drawn with its release.
        let of_phases: Vec<Id> =
            sides.iter().filter_map(|id| facts.phase(id).map(|(release, _)| release.id.clone())).collect();
        sides.extend(of_phases);
        for id in &sides {
            let phases = self.releases.remove(id).map(|row| Arc::clone(&row.phases));
            for gone in phases.iter().flat_map(|ids| ids.iter()) {
                self.activities.remove(gone);
            }
            if let Some(row) = rows::release(&self.ledger, id) {
                for phase in row.phases.iter() {
                    if let Some(row) = rows::activity(&self.ledger, phase) {
                        self.activities.insert(phase.clone(), kept(before, phase, row));
                    }
                }
                self.releases.insert(id.clone(), Arc::new(row));
            } else if let Some(row) = rows::activity(&self.ledger, id) {
                self.activities.insert(id.clone(), kept(before, id, row));
            } else {
                self.activities.remove(id);
            }
        }
    }

    /// The rows of these items alone, in the place of all.
    pub fn only(&self, items: &[Id], before: &Snapshot) -> Snapshot {
        let (mut activities, mut releases) = (OrdMap::new(), OrdMap::new());
        for id in items {
            if let Some(row) = rows::release(&self.ledger, id) {
                for phase in row.phases.iter() {
                    if let Some(row) = rows::activity(&self.ledger, phase) {
                        activities.insert(phase.clone(), Arc::new(row));
                    }
                }
                releases.insert(id.clone(), Arc::new(row));
            } else if let Some(row) = rows::activity(&self.ledger, id) {
                activities.insert(id.clone(), Arc::new(row));
            }
        }
        Snapshot { activities, releases, ..before.clone() }
    }

    fn draw_faults(&mut self) {
        if std::mem::take(&mut self.moved) {
            let mut faults = self.ledger.facts().faults();
            faults.extend(self.unreadable.iter().cloned());
            self.faults = Arc::new(faults);
        }
    }
}

/// The row, or the one shown before where nothing changed.
fn kept(before: &Snapshot, id: &Id, row: ActivityRow) -> Arc<ActivityRow> {
    match before.activities.get(id) {
        Some(old) if **old == row => Arc::clone(old),
        Some(_) | None => Arc::new(row),
    }
}

fn put<T: Clone>(map: &mut OrdMap<Id, Arc<T>>, id: &Id, record: &T) {
    map.insert(id.clone(), Arc::new(record.clone()));
}
