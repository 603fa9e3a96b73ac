//! What is written back to a source, how its own texts are known again, and how a write ended.

use serde::{Deserialize, Serialize};

use crate::model::{ApprovalAnswer, Id, Instant, Line, Prose, Revision};

/// One write, as the outbox keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// 16 hex digits, unique on the board: what the marker names.
    pub id: String,
    pub item: Id,
    pub what: What,
    /// The person who acts, as the board knows them; none where the board itself does.
    pub person: Option<Id>,
    /// Sent with the person's own credential, by a program of theirs; else by the account of the source.
    #[serde(default)]
    pub own: bool,
    /// Their name for people.
    pub name: Line,
    /// How the source may know them: login, e-mail address, aliases.
    #[serde(default)]
    pub known_as: Vec<Line>,
    /// The revision of the item they saw.
    pub revision: Option<Revision>,
    pub at: Instant,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// The person's own approval, with their own credential. Abstentions are never sent.
    Vote {
        approve: bool,
        comment: Option<Prose>,
    },
    Comment {
        text: Prose,
    },
    /// The outcome of a round as one note.
    Decision {
        text: Prose,
        /// Approved or rejected; none where the round ended without either.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approved: Option<bool>,
    },
    /// How far the work is: a note, and the status that point brings there, where there is one for it.
    Progress {
        text: Prose,
        point: Point,
    },
    /// The planned dates of a change, with a note that says who moved it.
    Dates {
        /// The planned start as the person saw it.
        was: Instant,
        start: Instant,
        /// None where the record has none.
        end: Option<Instant>,
    },
}

/// A point of a run or of a freeze that a system may have a status for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case", deny_unknown_fields)]
pub enum Point {
    Started,
    TurnedBack,
    Ended,
    /// Stopped by a freeze of the chair, which ends then.
    Held {
        until: Instant,
    },
    /// The freeze is over.
    Thawed {
        /// The write that held it: what quorate did not hold is not let go.
        hold: String,
    },
}

impl Point {
    /// The option of a source that names the status it brings.
    #[must_use]
    pub const fn option(&self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::TurnedBack => "turned_back",
            Self::Ended => "ended",
            Self::Held { .. } => "held",
            Self::Thawed { .. } => "thawed",
        }
    }
}

impl What {
    /// Whether it belongs to what its author saw: held where the item changed since.
    #[must_use]
    pub const fn is_of_what_was_seen(&self) -> bool {
        match self {
            Self::Vote { .. } | Self::Dates { .. } => true,
            Self::Comment { .. } | Self::Decision { .. } | Self::Progress { .. } => false,
        }
    }
}

/// By which a credential is told from another, and not found out: far too few bits to try a guess by.
pub type Mark = u16;

/// How a write ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pushed {
    /// Read again and found as written; the words are for the record.
    Accepted(Line),
    /// The system says no, in its own words.
    Refused(Line),
    /// A vote of somebody whom the system does not ask: it counts on the board, and is not sent again.
    Ours(Line),
    /// Not sent, or not yet taken; to be tried again, at the earliest after so many seconds.
    Later { words: Line, after: Option<i64> },
    /// A credential was refused, which says nothing of the write itself: not sent. `by` tells that credential from others,
    /// see [`crate::source::Source::credential`].
    Barred { words: Line, by: Mark },
    /// Sent, and nothing was heard: it may be there. The next try reads first.
    Unknown(Line),
}

const MARK: &str = "quorate ";

impl Write {
    /// What a text written by the board ends with, so that it is known again: `[quorate 3f9c0a1b2c3d4e5f]`.
    #[must_use]
    pub fn marker(&self) -> String {
        format!("[{MARK}{}]", self.id)
    }

    /// The text as it is written to a system: whose it is, where another account writes it, and its marker.
    #[must_use]
    pub fn text(&self, as_themselves: bool) -> String {
        let moved;
        let body = match &self.what {
            What::Vote { comment, .. } => comment.as_deref().unwrap_or_default(),
            What::Comment { text } | What::Decision { text, .. } | What::Progress { text, .. } => {
                text.as_str()
            }
            What::Dates { was, start, .. } => {
                moved = format!("{} moved the planned start from {was} to {start}.", self.name);
                &moved
            }
        };
        match (&self.what, as_themselves) {
            (What::Comment { .. }, false) => format!("{} says:\n\n{body}\n\n{}", self.name, self.marker()),
            (What::Progress { .. }, false) => format!("{}: {body}\n\n{}", self.name, self.marker()),
            _ if body.is_empty() => self.marker(),
            _ => format!("{body}\n\n{}", self.marker()),
        }
    }

