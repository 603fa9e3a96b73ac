//! Everything that waits for a decision, with its tally: sorted, grouped, filtered, marked.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Height, Page, Target, View, Width,
    filter::{self, Suggestion},
    follow::Follow,
    item::{Subject, lines},
    items::{Group, Items, draw_column_heads},
    layout::{SIDE, note, split_below},
    permissions, questions,
    screen_document::ScreenDocument,
    tally, text_pane,
    widget::{Head, Move, Pen, ScrollState, split_side},
};
use crate::{
    model::Id,
    tui::{
        app::{Reply, Shared, Ticket, Wish},
        input::{Action, Place},
    },
};

/// The panes of the Queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    List,
    Clashes,
    Tally,
}

/// The Queue.
#[derive(Debug)]
pub struct Queue {
    items: Items,
    follow: Follow,
    pane: Pane,
    scroll: ScrollState,
    clash_scroll: ScrollState,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            items: Items::grouped(Group::Due),
            follow: Follow::default(),
            pane: Pane::default(),
            scroll: ScrollState::default(),
            clash_scroll: ScrollState::default(),
        }
    }
}

impl Queue {
    fn next_pane(&mut self, shared: &Shared, back: bool) {
        let wide = shared.form().width == Width::Wide;
        self.pane = match (self.pane, back) {
            (Pane::List, false) | (Pane::Tally, true) if wide => Pane::Clashes,
            (Pane::List, _) => Pane::Tally,
            (Pane::Clashes, false) => Pane::Tally,
            (Pane::Clashes | Pane::Tally, _) => Pane::List,
        };
    }

    fn draw_list(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let found = self.items.found();
        let filter =
            if shared.filter.is_empty() { "no filter".to_owned() } else { format!("/{}", shared.filter) };
        let right = format!(
            "group: {} {}  sort: {}",
            self.items.group.word(),
            look.glyphs.down,
            self.items.sort.word()
        );
        let inner = Head::new("Queue", self.pane == Pane::List)
            .count(format!("{} of {}", found.shown, found.all))
            .fact(filter)
            .right(permissions::asks_who_votes(shared).unwrap_or(right))
            .draw(buf, look, area);
        if self.items.entries().is_empty() {
            empty(shared, (found.all, self.items.nearest()), buf, inner);
            return;
        }
        let rows = draw_column_heads(self.items.columns(shared, inner.width), shared, buf, inner);
        self.items.draw(shared, buf, rows, self.pane == Pane::List);
    }

    fn draw_tally(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect, strip: bool) {
        let focused = self.pane == Pane::Tally;
        let subject = self.follow.shown().and_then(|id| Subject::of(&shared.snapshot, id));
        let Some(subject) = subject else {
            Head::new("Tally", focused).draw(buf, &shared.look, area);
            return;
        };
        let Some(tally) = subject.tally else { return };
        let columns = usize::from(area.width);
        let comments = self.follow.comments();
        let mut rows = lines::flow(questions::open(shared, subject.id), columns, 3);
        let head = if strip {
            rows.extend(tally::strip(shared, tally, comments, columns, usize::from(u16::MAX)));
            tally::title(shared, tally)
        } else {
            rows.extend(lines::flow(tally::side(shared, tally, columns), columns, 3));
            tally::Title { title: format!("Tally {}", tally.id), ..tally::title(shared, tally) }
        };
        if !strip && !comments.is_empty() {
            rows.push(ratatui::text::Line::default());
            rows.push(lines::Words::new(&shared.look).muted(" Comments, newest first").line());
            rows.extend(tally::comment_lines(shared, comments, columns));
        }
        let right = head.right.clone();
        text_pane::headed(
            shared,
            buf,
            area,
            (Head::new(&head.title, focused), &right),
            (&rows, &mut self.scroll),
        );
    }

    fn draw_clashes(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let Some(subject) = self.follow.shown().and_then(|id| Subject::of(&shared.snapshot, id)) else {
            return;
        };
        let rows = lines::clash_pane(shared, &subject, self.follow.detail(), usize::from(area.width));
        let title = format!("Clashes and rollback of {}", subject.id);
        let key = format!("{} explains", shared.keymap.shown(Action::Explain));
        text_pane::headed(
            shared,
            buf,
            area,
            (Head::new(&title, self.pane == Pane::Clashes), &key),
            (&rows, &mut self.clash_scroll),
        );
    }

