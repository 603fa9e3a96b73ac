//! What its source no longer has, as it last said it: whoever was shown it can be told that it is called off.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{Change, Id, Instant, Record, Release, SourceId, Stored, Window};

/// A record that its source no longer has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gone {
    pub source: SourceId,
    pub record: GoneRecord,
    /// The commit that took it off the board: higher than any that wrote it before.
    pub seq: u64,
}

/// What it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoneRecord {
    Change(Arc<Change>),
    Release(Box<Release>),
    Window(Box<Window>),
}

impl Gone {
    /// A record with the commit that took it off; `None` where it stands on no calendar.
    #[must_use]
    pub fn of(stored: Stored, seq: u64) -> Option<Self> {
        let record = match stored.record {
            Record::Change(change) => GoneRecord::Change(change),
            Record::Release(release) => GoneRecord::Release(release),
            Record::Window(window) => GoneRecord::Window(window),
            Record::Service(_)
            | Record::Person(_)
            | Record::Comment(_)
            | Record::Approval(_)
            | Record::Incident(_) => return None,
        };
        Some(Self { source: stored.source, record, seq })
    }

    /// What it was called.
    #[must_use]
    pub fn id(&self) -> &Id {
        match &self.record {
            GoneRecord::Change(change) => &change.id,
            GoneRecord::Release(release) => &release.id,
            GoneRecord::Window(window) => &window.id,
        }
    }

    /// Whether any of its times is at an instant or later; a window may occur at any time.
    #[must_use]
    pub fn reaches(&self, since: Instant) -> bool {
        match &self.record {
            GoneRecord::Change(change) => {
                [change.planned_start, change.planned_end, change.actual_start, change.actual_end]
                    .into_iter()
                    .flatten()
                    .any(|at| at >= since)
            }
            GoneRecord::Release(release) => release.phases.iter().any(|phase| {
                let times = [phase.start, phase.end, phase.actual_start, phase.actual_end];
                times.into_iter().flatten().any(|at| at >= since)
            }),
            GoneRecord::Window(_) => true,
        }
    }
}
