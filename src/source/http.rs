//! The one way out to the network: a polite client that tells its failures apart.
//!
//! TLS is verified (the system's roots and an optional private authority), credentials never follow a redirect to another host, nothing
//! of an address but scheme, host and path is ever printed, a body has a limit and a request a time-out.

mod prefetch; // a page asked for before it is wanted
mod call; // one request and its answer
mod error; // why there is none
mod limits; // Retry-After and its dialects
mod reason; // the system's own words

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use backon::{ExponentialBuilder, Retryable};
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER},
};
use secrecy::SecretString;
use tokio::time::Instant;

use crate::{
    model::{self, text::clean_line},
    source::clock::WallClock,
};

pub use call::{Answer, Body, Call};
pub use error::HttpError;
use limits::text_header;
use prefetch::Prefetch;

/// How often a redirect is followed.
const REDIRECTS: usize = 5;
/// How often something is asked for in all, where the failure may pass by itself.
const TRIES: usize = 3;
/// Seconds a read waits by itself for a server that asks for patience.
const PATIENCE: i64 = 5;

/// What a request is made with.
#[derive(Debug, Clone)]
pub enum Login {
    Nobody,
    Bearer(SecretString),
    Basic {
        user: String,
        password: SecretString,
    },
    /// A header of the system's own, such as `X-Redmine-API-Key`.
    Header {
        name: &'static str,
        value: SecretString,
    },
}

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    pub timeout: Duration,
    /// The largest body that is read, in bytes, after decompression.
    pub max_body: usize,
    /// A file with further certificates (PEM) to trust.
    pub ca: Option<PathBuf>,
    /// The most requests per minute; 0 for no limit of ours.
    pub rate: u32,
    /// The folder for what a system replaces as it is used, and has to outlive this process: refresh tokens.
    pub kept: Option<PathBuf>,
    /// What the server's clock is measured against.
    pub clock: WallClock,
}

impl HttpOptions {
    /// What holds where nothing else is said.
    #[must_use]
    pub fn by(clock: WallClock) -> Self {
        Self { timeout: Duration::from_secs(30), max_body: 64 << 20, ca: None, rate: 0, kept: None, clock }
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

/// A client for one source: one connection pool, built when first needed.
#[derive(Debug)]
pub struct Http {
    connection: Arc<Connection>,
    prefetch: Mutex<Option<Prefetch>>,
}

/// Where one request after another goes out.
#[derive(Debug)]
struct Connection {
    client: Client,
    options: HttpOptions,
    /// Whether the server tells the reset of its budget in milliseconds.
    millis: bool,
    pace: Mutex<Pace>,
}

/// When the next request may go out, and what the server's clock says.
#[derive(Debug, Default)]
struct Pace {
    next: Option<Instant>,
    skew: Option<i64>,
}

/// How long to wait before the next try; none where there is to be none. `ours` is none after the last try, whatever
/// the server asks for; what it asks for in seconds is kept where it is short, else the business of the sync loop; and
/// within what is left of the time that an answer may take.
fn next_wait(ours: Option<Duration>, asked: Option<i64>, left: Duration) -> Option<Duration> {
    let (ours, asked) = (ours?, asked.unwrap_or(0));
    let wait = Duration::from_secs(asked.unsigned_abs()).max(ours);
    (asked <= PATIENCE && wait < left).then_some(wait)
}

/// One TLS provider for the whole program; a second installation would be an error, so it is asked for once.
pub fn tls_provider() {
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
        let connection = Connection { client, options, millis: false, pace: Mutex::default() };
        Ok(Self { connection: Arc::new(connection), prefetch: Mutex::default() })
    }

    /// The same client for a server that tells the reset of its budget in milliseconds.
    #[must_use]
    pub fn resets_in_milliseconds(mut self) -> Self {
        if let Some(connection) = Arc::get_mut(&mut self.connection) {
            connection.millis = true;
        }
        self
    }

    /// Seconds the server's clock was ahead of ours at its last answer, where it tells its time.
    #[must_use]
    pub fn skew(&self) -> Option<i64> {
        self.connection.pace.lock().unwrap_or_else(PoisonError::into_inner).skew
    }

    /// Asks once, in our turn, and gives the answer whatever its status.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn send(&self, call: Call, login: &Login) -> Result<Answer, HttpError> {
        self.connection.send(call, login).await
    }

    /// Reads: asks up to three times where the failure may pass by itself, no longer than one answer may take, and gives
    /// only a usable answer.
    ///
    /// # Errors
    /// When none came, or its status says no.
    pub async fn read(&self, call: Call, login: &Login) -> Result<Answer, HttpError> {
        self.read_or(call, login, |_| false).await
    }

    /// As [`Self::read`], and gives an answer that says no as it is where the caller understands it.
    ///
    /// # Errors
    /// When none came, or its status says no in a way that is not understood.
    pub async fn read_or(
        &self,
        call: Call,
        login: &Login,
        understood: impl Fn(&Answer) -> bool,
    ) -> Result<Answer, HttpError> {
        let once = || async {
            let answer = match self.prefetched(&call, login).await {
                Some(answer) => answer?,
                None => self.send(call.clone(), login).await?,
            };
            if !understood(&answer) {
                answer.verdict()?;
            }
            Ok(answer)
        };
        let waits = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(Duration::from_millis(200))
            .with_max_times(TRIES - 1);
        let timeout = self.connection.options.timeout;
        let until = Instant::now() + timeout;
        let tries = once.retry(waits).when(HttpError::may_pass).adjust(|error, ours| {
            next_wait(ours, error.retry_after(), until.saturating_duration_since(Instant::now()))
        });
        // The turn before the first try is not of the time an answer may take.
        let longest = timeout + Duration::from_secs(PATIENCE.unsigned_abs());
        match tokio::time::timeout(longest, tries).await {
            Ok(answer) => answer,
            Err(_) => {
                Err(HttpError::Slow { place: place_of(&parse(&call.address)?), seconds: timeout.as_secs() })
            }
        }
    }

