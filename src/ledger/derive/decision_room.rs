//! A decision as its voters saw it, beside what is different now.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{
    ledger::{
        event::{CloseCause, RoundOutcome, Seen, SeenConflict},
        tally::Tally,
    },
    model::{FieldChange, Id, Instant, Line, Material, Prose, Revision},
};

/// A decision as its voters saw it, with what is different now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Room {
    pub item: Id,
    pub title: Line,
    /// Which round of the item, from 1.
    pub round: u32,
    pub revision: Revision,
    pub closed_at: Instant,
    pub outcome: RoundOutcome,
    pub cause: CloseCause,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
    pub tally: Tally,
    /// The facts voted on, by field.
    pub facts: Option<Material>,
    /// Conflicts, acknowledgements, the age of each source and the engine; none where an older program counted.
    pub seen: Option<Seen>,
    /// Facts that differ now.
    pub changed: Vec<FieldChange>,
    /// Conflicts that came since, and that went.
    pub came: Vec<SeenConflict>,
    pub went: Vec<SeenConflict>,
}

impl Ledger {
    /// A closed round as its voters saw it; the newest closed one where none is named.
    #[must_use]
    pub fn room(&self, item: &Id, round: Option<u32>) -> Option<Room> {
        let known = self.fold.get(item)?;
        let closed = |r: &&std::sync::Arc<crate::ledger::fold::Round>| r.closed.is_some();
        let found = match round {
            Some(number) => known.rounds.iter().filter(closed).find(|r| r.number == number)?,
            None => known.rounds.iter().rev().find(closed)?,
        };
        let end = found.closed.as_ref()?;
        let facts = self.fold.facts(&found.revision).map(|facts| Material::clone(facts));
        let now = self.facts.material(item);
        let changed = match (&facts, &now) {
            (Some(old), Some(now)) => old.changes_to(now),
            _ => Vec::new(),
        };
        let rows: Vec<SeenConflict> = self
            .rows_of_item(item)
            .map(|row| SeenConflict {
                conflict: row.key.clone(),
                severity: row.severity,
                reason: row.reason(),
                acknowledged: self.ack(row).map(|ack| crate::ledger::fold::name(&ack.by)),
            })
            .collect();
        let (mut came, mut went) = (Vec::new(), Vec::new());
        if let Some(seen) = &end.seen {
            let has =
                |list: &[SeenConflict], row: &SeenConflict| list.iter().any(|r| r.conflict == row.conflict);
            came.extend(rows.iter().filter(|row| !has(&seen.conflicts, row)).cloned());
            went.extend(seen.conflicts.iter().filter(|row| !has(&rows, row)).cloned());
        }
        Some(Room {
            item: item.clone(),
            title: known.title.clone(),
            round: found.number,
            revision: found.revision,
            closed_at: end.at,
            outcome: end.outcome,
            cause: end.cause,
            reason: end.reason.clone(),
            tally: self.tally_of_round(item, found.number)?,
            facts,
            seen: end.seen.as_deref().cloned(),
            changed,
            came,
            went,
        })
    }
}
