//! Who acts for whom, and whom the systems ask: what a form of seats is filled from.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ledger::{Ledger, Who},
    model::{Id, Instant, Line, Token},
    wire::{ApproverRow, DelegationRow, DelegationState},
};

/// Every delegation of every board, by its start.
#[must_use]
pub fn delegations(ledger: &Ledger, now: Instant) -> Vec<DelegationRow> {
    let boards: BTreeSet<Id> = ledger.boards().iter().map(|board| board.id.clone()).collect();
    let mut rows: Vec<DelegationRow> = Vec::new();
    for board in boards {
        rows.extend(ledger.fold().delegations(&board).into_iter().map(|d| DelegationRow {
            state: match (d.start <= now, now < d.end) {
                (true, true) => DelegationState::InForce,
                (false, true) => DelegationState::ToCome,
                (_, false) => DelegationState::Over,
            },
            board: board.clone(),
            from: d.from,
            to: d.to,
            start: d.start,
            end: d.end,
        }));
    }
    rows.sort_by(|a, b| (a.start, &a.board, &a.from).cmp(&(b.start, &b.board, &b.from)));
    rows
}

/// Whom sources asked for approval, those asked most first.
#[must_use]
pub fn approvers(ledger: &Ledger) -> Vec<ApproverRow> {
    let facts = ledger.facts();
    let mut asked: BTreeMap<Line, (Option<Id>, BTreeSet<Id>)> = BTreeMap::new();
    for request in facts.requests().filter(|request| !request.approver.is_empty()) {
        let person = facts.person(request.approver.as_str()).map(|person| person.id.clone());
        let name = person.as_ref().map_or_else(|| request.approver.clone(), |id| Line::new(id.as_str()));
        let row = asked.entry(name).or_insert_with(|| (person, BTreeSet::new()));
        row.1.insert(request.item.clone());
    }
    let row = |(name, (person, items)): (Line, (Option<Id>, BTreeSet<Id>))| ApproverRow {
        name,
        person,
        items: items.len(),
    };
    let mut rows: Vec<ApproverRow> = asked.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.items));
    rows
}

/// The tokens that somebody may know of: an admin all, anybody else their own.
#[must_use]
pub fn tokens(ledger: &Ledger, who: &Who, mut tokens: Vec<Token>) -> Vec<Token> {
    let me = who.actor.person.as_ref();
    if !ledger.is_admin(who) {
        tokens.retain(|token| Some(&token.person) == me);
    }
    tokens
}
