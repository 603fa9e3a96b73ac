//! A meeting's commands: which meeting is meant, whether it is in a state for that, and who holds its chair.
//!
//! What each does is in the files beside: before, run, who is there, consent, issuing minutes.

mod before;
mod consent;
mod issue_minutes;
mod run;
mod attendance;

use std::sync::Arc;

use super::{Ask, Step, invalid};
use crate::{
    ledger::{
        command::{MeetingCommand, Problem, ProblemKind},
        event::{Event, MeetingAct},
        fold::{AgendaLine, Meeting, MeetingState},
    },
    model::{Id, Instant, MeetingKind, Role},
    rules::{approval::electorate::acting, authority::Act},
};

/// A meeting being decided about, and the act that first puts it on record where nobody has yet.
struct Case<'a> {
    ask: Ask<'a>,
    id: Id,
    meeting: Arc<Meeting>,
    convening: Option<MeetingAct>,
}

/// Whether a meeting in a state takes an act: the state machine, cell by cell.
///
/// # Errors
/// What is in the way, to be put after the name of the meeting.
pub fn takes(state: MeetingState, command: &MeetingCommand) -> Result<(), &'static str> {
    use MeetingCommand as C;
    use MeetingState::{Convened, Ended, Paused, Running};
    match (command, state) {
        (C::Convene { .. }, Convened | Running | Paused) => Err("is on record already"),
        (C::Place { .. } | C::Pull { .. } | C::Start, Convened)
        | (C::Late { .. }, Convened | Running | Paused)
        | (
            C::Arrive { .. } | C::Leave { .. } | C::StillHere | C::Reconnected | C::Gone { .. },
            Convened | Running | Paused,
        )
        | (
            C::TakeChair { .. } | C::HandChair { .. } | C::RenewChair | C::End | C::ProposeRecusal { .. },
            Running | Paused,
        )
        | (
            C::Focus { .. }
            | C::Next
            | C::Previous
            | C::Skip { .. }
            | C::Defer { .. }
            | C::Promote { .. }
            | C::Demote { .. }
            | C::Restore { .. }
            | C::PullOut { .. }
            | C::Presenter { .. }
            | C::Consent
            | C::RollCall { .. }
            | C::Pause,
            Running,
        )
        | (C::Resume, Paused)
        | (C::IssueMinutes | C::AmendMinutes { .. }, Ended) => Ok(()),
        (C::Place { .. } | C::Pull { .. } | C::Start, Running | Paused) => Err("has started"),
        (C::IssueMinutes | C::AmendMinutes { .. }, Convened) => Err("has not taken place"),
        (C::IssueMinutes | C::AmendMinutes { .. }, Running | Paused) => Err("is still on"),
        (C::Resume, Running) => Err("is not paused"),
        (_, Ended) => Err("is over"),
        (_, Convened) => Err("has not started"),
        (_, Paused) => Err("is paused"),
    }
}

