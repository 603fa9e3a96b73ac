//! `/`: the filter being typed, in the last row of the body; every list follows while it is typed.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use crate::tui::{
    app::{Shared, Wish},
    input::{Action, Key, Place},
    theme::{Look, Role},
    view::{
        Popup,
        filter::{Filter, complete},
        widget::{LineInput, Pen, width, wrap},
    },
};

/// The filter line. Enter keeps the filter where every term can be read, Esc takes it away.
#[derive(Debug)]
pub struct FilterLine {
    input: LineInput,
    /// Enter was pressed on what cannot be kept.
    refused: bool,
}

impl FilterLine {
    /// A filter line that starts from the filter in force.
    #[must_use]
    pub fn new(filter: &str) -> Self {
        Self { input: LineInput::new(filter), refused: false }
    }

    fn changed(&mut self, shared: &mut Shared) {
        self.refused = false;
        shared.wish(Wish::Filter(self.input.as_str().to_owned()));
    }

    /// Completes the term being typed: `ri` to `risk:`, `risk:h` to `risk:high`; once more, to the next value.
    fn complete(&mut self, shared: &Shared) {
        if let Some(text) = complete(self.input.as_str(), shared.ground()) {
            self.input = LineInput::new(&text);
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
            // A filter that was not understood never stays: what it leaves in the lists would not be what was asked.
            Action::Enter => {
                self.refused |= Filter::read(self.input.as_str(), shared.ground()).refusal().is_some()
            }
            Action::Complete => {
                self.complete(shared);
                self.changed(shared);
            }
            Action::Back => {
                shared.wish(Wish::Filter(String::new()));
                shared.close();
            }
            _ => return false,
        }
        if action == Action::Enter && !self.refused {
            shared.close();
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
        let filter = Filter::read(self.input.as_str(), shared.ground());
        if let Some(fault) = filter.refusal() {
            let wrong = self.refused || filter.fault().is_some();
            let style = if wrong { look.word(Role::Bad) } else { look.muted() };
            let used = width(self.input.as_str()) + 3;
            if used + width(fault) <= usize::from(line.width) {
                Pen::new(buf, look, line, 0).skip(used).rest(fault, style);
            } else {
                above(look, buf, row, (fault, style));
            }
        }
    }
}

/// Words that do not fit beside the line, in the rows above it.
fn above(look: &Look, buf: &mut Buffer, line: Rect, (words, style): (&str, Style)) {
    let words = wrap(words, usize::from(line.width).saturating_sub(2));
    let height = u16::try_from(words.len()).unwrap_or(0).min(line.y);
    let rows = Rect { y: line.y - height, height, ..line }.intersection(buf.area);
    for position in rows.positions() {
        buf[position].reset();
        buf[position].set_style(look.base());
    }
    for (row, words) in (0..rows.height).zip(&words) {
        Pen::new(buf, look, rows, row).skip(1).put(words, style);
    }
}
