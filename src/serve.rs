//! One board for many people on one machine: the hub behind a Unix socket.
//!
//! Who acts is what the kernel says of the other end of the socket, never what a request says. Nothing of the rules is
//! here: a request goes to the hub in the name of who sent it, and publications go out as that person may see them.
//!
//! There is one router ([`routes`]) for every way in. A way in puts a [`caller::Caller`] beside each request by a layer of its
//! own (`peer::verified` for the socket) and refuses there whom it cannot name; routes take the caller and nothing else of the
//! connection.

mod address;
mod alone;
pub mod api;
mod balancer;
mod board;
mod caller;
mod credential;
mod door;
mod events;
mod feed;
mod gate;
mod heads;
mod hooks;
mod keys;
mod limits;
mod look;
mod notify;
mod oidc;
mod peer;
mod presence;
mod refusal;
mod reload;
mod socket;
mod stream;
mod su;
mod tcp;
mod tls;
mod tokens;

use std::{
    collections::BTreeMap,
    future::IntoFuture,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::Response,
    routing::{get, post},
};
use tokio::{
    net::UnixListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::{
    config::{HookSettings, IssuerSettings},
    hub::{
        Hub,
        local::{self, Options},
        protocol::path,
    },
    wire::{Problem, ProblemKind},
};

pub use crate::hub::protocol::MeDocument;
use alone::Alone;
pub use balancer::Network;
use credential::Credentials;
pub use door::Feeds;
use door::{Door, Known};
#[cfg(test)]
pub use keys::KeyDocument;
use limits::Limits;
use oidc::Providers;
use peer::Peer;
pub use reload::Settings;
use reload::{Hangups, Reread};
use socket::Listening;
pub use tcp::Listen;
use tokens::Tokens;
#[cfg(test)]
pub use {events::Changed, refusal::ProblemDocument};

/// Bytes of one command; a file that is imported over the socket is one.
const COMMAND: usize = 64 << 20;
/// Bytes of any other request.
const REQUEST: usize = 1 << 20;

/// Bytes of one webhook.
const HOOK: usize = 4 << 20;

/// How long connections may take to finish once the service ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// How a board is served.
#[derive(Debug)]
pub struct Served {
    /// How its hub is opened.
    pub options: Options,
    pub socket: PathBuf,
    /// Where it listens on the network besides.
    pub listen: Option<Listen>,
    /// Providers whose tokens are taken there.
    pub issuers: Vec<IssuerSettings>,
    /// Webhooks that are taken.
    pub hooks: BTreeMap<String, HookSettings>,
    /// Whether people whose login nobody on the board bears may look.
    pub strangers: bool,
    /// Whether people are taken who became the user they are by su or sudo.
    pub su: bool,
    /// Seconds after which whose connection is lost has left the meeting.
    pub gone_after: u64,
    /// Secret addresses of calendars and of the page.
    pub feeds: Feeds,
    /// Where the key lies by which heads and the gate's answers are signed; beside the board where it is not said.
    pub sign_key: Option<PathBuf>,
    /// After how many events the head is signed; 0: never.
    pub sign_heads: u64,
}

/// Serves a board until the process is told to end. `ready` is called once people can come, with the socket and the address on
/// the network; `reread` whenever the process is told to read its settings again.
///
/// # Errors
/// When the board cannot be opened, another service has it, the socket is not free, or the port cannot be listened on.
pub async fn serve(
    served: Served,
    reread: Reread<'_>,
    ready: impl FnOnce(&Path, Option<&str>),
) -> Result<(), Problem> {
    let Listening { listener, path, made } = socket::listen(&served.socket)?;
    let done = listening(served, (listener, &path), reread, ready).await;
    notify::stopping();
    if made {
        socket::unlink(&path);
    }
    done
}

async fn listening(
    served: Served,
    (listener, socket): (UnixListener, &Path),
    reread: Reread<'_>,
    ready: impl FnOnce(&Path, Option<&str>),
) -> Result<(), Problem> {
    let Served {
        options,
        listen,
        issuers,
        hooks,
        strangers,
        su,
        gone_after,
        feeds,
        sign_key,
        sign_heads,
        ..
    } = served;
    let hooks = hooks::fetched(&hooks)?;
    let bound = match listen {
        Some(listen) => Some(listen.bind()?),
        None => None,
    };
    let admins = Arc::from(options.admins.as_slice());
    let (door, clock) =
        (Door::new(Known { admins, strangers, su, gone_after, feeds }), options.clock.clone());
    let providers = Providers::new(&issuers, clock.clone())?;
    let kept = options.location.clone();
    let hub = local::open(options).await?;
    let _alone = Alone::take(&kept, socket)?;
    let feed = feed::Feed::start(hub.clone());
    let signer = keys::Signer::of(&kept, sign_key.as_deref())?;
    if sign_heads > 0 && signer.lasts() {
        tokio::spawn(heads::follow(hub.clone(), Arc::clone(&signer), sign_heads));
    }
    let presence = presence::Presence::new(hub.clone(), door.clone());
    let board =
        board::Board { hub: hub.clone(), feed, presence, clock: clock.clone(), door: door.clone(), signer };
    let app = open(&board, &hooks)
        .merge(routes(board.clone()).layer(middleware::from_fn_with_state(door.clone(), peer::verified)));
    let tokens = Tokens::new(hub.clone(), clock);
    let (tell, stop) = watch::channel(false);
    let url = bound.as_ref().map(tcp::Bound::url);
    let network = bound.map(|bound| {
        let known = Credentials {
            tokens: Arc::clone(&tokens),
            providers: Arc::clone(&providers),
            limits: Limits::new(files()),
        };
        let limits = Arc::clone(&known.limits);
        let by = middleware::from_fn_with_state(known, credential::verified);
        tokio::spawn(Arc::clone(&tokens).follow());
        let offering = Arc::clone(&providers);
        let login = get(move || async move { axum::Json(offering.offered()) });
        let (counted, asked) = (Arc::clone(&limits), Arc::clone(&limits));
        let metrics = get(move || async move { api::metrics(asked.open(), &asked.answers()) });
        let count = middleware::map_response(move |response: Response| {
            counted.answered(response.status().as_u16());
            std::future::ready(response)
        });
        let is_ready = get(api::ready).with_state(board.clone());
        let anybody = open(&board, &hooks)
            .route(path::LOGIN, login)
            .route(path::READY, is_ready)
            .route(path::METRICS, metrics);
        let addresses = address::Addresses {
            board: board.clone(),
            tokens: Arc::clone(&tokens),
            limits: Arc::clone(&limits),
            gone: Arc::default(),
        };
        let anybody = anybody.merge(address::routes(addresses));
        let app = anybody.merge(routes(board).layer(by)).layer(count);
        tokio::spawn(bound.serve(app, limits, stop))
    });
    let hangups = Hangups::listen();
    // Heard from before it is said that people can come: who ends a service at once loses nothing either.
    let ends = [SignalKind::interrupt(), SignalKind::terminate()].map(heard);
    ready(socket, url.as_deref());
    notify::ready("people can come");
    let (asked, app_hub) = (hub.clone(), hub);
    let app = app.into_make_service_with_connect_info::<Peer>();
    let ended = axum::serve(gate::Gate::new(listener), app).with_graceful_shutdown(async move {
        ending(ends, app_hub, &tokens).await;
        tell.send_replace(true);
    });
    let ended = tokio::select! {
        ended = ended.into_future() => ended,
        never = hangups.follow(&asked, &door, &providers, reread) => match never {},
    };
    drop(asked);
    if let Some(network) = network {
        // What was taken is answered; who is slow to read it does not keep the service.
        let _late = tokio::time::timeout(FAREWELL, network).await;
    }
    ended.map_err(|error| Problem::new(ProblemKind::Unreachable, format!("the socket failed: {error}")))
}

/// How many files this process may open.
fn files() -> usize {
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX)
}

