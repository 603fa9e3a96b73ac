//! What is not sent because of what was done since: a vote that is withdrawn, cast anew or given up, and a move that is
//! followed by another. Whether their source is still configured here does not matter for that.

use super::{Outbox, Posted};
use crate::{
    ledger::{
        Ledger,
        event::{Event, LogEntry},
    },
    model::{Id, Line},
    source::{What, Write},
    store::OutboxState,
};

/// Whether votes of this round of an item are secret until it is decided; so is one that nobody knows.
pub(super) fn is_secret(ledger: &Ledger, item: &Id, round: u32) -> bool {
    let known = ledger.fold().get(item);
    let cast_in = known.and_then(|known| known.rounds.iter().find(|known| known.number == round));
    cast_in.is_none_or(|round| round.policy.secret)
}

impl Outbox {
    /// What an event makes void of the votes that were to be written, put among the rows that are committed with it.
    pub(super) fn made_void(&self, ledger: &Ledger, entry: &LogEntry, rows: &mut Vec<Posted>) {
        match &entry.event {
            Event::Withdrawn { item, person, .. } => {
                let theirs = |row: &Posted| self.is_unsent_vote(row, person);
                self.end(ledger, item, theirs, "withdrawn before it was sent", rows);
            }
            // Also by an abstention, and by what is written nowhere. That somebody voted in a secret round is not told by what
            // they said before.
            Event::Voted { item, person, round, .. }
                if entry.by.person.as_ref() == Some(person) && !is_secret(ledger, item, *round) =>
            {
                let theirs = |row: &Posted| self.is_unsent_vote(row, person);
                self.end(ledger, item, theirs, "replaced by a later vote", rows);
            }
            Event::GivenUp { item, source, person, reason } => {
                let theirs = |row: &Posted| row.source == *source && self.is_unsent_vote(row, person);
                let by = entry.by.person.as_ref().map_or(entry.by.login.as_str(), Id::as_str);
                let why = reason.as_ref().map(|why| format!(": {}", why.words())).unwrap_or_default();
                let words = format!("given up by {by}{why}; never written there");
                self.end(ledger, item, theirs, &words, rows);
            }
            _ => {}
        }
    }

    /// Earlier moves of an item by anybody, also one of which nothing was heard: sent again, it would undo the later one.
    pub(super) fn replaced(&self, ledger: &Ledger, write: &Write, rows: &mut Vec<Posted>) {
        match write.what {
            What::Dates { .. } => {
                let earlier = |row: &Posted| {
                    matches!(row.write.what, What::Dates { .. })
                        && (row.is_waiting() || row.state == OutboxState::Held)
                };
                self.end(ledger, &write.item, earlier, "replaced by a later move", rows);
            }
            What::Vote { .. } | What::Comment { .. } | What::Decision { .. } | What::Progress { .. } => {}
        }
    }

    fn is_unsent_vote(&self, row: &Posted, person: &Id) -> bool {
        let open = matches!(row.state, OutboxState::Queued | OutboxState::Held);
        row.write.person.as_ref() == Some(person)
            && matches!(row.write.what, What::Vote { .. })
            && (open || self.is_in_hand(row))
    }

    /// Ends those of the writes about an item that something later makes void, also those of the same commit.
    fn end(
        &self,
        ledger: &Ledger,
        item: &Id,
        is_void: impl Fn(&Posted) -> bool,
        words: &str,
        rows: &mut Vec<Posted>,
    ) {
        let facts = ledger.facts();
        let void = |row: &Posted| is_void(row) && facts.whole(&row.write.item) == facts.whole(item);
        let ended = |row: &Posted| match self.is_in_hand(row) {
            // It may be there already: how that ends is heard first.
            true => Posted { void: Some(Line::new(words)), ..row.clone() },
            false => row.ended(OutboxState::Refused, Line::new(words)),
        };
        for row in rows.iter_mut().filter(|row| void(row)) {
            *row = ended(row);
        }
        for row in self.rows.values().filter(|row| void(row)) {
            if rows.iter().all(|other| other.write.id != row.write.id) {
                rows.push(ended(row));
            }
        }
    }
}
