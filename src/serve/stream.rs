//! Publications to one client: the differences that everybody shares, as they were written down once, and what is that
//! person's own. A client that is slow is not queued for: it gets what is newer than its position when it has read the last.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::{
    board::{Board, refusal},
    caller::Caller,
    events,
    feed::{Position, frame},
    presence::Connected,
};
use crate::{
    hub::{
        local::cache,
        protocol::{Frame, LAYOUT, OPENING_FIRST, Own, POSITION, VERSION, VIEW},
    },
    ledger::log,
    model::Grant,
    wire::{Problem, ProblemKind, Snapshot},
};

/// Bytes that are handed to a connection at once.
const PIECE: usize = 64 << 10;

/// Everything from now on, for who asks; from where they are, where they say so and it is still known.
pub async fn stream(State(board): State<Board>, caller: Caller, headers: HeaderMap) -> Response {
    if events::wanted(&headers) {
        return events::stream(board, caller).await;
    }
    let ready = same_version(&headers).and_then(|()| Reader::new(board, caller, &headers));
    let reader = match ready {
        Ok(reader) => reader,
        Err(problem) => return refusal(&problem),
    };
    let start = reader.board.feed.start_number().to_string();
    let view = reader.view.clone();
    let frames = stream::unfold(Some(reader), |reader| async {
        let mut reader = reader?;
        let frame = reader.next().await?;
        Some((Ok::<Bytes, Infallible>(frame), Some(reader)))
    });
    let kind = (header::CONTENT_TYPE, "application/vnd.quorate.publications");
    ([kind], [(POSITION, start), (VIEW, view)], Body::from_stream(frames)).into_response()
}

/// Refuses who speaks of other rows.
///
/// # Errors
/// When the client is of another version.
pub fn same_version(headers: &HeaderMap) -> Result<(), Problem> {
    let theirs = headers.get(VERSION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ours = env!("CARGO_PKG_VERSION");
    if theirs == ours {
        return Ok(());
    }
    let said =
        if theirs.is_empty() { "of no version that it says".to_owned() } else { format!("quorate {theirs}") };
    Err(Problem::new(
        ProblemKind::Unreachable,
        format!("this board is served by quorate {ours}, and yours is {said}"),
    )
    .hint(format!("use quorate {ours}, or ask whoever runs the service")))
}

/// A frame in pieces that share its bytes: a connection that copies what it sends holds one of them, and not the board.
fn pieces(frame: &Bytes) -> impl Iterator<Item = Bytes> + use<> {
    let frame = frame.clone();
    (0..frame.len()).step_by(PIECE).map(move |at| frame.slice(at..(at + PIECE).min(frame.len())))
}

/// Where a client says that it is.
fn position(headers: &HeaderMap) -> Option<Position> {
    let (start, number) = headers.get(POSITION)?.to_str().ok()?.split_once('-')?;
    Some(Position { start: start.parse().ok()?, number: number.parse().ok()? })
}

/// Names the board, who looks and as what: another where any of it is.
fn view(board: &Board, caller: &Caller) -> String {
    let now = Arc::clone(&board.hub.snapshot.borrow());
    let me = board.identity(caller).me(&now.people, &now.rules.boards);
    let mut hash = Sha256::new();
    hash.update(&now.lineage);
    hash.update([0]);
    hash.update(format!("{me:?}"));
    log::hex(&hash.finalize())
}

/// One client, and where it is.
struct Reader {
    board: Board,
    caller: Caller,
    /// Held while the stream lasts.
    _seat: Option<Connected>,
    at: Option<Position>,
    /// It reads the layout of this build.
    compact: bool,
    /// It is still to be sent what its first screen shows.
    opening: bool,
    /// Names the board, who looks and as what.
    view: String,
    newest: watch::Receiver<u64>,
    beat: watch::Receiver<()>,
    own: Option<Own>,
    /// What is to be sent before it is looked for more.
    ready: VecDeque<Bytes>,
}

impl Reader {
    fn new(board: Board, caller: Caller, headers: &HeaderMap) -> Result<Self, Problem> {
        let actor = board.actor(&caller)?;
        caller.may(Grant::See)?;
        // Who may only look is in no meeting.
        let acts = caller.may(Grant::Act).is_ok();
        let author = caller.with_via(actor);
        let seat = acts.then(|| board.presence.connected(&author, headers)).flatten();
        let mut newest = board.feed.newest();
        newest.mark_changed();
        let beat = board.feed.beat();
        let at = position(headers);
        let layout = headers.get(LAYOUT).and_then(|value| value.to_str().ok());
        let compact = layout.is_some() && layout == cache::layout().as_deref();
        // Who comes back has more than that.
        let view = view(&board, &caller);
        let kept = headers.get(OPENING_FIRST).filter(|_| compact && at.is_none());
        let opening = kept.is_some_and(|kept| *kept != *view);
        let (own, ready) = (None, VecDeque::new());
        Ok(Self { board, caller, _seat: seat, at, compact, opening, view, newest, beat, own, ready })
    }

    /// The next piece, or a length of nought as a sign of life; none when the service ends, or they may no longer look.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(ready) = self.ready.pop_front() {
            return Some(ready);
        }
        if std::mem::take(&mut self.opening)
            && let Some((frame, of)) = self.board.feed.opening().await
        {
            self.ready.extend(pieces(&frame));
            let own = self.own(&of).await?;
            self.ready.push_back(own);
            return self.ready.pop_front();
        }
        tokio::select! { biased;
            () = self.caller.ended(&self.board.clock) => return None,
            changed = self.newest.changed() => changed.ok()?,
            beat = self.beat.changed() => {
                beat.ok()?;
                return Some(Bytes::from_static(&[0; 4]));
            }
        }
        self.newest.mark_unchanged();
        let news = self.board.feed.since(self.at, self.compact).await;
        self.at = Some(Position { start: self.board.feed.start_number(), number: news.number });
        self.ready.extend(news.frames.iter().flat_map(pieces));
        let own = self.own(&news.board).await?;
        self.ready.push_back(own);
        self.ready.pop_front()
    }

    /// What is this client's own on a board, where it was not told so before; none where they may no longer look.
    async fn own(&mut self, of: &Snapshot) -> Option<Bytes> {
        let actor = self.board.actor(&self.caller).ok()?;
        let me = self.board.identity(&self.caller).me(&of.people, &of.rules.boards);
        let personal = Arc::unwrap_or_clone(self.board.feed.personal(&actor).await?);
        let own = Own { me, personal };
        let told = (self.own.as_ref() != Some(&own)).then(|| Box::new(own.clone()));
        self.own = Some(own);
        Some(frame(&Frame::Own(told)))
    }
}
