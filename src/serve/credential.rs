//! The layer of the network: who sends a request, by the bearer token that it shows. Nothing else of a request is believed.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::{
    COMMAND, REQUEST,
    board::{refusal, refusal_as},
    caller::{By, Caller, no_credential},
    limits::{Connection, Limits},
    oidc::Providers,
    tokens::Tokens,
};
use crate::{
    hub::{bearer, protocol::path},
    wire::{Problem, ProblemKind},
};

/// How long the body of a request may take, and that of a command, which may be a file that is imported.
const BODY: Duration = Duration::from_secs(15);
const LONG_BODY: Duration = Duration::from_secs(120);

/// What credentials are checked by.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub tokens: Arc<Tokens>,
    pub providers: Arc<Providers>,
    pub limits: Arc<Limits>,
}

/// Puts who sends a request beside it; whoever shows no credential that holds comes no further.
pub async fn verified(State(known): State<Credentials>, mut request: Request, next: Next) -> Response {
    let connection = request.extensions().get::<Arc<Connection>>().cloned();
    let caller = match bearer_of(request.headers()) {
        Ok(shown) => known.caller(shown).await,
        Err(problem) => Err(problem),
    };
    let caller = match caller {
        Ok(caller) => caller,
        Err(problem) => return refused(&problem, connection).await,
    };
    let who = match &caller.by {
        By::Person(person) => person.to_string(),
        By::Login(login) => login.clone(),
    };
    if let Some(Err(problem)) = connection.as_ref().map(|connection| connection.known(&who)) {
        let mut response = refusal_as(StatusCode::TOO_MANY_REQUESTS, &problem);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    }
    if let Err(problem) = known.limits.request(&who, std::time::Instant::now()) {
        let mut response = refusal_as(StatusCode::TOO_MANY_REQUESTS, &problem);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    }
    request.extensions_mut().insert(caller);
    match read(request).await {
        Ok(request) => next.run(request).await,
        Err(response) => response,
    }
}

impl Credentials {
    async fn caller(&self, shown: &str) -> Result<Caller, Problem> {
        match bearer::read(shown) {
            Some((id, sha256)) => self.tokens.caller(&id, &sha256).await,
            // Three parts: what a provider signed.
            None if shown.matches('.').count() == 2 => self.providers.caller(shown).await,
            None => Err(no_credential("this is no token of this board")),
        }
    }
}

/// What a request shows: one credential, as a bearer.
fn bearer_of(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (all.next(), all.next()) else {
        return Err(no_credential("this board wants to know who you are"));
    };
    let shown = one.to_str().ok().and_then(|text| text.split_once(' '));
    match shown {
        Some((scheme, shown)) if scheme.eq_ignore_ascii_case("bearer") => Ok(shown.trim()),
        Some(_) | None => Err(no_credential("this board takes bearer tokens")),
    }
}

/// Says no, the later the more often this connection was wrong.
async fn refused(problem: &Problem, connection: Option<Arc<Connection>>) -> Response {
    let mut last = false;
    if let Some(connection) = connection {
        let (wait, end) = connection.wrong();
        last = end;
        tokio::time::sleep(wait).await;
    }
    // What cannot be told now is no wrong credential.
    if problem.kind == ProblemKind::Unreachable {
        return refusal(problem);
    }
    let mut response = refusal_as(StatusCode::UNAUTHORIZED, problem);
    let headers = response.headers_mut();
    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"quorate\""));
    if last {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The request with its whole body, which must come in time and be no longer than it may.
async fn read(request: Request) -> Result<Request, Response> {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let (most, patience) =
        if parts.uri.path() == path::COMMANDS { (COMMAND, LONG_BODY) } else { (REQUEST, BODY) };
    match timeout(patience, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(_)) => Err((StatusCode::PAYLOAD_TOO_LARGE, [(header::CONNECTION, "close")]).into_response()),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response()),
    }
}
