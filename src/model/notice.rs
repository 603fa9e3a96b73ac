//! What one person is told for themselves: the states that concern them, and how they want to hear of them (notices § States).
//!
//! A notice is a state of a person, an item and a kind. Preferences are a person's own: they stand in no rule book, no event
//! and no export.

use serde::{Deserialize, Serialize};

use super::{audience::QuietHours, id::Id, text::Line, time::Instant};

/// What a notice is about, as people want or do not want to hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A vote of theirs.
    Vote,
    /// An item they are tied to.
    MyItem,
    /// A run they own, operate or must decide.
    Run,
    /// An action they owe.
    Action,
}

impl NoticeKind {
    /// All kinds, each with its word.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Vote, "vote"), (Self::MyItem, "my_item"), (Self::Run, "run"), (Self::Action, "action")];

    /// Its word, as in JSON and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }
}

/// How something stands for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// A round waits for their vote.
    VoteNeeded,
    /// It does so still, and its deadline is near.
    DeadlineNear,
    /// They voted, then the item was edited: the new round waits for them.
    EditedAfterVote,
    /// A vote was entered for them.
    VotedForThem,
    /// A clash that warns or blocks stands on their item.
    Clash,
    /// A question to them waits for its answer.
    Question,
    /// The board decided on their item, or put it off.
    Decided,
    /// The approval of their item holds no longer.
    Lapsed,
    /// A run of theirs may start.
    MayStart,
    /// A run of theirs is past its planned start, or will end after its planned end.
    Late,
    /// A run of theirs is held.
    Held,
    /// They have to decide something about a run within half an hour.
    ToDecide,
    /// An action of theirs is past its day.
    Overdue,
}

impl NoticeState {
    /// The kind it belongs to.
    #[must_use]
    pub const fn kind(self) -> NoticeKind {
        match self {
            Self::VoteNeeded | Self::DeadlineNear | Self::EditedAfterVote | Self::VotedForThem => {
                NoticeKind::Vote
            }
            Self::Clash | Self::Question | Self::Decided | Self::Lapsed => NoticeKind::MyItem,
            Self::MayStart | Self::Late | Self::Held | Self::ToDecide => NoticeKind::Run,
            Self::Overdue => NoticeKind::Action,
        }
    }
}

/// One state of a person, by which it is known again: it is told once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoticeKey {
    pub state: NoticeState,
    /// The change, release or phase; none of an action that follows from none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Id>,
    /// Which of its like: the round, the number of the question or the action, the rule and the other side of a clash.
    #[serde(default, skip_serializing_if = "Line::is_empty")]
    pub mark: Line,
}

/// Something a person is to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notice {
    pub key: NoticeKey,
    pub kind: NoticeKind,
    pub title: Line,
    /// By when something is to be done, or when it happened; none where there is no such time.
    pub at: Option<Instant>,
    /// What of it: the outcome, the other side of a clash, who asks or holds, what is to be decided; empty where nothing is.
    pub about: Line,
    /// When the outage of the item begins; none where it has none.
    pub outage: Option<Instant>,
}

/// How the terminal of a person calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Not: notices are on the screen.
    #[default]
    None,
    /// By its bell.
    Bell,
    /// By a notification of the desktop (OSC 9).
    Osc9,
    /// By a notification of the desktop with a title (OSC 777).
    Osc777,
}

impl Signal {
    /// All of them, each with its word.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::None, "none"), (Self::Bell, "bell"), (Self::Osc9, "osc9"), (Self::Osc777, "osc777")];

    /// Its word, as in JSON and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(signal, _)| *signal == self).map_or("", |(_, word)| word)
    }
}

/// How a person wants to hear of what concerns them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Preferences {
    /// Names of channels of the settings of who hands over; none: on the screen alone.
    pub channels: Vec<Line>,
    /// Kinds that leave by no channel and call nobody; they are on the screen still.
    pub off: Vec<NoticeKind>,
    /// When nothing leaves that can wait; none has no quiet hours.
    pub quiet: Option<QuietHours>,
    /// IANA zone of quiet hours and of times in messages; none is the board's.
    pub zone: Option<Line>,
    /// Minutes between two messages by one channel, in which what comes is gathered.
    pub gather_minutes: u32,
    pub terminal: Signal,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            channels: Vec::new(),
            off: Vec::new(),
            quiet: None,
            zone: None,
            gather_minutes: Self::GATHER,
            terminal: Signal::default(),
        }
    }
}

/// A part of preferences that is set by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreferencePart {
    Channels,
    Quiet,
    Zone,
    Gather,
    /// Whether notices of a kind leave the screen.
    Of(NoticeKind),
    Terminal,
}

impl PreferencePart {
    /// All of them, in the order in which they are asked for.
    pub const ALL: [Self; 9] = [
        Self::Channels,
        Self::Gather,
        Self::Quiet,
        Self::Zone,
        Self::Of(NoticeKind::Vote),
        Self::Of(NoticeKind::MyItem),
        Self::Of(NoticeKind::Run),
        Self::Of(NoticeKind::Action),
        Self::Terminal,
    ];
}

impl Preferences {
    /// Minutes in which notices are gathered, where nobody says otherwise.
    pub const GATHER: u32 = 15;
    /// The longest time in which they are: a day.
    pub const LONGEST: u32 = 24 * 60;

    /// Whether a notice is wanted beside the screen.
    #[must_use]
    pub fn wants(&self, notice: &Notice) -> bool {
        !self.off.contains(&notice.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_said_nothing_hears_on_the_screen_alone() {
        let said: Preferences = serde_json::from_str("{}").unwrap();
        assert_eq!(said, Preferences::default());
        assert!(said.channels.is_empty() && said.terminal == Signal::None);
        let newer = r#"{"channels":["mail"],"colour":"red","quiet":{"from":"22:00","to":"07:00"}}"#;
        let newer: Preferences = serde_json::from_str(newer).unwrap();
        assert_eq!(
            (newer.channels, newer.gather_minutes),
            (vec![Line::new("mail")], 15),
            "fields of a newer program are passed over"
        );
    }

    #[test]
    fn every_word_is_the_one_of_json() {
        for (kind, word) in NoticeKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("{word:?}"));
        }
        for (signal, word) in Signal::ALL {
            assert_eq!(serde_json::to_string(&signal).unwrap(), format!("{word:?}"));
        }
    }
}
