//! Tokens that a system grants for a while: kept until shortly before their end, and forgotten where one is refused.
//!
//! How each system is asked for one is its own; what it answers and how long that is good is the same everywhere. No
//! secret is shown: neither what was sent nor what came stands in an error.

mod renewed; // refresh tokens that are replaced
mod shared; // tokens of all programs of one person

use std::{
    collections::HashMap,
    fs::File,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant as Clock},
};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::source::{
    http::{Answer, Call, Http, HttpError, Login},
    system::{Refusal, Setup},
};

pub use renewed::Renewed;

/// Seconds to leave a system alone that grants no more tokens for now.
const PATIENCE: i64 = 600;

/// The tokens of one instance, by what they were granted for: the user with their secret, or the secret alone.
#[derive(Debug)]
pub struct Tokens {
    /// Asked for anew so long before their end.
    early: Duration,
    known: Mutex<Known>,
    shared: Option<shared::Shared>,
}

type Known = HashMap<String, (SecretString, Clock)>;

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
    pub fn renewed_early(setup: &Setup, seconds: u64) -> Self {
        let early = Duration::from_secs(seconds);
        Self { early, known: Mutex::default(), shared: shared::Shared::of(setup) }
    }

    /// As [`Self::renewed_early`], for this program alone: where every grant replaces the refresh token, programs take
    /// turns with that instead.
    #[must_use]
    pub fn of_this_program(seconds: u64) -> Self {
        Self { early: Duration::from_secs(seconds), known: Mutex::default(), shared: None }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token for this: one that is good still, its own or that of another program of the same person, else one that
    /// is granted now. `stock` is how long that is good where it is not told; `place` is where it is asked for.
    ///
    /// # Errors
    /// When none is granted, or the system asked to be left alone.
    pub async fn token(
        &self,
        key: &str,
        place: &str,
        stock: Duration,
        grant: impl AsyncFnOnce() -> Result<Granted, Refusal>,
    ) -> Result<SecretString, Refusal> {
        if let Some(token) = self.get(key) {
            return Ok(token);
        }
        let (_turn, got) = self.turn(key, place).await?;
        match got {
            Some(token) => Ok(token),
            None => self.kept(key, grant().await, stock),
        }
    }

    /// The token for this, unless it ends soon: its own, or one that another program of the same person got.
    fn get(&self, key: &str) -> Option<SecretString> {
        if let Some((token, _)) = self.known().get(key).filter(|(_, until)| Clock::now() < *until) {
            return Some(token.clone());
        }
        let (token, left) = self.shared.as_ref()?.get(key)?;
        self.known().insert(key.to_owned(), (token.clone(), Clock::now() + left));
        Some(token)
    }

    /// The turn of this program to ask for one, until it is dropped, and what another got meanwhile.
    ///
    /// # Errors
    /// When the system asked, or asked another program, to be left alone.
    async fn turn(&self, key: &str, place: &str) -> Result<(Option<File>, Option<SecretString>), Refusal> {
        let Some(shared) = &self.shared else { return Ok((None, None)) };
        let turn = shared.turn(key).await;
        if let Some(token) = self.get(key) {
            return Ok((turn, Some(token)));
        }
        let left = self.shared.as_ref().and_then(|shared| shared.patience(key));
        let Some(left) = left.and_then(|left| i64::try_from(left).ok()) else { return Ok((turn, None)) };
        let place = place.to_owned();
        Err(HttpError::Busy { place, status: 429, retry_after: Some(left) }.into())
    }

    /// Keeps what was granted for this; `stock` is how long it is good where that is not told.
    ///
    /// # Errors
    /// The refusal as it came; that the system asks for patience is kept for all programs.
    fn kept(
        &self,
        key: &str,
        granted: Result<Granted, Refusal>,
        stock: Duration,
    ) -> Result<SecretString, Refusal> {
        let granted = match granted {
            Err(refusal) => {
                if let (Refusal::Http(error @ HttpError::Busy { .. }), Some(shared)) =
                    (&refusal, &self.shared)
                {
                    shared.wait(key, error.retry_after().and_then(|s| u64::try_from(s).ok()).unwrap_or(60));
                }
                return Err(refusal);
            }
            Ok(granted) => granted,
        };
        let lasts = granted.lasts.unwrap_or(stock).saturating_sub(self.early);
        self.known().insert(key.to_owned(), (granted.token.clone(), Clock::now() + lasts));
        if let Some(shared) = &self.shared {
            shared.keep(key, &granted.token, lasts);
        }
        Ok(granted.token)
    }

    /// Forgets what was granted: a token may be taken back before its end. Whether there was any.
    pub fn forget(&self) -> bool {
        let mut known = self.known();
        let had = !known.is_empty();
        for (key, (token, _)) in known.drain() {
            if let Some(shared) = &self.shared {
                shared.forget(&key, &token);
            }
        }
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
    if is_too_often(&answer) {
        let asked = answer.verdict().err().and_then(|error| error.retry_after());
        let retry_after = Some(asked.unwrap_or(PATIENCE));
        return Err(HttpError::Busy { place: answer.place, status: answer.status, retry_after }.into());
    }
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

/// Whether a no is about how often it was asked: Zoho says 400 and "Access Denied" to credentials that are good.
fn is_too_often(answer: &Answer) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct No {
        error: String,
        error_description: String,
    }
    let no: No = answer.read().unwrap_or_default();
    answer.status == 400
        && (no.error.eq_ignore_ascii_case("access denied")
            || no.error_description.to_lowercase().contains("too many requests"))
}

/// What a login is known by here: the user with the secret, or the secret alone; none of one that is sent as it is.
#[must_use]
pub fn key(login: &Login) -> Option<String> {
    match login {
        Login::Basic { user, password } => Some(format!("{user} {}", password.expose_secret())),
        Login::Bearer(secret) => Some(secret.expose_secret().trim().to_owned()),
        Login::Nobody | Login::Header { .. } => None,
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
