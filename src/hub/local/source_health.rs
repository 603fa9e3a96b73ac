//! How a source is doing: when it was last heard, what went wrong, when it is asked again.
//!
//! Only the arithmetic; pulling is the matter of `sources`.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{
    model::{Fault, Id, Instant, Line, SourceId},
    source::Progress,
    wire::{SourceHealth, SourceState},
};

/// The first wait after a failure; each further failure doubles it, less up to a quarter by chance, so that those who
/// were cut off together do not come back together.
const FIRST_WAIT: i64 = 15;
/// The longest wait between two tries, whatever the source asks for.
const LONGEST_WAIT: i64 = 3600;

/// What the board keeps about a source, so that every process shows the same and the next one goes on from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// What the next pull goes by, in the source's own words.
    pub cursor: Option<String>,
    pub last_ok: Option<Instant>,
    pub down_since: Option<Instant>,
    pub error: Option<Line>,
    pub records: usize,
    pub faults: Vec<Fault>,
    /// What was odd in the last round.
    pub warnings: Vec<Line>,
}

/// Seconds after a write until the source is read again.
const AFTER_WRITE: i64 = 2;

/// The most faults of a source that are kept.
const FAULTS: usize = 500;

/// The state of one source.
#[derive(Debug, Clone)]
pub struct Health {
    pub id: SourceId,
    kind: Line,
    /// Seconds between two pulls that go well.
    every: i64,
    /// Seconds after which what was read counts as old.
    max_age: i64,
    pub memory: Memory,
    /// Why what the board remembers of it cannot be read: it is not overwritten before a person says so.
    unreadable: Option<Line>,
    failures: u32,
    /// Where chance goes on from.
    chance: u64,
    next: Instant,
    /// Writes waiting in the outbox.
    pub queued: usize,
    /// How far a read of many pages has come.
    pub progress: Option<Progress>,
    /// Why votes, comments, planned dates, or holds are not written there.
    pub votes: Option<&'static str>,
    pub comments: Option<&'static str>,
    pub dates: Option<&'static str>,
    pub holds: Option<&'static str>,
}

impl Health {
    /// A source that nothing is known of, due at once. `chance` seeds how long it waits after failures.
    #[must_use]
    pub fn new(id: SourceId, kind: &str, every: i64, max_age: i64, chance: u64) -> Self {
        Self {
            id,
            kind: Line::new(kind),
            every: every.max(1),
            max_age: max_age.max(1),
            memory: Memory::default(),
            unreadable: None,
            failures: 0,
            chance,
            next: Instant::MIN,
            queued: 0,
            progress: None,
            votes: None,
            comments: None,
            dates: None,
            holds: None,
        }
    }

    /// A part of a read came: the faults of records named in it are told anew.
    pub fn tell_anew(&mut self, named: &HashSet<&Id>, faults: &[Fault]) {
        self.memory.faults.retain(|fault| fault.record.as_ref().is_some_and(|id| !named.contains(id)));
        self.memory.faults.extend(faults.iter().cloned());
        self.memory.faults.truncate(FAULTS);
    }

    /// To be read again soon, unless it is down.
    pub fn hasten(&mut self, now: Instant) {
        if self.memory.down_since.is_none() {
            self.next = self.next.min(now.plus(AFTER_WRITE));
        }
    }

    /// The read that is under way was given up: it goes on at the next turn.
    pub fn rest(&mut self, now: Instant) {
        self.next = now.plus(self.every);
    }

    /// Takes over what the board remembers, mostly what another process wrote.
    pub fn remember(&mut self, memory: Memory) {
        if let (None, Some(at)) = (memory.down_since, memory.last_ok) {
            self.failures = 0;
            self.next = at.plus(self.every);
        }
        self.memory = memory;
        self.unreadable = None;
    }

