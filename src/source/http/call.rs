//! One request and its answer, for adapters that speak with a system rather than fetch a document.

use reqwest::{
    Method, RequestBuilder,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use super::{HttpError, Login, limits::text_header};
use crate::model::{Instant, text::clean_line};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: Method,
    pub address: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
}

/// What is sent along.
#[derive(Debug, Clone)]
pub enum Body {
    Empty,
    Json(serde_json::Value),
    Form(Vec<(String, SecretString)>),
    Text {
        kind: &'static str,
        text: String,
    },
    /// A text with a secret in it.
    Sealed {
        kind: &'static str,
        text: SecretString,
    },
}

/// What was answered, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    /// The address as it may be printed.
    pub place: String,
    /// When it came, by our clock.
    pub heard: Instant,
}

impl Call {
    #[must_use]
    pub fn new(method: Method, address: impl Into<String>) -> Self {
        Self { method, address: address.into(), query: Vec::new(), headers: Vec::new(), body: Body::Empty }
    }

    #[must_use]
    pub fn get(address: impl Into<String>) -> Self {
        Self::new(Method::GET, address)
    }

    #[must_use]
    pub fn post(address: impl Into<String>) -> Self {
        Self::new(Method::POST, address)
    }

    #[must_use]
    pub fn put(address: impl Into<String>) -> Self {
        Self::new(Method::PUT, address)
    }

    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn json(mut self, body: serde_json::Value) -> Self {
        self.body = Body::Json(body);
        self
    }

    #[must_use]
    pub fn form(mut self, fields: Vec<(String, SecretString)>) -> Self {
        self.body = Body::Form(fields);
        self
    }

    /// Fills in everything but the address.
    pub(super) fn fill(self, mut request: RequestBuilder, login: &Login) -> RequestBuilder {
        if !self.query.is_empty() {
            request = request.query(&self.query);
        }
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        request = match self.body {
            Body::Empty => request,
            Body::Json(body) => request.json(&body),
            Body::Form(fields) => {
                let plain: Vec<_> =
                    fields.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
                request.form(&plain)
            }
            Body::Text { kind, text } => request.header("content-type", kind).body(text),
            Body::Sealed { kind, text } => {
                request.header("content-type", kind).body(text.expose_secret().to_owned())
            }
        };
        login.sign(request)
    }
}

impl Login {
    /// Whether it is the same account with the same secret.
    pub(super) fn is(&self, other: &Self) -> bool {
        let same = |one: &SecretString, other: &SecretString| one.expose_secret() == other.expose_secret();
        match (self, other) {
            (Self::Nobody, Self::Nobody) => true,
            (Self::Bearer(one), Self::Bearer(other)) => same(one, other),
            (Self::Basic { user, password }, Self::Basic { user: other, password: secret }) => {
                user == other && same(password, secret)
            }
            (Self::Header { name, value }, Self::Header { name: other, value: secret }) => {
                name == other && same(value, secret)
            }
            (Self::Nobody | Self::Bearer(_) | Self::Basic { .. } | Self::Header { .. }, _) => false,
        }
    }

    pub(super) fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Nobody => request,
            Self::Bearer(secret) => {
                request.header(AUTHORIZATION, sensitive(&format!("Bearer {}", secret.expose_secret())))
            }
            Self::Basic { user, password } => request.basic_auth(user, Some(password.expose_secret())),
            Self::Header { name, value } => match HeaderName::from_bytes(name.as_bytes()) {
                Ok(name) => request.header(name, sensitive(value.expose_secret())),
                Err(_) => request,
            },
        }
    }
}

fn sensitive(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

impl Answer {
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        text_header(&self.headers, name)
    }

    /// Whether it is usable, by its status and headers alone.
    ///
    /// # Errors
    /// For every status but success and 304.
    pub fn judged(&self) -> Result<(), HttpError> {
        super::judge(self.status, &self.headers, &self.place, self.heard)
    }

    /// Whether it is usable, by its status; a refusal that only its words call a rate limit asks for patience.
    ///
    /// # Errors
    /// For every status but success and 304.
    pub fn verdict(&self) -> Result<(), HttpError> {
        match self.judged() {
            Err(HttpError::Refused { place, status: 403 }) if self.words().contains("rate limit") => {
                Err(HttpError::Busy { place, status: 403, retry_after: Some(60) })
            }
            // In its own words, where it says some: the name of a status says what no keeper can mend.
            Err(HttpError::Status { place, status, words }) if status >= 400 => {
                Err(HttpError::Status { place, status, words: self.reason().unwrap_or(words) })
            }
            other => other,
        }
    }

    /// Its status as an error.
    #[must_use]
    pub fn fault(&self) -> HttpError {
        match self.verdict() {
            Err(error) => error,
            Ok(()) => HttpError::Status {
                place: self.place.clone(),
                status: self.status,
                words: "not what was asked for".to_owned(),
            },
        }
    }

    /// The body as text, cleaned for a message, at most 200 characters.
    #[must_use]
    pub fn words(&self) -> String {
        let text: String = String::from_utf8_lossy(&self.bytes).chars().take(400).collect();
        clean_line(&text).trim().chars().take(200).collect()
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// When it is a page for people, broken off, or of another shape.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        serde_json::from_slice(&self.bytes).map_err(|error| HttpError::Garbled {
            place: self.place.clone(),
            reason: if super::looks_like_html(&self.bytes) {
                "a web page came, a login perhaps; check the address and the credentials".to_owned()
            } else {
                // serde names the place in the text, never the text itself, but for short wrong values.
                clean_line(&error.to_string()).chars().take(160).collect()
            },
        })
    }
}
