//! Reading what the store kept: bytes become records and log entries, and what cannot be read becomes a fault.

use crate::{
    ledger::{
        event,
        log::{Kept, Sealed, vocabulary},
    },
    model::{Fault, Id, Record, RecordKind, SourceId, Stored},
    projection::Read,
    store,
    wire::Problem,
};

/// Reads a record of the store.
#[must_use]
pub fn record(row: &store::Record) -> Read {
    let source = SourceId::new(&row.source);
    let fault = |message: String| {
        Read::Unreadable(Fault {
            source: source.clone(),
            record: Id::new(&row.id).ok(),
            place: row.kind.clone(),
            message,
        })
    };
    let Some(kind) = RecordKind::ALL.into_iter().find(|kind| kind.word() == row.kind) else {
        return fault(format!("this program knows no records of the kind {}; update quorate", row.kind));
    };
    if row.deleted {
        return match Id::new(&row.id) {
            Ok(id) => Read::Gone(kind, id),
            Err(e) => fault(e.to_string()),
        };
    }
    match std::str::from_utf8(&row.json)
        .map_err(|e| e.to_string())
        .and_then(|json| kind.read(json).map_err(|e| e.to_string()))
    {
        Ok(record) => Read::Live(Box::new(Stored { source, record })),
        Err(e) => fault(format!("the stored record cannot be read: {e}; import it again")),
    }
}

/// Reads an event of the log. One that does not read is a reason to decide nothing more: see `proof`.
///
/// # Errors
/// When the bytes are no event this program knows.
pub fn event(row: &store::Event) -> Result<event::Entry, String> {
    vocabulary::read(&row.bytes)
}

/// A row of the log as its chain is walked over.
#[must_use]
pub fn kept(row: &store::Event) -> Kept<'_> {
    let store::Event { number, seq, at, bytes, hash, prev } = row;
    Kept { number: *number, seq: *seq, at: *at, bytes, hash: *hash, prev: *prev }
}

/// An event on its way to the store.
#[must_use]
pub fn new_event(sealed: &Sealed) -> store::NewEvent {
    store::NewEvent {
        at: sealed.entry.at.secs() * 1000,
        bytes: sealed.bytes.clone(),
        hash: sealed.hash,
        prev: sealed.prev,
    }
}

/// The row a record becomes.
///
/// # Errors
/// When it cannot be written as JSON, which is a mistake in its type.
pub fn upsert(stored: &Stored) -> Result<store::Upsert, Problem> {
    Ok(store::Upsert {
        kind: stored.record.kind().word(),
        id: stored.record.id().as_str().to_owned(),
        source: stored.source.as_str().to_owned(),
        json: json(&stored.record)?,
    })
}

fn json(record: &Record) -> Result<Vec<u8>, Problem> {
    record.json().map(String::into_bytes).map_err(|e| {
        Problem::new(crate::wire::ProblemKind::Invalid, format!("{} cannot be written: {e}", record.id()))
    })
}
