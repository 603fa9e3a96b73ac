//! The conflict rows that stand, by key and by side.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use imbl::OrdMap;

use crate::{
    model::{ConflictKey, Id, Instant, RuleId},
    rules::{
        conflict::{Conflict, Decisions, redetect},
        facts::{Dirty, Facts},
    },
};

/// From so many stale rows on, the index by side is made anew.
const MANY: usize = 512;

/// Rows in order, and which of them name a side.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    all: OrdMap<ConflictKey, Arc<Conflict>>,
    by_side: HashMap<Id, Vec<ConflictKey>>,
}

impl Rows {
    #[must_use]
    pub fn all(&self) -> &OrdMap<ConflictKey, Arc<Conflict>> {
        &self.all
    }

    /// The rows that name this side.
    pub fn of<'a>(&'a self, side: &Id) -> impl Iterator<Item = &'a Arc<Conflict>> + use<'a> {
        self.by_side.get(side).into_iter().flatten().filter_map(|key| self.all.get(key))
    }

    /// Derives what is dirty and says which sides have other rows than before.
    pub(super) fn derive(
        &mut self,
        facts: &Facts,
        dirty: &Dirty,
        now: Instant,
        decisions: &dyn Decisions,
    ) -> BTreeSet<Id> {
        if dirty.is_empty() {
            return BTreeSet::new();
        }
        let redone = redetect(facts, dirty, now, decisions);
        let stale: Vec<ConflictKey> = match redone.sides() {
            None => self.all.keys().cloned().collect(),
            Some(sides) => self.stale(sides, redone.rules()),
        };
        let mut old: HashMap<ConflictKey, Arc<Conflict>> = HashMap::with_capacity(stale.len());
        if redone.sides().is_none() {
            old.extend(std::mem::take(&mut self.all));
            self.by_side.clear();
        } else if stale.len() > MANY {
            old.extend(stale.into_iter().filter_map(|key| Some((key.clone(), self.all.remove(&key)?))));
            self.reindex();
        } else {
            old.extend(stale.into_iter().filter_map(|key| Some((key.clone(), self.remove(&key)?))));
        }
        let mut changed = BTreeSet::new();
        for row in redone.rows {
            match old.remove(&row.key) {
                Some(same) if *same == row => self.insert(same),
                Some(_) | None => {
                    changed.extend(sides(&row.key).cloned());
                    self.insert(Arc::new(row));
                }
            }
        }
        changed.extend(old.keys().flat_map(sides).cloned());
        changed
    }

    fn stale(&self, dirty: &BTreeSet<Id>, rules: &[RuleId]) -> Vec<ConflictKey> {
        let near = dirty.iter().filter_map(|side| self.by_side.get(side)).flatten();
        let ruled = self.all.keys().filter(|key| !rules.is_empty() && rules.contains(&key.rule));
        near.chain(ruled).cloned().collect()
    }

    fn insert(&mut self, row: Arc<Conflict>) {
        let key = row.key.clone();
        if self.all.insert(key.clone(), row).is_none() {
            index(&mut self.by_side, &key);
        }
    }

    fn reindex(&mut self) {
        self.by_side.clear();
        for key in self.all.keys() {
            index(&mut self.by_side, key);
        }
    }

    fn remove(&mut self, key: &ConflictKey) -> Option<Arc<Conflict>> {
        let row = self.all.remove(key)?;
        for side in sides(key) {
            if let Some(keys) = self.by_side.get_mut(side) {
                keys.retain(|known| known != key);
                if keys.is_empty() {
                    self.by_side.remove(side);
                }
            }
        }
        Some(row)
    }
}

fn index(by_side: &mut HashMap<Id, Vec<ConflictKey>>, key: &ConflictKey) {
    for side in sides(key) {
        by_side.entry(side.clone()).or_default().push(key.clone());
    }
}

fn sides(key: &ConflictKey) -> impl Iterator<Item = &Id> {
    std::iter::once(&key.a).chain(&key.b)
}
