//! All I/O behind one handle: store, sources and ledger on their own thread, faces on this side of a channel.
//!
//! A face sends a [`Request`] and watches snapshots; it never waits. `local` owns the embedded store. A remote hub and
//! the tests' scripted one make the same handle.

pub mod bearer; // tokens as they are written
pub mod clock; // what time it is
pub mod held; // commands that wait for their board
pub mod local; // the hub inside the program
pub mod protocol; // what goes over the socket of a served board
pub mod remote; // the hub of a served board
pub mod demo; // opens the made-up company
pub mod signing; // votes that must be signed
mod imported; // a file that a face hands in
mod unsent; // text that no board could take

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot, watch};

use crate::model::{Line, SourceId};
pub use crate::source::{
    board_file::write_with_log,
    csv::{DateOrder, EITHER_ORDER, Told},
    file::{Format, How},
};
use crate::{
    ledger::heads::SignedTo,
    model::{Instant, Token, TokenId},
    wire::{Actor, Answer, Command, Event, Export, Problem, Question, Receipt, Snapshot},
};

pub use clock::Clock;

/// The two ends a face holds.
#[derive(Debug, Clone)]
pub struct Hub {
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    pub requests: mpsc::Sender<Request>,
}

/// Of what the rows of a snapshot are wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// Of everything.
    All,
    /// Of these, whatever they are.
    Items(Vec<crate::model::Id>),
    /// Of what waits for somebody: open rounds, roll calls that are not answered.
    Waiting,
}

/// Where the record ends, and up to where it is signed.
#[derive(Debug, Clone)]
pub struct Standing {
    pub lineage: String,
    pub events: u64,
    /// The hash of the newest event, in hex.
    pub head: String,
    pub signed: SignedTo,
}

/// The reply to a request.
pub type Reply<T> = oneshot::Sender<Result<T, Problem>>;

/// What a face asks of the hub. Who asks comes with everything that depends on them: a hub serves many.
#[derive(Debug)]
pub enum Request {
    /// Do something in the name of who asks. `id` makes a repeated submission harmless.
    Submit { id: [u8; 16], actor: Actor, command: Box<Command>, reply: Reply<Receipt> },
    /// Answer something as who asks may know it; changes nothing.
    Ask { actor: Actor, question: Question, reply: Reply<Answer> },
    /// Pull one source, or all, now. `accept`: who asks says of one source that far fewer records than before are right.
    Sync { actor: Actor, source: Option<SourceId>, accept: bool, reply: Reply<()> },
    /// Send at once what waits for its next try, of one source or of all; it goes out with the next pull.
    Retry { actor: Actor, source: Option<SourceId>, reply: Reply<()> },
    /// Take a write of who asks, to send it with a credential that only they have.
    Claim { actor: Actor, claim: protocol::Claim, reply: Reply<protocol::Claimed> },
    /// Say how a write ended that was taken.
    Report { actor: Actor, report: Box<protocol::Report>, reply: Reply<protocol::Reported> },
    /// Send what waits for an account of who runs this, to one source or to all, and answer once that is done.
    SendOwn { source: Option<SourceId>, reply: Reply<()> },
    /// Hand over the messages to audiences that wait, and answer once their channels have.
    Deliver { reply: Reply<()> },
    /// Give up every long read of a source; what was read so far is kept.
    Cancel,
    /// Keep an unsent comment, so that a crash does not lose it; an empty text forgets it.
    Draft { actor: Actor, item: crate::model::Id, text: String },
    /// The drafts kept for who asks.
    Drafts { actor: Actor, reply: Reply<Vec<(crate::model::Id, String)>> },
    /// Keep a command of who acts until their board can be reached again; answered once it would outlive this program.
    Hold { actor: Actor, held: Box<held::Held>, reply: Reply<()> },
    /// What was held under this key was answered, or is not wanted any more.
    LetGo { key: [u8; 16] },
    /// What is held for who acts, the oldest first.
    Held { actor: Actor, reply: Reply<Vec<held::Held>> },
    /// Fill an empty board from an export: records, rules, and the log byte for byte, in one commit.
    Restore { actor: Actor, export: Box<Export>, reply: Reply<Receipt> },
    /// By which credential who runs this is known, and until when; none where the board is not served.
    Known { reply: Reply<Option<protocol::MeDocument>> },
    /// Copy the whole board into a file of this name, where the hub keeps copies.
    Backup { actor: Actor, name: String, reply: Reply<protocol::BackedUp> },
    /// From now on these are the first admins and the sources: the settings of a service were read again.
    Settings { admins: Vec<String>, sources: Vec<local::Configured>, post: crate::channel::Post },
    /// Import a file, or with `dry_run` only say what that would change.
    Import {
        id: [u8; 16],
        actor: Actor,
        name: Line,
        bytes: Vec<u8>,
        how: Box<How>,
        dry_run: bool,
        reply: Reply<Receipt>,
    },
    /// The newest snapshot with some rows, for who opened a board without.
    Rows { only: Only, reply: Reply<Arc<Snapshot>> },
    /// The token of a name with the SHA-256 of its secret, for who checks a request by it.
    Token { id: TokenId, reply: Reply<Option<(Token, [u8; 32])>> },
    /// Note when tokens were last used.
    TokensUsed { used: Vec<(TokenId, Instant)> },
    /// How the record stands, for who signs its head.
    Standing { reply: Reply<Standing> },
    /// The service says something of the record: a head it signed, a key it signs with.
    Witness { event: Box<Event>, reply: Reply<()> },
    /// Wait where long questions are answered, and say at which commit that was.
    #[cfg(test)]
    HoldUp { actor: Actor, until: std::sync::mpsc::Receiver<()>, reply: Reply<u64> },
    /// Finish what is being written and end.
    Close { reply: Reply<()> },
}
