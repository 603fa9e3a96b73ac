//! Where an activity of the board stands: its plan, its run and its limit, put together (run § Doing).

use std::collections::BTreeSet;

use super::{limit::limit_of, view::View};
use crate::{
    model::{Id, Instant, Line, run::Run},
    rules::{
        facts::{ActivityRef, NONE, Row},
        run::{self, Plan, Progress, RunFacts},
    },
};

/// The steps of an activity.
#[must_use]
pub fn plan_of(row: &Row) -> Plan {
    match (row.change(), row.phase()) {
        (Some(change), _) => Plan::of_change(change),
        (None, Some(phase)) => Plan::of_phase(phase),
        (None, None) => Plan::default(),
    }
}

/// Where an activity stands at the instant of the view.
#[must_use]
pub fn progress_of(view: &View<'_>, at: ActivityRef<'_>) -> Progress {
    Chain { view, seen: BTreeSet::new() }.progress(at)
}

/// What an activity that has not started waits for longest, where that keeps it from its planned start: the id, and when
/// it is projected to end.
#[must_use]
pub fn waits_of(view: &View<'_>, at: ActivityRef<'_>) -> Option<(Id, Instant)> {
    if at.row.actual() != (None, None) {
        return None;
    }
    let mut chain = Chain { view, seen: BTreeSet::from([at.number]) };
    let (until, number) = chain.longest(at)?;
    let planned = at.row.planned().0?;
    let other = view.row(number)?;
    (until > planned).then(|| (other.id.clone(), until))
}

/// Activities whose ends hang on each other, each looked at once: a circle of `after` ends there.
struct Chain<'v, 'a> {
    view: &'v View<'a>,
    seen: BTreeSet<u32>,
}

impl Chain<'_, '_> {
    fn progress(&mut self, at: ActivityRef<'_>) -> Progress {
        self.seen.insert(at.number);
        let none = Run::default();
        let run = self.view.facts.run(&at.row.id).map_or(&none, |run| &**run);
        let (started, ended) = at.row.actual();
        let plan = plan_of(at.row);
        run::progress(RunFacts {
            plan: &plan,
            run,
            started,
            ended,
            planned: at.row.planned(),
            limit: limit_of(self.view, at).map(|limit| limit.at),
            not_before: if started.is_none() { self.not_before(at) } else { None },
            heard: heard(self.view, at.row, run),
            now: self.view.now,
        })
    }

    /// When what it waits for is projected to end, and what its owner is at.
    fn not_before(&mut self, at: ActivityRef<'_>) -> Option<Instant> {
        self.longest(at).map(|(until, _)| until)
    }

    /// The one of those that is projected to end last.
    fn longest(&mut self, at: ActivityRef<'_>) -> Option<(Instant, u32)> {
        let facts = self.view.facts;
        let before = at.row.change().map(|change| change.after.as_slice()).unwrap_or_default();
        let mut waits: Vec<u32> = before.iter().filter_map(|id| facts.number(id)).collect();
        if at.row.owner != NONE {
            let own = facts.of_owner(at.row.owner).entries().iter().map(|entry| entry.row);
            waits.extend(own.filter(|number| *number != at.number && self.runs(*number)));
        }
        let mut latest = None;
        for number in waits {
            if self.seen.contains(&number) {
                continue;
            }
            let Some(other) = self.view.at(number).filter(|other| other.row.live) else { continue };
            latest = latest.max(self.progress(other).projected_end.map(|until| (until, number)));
        }
        latest
    }

    fn runs(&self, number: u32) -> bool {
        self.view.row(number).is_some_and(|row| matches!(row.actual(), (Some(_), None)))
    }
}

/// When its owner or one of its operators was last heard of; anybody, where nobody here is one of those.
fn heard(view: &View<'_>, row: &Row, run: &Run) -> Option<Instant> {
    let mut names: Vec<&Line> = Vec::new();
    if let Some(change) = row.change() {
        names.extend(change.owner.iter().chain(&change.operators));
    } else if let Some(phase) = row.phase() {
        names.extend(phase.owner.iter().chain(&phase.operators));
    }
    let people: Vec<&Id> =
        names.into_iter().filter_map(|name| view.facts.person(name)).map(|person| &person.id).collect();
    let theirs = |person: Option<&Id>| people.is_empty() || person.is_some_and(|id| people.contains(&id));
    run.heard.iter().filter(|said| theirs(said.person.as_ref())).map(|said| said.at).max()
}
