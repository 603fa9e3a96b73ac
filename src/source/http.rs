//! The one way out to the network: a polite client that tells its failures apart.
//!
//! TLS is verified (the system's roots and an optional private authority), credentials never follow a redirect to another host, nothing
//! of an address but scheme, host and path is ever printed, a body has a limit and a request a time-out.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{
        AUTHORIZATION, DATE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
        RETRY_AFTER,
    },
};
use secrecy::{ExposeSecret, SecretString};

use crate::model::text::clean_line;

/// How often a redirect is followed.
const REDIRECTS: usize = 5;

/// What a request is made with.
#[derive(Debug, Clone)]
pub enum Login {
    Nobody,
    Bearer(SecretString),
    Basic { user: String, password: SecretString },
}

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    pub timeout: Duration,
    /// The largest body that is read, in bytes, after decompression.
    pub max_body: usize,
    /// A file with further certificates (PEM) to trust.
    pub ca: Option<PathBuf>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), max_body: 64 << 20, ca: None }
    }
}

/// What a conditional request goes by: the validators of the answer before.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// The answer to a conditional request.
#[derive(Debug)]
pub enum Got {
    Unchanged,
    Body { bytes: Vec<u8>, validators: Validators, kind: String },
}

/// Why there is no answer; each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    #[error("{0} is no address: write https://host/path")]
    Address(String),
    #[error("{place} could not be reached: {reason}")]
    Unreachable { place: String, reason: String },
    #[error("{place} did not answer within {seconds} s; raise timeout, or ask its keeper")]
    Slow { place: String, seconds: u64 },
    #[error(
        "{place} refuses the credentials (HTTP {status}); check secret_command, secret_file or secret_env"
    )]
    Refused { place: String, status: u16 },
    #[error("{place} is not there (HTTP {status}); check the address")]
    Missing { place: String, status: u16 },
    #[error("{place} asks for patience (HTTP {status})")]
    Busy { place: String, status: u16, retry_after: Option<i64> },
    #[error("{place} answered HTTP {status}: {words}")]
    Status { place: String, status: u16, words: String },
    #[error("{place} sent more than {limit} bytes; nothing of it was used")]
    TooLarge { place: String, limit: usize },
    #[error("{place}: the answer broke off: {reason}")]
    Broken { place: String, reason: String },
    #[error("ca {file}: {reason}")]
    Authority { file: String, reason: String },
}

impl HttpError {
    /// Seconds the server asked to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<i64> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            Self::Address(_)
            | Self::Unreachable { .. }
            | Self::Slow { .. }
            | Self::Refused { .. }
            | Self::Missing { .. }
            | Self::Status { .. }
            | Self::TooLarge { .. }
            | Self::Broken { .. }
            | Self::Authority { .. } => None,
        }
    }
}

/// A client for one source: one connection pool, built when first needed.
#[derive(Debug)]
pub struct Http {
    client: Client,
    options: HttpOptions,
}

/// One TLS provider for the whole program; a second installation would be an error, so it is asked for once.
fn tls_provider() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // Fails only when somebody else installed one, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

impl Http {
    /// Builds the client. Costs milliseconds: never before the first frame.
    ///
    /// # Errors
    /// When the private authority cannot be read.
    pub fn new(options: HttpOptions) -> Result<Self, HttpError> {
        tls_provider();
        let mut builder = Client::builder()
            .user_agent(concat!("quorate/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.timeout.min(Duration::from_secs(10)))
            .timeout(options.timeout)
            .redirect(reqwest::redirect::Policy::custom(|attempt| {
                let from = attempt.previous().last();
                let same = from.is_some_and(|before| {
                    before.host_str() == attempt.url().host_str()
                        && !(before.scheme() == "https" && attempt.url().scheme() != "https")
                        && before.port_or_known_default() == attempt.url().port_or_known_default()
                });
                if attempt.previous().len() > REDIRECTS {
                    attempt.error("too many redirects")
                } else if same {
                    attempt.follow()
                } else {
                    // Not followed: the caller sees the 3xx and says where it points.
                    attempt.stop()
                }
            }));
        if let Some(file) = &options.ca {
            let broken = |reason: String| HttpError::Authority { file: file.display().to_string(), reason };
            let pem = std::fs::read(file).map_err(|error| broken(error.to_string()))?;
            let certificates =
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| broken(error.to_string()))?;
            if certificates.is_empty() {
                return Err(broken("holds no certificate; it must be PEM".to_owned()));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|error| HttpError::Unreachable {
            place: "the network".to_owned(),
            reason: told(&error),
        })?;
        Ok(Self { client, options })
    }

    /// Fetches an address unless it is as it was.
    ///
    /// # Errors
    /// For every answer that is neither 200 nor 304, and for every way not to get one.
    pub async fn get(&self, address: &str, login: &Login, known: &Validators) -> Result<Got, HttpError> {
        let url = parse(address)?;
        let place = place_of(&url);
        let mut request = self.client.get(url).headers(conditions(known));
        request = match login {
            Login::Nobody => request,
            Login::Bearer(secret) => {
                request.header(AUTHORIZATION, sensitive(&format!("Bearer {}", secret.expose_secret())))
            }
            Login::Basic { user, password } => request.basic_auth(user, Some(password.expose_secret())),
        };
        let response = request.send().await.map_err(|error| self.failed(&place, &error))?;
        judge(&response, &place)?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Got::Unchanged);
        }
        let validators = validators(response.headers());
        let kind = text_header(response.headers(), "content-type").unwrap_or_default();
        let bytes = self.body(response, &place).await?;
        Ok(Got::Body { bytes, validators, kind })
    }

