//! What happens in a meeting of a board: one event per act, so that a meeting is a fold of the log and of nothing else.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    label::Label,
    ledger::{
        agenda_item::{AgendaItem, Named},
        minutes::{Became, Minutes},
    },
    model::{CloseCause, Id, Instant, Line, Prose, Quorum, Risk, Seat},
};

/// An item of a consent block that was not decided with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    pub item: Id,
    pub why: NotConsented,
}

/// Why an item did not pass by consent (ledger § Meetings).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotConsented {
    NoOpenVote,
    DeadlinePassed,
    ChairTied,
    /// The item is not what the vote is about any more.
    Edited,
    Risk(Risk),
    OpenBlock,
    /// Its votes must be signed by their people.
    Unsigned,
    Objects(Id),
    /// Too few of its voters are in the room, or voted yes before.
    TooFewHere {
        /// People who were in the room.
        here: u32,
        /// How many are needed.
        need: u32,
    },
    /// The mandatory seat of which nobody is in the room.
    SeatNotHere(Line),
    /// A sentence of an earlier program, as it was written.
    #[serde(untagged)]
    Said(String),
}

impl fmt::Display for NotConsented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOpenVote => f.write_str("no vote is open on it"),
            Self::DeadlinePassed => f.write_str("its deadline has passed"),
            Self::ChairTied => f.write_str("the chair is tied to it"),
            Self::Edited => f.write_str(CloseCause::Changed.label()),
            Self::Risk(risk) => write!(f, "its risk is {risk}"),
            Self::OpenBlock => f.write_str("a blocking clash is open"),
            Self::Unsigned => f.write_str("its votes must be signed"),
            Self::Objects(person) => write!(f, "{person} objects"),
            Self::TooFewHere { here, need } => write!(f, "{here} of its voters are here, {need} are needed"),
            Self::SeatNotHere(seat) => write!(f, "{seat} is not here"),
            Self::Said(words) => f.write_str(words),
        }
    }
}

/// What happened in a meeting. Who did it is the author of the event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MeetingAct {
    /// The meeting exists: planned, or at once for an emergency.
    Convened {
        /// The plan it was convened from; none was convened by hand.
        plan: Option<Id>,
        name: Line,
        board: Id,
        emergency: bool,
        start: Instant,
        /// When it is to end; none where nobody said.
        end: Option<Instant>,
        /// Seats as they were when it was convened.
        seats: Vec<Seat>,
        quorum: Quorum,
        /// Minutes for which the chair's word holds without a sign of life.
        lease_minutes: u32,
    },
    /// The chair put an item elsewhere on the agenda: before another, or at the end.
    Placed {
        item: Id,
        /// The item that it stands before; none is at the end.
        before: Option<Id>,
    },
    /// A member asked for an item to be decided here; its deadline is set aside, or set anew.
    Pulled {
        item: Id,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
        /// Until when votes count; none has no deadline.
        deadline: Option<Instant>,
    },
    /// The agenda is sealed under its hash, and the meeting runs.
    Started {
        chair: Id,
        agenda: Vec<AgendaItem>,
        /// Hex SHA-256 of the canonical agenda.
        hash: String,
        /// The people who act in chair and voting seats, in the order of the board.
        members: Vec<Id>,
        /// Board actions still open, by number.
        actions: Vec<u32>,
        /// What the people of the board and of the items are called.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<Named>,
    },
    /// The chair let a late item in.
    LateEntered {
        entry: AgendaItem,
        reason: Prose,
        /// What its people are called.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<Named>,
    },
    /// The item in focus; none between items.
    Focused {
        /// The item the meeting is at; none is between items.
        item: Option<Id>,
    },
    Skipped {
        item: Id,
    },
    /// Postponed to another meeting, by name.
    Deferred {
        item: Id,
        to: Id,
        reason: Prose,
    },
    /// Promoted or demoted: now before another item, or at the end.
    Moved {
        item: Id,
        /// The item that it stands before; none is at the end.
        before: Option<Id>,
    },
    /// Skipped, deferred or decided items wait again.
    Restored {
        item: Id,
    },
    /// A member wants an item of the consent block discussed.
    PulledOut {
        item: Id,
    },
    Presenter {
        item: Id,
        present: bool,
    },
    /// The consent block was decided: which items, and which were left out.
    Consented {
        items: Vec<Id>,
        left_out: Vec<LeftOut>,
    },
    Paused,
    Resumed,
    Arrived {
        person: Id,
        /// By the chair, not by the person's own session.
        marked: bool,
        /// By a session that stays connected: it says so again before the lease of the meeting has passed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        session: bool,
        /// What they are called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Line>,
    },
    Left {
        person: Id,
        marked: bool,
    },
    RecusalProposed {
        item: Id,
        person: Id,
        reason: Prose,
    },
    /// What became of an item of the agenda elsewhere: cancelled, begun, deleted …
    Became {
        item: Id,
        became: Became,
    },
    /// The lease of the chair went to somebody.
    ChairTaken {
        person: Id,
        from: Id,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    /// The chair is still there.
    ChairRenewed,
    Ended {
        /// Items that nobody decided; they come again.
        open: Vec<Id>,
    },
    /// The minutes as issued. From here on they are only added to.
    MinutesIssued {
        minutes: Box<Minutes>,
    },
    MinutesAmended {
        text: Prose,
    },
}

impl MeetingAct {
    /// Whether the minutes are issued by it.
    #[must_use]
    pub fn issues_minutes(&self) -> bool {
        matches!(self, Self::MinutesIssued { .. })
    }

    /// The item this act is about, if it is about one.
    #[must_use]
    pub fn item(&self) -> Option<&Id> {
        match self {
            Self::Placed { item, .. }
            | Self::Pulled { item, .. }
            | Self::Skipped { item }
            | Self::Deferred { item, .. }
            | Self::Moved { item, .. }
            | Self::Restored { item }
            | Self::PulledOut { item }
            | Self::Presenter { item, .. }
            | Self::Became { item, .. }
            | Self::RecusalProposed { item, .. } => Some(item),
            Self::LateEntered { entry, .. } => Some(&entry.item),
            Self::Focused { item } => item.as_ref(),
            Self::Convened { .. }
            | Self::Started { .. }
            | Self::Consented { .. }
            | Self::Paused
            | Self::Resumed
            | Self::Arrived { .. }
            | Self::Left { .. }
            | Self::ChairTaken { .. }
            | Self::ChairRenewed
            | Self::Ended { .. }
            | Self::MinutesIssued { .. }
            | Self::MinutesAmended { .. } => None,
        }
    }
}
