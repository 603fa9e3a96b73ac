//! The log as bytes (RULES §7): each event is stored as the exact bytes that were hashed, and verified as bytes.
//!
//! The bytes are canonical JSON (RFC 8785) and hold the hash of the event before. Where they are kept is the store's.

mod canonical;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::event::{Actor, Entry, Event};
use crate::model::Instant;

pub use canonical::{NotCanonical, canonical};

/// SHA-256 of an event's bytes.
pub type Hash = [u8; 32];

/// Where the log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// The number of events.
    pub n: u64,
    /// The hash of the newest; zeros while there is none.
    pub hash: Hash,
}

/// An event ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealed {
    pub entry: Entry,
    pub bytes: Vec<u8>,
    pub hash: Hash,
    pub prev: Hash,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many events hold.
    pub events: u64,
    /// The hash of the last one that holds, in hex.
    pub head: String,
    /// The number of the first broken event, and what is wrong with it.
    pub broken: Option<(u64, String)>,
    /// Whether the asked head is the hash of one of the events, where one was asked for.
    pub head_found: Option<bool>,
}

/// Why a text is no log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {n} of the log is broken: {why}")]
pub struct BrokenLog {
    pub n: u64,
    pub why: String,
}

impl Head {
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.hash)
    }

    /// Makes the next event and moves the head to it.
    ///
    /// # Errors
    /// When the event holds a number that canonical JSON of this log does not know: a fraction, or one of 2^53 and more.
    pub fn seal(&mut self, at: Instant, by: Actor, event: Event) -> Result<Sealed, NotCanonical> {
        let entry = Entry { n: self.n + 1, at, by, event, prev: self.hex() };
        let bytes = canonical(&entry)?;
        let prev = self.hash;
        *self = Self { n: entry.n, hash: Sha256::digest(&bytes).into() };
        Ok(Sealed { entry, bytes, hash: self.hash, prev })
    }

    /// Checks that these bytes are the next event, and moves the head to it.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&mut self, bytes: &[u8]) -> Result<Entry, String> {
        let entry: Entry =
            serde_json::from_slice(bytes).map_err(|e| format!("it is no event this program knows: {e}"))?;
        if entry.n != self.n + 1 {
            return Err(format!("it says it is event {}", entry.n));
        }
        if entry.prev != self.hex() {
            return Err("it does not follow from the event before".to_owned());
        }
        *self = Self { n: entry.n, hash: Sha256::digest(bytes).into() };
        Ok(entry)
    }
}

/// Recomputes the chain over the bytes of all events, in order, with the hash kept beside each where there is one.
/// `head` is one that was printed on minutes or mailed before, so that a cut tail shows.
pub fn verify<B: AsRef<[u8]>>(
    events: impl Iterator<Item = (B, Option<Hash>)>,
    head: Option<&str>,
) -> Verified {
    let asked = head.map(|head| head.trim().to_lowercase());
    let mut at = Head::default();
    let mut found = asked.as_ref().map(|asked| *asked == at.hex());
    let mut broken = None;
    for (bytes, kept) in events {
        let before = at;
        let wrong = match at.check(bytes.as_ref()) {
            Err(why) => Some(why),
            Ok(_) if kept.is_some_and(|kept| kept != at.hash) => {
                Some("its bytes are not those that were hashed".to_owned())
            }
            Ok(_) => None,
        };
        if let Some(why) = wrong {
            at = before;
            broken = Some((at.n + 1, why));
            break;
        }
        if let (Some(found), Some(asked)) = (&mut found, &asked) {
            *found |= asked.len() >= 8 && at.hex().starts_with(asked.as_str());
        }
    }
    Verified { events: at.n, head: at.hex(), broken, head_found: found }
}

/// The log as text: the bytes of each event on a line.
#[must_use]
pub fn export<'a>(events: impl Iterator<Item = &'a [u8]>) -> String {
    let mut text = String::new();
    for bytes in events {
        text.push_str(&String::from_utf8_lossy(bytes));
        text.push('\n');
    }
    text
}

/// Reads what [`export`] wrote, checking the chain.
///
/// # Errors
/// At the first event that does not hold.
pub fn import(text: &str) -> Result<Vec<Sealed>, BrokenLog> {
    let mut head = Head::default();
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let prev = head.hash;
            let entry = head.check(line.as_bytes()).map_err(|why| BrokenLog { n: head.n + 1, why })?;
            Ok(Sealed { entry, bytes: line.as_bytes().to_vec(), hash: head.hash, prev })
        })
        .collect()
}

/// Bytes as lower-case hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