    /// One line under a short list: the votes of what is shown.
    fn draw_line(&self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let Some(subject) = self.follow.shown().and_then(|id| Subject::of(&shared.snapshot, id)) else {
            return;
        };
        let words = format!(" {}: {}", subject.id, lines::vote_line(subject.tally));
        Pen::new(buf, &shared.look, area, 0).rest(&words, shared.look.muted());
    }
}

/// What the list says when nothing is in it.
fn empty(shared: &Shared, (all, nearest): (usize, Option<&Suggestion>), buf: &mut Buffer, area: Rect) {
    let key = |action| shared.keymap.shown(action);
    let text = if all > 0 {
        let what = format!("None of the {all} open votes matches");
        filter::nothing(&what, &shared.filter, nearest, &shared.keymap)
    } else {
        format!(
            "Nothing waits for a decision. A change comes here when its source asks for approval, or when the chair \
             opens a vote: select it in the calendar ({}) and press {}.",
            key(Action::ShowCalendar),
            key(Action::Decide)
        )
    };
    note(shared, &text, buf, area);
}

impl View for Queue {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Queue, Place::Item, Place::List]
    }

    fn document(&self, shared: &Shared) -> Option<ScreenDocument> {
        let tallies = self.items.order().iter().filter_map(|id| shared.snapshot.open_tally(id));
        Some(ScreenDocument::queue(shared, tallies.map(AsRef::as_ref)))
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        permissions::why_not(shared, action, self.target(shared).as_ref())
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::NextPane => self.next_pane(shared, false),
            Action::PrevPane => self.next_pane(shared, true),
            Action::Enter if self.items.selected().is_some() => {
                if let Some(id) = self.items.selected() {
                    let page = Page::new(id.clone(), self.items.order().to_vec(), "queue");
                    shared.wish(Wish::Page(page));
                }
            }
            _ => {
                let scroll = match self.pane {
                    Pane::List => None,
                    Pane::Clashes => Some(&mut self.clash_scroll),
                    Pane::Tally => Some(&mut self.scroll),
                };
                return match (Move::of(action), scroll) {
                    (Some(to), Some(scroll)) => {
                        scroll.go(to);
                        true
                    }
                    _ => self.items.act(shared, action),
                };
            }
        }
        true
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        let id = self.items.selected()?;
        Some(Target { id: id.clone(), marked: shared.marks() })
    }

    fn select(&mut self, _shared: &Shared, id: &Id) {
        self.items.select(id);
        self.follow.start(self.items.selected());
    }

    fn refresh(&mut self, shared: &Shared) {
        self.items.refresh(shared);
        let gone = self.follow.shown().is_none_or(|id| Subject::of(&shared.snapshot, id).is_none());
        if gone {
            self.follow.start(self.items.selected());
        }
    }

    fn settle(&mut self, shared: &mut Shared) {
        let selected = self.items.selected().cloned();
        if selected.is_some() && self.follow.settle(shared, selected.as_ref()) {
            self.scroll.reset();
            self.clash_scroll.reset();
        }
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.follow.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let form = shared.form();
        match (form.width, form.height) {
            (Width::Slim | Width::Narrow, _) | (_, Height::Flat) => match self.pane {
                Pane::List | Pane::Clashes => self.draw_list(shared, buf, area),
                Pane::Tally => self.draw_tally(shared, buf, area, false),
            },
            (Width::Usual | Width::Wide, Height::Short) => {
                let (list, line) = split_below(area, 1);
                self.draw_list(shared, buf, list);
                self.draw_line(shared, buf, line);
            }
            (Width::Usual, Height::Usual | Height::Tall) => {
                let (list, strip) = split_below(area, if form.height == Height::Tall { 12 } else { 8 });
                self.draw_list(shared, buf, list);
                self.draw_tally(shared, buf, strip, true);
            }
            (Width::Wide, Height::Usual | Height::Tall) => {
                let (left, right) = split_side(buf, &shared.look, area, SIDE);
                let (list, clashes) = split_below(left, if form.height == Height::Tall { 14 } else { 7 });
                self.draw_list(shared, buf, list);
                self.draw_clashes(shared, buf, clashes);
                self.draw_tally(shared, buf, right, false);
            }
        }
    }
}
