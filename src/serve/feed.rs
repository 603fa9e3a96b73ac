//! Publications of the hub, numbered, and each difference written down once for all who read the stream.
//!
//! What everybody shares is kept as bytes: the whole board as of some publication, and the differences since, for ten
//! minutes or until they are as many as the board itself. A reader holds its position and nothing of the board; what is for
//! one person alone is asked of the hub, once for all their readers.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant as Moment},
};

use axum::body::Bytes;
use tokio::sync::{oneshot, watch};

use crate::{
    hub::{
        Hub, Request,
        local::cache,
        protocol::{COMPACT, Frame, HEARTBEAT, OPENING, Publication},
    },
    model::Id,
    projection,
    wire::{Actor, Answer, Personal, Question, Snapshot},
};

/// How long a difference is kept for who is behind.
const KEPT: Duration = Duration::from_mins(10);

/// Bytes of differences that are sent beside a small board rather than that it is written down anew.
const SMALL: usize = 64 << 10;

/// How long a reader takes to be served, at least: so many of them are left time for that before the next publication, in which
/// requests are answered. What is published meanwhile comes with it.
const EACH: Duration = Duration::from_micros(50);

/// How long what is published waits for each reader that there is, before they are told: what many people send at the same moment
/// is answered first, and is one publication. Nobody waits where they are few.
const BEFORE: Duration = Duration::from_micros(10);

/// What is shorter is not waited for: no timer here is as fine.
const MOMENT: Duration = Duration::from_millis(2);

/// The longest wait of that kind, however many follow.
const LONGEST: Duration = Duration::from_millis(10);

/// Where a reader is: which start of the service, and the number of the publication it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub start: u64,
    pub number: u64,
}

/// The publications of one service.
#[derive(Debug, Clone)]
pub struct Feed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    hub: Hub,
    /// Tells this start of the service from others.
    start: u64,
    newest: watch::Sender<u64>,
    beat: watch::Sender<()>,
    state: Mutex<State>,
    /// As JSON, and in the layout of this build.
    whole: [tokio::sync::Mutex<Whole>; 2],
    /// What the first screen of it shows; without a frame where that is no small part.
    opening: tokio::sync::Mutex<Whole>,
}

#[derive(Debug)]
struct State {
    board: Arc<Snapshot>,
    number: u64,
    /// The differences kept, the newest last; each makes of the publication before it the one of its number.
    kept: VecDeque<Kept>,
    /// What is for one person alone as of this publication.
    own: HashMap<Id, Arc<Personal>>,
    /// Whether there can be such.
    anything_own: bool,
}

#[derive(Debug, Clone)]
struct Kept {
    number: u64,
    at: Moment,
    frame: Bytes,
}

/// The whole board, as it was last written down.
#[derive(Debug, Default)]
struct Whole {
    number: u64,
    frame: Option<Bytes>,
}

/// What a reader is to be sent.
#[derive(Debug)]
pub struct News {
    pub number: u64,
    pub frames: Vec<Bytes>,
    pub board: Arc<Snapshot>,
}

impl Feed {
    /// Follows a hub until it ends.
    #[must_use]
    pub fn start(mut hub: Hub) -> Self {
        let board = Arc::clone(&hub.snapshot.borrow_and_update());
        let anything_own = anything_own(&board);
        let state = State { board, number: 1, kept: VecDeque::new(), own: HashMap::new(), anything_own };
        let feed = Self(Arc::new(Shared {
            hub: hub.clone(),
            start: crate::store::random().map_or(0, u64::from_le_bytes),
            newest: watch::channel(1).0,
            beat: watch::channel(()).0,
            state: Mutex::new(state),
            whole: Default::default(),
            opening: tokio::sync::Mutex::default(),
        }));
        tokio::spawn(follow(Arc::downgrade(&feed.0), hub));
        feed
    }

