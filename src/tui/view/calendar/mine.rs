//! My services: those of live changes and phases whose owner, requester or manager I am. Followed from snapshot to
//! snapshot by what differs between them, never while drawing.

use std::{collections::BTreeMap, sync::Arc};

use imbl::{OrdMap, ordmap::DiffItem};

use crate::{
    model::{Id, Line},
    wire::{ActivityRow, Snapshot},
};

/// The services that are mine, each with how many activities make it so.
#[derive(Debug, Default)]
pub struct Mine {
    /// What I am called: id and name; nothing for who is nobody on this board.
    me: Vec<Line>,
    activities: OrdMap<Id, Arc<ActivityRow>>,
    services: BTreeMap<Id, usize>,
}

impl Mine {
    /// Follows the snapshot.
    pub fn follow(&mut self, snapshot: &Snapshot) {
        let me = names(snapshot);
        if me != self.me {
            *self = Self { me, ..Self::default() };
        }
        if self.me.is_empty() || self.activities.ptr_eq(&snapshot.activities) {
            return;
        }
        let before = std::mem::replace(&mut self.activities, snapshot.activities.clone());
        for difference in before.diff(&snapshot.activities) {
            match difference {
                DiffItem::Add(_, row) => self.add(row),
                DiffItem::Remove(_, row) => self.remove(row),
                DiffItem::Update { old: (_, old), new: (_, new) } => {
                    self.remove(old);
                    self.add(new);
                }
            }
        }
    }

    /// Whether an activity touches one of my services.
    #[must_use]
    pub fn has(&self, row: &ActivityRow) -> bool {
        !self.services.is_empty() && row.service_ids.iter().any(|service| self.services.contains_key(service))
    }

    /// My services by id: lanes that come first.
    #[must_use]
    pub fn lanes(&self) -> Vec<Line> {
        self.services.keys().map(|service| Line::new(service.as_str())).collect()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    fn is_mine(&self, row: &ActivityRow) -> bool {
        row.live && row.owner.iter().chain(&row.requester).any(|person| self.me.contains(person))
    }

    fn add(&mut self, row: &ActivityRow) {
        if self.is_mine(row) {
            for service in row.service_ids.iter() {
                *self.services.entry(service.clone()).or_default() += 1;
            }
        }
    }

    fn remove(&mut self, row: &ActivityRow) {
        if !self.is_mine(row) {
            return;
        }
        for service in row.service_ids.iter() {
            let left = self.services.get_mut(service).map(|count| {
                *count -= 1;
                *count
            });
            if left == Some(0) {
                self.services.remove(service);
            }
        }
    }
}

fn names(snapshot: &Snapshot) -> Vec<Line> {
    let Some(me) = &snapshot.me.person else { return Vec::new() };
    let name = snapshot.people.get(me).map(|person| person.name.clone()).filter(|name| !name.is_empty());
    std::iter::once(Line::new(me.as_str())).chain(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    fn services(mine: &Mine) -> Vec<String> {
        mine.lanes().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn my_services_follow_what_i_own() {
        let mut snapshot = fixture::story();
        let mut mine = Mine::default();
        mine.follow(&snapshot);
        assert!(mine.is_empty(), "who owns nothing has none: {:?}", mine.services);
        let owned = |owner: &str, live: bool, of: &Snapshot| {
            let mut row = ActivityRow::clone(&of.activities[&fixture::id("CHG0030042")]);
            (row.owner, row.requester, row.live) = (Some(Line::new(owner)), None, live);
            Arc::new(row)
        };
        for (name, owner, live, want) in [
            ("my id", "m.ortiz", true, vec!["lb-01", "sw-core"]),
            ("somebody else's", "k.wu", true, vec![]),
            ("my id again", "m.ortiz", true, vec!["lb-01", "sw-core"]),
            ("over", "m.ortiz", false, vec![]),
        ] {
            let row = owned(owner, live, &snapshot);
            snapshot.activities.insert(row.id.clone(), row);
            mine.follow(&snapshot);
            assert_eq!(services(&mine), want, "{name}");
        }
    }
}