/// A signal from now on, where it can be listened for.
fn heard(kind: SignalKind) -> Option<Signal> {
    signal(kind).inspect_err(|error| tracing::warn!(%error, "a signal is not listened for")).ok()
}

/// Resolves when the process was told to end, and the hub has closed its board.
async fn ending([mut interrupt, mut terminate]: [Option<Signal>; 2], mut hub: Hub, tokens: &Tokens) {
    let one = async |signal: &mut Option<Signal>| match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    };
    let ended = async |hub: &mut Hub| while hub.snapshot.changed().await.is_ok() {};
    tokio::select! {
        () = one(&mut interrupt) => {}
        () = one(&mut terminate) => {}
        () = ended(&mut hub) => {}
    }
    tokens.note().await;
    local::end_all();
    ended(&mut hub).await;
}

/// What anybody may know who reaches the service.
fn open(board: &board::Board, hooks: &hooks::Hooks) -> Router {
    let keys = [board.signer.public()];
    let keys = get(|| async { axum::Json(keys) });
    Router::new()
        .route(path::HEALTH, get(|| async { "ok" }))
        .route(path::KEYS, keys)
        .merge(taken(board, hooks))
}

/// Webhooks, each proved by itself.
fn taken(board: &board::Board, hooks: &hooks::Hooks) -> Router {
    let take = post(hooks::take).layer(DefaultBodyLimit::max(HOOK));
    Router::new().route("/v1/hooks/{name}", take).with_state((board.clone(), Arc::clone(hooks)))
}

/// The board, for requests with a [`caller::Caller`] beside them.
fn routes(board: board::Board) -> Router {
    Router::new()
        .route(path::COMMANDS, post(board::command).layer(DefaultBodyLimit::max(COMMAND)))
        .route(path::ASK, post(board::ask))
        .route(path::DRAFTS, get(board::drafts).post(board::draft))
        .route(path::SYNC, post(board::sync))
        .route(path::BACKUP, post(board::backup))
        .route(path::RETRY, post(board::retry))
        .route(path::CLAIM, post(board::claim))
        .route(path::REPORT, post(board::report))
        .route(path::DELIVER, post(board::deliver))
        .route(path::LOOK, post(look::look))
        .route(path::STREAM, get(stream::stream))
        .route(path::ME, get(board::me))
        .merge(api::routes())
        .layer(DefaultBodyLimit::max(REQUEST))
        .with_state(board)
}
