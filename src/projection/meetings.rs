//! Meetings as screens draw them, made from the live board: those that are on, on record, planned next, or ended of late.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    ledger::{
        Changes, Ledger,
        derive::agenda::Agenda,
        event::AgendaItem,
        fold::{AgendaLine, EntryState, Meeting, MeetingState},
    },
    model::{Id, Instant, Role, Section, time::DAY},
    rules::approval::{Electorate, Seating},
    wire::{
        Action, QuorumState,
        meeting::{AgendaRow, GlassRow, ItemPhase, MeetingPerson, MeetingPhase, MeetingRow, QuestionRow},
    },
    words,
};

/// How long an ended meeting is still shown.
const SHOWN: i64 = 14 * DAY;

/// Meetings, actions and broken glass as they were drawn last, and from what.
#[derive(Debug, Default)]
pub struct Meetings {
    pub rows: Arc<Vec<Arc<MeetingRow>>>,
    pub actions: Arc<Vec<Action>>,
    pub glass: Arc<Vec<GlassRow>>,
    pub questions: Arc<BTreeMap<Id, Vec<QuestionRow>>>,
    drawn: Option<(u64, Instant)>,
}

impl Meetings {
    /// Draws anew when an event, the minute or a record is another one.
    pub fn draw(&mut self, ledger: &Ledger, changes: &Changes) {
        let from = (ledger.fold().n, ledger.now());
        if self.drawn.as_ref() == Some(&from) && *changes == Changes::default() {
            return;
        }
        self.drawn = Some(from);
        self.rows = Arc::new(rows(ledger));
        self.actions = Arc::new(ledger.fold().open_actions().map(|action| Action::clone(action)).collect());
        self.glass = Arc::new(glass(ledger));
        self.questions = Arc::new(open_questions(ledger));
    }
}

/// All meetings worth showing: those that are on, then by their time.
fn rows(ledger: &Ledger) -> Vec<Arc<MeetingRow>> {
    let fold = ledger.fold();
    if fold.meetings.is_empty() && fold.rules.settings.meetings.is_empty() {
        return Vec::new();
    }
    let recent = |at: Instant| ledger.now() - at < SHOWN;
    let known = fold.meetings.values().filter(|meeting| meeting.ended_at.is_none_or(recent));
    let mut rows: Vec<Arc<MeetingRow>> = known.map(|meeting| Arc::new(row(ledger, meeting, true))).collect();
    for (id, _) in ledger.upcoming(ledger.now()) {
        if let Some(meeting) = ledger.planned(&id) {
            rows.push(Arc::new(row(ledger, &meeting, false)));
        }
    }
    rows.sort_by(|a, b| (!a.is_on(), a.start, &a.id).cmp(&(!b.is_on(), b.start, &b.id)));
    rows
}

/// One meeting, on record, on its way, or planned.
pub fn one(ledger: &Ledger, id: &Id) -> Option<MeetingRow> {
    match ledger.fold().meetings.get(id) {
        Some(meeting) => Some(row(ledger, meeting, true)),
        None => ledger.planned(id).map(|meeting| row(ledger, &meeting, false)),
    }
}

/// Work that began by break-glass and is not ratified, or was answered of late.
fn glass(ledger: &Ledger) -> Vec<GlassRow> {
    let now = ledger.now();
    let items = ledger.fold().items.iter().filter_map(|(id, item)| Some((id, item.glass.as_ref()?)));
    let shown = items.filter(|(_, glass)| glass.ratified.is_none_or(|(_, at)| now - at < SHOWN));
    shown
        .map(|(id, glass)| GlassRow {
            item: id.clone(),
            incident: glass.incident.clone(),
            agreed: glass.agreed.clone(),
            channel: glass.channel.clone(),
            claimed_at: glass.claimed_at,
            entered_at: glass.entered_at,
            by: glass.by.clone(),
            reason: glass.reason.clone(),
            due: glass.due,
            ratified: glass.ratified.map(|(said, _)| said),
        })
        .collect()
}

