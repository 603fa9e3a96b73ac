//! Answers to questions: what a snapshot does not carry, computed from the live board and the record.

use super::{ask, backup, detail, paper, record, seats, serve::Server};
use crate::wire::{Answer, Broken, GateAnswer, GateVerdict, Problem, Question, said_off};

impl Server {
    /// Answers a question; nothing is changed by it.
    ///
    /// # Errors
    /// When there is no such thing, or the store cannot be read.
    pub fn answer(&mut self, question: &Question) -> Result<Answer, Problem> {
        let asks = matches!(question, Question::Gate { .. });
        let broken = if asks { self.prove()? } else { self.proof.broken() };
        let store = &self.store;
        let ledger = &self.live.ledger;
        Ok(match question {
            Question::Detail { id } => {
                let mut answer = detail::of(ledger, store, &self.health(), &self.outbox, id)?;
                if let (Answer::Change(change), Some(broken)) = (&mut answer, &broken) {
                    change.gate = doubt(change.gate.clone(), broken);
                }
                answer
            }
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
                let answer = ask::gate(ledger, &self.health(), id, at, *rollback)?;
                let off = self.judge().off;
                Answer::Gate(Box::new(match (&broken, off) {
                    _ if *rollback => answer,
                    (Some(broken), _) => doubt(answer, broken),
                    (None, Some(off)) => unsure(answer, off),
                    (None, None) => answer,
                }))
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
            Question::Delegations => Answer::Delegations(seats::delegations(ledger, self.now())),
            Question::Approvers => Answer::Approvers(seats::approvers(ledger)),
            Question::Log { filter } => Answer::Log(Box::new(record::page(store, ledger, filter)?)),
            Question::Verify { head } => {
                Answer::Verification(record::verify(store, head.as_deref(), self.now())?)
            }
            Question::Export { log } => Answer::Export(Box::new(backup::export(store, ledger, *log)?)),
        })
    }
}

/// Nobody can tell what was decided from a record that does not hold.
fn doubt(answer: GateAnswer, broken: &Broken) -> GateAnswer {
    GateAnswer { verdict: GateVerdict::CannotTell, reasons: vec![broken.said()], ..answer }
}

/// Whether now is the time is not known by a clock that is off.
fn unsure(mut answer: GateAnswer, off: i64) -> GateAnswer {
    answer.reasons.push(format!(
        "this computer's clock is {} the newest acts of the board: what time it is cannot be told",
        said_off(off)
    ));
    match answer.verdict {
        GateVerdict::Go => GateAnswer { verdict: GateVerdict::CannotTell, ..answer },
        GateVerdict::NoGo | GateVerdict::CannotTell => answer,
    }
}
