//! What people said about an item, wherever: notes as comments.

use crate::{
    model::{Comment, Id, Instant, Record},
    source::write::marked,
};

/// A note as systems tell it, its text already plain.
#[derive(Debug, Clone, Copy)]
pub struct Note<'a> {
    pub native: &'a str,
    pub author: &'a str,
    pub at: Instant,
    pub text: &'a str,
    pub internal: bool,
}

impl Note<'_> {
    /// As a comment; none where the board wrote it, which has it already.
    #[must_use]
    pub fn comment(&self, item: &Id) -> Option<Record> {
        if marked(self.text).is_some() {
            return None;
        }
        let mut comment = Comment::new(item, self.native, self.author, self.at, self.text);
        comment.internal = self.internal;
        Some(Record::Comment(Box::new(comment)))
    }
}
