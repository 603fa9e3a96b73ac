//! Votes: cast, withdrawn, re-affirmed, entered for somebody, and stepping out.

use std::sync::Arc;

use super::{Ask, Step, invalid};
use crate::{
    label::vote_noun,
    ledger::{
        command::{Problem, ProblemKind},
        event::{Event, Known, Vote},
        fold::Round,
        log,
    },
    model::{Id, Prose, Revision},
    rules::authority::Act,
};

impl Ask<'_> {
    pub(super) fn vote(
        &self,
        item: &Id,
        revision: Revision,
        vote: Vote,
        comment: Option<&Prose>,
        on_behalf: Option<&Id>,
    ) -> Result<Step, Problem> {
        self.allowed(item, if on_behalf.is_some() { Act::RollCall } else { Act::Vote })?;
        let round = self.running(item)?;
        self.same_revision(item, &round, revision)?;
        let person = match on_behalf {
            Some(person) => self.called(item, &round, person)?,
            None => self.me()?.clone(),
        };
        let known = if on_behalf.is_some() { Known::RollCall } else { self.who.actor.known };
        if round.policy.require_verified && known != Known::Verified {
            return Err(Problem::new(
                ProblemKind::NotAllowed,
                format!("{item} is voted on by {}, which counts verified votes only", round.policy.id),
            )
            .hint("vote through `quorate serve`, which knows who you are"));
        }
        self.refuse_unsigned(item, &round, on_behalf)?;
        let comment = comment.filter(|text| !text.trim().is_empty());
        if vote == Vote::Reject && comment.is_none() {
            return Err(invalid(format!("a rejection of {item} needs its reason")).hint("say why: -m TEXT"));
        }
        Ok(Step::one(
            Event::Voted {
                item: item.clone(),
                round: round.number,
                revision,
                person: person.clone(),
                vote,
                comment: comment.cloned(),
                roll_call: on_behalf.is_some(),
                reaffirmed: false,
                salt: self.who.salt.filter(|_| round.policy.secret).map(|salt| log::hex(&salt)),
                signed: self.signature(),
            },
            match on_behalf {
                Some(_) => format!("{} on {item} for {person} (roll call)", vote_noun(vote)),
                None => format!("{} on {item}", vote_noun(vote)),
            },
        ))
    }

    pub(super) fn withdraw(&self, item: &Id) -> Result<Step, Problem> {
        // Whose seat was delegated since takes back what still stands as theirs.
        let open = self.ledger.fold().open_round(item).zip(self.who.actor.person.as_ref());
        if !open.is_some_and(|(round, me)| round.votes.contains_key(me)) {
            self.allowed(item, Act::Vote)?;
        }
        let round = self.running(item)?;
        let person = self.me()?.clone();
        if !round.votes.contains_key(&person) {
            let title = format!("{person} has not voted in round {} of {item}", round.number);
            return Err(invalid(title).hint(format!("quorate vote {item} approve, reject or abstain")));
        }
        self.refuse_unsigned(item, &round, None)?;
        let event =
            Event::Withdrawn { item: item.clone(), round: round.number, person, signed: self.signature() };
        Ok(Step::one(event, format!("vote on {item} withdrawn")))
    }

    pub(super) fn reaffirm(&self, item: &Id, revision: Revision) -> Result<Step, Problem> {
        self.allowed(item, Act::Vote)?;
        let (vote, comment) = self.earlier(item)?;
        let mut step = self.vote(item, revision, vote, comment.as_ref(), None)?;
        if let Some(Event::Voted { reaffirmed, .. }) = step.events.first_mut() {
            *reaffirmed = true;
        }
        step.said = format!("{} on {item} re-affirmed", vote_noun(vote));
        Ok(step)
    }

    /// The newest vote of who asks in an earlier round, and what was said with it.
    pub(super) fn earlier(&self, item: &Id) -> Result<(Vote, Option<Prose>), Problem> {
        let round = self.running(item)?;
        let person = self.me()?;
        let rounds = self.ledger.fold().get(item).map(|item| item.rounds.as_slice()).unwrap_or_default();
        let earlier =
            rounds.iter().rev().filter(|r| r.number < round.number).find_map(|r| r.votes.get(person));
        earlier.map(|cast| (cast.vote, cast.comment.clone())).ok_or_else(|| {
            invalid(format!("{person} has no vote in an earlier round of {item} to re-affirm"))
                .hint("vote with approve, reject or abstain")
        })
    }

    pub(super) fn recuse(&self, item: &Id, reason: Option<&Prose>) -> Result<Step, Problem> {
        self.allowed(item, Act::Recuse)?;
        let round = self.running(item)?;
        let person = self.me()?.clone();
        if round.recused.contains(&person) {
            return Err(invalid(format!("{person} is already recused from {item}"))
                .hint(format!("`quorate tally {item}` says who votes")));
        }
        let reason = reason.filter(|text| !text.trim().is_empty()).cloned();
        let event = Event::Recused { item: item.clone(), round: round.number, person, reason };
        Ok(Step::one(event, format!("recused from {item}")))
    }

    /// The open round, which takes acts until its deadline, whether its closing is recorded or not.
    pub(super) fn running(&self, item: &Id) -> Result<Arc<Round>, Problem> {
        let Some(round) = self.ledger.fold().round(item) else {
            return Err(invalid(format!("{item} has no open round")).hint(format!(
                "one opens when the change enters authorize, or by the chair: quorate open {item}"
            )));
        };
        if let Some(closed) = &round.closed {
            return Err(Problem::new(
                ProblemKind::Changed,
                format!("round {} of {item} is closed: {}", round.number, closed.line()),
            )
            .hint(format!("the chair can open another: quorate open {item}")));
        }
        if let Some(due) = round.deadline.filter(|_| round.is_over(self.now)) {
            return Err(Problem::new(
                ProblemKind::Changed,
                format!("round {} of {item} ended at its deadline, {due}", round.number),
            )
            .hint(format!(
                "its closing is recorded at the next chance; then the chair can open another: quorate open {item}"
            )));
        }
        Ok(Arc::clone(round))
    }

    /// A vote is about what its author saw.
    pub(super) fn same_revision(&self, item: &Id, round: &Round, seen: Revision) -> Result<(), Problem> {
        let now = self.ledger.facts().revision(item).unwrap_or(round.revision);
        if seen == round.revision && now == round.revision {
            return Ok(());
        }
        let mut problem = Problem::new(
            ProblemKind::Changed,
            format!("{item} changed since you saw it: it is {} now, you saw {}", now.short(), seen.short()),
        )
        .hint(format!("look at what differs (quorate show {item}), then vote again"));
        if let (Some(old), Some(new)) = (self.ledger.fold().facts(&seen), self.ledger.facts().material(item))
        {
            problem.changes = old.changes_to(&new);
        }
        Err(problem)
    }
}