    /// As [`Self::text`] in the person's own name, cut so that it has at most so many characters with its marker whole.
    #[must_use]
    pub fn text_within(&self, limit: usize) -> String {
        let (text, marker) = (self.text(true), self.marker());
        if text.chars().count() <= limit {
            return text;
        }
        let room = limit.saturating_sub(marker.chars().count() + 3);
        let cut: String = text.chars().take(room).collect();
        format!("{}… {marker}", cut.trim_end())
    }

    /// Whether a text is the one that this write left there.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        marked(text) == Some(self.id.as_str())
    }

    /// Whether a name a source uses for somebody is this person's.
    #[must_use]
    pub fn is_by(&self, name: &str) -> bool {
        let name = name.trim();
        !name.is_empty() && self.known_as.iter().any(|known| known.trim().eq_ignore_ascii_case(name))
    }
}

/// The id in the marker of a text that the board wrote itself.
#[must_use]
pub fn marked(text: &str) -> Option<&str> {
    let start = text.rfind(&format!("[{MARK}"))? + 1 + MARK.len();
    let id = text.get(start..start + 16)?;
    (id.bytes().all(|b| b.is_ascii_hexdigit()) && text[start + 16..].starts_with(']')).then_some(id)
}

/// The words of an answer; none where the board wrote them, which has the vote and its words already.
#[must_use]
pub fn words_of_theirs(text: &str) -> Prose {
    if marked(text).is_some() { Prose::default() } else { Prose::new(text) }
}

/// What a vote comes to.
#[must_use]
pub const fn answer_of(approve: bool) -> ApprovalAnswer {
    if approve { ApprovalAnswer::Approved } else { ApprovalAnswer::Rejected }
}

/// What most systems call that.
#[must_use]
pub const fn word_of(approve: bool) -> &'static str {
    if approve { "approved" } else { "rejected" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(what: What) -> Write {
        Write {
            id: "3f9c0a1b2c3d4e5f".into(),
            item: Id::constant("rt:4"),
            what,
            person: Some(Id::constant("m.ortiz")),
            own: true,
            name: Line::new("M. Ortiz"),
            known_as: vec![Line::new("mortiz"), Line::new("m.ortiz@example.com")],
            revision: None,
            at: Instant::from_secs(0),
        }
    }

    #[test]
    fn a_text_of_ours_is_known_again_by_its_marker() {
        let text = "no rollback\n[quorate xyz]";
        let written = write(What::Comment { text: Prose::new(text) }).text(false);
        assert!(written.starts_with("M. Ortiz says:\n\nno rollback"), "{written}");
        for (row, text, want) in [
            ("as written", written.as_str(), Some("3f9c0a1b2c3d4e5f")),
            ("wrapped by HTML", "<p>ok</p><p>[quorate 3f9c0a1b2c3d4e5f]</p>", Some("3f9c0a1b2c3d4e5f")),
            ("too short", "[quorate 3f9c]", None),
            ("not hex", "[quorate 3f9c0a1b2c3d4e5g]", None),
            ("not closed", "[quorate 3f9c0a1b2c3d4e5f", None),
            ("a word about us", "quorate says", None),
            ("in the middle of a character", "[quorate 3f9c0a1b2c3d4e\u{e9}f]", None),
        ] {
            assert_eq!(marked(text), want, "{row}");
        }
    }

    #[test]
    fn a_move_says_who_moved_it_and_from_when_to_when_whoever_writes_it() {
        let at = Instant::from_secs;
        let moved = write(What::Dates { was: at(0), start: at(3600), end: None });
        let want = "M. Ortiz moved the planned start from 1970-01-01T00:00:00Z to 1970-01-01T01:00:00Z.\n\n[quorate 3f9c0a1b2c3d4e5f]";
        assert_eq!((moved.text(true).as_str(), moved.text(false).as_str()), (want, want));
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_and_keeps_its_marker() {
        let vote = |words: &str| write(What::Vote { approve: true, comment: Some(Prose::new(words)) });
        let long = vote(&"é".repeat(300)).text_within(100);
        assert!(long.chars().count() <= 100 && long.contains("é… ["), "{long}");
        assert_eq!(marked(&long), Some("3f9c0a1b2c3d4e5f"));
        assert!(vote("short").text_within(100).starts_with("short\n"));
    }

    #[test]
    fn somebody_is_known_by_any_of_their_names_and_never_by_none() {
        let vote = write(What::Vote { approve: true, comment: None });
        for (name, want) in [("MOrtiz", true), (" m.ortiz@EXAMPLE.com ", true), ("ortiz", false), ("", false)]
        {
            assert_eq!(vote.is_by(name), want, "{name:?}");
        }
    }
}
