//! The minutes of a meeting as data: made from the fold of the log alone, put on the log when they are issued.
//!
//! How they read on paper is `report`'s work. The same log always gives the same minutes.

mod result;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    event::{AgendaItem, CloseCause, Named},
    fold::{AgendaLine, Fold, Meeting, Stay},
};
use crate::model::{Id, Instant, Line, Prose, Role, Section, time::MINUTE};

pub use crate::model::Verdict;
pub use result::{ItemResult, Then};

/// The minutes of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Minutes {
    pub meeting: Id,
    pub name: Line,
    pub board: Id,
    pub emergency: bool,
    /// When it was planned for.
    pub planned: Instant,
    pub started_at: Instant,
    pub ended_at: Option<Instant>,
    /// Seconds it ran, pauses left out.
    pub seconds: i64,
    pub paused_seconds: i64,
    /// Who was in the chair, from when on.
    pub chairs: Vec<Chaired>,
    pub attendance: Vec<Attendee>,
    /// Members who were never there.
    pub absent: Vec<Id>,
    pub quorum: Attended,
    /// Hex SHA-256 of the agenda as it was sealed.
    pub agenda_hash: String,
    pub items: Vec<MinuteItem>,
    /// Approved by template, listed and not discussed.
    pub listed: Vec<AgendaItem>,
    /// Actions given in this meeting.
    pub actions: Vec<Action>,
    /// Actions of earlier meetings that are still open.
    pub carried: Vec<Action>,
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
    pub need: u32,
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MinuteItem {
    pub agenda: AgendaItem,
    pub result: ItemResult,
    /// Seconds in focus, pauses left out.
    pub seconds: i64,
    pub late: Option<Late>,
    pub presenter: Option<bool>,
    pub pulled_out_by: Option<Line>,
    pub decisions: Vec<Decided>,
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Decided {
    pub at: Instant,
    pub by: Line,
    pub round: u32,
    pub verdict: Verdict,
    /// The arithmetic, spelled out.
    pub line: String,
    pub cause: CloseCause,
    pub reason: Option<Prose>,
    /// Rejections, and those of earlier rounds that still stood.
    pub objections: Vec<Remark>,
    /// Whose votes the chair entered.
    pub roll_call: Vec<Id>,
    /// Members who had no vote on it, being tied to it.
    #[serde(default)]
    pub tied: Vec<Id>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Conditioned {
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
    pub text: Option<Prose>,
}

/// Something to be done, by whom and until when; carried from meeting to meeting until it is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Action {
    pub number: u32,
    pub text: Prose,
    pub owner: Id,
    pub due: Option<NaiveDate>,
    pub item: Option<Id>,
    pub meeting: Option<Id>,
    pub at: Instant,
    pub by: Line,
    pub closed: Option<ActionClosing>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActionClosing {
    pub at: Instant,
    pub by: Line,
    pub note: Option<Prose>,
}

/// The minutes of a meeting as the log stands; `head` is the hash of its newest event. `None` before it started.
#[must_use]
pub fn minutes(fold: &Fold, meeting: &Meeting, head: &str) -> Option<Minutes> {
    let sealed = meeting.sealed.as_ref()?;
    let end = meeting.ended_at.unwrap_or(meeting.last_at);
    let seconds = meeting.clock.at(end);
    let discussed = |entry: &&AgendaLine| entry.agenda.section != Section::Listed;
    let of_meeting = |action: &&Action| action.meeting.as_ref() == Some(&meeting.id);
    let actions = || fold.actions.values().map(|action| &**action);
    let carried = sealed.actions.iter().filter_map(|number| fold.actions.get(number));
    let mut minutes = Minutes {
        meeting: meeting.id.clone(),
        name: meeting.name.clone(),
        board: meeting.board.clone(),
        emergency: meeting.emergency,
        planned: meeting.start,
        started_at: sealed.at,
        ended_at: meeting.ended_at,
        seconds,
        paused_seconds: (end - sealed.at - seconds).max(0),
        chairs: meeting.chairs.clone(),
        attendance: attendance(meeting),
        absent: sealed.members.iter().filter(|m| !meeting.presence.contains_key(*m)).cloned().collect(),
        quorum: quorum(meeting, sealed.at, end),
        agenda_hash: sealed.hash.clone(),
        items: meeting.agenda.iter().filter(discussed).map(|entry| item(entry, end)).collect(),
        listed: meeting
            .agenda
            .iter()
            .filter(|entry| !discussed(entry))
            .map(|entry| entry.agenda.clone())
            .collect(),
        actions: actions().filter(of_meeting).cloned().collect(),
        carried: carried.filter(|a| a.closed.is_none()).map(|action| Action::clone(action)).collect(),
        names: Vec::new(),
        events: fold.n,
        head: head.to_owned(),
    };
    let named = minutes.people();
    let known = meeting.names.iter().filter(|(person, _)| named.contains(person.as_str()));
    minutes.names =
        known.map(|(person, name)| Named { person: person.clone(), name: name.clone() }).collect();
    Some(minutes)
}

impl Minutes {
    /// Everybody these minutes name, by id or by the name an event was signed with; nobody else's name goes into them.
    fn people(&self) -> BTreeSet<&str> {
        let here = self.attendance.iter().map(|who| &who.person).chain(&self.absent);
        let chairs = self.chairs.iter().map(|chair| &chair.person);
        let owners = self.actions.iter().chain(&self.carried).map(|action| &action.owner);
        let mut people: BTreeSet<&str> = here.chain(chairs).chain(owners).map(Id::as_str).collect();
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

fn item(entry: &AgendaLine, end: Instant) -> MinuteItem {
    MinuteItem {
        agenda: entry.agenda.clone(),
        result: entry.result(),
        seconds: entry.clock.at(end),
        late: entry.late.clone(),
        presenter: entry.presenter,
        pulled_out_by: entry.pulled_out_by.clone(),
        decisions: entry.decisions.clone(),
        conditions: entry.conditions.clone(),
        recusals: entry.recusals.clone(),
        remarks: entry.remarks.clone(),
        news: entry.news.clone(),
    }
}

/// Members in the order of the board, then guests.
fn attendance(meeting: &Meeting) -> Vec<Attendee> {
    let members = meeting.sealed.iter().flat_map(|sealed| &sealed.members);
    let guests = meeting.presence.keys().filter(|person| !meeting.is_member(person));
    members
        .chain(guests)
        .filter_map(|person| {
            let presence = meeting.presence.get(person)?;
            let seat = meeting.seats.iter().find(|seat| seat.person == *person);
            Some(Attendee {
                person: person.clone(),
                role: seat.map(|seat| seat.role),
                seat: seat.and_then(|seat| seat.seat.clone()),
                marked: presence.marked,
                stays: presence.stays.clone(),
            })
        })
        .collect()
}

/// Walks through everybody's coming and going while the meeting ran.
fn quorum(meeting: &Meeting, from: Instant, to: Instant) -> Attended {
    let (need, of) = meeting.quorum_of();
    let inside = |stay: &Stay, at: Instant| stay.from <= at && stay.to.is_none_or(|to| at < to);
    let here = |at: Instant| {
        let members = meeting.presence.iter().filter(|(person, _)| meeting.is_member(person));
        members.filter(|(_, presence)| presence.stays.iter().any(|stay| inside(stay, at))).count()
    };
    let edges = meeting.presence.values().flat_map(|p| p.stays.iter().flat_map(|s| [Some(s.from), s.to]));
    let mut edges: Vec<Instant> = edges.flatten().filter(|at| from < *at && *at < to).chain([from]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut most = 0;
    let mut lost: Vec<Stay> = Vec::new();
    for (at, edge) in edges.iter().enumerate() {
        let until = edges.get(at + 1).copied().unwrap_or(to);
        let count = u32::try_from(here(*edge)).unwrap_or(u32::MAX);
        most = most.max(count);
        if count >= need {
            continue;
        }
        match lost.last_mut() {
            Some(last) if last.to == Some(*edge) => last.to = Some(until),
            Some(_) | None => lost.push(Stay { from: *edge, to: Some(until) }),
        }
    }
    // People come in one after the other: what is over within a minute is summed up, and not listed.
    let mut brief = 0;
    lost.retain(|stay| {
        let length = stay.to.map(|to| to - stay.from);
        let short = length.filter(|length| *length < MINUTE);
        brief += short.unwrap_or(0);
        short.is_none()
    });
    Attended { need, of, most, lost, brief: u32::try_from(brief).unwrap_or(u32::MAX) }
}
