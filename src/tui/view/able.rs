//! Why an item action cannot be done with what is selected, as far as the snapshot tells; the hub has the last word.

use super::{Target, item::Subject};
use crate::{
    model::{Id, Role, When},
    tui::{app::Shared, input::Action},
    wire::{BallotStatus, MeetingRow, meeting::QuestionRow},
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
        Action::Question => no_question(shared, &target.id),
        Action::Answer => no_answer(shared, &target.id),
        Action::PullIn => no_pull(shared, &target.id),
        Action::Review => no_review(shared, &target.id),
        Action::Slots | Action::WhatIf => no_move(shared, &target.id),
        Action::Browse => link(shared, &target.id).is_none().then(|| format!("{} has no link", target.id)),
        _ => None,
    }
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
    if !shared.snapshot.somebody_votes() {
        return Some(who_votes(shared));
    }
    let Some(me) = &shared.snapshot.me.person else {
        let seats = shared.keymap.shown(Action::Seats);
        return Some(format!("your login belongs to nobody on this board; {seats} gives a seat (admin)"));
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

fn no_question(shared: &Shared, id: &Id) -> Option<String> {
    let known = Subject::of(&shared.snapshot, id).is_some();
    (!known).then(|| format!("nothing is known of {id} any more"))
}

/// Questions about an item that nobody has answered.
#[must_use]
pub fn questions<'a>(shared: &'a Shared, item: &Id) -> &'a [QuestionRow] {
    let item = Subject::of(&shared.snapshot, item).map(|subject| subject.item());
    item.and_then(|item| shared.snapshot.questions.get(item)).map(Vec::as_slice).unwrap_or_default()
}

fn no_answer(shared: &Shared, id: &Id) -> Option<String> {
    let item = Subject::of(&shared.snapshot, id)?.item();
    let open = questions(shared, item);
    if open.is_empty() {
        return Some(format!("no question about {item} is open"));
    }
    let me = &shared.snapshot.me;
    let tally = shared.snapshot.tallies.get(item);
    let chair = me.role == Some(Role::Chair)
        || tally.is_some_and(|tally| tally.chair.is_some() && tally.chair == me.person);
    let mine = open.iter().any(|question| question.by == me.name);
    let tied = shared.snapshot.activities.get(id).and_then(|row| row.owner.as_ref()).is_some_and(|owner| {
        let person = me.person.as_ref().and_then(|me| shared.snapshot.people.get(me));
        *owner == me.name
            || person.is_some_and(|person| person.name == *owner || person.id == *owner.as_str())
    });
    // A requester is not among the facts here: the hub says whether they are one.
    let seat = me.role == Some(Role::Voting);
    (seat && !chair && !mine && !tied).then(|| "its people, who asked, or the chair answer".to_owned())
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
    let item = Subject::of(&shared.snapshot, id)?.item();
    if !matches!(shared.snapshot.me.role, Some(Role::Chair | Role::Voting)) {
        return Some("only a member of the board can do this".to_owned());
    }
    if shared.snapshot.open_tally(item).is_none() {
        return Some(format!("no vote is open on {item}"));
    }
    let Some(meeting) = next_meeting(shared, item) else {
        return Some("no meeting of its board is to come; settings.meetings plans them".to_owned());
    };
    meeting.row(item).map(|_| format!("{item} comes before {} already", meeting.id))
}

fn no_review(shared: &Shared, id: &Id) -> Option<String> {
    let due = shared.snapshot.reviews_due.contains(id);
    (!due).then(|| format!("no review of {id} is due"))
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
