//! Large letters for a projector: digits and the few capitals the wall says, five rows high, six columns each.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{app::Shared, theme::Role, view::widget::Pen};

/// Rows of a letter.
pub const HEIGHT: u16 = 5;
/// Columns of a cell: twice as wide as high looks square.
const CELL: usize = 2;

/// A letter as five rows of three bits.
const fn letter(c: char) -> Option<[u8; 5]> {
    Some(match c {
        '0' | 'O' => [0b111, 0b101, 0b101, 0b101, 0b111],
        '1' | 'I' => [0b010, 0b110, 0b010, 0b010, 0b111],
        '2' => [0b111, 0b001, 0b111, 0b100, 0b111],
        '3' => [0b111, 0b001, 0b111, 0b001, 0b111],
        '4' => [0b101, 0b101, 0b111, 0b001, 0b001],
        '5' | 'S' => [0b111, 0b100, 0b111, 0b001, 0b111],
        '6' => [0b111, 0b100, 0b111, 0b101, 0b111],
        '7' => [0b111, 0b001, 0b010, 0b010, 0b010],
        '8' => [0b111, 0b101, 0b111, 0b101, 0b111],
        '9' => [0b111, 0b101, 0b111, 0b001, 0b111],
        ':' => [0b000, 0b010, 0b000, 0b010, 0b000],
        '-' => [0b000, 0b000, 0b111, 0b000, 0b000],
        'A' => [0b010, 0b101, 0b111, 0b101, 0b101],
        'C' => [0b111, 0b100, 0b100, 0b100, 0b111],
        'D' => [0b110, 0b101, 0b101, 0b101, 0b110],
        'E' => [0b111, 0b100, 0b110, 0b100, 0b111],
        'J' => [0b001, 0b001, 0b001, 0b101, 0b111],
        'N' => [0b101, 0b111, 0b111, 0b111, 0b101],
        'P' => [0b111, 0b101, 0b111, 0b100, 0b100],
        'R' => [0b110, 0b101, 0b110, 0b101, 0b101],
        'T' => [0b111, 0b010, 0b010, 0b010, 0b010],
        'U' => [0b101, 0b101, 0b101, 0b101, 0b111],
        'V' => [0b101, 0b101, 0b101, 0b101, 0b010],
        _ => return None,
    })
}

/// Columns a text takes; more than any screen has when it holds another letter.
pub fn width(text: &str) -> usize {
    if text.chars().any(|c| letter(c).is_none()) {
        return usize::MAX / 2;
    }
    text.chars().count() * (3 * CELL + 1)
}

/// Draws a text from a row on.
pub fn draw(shared: &Shared, buf: &mut Buffer, (area, row): (Rect, u16), text: &str, role: Role) {
    let look = &shared.look;
    let style = look.glyph(role);
    for (line, at) in (0..usize::from(HEIGHT)).zip(row..) {
        let mut pen = Pen::new(buf, look, area, at);
        pen.text(" ");
        for bits in text.chars().filter_map(letter) {
            for bit in [0b100, 0b010, 0b001] {
                if bits[line] & bit == 0 {
                    pen.skip(CELL);
                } else {
                    pen.put(&look.glyphs.solid.repeat(CELL), style);
                }
            }
            pen.skip(1);
        }
    }
}
