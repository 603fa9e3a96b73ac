//! Tokens that a system grants for a while: kept until shortly before their end, and forgotten where one is refused.
//!
//! How each system is asked for one is its own; what it answers and how long that is good is the same everywhere. No
//! secret is shown: neither what was sent nor what came stands in an error.

mod renewed; // refresh tokens that are replaced

use std::{
    collections::HashMap,
    time::{Duration, Instant as Clock},
};

use secrecy::SecretString;
use serde::Deserialize;

use crate::source::{
    http::{Answer, Call, Http, HttpError, Login},
    system::Refusal,
};

pub use renewed::Renewed;

/// The tokens of one instance, by what they were granted for.
#[derive(Debug)]
pub struct Tokens {
    /// Asked for anew so long before their end.
    early: Duration,
    known: HashMap<String, (SecretString, Clock)>,
}

/// A token, and how long it is good where that is told.
#[derive(Debug)]
pub struct Granted {
    pub token: SecretString,
    pub lasts: Option<Duration>,
    /// What is to be used instead of the refresh token from now on, where it is replaced.
    pub refresh: Option<SecretString>,
}

#[derive(Deserialize)]
struct Told {
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(default)]
    refresh_token: Option<String>,
}

impl Tokens {
    #[must_use]
    pub fn renewed_early(seconds: u64) -> Self {
        Self { early: Duration::from_secs(seconds), known: HashMap::new() }
    }

    /// The token for this, unless it ends soon.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<SecretString> {
        self.known.get(key).filter(|(_, until)| Clock::now() < *until).map(|(token, _)| token.clone())
    }

    /// Keeps what was granted for this; `stock` is how long it is good where that is not told.
    pub fn keep(&mut self, key: &str, granted: Granted, stock: Duration) -> SecretString {
        let until = Clock::now() + granted.lasts.unwrap_or(stock).saturating_sub(self.early);
        self.known.insert(key.to_owned(), (granted.token.clone(), until));
        granted.token
    }

    /// Forgets what was granted: a token may be taken back before its end. Whether there was any.
    pub fn forget(&mut self) -> bool {
        let had = !self.known.is_empty();
        self.known.clear();
        had
    }
}

/// Asks for a token, once. What is said no to is about credentials, whatever its status, success among them.
///
/// # Errors
/// When none is granted.
pub async fn ask(http: &Http, call: Call, login: &Login) -> Result<Granted, Refusal> {
    let answer = http.send(call, login).await?;
    let refused = |answer: Answer| HttpError::Refused { place: answer.place, status: answer.status };
    if let 400 | 401 | 403 = answer.status {
        return Err(refused(answer).into());
    }
    answer.verdict()?;
    let told: Told = answer.read()?;
    match told.access_token {
        Some(token) => Ok(Granted {
            token: token.into(),
            lasts: told.expires_in.map(Duration::from_secs),
            refresh: told.refresh_token.filter(|token| !token.is_empty()).map(Into::into),
        }),
        None => Err(refused(answer).into()),
    }
}

/// A secret of two parts with a blank between, such as `client-secret password`.
///
/// # Errors
/// With what the parts are.
pub fn parts<'a>(secret: &'a str, what: &str) -> Result<(&'a str, &'a str), Refusal> {
    let parts = secret.trim().split_once(char::is_whitespace);
    parts
        .map(|(first, rest)| (first, rest.trim_start()))
        .ok_or_else(|| Refusal::Said(format!("the credentials are not whole: {what}")))
}
