//! What concerns who asks: theirs alone, so that whose it is comes with who asks and is no argument.

use super::outside::Outside;
use crate::{
    ledger::{Ledger, Who},
    wire::{Problem, ProblemKind, notices::Notices},
};

/// What concerns who asks now, how they want to hear of it, and what left to them.
///
/// # Errors
/// When who asks is nobody on the board or a machine, or the store cannot be read.
pub fn notices(ledger: &Ledger, outside: &dyn Outside, who: &Who) -> Result<Notices, Problem> {
    let person = who.actor.person.as_ref().filter(|_| !who.pipeline).ok_or_else(|| {
        let title = format!("notices are for people of the board, and {} is none", who.actor.login);
        Problem::new(ProblemKind::NotAllowed, title).hint("say who you are: `quorate whoami`")
    })?;
    Ok(ledger.notices_view(person, outside.preferences(person)?, outside.channels(person), outside.now()))
}
