//! The board at this moment, for one question: what is small of it, and the rows that are asked for.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use super::{
    board::{Board, read, refusal},
    caller::Caller,
    stream::same_version,
};
use crate::{
    hub::{Only, protocol},
    model::Grant,
    wire::{Problem, ProblemKind, Snapshot},
};

/// What is asked for, as who asks may see it.
pub async fn look(State(board): State<Board>, caller: Caller, headers: HeaderMap, body: Bytes) -> Response {
    match seen(&board, &caller, &headers, &body).await {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(problem) => refusal(&problem),
    }
}

async fn seen(board: &Board, caller: &Caller, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Problem> {
    same_version(headers)?;
    let actor = board.actor(caller)?;
    caller.may(Grant::See)?;
    let asked = read::<Only>(body)?;
    let shared = board.hub.snapshot.borrow().clone();
    let me = board.identity(caller).me(&shared.people, &shared.rules.boards);
    let mut seen: Snapshot = protocol::only(&shared, &asked);
    if let Some(person) = &actor.person {
        let gone = || Problem::new(ProblemKind::Unreachable, "the service is ending").hint("try again");
        let own: Arc<_> = board.feed.personal(&actor).await.ok_or_else(gone)?;
        seen = seen.seen_by(person, &own);
    }
    seen.me = me;
    serde_json::to_vec(&seen)
        .map_err(|error| Problem::new(ProblemKind::Unreachable, format!("the board cannot be told: {error}")))
}
