//! `f`: the next starts of a change that raise nothing, each with what limits it.

use ratatui::{buffer::Buffer, layout::Rect};

use super::WhatIf;
use crate::{
    calendar,
    model::{Id, Severity, time::DAY},
    tui::{
        app::{Reply, Shared, Ticket},
        glyph::Glyphs,
        input::{Action, Place},
        theme::Role,
        view::{
            Popup,
            item::clash::rule_id,
            pending_question::{PendingQuestion, refusal},
            widget::{Lead, ListState, Move, Pen, centred, cut, dialog_box, width, wrap},
        },
    },
    wire::RuleState,
    wire::{Answer, Question, Slot, Slots as Found},
    words::Label,
};

/// Slots asked for.
const COUNT: usize = 9;

/// The dialog.
#[derive(Debug)]
pub struct Slots {
    id: Id,
    asked: PendingQuestion,
    list: ListState,
}

/// The question of the slots of an activity: nothing at or above a warning, within fourteen days.
#[must_use]
pub fn question(id: &Id) -> Question {
    Question::Slots { id: id.clone(), count: COUNT, within_secs: 14 * DAY, below: Severity::Warn }
}

impl Slots {
    /// Asks for the free slots of an activity.
    #[must_use]
    pub fn new(shared: &mut Shared, id: Id) -> Self {
        let mut asked = PendingQuestion::default();
        asked.want(shared, question(&id));
        Self { id, asked, list: ListState::default() }
    }

    fn found(&self) -> Option<&Found> {
        found(&self.asked)
    }
}

/// The slots, where that is what was answered.
#[must_use]
pub fn found(asked: &PendingQuestion) -> Option<&Found> {
    match asked.answer() {
        Some(Answer::Slots(found)) => Some(found),
        _ => None,
    }
}

/// One slot in a row: `1  Wed 02 Dec 22:00  no clash         limit: …`.
pub fn draw_slot(shared: &Shared, slot: &Slot, number: usize, lead: Lead, buf: &mut Buffer, at: (Rect, u16)) {
    let look = &shared.look;
    let mut pen = Pen::new(buf, look, at.0, at.1);
    let style = pen.id_style(lead, look.text());
    let cursor = if lead.selected && lead.focused { look.glyphs.cursor } else { " " };
    pen.text(cursor).put(&format!("{number:<2} "), look.muted());
    pen.put(&calendar::stamp(slot.start, shared.zones.current()), style).text("  ");
    if !slot.unchecked.is_empty() {
        pen.column(RuleState::NotChecked.label(), 13, look.word(Role::Bad));
    } else if slot.raises.is_empty() {
        pen.column("no clash", 13, look.word(Role::Ok));
    } else {
        let rules: Vec<&str> = slot.raises.iter().map(|rule| rule_id(*rule)).collect();
        pen.column(&format!("{} {}", look.glyphs.clash_info, rules.join(" ")), 13, look.word(Role::Info));
    }
    if let Some(doubt) = slot.unchecked.first() {
        pen.text(" ");
        let doubt = cut(doubt, pen.left(), look.glyphs);
        pen.text(&doubt);
    } else if !slot.limit.is_empty() {
        pen.text(" ");
        if width(&slot.limit) + 7 <= pen.left() {
            pen.put("limit: ", look.muted());
        }
        let limit = cut_middle(slot, pen.left(), look.glyphs);
        pen.text(&limit);
    }
}

/// A limit cut so that its minutes at the end stay.
fn cut_middle(slot: &Slot, room: usize, glyphs: &Glyphs) -> String {
    let next = slot.next.as_ref().map(|next| (next.by.to_string(), next.minutes()));
    match next {
        Some((words, minutes)) if width(&slot.limit) > room && width(&minutes) + 10 <= room => {
            format!("{} {minutes}", cut(&words, room - width(&minutes) - 1, glyphs))
        }
        Some(_) | None => cut(&slot.limit, room, glyphs),
    }
}

