//! What the service publishes, from the first publication until the last handle is gone; after a cut it begins anew.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use reqwest::header::{self, HeaderMap};
use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};

use super::{
    Options,
    kept::{Before, Kept},
    send::{Client, Failed},
};
use crate::{
    hub::{
        local::cache,
        protocol::{COMPACT, Frame, HEARTBEAT, OPENING, Own, POSITION, VIEW},
    },
    model::{Instant, Line},
    wire::{Problem, ProblemKind, Snapshot},
};

/// How long the first publication may take.
const FIRST: Duration = Duration::from_secs(20);
/// Seconds by which two clocks may differ without a word.
const OFF: i64 = 30;
/// A publication is never larger: a length beyond this is no length.
const LARGEST: usize = 1 << 30;
/// Room is made at once for so many bytes at most, whatever length is said.
const LARGE: usize = 1 << 26;
/// Bytes that are kept for the next publications; a whole board takes more, and gives it back.
const ROOM: usize = 64 << 10;

/// Publishes what comes, and between two connections the last of it with since when it is cut off.
pub async fn follow(
    options: &Options,
    client: &Client,
    publish: &watch::Sender<Arc<Snapshot>>,
    known: &mut Told,
    ready: oneshot::Sender<Result<(), Problem>>,
) {
    let mut ready = Some(ready);
    let mut wait = Duration::from_millis(100);
    loop {
        let mut told = false;
        let ended = read(options, client, publish, known, || {
            told = true;
            if let Some(ready) = ready.take() {
                let _ = ready.send(Ok(()));
            }
        })
        .await;
        if let Some(ready) = ready.take() {
            let _ = ready.send(Err(ended));
            return;
        }
        if told {
            wait = Duration::from_millis(100);
        }
        tracing::warn!(error = %ended, "cut off from the board");
        publish.send_if_modified(|snapshot| {
            let news = snapshot.stuck.is_none() || snapshot.refused != known.refused;
            if news {
                let stuck = snapshot.stuck.or_else(|| Some(options.clock.now()));
                let refused = known.refused.clone();
                *snapshot = Arc::new(Snapshot { stuck, refused, ..(**snapshot).clone() });
            }
            news
        });
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}

/// Reads one connection to its end and says why it ended.
async fn read(
    options: &Options,
    client: &Client,
    publish: &watch::Sender<Arc<Snapshot>>,
    known: &mut Told,
    mut told: impl FnMut(),
) -> Problem {
    let cut = |why: String| Problem::new(ProblemKind::Unreachable, format!("cut off from the board: {why}"));
    let kept = Kept::of(options);
    let mut before = kept.as_ref().filter(|_| options.opening && known.is_nothing()).and_then(Kept::read);
    let opening = (options.opening && known.is_nothing()).then(|| before.as_ref().map_or("", Before::view));
    let response = match client.stream(known.position.as_deref(), opening).await {
        Ok(response) => response,
        Err(Failed { problem, answered }) => {
            known.refused = answered.then(|| Line::new(&problem.title));
            if let Some(kept) = kept.filter(|_| answered) {
                // Whom the service does not let look keeps nothing of it.
                known.view = None;
                kept.forget();
            }
            return problem;
        }
    };
    known.refused = None;
    known.view = response.headers().get(VIEW).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if let Some(kept) =
        kept.filter(|_| before.as_ref().is_some_and(|it| known.view.as_deref() != Some(it.view())))
    {
        kept.forget();
        before = None;
    }
    // Who is killed before the end of the session has the next start as quick.
    let mut first = before.is_none();
    if let Some((board, me)) = before.and_then(|before| before.open(options.clock.now())) {
        known.board = board;
        known.own.me = me;
        publish.send_replace(Arc::new(known.shown(options)));
        told();
    }
    known.ahead = ahead(response.headers(), options);
    let start = response.headers().get(POSITION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut bytes = response.bytes_stream();
    let mut buffer: Vec<u8> = Vec::new();
    let mut silence = FIRST;
    loop {
        match timeout(silence, bytes.next()).await {
            Err(_) => return cut(format!("nothing was heard for {} s", silence.as_secs())),
            Ok(None) => return cut("the service ended".to_owned()),
            Ok(Some(Err(error))) => return cut(error.without_url().to_string()),
            Ok(Some(Ok(chunk))) => buffer.extend_from_slice(&chunk),
        }
        let (mut read, mut missing) = (0, 0);
        while let Some((length, rest)) = buffer.get(read..).and_then(<[u8]>::split_first_chunk::<4>) {
            let length = u32::from_be_bytes(*length) as usize;
            if length > LARGEST {
                return cut("the service sends something else than publications".to_owned());
            }
            let Some(frame) = rest.get(..length) else {
                // Of a whole board it is known how much room it takes.
                missing = (length - rest.len()).min(LARGE);
                break;
            };
            if let Some((&as_what @ (COMPACT | OPENING), blob)) = frame.split_first() {
                let board = if as_what == OPENING { cache::read_packed(blob) } else { cache::read(blob) };
                match board {
                    // What it does not hold comes with the next frame.
                    Some(board) => known.board = board,
                    None => return cut("the board cannot be read".to_owned()),
                }
            } else if length > 0 {
                let frame = match serde_json::from_slice(frame) {
                    Ok(frame) => frame,
                    Err(error) => return cut(format!("a publication cannot be read: {error}")),
                };
                if known.take(frame, start.as_deref()) {
                    publish.send_replace(Arc::new(known.shown(options)));
                    told();
                    silence = Duration::from_secs(3 * HEARTBEAT);
                    if first && !known.is_nothing() {
                        first = false;
                        known.keep(options);
                    }
                }
            }
            read += 4 + length;
        }
        buffer.drain(..read);
        buffer.reserve_exact(missing);
        if buffer.is_empty() && buffer.capacity() > ROOM {
            buffer = Vec::new();
        }
    }
}

/// What the service has told, over all connections.
pub struct Told {
    board: Snapshot,
    own: Own,
    /// Where that is, for the next connection to go on from.
    position: Option<String>,
    /// Seconds by which the clock here is ahead of the service's, where it is off.
    ahead: Option<i64>,
    /// What the service said instead of going on.
    refused: Option<Line>,
    /// As the service names the board, who looks and as what; none where it did not, or lets them look no more.
    view: Option<String>,
}

impl Told {
    pub fn nothing() -> Self {
        Self {
            board: Snapshot::empty(Instant::from_secs(0)),
            own: Own::default(),
            position: None,
            ahead: None,
            refused: None,
            view: None,
        }
    }

    /// Whether the board was not there yet.
    fn is_nothing(&self) -> bool {
        self.position.is_none()
    }

    /// Keeps what the first screen shows of it for the next start.
    pub fn keep(&self, options: &Options) {
        let whole = !self.is_nothing() && !self.board.provisional && self.board.opening.is_none();
        let Some((kept, view)) = Kept::of(options).zip(self.view.as_deref()).filter(|_| whole) else {
            return;
        };
        if let Err(error) = kept.write(view, &self.board, &self.own.me) {
            tracing::warn!(error, "no opening is kept");
        }
    }

    /// Takes the next frame; true where the board is whole again.
    fn take(&mut self, frame: Frame, start: Option<&str>) -> bool {
        let publication = match frame {
            Frame::Own(own) => {
                if let Some(own) = own {
                    self.own = *own;
                }
                return true;
            }
            Frame::Reset(publication) => {
                self.board = Snapshot::empty(Instant::from_secs(0));
                publication
            }
            Frame::More(publication) => publication,
        };
        self.position = start.map(|start| format!("{start}-{}", publication.number()));
        self.board = publication.onto(&self.board);
        false
    }

    /// The board as it is shown to who runs this.
    fn shown(&self, options: &Options) -> Snapshot {
        let mut seen = self.board.clone();
        if let Some(person) = &self.own.me.person {
            seen = seen.seen_by(person, &self.own.personal);
        }
        let place = format!("served at {}", options.at).into();
        let read_only = options.read_only || seen.read_only;
        let clock = self.ahead.or(seen.clock);
        let accounts = options.accounts();
        Snapshot { place, read_only, served: true, accounts, clock, me: self.own.me.clone(), ..seen }
    }
}

/// How far the clock of this machine is ahead of the service's, as it says the time with its answer.
fn ahead(headers: &HeaderMap, options: &Options) -> Option<i64> {
    let said = headers.get(header::DATE)?.to_str().ok()?;
    let theirs = chrono::DateTime::parse_from_rfc2822(said).ok()?.timestamp();
    let ahead = options.clock.now().secs() - theirs;
    (options.clock.is_told() && ahead.abs() >= OFF).then_some(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::{
        Clock,
        remote::{At, Credential, Own},
    };

    #[test]
    fn the_clock_here_is_compared_with_the_services() {
        let noon: Instant = "2026-11-24T12:00:00Z".parse().unwrap();
        let rows = [
            ("the same", "Tue, 24 Nov 2026 12:00:00 GMT", None),
            ("a moment on the way", "Tue, 24 Nov 2026 11:59:50 GMT", None),
            ("an hour ahead", "Tue, 24 Nov 2026 11:00:00 GMT", Some(3600)),
            ("a minute behind", "Tue, 24 Nov 2026 12:01:00 GMT", Some(-60)),
            ("nothing to read", "noon", None),
        ];
        for (row, said, want) in rows {
            let clock = crate::hub::clock::Hand::at(noon).1;
            let options = Options {
                at: At::Url("https://example.org".into()),
                ca: None,
                credential: Credential::Kernel,
                clock,
                read_only: false,
                unsent: None,
                own: Own::none(),
                cache: None,
                opening: false,
                follow: true,
            };
            let headers = HeaderMap::from_iter([(header::DATE, said.parse().unwrap())]);
            assert_eq!(ahead(&headers, &options), want, "{row}");
            let made_up = Options { clock: Clock::Fixed(noon.plus(7200)), ..options };
            assert_eq!(ahead(&headers, &made_up), None, "{row}: a clock that stands is not off");
        }
    }
}
