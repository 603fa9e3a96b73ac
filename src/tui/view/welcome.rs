//! The first run: nothing was ever imported, and the ways to begin.

mod by_hand;

use by_hand::{BY_HAND, ByHand};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Target, View,
    dialog::{self, Import},
    layout::split_below,
    widget::{Head, Lead, ListState, Move, Pen, put_line, split_side},
};
use crate::tui::{
    app::{Effect, Shared},
    input::{Action, Place},
    theme::Depth,
    view::item::lines::Words,
};

/// The welcome: what can be begun with, where things are kept, and the same without the screen.
#[derive(Debug, Default)]
pub struct Welcome {
    list: ListState,
    /// What `y` copies.
    by_hand: ListState,
    /// The cursor is among what is done by hand.
    on_hand: bool,
    /// Whether there was room for it.
    shows_hand: bool,
}

/// What can be begun with: action, name, what it does, and which of [`BY_HAND`] is the same.
const WAYS: [(Action, &str, &str, usize); 3] = [
    (Action::Import, "Import a file", "a board file (JSON), CSV with a column map, iCalendar", 1),
    (Action::Connect, "Connect a system", "asks which one, tries it once, writes the settings", 3),
    (Action::Demo, "Load the demo", "a made-up company around today; nothing is written", 4),
];

/// Why nothing is connected from here.
const ELSEWHERE: &str = "the systems of a served board are connected where it is kept";

/// Columns and rows that leave room for what is done by hand, beside the welcome or below it.
const BESIDE: u16 = 160;
const BELOW: u16 = 34;

impl Welcome {
    fn way(&self) -> (Action, &'static str, &'static str, usize) {
        WAYS[self.list.cursor().min(WAYS.len() - 1)]
    }
}

impl View for Welcome {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Welcome, Place::List]
    }

    fn hinted(&self, _shared: &Shared, action: Action) -> bool {
        self.shows_hand || !matches!(action, Action::NextPane | Action::Copy)
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        (action == Action::Connect && shared.snapshot.served).then(|| ELSEWHERE.to_owned())
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        let on_hand = self.on_hand && self.shows_hand;
        if let Some(to) = Move::of(action) {
            if on_hand {
                self.by_hand.go(to, BY_HAND.len());
            } else if self.list.go(to, WAYS.len()) {
                self.by_hand.select(self.way().3);
            }
            return true;
        }
        let action = match action {
            Action::Enter if on_hand => Action::Copy,
            Action::Enter => self.way().0,
            other => other,
        };
        match action {
            Action::Import => shared.open(Import::default()),
            Action::Connect if shared.snapshot.served => shared.note(ELSEWHERE),
            Action::Connect => shared.effect(Effect::Connect),
            Action::Demo => shared.open(dialog::Demo),
            Action::NextPane | Action::PrevPane if self.shows_hand => self.on_hand = !on_hand,
            Action::Copy => {
                let chosen = if self.shows_hand { self.by_hand.cursor() } else { self.way().3 };
                shared.effect(Effect::Copy(BY_HAND[chosen.min(BY_HAND.len() - 1)].0.to_owned()));
            }
            _ => return false,
        }
        true
    }

    fn target(&self, _shared: &Shared) -> Option<Target> {
        None
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let beside = area.width >= BESIDE;
        self.shows_hand = beside || (area.height >= BELOW && area.width >= 80);
        if !self.shows_hand {
            return self.ways(shared, buf, area);
        }
        let (ways, hand) = if beside {
            split_side(buf, &shared.look, area, area.width.saturating_sub(81))
        } else {
            split_below(area, ByHand::HEIGHT + 1)
        };
        self.ways(shared, buf, ways);
        ByHand { cursor: self.by_hand.cursor(), focused: self.on_hand }.draw(shared, buf, hand);
    }
}

impl Welcome {
    fn ways(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let focused = !(self.on_hand && self.shows_hand);
        let inner = Head::new("Welcome to quorate", focused).right("nothing here yet").draw(buf, look, area);
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
        for (at, (action, name, about, _)) in WAYS.iter().enumerate() {
            let lead = Lead { selected: at == self.list.cursor(), focused, marked: false };
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
