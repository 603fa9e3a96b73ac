//! What the board knows of a release, gathered for its checks and for who looks at it.

use std::{collections::BTreeSet, sync::Arc};

use super::{super::telling::CommsLine, CarriedChange, Ledger, PlanWindow, PlannedPhase};
use crate::{
    label::Label,
    model::{
        Change, Id, Outcome, Phase, Release, RuleId, Severity, Span, Standing, State, WindowKind, time::DAY,
    },
    rules::{
        approval::Route,
        conflict::{self, Conflict},
        facts::fold,
        release::readiness::{self, Announced, Carried, Decided, Known, PhaseFacts, Readiness},
        risk::History,
    },
};

impl Ledger {
    /// Whether a release may be deployed, check by check.
    #[must_use]
    pub fn readiness(&self, release: &Release) -> Readiness {
        let decided = self.decisions();
        let blocks = self.open_rows(release).into_iter().filter(|row| row.severity == Severity::Block);
        let open = release.phases.iter().filter(|phase| phase.state.value.is_live());
        let phases = open.map(|phase| {
            let id = Id::phase(&release.id, &phase.id);
            let outside = self.rows.of(&id).any(|row| row.key.rule == RuleId::C19 && self.ack(row).is_none());
            let missing = conflict::unchecked_of(&self.facts, &id, self.now, &decided);
            let unchecked = missing.into_iter().find(|row| row.rule == RuleId::C19);
            PhaseFacts {
                id: phase.id.to_string(),
                timed: phase.start.zip(phase.end).is_some_and(|(start, end)| start < end),
                outside,
                unchecked: unchecked.map(|row| format!("{} is missing", row.missing)),
                minutes: self.rollback_minutes(phase).is_some(),
            }
        });
        let bundle = self.facts.bundle(&release.id).filter_map(|id| self.facts.change(id));
        readiness::readiness(&Known {
            release,
            bundle: bundle.map(|change| (change.id.clone(), self.carried(change))).collect(),
            blocks: blocks.map(|row| row.reason()).collect(),
            unchecked: self.unchecked_freezes(&release.id),
            phases: phases.collect(),
            decided: self.release_decided(release),
            announced: self.announced(release),
        })
    }

    /// Open rows of a release, its phases and what it carries, each once.
    pub(super) fn open_rows(&self, release: &Release) -> Vec<&Arc<Conflict>> {
        let mut seen = BTreeSet::new();
        let carried = self.facts.bundle(&release.id).flat_map(|id| self.rows.of(id));
        let rows = self.rows_of_item(&release.id).chain(carried);
        rows.filter(|row| self.ack(row).is_none()).filter(|row| seen.insert(&row.key)).collect()
    }

    /// How a bundled change stands: by the board, and by its own system.
    pub(in crate::ledger::derive) fn carried(&self, change: &Change) -> Carried {
        match change.outcome.as_ref().map(|word| word.value) {
            Some(Outcome::Failed | Outcome::BackedOut) => return Carried::Failed,
            Some(Outcome::Successful | Outcome::SuccessfulWithIssues) => return Carried::Done,
            Some(Outcome::Unknown) | None => {}
        }
        match change.state.value {
            State::Cancelled | State::Rejected => return Carried::Off,
            State::Closed => return Carried::Untold,
            State::Draft
            | State::Assess
            | State::Authorize
            | State::Scheduled
            | State::Implement
            | State::Review
            | State::Unknown => {}
        }
        let standing = self.fold.get(&change.id).map_or(Standing::None, |item| item.standing);
        match standing {
            Standing::Lapsed => Carried::Lapsed,
            Standing::Rejected => Carried::Off,
            Standing::None | Standing::Open | Standing::Approved | Standing::Deferred | Standing::Asked => {
                if self.is_let_go(&change.id) {
                    Carried::Approved
                } else {
                    Carried::Waiting
                }
            }
        }
    }

    pub(in crate::ledger::derive) fn release_decided(&self, release: &Release) -> Decided {
        let item = self.fold.get(&release.id);
        let revision = self.facts.revision(&release.id);
        match item.map_or(Standing::None, |item| item.standing) {
            Standing::Approved if item.zip(revision).is_some_and(|(item, at)| item.approves(&at)) => {
                Decided::Approved
            }
            Standing::Approved | Standing::Lapsed => Decided::Lapsed,
            Standing::Open => Decided::Open,
            Standing::Rejected => Decided::Rejected,
            Standing::Deferred | Standing::Asked => Decided::PutOff,
            Standing::None => match self.routing(&release.id, self.now).map(|routing| routing.route) {
                Some(Route::Board { .. }) => Decided::NotAsked,
                Some(Route::Auto { .. }) | None => Decided::NotRouted,
            },
        }
    }

