//! What was said about an item in the system that owns it: comments, and approvals asked of people there.
//!
//! They are records of that system, shown in time order with the board's own; the board's own are events.

use serde::{Deserialize, Serialize};

use super::{
    extra::Extra,
    id::Id,
    text::{Line, Prose},
    time::Instant,
    word::{Word, vocabulary},
};

vocabulary! {
    /// What became of an approval asked of somebody. Unknown counts as neither yes nor no.
    ApprovalAnswer, "answer" {
        Requested = "requested", Approved = "approved", Rejected = "rejected", Abstained = "abstained",
        Cancelled = "cancelled", NotRequired = "not_required", NotSent = "not_sent",
    }
}

/// A comment made in a source. Its id is `ITEM#NATIVE`, see [`Id::under`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comment {
    pub id: Id,
    pub item: Id,
    /// The author as the source names them; matched to people when shown.
    #[serde(default, skip_serializing_if = "Line::is_empty")]
    pub author: Line,
    pub at: Instant,
    #[serde(default)]
    pub text: Prose,
    /// Not shown to requesters there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// Fields quorate does not know, kept as they were.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub extra: Extra,
}

/// An approval asked of one person or group in a source. Its id is `ITEM#NATIVE`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApprovalRequest {
    pub id: Id,
    pub item: Id,
    /// Who is asked, as the source names them: a login, an e-mail address, or a display name.
    #[serde(default, skip_serializing_if = "Line::is_empty")]
    pub approver: Line,
    /// Their group, where a group is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Line>,
    /// The step or level it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Line>,
    #[serde(default)]
    pub answer: Word<ApprovalAnswer>,
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub comment: Prose,
    /// When the source asked; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Instant>,
    /// When it was answered; none waits, or the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Instant>,
    /// Fields quorate does not know, kept as they were.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub extra: Extra,
}

impl Comment {
    /// What somebody wrote in a source: `native` is its id there, and the comment's own is made of both.
    #[must_use]
    pub fn new(item: &Id, native: &str, author: &str, at: Instant, text: &str) -> Self {
        Self {
            id: item.under(native),
            item: item.clone(),
            author: Line::new(author),
            at,
            text: Prose::new(text),
            internal: false,
            extra: Extra::default(),
        }
    }
}

impl ApprovalRequest {
    /// What a source asked somebody to answer: `native` is its id there, and the request's own is made of both.
    #[must_use]
    pub fn new(item: &Id, native: &str, approver: &str, answer: Word<ApprovalAnswer>) -> Self {
        Self {
            id: item.under(native),
            item: item.clone(),
            approver: Line::new(approver),
            group: None,
            step: None,
            answer,
            comment: Prose::default(),
            asked_at: None,
            answered_at: None,
            extra: Extra::default(),
        }
    }
}
