//! The slim rows of a snapshot, made from the live board: what lists and calendars draw, and nothing that they do not.

use std::sync::Arc;

use crate::{
    ledger::Ledger,
    model::{
        Change, Id, Impact, Line, Outcome, Phase, RecordKind, Release, Risk, Severity, SourceId, Standing,
        Strategy, When,
    },
    rules::{
        approval::{Subject, route},
        conflict::Conflict,
        facts::Facts,
    },
    wire::{Ack, ActivityKind, ActivityRow, Clashes, ConflictRow, ItemRow, Names, StateWord, row::WordOf},
};

/// The row of a change or a phase.
#[must_use]
pub fn activity(ledger: &Ledger, id: &Id) -> Option<ActivityRow> {
    let facts = ledger.facts();
    if let Some(change) = facts.change(id) {
        return Some(of_change(ledger, change));
    }
    let (release, phase) = facts.phase(id)?;
    Some(of_phase(ledger, id, release, phase))
}

/// The ids of the phases of a release, in order.
pub fn phases(release: &Release) -> impl Iterator<Item = Id> + use<'_> {
    release.phases.iter().map(|phase| Id::phase(&release.id, &phase.id))
}

/// The ids of all that has a row.
#[must_use]
pub fn names(ledger: &Ledger) -> Names {
    let facts = ledger.facts();
    let mut names = Names::default();
    for release in facts.releases() {
        names.releases.push(release.id.clone());
        let drawn = phases(release).filter(|id| facts.change(id).is_none() && facts.phase(id).is_some());
        names.phases.extend(drawn.map(|id| (id, release.id.clone())));
    }
    names.phases.sort();
    names.phases.dedup_by(|x, y| x.0 == y.0);
    names.changes = facts.changes().map(|change| change.id.clone()).collect();
    names.windows = facts.windows().map(|window| window.id.clone()).collect();
    names.incidents = facts.incidents().map(|incident| incident.id.clone()).collect();
    names.services = facts.services().map(|service| service.id.clone()).collect();
    names.people = facts.people().map(|person| person.id.clone()).collect();
    names.people.sort();
    names
}

/// The row of a release.
#[must_use]
pub fn release(ledger: &Ledger, id: &Id) -> Option<ItemRow> {
    let facts = ledger.facts();
    let release = facts.release(id)?;
    Some(ItemRow {
        id: id.clone(),
        name: release.name.clone(),
        version: release.version.clone(),
        kind: WordOf::from(&release.kind),
        state: WordOf::from(&release.state),
        standing: standing(ledger, id),
        manager: release.manager.clone(),
        source: source(facts, RecordKind::Release, id),
        phases: phases(release).collect(),
        bundle: facts.bundle(id).cloned().collect(),
        revision: facts.revision(id)?,
        review_due: ledger.reviews_due().contains(id),
        fault: !facts.faults_of(id).is_empty(),
        updated_at: release.updated_at,
    })
}

/// A conflict with its acknowledgement, while that holds.
#[must_use]
pub fn conflict(ledger: &Ledger, row: &Arc<Conflict>) -> ConflictRow {
    ConflictRow { conflict: Arc::clone(row), ack: ack(ledger, row) }
}

/// The acknowledgement of a conflict, while it holds.
#[must_use]
pub fn ack(ledger: &Ledger, row: &Conflict) -> Option<Arc<Ack>> {
    ledger.ack(row).map(|ack| {
        Arc::new(Ack {
            by: crate::ledger::fold::name(&ack.by),
            reason: Line::new(&ack.reason),
            until: ack.until,
        })
    })
}

fn of_change(ledger: &Ledger, change: &Change) -> ActivityRow {
    let facts = ledger.facts();
    let now = ledger.now();
    ActivityRow {
        id: change.id.clone(),
        item: change.id.clone(),
        kind: ActivityKind::Change(WordOf::from(&change.kind)),
        title: change.title.clone(),
        state: StateWord::Change(WordOf::from(&change.state)),
        standing: standing(ledger, &change.id),
        risk: WordOf::from(&change.risk),
        treated_risk: treated_risk(ledger, &change.id, change.risk.value),
        impact: change.impact.value,
        services: change.services.iter().cloned().collect(),
        service_ids: service_ids(facts, &change.services),
        class: class(facts, &change.services),
        environment: change.environment.clone(),
        owner: change.owner.clone(),
        requester: change.requester.clone(),
        group: change.group.clone(),
        release: facts.release_of(change),
        source: source(facts, RecordKind::Change, &change.id),
        when: change.when(now),
        planned: When::of(change.planned_start, change.planned_end),
        started: change.actual_start,
        ended: change.actual_end,
        outcome: change.outcome.as_ref().map(|word| word.value).filter(|o| *o != Outcome::Unknown),
        approval: facts.there(&change.id).word(),
        live: change.state.value.is_live(),
        rollback_minutes: change.rollback_minutes,
        has_rollback_plan: !change.rollback_plan.is_no_plan(),
        has_test_plan: !change.test_plan.is_no_plan(),
        clashes: clashes(ledger, &change.id),
        review_due: ledger.reviews_due().contains(&change.id),
        fault: !facts.faults_of(&change.id).is_empty(),
        updated_at: change.updated_at,
        url: change.url.clone(),
    }
}

