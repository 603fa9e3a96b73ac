//! What time it is for a hub: the system's, that of the demo, or one that a test turns by hand.

use std::time::Duration;

use chrono::Utc;
use tokio::sync::watch;

use crate::model::Instant;

/// A laptop that slept wakes with its timers late; looking this often keeps the harm small.
const LONGEST_SLEEP: Duration = Duration::from_mins(10);

/// A source of now, and of being woken at a later now.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// Runs as the system's does, so many seconds ahead of it (behind when negative).
    Offset(i64),
    /// Stands still (`--at` on a question).
    Fixed(Instant),
    /// Moves only when its [`Hand`] is moved.
    Hand(watch::Receiver<Instant>),
}

/// Moves the clocks made from it.
#[derive(Debug)]
pub struct Hand(watch::Sender<Instant>);

impl Hand {
    /// A clock that shows `at` until moved, and the hand that moves it.
    #[must_use]
    pub fn at(at: Instant) -> (Self, Clock) {
        let (hand, clock) = watch::channel(at);
        (Self(hand), Clock::Hand(clock))
    }

    /// Sets the time and wakes whoever waited for it.
    pub fn set(&self, at: Instant) {
        self.0.send_replace(at);
    }
}

impl Clock {
    /// A running clock that shows `at` at this moment.
    #[must_use]
    pub fn starting(at: Instant) -> Self {
        Self::Offset(at - system())
    }

    #[must_use]
    pub fn now(&self) -> Instant {
        match self {
            Self::System => system(),
            Self::Offset(secs) => system().plus(*secs),
            Self::Fixed(at) => *at,
            Self::Hand(at) => *at.borrow(),
        }
    }

    /// Returns when it is `due` or later; never for `None`, nor on a clock that stands.
    pub async fn reach(&self, due: Option<Instant>) {
        let Some(due) = due else { return std::future::pending().await };
        match self {
            Self::System | Self::Offset(_) => {
                while let Ok(left @ 1..) = u64::try_from(due - self.now()) {
                    // Instants are whole seconds: a moment more, so that the second has begun on waking.
                    let left = Duration::from_secs(left).min(LONGEST_SLEEP);
                    tokio::time::sleep(left).await;
                }
            }
            Self::Fixed(at) if *at >= due => {}
            Self::Fixed(_) => std::future::pending().await,
            Self::Hand(at) => {
                if at.clone().wait_for(|now| *now >= due).await.is_err() {
                    // The hand is gone: it will never be later.
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

fn system() -> Instant {
    Instant::from_utc(Utc::now())
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn second(n: i64) -> Instant {
        Instant::from_secs(1_795_000_000 + n)
    }

    #[tokio::test]
    async fn a_due_instant_is_reached_when_the_clock_says_so() {
        let (hand, clock) = Hand::at(second(0));
        let rows = [
            ("nothing due", clock.clone(), None, false),
            ("due before", clock.clone(), Some(second(-1)), true),
            ("due now", clock.clone(), Some(second(0)), true),
            ("due later", clock.clone(), Some(second(1)), false),
            ("a clock that stands, due", Clock::Fixed(second(5)), Some(second(5)), true),
            ("a clock that stands, later", Clock::Fixed(second(5)), Some(second(6)), false),
            ("the system's, long past", Clock::System, Some(second(-1_000_000_000)), true),
            ("the system's, far off", Clock::System, Some(Instant::MAX), false),
        ];
        for (row, clock, due, reached) in rows {
            assert_eq!(clock.reach(due).now_or_never().is_some(), reached, "{row}");
        }
        let waiting = clock.clone();
        let waited = tokio::spawn(async move { waiting.reach(Some(second(60))).await });
        hand.set(second(59));
        tokio::task::yield_now().await;
        assert!(!waited.is_finished());
        hand.set(second(60));
        waited.await.unwrap();
        assert_eq!(clock.now(), second(60));
    }

    #[test]
    fn a_started_clock_runs_from_where_it_was_started() {
        let clock = Clock::starting(second(0));
        assert!((0..2).contains(&(clock.now() - second(0))));
    }
}
