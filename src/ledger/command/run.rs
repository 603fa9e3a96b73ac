//! What people ask of a run.

use serde::{Deserialize, Serialize};

use crate::model::{
    Instant, Line, Outcome, Prose,
    run::{StepKey, Tick},
};

/// What a person or a pipeline asks of the run of an activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum RunCommand {
    Start {
        /// Now, where absent.
        at: Option<Instant>,
        /// Where the gate does not say go.
        reason: Option<Prose>,
    },
    /// A step is done, failed, tried again, skipped, or not done after all.
    Step {
        step: StepKey,
        tick: Tick,
        /// What was written with it; none where nothing was.
        said: Option<Prose>,
    },
    Hold {
        /// Why; none yet, for a hold takes effect at once and may be explained after.
        reason: Option<Prose>,
    },
    /// Why it is held, said afterwards.
    Explain { reason: Prose },
    Resume {
        /// What was answered; none where nothing was yet.
        answer: Option<Prose>,
    },
    /// Turns back at once.
    Back {
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    /// Goes on past the time to turn back; it takes the owner and the manager or chair.
    GoOn { reason: Prose },
    /// Go for a phase.
    Go {
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    NoGo {
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    /// Whether a go/no-go criterion of a phase is met.
    Criterion { criterion: Line, met: bool },
    /// The service is there again.
    Restored {
        /// Since when; none is now.
        at: Option<Instant>,
    },
    /// A phase that was rolled back is not tried again.
    Drop {
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    End {
        /// Now, where absent.
        at: Option<Instant>,
        outcome: Outcome,
        /// Why the times differ from what the run says.
        reason: Option<Prose>,
    },
}
