//! Releases as plans: where each is in its life, whether it is ready, its phases and the way back from each stop.
//!
//! The list and the plan in focus are asked of the hub (`Question::Releases`, `Question::Plan`), again with every snapshot and
//! every minute; the newest answers are drawn. `Tab` walks the panes.

mod row;

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use super::{
    Height, Page, Target, View, Width,
    dialog::{Documents, ReleaseMenu},
    item::Subject,
    layout::{note, split_below},
    pending_question::PendingQuestion,
    release_plan, text_pane,
    widget::{Head, Lead, ListState, Move, ScrollState, split_side},
};
use crate::{
    model::{Id, Instant},
    tui::{
        app::{Reply, Shared, Ticket, Wish},
        input::{Action, Place},
    },
    wire::{
        Answer, Question,
        release::{ReleasePlan, ReleaseSummary},
    },
};

/// The panes, in the order in which `Tab` walks them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    List,
    Ready,
    Stops,
    Focus,
}

/// The Releases screen.
#[derive(Debug, Default)]
pub struct Releases {
    list: ListState,
    pane: Pane,
    asked: PendingQuestion,
    plan_asked: PendingQuestion,
    all: Vec<ReleaseSummary>,
    known: bool,
    plan: Option<Box<ReleasePlan>>,
    /// The minute for which they were asked.
    minute: Option<Instant>,
    ready: ScrollState,
    stops: ScrollState,
    focus: ScrollState,
    /// What was to be selected, before the list was known.
    wanted: Option<Id>,
}

impl Releases {
    fn selected(&self) -> Option<&ReleaseSummary> {
        self.all.get(self.list.cursor())
    }

    /// The plan of what is selected, once it is there.
    fn plan(&self) -> Option<&ReleasePlan> {
        let plan = self.plan.as_deref()?;
        (self.selected()?.id == plan.release.id).then_some(plan)
    }

    fn ask(&mut self, shared: &mut Shared) {
        let minute = shared.now.floor_minute();
        if self.minute != Some(minute) {
            self.minute = Some(minute);
            self.asked.clear();
            self.plan_asked.clear();
        }
        self.asked.want(shared, Question::Releases);
        if let Some(id) = self.selected().map(|row| row.id.clone()) {
            self.plan_asked.want(shared, Question::Plan { id, since: None });
        }
    }

    fn go(&mut self, to: Move) {
        let moved = match self.pane {
            Pane::List => self.list.go(to, self.all.len()),
            Pane::Ready => self.ready.go(to),
            Pane::Stops => self.stops.go(to),
            Pane::Focus => self.focus.go(to),
        };
        if moved && self.pane == Pane::List {
            self.ready.reset();
            self.stops.reset();
            self.focus.reset();
        }
    }

    /// Below 120 columns all but the list is one pane.
    fn walk(&mut self, shared: &Shared, back: bool) {
        let all: &[Pane] = match shared.form().width {
            Width::Wide => &[Pane::List, Pane::Ready, Pane::Stops, Pane::Focus],
            _ => &[Pane::List, Pane::Focus],
        };
        let at = all.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        let step = if back { all.len() - 1 } else { 1 };
        self.pane = all[(at + step) % all.len()];
    }

    fn counts(&self, shared: &Shared) -> Vec<String> {
        let live = self.all.iter().filter(|one| one.live);
        let deploying = live.clone().filter(|one| one.stage == crate::model::ReleaseState::Deploy).count();
        let week = shared.now.plus(7 * crate::model::time::DAY);
        let soon = |one: &&ReleaseSummary| {
            let start = one.next.as_ref().and_then(|next| next.start);
            start.is_some_and(|at| at < week)
        };
        let soon = live.filter(soon).count();
        let mut parts = Vec::new();
        parts.extend((deploying > 0).then(|| format!("{deploying} deploying")));
        parts.extend((soon > 0).then(|| format!("{soon} within a week")));
        parts
    }

    fn draw_list(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let focused = self.pane == Pane::List;
        let mut head = Head::new("Releases", focused).count(self.all.len());
        for part in self.counts(shared) {
            head = head.fact(part);
        }
        let inner = head.right(format!("next phase {}", look.glyphs.down)).draw(buf, look, area);
        if self.all.is_empty() {
            let text = match (self.known, self.asked.problem()) {
                (false, None) => "Asking for the releases.".to_owned(),
                (false, Some(problem)) => problem.title.clone(),
                (true, _) => {
                    "No release yet: import a board file, or connect a system that has them.".to_owned()
                }
            };
            return note(shared, &text, buf, inner);
        }
        let columns = row::Columns::of(&self.all, inner.width);
        row::heads(shared, &columns, buf, inner);
        let body = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        let view = self.list.show(body.height, self.all.len());
        let cursor = self.list.cursor();
        for (at, one) in (0..).zip(&self.all).skip(view.start).take(view.len()) {
            let lead = Lead { selected: at == cursor, focused, marked: false };
            let line = u16::try_from(at - view.start).unwrap_or(u16::MAX);
            row::draw(shared, one, lead, &columns, buf, (body, line));
        }
    }

