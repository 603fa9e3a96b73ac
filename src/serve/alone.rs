//! One service on a board: a second one says who has it. An advisory lock on `board.db.served`, which the kernel gives up with
//! the process; the file says which process that is, and where it listens.

use std::{
    fs::File,
    io::{Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    store::Location,
    wire::{Problem, ProblemKind},
};

/// Held while this process serves the board.
#[derive(Debug)]
pub struct Alone(#[expect(dead_code, reason = "held for its lock")] Option<File>);

impl Alone {
    /// Takes the board for this service; one in memory is nobody else's, and one in a database may have several services.
    ///
    /// # Errors
    /// When another service has it, or the lock cannot be made.
    pub fn take(board: &Location, at: &Path) -> Result<Self, Problem> {
        let path = match board {
            Location::File(path) => path,
            Location::Memory | Location::Postgres(_) => return Ok(Self(None)),
        };
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let lock = beside(&real);
        let failed = |error: &dyn std::fmt::Display| {
            Problem::new(ProblemKind::Unreachable, format!("{}: {error}", lock.display()))
                .hint("the service must be able to write beside its board")
        };
        let mut options = File::options();
        let opened = options.create(true).truncate(false).read(true).write(true).mode(0o600).open(&lock);
        let mut file = opened.map_err(|error| failed(&error))?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut who = String::new();
            let _unread = file.read_to_string(&mut who);
            let who = who.lines().next().filter(|line| !line.is_empty()).unwrap_or("another process");
            let said = format!("{} is served already, by {who}", path.display());
            return Err(Problem::new(ProblemKind::Unreachable, said)
                .hint("stop that service first, or connect to it"));
        }
        let said = format!("process {} at {}\n", std::process::id(), at.display());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(said.as_bytes()))
            .map_err(|error| failed(&error))?;
        Ok(Self(Some(file)))
    }
}

fn beside(board: &Path) -> PathBuf {
    let mut name = board.as_os_str().to_owned();
    name.push(".served");
    name.into()
}
