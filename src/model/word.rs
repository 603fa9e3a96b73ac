//! Words of a fixed set, which keep the source's own word beside the mapped one.
//!
//! A word that maps to nothing is `unknown` and is shown raw; what an unknown is treated as is said by each type
//! (RULES §1: a doubt is never decided in favour of the change).

use std::{borrow::Cow, fmt, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::text::clean_line;

/// A set of words with one for "unknown".
pub trait Vocabulary: Copy + Eq + fmt::Debug + 'static {
    /// What the set is called, for schemas and messages: `risk`.
    const NAME: &'static str;
    /// Every known value with its word, in order of use.
    const WORDS: &'static [(Self, &'static str)];
    const UNKNOWN: Self;

    /// The word of a value; `unknown` for the unknown one.
    #[must_use]
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(value, _)| *value == self).map_or("unknown", |(_, word)| word)
    }

    /// The value of a word, compared without case, with spaces and hyphens read as underscores.
    #[must_use]
    fn of(word: &str) -> Option<Self> {
        let plain: String = word.trim().to_lowercase().replace([' ', '-'], "_");
        Self::WORDS.iter().find(|(_, known)| known.eq_ignore_ascii_case(&plain)).map(|(value, _)| *value)
    }
}

/// A value of a [`Vocabulary`] with the word the source used, where that differs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Word<T> {
    pub value: T,
    raw: Option<Arc<str>>,
}

impl<T: Vocabulary> Word<T> {
    #[must_use]
    pub const fn known(value: T) -> Self {
        Self { value, raw: None }
    }

    /// Reads a word; one that maps to nothing is unknown.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match T::of(word) {
            Some(value) => Self::mapped(value, word),
            None if word.trim().is_empty() => Self::default(),
            None => Self::mapped(T::UNKNOWN, word),
        }
    }

    /// A value that a map gave for a source's own word.
    #[must_use]
    pub fn mapped(value: T, raw: &str) -> Self {
        let raw = clean_line(raw);
        let raw = raw.trim();
        Self { value, raw: (raw != value.word()).then(|| Arc::from(raw)) }
    }

    /// The word as the source gave it: what a revision is made of.
    #[must_use]
    pub fn as_given(&self) -> &str {
        self.raw.as_deref().unwrap_or_else(|| self.value.word())
    }

    /// The raw word, where it says more than the mapped one.
    #[must_use]
    pub fn raw(&self) -> Option<&str> {
        self.raw.as_deref()
    }

    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.value == T::UNKNOWN
    }
}

impl<T: Vocabulary> From<T> for Word<T> {
    fn from(value: T) -> Self {
        Self::known(value)
    }
}

impl<T: Vocabulary> Default for Word<T> {
    fn default() -> Self {
        Self::known(T::UNKNOWN)
    }
}

impl<T: Vocabulary> fmt::Debug for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.value.word(), self.raw)
    }
}

/// Written as the mapped word alone where the source's word says no more, else as `{"value", "raw"}`.
impl<T: Vocabulary> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match &self.raw {
            None => s.serialize_str(self.value.word()),
            Some(raw) if self.is_unknown() || T::of(raw) == Some(self.value) => s.serialize_str(raw),
            Some(raw) => {
                use serde::ser::SerializeStruct;
                let mut both = s.serialize_struct("Word", 2)?;
                both.serialize_field("value", self.value.word())?;
                both.serialize_field("raw", raw)?;
                both.end()
            }
        }
    }
}

impl<'de, T: Vocabulary> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<'a> {
            Plain(#[serde(borrow)] Cow<'a, str>),
            Both { value: Cow<'a, str>, raw: Cow<'a, str> },
        }
        let either = Either::deserialize(d).map_err(|_| {
            serde::de::Error::custom(format!("{} must be a text, or {{value, raw}}", T::NAME))
        })?;
        Ok(match either {
            Either::Plain(word) if word.trim().is_empty() => Self::default(),
            Either::Plain(word) => Self::read(&word),
            Either::Both { value, raw } => Self::mapped(T::of(&value).unwrap_or(T::UNKNOWN), &raw),
        })
    }
}

impl<T: Vocabulary> JsonSchema for Word<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = T::WORDS.iter().map(|(_, word)| *word).collect();
        schemars::json_schema!({
            "description": format!("One of {}; any other word is kept and treated as unknown.", words.join(", ")),
            "anyOf": [
                { "type": "string", "examples": words },
                { "type": "object", "properties": { "value": { "enum": words }, "raw": { "type": "string" } }, "required": ["value", "raw"] }
            ]
        })
    }
}

/// Declares an enum with its words, as a [`Vocabulary`].
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $title:literal { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($variant,)+ Unknown }
        impl $crate::model::word::Vocabulary for $name {
            const NAME: &'static str = $title;
            const WORDS: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),+];
            const UNKNOWN: Self = Self::Unknown;
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad($crate::model::word::Vocabulary::word(*self))
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str($crate::model::word::Vocabulary::word(*self))
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(d)?;
                if &*word == "unknown" { return Ok(Self::Unknown); }
                <Self as $crate::model::word::Vocabulary>::of(&word).ok_or_else(|| {
                    let words: Vec<&str> = <Self as $crate::model::word::Vocabulary>::WORDS.iter().map(|(_, w)| *w).collect();
                    serde::de::Error::custom(format!("{word:?} is no {}: one of {}", $title, words.join(", ")))
                })
            }
        }
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": [$($word),+] })
            }
        }
    };
}
pub(crate) use vocabulary;
