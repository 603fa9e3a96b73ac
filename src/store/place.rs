//! The proof that a store writes to the file that lies at its path: device, inode, size, lineage and sequence of the
//! board, device and inode of the two files beside it.
//!
//! A connection goes on writing happily to files that were removed, replaced or cut, and nobody finds that again. So
//! the store asks here before and after every commit.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fs::{self, File},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use super::{
    error::Fault,
    open::beside,
    raw::{self, LogStart, MAGIC, Meta},
};

/// Device and inode of a file.
type Identity = (u64, u64);

fn identity(meta: &fs::Metadata) -> Identity {
    (meta.dev(), meta.ino())
}

/// Files this process holds open, by identity, with how many hold each.
///
/// POSIX gives up every lock of a process on a file when the process closes any handle of it. So a board's file is
/// opened once beside SQLite, shared by all stores on it, and closed after the last of them.
static HELD: Mutex<BTreeMap<Identity, (Arc<File>, usize)>> = Mutex::new(BTreeMap::new());

fn all_held() -> MutexGuard<'static, BTreeMap<Identity, (Arc<File>, usize)>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One board's file, open for reading as long as any store on it.
#[derive(Debug)]
pub(super) struct Held {
    key: Identity,
    file: Option<Arc<File>>,
}

impl Held {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut all = all_held();
        let known = fs::metadata(path).map(|meta| identity(&meta))?;
        if let Some((file, count)) = all.get_mut(&known) {
            *count += 1;
            return Ok(Self { key: known, file: Some(Arc::clone(file)) });
        }
        let file = Arc::new(File::open(path)?);
        let key = identity(&file.metadata()?);
        let (file, count) = all.entry(key).or_insert((file, 0));
        *count += 1;
        Ok(Self { key, file: Some(Arc::clone(file)) })
    }

    pub(super) fn file(&self) -> io::Result<&File> {
        self.file.as_deref().ok_or_else(|| io::Error::other("closed"))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Under the lock, so that nobody who opens the file meanwhile loses its locks to this close.
        let mut all = all_held();
        self.file = None;
        if let Some((_, count)) = all.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.key);
            }
        }
    }
}

/// Where a board lies, and what was found there when it was opened.
#[derive(Debug)]
pub(super) struct Place {
    /// As it was named; a link leads from here.
    named: PathBuf,
    /// The file itself: what is beside it is named after it.
    real: PathBuf,
    board: Held,
    /// The log and the identity of the file shared by processes; none where the file system knows no write-ahead log.
    log: Option<(File, Identity)>,
    shared: Option<Identity>,
    /// Lineages that may be on the disk: a restore renews them.
    lineages: RefCell<Vec<String>>,
    /// How far the file was when it was last looked at: it never goes back.
    reached: Cell<u64>,
    size: Cell<u64>,
    written: RefCell<Option<LogStart>>,
    /// The newest commit that is known of: an empty log has been carried over into the file, with all of it.
    newest: Cell<u64>,
}

impl Place {
    /// Looks at what lies at the path, after SQLite has opened it. `wal`: it writes to a log beside the board.
    pub(super) fn new(named: &Path, real: PathBuf, board: Held, wal: bool) -> io::Result<Self> {
        let (mut log, mut shared) = (None, None);
        if wal {
            let file = File::open(beside(&real, "-wal"))?;
            let key = identity(&file.metadata()?);
            log = Some((file, key));
            shared = Some(identity(&fs::metadata(beside(&real, "-shm"))?));
        }
        let meta = raw::meta(board.file()?);
        let size = board.file()?.metadata()?.len();
        Ok(Self {
            named: std::path::absolute(named)?,
            real,
            board,
            log,
            shared,
            reached: Cell::new(meta.as_ref().map_or(0, |meta| meta.seq)),
            lineages: RefCell::new(meta.into_iter().map(|meta| meta.lineage).collect()),
            size: Cell::new(size),
            written: RefCell::new(None),
            newest: Cell::new(0),
        })
    }

    pub(super) fn real(&self) -> &Path {
        &self.real
    }

