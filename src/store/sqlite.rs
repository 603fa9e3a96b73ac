//! The write side on SQLite: one transaction that compares, stamps and writes.

use std::{
    borrow::Cow,
    io,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use rusqlite::{
    CachedStatement, Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior,
    config::DbConfig, params,
};

use super::{
    Result, digest,
    error::{Fault, StoreError},
    open::{check_version, new_lineage},
    place::Place,
    preferences,
    sealed::Sealed,
    sum::Sum,
    tokens,
    types::{
        Batch, CommandKey, Committed, Hash, Lineage, NewEvent, Outcome, RECEIPTS_KEPT, Receipt, Seq,
        Tombstone, Upsert,
    },
    whole,
};

const SAVE: &str = "save to the board";
const LOOK: &str = "look at the board";

/// One connection to a board in a SQLite file or in memory.
#[derive(Debug)]
pub struct Sqlite {
    // Closed first: what follows must outlive it.
    pub(super) db: Connection,
    data_version: i64,
    kept: Kept,
}

/// How a board is kept.
#[derive(Debug)]
pub(super) enum Kept {
    Memory,
    /// In a file that can be written: its name for messages, and the proof that it is the one at the path.
    File(PathBuf, Box<Place>),
    /// In a file that is only read.
    Sealed(PathBuf, Box<Sealed>),
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // Closing the last connection carries the log over and removes the files beside the board by their names:
        // whatever bears these names by now may be another board's.
        if let Kept::File(path, place) = &self.kept
            && !place.may_tidy()
            && let Err(error) = self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        {
            tracing::error!(path = %path.display(), %error, "the board is closed as if it were in its place");
        }
    }
}

impl Sqlite {
    pub(super) fn new(db: Connection, kept: Kept) -> rusqlite::Result<Self> {
        let data_version = data_version(&db)?;
        Ok(Self { db, data_version, kept })
    }

    /// The file as it was named.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.kept {
            Kept::Memory => None,
            Kept::File(path, _) | Kept::Sealed(path, _) => Some(path),
        }
    }

    /// The file itself, past every link; what lies beside a board is beside this one.
    pub(super) fn real(&self) -> Option<&Path> {
        match &self.kept {
            Kept::Memory => None,
            Kept::File(_, place) => Some(place.real()),
            Kept::Sealed(_, sealed) => Some(sealed.real()),
        }
    }

    /// The path for messages.
    pub(super) fn shown(&self) -> &Path {
        self.file().unwrap_or(Path::new(":memory:"))
    }

    /// Proves that what is open is what lies at the path.
    pub(super) fn in_place(&self, operation: &'static str) -> Result<()> {
        let proven = match &self.kept {
            Kept::Memory => Ok(()),
            Kept::File(_, place) => place.prove(),
            Kept::Sealed(_, sealed) => sealed.prove(),
        };
        proven.map_err(|fault| StoreError::new(operation, self.shown(), fault))
    }

    /// Refuses a write where nothing can be written or proven.
    pub(super) fn may_write(&self, operation: &'static str) -> Result<()> {
        if let Kept::Sealed(path, _) = &self.kept {
            return Err(StoreError::new(operation, path, Fault::ReadOnly));
        }
        self.in_place(operation)
    }

    /// What the board says of itself is what may be found on the disk from now on.
    pub(super) fn knows(&self, lineage: &str, seq: Seq) {
        if let Kept::File(_, place) = &self.kept {
            place.knows(lineage, seq);
        }
    }

    pub(super) fn changed_elsewhere(&mut self) -> Result<bool> {
        self.in_place(LOOK)?;
        let now = data_version(&self.db).map_err(|e| StoreError::new(LOOK, self.shown(), e.into()))?;
        Ok(std::mem::replace(&mut self.data_version, now) != now)
    }

    pub(super) fn commit(&mut self, batch: &Batch) -> Result<Outcome> {
        self.may_write(SAVE)?;
        let done = match self.try_commit(batch) {
            // Written again from the start: what the disk then confirms is there whole.
            Err(StoreError { fault: Fault::Unconfirmed(error), .. }) => {
                tracing::error!(%error, "a commit was not confirmed, trying once more");
                self.try_commit(batch)
            }
            tried => tried,
        }?;
        self.in_place(SAVE)?;
        Ok(done)
    }

    fn try_commit(&mut self, batch: &Batch) -> Result<Outcome> {
        let path = self.shown().to_owned();
        let failed = |fault: Fault| StoreError::new(SAVE, &path, fault);
        let lineage = if batch.renew_lineage { Some(new_lineage(&path)?) } else { None };
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|e| failed(Fault::from(e)))?;
        // A newer program may have brought it to a format meanwhile in which this one must not write.
        check_version(&tx, &path)?;
        match write(&tx, batch, lineage.as_deref()).map_err(failed)? {
            Outcome::Committed(done) if done.seq > batch.expect => {
                tx.commit().map_err(|e| failed(unconfirmed(e)))?;
                if let Kept::File(_, place) = &self.kept {
                    let known = self::lineage(&self.db).map_err(|e| failed(Fault::from(e)))?;
                    place.knows(&known, done.seq);
                }
                Ok(Outcome::Committed(done))
            }
            // Nothing was written, or nothing may be: dropping the transaction rolls it back.
            other => Ok(other),
        }
    }
}

