//! One change or release, whole: what its page shows beyond its row.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use crate::{
    ledger::{Ledger, Who},
    model::{
        ApprovalRequest, Change, FieldChange, Id, Instant, Line, Person, Record, RecordKind, RuleId,
        SourceId, Stored, WindowKind,
    },
    rules::risk::History,
    wire::{
        Answer, ChangeDetail, Comment, ConflictRow, LogEntry, LogFilter, Problem, ReleaseDetail, RuleState,
        Tally, meeting::QuestionRow,
    },
};

use super::{
    history,
    outside::{Outside, doubt},
    personal, questions, rows,
};

/// Events shown of one item.
const HISTORY: usize = 200;

/// A change or a release, whole.
///
/// # Errors
/// When nobody knows it, or the store cannot be read.
pub fn of(ledger: &Ledger, outside: &dyn Outside, who: &Who, id: &Id) -> Result<Answer, Problem> {
    let facts = ledger.facts();
    // A copy is shown as what speaks for it.
    let id = facts.whole(id);
    if let Some(change) = facts.change(id) {
        return Ok(Answer::Change(Box::new(change_detail(ledger, outside, who, change)?)));
    }
    let release = facts.release(id).ok_or_else(|| questions::unknown(id))?;
    let only = std::slice::from_ref(id);
    let revision = facts.revision(id).ok_or_else(|| questions::unknown(id))?;
    Ok(Answer::Release(Box::new(ReleaseDetail {
        release: Arc::new(release.clone()),
        source: questions::source(ledger, RecordKind::Release, id),
        revision,
        tally: personal::tally(ledger, id, who.actor.person.as_ref()),
        conflicts: rows::phases(release)
            .chain([id.clone()])
            .flat_map(|side| conflicts(ledger, &side))
            .collect(),
        plan: Box::new(ledger.release_plan(id, None).ok_or_else(|| questions::unknown(id))?),
        bundle: facts.bundle(id).cloned().collect(),
        comments: comments(ledger, outside, only)?,
        questions: asked(ledger, id),
        approvals: approvals(outside, only)?,
        writes: outside.writes(only),
        history: history(ledger, outside, who, id)?,
        can: personal::can_one(ledger, outside, who, id),
    })))
}

fn change_detail(
    ledger: &Ledger,
    outside: &dyn Outside,
    who: &Who,
    change: &Change,
) -> Result<ChangeDetail, Problem> {
    let facts = ledger.facts();
    let id = &change.id;
    let revision = facts.revision(id).ok_or_else(|| questions::unknown(id))?;
    let item = ledger.fold().get(id);
    let source = questions::source(ledger, RecordKind::Change, id);
    let explained = questions::activity(ledger, id)?;
    let copies: Vec<Id> = facts.copies(id).into_iter().map(|copy| copy.id.clone()).collect();
    let all: Vec<Id> = std::iter::once(id).chain(&copies).cloned().collect();
    let person = |name: &Option<Line>| name.as_ref().and_then(|name| facts.person(name)).cloned();
    let (owner, requester): (Option<Person>, Option<Person>) =
        (person(&change.owner), person(&change.requester));
    let sources = outside.sources();
    let gate = questions::gate(ledger, sources, id, ledger.instant(), false)?;
    Ok(ChangeDetail {
        read_at: sources.iter().find(|health| health.id == source).and_then(|health| health.last_ok),
        source,
        revision_number: item.map_or(0, |item| item.revision_number(&revision)),
        tally: personal::tally(ledger, id, who.actor.person.as_ref()),
        earlier: earlier(ledger, id),
        conflicts: conflicts(ledger, id),
        passed: explained
            .rules
            .iter()
            .filter(|rule| rule.state == RuleState::Passed)
            .map(|rule| rule.rule)
            .collect::<Vec<RuleId>>(),
        unchecked: questions::unchecked_of(ledger, id),
        comments: comments(ledger, outside, &all)?,
        questions: asked(ledger, id),
        approvals: approvals(outside, &all)?,
        writes: outside.writes(&all),
        history: history(ledger, outside, who, id)?,
        risk_line: outside
            .outcomes()
            .map_or_else(|| Cow::Owned(History::of(facts)), Cow::Borrowed)
            .change(facts, id)
            .map_or_else(String::new, |estimate| estimate.to_string()),
        reach: reach(ledger, change),
        inside: inside(ledger, change),
        stale: stale(ledger, id),
        gate: match outside.broken() {
            Some(broken) => doubt(gate, broken),
            None => gate,
        },
        owner,
        requester,
        copies,
        can: personal::can_one(ledger, outside, who, id),
        revision,
        change: Arc::new(change.clone()),
    })
}

/// Rounds before the newest, newest first.
fn earlier(ledger: &Ledger, id: &Id) -> Vec<Arc<Tally>> {
    let Some(item) = ledger.fold().get(id) else { return Vec::new() };
    let numbers = item.rounds.iter().rev().skip(1).map(|round| round.number);
    numbers.filter_map(|number| ledger.tally_of_round(id, number).map(Arc::new)).collect()
}

