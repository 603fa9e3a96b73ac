//! What lies around an item: what happened on its services before, what else its owner has to do, and who should move.

use serde::{Deserialize, Serialize};

use super::{Ledger, price::Price};
use crate::{
    model::{Change, ConflictKey, Id, Instant, Line, Outcome, Severity, time::DAY},
    rules::conflict::Conflict,
};

/// What lies around an item: what happened on its services before, and what else its owner has to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Context {
    pub item: Id,
    /// The last changes on the same services, newest first.
    pub last: Vec<Past>,
    /// Other live changes of the owner within a week of it, by start.
    pub load: Vec<Past>,
    /// The release it is bundled in.
    pub release: Option<Id>,
    /// For its worst open conflicts: who should move, the cheapest first.
    pub moves: Vec<Moves>,
}

/// Who should move to end a conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moves {
    pub conflict: ConflictKey,
    pub ways: Vec<Price>,
}

/// A change beside the one that is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Past {
    pub id: Id,
    pub title: Line,
    /// When it ended; none where nobody said.
    pub at: Option<Instant>,
    /// None while it is not over.
    pub outcome: Option<String>,
}

/// For how many conflicts moves are priced: each takes some trials.
const PRICED: usize = 4;

/// How many past changes are shown.
const LAST: usize = 10;

impl Ledger {
    /// What lies around an item; `None` for one nobody knows.
    #[must_use]
    pub fn context(&self, item: &Id) -> Option<Context> {
        let change = self.facts.change(item);
        let release = self.facts.release(item);
        let services: &[Line] = match (change, release) {
            (Some(change), _) => &change.services,
            (None, Some(release)) => &release.services,
            (None, None) => return None,
        };
        let shares = |other: &&Change| {
            other.services.iter().any(|a| services.iter().any(|b| self.facts.same_service(a, b)))
        };
        let over = |other: &&Change| other.outcome.is_some() && other.id != *item;
        let mut last: Vec<Past> =
            self.facts.changes().map(|c| &**c).filter(over).filter(shares).map(past).collect();
        last.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        last.truncate(LAST);
        let owner = change.and_then(|change| change.owner.as_ref());
        let start = change.and_then(|change| change.planned_start);
        let near = |other: &&Change| match (start, other.planned_start) {
            (Some(start), Some(at)) => (at - start).abs() <= 7 * DAY,
            _ => false,
        };
        let theirs = |other: &&Change| {
            let same = |own: &Line| owner.is_some_and(|owner| crate::rules::facts::same_name(owner, own));
            other.owner.as_ref().is_some_and(same) && other.id != *item && other.state.value.is_live()
        };
        let mut load: Vec<Past> =
            self.facts.changes().map(|c| &**c).filter(theirs).filter(near).map(past).collect();
        load.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let release = change.and_then(|c| self.facts.release_of(c));
        Some(Context { item: item.clone(), last, load, release, moves: self.moves(item) })
    }

    /// Who should move for each of the worst conflicts of an item that nobody has accepted.
    fn moves(&self, item: &Id) -> Vec<Moves> {
        let open =
            |row: &&std::sync::Arc<Conflict>| row.severity >= Severity::Warn && self.ack(row).is_none();
        let mut rows: Vec<_> = self.rows_of_item(item).filter(open).collect();
        rows.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.key.cmp(&b.key)));
        let priced = rows.into_iter().map(|row| {
            let mut ways = self.prices(&row.key);
            // A move within a day is small beside what it costs people; a longer one is not.
            ways.sort_by_key(|way| (way.adds, way.by > DAY, way.revotes + way.told, way.by));
            Moves { conflict: row.key.clone(), ways }
        });
        priced.filter(|moves| !moves.ways.is_empty()).take(PRICED).collect()
    }
}

fn past(change: &Change) -> Past {
    let outcome = change.outcome.as_ref().map(|word| word.value).filter(|o| *o != Outcome::Unknown);
    Past {
        id: change.id.clone(),
        title: change.title.clone(),
        at: change
            .actual_end
            .or(change.planned_end)
            .or(change.planned_start)
            .filter(|_| outcome.is_some())
            .or(change.planned_start),
        outcome: outcome.map(|outcome| outcome.to_string().replace('_', " ")),
    }
}
