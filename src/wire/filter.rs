//! The filter of all lists: words, and terms such as `risk:high`, `due:<24h` or `start:tonight`.
//!
//! A word is found anywhere in title, services, people, group and release; an id whole or by its tail. All words and all
//! keys must hold; of several terms with one key any is enough. A term that cannot be read is a fault: it hides nothing,
//! the command line refuses it and the terminal does not keep it.

mod complete;
mod key;
mod range;
mod suggest;
mod term;
#[cfg(test)]
mod tests;
mod thing;
mod value;

pub use complete::complete;
use key::KeyOf;
pub use range::day;
pub use suggest::{Suggestion, suggest};
use term::Term;
use thing::Thing;

use super::{ActivityRow, ConflictRow, Snapshot};
use crate::{
    calendar::Zone,
    model::{Id, Instant},
};

/// The keys of terms.
pub const KEYS: &[&str] = &[
    "kind", "risk", "service", "due", "start", "mine", "state", "env", "group", "owner", "release", "source",
    "clash",
];

/// What a filter is read and held against: the board, now, and the zone that `today` is of.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    pub snapshot: &'a Snapshot,
    pub now: Instant,
    pub zone: Zone,
}

/// A filter as typed, read.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    words: Vec<String>,
    terms: Vec<Term>,
    fault: Option<String>,
    unfinished: Option<String>,
}

/// Why no board at all could read a filter: an unknown key that is nearly a known one, a key without a value, or a value
/// that is none of its fixed words. What only a board can tell, its names and ids, is left to [`Filter::read`].
#[must_use]
pub fn malformed(text: &str, ground: Ground<'_>) -> Option<String> {
    text.split_whitespace().find_map(|word| {
        let (typed, value) = word.split_once(':')?;
        match KeyOf::of(typed) {
            None => crate::model::nearest(typed, KEYS.iter().copied()).map(|_| unknown_key(typed)),
            Some(key) if value.is_empty() => Some(format!("{}: lacks its value", key.word())),
            Some(key) if value::of_the_board(key) => None,
            Some(key) => Term::read(key, value, ground).err(),
        }
    })
}

impl Filter {
    /// Reads a filter; an empty one lets everything through.
    #[must_use]
    pub fn read(text: &str, ground: Ground<'_>) -> Self {
        let mut filter = Self::default();
        for word in text.split_whitespace() {
            let Some((key, value)) = word.split_once(':') else {
                filter.words.push(thing::plain(word));
                continue;
            };
            match KeyOf::of(key) {
                // An id may have a colon: `servicenow:CHG0030042`.
                None if thing::is_an_id(ground.snapshot, word) => filter.words.push(thing::plain(word)),
                None => filter.fault = Some(unknown_key(key)),
                Some(key) if value.is_empty() => {
                    filter.unfinished =
                        Some(format!("{}: lacks its value; {}", key.word(), value::allowed(key, ground)));
                }
                Some(key) => match Term::read(key, value, ground) {
                    Ok(term) => filter.terms.push(term),
                    Err(fault) => filter.fault = Some(fault),
                },
            }
        }
        filter
    }

    /// Whether it lets everything through.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.terms.is_empty()
    }

    /// Why a term was left out; a term that lacks its value yet is none.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Why it cannot be kept as it is: a fault, or a key without a value.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        self.fault.as_deref().or(self.unfinished.as_deref())
    }

    /// Whether an activity passes.
    #[must_use]
    pub fn activity(&self, ground: Ground<'_>, row: &ActivityRow) -> bool {
        self.is_empty() || self.all(ground, &[Thing::Activity(row)])
    }

    /// Whether what is decided about passes: a change, a phase or a window by itself, a release also by any of its phases.
    #[must_use]
    pub fn item(&self, ground: Ground<'_>, id: &Id) -> bool {
        if self.is_empty() {
            return true;
        }
        let Some(thing) = Thing::of(ground.snapshot, id) else {
            return self.terms.is_empty() && self.words.iter().all(|word| thing::by_id(id, word));
        };
        let phases = ground.snapshot.releases.get(id).map(|release| &release.phases);
        let mut phases = phases.into_iter().flat_map(|ids| ids.iter());
        self.all(ground, &[thing])
            || phases.any(|id| {
                Thing::of(ground.snapshot, id).is_some_and(|phase| self.all(ground, &[phase, thing]))
            })
    }

    /// Whether a clash passes: the terms by one of its sides, each word by either side, the rule, or what they share.
    #[must_use]
    pub fn conflict(&self, ground: Ground<'_>, row: &ConflictRow) -> bool {
        if self.is_empty() {
            return true;
        }
        let ids = [Some(&row.key.a), row.key.b.as_ref()];
        if ids.into_iter().flatten().any(|id| self.item(ground, id)) {
            return true;
        }
        let sides: Vec<Thing<'_>> =
            ids.into_iter().flatten().filter_map(|id| Thing::of(ground.snapshot, id)).collect();
        let found = |word: &String| {
            sides.iter().any(|side| side.has_word(ground.snapshot, word))
                || ids.into_iter().flatten().any(|id| thing::by_id(id, word))
                || thing::plain(&row.key.rule.to_string()) == *word
                || thing::plain(row.key.rule.name()).contains(word.as_str())
                || row.path.iter().any(|service| thing::plain(service.as_str()).contains(word.as_str()))
        };
        let terms = self.terms.is_empty() || sides.iter().any(|side| self.terms_hold(ground, *side));
        terms && self.words.iter().all(found)
    }

    /// Whether the first of some things that belong together meets the terms, and all together have the words.
    fn all(&self, ground: Ground<'_>, things: &[Thing<'_>]) -> bool {
        things.first().is_some_and(|first| self.terms_hold(ground, *first))
            && self.words.iter().all(|word| things.iter().any(|thing| thing.has_word(ground.snapshot, word)))
    }

    fn terms_hold(&self, ground: Ground<'_>, thing: Thing<'_>) -> bool {
        let of = |key| self.terms.iter().filter(move |term| term.key() == key);
        self.terms.iter().all(|term| of(term.key()).any(|term| term.holds(ground, thing)))
    }
}

fn unknown_key(key: &str) -> String {
    let meant = crate::model::nearest(key, KEYS.iter().copied());
    let meant = meant.map(|key| format!("; did you mean {key}:?")).unwrap_or_default();
    format!("{key}: is none of {}{meant}", KEYS.join(" "))
}
