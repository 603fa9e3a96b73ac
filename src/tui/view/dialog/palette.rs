//! `:`: every action that can be asked here, found by typing some letters of its name or sentence.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::help::{Row, WHOLE, columns, draw_whole, keys_of};
use crate::tui::{
    app::{Shared, Wish},
    input::{Action, Key, Place},
    view::{
        Popup,
        widget::{Lead, LineInput, ListState, Move, Pen, centred, dialog_box},
    },
};

/// The command palette.
#[derive(Debug)]
pub struct Palette {
    rows: Vec<Row>,
    input: LineInput,
    /// Indexes of the rows that match, best first.
    found: Vec<usize>,
    list: ListState,
}

impl Palette {
    /// A palette over rows in the order they are looked up.
    #[must_use]
    pub fn new(rows: Vec<Row>) -> Self {
        let found = (0..rows.len()).collect();
        Self { rows, input: LineInput::default(), found, list: ListState::default() }
    }

    fn search(&mut self) {
        let names: Vec<String> =
            self.rows.iter().map(|row| format!("{} {}", row.spec.name, row.spec.about)).collect();
        self.found = ranked(self.input.as_str(), &names);
        self.list.select(0);
    }
}

/// Indexes of the texts that match a fuzzy query, the best first; all of them for an empty query.
#[must_use]
pub fn ranked(query: &str, texts: &[String]) -> Vec<usize> {
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = Vec::new();
    for (i, text) in texts.iter().enumerate() {
        if let Some(score) = pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher) {
            scored.push((score, i));
        }
    }
    scored.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
    scored.into_iter().map(|(_, i)| i).collect()
}

impl Popup for Palette {
    fn places(&self) -> &'static [Place] {
        &[Place::Palette]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        let selected = self.found.get(self.list.cursor()).map(|at| self.rows[*at].spec);
        match action {
            Action::PickDown => {
                self.list.go(Move::Down, self.found.len());
            }
            Action::PickUp => {
                self.list.go(Move::Up, self.found.len());
            }
            Action::Enter => {
                shared.close();
                if let Some(spec) = selected {
                    shared.wish(Wish::Act(spec.action));
                }
            }
            Action::Complete => {
                if let Some(spec) = selected {
                    self.input = LineInput::new(spec.name);
                    self.search();
                }
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        if self.input.key(key) {
            self.search();
        }
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        self.input.paste(text);
        self.search();
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let height = u16::try_from(self.rows.len()).unwrap_or(u16::MAX).saturating_add(3 + WHOLE).min(20);
        let inner = dialog_box(buf, look, centred(area, columns(area), height), "Commands");
        Pen::new(buf, look, inner, 0).put(": ", look.key());
        let line = Rect { x: inner.x + 2, width: inner.width.saturating_sub(2), ..inner };
        self.input.draw(buf, look, line, 0, true);
        let rows = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1 + WHOLE), ..inner };
        if self.found.is_empty() {
            Pen::new(buf, look, rows, 0).put("  no command has these letters", look.muted());
        }
        for (line, at) in (0..).zip(self.list.show(rows.height, self.found.len())) {
            let row = &self.rows[self.found[at]];
            let lead = Lead { selected: at == self.list.cursor(), focused: true, marked: false };
            let mut pen = Pen::new(buf, look, rows, line);
            let style = pen.id_style(lead, look.text());
            let about = if row.disabled.is_some() { look.muted() } else { look.text() };
            pen.lead(lead).id(row.spec.name, 16, style).skip(1);
            pen.column(&keys_of(&shared.keymap, row.spec.action), 10, look.key()).skip(1);
            pen.rest(row.disabled.as_deref().unwrap_or(row.spec.about), about);
        }
        if let Some(at) = self.found.get(self.list.cursor()) {
            draw_whole(shared, &self.rows[*at], 30, buf, inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_find_a_command() {
        let names: Vec<String> =
            crate::tui::input::ACTIONS.iter().map(|row| format!("{} {}", row.name, row.about)).collect();
        for (query, want) in [("vote", "vote "), ("qut", "quit"), ("free slot", "slots"), ("today", "today")]
        {
            let first = ranked(query, &names).first().map(|i| names[*i].clone()).unwrap_or_default();
            assert!(first.starts_with(want), "{query}: {first}");
        }
        assert!(ranked("zzzz", &names).is_empty());
        assert_eq!(ranked("", &names).len(), names.len());
    }
}
