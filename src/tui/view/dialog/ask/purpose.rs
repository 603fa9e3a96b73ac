//! What an act asks for, line by line, and the command its words become.

use super::templates::{TemplateDeed, day};

use crate::{
    model::{
        Id, Instant, Line, Prose, Scope,
        time::{DAY, HOUR},
    },
    tui::{
        app::Shared,
        input::Action,
        view::{permissions, widget::LineInput},
    },
    wire::{BallotStatus, Command, MeetingCommand, WriteRow},
};

/// What the words are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    Postpone {
        meeting: Id,
        item: Id,
        to: Option<Id>,
    },
    LetIn {
        meeting: Id,
        item: Id,
    },
    Action {
        meeting: Option<Id>,
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
    /// To the owner of an item.
    Question {
        item: Id,
    },
    /// One of the open questions, each with its number.
    Answer {
        item: Id,
        open: Vec<(u32, String)>,
    },
    /// Into the next meeting of its board.
    PullIn {
        meeting: Id,
        item: Id,
    },
    Review {
        item: Id,
    },
    /// Votes that wait to be written to a system by their person, one of which is given up.
    GiveUp {
        item: Id,
        waits: Vec<WriteRow>,
    },
    /// An outcome against the vote.
    Override {
        item: Id,
    },
    StepOut {
        meeting: Id,
        item: Id,
        person: Option<Id>,
    },
    CloseAction {
        number: u32,
        text: String,
    },
    Away {
        start: Instant,
        end: Instant,
    },
    /// Somebody acts in my seat.
    Delegate,
    /// About a template of standard changes.
    Template(TemplateDeed),
}

impl Purpose {
    /// The item of an act against its vote, or before it: what `y` alone does not do.
    pub(super) const fn against_the_rule(&self) -> Option<&Id> {
        match self {
            Self::Override { item } | Self::BreakGlass { item } => Some(item),
            Self::Postpone { .. }
            | Self::LetIn { .. }
            | Self::Action { .. }
            | Self::Convene { .. }
            | Self::Freeze { .. }
            | Self::Question { .. }
            | Self::Answer { .. }
            | Self::PullIn { .. }
            | Self::Review { .. }
            | Self::GiveUp { .. }
            | Self::StepOut { .. }
            | Self::CloseAction { .. }
            | Self::Away { .. }
            | Self::Template(_)
            | Self::Delegate => None,
        }
    }

    pub(super) fn title(&self) -> String {
        match self {
            Self::Postpone { item, .. } => format!("Postpone {item}"),
            Self::LetIn { item, .. } => format!("Let {item} in late"),
            Self::Action { item: Some(item), .. } => format!("Action about {item}"),
            Self::Action { item: None, .. } => "Action".to_owned(),
            Self::Convene { item } => format!("Emergency meeting about {item}"),
            Self::BreakGlass { item } => format!("Break glass for {item}"),
            Self::Freeze { .. } => "Freeze now".to_owned(),
            Self::Question { item } => format!("Ask the owner of {item}"),
            Self::Answer { item, .. } => format!("Answer about {item}"),
            Self::PullIn { item, meeting } => format!("Bring {item} before {meeting}"),
            Self::Review { item } => format!("Review {item}"),
            Self::GiveUp { item, waits } => match &waits[..] {
                [WriteRow { source, person: Some(person), .. }] => {
                    format!("Give up writing the vote of {person} on {item} to {source}")
                }
                _ => format!("Give up writing a vote on {item}"),
            },
            Self::Override { item } => format!("Decide {item} against the vote"),
            Self::StepOut { item, .. } => format!("Ask somebody to step out of {item}"),
            Self::CloseAction { number, .. } => format!("Close action {number}"),
            Self::Away { .. } => "Away".to_owned(),
            Self::Delegate => "Let somebody act in your seat".to_owned(),
            Self::Template(deed) => deed.title(),
        }
    }

    /// The purpose of an action about an item; none when nothing can be asked about it now.
    pub fn of(shared: &Shared, action: Action, item: Id) -> Option<Self> {
        Some(match action {
            Action::Question => Self::Question { item },
            Action::Answer => {
                let open = permissions::questions(shared, &item).iter();
                let open = open.map(|q| (q.number, format!("{}: {}", q.by, q.text.words()))).collect();
                Self::Answer { item, open }
            }
            Action::PullIn => {
                Self::PullIn { meeting: permissions::next_meeting(shared, &item)?.id.clone(), item }
            }
            Action::Review => Self::Review { item },
            Action::GiveUp => {
                let waits = permissions::given_up(shared, &item).into_iter().cloned().collect();
                Self::GiveUp { item, waits }
            }
            _ => return None,
        })
    }

