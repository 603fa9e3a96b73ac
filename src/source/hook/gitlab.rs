//! GitLab: the deployment and the pipeline event.

use serde_json::Value;

use super::{Fact, Raw, line, text, time, trailer};
use crate::model::{
    Line,
    hook::{HookFact, HookWord},
};

/// The sender's id of a delivery: that of a signed webhook, else the one that stays over its tries.
pub fn id(raw: Raw<'_>) -> Option<String> {
    let names = ["webhook-id", "idempotency-key", "x-gitlab-event-uuid"];
    names.iter().find_map(|name| raw.header(name)).map(str::to_owned)
}

/// The fact of a body; in the other result why it is none.
///
/// # Errors
/// When it is neither of the events that are read.
pub fn fact(body: &Value) -> Result<Fact, String> {
    match text(body, &["object_kind"]) {
        Some("deployment") => Ok(deployment(body)),
        Some("pipeline") => Ok(pipeline(body)),
        Some(other) => Ok(Err(format!("a {other} event of GitLab is no news of a run"))),
        None => Err("it has no object_kind, which every event of GitLab has".to_owned()),
    }
}

fn word(status: Option<&str>) -> Result<HookWord, String> {
    match status {
        Some("running") => Ok(HookWord::Started),
        Some("success") => Ok(HookWord::Finished),
        Some("failed" | "canceled") => Ok(HookWord::Failed),
        other => Err(format!("what is {} is no news of a run", other.unwrap_or("without a status"))),
    }
}

fn deployment(body: &Value) -> Fact {
    let texts = [line(body, &["commit_title"]), line(body, &["ref"])];
    Ok(HookFact {
        word: word(text(body, &["status"]))?,
        at: text(body, &["status_changed_at"]).and_then(time),
        workflow: line(body, &["project", "path_with_namespace"]).unwrap_or_else(|| Line::new("deployment")),
        environment: line(body, &["environment"]),
        named: None,
        texts: texts.into_iter().flatten().collect(),
        url: line(body, &["deployable_url"]),
        pattern: None,
    })
}

fn pipeline(body: &Value) -> Fact {
    let run = &body["object_attributes"];
    let word = word(text(run, &["status"]))?;
    let at = match word {
        HookWord::Started => text(run, &["created_at"]),
        HookWord::Finished | HookWord::Failed | HookWord::RolledBack => text(run, &["finished_at"]),
    };
    let variable = run["variables"].as_array().into_iter().flatten().find_map(|variable| {
        let key = text(variable, &["key"])?;
        key.eq_ignore_ascii_case("change").then(|| line(variable, &["value"])).flatten()
    });
    let texts = [line(run, &["name"]), line(body, &["commit", "title"]), line(run, &["ref"])];
    Ok(HookFact {
        word,
        at: at.and_then(time),
        workflow: line(run, &["name"])
            .or(line(body, &["project", "path_with_namespace"]))
            .unwrap_or_else(|| Line::new("pipeline")),
        environment: None,
        named: variable.or(text(body, &["commit", "message"]).and_then(trailer)),
        texts: texts.into_iter().flatten().collect(),
        url: line(run, &["url"]),
        pattern: None,
    })
}
