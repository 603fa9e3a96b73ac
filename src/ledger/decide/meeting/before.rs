//! Before a meeting: its order, what members ask for, what is let in late, and the start that seals the agenda.

use std::collections::BTreeSet;

use super::{super::Ask, Case, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        derive::agenda,
        event::{AgendaItem, Event, MeetingAct, Named, OpenCause},
        fold::MeetingState,
        rounds::opening,
    },
    model::{Id, Prose, Standing},
    rules::{
        approval::Seating,
        authority::{self, Act},
    },
};

impl Ask<'_> {
    /// What makes an item ready to be decided by a board: nothing, or a round that opens.
    pub(super) fn ready_for(
        &self,
        item: &Id,
        board: &Id,
        meeting: Option<&Id>,
    ) -> Result<Option<Event>, Problem> {
        self.known(item)?;
        if let Some(round) = self.ledger.fold().open_round(item) {
            if round.board == *board {
                return Ok(None);
            }
            return Err(invalid(format!("{item} is before {}, not before {board}", round.board)));
        }
        let name = meeting.unwrap_or(board);
        let live = self.ledger.record_view(item).is_some_and(|record| record.live);
        if !live {
            return Err(invalid(format!("{item} is over: there is nothing for {name} to decide")));
        }
        if self.ledger.fold().get(item).is_some_and(|known| known.standing == Standing::Approved) {
            return Err(invalid(format!("{item} is approved already")));
        }
        self.allowed(item, Act::Preside)?;
        match opening(self.ledger, item, OpenCause::Chair, self.now) {
            Some(event @ Event::RoundOpened { .. }) => {
                if let Event::RoundOpened { board: to, .. } = &event
                    && to != board
                {
                    return Err(invalid(format!("{item} goes to {to}, not to {board}")));
                }
                Ok(Some(event))
            }
            Some(_) | None => Err(invalid(format!("{item} cannot be routed to a board"))),
        }
    }
}

