//! The read side on PostgreSQL. What is shown row by row is read whole before: a connection that breaks in between must not leave
//! half of it behind.

use std::{ops::Range, time::Instant};

use tokio_postgres::Row;

use super::{
    NOW, Postgres, Tried, big, count, get, gone,
    link::{Link, hash},
};
use crate::store::{
    CommandKey, CommittedRow, Cursor, Event, Fault, Hash, Head, Lineage, Outbox, OutboxState, Outcome,
    Receipt, Record, Result, Seq, sum::Sum,
};

const READ: &str = "read the board";

pub(super) const RECORD: &str = "SELECT kind, id, source, seq, deleted, json, hash FROM records";
pub(super) const EVENT: &str = "SELECT number, seq, at, bytes, hash, prev FROM events";
pub(super) const OUTBOX: &str = "SELECT seq, id, state, source, attempts, next_at, json FROM outbox";
pub(super) const CURSOR: &str = "SELECT seq, source, json FROM cursors";

impl Postgres {
    pub(in crate::store) fn head(&self) -> Result<Head> {
        let asked = Instant::now();
        let (head, at) = self.run(READ, |link| in_one_view(link, head))?;
        self.told_time(asked, at);
        *self.seen.borrow_mut() = (head.lineage.as_str().to_owned(), head.seq);
        Ok(head)
    }

    pub(in crate::store) fn since(&self, after: Seq, mut see: impl FnMut(CommittedRow)) -> Result<Head> {
        let asked = Instant::now();
        let (head, at, rows) = self.run(READ, |link| {
            in_one_view(link, |link| {
                let (head, at) = head(link)?;
                let from = big(after);
                let of = |sql: &str, order: &str| {
                    link.query(&format!("{sql} WHERE seq > $1 ORDER BY {order}"), &[&from])
                };
                let mut rows = Vec::new();
                for row in of(RECORD, if after == 0 { "kind, id" } else { "seq, kind, id" })? {
                    rows.push(CommittedRow::Record(record(&row)?));
                }
                for row in of(EVENT, if after == 0 { "number" } else { "seq, number" })? {
                    rows.push(CommittedRow::Event(event(&row)?));
                }
                for row in of(OUTBOX, "seq, id")? {
                    let (seq, row) = outbox(&row)?;
                    rows.push(CommittedRow::Outbox(seq, row));
                }
                for row in of(CURSOR, "seq, source")? {
                    let (seq, row) = cursor(&row)?;
                    rows.push(CommittedRow::Cursor(seq, row));
                }
                Ok((head, at, rows))
            })
        })?;
        self.told_time(asked, at);
        *self.seen.borrow_mut() = (head.lineage.as_str().to_owned(), head.seq);
        rows.into_iter().for_each(&mut see);
        Ok(head)
    }

    pub(in crate::store) fn all_records(&self, see: impl FnMut(Record)) -> Result<Head> {
        let (head, rows) = self.run(READ, |link| {
            in_one_view(link, |link| {
                let (head, _) = head(link)?;
                Ok((head, link.query(RECORD, &[])?))
            })
        })?;
        self.show(&rows, record, see)?;
        Ok(head)
    }

    pub(in crate::store) fn records(&self, kind: &str, see: impl FnMut(Record)) -> Result<()> {
        let sql = format!("{RECORD} WHERE kind = $1 ORDER BY id");
        let rows = self.run(READ, |link| link.query(&sql, &[&kind]))?;
        self.show(&rows, record, see)
    }

    pub(in crate::store) fn gone(&self, kind: &str, see: impl FnMut(Record)) -> Result<()> {
        let sql = format!("{RECORD} WHERE kind = $1 AND deleted ORDER BY id");
        let rows = self.run(READ, |link| link.query(&sql, &[&kind]))?;
        self.show(&rows, record, see)
    }

    pub(in crate::store) fn under(&self, kind: &str, item: &str, see: impl FnMut(Record)) -> Result<()> {
        // `$` follows `#`: a stretch of the primary key.
        let sql = format!("{RECORD} WHERE kind = $1 AND id >= $2 AND id < $3 ORDER BY id");
        let (from, to) = (format!("{item}#"), format!("{item}$"));
        let rows = self.run(READ, |link| link.query(&sql, &[&kind, &from, &to]))?;
        self.show(&rows, record, see)
    }

    pub(in crate::store) fn detail(&self, kind: &str, id: &str) -> Result<Option<Record>> {
        let sql = format!("{RECORD} WHERE kind = $1 AND id = $2");
        self.run(READ, |link| link.first(&sql, &[&kind, &id])?.map(|row| record(&row)).transpose())
    }

    pub(in crate::store) fn events(&self, numbers: Range<u64>, see: impl FnMut(Event)) -> Result<()> {
        let sql = format!("{EVENT} WHERE number >= $1 AND number < $2 ORDER BY number");
        let (from, to) = (big(numbers.start), big(numbers.end));
        let rows = self.run(READ, |link| link.query(&sql, &[&from, &to]))?;
        self.show(&rows, event, see)
    }

    pub(in crate::store) fn answered(&self, key: &CommandKey) -> Result<Option<Outcome>> {
        self.run(READ, |link| answered(link, &[key]))
    }

