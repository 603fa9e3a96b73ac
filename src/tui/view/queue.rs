//! Everything that waits for a decision.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{View, widget::Head};
use crate::tui::{
    app::Shared,
    input::{Action, Place},
};

/// Everything that waits for a decision.
#[derive(Debug, Default)]
pub struct Queue {}

impl View for Queue {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Queue, Place::Item, Place::List]
    }

    fn act(&mut self, _shared: &mut Shared, _action: Action) -> bool {
        false
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        Head::new("Queue", true).draw(buf, &shared.look, area);
    }
}
