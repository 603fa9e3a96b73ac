//! A menu of keys: each with what it does, or why it cannot be done now. A reason that is longer than its row goes on in the
//! rows below it as long as the screen has rows for it.

use ratatui::{buffer::Buffer, layout::Rect};

use super::rows;
use crate::tui::{
    app::Shared,
    input::Action,
    theme::Look,
    view::widget::{Lead, Pen, centred, dialog_box, width, wrap},
};

/// One key of a menu.
#[derive(Debug)]
pub struct Choice<'a> {
    pub action: Action,
    /// What it is called, in a column of its own; empty where the menu has none.
    pub name: &'a str,
    /// What it does, or why it cannot be done.
    pub words: String,
    pub disabled: bool,
    /// The cursor, in menus that are walked through.
    pub lead: Option<Lead>,
}

/// Draws a menu of at most `columns` with its frame; names take `name` columns.
pub fn draw(
    shared: &Shared,
    buf: &mut Buffer,
    area: Rect,
    frame: (&str, u16),
    name: usize,
    choices: &[Choice<'_>],
) {
    let look = &shared.look;
    let (title, columns) = frame;
    let left = |choice: &Choice<'_>| {
        let cursor = usize::from(choice.lead.is_some());
        let named = if name == 0 { 0 } else { name + 1 };
        cursor + width(&shared.keymap.shown(choice.action)) + 2 + named
    };
    let room = usize::from(columns.min(area.width)).saturating_sub(4);
    let mut spare = usize::from(area.height).saturating_sub(choices.len() + 3);
    let texts: Vec<Vec<String>> = choices
        .iter()
        .map(|choice| {
            let wrapped = wrap(&choice.words, room.saturating_sub(left(choice)));
            let more = wrapped.len().saturating_sub(1);
            if more > spare {
                return vec![choice.words.clone()];
            }
            spare -= more;
            wrapped
        })
        .collect();
    let height = rows(texts.iter().map(|lines| lines.len().max(1)).sum::<usize>() + 3);
    let inner = dialog_box(buf, look, centred(area, columns, height), title);
    let mut row = 0;
    for (choice, lines) in choices.iter().zip(&texts) {
        let mut pen = Pen::new(buf, look, inner, row);
        head(&mut pen, shared, look, choice, name);
        let style = if choice.disabled || name > 0 { look.muted() } else { look.text() };
        pen.rest(lines.first().map_or("", String::as_str), style);
        row += 1;
        for line in lines.iter().skip(1) {
            Pen::new(buf, look, inner, row).skip(left(choice)).rest(line, style);
            row += 1;
        }
    }
    let cursor = usize::from(choices.iter().any(|choice| choice.lead.is_some()));
    let back = shared.keymap.shown(Action::Back);
    Pen::new(buf, look, inner, row).skip(cursor).put(&back, look.key()).text(" back");
}

/// The cursor, the key and the name.
fn head(pen: &mut Pen<'_>, shared: &Shared, look: &Look, choice: &Choice<'_>, name: usize) {
    let muted = choice.disabled;
    if let Some(lead) = choice.lead {
        pen.text(if lead.selected { look.glyphs.cursor } else { " " });
    }
    pen.put(&shared.keymap.shown(choice.action), if muted { look.muted() } else { look.key() }).text("  ");
    if name > 0 {
        let style = if muted { look.muted() } else { look.text() };
        let style = choice.lead.map_or(style, |lead| pen.id_style(lead, style));
        pen.column(choice.name, name, style).text(" ");
    }
}
