//! The index that lies beside a board: left by who wrote to it once it is closed, kept as the board is by the process that leads
//! while it is open, and examined for who asks whether it is right.
//!
//! It is of this very program and of the board as it stands: lineage, sequence and end of the log. Whoever leaves it has walked
//! over the whole record, and says what the file system said of the board's file and its log meanwhile.

use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::time::Instant as Moment;

use super::{cache::key, load, problem, proof::Proof, serve::Server};
use crate::{
    ledger::{Ledger, log},
    model::Instant,
    projection::{Live, reach::Reach},
    store::{self, CommittedRow, Head, Seq, StartCache, Store},
    wire::Problem,
};

/// While a board is open its index is made anew when so long nothing was committed: who votes twice waits for none of it.
const QUIET: Duration = Duration::from_secs(2);

/// Of the time, one part in so many at most goes by with making it, on a thread of its own: 0.13 s of a board with 100,000
/// activities is made no more often than every three seconds.
const SHARE: u32 = 20;

/// After something that could not be read it is tried again so much later.
const REST: Duration = Duration::from_secs(30);

/// What stands before the index that lies beside the board.
#[derive(Serialize, Deserialize)]
pub(super) struct Stamp {
    /// The board's file and its log as they lay when it was left.
    pub lies: String,
    /// The newest time of any event.
    pub newest: Option<Instant>,
}

/// The index beside a board, where it is of this program and of this commit; of the file as it lies is for who asks to see.
pub(super) fn read(cache: &StartCache, head: &Head) -> Option<(Stamp, Reach)> {
    let bytes = cache.load(&key(head))?;
    let (stamp, reach): (Stamp, _) = postcard::take_from_bytes(&bytes).ok()?;
    Some((stamp, postcard::from_bytes(reach).ok()?))
}

/// An index that is to be left.
pub(super) struct Leaving {
    to: To,
    reach: Vec<u8>,
}

/// Where an index is left, and of what it is.
struct To {
    cache: StartCache,
    key: Vec<u8>,
    newest: Option<Instant>,
    seq: Seq,
}

/// The index while the board is open.
#[derive(Debug, Default)]
pub struct Index {
    /// The newest commit, and since when it is.
    seen: Option<(Commit, Moment)>,
    /// The commit of which it was made, or tried to be.
    made: Option<Commit>,
    /// Not made before.
    rest: Option<Moment>,
    under_way: Option<JoinHandle<(Made, Duration)>>,
    /// The board's file and its log, of which the one that was left is.
    lies: Option<String>,
}

/// A commit, by its number and the end of the log.
type Commit = (Seq, store::Hash);

/// What became of making an index.
#[derive(Debug)]
enum Made {
    /// It lies there, of the board's file and log as they lie.
    Left(String),
    /// Somebody wrote meanwhile, or it could not be written.
    Not,
    /// Of this board there is none.
    Never,
}

impl Index {
    /// Waits for the one that is under way.
    pub(super) fn end(&mut self) {
        let Some(making) = self.under_way.take() else { return };
        let (made, took) = making.join().unwrap_or((Made::Never, REST));
        self.rest = Some(Moment::now() + took * SHARE);
        match made {
            Made::Left(lies) => self.lies = Some(lies),
            Made::Not => self.made = None,
            Made::Never => self.lies = None,
        }
    }

    fn is_under_way(&self) -> bool {
        self.under_way.as_ref().is_some_and(|making| !making.is_finished())
    }
}

impl Server {
    fn commit_now(&self) -> Commit {
        (self.head.seq, self.head.hash)
    }

    /// Where this process keeps the index: that which leads does, of a board in a file that is read whole and holds.
    fn keeps_index(&self) -> Option<StartCache> {
        let whole = self.part.is_none() && self.live.is_readable() && self.proof.broken().is_none();
        let keeps = self.options.follow && !self.options.read_only && self.leads() && whole;
        self.store.start_cache().filter(|_| keeps).map(|cache| cache.derived())
    }

    /// When the index is to be made anew.
    pub(super) fn index_due(&mut self) -> Option<Moment> {
        let commit = self.commit_now();
        let since = match self.index.seen {
            Some((seen, since)) if seen == commit => since,
            Some(_) | None => self.index.seen.insert((commit, Moment::now())).1,
        };
        if self.index.made == Some(commit) || self.keeps_index().is_none() {
            return None;
        }
        // What others wrote is walked over first.
        let proved = self.proof.due().map(|due| due + QUIET);
        [Some(since + QUIET), self.index.rest, proved].into_iter().flatten().max()
    }

    /// Makes the index anew on a thread of its own, where the board still is what this process knows.
    pub(super) fn renew_index(&mut self) {
        let Some(cache) = self.keeps_index() else { return };
        if self.index.is_under_way() {
            self.index.rest = Some(Moment::now() + QUIET);
            return;
        }
        self.index.end();
        if self.index.rest.is_some_and(|rest| rest > Moment::now()) {
            return;
        }
        // As it lies now, then whether somebody wrote: whoever does later makes it lie otherwise.
        let (lies, before) = (cache.as_it_lies(), self.commit_now());
        self.follow();
        if self.stuck.is_some() {
            self.index.rest = Some(Moment::now() + REST);
            return;
        }
        if self.commit_now() != before || self.proof.due().is_some() {
            return;
        }
        self.index.made = Some(before);
        let (to, ledger) = (self.to(cache), Arc::clone(&self.live.ledger));
        let head = self.head.clone();
        let make = move || {
            let there = read(&to.cache, &head).is_some_and(|(stamp, _)| stamp.lies == lies);
            if there {
                return Made::Left(lies);
            }
            let reach = bytes(&ledger);
            // A commit that comes now need not spare it.
            drop(ledger);
            let Some(reach) = reach else { return Made::Never };
            match (Leaving { to, reach }).save(Some(&lies)) {
                Ok(Some(lies)) => Made::Left(lies),
                Ok(None) => Made::Not,
                Err(error) => {
                    tracing::warn!(%error, "no index of the board is kept");
                    Made::Never
                }
            }
        };
        let timed = move || {
            let began = Moment::now();
            (make(), began.elapsed())
        };
        match thread::Builder::new().name("index".to_owned()).spawn(timed) {
            Ok(making) => self.index.under_way = Some(making),
            Err(error) => tracing::warn!(%error, "no thread for the index of the board"),
        }
    }

