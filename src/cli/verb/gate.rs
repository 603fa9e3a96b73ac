//! `quorate gate`: may this go? For a pipeline to ask before it deploys.

use crate::{
    cli::Context,
    errors::Stop,
    wire::{Answer, Command, GateVerdict, Question},
    words::{self, Label},
};

/// May this go now, or at --at? Exit code 0 go, 1 no-go, 3 cannot tell
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    /// Ask for a rollback: always go, and recorded
    #[arg(long)]
    rollback: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = if self.rollback { context.board_to_write()? } else { context.board()? };
        let id = board.item(&self.id).or_else(|stop| board.activity(&self.id).map_err(|_| stop))?;
        let mut unrecorded = None;
        if self.rollback
            && let Err(stop) = board.submit(Command::RollbackGate { item: id.clone() })
        {
            // Backing out is never frozen: not by a record that does not hold either.
            if board.glance().broken().is_none() {
                return Err(stop);
            }
            unrecorded = Some(format!("not recorded: {}", stop.sentence()));
        }
        let question = Question::Gate { id, at: context.at, rollback: self.rollback };
        let Answer::Gate(mut answer) = board.ask(question)? else { return Ok(()) };
        answer.reasons.extend(unrecorded);
        let word = answer.verdict.label();
        let code = match answer.verdict {
            GateVerdict::Go => 0,
            GateVerdict::NoGo => 1,
            GateVerdict::CannotTell => 3,
        };
        if context.out.json {
            context.out.object(&*answer)?;
        } else {
            let zone = context.zone();
            context.out.line(format_args!(
                "{}: {word} at {}",
                answer.id,
                words::time::typed(answer.at, zone)
            ))?;
            for reason in &answer.reasons {
                context.out.line(crate::calendar::in_zone(reason, zone))?;
            }
        }
        if code == 0 { Ok(()) } else { Err(Stop::Answer(code)) }
    }
}
