//! A server over real HTTP that stands for a system: strict about what it is asked, with faults on order.
//!
//! It answers by a function, or stands in front of a real server and passes on what it is asked. Faults are taken from
//! a queue, each for the next request that fits it.
#![allow(dead_code, reason = "each system uses its part")]

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, Response, StatusCode},
};
use futures::StreamExt as _;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    /// Decoded, in order.
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What goes wrong, once each.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This answer instead; the request does not reach the system.
    Instead(Reply),
    /// Nothing for so long, then the answer.
    Slow(Duration),
    /// The connection ends after the headers and half of the body.
    Truncated,
    /// The connection ends without an answer; the request does not reach the system.
    Cut,
    /// The system does what it was asked, then the connection ends without an answer.
    DoneThenCut,
    /// The page of the request before is answered again.
    Repeated,
    /// The server's clock is so many seconds ahead of ours.
    Skewed(i64),
    /// A body of so many bytes.
    Huge(usize),
}

type Handler = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;
type Fits = Box<dyn Fn(&Asked) -> bool + Send>;

#[derive(Default)]
struct State {
    faults: VecDeque<(Fits, Fault)>,
    seen: Vec<Asked>,
    before: Option<Reply>,
    skew: Option<i64>,
}

/// A server on a port of its own; it ends with this value.
pub struct Fake {
    pub url: String,
    state: Arc<Mutex<State>>,
    _end: tokio::sync::oneshot::Sender<()>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The fields of a form.
    pub fn form(&self) -> Vec<(String, String)> {
        pairs(&String::from_utf8_lossy(&self.body))
    }

    pub fn is_write(&self) -> bool {
        self.method != Method::GET && self.method != Method::HEAD
    }
}

impl Reply {
    pub fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type".into(), kind.into())], body: body.into() }
    }

    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl Fake {
    /// A server that answers by a function.
    pub fn answering(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(Arc::new(handler))
    }

    /// A server in front of another, such as a real one.
    pub fn before(target: &str) -> Self {
        let target = target.trim_end_matches('/').to_owned();
        let client = reqwest_client();
        Self::start(Arc::new(move |asked: &Asked| {
            let query: String = form_urlencoded(&asked.query);
            let url = if query.is_empty() {
                format!("{target}{}", asked.path)
            } else {
                format!("{target}{}?{query}", asked.path)
            };
            let (method, mut headers, body) =
                (asked.method.clone(), asked.headers.clone(), asked.body.clone());
            for gone in ["host", "content-length", "connection", "accept-encoding"] {
                headers.remove(gone);
            }
            let client = client.clone();
            // A thread of its own: this one serves.
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async move {
                    let answer =
                        client.request(method, url).headers(headers).body(body).send().await.unwrap();
                    let status = answer.status().as_u16();
                    let keep =
                        |name: &str| !matches!(name, "transfer-encoding" | "content-length" | "connection");
                    let headers = answer
                        .headers()
                        .iter()
                        .filter(|(name, _)| keep(name.as_str()))
                        .map(|(name, value)| {
                            (name.to_string(), value.to_str().unwrap_or_default().to_owned())
                        })
                        .collect();
                    Reply { status, headers, body: answer.bytes().await.unwrap().to_vec() }
                })
            })
            .join()
            .unwrap()
        }))
    }

    fn start(handler: Handler) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let (tell, told) = mpsc::channel::<SocketAddr>();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let app = axum::Router::new().fallback(move |request: axum::extract::Request| {
                    let (handler, state) = (Arc::clone(&handler), Arc::clone(&shared));
                    async move { serve(request, handler, state).await }
                });
                let serving = axum::serve(listener, app);
                tokio::select! { _ = serving => {}, _ = ended => {} }
            });
            runtime.shutdown_background();
        });
        let address = told.recv().unwrap();
        Self { url: format!("http://{address}"), state, _end: end }
    }

    /// The next request that fits goes wrong like this.
    pub fn fault(&self, fits: impl Fn(&Asked) -> bool + Send + 'static, fault: Fault) {
        self.state.lock().unwrap().faults.push_back((Box::new(fits), fault));
    }

    /// Faults that nothing has met yet.
    pub fn faults_left(&self) -> usize {
        self.state.lock().unwrap().faults.len()
    }

    pub fn no_more_faults(&self) {
        let mut state = self.state.lock().unwrap();
        state.faults.clear();
        state.skew = None;
    }

    /// Everything that was asked so far.
    pub fn seen(&self) -> Vec<Asked> {
        self.state.lock().unwrap().seen.clone()
    }

    pub fn forget(&self) {
        self.state.lock().unwrap().seen.clear();
    }
}

