//! `:`: one list of what can be asked here, best match first: keys of the screen, verbs of the command line, themes, and
//! what is on the board: ids, services, people, days.

mod entry;

use entry::{PaletteEntry, THEMES, looked_up};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::help::{Row, WHOLE, columns};
use crate::{
    cli,
    model::Id,
    tui::{
        app::Shared,
        input::{Action, Key, Place},
        view::{
            Popup,
            widget::{Lead, LineInput, ListState, Move, Pen, centred, dialog_box, width, wrap},
        },
    },
};

/// At most so many ids, services and people are listed.
const LOOKED_UP: usize = 8;
/// Columns before the sentence of a row.
const BEFORE: usize = 34;

/// The command palette.
#[derive(Debug)]
pub struct Palette {
    /// What is always there.
    entries: Vec<PaletteEntry>,
    input: LineInput,
    /// What matches, best first.
    found: Vec<PaletteEntry>,
    list: ListState,
}

impl Palette {
    /// A palette over the keys of a place, in the order they are looked up; verbs are about `item` where one is in focus.
    #[must_use]
    pub fn new(shared: &Shared, rows: Vec<Row>, item: Option<&Id>) -> Self {
        let mut entries: Vec<PaletteEntry> = rows.into_iter().map(PaletteEntry::Key).collect();
        // What can be done is likelier than what cannot.
        entries.sort_by_key(PaletteEntry::is_disabled);
        let names: Vec<String> = entries.iter().map(PaletteEntry::name).collect();
        let verbs = cli::verbs().into_iter().filter(|(name, _)| !names.contains(name));
        entries.extend(verbs.map(|(name, about)| {
            let item = item.filter(|_| ABOUT_AN_ITEM.contains(&name.as_str())).cloned();
            PaletteEntry::Verb { name, about, item }
        }));
        entries.extend(THEMES.map(PaletteEntry::Theme));
        let mut palette =
            Self { entries, input: LineInput::default(), found: Vec::new(), list: ListState::default() };
        palette.search(shared);
        palette
    }

    /// Exact names first, then what is on the board, then beginnings, then words anywhere, then letters in order.
    fn search(&mut self, shared: &Shared) {
        self.list.select(0);
        let query = self.input.as_str().trim().to_lowercase();
        if query.is_empty() {
            self.found.clone_from(&self.entries);
            return;
        }
        let words: Vec<&str> = query.split_whitespace().collect();
        let mut ranked: Vec<(u8, PaletteEntry)> = Vec::new();
        ranked.extend(
            [("q", PaletteEntry::Quit), ("w", PaletteEntry::Saved)]
                .into_iter()
                .filter(|(name, _)| *name == query)
                .map(|(_, entry)| (0, entry)),
        );
        ranked.extend(looked_up(shared, &query, LOOKED_UP).into_iter().map(|entry| {
            let exact = entry.name().to_lowercase() == query;
            (if exact { 1 } else { 4 }, entry)
        }));
        let names: Vec<String> = self.entries.iter().map(PaletteEntry::name).collect();
        let fuzzy = fuzzy(&query, &names);
        for (at, entry) in self.entries.iter().enumerate() {
            let name = &names[at];
            let text = format!("{name} {}", entry.about(shared)).to_lowercase();
            let rank = match () {
                () if *name == query => 2,
                () if name.starts_with(&query) || words.first() == Some(&name.as_str()) => 3,
                () if words.iter().all(|word| name.contains(word)) => 5,
                () if words.iter().all(|word| text.contains(word)) => 6,
                () => match fuzzy.iter().position(|found| *found == at) {
                    Some(place) => 7 + u8::try_from(place).unwrap_or(200).min(200),
                    None => continue,
                },
            };
            ranked.push((rank, entry.clone()));
        }
        ranked.sort_by_key(|(rank, entry)| (*rank, entry.is_disabled()));
        self.found = ranked.into_iter().map(|(_, entry)| entry).collect();
    }
}

