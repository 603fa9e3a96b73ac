//! The write side on SQLite: one transaction that compares, stamps and writes.

use std::{
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{
    Result,
    error::{Fault, StoreError},
    open::new_lineage,
    types::{Batch, CommandId, Committed, Hash, NewEvent, Outcome, Receipt, Seq, Tombstone, Upsert},
};

const SAVE: &str = "save to the board";
const LOOK: &str = "look at the board";

/// What a SQLite file begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Device and inode of a file.
fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    std::fs::metadata(path).map(|found| (found.dev(), found.ino()))
}

/// One connection to a board in a SQLite file or in memory.
#[derive(Debug)]
pub struct Sqlite {
    pub(super) db: Connection,
    path: Option<PathBuf>,
    /// Device and inode of the file that was opened.
    file: Option<(u64, u64)>,
    data_version: i64,
}

impl Sqlite {
    pub(super) fn new(db: Connection, path: Option<PathBuf>) -> rusqlite::Result<Self> {
        let data_version = data_version(&db)?;
        let file = path.as_deref().and_then(|path| identity(path).ok());
        Ok(Self { db, path, file, data_version })
    }

    pub(super) fn file(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The path for messages.
    pub(super) fn shown(&self) -> &Path {
        self.file().unwrap_or(Path::new(":memory:"))
    }

    /// Whether the file that was opened still lies there and is a database. The log beside it may hide for long that it
    /// is not.
    fn in_place(&self) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let failed = |fault| StoreError::new(LOOK, path, fault);
        if self.file != Some(identity(path).map_err(|e| failed(Fault::from(e)))?) {
            return Err(failed(Fault::NotOurs("another file lies there now".to_owned())));
        }
        let mut head = [0; MAGIC.len()];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
        match read {
            Ok(()) if head == *MAGIC => Ok(()),
            Ok(()) => Err(failed(Fault::Corrupt("no SQLite file any more".to_owned()))),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(failed(Fault::Corrupt("it was cut short".to_owned())))
            }
            Err(error) => Err(failed(Fault::from(error))),
        }
    }

    pub(super) fn changed_elsewhere(&mut self) -> Result<bool> {
        self.in_place()?;
        let now = data_version(&self.db).map_err(|e| StoreError::new(LOOK, self.shown(), e.into()))?;
        Ok(std::mem::replace(&mut self.data_version, now) != now)
    }

    pub(super) fn commit(&mut self, batch: &Batch) -> Result<Outcome> {
        let path = self.shown().to_owned();
        let failed = |fault: Fault| StoreError::new(SAVE, &path, fault);
        let lineage = if batch.renew_lineage { Some(new_lineage(&path)?) } else { None };
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|e| failed(Fault::from(e)))?;
        match write(&tx, batch, lineage).map_err(failed)? {
            Outcome::Committed(done) if done.seq > batch.expect => {
                tx.commit().map_err(|e| failed(Fault::from(e)))?;
                Ok(Outcome::Committed(done))
            }
            // Nothing was written, or nothing may be: dropping the transaction rolls it back.
            other => Ok(other),
        }
    }
}

fn data_version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "data_version", |row| row.get(0))
}

type Step<T> = std::result::Result<T, Fault>;

