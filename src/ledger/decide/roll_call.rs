//! The chair's roll call, and what the people say for whom votes were entered (rules § Votes): nobody's own vote is turned
//! without them.

use super::{Ask, Step, invalid};
use crate::{
    label::Label,
    ledger::{
        command::{Problem, ProblemKind},
        event::{Event, Known, Vote},
        fold::Round,
    },
    model::{Id, Prose, Revision},
    rules::{authority::Act, facts::ties::name_key},
};

impl Ask<'_> {
    /// The person of a roll call: they may vote, and have no vote of their own.
    pub(super) fn called(&self, item: &Id, round: &Round, person: &Id) -> Result<Id, Problem> {
        let person = self.voter(item, round, person)?;
        let Some(own) = own_vote(round, &person) else { return Ok(person) };
        let how = if round.policy.secret { String::new() } else { format!(" {}", own.label()) };
        let problem = Problem::new(
            ProblemKind::NotAllowed,
            format!("{person} voted{how} on {item} themselves: their own vote stands"),
        );
        if round.policy.secret {
            return Err(problem.hint(format!("only {person} can turn it")));
        }
        Err(problem.hint(format!(
            "with --otherwise it is recorded what {person} says instead, and counts once they confirm it"
        )))
    }

    /// Somebody for whom a roll call may enter a vote.
    fn voter(&self, item: &Id, round: &Round, person: &Id) -> Result<Id, Problem> {
        let person = self.ledger.person_id(person.as_str()).unwrap_or_else(|| person.clone());
        let electorate = round.electorate(&self.ledger.fold().delegations(&round.board), self.now);
        if electorate.able.contains(&person) {
            return Ok(person);
        }
        let why = match () {
            () if electorate.tied.contains(&person) => "tied to the item",
            () if electorate.unsure.contains(&person) => "they might be somebody the item names",
            () if round.recused.contains(&person) => "recused",
            () => "no seat on its board",
        };
        Err(Problem::new(ProblemKind::NotAllowed, format!("{person} has no vote on {item}: {why}")))
    }

    /// The chair says that somebody says otherwise than they voted. Says nothing where they say the same.
    pub(super) fn says_otherwise(
        &self,
        item: &Id,
        revision: Revision,
        person: &Id,
        vote: Vote,
        comment: Option<&Prose>,
    ) -> Result<Step, Problem> {
        self.allowed(item, Act::RollCall)?;
        let round = self.running(item)?;
        self.same_revision(item, &round, revision)?;
        let person = self.voter(item, &round, person)?;
        if round.policy.secret {
            return Err(invalid(format!("the votes on {item} are secret: nobody says what {person} says")));
        }
        self.refuse_unsigned(item, &round, Some(&person))?;
        let Some(own) = own_vote(&round, &person) else {
            return Err(invalid(format!("{person} has not voted on {item} themselves"))
                .hint("without --otherwise the vote is entered for them"));
        };
        let comment = comment.filter(|text| !text.trim().is_empty());
        if vote == Vote::Reject && comment.is_none() {
            return Err(invalid(format!("a rejection of {item} needs its reason")).hint("add -m TEXT"));
        }
        if own == vote {
            return Err(invalid(format!("{person} voted {} on {item} already", own.label())));
        }
        let said = format!(
            "{person} says {} on {item}, as you say; their own vote, {}, stands until they confirm it",
            vote.label(),
            own.label()
        );
        let event = Event::SaidOtherwise {
            item: item.clone(),
            round: round.number,
            revision,
            person,
            vote,
            comment: comment.cloned(),
        };
        Ok(Step::one(event, said))
    }

    /// One answer of a room with one keyboard: entered, or, against a vote of their own, recorded as said otherwise.
    pub(super) fn called_in_room(
        &self,
        item: &Id,
        revision: Revision,
        (person, vote, comment): (&Id, Vote, Option<&Prose>),
    ) -> Result<Step, Problem> {
        let round = self.running(item)?;
        let known = self.ledger.person_id(person.as_str()).unwrap_or_else(|| person.clone());
        match own_vote(&round, &known) {
            Some(own) if own == vote && !round.policy.secret => Ok(Step::default()),
            Some(_) => self.says_otherwise(item, revision, person, vote, comment),
            None => self.vote(item, revision, vote, comment, Some(person)),
        }
    }

    /// The person says whether a vote that was entered for them is theirs, or whether they say otherwise as the chair said.
    pub(super) fn answer_roll_call(
        &self,
        item: &Id,
        agrees: bool,
        comment: Option<&Prose>,
    ) -> Result<Step, Problem> {
        self.known(item)?;
        let me = self.me()?.clone();
        let rounds = self.ledger.fold().get(item).map(|item| item.rounds.as_slice()).unwrap_or_default();
        let asks = |round: &Round| {
            round.otherwise.contains_key(&me)
                || round.votes.get(&me).is_some_and(|cast| cast.known == Known::RollCall)
        };
        let Some(round) = rounds.iter().rev().find(|round| asks(round)) else {
            return Err(invalid(format!("no vote was entered for {me} on {item}"))
                .hint(format!("`quorate tally {item}` says how each vote was cast")));
        };
        let comment = comment.filter(|text| !text.trim().is_empty()).cloned();
        if let Some(otherwise) = round.otherwise.get(&me).filter(|_| agrees) {
            return self.vote(item, otherwise.revision, otherwise.vote, otherwise.comment.as_ref(), None);
        }
        let disputed = round.is_open() && !agrees && !round.otherwise.contains_key(&me);
        let said = match (agrees, disputed) {
            (true, _) => format!("the vote entered for {me} on {item} is theirs"),
            (false, true) => format!("the vote entered for {me} on {item} is disputed and counts no more"),
            (false, false) if round.is_open() => format!("{me} says the same as before on {item}"),
            (false, false) => {
                format!("the vote entered for {me} in round {} of {item} is disputed", round.number)
            }
        };
        let (item, round) = (item.clone(), round.number);
        Ok(Step::one(Event::RollCallAnswered { item, round, person: me, agrees, comment }, said))
    }

    /// The chair says that somebody is not who the item names, whom nobody here is.
    pub(super) fn clear(&self, item: &Id, person: &Id, reason: Option<&Prose>) -> Result<Step, Problem> {
        self.allowed(item, Act::Preside)?;
        let person = self.ledger.person_id(person.as_str()).unwrap_or_else(|| person.clone());
        let doubts = self.ledger.doubts(item);
        let mut events = Vec::new();
        for doubt in doubts.iter().filter(|doubt| doubt.people.contains(&person)) {
            events.push(Event::Cleared {
                item: item.clone(),
                shown: doubt.name.clone(),
                name: name_key(&doubt.name),
                person: person.clone(),
                reason: reason.filter(|text| !text.trim().is_empty()).cloned(),
            });
        }
        if events.is_empty() {
            let problem = invalid(format!("{person} is in no doubt on {item}: nothing to clear"));
            return Err(match doubts.as_slice() {
                [] => problem,
                doubts => {
                    let people = doubts.iter().flat_map(|doubt| &doubt.people).map(Id::as_str);
                    problem.hint(format!("in doubt are: {}", people.collect::<Vec<_>>().join(", ")))
                }
            });
        }
        let names = doubts.iter().filter(|doubt| doubt.people.contains(&person));
        let names: Vec<&str> = names.map(|doubt| doubt.name.as_str()).collect();
        let said = format!("{person} is not {}: they may vote on {item}", names.join(" or "));
        Ok(Step { events, said, ..Step::default() })
    }
}

/// The vote somebody cast in a round, unless a roll call did.
fn own_vote(round: &Round, person: &Id) -> Option<Vote> {
    round.votes.get(person).filter(|cast| cast.known != Known::RollCall).map(|cast| cast.vote)
}
