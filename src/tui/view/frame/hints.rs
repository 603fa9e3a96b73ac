//! Row H: the keys of the focused pane, `? help` always last.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::Shared,
    input::{Action, Hint},
    view::{
        Width,
        frame::Frame,
        widget::{Pen, width},
    },
};

/// The hints in their order; where one pane is shown at a time, how to get to the others comes second.
fn in_order(hints: &[Hint], narrow: bool) -> impl Iterator<Item = &Hint> {
    let pane = hints.iter().find(|hint| narrow && hint.actions.contains(&Action::NextPane));
    let others = hints.iter().filter(move |hint| pane.is_none_or(|pane| pane != *hint));
    let (first, rest) = (others.clone().take(1), others.skip(1));
    first.chain(pane).chain(rest)
}

/// Draws as many hints as fit, dropping from the right but never `? help`.
pub fn draw(shared: &Shared, frame: Frame<'_>, buf: &mut Buffer, area: Rect) {
    let places = frame.places;
    let wide = shared.form().width == Width::Wide;
    let (look, keymap) = (&shared.look, &shared.keymap);
    let help = keymap.shown(Action::Help);
    let help_width = if help.is_empty() { 0 } else { width(&help) + 7 };
    let mut pen = Pen::new(buf, look, area, 0);
    pen.text(" ");
    for hint in in_order(frame.hints, shared.form().is_narrow()).filter(|hint| wide || !hint.wide) {
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
