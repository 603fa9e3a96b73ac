//! Labels: what a thing with a name is called by people, and numbers with their nouns.
//!
//! The words of files and of `--json` stand beside the types in `model` (`word`); these are what is read on screen, on
//! paper and in sentences, one function a thing. Sentences are made in the room `words`.

mod noun;
mod number;

pub use noun::{cast, vote_noun};
pub use number::{agree, count, listed, many, one, spaced};

/// What a value of a fixed set is called by people: `very high`, `information asked`, `warning`.
pub trait Label: Copy {
    /// The label, in lower case; a state, kind or verdict has this one alone.
    #[must_use]
    fn label(self) -> &'static str;

    /// The same for a narrow column, at most six letters where it has such a form.
    #[must_use]
    fn short(self) -> &'static str {
        self.label()
    }
}
