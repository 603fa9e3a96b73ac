//! A meeting as screens draw it: agenda with states, focus, stopwatches, who is there, quorum, chair and lease.
//!
//! Times are instants and stopwatches, so that a face counts seconds by itself and a quiet meeting sends nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    documents::{AgendaItem, Decided},
    tally::QuorumState,
};
use crate::ledger::{
    derive::{
        forecast::Forecast,
        since::{RecusalHint, Since},
    },
    fold::{Lease, OpenQuestion, Stopwatch},
    minutes::{ItemResult, Late, News, Recusal},
};
use crate::model::{Id, Instant, Line, Prose, Role, Section, time::MINUTE};

/// How far a meeting has come; `Planned` is not on record yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MeetingPhase {
    Planned,
    Convened,
    Running,
    Paused,
    Ended,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ItemPhase {
    Waiting,
    Skipped,
    Deferred,
    Decided,
}

/// One meeting: planned, on record, running, or ended of late.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeetingRow {
    pub id: Id,
    /// The plan it was convened from; none was convened by hand.
    pub plan: Option<Id>,
    pub name: Line,
    pub board: Id,
    pub emergency: bool,
    pub phase: MeetingPhase,
    /// When it is planned for.
    pub start: Instant,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    /// When it was started; none was not.
    pub started_at: Option<Instant>,
    /// When it ended; none while it goes on.
    pub ended_at: Option<Instant>,
    /// Who holds the chair, and until when without another act of theirs.
    pub lease: Option<Lease>,
    /// Who acts in chair seats, in order: the chair, then the deputies.
    pub chairs: Vec<Id>,
    /// The item the meeting is at; none is between items.
    pub focus: Option<Id>,
    /// Seconds it ran, pauses left out.
    pub clock: Stopwatch,
    /// In order; before it started as it would be sealed now.
    pub agenda: Vec<AgendaRow>,
    /// Items that only a recorded act of the chair lets in.
    pub late: Vec<AgendaItem>,
    /// The hash of the agenda at the start, in hex; none before the start.
    pub agenda_hash: Option<String>,
    /// Members in the order of the board, then guests.
    pub people: Vec<MeetingPerson>,
    /// Members that are here against members needed.
    pub quorum: QuorumState,
    /// Of how many members.
    pub members: u32,
    /// Before it started.
    pub forecast: Option<Forecast>,
    /// When the minutes were issued; none where they are not yet.
    pub minutes_issued: Option<Instant>,
    /// How often issued minutes were amended.
    pub amendments: u32,
}

/// One line of an agenda.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgendaRow {
    pub agenda: AgendaItem,
    pub phase: ItemPhase,
    /// What became of it; none before the meeting started.
    pub result: Option<ItemResult>,
    pub clock: Stopwatch,
    /// Who put it on the agenda after the start, and why; none was on it before.
    pub late: Option<Late>,
    /// Whether the presenter was there; none where nobody said.
    pub presenter: Option<bool>,
    /// Who took it out of consent, so that it was talked about; none was in it, or never up for it.
    pub pulled_out_by: Option<Line>,
    pub decisions: Vec<Decided>,
    /// What it became meanwhile: cancelled, begun, edited … in the order of time.
    #[serde(default)]
    pub news: Vec<News>,
    pub recusals: Vec<Recusal>,
    /// Voters who might step out, besides those the rules remove.
    pub recusal_hints: Vec<RecusalHint>,
    /// Voters of the item that are here or have voted, against votes needed; none where no vote is open.
    pub quorum: Option<QuorumState>,
    /// Voters who have not voted, in the order of the board, and whether they are here.
    pub waiting: Vec<(Id, bool)>,
    /// What is new since who looks last opened it; none when they never did.
    pub since: Option<Since>,
    /// Who has opened it as it is now.
    pub readers: Vec<Id>,
    /// Questions to the owner without an answer.
    pub open_questions: Vec<QuestionRow>,
}

/// A question to the owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionRow {
    /// Its number in the item, from 1.
    pub number: u32,
    pub at: Instant,
    pub by: Line,
    pub text: Prose,
    /// What was answered; none where nothing was yet.
    pub answer: Option<Prose>,
    /// When it was answered, and by whom.
    #[serde(default)]
    pub answered_at: Option<Instant>,
    /// Who answered; none where nobody did yet.
    #[serde(default)]
    pub answered_by: Option<Line>,
}

