//! One commit, one sequence: where the board is kept.
//!
//! The store moves bytes: it neither reads an event nor a record, and leaves folding to the ledger and deciding to the
//! hub. SQLite today; PostgreSQL joins [`Store`] as a second variant and must pass the same tests.

mod cache;
mod chance; // random bytes
mod digest;
mod draft;
mod error;
mod lead;
mod leftover;
mod open;
mod place;
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

use std::path::Path;

use self::sqlite::Sqlite;
pub use self::{
    cache::StartCache,
    chance::random,
    digest::Rows,
    error::{Fault, StoreError},
    lead::{Lead, Turn},
    open::{Location, Mode, OpenOptions},
    sum::Sum,
    types::{
        Batch, CommandId, CommandKey, Committed, CommittedRow, Cursor, Event, Hash, Head, Json, Lineage,
        NewEvent, Outbox, OutboxState, Outcome, RECEIPTS_KEPT, Receipt, Record, Seq, TokenAct, TokenRow,
        Tombstone, Upsert,
    },
    watch::Watch,
};

type Result<T> = std::result::Result<T, StoreError>;

/// The board's store, on whichever engine it is kept.
#[derive(Debug)]
pub enum Store {
    Sqlite(Sqlite),
}

impl Store {
    /// Opens the board at a location; where there is none, the mode says whether one is made.
    ///
    /// # Errors
    /// When the place is no board this program can use; the file is then left as it was.
    pub fn open(location: &Location, options: &OpenOptions) -> Result<Self> {
        open::open(location, options).map(Self::Sqlite)
    }

    /// An empty board that lives as long as the process.
    ///
    /// # Errors
    /// When memory cannot be had.
    pub fn memory() -> Result<Self> {
        Self::open(&Location::Memory, &OpenOptions::default())
    }

    /// The file of the board, `None` for one in memory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        let Self::Sqlite(s) = self;
        s.file()
    }

    /// The file itself, past every link.
    fn real(&self) -> Option<&Path> {
        let Self::Sqlite(s) = self;
        s.real()
    }

    /// Writes a batch, all or nothing, if the board still stands at the sequence the batch was decided on. What is
    /// [`Outcome::Committed`] is proven to be in the file that lies at the path.
    ///
    /// # Errors
    /// When it cannot be written; nothing of it is kept then.
    pub fn commit(&mut self, batch: &Batch) -> Result<Outcome> {
        let Self::Sqlite(s) = self;
        s.commit(batch)
    }

    /// Lineage, sequence and end of the log.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn head(&self) -> Result<Head> {
        let Self::Sqlite(s) = self;
        s.head()
    }

    /// Shows everything stamped after `seq`: records, events in the order of the log, outbox, cursors. One consistent
    /// view however long it takes; `since(0)` is the whole board, its records in no order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn since(&self, seq: Seq, see: impl FnMut(CommittedRow)) -> Result<Head> {
        let Self::Sqlite(s) = self;
        s.since(seq, see)
    }

    /// Shows the records of a kind in the order of their ids, tombstones included, one at a time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn records(&self, kind: &str, see: impl FnMut(Record)) -> Result<()> {
        let Self::Sqlite(s) = self;
        s.records(kind, see)
    }

    /// Shows every record of the board, tombstones included, and says where the board stands; one consistent view.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn all_records(&self, see: impl FnMut(Record)) -> Result<Head> {
        let Self::Sqlite(s) = self;
        s.all_records(see)
    }

    /// What was said about an item, in the order of ids: records of a kind whose ids begin with `ITEM#`.
    ///
    /// # Errors
    /// When the board cannot be read.
    pub fn under(&self, kind: &str, item: &str, see: impl FnMut(Record)) -> Result<()> {
        let Self::Sqlite(s) = self;
        s.under(kind, item, see)
    }

    /// One record, whole.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn detail(&self, kind: &str, id: &str) -> Result<Option<Record>> {
        let Self::Sqlite(s) = self;
        s.detail(kind, id)
    }

    /// Shows the events whose number lies in the half-open range, in order, one at a time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn events(&self, numbers: std::ops::Range<u64>, see: impl FnMut(Event)) -> Result<()> {
        let Self::Sqlite(s) = self;
        s.events(numbers, see)
    }

    /// How a command under this key of this author ended, if one did before.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn answered(&self, key: &CommandKey) -> Result<Option<Outcome>> {
        let Self::Sqlite(s) = self;
        s.answered(key)
    }

    /// How far a source has been read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn cursor(&self, source: &str) -> Result<Option<Vec<u8>>> {
        let Self::Sqlite(s) = self;
        s.cursor(source)
    }

    /// Whether somebody else wrote since this was last asked; costs microseconds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn changed_elsewhere(&mut self) -> Result<bool> {
        let Self::Sqlite(s) = self;
        s.changed_elsewhere()
    }

    /// A watch that wakes when another process writes; asleep otherwise.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch::on(self.real())
    }

    /// Takes the lead of this board if nobody holds it: who leads alone pulls, pushes and reacts to time.
    ///
    /// # Errors
    /// When the lock beside the file cannot be made.
    pub fn try_lead(&self) -> Result<Option<Lead>> {
        Lead::try_take(self.real())
    }

    /// Lines up to decide, where others were faster; nothing where the turn does not come within the limit.
    #[must_use]
    pub fn wait_turn(&self, limit: std::time::Duration) -> Option<Turn> {
        Turn::wait(self.real()?, limit)
    }

    /// Resolves with the lead as soon as whoever holds it goes; nothing runs while it waits.
    ///
    /// # Errors
    /// When the lock beside the file cannot be made.
    pub fn wait_lead(&self) -> Result<tokio::sync::oneshot::Receiver<Lead>> {
        Lead::wait(self.real())
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
        let Self::Sqlite(s) = self;
        s.draft(person, item)
    }

    /// Keeps the unsent text of a person on an item; an empty text forgets it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_draft(&mut self, person: &str, item: &str, text: &str) -> Result<()> {
        let Self::Sqlite(s) = self;
        s.save_draft(person, item, text)
    }

    /// All unsent texts of a person as (item, text), by item.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn drafts(&self, person: &str) -> Result<Vec<(String, String)>> {
        let Self::Sqlite(s) = self;
        s.drafts(person)
    }

    /// The token of a name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn token(&self, id: &str) -> Result<Option<TokenRow>> {
        let Self::Sqlite(s) = self;
        s.token(id)
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tokens(&self) -> Result<Vec<TokenRow>> {
        let Self::Sqlite(s) = self;
        s.tokens()
    }

    /// Notes when tokens were last used, in seconds since 1970; no part of the board, so it bears no seq.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn tokens_used(&mut self, used: &[(String, i64)]) -> Result<()> {
        let Self::Sqlite(s) = self;
        s.tokens_used(used)
    }

    /// Reads every page and returns what is wrong with the file, nothing when it is sound (for `doctor`).
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub fn check(&self) -> Result<Vec<String>> {
        let Self::Sqlite(s) = self;
        s.check()
    }
}
