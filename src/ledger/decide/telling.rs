//! Sending what is due to audiences (telling § Sending): what is sent is what was shown.

use super::{Ask, Step, invalid};
use crate::{
    label::{Label, listed},
    ledger::{
        command::{Problem, ProblemKind},
        derive::telling::{Comms, withdrawn},
        event::{Event, TellingAct},
    },
    model::{Id, Line, Message},
    rules::authority::run::{RunRelations, RunRight, may_run},
};

impl Ask<'_> {
    /// Sends messages as they were shown.
    pub(super) fn tell(&self, item: &Id, shown: &[Message]) -> Result<Step, Problem> {
        self.known(item)?;
        self.may_tell(item)?;
        let comms =
            self.ledger.comms(item, self.now).ok_or_else(|| invalid(format!("there is no {item}")))?;
        if shown.is_empty() {
            return Err(invalid(format!("no message about {item} is named")));
        }
        let (mut events, mut said) = (Vec::new(), Vec::new());
        for message in shown {
            let due = self.still_due(&comms, message)?;
            for old in self.ledger.fold().telling.of(item, &due.audience) {
                // One that is being handed over may come back.
                let open = old.waits() || (old.withdrawn.is_none() && old.is_unanswered());
                events.extend(open.then(|| withdrawn(old)));
            }
            said.push(format!("{} to {}", due.kind.label(), due.audience));
            let act = TellingAct::Queued { message: Box::new(due.clone()) };
            events.push(Event::Telling { item: item.clone(), act: Box::new(act) });
        }
        Ok(Step { events, said: format!("{item}: {}", listed(&said)), ..Step::default() })
    }

    /// The message to the same audience that is due now, which must say what was shown.
    fn still_due<'a>(&self, comms: &'a Comms, shown: &Message) -> Result<&'a Message, Problem> {
        let item = &comms.item;
        let changed = |what: String| {
            Problem::new(ProblemKind::Changed, what).hint(format!("look again: quorate comms {item}"))
        };
        let Some(line) = comms.audiences.iter().find(|line| line.audience == shown.audience) else {
            return Err(invalid(format!("{} is told nothing of {item}", shown.audience))
                .hint("`quorate audience` says who hears of what"));
        };
        match (&line.due, &line.waiting) {
            (Some(due), _) if due.says_the_same(shown) => Ok(due),
            (Some(due), _) => Err(changed(format!(
                "what {} is to be told of {item} changed: it is the {} now",
                line.audience,
                due.kind.label()
            ))),
            (None, Some(waiting)) => Err(changed(format!(
                "the {} about {item} to {} is on its way already",
                waiting.kind.label(),
                line.audience
            ))),
            (None, None) => {
                Err(changed(format!("nothing about {item} is to be told to {} now", line.audience)))
            }
        }
    }

    /// Who answers for the item, its manager and the chair tell others of it.
    fn may_tell(&self, item: &Id) -> Result<(), Problem> {
        let facts = self.ledger.facts();
        let held = self.ledger.relations(item, self.who, self.now);
        let me = self.who.actor.person.as_ref().filter(|_| !self.who.pipeline);
        let is_me = |name: &Line| {
            let known = facts.person(name).map(|person| &person.id);
            me.is_some_and(|me| known == Some(me) || (known.is_none() && name.as_str() == me.as_str()))
        };
        let change = facts.change(item);
        let release = match change {
            Some(change) => facts.release_of(change).and_then(|id| facts.release(&id)),
            None => facts.release(item),
        };
        let named = change.and_then(|change| change.owner.as_ref().or(change.requester.as_ref()));
        let manager = release.and_then(|release| release.manager.as_ref()).is_some_and(is_me);
        let relations = RunRelations {
            owner: named.is_some_and(is_me) && !self.who.pipeline,
            manager,
            chair: held.chair && !self.who.pipeline,
            ..RunRelations::default()
        };
        may_run(RunRight::Tell, &relations).map_err(|refusal| {
            let title = format!("{} may not do this on {item}: {refusal}", self.who.name());
            Problem::new(ProblemKind::NotAllowed, title)
        })
    }
}
