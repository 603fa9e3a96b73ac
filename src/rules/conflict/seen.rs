//! A row in a few words, seen from one of its sides: what a list of clashes has room for.

use crate::{
    calendar,
    model::{ConflictKey, Id, Line},
};

/// A row as one side sees it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The other side; empty where there is none.
    pub other: &'a str,
    /// The services or names of the row.
    pub path: &'a [Line],
    /// Overlapping minutes; 0 where none are told.
    pub minutes: i64,
}

impl<'a> Seen<'a> {
    /// A row seen from `id`.
    #[must_use]
    pub fn from(key: &'a ConflictKey, path: &'a [Line], minutes: i64, id: &Id) -> Self {
        Self { other: key.other_side(id).map_or("", Id::as_str), path, minutes }
    }

    /// `, 90 min`, or nothing.
    pub(super) fn long(&self) -> String {
        if self.minutes > 0 { format!(", {}", calendar::minutes(self.minutes)) } else { String::new() }
    }

    /// The names of the path, or other words where there are none.
    pub(super) fn names_or(&self, otherwise: &str) -> String {
        if self.path.is_empty() { otherwise.to_owned() } else { names(self.path) }
    }

    /// `REL-4.2/p1 on lb-01, 90 min`.
    pub(super) fn overlap(&self) -> String {
        let on = if self.path.is_empty() { String::new() } else { format!(" on {}", names(self.path)) };
        format!("{}{on}{}", self.other, self.long())
    }
}

/// The names of a path, the first three of many: `lb-01, sw-core, pay-gw, and 2 more`.
#[must_use]
pub fn names(path: &[Line]) -> String {
    let mut names: Vec<&str> = path.iter().take(3).map(Line::as_str).collect();
    let more = path.len().saturating_sub(3);
    let tail = format!("and {more} more");
    if more > 0 {
        names.push(&tail);
    }
    names.join(", ")
}
