//! What `quorate show --json` prints: one thing whole, by its kind.

use serde::Serialize;

use super::{Activity, Conflict, Tally};
use crate::{
    model::{
        ApprovalRequest, Change, FieldChange, Id, Instant, Person, Release, Revision, Service, SourceId,
        Window,
    },
    wire::{
        Can, ChangeDetail, Comment, Condition, GateAnswer, IncidentView, ReleaseDetail, ServiceView,
        UncheckedRow, WriteRow,
        meeting::QuestionRow,
        release::ReleasePlan,
        service::{Failures, Neighbour, NextWindow},
        tally,
    },
};

/// One thing, whole; `kind` says which.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shown<'a> {
    Change(Box<ShownChange<'a>>),
    Release(Box<ShownRelease<'a>>),
    Window {
        record: &'a Window,
    },
    Service {
        record: &'a Service,
        around: Box<ShownAround<'a>>,
    },
    Incident {
        incident: &'a IncidentView,
    },
    /// Null where the person is named and has no record.
    Person {
        /// The record; none where the person is on the board, but no source has them.
        record: Option<&'a Person>,
    },
}

/// What is around a service: neighbours, windows, work, incidents, and how often its changes fail.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownAround<'a> {
    /// Two hops, each under what it hangs on.
    pub needs: &'a [Neighbour],
    pub needed_by: &'a [Neighbour],
    /// Within two weeks, then those whose time cannot be told.
    pub windows: &'a [NextWindow],
    /// Running and to come, at most 50, by start.
    pub ahead: Vec<Activity>,
    /// How many are running and to come, listed or not.
    pub ahead_count: usize,
    /// Over, at most 50, the newest first.
    pub past: Vec<Activity>,
    /// How many are over, listed or not.
    pub past_count: usize,
    /// At most 50, the newest first.
    pub incidents: &'a [IncidentView],
    /// How many incidents there are, listed or not.
    pub incident_count: usize,
    pub failures: Failures,
}

impl<'a> From<&'a ServiceView> for ShownAround<'a> {
    fn from(view: &'a ServiceView) -> Self {
        Self {
            needs: &view.needs,
            needed_by: &view.needed_by,
            windows: &view.windows,
            ahead: view.ahead.iter().map(Activity::from).collect(),
            ahead_count: view.ahead_count,
            past: view.past.iter().map(Activity::from).collect(),
            past_count: view.past_count,
            incidents: &view.incidents,
            incident_count: view.incident_count,
            failures: view.failures,
        }
    }
}

/// A change with everything about it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownChange<'a> {
    /// As its source has it, in the shape of the board file.
    pub record: &'a Change,
    pub source: &'a SourceId,
    /// What other systems have of the same change.
    pub copies: &'a [Id],
    /// When the source was last read; none was never.
    pub read_at: Option<Instant>,
    pub revision: Revision,
    /// How its last round stands; none where there was no round.
    pub tally: Option<Tally>,
    pub conditions: Vec<Condition>,
    pub conflicts: Vec<Conflict>,
    pub unchecked: &'a [UncheckedRow],
    pub comments: &'a [Comment],
    pub questions: &'a [QuestionRow],
    /// Asked of people in the source.
    pub approvals: &'a [ApprovalRequest],
    /// Writes to the source, oldest first.
    pub writes: &'a [WriteRow],
    pub changed_since_vote: &'a [FieldChange],
    pub gate: &'a GateAnswer,
    /// What who asks may do about it now: each operation with yes, or no and its reason.
    pub can: &'a Can,
}

/// A release with everything about it; its conflicts are those of its phases too.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownRelease<'a> {
    /// As its source has it, in the shape of the board file.
    pub record: &'a Release,
    pub source: &'a SourceId,
    pub revision: Revision,
    /// How its last round stands; none where there was no round.
    pub tally: Option<Tally>,
    pub conditions: Vec<Condition>,
    pub conflicts: Vec<Conflict>,
    /// The changes it carries.
    pub bundle: &'a [Id],
    /// Where it is in its life, whether it is ready, what stands apart from it, its way back.
    pub plan: &'a ReleasePlan,
    pub comments: &'a [Comment],
    pub questions: &'a [QuestionRow],
    pub approvals: &'a [ApprovalRequest],
    pub writes: &'a [WriteRow],
}

fn conditions(tally: Option<&tally::Tally>) -> Vec<Condition> {
    tally.map(|tally| tally.conditions.clone()).unwrap_or_default()
}

impl<'a> From<&'a ChangeDetail> for Shown<'a> {
    fn from(detail: &'a ChangeDetail) -> Self {
        Self::Change(Box::new(ShownChange {
            record: &detail.change,
            source: &detail.source,
            copies: &detail.copies,
            read_at: detail.read_at,
            revision: detail.revision,
            tally: detail.tally.as_deref().map(Tally::from),
            conditions: conditions(detail.tally.as_deref()),
            conflicts: Conflict::rows(&detail.conflicts),
            unchecked: &detail.unchecked,
            comments: &detail.comments,
            questions: &detail.questions,
            approvals: &detail.approvals,
            writes: &detail.writes,
            changed_since_vote: &detail.stale,
            gate: &detail.gate,
            can: &detail.can,
        }))
    }
}

impl<'a> From<&'a ReleaseDetail> for Shown<'a> {
    fn from(detail: &'a ReleaseDetail) -> Self {
        Self::Release(Box::new(ShownRelease {
            record: &detail.release,
            source: &detail.source,
            revision: detail.revision,
            tally: detail.tally.as_deref().map(Tally::from),
            conditions: conditions(detail.tally.as_deref()),
            conflicts: Conflict::rows(&detail.conflicts),
            bundle: &detail.bundle,
            plan: &detail.plan,
            comments: &detail.comments,
            questions: &detail.questions,
            approvals: &detail.approvals,
            writes: &detail.writes,
        }))
    }
}
