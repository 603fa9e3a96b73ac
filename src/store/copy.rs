//! The bytes of a copy: the whole board as it is at one moment, in a file beside where it is to lie.

use std::{
    fs::{self, File},
    path::Path,
};

use rusqlite::Connection;

use super::{Result, error::StoreError};

pub(super) const COPY: &str = "copy the board to";

/// Copies a board of an older format beside itself, before it is brought to the newest: `board.db.format-7`. A copy that is
/// there is the same board's, from a time that was cut off: it is made anew.
pub(super) fn before_migration(db: &Connection, to: &Path) -> Result<()> {
    match fs::remove_file(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::io(COPY, to, error));
        }
        Ok(()) | Err(_) => {}
    }
    write(db, to)?.persist_noclobber(to).map_err(|e| StoreError::io(COPY, to, e.error))?;
    tracing::info!(copy = %to.display(), "the board was copied before its format is changed");
    Ok(())
}

/// Writes the copy under a name of its own, safe on the disk.
pub(super) fn write(db: &Connection, to: &Path) -> Result<tempfile::TempPath> {
    let directory = to.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let io = |e: std::io::Error| StoreError::io(COPY, to, e);
    // Its owner's alone from the start.
    let made = tempfile::Builder::new().prefix(".quorate-").suffix(".copy").tempfile_in(directory);
    let new = made.map_err(io)?.into_temp_path();
    // One statement is one view of the board, and takes no lock that keeps others from writing.
    db.execute("VACUUM INTO ?1", [new.to_string_lossy().as_ref()])
        .map_err(|e| StoreError::new(COPY, to, e.into()))?;
    File::open(&new).and_then(|file| file.sync_all()).map_err(io)?;
    Ok(new)
}
