//! The merged calendar: week, timeline, month and agenda.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{View, widget::Head};
use crate::tui::{
    app::Shared,
    input::{Action, Place},
};

/// The merged calendar: week, timeline, month and agenda.
#[derive(Debug, Default)]
pub struct Calendar {}

impl View for Calendar {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Calendar, Place::Item, Place::List]
    }

    fn act(&mut self, _shared: &mut Shared, _action: Action) -> bool {
        false
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        Head::new("Calendar", true).draw(buf, &shared.look, area);
    }
}
