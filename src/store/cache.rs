//! The start cache: one blob beside the board from which the first frame is drawn.
//!
//! What is in it is the hub's; here it gets a key and a checksum. A missing, foreign or damaged cache only costs time.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{
    open::beside,
    place::Held,
    raw,
    sealed::{self, Stamp},
};

const MAGIC: &[u8; 8] = b"qrtstart";
const HEADER: usize = 8 + 8 + 8;

/// How often, and how long after each other, it is looked whether the clock of the file system has moved on: it does so a hundred
/// times in a second, or more.
const LOOKS: u32 = 50;
const LOOK: Duration = Duration::from_millis(1);

/// The cache of one board.
#[derive(Debug, Clone)]
pub struct StartCache {
    path: PathBuf,
    board: PathBuf,
}

impl StartCache {
    pub(super) fn beside(board: &Path) -> Self {
        Self { path: beside(board, ".start"), board: board.to_owned() }
    }

    /// The part of it that the first screen shows, in a file of its own.
    #[must_use]
    pub fn opening(&self) -> Self {
        Self { path: self.path.with_extension("opening"), board: self.board.clone() }
    }

    /// The index of the board, by which a question about one item need not read all of it, in a file of its own.
    #[must_use]
    pub fn derived(&self) -> Self {
        Self { path: self.path.with_extension("derived"), board: self.board.clone() }
    }

    /// What the file system says of the board's file and its log: another one after anybody, by whatever means, wrote to it.
    #[must_use]
    pub fn as_it_lies(&self) -> String {
        said(&sealed::stamps_of(&self.board))
    }

    /// The same, once the clock of the file system has moved on, so that whatever is written from now on bears another time;
    /// none where it does not move, or somebody writes meanwhile.
    #[must_use]
    pub fn as_it_stays(&self) -> Option<String> {
        let stamps = sealed::stamps_of(&self.board);
        let newest = sealed::newest_of(&stamps)?;
        for _ in 0..LOOKS {
            let made = tempfile::NamedTempFile::new_in(self.directory()).ok()?.as_file().metadata().ok()?;
            if (made.mtime(), made.mtime_nsec()) > newest {
                return Some(said(&stamps)).filter(|lies| self.as_it_lies() == *lies);
            }
            thread::sleep(LOOK);
        }
        None
    }

    fn directory(&self) -> &Path {
        self.path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// How many commits the board's file and its log tell of, past SQLite; none where that cannot be read.
    #[must_use]
    pub fn commits(&self) -> Option<u64> {
        let log = match raw::logged(&beside(&self.board, "-wal")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            log => log.ok()?,
        };
        match log {
            Some(logged) => Some(logged.last.seq),
            None => Some(raw::meta(Held::open(&self.board).ok()?.file().ok()?)?.seq),
        }
    }

    /// Whether anything lies there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// The blob kept under this key (schema, lineage, sequence, settings), if it is whole.
    #[must_use]
    pub fn load(&self, key: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = fs::read(&self.path).ok()?;
        let word = |at: usize| bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
        let sound = bytes.starts_with(MAGIC)
            && word(8)? == checksum(key)
            && word(16)? == checksum(bytes.get(HEADER..)?);
        sound.then(|| bytes.split_off(HEADER))
    }

    /// Replaces the blob in one move, readable by the owner alone.
    ///
    /// # Errors
    /// When it cannot be written; the old one stays.
    pub fn save(&self, key: &[u8], blob: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(self.directory())?;
        file.write_all(MAGIC)?;
        file.write_all(&checksum(key).to_le_bytes())?;
        file.write_all(&checksum(blob).to_le_bytes())?;
        file.write_all(blob)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// Stamps of a board and its log in words. Where root opens a log, to read it too, SQLite gives it to the owner of the board
/// anew, which moves the time of its inode: there its length and the time of its last change have to do.
fn said((board, log): &(Stamp, Stamp)) -> String {
    let root = rustix::process::geteuid().is_root();
    let log = log
        .map(|(device, inode, len, changed, moved)| (device, inode, len, changed, (!root).then_some(moved)));
    format!("{board:?} {log:?}")
}

/// A fast 64-bit mix against torn and flipped bytes; nothing hostile is kept out by it.
fn checksum(bytes: &[u8]) -> u64 {
    const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut tail = [0u8; 8];
    for (to, from) in tail.iter_mut().zip(rest) {
        *to = *from;
    }
    let mix = |state: u64, word: u64| (state ^ word).wrapping_mul(SEED).rotate_left(29);
    let state = words.iter().fold(SEED, |state, word| mix(state, u64::from_le_bytes(*word)));
    mix(mix(state, u64::from_le_bytes(tail)), bytes.len() as u64)
}
