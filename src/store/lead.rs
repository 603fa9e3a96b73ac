//! The lead of a board: one process of those on a file pulls, pushes and reacts to time.
//!
//! Advisory locks on `board.db.lock` and, for who decides again because others were faster, on `board.db.turn`; the kernel
//! gives them up with the process, however that ends. On a database the lead is a lease, see `postgres/lease.rs`.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use tokio::sync::oneshot;

use super::{Result, error::StoreError, open::beside, postgres::Lease};

const LEAD: &str = "take the lead of the board";

/// Held while this process leads; dropping it lets the next one in.
#[derive(Debug)]
pub enum Lead {
    /// Of a board in memory, which nobody else can see.
    Alone,
    /// By a lock of the kernel's.
    Lock(File),
    /// By a row that has to be renewed.
    Lease(Lease),
}

impl Lead {
    pub(super) const fn of_lease(lease: Lease) -> Self {
        Self::Lease(lease)
    }

    /// Whether this process still leads: a lease is lost when the database was not reached in time.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self {
            Self::Alone | Self::Lock(_) => true,
            Self::Lease(lease) => lease.holds(),
        }
    }

    pub(super) fn try_take(board: Option<&Path>) -> Result<Option<Self>> {
        let Some(board) = board else { return Ok(Some(Self::Alone)) };
        let file = lock_file(board, ".lock")?;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Some(Self::held(file))),
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(Errno::INTR) => {}
                Err(e) => return Err(StoreError::io(LEAD, &beside(board, ".lock"), e.into())),
            }
        }
    }

    pub(super) fn wait(board: Option<&Path>) -> Result<oneshot::Receiver<Self>> {
        let (tell, told) = oneshot::channel();
        let Some(board) = board else {
            let _ = tell.send(Self::Alone);
            return Ok(told);
        };
        let file = lock_file(board, ".lock")?;
        let path = beside(board, ".lock");
        // A thread of its own sleeps in the kernel: no polling, and the lock comes the moment it is free.
        thread::Builder::new()
            .name("lead".to_owned())
            .spawn(move || {
                let taken = loop {
                    match flock(&file, FlockOperation::LockExclusive) {
                        Ok(()) => break true,
                        Err(Errno::INTR) => {}
                        Err(e) => {
                            tracing::warn!(path = %path.display(), error = %e, "cannot wait for the lead");
                            break false;
                        }
                    }
                };
                if taken {
                    // When nobody listens any more the lead comes back here and is dropped.
                    let _ = tell.send(Self::held(file));
                }
            })
            .map_err(|e| StoreError::io(LEAD, board, e))?;
        Ok(told)
    }

    /// Leaves the process id in the file for people who look; nothing depends on it.
    fn held(mut file: File) -> Self {
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Self::Lock(file)
    }
}

/// The turn to decide: those who met on a board line up instead of meeting again. Dropping it lets the next one in.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "holds the lock until it is dropped")] File);

impl Turn {
    /// The turn, or nothing where it does not come within the limit or nobody can line up here.
    pub(super) fn wait(board: &Path, limit: Duration) -> Option<Self> {
        let file = lock_file(board, ".turn").ok()?;
        let (tell, told) = mpsc::channel();
        // A thread of its own sleeps in the kernel; a turn that comes too late is dropped there.
        let waits = move || {
            while let Err(error) = flock(&file, FlockOperation::LockExclusive) {
                if error != Errno::INTR {
                    return;
                }
            }
            let _late = tell.send(Self(file));
        };
        thread::Builder::new().name("turn".to_owned()).spawn(waits).ok()?;
        told.recv_timeout(limit).ok()
    }
}

/// The lock beside the board, as open to others as the board is.
fn lock_file(board: &Path, ending: &str) -> Result<File> {
    let path = beside(board, ending);
    let failed = |e: io::Error| StoreError::io(LEAD, &path, e);
    let mode = fs::metadata(board).map_err(failed)?.mode() & 0o666;
    match fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path) {
        Ok(file) => {
            file.set_permissions(fs::Permissions::from_mode(mode)).map_err(failed)?;
            Ok(file)
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            fs::OpenOptions::new().write(true).open(&path).map_err(failed)
        }
        Err(e) => Err(failed(e)),
    }
}
