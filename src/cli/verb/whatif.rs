//! `quorate whatif`: clashes that another start would bring and solve.

use crate::{
    cli::{Context, board::Board},
    errors::Stop,
    model::{Id, Instant},
    wire::{Answer, Question, api},
    words,
    words::Label,
};

/// Show which clashes are solved, new and remaining when a change or phase starts at another time; nothing is saved
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    /// The start to try
    #[arg(long, value_name = "TIME")]
    start: String,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let start = context.time(&self.start)?;
        let board = context.board()?;
        let id = board.side(&self.id)?;
        print(context, &board, id, start)
    }
}

/// What a move would do.
pub fn print(context: &mut Context<'_>, board: &Board, id: Id, start: Instant) -> Result<(), Stop> {
    let Answer::WhatIf(moved) = board.ask(Question::WhatIf { id, start })? else { return Ok(()) };
    if context.out.json {
        return context.out.object(&api::WhatIf::from(&*moved));
    }
    let zone = context.zone();
    let out = &mut context.out;
    out.line(format_args!("{} at {}", moved.id, words::time::typed(moved.start, zone)))?;
    for (word, rows) in [("solved", &moved.solved), ("new", &moved.new), ("remaining", &moved.remaining)] {
        for row in rows {
            let (rule, severity) = (row.row.key.rule, row.row.severity);
            out.line(format_args!("{word}: {} {} ({rule}): {}", severity.label(), rule.name(), row.reason))?;
        }
    }
    if let Some(line) = moved.revote.line(|at| words::time::typed(at, zone)) {
        out.line(format_args!("votes: {line}"))?;
    }
    if moved.new.is_empty() && moved.solved.is_empty() {
        out.line("nothing solved, nothing new")?;
    }
    Ok(())
}
