//! The population of a period and how complete it is: an item belongs to it that was meant for, worked on or decided in it.

use std::collections::BTreeMap;

use crate::{
    ledger::{Ledger, fold::Item},
    model::{
        Change, Id, Instant, Outcome, RecordKind, Release, SourceId, Span, State, Vocabulary as _, Word,
    },
    projection::outside::Outside,
    rules::facts::Facts,
    wire::pack::{Completeness, PackDecision, PackItem, Population},
};

/// What counting asks of an item beside what is shown.
struct Known {
    item: PackItem,
    over: bool,
    unknown_word: bool,
    lacks_times: bool,
    undated: bool,
}

/// The items of a period by id, and a row a source of any item.
pub fn of(ledger: &Ledger, outside: &dyn Outside, period: Span) -> Population {
    let (facts, fold, now) = (ledger.facts(), ledger.fold(), outside.now());
    let changes = facts.changes().map(|change| known_change(ledger, change, now));
    let releases = facts.releases().map(|release| known_release(ledger, release, now));
    let mut sources: BTreeMap<SourceId, Completeness> = BTreeMap::new();
    let mut items = Vec::new();
    for known in changes.chain(releases) {
        let source = known.item.source.clone().unwrap_or_else(SourceId::board);
        let row = sources.entry(source.clone()).or_insert_with(|| completeness(source, outside));
        row.undated += u64::from(known.undated);
        let said = fold.get(&known.item.id).is_some_and(|item| decided_within(item, period));
        if said || touches(&known.item, period) {
            count(row, &known);
            items.push(known.item);
        }
    }
    // Of what is gone from its source the record still tells what was decided.
    let gone = fold.items.iter().filter(|(id, item)| !has_record(facts, id) && decided_within(item, period));
    items.extend(gone.map(|(id, item)| tombstone(id, item)));
    items.sort_by(|x, y| x.id.cmp(&y.id));
    Population { items, sources: sources.into_values().collect() }
}

fn has_record(facts: &Facts, id: &Id) -> bool {
    facts.change(id).is_some() || facts.release(id).is_some()
}

/// A round closed, a template approved or the glass was broken.
fn decided_within(item: &Item, period: Span) -> bool {
    let closed = item.rounds.iter().filter_map(|round| round.closed.as_ref()).map(|closed| closed.at);
    let approved = item.approval.iter().map(|approval| approval.at);
    let broken = item.glass.iter().map(|glass| glass.entered_at);
    closed.chain(approved).chain(broken).any(|at| period.contains(at))
}

fn touches(item: &PackItem, period: Span) -> bool {
    match (item.start, item.end) {
        (Some(start), Some(end)) if start < end => start < period.end() && period.start() < end,
        (Some(at), _) | (None, Some(at)) => period.contains(at),
        (None, None) => false,
    }
}

fn known_change(ledger: &Ledger, change: &Change, now: Instant) -> Known {
    let when = change.when(now);
    let start = when.start();
    let end = when.span().map(Span::end).or(change.actual_end).or(change.planned_end);
    let over = change.state.value == State::Closed || change.actual_end.is_some();
    let begun = over || matches!(change.state.value, State::Implement | State::Review);
    let told = |word: &Word<Outcome>| !word.is_unknown();
    Known {
        over,
        unknown_word: change.kind.is_unknown() || change.state.is_unknown() || change.risk.is_unknown(),
        lacks_times: (begun && change.actual_start.is_none()) || (over && change.actual_end.is_none()),
        undated: start.is_none() && end.is_none(),
        item: PackItem {
            id: change.id.clone(),
            title: change.title.clone(),
            source: Some(source(ledger, RecordKind::Change, &change.id)),
            state: change.state.as_given().to_owned(),
            risk: change.risk.as_given().to_owned(),
            outcome: change.outcome.as_ref().filter(|word| told(word)).map(|word| word.as_given().to_owned()),
            start,
            end,
            decided: decided(ledger, &change.id),
        },
    }
}

