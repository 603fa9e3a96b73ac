//! The minutes of a meeting as data, put on the log when they are issued. `minute_taking` makes them.
//!
//! How they read on paper is `report`'s work. The same log always gives the same minutes.

mod result;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    agenda_item::{AgendaItem, Named, NotReady, OnAgenda},
    run_record::RunRecord,
};
use crate::{
    model::{CloseCause, Id, Instant, Line, Prose, Role, RoundOutcome},
    rules::approval::line::Arithmetic,
};

pub use crate::model::Verdict;
pub use result::{ItemResult, Then};

/// From when until when; without an end still so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stay {
    pub from: Instant,
    /// Until when; none goes on.
    pub to: Option<Instant>,
}

/// The minutes of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Minutes"))]
#[serde(deny_unknown_fields)]
pub struct Minutes<N = NotReady, W = OnAgenda, L = ClosedLine> {
    pub meeting: Id,
    pub name: Line,
    pub board: Id,
    pub emergency: bool,
    /// When it was planned for.
    pub planned: Instant,
    pub started_at: Instant,
    /// When it ended; none while it goes on.
    pub ended_at: Option<Instant>,
    /// Seconds it ran, pauses left out.
    pub seconds: i64,
    /// Seconds for which the meeting paused.
    pub paused_seconds: i64,
    /// Who was in the chair, from when on.
    pub chairs: Vec<Chaired>,
    pub attendance: Vec<Attendee>,
    /// Members who were never there.
    pub absent: Vec<Id>,
    pub quorum: Attended,
    /// Hex SHA-256 of the agenda as it was sealed.
    pub agenda_hash: String,
    pub items: Vec<MinuteItem<N, W, L>>,
    /// Approved by template, listed and not discussed.
    pub listed: Vec<AgendaItem<N, W>>,
    /// Actions given in this meeting.
    pub actions: Vec<Action>,
    /// Actions of earlier meetings that are still open.
    pub carried: Vec<Action>,
    /// What was carried out since the meeting before, the first to end first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunRecord>,
    /// What the people named here are called, as the log took it down; by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Named>,
    /// The number and hash of the newest event these minutes were made from.
    pub events: u64,
    pub head: String,
}

/// Who was in the chair, from when on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Chaired {
    pub person: Id,
    pub from: Instant,
}

/// Somebody who was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attendee {
    pub person: Id,
    /// The role of their own seat; none for a guest or a delegate.
    pub role: Option<Role>,
    /// The seat they sit in, as the board names it; none is a seat without a name.
    pub seat: Option<Line>,
    /// Whether the chair marked them, rather than their own session.
    pub marked: bool,
    pub stays: Vec<Stay>,
}

/// The quorum of the meeting, and when it was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attended {
    /// How many are needed.
    pub need: u32,
    /// Out of how many seats.
    pub of: u32,
    /// The most members that were there at once.
    pub most: u32,
    /// While it ran and too few were there, for a minute or more.
    pub lost: Vec<Stay>,
    /// Seconds in all of what was shorter than that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub brief: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(seconds: &u32) -> bool {
    *seconds == 0
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "MinuteItem"))]
#[serde(deny_unknown_fields)]
pub struct MinuteItem<N = NotReady, W = OnAgenda, L = ClosedLine> {
    pub agenda: AgendaItem<N, W>,
    pub result: ItemResult,
    /// Seconds in focus, pauses left out.
    pub seconds: i64,
    /// Who put it on the agenda after the start, and why; none was on it before.
    pub late: Option<Late>,
    /// Whether the presenter was there; none where nobody said.
    pub presenter: Option<bool>,
    /// Who took it out of consent, so that it was talked about; none was in it, or never up for it.
    pub pulled_out_by: Option<Line>,
    pub decisions: Vec<Decided<L>>,
    pub conditions: Vec<Conditioned>,
    pub recusals: Vec<Recusal>,
    pub remarks: Vec<Remark>,
    /// What it became meanwhile, in the order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub news: Vec<News>,
}

/// Something that happened to an item while it was before the meeting, besides what the board decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct News {
    pub at: Instant,
    pub became: Became,
}

/// What an item became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Became {
    Cancelled,
    /// In its own system.
    Rejected,
    Closed,
    /// Deleted in its own system.
    Gone,
    Started,
    /// In its own system.
    Approved,
    /// None of these any more: it is to be decided again.
    Back,
    /// Edited materially: which fields, and the new start where it moved.
    Edited {
        fields: Vec<String>,
        /// When it is to begin; none where nobody said.
        start: Option<Instant>,
    },
    /// Its approval holds no longer.
    Lapsed,
}

