//! Counting (rules § Counting): the closing outcome F, early close, and what a deadline does.
//!
//! The certainty of an outcome needs no enumeration. Quorum, yes and no can only grow, and each rule is monotonic in
//! them, so F is the same for every way the others may vote if it is the same when all of them stay silent, all
//! approve, and all reject. A property holds this against every way, one by one.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Decision, EarlyClose, Fraction, Id, OnDeadline, Policy, Quorum, Risk, Tie, Vote, VotingRule,
};

use super::electorate::Electorate;

/// Approval by silence holds only if it is recorded within this many seconds of the deadline.
pub const SILENCE_GRACE: i64 = 15 * 60;

/// Y, N, A and E of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Seats that approved.
    pub yes: u32,
    /// Seats that rejected.
    pub no: u32,
    /// Seats that abstained: they count for the quorum alone.
    pub abstain: u32,
    /// Seats that may vote.
    pub electorate: u32,
}

impl Totals {
    /// P = Y + N + A.
    #[must_use]
    pub fn voted(self) -> u32 {
        self.yes + self.no + self.abstain
    }
}

/// Why a round closes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Early {
    Veto,
    /// Nobody's vote can change the outcome any more.
    Certain,
    Everybody,
}

/// What approval by silence asks beside the votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    pub treated_risk: Risk,
    pub open_block: bool,
    /// Seconds between the deadline and the moment its closing is recorded.
    pub late: i64,
}

/// The votes of a round that count, with the policy and the electorate they are counted by.
#[derive(Debug, Clone)]
pub struct Poll<'a> {
    policy: &'a Policy,
    electorate: &'a Electorate,
    votes: BTreeMap<Id, Vote>,
    objections: BTreeSet<Id>,
}

/// A person whose vote means more than a number.
#[derive(Debug, Clone, Copy)]
struct Special {
    veto: bool,
    mandatory: bool,
    chair: bool,
    vote: Option<Vote>,
}

/// What the outcome depends on: numbers, the special people, and whether a mandatory seat has nobody who could vote.
#[derive(Debug, Clone)]
struct Count<'a> {
    policy: &'a Policy,
    totals: Totals,
    specials: Vec<Special>,
    plain_waiting: u32,
    empty_mandatory: bool,
}

impl<'a> Poll<'a> {
    /// Takes the votes of the round and the people who rejected in an earlier one. A vote whose author is not in the
    /// electorate does not count; who has voted again objects no more.
    #[must_use]
    pub fn new<'v>(
        policy: &'a Policy,
        electorate: &'a Electorate,
        votes: impl IntoIterator<Item = (&'v Id, Vote)>,
        objections: impl IntoIterator<Item = &'v Id>,
    ) -> Self {
        let mut objections: BTreeSet<Id> = objections.into_iter().cloned().collect();
        let mut counted = BTreeMap::new();
        for (person, vote) in votes {
            objections.remove(person);
            if electorate.people.contains(person) {
                counted.insert(person.clone(), vote);
            }
        }
        Self { policy, electorate, votes: counted, objections }
    }

    /// The same poll after one more vote.
    #[must_use]
    pub fn with(&self, person: &Id, vote: Vote) -> Self {
        let mut poll = self.clone();
        poll.objections.remove(person);
        if poll.electorate.people.contains(person) {
            poll.votes.insert(person.clone(), vote);
        }
        poll
    }

