//! Large letters for a projector: five rows high and six columns wide each, or twice that where the screen has the room.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{app::Shared, theme::Role, view::widget::Pen};

/// Rows of a letter.
const HEIGHT: u16 = 5;
/// Columns of a cell: twice as wide as high looks square.
const CELL: usize = 2;

/// A letter as five rows of three bits; small ones look like capitals.
const fn letter(c: char) -> Option<[u8; 5]> {
    Some(match c.to_ascii_uppercase() {
        '0' | 'O' => [0b111, 0b101, 0b101, 0b101, 0b111],
        '1' => [0b010, 0b110, 0b010, 0b010, 0b111],
        '2' => [0b111, 0b001, 0b111, 0b100, 0b111],
        '3' => [0b111, 0b001, 0b111, 0b001, 0b111],
        '4' => [0b101, 0b101, 0b111, 0b001, 0b001],
        '5' | 'S' => [0b111, 0b100, 0b111, 0b001, 0b111],
        '6' => [0b111, 0b100, 0b111, 0b101, 0b111],
        '7' => [0b111, 0b001, 0b010, 0b010, 0b010],
        '8' => [0b111, 0b101, 0b111, 0b101, 0b111],
        '9' => [0b111, 0b101, 0b111, 0b001, 0b111],
        'A' => [0b010, 0b101, 0b111, 0b101, 0b101],
        'B' => [0b110, 0b101, 0b110, 0b101, 0b110],
        'C' => [0b111, 0b100, 0b100, 0b100, 0b111],
        'D' => [0b110, 0b101, 0b101, 0b101, 0b110],
        'E' => [0b111, 0b100, 0b110, 0b100, 0b111],
        'F' => [0b111, 0b100, 0b110, 0b100, 0b100],
        'G' => [0b111, 0b100, 0b101, 0b101, 0b111],
        'H' => [0b101, 0b101, 0b111, 0b101, 0b101],
        'I' => [0b111, 0b010, 0b010, 0b010, 0b111],
        'J' => [0b001, 0b001, 0b001, 0b101, 0b111],
        'K' => [0b101, 0b101, 0b110, 0b101, 0b101],
        'L' => [0b100, 0b100, 0b100, 0b100, 0b111],
        'M' => [0b101, 0b111, 0b101, 0b101, 0b101],
        'N' => [0b101, 0b111, 0b111, 0b111, 0b101],
        'P' => [0b111, 0b101, 0b111, 0b100, 0b100],
        'Q' => [0b111, 0b101, 0b101, 0b111, 0b001],
        'R' => [0b110, 0b101, 0b110, 0b101, 0b101],
        'T' => [0b111, 0b010, 0b010, 0b010, 0b010],
        'U' => [0b101, 0b101, 0b101, 0b101, 0b111],
        'V' => [0b101, 0b101, 0b101, 0b101, 0b010],
        'W' => [0b101, 0b101, 0b101, 0b111, 0b101],
        'X' => [0b101, 0b101, 0b010, 0b101, 0b101],
        'Y' => [0b101, 0b101, 0b010, 0b010, 0b010],
        'Z' => [0b111, 0b001, 0b010, 0b100, 0b111],
        ':' => [0b000, 0b010, 0b000, 0b010, 0b000],
        '-' => [0b000, 0b000, 0b111, 0b000, 0b000],
        '_' => [0b000, 0b000, 0b000, 0b000, 0b111],
        '.' => [0b000, 0b000, 0b000, 0b000, 0b010],
        '/' => [0b001, 0b001, 0b010, 0b100, 0b100],
        ' ' => [0b000; 5],
        _ => return None,
    })
}

/// How large letters are: one for all of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale(u16);

impl Scale {
    /// Twice the size on a screen that has the room for three texts of it.
    pub const fn of(area: Rect) -> Self {
        Self(if area.width >= 140 && area.height >= 46 { 2 } else { 1 })
    }

    /// Rows of a letter.
    pub const fn height(self) -> u16 {
        HEIGHT * self.0
    }

    /// Columns a text takes; more than any screen has when it holds a letter there is none of.
    pub fn width(self, text: &str) -> usize {
        if text.chars().any(|c| letter(c).is_none()) {
            return usize::MAX / 2;
        }
        text.chars().count() * (3 * CELL + 1) * usize::from(self.0)
    }

    /// Draws a text from a row on.
    pub fn draw(self, shared: &Shared, buf: &mut Buffer, (area, row): (Rect, u16), text: &str, role: Role) {
        let look = &shared.look;
        let style = look.glyph(role);
        let scale = usize::from(self.0);
        for (line, at) in (0..usize::from(self.height())).zip(row..) {
            let mut pen = Pen::new(buf, look, area, at);
            pen.text(" ");
            for bits in text.chars().filter_map(letter) {
                for bit in [0b100, 0b010, 0b001] {
                    if bits[line / scale] & bit == 0 {
                        pen.skip(CELL * scale);
                    } else {
                        pen.put(&look.glyphs.solid.repeat(CELL * scale), style);
                    }
                }
                pen.skip(scale);
            }
        }
    }
}
