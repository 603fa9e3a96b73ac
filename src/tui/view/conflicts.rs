//! One row per clash, with its explanation.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{View, widget::Head};
use crate::tui::{
    app::Shared,
    input::{Action, Place},
};

/// One row per clash, with its explanation.
#[derive(Debug, Default)]
pub struct Conflicts {}

impl View for Conflicts {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Conflicts, Place::Item, Place::List]
    }

    fn act(&mut self, _shared: &mut Shared, _action: Action) -> bool {
        false
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        Head::new("Conflicts", true).draw(buf, &shared.look, area);
    }
}