impl Ask<'_> {
    pub(super) fn meeting(&self, id: &Id, command: &MeetingCommand) -> Result<Step, Problem> {
        if let MeetingCommand::Convene { items, deadline_minutes } = command {
            return self.convene(id, items, *deadline_minutes);
        }
        let case = self.case(id)?;
        takes(case.meeting.state, command).map_err(|why| {
            Problem::new(ProblemKind::Changed, format!("{} {why}", case.id)).hint(match case.meeting.state {
                MeetingState::Convened => "start it with `quorate meeting start`",
                MeetingState::Paused => "resume it with `quorate meeting resume`",
                MeetingState::Running | MeetingState::Ended => "`quorate meeting show` says how it stands",
            })
        })?;
        let mut step = case.step(command)?;
        // A connection that is lost puts no meeting on record.
        let quiet = matches!(command, MeetingCommand::Gone { .. }) && step.events.is_empty();
        if let Some(act) = case.convening.filter(|_| !quiet) {
            let meeting = case.id;
            step.events.insert(0, Event::Meeting { meeting, act: Box::new(act) });
        }
        Ok(step)
    }

    /// The meeting that is meant: its own id, that of its plan or of its board.
    fn case(&self, id: &Id) -> Result<Case<'_>, Problem> {
        let fold = self.ledger.fold();
        if let Some(meeting) = fold.meetings.get(id) {
            return Ok(Case { ask: *self, id: id.clone(), meeting: meeting.clone(), convening: None });
        }
        let of_plan = |m: &&Arc<Meeting>| {
            m.state != MeetingState::Ended
                && (m.plan.as_ref() == Some(id) || (m.plan.is_none() && m.board == *id))
        };
        let newest = |on: bool| fold.meetings.values().filter(of_plan).rfind(|m| m.is_on() == on);
        if let Some(meeting) = newest(true).or_else(|| newest(false)) {
            let id = meeting.id.clone();
            return Ok(Case { ask: *self, id, meeting: meeting.clone(), convening: None });
        }
        let id = self.next_of(id).unwrap_or_else(|| id.clone());
        let planned = self.ledger.convening(&id).zip(self.ledger.planned(&id));
        let Some((act, meeting)) = planned else {
            return Err(Problem::new(ProblemKind::NotFound, format!("there is no meeting {id}"))
                .hint("`quorate meeting` lists those that are planned and on record"));
        };
        Ok(Case { ask: *self, id, meeting: Arc::new(meeting), convening: Some(act) })
    }

    /// The next occurrence of a plan: one that began at most an hour ago counts, because boards are late.
    fn next_of(&self, plan: &Id) -> Option<Id> {
        let from = self.now.plus(-crate::model::time::HOUR);
        self.ledger.next_unrecorded(plan, from).map(|(id, _)| id)
    }

    /// Whether there is such a meeting to put something off to: on record and not over, or planned and to come.
    fn is_to_come(&self, id: &Id) -> bool {
        match self.ledger.fold().meetings.get(id) {
            Some(meeting) => meeting.state == MeetingState::Convened,
            None => self.ledger.occurrence(id).is_some_and(|(_, meets)| meets.span.start() > self.now),
        }
    }

    /// Puts a meeting on record: a planned one, or one at once.
    fn convene(&self, id: &Id, items: &[Id], deadline: Option<u32>) -> Result<Step, Problem> {
        if self.ledger.fold().meetings.contains_key(id) {
            return Err(Problem::new(ProblemKind::Changed, format!("{id} is on record already")));
        }
        let planned = if self.ledger.occurrence(id).is_some() { Some(id.clone()) } else { self.next_of(id) };
        if let Some(id) = planned {
            let act = self.ledger.convening(&id);
            let act = act.ok_or_else(|| invalid(format!("{id} cannot be convened: its plan is wrong")))?;
            return self.convened(&id, act, items, None);
        }
        let board_plan = || {
            let board = self.ledger.board(id)?;
            let kind = if board.emergency { MeetingKind::Emergency } else { MeetingKind::Regular };
            Some(crate::model::MeetingPlan::bare(id.clone(), kind))
        };
        let Some(plan) = self.ledger.plan(id).cloned().or_else(board_plan) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("there is no meeting or board {id}"))
                .hint(
                    "name a plan of `settings.meetings`, one of its dates such as cab-2026-11-24, or a board",
                ));
        };
        let act = self.ledger.convened(&plan, self.now, None);
        let zone =
            self.ledger.facts().settings().zone.as_deref().and_then(|z| crate::calendar::Zone::named(z).ok());
        let local = zone.unwrap_or(crate::calendar::Zone::UTC).local(self.now);
        let id = Id::new(&format!("{id}-{}", local.format("%Y-%m-%d-%H%M")))
            .map_err(|error| invalid(format!("{id}: {error}")))?;
        if self.ledger.fold().meetings.contains_key(&id) {
            return Err(Problem::new(ProblemKind::Changed, format!("{id} is on record already")));
        }
        let minutes =
            (plan.kind == MeetingKind::Emergency).then(|| deadline.unwrap_or(plan.deadline_minutes));
        let due = minutes.or(deadline).map(|minutes| self.now.plus(i64::from(minutes) * 60));
        self.convened(&id, act, items, due)
    }

    fn convened(
        &self,
        id: &Id,
        act: MeetingAct,
        items: &[Id],
        due: Option<Instant>,
    ) -> Result<Step, Problem> {
        let MeetingAct::Convened { board, .. } = &act else { return Err(invalid("nothing to convene")) };
        let board = board.clone();
        self.member(&board, "convene a meeting")?;
        let mut step = Step { said: format!("{id} convened"), ..Step::default() };
        step.events.push(Event::Meeting { meeting: id.clone(), act: Box::new(act) });
        for item in items {
            step.events.extend(self.ready_for(item, &board, None)?);
            let act = MeetingAct::Pulled { item: item.clone(), reason: None, deadline: due };
            step.events.push(Event::Meeting { meeting: id.clone(), act: Box::new(act) });
        }
        if let (Some(due), false) = (due, items.is_empty()) {
            step.said = format!("{id} convened, votes close {due}");
        }
        Ok(step)
    }

    /// Who acts in a chair seat of a board, in order: the chair, then the deputies.
    pub(super) fn chairs(&self, board: &Id) -> Vec<Id> {
        let delegations = self.ledger.fold().delegations(board);
        let seats = self.ledger.seats(board);
        let chairs = seats.iter().filter(|seat| seat.role == Role::Chair);
        chairs.map(|seat| acting(&seat.person, &delegations, self.now).clone()).collect()
    }

    /// Somebody who acts in a chair or voting seat of the board, or holds one.
    fn member(&self, board: &Id, what: &str) -> Result<&Id, Problem> {
        let me = self.me()?;
        let relations = self.ledger.relations_to_board(board, self.who, self.now);
        if relations.seat || relations.chair {
            return Ok(me);
        }
        Err(Problem::new(ProblemKind::NotAllowed, format!("{me} may not {what}: no seat on {board}")))
    }

    /// Somebody in a chair seat of the board: the chair or a deputy.
    fn in_chair_seat(&self, board: &Id, what: &str) -> Result<&Id, Problem> {
        let me = self.me()?;
        if self.chairs(board).contains(me) {
            return Ok(me);
        }
        let relations = self.ledger.relations_to_board(board, self.who, self.now);
        self.may(&relations, Act::Preside, board.as_str()).map(|()| me).map_err(|problem| Problem {
            title: format!("only who is in a chair seat of {board} may {what}"),
            ..problem
        })
    }
}

