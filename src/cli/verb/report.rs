//! `quorate report`: what happened to a change.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::{Outcome, Vocabulary},
    wire::Command,
};

/// Report that a change or a phase started or finished, and how it ended
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["start", "finish", "outcome"]))]
pub struct Args {
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
}

fn outcome(text: &str) -> Result<Outcome, String> {
    Outcome::of(text)
        .ok_or_else(|| "write successful, successful_with_issues, failed or backed_out".to_owned())
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
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