    pub(super) fn about(&self, shared: &Shared) -> String {
        match self {
            Self::Postpone { .. } => "Its vote closes as deferred; it comes again in the meeting named.".to_owned(),
            Self::LetIn { .. } => "It came after the agenda was sealed; the minutes say who let it in, and why.".to_owned(),
            Self::Action { .. } => "It is carried from meeting to meeting until it is closed.".to_owned(),
            Self::Convene { .. } => "The board meets at once; the vote opens now and closes after the minutes given.".to_owned(),
            Self::BreakGlass { .. } => {
                "Work may start although nobody answered. The board says within two business days whether it ratifies \
                 that; it is never shown as approved before."
                    .to_owned()
            }
            Self::Freeze { .. } => format!(
                "Nothing of the scope may start until then, and it thaws by itself. It is {} now.",
                shared.zones.current().local(shared.now).format("%Y-%m-%d %H:%M")
            ),
            Self::Question { .. } => "It stays on the agenda as open until its people or the chair answer.".to_owned(),
            Self::Answer { open, .. } => {
                let asked = |(number, text): &(u32, String)| format!("{number}. {text}");
                open.iter().map(asked).collect::<Vec<_>>().join("   ")
            }
            Self::PullIn { .. } => {
                "It is decided there instead of by its deadline; the agenda says who asked for it. A reason may be left \
                 out."
                    .to_owned()
            }
            Self::Review { .. } => "Somebody who is not tied to it says how it went; the review is then done.".to_owned(),
            Self::GiveUp { waits, .. } => {
                let others = waits.iter().filter(|row| row.person != shared.snapshot.me.person);
                let reason = if others.count() == 0 { " A reason may be left out." } else { "" };
                format!("It counts here as before, and the record says that it was never written there.{reason}")
            }
            Self::Override { item } => format!(
                "The record and the minutes say that it was decided against the vote. It holds once the second person \
                 confirms: {}.",
                voters(shared, item)
            ),
            Self::StepOut { .. } => "They are asked, not removed: only they can leave the count.".to_owned(),
            Self::CloseAction { text, .. } => text.clone(),
            Self::Delegate => format!(
                "They vote and preside there instead of you; what they do is on the record as theirs, for you. Now {}.",
                shared.zones.current().local(shared.now).format("%Y-%m-%d %H:%M")
            ),
            Self::Away { .. } => "The forecast of the quorum counts you out for this time.".to_owned(),
            Self::Template(deed) => deed.about(),
        }
    }