/// Verbs whose first word is the item they are about.
const ABOUT_AN_ITEM: [&str; 14] = [
    "show",
    "explain",
    "vote",
    "comment",
    "recuse",
    "open",
    "close",
    "defer",
    "ask",
    "condition",
    "tally",
    "slots",
    "whatif",
    "gate",
];

/// Indexes of the texts that have the letters of a query in their order, the best first.
fn fuzzy(query: &str, texts: &[String]) -> Vec<usize> {
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
        let selected = self.found.get(self.list.cursor());
        match action {
            Action::PickDown => {
                self.list.go(Move::Down, self.found.len());
            }
            Action::PickUp => {
                self.list.go(Move::Up, self.found.len());
            }
            Action::Enter => {
                if let Some(entry) = selected.cloned() {
                    shared.close();
                    entry.run(shared);
                }
            }
            Action::Complete => {
                if let Some(entry) = selected {
                    self.input = LineInput::new(&entry.name());
                    self.search(shared);
                }
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        if self.input.key(key) {
            self.search(shared);
        }
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        self.input.paste(text);
        self.search(shared);
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, columns(area), 20), "Commands");
        Pen::new(buf, look, inner, 0).put(": ", look.key());
        let line = Rect { x: inner.x + 2, width: inner.width.saturating_sub(2), ..inner };
        self.input.draw(buf, look, line, 0, true);
        let rows = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1 + WHOLE), ..inner };
        if self.found.is_empty() {
            let words = "  nothing here is called so: no key, verb, theme, id, service, person or day";
            Pen::new(buf, look, rows, 0).put(words, look.muted());
        }
        for (line, at) in (0..).zip(self.list.show(rows.height, self.found.len())) {
            let entry = &self.found[at];
            let lead = Lead { selected: at == self.list.cursor(), focused: true, marked: false };
            let mut pen = Pen::new(buf, look, rows, line);
            let style = pen.id_style(lead, look.text());
            let about = if entry.is_disabled() { look.muted() } else { look.text() };
            pen.lead(lead).id(&entry.name(), 20, style).skip(1);
            pen.column(&entry.kind(shared), 10, look.key()).skip(1);
            pen.rest(&entry.line(shared), about);
        }
        if let Some(entry) = self.found.get(self.list.cursor()) {
            let about = entry.about(shared);
            if width(&about) + BEFORE > usize::from(inner.width) || entry.is_disabled() {
                let rows = Rect {
                    y: inner.bottom().saturating_sub(WHOLE),
                    height: WHOLE.min(inner.height),
                    ..inner
                };
                for (line, words) in (0..rows.height).zip(wrap(&about, usize::from(rows.width))) {
                    Pen::new(buf, look, rows, line).put(&words, look.muted());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{app::Driver, fixture::story};

    /// The names of what a query finds from the Queue, best first.
    fn found(query: &str) -> Vec<String> {
        let mut driver = Driver::new(story(), 120, 36);
        let rows = driver.state.keys_here();
        let mut palette = Palette::new(&driver.state.shared, rows, None);
        palette.input = LineInput::new(query);
        palette.search(&driver.state.shared);
        palette.found.iter().map(PaletteEntry::name).collect()
    }

    #[test]
    fn one_list_finds_keys_verbs_themes_and_what_is_on_the_board() {
        for (query, want) in [
            ("vote", "vote"),
            ("qut", "quit"),
            ("free slot", "slots"),
            ("today", "today"),
            ("q", "q"),
            ("w", "w"),
            ("gate", "gate"),
            ("doctor", "doctor"),
            ("light", "theme light"),
            ("CHG42", "CHG0030042"),
            ("0042", "CHG0030042"),
            ("rel-4.2", "REL-4.2"),
            ("lb-01", "lb-01"),
            ("a.chen", "a.chen"),
            ("fri", "fri"),
            ("2026-12-24", "2026-12-24"),
        ] {
            assert_eq!(found(query).first().map(String::as_str), Some(want), "{query}: {:?}", found(query));
        }
        assert!(found("zzzzqq").is_empty());
        assert!(found("").len() > 60, "empty, it shows all, the likely ones first");
    }
}
