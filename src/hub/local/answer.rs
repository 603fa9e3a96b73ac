//! Answers to questions: what a snapshot does not carry, computed from the live board and the record.

use super::{ask, backup, detail, paper, record, serve::Server};
use crate::wire::{Answer, Problem, Question};

impl Server {
    /// Answers a question; nothing is changed by it.
    ///
    /// # Errors
    /// When there is no such thing, or the store cannot be read.
    pub fn answer(&mut self, question: &Question) -> Result<Answer, Problem> {
        let store = &self.store;
        let ledger = &self.live.ledger;
        Ok(match question {
            Question::Detail { id } => detail::of(ledger, store, &self.health(), &self.outbox, id)?,
            Question::ExplainConflict { conflict } => {
                Answer::Explanation(Box::new(ask::conflict(ledger, conflict)?))
            }
            Question::ExplainActivity { id } => Answer::Explanation(Box::new(ask::activity(ledger, id)?)),
            Question::Slots { id, count, within_secs, below } => {
                Answer::Slots(Box::new(ask::free(ledger, id, *count, *within_secs, *below)?))
            }
            Question::WhatIf { id, start } => Answer::WhatIf(Box::new(ask::what_if(ledger, id, *start)?)),
            Question::Gate { id, at, rollback } => {
                let at = at.unwrap_or_else(|| self.now());
                Answer::Gate(Box::new(ask::gate(ledger, &self.health(), id, at, *rollback)?))
            }
            Question::Unchecked => Answer::Unchecked(ask::unchecked(ledger)),
            Question::Meeting { id } => Answer::Meeting(Box::new(paper::meeting_row(ledger, id)?)),
            Question::Minutes { meeting } => Answer::Minutes(Box::new(paper::minutes_doc(ledger, meeting)?)),
            Question::RunSheet { from, to } => {
                Answer::RunSheet(Box::new(ledger.run_sheet(paper::span(*from, *to)?)))
            }
            Question::Schedule { from, to, since } => {
                let span = paper::span(*from, *to)?;
                Answer::Schedule(Box::new(ledger.forward_schedule(span, *since)))
            }
            Question::Prices { conflict } => Answer::Prices(ledger.prices(conflict)),
            Question::Context { id } => {
                Answer::Context(Box::new(ledger.context(id).ok_or_else(|| ask::unknown(id))?))
            }
            Question::Room { id, round } => paper::room(ledger, id, *round)?,
            Question::Log { filter } => Answer::Log(Box::new(record::page(store, ledger, filter)?)),
            Question::Verify { head } => Answer::Verification(record::verify(store, head.as_deref())?),
            Question::Export { log } => {
                Answer::Export(Box::new(backup::export(store, &ledger.fold().rules, *log)?))
            }
        })
    }
}
