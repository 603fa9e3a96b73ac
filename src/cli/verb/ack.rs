//! `quorate ack`: a conflict acknowledged, or that taken back.
//!
//! A conflict is named by its rule and its sides, in either order; who may do it is the board's to say.

use crate::{
    cli::{Context, ids, say},
    errors::Stop,
    model::{Prose, time::DAY},
    wire::Command,
};

/// Acknowledge a clash, with a reason and until when; or take that back
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The rule: C1 to C20
    rule: String,
    /// One side
    a: String,
    /// The other side, where the rule has several rows of the first
    b: Option<String>,
    /// Why it is acceptable
    #[arg(short, long, value_name = "TEXT", required_unless_present = "undo")]
    message: Option<String>,
    /// When it has to be looked at again; seven days from now where not given
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Take an acknowledgement back
    #[arg(long)]
    undo: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let until = self.until.as_deref().map(|text| context.time(text)).transpose()?;
        ids::rule(&self.rule)?;
        let reason = self.message.as_deref().filter(|_| !self.undo).map(say::text).transpose()?;
        let board = context.board_to_write()?;
        let conflict = board.conflict(&self.rule, &self.a, self.b.as_deref())?.key.clone();
        let command = match reason {
            Some(reason) => {
                let until = until.unwrap_or_else(|| board.glance().now().plus(7 * DAY));
                Command::Acknowledge { conflict, reason, until }
            }
            None => Command::Unacknowledge { conflict, reason: self.message.as_deref().map(Prose::new) },
        };
        say::receipt(&mut context.out, board.submit(command)?)
    }
}
