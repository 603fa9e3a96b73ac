//! Maintenance windows of the services of an activity: which cover it, and where it lies in their blocks.

use super::{Missing, view::View};
use crate::{
    model::{Instant, Span, When},
    rules::facts::{
        Row,
        windows::{WindowRow, join},
    },
};

/// What the maintenance windows of one service say about an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// No maintenance window covers it, or it cannot be told.
    NoWindow,
    Missed,
    Exceeded,
    /// Within one block, or (a point) at an instant of one.
    Within,
}

/// The services of an activity whose maintenance windows say this about it.
pub(super) fn services_that_are(view: &View<'_>, row: &Row, wanted: Inside) -> Vec<u32> {
    if !view.facts.window_map().has_maintenance() {
        return Vec::new();
    }
    let services = row.services.iter().map(|touch| touch.service);
    services.filter(|service| inside(view, row, *service) == wanted).collect()
}

/// The maintenance windows that cover an activity for one of its services, taken alone.
pub fn windows_of<'a>(view: &View<'a>, row: &Row, service: u32) -> Vec<&'a WindowRow> {
    let map = view.facts.window_map();
    let named = map.maintenance_of.get(&service).into_iter().flatten();
    named
        .chain(&map.maintenance)
        .filter_map(|at| view.facts.window_rows().get(*at as usize))
        .filter(|window| window.matches_besides_services(row))
        .collect()
}

/// Where an activity lies for one of its services.
fn inside(view: &View<'_>, row: &Row, service: u32) -> Inside {
    let windows = windows_of(view, row, service);
    if windows.is_empty() {
        return Inside::NoWindow;
    }
    let when = view.when(row);
    match known(view, &windows, when) {
        // An occurrence that nobody knows could be the one that contains it.
        Inside::Missed | Inside::Exceeded if windows.iter().any(|window| window.is_in_doubt(when)) => {
            Inside::NoWindow
        }
        inside @ (Inside::NoWindow | Inside::Missed | Inside::Exceeded | Inside::Within) => inside,
    }
}

/// Where an activity lies by the occurrences that are known.
fn known(view: &View<'_>, windows: &[&WindowRow], when: When) -> Inside {
    match when {
        When::Unknown => Inside::NoWindow,
        When::Point(at) => {
            let within =
                Span::new(at, at.plus(1)).is_some_and(|span| !occurrences(view, windows, span).is_empty());
            if within { Inside::Within } else { Inside::Missed }
        }
        When::Span(span) => {
            let blocks = join(occurrences(view, windows, span));
            if blocks.is_empty() {
                Inside::Missed
            } else if blocks.iter().any(|block| block.covers(span)) {
                Inside::Within
            } else {
                Inside::Exceeded
            }
        }
    }
}

/// The occurrences of several windows that overlap a span, sorted.
pub(super) fn occurrences(view: &View<'_>, windows: &[&WindowRow], span: Span) -> Vec<Span> {
    let mut found = Vec::new();
    for window in windows {
        view.occurrences(window, span, |own| found.push(own));
    }
    found.sort_unstable();
    found
}

/// The end of the block that contains an activity, as far as `until`; `None` where no block contains it.
pub fn block_end(view: &View<'_>, row: &Row, service: u32, span: Span, until: Instant) -> Option<Instant> {
    let windows = windows_of(view, row, service);
    let wide = Span::new(span.start(), until.max(span.end()).plus(1))?;
    let blocks = join(occurrences(view, &windows, wide));
    blocks.into_iter().find(|block| block.covers(span)).map(Span::end)
}

/// The end of the block in which an activity starts, as far as `until`; `None` where it starts in none.
pub(super) fn end_of_start(view: &View<'_>, row: &Row, service: u32, until: Instant) -> Option<Instant> {
    let start = row.start?;
    let wide = Span::new(start, until.plus(1))?;
    let blocks = join(occurrences(view, &windows_of(view, row, service), wide));
    blocks.into_iter().find(|block| block.contains(start)).map(Span::end)
}

/// What is missing to compare an activity with its windows: a start, services, a rule that can be read; an end too.
pub(super) fn missing(view: &View<'_>, row: &Row, end_too: bool, out: &mut Vec<Missing>) {
    if !view.facts.window_map().has_maintenance() {
        return;
    }
    match view.when(row) {
        When::Unknown => out.push(Missing::Start),
        When::Point(_) if end_too => out.push(Missing::End),
        When::Point(_) | When::Span(_) => {}
    }
    if row.services.is_empty() {
        out.push(Missing::Services);
    }
    let when = view.when(row);
    for touch in &row.services {
        let windows = windows_of(view, row, touch.service);
        if known(view, &windows, when) != Inside::Within {
            let doubtful = windows.into_iter().filter(|window| window.is_in_doubt(when));
            out.extend(doubtful.map(Missing::occurrences));
        }
    }
}
