//! Around an item: `question`, `answer`, `action`, `away`, `context` and `room`.

use chrono::NaiveDate;

use super::meeting;
use crate::{
    cli::{Context, say},
    errors::Stop,
    model::Prose,
    wire::{Answer, Command, Question as Asked},
    words,
    words::Label,
};

/// Ask the owner of an item something
#[derive(Debug, clap::Args)]
pub struct Question {
    id: String,
    #[arg(short, long, value_name = "TEXT")]
    message: String,
}

/// Answer a question about an item
#[derive(Debug, clap::Args)]
pub struct Reply {
    id: String,
    /// The number of the question
    question: u32,
    #[arg(short, long, value_name = "TEXT")]
    message: String,
}

/// Give somebody something to do, or close it
#[derive(Debug, clap::Args)]
pub struct Action {
    /// What is to be done
    #[arg(short, long, value_name = "TEXT", required_unless_present_any = ["close", "list"])]
    message: Option<String>,
    #[arg(long, value_name = "PERSON", required_unless_present_any = ["close", "list"])]
    owner: Option<String>,
    /// Until which day
    #[arg(long, value_name = "DATE")]
    due: Option<NaiveDate>,
    /// About which item
    #[arg(long, value_name = "ID")]
    item: Option<String>,
    /// Close the action of this number
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["owner", "due", "item"])]
    close: Option<u32>,
    /// List what is open
    #[arg(long)]
    list: bool,
}

/// Say when you, or somebody of your board, are away
#[derive(Debug, clap::Args)]
pub struct Away {
    /// Who; you where left out
    who: Option<String>,
    #[arg(long, value_name = "TIME")]
    start: String,
    #[arg(long, value_name = "TIME")]
    end: String,
}

/// Show a decision as its voters saw it, with what is different now
#[derive(Debug, clap::Args)]
pub struct Room {
    id: String,
    /// Which round; the newest closed one where left out
    #[arg(long, value_name = "NUMBER")]
    round: Option<u32>,
}

impl Question {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let text = say::text(&self.message)?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        say::receipt(&mut context.out, board.submit(Command::Question { item, text })?)
    }
}

impl Reply {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let text = say::text(&self.message)?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let command = Command::Answer { item, question: self.question, text };
        say::receipt(&mut context.out, board.submit(command)?)
    }
}

impl Action {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        if let Some(action) = self.close {
            let board = context.board_to_write()?;
            let note = self.message.as_deref().map(Prose::new);
            return say::receipt(&mut context.out, board.submit(Command::CloseAction { action, note })?);
        }
        let (Some(message), Some(owner), false) = (&self.message, &self.owner, self.list) else {
            return list(context);
        };
        let board = context.board_to_write()?;
        let meeting = board.glance().meeting_on().map(|row| row.id.clone());
        let meeting = meeting.or_else(|| {
            let row = meeting::find(&board, None).ok()?;
            (row.phase == crate::wire::MeetingPhase::Convened).then_some(row.id)
        });
        let command = Command::AddAction {
            meeting,
            item: self.item.as_deref().map(|item| board.item(item)).transpose()?,
            text: say::text(message)?,
            owner: board.person(owner)?,
            due: self.due,
        };
        say::receipt(&mut context.out, board.submit(command)?)
    }
}

fn list(context: &mut Context<'_>) -> Result<(), Stop> {
    let board = context.board()?;
    if context.out.json {
        return context.out.array(board.glance().actions().iter());
    }
    for action in board.glance().actions().iter() {
        let due = action.due.map(|due| format!(", due {due}")).unwrap_or_default();
        let item = action.item.as_ref().map(|item| format!(", on {item}")).unwrap_or_default();
        let text = action.text.words();
        context.out.line(format_args!("{}, {}{due}{item}: {text}", action.number, action.owner))?;
    }
    Ok(())
}

impl Away {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let (start, end) = (context.time(&self.start)?, context.time(&self.end)?);
        let board = context.board_to_write()?;
        let person = self.who.as_deref().map(|who| board.person(who)).transpose()?;
        say::receipt(&mut context.out, board.submit(Command::Away { person, start, end })?)
    }
}

impl Room {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board()?;
        let id = board.item(&self.id)?;
        let Answer::Room(room) = board.ask(Asked::Room { id, round: self.round })? else {
            return Err(super::odd_answer());
        };
        if context.out.json {
            return context.out.object(&*room);
        }
        let zone = context.zone();
        let out = &mut context.out;
        out.line(format_args!("{}: {}", room.item, room.title))?;
        out.fact("Round", format_args!("{} on {}", room.round, room.revision.short()))?;
        out.fact("Closed", words::time::typed(room.closed_at, zone))?;
        out.fact("Count", &room.tally.line)?;
        out.fact("Reason", room.reason.as_deref().unwrap_or_default())?;
        match &room.seen {
            Some(seen) => {
                out.fact("Counted by", format_args!("quorate {}", seen.engine))?;
                for source in &seen.sources {
                    let read = source
                        .read_at
                        .map_or_else(|| "never read".to_owned(), |at| words::time::typed(at, zone));
                    out.fact("Source", format_args!("{}, {read}", source.source))?;
                }
                for row in &seen.conflicts {
                    let acknowledged = row.acknowledged.as_ref();
                    let acknowledged =
                        acknowledged.map(|by| format!("; acknowledged by {by}")).unwrap_or_default();
                    out.fact("Clash", format_args!("{} {}{acknowledged}", row.severity.label(), row.reason))?;
                }
            }
            None => out.fact("Clashes", "not on record")?,
        }
        for change in &room.changed {
            out.fact("Now", format_args!("{}: {} is {}", change.field, change.old, change.new))?;
        }
        for row in &room.came {
            out.fact("Came since", &row.reason)?;
        }
        for row in &room.went {
            out.fact("Went since", &row.reason)?;
        }
        Ok(())
    }
}