    /// The policy whose rule counts.
    #[must_use]
    pub fn policy(&self) -> &'a Policy {
        self.policy
    }

    /// Who may vote, and in whose seat.
    #[must_use]
    pub fn electorate(&self) -> &'a Electorate {
        self.electorate
    }

    /// What a person's seat says; `None` where they gave no vote that counts.
    #[must_use]
    pub fn vote_of(&self, person: &Id) -> Option<Vote> {
        self.votes.get(person).copied()
    }

    /// The people whose rejection of an earlier round still stands.
    #[must_use]
    pub fn objections(&self) -> &BTreeSet<Id> {
        &self.objections
    }

    /// The people of the electorate who have not voted, in the order of the board.
    pub fn waiting(&self) -> impl Iterator<Item = &'a Id> {
        self.electorate.in_order().filter(|person| !self.votes.contains_key(*person))
    }

    /// Yes, no, abstained, and of how many seats.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let count =
            |vote| u32::try_from(self.votes.values().filter(|v| **v == vote).count()).unwrap_or(u32::MAX);
        Totals {
            yes: count(Vote::Approve),
            no: count(Vote::Reject),
            abstain: count(Vote::Abstain),
            electorate: self.electorate.size(),
        }
    }

    /// The least number of votes that meets the quorum.
    #[must_use]
    pub fn quorum_need(&self) -> u32 {
        quorum_need(self.policy.quorum, self.electorate.size())
    }

    /// Whether enough seats spoke for the rule to be asked.
    #[must_use]
    pub fn quorum_met(&self) -> bool {
        self.totals().voted() >= self.quorum_need()
    }

    /// Mandatory seats whose acting person has not voted approve or reject, by name.
    #[must_use]
    pub fn mandatory_missing(&self) -> Vec<&'a str> {
        let told = |person| matches!(self.votes.get(person), Some(Vote::Approve | Vote::Reject));
        self.policy
            .mandatory
            .iter()
            .map(|name| name.as_str())
            .filter(|name| {
                let mut seats = self.electorate.named(name).peekable();
                seats.peek().is_none() || seats.any(|s| s.removed.is_some() || !told(&s.voice))
            })
            .collect()
    }

    /// The vote of the acting chair, where it counts.
    #[must_use]
    pub fn chair_vote(&self) -> Option<Vote> {
        self.electorate.chair_voice().and_then(|chair| self.votes.get(chair)).copied()
    }

    /// F, the closing outcome.
    #[must_use]
    pub fn outcome(&self) -> Decision {
        self.count().outcome()
    }

    /// The outcome that nobody's vote can change any more, with quorum and least number of people met now.
    #[must_use]
    pub fn certain(&self) -> Option<Decision> {
        self.count().certain()
    }

    /// Whether an open round closes by itself now, with which outcome, and why.
    #[must_use]
    pub fn early(&self) -> Option<(Decision, Early)> {
        let enabled: &[Decision] = match self.policy.early_close {
            EarlyClose::Off => return None,
            EarlyClose::OnReject => &[Decision::Rejected],
            EarlyClose::Both => &[Decision::Rejected, Decision::Approved],
        };
        let count = self.count();
        if count.vetoed() {
            return Some((Decision::Rejected, Early::Veto));
        }
        let everybody = count.totals.electorate > 0 && count.waiting() == 0;
        if everybody && self.objections.is_empty() {
            return Some((count.outcome(), Early::Everybody));
        }
        let certain = count.certain().filter(|decision| enabled.contains(decision))?;
        (certain != Decision::Approved || self.objections.is_empty()).then_some((certain, Early::Certain))
    }

    /// What the deadline makes of the round, and whether it approved by silence.
    #[must_use]
    pub fn at_deadline(&self, silence: &Silence) -> (Decision, bool) {
        let outcome = self.outcome();
        if outcome != Decision::Deferred || self.policy.on_deadline == OnDeadline::Defer {
            return (outcome, false);
        }
        let totals = self.totals();
        let silent = silence.treated_risk == Risk::Low
            && totals.electorate >= 2
            && totals.no == 0
            && self.objections.is_empty()
            && self.mandatory_missing().is_empty()
            && !silence.open_block
            && silence.late <= SILENCE_GRACE;
        if silent { (Decision::Approved, true) } else { (Decision::Deferred, false) }
    }

    /// The least number of people who have not voted whose yes makes approval certain: 0 when it is already, `None`
    /// when no number does. Mandatory, veto and chair seats are asked first.
    #[must_use]
    pub fn yes_to_certain(&self) -> Option<u32> {
        self.first_yes(|count| count.certain() == Some(Decision::Approved))
    }

    /// The least number of people who have not voted whose yes makes F approved, the rest staying silent.
    #[must_use]
    pub fn yes_to_approve(&self) -> Option<u32> {
        self.first_yes(|count| count.outcome() == Decision::Approved)
    }

    fn first_yes(&self, enough: impl Fn(&Count<'_>) -> bool) -> Option<u32> {
        let mut count = self.count();
        let mut given = 0;
        loop {
            if enough(&count) {
                return Some(given);
            }
            if !count.one_more_yes() {
                return None;
            }
            given += 1;
        }
    }

    fn count(&self) -> Count<'a> {
        let acts_in = |person: &Id, names: &[crate::model::Line]| {
            self.electorate.seats_of(person).any(|s| {
                s.seat
                    .as_ref()
                    .is_some_and(|seat| names.iter().any(|n| super::electorate::same_seat(n, seat)))
            })
        };
        let named = !self.policy.mandatory.is_empty() || !self.policy.veto.is_empty();
        let chair = self.electorate.chair_voice();
        let mut specials = Vec::new();
        let mut special_waiting = 0;
        let candidates: BTreeSet<&Id> = if named {
            self.electorate.seats.iter().filter(|s| s.seat.is_some()).map(|s| &s.voice).chain(chair).collect()
        } else {
            chair.into_iter().collect()
        };
        for person in candidates.into_iter().filter(|p| self.electorate.people.contains(*p)) {
            let special = Special {
                veto: acts_in(person, &self.policy.veto),
                mandatory: acts_in(person, &self.policy.mandatory),
                chair: Some(person) == chair,
                vote: self.vote_of(person),
            };
            if special.veto || special.mandatory || special.chair {
                special_waiting += u32::from(special.vote.is_none());
                specials.push(special);
            }
        }
        let totals = self.totals();
        let empty_mandatory = self.policy.mandatory.iter().any(|name| {
            let mut seats = self.electorate.named(name).peekable();
            seats.peek().is_none() || seats.any(|s| s.removed.is_some())
        });
        let plain_waiting = totals.electorate - totals.voted() - special_waiting;
        Count { policy: self.policy, totals, specials, plain_waiting, empty_mandatory }
    }
}

