//! Answers to questions: what a snapshot does not carry, computed from the ledger and what only a hub can read.

use super::{
    detail, documents, history, incidents, notices, numbers,
    outside::{Outside, doubt},
    pack::pack,
    personal, questions,
    rehearsal::rehearse,
    releases, rows, runs, seats, services, telling,
};
use crate::{
    ledger::{Ledger, Who},
    model::{Id, Instant, Line},
    wire::{Answer, GateAnswer, GateReason, GateVerdict, Problem, Question},
};

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
        Question::Gate { id, at, rollback, nonce } => {
            let at = at.unwrap_or_else(|| outside.now());
            gate(ledger, outside, id, (at, *rollback), nonce.as_ref())?
        }
        Question::Rehearse { command } => {
            Answer::Rehearsal(Box::new(rehearse(ledger, who, command, outside.now())))
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
        Question::CarriedOut { item } => Answer::CarriedOut(runs::carried_out(ledger, item, outside.now())),
        Question::Night { from, to } => runs::night(ledger, (*from, *to), outside.now())?,
        Question::Comms { id, from, to } => {
            telling::comms(ledger, outside.templates(), id.as_ref(), (*from, *to), outside.now())?
        }
        Question::Incidents { id, open, service } => {
            Answer::Incidents(incidents::chosen(ledger, id.as_ref(), *open, service.as_deref())?)
        }
        Question::Insights { asked } => {
            Answer::Insights(Box::new(numbers::insights(ledger, asked, me, outside.now())?))
        }
        Question::WhatChanged { services, at, most } => {
            let at = at.unwrap_or_else(|| outside.now());
            Answer::WhatChanged(ledger.what_changed(services, at, *most))
        }
        Question::Service { name } => Answer::Service(Box::new(services::view(ledger, name, outside.now())?)),
        Question::Rollback { release, after } => runs::rollback(ledger, release, after.as_ref())?,
        Question::Releases => Answer::Releases(ledger.release_summaries()),
        Question::Plan { id, since } => releases::plan(ledger, id, *since)?,
        Question::Bundling { change, release } => releases::bundling(ledger, change, release.as_ref())?,
        Question::Schedule { from, to, since } => {
            let span = documents::span(*from, *to)?;
            Answer::Schedule(Box::new(ledger.forward_schedule(span, *since)))
        }
        Question::Prices { conflict } => Answer::Prices(ledger.prices(conflict)),
        Question::Resolve { conflict } => {
            let found = ledger.resolve(conflict).ok_or_else(|| questions::no_row(conflict))?;
            Answer::Resolve(Box::new(found))
        }
        Question::Catalogue => Answer::Catalogue(Box::new(ledger.catalogue(outside.now()))),
        Question::Told { unmapped } => Answer::Told(runs::told(ledger, *unmapped, outside.now())),
        Question::Mapped { delivery } => {
            Answer::Mapped(Box::new(runs::mapped(ledger, delivery, outside.now())))
        }
        Question::FreezePreview { scope, allow, until } => {
            Answer::FreezePreview(Box::new(questions::freeze(ledger, outside, scope, allow, *until)?))
        }
        Question::Context { id } => {
            Answer::Context(Box::new(ledger.context(id).ok_or_else(|| questions::unknown(id))?))
        }
        Question::Room { id, round } => documents::room(ledger, id, *round)?,
        Question::Delegations => Answer::Delegations(seats::delegations(ledger, outside.now())),
        Question::ToSign { item, vote, comment, again } => {
            let round = ledger.fold().round(item);
            let ground = round.map(|round| outside.ground(round.opened)).transpose()?;
            let who = Who { ground, ..who.clone() };
            let now = outside.now();
            Answer::ToSign(Box::new(match again {
                true => ledger.to_sign_again(item, &who, now)?,
                false => ledger.to_sign(item, *vote, comment.as_ref(), &who, now)?,
            }))
        }
        Question::Approvers => Answer::Approvers(seats::approvers(ledger)),
        Question::Stamps { items } => Answer::Stamps(questions::stamps(outside, items)?),
        Question::Gone { since } => Answer::Gone(questions::gone(outside, *since)?),
        Question::Tokens => Answer::Tokens(seats::tokens(ledger, who, outside.tokens()?)),
        Question::Log { filter } => Answer::Log(Box::new(history::page(ledger, outside, me, filter)?)),
        Question::Verify { head } => Answer::Verification(outside.verify(head.as_deref())?),
        Question::Personal => Answer::Personal(Box::new(personal::personal(ledger, outside.meetings(), me))),
        Question::Notices => Answer::Notices(Box::new(notices::notices(ledger, outside, who)?)),
        Question::Can { ids, meeting } => {
            Answer::Can(personal::can(ledger, outside, who, ids, meeting.as_ref())?)
        }
        Question::Pack { asked } => Answer::Pack(Box::new(pack(ledger, outside, asked)?)),
        Question::Export { log } => Answer::Export(Box::new(outside.export(*log)?)),
    })
}

/// What the gate says, with what it stands on.
fn gate(
    ledger: &Ledger,
    outside: &dyn Outside,
    id: &Id,
    (at, rollback): (Instant, bool),
    nonce: Option<&Line>,
) -> Result<Answer, Problem> {
    let answer = questions::gate(ledger, outside.sources(), id, at, rollback)?;
    let answer = match (outside.broken(), outside.clock_off()) {
        _ if rollback => answer,
        (Some(broken), _) => doubt(answer, broken),
        (None, Some(off)) => unsure(answer, off),
        (None, None) => answer,
    };
    let (events, head) = outside.log_head()?;
    let old = outside.turns_old().filter(|_| answer.valid_until.is_some());
    Ok(Answer::Gate(Box::new(GateAnswer {
        nonce: nonce.cloned(),
        lineage: outside.lineage()?,
        events,
        head,
        valid_until: [answer.valid_until, old].into_iter().flatten().min(),
        ..answer
    })))
}

/// Whether now is the time is not known by a clock that is off.
fn unsure(mut answer: GateAnswer, off: i64) -> GateAnswer {
    let said = format!(
        "this computer's clock is {} the newest acts of the board: what time it is cannot be told",
        crate::words::time::clock_off(off)
    );
    answer.reasons.push(said.clone());
    answer.because.push(GateReason::new(said));
    answer.valid_until = None;
    match answer.verdict {
        GateVerdict::Go => GateAnswer { verdict: GateVerdict::CannotTell, ..answer },
        GateVerdict::NoGo | GateVerdict::CannotTell => answer,
    }
}