fn row(ledger: &Ledger, meeting: &Meeting, on_record: bool) -> MeetingRow {
    let agenda = if meeting.ended_at.is_some() { Agenda::default() } else { ledger.agenda(meeting) };
    let forecast = meeting.sealed.is_none().then(|| ledger.forecast(meeting, &agenda.items));
    let lines: Vec<AgendaRow> = match &meeting.sealed {
        Some(_) => meeting.agenda.iter().map(|line| agenda_row(ledger, meeting, line)).collect(),
        None => agenda.items.into_iter().map(|item| open_row(ledger, meeting, item)).collect(),
    };
    let people = people(ledger, meeting);
    let (need, members) = meeting.quorum_of();
    let have = people.iter().filter(|person| person.member && person.here).count();
    let have = u32::try_from(have).unwrap_or(u32::MAX);
    MeetingRow {
        id: meeting.id.clone(),
        plan: meeting.plan.clone(),
        name: meeting.name.clone(),
        board: meeting.board.clone(),
        emergency: meeting.emergency,
        phase: phase(meeting, on_record),
        start: meeting.start,
        end: meeting.end,
        started_at: meeting.sealed.as_ref().map(|sealed| sealed.at),
        ended_at: meeting.ended_at,
        lease: meeting.lease.clone().filter(|_| meeting.is_on()),
        chairs: chairs(ledger, meeting),
        focus: meeting.focus.clone(),
        clock: meeting.clock,
        agenda: lines,
        late: agenda.late.iter().map(words::agenda::item).collect(),
        agenda_hash: meeting.sealed.as_ref().map(|sealed| sealed.hash.clone()),
        people,
        quorum: QuorumState { need, have, met: have >= need },
        members,
        forecast,
        minutes_issued: meeting.minutes.as_ref().map(|issued| issued.at),
        amendments: u32::try_from(meeting.amendments.len()).unwrap_or(u32::MAX),
    }
}

fn phase(meeting: &Meeting, on_record: bool) -> MeetingPhase {
    match meeting.state {
        MeetingState::Convened if !on_record => MeetingPhase::Planned,
        MeetingState::Convened => MeetingPhase::Convened,
        MeetingState::Running => MeetingPhase::Running,
        MeetingState::Paused => MeetingPhase::Paused,
        MeetingState::Ended => MeetingPhase::Ended,
    }
}

fn seated(ledger: &Ledger, meeting: &Meeting) -> Electorate {
    let delegations = ledger.fold().delegations(&meeting.board);
    let seating = Seating::of_board(&meeting.seats, &delegations);
    let at = if meeting.sealed.is_some() { ledger.instant() } else { ledger.instant().max(meeting.start) };
    seating.at(at)
}

fn chairs(ledger: &Ledger, meeting: &Meeting) -> Vec<Id> {
    let electorate = seated(ledger, meeting);
    let chairs = electorate.seats.into_iter().filter(|seat| seat.role == Role::Chair);
    chairs.map(|seat| seat.acting).collect()
}

/// Members in the order of the board, then guests.
fn people(ledger: &Ledger, meeting: &Meeting) -> Vec<MeetingPerson> {
    let electorate = seated(ledger, meeting);
    let mut people: Vec<MeetingPerson> = Vec::new();
    for seat in &electorate.seats {
        if people.iter().any(|known| known.person == seat.acting) {
            continue;
        }
        let acts_for = (seat.holder != seat.acting).then(|| seat.holder.clone());
        let person = person(ledger, meeting, &seat.acting);
        people.push(MeetingPerson {
            seat: seat.seat.clone(),
            role: Some(seat.role),
            acts_for,
            member: meeting.sealed.is_none() || meeting.is_member(&seat.acting),
            ..person
        });
    }
    for guest in meeting.presence.keys() {
        if people.iter().all(|known| known.person != *guest) {
            people.push(person(ledger, meeting, guest));
        }
    }
    people
}