/// The least P with `den * P >= num * E`, or the count asked for.
#[must_use]
pub fn quorum_need(quorum: Quorum, electorate: u32) -> u32 {
    match quorum {
        Quorum::Count(count) => count,
        Quorum::Share(Fraction { num, den }) => {
            let need = (u64::from(num) * u64::from(electorate)).div_ceil(u64::from(den.max(1)));
            u32::try_from(need).unwrap_or(u32::MAX)
        }
    }
}

impl Count<'_> {
    fn waiting(&self) -> u32 {
        self.totals.electorate - self.totals.voted()
    }

    fn vetoed(&self) -> bool {
        self.specials.iter().any(|s| s.veto && s.vote == Some(Vote::Reject))
    }

    fn enough_people(&self) -> bool {
        let voted = self.totals.voted();
        voted >= quorum_need(self.policy.quorum, self.totals.electorate) && voted >= self.policy.min_people()
    }

    fn mandatory_missing(&self) -> bool {
        self.empty_mandatory
            || self.specials.iter().any(|s| s.mandatory && matches!(s.vote, None | Some(Vote::Abstain)))
    }

    /// F, in the order of the rules: veto, nobody, too few, then the voting rule.
    fn outcome(&self) -> Decision {
        if self.vetoed() {
            return Decision::Rejected;
        }
        if self.totals.electorate == 0
            || self.totals.voted() == 0
            || !self.enough_people()
            || self.mandatory_missing()
        {
            return Decision::Deferred;
        }
        self.by_rule()
    }

    fn by_rule(&self) -> Decision {
        let (yes, no) = (u64::from(self.totals.yes), u64::from(self.totals.no));
        let enough = self.totals.yes >= self.policy.min_yes();
        let rejected_if =
            |no_wins: bool| if no >= 1 && no_wins { Decision::Rejected } else { Decision::Deferred };
        match self.policy.rule {
            VotingRule::Any if enough => Decision::Approved,
            VotingRule::Any => rejected_if(true),
            VotingRule::Majority if yes > no && enough => Decision::Approved,
            VotingRule::Majority if no > yes => Decision::Rejected,
            VotingRule::Majority if yes == no && no >= 1 => self.tie(),
            VotingRule::Majority => Decision::Deferred,
            VotingRule::Share(Fraction { num, den }) => {
                let reached = yes * u64::from(den) >= u64::from(num) * (yes + no);
                if reached && enough { Decision::Approved } else { rejected_if(!reached) }
            }
            VotingRule::Unanimous if no == 0 && self.waiting() == 0 && enough => Decision::Approved,
            VotingRule::Unanimous => rejected_if(true),
            VotingRule::AtLeast(need) if self.totals.yes >= need => Decision::Approved,
            VotingRule::AtLeast(need) => {
                rejected_if(self.totals.electorate - self.totals.no - self.totals.abstain < need)
            }
        }
    }

    fn tie(&self) -> Decision {
        let chair = self.specials.iter().find(|s| s.chair).and_then(|s| s.vote);
        match (self.policy.tie, chair) {
            (Tie::Chair, Some(Vote::Approve)) => Decision::Approved,
            (Tie::Chair, Some(Vote::Reject | Vote::Abstain) | None) | (Tie::Reject, _) => Decision::Rejected,
            (Tie::Defer, _) => Decision::Deferred,
        }
    }

    /// Everybody who has not voted votes the same.
    fn rest(&self, vote: Vote) -> Self {
        let mut all = self.clone();
        let waiting = self.waiting();
        match vote {
            Vote::Approve => all.totals.yes += waiting,
            Vote::Reject => all.totals.no += waiting,
            Vote::Abstain => all.totals.abstain += waiting,
        }
        all.plain_waiting = 0;
        for special in &mut all.specials {
            special.vote = special.vote.or(Some(vote));
        }
        all
    }

    fn certain(&self) -> Option<Decision> {
        if !self.enough_people() {
            return None;
        }
        let now = self.outcome();
        let same = |vote| self.rest(vote).outcome() == now;
        // A deferred outcome may be turned by some mixture of votes; only the other two are ever asked for.
        (now != Decision::Deferred && same(Vote::Approve) && same(Vote::Reject)).then_some(now)
    }

    /// One of the waiting says yes, those in special seats first; `false` when nobody is left.
    fn one_more_yes(&mut self) -> bool {
        let special = self
            .specials
            .iter_mut()
            .filter(|s| s.vote.is_none())
            .max_by_key(|s| (s.mandatory, s.veto, s.chair));
        if let Some(special) = special {
            special.vote = Some(Vote::Approve);
        } else if self.plain_waiting > 0 {
            self.plain_waiting -= 1;
        } else {
            return false;
        }
        self.totals.yes += 1;
        true
    }
}

#[cfg(test)]
mod tests;
