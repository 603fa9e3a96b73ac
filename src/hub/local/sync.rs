//! Pulling sources: one pull of each at a time, none waits for another, one that fails hides nothing.
//!
//! When to pull and who waits for it is decided here; what a pull brings is compared and committed by the hub.

use std::collections::BTreeSet;

use futures::{FutureExt, StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};

use super::pulse::{Memory, Pulse};
use crate::{
    hub::Reply,
    model::{Fault, Instant, SourceId},
    source::{Pull, PullError, Source, feed::Feed},
    store::Cursor,
    wire::{Problem, ProblemKind, SourceHealth},
};

/// A source as it is configured.
pub struct Configured {
    /// `board file`, `icalendar`.
    pub kind: &'static str,
    /// Seconds between two pulls.
    pub every: i64,
    /// Seconds after which what was read counts as old.
    pub max_age: i64,
    pub feed: Feed,
}

impl std::fmt::Debug for Configured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never its address or credentials.
        write!(f, "{} {}", self.kind, self.feed.id())
    }
}

/// A source with its state.
struct Track {
    pulse: Pulse,
    /// Away while it is being pulled.
    feed: Option<Feed>,
}

/// Somebody who asked for pulls and waits for their end.
struct Waiting {
    left: BTreeSet<usize>,
    wrong: Vec<String>,
    reply: Reply<()>,
}

/// All sources of a hub.
#[derive(Default)]
pub struct Sync {
    tracks: Vec<Track>,
    pulls: FuturesUnordered<LocalBoxFuture<'static, Ended>>,
    waiting: Vec<Waiting>,
}

/// A pull that ended.
pub struct Ended {
    at: usize,
    feed: Feed,
    result: Result<Pull, PullError>,
}

impl Sync {
    #[must_use]
    pub fn new(sources: Vec<Configured>) -> Self {
        let tracks = sources.into_iter().map(|source| Track {
            pulse: Pulse::new(source.feed.id().clone(), source.kind, source.every, source.max_age),
            feed: Some(source.feed),
        });
        Self { tracks: tracks.collect(), ..Self::default() }
    }

    /// Takes over what the board remembers of a source. One that is configured no more is passed over.
    pub fn remember(&mut self, cursor: &Cursor) {
        let memory = serde_json::from_slice::<Memory>(&cursor.json);
        let track = self.tracks.iter_mut().find(|track| track.pulse.id.as_str() == cursor.source);
        if let (Ok(memory), Some(track)) = (memory, track) {
            track.pulse.remember(memory);
        }
    }

    /// When the next pull is due.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.tracks.iter().filter(|track| track.feed.is_some()).map(|track| track.pulse.due()).min()
    }

    /// When a source turns old unless it is read again.
    #[must_use]
    pub fn turns_old(&self, now: Instant) -> Option<Instant> {
        self.tracks.iter().filter_map(|track| track.pulse.turns_old()).filter(|at| *at > now).min()
    }

    /// Begins every pull that is due.
    pub fn pull_due(&mut self, now: Instant) {
        for at in 0..self.tracks.len() {
            if self.tracks[at].pulse.due() <= now {
                self.pull(at);
            }
        }
    }

    /// Begins the pull of one source, or of all, and answers when it has ended.
    pub fn pull_now(&mut self, source: Option<&SourceId>, reply: Reply<()>) {
        let asked: BTreeSet<usize> = (0..self.tracks.len())
            .filter(|at| source.is_none_or(|source| *source == self.tracks[*at].pulse.id))
            .collect();
        if let (Some(source), true) = (source, asked.is_empty()) {
            let problem = Problem::new(ProblemKind::NotFound, format!("there is no source {source}"))
                .hint("`quorate sync` without a name pulls all; `quorate config show` lists them");
            let _ = reply.send(Err(problem));
            return;
        }
        asked.iter().for_each(|at| self.pull(*at));
        self.waiting.push(Waiting { left: asked, wrong: Vec::new(), reply });
        self.answer();
    }

    fn pull(&mut self, at: usize) {
        let track = &mut self.tracks[at];
        let Some(mut feed) = track.feed.take() else { return };
        let cursor = track.pulse.memory.cursor.clone();
        let pull = async move {
            let result = feed.pull(cursor.as_deref().map(str::as_bytes)).await;
            Ended { at, feed, result }
        };
        self.pulls.push(pull.boxed_local());
    }

    /// The next pull that ends; never while none runs.
    pub async fn next(&mut self) -> Ended {
        match self.pulls.next().await {
            Some(ended) => ended,
            None => std::future::pending().await,
        }
    }

    /// Takes the source back and says what it brought.
    pub fn ended(&mut self, ended: Ended) -> (usize, Result<Pull, PullError>) {
        self.tracks[ended.at].feed = Some(ended.feed);
        (ended.at, ended.result)
    }

    pub fn pulse(&mut self, at: usize) -> &mut Pulse {
        &mut self.tracks[at].pulse
    }

    /// Tells everybody who waited for this pull how it ended.
    pub fn settled(&mut self, at: usize, wrong: Option<String>) {
        for waiting in &mut self.waiting {
            if waiting.left.remove(&at) {
                waiting.wrong.extend(wrong.clone());
            }
        }
        self.answer();
    }

    fn answer(&mut self) {
        for done in self.waiting.extract_if(.., |waiting| waiting.left.is_empty()) {
            let answer = if done.wrong.is_empty() {
                Ok(())
            } else {
                Err(Problem::new(ProblemKind::Unreachable, done.wrong.join("; "))
                    .hint("what was read before is still shown"))
            };
            let _ = done.reply.send(answer);
        }
    }

    #[must_use]
    pub fn health(&self, now: Instant) -> Vec<SourceHealth> {
        self.tracks.iter().map(|track| track.pulse.health(now)).collect()
    }

    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.tracks.iter().flat_map(|track| &track.pulse.memory.faults)
    }
}