fn person(ledger: &Ledger, meeting: &Meeting, id: &Id) -> MeetingPerson {
    let presence = meeting.presence.get(id);
    let last = presence.and_then(|presence| presence.stays.last());
    MeetingPerson {
        person: id.clone(),
        seat: None,
        role: None,
        acts_for: None,
        member: meeting.is_member(id),
        here: meeting.is_here(id),
        marked: presence.is_some_and(|presence| presence.marked),
        since: last.map(|stay| stay.to.unwrap_or(stay.from)),
        until: presence.and_then(|presence| presence.until),
        away: ledger.fold().is_away(id, meeting.start.max(ledger.instant())),
    }
}

/// A line of an agenda that is not sealed.
fn open_row(ledger: &Ledger, meeting: &Meeting, item: AgendaItem) -> AgendaRow {
    agenda_row(ledger, meeting, &AgendaLine::new(item))
}

fn agenda_row(ledger: &Ledger, meeting: &Meeting, line: &AgendaLine) -> AgendaRow {
    let item = &line.agenda.item;
    let listed = line.agenda.section == Section::Listed;
    let (quorum, waiting) = if listed { (None, Vec::new()) } else { votes(ledger, meeting, item) };
    AgendaRow {
        agenda: words::agenda::item(&line.agenda),
        phase: match line.state {
            _ if line.is_over() => ItemPhase::Decided,
            EntryState::Waiting => ItemPhase::Waiting,
            EntryState::Skipped => ItemPhase::Skipped,
            EntryState::Deferred(_) => ItemPhase::Deferred,
            EntryState::Decided(_) => ItemPhase::Decided,
        },
        result: meeting.sealed.is_some().then(|| line.result()),
        clock: line.clock,
        late: line.late.clone(),
        presenter: line.presenter,
        pulled_out_by: line.pulled_out_by.clone(),
        decisions: line.decisions.iter().map(words::agenda::decided).collect(),
        news: line.news.clone(),
        recusals: line.recusals.clone(),
        recusal_hints: if listed || !line.waits() { Vec::new() } else { ledger.recusal_hints(item) },
        quorum,
        waiting,
        since: None,
        readers: if listed { Vec::new() } else { ledger.readers(item) },
        open_questions: questions(ledger, item),
    }
}

/// Voters that are here or have voted, and those who have not voted.
fn votes(ledger: &Ledger, meeting: &Meeting, item: &Id) -> (Option<QuorumState>, Vec<(Id, bool)>) {
    let Some(round) = ledger.fold().open_round(item) else { return (None, Vec::new()) };
    let electorate = round.electorate(&ledger.fold().delegations(&round.board), ledger.instant());
    let poll = round.poll(&electorate);
    let need = poll.quorum_need().max(round.policy.min_people());
    let waiting: Vec<(Id, bool)> =
        poll.waiting().map(|person| (person.clone(), meeting.is_here(person))).collect();
    let here = waiting.iter().filter(|(_, here)| *here).count();
    let have = poll.totals().voted() + u32::try_from(here).unwrap_or(u32::MAX);
    (Some(QuorumState { need, have, met: have >= need }), waiting)
}

fn questions(ledger: &Ledger, item: &Id) -> Vec<QuestionRow> {
    let Some(known) = ledger.fold().get(item) else { return Vec::new() };
    known.unanswered().map(|question| QuestionRow::from(&**question)).collect()
}

/// Questions without an answer, by the item they are about.
fn open_questions(ledger: &Ledger) -> BTreeMap<Id, Vec<QuestionRow>> {
    let asked = ledger.fold().items.iter().filter(|(_, item)| item.unanswered().next().is_some());
    asked.map(|(id, _)| (id.clone(), questions(ledger, id))).collect()
}
