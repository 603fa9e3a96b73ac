//! The log, searchable.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{View, widget::Head};
use crate::tui::{
    app::Shared,
    input::{Action, Place},
};

/// The log, searchable.
#[derive(Debug, Default)]
pub struct Record {}

impl View for Record {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Record, Place::List]
    }

    fn act(&mut self, _shared: &mut Shared, _action: Action) -> bool {
        false
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        Head::new("Record", true).draw(buf, &shared.look, area);
    }
}
