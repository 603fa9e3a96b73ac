//! One meeting as the log knows it: agenda, focus, timers, who is there, who is in the chair, what was decided.
//!
//! Timers come from the times of events alone, so that any process at any moment reads the same ones. How each
//! event changes it stands in `taking`.

mod item_history;
mod taking;

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    ledger::{
        event::AgendaItem,
        minutes::{
            Became, Chaired, Conditioned, Decided, ItemResult, Late, Minutes, News, Recusal, Remark, Stay,
            Then, Verdict,
        },
    },
    model::{Id, Instant, Line, Prose, Quorum, Revision, Role, Seat, time::MINUTE},
    rules::approval::count::quorum_need,
};

/// How far a meeting has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MeetingState {
    /// On record, its agenda still open.
    Convened,
    Running,
    Paused,
    Ended,
}

/// A meeting.
#[derive(Debug, Clone, PartialEq)]
pub struct Meeting {
    pub id: Id,
    /// The plan it was convened from; none was convened by hand.
    pub plan: Option<Id>,
    pub name: Line,
    pub board: Id,
    pub emergency: bool,
    /// When it was planned for; of an emergency when it was convened.
    pub start: Instant,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    pub seats: Arc<[Seat]>,
    pub quorum: Quorum,
    /// Minutes for which the chair's word holds without a sign of life.
    pub lease_minutes: u32,
    pub convened_at: Instant,
    pub convened_by: Line,
    pub state: MeetingState,
    /// The chair's order before the agenda was sealed: item, and what it comes before.
    pub placed: Vec<(Id, Option<Id>)>,
    /// Items that members asked for, the newest last.
    pub pulled: Vec<Pulled>,
    /// The agenda as it was at the start; none before the start.
    pub sealed: Option<Arc<Sealed>>,
    pub agenda: Vec<AgendaLine>,
    /// Late items let in before the agenda was sealed.
    pub let_in: Vec<(Id, Late)>,
    /// The item the meeting is at; none is between items.
    pub focus: Option<Id>,
    pub clock: Stopwatch,
    /// The chair and until when they hold it; none before it started.
    pub lease: Option<Lease>,
    pub chairs: Vec<Chaired>,
    pub presence: BTreeMap<Id, Presence>,
    /// What people are called, as far as the log has come to know them here.
    pub names: BTreeMap<Id, Line>,
    /// When it ended; none while it goes on.
    pub ended_at: Option<Instant>,
    /// The number of the event that sealed the agenda.
    pub sealed_n: u64,
    /// The time of the newest event.
    pub last_at: Instant,
    /// The minutes as they were issued; none where they are not yet.
    pub minutes: Option<Arc<Issued>>,
    pub amendments: Vec<Amendment>,
}

/// What the start of a meeting fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub at: Instant,
    pub hash: String,
    /// The people who act in chair and voting seats.
    pub members: Vec<Id>,
    /// Board actions that were open, by number.
    pub actions: Vec<u32>,
}

/// An item that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    pub item: Id,
    pub at: Instant,
    pub by: Line,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
}

/// One line of a sealed agenda, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AgendaLine {
    pub agenda: AgendaItem,
    pub state: EntryState,
    pub clock: Stopwatch,
    /// Who put it on the agenda after the start, and why; none was on it before.
    pub late: Option<Late>,
    /// Whether who presents it is there, where somebody said so.
    pub presenter: Option<bool>,
    /// Who took it out of consent, so that it was talked about; none was in it, or never up for it.
    pub pulled_out_by: Option<Line>,
    pub decisions: Vec<Decided>,
    pub conditions: Vec<Conditioned>,
    pub recusals: Vec<Recusal>,
    pub remarks: Vec<Remark>,
    /// What it became meanwhile.
    pub news: Vec<News>,
    /// The revision it was last seen at.
    pub revision: Option<Revision>,
    /// An approval given here lapsed, and nobody has decided since.
    pub lapsed: bool,
}

/// What became of an item in a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    Waiting,
    Skipped,
    /// To another meeting.
    Deferred(Id),
    /// Decided or reviewed.
    Decided(Verdict),
}

/// A stopwatch that only events start and stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stopwatch {
    /// Seconds counted before `since`.
    pub spent: i64,
    /// Running since.
    pub since: Option<Instant>,
}

/// Who holds the chair, and until when without another act of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lease {
    pub holder: Id,
    pub until: Instant,
}

/// Somebody's coming and going.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Presence {
    pub stays: Vec<Stay>,
    /// Whether the chair said so last.
    pub marked: bool,
    /// Of a session that is connected: until when it is believed without another word of its person.
    pub until: Option<Instant>,
    /// The number of the event by which they were last heard of.
    pub heard: u64,
}

/// Minutes on the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The number of the event.
    pub n: u64,
    pub at: Instant,
    pub by: Line,
    pub minutes: Minutes,
}

/// What was added to issued minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Amendment {
    pub at: Instant,
    pub by: Line,
    pub text: Prose,
}

impl Stopwatch {
    /// Seconds counted until an instant.
    #[must_use]
    pub fn at(self, now: Instant) -> i64 {
        self.spent + self.since.map_or(0, |since| (now - since).max(0))
    }

    fn start(&mut self, at: Instant) {
        self.since = self.since.or(Some(at));
    }

    fn stop(&mut self, at: Instant) {
        *self = Self { spent: self.at(at), since: None };
    }
}

impl MeetingState {
    /// The word of the state on screens, in JSON and in minutes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Convened => "convened",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }
}

