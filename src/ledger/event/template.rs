//! What becomes of a template of standard changes (rules § Standard changes).

use serde::{Deserialize, Serialize};

use crate::model::{FieldChange, Prose, Why};

/// What happened to a template. Its rounds are those of its item, under the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TemplateAct {
    /// Its terms were put before the board, with what differs from those before.
    Proposed { changes: Vec<FieldChange> },
    /// Nothing is made from it until the board has approved it again.
    Suspended { why: Why },
    /// It was put before the board again, as it is.
    Resubmitted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
    /// It is over.
    Retired { reason: Prose },
}
