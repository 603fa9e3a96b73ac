//! What forms are drawn and kept with: drafts, hints, rows, what the board would find, and the keys below.

use std::collections::BTreeMap;

use crossterm::event::KeyCode;
use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    model::{
        Id,
        field::{Field, FieldShape},
    },
    tui::{
        app::Shared,
        input::{Action, Key},
        theme::Role,
        view::{
            dialog::rows,
            item::clash::severity_badge,
            pending_question::PendingQuestion,
            widget::{LineInput, Pen, width, wrap},
        },
    },
    wire::{Answer, Rehearsal},
    words,
};

/// Rows that what the board would find takes while something is typed.
pub const FOUND: usize = 7;

/// What is typed, by name, as a draft keeps it: nothing where nothing is.
pub fn draft_text(typed: &BTreeMap<&str, &str>) -> String {
    if typed.is_empty() { String::new() } else { serde_json::to_string(typed).unwrap_or_default() }
}

/// What was typed and not sent, by name.
pub fn draft(shared: &Shared, id: Option<Id>) -> BTreeMap<String, String> {
    let text = id.and_then(|id| shared.drafts.get(&id));
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// What is said of an empty field that somebody is at.
pub fn hint(shared: &Shared, field: &Field) -> Option<String> {
    match field.shape {
        FieldShape::Word(words) => Some(words.join(", ")),
        FieldShape::Time => {
            let now = shared.zones.current().local(shared.now).format("%Y-%m-%d %H:%M");
            Some(format!("such as {now}"))
        }
        FieldShape::Phases => {
            let key = shared.keymap.shown(Action::Editor);
            Some(format!("{}, {key}", words::field::PHASES))
        }
        FieldShape::Rows(columns) => {
            let key = shared.keymap.shown(Action::Editor);
            Some(format!("{}, {key}", words::field::columns(columns)))
        }
        FieldShape::Line | FieldShape::Prose | FieldShape::List | FieldShape::Number | FieldShape::Flag => {
            None
        }
    }
}

/// Columns of the names of fields, and of what is typed where something stands beside it.
const LABEL: usize = 18;
const VALUE: usize = 18;

/// A field as it is drawn: its name, what is typed, and what stands beside.
pub struct Row<'a> {
    pub label: &'a str,
    pub line: &'a LineInput,
    /// It is not as it was.
    pub differs: bool,
    /// Somebody is at it.
    pub here: bool,
    pub beside: Option<(String, Role)>,
}

/// As what something was before it was typed over: `was 22:00-07:00`.
pub fn was(before: &str) -> String {
    format!("was {}", if before.is_empty() { "none" } else { before })
}

/// Whether a text stands whole beside what is typed in a row of so many columns.
pub fn fits_beside(text: &str, columns: usize) -> bool {
    LABEL + VALUE + 1 + width(text) <= columns
}

/// Draws a field into a row. What is typed and longer than its column takes the room of a hint, and none of a fault.
pub fn draw_row(shared: &Shared, buf: &mut Buffer, (inner, row): (Rect, u16), shown: &Row<'_>) {
    let look = &shared.look;
    let style = if shown.here { look.strong() } else { look.muted() };
    let mark = if shown.differs { look.glyphs.mark } else { " " };
    Pen::new(buf, look, inner, row).put(mark, look.muted()).column(shown.label, LABEL - 1, style);
    let used = rows(LABEL).min(inner.width);
    let value = rows(VALUE).min(inner.width - used);
    let text = shown.line.as_str();
    let beside = shown.beside.as_ref().filter(|(_, role)| width(text) < VALUE || *role != Role::Muted);
    let room = if beside.is_some() { value } else { inner.width - used };
    let place = Rect { x: inner.x + used, width: room, ..inner };
    if text.is_empty() && !shown.here {
        Pen::new(buf, look, place, row).put("none", look.muted());
    } else {
        shown.line.draw(buf, look, place, row, shown.here);
    }
    if let Some((text, role)) = beside {
        let left = Rect { x: inner.x + used + value, width: inner.width - used - value, ..inner };
        Pen::new(buf, look, left, row).text(" ").rest(text, look.word(*role));
    }
}

/// Takes another of some words: the next, the one before, or the next that begins with what is typed; false for other keys.
pub fn turn(words: &[&str], line: &mut LineInput, key: Key) -> bool {
    let own = words.iter().position(|word| *word == line.as_str()).unwrap_or(0);
    let to = match (key.event().code, key.typed()) {
        (KeyCode::Right, _) | (_, Some(' ')) => (own + 1) % words.len().max(1),
        (KeyCode::Left, _) => (own + words.len().saturating_sub(1)) % words.len().max(1),
        (_, Some(typed)) => {
            let begins = |at: &usize| words[*at].starts_with(typed.to_ascii_lowercase());
            let found = (own + 1..words.len()).chain(0..=own).find(begins);
            found.unwrap_or(own)
        }
        _ => return false,
    };
    let Some(word) = words.get(to) else { return false };
    *line = LineInput::new(word);
    true
}

