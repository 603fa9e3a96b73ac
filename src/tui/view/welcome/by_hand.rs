//! What the welcome offers, done without the screen: a board file to begin with, and commands; `y` copies the chosen one.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::Shared,
    input::Action,
    view::widget::{Head, Pen, width},
};

/// What can be copied, and what it does; the first is a board file.
pub const BY_HAND: [(&str, &str); 7] = [
    (
        r#"{ "version": 1,
  "people":  [ {"id": "m.ortiz", "name": "Maya Ortiz"} ],
  "boards":  [ {"id": "cab", "seats": [
                 {"person": "m.ortiz", "role": "chair"} ]} ],
  "changes": [ {"id": "CHG1", "title": "Swap disk", "kind": "normal",
                "risk": "low", "services": ["db-1"]} ] }"#,
        "",
    ),
    ("quorate import board.json --dry-run", "says what would change, writes nothing"),
    ("quorate import board.json", "adds and changes by id, deletes nothing"),
    ("quorate source add", "asks which system, tries it, writes it"),
    ("quorate demo", "a made-up company; nothing is written"),
    ("quorate config sample", "every setting, commented, as it is now"),
    ("quorate doctor", "checks what is odd, says how to mend it"),
];

/// The pane: which one is chosen, and whether the cursor is here.
#[derive(Debug, Clone, Copy)]
pub struct ByHand {
    pub cursor: usize,
    pub focused: bool,
}

impl ByHand {
    /// Rows of all there is.
    pub const HEIGHT: u16 = 6 + 6;

    /// Draws the pane.
    pub fn draw(self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let right = format!("{} copies", shared.keymap.shown(Action::Copy));
        let head = Head::new("The same, by hand", self.focused);
        let inner =
            head.right(if right.starts_with(' ') { String::new() } else { right }).draw(buf, look, area);
        let longest =
            BY_HAND.iter().filter(|(_, about)| !about.is_empty()).map(|(text, _)| width(text)).max();
        let about_at = 1 + longest.unwrap_or(0) + 3;
        let mut row = 0;
        for (at, (text, about)) in BY_HAND.iter().enumerate() {
            let chosen = at == self.cursor;
            for (nth, line) in text.lines().enumerate() {
                let mut pen = Pen::new(buf, look, inner, row);
                pen.text(if chosen && nth == 0 { look.glyphs.cursor } else { " " });
                let style = if chosen && self.focused && nth == 0 { look.selected() } else { look.text() };
                pen.put(line, style).to(inner, about_at).rest(about, look.muted());
                row += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_file_is_one_and_all_is_counted() {
        let read = crate::source::board_file::read(BY_HAND[0].0.as_bytes()).unwrap();
        assert_eq!((read.notes.len(), read.file.changes.len(), read.file.people.len()), (0, 1, 1));
        let rows: usize = BY_HAND.iter().map(|(text, _)| text.lines().count()).sum();
        assert_eq!(rows, usize::from(ByHand::HEIGHT));
    }
}
