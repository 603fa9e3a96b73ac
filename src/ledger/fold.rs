//! The log folded by itself, without records: rounds, votes, decisions, objections, conditions, acknowledgements,
//! delegations and the rules in force.
//!
//! An event says all the fold needs. One that does not fit (a vote in a round that is not open) changes nothing: it was
//! refused when it was decided, or the log was made by other hands, and verification is not the fold's work.
//! Cloning is cheap: everything large is shared.

mod item;
mod round;

use std::{collections::BTreeMap, sync::Arc};

use imbl::{HashMap, OrdMap, OrdSet};

pub use item::{Approval, Comment, Condition, Item, Lapse, Review};
pub use round::{Cast, Closed, Objected, Round};

use super::event::{Actor, Entry, Event};
use crate::model::{
    Board, ConflictKey, Delegation, Id, Instant, Line, Material, Policy, Prose, Revision, RuleBook, Severity,
};

/// The state of the board that its log alone makes.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    /// The number of the newest event.
    pub n: u64,
    pub rules: Arc<RuleBook>,
    pub items: OrdMap<Id, Arc<Item>>,
    /// Items with an open round.
    pub open: OrdSet<Id>,
    /// The deadlines of open rounds.
    pub deadlines: OrdSet<(Instant, Id)>,
    pub acks: OrdMap<ConflictKey, Arc<Acked>>,
    /// The facts of every revision that was opened, voted on, decided or seen.
    facts: HashMap<Revision, Arc<Material>>,
    /// Delegations recorded here, by board, the newest last.
    delegations: OrdMap<Id, Arc<Vec<Delegation>>>,
    /// The policy a round was opened with is mostly the one before it: shared.
    policies: BTreeMap<Id, Arc<Policy>>,
}

/// An acknowledgement on the record. Whether it still holds is for derivation to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    pub at: Instant,
    pub by: Actor,
    pub severity: Severity,
    /// What the conflict was made of: another one reopens it.
    pub fingerprint: String,
    pub reason: Prose,
    pub until: Instant,
}

/// What the board adds to an event about an item.
enum Brings {
    Nothing,
    /// The policy of a round that opens.
    Policy(Arc<Policy>),
    /// The delegations in force as a round closes.
    Delegations(Arc<[Delegation]>),
}

/// What every part of an event is folded with.
#[derive(Debug, Clone, Copy)]
struct Stamp<'a> {
    n: u64,
    at: Instant,
    by: &'a Actor,
}

impl Fold {
    /// Takes the next event.
    pub fn apply(&mut self, entry: Entry) {
        let Entry { n, at, by, event, prev: _ } = entry;
        self.n = n;
        let stamp = Stamp { n, at, by: &by };
        match event {
            Event::RulesChanged { rules, .. } => self.rules = Arc::from(rules),
            Event::Delegated { board, from, to, start, end } => {
                let list = self.delegations.entry(board).or_default();
                Arc::make_mut(list).push(Delegation { from, to, start, end });
            }
            Event::Acknowledged { conflict, severity, fingerprint, reason, until } => {
                let ack = Acked { at, by, severity, fingerprint, reason, until };
                self.acks.insert(conflict, Arc::new(ack));
            }
            Event::Unacknowledged { conflict, .. } => {
                self.acks.remove(&conflict);
            }
            Event::Imported { .. }
            | Event::Pushed { .. }
            | Event::Edited { .. }
            | Event::RollbackAsked { .. } => {
                if let Some(id) = event.item() {
                    self.item(id).events.push(n);
                }
            }
            event => self.about_item(stamp, event),
        }
    }

    /// Events that change an item.
    fn about_item(&mut self, stamp: Stamp<'_>, mut event: Event) {
        let Some(id) = event.item().cloned() else { return };
        if let Some((revision, facts)) = facts_of(&mut event) {
            self.facts.insert(revision, Arc::new(facts));
        }
        let board = match &event {
            Event::RoundOpened { policy, .. } => Brings::Policy(self.share(policy)),
            Event::RoundClosed { due, .. } => self.in_force(&id, due.unwrap_or(stamp.at)),
            _ => Brings::Nothing,
        };
        let item = Arc::make_mut(self.items.entry(id.clone()).or_default());
        let was = item.open_round().map(|round| round.deadline);
        item.take(stamp, event, board);
        let is = item.open_round().map(|round| round.deadline);
        if was != is {
            self.reindex(&id, was, is);
        }
    }