/// What the board said of it.
pub fn found(asked: &PendingQuestion) -> Option<&Rehearsal> {
    match asked.answer() {
        Some(Answer::Rehearsal(found)) => Some(found),
        _ => None,
    }
}

/// What the board would find of what is typed, in lines of at most `columns`.
pub fn checks(
    shared: &Shared,
    problem: Option<&String>,
    asked: &PendingQuestion,
    columns: usize,
) -> Vec<(String, Role)> {
    let glyphs = shared.look.glyphs;
    let said = |text: &str| shared.times().said(text);
    let mut lines: Vec<(String, Role)> =
        problem.iter().map(|problem| ((*problem).clone(), Role::Caution)).collect();
    if let Some(found) = found(asked) {
        if found.refused {
            lines.push((format!("would be refused: {}", said(&found.said)), Role::Bad));
        }
        for clash in &found.clashes {
            let (glyph, role, word) = severity_badge(clash.severity, glyphs);
            lines.push((format!("{glyph} {word} {} {}", clash.rule, said(&clash.reason)), role));
        }
        // What is about no record clashes with nothing.
        if found.id.is_none() && !found.refused {
            let plain = found
                .lacks
                .iter()
                .fold(found.said.clone(), |text, lack| text.replace(&format!("; {lack}"), ""));
            lines.push((format!("{} {}", glyphs.state_done, said(&plain)), Role::Ok));
        }
        lines.extend(found.differs.iter().map(|line| (line.clone(), Role::Text)));
        lines.extend(found.lacks.iter().map(|lack| (lack.clone(), Role::Caution)));
        if found.clashes.is_empty() && !found.refused && found.id.is_some() {
            lines.push((format!("{} no new clash", glyphs.state_done), Role::Ok));
        }
        let solved = found.solved.iter();
        lines
            .extend(solved.map(|clash| (format!("solves {} {}", clash.rule, said(&clash.reason)), Role::Ok)));
        if found.revote {
            lines.push(("votes that were given start again".to_owned(), Role::Caution));
        }
        lines.extend(found.decides.iter().map(|who| (who.clone(), Role::Text)));
        lines.extend(found.unchecked.iter().map(|line| (line.clone(), Role::Caution)));
    } else if asked.is_waiting() {
        lines.push(("asking what the board would find".to_owned(), Role::Muted));
    }
    let wrapped =
        |(text, role): (String, Role)| wrap(&text, columns).into_iter().map(move |line| (line, role));
    lines.into_iter().flat_map(wrapped).collect()
}

/// Draws lines that the board found into rows `from` on of a form, above its keys; where there are too many the last says
/// how many are not shown.
pub fn draw_checks(shared: &Shared, buf: &mut Buffer, inner: Rect, from: u16, lines: &[(String, Role)]) {
    let look = &shared.look;
    let last = inner.height.saturating_sub(1);
    let room = usize::from(last.saturating_sub(from));
    let kept = if lines.len() > room { room.saturating_sub(1) } else { lines.len() };
    for (row, (text, role)) in (from..last).zip(&lines[..kept]) {
        Pen::new(buf, look, inner, row).rest(&format!(" {text}"), look.word(*role));
    }
    if kept < lines.len() && room > 0 {
        let more = format!(" {} {} lines more", look.glyphs.cut, lines.len() - kept);
        Pen::new(buf, look, inner, last.saturating_sub(1)).rest(&more, look.word(Role::Caution));
    }
}

/// Draws the keys of a form into its last row.
pub fn draw_keys(shared: &Shared, buf: &mut Buffer, inner: Rect, review: bool, editor: bool) {
    let look = &shared.look;
    let shown = |action| shared.keymap.shown(action);
    let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
    if review {
        pen.put(&shown(Action::Send), look.key()).text("   send it      ");
        pen.put(&shown(Action::Back), look.key()).text("   write on");
        return;
    }
    let (on, finish, back) = (shown(Action::Enter), shown(Action::Finish), shown(Action::Back));
    let (words, short) = if editor {
        let editor = shown(Action::Editor);
        (
            format!(
                "{on} goes on · {finish} looks at all of it and sends · {editor} editor · {back} keeps a draft"
            ),
            format!("{on} on · {finish} looks and sends · {editor} editor · {back} keeps a draft"),
        )
    } else {
        (
            format!("{on} goes on · Space another word · {finish} looks and sends · {back} keeps a draft"),
            format!("{on} on · Space other · {finish} looks and sends · {back} draft"),
        )
    };
    pen.rest(if width(&words) <= usize::from(inner.width) { &words } else { &short }, look.muted());
}
