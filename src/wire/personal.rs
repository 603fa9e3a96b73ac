//! What of the board is for one person alone: small, and beside the rows that everybody shares.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{OwnBallot, Snapshot};
use crate::{ledger::derive::since::Since, model::Id};

/// What one person sees besides what everybody does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// Their votes in open rounds that hide all votes, by item.
    pub ballots: BTreeMap<Id, OwnBallot>,
    /// What is new about items of meetings since they last opened them.
    pub since: BTreeMap<Id, Since>,
}

impl Snapshot {
    /// The snapshot as somebody sees it: `self` is what everybody shares.
    #[must_use]
    pub fn seen_by(mut self, me: &Id, personal: &Personal) -> Self {
        for (item, own) in &personal.ballots {
            if let Some(tally) = self.tallies.get(item) {
                let seen = Arc::new(tally.seen_by(me, own));
                self.tallies.insert(item.clone(), seen);
            }
        }
        let knows = |row: &super::AgendaRow| personal.since.contains_key(&row.agenda.item);
        if self.meetings.iter().any(|meeting| meeting.agenda.iter().any(knows)) {
            for meeting in Arc::make_mut(&mut self.meetings) {
                if meeting.agenda.iter().any(knows) {
                    Arc::make_mut(meeting).mark_since(&personal.since);
                }
            }
        }
        self
    }
}
