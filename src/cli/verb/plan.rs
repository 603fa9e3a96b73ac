//! `quorate plan`: the plan of a release as a document.

use crate::{
    cli::Context,
    errors::Stop,
    report::{self, Form},
    wire::{Answer, Question},
};

/// Write the plan of a release: its timetable, each phase with its people, steps, conditions and way back
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    /// Plain text instead of Markdown
    #[arg(long)]
    plain: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board()?;
        let id = board.release(&self.id)?;
        let Answer::Plan(plan) = board.ask(Question::Plan { id, since: None })? else {
            return Err(super::odd_answer());
        };
        if context.out.json {
            return context.out.object(&*plan);
        }
        let form = if self.plain { Form::Plain } else { Form::Markdown };
        context.out.raw(report::release_plan::plan(&plan, context.zone(), form))
    }
}
