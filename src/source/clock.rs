//! The time of day as a source is told it, for what is measured against the clocks of systems: budgets, tokens, horizons.

use std::{fmt, sync::Arc};

use crate::model::Instant;

/// Says what time it is; handed in with the settings of a source, by whoever owns a clock.
#[derive(Clone)]
pub struct WallClock(Arc<dyn Fn() -> Instant + Send + Sync>);

impl WallClock {
    #[must_use]
    pub fn new(now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    #[must_use]
    pub fn now(&self) -> Instant {
        (self.0)()
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WallClock")
    }
}
