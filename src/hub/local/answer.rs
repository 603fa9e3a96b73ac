//! Answers to questions: what a snapshot does not carry, computed from the live board and the record.

use super::{backup, record, serve::Server};
use crate::wire::{Answer, Problem, ProblemKind, Question};

impl Server {
    /// Answers a question; nothing is changed by it.
    ///
    /// # Errors
    /// When there is no such thing, or the store cannot be read.
    pub fn answer(&mut self, question: &Question) -> Result<Answer, Problem> {
        let store = &self.store;
        match question {
            Question::Log { filter } => Ok(Answer::Log(Box::new(record::page(store, filter)?))),
            Question::Verify { head } => Ok(Answer::Verification(record::verify(store, head.as_deref())?)),
            Question::Export { log } => {
                let rules = &self.live.ledger.fold().rules;
                Ok(Answer::Export(Box::new(backup::export(store, rules, *log)?)))
            }
            _ => Err(Problem::new(ProblemKind::Invalid, "this cannot be answered yet")),
        }
    }
}