impl Became {
    /// Whether nothing is left to decide.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Self::Cancelled | Self::Rejected | Self::Closed | Self::Gone => true,
            Self::Started | Self::Approved | Self::Back | Self::Edited { .. } | Self::Lapsed => false,
        }
    }
}

/// How an item entered that was not on the sealed agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Late {
    pub at: Instant,
    pub by: Line,
    pub reason: Prose,
}

/// A round that closed while the item was before the meeting, or a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Decided"))]
#[serde(deny_unknown_fields)]
pub struct Decided<L = ClosedLine> {
    pub at: Instant,
    pub by: Line,
    /// Which round of the item, from 1.
    pub round: u32,
    pub verdict: Verdict,
    /// The arithmetic; spelled out where it is shown.
    pub line: L,
    pub cause: CloseCause,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
    /// Rejections, and those of earlier rounds that still stood.
    pub objections: Vec<Remark>,
    /// Whose votes the chair entered.
    pub roll_call: Vec<Id>,
    /// Members who had no vote on it, being tied to it.
    #[serde(default)]
    pub tied: Vec<Id>,
}

/// How a round closed that minutes tell of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClosedLine {
    Counted {
        outcome: RoundOutcome,
        count: Arithmetic,
    },
    /// A sentence of an earlier program, as it was written.
    #[serde(untagged)]
    Said(String),
}

impl<L> Decided<L> {
    /// The same decision, with its arithmetic put in other terms.
    #[must_use]
    pub fn told<M>(&self, line: impl Fn(&L) -> M) -> Decided<M> {
        Decided {
            at: self.at,
            by: self.by.clone(),
            round: self.round,
            verdict: self.verdict,
            line: line(&self.line),
            cause: self.cause,
            reason: self.reason.clone(),
            objections: self.objections.clone(),
            roll_call: self.roll_call.clone(),
            tied: self.tied.clone(),
        }
    }
}

/// A condition that was set while the item was talked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Conditioned {
    /// Its number in the item, from 1.
    pub number: u32,
    pub text: Prose,
    pub owner: Id,
}

/// Somebody who stepped out of an item, or was asked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recusal {
    pub person: Id,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
    /// Proposed, and not followed so far.
    pub proposed: bool,
}

/// What somebody said about an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Remark {
    pub by: Line,
    /// What was said; none where only that something was said is kept.
    pub text: Option<Prose>,
}

/// Something to be done, by whom and until when; carried from meeting to meeting until it is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Its number in the item, from 1.
    pub number: u32,
    pub text: Prose,
    pub owner: Id,
    /// The day by which it is to be done, in the board's zone; none has no day.
    pub due: Option<NaiveDate>,
    /// The item it is about; none where it is about none.
    pub item: Option<Id>,
    /// The meeting in which it was; none is outside of any.
    pub meeting: Option<Id>,
    pub at: Instant,
    pub by: Line,
    /// How it was done with; none is open.
    pub closed: Option<ActionClosing>,
}

/// How an action was done with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActionClosing {
    pub at: Instant,
    pub by: Line,
    /// What came of it; none where nothing was said.
    pub note: Option<Prose>,
}

impl<N, W, L> Minutes<N, W, L> {
    /// Everybody these minutes name, by id or by the name an event was signed with; nobody else's name goes into them.
    pub(super) fn people(&self) -> BTreeSet<&str> {
        let here = self.attendance.iter().map(|who| &who.person).chain(&self.absent);
        let chairs = self.chairs.iter().map(|chair| &chair.person);
        let owners = self.actions.iter().chain(&self.carried).map(|action| &action.owner);
        let mut people: BTreeSet<&str> = here.chain(chairs).chain(owners).map(Id::as_str).collect();
        for run in &self.runs {
            people.extend(run.by.iter().map(|by| by.as_str()));
            people.extend(run.holds.iter().map(|hold| hold.by.as_str()));
            let steps = run.failed.iter().chain(&run.skipped).chain(&run.turned_back);
            people.extend(steps.map(|one| one.by.as_str()));
        }
        for item in &self.items {
            people.extend(item.conditions.iter().map(|condition| condition.owner.as_str()));
            people.extend(item.recusals.iter().map(|recusal| recusal.person.as_str()));
            people.extend(item.remarks.iter().map(|remark| remark.by.as_str()));
            people.extend(item.late.iter().map(|late| late.by.as_str()));
            for decided in &item.decisions {
                people.extend(decided.tied.iter().chain(&decided.roll_call).map(Id::as_str));
                people.extend(decided.objections.iter().map(|remark| remark.by.as_str()));
                people.insert(decided.by.as_str());
            }
        }
        people
    }
}
