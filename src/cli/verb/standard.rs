//! `quorate standard`: a change from a template that the board approved, in one command.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::{Id, Outcome, RecordKind, Vocabulary},
    wire::{AlsoReported, Answer, Command, Question},
};

use super::{own, template};

/// Make a standard change from a template; what it locks is as it has it
///
/// `quorate templates` lists the templates, `quorate template show TEMPLATE` what each asks for.
#[derive(Debug, clap::Args)]
pub struct Args {
    template: String,
    /// A field and what it is, such as planned_start='2026-12-02 20:00' or services=web; - reads it from standard input
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// The id of the change; the next of the board's own where left out
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Report in the same call that it started: now, or a time
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "now")]
    started: Option<String>,
    /// Report in the same call that it is over: now, or a time
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "now")]
    finished: Option<String>,
    /// How it went
    #[arg(long, value_name = "OUTCOME", value_parser = outcome)]
    outcome: Option<Outcome>,
    /// Say what the board would find, and write nothing
    #[arg(long)]
    dry_run: bool,
}

fn outcome(text: &str) -> Result<Outcome, String> {
    Outcome::of(text)
        .ok_or_else(|| "write successful, successful_with_issues, failed or backed_out".to_owned())
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let fields = own::read(context, RecordKind::Change, &self.set)?;
        let board = if self.dry_run { context.board()? } else { context.board_to_write()? };
        let template = template::named(&board, &self.template)?;
        let id = self.id.as_deref().map(Id::new).transpose();
        let id = id.map_err(|error| Stop::invalid(format!("this is no id: {error}"), "give another"))?;
        let at = |said: Option<&String>| match said.map(String::as_str) {
            Some("now") => Ok(Some(crate::hub::Clock::System.now())),
            Some(text) => context.time(text).map(Some),
            None => Ok(None),
        };
        let also = AlsoReported {
            started: at(self.started.as_ref())?,
            finished: at(self.finished.as_ref())?,
            outcome: self.outcome,
        };
        let command = Command::Standard { template, id, fields, also };
        if !self.dry_run {
            return say::receipt(&mut context.out, board.submit(command)?);
        }
        let Answer::Rehearsal(found) = board.ask(Question::Rehearse { command: Box::new(command) })? else {
            return Err(super::odd_answer());
        };
        own::print(context, &found)?;
        if found.refused { Err(Stop::Answer(1)) } else { Ok(()) }
    }
}
