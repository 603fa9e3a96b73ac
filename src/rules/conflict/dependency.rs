//! The shortest way along `depends_on` between two activities.

use super::{
    pair::{Link, Pair},
    view::View,
};

/// The shortest dependency in either direction; among equals the first by the names at its ends.
pub(super) fn shortest(view: &View<'_>, pair: &Pair<'_>) -> Option<Link> {
    let mut best: Option<Link> = None;
    let text = |service: u32| view.facts.service_text(service);
    for (x, y) in [(pair.x, pair.y), (pair.y, pair.x)] {
        for own in x.row.services.iter().map(|touch| touch.service) {
            for step in view.below(own).iter().filter(|step| y.row.touches(step.service)) {
                let link = Link { hops: step.hops, from: (x.number, own), to: (y.number, step.service) };
                let key = |link: &Link| (link.hops, text(link.from.1), text(link.to.1));
                if best.as_ref().is_none_or(|best| key(&link) < key(best)) {
                    best = Some(link);
                }
            }
        }
    }
    best
}
