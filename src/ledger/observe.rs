//! What follows for one item from how its record, its round and its conflicts stand (ledger § Rounds).
//!
//! [`next`] gives the first thing that follows; the transaction applies it and asks again until nothing does. The order of what
//! follows is one decision, read from top to bottom.

use std::sync::Arc;

use super::{
    decide::{Step, own, template::suspension},
    derive::{Ledger, RecordView, decided},
    event::{CloseCause, Event, MeetingAct, OpenCause, RoundOutcome},
    fold::{Item, Round},
    minutes::Became,
    rounds::{Ending, closing, opening},
};
use crate::{
    label::Label,
    model::{Change, Id, Instant, Material, Record, ReleaseState, Section, Standing, State, Vocabulary, Why},
    rules::{
        approval::{Early, Route, Routing, auto, route},
        facts::There,
    },
};

/// The first thing that follows for an item at `now`, if anything does.
pub(super) fn next(ledger: &Ledger, id: &Id, now: Instant) -> Option<Step> {
    if !ledger.is_followed(id) {
        return None;
    }
    if let Some(step) = answered_for(ledger, id, now) {
        return Some(step);
    }
    if let Some(step) = before_meeting(ledger, id) {
        return Some(step);
    }
    let empty = Item::default();
    let item = ledger.fold().get(id).unwrap_or(&empty);
    let Some(record) = ledger.record_view(id) else {
        let round = item.open_round()?;
        return Some(end(ledger, id, round, RoundOutcome::Superseded, CloseCause::Left, now));
    };
    let case = Case { ledger, id, item, record, now };
    case.observed().or_else(|| match item.open_round() {
        Some(round) => case.round(round),
        None => case.between(),
    })
}

/// What became of a change that its template approved suspends the template.
fn answered_for(ledger: &Ledger, id: &Id, now: Instant) -> Option<Step> {
    let (template, blamed) = ledger.to_blame(ledger.facts().change(id)?, now)?;
    let why = Why::Change { item: id.clone(), blamed };
    Some(suspension(ledger, template, why, now))
}

/// A meeting that is on is told what becomes of an item of its agenda elsewhere.
fn before_meeting(ledger: &Ledger, id: &Id) -> Option<Step> {
    let meeting = ledger.fold().meeting_with(id)?;
    let entry = meeting.entry(id)?;
    // What is reviewed is over, and what is listed was decided before.
    if matches!(entry.agenda.section, Section::Reviews | Section::Listed) {
        return None;
    }
    let since = meeting.sealed.as_ref().map(|sealed| sealed.at);
    let life = life(ledger, id, since);
    if entry.life() == life.as_ref() {
        return None;
    }
    let became = life.unwrap_or(Became::Back);
    let act = MeetingAct::Became { item: id.clone(), became };
    Some(Step::one(Event::Meeting { meeting: meeting.id.clone(), act: Box::new(act) }, ""))
}

/// What an item is besides what the board made of it; what began before `since` is no news.
fn life(ledger: &Ledger, id: &Id, since: Option<Instant>) -> Option<Became> {
    let standing = ledger.fold().get(id).map_or(Standing::None, |item| item.standing);
    let begun = |at: Option<Instant>| at.is_some_and(|at| since.is_none_or(|since| since <= at));
    let facts = ledger.facts();
    if let Some(change) = facts.change(id) {
        return match (change.state.value, facts.there(id)) {
            (State::Cancelled, _) => Some(Became::Cancelled),
            (State::Closed, _) => Some(Became::Closed),
            // What the board itself rejected is no news either.
            (State::Rejected, _) | (_, There::Rejected) if standing != Standing::Rejected => {
                Some(Became::Rejected)
            }
            (State::Implement | State::Review, _) if change.actual_start.is_none() => Some(Became::Started),
            _ if begun(change.actual_start) => Some(Became::Started),
            (_, There::Approved) if standing != Standing::Approved => Some(Became::Approved),
            _ => None,
        };
    }
    let Some(release) = facts.release(id) else { return Some(Became::Gone) };
    match release.state.value {
        ReleaseState::Cancelled => Some(Became::Cancelled),
        ReleaseState::Closed => Some(Became::Closed),
        ReleaseState::Planning
        | ReleaseState::Build
        | ReleaseState::Test
        | ReleaseState::Deploy
        | ReleaseState::Review
        | ReleaseState::Unknown => {
            let started = release.phases.iter().any(|phase| begun(phase.actual_start));
            started.then_some(Became::Started)
        }
    }
}

