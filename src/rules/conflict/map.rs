//! Conflict rows by their keys, in order. The key is the row's own, so that a row is kept once however many share it.

use std::{borrow::Borrow, cmp::Ordering, ops::Deref, sync::Arc};

use imbl::OrdMap;

use super::{Conflict, ConflictKey};

/// The rows that stand, in the order of RULES §2; a clone shares what did not change.
pub type ConflictMap = OrdMap<ByKey, Arc<Conflict>>;

/// A row as its own key.
#[derive(Debug, Clone)]
pub struct ByKey(Arc<Conflict>);

/// The rows as a map; of two with one key the later stays.
pub fn by_key(rows: impl IntoIterator<Item = Arc<Conflict>>) -> ConflictMap {
    rows.into_iter().map(entry).collect()
}

/// The row and its key, as the map takes them.
#[must_use]
pub fn entry(row: Arc<Conflict>) -> (ByKey, Arc<Conflict>) {
    (ByKey(Arc::clone(&row)), row)
}

impl Deref for ByKey {
    type Target = ConflictKey;
    fn deref(&self) -> &ConflictKey {
        &self.0.key
    }
}

impl Borrow<ConflictKey> for ByKey {
    fn borrow(&self) -> &ConflictKey {
        self
    }
}

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ByKey {}

impl Ord for ByKey {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(other)
    }
}

impl PartialOrd for ByKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
