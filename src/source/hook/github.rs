//! GitHub: `deployment_status` and `workflow_run`.

use serde_json::Value;

use super::{Fact, line, text, time, trailer};
use crate::model::{
    Line,
    hook::{HookFact, HookWord},
};

/// The fact of a body; in the other result why it is none.
///
/// # Errors
/// When it is no event of GitHub.
pub fn fact(body: &Value) -> Result<Fact, String> {
    if !body.is_object() {
        return Err("it is no event of GitHub".to_owned());
    }
    if body.get("deployment_status").is_some() {
        return Ok(deployment(body));
    }
    if body.get("workflow_run").is_some_and(Value::is_object) {
        return Ok(workflow(body));
    }
    // A ping, and whatever else is sent to this address: answered, and not taken.
    Ok(Err("it is neither a deployment_status nor a workflow_run of GitHub".to_owned()))
}

fn deployment(body: &Value) -> Fact {
    let status = &body["deployment_status"];
    let word = match text(status, &["state"]) {
        Some("in_progress") => HookWord::Started,
        Some("success") => HookWord::Finished,
        Some("failure" | "error") => HookWord::Failed,
        other => {
            return Err(format!(
                "a deployment that is {} is no news of a run",
                other.unwrap_or("without a state")
            ));
        }
    };
    let at = text(status, &["updated_at"]).or(text(status, &["created_at"])).and_then(time);
    let payload = &body["deployment"]["payload"];
    let texts = [
        line(status, &["description"]),
        line(body, &["deployment", "description"]),
        line(body, &["deployment", "ref"]),
        line(body, &["workflow_run", "display_title"]),
    ];
    Ok(HookFact {
        word,
        at,
        workflow: line(body, &["workflow", "name"])
            .or(line(body, &["deployment", "task"]))
            .unwrap_or_else(|| Line::new("deployment")),
        environment: line(status, &["environment"]).or(line(body, &["deployment", "environment"])),
        named: line(payload, &["change"]),
        texts: texts.into_iter().flatten().collect(),
        url: line(status, &["log_url"]).or(line(status, &["target_url"])),
        pattern: None,
    })
}

fn workflow(body: &Value) -> Fact {
    let run = &body["workflow_run"];
    let (status, conclusion) = (text(run, &["status"]), text(run, &["conclusion"]));
    let word = match (status, conclusion) {
        (Some("in_progress"), _) => HookWord::Started,
        (Some("completed"), Some("success")) => HookWord::Finished,
        (Some("completed"), Some("failure" | "timed_out" | "cancelled" | "startup_failure")) => {
            HookWord::Failed
        }
        (status, conclusion) => {
            let what = conclusion.or(status).unwrap_or("without a status");
            return Err(format!("a workflow run that is {what} is no news of a run"));
        }
    };
    let at = match word {
        HookWord::Started => text(run, &["run_started_at"]),
        HookWord::Finished | HookWord::Failed | HookWord::RolledBack => text(run, &["updated_at"]),
    };
    let texts = [line(run, &["display_title"]), line(run, &["head_branch"])];
    Ok(HookFact {
        word,
        at: at.and_then(time),
        workflow: line(run, &["name"]).unwrap_or_else(|| Line::new("workflow")),
        environment: None,
        named: text(run, &["head_commit", "message"]).and_then(trailer),
        texts: texts.into_iter().flatten().collect(),
        url: line(run, &["html_url"]),
        pattern: None,
    })
}