    /// Turns with each publication.
    #[must_use]
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.0.newest.subscribe()
    }

    /// Turns with each sign of life that is due, for all readers at once.
    #[must_use]
    pub fn beat(&self) -> watch::Receiver<()> {
        self.0.beat.subscribe()
    }

    /// Which start of the service this is.
    #[must_use]
    pub fn start_number(&self) -> u64 {
        self.0.start
    }

    /// What is newer than a position: the differences since, or everything where they are not kept, in the layout of this
    /// build for who reads it.
    pub async fn since(&self, at: Option<Position>, compact: bool) -> News {
        let here = |at: &Position| at.start == self.0.start;
        if let Some(news) = at.filter(here).and_then(|at| self.0.state().since(at.number)) {
            return news;
        }
        let [json, own] = &self.0.whole;
        let mut whole = if compact { own.lock().await } else { json.lock().await };
        let since = |number, frame: &Bytes| {
            let news = self.0.state().since(number)?;
            // Where much has happened it is written down anew.
            let size: usize = news.frames.iter().map(Bytes::len).sum();
            let frames = std::iter::once(frame.clone()).chain(news.frames).collect();
            (size <= (frame.len() / 2).max(SMALL)).then_some(News { frames, ..news })
        };
        if let Some(news) = whole.frame.as_ref().and_then(|frame| since(whole.number, frame)) {
            return news;
        }
        let (board, number) = {
            let state = self.0.state();
            (Arc::clone(&state.board), state.number)
        };
        let written = tokio::task::spawn_blocking({
            let board = Arc::clone(&board);
            move || match compact.then(|| packed(&board, number)).flatten() {
                Some(packed) => packed,
                None => {
                    let nothing = Snapshot::empty(board.now);
                    let publication = Publication::between(&nothing, &board).numbered(number);
                    frame(&Frame::Reset(Box::new(publication)))
                }
            }
        });
        let frame = written.await.unwrap_or_default();
        *whole = Whole { number, frame: Some(frame.clone()) };
        News { number, frames: vec![frame], board }
    }

    /// What the first screen shows of the newest publication, in the layout of this build, and the board that it is of; none
    /// where the board is too busy for that, or has no more itself yet.
    pub async fn opening(&self) -> Option<(Bytes, Arc<Snapshot>)> {
        let mut last = self.0.opening.lock().await;
        let (board, number) = {
            let state = self.0.state();
            (Arc::clone(&state.board), state.number)
        };
        if last.number != number {
            let of = Arc::clone(&board);
            let written = tokio::task::spawn_blocking(move || opening(&of));
            *last = Whole { number, frame: written.await.ok().flatten() };
        }
        Some((last.frame.clone()?, board))
    }

    /// What of the board is for this author alone; none where the hub has ended.
    pub async fn personal(&self, actor: &Actor) -> Option<Arc<Personal>> {
        let Some(person) = &actor.person else { return Some(Arc::default()) };
        let number = {
            let state = self.0.state();
            if !state.anything_own {
                return Some(Arc::default());
            }
            if let Some(own) = state.own.get(person) {
                return Some(Arc::clone(own));
            }
            state.number
        };
        let (reply, answer) = oneshot::channel();
        let request = Request::Ask { actor: actor.clone(), question: Question::Personal, reply };
        self.0.hub.requests.send(request).await.ok()?;
        let Answer::Personal(own) = answer.await.ok()?.ok()? else { return None };
        let own = Arc::new(*own);
        let mut state = self.0.state();
        if state.number == number {
            state.own.insert(person.clone(), Arc::clone(&own));
        }
        Some(own)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many follow.
    fn readers(&self) -> u32 {
        u32::try_from(self.newest.receiver_count()).unwrap_or(u32::MAX)
    }
}

impl State {
    /// What is newer than a number, where all of it is kept.
    fn since(&self, number: u64) -> Option<News> {
        let first = self.kept.front().map_or(self.number + 1, |kept| kept.number);
        if number > self.number || number + 1 < first {
            return None;
        }
        let newer = self.kept.iter().filter(|kept| kept.number > number);
        let frames = newer.map(|kept| kept.frame.clone()).collect();
        Some(News { number: self.number, frames, board: Arc::clone(&self.board) })
    }

