//! Taking a whole board out of PostgreSQL, and putting one in.

use super::{
    Postgres, Tried, Trouble, big, count, get, gone,
    link::{Link, hash},
    read, texts,
};
use crate::store::{
    CommandKey, CommittedRow, Event, Fault, Outbox, Receipt, Record, Result, StoreError, TokenRow, Whole,
    whole::{FILL, MARK, TAKE},
};

impl Postgres {
    pub(in crate::store) fn moved(&self) -> Result<Option<String>> {
        self.run(TAKE, |link| get(&link.first("SELECT moved FROM head", &[])?.ok_or_else(gone)?, 0))
    }

    pub(in crate::store) fn mark_moved(&mut self, to: Option<&str>) -> Result<()> {
        self.may_write(MARK)?;
        self.run(MARK, |link| link.execute("UPDATE head SET moved = $1", &[&to]).map(drop))
    }

    pub(in crate::store) fn whole(&self) -> Result<Whole> {
        self.run(TAKE, |link| {
            link.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            let whole = whole(link)?;
            link.batch("COMMIT")?;
            Ok(whole)
        })
    }

    pub(in crate::store) fn fill(&mut self, whole: &Whole) -> Result<()> {
        self.may_write(FILL)?;
        self.connected().map_err(|trouble| StoreError::new(FILL, &self.named, trouble.fault()))?;
        let filled = match &*self.link.borrow() {
            Some(link) => fill(link, whole).inspect_err(|_| {
                link.undo();
            }),
            None => Err(Trouble::Lost("it is not connected".to_owned())),
        };
        filled.map_err(|trouble| StoreError::new(FILL, &self.named, trouble.fault()))
    }
}

fn whole(link: &Link) -> Tried<Whole> {
    let (head, _) = read::head(link)?;
    let receipts = link.query("SELECT author, command_id, digest, at, seq, body FROM receipts", &[])?;
    let drafts = link.query("SELECT person, item, text FROM drafts", &[])?;
    let preferences = link.query(texts::PREFERENCE, &[])?;
    let tokens = link.query(texts::TOKEN, &[])?;
    let mut whole = Whole {
        head,
        records: Vec::new(),
        events: Vec::new(),
        outbox: Vec::new(),
        cursors: Vec::new(),
        receipts: receipts
            .iter()
            .map(|row| {
                let key = CommandKey {
                    author: get(row, 0)?,
                    id: hash(row, 1)?,
                    digest: hash(row, 2)?,
                    at: get(row, 3)?,
                };
                Ok((key, Receipt { seq: count(row, 4)?, body: get(row, 5)? }))
            })
            .collect::<Tried<_>>()?,
        drafts: drafts
            .iter()
            .map(|row| Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?)))
            .collect::<Tried<_>>()?,
        preferences: preferences.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect::<Tried<_>>()?,
        tokens: tokens.iter().map(texts::token).collect::<Tried<_>>()?,
    };
    for row in link.query(read::RECORD, &[])? {
        whole.take(CommittedRow::Record(read::record(&row)?));
    }
    for row in link.query(&format!("{} ORDER BY number", read::EVENT), &[])? {
        whole.take(CommittedRow::Event(read::event(&row)?));
    }
    for row in link.query(read::OUTBOX, &[])? {
        let (seq, row) = read::outbox(&row)?;
        whole.take(CommittedRow::Outbox(seq, row));
    }
    for row in link.query(read::CURSOR, &[])? {
        let (seq, row) = read::cursor(&row)?;
        whole.take(CommittedRow::Cursor(seq, row));
    }
    Ok(whole)
}

fn fill(link: &Link, whole: &Whole) -> Tried<()> {
    link.batch("BEGIN")?;
    let empty = "SELECT seq = 0 AND NOT EXISTS (SELECT 1 FROM drafts) AND NOT EXISTS (SELECT 1 FROM tokens)
                 AND NOT EXISTS (SELECT 1 FROM preferences) FROM head FOR UPDATE";
    if !get::<bool>(&link.first(empty, &[])?.ok_or_else(gone)?, 0)? {
        return Err(Fault::NotEmpty.into());
    }
    for Record { kind, id, source, seq, deleted, json, hash } in &whole.records {
        link.execute(
            "INSERT INTO records (kind, id, source, seq, deleted, json, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[kind, id, source, &big(*seq), deleted, json, &hash.as_ref().map(<[u8; 32]>::as_slice)],
        )?;
    }
    for Event { number, seq, at, bytes, hash, prev } in &whole.events {
        link.execute(
            "INSERT INTO events (number, seq, at, bytes, hash, prev) VALUES ($1, $2, $3, $4, $5, $6)",
            &[&big(*number), &big(*seq), at, bytes, &hash.as_slice(), &prev.as_slice()],
        )?;
    }
    for (seq, Outbox { id, source, state, attempts, next_at, json }) in &whole.outbox {
        link.execute(
            "INSERT INTO outbox (id, seq, source, state, attempts, next_at, json) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[id, &big(*seq), source, &state.as_str(), &i64::from(*attempts), next_at, json],
        )?;
    }
    for (seq, row) in &whole.cursors {
        let sql = "INSERT INTO cursors (source, seq, json) VALUES ($1, $2, $3)";
        link.execute(sql, &[&row.source, &big(*seq), &row.json])?;
    }
    for (key, Receipt { seq, body }) in &whole.receipts {
        link.execute(
            "INSERT INTO receipts (author, command_id, digest, at, seq, body) VALUES ($1, $2, $3, $4, $5, $6)",
            &[&key.author, &key.id.as_slice(), &key.digest.as_slice(), &key.at, &big(*seq), body],
        )?;
    }
    for (person, item, text) in &whole.drafts {
        link.execute("INSERT INTO drafts (person, item, text) VALUES ($1, $2, $3)", &[person, item, text])?;
    }
    for (person, json) in &whole.preferences {
        link.execute("INSERT INTO preferences (person, json) VALUES ($1, $2)", &[person, json])?;
    }
    for TokenRow { id, sha256, json, revoked, used } in &whole.tokens {
        link.execute(
            "INSERT INTO tokens (id, sha256, json, revoked, used) VALUES ($1, $2, $3, $4, $5)",
            &[id, &sha256.as_slice(), json, revoked, used],
        )?;
    }
    let head = &whole.head;
    link.execute(
        "UPDATE head SET lineage = $1, seq = $2, note = $3, records = $4",
        &[&head.lineage.as_str(), &big(head.seq), &head.note, &head.records.map(crate::store::Sum::hex)],
    )?;
    link.batch("COMMIT")
}
