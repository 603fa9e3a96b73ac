//! What people say around an item: questions to its owner and their answers, what they have read, actions, absences.

use chrono::NaiveDate;

use super::{Ask, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
    },
    model::{Id, Instant, Prose, Revision},
    rules::authority::{self, Act},
};

impl Ask<'_> {
    pub(super) fn question(&self, item: &Id, text: &Prose) -> Result<Step, Problem> {
        self.allowed(item, Act::Comment)?;
        if text.trim().is_empty() {
            return Err(invalid(format!("a question about {item} needs words")).hint("add -m TEXT"));
        }
        let number = self.ledger.fold().get(item).map_or(0, |item| item.questions.len()) + 1;
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let event = Event::QuestionAsked { item: item.clone(), question: number, text: text.clone() };
        Ok(Step::one(event, format!("question {number} on {item}")))
    }

    /// Answered by the people of the item, by who asked, or by the chair.
    pub(super) fn answer(&self, item: &Id, question: u32, text: &Prose) -> Result<Step, Problem> {
        let relations = self.allowed(item, Act::Comment)?;
        let asked =
            self.ledger.fold().get(item).and_then(|i| i.questions.iter().find(|q| q.number == question));
        let Some(asked) = asked else {
            return Err(Problem::new(ProblemKind::NotFound, format!("{item} has no question {question}")));
        };
        if asked.answer.is_some() {
            return Err(invalid(format!("question {question} on {item} is answered already")));
        }
        if text.trim().is_empty() {
            return Err(invalid(format!("an answer on {item} needs words")).hint("add -m TEXT"));
        }
        if !(relations.tied || relations.chair || asked.by == self.who.name()) {
            return Err(Problem::new(
                ProblemKind::NotAllowed,
                format!("question {question} on {item} is answered by its people or the chair"),
            )
            .hint("comment on it instead"));
        }
        let event = Event::QuestionAnswered { item: item.clone(), question, text: text.clone() };
        Ok(Step::one(event, format!("question {question} on {item} answered")))
    }

    /// On record once per person and revision.
    pub(super) fn read(&self, item: &Id, revision: Revision) -> Result<Step, Problem> {
        self.allowed(item, Act::See)?;
        let me = self.me()?;
        let known = self.ledger.fold().get(item);
        let current = self.ledger.facts().revision(item);
        if current != Some(revision) {
            return Err(Problem::new(ProblemKind::Changed, format!("{item} changed while it was read")));
        }
        if known.and_then(|known| known.reads.get(me)).is_some_and(|read| read.revision == revision) {
            return Ok(Step { said: format!("{item} was read"), ..Step::default() });
        }
        Ok(Step::one(Event::ItemRead { item: item.clone(), revision }, format!("{item} was read")))
    }

    pub(super) fn add_action(
        &self,
        about: (Option<&Id>, Option<&Id>),
        text: &Prose,
        owner: &Id,
        due: Option<NaiveDate>,
    ) -> Result<Step, Problem> {
        let (meeting, item) = about;
        self.a_member("give an action")?;
        if let Some(item) = item {
            self.known(item)?;
        }
        if let Some(meeting) = meeting
            && !self.ledger.fold().meetings.contains_key(meeting)
        {
            return Err(Problem::new(
                ProblemKind::NotFound,
                format!("there is no meeting {meeting} on record"),
            ));
        }
        if text.trim().is_empty() {
            return Err(invalid("an action needs words").hint("add -m TEXT"));
        }
        let Some(owner) = self.ledger.facts().person(owner.as_str()).map(|person| person.id.clone()) else {
            return Err(invalid(format!("{owner} is nobody the board knows: an action needs its owner")));
        };
        let number = self.ledger.fold().actions.get_max().map_or(0, |(number, _)| *number) + 1;
        let said = match due {
            Some(due) => format!("action {number} for {owner}, due {due}"),
            None => format!("action {number} for {owner}"),
        };
        let (meeting, item, text) = (meeting.cloned(), item.cloned(), text.clone());
        Ok(Step::one(Event::ActionAdded { action: number, meeting, item, text, owner, due }, said))
    }

    pub(super) fn close_action(&self, number: u32, note: Option<&Prose>) -> Result<Step, Problem> {
        let Some(action) = self.ledger.fold().actions.get(&number) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("there is no action {number}")));
        };
        if action.closed.is_some() {
            return Err(invalid(format!("action {number} is closed already")));
        }
        if self.who.actor.person.as_ref() != Some(&action.owner) {
            let relations = self
                .ledger
                .boards()
                .iter()
                .map(|board| self.ledger.relations_to_board(&board.id, self.who, self.now));
            if !relations.into_iter().any(|relations| authority::may(&relations, Act::Preside).is_ok()) {
                return Err(Problem::new(
                    ProblemKind::NotAllowed,
                    format!("action {number} is closed by {} or a chair", action.owner),
                ));
            }
        }
        let note = note.filter(|text| !text.trim().is_empty()).cloned();
        Ok(Step::one(Event::ActionClosed { action: number, note }, format!("action {number} closed")))
    }

    /// Said by the person, by a chair or by an admin.
    pub(super) fn away(&self, person: Option<&Id>, start: Instant, end: Instant) -> Result<Step, Problem> {
        let me = self.who.actor.person.as_ref();
        let person = match person {
            Some(name) => self.ledger.person_id(name.as_str()).unwrap_or_else(|| name.clone()),
            None => self.me()?.clone(),
        };
        if me != Some(&person) {
            let sits = |board: &&crate::model::Board| board.seats.iter().any(|seat| seat.person == person);
            let mut boards = self.ledger.boards().iter().filter(sits);
            let may = boards.any(|board| {
                let relations = self.ledger.relations_to_board(&board.id, self.who, self.now);
                authority::may(&relations, Act::DelegateAny).is_ok()
            });
            if !may {
                return Err(Problem::new(
                    ProblemKind::NotAllowed,
                    format!("{} may not say that {person} is away", self.who.name()),
                )
                .hint("only they, the chair or an admin"));
            }
        }
        if end <= start || end <= self.now {
            return Err(invalid(format!(
                "an absence must end after it starts and after now: {start} to {end}"
            )));
        }
        let said = format!("{person} is away from {start} to {end}");
        Ok(Step::one(Event::Away { person, start, end }, said))
    }

    /// Somebody with a seat on any board.
    fn a_member(&self, what: &str) -> Result<(), Problem> {
        let seat =
            |board: &crate::model::Board| self.ledger.relations_to_board(&board.id, self.who, self.now).seat;
        if self.ledger.boards().iter().any(seat) {
            return Ok(());
        }
        Err(Problem::new(
            ProblemKind::NotAllowed,
            format!("{} may not {what}: no seat on a board", self.who.name()),
        ))
    }
}