    /// Takes the next publication.
    fn take(&mut self, board: Arc<Snapshot>, now: Moment) {
        self.number += 1;
        let publication = Publication::between(&self.board, &board).numbered(self.number);
        let frame = frame(&Frame::More(Box::new(publication)));
        self.kept.push_back(Kept { number: self.number, at: now, frame });
        while self.kept.front().is_some_and(|kept| now.duration_since(kept.at) > KEPT) {
            self.kept.pop_front();
        }
        self.anything_own = anything_own(&board);
        self.own.clear();
        self.board = board;
    }
}

/// Whether anybody can have something of their own: a vote that is hidden from others, news about a meeting.
fn anything_own(board: &Snapshot) -> bool {
    board.meetings.iter().any(|meeting| !meeting.agenda.is_empty())
        || board.tallies.values().any(|tally| tally.hides())
}

/// Takes publications as they come, and lets the beat go.
async fn follow(feed: std::sync::Weak<Shared>, mut hub: Hub) {
    let beat = Duration::from_secs(HEARTBEAT);
    let mut next = tokio::time::Instant::now() + beat;
    // Until when the last publication is left to its readers.
    let mut rests = tokio::time::Instant::now();
    loop {
        tokio::select! {
            changed = async {
                tokio::time::sleep_until(rests).await;
                hub.snapshot.changed().await
            } => {
                if changed.is_err() {
                    return;
                }
                let before = feed.upgrade().map_or(Duration::ZERO, |feed| BEFORE.saturating_mul(feed.readers()).min(LONGEST));
                if before >= MOMENT {
                    tokio::time::sleep(before).await;
                }
                let Some(feed) = feed.upgrade() else { return };
                let board = Arc::clone(&hub.snapshot.borrow_and_update());
                let number = {
                    let mut state = feed.state();
                    state.take(board, Moment::now());
                    state.number
                };
                feed.newest.send_replace(number);
                rests = tokio::time::Instant::now() + EACH.saturating_mul(feed.readers());
            }
            () = tokio::time::sleep_until(next) => {
                next += beat;
                let Some(feed) = feed.upgrade() else { return };
                feed.beat.send_replace(());
            }
        }
    }
}

/// The whole board for clients of this very build: what is much of it as a blob, which is read in a fraction of the time of
/// JSON, and the rest behind it; none where it cannot be written down.
fn packed(board: &Snapshot, number: u64) -> Option<Bytes> {
    let blob =
        cache::write(board).inspect_err(|error| tracing::error!(error, "the board is sent as JSON")).ok()?;
    let length = u32::try_from(blob.len() + 1).ok()?;
    let rest = Publication::between(&cache::held(board), board).numbered(number);
    let rest = frame(&Frame::More(Box::new(rest)));
    let mut bytes = Vec::with_capacity(blob.len() + rest.len() + 5);
    bytes.extend(length.to_be_bytes());
    bytes.push(COMPACT);
    bytes.extend(blob);
    bytes.extend(rest);
    Some(Bytes::from(bytes))
}

/// The frame of a board's opening.
fn opening(board: &Snapshot) -> Option<Bytes> {
    let part = board.opening.is_none().then(|| projection::opening(board)).flatten()?;
    let packed =
        cache::write_packed(&part).inspect_err(|error| tracing::error!(error, "no opening is sent")).ok()?;
    let length = u32::try_from(packed.len() + 1).ok()?;
    Some(Bytes::from([&length.to_be_bytes()[..], &[OPENING], &packed].concat()))
}

/// A frame behind its length.
#[must_use]
pub fn frame(frame: &Frame) -> Bytes {
    let mut bytes = vec![0; 4];
    if let Err(error) = serde_json::to_writer(&mut bytes, frame) {
        tracing::error!(%error, "a publication cannot be written down");
        return Bytes::new();
    }
    let length = u32::try_from(bytes.len() - 4).unwrap_or(u32::MAX);
    bytes.splice(..4, length.to_be_bytes());
    Bytes::from(bytes)
}

#[cfg(test)]
mod tests;