    /// How a release is announced, where the policy that routes it asks for that.
    fn announced(&self, release: &Release) -> Option<Announced> {
        if self.fold.rules.policies.iter().all(|policy| policy.announce_hours.is_none()) {
            return None;
        }
        let policy = match self.routing(&release.id, self.now)?.route {
            Route::Board { policy, .. } => policy,
            Route::Auto { .. } => return None,
        };
        let hours = policy.announce_hours?;
        let comms = self.comms(&release.id, self.now)?;
        let first = |line: &CommsLine| {
            let told = self.fold.telling.of(&release.id, &line.audience);
            (line.audience.to_string(), told.filter_map(|sent| sent.told_at()).min())
        };
        let stale = comms.due().filter(|(line, _)| line.heard.is_some());
        Some(Announced {
            hours,
            start: release.phases.iter().filter_map(|phase| phase.start).min(),
            audiences: comms.audiences.iter().map(first).collect(),
            stale: stale.map(|(line, _)| line.audience.to_string()).collect(),
        })
    }

    pub(super) fn planned_phase(&self, release: &Release, phase: &Phase) -> PlannedPhase {
        let id = Id::phase(&release.id, &phase.id);
        let open = self.rows.of(&id).filter(|row| self.ack(row).is_none());
        PlannedPhase {
            name: phase.name.clone(),
            strategy: phase.strategy.value,
            share: phase.share,
            environment: phase.environment.clone(),
            services: phase.services.clone(),
            start: phase.start,
            end: phase.end,
            actual_start: phase.actual_start,
            actual_end: phase.actual_end,
            state: phase.state.value,
            dropped: self.facts.run(&id).is_some_and(|run| run.dropped.is_some()),
            point_of_no_return: phase.point_of_no_return,
            rollback_minutes: self.rollback_minutes(phase),
            owner: phase.owner.clone().or_else(|| release.manager.clone()),
            criteria: phase.criteria.clone(),
            before_go: if phase.state.value.is_live() { self.before_go(release, phase) } else { Vec::new() },
            clash: open.map(|row| row.severity).max(),
            id,
        }
    }

    /// The windows that its phases belong in, a day around them.
    pub(super) fn plan_windows(&self, release: &Release) -> Vec<PlanWindow> {
        let spans = release.phases.iter().filter_map(|phase| phase.when(self.now).span());
        let whole =
            spans.reduce(|a, b| Span::new(a.start().min(b.start()), a.end().max(b.end())).unwrap_or(a));
        let wide = whole.and_then(|span| Span::new(span.start().plus(-DAY), span.end().plus(DAY)));
        let Some(wide) = wide else { return Vec::new() };
        let sprint = release.sprint.as_ref().map(|sprint| fold(sprint));
        let rows: Vec<_> = release
            .phases
            .iter()
            .filter_map(|phase| self.facts.row(&Id::phase(&release.id, &phase.id)))
            .collect();
        let own = |window: &&crate::rules::facts::windows::WindowRow| {
            let names = [fold(window.window.id.as_str()), fold(&window.window.name)];
            let kind = match window.kind() {
                WindowKind::Release => true,
                WindowKind::Sprint => sprint.as_ref().is_some_and(|sprint| names.contains(sprint)),
                WindowKind::Maintenance
                | WindowKind::Freeze
                | WindowKind::Event
                | WindowKind::Meeting
                | WindowKind::Unknown => false,
            };
            let covers = |row: &&crate::rules::facts::Row| {
                window.matches_besides_services(row)
                    && (window.services.is_empty()
                        || window.services.iter().any(|service| row.touches(*service)))
            };
            kind && rows.iter().any(covers)
        };
        let windows = self.facts.window_rows().iter().filter(own);
        let planned = windows.map(|window| PlanWindow {
            id: window.window.id.clone(),
            kind: window.kind(),
            spans: self.facts.occurrences(&window.window.id, wide),
        });
        planned.filter(|window| !window.spans.is_empty()).collect()
    }

    pub(super) fn carried_changes(&self, release: &Id) -> Vec<CarriedChange> {
        let changes = self.facts.bundle(release).filter_map(|id| self.facts.change(id));
        let row = |change: &Change| CarriedChange {
            id: change.id.clone(),
            title: change.title.clone(),
            owner: change.owner.clone(),
            start: change.planned_start,
            end: change.planned_end,
            stands: match self.carried(change) {
                Carried::Approved => Standing::Approved.label().to_owned(),
                Carried::Lapsed => Standing::Lapsed.label().to_owned(),
                Carried::Off => change.state.value.label().to_owned(),
                Carried::Waiting => "not approved".to_owned(),
                Carried::Done | Carried::Failed => {
                    change.outcome.as_ref().map(|word| word.value.label()).unwrap_or_default().to_owned()
                }
                Carried::Untold => "over, outcome not said".to_owned(),
            },
            clash: self
                .rows
                .of(&change.id)
                .filter(|row| self.ack(row).is_none())
                .map(|row| row.severity)
                .max(),
        };
        let mut rows: Vec<CarriedChange> = changes.map(row).collect();
        rows.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
        rows
    }

    pub(super) fn release_risk(&self, id: &Id) -> String {
        let rows = self.conflicts().iter().map(|row| &**row);
        let estimate = History::of(&self.facts).release(&self.facts, id, rows);
        estimate.map_or_else(String::new, |estimate| estimate.to_string())
    }
}