    /// What the board remembers of it cannot be read. What is known here stays; nothing is read on the strength of it.
    pub fn forget(&mut self, why: &str) {
        let id = &self.id;
        self.unreadable = Some(Line::new(&format!(
            "what the board remembers of it cannot be read ({why}), so it is not read by itself; update quorate, or `quorate sync --source {id}` reads it anew from its beginning"
        )));
    }

    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.unreadable.is_some()
    }

    /// When it is to be pulled.
    #[must_use]
    pub fn due(&self) -> Instant {
        self.next
    }

    pub fn succeeded(&mut self, now: Instant) {
        self.memory.last_ok = Some(now);
        self.memory.down_since = None;
        self.memory.error = None;
        self.unreadable = None;
        self.failures = 0;
        self.next = now.plus(self.every);
        self.progress = None;
    }

    /// `asked` is how many seconds the source itself wants to be left alone (Retry-After).
    pub fn failed(&mut self, now: Instant, error: &str, asked: Option<i64>) {
        self.memory.down_since.get_or_insert(now);
        self.memory.error = Some(Line::new(error));
        self.progress = None;
        let doubled = FIRST_WAIT.saturating_mul(1i64.checked_shl(self.failures.min(32)).unwrap_or(i64::MAX));
        self.failures = self.failures.saturating_add(1);
        let longest = doubled.min(LONGEST_WAIT);
        let wait = longest - self.by_chance(longest / 4);
        // Never more eager than the source asks, never so patient that it is forgotten.
        self.next = now.plus(wait.max(asked.unwrap_or(0)).min(LONGEST_WAIT));
    }

    /// A number from 0 to `most`, another one each time (splitmix64).
    fn by_chance(&mut self, most: i64) -> i64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        i64::try_from(mixed >> 1).unwrap_or(0) % (most.max(0) + 1)
    }

    /// When its health changes by time alone: it gets old.
    #[must_use]
    pub fn turns_old(&self) -> Option<Instant> {
        self.memory.last_ok.filter(|_| self.memory.down_since.is_none()).map(|at| at.plus(self.max_age + 1))
    }

    #[must_use]
    pub fn row(&self, now: Instant) -> SourceHealth {
        let Memory { last_ok, down_since, error, records, faults, warnings, .. } = &self.memory;
        let state = match (last_ok, down_since) {
            _ if self.unreadable.is_some() => SourceState::Down,
            (_, Some(_)) => SourceState::Down,
            (None, None) => SourceState::FirstLoad,
            (Some(at), None) if now - *at > self.max_age => SourceState::Old,
            (Some(_), None) => SourceState::Fresh,
        };
        SourceHealth {
            id: self.id.clone(),
            kind: self.kind.clone(),
            state,
            last_ok: *last_ok,
            down_since: *down_since,
            error: self.unreadable.clone().or_else(|| error.clone()),
            next_retry: down_since.map(|_| self.next).filter(|next| *next > Instant::MIN),
            records: *records,
            faults: faults.len(),
            queued: self.queued,
            warnings: warnings.clone(),
            progress: self.progress.map(|progress| (progress.done, progress.total)),
            votes: self.votes.map(Line::new),
            comments: self.comments.map(Line::new),
            dates: self.dates.map(Line::new),
            holds: self.holds.map(Line::new),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Instant {
        Instant::from_secs(1_795_000_000 + secs)
    }

    fn health(last_ok: Option<i64>) -> Health {
        let mut health = Health::new(SourceId::new("snow"), "board file", 300, 900, 7);
        health.remember(Memory { last_ok: last_ok.map(at), ..Memory::default() });
        health
    }

    /// How long it waits after each of so many failures.
    fn waits(chance: u64, failures: usize) -> Vec<i64> {
        let mut health = Health { chance, ..health(None) };
        let mut wait = |()| {
            health.failed(at(0), "refused", None);
            health.due() - at(0)
        };
        std::iter::repeat_n((), failures).map(&mut wait).collect()
    }

    #[test]
    fn a_failing_source_is_asked_less_and_less_often_and_not_by_all_at_once() {
        let longest = [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600];
        let mut seen = HashSet::new();
        for chance in 0..50 {
            let waits = waits(chance, 100);
            for (wait, longest) in waits.iter().zip(longest.into_iter().chain(std::iter::repeat(3600))) {
                assert!((longest - longest / 4..=longest).contains(wait), "{wait} of {longest}");
            }
            seen.insert(waits[8]);
        }
        assert!(seen.len() > 40, "fifty boards come back at {} moments of a quarter of an hour", seen.len());
        assert_eq!(waits(7, 20), waits(7, 20), "the same seed waits the same");
        let mut health = health(None);
        for _ in 0..100 {
            health.failed(at(0), "refused", None);
        }
        health.succeeded(at(10));
        assert_eq!(health.due(), at(310));
        health.failed(at(310), "refused", None);
        assert!(health.due() <= at(325), "a success forgets the failures before it");
    }

    #[test]
    fn the_wait_a_source_asks_for_is_kept_within_an_hour() {
        for (row, asked, wait) in [
            ("nothing asked", None, 12..=15),
            ("less than ours", Some(5), 12..=15),
            ("more than ours", Some(120), 120..=120),
            ("a day", Some(86_400), 3600..=3600),
            ("nonsense", Some(-5), 12..=15),
        ] {
            let mut health = health(None);
            health.failed(at(0), "busy", asked);
            assert!(wait.contains(&(health.due() - at(0))), "{row}: {}", health.due() - at(0));
        }
    }

    #[test]
    fn health_says_fresh_old_down_or_never_loaded() {
        let mut down = health(Some(-10));
        down.failed(at(0), "no\x1b[31m route", None);
        down.failed(at(15), "no route", None);
        let rows = [
            ("never loaded", health(None), 0, SourceState::FirstLoad, None),
            ("read a moment ago", health(Some(-10)), 0, SourceState::Fresh, None),
            ("at its greatest age", health(Some(0)), 900, SourceState::Fresh, None),
            ("older than that", health(Some(0)), 901, SourceState::Old, None),
            ("down", down.clone(), 20, SourceState::Down, Some(down.due())),
        ];
        for (row, health, now, state, retry) in rows {
            let health = health.row(at(now));
            assert_eq!((health.state, health.next_retry), (state, retry), "{row}");
            if state == SourceState::Down {
                assert_eq!(health.down_since, Some(at(0)), "{row}");
            }
        }
    }
}
