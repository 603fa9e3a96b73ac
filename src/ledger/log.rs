//! The log as bytes (ledger § The record): each event is stored as the exact bytes that were hashed, and verified as bytes.
//!
//! The bytes are canonical JSON (RFC 8785) and hold the hash of the event before. Where they are kept is the store's.

mod canonical;
mod chain;
pub mod vocabulary;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::event::{Actor, Event, LogEntry};
use crate::model::Instant;

pub use canonical::{NotCanonical, canonical, is_canonical};
pub use chain::{Chain, Fault, Kept};

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
    pub entry: LogEntry,
    pub bytes: Vec<u8>,
    pub hash: Hash,
    pub prev: Hash,
}

/// Why a text is no log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {n} of the log is broken: {why}")]
pub struct BrokenLog {
    /// The number of the event in the log, from 1.
    pub n: u64,
    pub why: String,
}

impl Head {
    /// The hash as 64 hex digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.hash)
    }

    /// Makes the next event and moves the head to it.
    ///
    /// # Errors
    /// When the event holds a number that canonical JSON of this log does not know: a fraction, or one of 2^53 and more.
    pub fn seal(&mut self, at: Instant, by: Actor, event: Event) -> Result<Sealed, NotCanonical> {
        self.seal_by(at, by, event, None, vocabulary::CURRENT)
    }

    /// The same, by a clock that was off by so many seconds, and in this vocabulary, which has such an event.
    ///
    /// # Errors
    /// As [`Head::seal`].
    pub fn seal_by(
        &mut self,
        at: Instant,
        by: Actor,
        event: Event,
        clock: Option<i64>,
        v: u32,
    ) -> Result<Sealed, NotCanonical> {
        let entry = LogEntry { v, n: self.n + 1, at, by, event, prev: self.hex(), clock };
        let bytes = canonical(&entry)?;
        let prev = self.hash;
        *self = Self { n: entry.n, hash: Sha256::digest(&bytes).into() };
        Ok(Sealed { entry, bytes, hash: self.hash, prev })
    }

    /// Checks that these bytes are the next event, and moves the head to it.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&mut self, bytes: &[u8]) -> Result<LogEntry, String> {
        let entry = vocabulary::read(bytes).map_err(|e| format!("it is no event this program knows: {e}"))?;
        if entry.n != self.n + 1 {
            return Err(format!("it says it is event {}", entry.n));
        }
        if entry.prev != self.hex() {
            return Err("it does not follow from the event before".to_owned());
        }
        let hash = if let Event::VoteWithheld { hash, .. } = &entry.event {
            unhex(hash).ok_or("the hash it names is none")?
        } else {
            Sha256::digest(bytes).into()
        };
        *self = Self { n: entry.n, hash };
        Ok(entry)
    }
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
            let n = head.n + 1;
            let broken = |why| BrokenLog { n, why };
            let entry = head.check(line.as_bytes()).map_err(broken)?;
            if !is_canonical(line.as_bytes()) {
                return Err(broken("it is not in the form that is hashed (RFC 8785)".to_owned()));
            }
            Ok(Sealed { entry, bytes: line.as_bytes().to_vec(), hash: head.hash, prev })
        })
        .collect()
}

/// The event that stands for a secret vote in a copy of the log: who voted stays, and what they voted does not.
///
/// # Errors
/// As [`Head::seal`].
pub fn withheld(entry: &LogEntry, hash: &Hash) -> Result<Option<Vec<u8>>, NotCanonical> {
    veiled(entry, hash).map(|entry| canonical(&entry)).transpose()
}

/// The entry that stands for a secret vote; none for what is no vote.
#[must_use]
pub fn veiled(entry: &LogEntry, hash: &Hash) -> Option<LogEntry> {
    let (item, round, person) = entry.event.ballot()?;
    let (item, person) = (item.clone(), person.clone());
    let event = Event::VoteWithheld { item, round, person, hash: hex(hash) };
    Some(LogEntry { event, ..entry.clone() })
}

fn unhex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
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