async fn serve(
    request: axum::extract::Request,
    handler: Handler,
    state: Arc<Mutex<State>>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let asked = Asked {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: pairs(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body,
    };
    let (fault, skew, before) = {
        let mut state = state.lock().unwrap();
        state.seen.push(asked.clone());
        let at = state.faults.iter().position(|(fits, _)| fits(&asked));
        let fault = at.and_then(|at| state.faults.remove(at)).map(|(_, fault)| fault);
        if let Some(Fault::Skewed(seconds)) = fault {
            state.skew = Some(seconds);
        }
        (fault, state.skew, state.before.clone())
    };
    let call = || async {
        let (handler, asked) = (Arc::clone(&handler), asked.clone());
        tokio::task::spawn_blocking(move || handler(&asked)).await.unwrap()
    };
    let reply = match fault {
        Some(Fault::Instead(reply)) => reply,
        Some(Fault::Cut) => return broken(Vec::new()),
        Some(Fault::DoneThenCut) => {
            call().await;
            return broken(Vec::new());
        }
        Some(Fault::Truncated) => {
            let mut whole = call().await.body;
            whole.truncate(whole.len() / 2);
            return broken(whole);
        }
        Some(Fault::Slow(length)) => {
            tokio::time::sleep(length).await;
            call().await
        }
        Some(Fault::Repeated) => match before {
            Some(before) => before,
            None => call().await,
        },
        Some(Fault::Huge(bytes)) => Reply::new(200, "application/json", vec![b' '; bytes]),
        Some(Fault::Skewed(_)) | None => call().await,
    };
    if !asked.is_write() {
        state.lock().unwrap().before = Some(reply.clone());
    }
    respond(reply, skew)
}

fn respond(reply: Reply, skew: Option<i64>) -> Response<Body> {
    let mut response = Response::builder().status(StatusCode::from_u16(reply.status).unwrap());
    if let Some(skew) = skew {
        let at = chrono::Utc::now() + chrono::TimeDelta::seconds(skew);
        response = response.header("date", at.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    }
    for (name, value) in reply.headers.iter().filter(|(name, _)| skew.is_none() || name != "date") {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}

/// An answer that breaks off: more was announced than comes.
fn broken(start: Vec<u8>) -> Response<Body> {
    let pieces = futures::stream::iter(vec![
        Ok(Bytes::from(start)),
        Err(std::io::Error::other("the connection is cut")),
    ]);
    Response::builder()
        .status(200)
        .header("content-type", "application/json")
        .body(Body::from_stream(pieces.boxed()))
        .unwrap()
}

fn reqwest_client() -> reqwest::Client {
    // Plain HTTP to this machine only; the provider is asked for all the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

fn pairs(query: &str) -> Vec<(String, String)> {
    reqwest::Url::parse(&format!("http://x/?{query}"))
        .unwrap()
        .query_pairs()
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

fn form_urlencoded(pairs: &[(String, String)]) -> String {
    let mut url = reqwest::Url::parse("http://x/").unwrap();
    if pairs.is_empty() {
        return String::new();
    }
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}

/// What a person sees of Markdown: escapes resolved, tags of HTML gone.
pub fn rendered(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(char::is_ascii_punctuation) => out.extend(chars.next()),
            '\\' => {}
            '<' => while chars.next().is_some_and(|c| c != '>') {},
            '*' | '_' | '`' => {}
            c => out.push(c),
        }
    }
    out
}

/// The header of basic authentication.
pub fn basic(user: &str, password: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
