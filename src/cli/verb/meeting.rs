//! `quorate meeting`: a meeting without the screens, act by act.

mod show;

use crate::{
    cli::{Context, board::Board, say},
    errors::Stop,
    model::{Id, Prose},
    wire::{Command, MeetingCommand, MeetingRow, Problem, ProblemKind, RollCalled, Vote},
    words::Label,
};

/// Run a meeting of a board: who is here, what is in focus, what was decided
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which meeting: its id, its plan or its board; where left out, the one that is on, else the next
    #[arg(long, global = true, value_name = "MEETING")]
    meeting: Option<String>,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Put a meeting on record: a planned one, or one at once for some items
    New {
        /// A plan, one of its dates such as cab-2026-11-24, or a board
        which: Option<String>,
        /// What it is convened for
        #[arg(long = "item", value_name = "ID")]
        items: Vec<String>,
        /// For how many minutes the votes stay open
        #[arg(long, value_name = "MINUTES")]
        deadline: Option<u32>,
    },
    /// Show the agenda, who is here, and how ready each item is
    Agenda,
    /// Put an item before another one, or last, before the agenda is sealed (chair)
    Place {
        id: String,
        #[arg(long, value_name = "ID")]
        before: Option<String>,
    },
    /// Ask for an item to be decided in the meeting
    Pull {
        id: String,
        #[arg(short, long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// Seal the agenda and start (chair)
    Start,
    /// Let a late item in (chair)
    Late {
        id: String,
        /// Why
        #[arg(short, long, value_name = "TEXT")]
        message: String,
    },
    /// Go on to the next item (chair)
    Next,
    /// Go back to the item before (chair)
    Previous,
    /// Go to an item (chair)
    Focus { id: String },
    /// Skip an item, the one in focus where none is named (chair)
    Skip { id: Option<String> },
    /// Put an item off to another meeting (chair)
    Defer {
        id: Option<String>,
        /// Which meeting; the next one where left out
        #[arg(long, value_name = "MEETING")]
        to: Option<String>,
        /// Why
        #[arg(short, long, value_name = "TEXT")]
        message: String,
    },
    /// Take an item next (chair)
    Promote { id: String },
    /// Take an item last (chair)
    Demote { id: String },
    /// Let a skipped or deferred item wait again (chair)
    Restore { id: String },
    /// Pull an item out of the consent block
    PullOut { id: String },
    /// Decide the consent block: nobody objects (chair)
    Consent,
    /// Say whether who presents an item is here; absent, it sinks to the end (chair)
    Presenter {
        id: String,
        #[arg(long)]
        absent: bool,
    },
    /// Enter the votes of a room, read back before they are sent (chair)
    RollCall {
        id: String,
        /// m.ortiz=yes k.wu=no:the-reason r.diaz=abstain
        #[arg(required = true, value_name = "PERSON=VOTE")]
        votes: Vec<String>,
        /// Send them; without this they are only read back
        #[arg(long)]
        yes: bool,
    },
    /// Say that somebody is here: you, or whom the chair names
    Here { who: Option<String> },
    /// Say that somebody left: you, or whom the chair names
    Gone { who: Option<String> },
    /// Propose that somebody steps out of an item
    Recusal {
        id: String,
        who: String,
        /// Why
        #[arg(short, long, value_name = "TEXT")]
        message: String,
    },
    /// Take a chair that lapsed, or hand yours to somebody
    Chair {
        /// To whom
        #[arg(long, value_name = "PERSON", conflicts_with = "keep")]
        to: Option<String>,
        /// Only say that you are still there
        #[arg(long)]
        keep: bool,
        /// Why
        #[arg(short, long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// Stop the clocks (chair)
    Pause,
    /// Go on (chair)
    Resume,
    /// End it; what is not decided comes again (chair)
    End,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let named = self.meeting.as_deref();
        match self.act {
            None => show::list(context, &context.board()?),
            Some(Act::Agenda) => {
                let board = context.board()?;
                let meeting = find(&board, named)?;
                show::agenda(context, &board, &meeting)
            }
            Some(Act::New { which, items, deadline }) => {
                let board = context.board_to_write()?;
                let meeting = match which.as_deref().or(named) {
                    Some(name) => id(name)?,
                    None => next(&board)?,
                };
                let items = items.iter().map(|item| board.item(item)).collect::<Result<_, _>>()?;
                let act = MeetingCommand::Convene { items, deadline_minutes: deadline };
                say::receipt(&mut context.out, board.submit(Command::Meeting { meeting, act })?)
            }
            Some(Act::RollCall { id, votes, yes }) => roll_call(context, named, &id, &votes, yes),
            Some(act) => {
                let board = context.board_to_write()?;
                let meeting = find(&board, named)?;
                let act = act.command(&board, &meeting)?;
                let command = Command::Meeting { meeting: meeting.id, act };
                say::receipt(&mut context.out, board.submit(command)?)
            }
        }
    }
}