/// Why a transaction that was whole did not end. Where the disk failed, all of it may be in the log nevertheless.
fn unconfirmed(error: rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::SystemIoFailure) => Fault::Unconfirmed(error),
        _ => Fault::from(error),
    }
}

pub(super) fn lineage(db: &Connection) -> rusqlite::Result<String> {
    db.prepare_cached("SELECT value FROM meta WHERE key = 'lineage'")?.query_row([], |row| row.get(0))
}

fn data_version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "data_version", |row| row.get(0))
}

type Step<T> = std::result::Result<T, Fault>;

fn write(tx: &Transaction<'_>, batch: &Batch, lineage: Option<&str>) -> Step<Outcome> {
    for key in batch.command.iter().chain(batch.also.iter().map(|(key, _)| key)) {
        if let Some(before) = answered(tx, key)? {
            return Ok(before);
        }
    }
    if let Some(to) = whole::moved(tx)? {
        return Err(Fault::Moved(to));
    }
    let at = seq(tx)?;
    let other = |known: &Lineage| self::lineage(tx).map(|now| now != known.as_str());
    if at != batch.expect || batch.lineage.as_ref().map_or(Ok(false), other)? {
        return Ok(Outcome::Moved(at));
    }
    let seq = at + 1;
    let mut done = Committed { seq, ..Committed::default() };
    if batch.upserts.len() + batch.tombstones.len() > 0 {
        let mut sum = self::sum(tx)?.unwrap_or_default();
        upsert(tx, seq, &batch.upserts, &mut done, &mut sum)?;
        bury(tx, seq, &batch.tombstones, &mut done, &mut sum)?;
        keep_sum(tx, sum)?;
    }
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
    if let Some(act) = &batch.token {
        tokens::write(tx, act)?;
    }
    if let Some((person, json)) = &batch.preferences {
        preferences::write(tx, person, json)?;
    }
    let touched = done.added + done.changed + done.deleted + batch.events.len() + batch.outbox.len();
    if touched + batch.cursors.len() == 0
        && batch.command.is_none()
        && batch.also.is_empty()
        && lineage.is_none()
    {
        return Ok(Outcome::Committed(Committed { seq: at, ..done }));
    }
    let first = batch.command.iter().map(|key| (key, &batch.receipt));
    for (key, receipt) in first.chain(batch.also.iter().map(|(key, receipt)| (key, receipt))) {
        tx.prepare_cached("DELETE FROM receipts WHERE at < ?1")?.execute([key.at - RECEIPTS_KEPT])?;
        tx.prepare_cached(
            "INSERT INTO receipts (author, command_id, digest, at, seq, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![key.author, key.id.as_slice(), key.digest, key.at, seq, receipt])?;
    }
    if let Some(lineage) = lineage {
        // The file may still bear the old one when the log beside it already has this.
        tx.execute(
            "INSERT INTO meta (key, value) SELECT 'lineage_before', value FROM meta WHERE key = 'lineage'
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [],
        )?;
        tx.execute("UPDATE meta SET value = ?1 WHERE key = 'lineage'", [lineage])?;
    }
    if let Some(note) = &batch.note {
        tx.prepare_cached(
            "INSERT INTO meta (key, value) VALUES ('note', ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute([note])?;
    }
    tx.prepare_cached("UPDATE meta SET value = ?1 WHERE key = 'seq'")?.execute([seq.to_string()])?;
    Ok(Outcome::Committed(done))
}

pub(super) fn seq(db: &Connection) -> rusqlite::Result<Seq> {
    db.prepare_cached("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'seq'")?
        .query_row([], |row| row.get(0))
}

/// How a command under this key of this author ended before.
pub(super) fn answered(db: &Connection, key: &CommandKey) -> rusqlite::Result<Option<Outcome>> {
    db.prepare_cached("SELECT seq, body, digest FROM receipts WHERE author = ?1 AND command_id = ?2")?
        .query_row(params![key.author, key.id.as_slice()], |row| {
            let digest: Hash = row.get(2)?;
            Ok(match digest == key.digest {
                true => Outcome::AlreadyDone(Receipt { seq: row.get(0)?, body: row.get(1)? }),
                false => Outcome::OtherCommand,
            })
        })
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

/// The hashes of all records, added up, as the last commit left them.
pub(super) fn sum(db: &Connection) -> rusqlite::Result<Option<Sum>> {
    let hex: Option<String> = db
        .prepare_cached("SELECT value FROM meta WHERE key = 'records'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(hex.as_deref().and_then(Sum::read))
}

fn keep_sum(tx: &Connection, sum: Sum) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO meta (key, value) VALUES ('records', ?1)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([sum.hex()])
    .map(drop)
}

/// Writes the hash of every record and their sum, on a board from before there were any.
pub(super) fn hash_records(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut sum = Sum::default();
    let mut write = tx.prepare("UPDATE records SET hash = ?2 WHERE rowid = ?1")?;
    let mut all = tx.prepare("SELECT kind, id, source, seq, deleted, json, rowid FROM records")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let text = |at: usize| row.get_ref(at).and_then(|value| Ok(value.as_str()?));
        let json: Vec<u8> = row.get(5)?;
        let hash = digest::of(text(0)?, text(1)?, text(2)?, row.get(3)?, row.get(4)?, &json);
        sum.add(&hash);
        write.execute(params![row.get::<_, i64>(6)?, hash])?;
    }
    keep_sum(tx, sum)
}

/// Of fewer records the bytes are made as they are written.
const FEW: usize = 1_000;

/// How many records are made at a time, and how many such lots wait to be written.
const LOT: usize = 256;
const AHEAD: usize = 4;

/// What is written of a record: its bytes, and the hash over all that its row says.
type Made<'a> = (Cow<'a, [u8]>, Hash);

fn made(row: &Upsert, seq: Seq) -> Step<Made<'_>> {
    let json = row.json.bytes().map_err(|why| Fault::Io(io::Error::other(format!("{}: {why}", row.id))))?;
    let hash = digest::of(row.kind, &row.id, &row.source, seq, false, &json);
    Ok((json, hash))
}

