//! Commands that wait for their board: one file each in the state directory of their author, from the moment they are queued
//! until they are answered. The end of the program or its death neither loses one nor does it twice: it goes out under the
//! key that it was first given.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::unsent;
use crate::{
    ledger::log,
    model::{Id, Instant, Revision},
    wire::Command,
};

/// A command, and the board that it was meant for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// By which the board knows it again.
    pub key: [u8; 16],
    pub command: Command,
    pub lineage: String,
    /// As whom it was queued; none where its author is nobody on the board.
    pub who: Option<Id>,
    /// The round of a vote, and the revision that was open.
    pub round: Option<(u32, Revision)>,
    pub at: Instant,
    /// It was sent, and no answer came: it may be on the record.
    pub unanswered: bool,
}

/// What a file holds.
#[derive(Serialize, Deserialize)]
struct File {
    /// Where the board is served.
    board: String,
    person: String,
    held: Held,
}

/// What one person holds for one place where a board is served.
#[derive(Debug)]
pub struct Shelf<'a> {
    pub directory: &'a Path,
    pub board: String,
    pub person: &'a str,
}

impl Shelf<'_> {
    /// Keeps a command in a file that only its author reads.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, held: &Held) -> io::Result<()> {
        let (board, person) = (self.board.clone(), self.person.to_owned());
        let file = serde_json::to_string(&File { board, person, held: held.clone() })?;
        unsent::put(&path(self.directory, held.key), file.as_bytes())
    }

    /// What is held, the oldest first. A file that cannot be read stays where it is.
    #[must_use]
    pub fn all(&self) -> Vec<Held> {
        let files = fs::read_dir(self.directory).into_iter().flatten().flatten();
        let files = files.filter(|file| file.path().extension().is_some_and(|end| end == "queued"));
        let files =
            files.filter_map(|file| serde_json::from_slice::<File>(&fs::read(file.path()).ok()?).ok());
        let mine = files.filter(|file| file.board == self.board && file.person == self.person);
        let mut mine: Vec<_> = mine.map(|file| file.held).collect();
        mine.sort_by_key(|held| (held.at, held.key));
        mine
    }
}

/// Forgets a command; one that is not held is forgotten already.
///
/// # Errors
/// When its file cannot be taken away.
pub fn let_go(directory: &Path, key: [u8; 16]) -> io::Result<()> {
    unsent::forget(&path(directory, key))
}

fn path(directory: &Path, key: [u8; 16]) -> PathBuf {
    directory.join(format!("{}.queued", log::hex(&key)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::model::Prose;

    fn held(key: u8, second: i64) -> Held {
        Held {
            key: [key; 16],
            command: Command::Comment { item: Id::new("CHG1").unwrap(), text: Prose::new("why\n\nso late?") },
            lineage: "aa".to_owned(),
            who: None,
            round: None,
            at: Instant::from_secs(second),
            unanswered: false,
        }
    }

    #[test]
    fn what_is_held_is_told_to_its_author_until_it_is_let_go() {
        let dir = tempfile::tempdir().unwrap();
        let directory = dir.path().join("unsent");
        let of = |board: &str, person| Shelf { directory: &directory, board: board.to_owned(), person };
        assert_eq!(of("/run/a", "ann").all(), [], "there is no directory yet");
        of("/run/a", "ann").keep(&held(1, 20)).unwrap();
        of("/run/a", "ann").keep(&held(2, 10)).unwrap();
        of("/run/a", "ann").keep(&Held { unanswered: true, ..held(1, 20) }).unwrap();
        of("/run/a", "bob").keep(&held(3, 0)).unwrap();
        of("/run/b", "ann").keep(&held(4, 0)).unwrap();
        fs::write(directory.join("torn.queued"), "{").unwrap();
        assert_eq!(of("/run/a", "ann").all(), [held(2, 10), Held { unanswered: true, ..held(1, 20) }]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&directory), mode(&path(&directory, [1; 16]))), (0o700, 0o600));
        let_go(&directory, [1; 16]).unwrap();
        let_go(&directory, [1; 16]).unwrap();
        assert_eq!(of("/run/a", "ann").all(), [held(2, 10)]);
        assert_eq!((of("/run/a", "bob").all().len(), of("/run/b", "ann").all().len()), (1, 1));
        // Drafts lie in the same directory, and neither reads the other's files.
        let draft = unsent::Unsent { directory: &directory, board: "/run/a".into(), person: "ann" };
        draft.keep("CHG1", "half a sen").unwrap();
        assert_eq!((draft.all().len(), of("/run/a", "ann").all().len()), (1, 1));
    }
}
