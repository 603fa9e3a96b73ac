//! A sentence in parts: what is said always, and what only where there is room or where nothing beside it says so already.

use std::fmt::Display;

use crate::model::{Id, Prose};

/// How much a sentence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For itself, as in `quorate audit log`: with the item, the round and everything that was decided on.
    Whole,
    /// Beside the item, in a column of a list: shorter, and without the item.
    Beside,
}

/// A sentence as it is put together.
#[derive(Debug)]
pub struct Told {
    form: Form,
    text: String,
}

impl Told {
    /// Begins a sentence.
    pub const fn new(form: Form, text: String) -> Self {
        Self { form, text }
    }

    /// Said in both forms.
    pub fn put(mut self, part: impl Display) -> Self {
        self.text.push_str(&part.to_string());
        self
    }

    /// Said in the whole form.
    pub fn whole(self, part: impl Display) -> Self {
        if self.form == Form::Whole { self.put(part) } else { self }
    }

    /// Said beside the item.
    pub fn beside(self, part: impl Display) -> Self {
        if self.form == Form::Beside { self.put(part) } else { self }
    }

    /// One of the two, by the form.
    pub fn either(self, whole: impl Display, beside: impl Display) -> Self {
        self.whole(whole).beside(beside)
    }

    /// Something with its name after words, in the whole form: ` of CHG0030042`.
    pub fn with(self, words: &str, name: impl Display) -> Self {
        self.whole(words).whole(name)
    }

    /// Item and round, in the whole form: ` on CHG0030042, round 2`.
    pub fn on(self, item: &Id, round: u32) -> Self {
        self.whole(format_args!(" on {item}, round {round}"))
    }

    /// What a person wrote, after a colon, on one line.
    pub fn wrote<'a>(self, text: impl Into<Option<&'a Prose>>) -> Self {
        match text.into().map(Prose::words).filter(|text| !text.is_empty()) {
            Some(text) => self.put(format_args!(": {text}")),
            None => self,
        }
    }

    /// The sentence.
    pub fn done(self) -> String {
        self.text
    }
}
