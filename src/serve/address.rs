//! Secret addresses: `/f/NAME_SECRET.ics` is a calendar, `/p/NAME_SECRET` the page. Whoever has the address needs nothing else,
//! and sees what somebody without a seat sees.
//!
//! An address that never was, one with a wrong secret, one that is over, one that was taken back and one of somebody who is
//! gone are answered alike, the later the more often a connection was wrong. A board that is not whole yet is no answer: a
//! calendar program keeps what it has.

mod page;

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{
    api,
    board::Board,
    limits::{Connection, Limits},
    tokens::Tokens,
};
use crate::{
    hub::{bearer, local::Identity, protocol::path},
    model::{Id, Instant, Person, Shows, SourceId, Token},
    report::{feed, ics},
    wire::{Actor, Answer, Gone, Problem, ProblemKind, Question, Snapshot, SourceState},
};

/// After how many seconds it is worth coming again where the board could not be shown.
const AGAIN: &str = "30";

/// What no answer at an address goes without: it is nobody's to keep, to index, to frame or to tell other sites of.
const GUARDED: [(HeaderName, &str); 5] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow, noarchive"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What addresses are answered from.
#[derive(Debug, Clone)]
pub struct Addresses {
    pub board: Board,
    pub tokens: Arc<Tokens>,
    pub limits: Arc<Limits>,
    /// What sources no longer have, looked up once for each state of the board.
    pub gone: Arc<tokio::sync::Mutex<Option<Ended>>>,
}

/// What sources no longer have: of which store, as of which commit, and since when.
#[derive(Debug, Clone)]
pub struct Ended {
    lineage: String,
    seq: u64,
    since: Instant,
    gone: Arc<Vec<Gone>>,
}

/// The connection of a request, where its way in counts them.
type Via = Option<Extension<Arc<Connection>>>;

/// The routes of this file.
pub fn routes(addresses: Addresses) -> Router {
    let page = format!("{}/{{secret}}", path::PAGE);
    Router::new()
        .route(&format!("{}/{{secret}}", path::FEED), get(calendar))
        .route(&page, get(page::board))
        .route(&format!("{page}/calendar"), get(page::calendar))
        .route(&format!("{page}/item"), get(page::item))
        .with_state(addresses)
}

impl Addresses {
    /// What an address shows, for whom it was made; else the answer that says no.
    async fn opened(&self, text: &str, via: Via) -> Result<(Token, Arc<Person>), Response> {
        let token = match bearer::read_address(text).filter(|_| self.board.door.feeds()) {
            Some((id, sha256)) => {
                self.tokens.address(&id, &sha256).await.map_err(|problem| later(&problem))?
            }
            None => None,
        };
        let board = Arc::clone(&self.board.hub.snapshot.borrow());
        let found = token.and_then(|token| Some((board.people.get(&token.person)?.clone(), token)));
        let Some((person, token)) = found else { return Err(nothing(via).await) };
        let who = format!("address {}", token.id);
        if via.is_some_and(|Extension(connection)| connection.known(&who).is_err())
            || self.limits.request(&who, std::time::Instant::now()).is_err()
        {
            let wait = [(header::RETRY_AFTER, "1")];
            return Err(guarded(
                (StatusCode::TOO_MANY_REQUESTS, wait, "too many requests\n").into_response(),
            ));
        }
        Ok((token, person))
    }

    /// Who looks through an address: somebody whom the board does not know.
    fn actor(&self, token: &Token) -> Actor {
        // No user of a machine has a space in the name.
        let login = format!("address {}", token.id);
        let identity = Identity { login, owns_board: false, claimed: None, verified: true };
        identity.actor(&self.board.hub.snapshot.borrow().people)
    }

    /// The board, where all of it is here.
    fn loaded(&self) -> Result<Arc<Snapshot>, Problem> {
        let board = Arc::clone(&self.board.hub.snapshot.borrow());
        if board.provisional || board.opening.is_some() {
            return Err(Problem::new(ProblemKind::Unreachable, "the board is being loaded"));
        }
        Ok(board)
    }

    /// The board, where all of it is here and it holds: a calendar has no place for a warning that people see.
    fn whole(&self) -> Result<Arc<Snapshot>, Problem> {
        let board = self.loaded()?;
        let why = if board.broken.is_some() {
            "the record of the board does not hold"
        } else if board.stuck.is_some() {
            "the store cannot be read"
        } else {
            return Ok(board);
        };
        Err(Problem::new(ProblemKind::Unreachable, why))
    }

