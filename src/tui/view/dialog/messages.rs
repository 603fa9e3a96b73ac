//! `M`: all messages of this session, the newest first; a long one is shown whole.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::{Effect, Shared},
    input::{Action, Place},
    view::{
        Popup,
        widget::{Lead, ListState, Move, Pen, centred, dialog_box, wrap},
    },
};

/// The message list.
#[derive(Debug, Default)]
pub struct Messages {
    list: ListState,
}

impl Popup for Messages {
    fn places(&self) -> &'static [Place] {
        &[Place::Messages]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        let all = shared.toasts.all();
        if action == Action::Copy {
            let text = all.iter().rev().nth(self.list.cursor()).map(|toast| toast.text.clone());
            if let Some(text) = text {
                shared.effect(Effect::Copy(text));
            }
            return true;
        }
        let len = all.len();
        Move::of(action).map(|to| self.list.go(to, len)).is_some()
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let all = shared.toasts.all();
        let height = (area.height * 3 / 4).max(20);
        let inner = dialog_box(buf, look, centred(area, 110, height), "Messages");
        if all.is_empty() {
            Pen::new(buf, look, inner, 0).put("Nothing has been said yet.", look.muted());
            return;
        }
        let selected = all.iter().rev().nth(self.list.cursor());
        let whole = selected.map(|toast| wrap(&toast.text, usize::from(inner.width))).unwrap_or_default();
        let whole_height = u16::try_from(whole.len()).unwrap_or(1).min(inner.height / 2) + 1;
        let list_height = inner.height.saturating_sub(whole_height);
        for (line, index) in (0..).zip(self.list.show(list_height, all.len())) {
            let toast = &all[all.len() - 1 - index];
            let lead = Lead { selected: index == self.list.cursor(), focused: true, marked: false };
            let mut pen = Pen::new(buf, look, inner, line);
            let style = pen.id_style(lead, look.muted());
            pen.lead(lead).put(&shared.times().past(toast.at), style).text(" ");
            pen.sign(toast.tone.glyph(look), toast.tone.word(), toast.tone.role()).text(" ");
            pen.rest(&toast.text, look.text());
        }
        let rest = Rect { y: inner.y + list_height, height: whole_height, ..inner };
        let rule = look.glyphs.head_light.repeat(usize::from(inner.width));
        Pen::new(buf, look, rest, 0).put(&rule, look.rule(false));
        for (line, text) in (1..rest.height).zip(&whole) {
            Pen::new(buf, look, rest, line).text(text);
        }
    }
}
