//! Reading what the store kept: bytes become records and log entries, and what cannot be read becomes a fault.

use std::{
    sync::{
        Arc,
        mpsc::{self, SyncSender},
    },
    thread::{self, Scope, ScopedJoinHandle},
};

use crate::{
    ledger::{
        event,
        log::{Kept, Sealed, vocabulary},
    },
    model::{Fault, Id, Record, RecordKind, SourceId, Stored, pooled},
    projection::Read,
    store::{self, Rows},
    wire::Problem,
};

/// Reads a record of the store.
#[must_use]
pub fn record(row: &store::Record) -> Read {
    let source = SourceId::new(&row.source);
    let fault = |message: String| {
        Read::Unreadable(Box::new(Fault {
            source: source.clone(),
            record: Id::new(&row.id).ok(),
            place: row.kind.clone(),
            message,
        }))
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
        Ok(record) => Read::Live(Stored { source, record }),
        Err(e) => fault(format!("the stored record cannot be read: {e}; import it again")),
    }
}

/// Reads an event of the log. One that does not read is a reason to decide nothing more: see `proof`.
///
/// # Errors
/// When the bytes are no event this program knows.
pub fn event(row: &store::Event) -> Result<event::LogEntry, String> {
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

/// The row a record becomes; its bytes are made when they are written.
pub fn upsert(stored: &Stored) -> store::Upsert {
    store::Upsert {
        kind: stored.record.kind().word(),
        id: stored.record.id().as_str().to_owned(),
        source: stored.source.as_str().to_owned(),
        json: json(&stored.record),
    }
}

/// Made from the record, which is shared, when it is written.
fn json(record: &Record) -> store::Json {
    let record = record.clone();
    let make = move || record.json().map(String::into_bytes).map_err(|e| format!("cannot be written: {e}"));
    store::Json::Made(Arc::new(make))
}

/// The bytes of a record.
///
/// # Errors
/// When it cannot be written as JSON, which is a mistake in its type.
pub fn bytes(record: &Record) -> Result<Vec<u8>, Problem> {
    record.json().map(String::into_bytes).map_err(|e| {
        Problem::new(crate::wire::ProblemKind::Invalid, format!("{} cannot be written: {e}", record.id()))
    })
}

/// So many rows are read by one thread at a time.
const LOT: usize = 256;

/// Rows that were read: what they say, and what was done to them by other hands.
type Lot = (usize, Vec<Read>, Rows);

/// Reads the rows of records while the store brings more of them: where there are many, on threads of their own.
pub struct Reading<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    waiting: Vec<store::Record>,
    lots: usize,
    hands: Vec<(SyncSender<(usize, Vec<store::Record>)>, ScopedJoinHandle<'scope, Vec<Lot>>)>,
    read: Vec<Lot>,
}

impl<'scope, 'env> Reading<'scope, 'env> {
    pub fn new(scope: &'scope Scope<'scope, 'env>) -> Self {
        Self { scope, waiting: Vec::new(), lots: 0, hands: Vec::new(), read: Vec::new() }
    }

    /// Takes the next row.
    pub fn take(&mut self, row: store::Record) {
        self.waiting.push(row);
        if self.waiting.len() == LOT {
            self.hand_on();
        }
    }

    /// Everything was taken: what the rows say, lot by lot, in the order they came.
    pub fn end(mut self) -> (Vec<Vec<Read>>, Rows) {
        self.hand_on();
        let mut lots = self.read;
        for (rows, hand) in self.hands {
            drop(rows);
            match hand.join() {
                Ok(read) => lots.extend(read),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        lots.sort_unstable_by_key(|(at, ..)| *at);
        let mut rows = Rows::default();
        let read = lots.into_iter().map(|(_, read, taken)| {
            rows.join(taken);
            read
        });
        let read = read.collect();
        (read, rows)
    }

    fn hand_on(&mut self) {
        let (at, rows) = (self.lots, std::mem::take(&mut self.waiting));
        self.lots += 1;
        // The first lots are read here: a small board needs nobody else.
        if at >= ALONE && self.hands.is_empty() {
            self.hands = (0..HANDS).map_while(|_| self.hand()).collect();
        }
        let unread = match self.hands.get(at % self.hands.len().max(1)) {
            Some((to, _)) => to.send((at, rows)).err().map(|back| back.0),
            None => Some((at, rows)),
        };
        if let Some((at, rows)) = unread {
            self.read.push(lot(at, &rows));
        }
    }

    fn hand(&self) -> Option<(SyncSender<(usize, Vec<store::Record>)>, ScopedJoinHandle<'scope, Vec<Lot>>)> {
        let (send, rows) = mpsc::sync_channel::<(usize, Vec<store::Record>)>(2);
        let read = move || pooled(|| rows.iter().map(|(at, rows)| lot(at, &rows)).collect());
        let hand = thread::Builder::new().name("read".to_owned()).spawn_scoped(self.scope, read).ok()?;
        Some((send, hand))
    }
}

/// So many lots are read before others help, and so many do.
const ALONE: usize = 8;
const HANDS: usize = 2;

fn lot(at: usize, rows: &[store::Record]) -> Lot {
    let mut taken = Rows::default();
    let read = rows.iter().map(|row| {
        taken.take(row);
        record(row)
    });
    (at, read.collect(), taken)
}
