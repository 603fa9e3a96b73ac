//! Names of things: ids of records, printed and compared as their source wrote them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    pool::{self, Text, share},
    text::clean_line,
};

/// The id of a record: one clean, trimmed, non-empty line of at most [`Id::MAX`] characters.
///
/// Ids of the embedded board are verbatim (`CHG0030042`), those of a source are `source:native`, a phase is the pair
/// `RELEASE/PHASE`, see [`Id::phase`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transparent))]
pub struct Id(#[cfg_attr(feature = "schema", schemars(with = "String"))] Text);

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("an id must not be empty")]
    Empty,
    #[error("an id must not be longer than {} characters", Id::MAX)]
    TooLong,
}

impl Id {
    /// The longest id accepted, in characters.
    pub const MAX: usize = 200;

    /// Cleans and checks a text.
    ///
    /// # Errors
    /// When nothing is left after cleaning, or too much.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let clean = clean_line(text);
        let trimmed = clean.trim();
        if trimmed.is_empty() {
            return Err(IdError::Empty);
        }
        if trimmed.chars().count() > Self::MAX {
            return Err(IdError::TooLong);
        }
        Ok(Self(share(trimmed)))
    }

    /// An id that this program itself gives, such as that of the default policy.
    #[must_use]
    pub fn constant(text: &'static str) -> Self {
        Self(Text::from(text))
    }

    /// The id under which a phase of a release is known everywhere: `RELEASE/PHASE`.
    #[must_use]
    pub fn phase(release: &Self, phase: &Self) -> Self {
        Self(Text::from(format!("{release}/{phase}")))
    }

    /// The id a record of `source` gets: `source:native`.
    #[must_use]
    pub fn of_source(source: &str, native: &Self) -> Self {
        Self(Text::from(format!("{}:{native}", clean_line(source))))
    }

    /// The id of something said about this item: `ITEM#NATIVE`, so that all of an item lie side by side.
    #[must_use]
    pub fn under(&self, native: &str) -> Self {
        Self(Text::from(format!("{self}#{}", clean_line(native).trim())))
    }

    /// The id as text: never empty, and without control characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Id {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        Self::new(s)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Id {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Id {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        pool::write(&self.0, s)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        pool::read(d, |text| Self::new(text).map_err(|e| e.to_string()), Self)
    }
}
