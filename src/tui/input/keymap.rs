//! Which key asks which action: the defaults of the table, changed by a TOML keymap.
//!
//! ```toml
//! vote = "V"
//! down = ["j", "Down", "Ctrl-j"]
//! demo = []            # no key at all
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ACTIONS, Action, Key, Place, Spec};
use crate::config::Settings;

/// The keys in force.
#[derive(Debug, Clone)]
pub struct Keymap {
    keys: Vec<Vec<Key>>,
}

/// A keymap that cannot be used: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct KeymapErrors(pub Vec<KeymapError>);

/// One thing that is wrong with a keymap, naming the action and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("keymap {file}: {wrong}")]
pub struct KeymapError {
    file: String,
    /// The action it is about, as the file names it, where it is one.
    pub action: Option<String>,
    pub wrong: Wrong,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("{0}")]
    Invalid(String),
    #[error("there is no action `{name}`{hint}; `quorate keys` names them all")]
    UnknownAction { name: String, hint: String },
    #[error("`{name}`: {source}")]
    BadKey { name: String, source: super::KeyError },
    #[error("{key} is bound to both `{first}` and `{second}`; give one of them another key")]
    Duplicate { key: String, first: &'static str, second: &'static str },
}

/// Names that actions had, and have now: keymaps with the old ones are read still.
const RENAMED: &[(&str, &str)] = &[("put-off", "postpone")];

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for Keymap {
    fn default() -> Self {
        let parse = |row: &Spec| row.keys.split(' ').filter_map(|key| key.parse().ok()).collect();
        Self { keys: ACTIONS.iter().map(parse).collect() }
    }
}

impl Keymap {
    /// The defaults, with the keys of a keymap file instead where it names them.
    ///
    /// # Errors
    /// When the file is no TOML, names an unknown action or key, or leaves one key with two meanings in one place.
    pub fn parse(file: &str, text: &str) -> Result<Self, KeymapErrors> {
        let fault = |action: Option<&str>, wrong| {
            let action = action.map(str::to_owned);
            KeymapError { file: file.to_owned(), action, wrong }
        };
        let rows: BTreeMap<String, OneOrMany> = toml::from_str(text)
            .map_err(|e| KeymapErrors(vec![fault(None, Wrong::Invalid(e.to_string()))]))?;
        let (mut map, mut faults) = (Self::default(), Vec::new());
        for (name, keys) in &rows {
            let known =
                RENAMED.iter().find(|(old, _)| *old == name.as_str()).map_or(name.as_str(), |(_, new)| new);
            let Some(row) = ACTIONS.iter().find(|row| row.name == known) else {
                let hint = nearest(name).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
                faults.push(fault(Some(name), Wrong::UnknownAction { name: name.clone(), hint }));
                continue;
            };
            let keys = match keys {
                OneOrMany::One(key) => std::slice::from_ref(key),
                OneOrMany::Many(keys) => keys,
            };
            match keys.iter().map(|key| key.parse()).collect::<Result<Vec<Key>, _>>() {
                Ok(keys) => map.keys[row.action as usize] = keys,
                Err(source) => faults.push(fault(Some(name), Wrong::BadKey { name: name.clone(), source })),
            }
        }
        for (key, first, second) in map.duplicates() {
            // It is about the one the file binds; where it binds both, about the later in the table.
            let about = if rows.contains_key(second) { second } else { first };
            let key = key.to_string();
            faults.push(fault(Some(about), Wrong::Duplicate { key, first, second }));
        }
        if faults.is_empty() { Ok(map) } else { Err(KeymapErrors(faults)) }
    }

    /// The defaults, with the keys of `[keys]` in the settings.
    ///
    /// # Errors
    /// As [`Keymap::parse`].
    pub fn of_settings(settings: &Settings) -> Result<Self, KeymapErrors> {
        let file = "[keys]";
        let text = toml::to_string(&settings.keys).map_err(|e| {
            let wrong = Wrong::Invalid(e.to_string());
            KeymapErrors(vec![KeymapError { file: file.to_owned(), action: None, wrong }])
        })?;
        Self::parse(file, &text)
    }

    /// The action `key` asks for; `places` go from the innermost outwards and the first that knows the key wins.
    #[must_use]
    pub fn find(&self, places: &[Place], key: Key) -> Option<Action> {
        places.iter().find_map(|place| {
            ACTIONS
                .iter()
                .find(|row| row.places.contains(place) && self.keys(row.action).contains(&key))
                .map(|row| row.action)
        })
    }

    /// The keys of an action, the one to show first; may be empty.
    #[must_use]
    pub fn keys(&self, action: Action) -> &[Key] {
        &self.keys[action as usize]
    }

    /// The key to show for an action, or nothing when it has none.
    #[must_use]
    pub fn shown(&self, action: Action) -> String {
        self.keys(action).first().map(Key::to_string).unwrap_or_default()
    }

