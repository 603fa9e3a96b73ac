//! What a refresh derived anew, for whoever draws from it.

use std::collections::BTreeSet;

use crate::model::Id;

/// What changed, or may have. Ids may be of things that no longer exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Everything was derived anew.
    pub everything: bool,
    /// Boards, people or rules changed.
    pub rules: bool,
    /// Changes and phases that were edited, or are near an edit.
    pub activities: BTreeSet<Id>,
    pub releases: BTreeSet<Id>,
    /// Sides of conflict rows that came, went or changed.
    pub rows: BTreeSet<Id>,
    /// Items whose round, standing or tally may have changed.
    pub items: BTreeSet<Id>,
}

impl Changes {
    /// Adds what another refresh found.
    pub fn merge(&mut self, other: Self) {
        self.everything |= other.everything;
        self.rules |= other.rules;
        self.activities.extend(other.activities);
        self.releases.extend(other.releases);
        self.rows.extend(other.rows);
        self.items.extend(other.items);
    }
}
