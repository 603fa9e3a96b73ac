//! One term of a filter: its key, what its value means on this board, and whether a thing meets it.

use super::{
    Ground,
    key::KeyOf,
    range,
    range::Range,
    thing::{Thing, plain},
    value,
};
use crate::wire::Clashes;

/// A term, read: the values it accepts, all in small letters.
#[derive(Debug, Clone)]
pub enum Term {
    /// One of these words or names.
    Named(KeyOf, Vec<String>),
    Within(KeyOf, Range),
    Mine(bool),
}

impl Term {
    /// Reads a value; the fault says what is allowed.
    pub fn read(key: KeyOf, typed: &str, ground: Ground<'_>) -> Result<Self, String> {
        let fault = || {
            let meant = value::meant(key, typed, ground);
            let meant = meant.map(|word| format!("did you mean {word}? ")).unwrap_or_default();
            format!("{}:{typed}: {meant}{}", key.word(), value::allowed(key, ground))
        };
        match key {
            KeyOf::Due | KeyOf::Start => {
                let whole = key == KeyOf::Due;
                range::read(typed, ground, whole).map(|range| Self::Within(key, range)).ok_or_else(fault)
            }
            KeyOf::Mine => match typed.to_lowercase().as_str() {
                "y" | "yes" | "true" => Ok(Self::Mine(true)),
                "n" | "no" | "false" => Ok(Self::Mine(false)),
                _ => Err(fault()),
            },
            KeyOf::Kind | KeyOf::Risk | KeyOf::State | KeyOf::Clash => {
                let found = value::words(key, typed);
                if found.is_empty() { Err(fault()) } else { Ok(Self::Named(key, found)) }
            }
            KeyOf::Service
            | KeyOf::Environment
            | KeyOf::Group
            | KeyOf::Owner
            | KeyOf::Release
            | KeyOf::Source => {
                let found = value::names(key, typed, ground);
                if found.is_empty() { Err(fault()) } else { Ok(Self::Named(key, found)) }
            }
        }
    }

    /// The key of the term.
    pub const fn key(&self) -> KeyOf {
        match self {
            Self::Named(key, _) | Self::Within(key, _) => *key,
            Self::Mine(_) => KeyOf::Mine,
        }
    }

    /// Whether a thing meets it.
    pub fn holds(&self, ground: Ground<'_>, thing: Thing<'_>) -> bool {
        match self {
            Self::Mine(wanted) => thing.is_mine(ground.snapshot) == *wanted,
            Self::Within(KeyOf::Due, range) => {
                let tally = thing.tally(ground.snapshot);
                tally.and_then(|tally| tally.deadline).is_some_and(|at| range.has(at))
            }
            Self::Within(_, range) => thing.start().is_some_and(|at| range.has(at)),
            Self::Named(key, accepted) => named(*key, accepted, thing),
        }
    }
}

fn named(key: KeyOf, accepted: &[String], thing: Thing<'_>) -> bool {
    let one = |word: &str| accepted.iter().any(|known| *known == word);
    let text = |text: &str| one(&plain(text));
    match key {
        KeyOf::Kind => thing.kinds().into_iter().flatten().any(one),
        KeyOf::Risk => thing.risk().is_some_and(one),
        KeyOf::State => thing.states().into_iter().flatten().any(one),
        KeyOf::Service => thing.services().iter().any(|name| text(name)),
        KeyOf::Environment => thing.environments().iter().any(|name| text(name)),
        KeyOf::Group => thing.groups().iter().any(|name| text(name)),
        KeyOf::Owner => thing.owner().is_some_and(text),
        KeyOf::Release => thing.releases().into_iter().flatten().any(|id| text(id.as_str())),
        KeyOf::Source => thing.source().is_some_and(|source| text(&source)),
        KeyOf::Clash => {
            thing.clashes().is_some_and(|clashes| accepted.iter().any(|word| clash(clashes, word)))
        }
        KeyOf::Due | KeyOf::Start | KeyOf::Mine => false,
    }
}

fn clash(clashes: Clashes, word: &str) -> bool {
    match word {
        "blocking" => clashes.block > 0,
        "warning" => clashes.warn > 0,
        "note" => clashes.info > 0,
        "acknowledged" => clashes.acknowledged > 0,
        "none" | "no" => clashes.worst().is_none(),
        _ => clashes.worst().is_some(),
    }
}
