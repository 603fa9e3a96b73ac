//! The minutes of a meeting, made from the fold of the log alone: the same log always gives the same minutes.

use std::sync::Arc;

use super::{
    agenda_item::Named,
    fold::{AgendaLine, Fold, Meeting},
    minutes::{Action, Attended, Attendee, MinuteItem, Minutes, Stay},
    run_record::RunRecord,
};
use crate::model::{Id, Instant, Section, time::MINUTE};

/// The minutes of a meeting as the log stands; `head` is the hash of its newest event. `None` before it started.
#[must_use]
pub fn minutes(fold: &Fold, meeting: &Meeting, head: &str) -> Option<Minutes> {
    let sealed = meeting.sealed.as_ref()?;
    let end = meeting.ended_at.unwrap_or(meeting.last_at);
    let seconds = meeting.clock.at(end);
    let discussed = |entry: &&AgendaLine| entry.agenda.section != Section::Listed;
    let of_meeting = |action: &&Action| action.meeting.as_ref() == Some(&meeting.id);
    let actions = || fold.actions.values().map(|action| &**action);
    let carried = sealed.actions.iter().filter_map(|number| fold.actions.get(number));
    let mut minutes = Minutes {
        meeting: meeting.id.clone(),
        name: meeting.name.clone(),
        board: meeting.board.clone(),
        emergency: meeting.emergency,
        planned: meeting.start,
        started_at: sealed.at,
        ended_at: meeting.ended_at,
        seconds,
        paused_seconds: (end - sealed.at - seconds).max(0),
        chairs: meeting.chairs.clone(),
        attendance: attendance(meeting),
        absent: sealed.members.iter().filter(|m| !meeting.presence.contains_key(*m)).cloned().collect(),
        quorum: quorum(meeting, sealed.at, end),
        agenda_hash: sealed.hash.clone(),
        items: meeting.agenda.iter().filter(discussed).map(|entry| item(entry, end)).collect(),
        listed: meeting
            .agenda
            .iter()
            .filter(|entry| !discussed(entry))
            .map(|entry| entry.agenda.clone())
            .collect(),
        actions: actions().filter(of_meeting).cloned().collect(),
        carried: carried.filter(|a| a.closed.is_none()).map(|action| Action::clone(action)).collect(),
        runs: runs(fold, meeting, sealed.at),
        names: Vec::new(),
        events: fold.n,
        head: head.to_owned(),
    };
    let named = minutes.people();
    let known = meeting.names.iter().filter(|(person, _)| named.contains(person.as_str()));
    minutes.names =
        known.map(|(person, name)| Named { person: person.clone(), name: name.clone() }).collect();
    Some(minutes)
}

/// The runs that ended since the last meeting of the board began, until this one began: of items that this board has voted
/// on, or that no board has.
fn runs(fold: &Fold, meeting: &Meeting, until: Instant) -> Vec<RunRecord> {
    let began = |other: &&Arc<Meeting>| other.board == meeting.board && other.id != meeting.id;
    let others = fold.meetings.values().filter(began).filter_map(|other| Some(other.sealed.as_ref()?.at));
    let since = others.filter(|at| *at < until).max();
    let ours = |id: &Id| {
        let item = id.as_str().split_once('/').and_then(|(release, _)| Id::new(release).ok());
        let known = fold.get(id).or_else(|| fold.get(item.as_ref()?));
        let board = known.and_then(|known| known.rounds.last()).map(|round| &round.board);
        let title = known.map(|known| known.title.clone()).unwrap_or_default();
        board.is_none_or(|board| *board == meeting.board).then_some(title)
    };
    let mut runs: Vec<RunRecord> = fold
        .runs
        .iter()
        .filter(|(_, run)| {
            let over = run.ended.as_ref().map(|said| said.at);
            over.is_some_and(|at| at <= until && since.is_none_or(|since| at > since))
        })
        .filter_map(|(id, run)| RunRecord::of(id, ours(id)?, run))
        .collect();
    runs.sort_by(|a, b| (a.ended, &a.activity).cmp(&(b.ended, &b.activity)));
    runs
}

fn item(entry: &AgendaLine, end: Instant) -> MinuteItem {
    MinuteItem {
        agenda: entry.agenda.clone(),
        result: entry.result(),
        seconds: entry.clock.at(end),
        late: entry.late.clone(),
        presenter: entry.presenter,
        pulled_out_by: entry.pulled_out_by.clone(),
        decisions: entry.decisions.clone(),
        conditions: entry.conditions.clone(),
        recusals: entry.recusals.clone(),
        remarks: entry.remarks.clone(),
        news: entry.news.clone(),
    }
}

/// Members in the order of the board, then guests.
fn attendance(meeting: &Meeting) -> Vec<Attendee> {
    let members = meeting.sealed.iter().flat_map(|sealed| &sealed.members);
    let guests = meeting.presence.keys().filter(|person| !meeting.is_member(person));
    members
        .chain(guests)
        .filter_map(|person| {
            let presence = meeting.presence.get(person)?;
            let seat = meeting.seats.iter().find(|seat| seat.person == *person);
            Some(Attendee {
                person: person.clone(),
                role: seat.map(|seat| seat.role),
                seat: seat.and_then(|seat| seat.seat.clone()),
                marked: presence.marked,
                stays: presence.stays.clone(),
            })
        })
        .collect()
}

/// Walks through everybody's coming and going while the meeting ran.
fn quorum(meeting: &Meeting, from: Instant, to: Instant) -> Attended {
    let (need, of) = meeting.quorum_of();
    let inside = |stay: &Stay, at: Instant| stay.from <= at && stay.to.is_none_or(|to| at < to);
    let here = |at: Instant| {
        let members = meeting.presence.iter().filter(|(person, _)| meeting.is_member(person));
        members.filter(|(_, presence)| presence.stays.iter().any(|stay| inside(stay, at))).count()
    };
    let edges = meeting.presence.values().flat_map(|p| p.stays.iter().flat_map(|s| [Some(s.from), s.to]));
    let mut edges: Vec<Instant> = edges.flatten().filter(|at| from < *at && *at < to).chain([from]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut most = 0;
    let mut lost: Vec<Stay> = Vec::new();
    for (at, edge) in edges.iter().enumerate() {
        let until = edges.get(at + 1).copied().unwrap_or(to);
        let count = u32::try_from(here(*edge)).unwrap_or(u32::MAX);
        most = most.max(count);
        if count >= need {
            continue;
        }
        match lost.last_mut() {
            Some(last) if last.to == Some(*edge) => last.to = Some(until),
            Some(_) | None => lost.push(Stay { from: *edge, to: Some(until) }),
        }
    }
    // People come in one after the other: what is over within a minute is summed up, and not listed.
    let mut brief = 0;
    lost.retain(|stay| {
        let length = stay.to.map(|to| to - stay.from);
        let short = length.filter(|length| *length < MINUTE);
        brief += short.unwrap_or(0);
        short.is_none()
    });
    Attended { need, of, most, lost, brief: u32::try_from(brief).unwrap_or(u32::MAX) }
}
