//! A vote that a source takes only from its person, and that waits for them: that it is written there no more. It counts on
//! the board as before. Whether it waits at all, the ledger does not know; the outbox does.

use super::{Ask, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
    },
    model::{Id, Prose, SourceId},
};

impl Ask<'_> {
    /// Their own everybody gives up; somebody else's only an admin, who says why (rules § Rights).
    pub(super) fn give_up(
        &self,
        item: &Id,
        source: &SourceId,
        person: &Id,
        reason: Option<&Prose>,
    ) -> Result<Step, Problem> {
        self.known(item)?;
        // A vote on a copy is one on what it is a copy of.
        let item = self.ledger.facts().whole(item);
        let relations = self.ledger.general(self.who);
        let own = self.who.actor.person.as_ref() == Some(person) && !relations.pipeline;
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        if !own && !relations.admin {
            let who = self.who.name();
            let title =
                format!("{who} may not do this on {item}: only {person} or an admin gives up their vote");
            return Err(Problem::new(ProblemKind::NotAllowed, title)
                .hint("an admin gives it up with a reason; it counts here either way"));
        }
        if !own && reason.is_none() {
            return Err(invalid(format!(
                "{person}'s vote on {item} is given up for a reason, and none is said"
            ))
            .hint("add -m TEXT"));
        }
        let event = Event::GivenUp {
            item: item.clone(),
            source: source.clone(),
            person: person.clone(),
            reason: reason.cloned(),
        };
        let whose = if own { "your vote".to_owned() } else { format!("the vote of {person}") };
        Ok(Step::one(event, format!("{whose} on {item} is not written to {source}; it counts here")))
    }
}
