//! Who is in a meeting: everybody of the board and the guests, whom the chair marks as here or gone, or hands the chair.

use ratatui::{buffer::Buffer, layout::Rect};

use super::rows;
use crate::{
    model::Id,
    tui::{
        app::{Shared, Wanted},
        input::{Action, Place},
        theme::Role,
        view::{
            Popup,
            widget::{Lead, ListState, Move, Pen, centred, dialog_box},
        },
    },
    wire::{Command, MeetingCommand, MeetingPerson, MeetingRow, Operation},
};

/// The dialog.
#[derive(Debug)]
pub struct People {
    meeting: Id,
    list: ListState,
}

impl People {
    #[must_use]
    pub fn new(meeting: Id) -> Self {
        Self { meeting, list: ListState::default() }
    }

    fn row<'a>(&self, shared: &'a Shared) -> Option<&'a MeetingRow> {
        let meetings = shared.snapshot.meetings.iter();
        meetings.map(AsRef::as_ref).find(|meeting| meeting.id == self.meeting)
    }

    fn selected<'a>(&self, meeting: &'a MeetingRow) -> Option<&'a MeetingPerson> {
        meeting.people.get(self.list.cursor().min(meeting.people.len().saturating_sub(1)))
    }
}

impl Popup for People {
    fn places(&self) -> &'static [Place] {
        &[Place::People]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let operation = match action {
            Action::Here => {
                let selected = self.row(shared).and_then(|meeting| self.selected(meeting))?;
                let mine = shared.snapshot.me.person.as_ref() == Some(&selected.person);
                match (mine, selected.here) {
                    (false, _) => Operation::Mark,
                    (true, true) => Operation::Leave,
                    (true, false) => Operation::Arrive,
                }
            }
            Action::HandChair => Operation::HandChair,
            _ => return None,
        };
        shared.refusal(&Wanted::of(&self.meeting), operation)
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        let Some(meeting) = self.row(shared) else { return false };
        if let Some(to) = Move::of(action) {
            self.list.go(to, meeting.people.len());
            return true;
        }
        let Some(person) = self.selected(meeting) else { return false };
        let who = Some(person.person.clone());
        let act = match action {
            Action::Here if person.here => MeetingCommand::Leave { person: who },
            Action::Here => MeetingCommand::Arrive { person: who },
            Action::HandChair => MeetingCommand::HandChair { to: person.person.clone() },
            _ => return false,
        };
        shared.submit(Command::Meeting { meeting: self.meeting.clone(), act });
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let Some(meeting) = self.row(shared) else { return };
        let inner = dialog_box(buf, look, centred(area, 62, rows(meeting.people.len() + 4)), "Who is here");
        let height = inner.height.saturating_sub(2);
        for (row, at) in (0..).zip(self.list.show(height, meeting.people.len())) {
            let person = &meeting.people[at];
            let lead = Lead { selected: at == self.list.cursor(), focused: true, marked: false };
            let (glyph, role, word) = if person.here {
                (look.glyphs.state_done, Role::Ok, "here")
            } else {
                (look.glyphs.vote_not_asked, Role::Muted, if person.away { "away" } else { "not here" })
            };
            let mut pen = Pen::new(buf, look, inner, row);
            let style = pen.id_style(lead, look.text());
            pen.lead(lead).put(glyph, look.glyph(role)).text(" ").column(person.person.as_str(), 18, style);
            pen.text(" ").column(word, 9, look.word(role)).text(" ");
            let marked = if person.here && person.marked { "marked by the chair " } else { "" };
            let seat = person.seat.as_ref().map(ToString::to_string).unwrap_or_default();
            pen.rest(&format!("{marked}{seat}"), look.muted());
        }
        let last = inner.height.saturating_sub(1);
        let shown = |action| shared.keymap.shown(action);
        let words = format!(
            "{} here or gone · {} hand the chair · {} back",
            shown(Action::Here),
            shown(Action::HandChair),
            shown(Action::Back)
        );
        Pen::new(buf, look, inner, last).rest(&words, look.muted());
    }
}
