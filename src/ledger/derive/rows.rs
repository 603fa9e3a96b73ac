//! The conflict rows that stand, by key and by side.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use crate::{
    model::{ConflictKey, Id, Instant, RuleId},
    rules::{
        conflict::{Conflict, ConflictMap, Decisions, redetect},
        facts::{Dirty, Facts},
    },
};

/// From so many stale rows on, the index by side is made anew.
const MANY: usize = 512;

/// Rows in order, and which of them name a side.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    all: ConflictMap,
    /// Rows from an earlier run, of which those that stand again are kept instead of made twice.
    known: ConflictMap,
    by_side: HashMap<Id, Vec<Arc<Conflict>>>,
}

impl Rows {
    /// Every row that stands, acknowledged ones among them.
    #[must_use]
    pub fn all(&self) -> &ConflictMap {
        &self.all
    }

    /// Gives rows that were derived before and probably will be again.
    pub fn expect(&mut self, known: ConflictMap) {
        self.known = known;
    }

    /// The rows that name this side.
    pub fn of<'a>(&'a self, side: &Id) -> impl Iterator<Item = &'a Arc<Conflict>> + use<'a> {
        self.by_side.get(side).into_iter().flatten()
    }

    /// Derives what is dirty and says which sides have other rows than before.
    pub(super) fn derive(
        &mut self,
        facts: &Facts,
        dirty: &Dirty,
        now: Instant,
        decisions: &dyn Decisions,
    ) -> BTreeSet<Id> {
        // Where there was nothing, whoever is told that everything is new needs no list of it.
        let first = dirty.everything && self.all.is_empty();
        if dirty.is_empty() {
            return BTreeSet::new();
        }
        let redone = redetect(facts, dirty, now, decisions);
        let Some(near) = redone.sides() else { return self.replace_all(redone.rows, !first) };
        let stale = self.stale(near, redone.rules());
        let many = stale.len() > MANY;
        let mut old: HashMap<ConflictKey, Arc<Conflict>> = HashMap::with_capacity(stale.len());
        if many {
            old.extend(stale.into_iter().map(|row| (row.key.clone(), row)));
            self.all.retain(|row| !old.contains_key(&row.key));
            self.reindex();
        } else {
            old.extend(stale.into_iter().filter_map(|row| Some((row.key.clone(), self.remove(&row.key)?))));
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

    /// Puts these rows in the place of all, keeping those that are as they were.
    fn replace_all(&mut self, rows: Vec<Conflict>, tell: bool) -> BTreeSet<Id> {
        let mut changed = BTreeSet::new();
        let (old, known) = (std::mem::take(&mut self.all), std::mem::take(&mut self.known));
        let same =
            |rows: &ConflictMap, row: &Conflict| rows.get(&row.key).filter(|old| ***old == *row).cloned();
        let rows = rows.into_iter().map(|row| {
            same(&old, &row).unwrap_or_else(|| {
                if tell {
                    changed.extend(sides(&row.key).cloned());
                }
                same(&known, &row).unwrap_or_else(|| Arc::new(row))
            })
        });
        self.all = rows.collect();
        let gone = old.iter().filter(|row| !self.all.contains(&row.key));
        changed.extend(gone.flat_map(|row| sides(&row.key)).cloned());
        self.reindex();
        changed
    }

    fn stale(&self, dirty: &BTreeSet<Id>, rules: &[RuleId]) -> Vec<Arc<Conflict>> {
        let near = dirty.iter().filter_map(|side| self.by_side.get(side)).flatten();
        let ruled = self.all.iter().filter(|row| !rules.is_empty() && rules.contains(&row.key.rule));
        near.chain(ruled).cloned().collect()
    }

    fn insert(&mut self, row: Arc<Conflict>) {
        self.remove(&row.key);
        index(&mut self.by_side, &row);
        self.all.insert(row);
    }

    fn reindex(&mut self) {
        self.by_side.clear();
        for row in self.all.iter() {
            index(&mut self.by_side, row);
        }
        self.by_side.values_mut().for_each(Vec::shrink_to_fit);
    }

    fn remove(&mut self, key: &ConflictKey) -> Option<Arc<Conflict>> {
        let row = self.all.remove(key)?;
        for side in sides(key) {
            if let Some(rows) = self.by_side.get_mut(side) {
                rows.retain(|known| known.key != *key);
                if rows.is_empty() {
                    self.by_side.remove(side);
                }
            }
        }
        Some(row)
    }
}

fn index(by_side: &mut HashMap<Id, Vec<Arc<Conflict>>>, row: &Arc<Conflict>) {
    for side in sides(&row.key) {
        match by_side.get_mut(side) {
            Some(rows) => rows.push(Arc::clone(row)),
            None => drop(by_side.insert(side.clone(), vec![Arc::clone(row)])),
        }
    }
}

fn sides(key: &ConflictKey) -> impl Iterator<Item = &Id> {
    std::iter::once(&key.a).chain(&key.b)
}