    /// Fetches an address unless it is as it was.
    ///
    /// # Errors
    /// For every answer that is neither 200 nor 304, and for every way not to get one.
    pub async fn get(&self, address: &str, login: &Login, known: &Validators) -> Result<Got, HttpError> {
        let url = parse(address)?;
        let place = place_of(&url);
        self.connection.turn(&place).await?;
        let request = login.sign(self.connection.client.get(url).headers(conditions(known)));
        let response = request.send().await.map_err(|error| self.connection.failed(&place, &error))?;
        let now = self.connection.options.clock.now();
        self.connection.heard(response.headers(), now);
        judge(response.status().as_u16(), response.headers(), &place, now)?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Got::Unchanged);
        }
        let validators = validators(response.headers());
        let kind = text_header(response.headers(), "content-type").unwrap_or_default();
        let bytes = self.connection.body(response, &place).await?;
        Ok(Got::Body { bytes, validators, kind })
    }
}

impl Connection {
    async fn send(&self, call: Call, login: &Login) -> Result<Answer, HttpError> {
        let url = parse(&call.address)?;
        let place = place_of(&url);
        self.turn(&place).await?;
        let request = self.client.request(call.method.clone(), url);
        let response = call.fill(request, login).send().await.map_err(|error| self.failed(&place, &error))?;
        let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
        if self.millis {
            limits::millis_to_seconds(&mut headers);
        }
        let heard = self.options.clock.now();
        self.heard(&headers, heard);
        let bytes = self.body(response, &place).await?;
        Ok(Answer { status, headers, bytes, place, heard })
    }

    /// Waits for the turn of the next request; a long wait is an error that says how long.
    async fn turn(&self, place: &str) -> Result<(), HttpError> {
        let now = Instant::now();
        let at = {
            let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
            let at = pace.next.unwrap_or(now).max(now);
            let wait = i64::try_from((at - now).as_secs()).unwrap_or(i64::MAX);
            if wait > PATIENCE {
                let place = place.to_owned();
                return Err(HttpError::Busy { place, status: 429, retry_after: Some(wait) });
            }
            if self.options.rate > 0 {
                pace.next = Some(at + Duration::from_secs(60) / self.options.rate);
            }
            at
        };
        // Even a timer that is due waits for the next look at the clock.
        if at > now {
            tokio::time::sleep_until(at).await;
        }
        Ok(())
    }

    fn heard(&self, headers: &HeaderMap, now: model::Instant) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.skew = limits::skew(headers, now).or(pace.skew);
        if let Some(seconds) = limits::used_up(headers, now) {
            let until = Instant::now() + Duration::from_secs(seconds.unsigned_abs().min(86_400));
            pace.next = Some(pace.next.map_or(until, |next| next.max(until)));
        }
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

/// Tells a usable answer from one that is none.
///
/// # Errors
/// For every status but success and 304.
fn judge(status: u16, headers: &HeaderMap, place: &str, now: model::Instant) -> Result<(), HttpError> {
    let place = place.to_owned();
    match status {
        200..=299 | 304 => Ok(()),
        // Some say 403 when they mean patience.
        403 if limits::used_up(headers, now).is_some() || headers.contains_key(RETRY_AFTER) => {
            Err(HttpError::Busy { place, status, retry_after: limits::retry_after(headers, now) })
        }
        401 | 403 => Err(HttpError::Refused { place, status }),
        404 | 410 => Err(HttpError::Missing { place, status }),
        429 | 503 => Err(HttpError::Busy { place, status, retry_after: limits::retry_after(headers, now) }),
        300..=399 => {
            let target = text_header(headers, "location").and_then(|to| Url::parse(&to).ok());
            let words = target.map_or_else(
                || "a redirect that is not followed".to_owned(),
                |to| {
                    format!(
                        "it moved to {}, which is another host; if that is right, write that address",
                        place_of(&to)
                    )
                },
            );
            Err(HttpError::Status { place, status, words })
        }
        _ => {
            let name = StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason());
            let words = name.unwrap_or("an answer without a name").to_owned();
            Err(HttpError::Status { place, status, words })
        }
    }
}

/// Whether this is a page for people rather than a document for programs.
#[must_use]
pub(super) fn looks_like_html(bytes: &[u8]) -> bool {
    let start: Vec<u8> = bytes.iter().copied().skip_while(u8::is_ascii_whitespace).take(14).collect();
    let start = String::from_utf8_lossy(&start).to_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// The innermost words of an error, without the address it was for.
#[must_use]
pub fn told(error: &reqwest::Error) -> String {
    use std::error::Error;
    let inner = std::iter::successors(error.source(), |&cause| cause.source()).last();
    clean_line(&inner.map_or_else(|| "the request failed".to_owned(), ToString::to_string)).into_owned()
}

#[cfg(test)]
mod tests;
