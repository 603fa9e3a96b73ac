//! What people ask of a release as a plan.

use serde::{Deserialize, Serialize};

use crate::model::{Id, Prose, Release, ReleaseState};

/// What a person asks of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ReleaseCommand {
    /// Puts it into another state of its life: one step forward, back with a reason, or called off with one.
    State {
        to: ReleaseState,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    /// Puts it before its board.
    Submit,
    /// Bundles a change.
    Bundle {
        change: Id,
    },
    Unbundle {
        change: Id,
    },
    /// Makes a release of the board's own; its life begins in planning.
    New {
        record: Box<Release>,
    },
    /// Replaces a release of the board's own; where it is in its life stays.
    Edit {
        record: Box<Release>,
    },
}