    /// What the board says of itself by its own connection, while it is in its place.
    pub(super) fn knows(&self, lineage: &str, seq: u64) {
        self.newest.set(seq);
        let mut known = self.lineages.borrow_mut();
        if !known.iter().any(|known| known == lineage) {
            known.push(lineage.to_owned());
        }
    }

    /// Whether everything that was opened still lies there and is what it was.
    ///
    /// # Errors
    /// Says what is there instead.
    pub(super) fn prove(&self) -> Result<(), Fault> {
        self.prove_board()?;
        self.prove_beside()
    }

    /// Whether a last checkpoint does good: the board is in its place, and what lies beside it is ours or nothing.
    pub(super) fn may_tidy(&self) -> bool {
        let beside = || {
            let gone = |suffix| !beside(&self.real, suffix).exists();
            self.prove_beside().is_ok() || (gone("-wal") && gone("-shm"))
        };
        self.prove_board().is_ok() && beside()
    }

    fn prove_board(&self) -> Result<(), Fault> {
        let found =
            fs::metadata(&self.named).map_err(|error| gone(error, "its file is not there any more"))?;
        if identity(&found) != self.board.key {
            return Err(Fault::Elsewhere("another file lies there now".to_owned()));
        }
        let file = self.board.file().map_err(Fault::from)?;
        let mut head = [0; MAGIC.len()];
        match file.read_exact_at(&mut head, 0) {
            Ok(()) if head == *MAGIC => {}
            Ok(()) => return Err(Fault::Corrupt("no SQLite file any more".to_owned())),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(Fault::Corrupt("it was cut short".to_owned()));
            }
            Err(error) => return Err(Fault::from(error)),
        }
        if found.len() < self.size.get() {
            return Err(Fault::Corrupt("it was cut short".to_owned()));
        }
        self.size.set(found.len());
        self.prove_meta(file)
    }

    /// A page that is being written may be read half: it is looked at again before it counts.
    fn prove_meta(&self, file: &File) -> Result<(), Fault> {
        let mut wrong = None;
        for wait in [0, 1, 5, 25] {
            thread::sleep(Duration::from_millis(wait));
            wrong = match raw::meta(file) {
                Some(Meta { lineage, .. }) if !self.lineages.borrow().contains(&lineage) => {
                    Some("another board was copied into it")
                }
                Some(Meta { seq, .. }) if seq < self.reached.get() => {
                    Some("an older copy of the board was copied into it")
                }
                Some(Meta { seq, .. }) => {
                    self.reached.set(seq);
                    None
                }
                // Nothing was known when it was opened either.
                None if self.lineages.borrow().is_empty() => None,
                None => Some("something else was copied into it"),
            };
            if wrong.is_none() {
                break;
            }
        }
        wrong.map_or(Ok(()), |wrong| Err(Fault::Elsewhere(wrong.to_owned())))
    }

    fn prove_beside(&self) -> Result<(), Fault> {
        for (suffix, key) in [("-wal", self.log.as_ref().map(|(_, key)| *key)), ("-shm", self.shared)] {
            let Some(key) = key else { continue };
            let words = |what: &str| format!("{} beside it was {what}", beside(&self.real, suffix).display());
            let found = fs::metadata(beside(&self.real, suffix)).map_err(|e| gone(e, &words("removed")))?;
            if identity(&found) != key {
                return Err(Fault::Elsewhere(words("replaced")));
            }
        }
        let Some((log, _)) = &self.log else { return Ok(()) };
        let now = raw::log_start(log).map_err(Fault::from)?;
        let mut before = self.written.borrow_mut();
        let shorter = match (&*before, &now) {
            (Some(before), Some(now)) => before.salt == now.salt && now.len < before.len,
            (_, None) => raw::meta(self.board.file().map_err(Fault::from)?)
                .is_some_and(|meta| meta.seq < self.newest.get()),
            (None, _) => false,
        };
        if shorter {
            return Err(Fault::Elsewhere(format!("{} was cut short", beside(&self.real, "-wal").display())));
        }
        *before = now;
        Ok(())
    }
}

fn gone(error: io::Error, words: &str) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Fault::Elsewhere(words.to_owned()),
        _ => Fault::from(error),
    }
}
