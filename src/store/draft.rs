//! Unsent text of people, kept so that a crash does not take it.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::{Result, error::StoreError, sqlite::Sqlite};

const DRAFT: &str = "keep unsent text in";

impl Sqlite {
    pub(super) fn draft(&self, person: &str, item: &str) -> Result<Option<String>> {
        self.db
            .prepare_cached("SELECT text FROM drafts WHERE person = ?1 AND item = ?2")
            .and_then(|mut s| s.query_row([person, item], |row| row.get(0)).optional())
            .map_err(|e| StoreError::new(DRAFT, self.shown(), e.into()))
    }

    pub(super) fn save_draft(&mut self, person: &str, item: &str, text: &str) -> Result<()> {
        self.may_write(DRAFT)?;
        let write = |db: &mut Connection| -> rusqlite::Result<()> {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if text.is_empty() {
                tx.execute("DELETE FROM drafts WHERE person = ?1 AND item = ?2", [person, item])?;
            } else {
                tx.execute(
                    "INSERT INTO drafts (person, item, text) VALUES (?1, ?2, ?3)
                     ON CONFLICT (person, item) DO UPDATE SET text = excluded.text",
                    [person, item, text],
                )?;
            }
            // Says again where the board stands, so that every commit in the log tells whose it is.
            tx.execute("UPDATE meta SET value = value WHERE key = 'seq'", [])?;
            tx.commit()
        };
        write(&mut self.db).map_err(|e| StoreError::new(DRAFT, self.shown(), e.into()))?;
        self.in_place(DRAFT)
    }

    pub(super) fn drafts(&self, person: &str) -> Result<Vec<(String, String)>> {
        self.db
            .prepare_cached("SELECT item, text FROM drafts WHERE person = ?1 ORDER BY item")
            .and_then(|mut s| s.query_map([person], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .map_err(|e| StoreError::new(DRAFT, self.shown(), e.into()))
    }
}
