//! Copies of a board that are taken while it is used.
//!
//! A copy is a board of its own under a lineage of its own: whoever followed the original reads everything anew from a board
//! that went back to a copy, and nothing that was seen since is taken for what the copy says.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{
    Result,
    copy::{COPY, write},
    error::{Fault, StoreError},
    open::new_lineage,
    sqlite::{Kept, Sqlite},
    types::{Head, Seq},
};

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    pub path: PathBuf,
    /// Where the board stood.
    pub seq: Seq,
    pub events: u64,
    /// Bytes of the copy.
    pub bytes: u64,
}

impl Sqlite {
    pub(super) fn backup(&self, to: &Path) -> Result<Copied> {
        let db = &self.db;
        if to.symlink_metadata().is_ok() {
            return Err(StoreError::new(COPY, to, Fault::Taken));
        }
        // The copy is written into another file: what reads only may do that.
        let only_reads: bool = db
            .pragma_query_value(None, "query_only", |row| row.get(0))
            .map_err(|e| StoreError::new(COPY, to, e.into()))?;
        let allow = |on: bool| {
            db.pragma_update(None, "query_only", on).map_err(|e| StoreError::new(COPY, to, e.into()))
        };
        allow(false)?;
        let copied = copy(db, to);
        allow(only_reads)?;
        let head = copied?;
        let bytes = fs::metadata(to).map_err(|e| StoreError::io(COPY, to, e))?.len();
        Ok(Copied { path: to.to_owned(), seq: head.seq, events: head.events, bytes })
    }
}

/// Writes the copy, gives it a lineage, and then its name.
fn copy(db: &Connection, to: &Path) -> Result<Head> {
    let failed = |e: rusqlite::Error| StoreError::new(COPY, to, e.into());
    let new = write(db, to)?;
    let head = {
        let copy = Connection::open(&new).map_err(failed)?;
        let lineage = new_lineage(to)?;
        copy.execute("UPDATE meta SET value = ?1 WHERE key = 'lineage'", [lineage]).map_err(failed)?;
        Sqlite::new(copy, Kept::Memory).map_err(failed)?.head()?
    };
    let named = new.persist_noclobber(to);
    named.map_err(|e| match e.error.kind() {
        std::io::ErrorKind::AlreadyExists => StoreError::new(COPY, to, Fault::Taken),
        _ => StoreError::io(COPY, to, e.error),
    })?;
    let directory = to.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory).and_then(|dir| dir.sync_all()).map_err(|e| StoreError::io(COPY, to, e))?;
    Ok(head)
}