fn write(tx: &Transaction<'_>, batch: &Batch, lineage: Option<String>) -> Step<Outcome> {
    if let Some(id) = &batch.command_id
        && let Some(receipt) = receipt(tx, id)?
    {
        return Ok(Outcome::AlreadyDone(receipt));
    }
    let at = seq(tx)?;
    if at != batch.expect {
        return Ok(Outcome::Moved(at));
    }
    let seq = at + 1;
    let mut done = Committed { seq, ..Committed::default() };
    upsert(tx, seq, &batch.upserts, &mut done)?;
    bury(tx, seq, &batch.tombstones, &mut done)?;
    done.events = append(tx, seq, &batch.events)?;
    for row in &batch.outbox {
        tx.prepare_cached(
            "INSERT INTO outbox (id, seq, source, state, attempts, next_at, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, source = excluded.source, state = excluded.state,
                 attempts = excluded.attempts, next_at = excluded.next_at, json = excluded.json",
        )?
        .execute(params![row.id, seq, row.source, row.state.as_str(), row.attempts, row.next_at, row.json])?;
    }
    for row in &batch.cursors {
        tx.prepare_cached(
            "INSERT INTO cursors (source, seq, json) VALUES (?1, ?2, ?3)
             ON CONFLICT (source) DO UPDATE SET seq = excluded.seq, json = excluded.json",
        )?
        .execute(params![row.source, seq, row.json])?;
    }
    let touched = done.added + done.changed + done.deleted + batch.events.len() + batch.outbox.len();
    if touched + batch.cursors.len() == 0 && batch.command_id.is_none() && lineage.is_none() {
        return Ok(Outcome::Committed(Committed { seq: at, ..done }));
    }
    if let Some(id) = &batch.command_id {
        tx.execute(
            "INSERT INTO receipts (command_id, seq, body) VALUES (?1, ?2, ?3)",
            params![id.as_slice(), seq, batch.receipt],
        )?;
    }
    if let Some(lineage) = lineage {
        tx.execute("UPDATE meta SET value = ?1 WHERE key = 'lineage'", [lineage])?;
    }
    tx.prepare_cached("UPDATE meta SET value = ?1 WHERE key = 'seq'")?.execute([seq.to_string()])?;
    Ok(Outcome::Committed(done))
}

pub(super) fn seq(db: &Connection) -> rusqlite::Result<Seq> {
    db.prepare_cached("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'seq'")?
        .query_row([], |row| row.get(0))
}

pub(super) fn receipt(db: &Connection, id: &CommandId) -> rusqlite::Result<Option<Receipt>> {
    db.prepare_cached("SELECT seq, body FROM receipts WHERE command_id = ?1")?
        .query_row([id.as_slice()], |row| Ok(Receipt { seq: row.get(0)?, body: row.get(1)? }))
        .optional()
}

/// The number and hash of the last event; 0 and zeros while there is none.
pub(super) fn log_end(db: &Connection) -> rusqlite::Result<(u64, Hash)> {
    let end = db
        .prepare_cached("SELECT number, hash FROM events ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(end.unwrap_or((0, [0; 32])))
}

fn upsert(tx: &Transaction<'_>, seq: Seq, rows: &[Upsert], done: &mut Committed) -> Step<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO records (kind, id, source, seq, deleted, json) VALUES (?1, ?2, ?3, ?4, 0, ?5)
         ON CONFLICT (kind, id) DO NOTHING",
    )?;
    let mut replace = tx.prepare_cached(
        "UPDATE records SET source = ?3, seq = ?4, deleted = 0, json = ?5
         WHERE kind = ?1 AND id = ?2 AND (json <> ?5 OR deleted OR source <> ?3)",
    )?;
    for row in rows {
        let values = params![row.kind, row.id, row.source, seq, row.json];
        if insert.execute(values)? == 1 {
            done.added += 1;
        } else if replace.execute(values)? == 1 {
            done.changed += 1;
        } else {
            done.unchanged += 1;
        }
    }
    Ok(())
}

fn bury(tx: &Transaction<'_>, seq: Seq, rows: &[Tombstone], done: &mut Committed) -> Step<()> {
    let mut bury = tx.prepare_cached(
        "UPDATE records SET deleted = 1, seq = ?3 WHERE kind = ?1 AND id = ?2 AND NOT deleted",
    )?;
    for row in rows {
        done.deleted += bury.execute(params![row.kind, row.id, seq])?;
    }
    Ok(())
}

/// Appends to the chain; each event must name the hash of the one before it.
fn append(tx: &Transaction<'_>, seq: Seq, events: &[NewEvent]) -> Step<std::ops::Range<u64>> {
    let (last, mut head) = log_end(tx)?;
    let mut number = last;
    let mut insert = tx.prepare_cached(
        "INSERT INTO events (number, seq, at, bytes, hash, prev) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for event in events {
        number += 1;
        if event.prev != head {
            return Err(Fault::BrokenChain { number });
        }
        insert.execute(params![number, seq, event.at, event.bytes, event.hash, event.prev])?;
        head = event.hash;
    }
    Ok(last + 1..number + 1)
}
