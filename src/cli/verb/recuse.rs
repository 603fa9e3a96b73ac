//! `quorate recuse`: staying out of a vote.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::Prose,
    wire::Command,
};

/// Stay out of the vote on an item; a cast vote is withdrawn
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    /// Why
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let reason = self.message.as_deref().map(Prose::new);
        say::receipt(&mut context.out, board.submit(Command::Recuse { item, reason })?)
    }
}