    /// What sources no longer have, as of this board.
    async fn gone(&self, board: &Snapshot, since: Instant, token: &Token) -> Result<Arc<Vec<Gone>>, Problem> {
        let mut kept = self.gone.lock().await;
        let same = |one: &&Ended| one.lineage == *board.lineage && one.seq == board.seq && one.since == since;
        if let Some(known) = kept.as_ref().filter(same) {
            return Ok(Arc::clone(&known.gone));
        }
        let Answer::Gone(gone) = self.board.question(self.actor(token), Question::Gone { since }).await?
        else {
            return Err(odd());
        };
        let gone = Arc::new(gone);
        let (lineage, seq) = (board.lineage.to_string(), board.seq);
        *kept = Some(Ended { lineage, seq, since, gone: Arc::clone(&gone) });
        Ok(gone)
    }

    /// The calendar of an address.
    async fn written(&self, token: &Token, person: &Person, shows: &Shows) -> Result<Vec<u8>, Response> {
        let board = self.whole().map_err(|problem| later(&problem))?;
        let Some(span) = feed::span(board.now) else { return Err(later(&odd())) };
        let entries = feed::entries(&board, shows, person, span);
        let mut items: Vec<Id> = entries.iter().map(|entry| feed::record_of(entry, &board)).collect();
        items.sort_unstable();
        items.dedup();
        let stamps = match self.board.question(self.actor(token), Question::Stamps { items }).await {
            Ok(Answer::Stamps(stamps)) => stamps,
            Ok(_) => return Err(later(&odd())),
            Err(problem) => return Err(later(&problem)),
        };
        let ended = self.gone(&board, span.start(), token).await.map_err(|problem| later(&problem))?;
        let ended = feed::called_off(&board, shows, person, span, &ended);
        let mut entries = feed::numbered(&entries, &board, &stamps);
        entries.extend(ended.iter().map(|(entry, sequence)| ics::Entry { entry, sequence: *sequence }));
        let (name, doubt) = (feed::name(&board, shows, person), doubt(&board));
        let head =
            ics::Feed { name: &name, lineage: &board.lineage, made: token.made_at, doubt: doubt.as_str() };
        Ok(ics::feed(&entries, &head).into_bytes())
    }
}

async fn calendar(
    State(addresses): State<Addresses>,
    Path(secret): Path<String>,
    via: Via,
    headers: HeaderMap,
) -> Response {
    let answer = async {
        let (token, person) = addresses.opened(&secret, via.clone()).await?;
        match token.shows.as_ref().filter(|shows| shows.is_calendar()) {
            Some(shows) => addresses.written(&token, &person, shows).await,
            None => Err(nothing(via).await),
        }
    };
    match answer.await {
        Ok(text) => guarded(api::tagged(&headers, &secret, text, "text/calendar; charset=utf-8")),
        Err(response) => response,
    }
}

/// What a reader of a calendar has to know of what stands in it: sources that cannot be read.
fn doubt(board: &Snapshot) -> String {
    let down = |state| matches!(state, SourceState::Down | SourceState::Old | SourceState::FirstLoad);
    let mut down: Vec<&SourceId> =
        board.sources.iter().filter(|source| down(source.state)).map(|source| &source.id).collect();
    down.sort_unstable();
    let down: Vec<&str> = down.into_iter().map(SourceId::as_str).collect();
    if down.is_empty() {
        return String::new();
    }
    format!("not up to date: {} cannot be read now; what is shown of it is older", down.join(", "))
}

/// The same answer whatever is wrong with an address.
async fn nothing(via: Via) -> Response {
    let mut last = false;
    if let Some(Extension(connection)) = via {
        let (wait, end) = connection.wrong();
        last = end;
        tokio::time::sleep(wait).await;
    } else {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (StatusCode::NOT_FOUND, plain, "there is nothing at this address\n").into_response();
    if last {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    guarded(response)
}

/// It cannot be told now.
fn later(problem: &Problem) -> Response {
    tracing::debug!(%problem, "an address is not answered");
    let again = [
        (header::RETRY_AFTER, AGAIN),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_TYPE, "text/plain"),
    ];
    guarded((StatusCode::SERVICE_UNAVAILABLE, again, "not now: try again in half a minute\n").into_response())
}

fn guarded(mut response: Response) -> Response {
    for (name, value) in GUARDED {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn odd() -> Problem {
    Problem::new(ProblemKind::Unreachable, "the board answered something else")
}
