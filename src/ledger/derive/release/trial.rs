//! Bundling on trial: what it would solve and bring, and which votes would start again.

use serde::{Deserialize, Serialize};

use super::{Apart, Ledger};
use crate::{
    label::count,
    model::{Id, Release, Standing},
    rules::release::bundle::{self, Fit, Suggestion},
};

/// Changes apart from a release that are shown.
const APART: usize = 20;

/// What bundling a change, or taking it out, would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BundleTrial {
    /// Clashes that go or become softer, as they are now, in words.
    pub solved: Vec<String>,
    /// Clashes that come or become harder.
    pub new: Vec<String>,
    /// Votes on the change and on its releases that start again.
    pub votes: u32,
    /// Items whose approval lapses.
    pub lapses: Vec<Id>,
}

impl BundleTrial {
    /// `2 solved, 1 new, 3 votes start again`.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = vec![format!("{} solved", self.solved.len()), format!("{} new", self.new.len())];
        parts.push(match self.votes {
            0 => "no vote starts again".to_owned(),
            1 => "1 vote starts again".to_owned(),
            votes => format!("{votes} votes start again"),
        });
        if !self.lapses.is_empty() {
            let names: Vec<&str> = self.lapses.iter().map(Id::as_str).collect();
            parts.push(format!("the {} of {} lapse", crate::label::many("approval"), names.join(", ")));
        }
        parts.join(", ")
    }
}

impl Ledger {
    /// What bundling a change into a release, or into none, would do; `None` for what is no change, or no release.
    #[must_use]
    pub fn bundle_trial(&self, change: &Id, into: Option<&Id>) -> Option<BundleTrial> {
        let then = bundle::bundle_if(&self.facts, change, into, self.now, &self.decisions())?;
        Some(self.trial(change, &then))
    }

    fn trial(&self, change: &Id, then: &bundle::BundleIf) -> BundleTrial {
        let before = self.facts.change(change).and_then(|change| self.facts.release_of(change));
        let items: Vec<&Id> = std::iter::once(change).chain(&before).chain(&then.release).collect();
        let lapses = items
            .iter()
            .filter(|id| self.fold.get(id).is_some_and(|item| item.standing == Standing::Approved));
        BundleTrial {
            solved: then.solved.iter().map(|row| row.reason()).collect(),
            new: then.new.iter().map(|row| row.reason()).collect(),
            votes: items.iter().map(|id| self.votes_on(id)).fold(0, u32::saturating_add),
            lapses: lapses.map(|id| (*id).clone()).collect(),
        }
    }

    /// Votes that a material change of an item would lose.
    fn votes_on(&self, item: &Id) -> u32 {
        let Some((known, round)) = self.fold.get(item).zip(self.fold.round(item)) else { return 0 };
        let stands = round.is_open() || known.standing == Standing::Approved;
        if stands { u32::try_from(round.votes.len()).unwrap_or(u32::MAX) } else { 0 }
    }

    /// What shares a service with a release and is not bundled: what fits first, ranked; then the rest, by id.
    pub(super) fn apart(&self, release: &Release) -> Vec<Apart> {
        let votes = |id: &Id| self.votes_on(id);
        let found = bundle::suggest(&self.facts, release, self.now, &self.decisions(), &votes);
        let title = |id: &Id| self.facts.change(id).map(|change| change.title.clone()).unwrap_or_default();
        let mut apart: Vec<Apart> = found
            .iter()
            .map(|Suggestion { fit, then, .. }| Apart {
                id: fit.change.clone(),
                title: title(&fit.change),
                services: fit.services.clone(),
                fits: true,
                why: why(fit),
                trial: self.trial(&fit.change, then),
            })
            .collect();
        for (id, services) in bundle::sharing(&self.facts, release) {
            if apart.len() >= APART {
                break;
            }
            if !found.iter().any(|one| one.fit.change == id) {
                let trial = self.bundle_trial(&id, Some(&release.id)).unwrap_or_default();
                apart.push(Apart { title: title(&id), id, services, fits: false, why: Vec::new(), trial });
            }
        }
        apart.truncate(APART);
        apart
    }
}

fn why(fit: &Fit) -> Vec<String> {
    let mut why = vec![format!("shares {}", count(fit.services.len(), "service"))];
    why.extend(fit.near.as_ref().map(|phase| format!("lies within a day of {phase}")));
    why.extend(fit.same_person.then(|| "is of the same person".to_owned()));
    why.extend(fit.named.then(|| "names it in its title".to_owned()));
    why
}
