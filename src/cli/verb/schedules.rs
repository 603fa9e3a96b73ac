//! `quorate runsheet` and `quorate schedule`: who is on and when, and what comes and what moved.

use crate::{
    cli::Context,
    config::Period,
    errors::Stop,
    model::{Instant, time::DAY},
    report::{self, Form},
    wire::{Answer, Question},
};

/// Print who is on and when, go and no-go times and points of no return; the next two days where no span is asked
#[derive(Debug, clap::Args)]
pub struct RunSheet {
    #[command(flatten)]
    within: Within,
}

/// Print what is planned, with what moved since last week; the next four weeks where no span is asked
#[derive(Debug, clap::Args)]
pub struct Schedule {
    #[command(flatten)]
    within: Within,
    /// Tell what moved since so long ago
    #[arg(long, value_name = "LENGTH", default_value = "7d")]
    since: Period,
}

#[derive(Debug, clap::Args)]
struct Within {
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Plain text instead of Markdown
    #[arg(long)]
    plain: bool,
}

impl Within {
    fn span(&self, context: &Context<'_>, now: Instant, days: i64) -> Result<(Instant, Instant), Stop> {
        let (from, to) = context.span(self.from.as_deref(), self.to.as_deref())?;
        let from = from.unwrap_or(now);
        Ok((from, to.unwrap_or(from.plus(days * DAY))))
    }

    fn form(&self) -> Form {
        if self.plain { Form::Plain } else { Form::Markdown }
    }
}

impl RunSheet {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board()?;
        let (from, to) = self.within.span(context, board.glance().now(), 2)?;
        let Answer::RunSheet(sheet) = board.ask(Question::RunSheet { from, to })? else {
            return Err(super::odd_answer());
        };
        if context.out.json {
            return context.out.object(&*sheet);
        }
        context.out.raw(report::schedule::run_sheet(&sheet, context.zone(), self.within.form()))
    }
}

impl Schedule {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board()?;
        let (from, to) = self.within.span(context, board.glance().now(), 28)?;
        let since = board.glance().now().plus(-self.since.secs());
        let Answer::Schedule(schedule) = board.ask(Question::Schedule { from, to, since })? else {
            return Err(super::odd_answer());
        };
        if context.out.json {
            return context.out.object(&*schedule);
        }
        context.out.raw(report::schedule::forward(&schedule, context.zone(), self.within.form()))
    }
}