    /// Whether the board's file still lies as when the index was left: what is no commit, as unsent text, moves it too.
    pub(super) fn look_at_index(&mut self) {
        if self.index.is_under_way() {
            return;
        }
        self.index.end();
        let lies = self.keeps_index().map(|cache| cache.as_it_lies());
        if self.index.lies.is_some() && self.index.lies != lies {
            self.index.made = None;
        }
    }

    fn to(&self, cache: StartCache) -> To {
        To { cache, key: key(&self.head), newest: self.proof.newest(), seq: self.head.seq }
    }

    /// The index of the board as it stands, to be left beside it: of one that was read whole, and holds. It is made while
    /// something else is done that only looks.
    pub(super) fn derived(&mut self, meanwhile: impl FnOnce(&Self)) -> Option<Leaving> {
        let whole = self.part.is_none() && self.live.is_readable();
        // What somebody else wrote and nobody here has walked over is vouched for by nobody.
        let walked = self.proof.due().is_none() && matches!(self.store.changed_elsewhere(), Ok(false));
        let holds = !self.options.read_only && whole && walked && self.proof.broken().is_none();
        let Some(cache) = self.store.start_cache().filter(|_| holds) else {
            meanwhile(self);
            return None;
        };
        let ledger = Arc::clone(&self.live.ledger);
        let beside = thread::Builder::new().name("index".to_owned()).spawn(move || bytes(&ledger));
        meanwhile(self);
        let reach = beside.ok()?.join().ok()??;
        Some(Leaving { to: self.to(cache.derived()), reach })
    }

    /// Closes the board, and leaves its index; a failure costs the next question some time and nothing else.
    pub(super) fn close_and_leave(self, leaving: Option<Leaving>) {
        // What the file system says of the file is known once it is closed.
        drop(self);
        let Some(leaving) = leaving else { return };
        if let Err(error) = leaving.save(None) {
            tracing::warn!(%error, "no index of the board is kept");
        }
    }
}

fn bytes(ledger: &Ledger) -> Option<Vec<u8>> {
    postcard::to_stdvec(&Reach::of(ledger)?).ok()
}

impl Leaving {
    /// Leaves it where nobody writes meanwhile, and nobody wrote since the board lay like that; of what it is then.
    fn save(self, lay: Option<&str>) -> io::Result<Option<String>> {
        let Self { to: To { cache, key, newest, seq }, reach } = self;
        let Some(lies) = cache.as_it_stays() else { return Ok(None) };
        // Somebody else was faster: theirs is another board.
        if lay.is_some_and(|lay| lay != lies) || cache.commits() != Some(seq) {
            return Ok(None);
        }
        let stamp = Stamp { lies, newest };
        let mut blob = postcard::to_stdvec(&stamp).map_err(io::Error::other)?;
        blob.extend_from_slice(&reach);
        cache.save(&key, &blob)?;
        Ok(Some(stamp.lies))
    }
}

/// What lies beside a board as its index, held against one that was made from nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lies {
    /// Beside a board that is in no file nothing lies.
    Nowhere,
    Nothing,
    /// It is of another commit or of another program, or it is damaged: nobody reads it.
    Other,
    /// The board's file was touched since, by what is no commit: nobody reads it.
    Touched,
    /// It says the same of so many changes and releases.
    Same(usize),
    /// It does not, and in what.
    Differs(Vec<String>),
}

/// Makes the index of a board from nothing and holds the one that lies beside it against it. Nothing is written.
///
/// # Errors
/// When the store cannot be read.
pub fn examine(store: &Store, now: Instant) -> Result<Lies, Problem> {
    let Some(cache) = store.start_cache().map(|cache| cache.derived()) else { return Ok(Lies::Nowhere) };
    if !cache.is_there() {
        return Ok(Lies::Nothing);
    }
    let lies = cache.as_it_lies();
    let (mut live, mut proof) = (Live::default(), Proof::default());
    let see = |entry| match entry {
        CommittedRow::Record(row) => live.take_record(load::record(&row)),
        CommittedRow::Event(row) => {
            let read = load::event(&row);
            proof.take(&row, &read);
            if let Ok(entry) = read {
                live.take_event(entry);
            }
        }
        CommittedRow::Cursor(..) | CommittedRow::Outbox(..) => {}
    };
    let head = store.since(0, see).map_err(problem)?;
    let Some((stamp, there)) = read(&cache, &head) else { return Ok(Lies::Other) };
    if stamp.lies != lies || cache.as_it_lies() != lies {
        return Ok(Lies::Touched);
    }
    live.taken(log::Head { n: head.events, hash: head.hash });
    Arc::make_mut(&mut live.ledger).refresh(now);
    let Some(anew) = Reach::of(&live.ledger).filter(|_| live.is_readable()) else {
        return Ok(Lies::Differs(vec!["of this board there should be none".to_owned()]));
    };
    let mut said = there.differs(&anew);
    if stamp.newest != proof.newest() {
        said.push("the time of the newest event".to_owned());
    }
    Ok(if said.is_empty() { Lies::Same(there.items()) } else { Lies::Differs(said) })
}