    pub(super) fn fields(&self, shared: &Shared) -> Vec<(&'static str, LineInput)> {
        let empty = LineInput::default;
        let local = |at: Instant| {
            LineInput::new(&shared.zones.current().local(at).format("%Y-%m-%d %H:%M").to_string())
        };
        match self {
            Self::Postpone { to, .. } => {
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
                    ("may go on, by kind", empty()),
                    ("reason", empty()),
                ]
            }
            Self::Question { .. } => vec![("question", empty())],
            Self::Answer { open, .. } => {
                let first = open.first().map(|(number, _)| number.to_string()).unwrap_or_default();
                vec![("question", LineInput::new(&first)), ("answer", empty())]
            }
            Self::PullIn { .. } => vec![("reason", empty())],
            Self::Review { .. } => vec![("successful, yes or no", empty()), ("what was learnt", empty())],
            Self::GiveUp { waits, .. } => {
                let whose = waits.first().and_then(|row| row.person.as_ref()).map_or("", Id::as_str);
                let whose = (waits.len() > 1).then(|| ("whose", LineInput::new(whose)));
                whose.into_iter().chain([("reason", empty())]).collect()
            }
            Self::Override { .. } => {
                vec![("approve or reject", empty()), ("reason", empty()), ("second person", empty())]
            }
            Self::StepOut { person, .. } => {
                vec![("who", LineInput::new(person.as_ref().map_or("", Id::as_str))), ("reason", empty())]
            }
            Self::CloseAction { .. } => vec![("note", empty())],
            Self::Delegate => {
                let board = shared.snapshot.me.board.as_ref().map_or("", Id::as_str);
                vec![
                    ("board", LineInput::new(board)),
                    ("who acts for you", empty()),
                    ("from", local(shared.now)),
                    ("until", local(shared.now.plus(7 * DAY))),
                ]
            }
            Self::Away { start, end } => vec![("from", local(*start)), ("until", local(*end))],
            Self::Template(deed) => deed.fields(),
        }
    }

    /// The command of the words; what is missing or cannot be read.
    pub(super) fn command(&self, shared: &Shared, typed: &[&str]) -> Result<Command, String> {
        let word = |at: usize| typed.get(at).copied().unwrap_or_default();
        let needed = |at: usize, what: &str| match word(at) {
            "" => Err(format!("{what} is needed: the record keeps it")),
            text => Ok(text),
        };
        let reason = |at| needed(at, "a reason").map(Prose::new);
        let time = |at: usize| shared.zones.current().parse(word(at)).map_err(|error| error.to_string());
        let me = shared.snapshot.me.person.clone();
        let names = |at: usize| names(word(at));
        let one_of = |at: usize, yes: &str, no: &str| one_of(word(at), yes, no);
        let person = |at: usize| {
            let known = Id::new(word(at)).ok().filter(|id| shared.snapshot.people.contains_key(id));
            known.ok_or_else(|| format!("nobody here is called {:?}; write a person's id", word(at)))
        };
        Ok(match self {
            Self::Postpone { meeting, item, .. } => {
                let to = Id::new(needed(0, "a meeting")?).map_err(|error| error.to_string())?;
                let act = MeetingCommand::Defer { item: Some(item.clone()), to, reason: reason(1)? };
                Command::Meeting { meeting: meeting.clone(), act }
            }
            Self::LetIn { meeting, item } => {
                let act = MeetingCommand::Late { item: item.clone(), reason: reason(0)? };
                Command::Meeting { meeting: meeting.clone(), act }
            }
            Self::Action { meeting, item } => Command::AddAction {
                meeting: meeting.clone(),
                item: item.clone(),
                text: Prose::new(needed(0, "what is to be done")?),
                owner: person(1)?,
                due: day(word(2))?,
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
                allow: names(3),
                reason: reason(4)?,
            },
            Self::Question { item } => {
                Command::Question { item: item.clone(), text: Prose::new(needed(0, "a question")?) }
            }
            Self::Answer { item, .. } => Command::Answer {
                item: item.clone(),
                question: word(0).parse().map_err(|_| format!("{:?} is no number of a question", word(0)))?,
                text: Prose::new(needed(1, "an answer")?),
            },
            Self::PullIn { meeting, item } => {
                let reason = (!word(0).is_empty()).then(|| Prose::new(word(0)));
                let act = MeetingCommand::Pull { item: item.clone(), reason };
                Command::Meeting { meeting: meeting.clone(), act }
            }
            Self::Review { item } => Command::Review {
                item: item.clone(),
                successful: one_of(0, "yes", "no")?,
                text: Prose::new(needed(1, "what was learnt")?),
            },
            Self::GiveUp { item, waits } => give_up(me.as_ref(), item, waits, typed)?,
            Self::Override { item } => Command::Override {
                item: item.clone(),
                approve: one_of(0, "approve", "reject")?,
                reason: reason(1)?,
                second: Some(person(2)?),
            },
            Self::StepOut { meeting, item, .. } => {
                let act = MeetingCommand::ProposeRecusal {
                    item: item.clone(),
                    person: person(0)?,
                    reason: reason(1)?,
                };
                Command::Meeting { meeting: meeting.clone(), act }
            }
            Self::CloseAction { number, .. } => Command::CloseAction {
                action: *number,
                note: (!word(0).is_empty()).then(|| Prose::new(word(0))),
            },
            Self::Delegate => Command::Delegate {
                board: Id::new(needed(0, "a board")?).map_err(|error| error.to_string())?,
                from: me.ok_or("your login belongs to nobody on this board")?,
                to: person(1)?,
                start: time(2)?,
                end: time(3)?,
            },
            Self::Away { .. } => Command::Away { person: None, start: time(0)?, end: time(1)? },
            Self::Template(deed) => deed.command(typed)?,
        })
    }
}

/// Of the votes on an item that wait to be written the only one, or that of who is named first; then why, which one need not say of
/// one's own.
fn give_up(me: Option<&Id>, item: &Id, waits: &[WriteRow], typed: &[&str]) -> Result<Command, String> {
    let word = |at: usize| typed.get(at).copied().unwrap_or_default();
    let named = |row: &&WriteRow| row.person.as_ref().is_some_and(|person| person.as_str() == word(0));
    let (row, at) = match waits {
        [row] => (Some(row), 0),
        rows => (rows.iter().find(named), 1),
    };
    let Some((row, person)) = row.and_then(|row| Some((row, row.person.clone()?))) else {
        return Err(format!("no vote of {:?} on {item} waits to be written", word(0)));
    };
    let reason = match word(at) {
        "" if me == Some(&person) => None,
        "" => return Err("a reason is needed: the record keeps it".to_owned()),
        reason => Some(Prose::new(reason)),
    };
    let (write, source) = (row.id.clone(), row.source.clone());
    Ok(Command::GiveUp { item: item.clone(), write, source, person, reason })
}

/// Names with commas between them.
fn names(text: &str) -> Vec<Line> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Line::new).collect()
}

/// Which of two words was begun; true for the first.
fn one_of(text: &str, yes: &str, no: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "" => Err(format!("{yes} or {no}?")),
        text if yes.starts_with(text) => Ok(true),
        text if no.starts_with(text) => Ok(false),
        text => Err(format!("{text:?} is neither {yes} nor {no}")),
    }
}

/// Who else has a vote on an item, and so may be the second person.
fn voters(shared: &Shared, item: &Id) -> String {
    let me = shared.snapshot.me.person.as_ref();
    let ballots = shared.snapshot.open_tally(item).into_iter().flat_map(|tally| &tally.electorate);
    let others = ballots
        .filter(|ballot| ballot.status != BallotStatus::Recused && Some(&ballot.person) != me)
        .map(|ballot| ballot.person.as_str());
    others.collect::<Vec<_>>().join(", ")
}
