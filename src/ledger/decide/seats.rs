//! Delegating a seat, and naming a chair where all are tied.

use super::{Ask, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
    },
    model::{Delegation, Id, Instant},
    rules::authority::Act,
};

impl Ask<'_> {
    pub(super) fn delegate(
        &self,
        board: &Id,
        from: &Id,
        to: &Id,
        (start, end): (Instant, Instant),
    ) -> Result<Step, Problem> {
        let Some(seats) = self.ledger.board(board).map(|board| &board.seats) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("there is no board {board}")));
        };
        let person = |name: &Id| self.ledger.person_id(name.as_str()).unwrap_or_else(|| name.clone());
        let from = person(from);
        let own = self.who.actor.person.as_ref() == Some(&from);
        let relations = self.ledger.relations_to_board(board, self.who, self.now);
        self.may(&relations, if own { Act::DelegateOwn } else { Act::DelegateAny }, board.as_str())?;
        if !seats.iter().any(|seat| seat.person == from) {
            return Err(invalid(format!("{from} holds no seat on {board}")));
        }
        let Some(to) = self.ledger.facts().person(to.as_str()).map(|person| person.id.clone()) else {
            return Err(invalid(format!("{to} is nobody the board knows")));
        };
        if from == to {
            return Err(invalid(format!("{from} already sits there")));
        }
        if end <= start || end <= self.now {
            return Err(invalid(format!(
                "a delegation must end after it starts and after now: {start} to {end}"
            )));
        }
        // What is recorded now does not reach back to acts that were done before.
        let start = start.max(self.now);
        let said = format!("{to} acts for {from} on {board} from {start} to {end}");
        Ok(Step::one(Event::Delegated { board: board.clone(), from, to, start, end }, said))
    }

    pub(super) fn undelegate(&self, board: &Id, from: &Id, to: Option<&Id>) -> Result<Step, Problem> {
        if self.ledger.board(board).is_none() {
            return Err(Problem::new(ProblemKind::NotFound, format!("there is no board {board}")));
        }
        let person = |name: &Id| self.ledger.person_id(name.as_str()).unwrap_or_else(|| name.clone());
        let (from, to) = (person(from), to.map(person));
        let own = self.who.actor.person.as_ref() == Some(&from);
        let relations = self.ledger.relations_to_board(board, self.who, self.now);
        self.may(&relations, if own { Act::DelegateOwn } else { Act::DelegateAny }, board.as_str())?;
        let meant = |d: &Delegation| d.from == from && to.as_ref().is_none_or(|to| d.to == *to);
        let all = self.ledger.fold().delegations(board).into_iter();
        let ended: Vec<Delegation> = all.filter(|d| d.end > self.now && meant(d)).collect();
        let whom = to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
        if ended.is_empty() {
            return Err(invalid(format!("no seat of {from} on {board} is delegated{whom}, now or later"))
                .hint("`quorate delegations` lists them"));
        }
        let names: Vec<String> = ended.iter().map(|d| d.to.to_string()).collect();
        let said = format!("{} no longer acts for {from} on {board}", names.join(", "));
        let event = |d: Delegation| {
            let Delegation { from, to, start, .. } = d;
            Event::DelegationEnded { board: board.clone(), from, to, start }
        };
        Ok(Step { events: ended.into_iter().map(event).collect(), said, ..Step::default() })
    }

    pub(super) fn name_chair(&self, item: &Id, person: &Id) -> Result<Step, Problem> {
        self.allowed(item, Act::Rules)?;
        let panel = self.ledger.panel(item, self.now);
        let named = self.ledger.fold().get(item).and_then(|item| item.chair.as_ref());
        if let Some(chair) = panel.electorate.chair.as_ref().filter(|chair| Some(*chair) != named) {
            return Err(invalid(format!("{item} has its chair: {chair}")));
        }
        let Some(person) = self.ledger.facts().person(person.as_str()).map(|person| person.id.clone()) else {
            return Err(invalid(format!("{person} is nobody the board knows")));
        };
        if panel.electorate.unsure.contains(&person) {
            return Err(invalid(format!(
                "{person} might be somebody {item} names and cannot be in its chair"
            ))
            .hint("give the right person this name as an alias first"));
        }
        if panel.tied.contains(&person) || panel.electorate.tied.contains(&person) {
            return Err(invalid(format!("{person} is tied to {item} and cannot be in its chair")));
        }
        let said = format!("{person} is in the chair of {item}");
        Ok(Step::one(Event::ChairNamed { item: item.clone(), person }, said))
    }
}
