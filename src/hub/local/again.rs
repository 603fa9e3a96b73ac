//! Deciding again when somebody else was faster, and resting when the store fails: never at once, never in step.

use std::{
    thread,
    time::{Duration, Instant as Moment},
};

use crate::store;

/// How long somebody lines up, and tries once in front, where many decide at once; the line moves on all the while.
pub const LINE: Duration = Duration::from_secs(20);
/// How long a decision is made anew because others write.
pub const PATIENCE: Duration = Duration::from_secs(2);
const FIRST_WAIT: Duration = Duration::from_millis(2);
const LONGEST_WAIT: Duration = Duration::from_millis(60);

/// One act that is tried until it is through or its patience is over.
#[derive(Debug)]
pub struct Patience {
    until: Moment,
    wait: Duration,
}

impl Patience {
    pub fn new() -> Self {
        Self::lasting(PATIENCE)
    }

    pub fn lasting(time: Duration) -> Self {
        Self { until: Moment::now() + time, wait: FIRST_WAIT }
    }

    /// Waits a moment, by chance shorter or longer, so that those who met once do not meet again. False when it is over.
    pub fn again(&mut self) -> bool {
        if Moment::now() >= self.until {
            return false;
        }
        thread::sleep(by_chance(self.wait));
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        true
    }
}

/// Between nothing and `most`.
fn by_chance(most: Duration) -> Duration {
    // Without chance it is half of it for all.
    let [byte] = store::random().unwrap_or([128]);
    most * u32::from(byte) / 255
}

/// Seconds to wait after so many failures in a row: 5, 10, 20 and so on up to ten minutes.
#[must_use]
pub fn rest(failures: u32) -> i64 {
    5_i64.saturating_mul(1_i64.checked_shl(failures.min(32)).unwrap_or(i64::MAX)).min(600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_after_its_time_and_never_waits_long() {
        let mut patience = Patience::new();
        let begun = Moment::now();
        let tries = std::iter::from_fn(|| patience.again().then_some(())).count();
        assert!(begun.elapsed() >= PATIENCE && begun.elapsed() < PATIENCE * 3, "{:?}", begun.elapsed());
        assert!(tries >= 20, "{tries} tries in two seconds");
    }

    #[test]
    fn rests_grow_and_stay_bounded() {
        assert_eq!([0, 1, 2, 6, 7, 32, u32::MAX].map(rest), [5, 10, 20, 320, 600, 600, 600]);
    }
}
