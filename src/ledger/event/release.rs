//! What people decide about the life of a release (release § Plan).

use serde::{Deserialize, Serialize};

use crate::model::{Id, Prose, ReleaseState};

/// What happened to a release as a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReleaseAct {
    /// It entered another state of its life: the board's own word, beside that of its source.
    Moved {
        from: ReleaseState,
        to: ReleaseState,
        /// Why it went back, or was called off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
    /// It was put before its board.
    Submitted,
    Bundled {
        change: Id,
        /// The change belongs to a source, which is not told: the board's own word.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        beside: bool,
    },
    Unbundled {
        change: Id,
        /// The change belongs to a source, which is not told: the board's own word.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        beside: bool,
    },
}
