//! Answers to questions: what a snapshot does not carry, computed from the ledger and what only a hub can read.

use std::{ops::Range, sync::Arc};

use super::{detail, documents, history, personal, questions, rows, runs, seats};
use crate::{
    ledger::{Ledger, Who, log, signed::Ground},
    model::{Id, Instant, RecordKind, Stored, Token},
    wire::{
        Answer, Broken, Command, Export, GateAnswer, GateVerdict, LogEntry, MeetingRow, Problem, Question,
        SourceHealth, Verification, WriteRow,
    },
};

/// What an answer needs beside the ledger: the store, the sources, the clock, as the hub that is asked knows them.
pub trait Outside {
    /// The board's time.
    fn now(&self) -> Instant;
    /// Seconds by which the clock of who answers is off, where it is.
    fn clock_off(&self) -> Option<i64>;
    /// What of the record does not hold.
    fn broken(&self) -> Option<&Broken>;
    /// The meetings that are shown.
    fn meetings(&self) -> &[Arc<MeetingRow>];

    /// What stands against a command besides the board itself: what a source cannot do.
    ///
    /// # Errors
    /// Why it is not done.
    fn may(&self, command: &Command) -> Result<(), Problem>;
    /// How the sources are doing.
    fn sources(&self) -> &[SourceHealth];
    /// Every write about these items, oldest first.
    fn writes(&self, items: &[Id]) -> Vec<WriteRow>;
    /// Records of a kind about these items: comments or approvals of their sources.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn about(&self, kind: RecordKind, items: &[Id]) -> Result<Vec<Stored>, Problem>;
    /// How many events there are, and the hash of the newest in hexadecimal.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn log_head(&self) -> Result<(u64, String), Problem>;
    /// The events with these numbers and their hashes, oldest first, but those that do not read: every screen names them.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn events(&self, numbers: Range<u64>) -> Result<Vec<(LogEntry, log::Hash)>, Problem>;
    /// Where a round stands that an event opened.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn ground(&self, opened: u64) -> Result<Ground, Problem>;
    /// The chain of the record, computed anew.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn verify(&self, head: Option<&str>) -> Result<Verification, Problem>;
    /// The whole board written down, with its log where asked.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn export(&self, log: bool) -> Result<Export, Problem>;
    /// All tokens that were ever made, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn tokens(&self) -> Result<Vec<Token>, Problem>;
}

/// Answers somebody's question; nothing is changed by it.
///
/// # Errors
/// When there is no such thing, or the store cannot be read.
pub fn answer(
    ledger: &Ledger,
    outside: &dyn Outside,
    who: &Who,
    question: &Question,
) -> Result<Answer, Problem> {
    let me = who.actor.person.as_ref();
    Ok(match question {
        Question::Detail { id } => detail::of(ledger, outside, who, id)?,
        Question::ExplainConflict { conflict } => {
            Answer::Explanation(Box::new(questions::conflict(ledger, conflict)?))
        }
        Question::ExplainActivity { id } => Answer::Explanation(Box::new(questions::activity(ledger, id)?)),
        Question::Slots { id, count, within_secs, below } => {
            Answer::Slots(Box::new(questions::free(ledger, id, *count, *within_secs, *below)?))
        }
        Question::WhatIf { id, start } => Answer::WhatIf(Box::new(questions::what_if(ledger, id, *start)?)),
        Question::Gate { id, at, rollback } => {
            let at = at.unwrap_or_else(|| outside.now());
            let answer = questions::gate(ledger, outside.sources(), id, at, *rollback)?;
            Answer::Gate(Box::new(match (outside.broken(), outside.clock_off()) {
                _ if *rollback => answer,
                (Some(broken), _) => doubt(answer, broken),
                (None, Some(off)) => unsure(answer, off),
                (None, None) => answer,
            }))
        }
        Question::Names => Answer::Names(Box::new(rows::names(ledger))),
        Question::Unchecked => Answer::Unchecked(questions::unchecked(ledger)),
        Question::Meeting { id } => {
            Answer::Meeting(Box::new(personal::meeting(ledger, documents::meeting_row(ledger, id)?, me)))
        }
        Question::Minutes { meeting } => Answer::Minutes(Box::new(documents::minutes_doc(ledger, meeting)?)),
        Question::RunSheet { from, to } => {
            Answer::RunSheet(Box::new(ledger.run_sheet(documents::span(*from, *to)?)))
        }
        Question::Run { id } => runs::run(ledger, id, outside.now())?,
        Question::Night { from, to } => runs::night(ledger, (*from, *to), outside.now())?,
        Question::Rollback { release, after } => runs::rollback(ledger, release, after.as_ref())?,
        Question::Schedule { from, to, since } => {
            let span = documents::span(*from, *to)?;
            Answer::Schedule(Box::new(ledger.forward_schedule(span, *since)))
        }
        Question::Prices { conflict } => Answer::Prices(ledger.prices(conflict)),
        Question::Context { id } => {
            Answer::Context(Box::new(ledger.context(id).ok_or_else(|| questions::unknown(id))?))
        }
        Question::Room { id, round } => documents::room(ledger, id, *round)?,
        Question::Delegations => Answer::Delegations(seats::delegations(ledger, outside.now())),
        Question::ToSign { item, vote, comment } => {
            let round = ledger.fold().round(item);
            let ground = round.map(|round| outside.ground(round.opened)).transpose()?;
            let who = Who { ground, ..who.clone() };
            Answer::ToSign(Box::new(ledger.to_sign(item, *vote, comment.as_ref(), &who, outside.now())?))
        }
        Question::Approvers => Answer::Approvers(seats::approvers(ledger)),
        Question::Tokens => Answer::Tokens(seats::tokens(ledger, who, outside.tokens()?)),
        Question::Log { filter } => Answer::Log(Box::new(history::page(ledger, outside, me, filter)?)),
        Question::Verify { head } => Answer::Verification(outside.verify(head.as_deref())?),
        Question::Personal => Answer::Personal(Box::new(personal::personal(ledger, outside.meetings(), me))),
        Question::Can { ids, meeting } => {
            Answer::Can(personal::can(ledger, outside, who, ids, meeting.as_ref())?)
        }
        Question::Export { log } => Answer::Export(Box::new(outside.export(*log)?)),
    })
}

/// Nobody can tell what was decided from a record that does not hold.
pub(super) fn doubt(answer: GateAnswer, broken: &Broken) -> GateAnswer {
    GateAnswer {
        verdict: GateVerdict::CannotTell,
        reasons: vec![crate::words::doubt::broken(broken)],
        ..answer
    }
}

/// Whether now is the time is not known by a clock that is off.
fn unsure(mut answer: GateAnswer, off: i64) -> GateAnswer {
    answer.reasons.push(format!(
        "this computer's clock is {} the newest acts of the board: what time it is cannot be told",
        crate::words::time::clock_off(off)
    ));
    match answer.verdict {
        GateVerdict::Go => GateAnswer { verdict: GateVerdict::CannotTell, ..answer },
        GateVerdict::NoGo | GateVerdict::CannotTell => answer,
    }
}
