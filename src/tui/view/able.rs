//! Why an item action cannot be done with what is selected, as far as the snapshot tells; the hub has the last word.

use super::{Target, item::Subject};
use crate::{
    model::{Id, Role, When},
    tui::{app::Shared, input::Action},
    wire::BallotStatus,
};

/// The reason in one sentence, or nothing when the action can be tried.
#[must_use]
pub fn why_not(shared: &Shared, action: Action, target: Option<&Target>) -> Option<String> {
    let needs_item = matches!(
        action,
        Action::Vote
            | Action::Comment
            | Action::Decide
            | Action::Explain
            | Action::Slots
            | Action::WhatIf
            | Action::Browse
            | Action::Copy
    );
    let Some(target) = target else {
        return needs_item.then(|| "nothing is selected: go to an item with j and k".to_owned());
    };
    match action {
        Action::Vote if !target.marked.is_empty() => None,
        Action::Vote => no_vote(shared, &target.id),
        Action::Decide => no_chair(shared, &target.id),
        Action::Slots | Action::WhatIf => no_move(shared, &target.id),
        Action::Browse => link(shared, &target.id).is_none().then(|| format!("{} has no link", target.id)),
        _ => None,
    }
}

/// Why I cannot vote on an item.
fn no_vote(shared: &Shared, id: &Id) -> Option<String> {
    let subject = Subject::of(&shared.snapshot, id)?;
    let item = subject.item();
    let Some(tally) = shared.snapshot.open_tally(item) else {
        return Some(format!("no vote is open on {item}; the chair opens one with d"));
    };
    if shared.sent.is_sending(item) {
        return Some(format!("your vote on {item} is on its way"));
    }
    let Some(me) = &shared.snapshot.me.person else {
        return Some("your login belongs to nobody on this board".to_owned());
    };
    match tally.ballot(me).map(|ballot| ballot.status) {
        None => Some(format!("you have no vote on {item}")),
        Some(BallotStatus::Recused) => Some(format!("you are recused from {item}")),
        Some(BallotStatus::Voted | BallotStatus::Waiting | BallotStatus::Stale) => None,
    }
}

fn no_chair(shared: &Shared, id: &Id) -> Option<String> {
    let me = &shared.snapshot.me;
    let item = Subject::of(&shared.snapshot, id)?.item();
    let chair = shared.snapshot.tallies.get(item).and_then(|tally| tally.chair.as_ref());
    match (chair, &me.person) {
        (Some(chair), Some(person)) if chair == person => None,
        (Some(chair), _) => Some(format!("{chair} holds the chair of {item}")),
        (None, _) if me.role == Some(Role::Chair) => None,
        (None, _) => Some("only a chair can do this".to_owned()),
    }
}

fn no_move(shared: &Shared, id: &Id) -> Option<String> {
    let row = shared.snapshot.activities.get(id);
    match row.map(|row| row.planned) {
        Some(When::Span(_)) => None,
        Some(When::Point(_) | When::Unknown) => Some(format!("{id} has no planned start and end")),
        None => Some(format!("{id} is no activity; select a change or a phase")),
    }
}

/// The link of an item, as its source gave it.
#[must_use]
pub fn link(shared: &Shared, id: &Id) -> Option<String> {
    let row = shared.snapshot.activities.get(id)?;
    row.url.as_ref().map(ToString::to_string)
}
