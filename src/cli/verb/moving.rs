//! `quorate move`: a new planned start.

use crate::{
    cli::{Context, say},
    errors::Stop,
    wire::Command,
};

/// Move a change or a phase to another planned start; its length stays (`release move` moves a release). A change of a source
/// that takes planned dates is moved there, and the board follows; others are changed in their own system
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    #[arg(long, value_name = "TIME")]
    start: String,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let start = context.time(&self.start)?;
        let board = context.board_to_write()?;
        let item = board.activity(&self.id)?;
        say::receipt(&mut context.out, board.submit(Command::Move { item, start })?)
    }
}
