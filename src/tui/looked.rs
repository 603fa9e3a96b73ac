//! What a person had seen when they last left this board: how far its record was, and which clashes were open.
//!
//! Kept per board among this user's own state, never on the board: nobody else is to know who looked when. A file that
//! cannot be read only means that everything counts as seen. A board has tens of thousands of clashes: of each no more is
//! kept than a number, by which it is known again.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    model::{ConflictKey, Id, Instant, Vocabulary},
    wire::Snapshot,
};

/// One last look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The number of the newest event then.
    pub event: u64,
    pub at: Instant,
    /// The clashes that nobody had accepted then.
    pub clashes: Seen,
}

/// Clashes that were seen, each as the number of its key; in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen(Vec<u64>);

impl Seen {
    fn has(&self, key: &ConflictKey) -> bool {
        self.0.binary_search(&number(key)).is_ok()
    }
}

impl<'a> FromIterator<&'a ConflictKey> for Seen {
    fn from_iter<T: IntoIterator<Item = &'a ConflictKey>>(keys: T) -> Self {
        let mut numbers: Vec<u64> = keys.into_iter().map(number).collect();
        numbers.sort_unstable();
        numbers.shrink_to_fit();
        Self(numbers)
    }
}

impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|number| number.to_le_bytes()).collect();
        s.serialize_str(&STANDARD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bytes = STANDARD.decode(String::deserialize(d)?).map_err(de::Error::custom)?;
        let (numbers, rest) = bytes.as_chunks::<8>();
        let mut numbers: Vec<u64> = numbers.iter().copied().map(u64::from_le_bytes).collect();
        numbers.sort_unstable();
        rest.is_empty().then_some(Self(numbers)).ok_or_else(|| de::Error::custom("half a number"))
    }
}

/// The number of a key (FNV-1a): the same on every machine and in every version.
fn number(key: &ConflictKey) -> u64 {
    let ConflictKey { rule, a, b, at } = key;
    let at = at.map_or(0, Instant::secs).to_le_bytes();
    let parts =
        [rule.word().as_bytes(), a.as_str().as_bytes(), b.as_ref().map_or("", Id::as_str).as_bytes(), &at];
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    // No text has a byte of 255.
    parts.iter().fold(0xcbf2_9ce4_8422_2325, |hash, part| part.iter().chain(&[255]).fold(hash, mix))
}

impl Looked {
    /// What is seen now.
    #[must_use]
    pub fn of(snapshot: &Snapshot, at: Instant) -> Self {
        let clashes = snapshot.conflicts.open().map(|row| &row.key).collect();
        Self { event: snapshot.events, at, clashes }
    }

    /// How many events came since.
    #[must_use]
    pub const fn events_since(&self, snapshot: &Snapshot) -> u64 {
        snapshot.events.saturating_sub(self.event)
    }

    /// The clashes that are open now and were not then.
    #[must_use]
    pub fn new_clashes(&self, snapshot: &Snapshot) -> Vec<ConflictKey> {
        let new = snapshot.conflicts.open().filter(|row| !self.clashes.has(&row.key));
        new.map(|row| row.key.clone()).collect()
    }

    /// The last look at a board from `dir`; `None` where there was none that can be read.
    #[must_use]
    pub fn read(dir: &Path, lineage: &str) -> Option<Self> {
        serde_json::from_slice(&fs::read(file(dir, lineage)?).ok()?).ok()
    }

    /// Keeps this look in `dir`, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, dir: &Path, lineage: &str) -> io::Result<()> {
        let Some(file) = file(dir, lineage) else { return Ok(()) };
        fs::create_dir_all(dir)?;
        let part = file.with_extension("part");
        fs::write(&part, serde_json::to_vec(self)?)?;
        fs::rename(part, file)
    }
}

/// The file of a board, by its lineage; none where a board has no name for itself yet.
fn file(dir: &Path, lineage: &str) -> Option<PathBuf> {
    let name: String = lineage.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    (!name.is_empty()).then(|| dir.join(format!("{name}.json")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::{now, story};

    #[test]
    fn a_look_is_kept_by_board_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let board = story();
        let looked = Looked::of(&board, now());
        assert!(looked.new_clashes(&board).is_empty() && !looked.clashes.0.is_empty());
        looked.write(dir.path(), "story/../x").unwrap();
        assert_eq!(Looked::read(dir.path(), "story/../x"), Some(looked.clone()));
        assert_eq!(Looked::read(dir.path(), "another"), None);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "inside the directory, and no part is left");
        looked.write(dir.path(), "").unwrap();
        let earlier = Looked { event: looked.event - 5, clashes: Seen::default(), ..looked };
        assert_eq!(earlier.events_since(&board), 5);
        assert_eq!(earlier.new_clashes(&board).len(), board.conflicts.open().count());
        fs::write(
            dir.path().join("torn.json"),
            r#"{"event": 1, "at": "2026-11-24T12:00:00Z", "clashes": "AAAA"}"#,
        )
        .unwrap();
        assert_eq!(Looked::read(dir.path(), "torn"), None);
    }

    #[test]
    fn no_two_keys_of_a_board_have_one_number() {
        let key = |rule, a: &str, b: Option<&str>, at: Option<i64>| ConflictKey {
            rule,
            a: a.parse().unwrap(),
            b: b.map(|b| b.parse().unwrap()),
            at: at.map(Instant::from_secs),
        };
        use crate::model::RuleId::{C1, C11, C12};
        let keys = [
            key(C1, "A", Some("B"), None),
            key(C1, "B", Some("A"), None),
            key(C1, "AB", None, None),
            key(C1, "A", None, None),
            key(C11, "A", None, None),
            key(C11, "A", None, Some(60)),
            key(C11, "A", None, Some(3600)),
            key(C12, "A", None, Some(60)),
        ];
        let mut numbers: Vec<u64> = keys.iter().map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), keys.len());
        // What was kept by an earlier version is found by a later one.
        assert_eq!(number(&keys[0]), 0xe130_c6a1_7e51_00b6);
    }
}
