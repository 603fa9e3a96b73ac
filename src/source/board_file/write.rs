//! Writes a board file: one record per line in the order given, unknown fields back in their places.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::extra;
use crate::model::{
    ApprovalRequest, Board, BoardFile, Change, Comment, Incident, Person, Release, Service, Window,
    extra::Extra,
};

/// A board file as JSON text.
///
/// # Errors
/// Never for a file that was read; the signature is serde's.
pub fn write(file: &BoardFile) -> serde_json::Result<String> {
    write_with_log(file, &[])
}

/// A board file with the events of its log, each as the exact JSON that was hashed.
///
/// # Errors
/// Never for a file that was read; the signature is serde's.
pub fn write_with_log(file: &BoardFile, log: &[String]) -> serde_json::Result<String> {
    let mut parts = vec![format!("  \"version\": {}", file.version)];
    section(&mut parts, "services", &kept(&file.services)?);
    section(&mut parts, "people", &kept(&file.people)?);
    if let Some(boards) = &file.boards {
        list(&mut parts, "boards", &kept(boards)?);
    }
    section(&mut parts, "changes", &kept(&file.changes)?);
    section(&mut parts, "releases", &kept(&file.releases)?);
    section(&mut parts, "windows", &kept(&file.windows)?);
    section(&mut parts, "comments", &kept(&file.comments)?);
    section(&mut parts, "approvals", &kept(&file.approvals)?);
    section(&mut parts, "incidents", &kept(&file.incidents)?);
    if let Some(policies) = &file.policies {
        list(&mut parts, "policies", &plain(policies)?);
    }
    if let Some(templates) = &file.templates {
        list(&mut parts, "templates", &plain(templates)?);
    }
    if let Some(settings) = &file.settings {
        parts.push(format!("  \"settings\": {}", serde_json::to_string(settings)?));
    }
    section(&mut parts, "log", log);
    Ok(format!("{{\n{}\n}}\n", parts.join(",\n")))
}

fn section(parts: &mut Vec<String>, name: &str, rows: &[String]) {
    if !rows.is_empty() {
        list(parts, name, rows);
    }
}

fn list(parts: &mut Vec<String>, name: &str, rows: &[String]) {
    let mut text = format!("  \"{name}\": [");
    for (at, row) in rows.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _infallible = write!(text, "{comma}\n    {row}");
    }
    text.push_str(if rows.is_empty() { "]" } else { "\n  ]" });
    parts.push(text);
}

fn plain<T: Serialize>(rows: &[T]) -> serde_json::Result<Vec<String>> {
    rows.iter().map(serde_json::to_string).collect()
}

fn kept<T: Kept>(rows: &[T]) -> serde_json::Result<Vec<String>> {
    rows.iter().map(record).collect()
}

/// A record that keeps unknown fields.
trait Kept: Serialize + Clone {
    fn extra(&self) -> &Extra;
}

macro_rules! kept {
    ($($name:ident)+) => {$(
        impl Kept for $name {
            fn extra(&self) -> &Extra { &self.extra }
        }
    )+};
}
kept!(Service Person Board Change Release Window Comment ApprovalRequest Incident);

fn record<T: Kept>(record: &T) -> serde_json::Result<String> {
    if record.extra().is_empty() {
        return serde_json::to_string(record);
    }
    let mut value = serde_json::to_value(record)?;
    if let Value::Object(map) = &mut value {
        map.remove("extra");
        extra::restore(map, record.extra());
    }
    serde_json::to_string(&value)
}
