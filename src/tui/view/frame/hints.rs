//! Row H: the keys of the focused pane, `? help` always last.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::Shared,
    input::Action,
    view::{
        Width,
        frame::Frame,
        widget::{Pen, width},
    },
};

/// Draws as many hints as fit, dropping from the right but never `? help`.
pub fn draw(shared: &Shared, frame: Frame<'_>, buf: &mut Buffer, area: Rect) {
    let places = frame.places;
    let wide = shared.form().width == Width::Wide;
    let (look, keymap) = (&shared.look, &shared.keymap);
    let help = keymap.shown(Action::Help);
    let help_width = if help.is_empty() { 0 } else { width(&help) + 7 };
    let mut pen = Pen::new(buf, look, area, 0);
    pen.text(" ");
    for hint in frame.hints.iter().filter(|hint| wide || !hint.wide) {
        let keys = hint.keys(keymap);
        let reachable = hint
            .actions
            .iter()
            .any(|action| keymap.keys(*action).iter().any(|key| keymap.find(places, *key) == Some(*action)));
        if !reachable || keys.is_empty() {
            continue;
        }
        if width(&keys) + width(hint.word) + 3 + help_width > pen.left() {
            break;
        }
        pen.put(&keys, look.key()).text(" ").text(hint.word).text("  ");
    }
    if !help.is_empty() {
        pen.put(&help, look.key()).text(" help");
    }
}
