//! `quorate run`: the run of a change or a phase, step by step.

mod act;
mod rehearse;

#[cfg(test)]
pub use rehearse::Rehearsed;

use crate::{
    cli::Context,
    errors::Stop,
    report::{self, Form},
    wire::{Answer, Question, run::RunView},
};

/// Show the run of a change or a phase: steps, projected end, limit, way back; or act on it
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    act: Option<act::Act>,
    /// A change, or a phase as RELEASE/PHASE
    #[arg(required = true)]
    id: Option<String>,
    /// Play it through as planned, from its planned start; nothing is changed
    #[arg(long)]
    rehearse: bool,
    /// Plain text instead of Markdown
    #[arg(long)]
    plain: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        if let Some(act) = self.act {
            return act.run(context);
        }
        let board = context.board()?;
        let id = board.activity(self.id.as_deref().unwrap_or_default())?;
        let view = view(&board, id)?;
        if self.rehearse {
            return rehearse::print(context, &board, &view);
        }
        if context.out.json {
            return context.out.object(&view);
        }
        let form = if self.plain { Form::Plain } else { Form::Markdown };
        context.out.raw(report::run::run(&view, context.zone(), form))
    }
}

/// The run of an activity, as it stands.
fn view(board: &crate::cli::board::Board, id: crate::model::Id) -> Result<RunView, Stop> {
    match board.ask(Question::Run { id })? {
        Answer::Run(view) => Ok(*view),
        _ => Err(super::odd_answer()),
    }
}
