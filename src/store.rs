//! One commit, one sequence: where the board is kept.
//!
//! The store moves bytes: it neither reads an event nor a record, and leaves folding to the ledger and deciding to the
//! hub. A board is one SQLite file, or a schema of a PostgreSQL database; both pass the same tests.

mod backup;
mod cache;
mod chance; // random bytes
mod copy;
mod digest;
mod draft;
mod error;
mod lead;
mod leftover;
mod open;
mod place;
mod postgres;
mod preferences;
mod raw;
mod read;
mod sealed;
mod sqlite;
mod sum;
mod tokens;
#[cfg(test)]
mod tests;
mod types;
mod watch;
mod whole;

use std::path::Path;

pub use self::{
    backup::Copied,
    cache::StartCache,
    chance::random,
    digest::Rows,
    error::{Fault, StoreError},
    lead::{Lead, Turn},
    open::{Location, Mode, OpenOptions},
    postgres::Address,
    sum::Sum,
    types::{
        Batch, CommandId, CommandKey, Committed, CommittedRow, Cursor, Event, Hash, Head, Json, Lineage,
        NewEvent, Outbox, OutboxState, Outcome, Part, RECEIPTS_KEPT, Receipt, Record, Replica, Seq, TokenAct,
        TokenRow, Tombstone, Upsert,
    },
    watch::Watch,
    whole::Whole,
};
use self::{postgres::Postgres, sqlite::Sqlite};

type Result<T> = std::result::Result<T, StoreError>;

/// The board's store, on whichever engine it is kept.
#[derive(Debug)]
pub enum Store {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Store {
    /// Opens the board at a location; where there is none, the mode says whether one is made.
    ///
    /// # Errors
    /// When the place is no board this program can use; the file is then left as it was.
    pub fn open(location: &Location, options: &OpenOptions) -> Result<Self> {
        match location {
            Location::Postgres(address) => {
                Postgres::open(address, options).map(|p| Self::Postgres(Box::new(p)))
            }
            Location::File(_) | Location::Memory => open::open(location, options).map(Self::Sqlite),
        }
    }

    /// An empty board that lives as long as the process.
    ///
    /// # Errors
    /// When memory cannot be had.
    pub fn memory() -> Result<Self> {
        Self::open(&Location::Memory, &OpenOptions::default())
    }

