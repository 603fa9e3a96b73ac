//! `quorate delegate`: somebody acts in another's seats for a time.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::Id,
    wire::{Command, Problem, ProblemKind},
};

/// Let somebody act in a seat for a time
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The board; where left out, the one you sit on
    #[arg(long, value_name = "BOARD")]
    board: Option<String>,
    /// Whose seats; where left out, yours
    #[arg(long, value_name = "PERSON")]
    from: Option<String>,
    /// Who acts in them
    #[arg(long, value_name = "PERSON")]
    to: String,
    #[arg(long, value_name = "TIME")]
    start: String,
    #[arg(long, value_name = "TIME")]
    end: String,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let (start, end) = (context.time(&self.start)?, context.time(&self.end)?);
        if end <= start {
            return Err(Stop::invalid("--end is not after --start", "a delegation needs a time"));
        }
        let board = context.board_to_write()?;
        let nobody = || {
            Problem::new(ProblemKind::Invalid, "you are no person of this board").hint("name one with --from")
        };
        let from = match &self.from {
            Some(who) => board.person(who)?,
            None => board.actor().person.clone().ok_or_else(nobody)?,
        };
        let to = board.person(&self.to)?;
        let on = match &self.board {
            Some(name) => {
                Id::new(name).map_err(|error| Stop::invalid(format!("--board: {error}"), "name a board"))?
            }
            None => board
                .glance()
                .me()
                .board
                .clone()
                .ok_or_else(|| Stop::invalid("there is no board", "name one with --board"))?,
        };
        let receipt = board.submit(Command::Delegate { board: on, from, to, start, end })?;
        say::receipt(&mut context.out, receipt)
    }
}
