//! The chain walked over the rows of the log as they are kept: the bytes, and what stands beside them.
//!
//! Only what links events is read here, so that an event this program does not know can still be proven. What it means
//! is the fold's. Nothing proves who wrote a row: a chain that was made anew from its first broken event on holds, and
//! differs from a head that was kept elsewhere.

use std::{borrow::Cow, cmp::Ordering};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Hash, Head, canonical::is_canonical, hex};
use crate::model::{Instant, time::MINUTE};

/// A row of the log as it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// The number of the event, from 1.
    pub number: u64,
    /// The commit that brought it.
    pub seq: u64,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    pub bytes: &'a [u8],
    pub hash: Hash,
    pub prev: Hash,
}

/// The first event that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The number of the event in the log, from 1.
    pub n: u64,
    pub why: String,
}

/// How far the chain was walked, and what was found.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    /// The last event that holds.
    pub head: Head,
    /// The first that does not; nothing after it is looked at.
    pub fault: Option<Fault>,
    /// Acts that lie before their predecessor by more than a minute, by number.
    pub backwards: Vec<(u64, i64)>,
    /// The newest time of any event, and which one bears it.
    pub newest: Option<(u64, Instant)>,
    /// Acts whose author's clock was off, and by how many seconds.
    pub astray: Vec<(u64, i64)>,
    /// Secret votes that stayed behind when the log was copied.
    pub withheld: Vec<u64>,
    seq: u64,
    at: Option<Instant>,
}

/// What links an event to its neighbours; the rest is not read.
#[derive(Deserialize)]
struct Link<'a> {
    n: u64,
    at: Instant,
    #[serde(borrow)]
    prev: Cow<'a, str>,
    #[serde(borrow)]
    event: Kind<'a>,
    #[serde(default)]
    clock: Option<i64>,
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    /// Of a vote that was withheld: the hash of what stayed behind, in hex.
    #[serde(default, borrow)]
    hash: Option<Cow<'a, str>>,
}

/// The word of an event that stands for a secret vote which stayed behind.
const WITHHELD: &str = "vote_withheld";

impl Chain {
    /// Walks over the next row. Says whether it, and all before it, hold.
    pub fn take(&mut self, row: &Kept<'_>) -> bool {
        if self.fault.is_none()
            && let Err(why) = self.step(row)
        {
            self.fault = Some(Fault { n: self.head.n + 1, why });
        }
        self.fault.is_none()
    }

    /// The rows are at their end; the log has so many events, and this hash is the last one's.
    ///
    /// `seq` is the board's counter of commits.
    pub fn end(&mut self, events: u64, hash: &Hash, seq: u64) {
        let n = self.head.n;
        let fault = match n.cmp(&events) {
            Ordering::Equal if self.head.hash == *hash && self.seq > seq => {
                Fault { n, why: format!("it is of commit {}, and the board counts only {seq}", self.seq) }
            }
            Ordering::Less => Fault { n: n + 1, why: "it is missing".to_owned() },
            Ordering::Equal if self.head.hash == *hash => return,
            Ordering::Equal => Fault { n, why: "another event stands there now".to_owned() },
            Ordering::Greater => {
                Fault { n: events + 1, why: "it is gone: the end of the log was cut off".to_owned() }
            }
        };
        self.fault.get_or_insert(fault);
    }

    /// An event of this process's own making was put on the log after what was walked over.
    pub fn advance(&mut self, head: Head, seq: u64, at: Option<Instant>) {
        if self.fault.is_none() && head != self.head {
            self.head = head;
            self.seq = seq;
            at.into_iter().for_each(|at| self.note_time(head.n, at));
        }
    }

    fn step(&mut self, row: &Kept<'_>) -> Result<(), String> {
        let n = self.head.n + 1;
        if row.number != n {
            return Err(if row.number > n { "it is missing" } else { "it stands there twice" }.to_owned());
        }
        let link: Link<'_> =
            serde_json::from_slice(row.bytes).map_err(|e| format!("its bytes are no event: {e}"))?;
        if link.n != n {
            return Err(format!("it says it is event {}", link.n));
        }
        if link.prev != self.head.hex() {
            return Err("it does not follow from the event before".to_owned());
        }
        let hash = self.hash_of(&link, row)?;
        if hash != row.hash {
            return Err("its bytes are not those that were hashed".to_owned());
        }
        self.beside(&link, row)?;
        if !is_canonical(row.bytes) {
            return Err("its bytes are not in the form that is hashed (RFC 8785)".to_owned());
        }
        self.head = Head { n, hash };
        self.seq = row.seq;
        self.note_time(n, link.at);
        self.astray.extend(link.clock.map(|off| (n, off)));
        Ok(())
    }

    /// The hash that the next event names. Of a secret vote that stayed behind it is the one that its place keeps.
    fn hash_of(&mut self, link: &Link<'_>, row: &Kept<'_>) -> Result<Hash, String> {
        if link.event.kind != WITHHELD {
            return Ok(Sha256::digest(row.bytes).into());
        }
        // Only what fills an empty board may leave votes out.
        if row.seq > 1 {
            return Err("a vote was taken out of it".to_owned());
        }
        self.withheld.push(link.n);
        let kept = link.event.hash.as_deref().unwrap_or_default();
        if kept == hex(&row.hash) {
            Ok(row.hash)
        } else {
            Err("it names another hash than it bears".to_owned())
        }
    }

    /// The columns say what the bytes say.
    fn beside(&self, link: &Link<'_>, row: &Kept<'_>) -> Result<(), String> {
        if row.prev != self.head.hash {
            return Err(
                "the hash of its predecessor that is kept beside it is not the one in its bytes".to_owned()
            );
        }
        if row.at != link.at.secs() * 1000 {
            return Err("the time that is kept beside it is not the one in its bytes".to_owned());
        }
        if row.seq < self.seq {
            return Err(format!("it is of commit {}, before that of its predecessor, {}", row.seq, self.seq));
        }
        Ok(())
    }

    fn note_time(&mut self, n: u64, at: Instant) {
        if let Some(before) = self.at.filter(|before| *before - at > MINUTE) {
            self.backwards.push((n, before - at));
        }
        self.at = Some(at);
        if self.newest.is_none_or(|(_, newest)| newest < at) {
            self.newest = Some((n, at));
        }
    }
}
