//! A command tried on a copy of the board: what it would come to, and what the board would then find.

use std::collections::BTreeMap;

use super::questions;
use crate::{
    ledger::{Ledger, Who, command::Command, event::Event, transaction::Transaction},
    model::{ConflictKey, Id, Instant, Record, RecordKind, Severity, Standing, State, Stored},
    rules::approval::{Route, Routing, lacking::lacking},
    wire::{Rehearsal, RehearsedClash},
};

/// What a command would come to if who asks gave it now. A refusal is an answer too.
#[must_use]
pub fn rehearse(ledger: &Ledger, who: &Who, command: &Command, now: Instant) -> Rehearsal {
    let mut copy = ledger.clone();
    let mut transaction = copy.begin(now);
    if let Err(problem) = transaction.decide(command, who) {
        let hint = problem.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        return Rehearsal { said: format!("{}{hint}", problem.title), refused: true, ..Rehearsal::default() };
    }
    let said = transaction.proposal().said.clone();
    // A draft takes part in no rule: it is looked at as if it were submitted.
    if let Some(submitted) = submitted(&transaction, command) {
        drop(transaction);
        return Rehearsal { said, ..rehearse(ledger, who, &submitted, now) };
    }
    let mut items = transaction.proposal().events.iter().filter_map(|sealed| match &sealed.entry.event {
        Event::Written { id, .. } => Some(id),
        event => event.item(),
    });
    // What follows from other seats elsewhere is not what was asked.
    let of_board = matches!(command, Command::Seat { .. } | Command::Unseat { .. } | Command::Prefer { .. });
    let Some(id) = items.next().filter(|_| !of_board).cloned() else {
        let (differs, lacks) = of_rules(ledger, &transaction);
        return Rehearsal { said, differs, lacks, ..Rehearsal::default() };
    };
    let after = transaction.ledger();
    let (old, new) = (clashes(ledger, &id), clashes(after, &id));
    Rehearsal {
        said,
        refused: false,
        clashes: apart(&new, &old),
        solved: apart(&old, &new),
        unchecked: questions::unchecked_of(after, &id)
            .into_iter()
            .map(|row| format!("{} not checked: {} is missing", row.rule, row.missing))
            .collect(),
        decides: decides(after, &id, now),
        revote: lost(ledger, after, &id),
        differs: Vec::new(),
        lacks: Vec::new(),
        id: Some(id),
    }
}

/// What differs in the rules afterwards, and what the boards that differ then lack.
fn of_rules(before: &Ledger, transaction: &Transaction<'_>) -> (Vec<String>, Vec<String>) {
    let events = &transaction.proposal().events;
    let mut differs = Vec::new();
    for sealed in events {
        if let Event::RulesChanged { summary, .. } = &sealed.entry.event {
            differs.extend(summary.iter().map(ToString::to_string));
        }
    }
    let (old, new) = (&before.fold().rules, &transaction.ledger().fold().rules);
    let changed = new.boards.iter().filter(|board| !old.boards.contains(board));
    (differs, changed.flat_map(|board| lacking(new, board)).collect())
}

/// The same command, with a change that would be a draft submitted.
fn submitted(transaction: &Transaction<'_>, command: &Command) -> Option<Command> {
    let Command::Write { kind: RecordKind::Change, id, new, fields, seen } = command else { return None };
    let draft = |stored: &Stored| matches!(&stored.record, Record::Change(change) if change.state.value == State::Draft);
    if !transaction.proposal().upserts.iter().any(draft) {
        return None;
    }
    let mut fields = fields.clone();
    fields.insert("state".to_owned(), "authorize".into());
    Some(Command::Write { kind: RecordKind::Change, id: id.clone(), new: *new, fields, seen: *seen })
}

type Found = BTreeMap<ConflictKey, RehearsedClash>;

fn clashes(ledger: &Ledger, id: &Id) -> Found {
    let row = |row: &crate::rules::conflict::Conflict| RehearsedClash {
        rule: row.key.rule,
        severity: row.severity,
        reason: row.reason(),
    };
    ledger.rows_of_item(id).map(|found| (found.key.clone(), row(found))).collect()
}

/// Those of one that the other does not have, the worst first.
fn apart(these: &Found, others: &Found) -> Vec<RehearsedClash> {
    let own = these.iter().filter(|(key, _)| !others.contains_key(*key));
    let mut own: Vec<RehearsedClash> = own.map(|(_, clash)| clash.clone()).collect();
    let rank = |severity: Severity| std::cmp::Reverse(severity);
    own.sort_by(|a, b| (rank(a.severity), a.rule, &a.reason).cmp(&(rank(b.severity), b.rule, &b.reason)));
    own
}

/// `cab by policy high-risk`, or that a template lets it go.
fn decides(ledger: &Ledger, id: &Id, now: Instant) -> Option<String> {
    let Routing { route, .. } = ledger.routing(id, now)?;
    Some(match route {
        Route::Auto { template, .. } => format!("nobody votes: approved by template {template}"),
        Route::Board { policy, board } => format!("{board} decides by policy {}", policy.id),
    })
}

/// Whether votes or an approval that hold now would not any more.
fn lost(before: &Ledger, after: &Ledger, id: &Id) -> bool {
    let Some(known) = before.fold().get(id) else { return false };
    let given = known.standing == Standing::Approved
        || known.open_round().is_some_and(|round| !round.votes.is_empty());
    given && before.facts().revision(id) != after.facts().revision(id)
}
