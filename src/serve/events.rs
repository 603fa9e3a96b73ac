//! The board as it changes, for anybody's program: Server-Sent Events in JSON. The first event has everything, each later one
//! what changed since the last that was sent; who is slow to read gets what is newest when the last is read.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use imbl::{OrdMap, ordmap::DiffItem};
use serde::Serialize;

use super::{
    api,
    board::{Board, refusal},
    caller::Caller,
};
use crate::{
    hub::protocol::HEARTBEAT,
    model::{Id, Instant},
    wire::{Problem, Snapshot, api as shapes},
};

/// What programs ask the stream for.
const KIND: &str = "text/event-stream";

/// What changed since the last event.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Changed {
    /// The commit it is as of.
    seq: u64,
    now: Instant,
    /// Changes and phases that are new or differ.
    activities: Vec<shapes::Activity>,
    /// Tallies that are new or differ.
    tallies: Vec<shapes::Tally>,
    /// Clashes, all of them, where any is new, differs or is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<shapes::Conflict>>,
    /// Ids of activities that are gone.
    gone: Vec<Id>,
}

/// Whether a program that speaks no language of our own asks.
pub fn wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| one.trim().starts_with(KIND))
}

/// Everything from now on, for who asks.
pub async fn stream(mut board: Board, caller: Caller) -> Response {
    if let Err(problem) = api::seen(&board, &caller).await {
        return refusal(&problem);
    }
    board.hub.snapshot.mark_changed();
    let reader = Reader { board, caller, sent: Snapshot::empty(Instant::from_secs(0)) };
    let events = stream::unfold(Some(reader), |reader| async {
        let mut reader = reader?;
        match reader.next().await {
            Ok(event) => Some((Ok::<Bytes, Infallible>(event), Some(reader))),
            Err(Some(problem)) => Some((Ok(event("refused", None, &problem)), None)),
            Err(None) => None,
        }
    });
    let headers = [
        (header::CONTENT_TYPE, KIND),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events)).into_response()
}

struct Reader {
    board: Board,
    caller: Caller,
    sent: Snapshot,
}

impl Reader {
    /// The next event or sign of life; why there is none any more, where the service goes on.
    async fn next(&mut self) -> Result<Bytes, Option<Problem>> {
        let beat = Duration::from_secs(HEARTBEAT);
        let (caller, snapshot) = (&self.caller, &mut self.board.hub.snapshot);
        tokio::select! { biased;
            () = caller.ended(&self.board.clock) => return Err(Some(super::caller::no_credential("the credential of this stream holds no longer"))),
            changed = snapshot.changed() => changed.map_err(|_| None)?,
            () = tokio::time::sleep(beat) => return Ok(Bytes::from_static(b":\n\n")),
        }
        self.board.hub.snapshot.mark_unchanged();
        let seen = api::seen(&self.board, &self.caller).await.map_err(Some)?;
        let changed = changed(&self.sent, &seen);
        self.sent = seen;
        Ok(event("board", Some(changed.seq), &changed))
    }
}

fn event(name: &str, id: Option<u64>, data: &impl Serialize) -> Bytes {
    // JSON has no line breaks of its own.
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned());
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    Bytes::from(format!("event: {name}\n{id}data: {data}\n\n"))
}

/// What who was sent `old` does not know of `new`.
fn changed(old: &Snapshot, new: &Snapshot) -> Changed {
    let mut gone = Vec::new();
    let activities = rows(&old.activities, &new.activities, &mut gone);
    let tallies = rows(&old.tallies, &new.tallies, &mut Vec::new());
    let all = || shapes::Conflict::rows(&new.conflicts.iter().collect::<Vec<_>>());
    Changed {
        seq: new.seq,
        now: new.now,
        activities: activities.iter().map(|row| shapes::Activity::from(row.as_ref())).collect(),
        tallies: tallies.iter().map(|row| shapes::Tally::from(row.as_ref())).collect(),
        conflicts: (!old.conflicts.ptr_eq(&new.conflicts)).then(all),
        gone,
    }
}

fn rows<T: PartialEq>(old: &OrdMap<Id, Arc<T>>, new: &OrdMap<Id, Arc<T>>, gone: &mut Vec<Id>) -> Vec<Arc<T>> {
    let mut rows = Vec::new();
    for item in old.diff(new) {
        match item {
            DiffItem::Add(_, row) | DiffItem::Update { new: (_, row), .. } => rows.push(Arc::clone(row)),
            DiffItem::Remove(id, _) => gone.push(id.clone()),
        }
    }
    rows
}
