//! A hub in another process: the board that a service of this machine holds, reached by its socket, or another machine's by
//! its address.
//!
//! It gives the same handle as the hub inside the program. What is shown is what the service last published; while it cannot
//! be reached the board stays readable, says since when, and nothing is written.

mod checked;
mod credential;
mod device;
mod follow;
mod kept;
mod network;
mod own;
mod provider;
mod send;
mod session;

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use tokio::sync::{mpsc, oneshot, watch};

use super::{Clock, Hub, Only};
use crate::{
    model::SourceId,
    wire::{Actor, Problem, ProblemKind, Snapshot},
};

pub use checked::{Why, check};
pub use credential::Credential;
pub use device::{Asked, ask, granted};
pub use kept::forget;
pub use network::over_network;
pub use own::{Account, Own};
pub use provider::{Discovered, Granted, small};
pub use session::{Login, Session};

/// Requests that may wait before a face has to.
const WAITING: usize = 256;

/// Where a served board is, and how it is looked at.
#[derive(Debug, Clone)]
pub struct Options {
    pub at: At,
    /// A file with further certificates to trust.
    pub ca: Option<PathBuf>,
    pub credential: Credential,
    pub clock: Clock,
    /// Nothing is written, whoever asks.
    pub read_only: bool,
    /// The directory for unsent text while the service cannot be reached; `None` where there is nowhere.
    pub unsent: Option<PathBuf>,
    /// Accounts of who runs this, with which what is theirs is written to systems.
    pub own: Own,
    /// The directory in which the opening of the board is kept for the next start; `None` where it is not.
    pub cache: Option<PathBuf>,
    /// What the first screen shows comes first, and the rest after it: who asks about rows waits for them.
    pub opening: bool,
    /// Follows what the service publishes until closed. A single command does not: it asks for what it needs.
    pub follow: bool,
}

impl Options {
    /// The sources for which who runs this has an account of their own; whether this run writes with it or only looks.
    fn accounts(&self) -> Arc<BTreeSet<SourceId>> {
        Arc::new(self.own.sources())
    }
}

/// That what is somebody's own is sent now, of one source or of all.
#[derive(Debug)]
struct Errand {
    /// The board in which it waits.
    seen: Arc<Snapshot>,
    source: Option<SourceId>,
    reply: super::Reply<()>,
}

/// Where a service listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    Socket(PathBuf),
    /// `https://HOST:PORT`, nothing behind it.
    Url(String),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => path.display().fmt(f),
            Self::Url(url) => f.write_str(url),
        }
    }
}

/// Who acts, as the service knows them.
#[must_use]
pub fn actor(snapshot: &Snapshot) -> Actor {
    let me = &snapshot.me;
    Actor { person: me.person.clone(), login: me.name.clone(), via: None, known: me.known }
}

/// Whether a service listens on this socket.
#[must_use]
pub fn listens(socket: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

/// Connects and resolves once there is a snapshot.
///
/// # Errors
/// When nobody listens there, the socket is not to be trusted, or who runs this may not look.
pub async fn open(options: Options) -> Result<Hub, Problem> {
    if let At::Socket(socket) = &options.at {
        checked::check(socket)?;
    }
    let (requests, inbox) = mpsc::channel(WAITING);
    let (publish, snapshot) = watch::channel(Arc::new(Snapshot::empty(options.clock.now())));
    let (ready, opened) = oneshot::channel();
    let failed = |why: String| Problem::new(ProblemKind::Unreachable, why);
    thread::Builder::new()
        .name("remote".to_owned())
        .spawn(move || run(options, publish, inbox, ready))
        .map_err(|error| failed(format!("no thread for the board can be had: {error}")))?;
    opened
        .await
        .unwrap_or_else(|_| Err(failed("the connection to the board ended while it opened".to_owned())))?;
    Ok(Hub { snapshot, requests })
}

/// Answers who closes the hub.
fn closed(waits: Option<super::Reply<()>>) {
    if let Some(reply) = waits {
        let _ = reply.send(Ok(()));
    }
}

/// The life of the thread that holds the connection.
fn run(
    options: Options,
    publish: watch::Sender<Arc<Snapshot>>,
    inbox: mpsc::Receiver<super::Request>,
    ready: oneshot::Sender<Result<(), Problem>>,
) {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let started = built
        .map_err(|error| Problem::new(ProblemKind::Unreachable, format!("cannot start: {error}")))
        .and_then(|runtime| Ok((runtime, send::Client::new(&options)?)));
    match started {
        Ok((runtime, client)) if !options.follow => runtime.block_on(async {
            match client.look(&options, &Only::Items(Vec::new())).await {
                Ok(seen) => {
                    publish.send_replace(seen);
                    let _ = ready.send(Ok(()));
                    let own = own::Sender::new(&options, &client);
                    let (errands, mut asked) = mpsc::unbounded_channel();
                    tokio::select! {
                        () = own.serve(&publish, &mut asked) => {}
                        (closing, rest) = send::send(&options, &client, &errands, &publish, inbox) => {
                            closed(closing);
                            rest.await;
                        }
                    }
                    own.close().await;
                }
                Err(problem) => drop(ready.send(Err(problem))),
            }
        }),
        Ok((runtime, client)) => runtime.block_on(async {
            let mut told = follow::Told::nothing();
            let follow = follow::follow(&options, &client, &publish, &mut told, ready);
            let own = own::Sender::new(&options, &client);
            let (errands, mut asked) = mpsc::unbounded_channel();
            let ended = tokio::select! {
                () = follow => None,
                () = own.serve(&publish, &mut asked) => None,
                ended = send::send(&options, &client, &errands, &publish, inbox) => Some(ended),
            };
            // Before it is answered: who asked may end the program at once.
            told.keep(&options);
            if let Some((closing, rest)) = ended {
                closed(closing);
                rest.await;
            }
            own.close().await;
        }),
        Err(problem) => drop(ready.send(Err(problem))),
    }
}
