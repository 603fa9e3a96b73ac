//! `/`: the filter being typed, in the last row of the body; every list follows while it is typed.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::{Shared, Wish},
    input::{Action, Key, Place},
    view::{
        Popup,
        filter::{Filter, KEYS},
        widget::{LineInput, Pen, width},
    },
};

/// The filter line. Enter keeps the filter, Esc takes it away.
#[derive(Debug)]
pub struct FilterLine {
    input: LineInput,
}

impl FilterLine {
    /// A filter line that starts from the filter in force.
    #[must_use]
    pub fn new(filter: &str) -> Self {
        Self { input: LineInput::new(filter) }
    }

    fn changed(&self, shared: &mut Shared) {
        shared.wish(Wish::Filter(self.input.as_str().to_owned()));
    }

    /// Completes the key of the term being typed: `ri` to `risk:`.
    fn complete(&mut self) {
        let text = self.input.as_str();
        let word = text.rsplit(' ').next().unwrap_or_default();
        let known = KEYS.iter().find(|key| !word.is_empty() && key.starts_with(word));
        if let Some(key) = known {
            self.input = LineInput::new(&format!("{}{key}:", &text[..text.len() - word.len()]));
        }
    }
}

impl Popup for FilterLine {
    fn places(&self) -> &'static [Place] {
        &[Place::FilterLine]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn transparent(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::Enter => shared.close(),
            Action::Complete => {
                self.complete();
                self.changed(shared);
            }
            Action::Back => {
                shared.wish(Wish::Filter(String::new()));
                shared.close();
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        if self.input.key(key) {
            self.changed(shared);
        }
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        self.input.paste(text);
        self.changed(shared);
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let row = Rect { y: area.bottom().saturating_sub(1), height: area.height.min(1), ..area };
        for position in row.intersection(buf.area).positions() {
            buf[position].reset();
            buf[position].set_style(look.base());
        }
        Pen::new(buf, look, row, 0).put(" / ", look.key());
        let line = Rect { x: row.x + 3, width: row.width.saturating_sub(3), ..row };
        self.input.draw(buf, look, line, 0, true);
        if let Some(fault) = Filter::parse(self.input.as_str()).fault {
            Pen::new(buf, look, line, 0).skip(width(self.input.as_str()) + 3).rest(&fault, look.muted());
        }
    }
}
