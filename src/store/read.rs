//! The read side on SQLite: streams, one row in memory at a time.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

use super::{
    Result,
    error::{Fault, StoreError},
    sqlite::{self, Sqlite},
    types::{
        CommandKey, CommittedRow, Cursor, Event, Head, Lineage, Outbox, OutboxState, Outcome, Part, Record,
        Seq,
    },
};

const READ: &str = "read the board";

const RECORD: &str = "SELECT kind, id, source, seq, deleted, json, hash FROM records";
const EVENT: &str = "SELECT number, seq, at, bytes, hash, prev FROM events";
const OUTBOX: &str = "SELECT seq, id, state, source, attempts, next_at, json FROM outbox";
const CURSOR: &str = "SELECT seq, source, json FROM cursors";

impl Sqlite {
    fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.db).map_err(|e| StoreError::new(READ, self.shown(), e.into()))
    }

    pub(super) fn head(&self) -> Result<Head> {
        let head = self.run(|db| {
            let tx = db.unchecked_transaction()?;
            head(&tx)
        })?;
        self.knows(head.lineage.as_str(), head.seq);
        Ok(head)
    }

    pub(super) fn since(&self, after: Seq, mut see: impl FnMut(CommittedRow)) -> Result<Head> {
        let head = self.run(|db| {
            let tx = db.unchecked_transaction()?;
            let head = head(&tx)?;
            // One statement a table. All of it is read as it lies, without an index; what is new, by its stamps.
            let stamped = |table: &str, whole: &str, new: &str| match after {
                0 => format!("{table} WHERE +seq > ?1{whole}"),
                _ => format!("{table} WHERE seq > ?1 ORDER BY seq{new}"),
            };
            let events = stamped(EVENT, " ORDER BY number", ", number");
            rows(&tx, &stamped(RECORD, "", ""), after, record, |row| see(CommittedRow::Record(row)))?;
            rows(&tx, &events, after, event, |row| see(CommittedRow::Event(row)))?;
            rows(&tx, &stamped(OUTBOX, "", ""), after, outbox, |(seq, row)| {
                see(CommittedRow::Outbox(seq, row))
            })?;
            rows(&tx, &stamped(CURSOR, "", ""), after, cursor, |(seq, row)| {
                see(CommittedRow::Cursor(seq, row))
            })?;
            Ok(head)
        })?;
        self.knows(head.lineage.as_str(), head.seq);
        Ok(head)
    }

    pub(super) fn part(&self, part: &Part, mut see: impl FnMut(CommittedRow)) -> Result<Head> {
        let head = self.run(|db| {
            let tx = db.unchecked_transaction()?;
            let head = head(&tx)?;
            let mut kind = tx.prepare_cached(&format!("{RECORD} WHERE kind = ?1"))?;
            for whole in &part.kinds {
                let mut rows = kind.query([whole])?;
                while let Some(row) = rows.next()? {
                    see(CommittedRow::Record(record(row)?));
                }
            }
            let mut one = tx.prepare_cached(&format!("{RECORD} WHERE kind = ?1 AND id = ?2"))?;
            for (kind, id) in &part.records {
                if let Some(row) = one.query_row([kind, id.as_str()], record).optional()? {
                    see(CommittedRow::Record(row));
                }
            }
            let mut numbered = tx.prepare_cached(&format!("{EVENT} WHERE number = ?1"))?;
            for number in &part.events {
                if let Some(row) = numbered.query_row([number], event).optional()? {
                    see(CommittedRow::Event(row));
                }
            }
            rows(&tx, &format!("{OUTBOX} WHERE seq > ?1"), 0, outbox, |(seq, row)| {
                see(CommittedRow::Outbox(seq, row))
            })?;
            rows(&tx, &format!("{CURSOR} WHERE seq > ?1"), 0, cursor, |(seq, row)| {
                see(CommittedRow::Cursor(seq, row))
            })?;
            Ok(head)
        })?;
        self.knows(head.lineage.as_str(), head.seq);
        Ok(head)
    }

    pub(super) fn all_records(&self, mut see: impl FnMut(Record)) -> Result<Head> {
        self.run(|db| {
            let tx = db.unchecked_transaction()?;
            let head = head(&tx)?;
            rows(&tx, &format!("{RECORD} WHERE +seq >= ?1"), 0, record, &mut see)?;
            Ok(head)
        })
    }

    pub(super) fn records(&self, kind: &str, mut see: impl FnMut(Record)) -> Result<()> {
        self.run(|db| {
            let mut statement = db.prepare_cached(&format!("{RECORD} WHERE kind = ?1 ORDER BY id"))?;
            let mut rows = statement.query([kind])?;
            while let Some(row) = rows.next()? {
                see(record(row)?);
            }
            Ok(())
        })
    }

    pub(super) fn gone(&self, kind: &str, mut see: impl FnMut(Record)) -> Result<()> {
        self.run(|db| {
            let sql = format!("{RECORD} WHERE kind = ?1 AND deleted = 1 ORDER BY id");
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([kind])?;
            while let Some(row) = rows.next()? {
                see(record(row)?);
            }
            Ok(())
        })
    }

    pub(super) fn under(&self, kind: &str, item: &str, mut see: impl FnMut(Record)) -> Result<()> {
        self.run(|db| {
            // `$` follows `#`: a stretch of the primary key.
            let mut statement =
                db.prepare_cached(&format!("{RECORD} WHERE kind = ?1 AND id >= ?2 AND id < ?3 ORDER BY id"))?;
            let mut rows = statement.query([kind, &format!("{item}#"), &format!("{item}$")])?;
            while let Some(row) = rows.next()? {
                see(record(row)?);
            }
            Ok(())
        })
    }

    pub(super) fn detail(&self, kind: &str, id: &str) -> Result<Option<Record>> {
        self.run(|db| {
            db.prepare_cached(&format!("{RECORD} WHERE kind = ?1 AND id = ?2"))?
                .query_row([kind, id], record)
                .optional()
        })
    }

    pub(super) fn events(&self, numbers: Range<u64>, mut see: impl FnMut(Event)) -> Result<()> {
        // SQLite counts to 2^63 - 1.
        let end = numbers.end.min(i64::MAX.unsigned_abs());
        self.run(|db| {
            let mut statement =
                db.prepare_cached(&format!("{EVENT} WHERE number >= ?1 AND number < ?2 ORDER BY number"))?;
            let mut rows = statement.query(params![numbers.start.min(end), end])?;
            while let Some(row) = rows.next()? {
                see(event(row)?);
            }
            Ok(())
        })
    }

    pub(super) fn answered(&self, key: &CommandKey) -> Result<Option<Outcome>> {
        self.run(|db| sqlite::answered(db, key))
    }

    pub(super) fn cursor(&self, source: &str) -> Result<Option<Vec<u8>>> {
        self.run(|db| {
            db.prepare_cached("SELECT json FROM cursors WHERE source = ?1")?
                .query_row([source], |row| row.get(0))
                .optional()
        })
    }

    pub(super) fn check(&self) -> Result<Vec<String>> {
        let report = self.run(|db| {
            let mut statement = db.prepare("PRAGMA integrity_check(20)")?;
            let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
            lines.filter(|line| !matches!(line.as_deref(), Ok("ok"))).collect()
        });
        match report {
            // Too damaged to be examined is a finding too.
            Err(StoreError { fault: Fault::Corrupt(why), .. }) => Ok(vec![why]),
            other => other,
        }
    }
}