impl AgendaLine {
    /// A line of the agenda that nobody has touched.
    #[must_use]
    pub fn new(agenda: AgendaItem) -> Self {
        Self {
            revision: agenda.revision,
            agenda,
            state: EntryState::Waiting,
            clock: Stopwatch::default(),
            late: None,
            presenter: None,
            pulled_out_by: None,
            decisions: Vec::new(),
            conditions: Vec::new(),
            recusals: Vec::new(),
            remarks: Vec::new(),
            news: Vec::new(),
            lapsed: false,
        }
    }

    /// Whether it is still to be decided here.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.state == EntryState::Waiting && !self.is_over()
    }

    /// What it is by what happened elsewhere, as last noted; none while it is simply to be decided.
    #[must_use]
    pub fn life(&self) -> Option<&Became> {
        let lives = self.news.iter().rev().map(|news| &news.became);
        let mut lives = lives.filter(|became| !matches!(became, Became::Edited { .. } | Became::Lapsed));
        lives.next().filter(|became| **became != Became::Back)
    }

    /// Whether it is cancelled, closed, gone: nothing is left to decide.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.life().is_some_and(Became::is_over)
    }

    /// Whether it is talked about by itself: not listed, not in the consent block.
    #[must_use]
    pub fn is_discussed(&self) -> bool {
        self.agenda.section.is_discussed()
    }

    /// What became of it.
    #[must_use]
    pub fn result(&self) -> ItemResult {
        let over = self.life().filter(|life| life.is_over()).cloned();
        match &self.state {
            EntryState::Decided(verdict) => {
                let lapsed = self.lapsed.then_some(Then::Lapsed);
                ItemResult::Decided { verdict: *verdict, then: over.map(Then::Over).or(lapsed) }
            }
            EntryState::Waiting | EntryState::Skipped | EntryState::Deferred(_) => {
                match (over, &self.state) {
                    (Some(over), _) => ItemResult::Over(over),
                    (None, EntryState::Deferred(to)) => ItemResult::Deferred(to.clone()),
                    (None, EntryState::Skipped) => ItemResult::Skipped,
                    (None, _) if self.lapsed => ItemResult::Lapsed,
                    (None, _) if self.clock.spent > 0 => ItemResult::Discussed,
                    (None, _) => ItemResult::NotReached,
                }
            }
        }
    }
}

/// Questions to a meeting.
impl Meeting {
    /// The line of an item on the agenda; `None` where it is not on it.
    #[must_use]
    pub fn entry(&self, item: &Id) -> Option<&AgendaLine> {
        self.agenda.iter().find(|entry| entry.agenda.item == *item)
    }

    fn entry_mut(&mut self, item: &Id) -> Option<&mut AgendaLine> {
        self.agenda.iter_mut().find(|entry| entry.agenda.item == *item)
    }

    /// Started and not ended: nothing on its agenda closes early.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self.state, MeetingState::Running | MeetingState::Paused)
    }

    /// Whether a person acts in a chair or voting seat of the board.
    #[must_use]
    pub fn is_member(&self, person: &Id) -> bool {
        match &self.sealed {
            Some(sealed) => sealed.members.contains(person),
            None => self.seats.iter().any(|seat| seat.role != Role::Observer && seat.person == *person),
        }
    }

    /// Whether a person is in the room, as they said or the chair marked.
    #[must_use]
    pub fn is_here(&self, person: &Id) -> bool {
        self.presence.get(person).is_some_and(Presence::is_here)
    }

    /// The people who are there now.
    pub fn here(&self) -> impl Iterator<Item = &Id> {
        self.presence.iter().filter(|(_, presence)| presence.is_here()).map(|(person, _)| person)
    }

    /// Whose session has said nothing for as long as the lease.
    pub fn silent(&self, now: Instant) -> impl Iterator<Item = &Id> {
        let lapsed =
            move |presence: &Presence| presence.is_here() && presence.until.is_some_and(|until| until <= now);
        self.presence.iter().filter(move |(_, presence)| lapsed(presence)).map(|(person, _)| person)
    }

    /// How many members must be there, of how many.
    #[must_use]
    pub fn quorum_of(&self) -> (u32, u32) {
        let members = match &self.sealed {
            Some(sealed) => sealed.members.len(),
            None => self.seats.iter().filter(|seat| seat.role != Role::Observer).count(),
        };
        let of = u32::try_from(members).unwrap_or(u32::MAX);
        (quorum_need(self.quorum, of), of)
    }

    /// The next item in order that waits and is talked about, after the one in focus.
    #[must_use]
    pub fn next(&self) -> Option<&AgendaLine> {
        let from = self.place_of_focus().map_or(0, |at| at + 1);
        self.agenda.iter().skip(from).find(|entry| entry.waits() && entry.is_discussed())
    }

    /// The item before the one in focus, decided or not.
    #[must_use]
    pub fn previous(&self) -> Option<&AgendaLine> {
        let until = self.place_of_focus().unwrap_or(self.agenda.len());
        self.agenda.iter().take(until).rev().find(|entry| entry.is_discussed())
    }

    fn place_of_focus(&self) -> Option<usize> {
        let focus = self.focus.as_ref()?;
        self.agenda.iter().position(|entry| entry.agenda.item == *focus)
    }

    /// When it ends if every item that waits takes the minutes it is given.
    #[must_use]
    pub fn projected_end(&self, now: Instant) -> Option<Instant> {
        let sealed = self.sealed.as_ref().filter(|_| self.is_on())?;
        let left = |entry: &AgendaLine| {
            let given = i64::from(entry.agenda.minutes) * MINUTE;
            (given - entry.clock.at(now)).max(0)
        };
        let ahead: i64 = self.agenda.iter().filter(|entry| entry.waits()).map(left).sum();
        Some(now.max(sealed.at).plus(ahead))
    }
}

impl Presence {
    /// Whether the last stay is not over.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.stays.last().is_some_and(|stay| stay.to.is_none())
    }
}
