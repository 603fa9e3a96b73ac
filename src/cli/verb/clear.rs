//! `quorate clear`: the chair says that somebody is not who an item names, whom nobody here is.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::Prose,
    wire::Command,
};

/// Say that somebody is not the unknown owner, requester or manager an item names, so that they may vote (chair)
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    /// Who might be that person, and is not; `quorate tally ID` names them
    #[arg(value_name = "PERSON")]
    who: String,
    /// How that is known
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let person = board.person(&self.who)?;
        let reason = self.message.as_deref().map(Prose::new);
        say::receipt(&mut context.out, board.submit(Command::Clear { item, person, reason })?)
    }
}