/// Why there is none.
#[must_use]
pub fn none_words(found: &Found) -> String {
    match found.blocked_by {
        None if found.begun => "It has begun or is over: it does not move.".to_owned(),
        Some(rule) => {
            format!("None within 14 days: {} {} stands in the way most often.", rule_id(rule), rule.name())
        }
        None => "None within 14 days.".to_owned(),
    }
}

impl Popup for Slots {
    fn places(&self) -> &'static [Place] {
        &[Place::Slots, Place::List]
    }

    fn disabled(&self, _shared: &Shared, action: Action) -> Option<String> {
        let none = self.found().is_none_or(|found| found.slots.is_empty());
        (none && action == Action::WhatIf).then(|| "there is no slot to try".to_owned())
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        let slots = self.found().map_or(0, |found| found.slots.len());
        if let Some(to) = Move::of(action) {
            self.list.go(to, slots);
            return true;
        }
        if !matches!(action, Action::WhatIf | Action::Enter) {
            return false;
        }
        let start = self.found().and_then(|found| found.slots.get(self.list.cursor())).map(|slot| slot.start);
        if let Some(start) = start {
            let what_if = WhatIf::at(shared, self.id.clone(), start);
            shared.close();
            shared.open(what_if);
        }
        true
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.asked.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let title = format!("Free slots for {} · 14 days · no warning, nothing blocking", self.id);
        let inner = dialog_box(buf, look, centred(area, 84, 16), &title);
        let row = shared.snapshot.activities.get(&self.id);
        if let Some(span) = row.and_then(|row| row.planned.span()) {
            let now = format!("now  {}", shared.times().span(span));
            Pen::new(buf, look, inner, 0).rest(&now, look.muted());
        }
        let body = Rect { y: inner.y + 2, height: inner.height.saturating_sub(3), ..inner };
        let Some(found) = found(&self.asked) else {
            let words = self.asked.problem().map_or_else(|| "asking the board".to_owned(), refusal);
            for (row, line) in (0..).zip(wrap(&words, usize::from(body.width))) {
                Pen::new(buf, look, body, row).put(&line, look.muted());
            }
            return;
        };
        if found.slots.is_empty() {
            for (row, line) in (0..).zip(wrap(&none_words(found), usize::from(body.width))) {
                Pen::new(buf, look, body, row).text(&line);
            }
        }
        for (row, at) in (0..).zip(self.list.show(body.height, found.slots.len())) {
            let lead = Lead { selected: at == self.list.cursor(), focused: true, marked: false };
            draw_slot(shared, &found.slots[at], at + 1, lead, buf, (body, row));
        }
        if found.slots.is_empty() {
            return;
        }
        let (key, enter) = (shared.keymap.shown(Action::WhatIf), shared.keymap.shown(Action::Enter));
        let words = format!("{key} or {enter} tries the selected one; nothing changes by trying");
        Pen::new(buf, look, inner, inner.height.saturating_sub(1)).rest(&words, look.muted());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Instant,
        tui::glyph::UNICODE,
        wire::{Limit, LimitKind},
    };

    #[test]
    fn the_minutes_of_a_limit_are_never_cut() {
        let by = LimitKind::WindowEnds("orders-db".into());
        let next = Limit { by, at: Instant::from_secs(0), spare: 45 };
        let limit = next.to_string();
        assert_eq!(limit, "the window of orders-db ends, 45 min spare");
        let (start, end, raises) = (next.at, next.at, Vec::new());
        let slot = Slot { start, end, raises, limit: limit.clone(), next: Some(next), unchecked: Vec::new() };
        for (room, want) in [
            (42, limit.as_str()),
            (40, "the window of orders-db en… 45 min spare"),
            (26, "the window o… 45 min spare"),
            (12, "the window …"),
        ] {
            assert_eq!(cut_middle(&slot, room, &UNICODE), want, "{room}");
        }
    }
}
