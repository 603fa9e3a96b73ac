//! The backend: one write and one synchronized update per frame, as few bytes as the frame needs, silence when nothing
//! changed.
//!
//! Styles are written here and not by crossterm, which resets everything under NO_COLOR (crossterm PR 1069) and repeats
//! what has not changed. Moves are absolute, so that a glyph the terminal finds wider than we do shifts nothing else.
//! Terminals disagree about the columns of marks that combine and of wide characters: a row that has one is erased and
//! written whole whenever it changes, so that no half of it stays behind.

use std::io::{self, BufWriter, Write};

use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr;

use crate::model::text::clean_line;

/// Draws to `W`.
#[derive(Debug)]
pub struct Paint<W: Write> {
    out: BufWriter<W>,
    open: bool,
    cursor_hidden: bool,
    /// What the terminal was told to show, row by row.
    rows: Vec<Row>,
}

/// What a row shows as far as it was written; the rest is blank.
#[derive(Debug, Default)]
struct Row {
    cells: Vec<Cell>,
    /// A cell may take other columns on the terminal than here.
    uncertain: bool,
    touched: bool,
}

/// A full screen of styled cells fits, so that a frame is one write.
const FRAME: usize = 1 << 18;

/// What the terminal draws with at this moment.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

/// Attributes with the codes that set and unset them; bold and dim share the code that unsets them.
const ATTRIBUTES: [(Modifier, &str, &str); 6] = [
    (Modifier::BOLD, "1", "22"),
    (Modifier::DIM, "2", "22"),
    (Modifier::ITALIC, "3", "23"),
    (Modifier::UNDERLINED, "4", "24"),
    (Modifier::REVERSED, "7", "27"),
    (Modifier::CROSSED_OUT, "9", "29"),
];

impl<W: Write> Paint<W> {
    /// A backend over `out`, whose cursor is hidden already.
    pub fn new(out: W) -> Self {
        Self { out: BufWriter::with_capacity(FRAME, out), open: false, cursor_hidden: true, rows: Vec::new() }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.open {
            self.open = true;
            self.out.write_all(b"\x1b[?2026h")?;
        }
        Ok(())
    }

    /// Keeps what a cell shows; a row that has or had something uncertain is to be written whole.
    fn remember(&mut self, x: u16, y: u16, cell: &Cell) {
        let (x, y) = (usize::from(x), usize::from(y));
        if self.rows.len() <= y {
            self.rows.resize_with(y + 1, Row::default);
        }
        let row = &mut self.rows[y];
        if row.cells.len() <= x {
            row.cells.resize(x + 1, Cell::EMPTY);
        }
        row.uncertain |= is_uncertain(cell.symbol());
        row.touched |= row.uncertain;
        row.cells[x].clone_from(cell);
    }

    /// Erases and writes every row that changed and has, or had, something uncertain. The line does not wrap meanwhile, so
    /// that what the terminal finds wider than we do stays in its row.
    fn whole_rows(&mut self) -> io::Result<()> {
        for y in 0..self.rows.len() {
            if !std::mem::take(&mut self.rows[y].touched) {
                continue;
            }
            self.begin()?;
            write!(self.out, "\x1b[?7l\x1b[{};1H\x1b[2K", y + 1)?;
            let cells = std::mem::take(&mut self.rows[y].cells);
            let mut pen = PLAIN;
            let (mut x, mut uncertain, mut here) = (0, false, true);
            while let Some(cell) = cells.get(x) {
                if !here {
                    write!(self.out, "\x1b[{}G", x + 1)?;
                }
                pen = self.cell(pen, cell)?;
                here = !is_uncertain(cell.symbol());
                uncertain |= !here;
                x += columns(cell.symbol());
            }
            self.rows[y].cells = cells;
            self.rows[y].uncertain = uncertain;
            self.out.write_all(if pen == PLAIN { b"\x1b[?7h" } else { b"\x1b[m\x1b[?7h" })?;
        }
        Ok(())
    }

