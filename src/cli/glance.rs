//! What a verb knows of the board without asking: everything of a snapshot but the rows of changes and releases.
//!
//! A hub of a single command leaves them out until they are asked for ([`super::board::Board::whole`]); a snapshot
//! without them is not handed on, so that nobody takes what was not drawn for what is not there.

use std::sync::Arc;

use imbl::OrdMap;

use crate::{
    model::{Id, Instant, Person, RuleBook, Service, Window},
    wire::{Action, Broken, ConflictRow, Conflicts, Me, MeetingRow, Snapshot, SourceHealth, Tally, WriteRow},
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
    windows: OrdMap<Id, Arc<Window>>,
    services: OrdMap<Id, Arc<Service>>,
    people: OrdMap<Id, Arc<Person>>,
    conflicts: Conflicts,
    /// The newest round of every item that has one.
    tallies: OrdMap<Id, Arc<Tally>>,
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

    /// What of the record does not hold.
    #[must_use]
    pub fn broken(&self) -> Option<&Broken> {
        self.0.broken.as_ref()
    }

    #[must_use]
    pub fn meeting_on(&self) -> Option<&Arc<MeetingRow>> {
        self.0.meeting_on()
    }

    #[must_use]
    pub fn open_tally(&self, item: &Id) -> Option<&Arc<Tally>> {
        self.0.open_tally(item)
    }

    #[must_use]
    pub fn somebody_votes(&self) -> bool {
        self.0.somebody_votes()
    }

    /// Open conflict rows that name an activity, worst first.
    #[must_use]
    pub fn conflicts_of(&self, id: &Id) -> Vec<ConflictRow> {
        self.0.conflicts_of(id)
    }
}
