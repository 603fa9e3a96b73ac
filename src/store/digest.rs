//! What shows that a record was changed by other hands: a hash beside each row, and the sum of all hashes in `meta`.
//!
//! An edited row no longer has its own hash and can be named; a row that was taken out or slipped in shows in the sum.
//! Both lie in the same file, so whoever knows of them can make them anew: they prove nothing against such a person.

use sha2::{Digest, Sha256};

use super::{
    sum::Sum,
    types::{Hash, Record, Seq},
};

/// SHA-256 over everything a row says, each part with its length before it.
pub(super) fn of(kind: &str, id: &str, source: &str, seq: Seq, deleted: bool, json: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    for part in
        [kind.as_bytes(), id.as_bytes(), source.as_bytes(), &seq.to_be_bytes(), &[u8::from(deleted)], json]
    {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Walks over the rows of a board and finds what other hands did to them.
#[derive(Debug, Default)]
pub struct Rows {
    sum: Sum,
    count: u64,
    edited: Option<String>,
}

impl Rows {
    /// Takes the next row; every row of the board once.
    pub fn take(&mut self, row: &Record) {
        self.count += 1;
        if let Some(hash) = &row.hash {
            self.sum.add(hash);
        }
        if self.edited.is_none() && !row.holds() {
            self.edited = Some(format!("{} {}", row.kind, row.id));
        }
    }

    /// Takes the rows that were taken elsewhere, all of which come after these.
    pub fn join(&mut self, later: Self) {
        self.sum.join(later.sum);
        self.count += later.count;
        self.edited = self.edited.take().or(later.edited);
    }

    /// How many were taken.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first row that is not as a commit wrote it.
    #[must_use]
    pub fn edited(&self) -> Option<String> {
        let row = self.edited.as_ref()?;
        Some(format!("{row} is not as it was recorded: it was changed outside quorate"))
    }

    /// What does not hold, where all rows were taken and the store says `sum` of them.
    #[must_use]
    pub fn fault(&self, sum: Option<Sum>) -> Option<String> {
        if let Some(edited) = self.edited() {
            return Some(edited);
        }
        if sum.is_none_or(|sum| sum != self.sum) {
            return Some("a record was taken out or put in outside quorate".to_owned());
        }
        None
    }
}

impl Record {
    /// Whether the row is as a commit wrote it.
    #[must_use]
    pub fn holds(&self) -> bool {
        let Self { kind, id, source, seq, deleted, json, hash } = self;
        *hash == Some(of(kind, id, source, *seq, *deleted, json))
    }
}
