//! What a verb knows of the board without asking: what is small of a snapshot, and none of its rows.
//!
//! A hub of a single command leaves them out until they are asked for ([`super::board::Board::whole`], or of a few things
//! `rows_of`); a snapshot without them is not handed on, so that nobody takes what was not drawn for what is not there.

use std::sync::Arc;

use crate::{
    calendar::Zone,
    model::{Instant, RuleBook},
    wire::{Action, Broken, Me, MeetingRow, Snapshot, SourceHealth, WriteRow},
};

/// A snapshot of which the rows may be left out.
pub struct Glance(pub(super) Arc<Snapshot>);

macro_rules! parts {
    ($($(#[$about:meta])* $part:ident: $kind:ty),+ $(,)?) => {
        impl Glance {
            $($(#[$about])* #[must_use] pub fn $part(&self) -> &$kind { &self.0.$part })+
        }
    };
}

parts! {
    /// Who looks.
    me: Me,
    rules: Arc<RuleBook>,
}

impl Glance {
    /// The now of derivation, floored to the minute.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.0.now
    }

    /// Where the board is kept, for people.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.0.place
    }

    #[must_use]
    pub fn meetings(&self) -> &[Arc<MeetingRow>] {
        &self.0.meetings
    }

    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.0.actions
    }

    #[must_use]
    pub fn sources(&self) -> &[SourceHealth] {
        &self.0.sources
    }

    #[must_use]
    pub fn writes(&self) -> &[WriteRow] {
        &self.0.writes
    }

    /// What waits to be written as who runs this, a line for each system.
    pub fn waits_for_me(&self) -> Vec<String> {
        crate::words::own::lines(&self.0)
    }

    /// What waits to be written as others, a line for each of them and each system.
    pub fn waits_for_others(&self, zone: Zone) -> Vec<String> {
        crate::words::own::lines_of_others(&self.0, zone)
    }

    /// Whether who runs this may give up a vote that waits to be written.
    pub fn may_be_given_up(&self, row: &WriteRow) -> bool {
        crate::words::own::may_be_given_up(&self.0, row)
    }

    /// Whether a service holds the board.
    pub fn is_served(&self) -> bool {
        self.0.served
    }

    /// What of the record does not hold.
    #[must_use]
    pub fn broken(&self) -> Option<&Broken> {
        self.0.broken.as_ref()
    }

    #[must_use]
    pub fn meeting_on(&self) -> Option<&Arc<MeetingRow>> {
        self.0.meeting_on()
    }

    /// Whether there is somebody who could vote, where what is said of seats tells; else everybody known may.
    #[must_use]
    pub fn somebody_votes(&self) -> Option<bool> {
        self.0.seats_vote()
    }
}