/// Worst first, acknowledged ones last.
fn conflicts(ledger: &Ledger, id: &Id) -> Vec<ConflictRow> {
    let mut all: Vec<_> = ledger.conflicts_of(id).map(|row| rows::conflict(ledger, row)).collect();
    all.sort_by(|x, y| {
        x.ack
            .is_some()
            .cmp(&y.ack.is_some())
            .then(y.severity.cmp(&x.severity))
            .then_with(|| x.key.cmp(&y.key))
    });
    all
}

/// The board's own, and those of the source and of those that tell of copies, newest first.
fn comments(ledger: &Ledger, outside: &dyn Outside, ids: &[Id]) -> Result<Vec<Comment>, Problem> {
    let own = |comment: &Arc<crate::ledger::fold::Comment>| Comment {
        source: SourceId::board(),
        at: comment.at,
        person: comment.by.person.clone(),
        name: crate::ledger::fold::name(&comment.by),
        text: comment.text.clone(),
        n: comment.n,
    };
    let items = ids.iter().filter_map(|id| ledger.fold().get(id));
    let mut all: Vec<Comment> = items.flat_map(|item| item.comments.iter().rev().map(own)).collect();
    for stored in outside.about(RecordKind::Comment, ids)? {
        let Record::Comment(comment) = stored.record else { continue };
        let person = ledger.facts().person(&comment.author);
        all.push(Comment {
            source: stored.source,
            at: comment.at,
            name: person.map_or_else(|| comment.author.clone(), |person| Line::new(person.id.as_str())),
            person: person.map(|person| person.id.clone()),
            text: comment.text.clone(),
            n: 0,
        });
    }
    all.sort_by_key(|comment| std::cmp::Reverse((comment.at, comment.n)));
    Ok(all)
}

/// What its people were asked on the board, answered or not.
fn asked(ledger: &Ledger, id: &Id) -> Vec<QuestionRow> {
    let item = ledger.fold().get(id);
    item.map(|item| item.questions.iter().map(|q| QuestionRow::from(&**q)).collect()).unwrap_or_default()
}

/// Approvals asked for an item in its source, and for its copies in theirs.
fn approvals(outside: &dyn Outside, ids: &[Id]) -> Result<Vec<ApprovalRequest>, Problem> {
    let records = outside.about(RecordKind::Approval, ids)?.into_iter();
    let approval = |stored: Stored| match stored.record {
        Record::Approval(approval) => Some(*approval),
        _ => None,
    };
    Ok(records.filter_map(approval).collect())
}

fn history(
    ledger: &Ledger,
    outside: &dyn Outside,
    who: &Who,
    id: &Id,
) -> Result<Vec<Arc<LogEntry>>, Problem> {
    let filter = LogFilter { item: Some(id.clone()), limit: HISTORY, ..LogFilter::default() };
    Ok(history::page(ledger, outside, who.actor.person.as_ref(), &filter)?.entries)
}

/// How many services depend on those of the change, or are depended on, within `depth` hops.
fn reach(ledger: &Ledger, change: &Change) -> usize {
    let facts = ledger.facts();
    let depth = facts.settings().depth;
    let mut reached = BTreeSet::new();
    for name in &change.services {
        let service = facts.service_number(name);
        let near = facts.graph().below(service, depth).into_iter().chain(facts.graph().above(service, depth));
        reached.extend(near.map(|step| step.service));
    }
    reached.len()
}

/// The maintenance window that contains the planned span, and when it ends.
fn inside(ledger: &Ledger, change: &Change) -> Option<(Id, Instant)> {
    let facts = ledger.facts();
    let row = facts.row(&change.id)?;
    let span = row.when(ledger.now()).span()?;
    facts.window_rows().iter().filter(|window| window.kind() == WindowKind::Maintenance).find_map(|window| {
        let scope = &window.window.scope.services;
        let named = scope.is_empty()
            || scope.iter().any(|a| change.services.iter().any(|b| facts.same_service(a, b)));
        let id = &window.window.id;
        let block = (named && window.matches_besides_services(row))
            .then(|| facts.occurrences(id, span).into_iter().find(|occurrence| occurrence.covers(span)))??;
        Some((id.clone(), block.end()))
    })
}

/// What differs between the revision last voted on and the one that stands.
fn stale(ledger: &Ledger, id: &Id) -> Vec<FieldChange> {
    let Some((item, current)) = ledger.fold().get(id).zip(ledger.facts().material(id)) else {
        return Vec::new();
    };
    let revision = current.revision();
    let voted = item.rounds.iter().rev().find(|round| !round.votes.is_empty() && round.revision != revision);
    let old = voted.and_then(|round| ledger.fold().facts(&round.revision));
    old.map_or_else(Vec::new, |old| old.changes_to(&current))
}