/// One item with its record, being looked at.
struct Case<'a> {
    ledger: &'a Ledger,
    id: &'a Id,
    item: &'a Item,
    record: RecordView,
    now: Instant,
}

impl Case<'_> {
    /// The record moved: that is recorded, and entering `authorize` opens a round with it.
    fn observed(&self) -> Option<Step> {
        let (item, record) = (self.item, &self.record);
        let known = item.revision?;
        let same_state = item.state.as_deref() == Some(record.state.as_str());
        let doubted = item.open_round().is_none_or(|round| *round.unsure == *record.unsure);
        if same_state && known == record.revision && *item.tied == *record.tied && doubted {
            return None;
        }
        let mut step = Step::one(
            Event::ItemObserved {
                item: self.id.clone(),
                from: item.state.clone(),
                to: record.state.clone(),
                revision: record.revision,
                facts: self.facts(),
                tied: record.tied.clone(),
                unsure: record.unsure.clone(),
            },
            "",
        );
        let enters = record.authorize && !same_state && item.open_round().is_none();
        if enters && !self.settled_here() && !record.decided_there {
            step.events.extend(self.routed(OpenCause::Authorize, &mut step.said));
        }
        Some(step)
    }

    /// Decided here for this very revision: entering `authorize` again asks nothing new.
    fn settled_here(&self) -> bool {
        let rejected = self.item.standing == Standing::Rejected
            && self.item.rounds.last().is_some_and(|round| round.revision == self.record.revision);
        self.item.approves(&self.record.revision) || (rejected && self.record.own_change)
    }

    /// What ends an open round.
    fn round(&self, round: &Arc<Round>) -> Option<Step> {
        let superseded =
            |cause| Some(end(self.ledger, self.id, round, RoundOutcome::Superseded, cause, self.now));
        if !self.record.live {
            return superseded(CloseCause::Left);
        }
        if !round.withheld.is_empty() {
            return superseded(CloseCause::Copied);
        }
        if let Some(due) = round.deadline.filter(|due| *due <= self.now) {
            return Some(self.at_deadline(round, due));
        }
        if round.revision != self.record.revision {
            return superseded(CloseCause::Changed);
        }
        if self.ledger.clashes(self.id).freezes.iter().any(|freeze| !round.freezes.contains(freeze)) {
            return superseded(CloseCause::Freeze);
        }
        if self.outruled(round) {
            return superseded(CloseCause::Rules);
        }
        let electorate = round.electorate(&self.ledger.fold().delegations(&round.board), self.now);
        let (decision, why) = round.poll(&electorate).early()?;
        let cause = match why {
            Early::Veto | Early::Certain => CloseCause::Early,
            Early::Everybody => CloseCause::Everybody,
        };
        Some(end(self.ledger, self.id, round, decided(decision), cause, self.now))
    }

    /// Whether boards, seats or policies changed so that a round leads nowhere: its board or policy is gone, or nobody
    /// had a seat when it opened and somebody has one now. One that nobody has answered also ends where a policy that
    /// was just saved approves the item by its template.
    fn outruled(&self, round: &Round) -> bool {
        let ledger = self.ledger;
        let Some(board) = ledger.board(&round.board) else { return true };
        let policies = &ledger.fold().rules.policies;
        let kept = round.policy.id == route::DEFAULT || policies.iter().any(|p| p.id == round.policy.id);
        let seatless = round.seats.is_empty() && !board.seats.is_empty();
        let unanswered = round.votes.is_empty() && round.objections.is_empty();
        let by_itself = match round.cause {
            OpenCause::Authorize | OpenCause::Changed | OpenCause::Freeze | OpenCause::Rules => true,
            OpenCause::Chair | OpenCause::Extension | OpenCause::Ratification => false,
        };
        let automatic = ledger.ruled && unanswered && by_itself && self.is_automatic();
        !kept || seatless || automatic
    }

    /// Whether a template may cover work that never waits for authorization here. What a source begins by itself, it
    /// does whenever it comes; what the board itself put there, when a policy is saved after it.
    fn may_be_covered(&self) -> bool {
        let ledger = self.ledger;
        !self.record.own_change || (ledger.ruled && !ledger.arrived.contains(self.id))
    }

    /// Whether the template of its approval is in force, so that it is the change that differs.
    fn deviates(&self) -> bool {
        let approval = self.item.approval.as_ref();
        let template = approval.and_then(|approval| self.ledger.template(approval.template.as_ref()?));
        template.is_some_and(|template| auto::in_force(template, self.now).is_ok())
    }

    fn is_automatic(&self) -> bool {
        matches!(self.routing(), Some(Routing { route: Route::Auto { .. }, .. }))
    }

    /// The deadline counts the people who acted at that instant; silence also asks that it is recorded in time.
    fn at_deadline(&self, round: &Round, due: Instant) -> Step {
        let electorate = round.electorate(&self.ledger.fold().delegations(&round.board), due);
        let silence = self.ledger.silence(self.id, round, self.now, self.now - due);
        let (decision, by_silence) = round.poll(&electorate).at_deadline(&silence);
        let ratifies = round.cause == OpenCause::Ratification;
        let outcome = match decided(decision) {
            // A ratification does not stay open: what the board did not say in time it did not say.
            RoundOutcome::Deferred if ratifies => RoundOutcome::Rejected,
            outcome => outcome,
        };
        let ending = Ending {
            outcome: Some(outcome),
            cause: CloseCause::Deadline,
            at: due,
            due: Some(due),
            by_silence,
            reason: None,
        };
        let (event, outcome) = closing(self.ledger, self.id, round, ending);
        Step::one(event, format!("closed at its deadline: {}", outcome.label()))
    }

    /// What follows while no round is open.
    fn between(&self) -> Option<Step> {
        let (item, record) = (self.item, &self.record);
        match item.standing {
            Standing::Approved if item.approves(&record.revision) => {
                return self.moved(State::Scheduled);
            }
            Standing::Approved => return self.outgrown(),
            Standing::Rejected if self.settled_here() => return self.moved(State::Rejected),
            Standing::Rejected | Standing::Deferred | Standing::Asked => return None,
            Standing::Open | Standing::None | Standing::Lapsed => {}
        }
        let last = item.rounds.last().and_then(|round| Some((round.cause, round.closed.as_ref()?)));
        if let Some((cause, closed)) = last
            && item.standing != Standing::Lapsed
            && closed.outcome == RoundOutcome::Superseded
            && record.live
        {
            let again = match closed.cause {
                CloseCause::Freeze => Some(OpenCause::Freeze),
                CloseCause::Changed | CloseCause::Copied => Some(OpenCause::Changed),
                CloseCause::Rules => Some(OpenCause::Rules),
                CloseCause::Early
                | CloseCause::Everybody
                | CloseCause::Deadline
                | CloseCause::Chair
                | CloseCause::Consent
                | CloseCause::Override
                | CloseCause::BrokenGlass
                | CloseCause::Left => None,
            };
            let kept = matches!(cause, OpenCause::Extension | OpenCause::Ratification);
            let again = again.map(|again| if kept { cause } else { again });
            if let Some(again) = again {
                return self.opened(again);
            }
        }
        // By break-glass: the board ratifies, or not; it does not decide beforehand.
        if item.glass.as_ref().is_some_and(|glass| glass.revision == record.revision) {
            return None;
        }
        let lapsed_auto = item.standing == Standing::Lapsed
            && record.live
            && item.approval.as_ref().is_some_and(|approval| approval.template.is_some());
        // What a template that holds does not allow is a normal change: its source never asks for it, the board does. What
        // a template covered that holds no more waits for the round on that template.
        if lapsed_auto && !record.authorize && !self.is_automatic() && !self.deviates() {
            return None;
        }
        let undecided = item.standing == Standing::None && !record.decided_there;
        if record.routine && undecided && self.may_be_covered() && self.is_automatic() {
            return self.opened(OpenCause::Authorize);
        }
        if (record.authorize && !record.decided_there) || lapsed_auto {
            let cause =
                if item.standing == Standing::Lapsed { OpenCause::Changed } else { OpenCause::Authorize };
            return self.opened(cause);
        }
        None
    }

    /// An approved item changed materially: the approval lapses, or, after the start, an extension opens.
    fn outgrown(&self) -> Option<Step> {
        let approval = self.item.approval.as_ref()?;
        if self.record.started {
            // One that ended without an answer because of the board's own rules, or a freeze, is asked again.
            let put_again = |round: &Round| {
                let closed = round.closed.as_ref().map(|closed| closed.cause);
                matches!(closed, Some(CloseCause::Rules | CloseCause::Freeze))
            };
            let last = self.item.rounds.last();
            let asked = last.is_some_and(|r| r.revision == self.record.revision && !put_again(r));
            return if asked || !self.record.live { None } else { self.opened(OpenCause::Extension) };
        }
        let changes = self
            .ledger
            .fold()
            .facts(&approval.revision)
            .zip(self.ledger.facts().material(self.id))
            .map(|(old, now)| old.changes_to(&now))
            .unwrap_or_default();
        let event = Event::Lapsed {
            item: self.id.clone(),
            from: approval.revision,
            to: self.record.revision,
            facts: self.facts(),
            changes,
        };
        Some(Step::one(event, Standing::Lapsed.label()))
    }

    /// For records that the embedded board owns, a decision moves `authorize` on.
    fn moved(&self, to: State) -> Option<Step> {
        let change = self.ledger.facts().change(self.id).filter(|_| self.record.own_change)?;
        if change.state.value != State::Authorize {
            return None;
        }
        let moved = Change { state: to.into(), updated_at: Some(self.now), ..change.clone() };
        Some(Step {
            upserts: vec![own(Record::from(moved))],
            said: format!("now {}", to.word()),
            ..Step::default()
        })
    }

    fn opened(&self, cause: OpenCause) -> Option<Step> {
        let mut said = String::new();
        let event = self.routed(cause, &mut said)?;
        Some(Step::one(event, said))
    }

    fn routing(&self) -> Option<Routing> {
        self.ledger.routing(self.id, self.now)
    }

    /// Routes the item: approved by its template, or a round. An extension is always voted on.
    fn routed(&self, cause: OpenCause, said: &mut String) -> Option<Event> {
        if cause != OpenCause::Extension
            && let Some(Routing { route: Route::Auto { policy, template }, .. }) = self.routing()
        {
            *said = format!("approved by template {template}");
            return Some(Event::AutoApproved {
                item: self.id.clone(),
                title: self.record.title.clone(),
                revision: self.record.revision,
                facts: self.facts(),
                policy,
                template,
                state: self.record.state.clone(),
                tied: self.record.tied.clone(),
            });
        }
        let event = opening(self.ledger, self.id, cause, self.now)?;
        if let Event::RoundOpened { round, board, .. } = &event {
            *said = format!("round {round} opened on {board}");
        }
        Some(event)
    }

    fn facts(&self) -> Option<Material> {
        self.record.unknown_facts(self.ledger, self.id)
    }
}

fn end(
    ledger: &Ledger,
    id: &Id,
    round: &Round,
    outcome: RoundOutcome,
    cause: CloseCause,
    now: Instant,
) -> Step {
    let ending =
        Ending { outcome: Some(outcome), cause, at: now, due: None, by_silence: false, reason: None };
    let (event, _) = closing(ledger, id, round, ending);
    let said = match cause {
        CloseCause::Changed => "the round ended: the item changed".to_owned(),
        CloseCause::Freeze => "the round ended: a freeze hits the item".to_owned(),
        CloseCause::Rules => "the round ended: the rules of the board changed".to_owned(),
        CloseCause::Left => "the round ended: nothing is left to decide".to_owned(),
        CloseCause::Copied => {
            "the round ended: its secret votes stayed behind in the board this is a copy of".to_owned()
        }
        CloseCause::BrokenGlass => "the round ended: the glass was broken".to_owned(),
        CloseCause::Early
        | CloseCause::Everybody
        | CloseCause::Deadline
        | CloseCause::Chair
        | CloseCause::Consent
        | CloseCause::Override => {
            format!("closed: {}", outcome.label())
        }
    };
    Step::one(event, said)
}

#[cfg(test)]
mod tests;