    fn reindex(&mut self, id: &Id, was: Option<Option<Instant>>, is: Option<Option<Instant>>) {
        if let Some(deadline) = was {
            self.open.remove(id);
            deadline.map(|due| self.deadlines.remove(&(due, id.clone())));
        }
        if let Some(deadline) = is {
            self.open.insert(id.clone());
            deadline.map(|due| self.deadlines.insert((due, id.clone())));
        }
    }

    /// The delegations by which the open round of an item is counted at an instant.
    fn in_force(&self, item: &Id, at: Instant) -> Brings {
        let Some(round) = self.open_round(item) else { return Brings::Nothing };
        let mut delegations = self.delegations(&round.board);
        delegations.retain(|d| d.start <= at && at < d.end);
        Brings::Delegations(delegations.into())
    }

    fn share(&mut self, policy: &Policy) -> Arc<Policy> {
        match self.policies.get(&policy.id) {
            Some(known) if **known == *policy => Arc::clone(known),
            Some(_) | None => {
                let policy = Arc::new(policy.clone());
                self.policies.insert(policy.id.clone(), Arc::clone(&policy));
                policy
            }
        }
    }

    fn item(&mut self, id: &Id) -> &mut Item {
        Arc::make_mut(self.items.entry(id.clone()).or_default())
    }
}

/// The facts an event brings, taken out of it.
fn facts_of(event: &mut Event) -> Option<(Revision, Material)> {
    let (revision, facts) = match event {
        Event::RoundOpened { revision, facts, .. }
        | Event::AutoApproved { revision, facts, .. }
        | Event::ItemObserved { revision, facts, .. } => (*revision, facts),
        Event::Lapsed { to, facts, .. } => (*to, facts),
        _ => return None,
    };
    Some((revision, facts.take()?))
}

/// Questions to the fold.
impl Fold {
    #[must_use]
    pub fn get(&self, item: &Id) -> Option<&Item> {
        self.items.get(item).map(|item| &**item)
    }

    /// The newest round of an item.
    #[must_use]
    pub fn round(&self, item: &Id) -> Option<&Arc<Round>> {
        self.items.get(item)?.rounds.last()
    }

    #[must_use]
    pub fn open_round(&self, item: &Id) -> Option<&Arc<Round>> {
        self.round(item).filter(|round| round.closed.is_none())
    }

    /// The facts of a revision, as they were recorded.
    #[must_use]
    pub fn facts(&self, revision: &Revision) -> Option<&Arc<Material>> {
        self.facts.get(revision)
    }

    /// A board of the rules in force.
    #[must_use]
    pub fn board(&self, id: &Id) -> Option<&Board> {
        self.rules.boards.iter().find(|board| board.id == *id)
    }

    /// The delegations of a board: those of its rules, then those recorded since, the newest last.
    #[must_use]
    pub fn delegations(&self, board: &Id) -> Vec<Delegation> {
        let ruled = self.board(board).into_iter().flat_map(|board| &board.delegations);
        let recorded = self.delegations.get(board).into_iter().flat_map(|list| list.iter());
        ruled.chain(recorded).cloned().collect()
    }

    /// The first instant after `now` at which a delegation begins or ends.
    #[must_use]
    pub fn next_delegation(&self, now: Instant) -> Option<Instant> {
        let ruled = self.rules.boards.iter().flat_map(|board| &board.delegations);
        let recorded = self.delegations.values().flat_map(|list| list.iter());
        ruled.chain(recorded).flat_map(|d| [d.start, d.end]).filter(|at| *at > now).min()
    }
}

/// What an actor is called on screen: the person, else the login.
#[must_use]
pub fn name(actor: &Actor) -> Line {
    actor.person.as_ref().map_or_else(|| actor.login.clone(), |person| Line::new(person.as_str()))
}

#[cfg(test)]
mod tests;