impl Case<'_> {
    pub(super) fn place(&self, item: &Id, before: Option<&Id>) -> Result<Step, Problem> {
        self.preside()?;
        let items = self.ask.ledger.agenda(&self.meeting).items;
        for id in std::iter::once(item).chain(before) {
            if !items.iter().any(|entry| entry.item == *id) {
                return Err(Problem::new(
                    ProblemKind::NotFound,
                    format!("{id} is not on the agenda of {}", self.id),
                ));
            }
        }
        let act = MeetingAct::Placed { item: item.clone(), before: before.cloned() };
        Ok(match before {
            Some(before) => self.one(act, &format!("{item} comes before {before}")),
            None => self.one(act, &format!("{item} comes last")),
        })
    }

    pub(super) fn pull(&self, item: &Id, reason: Option<&Prose>) -> Result<Step, Problem> {
        self.ask.member(&self.meeting.board, "ask for an item")?;
        if self.meeting.pulled.iter().any(|pulled| pulled.item == *item) {
            return Err(invalid(format!("{item} is on the agenda of {} already", self.id)));
        }
        let opened = self.ask.ready_for(item, &self.meeting.board, Some(&self.id))?;
        let reason = reason.filter(|text| !text.trim().is_empty()).cloned();
        let deadline =
            self.meeting.emergency.then(|| self.ask.ledger.fold().open_round(item)?.deadline).flatten();
        let act = MeetingAct::Pulled { item: item.clone(), reason, deadline };
        let mut step = self.one(act, &format!("{item} will be decided there"));
        step.events.splice(0..0, opened);
        Ok(step)
    }

    pub(super) fn late(&self, item: &Id, reason: &Prose) -> Result<Step, Problem> {
        self.preside()?;
        if reason.trim().is_empty() {
            return Err(invalid(format!("letting {item} in late needs a reason")).hint("add -m TEXT"));
        }
        let on_it =
            self.meeting.entry(item).is_some() || self.meeting.let_in.iter().any(|(known, _)| known == item);
        if on_it {
            return Err(invalid(format!("{item} is on the agenda of {} already", self.id)));
        }
        let opened = self.ask.ready_for(item, &self.meeting.board, Some(&self.id))?;
        let entry = self.ask.ledger.agenda_item(&self.meeting, item);
        let entry = entry.ok_or_else(|| invalid(format!("{item} cannot come before a meeting")))?;
        let names = self.called(self.ask.ledger.tied(item));
        let act = MeetingAct::LateEntered { entry, reason: reason.clone(), names };
        let mut step = self.one(act, &format!("{item} was let in late"));
        step.events.splice(0..0, opened);
        Ok(step)
    }

    /// Seals the agenda as it is now and starts the clock.
    pub(super) fn start(&self) -> Result<Step, Problem> {
        let chair = self.ask.in_chair_seat(&self.meeting.board, "start a meeting")?.clone();
        let ledger = self.ask.ledger;
        let fold = ledger.fold();
        let busy = fold.on.iter().filter_map(|id| fold.meetings.get(id));
        if let Some(other) = busy.clone().find(|other| other.board == self.meeting.board) {
            return Err(
                invalid(format!("{} of {} is on already", other.id, other.board)).hint("end it first")
            );
        }
        let agenda = ledger.agenda(&self.meeting).items;
        let delegations = fold.delegations(&self.meeting.board);
        let seating = Seating::of_board(&self.meeting.seats, &delegations);
        let members: Vec<Id> = seating.at(self.ask.now).in_order().cloned().collect();
        let hash = agenda::seal(&agenda);
        let said = format!(
            "{} started, {} sealed as {}",
            self.id,
            crate::label::count(agenda.len(), "item"),
            &hash[..12.min(hash.len())]
        );
        let actions = fold.open_actions().map(|action| action.number).collect();
        let names = self.called(self.people(&agenda, &members));
        let started = MeetingAct::Started { chair: chair.clone(), agenda, hash, members, actions, names };
        let mut events = vec![self.event(started)];
        if !self.meeting.is_here(&chair) {
            let name = ledger.called(&chair);
            events.push(self.event(MeetingAct::Arrived {
                person: chair,
                marked: false,
                session: false,
                name,
            }));
        }
        Ok(Step { events, said, ..Step::default() })
    }

    /// Who may be named in the minutes: members, holders of seats, the people of the items, owners of open actions.
    fn people(&self, agenda: &[AgendaItem], members: &[Id]) -> Vec<Id> {
        let ledger = self.ask.ledger;
        let seats = self.meeting.seats.iter().map(|seat| seat.person.clone());
        let tied = agenda.iter().flat_map(|entry| ledger.tied(&entry.item));
        let owners = ledger.fold().open_actions().map(|action| action.owner.clone());
        members.iter().cloned().chain(seats).chain(tied).chain(owners).collect()
    }

    /// What people are called, each once; those without a name are left out.
    pub(super) fn called(&self, people: Vec<Id>) -> Vec<Named> {
        let people: BTreeSet<Id> = people.into_iter().collect();
        let named = |person: Id| Some(Named { name: self.ask.ledger.called(&person)?, person });
        people.into_iter().filter_map(named).collect()
    }

    /// Whether the chair of the meeting may open and close rounds on an item.
    pub(super) fn presides_over(&self, item: &Id) -> bool {
        let relations = self.ask.ledger.relations(item, self.ask.who, self.ask.now);
        authority::may(&relations, Act::Preside).is_ok()
    }

    /// The round that opens as an item comes into focus, where none is open and something is left to decide.
    pub(super) fn opens(&self, item: &Id) -> Option<Event> {
        let ledger = self.ask.ledger;
        debug_assert!(self.meeting.state != MeetingState::Ended);
        let known = ledger.fold().get(item);
        let decided = known.is_some_and(|known| {
            known.open_round().is_some()
                || matches!(known.standing, Standing::Approved | Standing::Rejected)
                || known.glass_pending()
        });
        let live = ledger.record_view(item).is_some_and(|record| record.live);
        if decided || !live || ledger.reviews_due().contains(item) || !self.presides_over(item) {
            return None;
        }
        let event = opening(ledger, item, OpenCause::Chair, self.ask.now)?;
        let here = matches!(&event, Event::RoundOpened { board, .. } if *board == self.meeting.board);
        here.then_some(event)
    }
}
