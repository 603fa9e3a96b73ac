//! Why an item action cannot be done with what is selected: the board's own answer, and what only this screen knows.

use super::{
    Target,
    item::{Subject, item_of},
};
use crate::{
    model::{Id, When},
    tui::{
        app::{Shared, Wanted},
        input::Action,
    },
    wire::{MeetingRow, Operation, WriteRow, meeting::QuestionRow},
    words::own,
};

/// The reason in one sentence, or nothing when the action can be tried.
#[must_use]
pub fn why_not(shared: &Shared, action: Action, target: Option<&Target>) -> Option<String> {
    let needs_item = matches!(
        action,
        Action::Vote
            | Action::Comment
            | Action::Question
            | Action::Answer
            | Action::PullIn
            | Action::Review
            | Action::GiveUp
            | Action::EditRecord
            | Action::Decide
            | Action::Explain
            | Action::Slots
            | Action::WhatChanged
            | Action::Comms
            | Action::WhatIf
            | Action::Browse
            | Action::Copy
    );
    let Some(target) = target else {
        return needs_item.then(|| {
            let (down, up) = (shared.keymap.shown(Action::Down), shared.keymap.shown(Action::Up));
            format!("nothing is selected: go to an item with {down} and {up}")
        });
    };
    match action {
        Action::Vote if !target.marked.is_empty() => None,
        Action::Vote => no_vote(shared, &target.id),
        Action::Decide => no_chair(shared, &target.id),
        Action::Comment => refused(shared, &target.id, Operation::Comment),
        Action::Question => refused(shared, &target.id, Operation::Question),
        Action::Answer => refused(shared, &target.id, Operation::Answer),
        Action::PullIn => no_pull(shared, &target.id),
        Action::Review => refused(shared, &target.id, Operation::Review),
        Action::GiveUp => no_give_up(shared, &target.id),
        Action::EditRecord => no_edit(shared, &target.id),
        Action::Slots | Action::WhatIf => no_move(shared, &target.id),
        Action::Browse => link(shared, &target.id).is_none().then(|| format!("{} has no link", target.id)),
        _ => None,
    }
}

/// What is a change or a release of this board is edited here; anything else where it comes from.
fn no_edit(shared: &Shared, id: &Id) -> Option<String> {
    let subject = Subject::of(&shared.snapshot, id);
    let subject = subject.as_ref();
    let release = subject.and_then(|subject| subject.release).map(|release| &release.source);
    let Some(source) = release.or_else(|| subject.and_then(|subject| subject.row).map(|row| &row.source))
    else {
        return Some(format!("{id} is neither a change nor a release: only those are edited by this form"));
    };
    (!source.is_board()).then(|| format!("{id} belongs to {source}: change it there; the board follows"))
}

/// The votes on an item that wait to be written to a system by their person, and that I may give up.
#[must_use]
pub fn given_up<'a>(shared: &'a Shared, item: &Id) -> Vec<&'a WriteRow> {
    let seen = &shared.snapshot;
    let about = |row: &&WriteRow| item_of(shared, &row.item) == *item && own::may_be_given_up(seen, row);
    seen.writes.iter().filter(about).collect()
}

/// Why I may not give up a vote on an item that waits to be written.
fn no_give_up(shared: &Shared, id: &Id) -> Option<String> {
    let item = item_of(shared, id);
    if !given_up(shared, &item).is_empty() {
        return None;
    }
    let mut waits =
        shared.snapshot.writes.iter().filter(|row| own::waits(row) && item_of(shared, &row.item) == item);
    let person = waits.next().and_then(|row| row.person.as_ref());
    Some(match person {
        Some(person) if shared.snapshot.me.person.as_ref() == Some(person) || shared.snapshot.me.admin => {
            format!("the vote of {person} on {item} is being written")
        }
        Some(person) => format!("only {person} or an admin gives up the vote of {person} on {item}"),
        None => format!("no vote on {item} waits to be written to a system by its person"),
    })
}

/// On a board where nobody has a seat: what is asked, and the keys that answer it.
#[must_use]
pub fn who_votes(shared: &Shared) -> String {
    let (seats, import) = (shared.keymap.shown(Action::Seats), shared.keymap.shown(Action::Import));
    format!("Who votes here? Nobody has a seat yet: {seats} gives one, {import} imports a table of people.")
}

/// The same in a few words, for the head of a list; none where somebody votes.
#[must_use]
pub fn asks_who_votes(shared: &Shared) -> Option<String> {
    let seats = shared.keymap.shown(Action::Seats);
    let asks = !shared.snapshot.is_empty() && !shared.snapshot.somebody_votes();
    asks.then(|| format!("Who votes here? {seats} gives a seat"))
}

/// Why I may not do something about an item, as the board says it.
#[must_use]
pub fn refused(shared: &Shared, id: &Id, operation: Operation) -> Option<String> {
    shared.refusal(&Wanted::of(&item_of(shared, id)), operation)
}

/// Why I may not do something in the run of a change or a phase, as the board says it now.
#[must_use]
pub fn of_run(shared: &Shared, activity: &Id, operation: Operation) -> Option<String> {
    shared.refusal_now(&Wanted::of(activity), operation)
}

/// Why I cannot vote on an item.
fn no_vote(shared: &Shared, id: &Id) -> Option<String> {
    let item = item_of(shared, id);
    // What only waits is replaced by what is said now.
    if shared.sent.is_sending(&item) && !shared.queue.holds(&item) {
        return Some(format!("your vote on {item} is on its way"));
    }
    let refused = refused(shared, id, Operation::Vote)?;
    Some(if shared.snapshot.somebody_votes() { refused } else { who_votes(shared) })
}

/// Why I do not preside over an item: neither over its round, nor over another one in its place.
fn no_chair(shared: &Shared, id: &Id) -> Option<String> {
    let about = Wanted::of(&item_of(shared, id));
    refused(shared, id, Operation::OpenAgain)?;
    shared.forbidden(&about, Operation::Close)
}

/// Questions about an item that nobody has answered.
#[must_use]
pub fn questions<'a>(shared: &'a Shared, item: &Id) -> &'a [QuestionRow] {
    let item = Subject::of(&shared.snapshot, item).map(|subject| subject.item());
    item.and_then(|item| shared.snapshot.questions.get(item)).map(Vec::as_slice).unwrap_or_default()
}

/// The meeting an item would come before: the next of its board that has not started.
#[must_use]
pub fn next_meeting<'a>(shared: &'a Shared, item: &Id) -> Option<&'a MeetingRow> {
    let snapshot = &shared.snapshot;
    let board = snapshot.open_tally(item).map(|tally| &tally.board).or(snapshot.me.board.as_ref());
    let to_come = snapshot.meetings.iter().filter(|meeting| {
        meeting.started_at.is_none() && meeting.ended_at.is_none() && Some(&meeting.board) == board
    });
    to_come.min_by_key(|meeting| meeting.start).map(AsRef::as_ref)
}

fn no_pull(shared: &Shared, id: &Id) -> Option<String> {
    let item = item_of(shared, id);
    let on_it = || {
        let meeting = next_meeting(shared, &item)?;
        meeting.row(&item).map(|_| format!("{item} comes before {} already", meeting.id))
    };
    refused(shared, id, Operation::Pull).or_else(on_it)
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
