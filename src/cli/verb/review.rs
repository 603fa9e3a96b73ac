//! `quorate review`: the review after the implementation.

use crate::{
    cli::{Context, say},
    errors::Stop,
    wire::Command,
};

/// Record the review after the implementation
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("verdict").required(true).args(["successful", "failed"]))]
pub struct Args {
    id: String,
    /// It did what it was meant to do
    #[arg(long)]
    successful: bool,
    /// It did not
    #[arg(long)]
    failed: bool,
    /// What was found; - reads it from standard input
    #[arg(short, long, value_name = "TEXT")]
    message: String,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let text = say::text(&self.message)?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let receipt = board.submit(Command::Review { item, successful: self.successful, text })?;
        say::receipt(&mut context.out, receipt)
    }
}
