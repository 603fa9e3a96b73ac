//! The frame: rows 1 and 2 above the body, sources and toast in row H−1, hints in row H; the same on every screen.

mod hints;
mod rows;
mod sources;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Height, Screen, widget::Pen};
use crate::tui::{
    app::Shared,
    input::{Hint, Place},
};

/// What a frame shows beside the shared state.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pub screen: Screen,
    /// Where keys are looked up now, innermost first.
    pub places: &'a [Place],
    /// What the hint bar says, in order.
    pub hints: &'a [Hint],
}

/// Draws the frame and gives the body that is left.
pub fn draw(shared: &Shared, frame: Frame<'_>, buf: &mut Buffer) -> Rect {
    let area = buf.area;
    let row = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    let (top, bottom) = match shared.form().height {
        Height::Flat => {
            rows::who_and_when(shared, buf, row(0));
            if shared.toasts.shown().is_some() || shared.on_the_way().is_some() {
                toast(shared, buf, row(area.height - 1));
            } else {
                hints::draw(shared, frame, buf, row(area.height - 1));
            }
            (1, 1)
        }
        Height::Short => {
            rows::joined(shared, frame, buf, row(0));
            (1, foot(shared, frame, buf, area))
        }
        Height::Usual | Height::Tall => {
            rows::who_and_when(shared, buf, row(0));
            rows::tabs(shared, frame, buf, row(1));
            (2, foot(shared, frame, buf, area))
        }
    };
    Rect { y: area.y + top, height: area.height.saturating_sub(top + bottom), ..area }
}

/// Draws the last rows and gives how many they are: a row of sources is not spent where there are none.
fn foot(shared: &Shared, frame: Frame<'_>, buf: &mut Buffer, area: Rect) -> u16 {
    let row = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    if sources::is_silent(shared) {
        hints::draw(shared, frame, buf, row(area.height - 1));
        return 1;
    }
    let status = row(area.height - 2);
    let taken = sources::draw(shared, buf, status);
    let left = status.width.saturating_sub(taken);
    if shared.toasts.columns(&shared.look) > usize::from(left) {
        // A message that does not fit beside them stands over the sources: half of a reason is none.
        clear(shared, buf, status);
        toast(shared, buf, status);
    } else {
        toast(shared, buf, Rect { width: left, ..status });
    }
    hints::draw(shared, frame, buf, row(area.height - 1));
    2
}

/// Where no row is kept for messages, draws one over the last row of what is drawn: nothing moves for it.
pub fn message(shared: &Shared, buf: &mut Buffer) {
    let said = shared.toasts.shown().is_some() || shared.on_the_way().is_some();
    if !said || shared.form().height == Height::Flat || !sources::is_silent(shared) {
        return;
    }
    let row = Rect { y: buf.area.bottom() - 2, height: 1, ..buf.area };
    clear(shared, buf, row);
    toast(shared, buf, row);
}

fn clear(shared: &Shared, buf: &mut Buffer, row: Rect) {
    for x in row.left()..row.right() {
        buf[(x, row.y)].reset();
    }
    buf.set_style(row, shared.look.base());
}

fn toast(shared: &Shared, buf: &mut Buffer, area: Rect) {
    let key = shared.keymap.shown(crate::tui::input::Action::Messages);
    shared.toasts.draw(buf, &shared.look, area, shared.on_the_way().as_deref(), &key);
}

/// Says that the terminal is too small, in as much of it as there is.
pub fn too_small(shared: &Shared, buf: &mut Buffer) {
    let area = buf.area;
    let least = super::Form::LEAST;
    let text = format!(
        "Terminal is {}{times}{}, quorate needs {}{times}{}.",
        area.width,
        area.height,
        least.width,
        least.height,
        times = shared.look.glyphs.times,
    );
    let lines = super::widget::wrap(&text, usize::from(area.width));
    for (row, line) in (0..area.height).zip(&lines) {
        Pen::new(buf, &shared.look, area, row).text(line);
    }
}
