//! The board: what waits for a decision, the week, the clashes, and the item under the cursor.
//!
//! The queue leads; its cursor drives the marks in the calendar and the panel on the right.

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use super::calendar::{CalendarPane, Scene};
use super::{
    Height, Page, Screen, Target, View, Width,
    clashes::Clashes,
    filter,
    follow::Follow,
    item::{Subject, lines},
    items::{Items, draw_column_heads},
    layout::{SIDE, note, split_below},
    now::NowPane,
    permissions, questions,
    screen_document::ScreenDocument,
    tally, text_pane,
    welcome::Welcome,
    widget::{Head, Move, Pen, ScrollState, split_side},
};
use crate::{
    model::{Id, time::HOUR},
    tui::{
        app::{Reply, Shared, Ticket, Wish},
        input::{Action, Place},
    },
    words::Label,
};

/// The panes of the Board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    Now,
    #[default]
    List,
    Calendar,
    Clashes,
    Panel,
}

/// The Board.
#[derive(Debug, Default)]
pub struct Board {
    welcome: Welcome,
    now: NowPane,
    items: Items,
    clashes: Clashes,
    calendar: CalendarPane,
    follow: Follow,
    pane: Pane,
    scroll: ScrollState,
}

impl Board {
    fn panes(shared: &Shared) -> &'static [Pane] {
        let form = shared.form();
        match (form.width, form.height) {
            (Width::Wide, Height::Usual | Height::Tall) => {
                &[Pane::Now, Pane::List, Pane::Calendar, Pane::Clashes, Pane::Panel]
            }
            (Width::Usual, Height::Usual | Height::Tall) => {
                &[Pane::Now, Pane::List, Pane::Panel, Pane::Calendar]
            }
            _ => &[Pane::Now, Pane::List, Pane::Panel, Pane::Calendar, Pane::Clashes],
        }
    }

    fn next_pane(&mut self, shared: &Shared, back: bool) {
        let panes = Self::panes(shared);
        let at = panes.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        let step = if back { panes.len() - 1 } else { 1 };
        self.pane = panes[(at + step) % panes.len()];
    }

    fn draw_list(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let found = self.items.found();
        let focused = self.pane == Pane::List;
        let mut head = Head::new("To decide", focused);
        head = if shared.filter.is_empty() {
            head.count(found.shown)
        } else {
            head.count(format!("{} of {}", found.shown, found.all)).fact(format!("/{}", shared.filter))
        };
        if found.waiting > 0 {
            head = head.fact(format!("{} wait for you", found.waiting));
        }
        if found.consent > 0 {
            head = head.fact(format!("{} by consent", found.consent));
        }
        let time = if self.items.sort == super::items::Sort::Due { " time" } else { "" };
        let right = format!("by {}{time} {}", self.items.sort.word(), look.glyphs.down);
        let right = permissions::asks_who_votes(shared).unwrap_or(right);
        let inner = head.right(right).draw(buf, look, area);
        if self.items.entries().is_empty() {
            let key = shared.keymap.shown(Action::ShowCalendar);
            let text = if found.all == 0 && !shared.snapshot.somebody_votes() {
                permissions::who_votes(shared)
            } else if found.all > 0 {
                let what = format!("None of the {} open votes matches", found.all);
                filter::nothing(&what, &shared.filter, self.items.nearest(), &shared.keymap)
            } else {
                format!("Nothing waits for a decision. {key} shows what is planned.")
            };
            note(shared, &text, buf, inner);
            return;
        }
        let rows = draw_column_heads(self.items.columns(shared, inner.width), shared, buf, inner);
        self.items.draw(shared, buf, rows, focused);
    }

    fn draw_clashes(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let found = self.clashes.found();
        let focused = self.pane == Pane::Clashes;
        let mut head = Head::new("Clashes", focused).count(found.words(look.glyphs));
        if !shared.filter.is_empty() {
            head = head.fact(format!("/{}", shared.filter));
        }
        if found.acknowledged > 0 {
            head = head.fact(format!("{} acknowledged", found.acknowledged));
        }
        if let Some(later) = found.later_words(look.glyphs) {
            head = head.fact(later);
        }
        let right = format!("{} {}", self.clashes.sort.word(), look.glyphs.down);
        let inner = head.right(right).draw(buf, look, area);
        if self.clashes.entries().is_empty() {
            note(shared, &self.clashes.empty(shared), buf, inner);
            return;
        }
        self.clashes.draw(shared, buf, inner, (focused, false));
    }

    /// The item under the cursor in short: when, clash, rollback, vote.
    fn draw_strip(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let focused = self.pane == Pane::Panel;
        let Some(subject) = self.follow.shown().and_then(|id| Subject::of(&shared.snapshot, id)) else {
            Head::new("Nothing selected", focused).draw(buf, &shared.look, area);
            return;
        };
        let title = format!("{} {}", subject.id, subject.title());
        let right = format!("{} · {} risk", subject.kind_full(), subject.risk().label());
        let columns = usize::from(area.width);
        let rows = lines::strip(shared, &subject, self.follow.detail(), columns);
        let head = (Head::new(&title, focused), right.as_str());
        text_pane::headed(shared, buf, area, head, (&rows, &mut self.scroll));
    }

    /// The panel on the right: the item, its votes, its comments.
    fn draw_panel(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let focused = self.pane == Pane::Panel;
        let Some(subject) = self.follow.shown().and_then(|id| Subject::of(&shared.snapshot, id)) else {
            Head::new("Nothing selected", focused).draw(buf, look, area);
            return;
        };
        let columns = usize::from(area.width);
        let mut rows =
            lines::flow(lines::side(shared, &subject, self.follow.detail(), columns), columns, lines::LABEL);
        rows.extend(lines::flow(questions::open(shared, subject.id), columns, 3));
        if let Some(tally) = subject.tally {
            let closes = lines::closes(shared, tally.deadline, true);
            rows.push(Text::default());
            rows.push(lines::rule(shared, "Votes", &closes, columns));
            rows.extend(tally::ballots(shared, tally, columns));
            rows.extend(tally::answers(shared, tally, columns));
        }
        let comments = self.follow.comments();
        rows.push(Text::default());
        let title = format!("Comments {}", comments.len());
        rows.push(lines::rule(shared, &title, "newest first", columns));
        rows.extend(tally::comment_lines(shared, comments, columns));
        let order = self.items.order();
        let at =
            order.iter().position(|id| id == subject.id).map(|at| format!("{} of {}", at + 1, order.len()));
        let head = (Head::new(subject.id.as_str(), focused), at.unwrap_or_default());
        text_pane::headed(shared, buf, area, (head.0, &head.1), (&rows, &mut self.scroll));
    }

    /// One line under a short list.
    fn draw_line(&self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let Some(subject) = self.follow.shown().and_then(|id| Subject::of(&shared.snapshot, id)) else {
            return;
        };
        let columns = usize::from(area.width);
        let rows = lines::strip(shared, &subject, self.follow.detail(), columns);
        let clash = rows.get(1).map(ToString::to_string).unwrap_or_default();
        Pen::new(buf, &shared.look, area, 0).rest(&clash, shared.look.text());
    }

    /// The Now pane on top, of so many lines at most; the area below it.
    fn draw_now(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect, most: u16) -> Rect {
        let height = self.now.height(most).min(area.height);
        self.now.draw(shared, self.pane == Pane::Now, buf, Rect { height, ..area });
        Rect { y: area.y + height, height: area.height - height, ..area }
    }

    fn draw_wide(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect, tall: bool) {
        let area = self.draw_now(shared, buf, area, if tall { 7 } else { 4 });
        let (left, right) = split_side(buf, &shared.look, area, SIDE);
        let rows = self.items.lines(shared, left.width);
        let two = self.items.columns(shared, left.width).lines() > 1;
        let list = rows.clamp(3, if tall || two { 14 } else { 7 }) + 2;
        let clashes = self.clashes.lines(shared, left.width);
        let clashes = clashes.clamp(1, if tall { 9 } else { 6 }) + 1;
        let (upper, lower) = split_below(left, clashes);
        let (list, calendar) = split_below(upper, upper.height.saturating_sub(list));
        self.draw_list(shared, buf, list);
        self.draw_pane(shared, buf, calendar);
        self.draw_clashes(shared, buf, lower);
        self.draw_panel(shared, buf, right);
    }

    /// The calendar of the week, with marks for the item shown.
    fn draw_pane(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        // On a wide screen it goes beyond what is here at first.
        let shown = shared.now.plus(i64::from(area.width) * 2 * HOUR);
        if shared.snapshot.opening.is_some_and(|opening| opening.to < shown) {
            let inner = Head::new("Calendar", self.pane == Pane::Calendar).draw(buf, &shared.look, area);
            return note(shared, "Loading the board.", buf, inner);
        }
        let scene = Scene {
            snapshot: &shared.snapshot,
            look: &shared.look,
            now: shared.now,
            zone: shared.zones.current(),
            filter: &shared.filter,
            sieve: &shared.sieve,
            focused: self.pane == Pane::Calendar,
            settings: &shared.calendar,
            keymap: &shared.keymap,
        };
        self.calendar.draw(&scene, self.follow.shown(), buf, area);
    }
}

