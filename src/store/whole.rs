//! A board as it is taken to another engine: everything that is kept of it, and the mark that it was moved.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{
    Result, Store,
    error::{Fault, StoreError},
    preferences,
    sqlite::Sqlite,
    types::{CommandKey, CommittedRow, Cursor, Event, Head, Outbox, Receipt, Record, Seq, TokenRow},
};

pub(super) const TAKE: &str = "take the board from";
pub(super) const FILL: &str = "put the board into";
pub(super) const MARK: &str = "mark the board as moved in";

/// Everything that is kept of a board.
#[derive(Debug)]
pub struct Whole {
    pub head: Head,
    pub records: Vec<Record>,
    pub events: Vec<Event>,
    pub outbox: Vec<(Seq, Outbox)>,
    pub cursors: Vec<(Seq, Cursor)>,
    pub receipts: Vec<(CommandKey, Receipt)>,
    /// Person, item, text.
    pub drafts: Vec<(String, String, String)>,
    /// Person, JSON.
    pub preferences: Vec<(String, String)>,
    pub tokens: Vec<TokenRow>,
}

impl Store {
    /// Where the board was moved, if it was.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn moved(&self) -> Result<Option<String>> {
        match self {
            Self::Sqlite(s) => moved(&s.db).map_err(|e| StoreError::new(TAKE, s.shown(), e.into())),
            Self::Postgres(p) => p.moved(),
        }
    }

    /// Marks the board as moved, after which nothing is written to it; nothing takes the mark back.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn mark_moved(&mut self, to: Option<&str>) -> Result<()> {
        match self {
            Self::Sqlite(s) => s.mark_moved(to),
            Self::Postgres(p) => p.mark_moved(to),
        }
    }

    /// Everything there is, as of one moment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn whole(&self) -> Result<Whole> {
        match self {
            Self::Sqlite(s) => s.whole(),
            Self::Postgres(p) => p.whole(),
        }
    }

    /// Puts a whole board into this one, all or nothing, with its lineage and its sequence.
    ///
    /// # Errors
    /// When this one is not empty, or cannot be written.
    pub fn fill(&mut self, whole: &Whole) -> Result<()> {
        match self {
            Self::Sqlite(s) => s.fill(whole),
            Self::Postgres(p) => p.fill(whole),
        }
    }
}

/// Where the board was moved.
pub(super) fn moved(db: &Connection) -> rusqlite::Result<Option<String>> {
    db.prepare_cached("SELECT value FROM meta WHERE key = 'moved'")?
        .query_row([], |row| row.get(0))
        .optional()
}

impl Sqlite {
    fn mark_moved(&mut self, to: Option<&str>) -> Result<()> {
        self.may_write(MARK)?;
        let mark = |db: &mut Connection| -> rusqlite::Result<()> {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute("DELETE FROM meta WHERE key = 'moved'", [])?;
            if let Some(to) = to {
                tx.execute("INSERT INTO meta (key, value) VALUES ('moved', ?1)", [to])?;
            }
            // Says again where the board stands, so that every commit in the log tells whose it is.
            tx.execute("UPDATE meta SET value = value WHERE key = 'seq'", [])?;
            tx.commit()
        };
        mark(&mut self.db).map_err(|e| StoreError::new(MARK, self.shown(), e.into()))?;
        self.in_place(MARK)
    }

    fn whole(&self) -> Result<Whole> {
        let failed = |e: rusqlite::Error| StoreError::new(TAKE, self.shown(), e.into());
        let (receipts, drafts) = beside(&self.db).map_err(failed)?;
        let mut whole = Whole {
            head: self.head()?,
            records: Vec::new(),
            events: Vec::new(),
            outbox: Vec::new(),
            cursors: Vec::new(),
            receipts,
            drafts,
            preferences: self.all_preferences()?,
            tokens: self.tokens()?,
        };
        whole.head = self.since(0, |row| whole.take(row))?;
        Ok(whole)
    }