    /// Reads a body piece by piece, so that a huge one is given up at the limit and never held.
    async fn body(&self, mut response: Response, place: &str) -> Result<Vec<u8>, HttpError> {
        let limit = self.options.max_body;
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.failed(place, &error))? {
            if bytes.len() + piece.len() > limit {
                return Err(HttpError::TooLarge { place: place.to_owned(), limit });
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    fn failed(&self, place: &str, error: &reqwest::Error) -> HttpError {
        let place = place.to_owned();
        if error.is_timeout() {
            HttpError::Slow { place, seconds: self.options.timeout.as_secs() }
        } else if error.is_body() || error.is_decode() {
            HttpError::Broken { place, reason: told(error) }
        } else {
            HttpError::Unreachable { place, reason: told(error) }
        }
    }
}

/// `webcal://` is what calendars call https.
fn parse(address: &str) -> Result<Url, HttpError> {
    let https = address.strip_prefix("webcal://").map(|rest| format!("https://{rest}"));
    Url::parse(https.as_deref().unwrap_or(address))
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http") && url.host_str().is_some())
        .ok_or_else(|| HttpError::Address(printable(address)))
}

/// What may be said of something that is no address: its end, where a secret could stand, is left out.
fn printable(address: &str) -> String {
    let shown = address.split(['?', '#']).next().unwrap_or_default();
    let shown = shown.split_once('@').map_or_else(|| shown.to_owned(), |(_, host)| format!("…@{host}"));
    clean_line(&shown).into_owned()
}

/// An address as it may be printed: no user, no query, no fragment.
fn place_of(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    clean_line(&format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path()))
        .into_owned()
}

fn conditions(known: &Validators) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [(IF_NONE_MATCH, &known.etag), (IF_MODIFIED_SINCE, &known.last_modified)] {
        if let Some(value) = value.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

fn validators(headers: &HeaderMap) -> Validators {
    Validators {
        etag: text_header(headers, ETAG.as_str()),
        last_modified: text_header(headers, LAST_MODIFIED.as_str()),
    }
}

fn text_header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn sensitive(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

fn judge(response: &Response, place: &str) -> Result<(), HttpError> {
    let status = response.status();
    let place = place.to_owned();
    let code = status.as_u16();
    match code {
        200 | 304 => Ok(()),
        401 | 403 => Err(HttpError::Refused { place, status: code }),
        404 | 410 => Err(HttpError::Missing { place, status: code }),
        429 | 503 => {
            Err(HttpError::Busy { place, status: code, retry_after: retry_after(response.headers()) })
        }
        300..=399 => {
            let target = text_header(response.headers(), "location").and_then(|to| Url::parse(&to).ok());
            let words = target.map_or_else(
                || "a redirect that is not followed".to_owned(),
                |to| {
                    format!(
                        "it moved to {}, which is another host; if that is right, write that address",
                        place_of(&to)
                    )
                },
            );
            Err(HttpError::Status { place, status: code, words })
        }
        _ => {
            let words = status.canonical_reason().unwrap_or("an answer without a name").to_owned();
            Err(HttpError::Status { place, status: code, words })
        }
    }
}

/// Seconds from now by `Retry-After`: a number, or a date compared with the server's own clock where it tells it.
fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let value = text_header(headers, RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.trim().parse::<i64>() {
        return Some(seconds.max(0));
    }
    let date = |text: &str| DateTime::parse_from_rfc2822(text.trim()).ok().map(|at| at.to_utc());
    let now: DateTime<Utc> = text_header(headers, DATE.as_str()).as_deref().and_then(date)?;
    date(&value).map(|at| (at - now).num_seconds().max(0))
}

/// The innermost words of an error, without the address it was for.
fn told(error: &reqwest::Error) -> String {
    use std::error::Error;
    let inner = std::iter::successors(error.source(), |&cause| cause.source()).last();
    clean_line(&inner.map_or_else(|| "the request failed".to_owned(), ToString::to_string)).into_owned()
}

#[cfg(test)]
mod tests;