impl View for Board {
    fn places(&self, shared: &Shared) -> &'static [Place] {
        if shared.snapshot.is_empty() {
            return self.welcome.places(shared);
        }
        &[Place::Board, Place::Item, Place::List]
    }

    fn hinted(&self, shared: &Shared, action: Action) -> bool {
        !shared.snapshot.is_empty() || self.welcome.hinted(shared, action)
    }

    fn document(&self, shared: &Shared) -> Option<ScreenDocument> {
        let tallies = self.items.order().iter().filter_map(|id| shared.snapshot.open_tally(id));
        Some(ScreenDocument::queue(shared, tallies.map(AsRef::as_ref)))
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        if shared.snapshot.is_empty() && action == Action::Copy {
            return None;
        }
        permissions::why_not(shared, action, self.target(shared).as_ref())
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if shared.snapshot.is_empty() {
            return self.welcome.act(shared, action);
        }
        match (action, self.pane) {
            (Action::NextPane, _) => self.next_pane(shared, false),
            (Action::PrevPane, _) => self.next_pane(shared, true),
            (Action::Enter, Pane::Now) => match self.now.selected().map(|run| run.id.clone()) {
                Some(id) => shared.wish(Wish::Select(Screen::Run, id)),
                None => shared.wish(Wish::Go(Screen::Run)),
            },
            (Action::Enter, Pane::Clashes) => {
                if let Some(key) = self.clashes.selected() {
                    shared.wish(Wish::Select(Screen::Conflicts, key.a.clone()));
                } else {
                    self.clashes.act(shared, action);
                }
            }
            (Action::Enter, Pane::Calendar) => shared.wish(Wish::Go(Screen::Calendar)),
            (Action::Enter, Pane::List | Pane::Panel) => {
                if let Some(id) = self.items.selected() {
                    let page = Page::new(id.clone(), self.items.order().to_vec(), "queue");
                    shared.wish(Wish::Page(page));
                }
            }
            (_, Pane::Clashes) => return self.clashes.act(shared, action),
            (_, Pane::Now) => {
                let Some(to) = Move::of(action) else { return self.items.act(shared, action) };
                self.now.go(to);
            }
            (_, Pane::Panel) => {
                let Some(to) = Move::of(action) else { return self.items.act(shared, action) };
                self.scroll.go(to);
            }
            (Action::Group, _) => return false,
            (_, Pane::List | Pane::Calendar) => return self.items.act(shared, action),
        }
        true
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        let id = match self.pane {
            Pane::Now => &self.now.selected()?.item,
            Pane::Clashes => &self.clashes.selected()?.a,
            Pane::List | Pane::Calendar | Pane::Panel => self.items.selected()?,
        };
        Some(Target { id: id.clone(), marked: shared.marks() })
    }

    fn select(&mut self, _shared: &Shared, id: &Id) {
        self.items.select(id);
        self.follow.start(self.items.selected());
    }

    fn refresh(&mut self, shared: &Shared) {
        self.items.refresh(shared);
        self.now.refresh(shared);
        self.clashes.refresh(shared);
        let gone = self.follow.shown().is_none_or(|id| Subject::of(&shared.snapshot, id).is_none());
        if gone {
            self.follow.start(self.items.selected());
        }
    }

    fn settle(&mut self, shared: &mut Shared) {
        if !shared.snapshot.is_empty() && shared.snapshot.opening.is_none() {
            self.now.settle(shared);
        }
        let selected = self.items.selected().cloned();
        if self.follow.settle(shared, selected.as_ref()) {
            self.scroll.reset();
        }
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.now.reply(shared, ticket, reply) || self.follow.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        if shared.snapshot.is_empty() {
            return self.welcome.draw(shared, buf, area);
        }
        let form = shared.form();
        match (form.width, form.height) {
            (Width::Wide, Height::Usual | Height::Tall) => {
                self.draw_wide(shared, buf, area, form.height == Height::Tall);
            }
            (Width::Usual, Height::Usual | Height::Tall) => {
                let most = if form.height == Height::Tall { 7 } else { 3 };
                let area = self.draw_now(shared, buf, area, most);
                let (upper, week) = split_below(area, 6);
                let (list, strip) = split_below(upper, 5);
                self.draw_list(shared, buf, list);
                self.draw_strip(shared, buf, strip);
                self.draw_pane(shared, buf, week);
            }
            (Width::Usual | Width::Wide, Height::Short) if self.pane == Pane::List => {
                let (list, line) = split_below(area, 1);
                self.draw_list(shared, buf, list);
                self.draw_line(shared, buf, line);
            }
            _ => match self.pane {
                Pane::Now => self.now.draw(shared, true, buf, area),
                Pane::List => self.draw_list(shared, buf, area),
                Pane::Calendar => self.draw_pane(shared, buf, area),
                Pane::Clashes => self.draw_clashes(shared, buf, area),
                Pane::Panel => self.draw_panel(shared, buf, area),
            },
        }
    }
}