    fn fill(&mut self, whole: &Whole) -> Result<()> {
        self.may_write(FILL)?;
        let filled = |db: &mut Connection| -> std::result::Result<(), Fault> {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let empty = "SELECT (SELECT value FROM meta WHERE key = 'seq') = '0'
                         AND NOT EXISTS (SELECT 1 FROM drafts) AND NOT EXISTS (SELECT 1 FROM tokens)
                         AND NOT EXISTS (SELECT 1 FROM preferences)";
            if !tx.query_row(empty, [], |row| row.get::<_, bool>(0))? {
                return Err(Fault::NotEmpty);
            }
            write(&tx, whole)?;
            tx.commit()?;
            Ok(())
        };
        filled(&mut self.db).map_err(|fault| StoreError::new(FILL, self.shown(), fault))?;
        self.knows(whole.head.lineage.as_str(), whole.head.seq);
        self.in_place(FILL)
    }
}

impl Whole {
    pub(super) fn take(&mut self, row: CommittedRow) {
        match row {
            CommittedRow::Record(record) => self.records.push(record),
            CommittedRow::Event(event) => self.events.push(event),
            CommittedRow::Outbox(seq, row) => self.outbox.push((seq, row)),
            CommittedRow::Cursor(seq, row) => self.cursors.push((seq, row)),
        }
    }
}

type Beside = (Vec<(CommandKey, Receipt)>, Vec<(String, String, String)>);

fn beside(db: &Connection) -> rusqlite::Result<Beside> {
    let receipts = db
        .prepare("SELECT author, command_id, digest, at, seq, body FROM receipts")?
        .query_map([], |row| {
            let key =
                CommandKey { author: row.get(0)?, id: row.get(1)?, digest: row.get(2)?, at: row.get(3)? };
            Ok((key, Receipt { seq: row.get(4)?, body: row.get(5)? }))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let drafts = db
        .prepare("SELECT person, item, text FROM drafts")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok((receipts, drafts))
}

fn write(tx: &Transaction<'_>, whole: &Whole) -> rusqlite::Result<()> {
    for Record { kind, id, source, seq, deleted, json, hash } in &whole.records {
        tx.prepare_cached("INSERT INTO records (kind, id, source, seq, deleted, json, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![kind, id, source, seq, deleted, json, hash])?;
    }
    for Event { number, seq, at, bytes, hash, prev } in &whole.events {
        tx.prepare_cached(
            "INSERT INTO events (number, seq, at, bytes, hash, prev) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![number, seq, at, bytes, hash, prev])?;
    }
    for (seq, Outbox { id, source, state, attempts, next_at, json }) in &whole.outbox {
        tx.prepare_cached(
            "INSERT INTO outbox (id, seq, source, state, attempts, next_at, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![id, seq, source, state.as_str(), attempts, next_at, json])?;
    }
    for (seq, Cursor { source, json }) in &whole.cursors {
        tx.prepare_cached("INSERT INTO cursors (source, seq, json) VALUES (?1, ?2, ?3)")?
            .execute(params![source, seq, json])?;
    }
    for (key, Receipt { seq, body }) in &whole.receipts {
        tx.prepare_cached("INSERT INTO receipts (author, command_id, digest, at, seq, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![key.author, key.id, key.digest, key.at, seq, body])?;
    }
    for (person, item, text) in &whole.drafts {
        tx.prepare_cached("INSERT INTO drafts (person, item, text) VALUES (?1, ?2, ?3)")?
            .execute([person, item, text])?;
    }
    for (person, json) in &whole.preferences {
        preferences::write(tx, person, json)?;
    }
    for TokenRow { id, sha256, json, revoked, used } in &whole.tokens {
        tx.prepare_cached(
            "INSERT INTO tokens (id, sha256, json, revoked, used) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, sha256, json, revoked, used])?;
    }
    let Head { lineage, seq, note, records, events: _, hash: _ } = &whole.head;
    let (seq, sum) = (seq.to_string(), records.map(super::Sum::hex));
    // The empty board's own name may still stand in its file.
    let before =
        "INSERT INTO meta (key, value) SELECT 'lineage_before', value FROM meta WHERE key = 'lineage'";
    tx.execute(before, [])?;
    let said = [
        ("lineage", Some(lineage.as_str())),
        ("seq", Some(&seq)),
        ("note", note.as_deref()),
        ("records", sum.as_deref()),
    ];
    for (key, value) in said {
        if let Some(value) = value {
            tx.execute(
                "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                [key, value],
            )?;
        }
    }
    Ok(())
}
