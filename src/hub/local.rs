//! The hub inside the program: it owns store, sources and ledger on a thread of its own.
//!
//! One loop takes requests, other processes' commits, pulls and due instants one after the other; everything it does is
//! one commit and one new snapshot. What a command means is the ledger's; drawing is the faces'.

mod agreed;
mod again;
mod answer;
mod backup;
pub mod cache;
mod commit;
mod counted;
mod derived;
mod diff;
mod drafts;
mod exchange;
mod farewell;
mod follow;
mod group;
mod handing;
mod import;
mod load;
mod me;
mod moving;
mod notices;
mod others;
mod outbox;
mod own;
mod part;
mod proof;
mod publish;
mod reading;
mod source_health;
mod record;
mod replicas;
mod serve;
mod sources;
mod telling;
mod tokens;
mod witness;
#[cfg(test)]
mod tests;

use std::{sync::Arc, thread};

use tokio::sync::{mpsc, oneshot, watch};

use super::{Clock, Hub, Request};
use crate::{
    channel::Post,
    model::Instant,
    store::{Location, OpenOptions, Store, StoreError},
    wire::{Actor, Command, Problem, ProblemKind, Snapshot, Verification},
};

pub use backup::back_up;
pub use derived::{Lies, examine};
pub use farewell::{Farewell, end_all, wait_closed};
pub use me::Identity;
pub use moving::{Moved, migrate};
pub use sources::Configured;
pub use tokens::login as token_login;

/// Requests that may wait before a face has to.
const WAITING: usize = 256;

/// What a local hub is made of.
#[derive(Debug)]
pub struct Options {
    pub location: Location,
    pub store: OpenOptions,
    pub clock: Clock,
    pub identity: Identity,
    /// Logins of admins besides those of the board's people, where the kernel says who is who.
    pub admins: Vec<String>,
    /// Where records come from, besides people.
    pub sources: Vec<Configured>,
    /// The directory of copies that admins ask for; beside the board where none is named.
    pub backups: Option<std::path::PathBuf>,
    /// The directory for unsent text that the board's file cannot take; `None` where there is nowhere.
    pub unsent: Option<std::path::PathBuf>,
    /// Nothing is written, whoever asks (`--read-only`, `--at`).
    pub read_only: bool,
    /// Follows time, sources and other processes until closed. A single command does not.
    pub follow: bool,
    /// Starts from the cache and leaves one behind.
    pub cache: bool,
    /// What it shows is what everybody may see: who looks is added by who serves it.
    pub shared: bool,
    /// What the one question of a single command is about: where an index of the board lies beside it, only the part is read
    /// that answers about this. Who sets it asks about nothing else, except what is then read whole.
    pub about: Option<About>,
    /// Draws the rows of changes and releases into what it shows. A single command asks for those it needs.
    pub rows: bool,
    /// Where messages to audiences leave.
    pub post: Post,
    /// What happened before anybody looks, in order (demo, tests).
    pub history: Vec<Past>,
}

/// What a single command asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One item, or a phase of one, by its whole id.
    Item(String),
    /// What waits for somebody.
    Waiting,
}

/// Something done before the hub opens, at its own time.
#[derive(Debug, Clone)]
pub struct Past {
    pub at: Instant,
    pub actor: Actor,
    pub command: Command,
}

impl Options {
    /// A board in memory on this clock, that follows nothing but time.
    #[must_use]
    pub fn memory(clock: Clock) -> Self {
        Self {
            location: Location::Memory,
            store: OpenOptions::default(),
            clock,
            identity: Identity::default(),
            admins: Vec::new(),
            sources: Vec::new(),
            backups: None,
            unsent: None,
            read_only: false,
            follow: true,
            cache: false,
            shared: false,
            about: None,
            rows: true,
            post: Post::default(),
            history: Vec::new(),
        }
    }

    /// A board in a file on this clock, that follows time, sources and other processes and starts from its cache.
    #[must_use]
    pub fn file(path: impl Into<std::path::PathBuf>, clock: Clock, identity: Identity) -> Self {
        Self { location: Location::File(path.into()), identity, cache: true, ..Self::memory(clock) }
    }
}

/// Opens a board and resolves once there is a snapshot: the cached one (provisional) or the derived one.
///
/// # Errors
/// When the board cannot be opened or read.
pub async fn open(options: Options) -> Result<Hub, Problem> {
    spare_files()?;
    let (requests, inbox) = mpsc::channel(WAITING);
    let (publish, snapshot) = watch::channel(Arc::new(Snapshot::empty(options.clock.now())));
    let (ready, opened) = oneshot::channel();
    let counted = farewell::Counted::new();
    thread::Builder::new()
        .name("hub".to_owned())
        .spawn(move || {
            let _last = counted;
            run(options, publish, inbox, ready);
        })
        .map_err(|e| {
            Problem::new(ProblemKind::Unreachable, format!("no thread for the board can be had: {e}"))
                .hint("end other programs of this user, or raise the limit with `ulimit -u`")
        })?;
    opened
        .await
        .unwrap_or_else(|_| Err(Problem::new(ProblemKind::Unreachable, "the hub ended while it opened")))?;
    Ok(Hub { snapshot, requests })
}

/// Files that a hub opens at its start, and a few: the runtime panics where it can have none.
const SPARE: usize = 24;

/// Refuses where this process may not open as many files as a hub needs.
fn spare_files() -> Result<(), Problem> {
    let spare: std::io::Result<Vec<std::fs::File>> =
        (0..SPARE).map(|_| std::fs::File::open("/dev/null")).collect();
    spare.map(drop).map_err(|error| {
        Problem::new(ProblemKind::Unreachable, format!("this process may open too few files: {error}"))
            .hint("raise the limit with `ulimit -n 256` or more")
    })
}

type Ready = oneshot::Sender<Result<(), Problem>>;

/// The life of the hub's thread.
fn run(
    options: Options,
    publish: watch::Sender<Arc<Snapshot>>,
    inbox: mpsc::Receiver<Request>,
    ready: Ready,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            let _ =
                ready.send(Err(Problem::new(ProblemKind::Unreachable, format!("cannot start the hub: {e}"))));
            return;
        }
    };
    runtime.block_on(async move {
        let mut ready = Some(ready);
        let mut tell = |result| {
            if let Some(ready) = ready.take() {
                let _ = ready.send(result);
            }
        };
        let opened = Store::open(&options.location, &options.store)
            .map_err(problem)
            .and_then(|store| serve::Server::open(store, options, publish, || tell(Ok(()))));
        match opened {
            Ok(server) => {
                tell(Ok(()));
                server.serve(inbox).await;
            }
            Err(problem) => tell(Err(problem)),
        }
    });
}

/// Recomputes the chain of a board's record without opening the board.
///
/// # Errors
/// When the store cannot be read.
pub fn verify(store: &Store, now: Instant) -> Result<Verification, Problem> {
    record::verify(store, None, None, now)
}

/// A fault of the store as people read it; the store already says what to do.
fn problem(error: StoreError) -> Problem {
    tracing::error!(%error, "store");
    let kind = if error.fault.is_of_the_name() { ProblemKind::Invalid } else { ProblemKind::Unreachable };
    let problem = Problem::new(kind, error.title());
    match error.fault.hint() {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}