/// Adds and replaces records, keeping the sum of their hashes. Of many, the bytes are made and hashed beside the writing.
fn upsert(tx: &Transaction<'_>, seq: Seq, rows: &[Upsert], done: &mut Committed, sum: &mut Sum) -> Step<()> {
    let mut writer = Writer::new(tx, seq)?;
    if rows.len() < FEW {
        return rows.iter().try_for_each(|row| writer.write(row, &made(row, seq)?, done, sum));
    }
    thread::scope(|scope| {
        let (send, lots) = mpsc::sync_channel::<Vec<Step<Made<'_>>>>(AHEAD);
        let making = move || {
            for lot in rows.chunks(LOT) {
                if send.send(lot.iter().map(|row| made(row, seq)).collect()).is_err() {
                    return;
                }
            }
        };
        if thread::Builder::new().name("records".to_owned()).spawn_scoped(scope, making).is_err() {
            return rows.iter().try_for_each(|row| writer.write(row, &made(row, seq)?, done, sum));
        }
        for lot in rows.chunks(LOT) {
            let ready = lots.recv().map_err(|_| Fault::Io(io::Error::other("records were not made")))?;
            for (row, made) in lot.iter().zip(ready) {
                writer.write(row, &made?, done, sum)?;
            }
        }
        Ok(())
    })
}

