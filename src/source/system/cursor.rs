//! How far a source has been read: kept with the board after every page, so that a restart goes on from there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{Id, Instant};

/// What the next pull goes by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cursor {
    /// The round under way.
    pub round: Option<Round>,
    /// From here on the next incremental round reads; the overlap is taken off already.
    pub since: Option<Instant>,
    /// When the last full round began.
    pub swept: Option<Instant>,
    /// Records of the last full round.
    pub known: usize,
    /// And of each of its listings.
    pub known_of: BTreeMap<String, usize>,
    /// Full rounds in a row that found far fewer records than are known.
    pub doubts: u8,
    /// Items that are still to be decided or done: what is said about them is asked for in every round.
    pub open: BTreeSet<Id>,
    /// The newest stamp that was seen, of a system that writes them without a zone.
    pub newest: Option<Instant>,
    /// Seconds by which such stamps, read in the zone of the settings, are ahead of the clock (or behind it).
    pub off: Option<i64>,
    /// Changes that were read after their stamp was sure to be past, with that stamp; those about as new as the newest.
    pub settled: BTreeMap<Id, Instant>,
    /// What was known of what is said about open items when they were asked, see `Comments::marks`.
    pub marks: BTreeMap<Id, String>,
    /// What the account may not see there.
    pub notes: BTreeSet<String>,
    /// Rounds in a row whose new stamps were from before the round before them.
    pub late: u8,
}

/// A round of pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// By the server's clock.
    pub began: Instant,
    /// Everything is read, not only what moved.
    pub full: bool,
    pub listing: usize,
    /// What the next page of that listing is asked by.
    pub page: Option<String>,
    pub done: usize,
    pub total: Option<usize>,
    /// Items whose comments and approvals are still to be read; `None` before the listings are through.
    pub asking: Option<Vec<Id>>,
    /// Open items that were on a page of this round.
    #[serde(default)]
    pub moved: BTreeSet<Id>,
    /// The newest stamp on a page of this round.
    #[serde(default)]
    pub newest: Option<Instant>,
}

impl Cursor {
    /// A cursor that cannot be read begins anew.
    #[must_use]
    pub fn read(bytes: Option<&[u8]>) -> Self {
        bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
    }

    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
