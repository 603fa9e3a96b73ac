//! `d` on the welcome: the demo in place of this board, after a `y`.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::{Effect, Shared},
    input::{Action, Place},
    view::{
        Popup,
        widget::{Pen, centred, dialog_box},
    },
};

/// The question.
#[derive(Debug)]
pub struct Demo;

impl Popup for Demo {
    fn places(&self) -> &'static [Place] {
        &[Place::Sending]
    }

    fn guarded(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if action == Action::Send {
            shared.close();
            shared.effect(Effect::Demo);
            return true;
        }
        false
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, 64, 7), "Load the demo?");
        Pen::new(buf, look, inner, 0).text("A made-up company around today, in place of this board.");
        Pen::new(buf, look, inner, 1).text("Nothing of it is written; quit and start again to leave it.");
        let (send, back) = (shared.keymap.shown(Action::Send), shared.keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        pen.put(&send, look.key()).text("   open the demo      ").put(&back, look.key()).text("   back");
    }
}
