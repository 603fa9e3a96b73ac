//! What an edit, or time, may have changed: the dirty closure (ledger § Derivation).

use std::collections::BTreeSet;

use super::{
    Facts,
    row::{End, Row},
};
use crate::model::{Id, Instant, State, time::HOUR, time::MINUTE};

/// What has to be derived anew. Ids may be of records that no longer exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dirty {
    /// Everything: nothing finer is worth telling apart.
    pub everything: bool,
    /// All rules that read windows.
    pub windows: bool,
    /// Names of people or services mean something else than before.
    pub names: bool,
    /// Changes and phases, edited or near an edit.
    pub activities: BTreeSet<Id>,
    /// Releases, edited or with an edited bundle.
    pub releases: BTreeSet<Id>,
}

impl Dirty {
    /// All there is.
    #[must_use]
    pub fn all() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// One activity, such as one whose decision changed (rules C13, C17).
    #[must_use]
    pub fn one(activity: Id) -> Self {
        Self { activities: BTreeSet::from([activity]), ..Self::default() }
    }

    /// Whether nothing is to be looked at again.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another edit made dirty.
    pub fn merge(&mut self, other: Self) {
        self.everything |= other.everything;
        self.windows |= other.windows;
        self.names |= other.names;
        self.activities.extend(other.activities);
        self.releases.extend(other.releases);
    }
}

impl Facts {
    /// What may read differently at `to` than at `from` by time alone (rules C13 and C18, and whatever runs).
    #[must_use]
    pub fn due(&self, from: Instant, to: Instant) -> Dirty {
        let mut dirty = Dirty::default();
        let (from, to) = (from.min(to), from.max(to));
        for number in &self.index.running {
            if let Some(row) = self.row_at(*number) {
                dirty.activities.insert(row.id.clone());
                dirty.activities.extend(self.around(row));
                if let Some(release) = self.release_at(row.release) {
                    dirty.releases.insert(release.id.clone());
                }
            }
        }
        let ahead = i64::from(self.settings.approve_by_hours) * HOUR;
        for (_, number) in self.index.undecided.range((from.plus(ahead), 0)..(to.plus(ahead + 1), 0)) {
            dirty.activities.extend(self.row_at(*number).map(|row| row.id.clone()));
        }
        if self.next_meeting(from).is_some_and(|meets| meets.span.start() <= to) {
            let waiting = self.index.undecided.iter().filter_map(|(_, number)| self.row_at(*number));
            dirty.activities.extend(waiting.map(|row| row.id.clone()));
        }
        dirty
    }

    /// The next instant after `now`, on a full minute, at which some row may change by time alone.
    #[must_use]
    pub fn next_due(&self, now: Instant) -> Option<Instant> {
        let now = now.floor_minute();
        let ahead = i64::from(self.settings.approve_by_hours) * HOUR;
        let undecided = self.index.undecided.range((now.plus(ahead), 0)..).next();
        let undecided = undecided.map(|(start, _)| minute_after(start.plus(-ahead)));
        // What runs comes nearer to its limit with every minute (rule C20).
        let runs = |number: &u32| self.row_at(*number).is_some_and(|row| matches!(row.end, End::Running(_)));
        let running = self.index.running.iter().any(runs).then(|| now.plus(MINUTE));
        let meets = self.next_meeting(now).map(|meets| minute_after(meets.span.start()));
        running.into_iter().chain(undecided).chain(meets).min().map(|due| due.max(now.plus(MINUTE)))
    }

    /// The activities besides this one whose rows may depend on it without naming it (rules C14 and C15).
    pub fn around(&self, row: &Row) -> BTreeSet<Id> {
        self.before_rollback(row)
            .into_iter()
            .chain(self.after_failure(row))
            .filter_map(|number| Some(self.row_at(number)?.id.clone()))
            .collect()
    }

    /// The live changes that start before this activity and might still be rolling back when it does: it may be their limit
    /// (rule C14), and that of what runs (rule C20).
    pub fn before_rollback(&self, row: &Row) -> Vec<u32> {
        let Some(start) = row.start.filter(|_| row.live) else { return Vec::new() };
        let mut found: Vec<u32> = row
            .services
            .iter()
            .flat_map(|touch| {
                self.of_service(touch.service).may_last(start.plus(-self.index.longest_rollback), start)
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The live changes that start within the cool-down after this one finished (rule C15).
    pub fn after_failure(&self, row: &Row) -> Vec<u32> {
        let Some(end) = row.finished() else { return Vec::new() };
        let until = end.plus(i64::from(self.settings.cool_down_hours) * HOUR);
        let mut found: Vec<u32> = row
            .services
            .iter()
            .flat_map(|touch| self.of_service(touch.service).starting(end, until))
            .map(|entry| entry.row)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The first full minute after an instant.
fn minute_after(at: Instant) -> Instant {
    at.floor_minute().plus(MINUTE)
}

/// Whether a change still waits for a decision: in `assess` or `authorize`, or in a state nobody knows (rules § Things).
#[must_use]
pub fn is_undecided(state: State) -> bool {
    matches!(state, State::Assess | State::Authorize | State::Unknown)
}