    /// The rows that can be asked in `places`, innermost first, each once and only if its key is not hidden by an inner
    /// place.
    #[must_use]
    pub fn rows(&self, places: &[Place]) -> Vec<&'static Spec> {
        let mut rows: Vec<&'static Spec> = Vec::new();
        for place in places {
            for row in ACTIONS.iter().filter(|row| row.places.contains(place)) {
                let reachable =
                    self.keys(row.action).iter().any(|k| self.find(places, *k) == Some(row.action));
                if reachable && !rows.iter().any(|known| known.action == row.action) {
                    rows.push(row);
                }
            }
        }
        rows
    }

    /// Pairs of actions that share a key in one place, each once.
    fn duplicates(&self) -> Vec<(Key, &'static str, &'static str)> {
        let mut found = Vec::new();
        for (i, a) in ACTIONS.iter().enumerate() {
            for b in &ACTIONS[i + 1..] {
                if !a.places.iter().any(|place| b.places.contains(place)) {
                    continue;
                }
                let shared = self.keys(a.action).iter().find(|key| self.keys(b.action).contains(key));
                found.extend(shared.map(|key| (*key, a.name, b.name)));
            }
        }
        found
    }
}

/// The known action name that begins like `name`, the one nearest in length first.
fn nearest(name: &str) -> Option<&'static str> {
    let shared = |known: &str| known.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    let near = |known: &&str| (shared(known), std::cmp::Reverse(known.len().abs_diff(name.len())));
    ACTIONS.iter().map(|row| row.name).max_by_key(near).filter(|known| shared(known) >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    #[test]
    fn a_keymap_with_the_name_an_action_had_is_read() {
        let map = Keymap::parse("keys.toml", "put-off = \"Ctrl-p\"").unwrap();
        assert_eq!(map.keys(Action::Postpone), [key("Ctrl-p")]);
        for (old, new) in RENAMED {
            assert!(ACTIONS.iter().any(|row| row.name == *new), "{new}");
            assert!(ACTIONS.iter().all(|row| row.name != *old), "{old}");
        }
    }

    #[test]
    fn defaults_have_no_duplicates_and_all_parse() {
        let map = Keymap::default();
        assert_eq!(map.duplicates(), []);
        for row in ACTIONS {
            assert_eq!(map.keys(row.action).len(), row.keys.split(' ').count(), "{}", row.name);
        }
    }

    #[test]
    fn an_inner_place_hides_an_outer_one() {
        let map = Keymap::default();
        let calendar = [Place::Calendar, Place::Item, Place::List, Place::Screens, Place::Always];
        assert_eq!(map.find(&calendar, key("n")), Some(Action::NextPeriod));
        assert_eq!(map.find(&calendar[2..], key("n")), Some(Action::NextMatch));
        assert_eq!(map.find(&calendar, key("Ctrl-c")), Some(Action::QuitNow));
        assert_eq!(map.find(&[Place::VoteMenu, Place::Layer], key("v")), None);
        let rows = map.rows(&calendar);
        assert!(rows.iter().any(|row| row.action == Action::Today));
        assert!(!rows.iter().any(|row| row.action == Action::NextMatch), "n is hidden");
    }

    #[test]
    fn a_keymap_rebinds() {
        let map = Keymap::parse("keys.toml", "vote = \"b\"\ndown = [\"j\", \"Ctrl-j\"]\ndemo = []").unwrap();
        assert_eq!(map.find(&[Place::Item], key("b")), Some(Action::Vote));
        assert_eq!(map.find(&[Place::Item], key("v")), None);
        assert_eq!(map.find(&[Place::List], key("Ctrl-j")), Some(Action::Down));
        assert_eq!(map.shown(Action::Demo), "");
    }

    #[test]
    fn all_that_is_wrong_is_said_each_with_its_action() {
        let text = "comment = \"v\"\ncommet = \"x\"\nmeet = \"y\"\ndefer = \"Hyper-v\"\ndown = \"k\"";
        let KeymapErrors(faults) = Keymap::parse("keys.toml", text).unwrap_err();
        let about: Vec<&str> = faults.iter().filter_map(|fault| fault.action.as_deref()).collect();
        for action in ["comment", "commet", "meet", "defer", "down"] {
            assert!(about.contains(&action), "{action}: {faults:?}");
        }
    }

    #[test]
    fn a_wrong_keymap_says_what_is_wrong() {
        let cases = [
            ("two actions on one key", "comment = \"v\"", "v is bound to both `vote` and `comment`"),
            ("unknown action", "commet = \"v\"", "no action `commet`, did you mean `comment`?"),
            ("unknown key", "vote = \"Hyper-v\"", "`vote`: `Hyper-v` is no key"),
            ("no toml", "vote = ", "keymap keys.toml: "),
            ("wrong type", "vote = 3", "keymap keys.toml: "),
        ];
        for (name, text, want) in cases {
            let message = Keymap::parse("keys.toml", text).unwrap_err().to_string();
            assert!(message.contains(want), "{name}: {message}");
        }
    }
}
