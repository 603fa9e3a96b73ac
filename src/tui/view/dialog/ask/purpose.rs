//! What an act asks for, line by line, and the command its words become.

use chrono::NaiveDate;

use crate::{
    model::{Id, Instant, Line, Prose, Scope, time::HOUR},
    tui::{app::Shared, view::widget::LineInput},
    wire::{Command, MeetingCommand},
};

/// What the words are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    PutOff {
        meeting: Id,
        item: Id,
        to: Option<Id>,
    },
    LetIn {
        meeting: Id,
        item: Id,
    },
    Action {
        meeting: Id,
        item: Option<Id>,
    },
    /// An emergency meeting of a board, at once.
    Convene {
        item: Id,
    },
    BreakGlass {
        item: Id,
    },
    Freeze {
        item: Id,
    },
}

impl Purpose {
    pub(super) fn title(&self) -> String {
        match self {
            Self::PutOff { item, .. } => format!("Put {item} off"),
            Self::LetIn { item, .. } => format!("Let {item} in late"),
            Self::Action { item: Some(item), .. } => format!("Action about {item}"),
            Self::Action { item: None, .. } => "Action".to_owned(),
            Self::Convene { item } => format!("Emergency meeting about {item}"),
            Self::BreakGlass { item } => format!("Break glass for {item}"),
            Self::Freeze { .. } => "Freeze now".to_owned(),
        }
    }

    pub(super) fn about(&self, shared: &Shared) -> String {
        match self {
            Self::PutOff { .. } => "Its vote closes as deferred; it comes again in the meeting named.".to_owned(),
            Self::LetIn { .. } => "It came after the agenda was sealed; the minutes say who let it in, and why.".to_owned(),
            Self::Action { .. } => "It is carried from meeting to meeting until it is closed.".to_owned(),
            Self::Convene { .. } => "The board meets at once; the vote opens now and closes after the minutes given.".to_owned(),
            Self::BreakGlass { .. } => {
                "Work may start although nobody answered. The board says within two business days whether it ratifies \
                 that; it is never shown as approved before."
                    .to_owned()
            }
            Self::Freeze { .. } => format!(
                "Nothing of the scope may start until then, and it thaws by itself. Now {}.",
                shared.zones.current().local(shared.now).format("%Y-%m-%d %H:%M")
            ),
        }
    }

    pub(super) fn fields(&self, shared: &Shared) -> Vec<(&'static str, LineInput)> {
        let empty = LineInput::default;
        let local = |at: Instant| {
            LineInput::new(&shared.zones.current().local(at).format("%Y-%m-%d %H:%M").to_string())
        };
        match self {
            Self::PutOff { to, .. } => {
                vec![("to meeting", LineInput::new(to.as_ref().map_or("", Id::as_str))), ("reason", empty())]
            }
            Self::LetIn { .. } => vec![("reason", empty())],
            Self::Action { .. } => vec![("what", empty()), ("owner", empty()), ("due date", empty())],
            Self::Convene { .. } => {
                let boards = shared.snapshot.rules.boards.iter();
                let board = boards.filter(|board| board.emergency).map(|board| board.id.as_str()).next();
                vec![("board", LineInput::new(board.unwrap_or_default())), ("minutes", LineInput::new("30"))]
            }
            Self::BreakGlass { .. } => vec![
                ("incident", empty()),
                ("who agreed", empty()),
                ("by which channel", empty()),
                ("agreed at", local(shared.now)),
                ("reason", empty()),
            ],
            Self::Freeze { item } => {
                let row = shared.snapshot.activities.get(item);
                let services =
                    row.map(|row| row.services.iter().map(|name| name.as_str()).collect::<Vec<_>>());
                vec![
                    ("services", LineInput::new(&services.unwrap_or_default().join(", "))),
                    ("environments", empty()),
                    ("until", local(shared.now.plus(4 * HOUR))),
                    ("reason", empty()),
                ]
            }
        }
    }

    /// The command of the words; what is missing or cannot be read.
    pub(super) fn command(&self, shared: &Shared, words: &[&str]) -> Result<Command, String> {
        let word = |at: usize| words.get(at).copied().unwrap_or_default();
        let needed = |at: usize, what: &str| match word(at) {
            "" => Err(format!("{what} is needed: the record keeps it")),
            text => Ok(text),
        };
        let reason = |at| needed(at, "a reason").map(Prose::new);
        let time = |at: usize| shared.zones.current().parse(word(at)).map_err(|error| error.to_string());
        let names = |at: usize| -> Vec<Line> {
            word(at).split(',').map(str::trim).filter(|name| !name.is_empty()).map(Line::new).collect()
        };
        let person = |at: usize| {
            let known = Id::new(word(at)).ok().filter(|id| shared.snapshot.people.contains_key(id));
            known.ok_or_else(|| format!("nobody here is called {:?}; write a person's id", word(at)))
        };
        Ok(match self {
            Self::PutOff { meeting, item, .. } => {
                let to = Id::new(needed(0, "a meeting")?).map_err(|error| error.to_string())?;
                let act = MeetingCommand::Defer { item: Some(item.clone()), to, reason: reason(1)? };
                Command::Meeting { meeting: meeting.clone(), act }
            }
            Self::LetIn { meeting, item } => {
                let act = MeetingCommand::Late { item: item.clone(), reason: reason(0)? };
                Command::Meeting { meeting: meeting.clone(), act }
            }
            Self::Action { meeting, item } => Command::AddAction {
                meeting: Some(meeting.clone()),
                item: item.clone(),
                text: Prose::new(needed(0, "what is to be done")?),
                owner: person(1)?,
                due: match word(2) {
                    "" => None,
                    text => Some(
                        text.parse::<NaiveDate>().map_err(|_| format!("{text:?} is no date: 2026-12-01"))?,
                    ),
                },
            },
            Self::Convene { item } => {
                let meeting = Id::new(needed(0, "a board")?).map_err(|error| error.to_string())?;
                let minutes =
                    word(1).parse().map_err(|_| format!("{:?} is no number of minutes", word(1)))?;
                let act =
                    MeetingCommand::Convene { items: vec![item.clone()], deadline_minutes: Some(minutes) };
                Command::Meeting { meeting, act }
            }
            Self::BreakGlass { item } => Command::BreakGlass {
                item: item.clone(),
                incident: Line::new(needed(0, "the incident")?),
                agreed: needed(1, "who agreed").map(|_| names(1))?,
                channel: Line::new(needed(2, "the channel")?),
                claimed_at: time(3)?,
                reason: reason(4)?,
            },
            Self::Freeze { .. } => Command::Freeze {
                scope: Scope { services: names(0), environments: names(1), ..Scope::default() },
                until: time(2)?,
                reason: reason(3)?,
            },
        })
    }
}
