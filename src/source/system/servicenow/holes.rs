//! Excluded entries of a schedule: what they cut out of its other entries.
//!
//! An occurrence that a hole touches is taken out of its window, and what is left of it comes back in pieces, those of
//! one length as one window. All is reckoned on the wall clock of the schedule, which both are read on; what repeats is
//! reckoned for the year past and the two to come, and anew in every round.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    calendar::{Recurring, Zone, recurrence},
    model::{Id, Instant, Line, Span, Wall, Window, time::DAY},
};

/// Days back and ahead for which repeats are reckoned.
const PAST: i64 = 366;
const AHEAD: i64 = 731;
/// Occurrences of one window that holes may touch.
const MOST: usize = 2_000;

/// Seconds of a wall clock, from and to.
type Times = (i64, i64);

/// What is left of a window: itself where nothing touches it, and nothing where all of it is excluded.
///
/// # Errors
/// Why that cannot be said, in words for a fault.
pub fn cut(window: Window, holes: &[Window], today: NaiveDate) -> Result<Vec<Window>, String> {
    if holes.is_empty() {
        return Ok(vec![window]);
    }
    one_clock(&window, holes)?;
    let around = recurrence::wall_secs(today.into());
    let horizon = (around - PAST * DAY, around + AHEAD * DAY);
    let times = match window.rrule {
        Some(_) => occurrences(&window, horizon)?,
        None => vec![ends(&window)],
    };
    let within = times.iter().fold(horizon, |all, one| (all.0.min(one.0), all.1.max(one.1)));
    let mut gone = Vec::new();
    for hole in holes {
        gone.extend(occurrences(hole, within)?);
    }
    gone.sort_unstable();
    let mut touched = Vec::new();
    let mut pieces: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for one in times {
        let left = without(one, &gone);
        if left == [one] {
            continue;
        }
        touched.push(one.0);
        left.into_iter().for_each(|(start, end)| pieces.entry(end - start).or_default().push(start));
    }
    if touched.len() > MOST {
        return Err(format!("more than {MOST} of its times have a hole in them"));
    }
    let mut all: Vec<Window> =
        pieces.iter().filter_map(|(length, starts)| piece(&window, *length, starts)).collect();
    if touched.is_empty() {
        all.push(window);
    } else if window.rrule.is_some() {
        let exdates = touched.into_iter().map(|start| same_form(window.start, start)).collect();
        all.insert(0, Window { exdates, ..window });
    }
    Ok(all)
}

/// What is left of a span of time beside holes, which are sorted.
fn without((start, end): Times, holes: &[Times]) -> Vec<Times> {
    let mut left = Vec::new();
    let mut from = start;
    for (hole_start, hole_end) in holes.iter().filter(|(from, to)| *from < end && *to > start) {
        if *hole_start > from {
            left.push((from, *hole_start));
        }
        from = from.max(*hole_end);
    }
    if from < end {
        left.push((from, end));
    }
    left
}

/// The pieces of one length as one window.
fn piece(of: &Window, length: i64, starts: &[i64]) -> Option<Window> {
    let (first, rest) = starts.split_first()?;
    // A piece of a whole day is hours of a clock.
    let form = if let Wall::Utc(_) = of.start { of.start } else { Wall::Local(Default::default()) };
    Some(Window {
        id: Id::new(&format!("{}-{}m{}", of.id, length / 60, length % 60)).ok()?,
        start: same_form(form, *first),
        end: same_form(form, first + length),
        rrule: None,
        rdates: rest.iter().map(|start| same_form(form, *start)).collect(),
        ..of.clone()
    })
}

/// That both are read on the same clock, one that does not move where what is written is an instant.
fn one_clock(window: &Window, holes: &[Window]) -> Result<(), String> {
    let is_utc = |window: &Window| matches!(window.start, Wall::Utc(_)) || matches!(window.end, Wall::Utc(_));
    if holes.iter().any(|hole| is_utc(hole) != is_utc(window)) {
        return Err("one is written in UTC and the other is not".to_owned());
    }
    if let Some(hole) = holes.iter().find(|hole| !is_utc(hole) && hole.zone != window.zone) {
        let zone = |window: &Window| window.zone.as_deref().unwrap_or("no zone of its own").to_owned();
        return Err(format!("one is read in {}, the other in {}", zone(hole), zone(window)));
    }
    let repeats = window.rrule.is_some() || holes.iter().any(|hole| hole.rrule.is_some());
    let moves = !["UTC", "GMT", "Etc/UTC", "Etc/GMT"].contains(&window.zone.as_deref().unwrap_or_default());
    if is_utc(window) && repeats && moves {
        return Err("it repeats, and is written in UTC for another zone".to_owned());
    }
    Ok(())
}

/// The ends of a window's first time on its own clock: a date as an end is the midnight that ends it.
fn ends(window: &Window) -> Times {
    let secs = |wall: Wall| wall.local().map_or_else(|| utc_secs(wall), recurrence::wall_secs);
    let last = if let Wall::Date(_) = window.end { DAY } else { 0 };
    (secs(window.start), secs(window.end) + last)
}

fn utc_secs(wall: Wall) -> i64 {
    match wall {
        Wall::Utc(at) => at.secs(),
        Wall::Date(_) | Wall::Local(_) => 0,
    }
}

/// When it occurs between two times, on its own clock: that clock is taken for UTC.
fn occurrences(window: &Window, (from, to): Times) -> Result<Vec<Times>, String> {
    let (start, end) = ends(window);
    let plain = Window {
        start: Wall::Utc(Instant::from_secs(start)),
        end: Wall::Utc(Instant::from_secs(end)),
        zone: Some(Line::new("UTC")),
        ..window.clone()
    };
    let Some(span) = Span::new(Instant::from_secs(from), Instant::from_secs(to)) else {
        return Ok(Vec::new());
    };
    let found = Recurring::new(&plain, Zone::UTC).and_then(|window| window.expand(span));
    let found = found.map_err(|fault| fault.to_string())?;
    Ok(found.iter().map(|one| (one.span.start().secs(), one.span.end().secs())).collect())
}

/// A time of the clock, written as this one is.
fn same_form(form: Wall, secs: i64) -> Wall {
    let clock = recurrence::wall_clock(secs);
    match form {
        Wall::Date(_) => Wall::Date(clock.date()),
        Wall::Local(_) => Wall::Local(clock),
        Wall::Utc(_) => Wall::Utc(Instant::from_secs(secs)),
    }
}
