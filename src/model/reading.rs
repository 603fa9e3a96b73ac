//! Reading a text without a copy of its own where the format can lend it.

use std::{fmt, marker::PhantomData};

use serde::{Deserializer, de};

/// Reads a text and makes something of it.
///
/// # Errors
/// When there is no text, or `read` says what is wrong with it.
pub(super) fn text<'de, D, T, F>(d: D, read: F) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnOnce(&str) -> Result<T, String>,
{
    /// Hands the text on.
    struct Text<T, F>(F, PhantomData<T>);

    impl<T, F: FnOnce(&str) -> Result<T, String>> de::Visitor<'_> for Text<T, F> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            (self.0)(text).map_err(E::custom)
        }
    }

    d.deserialize_str(Text(read, PhantomData))
}
