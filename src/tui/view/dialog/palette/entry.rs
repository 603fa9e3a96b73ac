//! What the palette lists: keys of the screen, verbs of the command line, themes; and what is looked up on the board.

use super::super::help::{Row, keys_of};
use crate::{
    calendar,
    model::{Id, Instant},
    tui::{
        app::{Effect, Shared, Wish},
        input::Action,
        view::{Page, Screen, filter, item::Subject},
    },
};

/// One line of the palette.
#[derive(Debug, Clone)]
pub enum PaletteEntry {
    Key(Row),
    /// `:q`.
    Quit,
    /// `:w`.
    Saved,
    Theme(&'static str),
    /// A verb of the command line, with the item it would be about.
    Verb {
        name: String,
        about: String,
        item: Option<Id>,
    },
    /// A change, phase, release or window.
    Item {
        id: Id,
        title: String,
    },
    Service {
        id: Id,
        name: String,
    },
    Person {
        id: Id,
        name: String,
    },
    Day {
        typed: String,
        at: Instant,
    },
}

/// The themes of the palette: `auto`, the halves, and the embedded ones.
pub const THEMES: [&str; 6] = ["auto", "dark", "light", "high-contrast", "deuteranopia", "mono"];

impl PaletteEntry {
    /// What is typed for it.
    pub fn name(&self) -> String {
        match self {
            Self::Key(row) => row.spec.name.to_owned(),
            Self::Quit => "q".to_owned(),
            Self::Saved => "w".to_owned(),
            Self::Theme(name) => format!("theme {name}"),
            Self::Verb { name, .. } => name.clone(),
            Self::Item { id, .. } | Self::Service { id, .. } | Self::Person { id, .. } => id.to_string(),
            Self::Day { typed, .. } => typed.clone(),
        }
    }

    /// One sentence, with why it cannot be done.
    pub fn about(&self, shared: &Shared) -> String {
        match self {
            Self::Key(row) => {
                let why = row.disabled.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
                format!("{}{why}", row.spec.about)
            }
            Self::Quit => "Quit".to_owned(),
            Self::Saved => "There is nothing to save: what is done is on the record at once".to_owned(),
            Self::Theme(name) => format!("Colours of {name}, for this session"),
            Self::Verb { about, .. } => {
                format!("{about}; {} copies the command", shared.keymap.shown(Action::Enter))
            }
            Self::Item { title, .. } => title.clone(),
            Self::Service { name, .. } => format!("{name}: what it needs, its changes to come and past"),
            Self::Person { name, .. } => format!("{name}: the calendar of what is theirs"),
            Self::Day { at, .. } => {
                format!("The calendar around {}", calendar::stamp(*at, shared.zones.current()))
            }
        }
    }

    /// What its row says: why it cannot be done, where that is so.
    pub fn line(&self, shared: &Shared) -> String {
        match self {
            Self::Key(Row { disabled: Some(why), .. }) => why.clone(),
            _ => self.about(shared),
        }
    }

    /// The key it has, or what it is.
    pub fn kind(&self, shared: &Shared) -> String {
        match self {
            Self::Key(row) => keys_of(&shared.keymap, row.spec.action),
            Self::Quit | Self::Saved => String::new(),
            Self::Theme(_) => "theme".to_owned(),
            Self::Verb { .. } => "$ quorate".to_owned(),
            Self::Item { .. } => "open".to_owned(),
            Self::Service { .. } => "service".to_owned(),
            Self::Person { .. } => "person".to_owned(),
            Self::Day { .. } => "day".to_owned(),
        }
    }

    pub const fn is_disabled(&self) -> bool {
        matches!(self, Self::Key(row) if row.disabled.is_some())
    }

    /// Does it; the palette is closed already.
    pub fn run(&self, shared: &mut Shared) {
        let only = |shared: &mut Shared, filter: String| {
            shared.wish(Wish::Filter(filter));
            shared.wish(Wish::Go(Screen::Calendar));
        };
        match self {
            Self::Key(row) => shared.wish(Wish::Act(row.spec.action)),
            Self::Quit => shared.wish(Wish::Act(Action::QuitNow)),
            Self::Saved => shared.note("there is nothing to save: what is done is on the record at once"),
            Self::Theme(name) => shared.wish(Wish::Theme(name)),
            Self::Verb { name, item, .. } => {
                let item = item.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
                shared.effect(Effect::Copy(format!("quorate {name}{item}")));
            }
            Self::Item { id, .. } if Subject::of(&shared.snapshot, id).is_some() => {
                shared.wish(Wish::Page(Page::new(id.clone(), vec![id.clone()], "palette")));
            }
            Self::Item { id, .. } => only(shared, id.to_string()),
            Self::Service { id, .. } => shared.wish(Wish::Service(id.to_string())),
            Self::Person { id, .. } => only(shared, id.to_string()),
            Self::Day { at, .. } => shared.wish(Wish::Day(*at)),
        }
    }
}

/// What a text names on the board: an id whole or by its tail, services, people, a day. At most `most` of each.
pub fn looked_up(shared: &Shared, typed: &str, most: usize) -> Vec<PaletteEntry> {
    let typed = typed.trim();
    let (snapshot, small) = (&shared.snapshot, typed.to_lowercase());
    let mut found = Vec::new();
    if let Some(at) = filter::day(typed, shared.ground()) {
        found.push(PaletteEntry::Day { typed: typed.to_owned(), at });
    }
    if small.chars().count() < 2 {
        return found;
    }
    let tail = |id: &Id| id.as_str().to_lowercase().ends_with(&small);
    // `CHG42` is meant for CHG0030042: its letters at the beginning, its digits at the end.
    let digits = small.trim_start_matches(|c: char| !c.is_ascii_digit());
    let letters = &small[..small.len() - digits.len()];
    let ends = |id: &Id| {
        let id = id.as_str().to_lowercase();
        !digits.is_empty() && !letters.is_empty() && id.starts_with(letters) && id.ends_with(digits)
    };
    let title = |id: &Id| Subject::of(snapshot, id).map(|subject| subject.title()).unwrap_or_default();
    let ids = snapshot.activities.keys().chain(snapshot.releases.keys());
    let items = ids.filter(|id| tail(id) || ends(id)).take(most);
    found.extend(items.map(|id| PaletteEntry::Item { id: id.clone(), title: title(id) }));
    let windows = snapshot.windows.values().filter(|window| tail(&window.id)).take(most);
    found.extend(
        windows.map(|window| PaletteEntry::Item { id: window.id.clone(), title: window.name.to_string() }),
    );
    let has = |text: &str| text.to_lowercase().contains(&small);
    let services = snapshot.services.values().filter(|one| has(one.id.as_str()) || has(one.name.as_str()));
    found.extend(
        services
            .take(most)
            .map(|one| PaletteEntry::Service { id: one.id.clone(), name: one.name.to_string() }),
    );
    let people = snapshot.people.values().filter(|one| has(one.id.as_str()) || has(one.name.as_str()));
    found.extend(
        people.take(most).map(|one| PaletteEntry::Person { id: one.id.clone(), name: one.name.to_string() }),
    );
    found
}
