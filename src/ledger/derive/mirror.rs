//! The board's mirror: what its decisions came to, and which rules earned their keep (numbers § Numbers).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Ledger, incidents::Causes};
use crate::{
    ledger::{
        event::{RoundOutcome, Vote},
        fold::{Item, Round},
    },
    model::{CloseCause, ConflictKey, Decision, Id, Outcome, PhaseState, RuleId},
    rules::{
        approval::{Electorate, Poll},
        numbers::{Length, Part, Period, count::lengths},
    },
};

/// So many of so many, with those that count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Of {
    /// How many of them.
    pub part: u64,
    /// Out of how many; zero makes no share.
    pub whole: u64,
    /// The items of the part, at most fifty.
    pub ids: Vec<Id>,
}

/// What the decisions of a period came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mirror {
    /// Rounds that approved or rejected.
    pub decided: u64,
    /// Approved at the revision of the first round, of those approved.
    pub unchanged: Of,
    /// Leaving one vote out would have changed the outcome, of those that can be counted again.
    pub one_vote: Of,
    /// From opening to decision.
    pub wait: Option<Length>,
    /// Of the lead time of implemented changes.
    pub wait_of_lead: Option<Part>,
    /// Seconds in focus of the items that meetings decided.
    pub focus: Option<Length>,
    /// Objections that stood when their item was approved, of which the item failed later.
    pub came_true: Of,
    /// Clashes acknowledged in the period, of which either side failed, whenever.
    pub accepted: Of,
    pub rules: Vec<RuleKeep>,
    /// Rounds in which who asks could vote, and did.
    pub participation: Option<Of>,
}

/// What came of the rows of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleKeep {
    pub rule: RuleId,
    /// Decided rounds in which a row of it stood.
    pub fired: u64,
    /// Of those, the item was then moved, edited or refused, and the row was gone.
    pub changed: u64,
    /// Of those, the item failed.
    pub failed: Of,
}

impl Of {
    fn add(&mut self, id: &Id, part: bool) {
        self.whole += 1;
        if part {
            self.part += 1;
            if self.ids.len() < 50 {
                self.ids.push(id.clone());
            }
        }
    }
}

impl Mirror {
    /// Whether nothing was decided, and no clash accepted: there is nothing to see in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.decided == 0 && self.accepted.whole == 0 && self.focus.is_none()
    }
}

impl Ledger {
    /// The mirror of a period, for nobody in particular.
    #[must_use]
    pub fn mirror(&self, causes: &Causes, period: &Period) -> Mirror {
        let mut mirror = Mirror::default();
        let (mut waits, mut rules) = (Vec::new(), BTreeMap::<RuleId, RuleKeep>::new());
        for (id, item) in &self.fold.items {
            for (place, round) in item.rounds.iter().enumerate() {
                let Some(closed) = &round.closed else { continue };
                let Some(approved) = decided(closed.outcome).filter(|_| period.contains(closed.at)) else {
                    continue;
                };
                mirror.decided += 1;
                waits.push((closed.at - round.opened_at).max(0));
                if approved {
                    let first = item.rounds.first().map(|round| round.revision);
                    mirror.unchanged.add(id, first == Some(round.revision));
                }
                let electorate = round.electorate_by(&[], closed.at);
                if let Some(one) = one_vote(round, &electorate) {
                    mirror.one_vote.add(id, one);
                }
                let failed = self.failed(id, causes);
                for _ in 0..if approved { objections(round) } else { 0 } {
                    mirror.came_true.add(id, failed);
                }
                self.keep(&mut rules, (id, item), place, failed);
            }
        }
        mirror.wait = lengths(waits);
        mirror.focus = lengths(self.focused(period));
        for (key, _) in self.fold.acks.iter().filter(|(_, ack)| period.contains(ack.at)) {
            let either =
                self.failed(&key.a, causes) || key.b.as_ref().is_some_and(|b| self.failed(b, causes));
            mirror.accepted.add(&key.a, either);
        }
        mirror.rules = rules.into_values().collect();
        mirror
    }

    /// The decided rounds of a period in which somebody could vote, and did.
    #[must_use]
    pub fn participation(&self, period: &Period, me: &Id) -> Of {
        let mut mine = Of::default();
        for (id, item) in &self.fold.items {
            for round in &item.rounds {
                let Some(closed) = &round.closed else { continue };
                let counts = decided(closed.outcome).is_some() && period.contains(closed.at);
                if counts && round.electorate_by(&[], closed.at).people.contains(me) {
                    mine.add(id, round.votes.contains_key(me));
                }
            }
        }
        mine
    }

    /// Whether an item failed, was backed out or rolled back, or caused an incident; a phase speaks for its release.
    fn failed(&self, id: &Id, causes: &Causes) -> bool {
        if !causes.by(id).is_empty() {
            return true;
        }
        if let Some(change) = self.facts.change(id) {
            let outcome = change.outcome.as_ref().map(|word| word.value);
            return matches!(outcome, Some(Outcome::Failed | Outcome::BackedOut));
        }
        let release = self.facts.release(id).or_else(|| self.facts.phase(id).map(|(release, _)| release));
        release.is_some_and(|release| {
            release.phases.iter().any(|phase| phase.state.value == PhaseState::RolledBack)
                || !causes.by(&release.id).is_empty()
        })
    }

