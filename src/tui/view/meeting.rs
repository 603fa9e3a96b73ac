//! The meeting: agenda, item in focus, timers, who is here. Every session follows the item in focus; one may roam and come
//! back with a key.
//!
//! What can be done is in `acts`; the wall shows the same meeting for a projector.

mod acts;
mod agenda;
mod item;
pub mod words;

use std::sync::Arc;

use agenda::Row;
use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use super::{
    Height, Page, Target, View, Width,
    follow::Follow,
    item::{
        Subject, item_of,
        lines::{self, Words},
    },
    layout::note,
    pending_question::PendingQuestion,
    permissions, text_pane,
    widget::{Head, ListState, Move, Pen, ScrollState, split_side},
};
use crate::{
    model::{Id, time::MINUTE},
    report::{self, Form},
    tui::{
        app::{Reply, Shared, Ticket, Wanted, Wish},
        input::{Action, Place},
        theme::Role,
    },
    wire::{Answer, Command, MeetingCommand, MeetingPhase, MeetingRow, Question, documents::Context},
    words::Label,
};

/// Columns of the agenda beside the item.
const SIDE: u16 = 66;

/// The Meeting screen.
#[derive(Debug, Default)]
pub struct Meeting {
    /// Which meeting is shown, once there is one.
    shown: Option<Id>,
    list: ListState,
    /// Looks at something else than what is in focus.
    roams: bool,
    follow: Follow,
    context: PendingQuestion,
    minutes: PendingQuestion,
    scroll: ScrollState,
    /// The meeting this session is in.
    joined: Option<Id>,
    /// The meeting its person has left with a key.
    stepped_out: Option<Id>,
    /// When this session last said that its person is here, and that the chair is.
    said_here: Option<crate::model::Instant>,
    /// The meeting of which the hub has heard from this session.
    told: Option<Id>,
    kept_chair: Option<crate::model::Instant>,
}

