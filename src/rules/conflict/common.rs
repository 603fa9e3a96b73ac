//! What two activities may have in common: the reason to compare them at all.
//!
//! A rule about pairs says what its pairs have in common (`rule.rs`). From nothing, each of these is swept once; around
//! an edit, the lanes of the edited activity are looked into.

use super::{
    dependency::shortest,
    pair::{Pair, Timed},
    sweep::{sweep, sweep_two},
    view::{Lane, View},
};
use crate::{
    model::Span,
    rules::facts::{NONE, Row},
};

/// What two activities that overlap have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Common {
    /// They share a CI (rules § Things).
    Service,
    /// A service of one reaches a service of the other along `depends_on`, in compatible environments.
    Dependency,
    /// A phase takes the whole environment that the change is in.
    WholeEnvironment,
    /// Two changes of one owner.
    Owner,
    /// Two activities of one group that does one thing at a time.
    ExclusiveGroup,
}

impl Common {
    /// Everything two activities may have in common.
    pub const ALL: [Self; 5] =
        [Self::Service, Self::Dependency, Self::WholeEnvironment, Self::Owner, Self::ExclusiveGroup];

    /// Whether a pair has it. A dependency is looked for by who needs its path.
    pub fn holds(self, view: &View<'_>, pair: &Pair<'_>) -> bool {
        let (x, y) = (pair.x.row, pair.y.row);
        match self {
            Self::Service => x.shares_ci(y),
            Self::Dependency => view.facts.graph().has_edges() && x.compatible(y),
            Self::WholeEnvironment => pair.whole_environment(),
            Self::Owner => x.owner != NONE && x.owner == y.owner,
            Self::ExclusiveGroup => x.group == y.group && view.facts.is_exclusive(x.group),
        }
    }

    /// Where those are found that have it in common with an activity.
    pub fn lanes(self, view: &View<'_>, row: &Row, lanes: &mut Vec<Lane>) {
        let services = || row.services.iter().map(|touch| touch.service);
        match self {
            Self::Service => lanes.extend(services().map(Lane::Service)),
            Self::Dependency => {
                for service in services() {
                    lanes.extend(view.below(service).iter().map(|step| Lane::Service(step.service)));
                    lanes.extend(view.above(service).iter().map(|step| Lane::Service(step.service)));
                }
            }
            Self::WholeEnvironment if row.environment == NONE => {}
            Self::WholeEnvironment if row.is_change() => lanes.push(Lane::Whole(row.environment)),
            Self::WholeEnvironment if row.whole_environment => lanes.push(Lane::Environment(row.environment)),
            Self::WholeEnvironment => {}
            Self::Owner => lanes.extend((row.owner != NONE).then_some(Lane::Owner(row.owner))),
            Self::ExclusiveGroup => {
                lanes.extend(view.facts.is_exclusive(row.group).then_some(Lane::Group(row.group)));
            }
        }
    }

    /// Every pair of live activities that has it, each once.
    pub fn sweep<'a>(self, view: &View<'a>, mut each: impl FnMut(&Pair<'a>)) {
        let facts = view.facts;
        let mut found = |x, y| each_pair(view, x, y, |_| true, &mut each);
        match self {
            Self::Service => {
                for (service, list) in facts.busy_services() {
                    sweep(list, view.now, |x, y| {
                        each_pair(view, x, y, |pair| told_by(pair, service), &mut each)
                    });
                }
            }
            Self::Dependency => dependencies(view, each),
            Self::WholeEnvironment => {
                for (environment, phases) in facts.whole_environments() {
                    sweep_two(phases, facts.of_environment(environment), view.now, |x, y| {
                        each_pair(view, x, y, |pair| pair.y.row.is_change(), &mut each);
                    });
                }
            }
            Self::Owner => facts.busy_owners().for_each(|(_, list)| sweep(list, view.now, &mut found)),
            Self::ExclusiveGroup => {
                let exclusive = facts.busy_groups().filter(|(group, _)| facts.is_exclusive(*group));
                exclusive.for_each(|(_, list)| sweep(list, view.now, &mut found));
            }
        }
    }
}

fn each_pair<'a>(
    view: &View<'a>,
    x: (u32, Span),
    y: (u32, Span),
    counts: impl Fn(&Pair<'a>) -> bool,
    each: &mut impl FnMut(&Pair<'a>),
) {
    if let Some(pair) = pair(view, x, y).filter(counts) {
        each(&pair);
    }
}

fn pair<'a>(view: &View<'a>, x: (u32, Span), y: (u32, Span)) -> Option<Pair<'a>> {
    let timed = |(number, span)| Some(Timed { number, row: view.row(number)?, span });
    Pair::of(timed(x)?, timed(y)?)
}

/// A pair that shares several services is told by the first of them.
fn told_by(pair: &Pair<'_>, service: u32) -> bool {
    pair.x.row.compatible(pair.y.row) && pair.x.row.first_shared(pair.y.row) == Some(service)
}

/// Services against what they depend on. A pair linked in several ways is told by its shortest.
fn dependencies<'a>(view: &View<'a>, mut each: impl FnMut(&Pair<'a>)) {
    if !view.facts.graph().has_edges() {
        return;
    }
    for (from, list) in view.facts.busy_services() {
        for step in view.below(from).iter() {
            let other = view.facts.of_service(step.service);
            sweep_two(list, other, view.now, |x, y| {
                let Some(mut pair) = pair(view, x, y).filter(|pair| pair.x.row.compatible(pair.y.row)) else {
                    return;
                };
                let link = shortest(view, &pair);
                if link.is_some_and(|link| (link.from, link.to) == ((x.0, from), (y.0, step.service))) {
                    pair.link = link;
                    each(&pair);
                }
            });
        }
    }
}