fn known_release(ledger: &Ledger, release: &Release, now: Instant) -> Known {
    let when: Vec<_> = release.phases.iter().map(|phase| (phase, phase.when(now))).collect();
    let start = when.iter().filter_map(|(_, when)| when.start()).min();
    let ends =
        when.iter().filter_map(|(phase, when)| when.span().map(Span::end).or(phase.actual_end).or(phase.end));
    let end = ends.max();
    let over = !release.phases.is_empty() && release.phases.iter().all(|phase| !phase.state.value.is_live());
    let phases = &release.phases;
    let done = phases.iter().filter(|phase| !phase.state.value.is_live());
    let lacks = done.into_iter().any(|phase| phase.actual_start.is_none() || phase.actual_end.is_none());
    let back = phases.iter().any(|phase| phase.state.value == crate::model::PhaseState::RolledBack);
    let outcome = over.then_some(if back { Outcome::BackedOut } else { Outcome::Successful });
    Known {
        over,
        unknown_word: release.kind.is_unknown() || release.state.is_unknown(),
        lacks_times: lacks,
        undated: start.is_none() && end.is_none(),
        item: PackItem {
            id: release.id.clone(),
            title: release.name.clone(),
            source: Some(source(ledger, RecordKind::Release, &release.id)),
            state: release.state.as_given().to_owned(),
            risk: String::new(),
            outcome: outcome.map(|outcome| outcome.word().to_owned()),
            start,
            end,
            decided: decided(ledger, &release.id),
        },
    }
}

fn tombstone(id: &Id, item: &Item) -> PackItem {
    PackItem {
        id: id.clone(),
        title: item.title.clone(),
        source: None,
        state: item.state.clone().unwrap_or_default(),
        risk: String::new(),
        outcome: None,
        start: None,
        end: None,
        decided: decided_here(item).unwrap_or(PackDecision::Nobody),
    }
}

fn source(ledger: &Ledger, kind: RecordKind, id: &Id) -> SourceId {
    ledger.facts().source_of(kind, id).cloned().unwrap_or_else(SourceId::board)
}

fn decided(ledger: &Ledger, id: &Id) -> PackDecision {
    let here = ledger.fold().get(id).and_then(decided_here);
    here.unwrap_or_else(|| match ledger.facts().there(id).lets_go() {
        true => PackDecision::Source,
        false => PackDecision::Nobody,
    })
}

fn decided_here(item: &Item) -> Option<PackDecision> {
    let closed = item.rounds.iter().filter_map(|round| round.closed.as_ref());
    if closed.into_iter().any(|closed| closed.outcome.decides()) {
        return Some(PackDecision::Board);
    }
    item.approval.as_ref().and_then(|approval| approval.template.as_ref()).map(|_| PackDecision::Template)
}

fn completeness(source: SourceId, outside: &dyn Outside) -> Completeness {
    let health = outside.sources().iter().find(|health| health.id == source);
    Completeness {
        read_at: health.and_then(|health| health.last_ok),
        faults: health.map_or(0, |health| u64::try_from(health.faults).unwrap_or(u64::MAX)),
        source,
        items: 0,
        decided_here: 0,
        by_template: 0,
        at_source: 0,
        by_nobody: 0,
        with_outcome: 0,
        without_outcome: 0,
        without_times: 0,
        unknown_words: 0,
        undated: 0,
    }
}

fn count(row: &mut Completeness, known: &Known) {
    row.items += 1;
    let decided = match known.item.decided {
        PackDecision::Board => &mut row.decided_here,
        PackDecision::Template => &mut row.by_template,
        PackDecision::Source => &mut row.at_source,
        PackDecision::Nobody => &mut row.by_nobody,
    };
    *decided += 1;
    row.with_outcome += u64::from(known.item.outcome.is_some());
    row.without_outcome += u64::from(known.over && known.item.outcome.is_none());
    row.without_times += u64::from(known.lacks_times);
    row.unknown_words += u64::from(known.unknown_word);
}
