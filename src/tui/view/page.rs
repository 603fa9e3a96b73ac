//! The full page of a change or release: the decision at the top, which never scrolls; plans, votes, comments and history
//! below it, a part at a time or side by side.

mod head;
mod parts;
mod there;

use parts::Part;
use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use super::{
    Height, Target, View, Width,
    follow::Follow,
    item::{Subject, lines},
    layout::{note, split_below},
    permissions, questions, tally, text_pane,
    widget::{Head, Move, ScrollState, put_line, split_side, width},
};
use crate::{
    model::Id,
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Place},
    },
};

/// The full page.
#[derive(Debug)]
pub struct Page {
    id: Id,
    /// The list it was opened from, and what that list is called: `queue`.
    list: Vec<Id>,
    list_name: &'static str,
    follow: Follow,
    part: Part,
    scroll: ScrollState,
    side_scroll: ScrollState,
}

impl Page {
    /// A page for an item, with the list `J` and `K` go through.
    #[must_use]
    pub fn new(id: Id, list: Vec<Id>, list_name: &'static str) -> Self {
        Self {
            follow: Follow::default(),
            id,
            list,
            list_name,
            part: Part::default(),
            scroll: ScrollState::default(),
            side_scroll: ScrollState::default(),
        }
    }

    fn step(&mut self, shared: &mut Shared, by: isize) {
        let at = self.list.iter().position(|id| *id == self.id);
        match at.and_then(|at| at.checked_add_signed(by)).and_then(|at| self.list.get(at)) {
            Some(next) => {
                self.id = next.clone();
                self.scroll.reset();
                self.side_scroll.reset();
                self.follow.settle(shared, Some(&self.id));
            }
            None => shared.note(format!(
                "that was the {} of the {}",
                if by > 0 { "last" } else { "first" },
                self.list_name
            )),
        }
    }

    fn next_part(&mut self, shared: &Shared, back: bool) {
        let parts = self.parts(shared);
        let at = parts.iter().position(|part| *part == self.part).unwrap_or(0);
        let step = if back { parts.len() - 1 } else { 1 };
        self.part = parts[(at + step) % parts.len()];
        self.scroll.reset();
    }

