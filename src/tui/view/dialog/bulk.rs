//! One vote on all marked items of the consent block; confirmed by typing how many there are, and Enter.

use crossterm::event::KeyCode;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{Typed, rows};
use crate::{
    model::{Id, Revision},
    tui::{
        app::Shared,
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            item::Subject,
            widget::{Move, Pen, ScrollState, centred, dialog_box},
        },
    },
    wire::{BallotStatus, Command, Vote},
};

/// The dialog: the items in, and the ones left out with the reason.
#[derive(Debug)]
pub struct Bulk {
    vote: Vote,
    items: Vec<(Id, Revision)>,
    left_out: Vec<(Id, String)>,
    typed: Typed,
    scroll: ScrollState,
}

impl Bulk {
    /// Sorts marked items into those that can be voted on together and those that cannot.
    #[must_use]
    pub fn new(shared: &Shared, vote: Vote, marked: &[Id]) -> Self {
        let (mut items, mut left_out) = (Vec::new(), Vec::new());
        for id in marked {
            match why_out(shared, id, vote) {
                Ok(revision) => items.push((id.clone(), revision)),
                Err(why) => left_out.push((id.clone(), why)),
            }
        }
        let typed = Typed::new(items.len().to_string());
        Self { vote, items, left_out, typed, scroll: ScrollState::default() }
    }

    fn send(&self, shared: &mut Shared) {
        for (item, revision) in &self.items {
            let ticket = shared.submit(Command::Vote {
                item: item.clone(),
                revision: *revision,
                vote: self.vote,
                comment: None,
                on_behalf: None,
            });
            shared.sent.sent(item.clone(), ticket);
        }
        // A mark is for one act: what was left out is marked again by whoever wants it.
        shared.marked.clear();
        shared.close();
    }
}

/// The revision to vote on, or why an item cannot be among many.
fn why_out(shared: &Shared, id: &Id, vote: Vote) -> Result<Revision, String> {
    let tally = shared.snapshot.open_tally(id).ok_or("its vote has closed")?;
    if vote == Vote::Reject {
        return Err("a rejection needs its own reason".to_owned());
    }
    if !tally.by_consent {
        return Err("not in the consent block: vote on it by itself".to_owned());
    }
    let clashes = Subject::of(&shared.snapshot, id).map(|subject| subject.clashes()).unwrap_or_default();
    if clashes.block + clashes.warn > 0 {
        return Err("it clashes: vote on it by itself".to_owned());
    }
    let me = shared.snapshot.me.person.as_ref();
    match me.and_then(|me| tally.ballot(me)).map(|ballot| ballot.status) {
        Some(BallotStatus::Waiting | BallotStatus::Voted) => Ok(tally.revision),
        Some(BallotStatus::Stale) => Err("edited since you voted: look at it by itself".to_owned()),
        Some(BallotStatus::Recused) => Err("you are recused from it".to_owned()),
        None => Err("you have no vote on it".to_owned()),
    }
}

impl Popup for Bulk {
    fn places(&self) -> &'static [Place] {
        &[Place::Form]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn guarded(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if action == Action::Enter && !self.items.is_empty() && self.typed.enter(shared) {
            self.send(shared);
        }
        action == Action::Enter
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        match key.event().code {
            KeyCode::Down => self.scroll.go(Move::Down),
            KeyCode::Up => self.scroll.go(Move::Up),
            KeyCode::PageDown => self.scroll.go(Move::HalfDown),
            KeyCode::PageUp => self.scroll.go(Move::HalfUp),
            _ => false,
        };
        self.typed.key(key);
    }

    fn refresh(&mut self, shared: &mut Shared) {
        let (kept, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.items)
            .into_iter()
            .partition(|(id, revision)| why_out(shared, id, self.vote) == Ok(*revision));
        if !gone.is_empty() {
            self.typed = Typed::new(kept.len().to_string());
        }
        self.items = kept;
        self.left_out
            .extend(gone.into_iter().map(|(id, _)| (id, "it changed while this was open".to_owned())));
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let verb = self.vote.word();
        let list = self.items.len() + self.left_out.len();
        let height = rows(list + 6).clamp(10, area.height.max(10));
        let title = format!("Vote: {verb} {}?", crate::words::count(self.items.len(), "item"));
        let inner = dialog_box(buf, look, centred(area, 70, height), &title);
        let body = Rect { height: inner.height.saturating_sub(3), ..inner };
        for (row, at) in (0..).zip(self.scroll.show(body.height, list)) {
            let mut pen = Pen::new(buf, look, body, row);
            match self.items.get(at) {
                Some((id, revision)) => {
                    let title = Subject::of(&shared.snapshot, id).map(|subject| subject.title());
                    pen.id(id.as_str(), 16, look.text())
                        .text(" ")
                        .put(&revision.short(), look.muted())
                        .text("  ");
                    pen.rest(&title.unwrap_or_default(), look.text());
                }
                None => {
                    let (id, why) = &self.left_out[at - self.items.len()];
                    pen.id(id.as_str(), 16, look.muted()).text(" ");
                    pen.rest(&format!("left out: {why}"), look.word(Role::Caution));
                }
            }
        }
        let last = inner.height.saturating_sub(2);
        if self.items.is_empty() {
            Pen::new(buf, look, inner, last).put("Nothing can be voted on together here.", look.strong());
        } else {
            let what = format!("{verb} {}", crate::words::count(self.items.len(), "change"));
            self.typed.draw(shared, buf, inner, last, &what);
        }
        let back = shared.keymap.shown(Action::Back);
        Pen::new(buf, look, inner, inner.height.saturating_sub(1)).put(&back, look.key()).text(" back");
    }
}