fn of_phase(ledger: &Ledger, id: &Id, release: &Release, phase: &Phase) -> ActivityRow {
    let facts = ledger.facts();
    let services = if phase.services.is_empty() { &release.services } else { &phase.services };
    let strategy: Strategy = phase.strategy.value;
    ActivityRow {
        id: id.clone(),
        item: release.id.clone(),
        kind: ActivityKind::Phase { strategy, share: phase.share },
        title: phase_title(release, phase),
        state: StateWord::Phase(WordOf::from(&phase.state)),
        standing: standing(ledger, &release.id),
        risk: WordOf::known(Risk::Unknown),
        treated_risk: treated_risk(ledger, &release.id, Risk::Unknown),
        impact: Impact::Unknown,
        services: services.iter().cloned().collect(),
        service_ids: service_ids(facts, services),
        class: class(facts, services),
        environment: phase.environment.clone(),
        owner: release.manager.clone(),
        requester: None,
        group: None,
        release: Some(release.id.clone()),
        source: source(facts, RecordKind::Release, &release.id),
        when: phase.when(ledger.now()),
        planned: When::of(phase.start, phase.end),
        started: phase.actual_start,
        ended: phase.actual_end,
        outcome: None,
        approval: None,
        live: release.state.value.is_live() && phase.state.value.is_live(),
        rollback_minutes: None,
        has_rollback_plan: !release.contingency.is_no_plan(),
        has_test_plan: false,
        clashes: clashes(ledger, id),
        review_due: ledger.reviews_due().contains(&release.id),
        fault: !facts.faults_of(&release.id).is_empty(),
        updated_at: release.updated_at,
        url: release.url.clone(),
    }
}

/// `Checkout 4.2.0 canary`.
fn phase_title(release: &Release, phase: &Phase) -> Line {
    let name = if phase.name.is_empty() { phase.id.as_str() } else { phase.name.as_str() };
    let release = if release.name.is_empty() { release.id.as_str() } else { release.name.as_str() };
    Line::new(&format!("{release} {name}"))
}

fn standing(ledger: &Ledger, item: &Id) -> Standing {
    ledger.fold().get(item).map_or(Standing::None, |item| item.standing)
}

fn source(facts: &Facts, kind: RecordKind, id: &Id) -> SourceId {
    facts.source_of(kind, id).cloned().unwrap_or_else(SourceId::board)
}

/// The id of the record of each service; a service without one is its own name.
fn service_ids(facts: &Facts, names: &[Line]) -> Arc<[Id]> {
    names
        .iter()
        .filter_map(|name| facts.service(name).map(|s| s.id.clone()).or_else(|| Id::new(name).ok()))
        .collect()
}

fn class(facts: &Facts, names: &[Line]) -> Option<Line> {
    names.iter().find_map(|name| facts.service(name)?.class.clone())
}

fn treated_risk(ledger: &Ledger, item: &Id, declared: Risk) -> Risk {
    let floors = &ledger.facts().settings().risk_floors;
    if floors.is_empty() {
        return declared.treated();
    }
    let clashes = ledger.clashes(item);
    Subject::of(ledger.facts(), &clashes, item)
        .map_or(declared.treated(), |subject| route::treated(&subject, floors).0)
}

/// Open rows by severity, acknowledged ones apart.
fn clashes(ledger: &Ledger, side: &Id) -> Clashes {
    let mut clashes = Clashes::default();
    for row in ledger.conflicts_of(side) {
        let count = match (ledger.ack(row), row.severity) {
            (Some(_), _) => &mut clashes.acknowledged,
            (None, Severity::Block) => &mut clashes.block,
            (None, Severity::Warn) => &mut clashes.warn,
            (None, Severity::Info) => &mut clashes.info,
            (None, Severity::Unknown) => continue,
        };
        *count = count.saturating_add(1);
    }
    clashes
}
