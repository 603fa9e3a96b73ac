//! A board that can only be read: on read-only media, or where this user may not write.
//!
//! Without a log beside it the file is all there is and is read as it lies. With one, SQLite reads both where the file
//! that processes share is there too; else both are copied and the copy is read.

use std::{
    fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    Result,
    error::{Fault, StoreError},
    open::{OPEN, beside, check_version, migrate, newest},
    place::Held,
    sqlite::{Kept, Sqlite},
};

/// What a file was when it was opened: device, inode, length, times of its last change and of that of its inode.
pub(super) type Stamp = Option<(u64, u64, u64, (i64, i64), (i64, i64))>;

fn stamp(path: &Path) -> Stamp {
    let meta = fs::metadata(path).ok()?;
    let times = ((meta.mtime(), meta.mtime_nsec()), (meta.ctime(), meta.ctime_nsec()));
    Some((meta.dev(), meta.ino(), meta.len(), times.0, times.1))
}

/// A board that is read as it was when it was opened.
#[derive(Debug)]
pub(super) struct Sealed {
    real: PathBuf,
    /// Of the board and its log, where nobody else's writing is followed.
    stamps: Option<(Stamp, Stamp)>,
    /// Open as long as SQLite has it open, see [`Held`].
    _board: Held,
    /// Holds the copy that is read; removed with it.
    _copy: Option<tempfile::TempDir>,
}

impl Sealed {
    pub(super) fn real(&self) -> &Path {
        &self.real
    }

    /// Whether it is still what was opened.
    ///
    /// # Errors
    /// When somebody wrote to it meanwhile, which cannot be followed.
    pub(super) fn prove(&self) -> std::result::Result<(), Fault> {
        match &self.stamps {
            Some(stamps) if *stamps != stamps_of(&self.real) => {
                Err(Fault::Elsewhere("it was changed since it was opened for reading".to_owned()))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Of a board and its log; an empty log is none.
pub(super) fn stamps_of(real: &Path) -> (Stamp, Stamp) {
    let log = stamp(&beside(real, "-wal")).filter(|(_, _, len, ..)| *len > 0);
    (stamp(real), log)
}

/// The newest time that stamps tell of.
pub(super) fn newest_of(stamps: &(Stamp, Stamp)) -> Option<(i64, i64)> {
    let times = |stamp: &Stamp| stamp.map(|(_, _, _, changed, moved)| changed.max(moved));
    times(&stamps.0).max(times(&stamps.1))
}

/// Opens a board to read it, whatever can be written there.
pub(super) fn open(named: &Path, real: &Path, board: Held, patience: Duration) -> Result<Sqlite> {
    let as_found = stamps_of(real);
    let failed = |e: rusqlite::Error| StoreError::new(OPEN, named, e.into());
    let (db, stamps, copy) = if as_found.1.is_none() {
        (connect(&as_it_lies(real)).map_err(failed)?, Some(as_found), None)
    } else if let Ok(db) = connect(&uri(real)) {
        (db, None, None)
    } else {
        let (db, copy) = copied(named, real)?;
        (db, Some(as_found), Some(copy))
    };
    db.busy_timeout(patience).map_err(failed)?;
    // One of an older format is brought up to date in a copy.
    let (db, stamps, copy) = if check_version(&db, named)? == newest() {
        (db, stamps, copy)
    } else {
        drop(db);
        let (mut db, copy) = copied(named, real)?;
        migrate(&mut db, named)?;
        (db, Some(as_found), Some(copy))
    };
    db.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF").map_err(failed)?;
    let sealed = Sealed { real: real.to_owned(), stamps, _board: board, _copy: copy };
    Sqlite::new(db, Kept::Sealed(named.to_owned(), Box::new(sealed))).map_err(failed)
}

/// A connection that has read something, so that it is known to work.
fn connect(uri: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let db = Connection::open_with_flags(uri, flags)?;
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    Ok(db)
}

fn uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(*byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

/// Nobody writes to it: no lock is taken and nothing is looked for beside it.
fn as_it_lies(path: &Path) -> String {
    format!("{}?immutable=1", uri(path))
}

/// The board and its log, copied to where they can be joined.
fn copied(named: &Path, real: &Path) -> Result<(Connection, tempfile::TempDir)> {
    let failed = |e: std::io::Error| StoreError::io("copy the board to read it with its log", named, e);
    let dir = tempfile::tempdir().map_err(failed)?;
    let copy = dir.path().join("board.db");
    for suffix in ["", "-wal"] {
        if !beside(real, suffix).exists() {
            continue;
        }
        // Not `fs::copy`, which would bring its read-only mode along.
        let from = fs::File::open(beside(real, suffix));
        let to = fs::File::create_new(beside(&copy, suffix));
        from.and_then(|mut from| std::io::copy(&mut from, &mut to?)).map_err(failed)?;
    }
    let db = Connection::open(&copy).map_err(|e| StoreError::new(OPEN, named, e.into()))?;
    Ok((db, dir))
}