fn head(db: &Connection) -> rusqlite::Result<Head> {
    let lineage = sqlite::lineage(db).map(Lineage)?;
    let note = db
        .prepare_cached("SELECT value FROM meta WHERE key = 'note'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let (events, hash) = sqlite::log_end(db)?;
    Ok(Head { lineage, seq: sqlite::seq(db)?, events, hash, note, records: sqlite::sum(db)? })
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        kind: row.get(0)?,
        id: row.get(1)?,
        source: row.get(2)?,
        seq: row.get(3)?,
        deleted: row.get(4)?,
        json: row.get(5)?,
        hash: row.get(6)?,
    })
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        number: row.get(0)?,
        seq: row.get(1)?,
        at: row.get(2)?,
        bytes: row.get(3)?,
        hash: row.get(4)?,
        prev: row.get(5)?,
    })
}

fn outbox(row: &Row<'_>) -> rusqlite::Result<(Seq, Outbox)> {
    let outbox = Outbox {
        id: row.get(1)?,
        state: OutboxState::parse(row.get_ref(2)?.as_str()?)
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(2, "state".to_owned(), Type::Text))?,
        source: row.get(3)?,
        attempts: row.get(4)?,
        next_at: row.get(5)?,
        json: row.get(6)?,
    };
    Ok((row.get(0)?, outbox))
}

fn cursor(row: &Row<'_>) -> rusqlite::Result<(Seq, Cursor)> {
    Ok((row.get(0)?, Cursor { source: row.get(1)?, json: row.get(2)? }))
}

/// Reads and shows each row that a statement finds from a stamp on.
fn rows<T>(
    db: &Connection,
    sql: &str,
    after: Seq,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
    mut see: impl FnMut(T),
) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([after])?;
    while let Some(row) = rows.next()? {
        see(read(row)?);
    }
    Ok(())
}
