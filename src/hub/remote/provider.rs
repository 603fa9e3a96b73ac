//! A provider of OpenID Connect, as client and service ask it: where its endpoints are, and what it grants.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, Url};
use serde::Deserialize;

use crate::{
    config::{SecretString, is_private},
    model::{Instant, text::clean_line},
    source::http::told,
    wire::{Problem, ProblemKind},
};

/// Bytes of an answer.
const LARGEST: usize = 1 << 20;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a provider is asked for what.
#[derive(Debug, Clone, Deserialize)]
pub struct Discovered {
    pub issuer: String,
    pub jwks_uri: String,
    pub token_endpoint: Option<String>,
    pub device_authorization_endpoint: Option<String>,
    pub revocation_endpoint: Option<String>,
}

/// What is granted: an identity, and what renews it.
#[derive(Debug, Deserialize)]
pub struct Granted {
    pub id_token: SecretString,
    pub refresh_token: Option<SecretString>,
}

/// What a provider says instead of granting (RFC 6749, 5.2; RFC 8628, 3.5).
#[derive(Debug, Deserialize)]
pub struct Refusal {
    pub error: String,
    #[serde(default)]
    error_description: String,
}

/// An answer of a provider to what asks for tokens.
#[derive(Debug)]
pub enum Told<T> {
    Granted(T),
    Refused(Refusal),
}

impl Refusal {
    /// In words; what a provider says is text of others.
    pub fn words(&self) -> String {
        let said = if self.error_description.is_empty() { &self.error } else { &self.error_description };
        clean_line(said).into_owned()
    }
}

fn unreachable(place: &str, why: &str) -> Problem {
    Problem::new(ProblemKind::Unreachable, format!("{place}: {why}"))
        .hint("ask whoever runs the provider; `ca` names further certificates to trust")
}

impl Discovered {
    /// Asks an issuer where its endpoints are.
    ///
    /// # Errors
    /// When it cannot be asked, calls itself otherwise, or would have something said that could be read on its way.
    pub async fn of(http: &Client, issuer: &str) -> Result<Self, Problem> {
        if !Url::parse(issuer).is_ok_and(|url| is_private(&url)) {
            return Err(unreachable(issuer, "what it says could be read on its way: it needs https"));
        }
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let sent = http.get(&url).timeout(PATIENCE).send().await;
        let response =
            sent.and_then(reqwest::Response::error_for_status).map_err(|e| unreachable(issuer, &told(&e)))?;
        let body = small(response).await.map_err(|why| unreachable(issuer, &why))?;
        let found: Self = serde_json::from_slice(&body).map_err(|error| {
            unreachable(issuer, &format!("what it says of itself cannot be read: {error}"))
        })?;
        if found.issuer != issuer {
            let other = clean_line(&found.issuer).into_owned();
            return Err(unreachable(issuer, &format!("it calls itself {other}")));
        }
        let endpoints =
            [&found.token_endpoint, &found.device_authorization_endpoint, &found.revocation_endpoint];
        let endpoints = endpoints.into_iter().flatten();
        for endpoint in endpoints.chain([&found.jwks_uri]) {
            if !Url::parse(endpoint).is_ok_and(|url| is_private(&url)) {
                return Err(unreachable(issuer, "one of its endpoints could be read on the way"));
            }
        }
        Ok(found)
    }
}

/// The body of an answer that is not too long.
///
/// # Errors
/// When it is, or breaks off.
pub async fn small(mut response: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| told(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            return Err("its answer is too long".to_owned());
        }
    }
    Ok(body)
}

/// Sends a form to an endpoint.
///
/// # Errors
/// When it cannot be asked, or its answer is none.
pub async fn post<T: serde::de::DeserializeOwned>(
    http: &Client,
    endpoint: &str,
    form: &[(&str, &str)],
) -> Result<Told<T>, Problem> {
    let sent = http.post(endpoint).timeout(PATIENCE).form(form).send().await;
    let response = sent.map_err(|error| unreachable(endpoint, &told(&error)))?;
    let status = response.status();
    let body = small(response).await.map_err(|why| unreachable(endpoint, &why))?;
    if status.is_success() {
        // What came is not shown: it holds secrets.
        return serde_json::from_slice(&body)
            .map(Told::Granted)
            .map_err(|_| unreachable(endpoint, "what it grants cannot be read"));
    }
    serde_json::from_slice(&body)
        .map(Told::Refused)
        .map_err(|_| unreachable(endpoint, &format!("it answered {status}")))
}

/// Tells an endpoint that a refresh token is good for nothing any more (RFC 7009).
///
/// # Errors
/// When it cannot be told, or says no.
pub async fn revoke(http: &Client, endpoint: &str, client_id: &str, token: &str) -> Result<(), Problem> {
    let form = [("token", token), ("token_type_hint", "refresh_token"), ("client_id", client_id)];
    let sent = http.post(endpoint).timeout(PATIENCE).form(&form).send().await;
    let response = sent.map_err(|error| unreachable(endpoint, &told(&error)))?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err(unreachable(endpoint, &format!("it answered {status}"))),
    }
}

/// When an identity ends, as it says itself: the service judges, this only says when to ask for another.
#[must_use]
pub fn end_of(id_token: &str) -> Option<Instant> {
    #[derive(Deserialize)]
    struct Ends {
        exp: i64,
    }
    let payload = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Ends>(&payload).ok().map(|ends| Instant::from_secs(ends.exp))
}
