//! Runs, nights and ways back, as they cross a boundary.

pub use crate::ledger::derive::{
    night::{DecisionKind, NextDecision, Night},
    rollback::{RollbackPlan, StopPoint},
    run::{BackStep, CriterionView, RunIncident, RunLine, RunStep, RunView, Waits},
};
pub use crate::rules::run::{RunState, StepState, rollback::RollbackRow};