    /// A pane of lines about the plan in focus; while it is asked for, a sentence.
    fn draw_lines(
        &mut self,
        shared: &Shared,
        pane: Pane,
        (buf, area): (&mut Buffer, Rect),
        lines: impl FnOnce(&ReleasePlan, usize) -> (String, String, Vec<Text<'static>>),
    ) {
        let columns = usize::from(area.width);
        let (title, right, lines) = match self.plan() {
            Some(plan) => lines(plan, columns),
            None if self.selected().is_some() => {
                ("Plan".to_owned(), String::new(), vec![Text::from(" asking the board")])
            }
            None => (String::new(), String::new(), Vec::new()),
        };
        let head = Head::new(&title, self.pane == pane);
        let scroll = match pane {
            Pane::Ready => &mut self.ready,
            Pane::Stops => &mut self.stops,
            Pane::List | Pane::Focus => &mut self.focus,
        };
        text_pane::headed(shared, buf, area, (head, &right), (&lines, scroll));
    }

    /// One column: the list, the plan in focus below.
    fn draw_narrow(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let rows = u16::try_from(self.all.len()).unwrap_or(u16::MAX).clamp(1, 5) + 2;
        let detail = area.height.saturating_sub(rows);
        let (list, lower) = match self.pane {
            Pane::List => split_below(area, if area.height > 12 { detail } else { 0 }),
            // With little room the pane in focus has all of it.
            Pane::Ready | Pane::Stops | Pane::Focus if area.height <= 12 => {
                (Rect { height: 0, ..area }, area)
            }
            Pane::Ready | Pane::Stops | Pane::Focus => split_below(area, detail),
        };
        if list.height > 0 {
            self.draw_list(shared, buf, list);
        }
        if lower.height > 1 {
            let pane = if self.pane == Pane::List { Pane::Focus } else { self.pane };
            self.draw_lines(shared, pane, (buf, lower), |plan, columns| {
                release_plan::all(shared, plan, columns)
            });
        }
    }
}

impl View for Releases {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Releases, Place::Item, Place::List]
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        let id = self.selected()?.id.clone();
        Subject::of(&shared.snapshot, &id)?;
        Some(Target { id, marked: Vec::new() })
    }

    fn disabled(&self, _shared: &Shared, action: Action) -> Option<String> {
        let needs = matches!(action, Action::ReleaseMenu | Action::Documents);
        match (needs, self.selected(), self.plan()) {
            (true, None, _) => Some("there is no release".to_owned()),
            (true, Some(row), None) => Some(format!("the plan of {} is still asked for", row.id)),
            (true | false, ..) => None,
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.go(to);
            return true;
        }
        match action {
            Action::NextPane | Action::PrevPane => self.walk(shared, action == Action::PrevPane),
            Action::ReleaseMenu => {
                if let Some(plan) = self.plan() {
                    shared.open(ReleaseMenu::new(plan.clone()));
                }
            }
            Action::Documents => {
                if let Some(plan) = self.plan() {
                    shared.open(Documents::new(plan.clone()));
                }
            }
            Action::Enter => {
                let ids: Vec<Id> = self.all.iter().map(|row| row.id.clone()).collect();
                let id = self.selected().map(|row| row.id.clone());
                match id.filter(|id| Subject::of(&shared.snapshot, id).is_some()) {
                    Some(id) => shared.wish(Wish::Page(Page::new(id, ids, "releases"))),
                    None => shared.note("nothing is selected"),
                }
            }
            _ => return false,
        }
        true
    }

    fn select(&mut self, _shared: &Shared, id: &Id) {
        match self.all.iter().position(|row| row.id == *id) {
            Some(at) => self.list.select(at),
            None => self.wanted = Some(id.clone()),
        }
    }

    fn settle(&mut self, shared: &mut Shared) {
        self.ask(shared);
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if self.plan_asked.reply(ticket, reply) {
            if let Some(Answer::Plan(plan)) = self.plan_asked.answer() {
                self.plan = Some(plan.clone());
            }
            return true;
        }
        if !self.asked.reply(ticket, reply) {
            return false;
        }
        if let Some(Answer::Releases(all)) = self.asked.answer() {
            let before = self.wanted.take().or_else(|| self.selected().map(|row| row.id.clone()));
            self.all.clone_from(all);
            self.known = true;
            if let Some(at) = before.and_then(|id| self.all.iter().position(|row| row.id == id)) {
                self.list.select(at);
            }
            self.ask(shared);
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let form = shared.form();
        if form.width < Width::Wide {
            return self.draw_narrow(shared, buf, area);
        }
        let columns = if area.width >= 150 { 72 } else { 62 };
        let (left, right) = split_side(buf, &shared.look, area, columns);
        let rows = u16::try_from(self.all.len()).unwrap_or(u16::MAX);
        let checks = self.plan().map_or(6, |plan| plan.readiness.checks.len());
        let checks = u16::try_from(checks).unwrap_or(u16::MAX).min(12) + 1;
        let most = if form.height == Height::Tall { left.height / 2 } else { left.height / 3 };
        let list = (rows + 2).clamp(4, most.max(4));
        let top = Rect { height: list.min(left.height), ..left };
        let below = Rect { y: left.y + top.height, height: left.height - top.height, ..left };
        let (ready, stops) = split_below(below, below.height.saturating_sub(checks));
        self.draw_list(shared, buf, top);
        self.draw_lines(shared, Pane::Ready, (buf, ready), |plan, columns| {
            release_plan::ready(shared, plan, columns)
        });
        self.draw_lines(shared, Pane::Stops, (buf, stops), |plan, columns| {
            release_plan::stops(shared, plan, columns)
        });
        self.draw_lines(shared, Pane::Focus, (buf, right), |plan, columns| {
            release_plan::focus(shared, plan, columns)
        });
    }
}

#[cfg(test)]
mod tests;