impl Case<'_> {
    fn step(&self, command: &MeetingCommand) -> Result<Step, Problem> {
        use MeetingCommand as C;
        match command {
            C::Convene { .. } => Err(invalid("it is convened already")),
            C::Place { item, before } => self.place(item, before.as_ref()),
            C::Pull { item, reason } => self.pull(item, reason.as_ref()),
            C::Start => self.start(),
            C::Late { item, reason } => self.late(item, reason),
            C::Focus { item } => self.focus(item),
            C::Next => self.next(),
            C::Previous => self.previous(),
            C::Skip { item } => self.skip(item.as_ref()),
            C::Defer { item, to, reason } => self.defer(item.as_ref(), to, reason),
            C::Promote { item } => self.promote(item),
            C::Demote { item } => self.demote(item),
            C::Restore { item } => self.restore(item),
            C::PullOut { item } => self.pull_out(item),
            C::Presenter { item, present } => self.presenter(item, *present),
            C::Consent => self.consent(),
            C::Pause => self.preside().map(|_| self.one(MeetingAct::Paused, "paused")),
            C::Resume => self.preside().map(|_| self.one(MeetingAct::Resumed, "goes on")),
            C::End => self.end(),
            C::Arrive { person } => self.arrive(person.as_ref()),
            C::Leave { person } => self.leave(person.as_ref()),
            C::StillHere => self.still_here(),
            C::Reconnected => self.reconnected(),
            C::Gone { person, after } => self.gone(person, *after),
            C::ProposeRecusal { item, person, reason } => self.propose_recusal(item, person, reason),
            C::RollCall { item, revision, votes } => self.roll_call(item, *revision, votes),
            C::TakeChair { reason } => self.take_chair(reason.as_ref()),
            C::HandChair { to } => self.hand_chair(to),
            C::RenewChair => self.preside().map(|_| self.one(MeetingAct::ChairRenewed, "chair kept")),
            C::IssueMinutes => self.issue(),
            C::AmendMinutes { text } => self.amend(text),
        }
    }

    fn event(&self, act: MeetingAct) -> Event {
        Event::Meeting { meeting: self.id.clone(), act: Box::new(act) }
    }

    fn one(&self, act: MeetingAct, said: &str) -> Step {
        Step::one(self.event(act), format!("{}: {said}", self.id))
    }

    /// Whoever holds the chair of the meeting; before it started, anybody in a chair seat.
    fn preside(&self) -> Result<Id, Problem> {
        let me = self.ask.in_chair_seat(&self.meeting.board, "do this in the meeting")?.clone();
        match &self.meeting.lease {
            Some(lease) if self.meeting.is_on() && lease.holder != me => {
                let holder = &lease.holder;
                let hint = if lease.until <= self.ask.now {
                    "their lease has lapsed: take the chair with `quorate meeting chair`".to_owned()
                } else {
                    format!("it lapses {} unless {holder} acts before", lease.until)
                };
                Err(Problem::new(ProblemKind::NotAllowed, format!("{holder} holds the chair of {}", self.id))
                    .hint(hint))
            }
            Some(_) | None => Ok(me),
        }
    }

    /// A line of the sealed agenda.
    fn entry(&self, item: &Id) -> Result<&AgendaLine, Problem> {
        self.meeting.entry(item).ok_or_else(|| {
            Problem::new(ProblemKind::NotFound, format!("{item} is not on the agenda of {}", self.id))
                .hint("the chair lets it in with `quorate meeting late`")
        })
    }

    /// The item named, else the one in focus.
    fn item(&self, item: Option<&Id>) -> Result<Id, Problem> {
        item.or(self.meeting.focus.as_ref()).cloned().ok_or_else(|| {
            invalid(format!("no item of {} is in focus", self.id)).hint("name one, or go on with next")
        })
    }
}

#[cfg(test)]
mod tests;
