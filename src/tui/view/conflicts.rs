//! One row per clash, with its explanation, both sides, and the next starts that would do without it.

mod sides;
mod ways;

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use super::{
    Height, Page, Target, View, Width,
    clashes::Clashes,
    dialog::{Acknowledge, Reopen, slots},
    explain,
    item::{
        Subject, clash,
        lines::{self, Words},
    },
    layout::{note, split_below},
    pending_question::PendingQuestion,
    permissions,
    screen_document::ScreenDocument,
    text_pane,
    widget::{Head, Lead, Move, Pen, ScrollState, split_side, wrap},
};
use crate::{
    calendar,
    model::{ConflictKey, Id},
    tui::{
        app::{Reply, Shared, Ticket, Wish},
        input::{Action, Place},
    },
    wire::{ExplainedRule, Question},
};

/// The panes of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    List,
    A,
    B,
    Explain,
    Ways,
}

/// The screen of clashes.
#[derive(Debug, Default)]
pub struct Conflicts {
    clashes: Clashes,
    pane: Pane,
    /// The side `h` and `l` chose: what actions are about.
    on_b: bool,
    shown: Option<ConflictKey>,
    explained: PendingQuestion,
    slots: PendingQuestion,
    ways: ways::Ways,
    scroll: ScrollState,
}

impl Conflicts {
    fn next_pane(&mut self, shared: &Shared, back: bool) {
        let panes: &[Pane] = if shared.form().width == Width::Wide && shared.form().height >= Height::Usual {
            &[Pane::List, Pane::A, Pane::B, Pane::Explain, Pane::Ways]
        } else {
            &[Pane::List, Pane::Explain, Pane::Ways]
        };
        let at = panes.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        let step = if back { panes.len() - 1 } else { 1 };
        self.pane = panes[(at + step) % panes.len()];
        match self.pane {
            Pane::A => self.on_b = false,
            Pane::B => self.on_b = true,
            Pane::List | Pane::Explain | Pane::Ways => {}
        }
    }

    /// The side that actions are about.
    fn side(&self) -> Option<&Id> {
        let key = self.clashes.selected()?;
        Some(key.b.as_ref().filter(|_| self.on_b).unwrap_or(&key.a))
    }

    fn rule(&self) -> Option<&ExplainedRule> {
        let rule = self.shown.as_ref()?.rule;
        self.explained.explanation()?.rules.iter().find(|explained| explained.rule == rule)
    }

    fn draw_list(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let found = self.clashes.found();
        let focused = self.pane == Pane::List;
        let mut head = Head::new("Clashes", focused).count(found.words(look.glyphs));
        if !shared.filter.is_empty() {
            head = head.fact(format!("/{}", shared.filter));
        }
        if found.acknowledged > 0 {
            head = head.fact(format!("{} acknowledged", found.acknowledged));
        }
        if let Some(later) = found.later_words(look.glyphs) {
            head = head.fact(format!("{later}: {} lists", shared.keymap.shown(Action::Group)));
        }
        let right = format!("{} {}", self.clashes.sort.word(), look.glyphs.down);
        let inner = head.right(right).draw(buf, look, area);
        if self.clashes.entries().is_empty() {
            note(shared, &self.clashes.empty(shared), buf, inner);
            return;
        }
        self.clashes.draw(shared, buf, inner, (focused, true));
    }

