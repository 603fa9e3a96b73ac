//! How a person wants to hear of what concerns them: said by themselves, kept beside the log, and in no event
//! (notices § Preferences).

use super::{Ask, Step, invalid};
use crate::{
    ledger::command::{Problem, ProblemKind},
    model::Preferences,
    rules::notices::faults,
};

impl Ask<'_> {
    /// Takes preferences of who acts; which channels there are is known where messages are handed over.
    pub(super) fn prefer(&self, preferences: &Preferences) -> Result<Step, Problem> {
        if self.who.pipeline || self.who.actor.person.is_none() {
            let title = format!("notices are for people of the board, and {} is none", self.who.name());
            return Err(Problem::new(ProblemKind::NotAllowed, title));
        }
        if let Some(fault) = faults(preferences).into_iter().next() {
            let problem = invalid(fault.said);
            return Err(match fault.hint {
                Some(hint) => problem.hint(hint),
                None => problem,
            });
        }
        Ok(Step { said: "your preferences are kept".to_owned(), ..Step::default() })
    }
}
