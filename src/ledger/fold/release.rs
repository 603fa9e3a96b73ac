//! A release as a plan: where the board put it in its life, and whether it is before its board (release § Plan).

use std::sync::Arc;

use super::{Stamp, name};
use crate::{
    ledger::event::ReleaseAct,
    model::{Instant, Line, Prose, ReleaseState},
};

/// The state of its life that a release was put in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub at: Instant,
    pub by: Line,
    pub from: ReleaseState,
    pub to: ReleaseState,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
}

/// What the board said of the life of a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Life {
    /// The state in which the board put it last.
    pub stage: Option<Arc<Stage>>,
    /// It was put before its board, by entering `test` or by its manager.
    pub submitted: bool,
}

impl Life {
    /// A release as a plan went on. What goes back before its test is not before the board any more, nor is what is over.
    pub(super) fn take(&mut self, stamp: Stamp<'_>, act: ReleaseAct) {
        match act {
            ReleaseAct::Moved { from, to, reason } => {
                self.submitted = match to {
                    ReleaseState::Test => true,
                    ReleaseState::Deploy => self.submitted,
                    ReleaseState::Planning
                    | ReleaseState::Build
                    | ReleaseState::Review
                    | ReleaseState::Closed
                    | ReleaseState::Cancelled
                    | ReleaseState::Unknown => false,
                };
                self.stage = Some(Arc::new(Stage { at: stamp.at, by: name(stamp.by), from, to, reason }));
            }
            ReleaseAct::Submitted => self.submitted = true,
            ReleaseAct::Bundled { .. } | ReleaseAct::Unbundled { .. } => {}
        }
    }
}
