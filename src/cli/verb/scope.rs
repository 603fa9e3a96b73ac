//! `quorate scope`: the scope document of a release.

use crate::{
    cli::Context,
    errors::Stop,
    report::{self, Form},
    wire::{Answer, Question},
};

/// Write the scope of a release: what is in it and apart, risk, readiness, clashes, the way back
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    /// Also what differs from how the record saw it at this time
    #[arg(long, value_name = "TIME")]
    diff: Option<String>,
    /// Plain text instead of Markdown
    #[arg(long)]
    plain: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let since = self.diff.as_deref().map(|time| context.time(time)).transpose()?;
        let board = context.board()?;
        let id = board.release(&self.id)?;
        let Answer::Plan(plan) = board.ask(Question::Plan { id, since })? else {
            return Err(super::odd_answer());
        };
        if context.out.json {
            return context.out.object(&*plan);
        }
        let form = if self.plain { Form::Plain } else { Form::Markdown };
        context.out.raw(report::release::scope(&plan, context.zone(), form))
    }
}
