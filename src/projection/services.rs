//! The page of a service, from facts, incidents and numbers.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{incidents, rows};
use crate::{
    ledger::Ledger,
    model::{Instant, Line, Span, WindowKind, time::DAY},
    rules::{
        facts::{Facts, NONE, Row, windows::WindowRow},
        numbers::interval::wilson,
    },
    wire::{
        ActivityRow, Problem, ProblemKind,
        service::{Failures, NearWork, Neighbour, NextWindow, ServiceView},
    },
};

/// Activities and incidents that are listed, each; the others are counted.
const MOST: usize = 50;
/// Days in which the next windows are looked for.
const WINDOW_DAYS: i64 = 14;
/// Days whose changes the failure share counts.
const FAILURE_DAYS: i64 = 365;

/// A service by its id, its name or an alias.
///
/// # Errors
/// When no record and no activity names it.
pub fn view(ledger: &Ledger, name: &str, now: Instant) -> Result<ServiceView, Problem> {
    let facts = ledger.facts();
    let number = facts.service_number(name);
    if number == NONE {
        return Err(Problem::new(ProblemKind::NotFound, format!("nothing here names a service {name}"))
            .hint("an id, a name or an alias of a service is meant; the palette lists them"));
    }
    let (ahead, past) = work(facts, number, now);
    let incidents = incidents::chosen(ledger, None, false, Some(name))?;
    let listed = |ids: &[&Row]| -> Vec<ActivityRow> {
        ids.iter().take(MOST).filter_map(|row| rows::activity(ledger, &row.id)).collect()
    };
    Ok(ServiceView {
        name: spelled(facts, number, ahead.first().or(past.first()).copied()),
        record: facts.service(name).cloned(),
        needs: tree(facts, number, now, Way::Needs),
        needed_by: tree(facts, number, now, Way::NeededBy),
        windows: next_windows(facts, number, now),
        ahead: listed(&ahead),
        ahead_count: ahead.len(),
        past: listed(&past),
        past_count: past.len(),
        incident_count: incidents.len(),
        incidents: incidents.into_iter().take(MOST).collect(),
        failures: failures(ledger, number, now),
    })
}

/// As its record calls it, else as an activity on it does.
fn spelled(facts: &Facts, number: u32, on_it: Option<&Row>) -> Line {
    on_it.map_or_else(|| facts.named(number), |row| facts.spelled(row, number))
}

/// What is on a service: running and to come by start, and what is over from the newest.
fn work(facts: &Facts, number: u32, now: Instant) -> (Vec<&Row>, Vec<&Row>) {
    let on = facts.rows().map(|(_, row)| row).filter(|row| row.touches(number));
    let is_ahead = |row: &&Row| row.live && row.when(now).span().is_none_or(|span| span.end() > now);
    let (mut ahead, mut past): (Vec<&Row>, Vec<&Row>) = on.partition(is_ahead);
    let start = |row: &Row| row.when(now).start();
    ahead.sort_by_key(|row| (start(row).is_none(), start(row), &row.id));
    past.sort_by_key(|row| (Reverse(start(row)), &row.id));
    (ahead, past)
}

/// In which direction a dependency is followed.
#[derive(Debug, Clone, Copy)]
enum Way {
    Needs,
    NeededBy,
}

/// Two hops in one direction; what is met twice stands once, where it is nearest.
fn tree(facts: &Facts, number: u32, now: Instant, way: Way) -> Vec<Neighbour> {
    let graph = facts.graph();
    let hop = |at: u32| -> Vec<u32> {
        let reached = match way {
            Way::Needs => graph.below(at, 1),
            Way::NeededBy => graph.above(at, 1),
        };
        let mut found: Vec<u32> = reached.into_iter().map(|step| step.service).collect();
        found.sort_by(|a, b| facts.service_text(*a).cmp(facts.service_text(*b)));
        found
    };
    // A dependency is named by its record, else as it was written.
    let named = |from: u32, to: u32| match way {
        Way::Needs => {
            graph.written(from, to).map_or_else(|| facts.named(to), |written| facts.named_or(to, written))
        }
        Way::NeededBy => facts.named(to),
    };
    let near = |from: u32, service: u32, hops: u8| Neighbour {
        service: named(from, service),
        hops,
        work: today(facts, service, now),
    };
    let first = hop(number);
    let mut seen: BTreeSet<u32> = first.iter().copied().chain([number]).collect();
    let mut all = Vec::new();
    for one in first {
        all.push(near(number, one, 1));
        all.extend(hop(one).into_iter().filter(|two| seen.insert(*two)).map(|two| near(one, two, 2)));
    }
    all
}

/// Live work on a service that touches the next 24 hours, by start.
fn today(facts: &Facts, service: u32, now: Instant) -> Vec<NearWork> {
    let Some(day) = Span::new(now, now.plus(DAY)) else { return Vec::new() };
    let rows = facts.of_service(service).overlapping(day, now);
    let mut work: Vec<NearWork> = rows
        .filter_map(|(number, span)| {
            let row = facts.row_at(number)?;
            Some(NearWork { id: row.id.clone(), start: span.start(), running: row.actual().0.is_some() })
        })
        .collect();
    work.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    work
}

/// The next time of each window that names it, and of maintenance and freezes of all services.
fn next_windows(facts: &Facts, number: u32, now: Instant) -> Vec<NextWindow> {
    let Some(ahead) = Span::new(now, now.plus(WINDOW_DAYS * DAY)) else { return Vec::new() };
    let speaks = |row: &&WindowRow| match row.kind() {
        WindowKind::Maintenance | WindowKind::Freeze | WindowKind::Unknown => {
            row.services.is_empty() || row.services.contains(&number)
        }
        WindowKind::Release | WindowKind::Sprint | WindowKind::Event | WindowKind::Meeting => {
            row.services.contains(&number)
        }
    };
    let next = |row: &WindowRow| {
        let first = facts.occurrences(&row.window.id, ahead).into_iter().min_by_key(|span| span.start());
        let known = first.is_some() || row.fault.is_some();
        known.then(|| NextWindow {
            id: row.window.id.clone(),
            name: row.window.name.clone(),
            kind: Line::new(row.window.kind.as_given()),
            start: first.map(|span| span.start()),
            end: first.map(|span| span.end()),
            of_all: row.services.is_empty(),
        })
    };
    let mut all: Vec<NextWindow> = facts.window_rows().iter().filter(speaks).filter_map(next).collect();
    all.sort_by(|a, b| (a.start.is_none(), a.start, &a.id).cmp(&(b.start.is_none(), b.start, &b.id)));
    all
}

/// Counted as the failed change rate counts (numbers § Numbers).
fn failures(ledger: &Ledger, number: u32, now: Instant) -> Failures {
    let rows = ledger.number_rows(&ledger.causes(), now.plus(-FAILURE_DAYS * DAY), now.plus(1), now);
    let on = |one: &&crate::rules::numbers::Work<'_>| {
        one.traits.services.iter().any(|touch| touch.service == number)
    };
    let (mut failed, mut of) = (0, 0);
    for one in rows.work.iter().filter(on) {
        of += 1;
        failed += u64::from(one.failed());
    }
    Failures { failed, of, interval: wilson(failed, of) }
}
