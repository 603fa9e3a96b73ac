//! What a scope document says beside the plan: clashes inside and around, services and their neighbours, what differs
//! from an earlier day.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{Communication, ItemDiffers, Ledger, Neighbours, PlanClash, Since};
use crate::{
    model::{Id, Instant, Line, Release},
    rules::release::bundle::services_of,
};

impl Ledger {
    /// Every clash of its phases and of what it carries, the worst first, acknowledged ones last.
    pub(super) fn plan_clashes(&self, release: &Release) -> Vec<PlanClash> {
        let parts = self.parts(release);
        let mut seen = BTreeSet::new();
        let rows = parts.iter().flat_map(|id| self.rows.of(id)).filter(|row| seen.insert(&row.key));
        let mut rows: Vec<_> = rows.map(|row| (self.ack(row).is_some(), row)).collect();
        rows.sort_by(|(x, a), (y, b)| {
            (x, Reverse(a.severity)).cmp(&(y, Reverse(b.severity))).then_with(|| a.key.cmp(&b.key))
        });
        let clash =
            |(acknowledged, row): (bool, &std::sync::Arc<crate::rules::conflict::Conflict>)| PlanClash {
                rule: row.key.rule,
                severity: row.severity,
                reason: row.reason(),
                inside: row.key.b.as_ref().is_some_and(|b| parts.contains(&row.key.a) && parts.contains(b)),
                acknowledged,
            };
        rows.into_iter().map(clash).collect()
    }

    /// The release, its phases and what it carries.
    fn parts(&self, release: &Release) -> BTreeSet<Id> {
        let phases = release.phases.iter().map(|phase| Id::phase(&release.id, &phase.id));
        let bundle = self.facts.bundle(&release.id).cloned();
        std::iter::once(release.id.clone()).chain(phases).chain(bundle).collect()
    }

    /// The services of the release and of what it carries, each with what lies one hop from it.
    pub(super) fn infrastructure(&self, release: &Release) -> Vec<Neighbours> {
        let facts = &self.facts;
        let parts = self.parts(release);
        let rows: Vec<_> = parts.iter().filter_map(|id| facts.row(id)).collect();
        let mut services = services_of(facts, release);
        services.extend(rows.iter().flat_map(|row| row.services.iter().map(|touch| touch.service)));
        let names = |reached: Vec<crate::rules::facts::graph::Reached>| {
            let mut names: Vec<Line> = reached.iter().map(|step| facts.named(step.service)).collect();
            names.sort();
            names
        };
        let mut all: Vec<Neighbours> = services
            .into_iter()
            .map(|service| Neighbours {
                service: facts.named(service),
                needs: names(facts.graph().below(service, 1)),
                needed_by: names(facts.graph().above(service, 1)),
                touched: rows.iter().filter(|row| row.touches(service)).count(),
            })
            .collect();
        all.sort_by(|a, b| a.service.cmp(&b.service));
        all
    }

    pub(super) fn communication(&self, release: &Id) -> Vec<Communication> {
        let changes = self.facts.bundle(release).filter_map(|id| self.facts.change(id));
        let said = changes.filter(|change| !change.communication_plan.is_no_plan());
        said.map(|change| Communication { id: change.id.clone(), plan: change.communication_plan.clone() })
            .collect()
    }

    /// Material facts that differ from those of the revision that stood at an instant.
    pub(super) fn since_then(&self, release: &Id, at: Instant) -> Since {
        let mut since = Since { at, changes: Vec::new(), unseen: Vec::new() };
        let items = std::iter::once(release).chain(self.facts.bundle(release));
        for id in items {
            let item = self.fold.get(id);
            let seen = item.and_then(|item| item.sightings.iter().rev().find(|(when, _)| *when <= at));
            let then = seen.and_then(|(_, revision)| self.fold.facts(revision));
            let Some((then, now)) = then.zip(self.facts.material(id)) else {
                since.unseen.push(id.clone());
                continue;
            };
            since.changes.extend(then.changes_to(&now).into_iter().map(|change| ItemDiffers {
                id: id.clone(),
                field: change.field,
                old: change.old,
                new: change.new,
            }));
        }
        since
    }
}
