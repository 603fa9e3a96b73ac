//! The page of the board at a secret address: no script, no form, nothing from elsewhere, and a policy that says so.

use std::sync::{Arc, LazyLock};

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::NaiveDate;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Addresses, Via, api, guarded, later, nothing, odd, path};
use crate::{
    model::{Id, Shows, Token},
    report::page::{self, Page},
    wire::{Answer, ProblemKind, Question, Snapshot},
};

/// What a browser may do with the page: show it, in the style that it brings, and nothing else.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(page::STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
});

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The first day of a calendar.
    from: Option<String>,
    /// Of an item.
    id: Option<String>,
}

/// The board as an address shows it, and the token by which it does.
struct Opened {
    token: Token,
    board: Arc<Snapshot>,
    base: String,
}

impl Opened {
    /// # Errors
    /// The answer that says no.
    async fn new(addresses: &Addresses, secret: &str, via: Via) -> Result<Self, Response> {
        let (token, _) = addresses.opened(secret, via.clone()).await?;
        if token.shows != Some(Shows::Page) {
            return Err(nothing(via).await);
        }
        let board = addresses.loaded().map_err(|problem| later(&problem))?;
        Ok(Self { token, board, base: format!("{}/{secret}", path::PAGE) })
    }

    fn page(&self, addresses: &Addresses) -> Page<'_> {
        Page { board: &self.board, base: &self.base, drawn: addresses.board.clock.now() }
    }
}

/// The page with its policy; `whose` is its address.
fn shown(headers: &HeaderMap, whose: &str, text: String) -> Response {
    let mut response = guarded(api::tagged(headers, whose, text.into_bytes(), "text/html; charset=utf-8"));
    if let Some(policy) = &*POLICY {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    }
    response
}

/// What goes on, comes, waits and clashes.
pub async fn board(
    State(addresses): State<Addresses>,
    Path(secret): Path<String>,
    via: Via,
    headers: HeaderMap,
) -> Response {
    match Opened::new(&addresses, &secret, via).await {
        Ok(opened) => shown(&headers, &secret, page::board(&opened.page(&addresses))),
        Err(response) => response,
    }
}

/// Seven days.
pub async fn calendar(
    State(addresses): State<Addresses>,
    Path(secret): Path<String>,
    Query(asked): Query<Asked>,
    via: Via,
    headers: HeaderMap,
) -> Response {
    let from = asked.from.and_then(|from| from.parse::<NaiveDate>().ok());
    match Opened::new(&addresses, &secret, via).await {
        Ok(opened) => shown(&headers, &secret, page::calendar(&opened.page(&addresses), from)),
        Err(response) => response,
    }
}

/// A change or a release, as whoever has no seat is told of it.
pub async fn item(
    State(addresses): State<Addresses>,
    Path(secret): Path<String>,
    Query(asked): Query<Asked>,
    via: Via,
    headers: HeaderMap,
) -> Response {
    let answer = async {
        let opened = Opened::new(&addresses, &secret, via.clone()).await?;
        let Some(id) = asked.id.and_then(|id| Id::new(&id).ok()) else { return Err(nothing(via).await) };
        let actor = addresses.actor(&opened.token);
        let page = opened.page(&addresses);
        match addresses.board.question(actor, Question::Detail { id }).await {
            Ok(Answer::Change(detail)) => Ok(page::change(&page, &detail)),
            Ok(Answer::Release(detail)) => Ok(page::release(&page, &detail)),
            Ok(_) => Err(later(&odd())),
            Err(problem) if problem.kind == ProblemKind::NotFound => Err(nothing(None).await),
            Err(problem) => Err(later(&problem)),
        }
    };
    match answer.await {
        Ok(text) => shown(&headers, &secret, text),
        Err(response) => response,
    }
}