impl Meeting {
    fn meeting<'a>(&self, shared: &'a Shared) -> Option<&'a Arc<MeetingRow>> {
        let shown = self.shown.as_ref()?;
        shared.snapshot.meetings.iter().find(|meeting| meeting.id == *shown)
    }

    fn selected<'a>(&self, meeting: &'a MeetingRow) -> Option<Row<'a>> {
        let rows = agenda::rows(meeting);
        rows.get(self.list.cursor().min(rows.len().saturating_sub(1))).copied()
    }

    fn target_id(&self, shared: &Shared) -> Option<Id> {
        self.selected(self.meeting(shared)?).map(|row| row.item().clone())
    }

    /// Shows the meeting that is on, or keeps the one shown, or the next.
    fn choose(&mut self, shared: &Shared) {
        if let Some(on) = shared.snapshot.meeting_on().filter(|_| !self.roams) {
            self.shown = Some(on.id.clone());
        }
        if self.meeting(shared).is_none() {
            self.shown =
                shared.snapshot.meeting_on().or_else(|| next(shared)).map(|meeting| meeting.id.clone());
        }
    }

    fn go_to_focus(&mut self, shared: &Shared) {
        let Some(meeting) = self.meeting(shared).filter(|meeting| meeting.is_on()) else { return };
        let at = agenda::rows(meeting).iter().position(|row| Some(row.item()) == meeting.focus.as_ref());
        if let Some(at) = at.filter(|_| !self.roams) {
            self.list.select(at);
        }
    }

    /// The cursor moved: away from the focus is off the item.
    fn moved(&mut self, shared: &mut Shared) {
        let Some(meeting) = self.meeting(shared) else { return };
        let here = self.selected(meeting).map(|row| row.item().clone());
        self.roams = shared.snapshot.meeting_on().is_some_and(|on| on.focus.is_some() && on.focus != here);
        self.scroll.reset();
        shared.moved();
    }

    fn other(&mut self, shared: &mut Shared, by: isize) {
        let meetings = Arc::clone(&shared.snapshot.meetings);
        let at = meetings.iter().position(|meeting| Some(&meeting.id) == self.shown.as_ref());
        let Some(other) = at.and_then(|at| at.checked_add_signed(by)).and_then(|at| meetings.get(at)) else {
            return shared.note("there is no meeting further that way");
        };
        let other = other.id.clone();
        self.show(shared, &other);
        shared.moved();
    }

    /// Shows a meeting; another one than the one that is on is off the item.
    fn show(&mut self, shared: &Shared, meeting: &Id) {
        self.roams = shared.snapshot.meeting_on().is_some_and(|on| on.id != *meeting);
        self.shown = Some(meeting.clone());
        self.list.select(0);
        self.go_to_focus(shared);
        self.scroll.reset();
    }

    /// A session that shows a running meeting says that its person is here, again before it would be taken for lost;
    /// the chair's session keeps the chair.
    fn attend(&mut self, shared: &mut Shared) {
        if shared.reads_only() {
            return;
        }
        let Some(meeting) = self.meeting(shared).filter(|meeting| meeting.is_on()).cloned() else { return };
        self.joined = Some(meeting.id.clone());
        self.keep(shared, &meeting);
    }

    /// Keeps the place in the meeting this session has joined, whatever is on screen.
    pub fn keep_place(&mut self, shared: &mut Shared) {
        let joined =
            |meeting: &&Arc<MeetingRow>| meeting.is_on() && Some(&meeting.id) == self.joined.as_ref();
        let Some(meeting) = shared.snapshot.meetings.iter().find(joined).cloned() else { return };
        self.keep(shared, &meeting);
    }

    fn keep(&mut self, shared: &mut Shared, meeting: &MeetingRow) {
        let Some(me) = shared.snapshot.me.person.clone() else { return };
        let now = shared.now;
        let near = |until: crate::model::Instant| until - now < 3 * MINUTE;
        let said = |at: Option<crate::model::Instant>| at.is_some_and(|at| (0..30).contains(&(now - at)));
        let person = meeting.people.iter().find(|person| person.person == me && person.member);
        let wanted = person.is_some_and(|person| match (person.here, person.marked) {
            // What the chair has said, or the person with a key, stands.
            (_, true) => false,
            (false, false) => self.stepped_out.as_ref() != Some(&meeting.id),
            // A service has to hear it of each session: another one of the same person may end.
            (true, false) => {
                let unknown = shared.snapshot.served && self.told.as_ref() != Some(&meeting.id);
                unknown || person.until.is_none_or(near)
            }
        });
        let send = |shared: &mut Shared, act| {
            shared.submit_quietly(Command::Meeting { meeting: meeting.id.clone(), act });
        };
        if wanted && !said(self.said_here) {
            self.said_here = Some(now);
            self.told = Some(meeting.id.clone());
            send(shared, MeetingCommand::StillHere);
        }
        let lapses = meeting.lease.as_ref().is_some_and(|lease| lease.holder == me && near(lease.until));
        if lapses && !said(self.kept_chair) {
            self.kept_chair = Some(now);
            send(shared, MeetingCommand::RenewChair);
        }
    }

    /// What is said as the session ends: its person leaves the meeting, unless the chair marks who is here.
    #[must_use]
    pub fn farewell(&self, shared: &Shared) -> Option<Command> {
        let joined =
            |meeting: &&Arc<MeetingRow>| meeting.is_on() && Some(&meeting.id) == self.joined.as_ref();
        let meeting = shared.snapshot.meetings.iter().find(joined)?;
        let me = shared.snapshot.me.person.as_ref()?;
        let here =
            |person: &&crate::wire::MeetingPerson| person.person == *me && person.here && !person.marked;
        meeting.people.iter().find(here)?;
        Some(Command::Meeting { meeting: meeting.id.clone(), act: MeetingCommand::Leave { person: None } })
    }

    fn context(&self, id: &Id) -> Option<&Context> {
        match self.context.answer() {
            Some(Answer::Context(context)) if context.item == *id => Some(context),
            _ => None,
        }
    }

    fn draw_head(&self, shared: &Shared, meeting: &MeetingRow, buf: &mut Buffer, area: Rect) -> Rect {
        let look = &shared.look;
        let timer = words::meeting_timer(meeting, shared.times());
        let inner = Head::new(meeting.name.as_str(), false)
            .fact(meeting.phase.label())
            .fact(meeting.id.as_str())
            .right(timer.text.clone())
            .draw(buf, look, area);
        if area.height < 8 {
            return inner;
        }
        let quorum = words::quorum(meeting);
        let mut pen = Pen::new(buf, look, inner, 0);
        pen.text(" ");
        if self.roams {
            let key = shared.keymap.shown(Action::Follow);
            pen.put("off item", look.selected()).text(" ").put(&key, look.key()).text(" returns · ");
        }
        if timer.over && meeting.is_on() {
            pen.put("over time", look.word(Role::Caution)).text(" · ");
        }
        if let Some(forecast) = meeting.forecast.as_ref().filter(|_| !meeting.is_on()) {
            let role = if forecast.stuck > 0 { Role::Caution } else { Role::Text };
            pen.rest(&format!("forecast · {}", forecast.line), look.word(role));
        } else if meeting.phase == MeetingPhase::Ended {
            let issued = meeting.minutes_issued.map_or_else(
                || {
                    format!(
                        "minutes not issued: {} issues them (chair)",
                        shared.keymap.shown(Action::IssueMinutes)
                    )
                },
                |at| format!("minutes issued {}", shared.times().near(at)),
            );
            pen.rest(&issued, look.text());
        } else {
            pen.put(&quorum.text, look.word(quorum.role()));
            pen.rest(&format!(" · {}", words::chair(meeting, shared.now)), look.text());
            words::lost(&quorum, &mut pen, look);
        }
        Rect { y: inner.y + 1, height: inner.height - 1, ..inner }
    }

    fn draw_item(&mut self, shared: &Shared, meeting: &MeetingRow, buf: &mut Buffer, area: Rect) {
        if meeting.phase == MeetingPhase::Ended {
            return self.draw_minutes(shared, buf, area);
        }
        let Some(row) = self.selected(meeting) else {
            let key = shared.keymap.shown(Action::ShowQueue);
            return note(
                shared,
                &format!("Nothing is on its agenda. {key} shows what waits for a decision."),
                buf,
                area,
            );
        };
        let agenda = row.agenda();
        let (at, of) = meeting.place();
        let focus = meeting.focus.as_ref() == Some(&agenda.item);
        let title = format!("{} {}", agenda.item, agenda.title);
        let mut head = Head::new(&title, focus);
        let mut right = String::new();
        if let Row::Item(line) = row {
            right =
                if meeting.is_on() { words::item_timer(line, shared.now).text } else { words::given(agenda) };
        }
        if focus && at > 0 {
            head = head.fact(format!("{at} of {of}"));
        }
        let columns = usize::from(area.width);
        let about =
            item::About { meeting, row, follow: &self.follow, context: self.context(&agenda.item), columns };
        let mut rows = lines::flow(item::lines(shared, about), columns, lines::LABEL);
        if let Row::Item(line) = row
            && meeting.is_on()
            && agenda.minutes > 0
            && line.over(shared.now) > 0
        {
            let text = "over time: decide, postpone it or go on";
            rows.insert(
                0,
                Words::new(&shared.look).text(" ").put(text, shared.look.word(Role::Caution)).line(),
            );
        }
        text_pane::headed(shared, buf, area, (head, &right), (&rows, &mut self.scroll));
    }

    /// The minutes of a meeting that is over, as they are or will be issued.
    fn draw_minutes(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let columns = usize::from(area.width);
        let text = match self.minutes.answer() {
            Some(Answer::Minutes(doc)) => report::minutes::write(doc, Form::Plain),
            _ => String::new(),
        };
        let mut rows: Vec<Text<'static>> = text.lines().map(|line| Text::from(format!(" {line}"))).collect();
        if rows.is_empty() {
            rows.push(Words::new(&shared.look).muted(" asking the board").line());
        }
        let rows = lines::flow(rows, columns, 3);
        text_pane::headed(shared, buf, area, (Head::new("Minutes", false), ""), (&rows, &mut self.scroll));
    }
}

