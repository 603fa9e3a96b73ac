//! Edits where records of several systems are joined: who speaks for whom first, then the rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Dirty, Edits, Facts};
use crate::model::{Change, Id, Release};

impl Facts {
    /// Edits of changes and releases. What is joined anew because of them is placed anew with them.
    pub(super) fn apply_merged(&mut self, edits: Edits, dirty: &mut Dirty) {
        let mut again = self.apply_releases(edits.releases, dirty);
        let mut fresh: BTreeMap<Id, Option<Arc<Change>>> = BTreeMap::new();
        for (id, change) in edits.changes {
            let old = fresh.get(&id).cloned().unwrap_or_else(|| self.raw(&id));
            again.extend(old.iter().flat_map(|old| self.merge.forget(old)));
            again.extend(change.iter().flat_map(|new| self.merge.know(new)));
            again.insert(id.clone());
            fresh.insert(id, change);
        }
        let mut moved = self.concerned(&again);
        for id in &again {
            let change = fresh.get(id).cloned().unwrap_or_else(|| self.raw(id));
            let original = change.and_then(|change| self.find_original(&change));
            self.merge.point(id, original);
        }
        moved.extend(self.concerned(&again));
        self.place_again(moved, fresh, dirty);
    }

    fn apply_releases(&mut self, releases: Vec<(Id, Option<Release>)>, dirty: &mut Dirty) -> BTreeSet<Id> {
        let mut again = BTreeSet::new();
        for (id, release) in releases {
            if let Some(old) = self.releases.get(&id).cloned() {
                again.extend(self.merge.forget_release(&old));
            }
            match release {
                Some(release) => {
                    again.extend(self.merge.know_release(&release));
                    self.put_release(Arc::new(release), dirty);
                }
                None => self.drop_release(&id, dirty),
            }
        }
        again
    }

    /// These, all that hang on them, and those that speak for them.
    fn concerned(&self, ids: &BTreeSet<Id>) -> BTreeSet<Id> {
        let mut all = self.merge.hanging(ids);
        let wholes: Vec<Id> = all.iter().map(|id| self.merge.whole(id).clone()).collect();
        all.extend(wholes);
        all
    }

    fn place_again(
        &mut self,
        moved: BTreeSet<Id>,
        mut fresh: BTreeMap<Id, Option<Arc<Change>>>,
        dirty: &mut Dirty,
    ) {
        let mut shown = Vec::new();
        for id in moved {
            let change = fresh.remove(&id).unwrap_or_else(|| self.raw(&id));
            self.drop_change(&id, dirty);
            self.merge.hidden.remove(&id);
            match change {
                Some(change) if *self.merge.whole(&id) != id => {
                    dirty.activities.insert(id.clone());
                    self.merge.hidden.insert(id, change);
                }
                Some(change) => shown.push(change),
                None => {}
            }
        }
        // The copies are in their place now: they speak with their original.
        for change in shown {
            self.put_change(change, dirty);
        }
    }

    /// Joins everything from nothing.
    pub(super) fn merge_all(&mut self) {
        let mut all = std::mem::take(&mut self.merge.hidden);
        all.append(&mut self.changes);
        self.merge.clear();
        if !self.merge.is_on() {
            self.changes = all;
            return;
        }
        for release in self.releases.values() {
            self.merge.know_release(release);
        }
        for change in all.values() {
            self.merge.know(change);
        }
        for (id, change) in &all {
            let original = self.find_original(change);
            self.merge.point(id, original);
        }
        for (id, change) in all {
            match *self.merge.whole(&id) == id {
                true => self.changes.insert(id, change),
                false => self.merge.hidden.insert(id, change),
            };
        }
    }

    /// The record of a change, shown or spoken for.
    fn raw(&self, id: &Id) -> Option<Arc<Change>> {
        self.changes.get(id).or_else(|| self.merge.hidden.get(id)).cloned()
    }
}