impl Act {
    fn command(self, board: &Board, meeting: &MeetingRow) -> Result<MeetingCommand, Stop> {
        use MeetingCommand as C;
        let optional = |item: Option<String>| item.map(|item| board.item(&item)).transpose();
        Ok(match self {
            Self::New { .. } | Self::Agenda | Self::RollCall { .. } => {
                return Err(Stop::invalid("this is no act of a meeting", "see `quorate help meeting`"));
            }
            Self::Place { id, before } => C::Place { item: board.item(&id)?, before: optional(before)? },
            Self::Pull { id, message } => {
                C::Pull { item: board.item(&id)?, reason: message.as_deref().map(Prose::new) }
            }
            Self::Start => C::Start,
            Self::Late { id, message } => C::Late { item: board.item(&id)?, reason: say::text(&message)? },
            Self::Next => C::Next,
            Self::Previous => C::Previous,
            Self::Focus { id } => C::Focus { item: board.item(&id)? },
            Self::Skip { id } => C::Skip { item: optional(id)? },
            Self::Defer { id, to, message } => C::Defer {
                item: optional(id)?,
                to: other(board, meeting, to.as_deref())?,
                reason: say::text(&message)?,
            },
            Self::Promote { id } => C::Promote { item: board.item(&id)? },
            Self::Demote { id } => C::Demote { item: board.item(&id)? },
            Self::Restore { id } => C::Restore { item: board.item(&id)? },
            Self::PullOut { id } => C::PullOut { item: board.item(&id)? },
            Self::Consent => C::Consent,
            Self::Presenter { id, absent } => C::Presenter { item: board.item(&id)?, present: !absent },
            Self::Here { who } => C::Arrive { person: who.map(|who| board.person(&who)).transpose()? },
            Self::Gone { who } => C::Leave { person: who.map(|who| board.person(&who)).transpose()? },
            Self::Recusal { id, who, message } => C::ProposeRecusal {
                item: board.item(&id)?,
                person: board.person(&who)?,
                reason: say::text(&message)?,
            },
            Self::Chair { to: Some(to), .. } => C::HandChair { to: board.person(&to)? },
            Self::Chair { keep: true, .. } => C::RenewChair,
            Self::Chair { message, .. } => C::TakeChair { reason: message.as_deref().map(Prose::new) },
            Self::Pause => C::Pause,
            Self::Resume => C::Resume,
            Self::End => C::End,
        })
    }
}

fn id(text: &str) -> Result<Id, Stop> {
    Id::new(text).map_err(|error| Stop::invalid(format!("{text:?}: {error}"), "name a meeting"))
}

