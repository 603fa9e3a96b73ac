//! Conflict rows in order, found by their keys. A row holds its own key, so nothing is kept beside it.

use std::{cmp::Ordering, sync::Arc};

use imbl::Vector;

use super::{Conflict, ConflictKey};

/// The rows that stand, in their order (rules § Clashes), one of each key; a clone shares what did not change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConflictMap(Vector<Arc<Conflict>>);

impl ConflictMap {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are the very same, without looking at the rows.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }

    /// The row of a key; `None` where nothing clashes there.
    #[must_use]
    pub fn get(&self, key: &ConflictKey) -> Option<&Arc<Conflict>> {
        self.place(key).ok().and_then(|at| self.0.get(at))
    }

    /// Whether something clashes there.
    #[must_use]
    pub fn contains(&self, key: &ConflictKey) -> bool {
        self.place(key).is_ok()
    }

    /// All rows, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Conflict>> {
        self.0.iter()
    }

    /// Puts a row in, or in the place of the one with its key, and gives that one back.
    pub fn insert(&mut self, row: Arc<Conflict>) -> Option<Arc<Conflict>> {
        // Rows mostly come in order.
        if self.0.last().is_none_or(|last| last.key < row.key) {
            self.0.push_back(row);
            return None;
        }
        match self.place(&row.key) {
            Ok(at) => Some(self.0.set(at, row)),
            Err(at) => {
                self.0.insert(at, row);
                None
            }
        }
    }

    /// Takes a row out, and gives it where it was there.
    pub fn remove(&mut self, key: &ConflictKey) -> Option<Arc<Conflict>> {
        self.place(key).ok().map(|at| self.0.remove(at))
    }

    /// Keeps the rows that pass.
    pub fn retain(&mut self, keep: impl Fn(&Arc<Conflict>) -> bool) {
        self.0 = self.0.iter().filter(|row| keep(row)).cloned().collect();
    }

    /// The rows that an older state does not have as they are, and the keys of those that only it has; both in order. A row
    /// that both share is told by its address alone: nothing of it is compared.
    #[must_use]
    pub fn changes_from<'a>(&'a self, older: &'a Self) -> (Vec<&'a Arc<Conflict>>, Vec<&'a ConflictKey>) {
        let (mut changed, mut gone) = (Vec::new(), Vec::new());
        if self.ptr_eq(older) {
            return (changed, gone);
        }
        let (mut new, mut old) = (self.iter().peekable(), older.iter().peekable());
        loop {
            let order = match (new.peek(), old.peek()) {
                (None, None) => return (changed, gone),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
                (Some(a), Some(b)) => a.key.cmp(&b.key),
            };
            let (now, before) = match order {
                Ordering::Less => (new.next(), None),
                Ordering::Greater => (None, old.next()),
                Ordering::Equal => (new.next(), old.next()),
            };
            match (now, before) {
                (Some(now), Some(before)) if Arc::ptr_eq(now, before) || now == before => {}
                (Some(now), _) => changed.push(now),
                (None, before) => gone.extend(before.map(|row| &row.key)),
            }
        }
    }

    fn place(&self, key: &ConflictKey) -> Result<usize, usize> {
        self.0.binary_search_by(|row| row.key.cmp(key))
    }
}

impl FromIterator<Arc<Conflict>> for ConflictMap {
    fn from_iter<T: IntoIterator<Item = Arc<Conflict>>>(rows: T) -> Self {
        let mut map = Self::default();
        for row in rows {
            map.insert(row);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::{Id, RuleId, Severity},
        rules::conflict::SameCi,
    };

    fn row(at: u8, minutes: i64) -> Arc<Conflict> {
        let a = Id::new(&format!("C{at:03}")).unwrap();
        Arc::new(Conflict {
            key: ConflictKey { rule: RuleId::C1, a, b: None, at: None },
            severity: Severity::Warn,
            span: None,
            point: None,
            minutes,
            path: Arc::default(),
            detail: SameCi { outage: None, long: None, release: None }.into(),
        })
    }

    proptest! {
        /// Told by addresses and order, it is what comparing each row with each gives.
        #[test]
        fn changes_are_those_of_comparing_every_row(
            first in prop::collection::btree_map(0_u8..40, 0_i64..3, 0..30),
            edits in prop::collection::vec((0_u8..40, 0_i64..4), 0..20),
        ) {
            let older: ConflictMap = first.iter().map(|(at, minutes)| row(*at, *minutes)).collect();
            let mut newer = older.clone();
            for (at, minutes) in edits {
                let row = row(at, minutes);
                // Three is gone.
                if minutes == 3 { drop(newer.remove(&row.key)) } else { drop(newer.insert(row)) }
            }
            let (changed, gone) = newer.changes_from(&older);
            let other: Vec<_> = newer.iter().filter(|row| older.get(&row.key) != Some(*row)).collect();
            let lost: Vec<_> = older.iter().map(|row| &row.key).filter(|key| !newer.contains(key)).collect();
            prop_assert_eq!(changed, other);
            prop_assert_eq!(gone, lost);
        }
    }
}
