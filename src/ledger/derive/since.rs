//! What changed about an item since somebody last opened it; and what may tie people to it besides its own words.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::model::{FieldChange, Id, Instant, Line};

/// What is new about an item for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Since {
    /// When they last opened it.
    pub read_at: Instant,
    /// Fields that differ from what they read.
    pub changes: Vec<FieldChange>,
    /// Comments that were written since.
    pub comments: u32,
    /// Votes that were given since.
    pub votes: u32,
}

/// Somebody who might step out of an item, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecusalHint {
    pub person: Id,
    pub why: String,
}

impl Since {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.changes.is_empty() && self.comments == 0 && self.votes == 0
    }
}

impl Ledger {
    /// What is new about an item since a person last opened it; `None` when they never did.
    #[must_use]
    pub fn since_read(&self, item: &Id, person: &Id) -> Option<Since> {
        let known = self.fold.get(item)?;
        let read = known.reads.get(person)?;
        let differs = self.facts.revision(item).is_some_and(|now| now != read.revision);
        let old = self.fold.facts(&read.revision).filter(|_| differs);
        let changes = match (old, old.and_then(|_| self.facts.material(item))) {
            (Some(old), Some(now)) => old.changes_to(&now),
            _ => Vec::new(),
        };
        let others = |by: Option<&Id>| by != Some(person);
        let comments = known.comments.iter().filter(|c| c.n > read.n && others(c.by.person.as_ref()));
        let votes = known.rounds.iter().flat_map(|round| round.votes.iter());
        let votes = votes.filter(|(voter, cast)| cast.at > read.at && *voter != person);
        let count = |found: usize| u32::try_from(found).unwrap_or(u32::MAX);
        Some(Since {
            read_at: read.at,
            changes,
            comments: count(comments.count()),
            votes: count(votes.count()),
        })
    }

    /// Who has opened an item at the revision it has now.
    #[must_use]
    pub fn readers(&self, item: &Id) -> Vec<Id> {
        // Hashing the facts is not for nothing.
        let Some(known) = self.fold.get(item).filter(|known| !known.reads.is_empty()) else {
            return Vec::new();
        };
        let Some(revision) = self.facts.revision(item) else {
            return Vec::new();
        };
        let current = known.reads.iter().filter(|(_, read)| read.revision == revision);
        current.map(|(person, _)| person.clone()).collect()
    }

    /// Voters who are not tied by the rules, but presenter or stakeholder of the item, or of its group's work.
    #[must_use]
    pub fn recusal_hints(&self, item: &Id) -> Vec<RecusalHint> {
        let Some(change) = self.facts.change(item) else { return Vec::new() };
        let people = self.panel(item, self.asked).electorate.people;
        let person = |name: &Line| self.person_id(name).filter(|id| people.contains(id));
        let mut hints: Vec<RecusalHint> = Vec::new();
        let named = change
            .presenter
            .iter()
            .map(|name| (name, "presents it"))
            .chain(change.stakeholders.iter().map(|name| (name, "is a stakeholder of it")));
        for (name, why) in named {
            if let Some(person) = person(name)
                && hints.iter().all(|hint| hint.person != person)
            {
                hints.push(RecusalHint { person, why: why.to_owned() });
            }
        }
        hints
    }
}
