//! The limit of an activity: until when it, and undoing it, has to be over (run § Doing).
//!
//! It is not moved by being passed. C14 and C20, the run, the run sheet and the gate read this one.

use serde::{Deserialize, Serialize};

use super::{
    freeze::hard_freeze_in,
    maintenance::end_of_start,
    view::{Lane, View},
};
use crate::{
    model::{Id, Instant, Span, time::DAY},
    rules::facts::{ActivityRef, Row},
};

/// How far ahead a limit is looked for, beyond the end of the activity.
const AHEAD: i64 = 31 * DAY;

/// What ends the time of an activity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LimitCause {
    /// The end of the maintenance windows of a service, in which it starts.
    Window,
    /// The agreed end of its outage.
    Outage,
    /// A freeze that would block it begins.
    Freeze(Id),
    /// Another activity on one of its services starts.
    Next(Id),
}

/// Until when, and by what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limit {
    pub at: Instant,
    pub cause: LimitCause,
}

/// The limit of an activity; `None` where none is known.
#[must_use]
pub fn limit_of(view: &View<'_>, at: ActivityRef<'_>) -> Option<Limit> {
    let until = far(view, at.row)?;
    let found = [
        window(view, at.row, until).map(|(at, _)| Limit { at, cause: LimitCause::Window }),
        next(view, at, until).map(|(_, other, at)| Limit { at, cause: LimitCause::Next(other.id.clone()) }),
        freeze(view, at.row, until).map(|(id, at)| Limit { at, cause: LimitCause::Freeze(id) }),
        outage(view, at.row).map(|at| Limit { at, cause: LimitCause::Outage }),
    ];
    found.into_iter().flatten().min()
}

fn far(view: &View<'_>, row: &Row) -> Option<Instant> {
    let start = row.start?;
    let end = row.planned().1.unwrap_or(start).max(start).max(view.now);
    Some(end.plus(AHEAD))
}

/// The earliest end of a block in which it starts, before `until`, with the services it is for.
pub(super) fn window(view: &View<'_>, row: &Row, until: Instant) -> Option<(Instant, Vec<u32>)> {
    if !view.facts.window_map().has_maintenance() {
        return None;
    }
    let ends = row.services.iter().filter_map(|touch| {
        let end = end_of_start(view, row, touch.service, until)?;
        (end < until).then_some((end, touch.service))
    });
    let ends: Vec<_> = ends.collect();
    let first = ends.iter().map(|(end, _)| *end).min()?;
    Some((first, ends.into_iter().filter(|(end, _)| *end == first).map(|(_, service)| service).collect()))
}

/// The earliest unstarted live activity that shares a CI and is to start after this one starts, before `until`: not of its
/// own release, and not waiting for it. Among equals the smallest id.
pub(super) fn next<'a>(
    view: &View<'a>,
    at: ActivityRef<'_>,
    until: Instant,
) -> Option<(u32, &'a Row, Instant)> {
    let start = at.row.start?;
    let waits = |other: &Row| other.change().is_some_and(|change| change.after.contains(&at.row.id));
    let wanted = |number: u32, other: &Row| {
        number != at.number
            && other.actual().0.is_none()
            && at.row.compatible(other)
            && !at.row.same_release(other)
            && !waits(other)
    };
    let mut best: Option<(Instant, &Id, u32, &'a Row)> = None;
    for touch in &at.row.services {
        view.first_starting(Lane::Service(touch.service), (start.plus(1), until), wanted, |number, other| {
            let Some(begins) = other.start else { return };
            if best.is_none_or(|(first, id, ..)| (begins, &other.id) < (first, id)) {
                best = Some((begins, &other.id, number, other));
            }
        });
    }
    best.map(|(begins, _, number, other)| (number, other, begins))
}

/// The first freeze that would block it and begins after it starts, before `until`.
pub(super) fn freeze(view: &View<'_>, row: &Row, until: Instant) -> Option<(Id, Instant)> {
    hard_freeze_in(view, row, Span::new(row.start?.plus(1), until)?)
}

/// The agreed end of its outage, until somebody says that the service is there again.
pub(super) fn outage(view: &View<'_>, row: &Row) -> Option<Instant> {
    let outage = row.change()?.outage.as_ref()?;
    let restored = view.facts.run(&row.id).is_some_and(|run| run.restored.is_some());
    (!restored && row.start.is_some_and(|start| start < outage.end)).then_some(outage.end)
}
