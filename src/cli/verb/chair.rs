//! The chair's verbs: they differ in what they say, not in how.

use crate::{
    cli::{Context, say},
    errors::Stop,
    wire::Command,
};

/// Open a round of voting on an item (chair)
#[derive(Debug, clap::Args)]
pub struct Open {
    id: String,
    /// Open a new round in place of the one that is open: its votes start again
    #[arg(long)]
    again: bool,
}

/// Close the open round by its rule (chair)
#[derive(Debug, clap::Args)]
pub struct Close {
    id: String,
}

/// Defer an item: its round ends without a decision (chair)
#[derive(Debug, clap::Args)]
pub struct Defer {
    id: String,
    /// Why
    #[arg(short, long, value_name = "TEXT")]
    message: String,
}

/// Ask for information: the round ends until it is there (chair)
#[derive(Debug, clap::Args)]
pub struct Ask {
    id: String,
    /// What is asked
    #[arg(short, long, value_name = "TEXT")]
    message: String,
}

/// Add a condition to an approved item, or say that one is met
#[derive(Debug, clap::Args)]
pub struct Condition {
    id: String,
    /// What must be done before the gate opens
    #[arg(short, long, value_name = "TEXT", required_unless_present = "met")]
    message: Option<String>,
    /// Who sees to it
    #[arg(long, value_name = "PERSON", required_unless_present = "met")]
    owner: Option<String>,
    /// The number of a condition that is met
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["message", "owner"])]
    met: Option<u32>,
}

impl Open {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let command = if self.again { Command::OpenAgain { item } } else { Command::Open { item } };
        say::receipt(&mut context.out, board.submit(command)?)
    }
}

impl Close {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        say::receipt(&mut context.out, board.submit(Command::Close { item })?)
    }
}

impl Defer {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let reason = say::text(&self.message)?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        say::receipt(&mut context.out, board.submit(Command::Defer { item, reason })?)
    }
}

impl Ask {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let question = say::text(&self.message)?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        say::receipt(&mut context.out, board.submit(Command::Ask { item, question })?)
    }
}

impl Condition {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let text = self.message.as_deref().map(say::text).transpose()?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let command = match (self.met, text, self.owner) {
            (Some(condition), _, _) => Command::MeetCondition { item, condition },
            (None, Some(text), Some(owner)) => {
                Command::Condition { item, text, owner: board.person(&owner)? }
            }
            (None, _, _) => {
                return Err(Stop::invalid("a condition needs a text and an owner", "give -m and --owner"));
            }
        };
        say::receipt(&mut context.out, board.submit(command)?)
    }
}
