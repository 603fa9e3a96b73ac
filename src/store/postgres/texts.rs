//! Unsent text, preferences and tokens on PostgreSQL.

use tokio_postgres::Row;

use super::{Postgres, Tried, get, link::hash};
use crate::store::{Result, TokenRow};

const DRAFT: &str = "keep unsent text in";
const PREFERENCES: &str = "read preferences of";
pub(super) const PREFERENCE: &str = "SELECT person, json FROM preferences ORDER BY person";
const READ: &str = "read the tokens of";
const USED: &str = "note the use of tokens in";
pub(super) const TOKEN: &str = "SELECT id, sha256, json, revoked, used FROM tokens";

impl Postgres {
    pub(in crate::store) fn draft(&self, person: &str, item: &str) -> Result<Option<String>> {
        let sql = "SELECT text FROM drafts WHERE person = $1 AND item = $2";
        self.run(DRAFT, |link| link.first(sql, &[&person, &item])?.map(|row| get(&row, 0)).transpose())
    }

    pub(in crate::store) fn save_draft(&mut self, person: &str, item: &str, text: &str) -> Result<()> {
        self.may_write(DRAFT)?;
        self.run(DRAFT, |link| {
            if text.is_empty() {
                link.execute("DELETE FROM drafts WHERE person = $1 AND item = $2", &[&person, &item])?;
            } else {
                link.execute(
                    "INSERT INTO drafts (person, item, text) VALUES ($1, $2, $3)
                     ON CONFLICT (person, item) DO UPDATE SET text = excluded.text",
                    &[&person, &item, &text],
                )?;
            }
            Ok(())
        })
    }

    pub(in crate::store) fn drafts(&self, person: &str) -> Result<Vec<(String, String)>> {
        let sql = "SELECT item, text FROM drafts WHERE person = $1 ORDER BY item";
        self.run(DRAFT, |link| {
            link.query(sql, &[&person])?.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
        })
    }

    pub(in crate::store) fn preferences(&self, person: &str) -> Result<Option<String>> {
        let sql = "SELECT json FROM preferences WHERE person = $1";
        self.run(PREFERENCES, |link| link.first(sql, &[&person])?.map(|row| get(&row, 0)).transpose())
    }

    pub(in crate::store) fn all_preferences(&self) -> Result<Vec<(String, String)>> {
        self.run(PREFERENCES, |link| {
            let rows = link.query(PREFERENCE, &[])?;
            rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
        })
    }

    pub(in crate::store) fn token(&self, id: &str) -> Result<Option<TokenRow>> {
        let sql = format!("{TOKEN} WHERE id = $1");
        self.run(READ, |link| link.first(&sql, &[&id])?.map(|row| token(&row)).transpose())
    }

    pub(in crate::store) fn tokens(&self) -> Result<Vec<TokenRow>> {
        let sql = format!("{TOKEN} ORDER BY id");
        self.run(READ, |link| link.query(&sql, &[])?.iter().map(token).collect())
    }

    pub(in crate::store) fn tokens_used(&mut self, used: &[(String, i64)]) -> Result<()> {
        self.may_write(USED)?;
        self.run(USED, |link| {
            for (id, at) in used {
                let sql = "UPDATE tokens SET used = greatest(coalesce(used, 0), $2) WHERE id = $1";
                link.execute(sql, &[id, at])?;
            }
            Ok(())
        })
    }
}

pub(super) fn token(row: &Row) -> Tried<TokenRow> {
    Ok(TokenRow {
        id: get(row, 0)?,
        sha256: hash(row, 1)?,
        json: get(row, 2)?,
        revoked: get(row, 3)?,
        used: get(row, 4)?,
    })
}
