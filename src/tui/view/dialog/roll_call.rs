//! `d r`: the chair calls the seats one by one and enters what each says; all of it is shown once more before `y` sends it.
//!
//! Every vote goes to the record as entered by roll call. Who votes for themselves is not called: the chair, and whoever
//! is recused.

use ratatui::{buffer::Buffer, layout::Rect};

use super::rows;
use crate::{
    model::{Id, Prose, Revision},
    tui::{
        app::Shared,
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            item::{ballot_glyph, votes},
            widget::{Lead, LineInput, ListState, Move, Pen, centred, dialog_box},
        },
    },
    wire::{Ballot, BallotStatus, Command, Known, MeetingCommand, RollCalled, Tally, Vote},
    words::Label,
};

/// One seat, and what was said in it.
#[derive(Debug)]
struct Call {
    person: Id,
    /// The name of the seat, where it has one.
    seat: String,
    said: Option<(Vote, Option<Prose>)>,
}

/// How far it has come.
#[derive(Debug)]
enum Stage {
    Calling,
    /// The reason of the selected seat's no.
    Reason(LineInput),
    /// Everything is shown once more.
    Review,
}

/// The dialog.
#[derive(Debug)]
pub struct RollCall {
    item: Id,
    /// The meeting it is called in: then it is one act, and the record of that meeting.
    meeting: Option<Id>,
    revision: Revision,
    calls: Vec<Call>,
    list: ListState,
    stage: Stage,
    stopped: bool,
}

/// Who voted themselves is not called: their own vote stands.
fn has_own_vote(ballot: &Ballot) -> bool {
    ballot.status == BallotStatus::Voted && ballot.by != Some(Known::RollCall)
}

impl RollCall {
    /// The dialog for an open round; `None` when there is none, or nobody to call.
    #[must_use]
    pub fn new(shared: &Shared, item: Id) -> Option<Self> {
        let tally = shared.snapshot.open_tally(&item)?;
        let me = shared.snapshot.me.person.as_ref();
        let seats = tally.electorate.iter().filter(|ballot| {
            ballot.status != BallotStatus::Recused
                && me.is_none_or(|me| *me != ballot.person)
                && !has_own_vote(ballot)
        });
        let calls: Vec<Call> = seats
            .map(|ballot| Call {
                person: ballot.person.clone(),
                seat: ballot.seat.as_ref().map(ToString::to_string).unwrap_or_default(),
                said: None,
            })
            .collect();
        let revision = tally.revision;
        (!calls.is_empty()).then(|| Self {
            item,
            meeting: None,
            revision,
            calls,
            list: ListState::default(),
            stage: Stage::Calling,
            stopped: false,
        })
    }

    /// As [`RollCall::new`], in a meeting.
    #[must_use]
    pub fn of_meeting(shared: &Shared, item: Id, meeting: Id) -> Option<Self> {
        Self::new(shared, item).map(|call| Self { meeting: Some(meeting), ..call })
    }

    fn called(&self) -> usize {
        self.calls.iter().filter(|call| call.said.is_some()).count()
    }

    /// Enters what the selected seat said, and calls the next; after the last comes the review.
    fn enter(&mut self, said: Option<(Vote, Option<Prose>)>) {
        let at = self.list.cursor().min(self.calls.len() - 1);
        self.calls[at].said = said;
        self.stage = Stage::Calling;
        if !self.list.go(Move::Down, self.calls.len()) && self.called() > 0 {
            self.stage = Stage::Review;
        }
    }

    fn send(&self, shared: &mut Shared) {
        if let Some(meeting) = &self.meeting {
            let said = self.calls.iter().filter_map(|call| Some((call, call.said.as_ref()?)));
            let votes = said
                .map(|(call, (vote, comment))| RollCalled {
                    person: call.person.clone(),
                    vote: *vote,
                    comment: comment.clone(),
                })
                .collect();
            let (item, revision) = (self.item.clone(), self.revision);
            let act = MeetingCommand::RollCall { item, revision, votes };
            let ticket = shared.submit(Command::Meeting { meeting: meeting.clone(), act });
            shared.sent.sent(self.item.clone(), ticket);
            return shared.close();
        }
        for call in &self.calls {
            let Some((vote, comment)) = &call.said else { continue };
            let ticket = shared.submit(Command::Vote {
                item: self.item.clone(),
                revision: self.revision,
                vote: *vote,
                comment: comment.clone(),
                on_behalf: Some(call.person.clone()),
            });
            shared.sent.sent(self.item.clone(), ticket);
        }
        shared.close();
    }

