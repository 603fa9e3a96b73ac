//! Webhooks of pipelines as facts (source § Webhooks): GitHub, GitLab, and CloudEvents with the vocabulary of CDEvents.
//!
//! A body is read as the sender documents it; what it does not say is not guessed. Who sent it is proved on the raw bytes, in
//! constant time, before anything of it is read.

mod cdevents;
mod github;
mod gitlab;
mod pattern;
mod proof;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::model::{
    Instant, Line,
    hook::{Delivery, HookFact},
};

pub use crate::model::hook::HookKind;
pub use pattern::Pattern;
pub use proof::{Forged, prove};

/// A request as it came: the headers that matter, and the raw body.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    /// By their names in lower case.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

impl Raw<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What a body comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    Told(Box<Delivery>),
    /// It is no news of a run, and why.
    Nothing(String),
}

/// Reads a delivery; what it is about is said by itself, else by the patterns of its hook.
///
/// # Errors
/// When the body is not what its sender documents, in one sentence.
pub fn read(hook: &str, kind: HookKind, raw: Raw<'_>, patterns: &[Pattern]) -> Result<Read, String> {
    let body: Value =
        serde_json::from_slice(raw.body).map_err(|error| format!("the body is no JSON: {error}"))?;
    let (id, fact) = match kind {
        HookKind::Github => (raw.header("x-github-delivery").map(str::to_owned), github::fact(&body)?),
        HookKind::Gitlab => (gitlab::id(raw), gitlab::fact(&body)?),
        HookKind::Cloudevents => {
            let event = cdevents::event(raw, body)?;
            (Some(event.id()), event.fact()?)
        }
    };
    Ok(match fact {
        Ok(fact) => Read::Told(Box::new(Delivery {
            hook: Line::new(hook),
            id: Line::new(&id.unwrap_or_default()),
            sha256: Line::new(&hex(&Sha256::digest(raw.body))),
            fact: pattern::applied(patterns, fact),
        })),
        Err(why) => Read::Nothing(why),
    })
}

/// Whose webhook a body is, by its shape; for files on disk, which have no headers.
#[must_use]
pub fn guess(body: &[u8]) -> Option<HookKind> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let has = |key: &str| body.get(key).is_some();
    if has("object_kind") {
        Some(HookKind::Gitlab)
    } else if has("deployment_status") || has("workflow_run") {
        Some(HookKind::Github)
    } else if has("specversion") || has("context") {
        Some(HookKind::Cloudevents)
    } else {
        None
    }
}

/// A fact, or why the body is none.
type Fact = Result<HookFact, String>;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A text at a path of keys; nothing where it is empty or no text.
fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    let at = path.iter().try_fold(value, |value, key| value.get(key))?;
    at.as_str().map(str::trim).filter(|text| !text.is_empty())
}

fn line(value: &Value, path: &[&str]) -> Option<Line> {
    text(value, path).map(Line::new)
}

/// A time as RFC 3339, or as GitLab writes it: `2021-04-28 21:50:00 +0200`, `2016-08-12 15:23:28 UTC`.
fn time(text: &str) -> Option<Instant> {
    let loose = || {
        let text = text.replace(" UTC", " +0000");
        let at = chrono::DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S %z").ok()?;
        Some(Instant::from_secs(at.timestamp()))
    };
    text.parse().ok().or_else(loose)
}

/// The change that a trailer of a message names: `Change: CHG42` on a line of its own; none where it names several.
fn trailer(message: &str) -> Option<Line> {
    let mut named = message.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case("change").then(|| value.trim()).filter(|value| !value.is_empty())
    });
    let first = named.next()?;
    named.all(|other| other == first).then(|| Line::new(first))
}

#[cfg(test)]
mod tests;
