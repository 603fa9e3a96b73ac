//! A record of any kind, with the source that owns it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    board::Person, change::Change, comment::ApprovalRequest, comment::Comment, id::Id, incident::Incident,
    release::Release, service::Service, text::Line, window::Window,
};

/// The name of a source in the configuration; [`SourceId::board`] owns what was imported or made here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SourceId(Line);

impl SourceId {
    /// The source of this name in the settings.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Line::new(name))
    }

    /// The embedded board itself.
    #[must_use]
    pub fn board() -> Self {
        Self(Line::new("board"))
    }

    /// Whether it is the board's own: what is imported from files and written here.
    #[must_use]
    pub fn is_board(&self) -> bool {
        self.0 == "board"
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl std::fmt::Display for SourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// The kinds of record a source can own. Boards are not among them: seats are the board's own rules, changed by events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    Change,
    Release,
    Window,
    Service,
    Person,
    /// A comment made in a source.
    Comment,
    /// An approval asked of somebody in a source.
    Approval,
    Incident,
}

/// A record of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// Shared: there are many, and they are handed from reading to deciding, the board and the store.
    Change(Arc<Change>),
    Release(Box<Release>),
    Window(Box<Window>),
    Service(Box<Service>),
    Person(Box<Person>),
    Comment(Box<Comment>),
    Approval(Box<ApprovalRequest>),
    /// Shared: there are as many as changes.
    Incident(Arc<Incident>),
}

/// A record with its owner and the word its source has for where it lives.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub source: SourceId,
    pub record: Record,
}

/// Something wrong in what a source gave: shown with the record, never hidden, never fatal to the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fault {
    pub source: SourceId,
    /// The record, where it could be told.
    pub record: Option<Id>,
    /// Where in the record: a JSON path, a column, a line.
    pub place: String,
    /// What is wrong and what to do, in one sentence.
    pub message: String,
}

impl RecordKind {
    /// Every kind, in the order in which they are stored and shown.
    pub const ALL: [Self; 8] = [
        Self::Change,
        Self::Release,
        Self::Window,
        Self::Service,
        Self::Person,
        Self::Comment,
        Self::Approval,
        Self::Incident,
    ];

    /// The word of the kind in files, in JSON and in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Release => "release",
            Self::Window => "window",
            Self::Service => "service",
            Self::Person => "person",
            Self::Comment => "comment",
            Self::Approval => "approval",
            Self::Incident => "incident",
        }
    }

    /// Reads a stored record of this kind.
    ///
    /// # Errors
    /// When the JSON is not of that shape.
    pub fn read(self, json: &str) -> serde_json::Result<Record> {
        Ok(match self {
            Self::Change => Record::from(serde_json::from_str::<Change>(json)?),
            Self::Release => Record::Release(serde_json::from_str(json)?),
            Self::Window => Record::Window(serde_json::from_str(json)?),
            Self::Service => Record::Service(serde_json::from_str(json)?),
            Self::Person => Record::Person(serde_json::from_str(json)?),
            Self::Comment => Record::Comment(serde_json::from_str(json)?),
            Self::Approval => Record::Approval(serde_json::from_str(json)?),
            Self::Incident => Record::Incident(Arc::new(serde_json::from_str(json)?)),
        })
    }
}

impl From<Change> for Record {
    fn from(change: Change) -> Self {
        Self::Change(Arc::new(change))
    }
}

impl Record {
    /// Which kind of record it is.
    #[must_use]
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Change(_) => RecordKind::Change,
            Self::Release(_) => RecordKind::Release,
            Self::Window(_) => RecordKind::Window,
            Self::Service(_) => RecordKind::Service,
            Self::Person(_) => RecordKind::Person,
            Self::Comment(_) => RecordKind::Comment,
            Self::Approval(_) => RecordKind::Approval,
            Self::Incident(_) => RecordKind::Incident,
        }
    }

    /// The record's id, unique in its kind and source.
    #[must_use]
    pub fn id(&self) -> &Id {
        match self {
            Self::Change(record) => &record.id,
            Self::Release(record) => &record.id,
            Self::Window(record) => &record.id,
            Self::Service(record) => &record.id,
            Self::Person(record) => &record.id,
            Self::Comment(record) => &record.id,
            Self::Approval(record) => &record.id,
            Self::Incident(record) => &record.id,
        }
    }

    /// The record as the store keeps it: its board-file JSON.
    ///
    /// # Errors
    /// Never for records that were read; the signature is serde's.
    pub fn json(&self) -> serde_json::Result<String> {
        match self {
            Self::Change(record) => serde_json::to_string(&**record),
            Self::Release(record) => serde_json::to_string(record),
            Self::Window(record) => serde_json::to_string(record),
            Self::Service(record) => serde_json::to_string(record),
            Self::Person(record) => serde_json::to_string(record),
            Self::Comment(record) => serde_json::to_string(record),
            Self::Approval(record) => serde_json::to_string(record),
            Self::Incident(record) => serde_json::to_string(&**record),
        }
    }
}
