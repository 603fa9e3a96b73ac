//! One board for many people on one machine: the hub behind a Unix socket.
//!
//! Who acts is what the kernel says of the other end of the socket, never what a request says. Nothing of the rules is
//! here: a request goes to the hub in the name of who sent it, and publications go out as that person may see them.
//!
//! There is one router ([`routes`]) for every way in. A way in puts a [`caller::Caller`] beside each request by a layer of its
//! own (`peer::verified` for the socket) and refuses there whom it cannot name; routes take the caller and nothing else of the
//! connection.

mod board;
mod caller;
mod peer;
mod socket;
mod stream;

use std::{path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    hub::{
        Hub,
        local::{self, Options},
        protocol::path,
    },
    wire::{Problem, ProblemKind},
};

use peer::Peer;

/// Bytes of one command; a file that is imported over the socket is one.
const COMMAND: usize = 64 << 20;
/// Bytes of any other request.
const REQUEST: usize = 1 << 20;

/// How a board is served.
#[derive(Debug)]
pub struct Served {
    /// How its hub is opened.
    pub options: Options,
    pub socket: PathBuf,
    /// Whether people whose login nobody on the board bears may look.
    pub strangers: bool,
}

/// Serves a board until the process is told to end. `ready` is called once people can come.
///
/// # Errors
/// When the board cannot be opened, or the socket is not free.
pub async fn serve(served: Served, ready: impl FnOnce()) -> Result<(), Problem> {
    let listener = socket::bind(&served.socket)?;
    let admins = Arc::from(served.options.admins.clone());
    let clock = served.options.clock.clone();
    let hub = local::open(served.options).await.inspect_err(|_| socket::unlink(&served.socket))?;
    let board = board::Board { hub: hub.clone(), clock, strangers: served.strangers, admins };
    let app = open().merge(routes(board).layer(middleware::from_fn(peer::verified)));
    ready();
    let app = app.into_make_service_with_connect_info::<Peer>();
    let ended = axum::serve(listener, app).with_graceful_shutdown(ending(hub)).await;
    socket::unlink(&served.socket);
    ended.map_err(|error| Problem::new(ProblemKind::Unreachable, format!("the socket failed: {error}")))
}

/// Resolves when the process was told to end, and the hub has closed its board.
async fn ending(mut hub: Hub) {
    let one = |kind: SignalKind| async move {
        match signal(kind) {
            Ok(mut stream) => drop(stream.recv().await),
            Err(error) => {
                tracing::warn!(%error, "a signal is not listened for");
                std::future::pending().await
            }
        }
    };
    let ended = async |hub: &mut Hub| while hub.snapshot.changed().await.is_ok() {};
    tokio::select! {
        () = one(SignalKind::interrupt()) => {}
        () = one(SignalKind::terminate()) => {}
        () = ended(&mut hub) => {}
    }
    local::end_all();
    ended(&mut hub).await;
}

/// What anybody may know who reaches the service.
fn open() -> Router {
    Router::new().route(path::HEALTH, get(|| async { "ok" }))
}

/// The board, for requests with a [`caller::Caller`] beside them.
fn routes(board: board::Board) -> Router {
    Router::new()
        .route(path::COMMANDS, post(board::command).layer(DefaultBodyLimit::max(COMMAND)))
        .route(path::ASK, post(board::ask))
        .route(path::DRAFTS, get(board::drafts).post(board::draft))
        .route(path::SYNC, post(board::sync))
        .route(path::RETRY, post(board::retry))
        .route(path::STREAM, get(stream::stream))
        .layer(DefaultBodyLimit::max(REQUEST))
        .with_state(board)
}
