//! Logging in where there is no browser (RFC 8628): a code is shown here, typed there, and asked for until it was.

use std::time::Duration;

use reqwest::Client;
use serde::Deserialize;

use super::provider::{Discovered, Granted, Told, post};
use crate::{
    config::{ExposeSecret, SecretString},
    hub::protocol::Issuer,
    wire::{Problem, ProblemKind},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Seconds between two asks where the provider says none, and by how many more each time it asks for patience.
const INTERVAL: u64 = 5;
/// No code is waited for longer.
const LONGEST: u64 = 1800;

/// What a provider answers to who wants to log in.
#[derive(Debug, Deserialize)]
pub struct Asked {
    device_code: SecretString,
    pub user_code: String,
    pub verification_uri: String,
    pub verification_uri_complete: Option<String>,
    pub expires_in: u64,
    #[serde(default)]
    interval: Option<u64>,
}

/// Begins to log in.
///
/// # Errors
/// When the provider does not do this, or says no.
pub async fn ask(http: &Client, found: &Discovered, at: &Issuer) -> Result<Asked, Problem> {
    let Some(endpoint) = &found.device_authorization_endpoint else {
        let why = format!("{} lets nobody log in without a browser", at.issuer);
        return Err(Problem::new(ProblemKind::Invalid, why)
            .hint("its administrator turns on the device authorization grant for this client"));
    };
    let form = [("client_id", at.client_id.as_str()), ("scope", at.scope.as_str())];
    match post::<Asked>(http, endpoint, &form).await? {
        Told::Granted(asked) => Ok(asked),
        Told::Refused(refusal) => {
            Err(Problem::new(ProblemKind::NotAllowed, format!("{} says no: {}", at.issuer, refusal.words())))
        }
    }
}

/// Asks until the code was typed, no faster than the provider wants.
///
/// # Errors
/// When it was refused, ran out, or the provider cannot be asked.
pub async fn granted(
    http: &Client,
    found: &Discovered,
    at: &Issuer,
    asked: &Asked,
) -> Result<Granted, Problem> {
    let Some(endpoint) = &found.token_endpoint else {
        return Err(Problem::new(
            ProblemKind::Invalid,
            format!("{} names no endpoint for tokens", at.issuer),
        ));
    };
    let over = || {
        Problem::new(ProblemKind::No, "the code ran out before it was typed").hint("log in again for another")
    };
    let mut interval = asked.interval.unwrap_or(INTERVAL).clamp(1, 60);
    let mut left = asked.expires_in.min(LONGEST);
    let form = [
        ("grant_type", GRANT),
        ("device_code", asked.device_code.expose_secret()),
        ("client_id", at.client_id.as_str()),
    ];
    loop {
        left = left.checked_sub(interval).ok_or_else(over)?;
        tokio::time::sleep(Duration::from_secs(interval)).await;
        let refusal = match post::<Granted>(http, endpoint, &form).await {
            Ok(Told::Granted(granted)) => return Ok(granted),
            Ok(Told::Refused(refusal)) => refusal,
            // What breaks off for a moment is asked again, ever more slowly (RFC 8628, 3.5).
            Err(problem) if problem.kind == ProblemKind::Unreachable && left > interval => {
                tracing::warn!(%problem, "asked again");
                interval = (interval * 2).min(60);
                continue;
            }
            Err(problem) => return Err(problem),
        };
        match refusal.error.as_str() {
            "authorization_pending" => {}
            "slow_down" => interval += INTERVAL,
            "expired_token" => return Err(over()),
            "access_denied" => return Err(Problem::new(ProblemKind::No, "the login was refused")),
            _ => {
                let why = format!("{} says no: {}", at.issuer, refusal.words());
                return Err(Problem::new(ProblemKind::NotAllowed, why));
            }
        }
    }
}
