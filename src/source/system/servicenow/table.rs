//! The Table API: rows of a table by an encoded query, page by page along `sys_id`.
//!
//! A page may be shorter than asked for, or empty, while more follows, because rights are applied after the limit: only
//! the `Link` header tells. A clause that ServiceNow does not understand is dropped by it without a word.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::oauth::Oauth;
use crate::{
    model::{Instant, text::clean_line},
    source::{
        http::{Answer, Call, HttpError, Login},
        system::{Refusal, session::Session},
    },
};

/// Ids in one question; an address of more is refused by some gateways.
pub const IDS: usize = 100;

/// The tables of one instance.
pub struct Tables {
    /// A login stands for a token, where the settings say so.
    pub session: Session<Option<Oauth>>,
    pub address: String,
    pub login: Login,
}

/// What is asked of a table.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    pub table: &'a str,
    /// An encoded query without an order.
    pub query: String,
    pub fields: &'a str,
    pub limit: usize,
    pub offset: usize,
}

/// A row: every field with its value and what people see of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Rec(Map<String, Value>);

#[derive(Debug, Default)]
pub struct Rows {
    pub rows: Vec<Rec>,
    pub more: bool,
    pub total: Option<usize>,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    result: Option<Vec<Rec>>,
    #[serde(default)]
    error: Option<Words>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Words {
    message: Option<String>,
    detail: Option<String>,
}

impl Rec {
    /// The value as stored: a `sys_id`, a number, a time in UTC. Empty where there is none.
    #[must_use]
    pub fn value(&self, field: &str) -> &str {
        self.part(field, "value")
    }

    /// What people see: the name behind a reference, the label of a choice.
    #[must_use]
    pub fn label(&self, field: &str) -> &str {
        let label = self.part(field, "display_value");
        if label.is_empty() { self.value(field) } else { label }
    }

    fn part(&self, field: &str, part: &str) -> &str {
        match self.0.get(field) {
            Some(Value::String(text)) => text,
            Some(Value::Object(both)) => both.get(part).and_then(Value::as_str).unwrap_or_default(),
            _ => "",
        }
    }

    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    #[must_use]
    pub fn sys_id(&self) -> &str {
        self.value("sys_id")
    }

