//! What can go wrong with a store, said so that a person can mend it.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

/// A failed operation on a store: what was tried, on which file, why it failed and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{}{}", self.title(), self.fault.hint().map(|hint| format!("; {hint}")).unwrap_or_default())]
pub struct StoreError {
    /// A verb phrase: `open the board`, `save to the board`.
    pub operation: &'static str,
    pub path: PathBuf,
    pub fault: Fault,
}

/// Why it failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the disk is full")]
    DiskFull,
    #[error("the file or its directory is read-only")]
    ReadOnly,
    #[error("there is no such file")]
    Missing,
    #[error("it is a link to {}, which is not there", .0.display())]
    Dangling(PathBuf),
    /// What is open is not what lies at the path: nobody would find what is written.
    #[error("{0}")]
    Elsewhere(String),
    #[error("{0}")]
    ForeignLog(String),
    /// The disk failed at the last step, in which it says that all has arrived.
    #[error("the disk did not confirm it ({0}), so it may have been recorded or not")]
    Unconfirmed(rusqlite::Error),
    #[error("this process may open no more files")]
    NoDescriptors,
    #[error("permission denied")]
    Permission,
    #[error("something is there already")]
    Taken,
    #[error("a board in a database is copied by the database")]
    InDatabase,
    #[error("it is a directory")]
    IsDirectory,
    #[error("it is neither a file nor can it become one")]
    NotAFile,
    #[error("another program keeps it locked")]
    Locked,
    #[error("it is not a board of quorate ({0})")]
    NotOurs(String),
    #[error("a newer quorate wrote it (format {found}, this program knows up to {known})")]
    TooNew { found: i64, known: i64 },
    #[error("the file is damaged ({0})")]
    Corrupt(String),
    #[error("event {number} does not follow the end of the log")]
    BrokenChain { number: u64 },
    #[error("the database cannot be reached ({0})")]
    Unreachable(String),
    #[error("the database does not let this program in ({0})")]
    NotLetIn(String),
    #[error(
        "the connection to the database was lost while it was saved ({0}), so it may have been recorded or not"
    )]
    Unanswered(String),
    #[error("no board is there yet")]
    NoBoard,
    #[error("it was moved to {0}")]
    Moved(String),
    #[error("it is not empty")]
    NotEmpty,
    #[error("another process leads this board by now")]
    NotLeading,
    #[error("the database said: {0}")]
    Database(String),
    #[error("{0}")]
    Io(io::Error),
    #[error("the database said: {0}")]
    Other(rusqlite::Error),
}

impl StoreError {
    pub(super) fn new(operation: &'static str, path: &Path, fault: Fault) -> Self {
        Self { operation, path: path.to_owned(), fault }
    }

    /// What failed and why.
    #[must_use]
    pub fn title(&self) -> String {
        format!("cannot {} {}: {}", self.operation, self.path.display(), self.fault)
    }

    pub(super) fn io(operation: &'static str, path: &Path, error: io::Error) -> Self {
        Self::new(operation, path, Fault::from(error))
    }
}

impl Fault {
    /// What to do about it, where something can be.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::DiskFull => "free some space and try again, nothing of this was saved",
            Self::ReadOnly => {
                "make it writable, open it with --read-only, or name another board with --db or QUORATE_DB"
            }
            Self::Missing => "`quorate import FILE` makes a board there, --db or QUORATE_DB names another",
            Self::Dangling(_) => "mend the link, or name a file with --db or QUORATE_DB",
            Self::Elsewhere(_) => {
                "nothing of this was saved and nothing is written any more: put the board's file back, or close this program and open it again"
            }
            Self::ForeignLog(_) => {
                "move that file away if what it holds is not wanted, or put back the board that it belongs to"
            }
            Self::Unconfirmed(_) => "check the disk, and look whether it is there before you do it again",
            Self::NoDescriptors => "raise the limit with `ulimit -n` and try again",
            Self::Permission => "ask its owner, or name another board with --db or QUORATE_DB",
            Self::InDatabase => "`pg_dump` copies it while it is used",
            Self::Taken => "name a file that is not there yet",
            Self::IsDirectory | Self::NotAFile => "name a file with --db or QUORATE_DB",
            Self::Locked => "close that program (a backup, a database browser) and try again",
            Self::NotOurs(_) => "it was left as it was, name another file with --db or QUORATE_DB",
            Self::TooNew { .. } => "it was left as it was, update quorate",
            Self::Corrupt(_) => "keep a copy of it, then restore the last export into a new board",
            Self::BrokenChain { .. } => "nothing was saved, run `quorate audit verify`",
            Self::Unreachable(_) => {
                "it is tried again; check that PostgreSQL runs and that the address leads there"
            }
            Self::NotLetIn(_) => {
                "check user, password (PGPASSFILE, ~/.pgpass or board.secret_command) and certificate"
            }
            Self::Unanswered(_) => "look whether it is there before you do it again",
            Self::NoBoard => "`quorate import FILE` or `quorate serve` makes a board there",
            Self::Moved(_) => "use it there; here it can only be read, with --read-only",
            Self::NotEmpty => "name a place where no board is yet",
            Self::NotLeading => "nothing is to be done here: that process goes on with it",
            Self::Database(_) => return None,
            Self::Io(_) => "check the disk and the path",
            Self::Other(_) => return None,
        })
    }

    /// Whether another file was meant than what is there, or what is there has to be chosen anew by a person.
    #[must_use]
    pub const fn is_of_the_name(&self) -> bool {
        matches!(
            self,
            Self::Missing
                | Self::Dangling(_)
                | Self::Taken
                | Self::InDatabase
                | Self::NoBoard
                | Self::Moved(_)
                | Self::NotEmpty
        )
    }
}

/// Whether this process has no descriptors left; SQLite only says that it cannot open something.
fn no_descriptors() -> bool {
    std::fs::File::open("/dev/null").is_err_and(|error| is_no_descriptors(&error))
}

fn is_no_descriptors(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE].iter().any(|none| code == Some(none.raw_os_error()))
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if is_no_descriptors(&error) {
            return Self::NoDescriptors;
        }
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
            // Rows of another shape than the migrations made, or none where there always is one.
            return match error {
                rusqlite::Error::QueryReturnedNoRows => {
                    Self::Corrupt("what it says of itself is gone".to_owned())
                }
                other => Self::Corrupt(other.to_string()),
            };
        };
        match failure.code {
            ErrorCode::DiskFull => Self::DiskFull,
            ErrorCode::ReadOnly if failure.extended_code == rusqlite::ffi::SQLITE_READONLY_DBMOVED => {
                Self::Elsewhere("another file lies there now".to_owned())
            }
            ErrorCode::ReadOnly => Self::ReadOnly,
            ErrorCode::CannotOpen if no_descriptors() => Self::NoDescriptors,
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