    /// What the explanation says, with the way out at its end.
    fn lines(&self, shared: &Shared, columns: usize) -> Vec<Text<'static>> {
        let look = &shared.look;
        let Some(key) = &self.shown else { return Vec::new() };
        let mut lines = match (self.rule(), self.explained.problem()) {
            (Some(rule), _) => explain::rule(shared, rule, columns),
            (None, Some(problem)) => vec![Words::new(look).text(" ").muted(&problem.title).line()],
            (None, None) => vec![Words::new(look).muted(" asking the board").line()],
        };
        let row = shared.snapshot.conflicts.get(key);
        let ack = row.and_then(|row| row.ack);
        if let Some(ack) = &ack {
            let until = calendar::stamp(ack.until, shared.zones.current());
            let text = format!(" acknowledged by {} until {until}: {}", ack.by, ack.reason);
            lines.push(Words::new(look).put(&text, look.word(crate::tui::theme::Role::Info)).line());
        }
        if let Some(found) = slots::found(&self.slots) {
            let key = shared.keymap.shown(Action::Slots);
            let words = Words::new(look).muted(" way out: ");
            lines.push(match found.slots.first() {
                Some(slot) => {
                    let start = calendar::stamp(slot.start, shared.zones.current());
                    words
                        .text(&format!("first start with nothing blocking  {start} · {key} lists more"))
                        .line()
                }
                None => words.text(&slots::none_words(found)).line(),
            });
        }
        let key = shared.keymap.shown(Action::Acknowledge);
        let who = "the chair, or an owner where it is not blocking";
        let words = match ack {
            Some(_) => format!(" {key} takes the acknowledgement back: {who}"),
            None => format!(" {key} acknowledges: {who}; with a reason and an end"),
        };
        lines.extend(
            wrap(&words, columns.saturating_sub(1)).iter().map(|text| Words::new(look).muted(text).line()),
        );
        lines
    }

    fn draw_explain(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let focused = self.pane == Pane::Explain;
        let Some(key) = self.shown.clone() else {
            Head::new("Explain", focused).draw(buf, &shared.look, area);
            return;
        };
        let title = format!("Explain {} {}", clash::rule_id(key.rule), key.rule.name());
        let row = shared.snapshot.conflicts.get(&key);
        let right = row.map(|row| clash::badge(&row, shared.look.glyphs).2).unwrap_or_default();
        let columns = usize::from(area.width);
        let lines = lines::flow(self.lines(shared, columns), columns, 4);
        text_pane::headed(shared, buf, area, (Head::new(&title, focused), right), (&lines, &mut self.scroll));
    }

    fn draw_side(&self, shared: &Shared, buf: &mut Buffer, area: Rect, b: bool) {
        let Some(key) = &self.shown else { return };
        let row = shared.snapshot.conflicts.get(key);
        let (name, id, action) = match (b, &key.b) {
            (false, _) => ("a", &key.a, Action::Left),
            (true, Some(id)) => ("b", id, Action::Right),
            (true, None) => {
                Head::new("no second side: the rule is about a alone", false).draw(buf, &shared.look, area);
                return;
            }
        };
        let focused = self.pane == if b { Pane::B } else { Pane::A };
        let title = format!("{name} {id}");
        let mut scroll = ScrollState::default();
        let lines = sides::lines(shared, id, row.as_ref(), usize::from(area.width));
        let right = shared.keymap.shown(action);
        text_pane::headed(shared, buf, area, (Head::new(&title, focused), &right), (&lines, &mut scroll));
    }

    fn draw_slots(&self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let right = format!("{} tries one", shared.keymap.shown(Action::WhatIf));
        let head = Head::new("Free slots for a", false).fact("14 days").fact("no warning").right(right);
        let inner = head.draw(buf, look, area);
        let Some(found) = slots::found(&self.slots) else {
            let words = self.slots.problem().map(|problem| problem.title.clone()).unwrap_or_default();
            Pen::new(buf, look, inner, 0).text(" ").rest(&words, look.muted());
            return;
        };
        if found.slots.is_empty() {
            Pen::new(buf, look, inner, 0).text(" ").rest(&slots::none_words(found), look.text());
        }
        let rows = usize::from(inner.height.saturating_sub(1));
        for (row, (at, slot)) in (0..).zip(found.slots.iter().enumerate().take(rows)) {
            slots::draw_slot(shared, slot, at + 1, Lead::default(), buf, (inner, row));
        }
        let now = shared.snapshot.activities.get(&found.id).and_then(|row| row.planned.start());
        if let Some(start) = now {
            // Where there is none, that is said in the first row.
            let last = u16::try_from(found.slots.len().min(rows)).unwrap_or(0).max(1);
            let words = format!(" now {}", calendar::stamp(start, shared.zones.current()));
            Pen::new(buf, look, inner, last).put(&words, look.muted());
        }
    }

    fn draw_wide(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let (left, right) = split_side(buf, &shared.look, area, (area.width / 2).max(56));
        let (upper, free) = split_below(left, left.height.saturating_sub(26).clamp(4, 20));
        let (list, sides) = split_below(upper, 6);
        let (a, b) = split_below(sides, 3);
        self.draw_list(shared, buf, list);
        self.draw_side(shared, buf, a, false);
        self.draw_side(shared, buf, b, true);
        self.draw_slots(shared, buf, free);
        let least = u16::try_from(self.ways.rows().clamp(2, 9)).unwrap_or(2) + 1;
        let (right, moves) = split_below(right, least.min(right.height / 2));
        self.draw_explain(shared, buf, right);
        self.ways.draw(shared, buf, moves, self.pane == Pane::Ways);
    }

    /// The explanation, and as many ways out under it as there is room for; on a small screen one of them.
    fn draw_lower(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let moves = u16::try_from(self.ways.rows().clamp(2, 5)).unwrap_or(2) + 1;
        if area.height >= moves + 12 {
            let (above, below) = split_below(area, moves);
            self.draw_explain(shared, buf, above);
            self.ways.draw(shared, buf, below, self.pane == Pane::Ways);
        } else if self.pane == Pane::Ways {
            self.ways.draw(shared, buf, area, true);
        } else {
            self.draw_explain(shared, buf, area);
        }
    }

    fn open_side(&self, shared: &mut Shared) {
        let Some(id) = self.side() else { return };
        match Subject::of(&shared.snapshot, id) {
            Some(_) => {
                let page = Page::new(id.clone(), vec![id.clone()], "clash");
                shared.wish(Wish::Page(page));
            }
            None => shared.note(format!("{id} is a window: it has no page")),
        }
    }
}

