//! What a person had seen when they last left this board: how far its record was, and which clashes were open.
//!
//! Kept per board among this user's own state, never on the board: nobody else is to know who looked when. A file that
//! cannot be read only means that everything counts as seen.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    model::{ConflictKey, Instant},
    wire::Snapshot,
};

/// One last look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The number of the newest event then.
    pub event: u64,
    pub at: Instant,
    /// The clashes that nobody had accepted then.
    pub clashes: Vec<ConflictKey>,
}

impl Looked {
    /// What is seen now.
    #[must_use]
    pub fn of(snapshot: &Snapshot, at: Instant) -> Self {
        let clashes = snapshot.conflicts.open().map(|row| row.key.clone()).collect();
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
        let known: HashSet<&ConflictKey> = self.clashes.iter().collect();
        let new = snapshot.conflicts.open().filter(|row| !known.contains(&row.key));
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
        assert!(looked.new_clashes(&board).is_empty() && !looked.clashes.is_empty());
        looked.write(dir.path(), "story/../x").unwrap();
        assert_eq!(Looked::read(dir.path(), "story/../x"), Some(looked.clone()));
        assert_eq!(Looked::read(dir.path(), "another"), None);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "inside the directory, and no part is left");
        looked.write(dir.path(), "").unwrap();
        let earlier = Looked { event: looked.event - 5, clashes: Vec::new(), ..looked };
        assert_eq!(earlier.events_since(&board), 5);
        assert_eq!(earlier.new_clashes(&board).len(), board.conflicts.open().count());
    }
}
