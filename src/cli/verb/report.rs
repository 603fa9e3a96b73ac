//! `quorate report`: what happened to a change.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::{Outcome, Vocabulary},
    wire::Command,
};

/// Report that a change or a phase started or finished, and how it ended; or print the report of a month
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The change or the phase; `month` for the report of one
    #[arg(value_name = "ID|month")]
    id: String,
    /// It started; now, or at this time
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "now")]
    start: Option<String>,
    /// It finished; now, or at this time
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "now")]
    finish: Option<String>,
    /// successful, successful_with_issues, failed or backed_out
    #[arg(long, value_parser = outcome)]
    outcome: Option<Outcome>,
    /// Of `month`: which one, 2026-10; the last that is over where none is named
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    /// Of `month`: plain text instead of Markdown
    #[arg(long)]
    plain: bool,
}

fn outcome(text: &str) -> Result<Outcome, String> {
    Outcome::of(text)
        .ok_or_else(|| "write successful, successful_with_issues, failed or backed_out".to_owned())
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let nothing = self.start.is_none() && self.finish.is_none() && self.outcome.is_none();
        if self.id == "month" && nothing {
            return super::kpi::month(context, self.period, self.plain);
        }
        if nothing || self.period.is_some() || self.plain {
            return Err(Stop::invalid(
                format!("what happened to {} is not said", self.id),
                "say it with --start, --finish or --outcome; `quorate report month` prints the report of a month",
            ));
        }
        let now = crate::hub::Clock::System.now();
        let time = |text: Option<&str>| match text {
            None => Ok(None),
            Some("now") => Ok(Some(now)),
            Some(text) => context.time(text).map(Some),
        };
        let (started, finished) = (time(self.start.as_deref())?, time(self.finish.as_deref())?);
        let board = context.board_to_write()?;
        let item = board.activity(&self.id).or_else(|_| board.item(&self.id))?;
        let receipt = board.submit(Command::Report { item, started, finished, outcome: self.outcome })?;
        say::receipt(&mut context.out, receipt)
    }
}
