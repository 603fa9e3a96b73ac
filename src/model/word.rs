//! Words of a fixed set, which keep the source's own word beside the mapped one.
//!
//! A word that maps to nothing is `unknown` and is shown raw; what an unknown is treated as is said by each type
//! (rules § Things: a doubt is never decided in favour of the change).

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::text::Line;

/// A set of words with one for "unknown".
pub trait Vocabulary: Copy + Eq + fmt::Debug + 'static {
    /// What the set is called, for schemas and messages: `risk`.
    const NAME: &'static str;
    /// Every known value with its word, in order of use.
    const WORDS: &'static [(Self, &'static str)];
    /// Other words that are read as a value, and never written.
    const ALSO: &'static [(Self, &'static str)] = &[];
    /// What a word means that nobody knows: never an answer in favour of the change.
    const UNKNOWN: Self;

    /// The word of a value; `unknown` for the unknown one.
    #[must_use]
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(value, _)| *value == self).map_or("unknown", |(_, word)| word)
    }

    /// The value of a word, compared without case, with spaces and hyphens read as underscores.
    #[must_use]
    fn of(word: &str) -> Option<Self> {
        if let Some((value, _)) = Self::WORDS.iter().find(|(_, known)| *known == word) {
            return Some(*value);
        }
        let plain: String = word.trim().to_lowercase().replace([' ', '-'], "_");
        let mut all = Self::WORDS.iter().chain(Self::ALSO);
        all.find(|(_, known)| known.eq_ignore_ascii_case(&plain)).map(|(value, _)| *value)
    }
}

/// A value of a [`Vocabulary`] with the word the source used, where that differs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Word<T> {
    pub value: T,
    raw: Option<Line>,
}

impl<T: Vocabulary> Word<T> {
    /// A word of the vocabulary itself, as if the source had written it so.
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
        let raw = Line::new(raw);
        Self { value, raw: (raw != value.word()).then_some(raw) }
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

    /// The raw word as it is kept, see [`Self::raw`].
    #[must_use]
    pub fn raw_line(&self) -> Option<&Line> {
        self.raw.as_ref()
    }

    /// Whether the source said nothing at all: of a word that nobody knows the word itself is kept.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.is_unknown() && self.raw.is_none()
    }

    /// Whether the source's word is none that is known.
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
        d.deserialize_any(Either(PhantomData))
    }
}

/// Reads a word alone, or a value with its raw word.
struct Either<T>(PhantomData<T>);

impl<'de, T: Vocabulary> de::Visitor<'de> for Either<T> {
    type Value = Word<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as a text, or as {{value, raw}}", T::NAME)
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Word<T>, E> {
        Ok(Word::read(word))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Word<T>, A::Error> {
        let (mut value, mut raw) = (None::<String>, None::<String>);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "value" => value = Some(map.next_value()?),
                "raw" => raw = Some(map.next_value()?),
                _ => drop(map.next_value::<de::IgnoredAny>()?),
            }
        }
        let value = value.ok_or_else(|| de::Error::missing_field("value"))?;
        let raw = raw.ok_or_else(|| de::Error::missing_field("raw"))?;
        Ok(Word::mapped(T::of(&value).unwrap_or(T::UNKNOWN), &raw))
    }
}

#[cfg(feature = "schema")]
impl<T: Vocabulary> schemars::JsonSchema for Word<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::NAME.into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
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

/// Declares an enum with its words, as a [`Vocabulary`]; after `also` come other words that are read.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $title:literal { $($variant:ident = $word:literal),+ $(,)? }
     $(also { $($value:ident = $other:literal),+ })?) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($variant,)+ Unknown }
        impl $crate::model::word::Vocabulary for $name {
            const NAME: &'static str = $title;
            const WORDS: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),+];
            $(const ALSO: &'static [(Self, &'static str)] = &[$((Self::$value, $other)),+];)?
            const UNKNOWN: Self = Self::Unknown;
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad($crate::model::word::Vocabulary::word(*self))
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                use $crate::model::word::Vocabulary;
                if s.is_human_readable() {
                    return s.serialize_str(Vocabulary::word(*self));
                }
                let place = Self::WORDS.iter().position(|(value, _)| value == self);
                s.serialize_u8(place.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX))
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                use $crate::model::word::Vocabulary;
                if !d.is_human_readable() {
                    let place = usize::from(u8::deserialize(d)?);
                    return Ok(Self::WORDS.get(place).map_or(Self::Unknown, |(value, _)| *value));
                }
                $crate::model::reading::text(d, |word| {
                    if word == "unknown" { return Ok(Self::Unknown); }
                    <Self as Vocabulary>::of(word).ok_or_else(|| {
                        let words: Vec<&str> = Self::WORDS.iter().map(|(_, w)| *w).collect();
                        format!("{word:?} is no {}: one of {}", $title, words.join(", "))
                    })
                })
            }
        }
        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": [$($word),+] })
            }
        }
    };
}
pub(crate) use vocabulary;
