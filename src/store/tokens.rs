//! Tokens: what a request from elsewhere is checked by.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::{
    Result,
    error::StoreError,
    sqlite::Sqlite,
    types::{TokenAct, TokenRow},
};

const READ: &str = "read the tokens of";
const USED: &str = "note the use of tokens in";
const COLUMNS: &str = "SELECT id, sha256, json, revoked, used FROM tokens";

impl Sqlite {
    pub(super) fn token(&self, id: &str) -> Result<Option<TokenRow>> {
        self.db
            .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))
            .and_then(|mut s| s.query_row([id], row).optional())
            .map_err(|e| StoreError::new(READ, self.shown(), e.into()))
    }

    pub(super) fn tokens(&self) -> Result<Vec<TokenRow>> {
        self.db
            .prepare_cached(&format!("{COLUMNS} ORDER BY id"))
            .and_then(|mut s| s.query_map([], row)?.collect())
            .map_err(|e| StoreError::new(READ, self.shown(), e.into()))
    }

    pub(super) fn tokens_used(&mut self, used: &[(String, i64)]) -> Result<()> {
        self.may_write(USED)?;
        let write = |db: &mut Connection| -> rusqlite::Result<()> {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (id, at) in used {
                tx.prepare_cached("UPDATE tokens SET used = max(coalesce(used, 0), ?2) WHERE id = ?1")?
                    .execute(params![id, at])?;
            }
            // Says again where the board stands, so that every commit in the log tells whose it is.
            tx.execute("UPDATE meta SET value = value WHERE key = 'seq'", [])?;
            tx.commit()
        };
        write(&mut self.db).map_err(|e| StoreError::new(USED, self.shown(), e.into()))?;
        self.in_place(USED)
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    Ok(TokenRow {
        id: row.get(0)?,
        sha256: row.get(1)?,
        json: row.get(2)?,
        revoked: row.get(3)?,
        used: row.get(4)?,
    })
}

/// Writes what becomes of a token. A name that is taken is a fault: its secret would change hands.
pub(super) fn write(tx: &Connection, act: &TokenAct) -> rusqlite::Result<()> {
    match act {
        TokenAct::Made { id, sha256, json } => tx
            .prepare_cached("INSERT INTO tokens (id, sha256, json) VALUES (?1, ?2, ?3)")?
            .execute(params![id, sha256, json])?,
        TokenAct::Revoked { id, at } => tx
            .prepare_cached("UPDATE tokens SET revoked = coalesce(revoked, ?2) WHERE id = ?1")?
            .execute(params![id, at])?,
    };
    Ok(())
}