/// The next meeting of my board, else of any; else the one that ended last.
fn next(shared: &Shared) -> Option<&Arc<MeetingRow>> {
    let snapshot = &shared.snapshot;
    let mine = |meeting: &MeetingRow| Some(&meeting.board) == snapshot.me.board.as_ref();
    let to_come = snapshot.meetings.iter().filter(|meeting| meeting.started_at.is_none());
    let over = || snapshot.meetings.iter().max_by_key(|meeting| meeting.ended_at);
    to_come.min_by_key(|meeting| (!mine(meeting), meeting.start)).or_else(over)
}

impl View for Meeting {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Meeting, Place::Item, Place::List]
    }

    fn minutes_of(&self, shared: &Shared) -> Option<Id> {
        self.meeting(shared).map(|meeting| meeting.id.clone())
    }

    fn wants(&self, shared: &Shared) -> Vec<Wanted> {
        let item = self.target(shared).map(|target| item_of(shared, &target.id));
        let meeting = self.meeting(shared).map(|meeting| &meeting.id);
        let within = meeting.zip(item.as_ref()).map(|(meeting, item)| Wanted::within(meeting, item));
        item.iter().chain(meeting).map(Wanted::of).chain(within).collect()
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let target = self.target(shared);
        let Some(meeting) = self.meeting(shared) else {
            let act = crate::tui::input::spec(action).places.contains(&Place::Meeting);
            return act
                .then(|| "no meeting is planned; settings.meetings plans them".to_owned())
                .or_else(|| permissions::why_not(shared, action, target.as_ref()));
        };
        acts::why_not(shared, meeting, target.as_ref().map(|target| &target.id), action)
            .or_else(|| permissions::why_not(shared, action, target.as_ref()))
    }

    fn hinted(&self, _shared: &Shared, action: Action) -> bool {
        action != Action::Follow || self.roams
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            let Some(len) = self.meeting(shared).map(|meeting| agenda::rows(meeting).len()) else {
                return true;
            };
            let over = self.meeting(shared).is_some_and(|meeting| meeting.phase == MeetingPhase::Ended);
            if over && self.scroll.go(to) {
                return true;
            }
            if self.list.go(to, len) {
                self.moved(shared);
            }
            return true;
        }
        match action {
            Action::Left => self.other(shared, -1),
            Action::Right => self.other(shared, 1),
            Action::Follow => {
                self.roams = false;
                self.choose(shared);
                self.go_to_focus(shared);
                self.scroll.reset();
                shared.moved();
                if shared.snapshot.meeting_on().is_none() {
                    shared.note("no meeting is on");
                }
            }
            Action::Enter => {
                let Some(meeting) = self.meeting(shared).cloned() else { return true };
                let list: Vec<Id> = agenda::rows(&meeting).iter().map(|row| row.item().clone()).collect();
                if let Some(id) = self.target_id(shared) {
                    self.read(shared, &meeting, &id);
                    shared.wish(Wish::Page(Page::new(id, list, "agenda")));
                }
            }
            _ => {
                let Some(meeting) = self.meeting(shared).cloned() else { return false };
                if action == Action::Attend {
                    let me = shared.snapshot.me.person.as_ref();
                    let here = meeting.people.iter().any(|known| Some(&known.person) == me && known.here);
                    self.stepped_out = here.then(|| meeting.id.clone());
                }
                return self.do_act(shared, &meeting, action);
            }
        }
        true
    }

    fn ticks(&self, shared: &Shared) -> bool {
        self.meeting(shared).is_some_and(|meeting| meeting.is_on())
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        Some(Target { id: self.target_id(shared)?, marked: Vec::new() })
    }

    /// Shows a meeting, or goes to an item of the one shown.
    fn select(&mut self, shared: &Shared, id: &Id) {
        if shared.snapshot.meetings.iter().any(|meeting| meeting.id == *id) {
            self.show(shared, id);
            return;
        }
        let Some(meeting) = self.meeting(shared) else { return };
        if let Some(at) = agenda::rows(meeting).iter().position(|row| row.item() == id) {
            self.list.select(at);
        }
    }

    fn refresh(&mut self, shared: &Shared) {
        self.choose(shared);
        self.go_to_focus(shared);
        self.follow.start(self.target_id(shared).as_ref());
    }

    fn settle(&mut self, shared: &mut Shared) {
        let id = self.target_id(shared);
        self.follow.settle(shared, id.as_ref());
        if let Some(id) = id.filter(|id| Subject::of(&shared.snapshot, id).is_some()) {
            self.context.want(shared, Question::Context { id });
        }
        let over = self.meeting(shared).filter(|meeting| meeting.phase == MeetingPhase::Ended);
        if let Some(meeting) = over.map(|meeting| meeting.id.clone()) {
            self.minutes.want(shared, Question::Minutes { meeting });
        }
        self.attend(shared);
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.follow.reply(ticket, reply)
            || self.context.reply(ticket, reply)
            || self.minutes.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let Some(meeting) = self.meeting(shared).cloned() else {
            let inner = Head::new("Meeting", true).draw(buf, &shared.look, area);
            let text = "No meeting is planned. A board file plans them under settings.meetings: when they recur, for \
                        which board, minutes per item. The agenda then fills itself with what waits for that board.";
            return note(shared, text, buf, inner);
        };
        let body = self.draw_head(shared, &meeting, buf, area);
        let form = shared.form();
        if form.width == Width::Wide && form.height >= Height::Usual {
            let (left, side) = split_side(buf, &shared.look, body, SIDE);
            self.draw_item(shared, &meeting, buf, left);
            let people = u16::try_from(meeting.people.len() + 1).unwrap_or(u16::MAX).min(side.height / 3);
            let list = Rect { height: side.height - people, ..side };
            agenda::draw(shared, &meeting, &mut self.list, buf, list);
            let below = Rect { y: side.y + list.height, height: people, ..side };
            return agenda::draw_people(shared, &meeting, buf, below);
        }
        let upper = match form.height {
            Height::Flat => body.height.min(2),
            Height::Short => body.height.min(5),
            Height::Usual | Height::Tall => body.height / 2,
        };
        self.draw_item(shared, &meeting, buf, Rect { height: upper, ..body });
        let list = Rect { y: body.y + upper, height: body.height - upper, ..body };
        agenda::draw(shared, &meeting, &mut self.list, buf, list);
    }
}

impl Meeting {
    /// Says that I have read the item as it is, where it is new to me.
    fn read(&self, shared: &mut Shared, meeting: &MeetingRow, id: &Id) {
        let Some(row) = meeting.row(id) else { return };
        let known = row.since.as_ref().is_some_and(|since| since.is_nothing());
        let may = !shared.reads_only() && shared.snapshot.me.person.is_some();
        if let Some(revision) = row.agenda.revision.filter(|_| may && !known) {
            shared.submit_quietly(Command::Read { item: id.clone(), revision });
        }
    }
}

#[cfg(test)]
mod tests;