/// The statements by which records are written.
struct Writer<'a> {
    seq: Seq,
    insert: CachedStatement<'a>,
    find: CachedStatement<'a>,
    replace: CachedStatement<'a>,
}

impl<'a> Writer<'a> {
    fn new(tx: &'a Transaction<'_>, seq: Seq) -> rusqlite::Result<Self> {
        let insert = tx.prepare_cached(
            "INSERT INTO records (kind, id, source, seq, deleted, json, hash) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6)
             ON CONFLICT (kind, id) DO NOTHING",
        )?;
        let find = tx.prepare_cached(
            "SELECT hash, json <> ?3 OR deleted OR source <> ?4 FROM records WHERE kind = ?1 AND id = ?2",
        )?;
        let replace = tx.prepare_cached(
            "UPDATE records SET source = ?3, seq = ?4, deleted = 0, json = ?5, hash = ?6 WHERE kind = ?1 AND id = ?2",
        )?;
        Ok(Self { seq, insert, find, replace })
    }

    fn write(
        &mut self,
        row: &Upsert,
        (json, hash): &Made<'_>,
        done: &mut Committed,
        sum: &mut Sum,
    ) -> Step<()> {
        let values = params![row.kind, row.id, row.source, self.seq, json, hash];
        if self.insert.execute(values)? == 1 {
            done.added += 1;
            sum.add(hash);
            return Ok(());
        }
        let known = params![row.kind, row.id, json, row.source];
        let (old, differs): (Option<Hash>, bool) =
            self.find.query_row(known, |row| Ok((row.get(0)?, row.get(1)?)))?;
        if differs {
            self.replace.execute(values)?;
            done.changed += 1;
            old.iter().for_each(|old| sum.subtract(old));
            sum.add(hash);
        } else {
            done.unchanged += 1;
        }
        Ok(())
    }
}

fn bury(tx: &Transaction<'_>, seq: Seq, rows: &[Tombstone], done: &mut Committed, sum: &mut Sum) -> Step<()> {
    let mut find = tx.prepare_cached(
        "SELECT source, json, hash FROM records WHERE kind = ?1 AND id = ?2 AND NOT deleted",
    )?;
    let mut bury =
        tx.prepare_cached("UPDATE records SET deleted = 1, seq = ?3, hash = ?4 WHERE kind = ?1 AND id = ?2")?;
    for row in rows {
        let known = find.query_row([row.kind, &row.id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Option<Hash>>(2)?))
        });
        let Some((source, json, old)) = known.optional()? else { continue };
        let hash = digest::of(row.kind, &row.id, &source, seq, true, &json);
        done.deleted += bury.execute(params![row.kind, row.id, seq, hash])?;
        old.iter().for_each(|old| sum.subtract(old));
        sum.add(&hash);
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
