//! Rows as they would be at another time, for questions about a move.

use std::sync::Arc;

use super::row::{Activity, Row, end_of};
use crate::model::{Change, Instant, Outage, Release};

/// A change whose planned times and outage are `by` seconds later; moved earlier, that happens `now` (rule C12).
pub fn change(row: &mut Row, change: Arc<Change>, by: i64, now: Instant) {
    let mut moved = Arc::unwrap_or_clone(change);
    let later = |at: Option<Instant>| at.map(|at| at.plus(by));
    moved.planned_start = later(moved.planned_start);
    moved.planned_end = later(moved.planned_end);
    moved.outage =
        moved.outage.map(|outage| Outage { start: outage.start.plus(by), end: outage.end.plus(by) });
    if by < 0 {
        moved.moved_at = Some(now);
    }
    row.start = moved.actual_start.or(moved.planned_start);
    row.end = end_of(moved.planned_end, (moved.actual_start, moved.actual_end));
    row.activity = Activity::Change(Arc::new(moved));
}

/// A release of which these phases are planned `by` seconds later.
pub fn release(release: &Release, phases: &[usize], by: i64) -> Arc<Release> {
    let mut moved = release.clone();
    for at in phases {
        if let Some(phase) = moved.phases.get_mut(*at) {
            phase.start = phase.start.map(|start| start.plus(by));
            phase.end = phase.end.map(|end| end.plus(by));
        }
    }
    Arc::new(moved)
}

/// A phase as it stands in another version of its release.
pub fn phase(row: &mut Row, release: Arc<Release>, at: usize) {
    if let Some(phase) = release.phases.get(at) {
        row.start = phase.actual_start.or(phase.start);
        row.end = end_of(phase.end, (phase.actual_start, phase.actual_end));
    }
    row.activity = Activity::Phase(release, at);
}