    /// The parts that Tab goes through: on wide screens votes, comments and history have places of their own.
    fn parts(&self, shared: &Shared) -> &'static [Part] {
        if self.is_wide(shared) { Part::WIDE } else { Part::ALL }
    }

    fn is_wide(&self, shared: &Shared) -> bool {
        shared.form().width == Width::Wide && shared.form().height >= Height::Usual
    }

    fn draw_head(
        &self,
        shared: &Shared,
        subject: &Subject<'_>,
        buf: &mut Buffer,
        area: Rect,
        wide: bool,
    ) -> u16 {
        let at = self.list.iter().position(|id| *id == self.id).map_or(0, |at| at + 1);
        let right = match self.list.len() {
            0 | 1 => String::new(),
            all => format!("{at} of {all} in {}", self.list_name),
        };
        let title = format!("{} {}", subject.id, subject.title());
        let inner = Head::new(&title, true).right(right).draw(buf, &shared.look, area);
        let columns = usize::from(inner.width);
        let rows =
            lines::flow(head::lines(shared, subject, &self.follow, columns, wide), columns, lines::LABEL);
        let most = match shared.form().height {
            Height::Flat => 3,
            Height::Short => 6,
            Height::Usual => 12,
            Height::Tall => 18,
        };
        let shown = u16::try_from(rows.len().min(most)).unwrap_or(0).min(inner.height);
        for (row, line) in (0..shown).zip(&rows) {
            put_line(buf, &shared.look, inner, row, line);
        }
        1 + shown
    }

    fn draw_part(&mut self, shared: &Shared, subject: &Subject<'_>, buf: &mut Buffer, area: Rect) {
        let parts = self.parts(shared);
        let part = if parts.contains(&self.part) { self.part } else { parts[0] };
        let columns = usize::from(area.width);
        let lines = lines::flow(part.lines(shared, subject, &self.follow, columns), columns, 15);
        let names = parts.iter().map(|known| {
            let name = known.name(subject, &self.follow);
            if *known == part { format!("[{name}]") } else { format!(" {name} ") }
        });
        let all = names.collect::<String>();
        let at = parts.iter().position(|known| *known == part).map_or(1, |at| at + 1);
        let short = format!("[{}] {at} of {} parts", part.name(subject, &self.follow), parts.len());
        let title = if width(&all) + 6 > columns { short } else { all };
        text_pane::headed(
            shared,
            buf,
            area,
            (Head::new(title.trim_end(), false), ""),
            (&lines, &mut self.scroll),
        );
    }

    /// Votes, comments and history in the right column.
    fn draw_side(&mut self, shared: &Shared, subject: &Subject<'_>, buf: &mut Buffer, area: Rect) {
        let columns = usize::from(area.width);
        let mut rows: Vec<Text<'static>> = Vec::new();
        let (title, right) = match subject.tally {
            Some(tally) => {
                let voted = tally.voted();
                let closes = lines::closes(shared, tally.deadline, false);
                rows.extend(tally::ballots(shared, tally, columns));
                rows.extend(tally::answers(shared, tally, columns));
                (
                    format!("Votes {voted} of {}", tally.seats()),
                    if tally.is_open() { closes } else { String::new() },
                )
            }
            None => ("Votes".to_owned(), "no round yet".to_owned()),
        };
        let asked = self.follow.questions();
        if !asked.is_empty() {
            let key = format!("{} asks", shared.keymap.shown(Action::Question));
            rows.push(lines::rule(shared, &format!("Questions {}", asked.len()), &key, columns));
            rows.extend(questions::all(shared, asked, columns));
        }
        let comments = self.follow.comments();
        let key = format!("{} writes", shared.keymap.shown(Action::Comment));
        rows.push(lines::rule(shared, &format!("Comments {}", comments.len()), &key, columns));
        rows.extend(tally::comment_lines(shared, comments, columns));
        let history = parts::history(shared, &self.follow, columns);
        rows.push(lines::rule(shared, &format!("History {}", history.len()), "newest first", columns));
        rows.extend(history);
        text_pane::headed(
            shared,
            buf,
            area,
            (Head::new(&title, false), &right),
            (&rows, &mut self.side_scroll),
        );
    }
}

impl View for Page {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Page, Place::Item, Place::List]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        permissions::why_not(shared, action, self.target(shared).as_ref())
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::NextItem => self.step(shared, 1),
            Action::PrevItem => self.step(shared, -1),
            Action::NextPane => self.next_part(shared, false),
            Action::PrevPane => self.next_part(shared, true),
            Action::Enter => {}
            _ => {
                let Some(to) = Move::of(action) else { return false };
                if !self.scroll.go(to) {
                    self.side_scroll.go(to);
                }
            }
        }
        true
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        Subject::of(&shared.snapshot, &self.id)?;
        Some(Target { id: self.id.clone(), marked: shared.marks_with(&self.id) })
    }

    fn refresh(&mut self, _shared: &Shared) {
        self.follow.start(Some(&self.id));
    }

    fn settle(&mut self, shared: &mut Shared) {
        let id = self.id.clone();
        self.follow.settle(shared, Some(&id));
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.follow.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let Some(subject) = Subject::of(&shared.snapshot, &self.id) else {
            let inner = Head::new(self.id.as_str(), true).draw(buf, &shared.look, area);
            let key = shared.keymap.shown(Action::Back);
            note(shared, &format!("{} is no longer on the board. {key} goes back.", self.id), buf, inner);
            return;
        };
        if self.is_wide(shared) {
            let (left, right) =
                split_side(buf, &shared.look, area, super::layout::SIDE.max(area.width * 2 / 5));
            let used = self.draw_head(shared, &subject, buf, left, true);
            let (_, below) = split_below(left, left.height.saturating_sub(used));
            self.draw_part(shared, &subject, buf, below);
            self.draw_side(shared, &subject, buf, right);
            return;
        }
        let used = self.draw_head(shared, &subject, buf, area, false);
        let (_, below) = split_below(area, area.height.saturating_sub(used));
        self.draw_part(shared, &subject, buf, below);
    }
}
