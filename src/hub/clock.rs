//! What time it is for a hub: the system's, that of the demo, or one that a test turns by hand.

use std::{path::Path, sync::OnceLock, time::Duration};

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
    /// The same hand, read so many seconds wrong: a clock that is off.
    Astray(watch::Receiver<Instant>, i64),
}

/// How long a machine has been up: a clock that nobody sets, which all its processes read alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uptime {
    /// Which start of which machine it counts from.
    pub boot: String,
    /// Seconds, those asleep included.
    pub secs: i64,
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

    /// A clock on the same machine that shows so many seconds more.
    #[must_use]
    pub fn astray(&self, secs: i64) -> Clock {
        Clock::Astray(self.0.subscribe(), secs)
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
            Self::Astray(at, secs) => at.borrow().plus(*secs),
        }
    }

    /// How long the machine has been up; `None` where time is not the machine's, or it does not say.
    #[must_use]
    pub fn uptime(&self) -> Option<Uptime> {
        match self {
            Self::System => uptime(),
            Self::Offset(_) | Self::Fixed(_) => None,
            Self::Hand(at) | Self::Astray(at, _) => {
                Some(Uptime { boot: "hand".to_owned(), secs: at.borrow().secs() })
            }
        }
    }

    /// The time of the disk that a board lies on: that of the machine which stamps its files.
    #[must_use]
    pub fn disk(&self, board: &Path) -> Option<Instant> {
        match self {
            Self::System => of_disk(board),
            Self::Offset(_) | Self::Fixed(_) => None,
            Self::Hand(at) | Self::Astray(at, _) => Some(*at.borrow()),
        }
    }

    /// Whether another clock may be asked what it thinks of this one: not where it stands or is made up.
    #[must_use]
    pub fn is_told(&self) -> bool {
        match self {
            Self::System | Self::Hand(_) | Self::Astray(..) => true,
            Self::Offset(_) | Self::Fixed(_) => false,
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
            Self::Hand(at) | Self::Astray(at, _) => {
                let ahead = self.now() - *at.borrow();
                if at.clone().wait_for(|now| now.plus(ahead) >= due).await.is_err() {
                    // The hand is gone: it will never be later.
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

/// The kernel's own count, past whatever stands between it and this process.
fn uptime() -> Option<Uptime> {
    static BOOT: OnceLock<Option<String>> = OnceLock::new();
    let boot = BOOT.get_or_init(|| {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        // A container may count from elsewhere.
        let space = std::fs::read_link("/proc/self/ns/time").unwrap_or_default();
        Some(format!("{} {}", boot.trim(), space.display()))
    });
    let secs = rustix::time::clock_gettime(rustix::time::ClockId::Boottime).tv_sec;
    Some(Uptime { boot: boot.clone()?, secs })
}

/// By a file without a name that is made beside the board.
fn of_disk(board: &Path) -> Option<Instant> {
    let directory = board.parent().filter(|parent| !parent.as_os_str().is_empty());
    let file = tempfile::tempfile_in(directory.unwrap_or(Path::new("."))).ok()?;
    // Asked of the kernel itself, which stamped the file.
    rustix::fs::fstat(&file).ok().map(|found| Instant::from_secs(found.st_mtime))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one clock of the program; everybody else is told the time"
)]
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
    fn a_machine_has_other_clocks_than_that_of_this_process() {
        let directory = tempfile::tempdir().unwrap();
        let disk = Clock::System.disk(&directory.path().join("board.db")).unwrap();
        assert!((Clock::System.now() - disk).abs() < 60);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "it leaves nothing there");
        assert_eq!(Clock::System.disk(&directory.path().join("no/such/board.db")), None);
        let (first, then) = (Clock::System.uptime().unwrap(), Clock::System.uptime().unwrap());
        assert!(first.boot == then.boot && then.secs >= first.secs, "{first:?} {then:?}");
        let (hand, clock) = Hand::at(second(7));
        let astray = hand.astray(-60);
        assert_eq!((astray.now(), astray.uptime()), (second(-53), clock.uptime()));
        assert_eq!(astray.disk(directory.path()), Some(second(7)));
    }

    #[test]
    fn a_started_clock_runs_from_where_it_was_started() {
        let clock = Clock::starting(second(0));
        assert!((0..2).contains(&(clock.now() - second(0))));
    }
}