impl View for Conflicts {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Conflicts, Place::Item, Place::List]
    }

    fn document(&self, shared: &Shared) -> Option<ScreenDocument> {
        Some(ScreenDocument::conflicts(shared, &self.clashes.rows(shared)))
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let row = self.clashes.selected().and_then(|key| shared.snapshot.conflicts.get(key));
        match (action, row) {
            (Action::Acknowledge, None) => Some("no clash is selected".to_owned()),
            _ => permissions::why_not(shared, action, self.target(shared).as_ref()),
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::NextPane => self.next_pane(shared, false),
            Action::PrevPane => self.next_pane(shared, true),
            Action::Left => self.on_b = false,
            Action::Right => self.on_b = true,
            Action::Explain => self.pane = Pane::Explain,
            Action::Back if self.pane != Pane::List => self.pane = Pane::List,
            Action::Acknowledge => {
                if let Some(key) = self.clashes.selected().cloned() {
                    let accepted = shared.snapshot.conflicts.get(&key).is_some_and(|row| row.ack.is_some());
                    if accepted {
                        shared.open(Reopen::new(key));
                    } else {
                        let dialog = Acknowledge::new(shared, key);
                        shared.open(dialog);
                    }
                }
            }
            Action::Enter if self.pane == Pane::Ways => self.ways.enter(shared),
            Action::Enter if self.clashes.selected().is_some() => self.open_side(shared),
            // In no service that folds, the key marks as on every list.
            Action::Fold if !self.clashes.act(shared, action) => {
                let Some(target) = self.target(shared) else { return false };
                return super::dialog::open(shared, Action::Mark, &target);
            }
            Action::Fold => {}
            _ => match (Move::of(action), self.pane) {
                (Some(to), Pane::Explain) => {
                    self.scroll.go(to);
                }
                (Some(to), Pane::Ways) => self.ways.go(to),
                _ => return self.clashes.act(shared, action),
            },
        }
        true
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        let key = self.clashes.selected()?;
        let side = self.side().filter(|id| Subject::of(&shared.snapshot, id).is_some()).unwrap_or(&key.a);
        Some(Target { id: side.clone(), marked: shared.marks() })
    }

    fn select(&mut self, _shared: &Shared, id: &Id) {
        self.clashes.select_activity(id);
        self.shown = self.clashes.selected().cloned();
    }

    fn refresh(&mut self, shared: &Shared) {
        self.clashes.refresh(shared);
        let gone = self.shown.as_ref().is_none_or(|key| !shared.snapshot.conflicts.contains(key));
        if gone {
            self.shown = self.clashes.selected().cloned();
        }
    }

    fn settle(&mut self, shared: &mut Shared) {
        let Some(key) = self.clashes.selected().cloned() else {
            self.shown = None;
            return;
        };
        if self.shown.as_ref() != Some(&key) {
            self.scroll.reset();
            self.slots.clear();
            self.ways.clear();
        }
        self.ways.want(shared, key.clone());
        self.explained.want(shared, Question::ExplainConflict { conflict: key.clone() });
        let moves = shared.snapshot.activities.get(&key.a).is_some_and(|row| row.planned.span().is_some());
        if moves {
            self.slots.want(shared, slots::question(&key.a));
        }
        self.shown = Some(key);
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.explained.reply(ticket, reply)
            || self.slots.reply(ticket, reply)
            || self.ways.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let form = shared.form();
        match (form.width, form.height) {
            (Width::Wide, Height::Usual | Height::Tall) => self.draw_wide(shared, buf, area),
            (Width::Usual, Height::Usual | Height::Tall) => {
                let rows = u16::try_from(self.clashes.entries().len()).unwrap_or(u16::MAX);
                let least = area.height.saturating_sub(rows.saturating_add(2).max(7));
                let explain = least.max(area.height * 13 / 20);
                let (list, explain) = split_below(area, explain);
                self.draw_list(shared, buf, list);
                self.draw_lower(shared, buf, explain);
            }
            _ if matches!(self.pane, Pane::Explain | Pane::Ways) => self.draw_lower(shared, buf, area),
            _ => self.draw_list(shared, buf, area),
        }
    }
}
