//! The answer that says no: problem details (RFC 9457), whoever says it.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    hub::protocol::OTHER_COMMAND,
    wire::{Problem, ProblemKind},
};

/// Problem details (RFC 9457), with the words, the kind and the exit code that the command line has.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProblemDocument<'a> {
    /// `urn:quorate:problem:` and the kind.
    #[serde(rename = "type")]
    about: String,
    status: u16,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// As the command line ends.
    exit_code: u8,
    #[serde(flatten)]
    problem: &'a Problem,
}

/// The answer that says no.
pub fn refusal(problem: &Problem) -> Response {
    let status = match problem.kind {
        _ if problem.title == OTHER_COMMAND => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemKind::No => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemKind::Invalid => StatusCode::BAD_REQUEST,
        ProblemKind::NotFound => StatusCode::NOT_FOUND,
        ProblemKind::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        ProblemKind::NotAllowed => StatusCode::FORBIDDEN,
        ProblemKind::Changed => StatusCode::CONFLICT,
    };
    refusal_as(status, problem)
}

/// The answer that says no with another status.
pub fn refusal_as(status: StatusCode, problem: &Problem) -> Response {
    let kind = serde_json::to_value(problem.kind).ok();
    let kind = kind.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    let document = ProblemDocument {
        about: format!("urn:quorate:problem:{kind}"),
        status: status.as_u16(),
        detail: problem.hint.as_deref(),
        exit_code: problem.kind.exit_code(),
        problem,
    };
    let mut response = (status, Json(document)).into_response();
    let json = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
