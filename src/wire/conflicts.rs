//! The conflicts of a board: the rows that stand, shared with the ledger, and which of them are acknowledged.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::Arc,
};

use foldhash::fast::RandomState;
use imbl::{OrdMap, ordmap::DiffItem};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::row::{Ack, ConflictRow};
use crate::{
    model::{ConflictKey, Id, Line},
    rules::conflict::{Conflict, ConflictMap},
};

/// Conflict rows in order; a clone shares what did not change.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conflicts {
    rows: ConflictMap,
    acks: OrdMap<ConflictKey, Arc<Ack>>,
}

impl Conflicts {
    /// The rows, and the acknowledgements in force.
    #[must_use]
    pub fn new(rows: ConflictMap, acks: OrdMap<ConflictKey, Arc<Ack>>) -> Self {
        Self { rows, acks }
    }

    /// The rows, whether acknowledged or not.
    #[must_use]
    pub fn rows(&self) -> &ConflictMap {
        &self.rows
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether both are the very same, without looking at the rows.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.rows.ptr_eq(&other.rows) && self.acks.ptr_eq(&other.acks)
    }

    /// Whether something clashes there.
    #[must_use]
    pub fn contains(&self, key: &ConflictKey) -> bool {
        self.rows.contains(key)
    }

    /// The row of a key with its acknowledgement; `None` where nothing clashes there.
    #[must_use]
    pub fn get(&self, key: &ConflictKey) -> Option<ConflictRow> {
        self.rows.get(key).map(|row| self.whole(row))
    }

    /// All rows, in order.
    pub fn iter(&self) -> impl Iterator<Item = ConflictRow> {
        self.rows.iter().map(|row| self.whole(row))
    }

    /// The rows that nobody has accepted.
    pub fn open(&self) -> impl Iterator<Item = &Arc<Conflict>> {
        self.rows.iter().filter(|row| !self.is_acknowledged(&row.key))
    }

    /// The rows that name an activity, a release or a window.
    pub fn of(&self, id: &Id) -> impl Iterator<Item = ConflictRow> {
        self.rows.iter().filter(|row| row.key.names(id)).map(|row| self.whole(row))
    }

    /// Whether somebody acknowledged the row, and that still holds.
    #[must_use]
    pub fn is_acknowledged(&self, key: &ConflictKey) -> bool {
        !self.acks.is_empty() && self.acks.contains_key(key)
    }

    /// The rows that who has `older` does not know as they are, and the keys of those that are gone; both in order.
    #[must_use]
    pub fn changes_from(&self, older: &Self) -> (Vec<ConflictRow>, Vec<ConflictKey>) {
        let (changed, gone) = self.rows.changes_from(&older.rows);
        let mut rows: BTreeMap<&ConflictKey, &Arc<Conflict>> =
            changed.into_iter().map(|row| (&row.key, row)).collect();
        for item in older.acks.diff(&self.acks) {
            let (DiffItem::Add(key, _) | DiffItem::Update { new: (key, _), .. } | DiffItem::Remove(key, _)) =
                item;
            rows.extend(self.rows.get(key).map(|row| (&row.key, row)));
        }
        (rows.into_values().map(|row| self.whole(row)).collect(), gone.into_iter().cloned().collect())
    }

    /// Puts a row in, or in the place of the one with its key.
    pub fn insert(&mut self, row: ConflictRow) {
        match row.ack {
            Some(ack) => drop(self.acks.insert(row.conflict.key.clone(), ack)),
            None => drop(self.acks.remove(&row.conflict.key)),
        }
        self.rows.insert(row.conflict);
    }

    /// Takes a row out, with its acknowledgement.
    pub fn remove(&mut self, key: &ConflictKey) {
        self.acks.remove(key);
        self.rows.remove(key);
    }

    fn whole(&self, row: &Arc<Conflict>) -> ConflictRow {
        let ack = if self.acks.is_empty() { None } else { self.acks.get(&row.key).cloned() };
        ConflictRow { conflict: Arc::clone(row), ack }
    }
}

impl FromIterator<ConflictRow> for Conflicts {
    fn from_iter<T: IntoIterator<Item = ConflictRow>>(rows: T) -> Self {
        let mut all = Self::default();
        rows.into_iter().for_each(|row| all.insert(row));
        all
    }
}

impl Serialize for Conflicts {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Conflicts {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_seq(Reading)
    }
}

/// Takes rows in as they are read. Tens of thousands lie on a few services: what they lie on is kept once.
struct Reading;

impl<'de> de::Visitor<'de> for Reading {
    type Value = Conflicts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows of clashes")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut rows: A) -> Result<Conflicts, A::Error> {
        let mut all = Conflicts::default();
        let mut paths: HashSet<Arc<Vec<Line>>, RandomState> = HashSet::default();
        while let Some(Read { mut conflict, ack }) = rows.next_element()? {
            match paths.get(&conflict.path) {
                Some(known) => conflict.path = Arc::clone(known),
                None => drop(paths.insert(Arc::clone(&conflict.path))),
            }
            all.insert(ConflictRow { conflict: Arc::new(conflict), ack });
        }
        Ok(all)
    }
}

/// A [`ConflictRow`] as it is read, before it is shared.
#[derive(Deserialize)]
struct Read {
    conflict: Conflict,
    ack: Option<Arc<Ack>>,
}
