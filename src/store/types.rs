//! What goes into the store and comes out of it: bytes with a name and a stamp.

use std::{borrow::Cow, fmt, sync::Arc};

use super::sum::Sum;

/// The stamp of a commit: 0 on an empty board, one more with each commit.
pub type Seq = u64;

/// The SHA-256 of an event, as the ledger computed it.
pub type Hash = [u8; 32];

/// What a command is known by, however often it is sent: 16 random bytes.
pub type CommandId = [u8; 16];

/// Whose command it is, and which: the same key of another author is another command.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommandKey {
    /// Who sent it, by a name nobody else can have.
    pub author: String,
    pub id: CommandId,
    /// The SHA-256 of the command.
    pub digest: Hash,
    /// When it was sent, in seconds since 1970 UTC: its receipt is kept [`RECEIPTS_KEPT`] seconds from there.
    pub at: i64,
}

/// How long a receipt answers, in seconds; nothing older is sent again.
pub const RECEIPTS_KEPT: i64 = 30 * 24 * 3600;

/// Which history the sequence counts: 16 random bytes in hex, renewed by a restore.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lineage(pub(super) String);

impl Lineage {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where the board stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub lineage: Lineage,
    pub seq: Seq,
    /// How many events the log has.
    pub events: u64,
    /// The hash of the last one; zeros while there is none.
    pub hash: Hash,
    /// What the hub noted about its last commit, for itself; `None` where none ever did.
    pub note: Option<String>,
    /// The hashes of all records, added up; `None` where it cannot be read.
    pub records: Option<Sum>,
}

/// All that one commit writes.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The sequence this was decided on; another one on the board means [`Outcome::Moved`].
    pub expect: Seq,
    /// The history that sequence counts, where it is known; another one on the board means [`Outcome::Moved`] as well.
    pub lineage: Option<Lineage>,
    /// Set for a person's command: a second commit of the same one answers with the first one's receipt.
    pub command: Option<CommandKey>,
    /// What that receipt says, for whoever wrote it to read.
    pub receipt: Vec<u8>,
    /// Further commands that are part of the same commit, each with its receipt.
    pub also: Vec<(CommandKey, Vec<u8>)>,
    pub events: Vec<NewEvent>,
    pub upserts: Vec<Upsert>,
    pub tombstones: Vec<Tombstone>,
    pub outbox: Vec<Outbox>,
    pub cursors: Vec<Cursor>,
    /// What becomes of a token.
    pub token: Option<TokenAct>,
    /// How a person wants to hear of what concerns them from now on: the person, and JSON.
    pub preferences: Option<(String, String)>,
    /// What the hub notes about this commit; it replaces the last one's note.
    pub note: Option<String>,
    /// Set by a restore: the board gets a new lineage, and everybody loads it anew.
    pub renew_lineage: bool,
    /// Only who leads may write this: where several hosts share a board, the lead is proven with the commit.
    pub leads: bool,
}

/// What becomes of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenAct {
    /// There is one more; another one of its name must not be there.
    Made { id: String, sha256: Hash, json: Vec<u8> },
    /// It holds no longer, from this second since 1970.
    Revoked { id: String, at: i64 },
}

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    pub id: String,
    /// Of its secret.
    pub sha256: Hash,
    pub json: Vec<u8>,
    /// Seconds since 1970.
    pub revoked: Option<i64>,
    pub used: Option<i64>,
}

/// An event to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// The exact bytes that were hashed.
    pub bytes: Vec<u8>,
    pub hash: Hash,
    /// The hash of the event before it; zeros for the first.
    pub prev: Hash,
}

/// An event on the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the chain, from 1, without gaps.
    pub number: u64,
    /// The commit that brought it.
    pub seq: Seq,
    pub at: i64,
    pub bytes: Vec<u8>,
    pub hash: Hash,
    pub prev: Hash,
}

/// A record to add or replace. One that says the same as before is not written again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upsert {
    pub kind: &'static str,
    pub id: String,
    /// The source that owns it; empty for the embedded board.
    pub source: String,
    pub json: Json,
}

/// The bytes of a record: at hand, or made when they are written, so that of many records few are in memory twice.
#[derive(Clone)]
pub enum Json {
    Bytes(Vec<u8>),
    Made(Arc<dyn Fn() -> Result<Vec<u8>, String> + Send + Sync>),
}

impl Json {
    /// The bytes.
    ///
    /// # Errors
    /// When they cannot be made, in words.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, String> {
        match self {
            Self::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Made(make) => make().map(Cow::Owned),
        }
    }
}

impl From<Vec<u8>> for Json {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes() {
            Ok(bytes) => f.write_str(&String::from_utf8_lossy(&bytes)),
            Err(why) => f.write_str(&why),
        }
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Json {}

/// A record that its source no longer has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    pub kind: &'static str,
    pub id: String,
}

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub kind: String,
    pub id: String,
    pub source: String,
    /// The commit that last changed it.
    pub seq: Seq,
    /// A tombstone: the source deleted it, the json is what it last said.
    pub deleted: bool,
    pub json: Vec<u8>,
    /// Over all of that, as the commit noted it, see [`super::Rows`].
    pub hash: Option<Hash>,
}

/// Where a write to a source has got to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    Queued,
    Sending,
    Accepted,
    Refused,
    /// Not sent: what it is about changed meanwhile.
    Held,
}

impl OutboxState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Held => "held",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Sending, Self::Accepted, Self::Refused, Self::Held]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// A write to a source, with its state; committing it again under its id replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbox {
    pub id: String,
    pub source: String,
    pub state: OutboxState,
    pub attempts: u32,
    /// When it is tried next, in milliseconds since 1970 UTC; `None` when it is not.
    pub next_at: Option<i64>,
    pub json: Vec<u8>,
}

/// How far a source has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub source: String,
    pub json: Vec<u8>,
}

/// One thing a commit stamped, see [`super::Store::since`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommittedRow {
    /// A record added, replaced or deleted.
    Record(Record),
    Event(Event),
    Outbox(Seq, Outbox),
    Cursor(Seq, Cursor),
}

impl CommittedRow {
    /// The commit that brought it.
    #[must_use]
    pub const fn seq(&self) -> Seq {
        match self {
            Self::Record(r) => r.seq,
            Self::Event(e) => e.seq,
            Self::Outbox(seq, _) | Self::Cursor(seq, _) => *seq,
        }
    }
}

/// A part of a board, as somebody wants to read it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Kinds of which all records are wanted.
    pub kinds: Vec<&'static str>,
    /// Records by kind and id.
    pub records: Vec<(&'static str, String)>,
    /// Events by number, in order.
    pub events: Vec<u64>,
}

/// What a commit did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Where the board stands now; as before when there was nothing to write.
    pub seq: Seq,
    /// The numbers the events got, half-open.
    pub events: std::ops::Range<u64>,
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub deleted: usize,
}

/// What a command was answered when it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub seq: Seq,
    pub body: Vec<u8>,
}

/// How a commit ended, when nothing went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Committed(Committed),
    /// Somebody was faster: the board stands here now. Catch up, decide again.
    Moved(Seq),
    /// This very command was done before.
    AlreadyDone(Receipt),
    /// Its key was given to another command before; nothing is written.
    OtherCommand,
}

/// A process that serves a board others serve as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// By what people know it: host and process.
    pub name: String,
    /// The hash of the settings of each of its sources, as JSON.
    pub sources: String,
    /// The newest vocabulary of the log that it reads.
    pub reads: u32,
}
