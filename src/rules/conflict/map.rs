//! Conflict rows in order, found by their keys. A row holds its own key, so nothing is kept beside it.

use std::sync::Arc;

use imbl::Vector;

use super::{Conflict, ConflictKey};

/// The rows that stand, in their order (rules § Clashes), one of each key; a clone shares what did not change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConflictMap(Vector<Arc<Conflict>>);

impl ConflictMap {
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are the very same, without looking at the rows.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }

    #[must_use]
    pub fn get(&self, key: &ConflictKey) -> Option<&Arc<Conflict>> {
        self.place(key).ok().and_then(|at| self.0.get(at))
    }

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

    pub fn remove(&mut self, key: &ConflictKey) -> Option<Arc<Conflict>> {
        self.place(key).ok().map(|at| self.0.remove(at))
    }

    /// Keeps the rows that pass.
    pub fn retain(&mut self, keep: impl Fn(&Arc<Conflict>) -> bool) {
        self.0 = self.0.iter().filter(|row| keep(row)).cloned().collect();
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
