//! Webhooks of pipelines: `POST /v1/hooks/NAME`. Who sends one is proved on the raw body; nobody needs a credential beside that.
//!
//! A replay is answered as the first one was, and changes nothing. What a body is not news of is answered too, so that its
//! sender does not try again.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use super::board::{Board, refusal, refusal_as};
use crate::{
    config::{ExposeSecret, HookSettings, SecretString},
    model::{Line, hook::LOGIN},
    source::hook::{HookKind, Pattern, Raw, Read, prove, read},
    wire::{Actor, Command, Known, Problem, ProblemKind},
};

/// The hooks of a board, by name.
pub type Hooks = Arc<BTreeMap<String, Hook>>;

/// A hook with its secret.
#[derive(Debug)]
pub struct Hook {
    kind: HookKind,
    secret: SecretString,
    patterns: Vec<Pattern>,
}

/// The hooks of the settings, with their secrets fetched.
///
/// # Errors
/// When a secret cannot be had, or a pattern cannot be read.
pub fn fetched(settings: &BTreeMap<String, HookSettings>) -> Result<Hooks, Problem> {
    let mut hooks = BTreeMap::new();
    for (name, set) in settings {
        let failed = |why: String| {
            Problem::new(ProblemKind::Invalid, format!("serve.hooks.{name}: {why}"))
                .hint("name its secret by secret_command, secret_file or secret_env")
        };
        let secret =
            set.secret(|name| std::env::var(name).ok()).map_err(|error| failed(error.to_string()))?;
        let secret = secret.ok_or_else(|| failed("it has no secret".to_owned()))?;
        let patterns = set.patterns.iter().map(Pattern::new).collect::<Result<_, _>>().map_err(|why| {
            Problem::new(ProblemKind::Invalid, format!("serve.hooks.{name}: {why}"))
                .hint("`quorate hook test FILE` says which pattern takes a delivery")
        })?;
        hooks.insert(name.clone(), Hook { kind: set.kind, secret, patterns });
    }
    Ok(Arc::new(hooks))
}

/// Takes a delivery.
pub async fn take(
    State((board, hooks)): State<(Board, Hooks)>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(hook) = hooks.get(&name) else {
        return refusal(&Problem::new(ProblemKind::NotFound, "there is no such hook"));
    };
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: Vec<(String, String)> = headers.iter().filter_map(text).collect();
    let raw = Raw { headers: &headers, body: &body };
    if let Err(forged) = prove(hook.kind, hook.secret.expose_secret(), raw, board.clock.now()) {
        tracing::warn!(hook = %name, why = forged.0, "a delivery is not believed");
        let problem =
            Problem::new(ProblemKind::NotAllowed, format!("this delivery is not believed: {}", forged.0));
        return refusal_as(StatusCode::UNAUTHORIZED, &problem);
    }
    match read(&name, hook.kind, raw, &hook.patterns) {
        Err(why) => refusal(&Problem::new(ProblemKind::Invalid, why)),
        Ok(Read::Nothing(why)) => said(&why),
        Ok(Read::Told(delivery)) => {
            let mut digest = Sha256::new();
            // The same delivery is the same command: a replay finds the receipt of the first.
            digest.update(format!("hook {name} {} {}", delivery.id, delivery.sha256));
            let mut id = [0; 16];
            id.copy_from_slice(&digest.finalize()[..16]);
            let login = Line::new(&format!("{LOGIN}{name}"));
            let actor = Actor { person: None, login, via: None, known: Known::Verified };
            match board.submit(id, actor, Command::Hook { delivery }).await {
                Ok(receipt) => said(&receipt.said),
                Err(problem) => refusal(&problem),
            }
        }
    }
}

fn said(what: &str) -> Response {
    Json(serde_json::json!({"said": what})).into_response()
}
