//! What a record would do to the board, before it is written.

use serde::{Deserialize, Serialize};

use crate::model::{Id, RuleId, Severity};

/// What writing would come to. Nothing of it has happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rehearsal {
    /// The record it would be.
    pub id: Option<Id>,
    /// What would be said of it, or why it would be refused.
    pub said: String,
    pub refused: bool,
    /// Clashes that would be there and are not now, the worst first.
    pub clashes: Vec<RehearsedClash>,
    /// Clashes that are there and would not be any more.
    pub solved: Vec<RehearsedClash>,
    /// What could not be checked: `C3: services are missing`.
    pub unchecked: Vec<String>,
    /// Who would decide, and by which policy.
    pub decides: Option<String>,
    /// Votes given that would have to be given again.
    pub revote: bool,
    /// What would differ in the rules: `boards: cab changed (in: bob, voting)`.
    #[serde(default)]
    pub differs: Vec<String>,
    /// What the board would lack: a chair, or people enough for the quorum of a policy.
    #[serde(default)]
    pub lacks: Vec<String>,
}

/// A clash in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RehearsedClash {
    pub rule: RuleId,
    pub severity: Severity,
    pub reason: String,
}
