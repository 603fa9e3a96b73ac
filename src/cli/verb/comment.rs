//! `quorate comment`: a comment on an item.

use crate::{
    cli::{Context, say},
    errors::Stop,
    wire::Command,
};

/// Comment on a change or release
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    /// What to say; - reads it from standard input
    #[arg(short, long, value_name = "TEXT")]
    message: String,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let text = say::text(&self.message)?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        say::receipt(&mut context.out, board.submit(Command::Comment { item, text })?)
    }
}
