//! What the board says to one person alone: what their vote would do, and their own vote where votes are secret.
//!
//! The ledger knows no viewer. What a vote would do is computed when it is asked for; one's own secret votes are kept beside
//! the tallies, so that another viewer costs a look at each.

use super::{
    Ledger,
    tally::{SECRET, to_confirm},
};
use crate::{
    label::Label,
    ledger::{
        fold::Round,
        tally::{After, OwnBallot, Tally},
    },
    model::Id,
    rules::approval::line,
};

impl Ledger {
    /// What a vote of somebody on the newest round of an item would do. Who has no say there reads what a vote that is
    /// waited for would do. `None` where there is no round.
    #[must_use]
    pub fn after(&self, item: &Id, person: Option<&Id>) -> Option<After> {
        let round = self.fold.round(item)?;
        let same = |words: &str| After {
            approve: words.to_owned(),
            reject: words.to_owned(),
            abstain: words.to_owned(),
        };
        if let Some(closed) = &round.closed {
            return Some(same(&format!("closed: {}", closed.outcome.label())));
        }
        if round.policy.secret {
            return Some(same(SECRET));
        }
        let electorate = round.electorate_by(&self.fold.delegations(&round.board), self.asked);
        let poll = round.poll(&electorate);
        let people = &poll.electorate().people;
        let voter = person.filter(|person| people.contains(*person));
        let Some(voter) = voter.or_else(|| poll.waiting().next()).or_else(|| people.first()) else {
            return Some(same("nobody may vote"));
        };
        let silence = round.deadline.map(|_| self.silence(item, round, self.asked, 0));
        let answers = line::answers(&poll, voter, silence.as_ref());
        let (approve, reject, abstain) = (answers.approve.words, answers.reject.words, answers.abstain.words);
        Some(After { approve, reject, abstain })
    }

    /// Somebody's own vote on the newest round of an item that hides its votes; none where it hides none, or they have not
    /// voted.
    #[must_use]
    pub fn own_ballot(&self, item: &Id, person: &Id) -> Option<&OwnBallot> {
        own(self.hidden.get(item)?, person)
    }

    /// Their own votes on all items that hide them, by item.
    pub fn own_ballots<'a>(&'a self, person: &'a Id) -> impl Iterator<Item = (&'a Id, &'a OwnBallot)> {
        self.hidden.iter().filter_map(move |(item, ballots)| Some((item, own(ballots, person)?)))
    }
}

fn own<'a>(ballots: &'a [(Id, OwnBallot)], person: &Id) -> Option<&'a OwnBallot> {
    ballots.iter().find(|(voter, _)| voter == person).map(|(_, ballot)| ballot)
}

/// The votes of a round that count, each for who gave it alone; `tally` says which do.
pub(super) fn ballots(round: &Round, tally: &Tally) -> Box<[(Id, OwnBallot)]> {
    let counted = tally.electorate.iter().filter(|ballot| ballot.by.is_some());
    let own = counted.filter_map(|ballot| {
        let person = &ballot.person;
        let cast = round.votes.get(person)?;
        let to_confirm = to_confirm(round, person);
        Some((person.clone(), OwnBallot { vote: cast.vote, comment: cast.comment.clone(), to_confirm }))
    });
    own.collect()
}
