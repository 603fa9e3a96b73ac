//! What can go wrong with a store, said so that a person can mend it.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

/// A failed operation on a store: what was tried, on which file, why it failed and what to do.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {}: {fault}", path.display())]
pub struct StoreError {
    /// A verb phrase: `open the board`, `save to the board`.
    pub operation: &'static str,
    pub path: PathBuf,
    pub fault: Fault,
}

/// Why it failed, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the disk is full; free some space and try again, nothing of this was saved")]
    DiskFull,
    #[error(
        "the file or its directory is read-only; make it writable, or name another board with --db or QUORATE_DB"
    )]
    ReadOnly,
    #[error("permission denied; ask its owner, or name another board with --db or QUORATE_DB")]
    Permission,
    #[error("it is a directory; name a file with --db or QUORATE_DB")]
    IsDirectory,
    #[error("it is neither a file nor can it become one; name a file with --db or QUORATE_DB")]
    NotAFile,
    #[error(
        "another program keeps it locked; close that program (a backup, a database browser) and try again"
    )]
    Locked,
    #[error(
        "it is not a board of quorate ({0}); it was left as it was, name another file with --db or QUORATE_DB"
    )]
    NotOurs(String),
    #[error(
        "a newer quorate wrote it (format {found}, this program knows up to {known}); it was left as it was, update quorate"
    )]
    TooNew { found: i64, known: i64 },
    #[error("the file is damaged ({0}); keep a copy of it, then restore the last export into a new board")]
    Corrupt(String),
    #[error(
        "event {number} does not follow the end of the log; nothing was saved, run `quorate audit verify`"
    )]
    BrokenChain { number: u64 },
    #[error("{0}; check the disk and the path")]
    Io(io::Error),
    #[error("the database said: {0}")]
    Other(rusqlite::Error),
}

impl StoreError {
    pub(super) fn new(operation: &'static str, path: &Path, fault: Fault) -> Self {
        Self { operation, path: path.to_owned(), fault }
    }

    pub(super) fn io(operation: &'static str, path: &Path, error: io::Error) -> Self {
        Self::new(operation, path, Fault::from(error))
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::PermissionDenied => Self::Permission,
            io::ErrorKind::IsADirectory => Self::IsDirectory,
            io::ErrorKind::NotADirectory => Self::NotAFile,
            _ => Self::Io(error),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let Some(failure) = error.sqlite_error() else {
            // Rows of another shape than the migrations made.
            return Self::Corrupt(error.to_string());
        };
        match failure.code {
            ErrorCode::DiskFull => Self::DiskFull,
            ErrorCode::ReadOnly => Self::ReadOnly,
            ErrorCode::PermissionDenied | ErrorCode::CannotOpen => Self::Permission,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
                Self::Locked
            }
            ErrorCode::DatabaseCorrupt => Self::Corrupt(error.to_string()),
            ErrorCode::NotADatabase => Self::NotOurs("no SQLite file".to_owned()),
            // The file that several processes share cannot grow: nothing but a full disk does that.
            ErrorCode::SystemIoFailure if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => {
                Self::DiskFull
            }
            _ => Self::Other(error),
        }
    }
}
