//! What a filter looks at: an activity, a release or a window, each with the same questions.

use unicode_normalization::UnicodeNormalization;

use crate::{
    model::{Id, Instant, Line, Scope, Vocabulary, Window},
    wire::{ActivityKind, ActivityRow, Clashes, ItemRow, Snapshot, StateWord, Tally},
};

/// What a filter looks at.
#[derive(Debug, Clone, Copy)]
pub enum Thing<'a> {
    Activity(&'a ActivityRow),
    Release(&'a ItemRow),
    Window(&'a Window),
}

/// The word of a state as its source has it.
pub fn state_word(state: &StateWord) -> &'static str {
    match state {
        StateWord::Change(state) => state.value.word(),
        StateWord::Phase(state) => state.value.word(),
    }
}

/// A text as it is compared: small letters, without the accents of Latin letters.
pub fn plain(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.to_lowercase().nfd().filter(|c| !matches!(*c, '\u{300}'..='\u{36f}')).nfc().collect()
}

/// Whether a word names an id: whole, or by its tail.
pub fn by_id(id: &Id, word: &str) -> bool {
    plain(id.as_str()).ends_with(word)
}

/// Whether a word is an id of the board, or the tail of one.
pub fn is_an_id(snapshot: &Snapshot, word: &str) -> bool {
    let word = plain(word);
    let ids = snapshot.activities.keys().chain(snapshot.releases.keys()).chain(snapshot.windows.keys());
    ids.into_iter().any(|id| by_id(id, &word))
}

impl<'a> Thing<'a> {
    /// The thing with an id.
    pub fn of(snapshot: &'a Snapshot, id: &Id) -> Option<Self> {
        if let Some(row) = snapshot.activities.get(id) {
            return Some(Self::Activity(row));
        }
        let release = snapshot.releases.get(id).map(|row| Self::Release(row));
        release.or_else(|| snapshot.windows.get(id).map(|window| Self::Window(window)))
    }

    /// Whether a word (as [`plain`]) is found: in the id as a whole or at its end, anywhere in the texts.
    pub fn has_word(self, snapshot: &Snapshot, word: &str) -> bool {
        let ids = match self {
            Self::Activity(row) => [Some(&row.id), Some(&row.item)],
            Self::Release(row) => [Some(&row.id), None],
            Self::Window(window) => [Some(&window.id), None],
        };
        let has = |text: &str| plain(text).contains(word);
        ids.into_iter().flatten().any(|id| by_id(id, word))
            || self.texts().into_iter().any(has)
            || self.services().into_iter().any(|name| has(name) || service_named(snapshot, name, &has))
            || self.people().into_iter().flatten().any(|name| has(name) || person_named(snapshot, name, &has))
            || self.groups().into_iter().any(has)
            || self.releases().into_iter().flatten().any(|id| release_named(snapshot, id, word, &has))
    }

    fn texts(self) -> Vec<&'a str> {
        match self {
            Self::Activity(row) => vec![row.title.as_str()],
            Self::Release(row) => vec![row.name.as_str(), row.version.as_str()],
            Self::Window(window) => vec![window.name.as_str()],
        }
    }

    /// The words for what it is: its own, and the wider one.
    pub fn kinds(self) -> [Option<&'static str>; 2] {
        match self {
            Self::Activity(row) => match &row.kind {
                ActivityKind::Change(kind) => [Some(kind.value.word()), None],
                ActivityKind::Phase { .. } => [Some("release"), Some("phase")],
            },
            Self::Release(_) => [Some("release"), None],
            Self::Window(window) => [Some(window.kind.value.word()), Some("window")],
        }
    }

    /// The risk it is treated with; `None` for what has none.
    pub fn risk(self) -> Option<&'static str> {
        match self {
            Self::Activity(row) => Some(row.treated_risk.word()),
            Self::Release(_) | Self::Window(_) => None,
        }
    }

    /// The source's word, and what the board decided.
    pub fn states(self) -> [Option<&'static str>; 2] {
        match self {
            Self::Activity(row) => [Some(state_word(&row.state)), Some(row.standing.word())],
            Self::Release(row) => [Some(row.state.value.word()), Some(row.standing.word())],
            Self::Window(_) => [None, None],
        }
    }

    /// Names and canonical ids.
    pub fn services(self) -> Vec<&'a str> {
        match self {
            Self::Activity(row) => {
                let ids = row.service_ids.iter().map(Id::as_str);
                row.services.iter().map(Line::as_str).chain(ids).collect()
            }
            Self::Release(_) => Vec::new(),
            Self::Window(window) => lines(&window.scope, |scope| &scope.services),
        }
    }

    /// Where it takes place, as sources write it.
    pub fn environments(self) -> Vec<&'a str> {
        match self {
            Self::Activity(row) => row.environment.iter().map(Line::as_str).collect(),
            Self::Release(_) => Vec::new(),
            Self::Window(window) => lines(&window.scope, |scope| &scope.environments),
        }
    }

    /// The groups it belongs to, as sources write them.
    pub fn groups(self) -> Vec<&'a str> {
        match self {
            Self::Activity(row) => row.group.iter().map(Line::as_str).collect(),
            Self::Release(_) => Vec::new(),
            Self::Window(window) => lines(&window.scope, |scope| &scope.groups),
        }
    }

    /// Who answers for it, as the source writes it.
    pub fn owner(self) -> Option<&'a str> {
        match self {
            Self::Activity(row) => row.owner.as_ref().map(Line::as_str),
            Self::Release(row) => row.manager.as_ref().map(Line::as_str),
            Self::Window(_) => None,
        }
    }

    fn people(self) -> [Option<&'a str>; 2] {
        match self {
            Self::Activity(row) => [self.owner(), row.requester.as_ref().map(Line::as_str)],
            Self::Release(_) | Self::Window(_) => [self.owner(), None],
        }
    }

    /// The release a change is in; for a phase and a release itself, that one.
    pub fn releases(self) -> [Option<&'a Id>; 2] {
        match self {
            Self::Activity(row) => [row.release.as_ref(), row.is_phase().then_some(&row.item)],
            Self::Release(row) => [Some(&row.id), None],
            Self::Window(_) => [None, None],
        }
    }

    /// Where its record comes from; `None` for windows.
    pub fn source(self) -> Option<String> {
        match self {
            Self::Activity(row) => Some(row.source.to_string()),
            Self::Release(row) => Some(row.source.to_string()),
            Self::Window(_) => None,
        }
    }

    /// Its open rows by severity; `None` for what is no activity.
    pub fn clashes(self) -> Option<Clashes> {
        match self {
            Self::Activity(row) => Some(row.clashes),
            Self::Release(_) | Self::Window(_) => None,
        }
    }

    /// When it begins; `None` where nobody said, or it is no activity.
    pub fn start(self) -> Option<Instant> {
        match self {
            Self::Activity(row) => row.when.start(),
            Self::Release(_) | Self::Window(_) => None,
        }
    }

    /// The open round about it.
    pub fn tally(self, snapshot: &Snapshot) -> Option<&Tally> {
        let item = match self {
            Self::Activity(row) => &row.item,
            Self::Release(row) => &row.id,
            Self::Window(_) => return None,
        };
        snapshot.open_tally(item).map(AsRef::as_ref)
    }

    /// Mine: waits for my vote, or I own or asked for it.
    pub fn is_mine(self, snapshot: &Snapshot) -> bool {
        let me = &snapshot.me;
        let person = me.person.as_ref().map_or(me.name.as_str(), |id| id.as_str());
        self.tally(snapshot).is_some_and(|tally| snapshot.waits_for_me(tally))
            || self.people().into_iter().flatten().any(|name| name == person)
    }
}

fn lines(scope: &Scope, of: impl Fn(&Scope) -> &Vec<Line>) -> Vec<&str> {
    of(scope).iter().map(Line::as_str).collect()
}

/// Whether a service's other names have it.
fn service_named(snapshot: &Snapshot, name: &str, has: &impl Fn(&str) -> bool) -> bool {
    let service = snapshot.services.get(name);
    service.is_some_and(|service| {
        has(service.name.as_str()) || service.aliases.iter().any(|alias| has(alias.as_str()))
    })
}

/// Whether a person's full name has it.
fn person_named(snapshot: &Snapshot, name: &str, has: &impl Fn(&str) -> bool) -> bool {
    let person = snapshot.people.get(name);
    person.is_some_and(|person| has(person.name.as_str()))
}

fn release_named(snapshot: &Snapshot, id: &Id, word: &str, has: &impl Fn(&str) -> bool) -> bool {
    let release = snapshot.releases.get(id);
    by_id(id, word)
        || release.is_some_and(|release| has(release.name.as_str()) || has(release.version.as_str()))
}
