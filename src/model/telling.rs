//! What an audience is told of a change or a release: the outlook, and the message that brings it (telling § Messages).

use serde::{Deserialize, Serialize};

use super::{
    change::Outcome,
    id::Id,
    text::Line,
    time::{Instant, Span},
};

/// Where an item stands, as people outside the board are told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Course {
    Planned,
    /// Its approval lapsed.
    OnHold,
    CalledOff,
    Started,
    Finished,
    /// It failed, or was turned back.
    TurnedBack,
}

/// What is told: where this differs from what was told last, something is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Outlook {
    pub course: Course,
    /// As planned; effective times drift, and nobody is told that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Span>,
    /// When its services are down; none where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<Span>,
    /// Sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Line>,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    Announcement,
    Reminder,
    Started,
    Finished,
    /// It failed, or was turned back.
    TurnedBack,
    RunningLate,
    /// What was told is not so any more.
    Correction,
    CalledOff,
}

impl MessageKind {
    /// All kinds, each with the name of its template.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Announcement, "announcement"),
        (Self::Reminder, "reminder"),
        (Self::Started, "started"),
        (Self::Finished, "finished"),
        (Self::TurnedBack, "turned_back"),
        (Self::RunningLate, "running_late"),
        (Self::Correction, "correction"),
        (Self::CalledOff, "called_off"),
    ];

    /// Its word, as in JSON and in the names of templates.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }
}

/// One message to one audience, in facts: its text is made as it is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub audience: Id,
    pub kind: MessageKind,
    pub title: Line,
    pub outlook: Outlook,
    /// What they were told last, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Box<Outlook>>,
    /// When it started or ended, of a message that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Of what runs late: the end that is expected now, or when there is more to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// How it ended, where somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Bundled changes of a release that is called off, which stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<Id>,
    /// Who answers for it; absent where the item names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Line>,
    pub channels: Vec<Line>,
}

impl Message {
    /// Whether it says the same as another; the expected end of what runs late moves with the minutes, and says nothing new.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let late = (self.until.is_some(), other.until.is_some());
        (self.kind, &self.outlook, &self.outcome) == (other.kind, &other.outlook, &other.outcome)
            && late.0 == late.1
    }
}