    pub(in crate::store) fn given_before(&self, keys: &[CommandKey]) -> Result<Vec<bool>> {
        let authors: Vec<&str> = keys.iter().map(|key| key.author.as_str()).collect();
        let ids: Vec<&[u8]> = keys.iter().map(|key| key.id.as_slice()).collect();
        let sql = "SELECT EXISTS (SELECT FROM receipts r WHERE r.author = k.author COLLATE \"C\" AND r.command_id = k.id)
                   FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS k (author, id, at) ORDER BY k.at";
        self.run(READ, |link| link.query(sql, &[&authors, &ids])?.iter().map(|row| get(row, 0)).collect())
    }

    pub(in crate::store) fn cursor(&self, source: &str) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT json FROM cursors WHERE source = $1";
        self.run(READ, |link| link.first(sql, &[&source])?.map(|row| get(&row, 0)).transpose())
    }

    /// Reads every row; whether pages are sound is for the database's own tools.
    pub(in crate::store) fn check(&self) -> Result<Vec<String>> {
        self.all_records(|_| ())?;
        self.events(0..u64::MAX, |_| ())?;
        Ok(Vec::new())
    }

    fn show<T>(&self, rows: &[Row], read: fn(&Row) -> Tried<T>, mut see: impl FnMut(T)) -> Result<()> {
        for row in rows {
            let read = read(row).map_err(|e| crate::store::StoreError::new(READ, &self.named, e.fault()))?;
            see(read);
        }
        Ok(())
    }
}

/// Reads in a transaction that sees one moment, however long it takes.
fn in_one_view<T>(link: &Link, work: impl Fn(&Link) -> Tried<T>) -> Tried<T> {
    link.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let done = work(link)?;
    link.batch("COMMIT")?;
    Ok(done)
}

/// Where the board stands, and the database's time.
pub(super) fn head(link: &Link) -> Tried<(Head, i64)> {
    let row = link
        .first(&format!("SELECT lineage, seq, records, note, format, {NOW} FROM head"), &[])?
        .ok_or_else(gone)?;
    super::open::known(get(&row, 4)?)?;
    let (events, hash) = log_end(link)?;
    let records: Option<&str> = get(&row, 2)?;
    let head = Head {
        lineage: Lineage(get(&row, 0)?),
        seq: count(&row, 1)?,
        events,
        hash,
        note: get(&row, 3)?,
        records: records.and_then(Sum::read),
    };
    Ok((head, get(&row, 5)?))
}

/// The number and hash of the last event; 0 and zeros while there is none.
pub(super) fn log_end(link: &Link) -> Tried<(u64, Hash)> {
    match link.first("SELECT number, hash FROM events ORDER BY number DESC LIMIT 1", &[])? {
        Some(row) => Ok((count(&row, 0)?, hash(&row, 1)?)),
        None => Ok((0, [0; 32])),
    }
}

/// How the first of these commands that was done before ended.
pub(super) fn answered(link: &Link, keys: &[&CommandKey]) -> Tried<Option<Outcome>> {
    let authors: Vec<&str> = keys.iter().map(|key| key.author.as_str()).collect();
    let ids: Vec<&[u8]> = keys.iter().map(|key| key.id.as_slice()).collect();
    let sql = "SELECT r.seq, r.body, r.digest, k.at FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS k (author, id, at)
               JOIN receipts r ON r.author = k.author COLLATE \"C\" AND r.command_id = k.id ORDER BY k.at LIMIT 1";
    let Some(row) = link.first(sql, &[&authors, &ids])? else { return Ok(None) };
    let at = count(&row, 3)?;
    let key = usize::try_from(at).ok().and_then(|at| keys.get(at.checked_sub(1)?));
    let same = key.is_some_and(|key| get::<&[u8]>(&row, 2).is_ok_and(|digest| digest == key.digest));
    Ok(Some(match same {
        true => Outcome::AlreadyDone(Receipt { seq: count(&row, 0)?, body: get(&row, 1)? }),
        false => Outcome::OtherCommand,
    }))
}

pub(super) fn record(row: &Row) -> Tried<Record> {
    let hash = match get::<Option<&[u8]>>(row, 6)? {
        Some(_) => Some(hash(row, 6)?),
        None => None,
    };
    Ok(Record {
        kind: get(row, 0)?,
        id: get(row, 1)?,
        source: get(row, 2)?,
        seq: count(row, 3)?,
        deleted: get(row, 4)?,
        json: get(row, 5)?,
        hash,
    })
}

pub(super) fn event(row: &Row) -> Tried<Event> {
    Ok(Event {
        number: count(row, 0)?,
        seq: count(row, 1)?,
        at: get(row, 2)?,
        bytes: get(row, 3)?,
        hash: hash(row, 4)?,
        prev: hash(row, 5)?,
    })
}

pub(super) fn outbox(row: &Row) -> Tried<(Seq, Outbox)> {
    let state: &str = get(row, 2)?;
    let state = OutboxState::parse(state).ok_or_else(|| Fault::Corrupt(format!("a write is {state}")))?;
    let attempts = u32::try_from(count(row, 4)?).unwrap_or(u32::MAX);
    let row_of = Outbox {
        id: get(row, 1)?,
        state,
        source: get(row, 3)?,
        attempts,
        next_at: get(row, 5)?,
        json: get(row, 6)?,
    };
    Ok((count(row, 0)?, row_of))
}

pub(super) fn cursor(row: &Row) -> Tried<(Seq, Cursor)> {
    Ok((count(row, 0)?, Cursor { source: get(row, 1)?, json: get(row, 2)? }))
}
