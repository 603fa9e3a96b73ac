//! The read side on SQLite: streams, one row in memory at a time.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

use super::{
    Result,
    error::{Fault, StoreError},
    sqlite::{self, Sqlite},
    types::{CommandId, Cursor, Entry, Event, Head, Lineage, Outbox, OutboxState, Receipt, Record, Seq},
};

const READ: &str = "read the board";

/// All stamped tables as one shape; the second column orders what one commit brought.
const SINCE: &str = "
    SELECT seq, 0 AS class, kind AS a, id AS b, source AS c, deleted AS n, NULL AS m, json AS x, NULL AS y, NULL AS z
        FROM records WHERE seq > ?1
    UNION ALL
    SELECT seq, 1, NULL, NULL, NULL, number, at, bytes, hash, prev FROM events WHERE seq > ?1
    UNION ALL
    SELECT seq, 2, id, state, source, attempts, next_at, json, NULL, NULL FROM outbox WHERE seq > ?1
    UNION ALL
    SELECT seq, 3, NULL, NULL, source, NULL, NULL, json, NULL, NULL FROM cursors WHERE seq > ?1
    ORDER BY 1, 2, 6";

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

    pub(super) fn since(&self, after: Seq, mut see: impl FnMut(Entry)) -> Result<Head> {
        let head = self.run(|db| {
            let tx = db.unchecked_transaction()?;
            let head = head(&tx)?;
            let mut statement = tx.prepare_cached(SINCE)?;
            let mut rows = statement.query([after])?;
            while let Some(row) = rows.next()? {
                see(entry(row)?);
            }
            Ok(head)
        })?;
        self.knows(head.lineage.as_str(), head.seq);
        Ok(head)
    }

    pub(super) fn records(&self, kind: &str, mut see: impl FnMut(Record)) -> Result<()> {
        self.run(|db| {
            let mut statement = db.prepare_cached(
                "SELECT kind, id, source, seq, deleted, json FROM records WHERE kind = ?1 ORDER BY id",
            )?;
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
            let mut statement = db.prepare_cached(
                "SELECT kind, id, source, seq, deleted, json FROM records WHERE kind = ?1 AND id >= ?2 AND id < ?3 ORDER BY id",
            )?;
            let mut rows = statement.query([kind, &format!("{item}#"), &format!("{item}$")])?;
            while let Some(row) = rows.next()? {
                see(record(row)?);
            }
            Ok(())
        })
    }

    pub(super) fn detail(&self, kind: &str, id: &str) -> Result<Option<Record>> {
        self.run(|db| {
            db.prepare_cached(
                "SELECT kind, id, source, seq, deleted, json FROM records WHERE kind = ?1 AND id = ?2",
            )?
            .query_row([kind, id], record)
            .optional()
        })
    }

    pub(super) fn events(&self, numbers: Range<u64>, mut see: impl FnMut(Event)) -> Result<()> {
        // SQLite counts to 2^63 - 1.
        let end = numbers.end.min(i64::MAX.unsigned_abs());
        self.run(|db| {
            let mut statement = db.prepare_cached(
                "SELECT number, seq, at, bytes, hash, prev FROM events WHERE number >= ?1 AND number < ?2 ORDER BY number",
            )?;
            let mut rows = statement.query(params![numbers.start.min(end), end])?;
            while let Some(row) = rows.next()? {
                see(Event {
                    number: row.get(0)?,
                    seq: row.get(1)?,
                    at: row.get(2)?,
                    bytes: row.get(3)?,
                    hash: row.get(4)?,
                    prev: row.get(5)?,
                });
            }
            Ok(())
        })
    }

    pub(super) fn receipt(&self, id: &CommandId) -> Result<Option<Receipt>> {
        self.run(|db| sqlite::receipt(db, id))
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
    Ok(Head { lineage, seq: sqlite::seq(db)?, events, hash, note })
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        kind: row.get(0)?,
        id: row.get(1)?,
        source: row.get(2)?,
        seq: row.get(3)?,
        deleted: row.get(4)?,
        json: row.get(5)?,
    })
}

/// Reads a row of [`SINCE`].
fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let seq = row.get(0)?;
    let class: u8 = row.get(1)?;
    Ok(match class {
        0 => Entry::Record(Record {
            kind: row.get(2)?,
            id: row.get(3)?,
            source: row.get(4)?,
            seq,
            deleted: row.get(5)?,
            json: row.get(7)?,
        }),
        1 => Entry::Event(Event {
            number: row.get(5)?,
            seq,
            at: row.get(6)?,
            bytes: row.get(7)?,
            hash: row.get(8)?,
            prev: row.get(9)?,
        }),
        2 => Entry::Outbox(
            seq,
            Outbox {
                id: row.get(2)?,
                source: row.get(4)?,
                state: OutboxState::parse(row.get_ref(3)?.as_str()?)
                    .ok_or_else(|| rusqlite::Error::InvalidColumnType(3, "state".to_owned(), Type::Text))?,
                attempts: row.get(5)?,
                next_at: row.get(6)?,
                json: row.get(7)?,
            },
        ),
        _ => Entry::Cursor(seq, Cursor { source: row.get(4)?, json: row.get(7)? }),
    })
}
