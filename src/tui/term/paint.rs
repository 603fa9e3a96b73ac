//! The backend: crossterm's, with one write and one synchronized update per frame, and silence when nothing changed.

use std::io::{self, BufWriter, Write};

use crossterm::{
    queue,
    terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate},
};
use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

/// Draws to `W`.
#[derive(Debug)]
pub struct Paint<W: Write> {
    inner: CrosstermBackend<BufWriter<W>>,
    open: bool,
    cursor_hidden: bool,
}

/// A full screen of styled cells fits, so that a frame is one write.
const FRAME: usize = 1 << 18;

impl<W: Write> Paint<W> {
    /// A backend over `out`, whose cursor is hidden already.
    pub fn new(out: W) -> Self {
        // crossterm writes a full reset instead of colours under NO_COLOR, which wipes bold and reverse
        // (crossterm PR 1069); our themes map colours to Reset themselves.
        crossterm::style::force_color_output(true);
        Self {
            inner: CrosstermBackend::new(BufWriter::with_capacity(FRAME, out)),
            open: false,
            cursor_hidden: true,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.open {
            self.open = true;
            queue!(self.inner, BeginSynchronizedUpdate)?;
        }
        Ok(())
    }
}

impl<W: Write> Backend for Paint<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.begin()?;
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor_hidden {
            return Ok(());
        }
        self.cursor_hidden = true;
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.cursor_hidden = false;
        self.inner.show_cursor()
    }

    /// Never asks the terminal: an answer could take for ever, and nothing here depends on it.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.begin()?;
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.open {
            self.open = false;
            queue!(self.inner, EndSynchronizedUpdate)?;
        }
        Write::flush(&mut self.inner)
    }
}
