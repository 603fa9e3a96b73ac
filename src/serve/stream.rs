//! Publications to one client, as that person may see them: what changed since the last one they were sent, each behind its
//! length. A client that is slow is not queued for: it gets what is newest when it has read the last.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures::stream;

use super::{
    board::{Board, refusal},
    caller::Caller,
};
use crate::{
    hub::{
        Request,
        protocol::{HEARTBEAT, Publication, VERSION},
    },
    model::{Grant, Instant},
    wire::{Actor, Answer, Personal, Problem, ProblemKind, Question, Snapshot},
};

/// Everything from now on, for who asks.
pub async fn stream(State(board): State<Board>, caller: Caller, headers: HeaderMap) -> Response {
    let theirs = headers.get(VERSION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ours = env!("CARGO_PKG_VERSION");
    if theirs != ours {
        let why = format!("this board is served by quorate {ours}, and you have {theirs:?}");
        return refusal(
            &Problem::new(ProblemKind::Unreachable, why).hint("use the version that serves the board"),
        );
    }
    let reader = match Reader::new(board, caller) {
        Ok(reader) => reader,
        Err(problem) => return refusal(&problem),
    };
    let frames = stream::unfold(Some(reader), |reader| async {
        let mut reader = reader?;
        let frame = reader.next().await?;
        Some((Ok::<Bytes, Infallible>(frame), Some(reader)))
    });
    ([(header::CONTENT_TYPE, "application/vnd.quorate.publications")], Body::from_stream(frames))
        .into_response()
}

/// One client, and what it was sent.
struct Reader {
    board: Board,
    caller: Caller,
    sent: Snapshot,
}

impl Reader {
    fn new(mut board: Board, caller: Caller) -> Result<Self, Problem> {
        board.actor(&caller)?;
        caller.may(Grant::See)?;
        board.hub.snapshot.mark_changed();
        Ok(Self { board, caller, sent: Snapshot::empty(Instant::from_secs(0)) })
    }

    /// The next publication behind its length, or a length of nought as a sign of life; none when the service ends.
    async fn next(&mut self) -> Option<Bytes> {
        let beat = Duration::from_secs(HEARTBEAT);
        let (caller, snapshot) = (&self.caller, &mut self.board.hub.snapshot);
        tokio::select! { biased;
            () = caller.ended(&self.board.clock) => return None,
            changed = snapshot.changed() => changed.ok()?,
            () = tokio::time::sleep(beat) => return Some(Bytes::from_static(&[0; 4])),
        }
        let shared = Arc::clone(&self.board.hub.snapshot.borrow_and_update());
        let seen = self.seen(&shared).await?;
        let publication = Publication::between(&self.sent, &seen);
        let json = serde_json::to_vec(&publication).ok()?;
        self.sent = seen;
        let mut frame = u32::try_from(json.len()).ok()?.to_be_bytes().to_vec();
        frame.extend(json);
        Some(Bytes::from(frame))
    }

    /// The snapshot as this person may see it; none where they may no longer look.
    async fn seen(&self, shared: &Snapshot) -> Option<Snapshot> {
        let actor = self.board.actor(&self.caller).ok()?;
        let me = self.board.identity(&self.caller).me(&shared.people, &shared.rules.boards);
        let mut seen = shared.clone();
        if let Some(person) = &me.person {
            let own = self.personal(actor).await?;
            seen = seen.seen_by(person, &own);
        }
        seen.me = me;
        Some(seen)
    }

    async fn personal(&self, actor: Actor) -> Option<Personal> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let question = Question::Personal;
        self.board.hub.requests.send(Request::Ask { actor, question, reply }).await.ok()?;
        match answer.await.ok()?.ok()? {
            Answer::Personal(own) => Some(*own),
            _ => None,
        }
    }
}
