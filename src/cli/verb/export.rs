//! `quorate export`: the whole board as a file, with its log on request.

use crate::{
    cli::{Context, say},
    errors::Stop,
    source::board_file,
    wire::{Answer, Question},
};

/// Print the whole board as a board file; with its log it can be restored
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Add the record, so that `import --with-log` restores it into an empty board
    #[arg(long)]
    with_log: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board()?;
        let Answer::Export(export) = board.ask(Question::Export { log: self.with_log })? else {
            return Ok(());
        };
        say::withheld(&export.log);
        context.out.json_text(&board_file::write_with_log(&export.file, &export.log)?)
    }
}
