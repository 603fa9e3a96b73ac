//! `quorate review`: the review after the implementation.

use crate::{
    cli::{Context, board::Board, say},
    errors::Stop,
    model::{Id, Prose},
    wire::{Answer, Command, Question},
    words,
};

/// Record the review after the implementation
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("verdict").required(true).args(["successful", "failed", "draft"]))]
pub struct Args {
    id: String,
    /// It did what it was meant to do
    #[arg(long)]
    successful: bool,
    /// It did not
    #[arg(long)]
    failed: bool,
    /// Print what the run says for itself, and record nothing
    #[arg(long)]
    draft: bool,
    /// What was found; - reads it from standard input, and without it the run on the record is told
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        if self.draft {
            let board = context.board()?;
            let item = board.item(&self.id)?;
            let (successful, text) = drafted(context, &board, &item)?;
            let verdict = successful
                .map_or("successful or not: not known", |yes| if yes { "successful" } else { "failed" });
            return context.out.line(format_args!("{item}: {verdict}. {text}"));
        }
        let text = self.message.as_deref().map(say::text).transpose()?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let text = match text {
            Some(text) => text,
            None => Prose::new(&drafted(context, &board, &item)?.1),
        };
        let receipt = board.submit(Command::Review { item, successful: self.successful, text })?;
        say::receipt(&mut context.out, receipt)
    }
}

/// What the run on the record says.
fn drafted(context: &Context<'_>, board: &Board, item: &Id) -> Result<(Option<bool>, String), Stop> {
    let none = || {
        Stop::invalid(
            format!("no run of {item} is on the record to review it by"),
            "say what was found, -m TEXT",
        )
    };
    match board.ask(Question::CarriedOut { item: item.clone() }) {
        Ok(Answer::CarriedOut(runs)) => words::run_record::review_of(&runs, context.zone()).ok_or_else(none),
        Ok(_) | Err(_) => Err(none()),
    }
}