    fn call(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.list.go(to, self.calls.len());
            return true;
        }
        match action {
            Action::Approve => self.enter(Some((Vote::Approve, None))),
            Action::Abstain => self.enter(Some((Vote::Abstain, None))),
            Action::Reject => self.stage = Stage::Reason(LineInput::default()),
            Action::PassOver => self.enter(None),
            Action::Enter if self.called() == 0 => shared.note("nobody has been called yet"),
            Action::Enter => self.stage = Stage::Review,
            _ => return false,
        }
        true
    }

    fn tally<'a>(&self, shared: &'a Shared) -> Option<&'a Tally> {
        shared.snapshot.open_tally(&self.item).map(AsRef::as_ref)
    }

    /// A seat: who, what was said now, and what the record holds.
    fn draw_call(&self, shared: &Shared, at: usize, buf: &mut Buffer, (area, row): (Rect, u16)) {
        let (look, call) = (&shared.look, &self.calls[at]);
        let calling = !matches!(self.stage, Stage::Review) && !self.stopped;
        let lead = Lead { selected: calling && at == self.list.cursor(), focused: true, marked: false };
        let mut pen = Pen::new(buf, look, area, row);
        pen.lead(lead);
        let style = pen.id_style(lead, look.text());
        pen.column(call.person.as_str(), 18, style).text(" ").column(&call.seat, 12, look.muted()).text(" ");
        let (word, role) = match call.said.as_ref().map(|(vote, _)| *vote) {
            Some(Vote::Approve) => ("YES", Role::Ok),
            Some(Vote::Reject) => ("NO", Role::Bad),
            Some(Vote::Abstain) => ("ABSTAIN", Role::Text),
            None => ("not called", Role::Muted),
        };
        pen.column(word, 11, look.word(role));
        let ballot = self.tally(shared).and_then(|tally| tally.ballot(&call.person));
        let room = shared.snapshot.meeting_on().map(|meeting| &meeting.people);
        let away = room.is_some_and(|room| room.iter().any(|who| who.person == call.person && !who.here));
        let recorded = ballot.map(|ballot| {
            let (glyph, role) = ballot_glyph(ballot.status, ballot.vote, look.glyphs);
            let word = match (ballot.status == BallotStatus::Voted, away) {
                (true, _) => "has voted",
                (false, true) => "not voted, not here",
                (false, false) => BallotStatus::Waiting.label(),
            };
            (glyph, role, word)
        });
        match (&call.said, recorded) {
            (Some((_, Some(reason))), _) => {
                pen.rest(&reason.words(), look.text());
            }
            (_, Some((glyph, role, words))) => {
                pen.sign(glyph, words, role);
            }
            (_, None) => {}
        }
    }

    fn draw_foot(&mut self, shared: &Shared, buf: &mut Buffer, inner: Rect) {
        let look = &shared.look;
        let shown = |action| shared.keymap.shown(action);
        let last = inner.height.saturating_sub(1);
        let back = shown(Action::Back);
        if self.stopped {
            let words = format!("{} changed or closed while this was open: nothing was sent.", self.item);
            Pen::new(buf, look, inner, last.saturating_sub(1)).rest(&words, look.word(Role::Caution));
            Pen::new(buf, look, inner, last).put(&back, look.key()).text(" back");
            return;
        }
        let who = self.calls[self.list.cursor().min(self.calls.len() - 1)].person.clone();
        match &mut self.stage {
            Stage::Calling => {
                let words = format!(
                    "{} yes · {} no · {} abstains · {} not here · {} reads it back",
                    shown(Action::Approve),
                    shown(Action::Reject),
                    shown(Action::Abstain),
                    shown(Action::PassOver),
                    shown(Action::Enter)
                );
                Pen::new(buf, look, inner, last).rest(&words, look.muted());
            }
            Stage::Reason(line) => {
                let label = format!("why does {who} say no?  ");
                Pen::new(buf, look, inner, last).put(&label, look.strong());
                let used = u16::try_from(label.chars().count()).unwrap_or(inner.width).min(inner.width);
                let field = Rect { x: inner.x + used, width: inner.width - used, ..inner };
                line.draw(buf, look, field, last, true);
            }
            Stage::Review => {
                let count = self.calls.iter().filter(|call| call.said.is_some()).count();
                let words = format!("   enter {} by roll call      ", crate::words::count(count, "vote"));
                let mut pen = Pen::new(buf, look, inner, last);
                pen.put(&shown(Action::Send), look.key()).text(&words);
                pen.put(&back, look.key()).text("   calls on");
            }
        }
    }
}

impl Popup for RollCall {
    fn places(&self) -> &'static [Place] {
        match self.stage {
            Stage::Calling => &[Place::RollCall],
            Stage::Reason(_) => &[Place::Form],
            Stage::Review => &[Place::Sending],
        }
    }

    fn takes_text(&self) -> bool {
        matches!(self.stage, Stage::Reason(_))
    }

    fn guarded(&self) -> bool {
        matches!(self.stage, Stage::Review)
    }

    fn disabled(&self, _shared: &Shared, action: Action) -> Option<String> {
        let may = !self.stopped || matches!(action, Action::Back | Action::Help);
        (!may).then(|| "the roll call has stopped: go back and call again".to_owned())
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (&self.stage, action) {
            (Stage::Calling, _) => self.call(shared, action),
            (Stage::Reason(line), Action::Enter) => {
                let reason = Prose::new(line.as_str());
                if reason.is_empty() {
                    shared.note("a rejection needs its reason: the others read it");
                } else {
                    self.enter(Some((Vote::Reject, Some(reason))));
                }
                true
            }
            (Stage::Review, Action::Send) => {
                self.send(shared);
                true
            }
            (Stage::Reason(_) | Stage::Review, Action::Back) if !self.stopped => {
                self.stage = Stage::Calling;
                true
            }
            _ => false,
        }
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        if let Stage::Reason(line) = &mut self.stage {
            line.key(key);
        }
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        if let Stage::Reason(line) = &mut self.stage {
            line.paste(text);
        }
    }

    fn refresh(&mut self, shared: &mut Shared) {
        self.stopped |= self.tally(shared).is_none_or(|tally| tally.revision != self.revision);
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let title = match self.stage {
            Stage::Review => "Roll call: enter these?",
            Stage::Calling | Stage::Reason(_) => "Roll call",
        };
        let inner = dialog_box(buf, look, centred(area, 74, rows(self.calls.len() + 6)), title);
        let count = self
            .tally(shared)
            .map(|tally| format!(" r{} · {}", tally.revision_number, votes(tally)))
            .unwrap_or_default();
        Pen::new(buf, look, inner, 0).put(self.item.as_str(), look.strong()).text(&count);
        let height = inner.height.saturating_sub(4);
        for (row, at) in (2..).zip(self.list.show(height, self.calls.len())) {
            self.draw_call(shared, at, buf, (inner, row));
        }
        self.draw_foot(shared, buf, inner);
    }
}