impl From<&OpenQuestion> for QuestionRow {
    fn from(question: &OpenQuestion) -> Self {
        let answer = question.answer.as_ref();
        Self {
            number: question.number,
            at: question.at,
            by: question.by.clone(),
            text: question.text.clone(),
            answer: answer.map(|(_, _, text)| text.clone()),
            answered_at: answer.map(|(at, ..)| *at),
            answered_by: answer.map(|(_, by, _)| by.clone()),
        }
    }
}

/// Somebody of the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeetingPerson {
    pub person: Id,
    /// The seat they sit in, as the board names it; none is a seat without a name.
    pub seat: Option<Line>,
    /// None for a guest.
    pub role: Option<Role>,
    /// Whose seat they act in as a delegate.
    pub acts_for: Option<Id>,
    pub member: bool,
    pub here: bool,
    /// The chair said so, not their session.
    pub marked: bool,
    /// Since when they are here, or gone.
    pub since: Option<Instant>,
    /// Of a connected session: until when it is believed without another word.
    pub until: Option<Instant>,
    /// They said that they are away at its time.
    pub away: bool,
}

/// Work that began by break-glass; never an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GlassRow {
    pub item: Id,
    pub incident: Line,
    pub agreed: Vec<Line>,
    pub channel: Line,
    pub claimed_at: Instant,
    pub entered_at: Instant,
    pub by: Line,
    pub reason: Prose,
    pub due: Instant,
    /// None while the board has not said.
    pub ratified: Option<bool>,
}

impl MeetingRow {
    /// Started and not ended.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self.phase, MeetingPhase::Running | MeetingPhase::Paused)
    }

    /// The line of an item on the agenda; `None` where it is not on it.
    #[must_use]
    pub fn row(&self, item: &Id) -> Option<&AgendaRow> {
        self.agenda.iter().find(|row| row.agenda.item == *item)
    }

    /// The line that the meeting is at; `None` before its start and after its end.
    #[must_use]
    pub fn focused(&self) -> Option<&AgendaRow> {
        self.focus.as_ref().and_then(|item| self.row(item))
    }

    /// Items that are talked about or decided by consent; listed ones are not counted.
    pub fn counted(&self) -> impl Iterator<Item = &AgendaRow> {
        self.agenda.iter().filter(|row| row.agenda.section != Section::Listed)
    }

    /// Says on each line what is new to one person.
    pub fn mark_since(&mut self, since: &BTreeMap<Id, Since>) {
        for row in self.agenda.iter_mut().filter(|row| row.agenda.section != Section::Listed) {
            row.since = since.get(&row.agenda.item).cloned();
        }
    }

    /// `item 3 of 9`: the place of the focus, from 1.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        let at = self.counted().position(|row| Some(&row.agenda.item) == self.focus.as_ref());
        (at.map_or(0, |at| at + 1), self.counted().count())
    }

    /// What comes after the item in focus, in order.
    pub fn ahead(&self) -> impl Iterator<Item = &AgendaRow> {
        let at = self.agenda.iter().position(|row| Some(&row.agenda.item) == self.focus.as_ref());
        let rest = self.agenda.iter().skip(at.map_or(0, |at| at + 1));
        rest.filter(|row| row.phase == ItemPhase::Waiting && row.agenda.section != Section::Listed)
    }

    /// When it ends if every item that waits takes the minutes it is given.
    #[must_use]
    pub fn projected_end(&self, now: Instant) -> Option<Instant> {
        if !self.is_on() {
            return None;
        }
        let left = |row: &AgendaRow| (i64::from(row.agenda.minutes) * MINUTE - row.clock.at(now)).max(0);
        let waiting = self.agenda.iter().filter(|row| row.phase == ItemPhase::Waiting);
        Some(now.plus(waiting.map(left).sum()))
    }

    /// Who is here and has a vote in the meeting's quorum.
    pub fn here(&self) -> impl Iterator<Item = &MeetingPerson> {
        self.people.iter().filter(|person| person.here)
    }
}

impl AgendaRow {
    /// Seconds over the minutes it is given; negative while some are left.
    #[must_use]
    pub fn over(&self, now: Instant) -> i64 {
        self.clock.at(now) - i64::from(self.agenda.minutes) * MINUTE
    }
}