    /// A time: `2026-03-04 22:00:00`, always UTC in a value.
    #[must_use]
    pub fn time(&self, field: &str) -> Option<Instant> {
        let text = self.value(field).trim();
        let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
        Some(Instant::from_naive_utc(local))
    }
}

/// An instant as queries want it.
#[must_use]
pub fn stamp(at: Instant) -> String {
    at.to_utc().format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Clauses joined by `^`, empty ones left out.
#[must_use]
pub fn all_of(clauses: &[&str]) -> String {
    clauses.iter().filter(|clause| !clause.is_empty()).copied().collect::<Vec<_>>().join("^")
}

impl Tables {
    /// One answer of a table, in the order of `sys_id`.
    ///
    /// # Errors
    /// When it cannot be had, or stopped in its middle.
    pub async fn ask(&self, ask: &Ask<'_>, login: &Login) -> Result<Rows, Refusal> {
        let call = Call::get(format!("{}/api/now/v2/table/{}", self.address, ask.table))
            .header("accept", "application/json")
            .query("sysparm_query", all_of(&[&ask.query, "ORDERBYsys_id"]))
            .query("sysparm_fields", ask.fields)
            .query("sysparm_display_value", "all")
            .query("sysparm_exclude_reference_link", "true")
            .query("sysparm_limit", ask.limit.to_string())
            .query("sysparm_offset", ask.offset.to_string());
        let answer = self.session.read(call, login).await?;
        let Envelope { result, error } = answer.read()?;
        if let Some(error) = error {
            return Err(Refusal::Said(format!("{} stopped while it answered: {}", ask.table, error.text())));
        }
        let rows = result.ok_or_else(|| HttpError::Garbled {
            place: answer.place.clone(),
            reason: "there is no result in it".to_owned(),
        })?;
        let more = answer.header("link").is_some_and(|link| link.contains("rel=\"next\""));
        let total = answer.header("x-total-count").and_then(|count| count.trim().parse().ok());
        Ok(Rows { rows, more, total })
    }

    /// A page along `sys_id`, and what the next one is asked by. `key` is a field that every row of this table has.
    ///
    /// # Errors
    /// When it cannot be had, or what came is no answer to it.
    pub async fn page(
        &self,
        mut ask: Ask<'_>,
        key: &str,
        page: Option<&str>,
    ) -> Result<(Rows, Option<String>), Refusal> {
        let (after, offset) = page.and_then(|page| page.split_once('+')).unwrap_or(("", "0"));
        ask.offset = offset.parse().unwrap_or(0);
        if !after.is_empty() {
            ask.query = all_of(&[&ask.query, &format!("sys_id>{after}")]);
        }
        let rows = self.ask(&ask, &self.login).await?;
        if !rows.rows.iter().all(|row| row.sys_id() != after && row.has(key)) {
            return Err(Refusal::OddPage(format!(
                "{}: what came is no answer to what was asked after {after}; nothing of it was used",
                ask.table
            )));
        }
        let next = match rows.rows.last() {
            _ if !rows.more => None,
            Some(last) => Some(format!("{}+0", last.sys_id())),
            None => Some(format!("{after}+{}", ask.offset + ask.limit)),
        };
        Ok((rows, next))
    }

    /// Every row whose `key` is one of these ids.
    ///
    /// # Errors
    /// When they cannot be had.
    pub async fn of(&self, table: &str, key: &str, ids: &[&str], fields: &str) -> Result<Vec<Rec>, Refusal> {
        let mut found = Vec::new();
        for ids in ids.chunks(IDS) {
            let query = format!("{key}IN{}", ids.join(","));
            let mut ask = Ask { table, query, fields, limit: 1000, offset: 0 };
            let mut paged = self.session.pages(table);
            loop {
                let rows = self.ask(&ask, &self.login).await?;
                if rows.more {
                    paged.go_on(rows.rows.iter().map(Rec::sys_id))?;
                }
                // A clause that was dropped brings everything.
                found.extend(rows.rows.into_iter().filter(|row| ids.contains(&row.value(key))));
                if !rows.more {
                    break;
                }
                ask.offset += ask.limit;
            }
        }
        Ok(found)
    }

    /// Changes one resource.
    ///
    /// # Errors
    /// What the instance says against it, in its own words.
    pub async fn patch(&self, path: &str, body: Value, login: &Login) -> Result<(), Refusal> {
        let call = Call::new(Method::PATCH, format!("{}{path}", self.address))
            .header("accept", "application/json")
            .json(body);
        let answer = self.session.send(call, login).await?;
        match answer.judged() {
            Err(error) if matches!(answer.status, 400 | 403..=409) => {
                Err(reason(&answer).map_or(Refusal::Http(error), Refusal::Said))
            }
            Err(error) => Err(Refusal::Http(error)),
            Ok(()) => Ok(()),
        }
    }
}

/// The instance's own words.
fn reason(answer: &Answer) -> Option<String> {
    #[derive(Deserialize)]
    struct Told {
        error: Words,
    }
    let told: Told = answer.read().ok()?;
    Some(told.error.text()).filter(|words| !words.is_empty())
}

impl Words {
    fn text(&self) -> String {
        let parts = [self.message.as_deref(), self.detail.as_deref()];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
        clean_line(&text).trim().chars().take(200).collect()
    }
}

/// Whether a table is not there, or not for this account: 400 is how the API says that a table is unknown.
#[must_use]
pub fn is_absent(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Http(HttpError::Status { status: 400, .. } | HttpError::Missing { .. }) => true,
        Refusal::Http(_) | Refusal::Said(_) | Refusal::NotAsked(_) | Refusal::OddPage(_) => false,
    }
}
