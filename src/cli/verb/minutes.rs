//! `quorate minutes`: the minutes of a meeting, as issued or as a draft.

use super::meeting;
use crate::{
    cli::{Context, say},
    errors::Stop,
    report::{self, Form},
    wire::{Answer, Command, MeetingCommand, Question},
};

/// Print the minutes of a meeting, issue them, or add to issued ones
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which meeting; where left out, the one that is on, else the last one
    which: Option<String>,
    /// Plain text instead of Markdown
    #[arg(long)]
    plain: bool,
    /// Put them on record as they are; from then on they are only added to (chair)
    #[arg(long, conflicts_with = "amend")]
    issue: bool,
    /// Add to issued minutes
    #[arg(long, value_name = "TEXT")]
    amend: Option<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let write = self.issue || self.amend.is_some();
        let board = if write { context.board_to_write()? } else { context.board()? };
        let on = board.glance().meeting_on().map(|row| row.id.clone());
        let ended = board.glance().meetings().iter().filter(|row| row.ended_at.is_some());
        let last = ended.max_by_key(|row| row.ended_at).map(|row| row.id.clone());
        let meeting = match (&self.which, on.or(last)) {
            (None, Some(id)) => id,
            (named, _) => meeting::find(&board, named.as_deref())?.id,
        };
        let act = match &self.amend {
            Some(text) => Some(MeetingCommand::AmendMinutes { text: say::text(text)? }),
            None => self.issue.then_some(MeetingCommand::IssueMinutes),
        };
        if let Some(act) = act {
            return say::receipt(&mut context.out, board.submit(Command::Meeting { meeting, act })?);
        }
        let Answer::Minutes(doc) = board.ask(Question::Minutes { meeting })? else {
            return Err(super::odd_answer());
        };
        if context.out.json {
            return context.out.object(&*doc);
        }
        let form = if self.plain { Form::Plain } else { Form::Markdown };
        context.out.raw(report::minutes::write(&doc, form))
    }
}
