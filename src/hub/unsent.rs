//! Unsent text that a board cannot take, because its file is gone, full or read-only, or its service cannot be reached: kept in
//! the state directory of its author, one file a text, until the board is there again.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ledger::log;

/// A text, and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Text {
    /// The path of the board, or where it is served, and its lineage.
    board: PathBuf,
    person: String,
    item: String,
    text: String,
}

/// The texts of one person on one board.
#[derive(Debug)]
pub struct Unsent<'a> {
    pub directory: &'a Path,
    /// Its absolute path, or where it is served, and its lineage.
    pub board: PathBuf,
    pub person: &'a str,
}

impl Unsent<'_> {
    /// Keeps a text in a file that only its author reads; an empty one is forgotten.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, item: &str, text: &str) -> io::Result<()> {
        let path = self.path(item);
        if text.is_empty() {
            return forget(&path);
        }
        let text = Text {
            board: self.board.clone(),
            person: self.person.to_owned(),
            item: item.to_owned(),
            text: text.to_owned(),
        };
        put(&path, serde_json::to_string(&text)?.as_bytes())
    }

    /// What is kept, as (item, text), by item. A file that cannot be read stays where it is.
    #[must_use]
    pub fn all(&self) -> Vec<(String, String)> {
        let files = fs::read_dir(self.directory).into_iter().flatten().flatten();
        let texts =
            files.filter_map(|file| serde_json::from_slice::<Text>(&fs::read(file.path()).ok()?).ok());
        let mine = texts.filter(|text| text.board == self.board && text.person == self.person);
        let mut mine: Vec<_> = mine.map(|text| (text.item, text.text)).collect();
        mine.sort();
        mine
    }

    /// One file for each text, so that no two processes write to the same one.
    fn path(&self, item: &str) -> PathBuf {
        let mut hash = Sha256::new();
        for part in [self.board.as_os_str().as_encoded_bytes(), self.person.as_bytes(), item.as_bytes()] {
            hash.update(part);
            hash.update([0]);
        }
        self.directory.join(format!("{}.json", log::hex(&hash.finalize())))
    }
}

/// Writes a file that only its owner reads, in a directory that only they look into: whole and on the disk, or not at all.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Takes a file away; one that is not there is away already.
pub(super) fn forget(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn texts_are_kept_by_board_person_and_item() {
        let dir = tempfile::tempdir().unwrap();
        let directory = dir.path().join("unsent");
        let of = |board, person| Unsent { directory: &directory, board: PathBuf::from(board), person };
        of("/b1", "ana").keep("CHG1", "half a sen").unwrap();
        of("/b1", "ana").keep("CHG2", "another").unwrap();
        of("/b1", "ben").keep("CHG1", "his").unwrap();
        of("/b2", "ana").keep("CHG1", "elsewhere").unwrap();
        of("/b1", "ana").keep("CHG1", "half a sentence").unwrap();
        of("/b1", "ana").keep("CHG2", "").unwrap();
        of("/b1", "ana").keep("CHG3", "").unwrap();
        fs::write(directory.join("x.json"), "{").unwrap();
        let text = |text: &str| vec![("CHG1".to_owned(), text.to_owned())];
        assert_eq!(of("/b1", "ana").all(), text("half a sentence"));
        assert_eq!(of("/b1", "ben").all(), text("his"));
        assert_eq!(of("/b2", "ana").all(), text("elsewhere"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory), 0o700);
        assert_eq!(mode(&of("/b2", "ana").path("CHG1")), 0o600);
    }
}
