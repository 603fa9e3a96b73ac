//! One board for many people on one machine: the hub behind a Unix socket.
//!
//! Who acts is what the kernel says of the other end of the socket, never what a request says. Nothing of the rules is
//! here: a request goes to the hub in the name of who sent it, and publications go out as that person may see them.

mod board;
mod peer;
mod socket;
mod stream;

use std::path::PathBuf;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{
    hub::{
        Hub,
        local::{self, Options},
        protocol::path,
    },
    wire::{Problem, ProblemKind},
};

use peer::Peer;

/// What may come in one request: a command, or a question. A file that is imported over the socket is one command.
const BODY: usize = 64 << 20;

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
    let hub = local::open(served.options).await?;
    let app = router(board::Board { hub: hub.clone(), strangers: served.strangers });
    ready();
    let app = app.into_make_service_with_connect_info::<Peer>();
    let ended = axum::serve(listener, app).with_graceful_shutdown(ending(hub)).await;
    socket::unlink(&served.socket);
    ended.map_err(|error| Problem::new(ProblemKind::Unreachable, format!("the socket failed: {error}")))
}

/// Ends with the hub: whoever told the process to end told the hub first.
async fn ending(mut hub: Hub) {
    while hub.snapshot.changed().await.is_ok() {}
}

fn router(board: board::Board) -> Router {
    Router::new()
        .route(path::HEALTH, get(|| async { "ok" }))
        .route(path::COMMANDS, post(board::command))
        .route(path::ASK, post(board::ask))
        .route(path::DRAFTS, get(board::drafts).post(board::draft))
        .route(path::SYNC, post(board::sync))
        .route(path::RETRY, post(board::retry))
        .route(path::STREAM, get(stream::stream))
        .layer(axum::extract::DefaultBodyLimit::max(BODY))
        .with_state(board)
}
