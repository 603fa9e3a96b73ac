//! The full page of a change or release: everything about it, in reading order.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Target, View, widget::Head};
use crate::{
    model::Id,
    tui::{
        app::Shared,
        input::{Action, Place},
    },
};

/// The full page of a change or release.
#[derive(Debug)]
pub struct Page {
    id: Id,
    /// The list it was opened from, and what that list is called: `queue`.
    list: Vec<Id>,
    list_name: &'static str,
}

impl Page {
    /// A page for an item, with the list `J` and `K` go through.
    #[must_use]
    pub const fn new(id: Id, list: Vec<Id>, list_name: &'static str) -> Self {
        Self { id, list, list_name }
    }

    fn step(&mut self, by: isize) -> bool {
        let at = self.list.iter().position(|id| *id == self.id);
        match at.and_then(|at| at.checked_add_signed(by)).and_then(|at| self.list.get(at)) {
            Some(next) => self.id = next.clone(),
            None => return false,
        }
        true
    }
}

impl View for Page {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Page, Place::Item, Place::List]
    }

    fn act(&mut self, _shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::NextItem => self.step(1),
            Action::PrevItem => self.step(-1),
            _ => return false,
        };
        true
    }

    fn target(&self, _shared: &Shared) -> Option<Target> {
        Some(Target { id: self.id.clone(), marked: Vec::new() })
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let at = self.list.iter().position(|id| *id == self.id).map_or(0, |at| at + 1);
        let right = format!("{at} of {} in {}", self.list.len(), self.list_name);
        Head::new(self.id.as_str(), true).right(right).draw(buf, &shared.look, area);
    }
}
