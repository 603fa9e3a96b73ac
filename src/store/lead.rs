//! The lead of a board: one process of those on a file pulls, pushes and reacts to time.
//!
//! An advisory lock on `board.db.lock`; the kernel gives it up with the process, however that ends.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    thread,
};

use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use tokio::sync::oneshot;

use super::{Result, error::StoreError, open::beside};

const LEAD: &str = "take the lead of the board";

/// Held while this process leads; dropping it lets the next one in.
#[derive(Debug)]
pub struct Lead {
    /// `None` for a board in memory, which nobody else can see.
    _lock: Option<File>,
}

impl Lead {
    pub(super) fn try_take(board: Option<&Path>) -> Result<Option<Self>> {
        let Some(board) = board else { return Ok(Some(Self { _lock: None })) };
        let file = lock_file(board)?;
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
            let _ = tell.send(Self { _lock: None });
            return Ok(told);
        };
        let file = lock_file(board)?;
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
        Self { _lock: Some(file) }
    }
}

/// The lock beside the board, as open to others as the board is.
fn lock_file(board: &Path) -> Result<File> {
    let path = beside(board, ".lock");
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