    /// The file of the board, `None` for one that is in none.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(s) => s.file(),
            Self::Postgres(_) => None,
        }
    }

    /// How the board is named for people: its file, or its address without the password; `None` for one in memory.
    #[must_use]
    pub fn named(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(s) => s.file(),
            Self::Postgres(p) => Some(p.named()),
        }
    }

    /// The time of the board in milliseconds since 1970 UTC, where the engine has a clock that all who share it go by.
    #[must_use]
    pub fn time(&self) -> Option<i64> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(p) => p.time(),
        }
    }

    /// Says who serves this board here, and who else does; nobody where one process at most can.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn announce(&self, me: &Replica) -> Result<Vec<Replica>> {
        match self {
            Self::Sqlite(_) => Ok(Vec::new()),
            Self::Postgres(p) => p.announce(me),
        }
    }

    /// The processes that serve this board and were heard of lately, but for this one. A file has no replicas.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn replicas(&self) -> Result<Vec<Replica>> {
        match self {
            Self::Sqlite(_) => Ok(Vec::new()),
            Self::Postgres(p) => p.replicas(),
        }
    }

    /// Takes back what was announced.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn renounce(&self) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(p) => p.renounce(),
        }
    }

    /// Whether the board is this connection's own, where the engine and not the file system says whose it is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_own(&self) -> Result<Option<bool>> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(p) => p.is_own().map(Some),
        }
    }

    /// The file itself, past every link.
    fn real(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(s) => s.real(),
            Self::Postgres(_) => None,
        }
    }

    /// Writes a batch, all or nothing, if the board still stands at the sequence the batch was decided on. What is
    /// [`Outcome::Committed`] is proven to be in the file that lies at the path.
    ///
    /// # Errors
    /// When it cannot be written; nothing of it is kept then.
    pub fn commit(&mut self, batch: &Batch) -> Result<Outcome> {
        match self {
            Self::Sqlite(s) => s.commit(batch),
            Self::Postgres(p) => p.commit(batch),
        }
    }

    /// Lineage, sequence and end of the log.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn head(&self) -> Result<Head> {
        match self {
            Self::Sqlite(s) => s.head(),
            Self::Postgres(p) => p.head(),
        }
    }

    /// Shows everything stamped after `seq`: records, events in the order of the log, outbox, cursors. One consistent
    /// view however long it takes; `since(0)` is the whole board, its records in no order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn since(&self, seq: Seq, see: impl FnMut(CommittedRow)) -> Result<Head> {
        match self {
            Self::Sqlite(s) => s.since(seq, see),
            Self::Postgres(p) => p.since(seq, see),
        }
    }

    /// Shows a part of the board, as of one moment, with all writes to sources and all cursors. A database shows the whole,
    /// which has every part.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn part(&self, part: &Part, see: impl FnMut(CommittedRow)) -> Result<Head> {
        match self {
            Self::Sqlite(s) => s.part(part, see),
            Self::Postgres(p) => p.since(0, see),
        }
    }

    /// Shows the records of a kind in the order of their ids, tombstones included, one at a time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn records(&self, kind: &str, see: impl FnMut(Record)) -> Result<()> {
        match self {
            Self::Sqlite(s) => s.records(kind, see),
            Self::Postgres(p) => p.records(kind, see),
        }
    }

    /// Shows the tombstones of a kind in the order of their ids, one at a time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn gone(&self, kind: &str, see: impl FnMut(Record)) -> Result<()> {
        match self {
            Self::Sqlite(s) => s.gone(kind, see),
            Self::Postgres(p) => p.gone(kind, see),
        }
    }

    /// Shows every record of the board, tombstones included, and says where the board stands; one consistent view.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn all_records(&self, see: impl FnMut(Record)) -> Result<Head> {
        match self {
            Self::Sqlite(s) => s.all_records(see),
            Self::Postgres(p) => p.all_records(see),
        }
    }

    /// What was said about an item, in the order of ids: records of a kind whose ids begin with `ITEM#`.
    ///
    /// # Errors
    /// When the board cannot be read.
    pub fn under(&self, kind: &str, item: &str, see: impl FnMut(Record)) -> Result<()> {
        match self {
            Self::Sqlite(s) => s.under(kind, item, see),
            Self::Postgres(p) => p.under(kind, item, see),
        }
    }

    /// One record, whole.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn detail(&self, kind: &str, id: &str) -> Result<Option<Record>> {
        match self {
            Self::Sqlite(s) => s.detail(kind, id),
            Self::Postgres(p) => p.detail(kind, id),
        }
    }

    /// Shows the events whose number lies in the half-open range, in order, one at a time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn events(&self, numbers: std::ops::Range<u64>, see: impl FnMut(Event)) -> Result<()> {
        match self {
            Self::Sqlite(s) => s.events(numbers, see),
            Self::Postgres(p) => p.events(numbers, see),
        }
    }

    /// How a command under this key of this author ended, if one did before.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn answered(&self, key: &CommandKey) -> Result<Option<Outcome>> {
        match self {
            Self::Sqlite(s) => s.answered(key),
            Self::Postgres(p) => p.answered(key),
        }
    }

    /// Which of these keys were given to a command before; in one question, where each is a way to another host.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn given_before(&self, keys: &[CommandKey]) -> Result<Vec<bool>> {
        match self {
            Self::Sqlite(s) => keys.iter().map(|key| Ok(s.answered(key)?.is_some())).collect(),
            Self::Postgres(p) => p.given_before(keys),
        }
    }

    /// How far a source has been read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn cursor(&self, source: &str) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Sqlite(s) => s.cursor(source),
            Self::Postgres(p) => p.cursor(source),
        }
    }

    /// Whether somebody else wrote since this was last asked; costs microseconds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn changed_elsewhere(&mut self) -> Result<bool> {
        match self {
            Self::Sqlite(s) => s.changed_elsewhere(),
            Self::Postgres(p) => p.changed_elsewhere(),
        }
    }

    /// A watch that wakes when another process writes; asleep otherwise.
    #[must_use]
    pub fn watch(&self) -> Watch {
        match self {
            Self::Sqlite(s) => Watch::on(s.real()),
            Self::Postgres(p) => p.watch(),
        }
    }

    /// Takes the lead of this board if nobody holds it: who leads alone pulls, pushes and reacts to time.
    ///
    /// # Errors
    /// When the lock beside the file cannot be made, or the database does not answer.
    pub fn try_lead(&self) -> Result<Option<Lead>> {
        match self {
            Self::Sqlite(s) => Lead::try_take(s.real()),
            Self::Postgres(p) => p.try_lead(),
        }
    }

    /// Lines up to decide, where others were faster; nothing where the turn does not come within the limit.
    #[must_use]
    pub fn wait_turn(&self, limit: std::time::Duration) -> Option<Turn> {
        Turn::wait(self.real()?, limit)
    }

    /// Resolves with the lead as soon as whoever holds it goes; nothing runs while it waits.
    ///
    /// # Errors
    /// When the lock beside the file cannot be made, or the database does not answer.
    pub fn wait_lead(&self) -> Result<tokio::sync::oneshot::Receiver<Lead>> {
        match self {
            Self::Sqlite(s) => Lead::wait(s.real()),
            Self::Postgres(p) => Ok(p.wait_lead()),
        }
    }

    /// The start cache beside the file; a board in memory has none.
    #[must_use]
    pub fn start_cache(&self) -> Option<StartCache> {
        self.real().map(StartCache::beside)
    }

    /// The unsent text of a person on an item.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn draft(&self, person: &str, item: &str) -> Result<Option<String>> {
        match self {
            Self::Sqlite(s) => s.draft(person, item),
            Self::Postgres(p) => p.draft(person, item),
        }
    }

    /// Keeps the unsent text of a person on an item; an empty text forgets it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_draft(&mut self, person: &str, item: &str, text: &str) -> Result<()> {
        match self {
            Self::Sqlite(s) => s.save_draft(person, item, text),
            Self::Postgres(p) => p.save_draft(person, item, text),
        }
    }

    /// All unsent texts of a person as (item, text), by item.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn drafts(&self, person: &str) -> Result<Vec<(String, String)>> {
        match self {
            Self::Sqlite(s) => s.drafts(person),
            Self::Postgres(p) => p.drafts(person),
        }
    }

    /// The preferences of a person, as JSON; `None` where they said nothing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn preferences(&self, person: &str) -> Result<Option<String>> {
        match self {
            Self::Sqlite(s) => s.preferences(person),
            Self::Postgres(p) => p.preferences(person),
        }
    }

    /// The preferences of everybody who said something, as JSON, for who hands messages over to them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn all_preferences(&self) -> Result<Vec<(String, String)>> {
        match self {
            Self::Sqlite(s) => s.all_preferences(),
            Self::Postgres(p) => p.all_preferences(),
        }
    }

    /// The token of a name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn token(&self, id: &str) -> Result<Option<TokenRow>> {
        match self {
            Self::Sqlite(s) => s.token(id),
            Self::Postgres(p) => p.token(id),
        }
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tokens(&self) -> Result<Vec<TokenRow>> {
        match self {
            Self::Sqlite(s) => s.tokens(),
            Self::Postgres(p) => p.tokens(),
        }
    }

    /// Notes when tokens were last used, in seconds since 1970; no part of the board, so it bears no seq.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn tokens_used(&mut self, used: &[(String, i64)]) -> Result<()> {
        match self {
            Self::Sqlite(s) => s.tokens_used(used),
            Self::Postgres(p) => p.tokens_used(used),
        }
    }

    /// Copies the board into a new file that is its owner's alone, as it is at one moment; others go on writing meanwhile.
    ///
    /// # Errors
    /// When something lies there already, or it cannot be written; nothing is left there then.
    pub fn backup(&self, to: &Path) -> Result<Copied> {
        match self {
            Self::Sqlite(s) => s.backup(to),
            Self::Postgres(_) => Err(StoreError::new("copy the board to", to, error::Fault::InDatabase)),
        }
    }

    /// Reads every page and returns what is wrong with the file, nothing when it is sound (for `doctor`).
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub fn check(&self) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(s) => s.check(),
            Self::Postgres(p) => p.check(),
        }
    }
}
