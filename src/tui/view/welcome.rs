//! The first run: nothing was ever imported, and the ways to begin.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Target, View,
    dialog::{self, Import},
    widget::{Head, Lead, ListState, Move, Pen, put_line},
};
use crate::tui::{
    app::{Effect, Shared},
    input::{Action, Place},
    theme::Depth,
    view::item::lines::Words,
};

/// The welcome: what can be begun with, and where things are kept.
#[derive(Debug, Default)]
pub struct Welcome {
    list: ListState,
}

/// What can be begun with: action, name, what it does.
const WAYS: [(Action, &str, &str); 3] = [
    (Action::Import, "Import a file", "a board file (JSON), CSV with a column map, iCalendar"),
    (Action::Connect, "Connect a system", "asks which one, tries it once, writes the settings"),
    (Action::Demo, "Load the demo", "a made-up company around today; nothing is written"),
];

impl View for Welcome {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Welcome, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.list.go(to, WAYS.len());
            return true;
        }
        let action = match action {
            Action::Enter => WAYS[self.list.cursor().min(WAYS.len() - 1)].0,
            other => other,
        };
        match action {
            Action::Import => shared.open(Import::default()),
            Action::Connect => shared.effect(Effect::Connect),
            Action::Demo => shared.open(dialog::Demo),
            _ => return false,
        }
        true
    }

    fn target(&self, _shared: &Shared) -> Option<Target> {
        None
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = Head::new("Welcome to quorate", true).right("nothing here yet").draw(buf, look, area);
        let roomy = inner.height >= 16;
        let mut row = u16::from(roomy);
        let say = |text: &str, buf: &mut Buffer, row: &mut u16| {
            Pen::new(buf, look, inner, *row).text(" ").rest(text, look.text());
            *row += 1;
        };
        say("One calendar of changes and releases, the clashes between them,", buf, &mut row);
        say("and a board that votes from the keyboard, on the record.", buf, &mut row);
        row += u16::from(roomy);
        say("Start with one of these:", buf, &mut row);
        row += u16::from(roomy);
        self.list.show(u16::try_from(WAYS.len()).unwrap_or(3), WAYS.len());
        for (at, (action, name, about)) in WAYS.iter().enumerate() {
            let lead = Lead { selected: at == self.list.cursor(), focused: true, marked: false };
            let mut pen = Pen::new(buf, look, inner, row);
            pen.text(" ").lead(lead).put(&shared.keymap.shown(*action), look.key()).text("  ");
            let style = pen.id_style(lead, look.text());
            pen.put(name, style).to(inner, 25).rest(about, look.text());
            row += 1;
        }
        row += u16::from(roomy);
        say("Later, on this screen: the queue that waits for you, the week, the clashes.", buf, &mut row);
        row += u16::from(roomy);
        for (label, text) in facts(shared) {
            let line = Words::labelled(look, &format!(" {label}"), 12).text(&text).line();
            put_line(buf, look, inner, row, &line);
            row += 1;
        }
        row += u16::from(roomy);
        say("Something odd? quorate doctor checks clock, terminal, files and systems.", buf, &mut row);
    }
}

/// Where things are kept, and how the screen is drawn.
fn facts(shared: &Shared) -> Vec<(&'static str, String)> {
    let size = shared.size;
    let colours = match shared.look.styles.depth() {
        Depth::True => "true colour",
        Depth::Indexed => "256 colours",
        Depth::Sixteen => "16 colours",
        Depth::None => "no colours",
    };
    let glyphs =
        if shared.look.glyphs.cursor == crate::tui::glyph::UNICODE.cursor { "UTF-8" } else { "ASCII" };
    let times = shared.look.glyphs.times;
    let mut facts = vec![
        ("terminal", format!("{}{times}{} · {colours} · {glyphs}", size.width, size.height)),
        ("zone", format!("{}; {} shows UTC", shared.zones.mine.name(), shared.keymap.shown(Action::Zone))),
    ];
    if !shared.snapshot.place.is_empty() {
        facts.insert(0, ("kept in", shared.snapshot.place.to_string()));
    }
    facts
}