    fn cell(&mut self, pen: Pen, cell: &Cell) -> io::Result<Pen> {
        let wanted = Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        if wanted != pen {
            write!(self.out, "\x1b[{}m", codes(pen, wanted))?;
        }
        let symbol = cell.symbol();
        if symbol.is_empty() || clean_line(symbol) != symbol {
            // Text is cleaned where it enters; nothing that came another way may steer the terminal.
            self.out.write_all(b" ")?;
        } else {
            self.out.write_all(symbol.as_bytes())?;
        }
        Ok(wanted)
    }
}

/// Columns of a cell as the buffer counts them.
fn columns(symbol: &str) -> usize {
    symbol.width().max(1)
}

/// Whether a terminal may give it other columns than we do: more than one character in a cell, or one that is wide.
fn is_uncertain(symbol: &str) -> bool {
    !symbol.is_ascii() && (symbol.chars().nth(1).is_some() || symbol.width() != 1)
}

/// The codes that turn one pen into another, shortest where all goes back to plain.
fn codes(from: Pen, to: Pen) -> String {
    if to == PLAIN {
        return String::new();
    }
    let mut codes: Vec<String> = Vec::new();
    let mut kept = from.modifier;
    for (flag, _, unset) in ATTRIBUTES {
        if kept.contains(flag) && !to.modifier.contains(flag) {
            codes.push(unset.to_owned());
            kept -= if unset == "22" { Modifier::BOLD | Modifier::DIM } else { flag };
        }
    }
    for (flag, set, _) in ATTRIBUTES {
        if to.modifier.contains(flag) && !kept.contains(flag) {
            codes.push(set.to_owned());
        }
    }
    for (before, after, base) in [(from.fg, to.fg, 30), (from.bg, to.bg, 40)] {
        if before != after {
            codes.push(colour(after, base));
        }
    }
    codes.join(";")
}

