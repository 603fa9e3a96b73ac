//! Pulling sources and writing to them: one thing with each at a time, none waits for another, one that fails hides nothing.
//!
//! When to pull and who waits for it is decided here; what a pull brings is compared and committed by the hub, and what
//! is to be written comes from its outbox.

use std::collections::{BTreeMap, BTreeSet};

use futures::{FutureExt, StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};

use super::source_health::{Health, Memory};
use crate::{
    calendar::Zone,
    hub::Reply,
    model::{Fault, Instant, Line, SourceId, Stored},
    source::{Capabilities, Mark, Pull, PullError, Pushed, Source, Terms, Write},
    store::{self, Cursor},
    wire::{Actor, Problem, ProblemKind, SourceHealth},
};

/// How long the end of the program waits for a source that is away, and for what is ended there.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(1);

/// A source as it is configured.
pub struct Configured {
    /// `board file`, `icalendar`, `servicenow` …
    pub kind: &'static str,
    /// I have a credential of my own there.
    pub me: bool,
    /// Seconds between two pulls.
    pub every: i64,
    /// Seconds after which what was read counts as old.
    pub max_age: i64,
    /// Its settings without credentials, under a hash: hosts that share a board compare it.
    pub likeness: String,
    pub source: Box<dyn Source>,
}

impl std::fmt::Debug for Configured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never its address or credentials.
        write!(f, "{} {}", self.kind, self.source.id())
    }
}

/// A source with its state.
struct Track {
    health: Health,
    able: Capabilities,
    me: bool,
    likeness: String,
    /// Away while it is being pulled or written to.
    source: Option<Box<dyn Source>>,
    /// Somebody asked for it: to be pulled as soon as it is back.
    wanted: bool,
    /// Who says of the pull that is wanted that far fewer records are right.
    accept: Option<Actor>,
    /// Somebody gave its long read up.
    given_up: bool,
    /// It went away with something that may have to be ended there.
    holds: bool,
    /// Its pull ended, well or with these words; said once nothing is under way with it.
    ending: Option<Option<String>>,
}

/// Somebody who asked for pulls and waits for their end.
struct Waiting {
    left: BTreeSet<usize>,
    wrong: Vec<String>,
    reply: Reply<()>,
}

/// All sources of a hub.
#[derive(Default)]
pub struct Sources {
    tracks: Vec<Track>,
    under_way: FuturesUnordered<LocalBoxFuture<'static, Ended>>,
    waiting: Vec<Waiting>,
    /// The zone of the board, where its rules name one; none before they are read.
    zone: Option<Option<Zone>>,
    /// Those that take the place of all, once nothing is under way.
    following: Option<Vec<Configured>>,
    /// Those before, as they end what they hold open.
    leaving: FuturesUnordered<LocalBoxFuture<'static, ()>>,
}

/// Something with a source that ended.
pub struct Ended {
    at: usize,
    source: Box<dyn Source>,
    what: What,
}

/// What ended, and how.
pub enum What {
    /// A pull, with who said that far fewer records are right, where somebody did.
    Pulled(Result<Pull, PullError>, Option<Actor>),
    /// An item was read anew, before this write about it is sent.
    Looked(Write, Result<Vec<Stored>, PullError>),
    Pushed(Write, Pushed),
    /// It was looked whether a write is there that its author's own session says it sent, and where.
    Found(Write, Result<Option<Line>, PullError>),
}

/// A seed that no other process has.
fn chance() -> u64 {
    // Without chance the waits are those of every board without it: no harm but a crowd.
    store::random().map_or(0, u64::from_le_bytes)
}

impl Sources {
    #[must_use]
    pub fn new(sources: Vec<Configured>) -> Self {
        let tracks = sources.into_iter().map(|source| {
            let able = source.source.capabilities();
            let id = source.source.id().clone();
            let mut health = Health::new(id, source.kind, source.every, source.max_age, chance());
            health.votes = able.votes.err();
            health.comments = able.comments.err();
            health.dates = able.dates.err();
            health.holds = able.holds.err();
            Track {
                health,
                able,
                me: source.me,
                likeness: source.likeness,
                source: Some(source.source),
                wanted: false,
                accept: None,
                given_up: false,
                holds: false,
                ending: None,
            }
        });
        Self { tracks: tracks.collect(), ..Self::default() }
    }

    /// Sources that take the place of all there are as soon as nothing is under way with one of those; none begins meanwhile.
    pub fn follow_with(&mut self, sources: Vec<Configured>) {
        self.following = Some(sources);
    }

    /// Whether the sources that follow have come: what the board remembers of each is to be told to them.
    pub fn followed(&mut self) -> bool {
        if !self.under_way.is_empty() || !self.waiting.is_empty() {
            return false;
        }
        let Some(sources) = self.following.take() else { return false };
        let before = std::mem::replace(self, Self::new(sources));
        self.leaving.push(before.close().boxed_local());
        true
    }

