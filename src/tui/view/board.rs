//! The board: what waits for a decision, the week, the clashes, and the item under the cursor.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{View, widget::Head};
use crate::tui::{
    app::Shared,
    input::{Action, Place},
};

/// The board: what waits for a decision, the week, the clashes, and the item under the cursor.
#[derive(Debug, Default)]
pub struct Board {}

impl View for Board {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Board, Place::Item, Place::List]
    }

    fn act(&mut self, _shared: &mut Shared, _action: Action) -> bool {
        false
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        Head::new("Board", true).draw(buf, &shared.look, area);
    }
}
