//! The REST v2 API of Freshservice: how it is signed, paged and read.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    model::text::clean_line,
    source::{
        http::{Answer, Call, HttpError, Login},
        system::{Refusal, client::Client},
    },
};

/// One account.
pub struct Api {
    pub client: Client,
    /// With `/api/v2`.
    pub base: String,
    pub login: Login,
    /// Whether secrets are OAuth tokens rather than API keys.
    pub bearer: bool,
}

/// A list under its own name, and whether another page follows.
#[derive(Debug, Default)]
pub struct Rows {
    pub rows: Vec<Value>,
    pub more: bool,
}

impl Api {
    /// A login as it is sent: an API key is the user of HTTP basic authentication, any password will do.
    #[must_use]
    pub fn signed(&self, login: &Login) -> Login {
        match login {
            Login::Bearer(key) if !self.bearer => {
                let pair = format!("{}:X", key.expose_secret().trim());
                let value = format!("Basic {}", STANDARD.encode(pair));
                Login::Header { name: "authorization", value: value.into() }
            }
            Login::Nobody | Login::Bearer(_) | Login::Basic { .. } | Login::Header { .. } => login.clone(),
        }
    }

    /// One thing, such as `{"change": {…}}`.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn one(&self, path: &str, name: &str) -> Result<Value, Refusal> {
        let answer = self.ask(path, &[]).await?;
        Ok(part(&answer, name)?)
    }

    /// A list, such as `{"changes": […]}`, or bare as in an older shape.
    ///
    /// # Errors
    /// When it cannot be had, or is no list.
    pub async fn list(&self, path: &str, name: &str, query: &[(&str, String)]) -> Result<Rows, Refusal> {
        let answer = self.ask(path, query).await?;
        let rows = match part(&answer, name)? {
            Value::Array(rows) => rows,
            _ => return Err(Refusal::Http(shapeless(&answer, name))),
        };
        let more = answer.header("link").is_some_and(|link| link.contains("rel=\"next\""));
        Ok(Rows { rows, more })
    }

    /// Every page of a list that is short.
    ///
    /// # Errors
    /// When one of them cannot be had.
    pub async fn all(&self, path: &str, name: &str, size: usize) -> Result<Vec<Value>, Refusal> {
        let mut all = Vec::new();
        let mut paged = self.client.pages(path);
        for page in 1.. {
            let query = [("page", page.to_string()), ("per_page", size.to_string())];
            let rows = self.list(path, name, &query).await?;
            if rows.more {
                paged.go_on(rows.rows.iter().map(ToString::to_string))?;
            }
            all.extend(rows.rows);
            if !rows.more {
                break;
            }
        }
        Ok(all)
    }

    async fn ask(&self, path: &str, query: &[(&str, String)]) -> Result<Answer, HttpError> {
        let mut call = Call::get(format!("{}/{path}", self.base)).header("accept", "application/json");
        for (name, value) in query {
            call = call.query(name, value.clone());
        }
        self.client.http()?.read(call, &self.signed(&self.login)).await
    }

    /// Writes once.
    ///
    /// # Errors
    /// What the account says against it, in its own words.
    pub async fn post(&self, path: &str, body: Value, login: &Login) -> Result<(), Refusal> {
        let call = Call::new(Method::POST, format!("{}/{path}", self.base))
            .header("accept", "application/json")
            .json(body);
        let answer = self.client.http()?.send(call, &self.signed(login)).await?;
        match answer.judged() {
            Err(error) if matches!(answer.status, 400 | 403..=409) && error.retry_after().is_none() => {
                Err(reason(&answer).map_or(Refusal::Http(error), Refusal::Said))
            }
            other => other.map_err(Refusal::Http),
        }
    }
}

fn part(answer: &Answer, name: &str) -> Result<Value, HttpError> {
    let whole: Value = answer.read()?;
    match whole {
        Value::Object(mut map) => map.remove(name).ok_or_else(|| shapeless(answer, name)),
        list @ Value::Array(_) => Ok(list),
        _ => Err(shapeless(answer, name)),
    }
}

fn shapeless(answer: &Answer, name: &str) -> HttpError {
    HttpError::Garbled { place: answer.place.clone(), reason: format!("there are no {name} in it") }
}

/// What it says when it says no: the reason, and the fields it is about.
fn reason(answer: &Answer) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Wrong {
        field: String,
        message: String,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Told {
        description: Option<String>,
        message: Option<String>,
        errors: Vec<Wrong>,
    }
    let told: Told = answer.read().ok()?;
    let fields = told.errors.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message));
    let words: Vec<String> = told.description.into_iter().chain(told.message).chain(fields).collect();
    let text: String = clean_line(&words.join("; ")).trim().chars().take(200).collect();
    (!text.is_empty()).then_some(text)
}
