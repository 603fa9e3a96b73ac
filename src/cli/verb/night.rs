//! `quorate night` and `quorate rollback`: what runs tonight and what has to be decided; the way back of a release.

use crate::{
    cli::Context,
    errors::Stop,
    model::Id,
    report::{self, Form},
    wire::{Answer, Question},
};

/// Show what runs tonight and what has to be decided next; from noon to noon where no span is asked
#[derive(Debug, clap::Args)]
pub struct Night {
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// The handover: each run with what happened in it
    #[arg(long)]
    report: bool,
    /// Plain text instead of Markdown
    #[arg(long)]
    plain: bool,
}

/// Show what rolling a release back takes, for every point at which it may stop
#[derive(Debug, clap::Args)]
pub struct Rollback {
    id: String,
    /// Only where it stops after this phase
    #[arg(long, value_name = "PHASE")]
    after: Option<String>,
    /// Plain text instead of Markdown
    #[arg(long)]
    plain: bool,
}

fn form(plain: bool) -> Form {
    if plain { Form::Plain } else { Form::Markdown }
}

impl Night {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let (from, to) = context.span(self.from.as_deref(), self.to.as_deref())?;
        let board = context.board()?;
        let Answer::Night(night) = board.ask(Question::Night { from, to })? else {
            return Err(super::odd_answer());
        };
        if context.out.json {
            return context.out.object(&*night);
        }
        context.out.raw(report::run::night(&night, context.zone(), form(self.plain), self.report))
    }
}

impl Rollback {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board()?;
        let release = board.item(&self.id)?;
        let after = self.after.as_deref().map(Id::new).transpose();
        let after = after.map_err(|error| Stop::invalid(format!("--after: {error}"), "name a phase"))?;
        let Answer::Rollback(plan) = board.ask(Question::Rollback { release, after })? else {
            return Err(super::odd_answer());
        };
        if context.out.json {
            return context.out.object(&*plan);
        }
        context.out.raw(report::run::rollback(&plan, context.zone(), form(self.plain)))
    }
}
