//! `n` in a meeting over an item everybody has voted on: close it by its rule and go on, or go on without closing.

use ratatui::{buffer::Buffer, layout::Rect};

use super::rows;
use crate::{
    model::{Id, Revision},
    tui::{
        app::Shared,
        input::{Action, Key, Place},
        view::{
            Popup,
            item::votes,
            widget::{Pen, centred, dialog_box, wrap},
        },
    },
    wire::{BallotStatus, Command, MeetingCommand, MeetingRow, Tally},
    words::Label,
};

/// The dialog.
#[derive(Debug)]
pub struct Voted {
    meeting: Id,
    item: Id,
    revision: Revision,
}

impl Voted {
    /// The offer, where the item in focus is open and nobody is left to vote on it.
    #[must_use]
    pub fn of(shared: &Shared, meeting: &MeetingRow) -> Option<Self> {
        let item = meeting.focus.clone()?;
        let tally = shared.snapshot.open_tally(&item).filter(|tally| is_full(tally))?;
        Some(Self { meeting: meeting.id.clone(), revision: tally.revision, item })
    }

    fn tally<'a>(&self, shared: &'a Shared) -> Option<&'a Tally> {
        let tally = shared.snapshot.open_tally(&self.item)?;
        (tally.revision == self.revision && is_full(tally)).then_some(tally)
    }

    fn go_on(&self, shared: &mut Shared) {
        let act = MeetingCommand::Next;
        shared.submit(Command::Meeting { meeting: self.meeting.clone(), act });
        shared.close();
    }
}

/// Whether everybody who may vote has.
fn is_full(tally: &Tally) -> bool {
    let given = |status| matches!(status, BallotStatus::Voted | BallotStatus::Recused);
    tally.voted() > 0 && tally.electorate.iter().all(|ballot| given(ballot.status))
}

impl Popup for Voted {
    fn places(&self) -> &'static [Place] {
        &[Place::Sending]
    }

    fn guarded(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if action != Action::Send {
            return false;
        }
        let ticket = shared.submit(Command::Close { item: self.item.clone() });
        shared.sent.sent(self.item.clone(), ticket);
        self.go_on(shared);
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        if shared.keymap.keys(Action::NextFocus).contains(&key) {
            self.go_on(shared);
        }
    }

    fn refresh(&mut self, shared: &mut Shared) {
        if self.tally(shared).is_none() {
            shared.note(format!("the vote on {} closed or changed: nothing was sent", self.item));
            shared.close();
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let Some(tally) = self.tally(shared) else { return };
        let columns = usize::from(area.width.min(70)).saturating_sub(4);
        let lines = wrap(&tally.line, columns);
        let title = format!("Everybody has voted on {}: close it?", self.item);
        let inner = dialog_box(buf, look, centred(area, 70, rows(lines.len() + 6)), &title);
        Pen::new(buf, look, inner, 0).put(&votes(tally), look.strong());
        for (row, line) in (1..inner.height).zip(&lines) {
            Pen::new(buf, look, inner, row).text(line);
        }
        let last = inner.height.saturating_sub(1);
        let outcome = tally.if_closed_now.map(Label::label);
        let outcome = outcome.map(|word| format!(": {word}")).unwrap_or_default();
        let shown = |action| shared.keymap.shown(action);
        Pen::new(buf, look, inner, last.saturating_sub(1))
            .put(&shown(Action::Send), look.key())
            .text(&format!("   close it by its rule{outcome}, then the next"));
        Pen::new(buf, look, inner, last)
            .put(&shown(Action::NextFocus), look.key())
            .text("   the next, this one stays open      ")
            .put(&shown(Action::Back), look.key())
            .text("   back");
    }
}
