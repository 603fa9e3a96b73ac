//! An auditor's pack as data: what was to be looked at in a period, a sample of it anybody can draw again, and what stood out.

use serde::{Deserialize, Serialize};

use crate::label::Label;
use crate::ledger::derive::decision_room::Room;
use crate::model::{CloseCause, Delegation, Id, Instant, Line, SourceId};

/// Items of a sample where nobody says how many.
pub const SAMPLE: usize = 25;

/// What an auditor asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackAsked {
    pub from: Instant,
    /// The end, which is outside of it.
    pub to: Instant,
    /// How many items are drawn.
    pub sample: usize,
    /// Decides which items are drawn; the hash of the newest event where none is given.
    pub seed: Option<Line>,
}

/// A pack with the part of the log it stands on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Packed {
    pub pack: Pack,
    /// Each event of the slice as the exact text that was hashed.
    pub log: Vec<String>,
}

/// Everything of a pack but the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pack {
    /// The version of quorate that made it.
    pub engine: String,
    /// The name of the store.
    pub lineage: String,
    /// IANA name of the board's zone.
    pub zone: Line,
    pub made_at: Instant,
    pub from: Instant,
    /// The end, which is outside of it.
    pub to: Instant,
    /// The number and hash of the newest event of the board.
    pub as_of: u64,
    pub head: String,
    pub log: Slice,
    pub population: Population,
    pub sample: Sample,
    /// What was done otherwise than by a vote in time, oldest first.
    pub exceptions: Vec<Exception>,
    /// Changes of rights, seats and rules, oldest first.
    pub rights: Vec<Noted>,
    /// Imports, and where somebody accepted that a source had fewer records.
    pub imports: Vec<Noted>,
    /// What was handed over to audiences, when, and what the channel answered, oldest first.
    #[serde(default)]
    pub told: Vec<Noted>,
    /// Incidents made, edited and restored here, and what people said that caused or mended one, oldest first.
    #[serde(default)]
    pub incidents: Vec<Noted>,
    /// What pipelines told and nobody could map.
    pub unmapped: Vec<Noted>,
    /// Items of the population whose record is gone from its source.
    pub tombstones: Vec<Id>,
    /// Events of the period that this program cannot read.
    pub unreadable: u64,
}

/// The part of the log that comes along.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Slice {
    /// Numbers of its first and last event; 0 where there is none.
    pub first: u64,
    /// The last one's.
    pub last: u64,
    /// The hash its first event names, and that of its last event.
    pub prev: String,
    pub head: String,
    /// Delegations as they stood before its first event.
    pub delegations: Vec<HeldDelegation>,
    /// Secret votes that are not told yet, and left out.
    pub withheld: u64,
}

/// A delegation that stood, of the rules or recorded since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldDelegation {
    pub board: Id,
    #[serde(flatten)]
    pub delegation: Delegation,
    pub by_rules: bool,
}

/// The items of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Population {
    /// By id.
    pub items: Vec<PackItem>,
    /// How complete it is, a row a source.
    pub sources: Vec<Completeness>,
}

/// An item of the population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackItem {
    pub id: Id,
    pub title: Line,
    /// None where the record is gone.
    pub source: Option<SourceId>,
    /// As its source says it.
    pub state: String,
    pub risk: String,
    /// None where nobody said how it ended.
    pub outcome: Option<String>,
    /// Effective start and end; none where it is not known.
    pub start: Option<Instant>,
    /// None where no end is known.
    pub end: Option<Instant>,
    pub decided: PackDecision,
}

/// By whom an item was let go or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PackDecision {
    /// A round here.
    Board,
    /// A template of this board.
    Template,
    /// Its own system says that it may go.
    Source,
    /// Nobody that is known here.
    Nobody,
}

/// What of a source's items is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Completeness {
    pub source: SourceId,
    /// When it was last read; none of the board itself, or where it was imported.
    pub read_at: Option<Instant>,
    /// Records of it that are wrong, of all times.
    pub faults: u64,
    /// Items of the population.
    pub items: u64,
    /// Decided by a round here.
    pub decided_here: u64,
    /// Approved by a template of the board.
    pub by_template: u64,
    /// Let go by their own system alone.
    pub at_source: u64,
    /// Let go by nobody that is known here.
    pub by_nobody: u64,
    /// Of which it is known how they ended.
    pub with_outcome: u64,
    /// Over, and nobody said how it ended.
    pub without_outcome: u64,
    /// Begun, and no start is known; or over, and no end.
    pub without_times: u64,
    /// A kind, state or risk that means nothing here.
    pub unknown_words: u64,
    /// Of all times: without any time, and so in no period.
    pub undated: u64,
}

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sample {
    /// How many items were asked for.
    pub asked: u64,
    pub seed: Line,
    /// The items with the least SHA-256 of `seed|id`, least first.
    pub items: Vec<SampledItem>,
}

/// An item that was drawn, with its decisions as their voters saw them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampledItem {
    pub id: Id,
    pub title: Line,
    /// SHA-256 of `seed|id`, in hexadecimal.
    pub rank: String,
    /// Closed rounds, oldest first.
    pub decisions: Vec<Room>,
    /// The template that approved it, where one did.
    pub template: Option<Id>,
    /// What its own system says of its approval, where it says something.
    pub at_source: Option<String>,
    pub parts: Vec<PlayedPart>,
    /// Who had more than one part in it.
    pub coincide: Vec<Coincidence>,
    /// Its exceptions, by the numbers of their events.
    pub exceptions: Vec<u64>,
}

/// Who had a part in an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlayedPart {
    pub part: PackPart,
    /// People by their id; as its source writes it where nobody here is.
    pub people: Vec<Line>,
}

/// The four parts that should be apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PackPart {
    Requested,
    Approved,
    Did,
    Reviewed,
}

/// Somebody who had more than one part in an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coincidence {
    pub person: Line,
    pub parts: Vec<PackPart>,
}

/// Something that was done otherwise than by a vote in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exception {
    pub kind: ExceptionKind,
    #[serde(flatten)]
    pub noted: Noted,
}

/// Why it stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// Work began because nobody answered.
    BreakGlass,
    /// Decided against the vote.
    Override,
    /// Started while the gate did not say go.
    AgainstGate,
    /// A vote entered by the chair for somebody.
    RollCall,
    /// A deadline passed, and its closing was recorded later.
    LateClosing,
    /// Done by a clock that was off.
    ClockOff,
}

/// An event in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Noted {
    /// The number of the event.
    pub n: u64,
    pub at: Instant,
    /// None where it is about no item.
    pub item: Option<Id>,
    pub by: Line,
    pub what: String,
}

impl ExceptionKind {
    /// All of them, the gravest first.
    pub const ALL: [Self; 6] = [
        Self::BreakGlass,
        Self::Override,
        Self::AgainstGate,
        Self::RollCall,
        Self::LateClosing,
        Self::ClockOff,
    ];
}

impl Label for ExceptionKind {
    fn label(self) -> &'static str {
        match self {
            Self::BreakGlass => "broke the glass",
            Self::Override => CloseCause::Override.label(),
            Self::AgainstGate => "started against the gate",
            Self::RollCall => "voted by roll call",
            Self::LateClosing => "closed late",
            Self::ClockOff => "by a clock that was off",
        }
    }
}

impl Label for PackPart {
    fn label(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Did => "did",
            Self::Reviewed => "reviewed",
        }
    }
}

impl Label for PackDecision {
    fn label(self) -> &'static str {
        match self {
            Self::Board => "the board",
            Self::Template => "a template",
            Self::Source => "its own system",
            Self::Nobody => "nobody known here",
        }
    }
}
