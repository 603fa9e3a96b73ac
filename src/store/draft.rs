//! Unsent text of people, kept so that a crash does not take it.

use rusqlite::OptionalExtension;

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
        let done = if text.is_empty() {
            self.db.execute("DELETE FROM drafts WHERE person = ?1 AND item = ?2", [person, item])
        } else {
            self.db.execute(
                "INSERT INTO drafts (person, item, text) VALUES (?1, ?2, ?3)
                 ON CONFLICT (person, item) DO UPDATE SET text = excluded.text",
                [person, item, text],
            )
        };
        done.map(drop).map_err(|e| StoreError::new(DRAFT, self.shown(), e.into()))
    }

    pub(super) fn drafts(&self, person: &str) -> Result<Vec<(String, String)>> {
        self.db
            .prepare_cached("SELECT item, text FROM drafts WHERE person = ?1 ORDER BY item")
            .and_then(|mut s| s.query_map([person], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .map_err(|e| StoreError::new(DRAFT, self.shown(), e.into()))
    }
}
