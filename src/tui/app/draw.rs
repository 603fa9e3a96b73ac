//! One frame: the frame's rows, the view in the body, the layers over it.

use ratatui::{Frame, buffer::Buffer};

use super::State;
use crate::tui::{
    glyph::{self, ASCII},
    input::{Action, Hint, Place, hints},
    view::{
        Form,
        frame::{self, Frame as Rows},
        widget::{Pen, mute},
    },
};

impl State {
    /// Whether the next frame would differ from the last one drawn.
    #[must_use]
    pub const fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Whether the next key must wait until this is drawn, because views act on what was drawn last.
    #[must_use]
    pub const fn is_relaid(&self) -> bool {
        self.relaid
    }

    /// Draws the whole screen.
    pub fn draw(&mut self, frame: &mut Frame<'_>) {
        self.draw_into(frame.buffer_mut());
        self.dirty = false;
        self.guard.shown(self.shared.moment);
        self.relaid = false;
    }

    fn draw_into(&mut self, buf: &mut Buffer) {
        self.shared.size = buf.area.as_size();
        let area = buf.area;
        buf.set_style(area, self.shared.look.base());
        if Form::of(self.shared.size).is_none() {
            frame::too_small(&self.shared, buf);
            return;
        }
        if self.views.is_wall() {
            self.views.top().draw(&self.shared, buf, area);
            return self.ascii(buf);
        }
        let places = self.places();
        let hints = self.hints(&places);
        let rows = Rows { screen: self.views.screen, places: &places, hints: &hints };
        let body = frame::draw(&self.shared, rows, buf);
        if self.shared.snapshot.opening.is_some() && !self.views.is_board() {
            Pen::new(buf, &self.shared.look, body, 0).text(" Loading the board.");
        } else {
            self.views.top().draw(&self.shared, buf, body);
        }
        for layer in &mut self.layers {
            if !layer.transparent() {
                mute(buf, &self.shared.look, body);
            }
            layer.draw(&self.shared, buf, body);
        }
        frame::message(&self.shared, buf);
        self.ascii(buf);
    }

    /// The hints of the innermost place that has any; in a meeting only what this person can do now, and an answer
    /// only where something is asked.
    fn hints(&mut self, places: &[Place]) -> Vec<Hint> {
        if self.guard.hushes() {
            return Vec::new();
        }
        let all =
            places.iter().map(|place| hints(*place)).find(|hints| !hints.is_empty()).unwrap_or_default();
        let mut shown = all.to_vec();
        if self.layers.is_empty() {
            let hinted = |state: &mut Self, action| {
                state.views.top().hinted(&state.shared, action)
                    && !((places.contains(&Place::Meeting) || action == Action::Answer)
                        && state.disabled(action).is_some())
            };
            shown.retain(|hint| hint.actions.iter().any(|action| hinted(self, *action)));
        }
        shown
    }

    fn ascii(&self, buf: &mut Buffer) {
        if std::ptr::eq(self.shared.look.glyphs, &raw const ASCII) {
            glyph::to_ascii(buf);
        }
    }
}