    /// What became of the rows that stood in a round.
    fn keep(
        &self,
        rules: &mut BTreeMap<RuleId, RuleKeep>,
        (id, item): (&Id, &Item),
        place: usize,
        failed: bool,
    ) {
        let Some(round) = item.rounds.get(place) else { return };
        let Some(seen) = round.closed.as_ref().and_then(|closed| closed.seen.as_ref()) else { return };
        let mut told: BTreeMap<RuleId, bool> = BTreeMap::new();
        for row in &seen.conflicts {
            let changed = self.changed_by(id, item, place, &row.conflict);
            *told.entry(row.conflict.rule).or_default() |= changed;
        }
        for (rule, changed) in told {
            let none = RuleKeep { rule, fired: 0, changed: 0, failed: Of::default() };
            let keep = rules.entry(rule).or_insert(none);
            keep.fired += 1;
            keep.changed += u64::from(changed);
            keep.failed.add(id, failed);
        }
    }

    /// Whether the item was refused, or edited so that the row went.
    fn changed_by(&self, id: &Id, item: &Item, place: usize, row: &ConflictKey) -> bool {
        let Some(round) = item.rounds.get(place) else { return false };
        let outcome = round.closed.as_ref().map(|closed| closed.outcome);
        if outcome == Some(RoundOutcome::Rejected) && item.rounds.len() == place + 1 {
            return true;
        }
        let later = item.rounds.iter().skip(place + 1);
        let seen = later.filter_map(|later| later.closed.as_ref()?.seen.as_ref()).next_back();
        // What is so now: an edit that was taken back is none.
        let edited = item.revision.is_some_and(|now| now != round.revision);
        let gone = match seen {
            Some(seen) => seen.conflicts.iter().all(|later| later.conflict != *row),
            // Rows are kept for what is live alone: of what is over it cannot be told.
            None => {
                let live = self.facts.row(id).is_some_and(|row| row.live);
                live && self.conflicts().get(row).is_none()
            }
        };
        edited && gone
    }

    /// Seconds in focus of each item that a meeting of the period decided.
    fn focused(&self, period: &Period) -> Vec<i64> {
        let ended = |meeting: &&std::sync::Arc<crate::ledger::fold::Meeting>| {
            meeting.ended_at.is_some_and(|at| period.contains(at))
        };
        let meetings = self.fold.meetings.values().filter(ended);
        let entries = meetings.flat_map(|meeting| &meeting.agenda);
        entries.filter(|entry| !entry.decisions.is_empty()).map(|entry| entry.clock.spent).collect()
    }
}

fn decided(outcome: RoundOutcome) -> Option<bool> {
    match outcome {
        RoundOutcome::Approved => Some(true),
        RoundOutcome::Rejected => Some(false),
        RoundOutcome::Deferred | RoundOutcome::NeedsInfo | RoundOutcome::Superseded => None,
    }
}

/// Rejections that stood when the round closed: those in it, and of earlier ones by people who did not vote again.
fn objections(round: &Round) -> usize {
    let here = round.votes.values().filter(|cast| cast.vote == Vote::Reject).count();
    here + round.objections.keys().filter(|person| !round.votes.contains_key(*person)).count()
}

/// Whether leaving one vote out changes the outcome; `None` where it was not counted from these votes.
fn one_vote(round: &Round, electorate: &Electorate) -> Option<bool> {
    let closed = round.closed.as_ref()?;
    let counted = matches!(
        closed.cause,
        CloseCause::Early | CloseCause::Everybody | CloseCause::Chair | CloseCause::Deadline
    );
    if !counted || !round.withheld.is_empty() || round.votes.is_empty() {
        return None;
    }
    let policy = round.held.as_ref().unwrap_or(&round.policy);
    let outcome = |left_out: Option<&Id>| {
        let votes = round.votes.iter().filter(|(person, _)| left_out != Some(*person));
        let votes = votes.map(|(person, cast)| (person, cast.vote));
        Poll::new(policy, electorate, votes, round.objections.keys()).outcome()
    };
    let whole = outcome(None);
    let same = match closed.outcome {
        RoundOutcome::Approved => whole == Decision::Approved,
        RoundOutcome::Rejected => whole == Decision::Rejected,
        RoundOutcome::Deferred | RoundOutcome::NeedsInfo | RoundOutcome::Superseded => false,
    };
    if !same {
        return None;
    }
    // Where no seat is asked by name, people who voted alike are one as good as the other, but for the chair, who breaks ties.
    let apart = !policy.mandatory.is_empty() || !policy.veto.is_empty();
    let chair = electorate.chair_voice();
    let mut tried: Vec<Vote> = Vec::new();
    let counted = round.votes.iter().filter(|(person, _)| electorate.people.contains(*person));
    for (person, cast) in counted {
        let special = apart || Some(person) == chair;
        if !special && tried.contains(&cast.vote) {
            continue;
        }
        if outcome(Some(person)) != whole {
            return Some(true);
        }
        if !special {
            tried.push(cast.vote);
        }
    }
    Some(false)
}