/// The code of a colour; `base` is 30 for the foreground and 40 for the background.
fn colour(colour: Color, base: u8) -> String {
    let plain = |index: u8| (base + index).to_string();
    let bright = |index: u8| (base + 60 + index).to_string();
    match colour {
        Color::Reset => plain(9),
        Color::Black => plain(0),
        Color::Red => plain(1),
        Color::Green => plain(2),
        Color::Yellow => plain(3),
        Color::Blue => plain(4),
        Color::Magenta => plain(5),
        Color::Cyan => plain(6),
        Color::Gray => plain(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

impl<W: Write> Backend for Paint<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let content: Vec<(u16, u16, &Cell)> = content.collect();
        for (x, y, cell) in &content {
            self.remember(*x, *y, cell);
        }
        let mut pen = PLAIN;
        let mut next: Option<(u16, u16)> = None;
        for (x, y, cell) in content {
            if self.rows.get(usize::from(y)).is_some_and(|row| row.touched) {
                continue;
            }
            self.begin()?;
            match next {
                Some((column, row)) if row == y && column == x => {}
                Some((_, row)) if row == y => write!(self.out, "\x1b[{}G", x + 1)?,
                _ => write!(self.out, "\x1b[{};{}H", y + 1, x + 1)?,
            }
            next = Some((x + 1, y));
            pen = self.cell(pen, cell)?;
        }
        if pen != PLAIN {
            self.out.write_all(b"\x1b[m")?;
        }
        self.whole_rows()
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.cursor_hidden, true) {
            self.out.write_all(b"\x1b[?25l")?;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.cursor_hidden, false) {
            self.out.write_all(b"\x1b[?25h")?;
        }
        Ok(())
    }

    /// Never asks the terminal: an answer could take for ever, and nothing here depends on it.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        write!(self.out, "\x1b[{};{}H", y + 1, x + 1)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.begin()?;
        if clear_type == ClearType::All {
            self.rows.clear();
        }
        self.out.write_all(match clear_type {
            ClearType::All => b"\x1b[2J",
            ClearType::AfterCursor => b"\x1b[0J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[0K",
        })
    }

    fn size(&self) -> io::Result<Size> {
        crossterm::terminal::size().map(|(width, height)| Size { width, height })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.open {
            self.open = false;
            self.out.write_all(b"\x1b[?2026l")?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{buffer::Buffer, layout::Rect, style::Style};

    use super::*;

    fn painted(before: &Buffer, after: &Buffer) -> String {
        let mut out = Vec::new();
        let mut paint = Paint::new(&mut out);
        paint.draw(before.diff(after).into_iter()).unwrap();
        paint.flush().unwrap();
        drop(paint);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_changed_is_written() {
        let area = Rect::new(0, 0, 20, 2);
        let before = Buffer::empty(area);
        assert_eq!(painted(&before, &before), "", "an equal frame is silence");
        let mut after = before.clone();
        after.set_string(2, 1, "ab", Style::new().bold().red());
        after.set_string(4, 1, "cd", Style::new().bold());
        after.set_string(9, 1, "e", Style::new());
        assert_eq!(
            painted(&before, &after),
            "\x1b[?2026h\x1b[2;3H\x1b[1;31mab\x1b[39mcd\x1b[10G\x1b[me\x1b[?2026l"
        );
    }

    #[test]
    fn pens_turn_into_each_other() {
        let pen = |modifier, fg| Pen { fg, bg: Color::Reset, modifier };
        let none = Modifier::empty();
        let cases = [
            ("bold to dim", pen(Modifier::BOLD, Color::Reset), pen(Modifier::DIM, Color::Reset), "22;2"),
            ("bold stays", pen(Modifier::BOLD, Color::Reset), pen(Modifier::BOLD, Color::Cyan), "36"),
            (
                "dim goes, bold stays",
                pen(Modifier::BOLD | Modifier::DIM, Color::Red),
                pen(Modifier::BOLD, Color::Red),
                "22;1",
            ),
            ("bright", PLAIN, pen(none, Color::LightBlue), "94"),
            ("of 256", PLAIN, pen(none, Color::Indexed(75)), "38;5;75"),
            ("true", PLAIN, pen(Modifier::REVERSED, Color::Rgb(1, 2, 3)), "7;38;2;1;2;3"),
            ("back to plain", pen(Modifier::REVERSED, Color::Red), PLAIN, ""),
        ];
        for (name, from, to, want) in cases {
            assert_eq!(codes(from, to), want, "{name}");
        }
    }

    #[test]
    fn a_row_with_a_cluster_is_erased_and_written_whole() {
        let area = Rect::new(0, 0, 12, 2);
        let mut out = Vec::new();
        let mut paint = Paint::new(&mut out);
        let (blank, mut title, mut next) = (Buffer::empty(area), Buffer::empty(area), Buffer::empty(area));
        title.set_string(0, 0, "a ทำ ﾊﾞ क्षि z", Style::new());
        title.set_string(0, 1, "plain", Style::new());
        next.set_string(0, 0, "b", Style::new());
        next.set_string(0, 1, "plaid", Style::new());
        for (before, after) in [(&blank, &title), (&title, &next), (&next, &blank)] {
            paint.draw(before.diff(after).into_iter()).unwrap();
            paint.flush().unwrap();
        }
        drop(paint);
        let out = String::from_utf8(out).unwrap();
        let frames: Vec<&str> = out.split("\x1b[?2026l").collect();
        let whole = "\x1b[?7l\x1b[1;1H\x1b[2K";
        assert!(frames[0].contains(whole), "{:?}", frames[0]);
        // After each cluster the place of the next is told, since the terminal may be elsewhere.
        assert!(frames[0].contains("ทำ\x1b["), "{:?}", frames[0]);
        let plain = "\x1b[2;5Hd";
        assert!(frames[1].contains(whole) && frames[1].contains(plain), "only what changed: {:?}", frames[1]);
        assert!(!frames[2].contains(whole), "the cluster is gone, and with it the doubt: {:?}", frames[2]);
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let before = Buffer::empty(Rect::new(0, 0, 3, 1));
        let mut after = before.clone();
        after[(0, 0)].set_symbol("\x1b]52;c;x\x07");
        assert_eq!(painted(&before, &after), "\x1b[?2026h\x1b[1;1H \x1b[?2026l");
    }
}
