//! What was sent and is not on the record yet: `…` and `sending` in lists until a snapshot holds it, `✗ refused` after a no.

use std::collections::BTreeMap;

use crate::{
    model::Id,
    tui::app::{Reply, Ticket},
};

/// How far a command about one item has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting(Ticket),
    /// Accepted; the snapshot of this commit is still to come.
    Accepted(u64),
    /// Refused while the board stood at this commit.
    Refused(u64),
}

/// Commands under way, by item.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    items: BTreeMap<Id, Stage>,
}

impl Sent {
    /// A command about an item went out.
    pub fn sent(&mut self, item: Id, ticket: Ticket) {
        self.items.insert(item, Stage::Waiting(ticket));
    }

    /// The hub answered something while the board stands at `seq`.
    pub fn answered(&mut self, ticket: Ticket, reply: &Reply, seq: u64) {
        for stage in self.items.values_mut().filter(|stage| **stage == Stage::Waiting(ticket)) {
            *stage = match reply {
                Reply::Done(receipt) => Stage::Accepted(receipt.seq),
                Reply::Refused(_) => Stage::Refused(seq),
                Reply::Answer(_) => Stage::Accepted(0),
            };
        }
        self.seen(seq);
    }

    /// What was kept back is not sent after all.
    pub fn dropped(&mut self, ticket: Ticket) {
        self.items.retain(|_, stage| *stage != Stage::Waiting(ticket));
    }

    /// The board now stands at `seq`: what it holds is no longer under way, and an old refusal is forgotten.
    pub fn seen(&mut self, seq: u64) {
        self.items.retain(|_, stage| match stage {
            Stage::Waiting(_) => true,
            Stage::Accepted(at) => *at > seq,
            Stage::Refused(at) => *at >= seq,
        });
    }

    /// Sent, and not on the record yet.
    #[must_use]
    pub fn is_sending(&self, item: &Id) -> bool {
        matches!(self.items.get(item), Some(Stage::Waiting(_) | Stage::Accepted(_)))
    }

    #[must_use]
    pub fn is_refused(&self, item: &Id) -> bool {
        matches!(self.items.get(item), Some(Stage::Refused(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        tui::fixture::id,
        wire::{Problem, ProblemKind, Receipt},
    };

    #[test]
    fn nothing_is_done_before_the_record_says_so() {
        let (mut sent, item) = (Sent::default(), id("CHG1"));
        sent.sent(item.clone(), Ticket(1));
        assert!(sent.is_sending(&item));
        let receipt = Receipt { seq: 12, events: vec![7], said: "yes on CHG1".to_owned() };
        sent.answered(Ticket(1), &Reply::Done(receipt), 11);
        assert!(sent.is_sending(&item), "the snapshot is not there yet");
        sent.seen(12);
        assert!(!sent.is_sending(&item));
        sent.sent(item.clone(), Ticket(2));
        sent.answered(Ticket(9), &Reply::Refused(Problem::new(ProblemKind::No, "no")), 12);
        assert!(sent.is_sending(&item), "somebody else's answer");
        sent.answered(Ticket(2), &Reply::Refused(Problem::new(ProblemKind::No, "no")), 12);
        assert!(sent.is_refused(&item) && !sent.is_sending(&item));
        sent.seen(13);
        assert!(!sent.is_refused(&item));
    }
}
