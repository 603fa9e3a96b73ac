//! What goes over the socket between a served board and its clients: paths, the header of a command, and publications.
//!
//! A publication says what changed since the one before: rows that are there now, and names of rows that are gone. Rows that
//! nobody touched are not sent again.

use std::sync::Arc;

use imbl::{OrdMap, ordmap::DiffItem};
use serde::{Deserialize, Serialize};

use crate::{
    model::{ConflictKey, Id, Person, Service, SourceId, Window},
    wire::{ActivityRow, ConflictRow, Conflicts, ItemRow, Snapshot, Tally},
};

/// Where the service listens unless it is told otherwise.
pub const SOCKET: &str = "/run/quorate/quorate.sock";

/// The author's key of a command: 32 hex digits.
pub const KEY: &str = "idempotency-key";
/// Which rows a client and a server speak of: their version.
pub const VERSION: &str = "quorate-version";

/// Where what is asked for lives.
pub mod path {
    pub const COMMANDS: &str = "/v1/commands";
    pub const ASK: &str = "/v1/ask";
    pub const STREAM: &str = "/v1/stream";
    pub const DRAFTS: &str = "/v1/drafts";
    pub const SYNC: &str = "/v1/sync";
    pub const RETRY: &str = "/v1/retry";
    pub const HEALTH: &str = "/healthz";
}

/// Seconds between two signs of life on the stream; a client that hears nothing for three times as long is cut off.
pub const HEARTBEAT: u64 = 15;

/// A comment that is not sent yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Draft {
    pub item: Id,
    pub text: String,
}

/// Which sources are read now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sync {
    /// One, or all.
    pub source: Option<SourceId>,
    /// That it has far fewer records than before is right.
    pub accept: bool,
}

/// Rows that are there now, and names of those that are gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>"))]
pub struct Rows<T> {
    set: Vec<(Id, Arc<T>)>,
    gone: Vec<Id>,
}

impl<T: PartialEq> Rows<T> {
    fn between(old: &OrdMap<Id, Arc<T>>, new: &OrdMap<Id, Arc<T>>) -> Self {
        let (mut set, mut gone) = (Vec::new(), Vec::new());
        for item in old.diff(new) {
            match item {
                DiffItem::Add(id, row) => set.push((id.clone(), Arc::clone(row))),
                DiffItem::Update { new: (id, row), .. } => set.push((id.clone(), Arc::clone(row))),
                DiffItem::Remove(id, _) => gone.push(id.clone()),
            }
        }
        Self { set, gone }
    }

    fn onto(self, rows: &mut OrdMap<Id, Arc<T>>) {
        for id in &self.gone {
            rows.remove(id);
        }
        rows.extend(self.set);
    }
}

/// What changed between two publications to one client.
#[derive(Debug, Serialize, Deserialize)]
pub struct Publication {
    /// All that is small, as it is now.
    rest: Snapshot,
    activities: Rows<ActivityRow>,
    releases: Rows<ItemRow>,
    windows: Rows<Window>,
    services: Rows<Service>,
    people: Rows<Person>,
    tallies: Rows<Tally>,
    conflicts: Vec<ConflictRow>,
    resolved: Vec<ConflictKey>,
}

impl Publication {
    /// What a client that has `old` does not know of `new`.
    #[must_use]
    pub fn between(old: &Snapshot, new: &Snapshot) -> Self {
        let (conflicts, resolved) = differing(&old.conflicts, &new.conflicts);
        Self {
            activities: Rows::between(&old.activities, &new.activities),
            releases: Rows::between(&old.releases, &new.releases),
            windows: Rows::between(&old.windows, &new.windows),
            services: Rows::between(&old.services, &new.services),
            people: Rows::between(&old.people, &new.people),
            tallies: Rows::between(&old.tallies, &new.tallies),
            conflicts,
            resolved,
            rest: Snapshot {
                activities: OrdMap::new(),
                releases: OrdMap::new(),
                windows: OrdMap::new(),
                services: OrdMap::new(),
                people: OrdMap::new(),
                tallies: OrdMap::new(),
                conflicts: Conflicts::default(),
                ..new.clone()
            },
        }
    }

    /// What a client that had `old` has now.
    #[must_use]
    pub fn onto(self, old: &Snapshot) -> Snapshot {
        let mut new = Snapshot {
            activities: old.activities.clone(),
            releases: old.releases.clone(),
            windows: old.windows.clone(),
            services: old.services.clone(),
            people: old.people.clone(),
            tallies: old.tallies.clone(),
            conflicts: old.conflicts.clone(),
            ..self.rest
        };
        self.activities.onto(&mut new.activities);
        self.releases.onto(&mut new.releases);
        self.windows.onto(&mut new.windows);
        self.services.onto(&mut new.services);
        self.people.onto(&mut new.people);
        self.tallies.onto(&mut new.tallies);
        for key in &self.resolved {
            new.conflicts.remove(key);
        }
        for row in self.conflicts {
            new.conflicts.insert(row);
        }
        new
    }
}

/// Rows of conflicts that are new or differ, and keys of those that are gone; both lists are in order.
fn differing(old: &Conflicts, new: &Conflicts) -> (Vec<ConflictRow>, Vec<ConflictKey>) {
    if old.ptr_eq(new) {
        return (Vec::new(), Vec::new());
    }
    let changed = |row: &ConflictRow| old.get(&row.key).as_ref() != Some(row);
    let gone = |row: &ConflictRow| !new.contains(&row.key);
    (new.iter().filter(changed).collect(), old.iter().filter(gone).map(|row| row.key.clone()).collect())
}
