//! The chair's acts: open, close, defer, ask, and conditions on an approval.

use super::{Ask, Step, invalid};
use crate::{
    label::Label,
    ledger::{
        command::{Problem, ProblemKind},
        event::{CloseCause, Event, OpenCause, RoundOutcome},
        fold::Round,
        rounds::{Ending, closing, opening},
    },
    model::{Id, Prose, Standing},
    rules::authority::{self, Act},
};

impl Ask<'_> {
    pub(super) fn open(&self, item: &Id) -> Result<Step, Problem> {
        self.allowed(item, Act::Preside)?;
        if let Some(round) = self.ledger.fold().open_round(item) {
            let problem = if round.is_over(self.now) {
                Problem::new(
                    ProblemKind::Changed,
                    format!("round {} of {item} is past its deadline", round.number),
                )
                .hint("its closing is recorded at the next chance; then open another round")
            } else {
                invalid(format!("round {} of {item} is already open", round.number))
                    .hint(format!("its votes start again by `quorate open {item} --again`"))
            };
            return Err(problem);
        }
        self.opened(item)
    }

    /// A new round in place of the one that is open. Whoever is in the chair of the board it goes to now may do it too:
    /// the people of the old round may be gone.
    pub(super) fn open_again(&self, item: &Id) -> Result<Step, Problem> {
        self.known(item)?;
        let Some(round) = self.ledger.fold().open_round(item) else { return self.open(item) };
        if let Err(problem) = self.allowed(item, Act::Preside) {
            let seated = self.ledger.relations_if_routed(item, self.who, self.now);
            authority::may(&seated, Act::Preside).map_err(|_| problem)?;
        }
        if round.cause == OpenCause::Ratification {
            return Err(invalid(format!(
                "a ratification of {item} is not postponed: it stays open as it is"
            )));
        }
        let ending = Ending {
            outcome: Some(RoundOutcome::Superseded),
            cause: CloseCause::Chair,
            at: self.now,
            due: None,
            by_silence: false,
            reason: None,
        };
        let (closed, _) = closing(self.ledger, item, round, ending);
        let mut step = self.opened(item)?;
        step.events.insert(0, closed);
        step.said = match round.votes.len() {
            0 => step.said,
            1 => format!("{}; one vote starts again", step.said),
            votes => format!("{}; {votes} votes start again", step.said),
        };
        Ok(step)
    }

    fn opened(&self, item: &Id) -> Result<Step, Problem> {
        let Some(record) = self.ledger.record_view(item) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("{item} is gone from its source")));
        };
        if !record.live {
            return Err(invalid(format!("{item} is {}: nothing is left to decide", record.state)));
        }
        let approved = self.ledger.fold().get(item).is_some_and(|i| i.standing == Standing::Approved);
        let cause = if approved && record.started { OpenCause::Extension } else { OpenCause::Chair };
        let event = opening(self.ledger, item, cause, self.now)
            .ok_or_else(|| invalid(format!("{item} cannot be routed to a board")))?;
        let said = match &event {
            Event::RoundOpened { round, board, .. } => format!("round {round} of {item} opened on {board}"),
            _ => String::new(),
        };
        Ok(Step::one(event, said))
    }

    pub(super) fn close(&self, item: &Id) -> Result<Step, Problem> {
        self.end(item, None, CloseCause::Chair, None)
    }

    pub(super) fn defer(&self, item: &Id, reason: &Prose) -> Result<Step, Problem> {
        let reason = told(item, reason, "deferring")?;
        self.end(item, Some(RoundOutcome::Deferred), CloseCause::Chair, Some(reason))
    }

    pub(super) fn ask_for(&self, item: &Id, question: &Prose) -> Result<Step, Problem> {
        let question = told(item, question, "asking about")?;
        self.end(item, Some(RoundOutcome::NeedsInfo), CloseCause::Chair, Some(question))
    }

    /// The chair never names an outcome against the vote: without one given, it is what the votes make.
    fn end(
        &self,
        item: &Id,
        outcome: Option<RoundOutcome>,
        cause: CloseCause,
        reason: Option<Prose>,
    ) -> Result<Step, Problem> {
        self.allowed(item, Act::Preside)?;
        let round = self.running(item)?;
        if round.cause == OpenCause::Ratification {
            self.ratifies(item, &round, outcome)?;
        }
        let ending = Ending { outcome, cause, at: self.now, due: None, by_silence: false, reason };
        let (event, outcome) = closing(self.ledger, item, &round, ending);
        Ok(Step::one(event, format!("round {} of {item} closed: {}", round.number, outcome.label())))
    }

    /// A ratification is given or not; it is not postponed.
    fn ratifies(&self, item: &Id, round: &Round, outcome: Option<RoundOutcome>) -> Result<(), Problem> {
        let electorate = round.electorate(&self.ledger.fold().delegations(&round.board), self.now);
        let undecided = round.poll(&electorate).outcome() == crate::model::Decision::Deferred;
        if outcome.is_none() && !undecided {
            return Ok(());
        }
        let due = round.deadline.map(|due| due.to_string()).unwrap_or_default();
        Err(invalid(format!("a ratification of {item} is not postponed: the votes do not decide it yet"))
            .hint(format!("it closes by itself {due}")))
    }

    pub(super) fn condition(&self, item: &Id, text: &Prose, owner: &Id) -> Result<Step, Problem> {
        self.allowed(item, Act::Preside)?;
        let Some(known) = self.ledger.fold().get(item).filter(|i| i.standing == Standing::Approved) else {
            return Err(invalid(format!("{item} is not approved: a condition belongs to an approval")));
        };
        let text = told(item, text, "a condition on")?;
        let Some(owner) = self.ledger.facts().person(owner.as_str()).map(|person| person.id.clone()) else {
            return Err(invalid(format!("{owner} is nobody the board knows: a condition needs its owner")));
        };
        let number = known.conditions.iter().map(|c| c.number).max().unwrap_or(0) + 1;
        let said = format!("condition {number} on {item}, to be met by {owner}");
        Ok(Step::one(Event::ConditionAdded { item: item.clone(), condition: number, text, owner }, said))
    }

    /// Met by its owner, or by the chair.
    pub(super) fn meet(&self, item: &Id, number: u32) -> Result<Step, Problem> {
        self.known(item)?;
        let conditions = self.ledger.fold().get(item).map(|i| i.conditions.as_slice()).unwrap_or_default();
        let Some(condition) = conditions.iter().find(|c| c.number == number) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("{item} has no condition {number}")));
        };
        if condition.met {
            return Err(invalid(format!("condition {number} of {item} is already met")));
        }
        if self.who.actor.person.as_ref() != Some(&condition.owner) {
            let relations = self.ledger.relations(item, self.who, self.now);
            authority::may(&relations, Act::Preside).map_err(|_| {
                Problem::new(
                    ProblemKind::NotAllowed,
                    format!("condition {number} of {item} is met by {} or the chair", condition.owner),
                )
            })?;
        }
        let event = Event::ConditionMet { item: item.clone(), condition: number };
        Ok(Step::one(event, format!("condition {number} of {item} met")))
    }
}

fn told(item: &Id, text: &Prose, what: &str) -> Result<Prose, Problem> {
    if text.trim().is_empty() {
        return Err(invalid(format!("{what} {item} needs words")).hint("add -m TEXT"));
    }
    Ok(text.clone())
}
