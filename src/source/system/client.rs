//! The client of an adapter, built when first needed, and what systems say when they say no.

use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Refusal, Setup, json, paged::Paged};
use crate::{
    model::{Fault, text::clean_line},
    source::http::{Answer, Call, Http, HttpError, HttpOptions, Login},
};

/// One client for one source.
#[derive(Debug)]
pub struct Client {
    options: HttpOptions,
    /// Whether the server tells the reset of its budget in milliseconds.
    millis: bool,
    built: OnceLock<Http>,
}

impl Client {
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        Self { options: setup.http.clone(), millis: false, built: OnceLock::new() }
    }

    /// Of a server that tells the reset of its budget in milliseconds.
    #[must_use]
    pub fn in_milliseconds(setup: &Setup) -> Self {
        Self { millis: true, ..Self::new(setup) }
    }

    #[must_use]
    pub fn built(&self) -> Option<&Http> {
        self.built.get()
    }

    /// A list that is read to its end within the time one answer may take, see [`Paged`].
    #[must_use]
    pub fn pages(&self, what: impl Into<String>) -> Paged {
        Paged::new(what, self.options.timeout)
    }

    /// # Errors
    /// When the private authority cannot be read.
    pub fn http(&self) -> Result<&Http, HttpError> {
        if let Some(http) = self.built.get() {
            return Ok(http);
        }
        let http = Http::new(self.options.clone())?;
        let http = if self.millis { http.resets_in_milliseconds() } else { http };
        Ok(self.built.get_or_init(|| http))
    }

    /// Reads, with retries.
    ///
    /// # Errors
    /// When no usable answer came.
    pub async fn read(&self, call: Call, login: &Login) -> Result<Answer, Refusal> {
        Ok(self.http()?.read(call, login).await?)
    }

    /// Reads JSON, with retries.
    ///
    /// # Errors
    /// When no usable answer came, or one of another shape.
    pub async fn json<T: DeserializeOwned>(&self, call: Call, login: &Login) -> Result<T, Refusal> {
        Ok(self.read(call, login).await?.read()?)
    }

    /// Writes, once.
    ///
    /// # Errors
    /// In the system's own words where it said some.
    pub async fn write(&self, call: Call, login: &Login) -> Result<Answer, Refusal> {
        let answer = self.http()?.send(call, login).await?;
        match refused(&answer) {
            Some(refusal) => Err(refusal),
            None => Ok(answer),
        }
    }
}

/// What an answer without success says, in the system's words where there are some.
#[must_use]
pub fn refused(answer: &Answer) -> Option<Refusal> {
    let error = answer.verdict().err()?;
    // A wrong credential, patience and a broken server have their own words and their own ways.
    let own_way = answer.status == 401 || error.may_pass() || answer.status < 400;
    match words(answer).filter(|_| !own_way) {
        Some(words) => Some(Refusal::Said(format!("{words} (HTTP {})", answer.status))),
        None => Some(Refusal::Http(error)),
    }
}

/// The sentence in an answer of JSON, see [`Answer::reason`].
#[must_use]
pub fn words(answer: &Answer) -> Option<String> {
    answer.reason()
}

/// Every record of a page for itself: one that cannot be read is a fault and hides no other.
pub fn each<T: DeserializeOwned>(
    setup: &Setup,
    rows: Vec<Value>,
    place: &str,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    let mut read = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        let native = ["key", "id"].iter().map(|name| json::words(json::at(&row, name)));
        let native = native.into_iter().find(|name| !name.is_empty());
        match serde_json::from_value(row) {
            Ok(record) => read.push(record),
            Err(error) => {
                let error = clean_line(&error.to_string()).into_owned();
                let record = native.as_deref().and_then(|native| setup.record_id(native).ok());
                let name =
                    native.map_or_else(|| format!("number {at}"), |name| clean_line(&name).into_owned());
                let words = format!("{place} {name}: {error}: it was left out");
                faults.push(setup.fault(record.as_ref(), place, words));
            }
        }
    }
    read
}