/// The meeting that is meant: named, on, on record, or the next one planned.
pub fn find(board: &Board, named: Option<&str>) -> Result<MeetingRow, Stop> {
    let rows = || board.glance().meetings().iter();
    let found = match named {
        Some(name) => {
            let is = |row: &&std::sync::Arc<MeetingRow>| {
                let plan = row.plan.as_ref().is_some_and(|plan| *plan == name);
                row.id == name || ((plan || row.board == name) && row.ended_at.is_none())
            };
            let row = rows().find(|row| row.id == name).or_else(|| rows().find(is));
            return match (row, id(name)?) {
                (Some(row), _) => Ok(MeetingRow::clone(row)),
                (None, id) => match board.ask(crate::wire::Question::Meeting { id })? {
                    crate::wire::Answer::Meeting(row) => Ok(*row),
                    _ => Err(none()),
                },
            };
        }
        None => board
            .glance()
            .meeting_on()
            .or_else(|| {
                rows().find(|row| row.ended_at.is_none() && row.phase != crate::wire::MeetingPhase::Planned)
            })
            .or_else(|| rows().find(|row| row.ended_at.is_none())),
    };
    found.map(|row| MeetingRow::clone(row)).ok_or_else(none)
}

fn none() -> Stop {
    Problem::new(ProblemKind::NotFound, "no meeting is planned or on record")
        .hint("plan one in `settings.meetings` of the board file, or `quorate meeting new BOARD`")
        .into()
}

/// The next planned meeting that is not on record.
fn next(board: &Board) -> Result<Id, Stop> {
    let planned =
        board.glance().meetings().iter().find(|row| row.phase == crate::wire::MeetingPhase::Planned);
    planned.map(|row| row.id.clone()).ok_or_else(none)
}

/// Where an item is postponed to.
fn other(board: &Board, meeting: &MeetingRow, to: Option<&str>) -> Result<Id, Stop> {
    if let Some(name) = to {
        return id(name);
    }
    let ahead = board.glance().meetings().iter().find(|row| {
        row.id != meeting.id
            && row.board == meeting.board
            && row.started_at.is_none()
            && row.ended_at.is_none()
    });
    ahead
        .map(|row| row.id.clone())
        .ok_or_else(|| Stop::invalid("no other meeting is to come", "name one with --to"))
}

/// Reads a roll call back, and sends it where that was asked for.
fn roll_call(
    context: &mut Context<'_>,
    named: Option<&str>,
    item: &str,
    votes: &[String],
    yes: bool,
) -> Result<(), Stop> {
    let board = if yes { context.board_to_write()? } else { context.board()? };
    let meeting = find(&board, named)?;
    let item = board.item(item)?;
    let tally = board.tally(&item)?.filter(|tally| tally.is_open()).ok_or_else(|| {
        Problem::new(ProblemKind::Invalid, format!("no round is open on {item}"))
            .hint(format!("the chair opens one with `quorate open {item}`"))
    })?;
    let votes: Vec<RollCalled> = votes.iter().map(|text| called(&board, text)).collect::<Result<_, _>>()?;
    if !yes {
        // In seat order, as the names are called.
        for ballot in &tally.electorate {
            let vote = votes.iter().find(|called| called.person == ballot.person);
            let said = vote.map_or("not called", |called| called.vote.label());
            context.out.line(format_args!("{}: {said}", ballot.person))?;
        }
        return context.out.line("not sent: say --yes to enter them");
    }
    let act = MeetingCommand::RollCall { item, revision: tally.revision, votes };
    say::receipt(&mut context.out, board.submit(Command::Meeting { meeting: meeting.id, act })?)
}

/// `k.wu=no:no rehearsal`.
fn called(board: &Board, text: &str) -> Result<RollCalled, Stop> {
    let wrong = || {
        Stop::invalid(format!("{text:?} is no vote"), "write PERSON=yes, PERSON=no:REASON or PERSON=abstain")
    };
    let (person, said) = text.split_once('=').ok_or_else(wrong)?;
    let (vote, why) = said.split_once(':').map_or((said, None), |(vote, why)| (vote, Some(why)));
    let vote = match vote.trim().to_lowercase().as_str() {
        "yes" | "y" | "approve" => Vote::Approve,
        "no" | "n" | "reject" => Vote::Reject,
        "abstain" | "a" => Vote::Abstain,
        _ => return Err(wrong()),
    };
    Ok(RollCalled { person: board.person(person)?, vote, comment: why.map(Prose::new) })
}
