//! Releases as plans, as they cross a boundary.

use serde::{Deserialize, Serialize};

use crate::model::Id;

pub use crate::ledger::derive::release::{
    Apart, BundleTrial, CarriedChange, Communication, Entered, Entry, ItemDiffers, Neighbours, NextPhase,
    PlanClash, PlanWindow, PlannedPhase, PlannedStep, PlannedWork, ReleasePlan, ReleaseSummary, Since,
};
pub use crate::rules::release::{
    lifecycle::LIFE,
    readiness::{Check, CheckOf, Readiness},
};

/// What bundling a change would do, or taking it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bundling {
    pub change: Id,
    /// The release it would be in; absent for none.
    pub release: Option<Id>,
    #[serde(flatten)]
    pub trial: BundleTrial,
}
