//! How people want to hear of what concerns them, each their own; read by no log, export or snapshot.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Result, error::StoreError, sqlite::Sqlite};

const READ: &str = "read preferences of";

impl Sqlite {
    pub(super) fn preferences(&self, person: &str) -> Result<Option<String>> {
        self.db
            .prepare_cached("SELECT json FROM preferences WHERE person = ?1")
            .and_then(|mut s| s.query_row([person], |row| row.get(0)).optional())
            .map_err(|e| StoreError::new(READ, self.shown(), e.into()))
    }

    pub(super) fn all_preferences(&self) -> Result<Vec<(String, String)>> {
        self.db
            .prepare_cached("SELECT person, json FROM preferences ORDER BY person")
            .and_then(|mut s| s.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .map_err(|e| StoreError::new(READ, self.shown(), e.into()))
    }
}

/// Writes the preferences of one person in place of those before.
pub(super) fn write(tx: &Connection, person: &str, json: &str) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO preferences (person, json) VALUES (?1, ?2) ON CONFLICT (person) DO UPDATE SET json = excluded.json",
    )?
    .execute(params![person, json])
    .map(drop)
}