    /// What the settings of each are, under a hash, by its name.
    pub fn likenesses(&self) -> BTreeMap<String, String> {
        self.tracks.iter().map(|track| (track.health.id.to_string(), track.likeness.clone())).collect()
    }

    /// Their names.
    pub fn ids(&self) -> Vec<SourceId> {
        self.tracks.iter().map(|track| track.health.id.clone()).collect()
    }

    /// Takes over what the board remembers of a source. One that is configured no more is passed over.
    pub fn remember(&mut self, cursor: &Cursor) {
        let track = self.tracks.iter_mut().find(|track| track.health.id.as_str() == cursor.source);
        let Some(track) = track else { return };
        match serde_json::from_slice::<Memory>(&cursor.json) {
            Ok(memory) => track.health.remember(memory),
            Err(error) => {
                tracing::error!(source = %track.health.id, %error, "what the board remembers of it cannot be read");
                track.health.forget(&error.to_string());
            }
        }
    }

    /// When the next pull is due.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        if self.following.is_some() {
            return None;
        }
        let home = self.tracks.iter().filter(|track| track.source.is_some());
        home.filter(|track| !track.health.is_unreadable()).map(|track| track.health.due()).min()
    }

    /// When a source turns old unless it is read again.
    #[must_use]
    pub fn turns_old(&self, now: Instant) -> Option<Instant> {
        self.tracks.iter().filter_map(|track| track.health.turns_old()).filter(|at| *at > now).min()
    }

    /// Begins every pull that is due.
    pub fn pull_due(&mut self, now: Instant) {
        if self.following.is_some() {
            return;
        }
        for at in 0..self.tracks.len() {
            if self.tracks[at].health.due() <= now && !self.tracks[at].health.is_unreadable() {
                self.pull(at, None, now);
            }
        }
    }

    /// The zone of the board, by which sources read from now on; where it is another, they are read anew soon.
    pub fn set_zone(&mut self, zone: Option<Zone>, now: Instant) {
        if self.zone.replace(zone).is_some_and(|before| before != zone) {
            self.tracks
                .iter_mut()
                .filter(|track| track.health.memory.cursor.is_some())
                .for_each(|track| track.health.hasten(now));
        }
    }

    /// What a source can take, and whether I have a credential of my own there.
    #[must_use]
    pub fn able(&self, source: &SourceId) -> Option<(&Capabilities, bool)> {
        self.tracks.iter().find(|track| track.health.id == *source).map(|track| (&track.able, track.me))
    }

    /// By which the credential of a source is told from others, where it is here and that is known.
    #[must_use]
    pub fn credential(&self, source: &SourceId, own: bool) -> Option<Mark> {
        let track = self.tracks.iter().find(|track| track.health.id == *source)?;
        track.source.as_ref()?.credential(own)
    }

    /// Has a source read again soon, because something was written to it.
    pub fn hasten(&mut self, source: &SourceId, now: Instant) {
        if let Some(track) = self.tracks.iter_mut().find(|track| track.health.id == *source) {
            track.health.hasten(now);
        }
    }

    /// Whether a source is here, free to be written to.
    #[must_use]
    pub fn is_home(&self, source: &SourceId) -> bool {
        self.following.is_none()
            && self.tracks.iter().any(|track| track.health.id == *source && track.source.is_some())
    }

    /// Reads an item anew before what depends on it is sent.
    pub fn look(&mut self, source: &SourceId, write: Write) {
        self.start(source, |mut source, at| async move {
            let found = source.look(&write.item).await;
            Ended { at, source, what: What::Looked(write, found) }
        });
    }

    /// Looks whether a write is there.
    pub fn find(&mut self, source: &SourceId, write: Write) {
        self.start(source, |mut source, at| async move {
            let found = source.written(&write).await;
            Ended { at, source, what: What::Found(write, found) }
        });
    }

    pub fn push(&mut self, source: &SourceId, write: Write) {
        self.start(source, |mut source, at| async move {
            let pushed = source.push(&write).await;
            Ended { at, source, what: What::Pushed(write, pushed) }
        });
    }

    fn start<F: Future<Output = Ended> + 'static>(
        &mut self,
        id: &SourceId,
        work: impl FnOnce(Box<dyn Source>, usize) -> F,
    ) {
        let at = self.tracks.iter().position(|track| track.health.id == *id);
        if let Some(at) = at
            && let Some(source) = self.tracks[at].source.take()
        {
            self.tracks[at].holds = source.holds();
            self.under_way.push(work(source, at).boxed_local());
        }
    }

    /// Gives up every long read: what was read so far stays, the next pull goes on from there.
    pub fn cancel(&mut self, now: Instant) {
        for track in &mut self.tracks {
            track.wanted = false;
            track.accept = None;
            if track.health.progress.take().is_some() {
                track.given_up = true;
                track.health.rest(now);
            }
        }
        for waiting in self.waiting.drain(..) {
            let _ = waiting.reply.send(Err(Problem::new(ProblemKind::No, "given up; what was read is kept")));
        }
    }

    /// Begins the pull of one source, or of all, and answers when it has ended. `accept`: who says that far fewer records
    /// are right.
    pub fn pull_now(
        &mut self,
        source: Option<&SourceId>,
        accept: Option<Actor>,
        now: Instant,
        reply: Reply<()>,
    ) {
        let asked: BTreeSet<usize> = (0..self.tracks.len())
            .filter(|at| source.is_none_or(|source| *source == self.tracks[*at].health.id))
            .collect();
        if let (Some(source), true) = (source, asked.is_empty()) {
            let problem = Problem::new(ProblemKind::NotFound, format!("there is no source {source}"))
                .hint("`quorate sync` without a name pulls all; `quorate config show` lists them");
            let _ = reply.send(Err(problem));
            return;
        }
        asked.iter().for_each(|at| self.pull(*at, accept.clone(), now));
        self.waiting.push(Waiting { left: asked, wrong: Vec::new(), reply });
        self.answer();
    }

    fn pull(&mut self, at: usize, accept: Option<Actor>, now: Instant) {
        let track = &mut self.tracks[at];
        let Some(mut source) = track.source.take() else {
            track.wanted = true;
            track.accept = accept.or(track.accept.take());
            return;
        };
        track.wanted = false;
        let accept = accept.or(track.accept.take());
        source.agree(Terms { zone: self.zone.flatten(), fewer: accept.is_some() });
        track.holds = source.holds();
        let cursor = track.health.memory.cursor.clone();
        let pull = async move {
            let result = source.pull(cursor.as_deref().map(str::as_bytes), now).await;
            Ended { at, source, what: What::Pulled(result, accept) }
        };
        self.under_way.push(pull.boxed_local());
    }

    /// A pull brought a part: whoever waits goes on waiting, and the next part is read at once, unless it was given up.
    pub fn go_on(&mut self, at: usize, accept: Option<Actor>, now: Instant) -> bool {
        let track = &mut self.tracks[at];
        if std::mem::take(&mut track.given_up) {
            track.health.progress = None;
            track.health.rest(now);
            return false;
        }
        self.pull(at, accept, now);
        true
    }

    /// A pull ended; whoever waits is told when nothing is under way with the source.
    pub fn end(&mut self, at: usize, wrong: Option<String>) {
        self.tracks[at].given_up = false;
        self.tracks[at].ending = Some(wrong);
    }

    /// Pulls what was asked for while its source was away, where nothing was to be written to it first, and tells those who
    /// wait for sources that are done.
    pub fn settle_idle(&mut self, now: Instant) {
        for at in 0..self.tracks.len() {
            if self.tracks[at].source.is_some() && self.tracks[at].wanted {
                self.pull(at, None, now);
            }
            if self.tracks[at].source.is_some()
                && let Some(wrong) = self.tracks[at].ending.take()
            {
                self.settled(at, wrong);
            }
        }
    }

    /// The next thing that ends; never while nothing is under way.
    pub async fn next(&mut self) -> Ended {
        loop {
            tokio::select! {
                Some(ended) = self.under_way.next() => return ended,
                Some(()) = self.leaving.next() => {}
                else => std::future::pending().await,
            }
        }
    }

    /// Takes the source back and says what it did.
    pub fn ended(&mut self, ended: Ended) -> (usize, What) {
        self.tracks[ended.at].source = Some(ended.source);
        (ended.at, ended.what)
    }

    /// Ends what sources hold open there, at the end of the program. One that is away is waited for a moment.
    pub async fn close(mut self) {
        let back = async {
            while self.tracks.iter().any(|track| track.source.is_none() && track.holds) {
                let Some(ended) = self.under_way.next().await else { break };
                self.tracks[ended.at].source = Some(ended.source);
            }
        };
        let _ = tokio::time::timeout(CLOSING, back).await;
        let home = self.tracks.iter_mut().filter_map(|track| track.source.as_mut());
        let closing = home.filter(|source| source.holds()).map(|source| source.close());
        let _ = tokio::time::timeout(CLOSING, futures::future::join_all(closing)).await;
    }

    pub fn health_mut(&mut self, at: usize) -> &mut Health {
        &mut self.tracks[at].health
    }

    /// Tells everybody who waited for this pull how it ended.
    fn settled(&mut self, at: usize, wrong: Option<String>) {
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
        self.tracks.iter().map(|track| track.health.row(now)).collect()
    }

    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.tracks.iter().flat_map(|track| &track.health.memory.faults)
    }
}
