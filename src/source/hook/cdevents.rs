//! CloudEvents, structured or binary, with the vocabulary of CDEvents: services and pipeline runs.

use serde_json::Value;

use super::{Fact, Raw, line, text, time};
use crate::model::{
    Line,
    hook::{HookFact, HookWord},
};

/// A CDEvent, with what the envelope says of it.
pub struct Event {
    source: String,
    id: String,
    kind: String,
    time: Option<String>,
    body: Value,
}

/// The event of a request: structured, binary, or a bare CDEvent.
///
/// # Errors
/// When it has no type.
pub fn event(raw: Raw<'_>, body: Value) -> Result<Event, String> {
    let structured = body.get("data").is_some_and(Value::is_object) && body.get("context").is_none();
    let own = |key: &str| text(&body, &[key]).filter(|_| structured).map(str::to_owned);
    let said = |key: &str, header: &str, context: &str| {
        let header = raw.header(header).map(str::to_owned);
        let context = || text(&body, &["context", context]).map(str::to_owned);
        own(key).or(header).or_else(context)
    };
    let kind = said("type", "ce-type", "type").ok_or("it has no type, which every CloudEvent has")?;
    let source = said("source", "ce-source", "source").unwrap_or_default();
    let id = said("id", "ce-id", "id").unwrap_or_default();
    let time = said("time", "ce-time", "timestamp");
    let body = if structured { body["data"].clone() } else { body };
    Ok(Event { source, id, kind, time, body })
}

impl Event {
    /// Unique by source and id.
    pub fn id(&self) -> String {
        if self.id.is_empty() { String::new() } else { format!("{} {}", self.source, self.id) }
    }

    /// `dev.cdevents.SUBJECT.PREDICATE.VERSION`, whatever the version.
    ///
    /// # Errors
    /// When it is not of CDEvents.
    pub fn fact(&self) -> Result<Fact, String> {
        let mut parts = self
            .kind
            .strip_prefix("dev.cdevents.")
            .ok_or_else(|| format!("{} is not of the vocabulary of CDEvents", Line::new(&self.kind)))?
            .split('.');
        let (subject, predicate) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let content = &self.body["subject"]["content"];
        let word = match (subject, predicate) {
            ("service", "deployed" | "upgraded") => HookWord::Finished,
            ("service", "rolledback") => HookWord::RolledBack,
            ("pipelinerun" | "pipelineRun" | "taskrun" | "taskRun", "started") => HookWord::Started,
            ("pipelinerun" | "pipelineRun" | "taskrun" | "taskRun", "finished") => {
                match text(content, &["outcome"]) {
                    Some("success") => HookWord::Finished,
                    Some(_) => HookWord::Failed,
                    None => return Ok(Err("a run that finished without an outcome says nothing".to_owned())),
                }
            }
            _ => return Ok(Err(format!("{subject} {predicate} is no news of a run"))),
        };
        let texts = [line(content, &["artifactId"]), line(&self.body, &["subject", "id"])];
        let name = line(content, &["pipelineName"]).or(line(content, &["taskName"]));
        Ok(Ok(HookFact {
            word,
            at: self.time.as_deref().and_then(time),
            workflow: name.or(line(&self.body, &["subject", "id"])).unwrap_or_else(|| Line::new(subject)),
            environment: line(content, &["environment", "id"]),
            named: line(&self.body, &["customData", "change"]),
            texts: texts.into_iter().flatten().collect(),
            url: line(content, &["uri"]).or(line(content, &["url"])),
            pattern: None,
        }))
    }
}
