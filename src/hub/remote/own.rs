//! Votes that go to a system as the person who runs this: the service has nobody's credential, so it gives out what is this
//! person's, and here it is sent with the account of their own settings. The secret stays in this process.
//!
//! One at a time. A write is had for a time that is longer than sending may take by the bounds of its source; who is killed
//! meanwhile loses nothing, because the service looks for it then, and the next session takes it where it is not there.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    io::Write as _,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use super::{Errand, Options, send::Client};
use crate::{
    hub::protocol::{Claim, Report},
    model::{Instant, Line, SourceId},
    source::{
        Capabilities, Mark, Pushed, Source,
        late::{Late, Make},
        unusable::Unusable,
    },
    wire::{Problem, ProblemKind, Snapshot, WriteRow, WriteState},
};

/// Seconds after which a write that was not given out is asked for again, doubled each time.
const FIRST_WAIT: i64 = 5;
const LONGEST_WAIT: i64 = 600;
/// Requests that sending one write may take: it is looked for, whose credential it is, sent, and read again.
const REQUESTS: i64 = 4;

/// The accounts of who runs this, by their settings.
#[derive(Clone)]
pub struct Own {
    pub accounts: Arc<Vec<Account>>,
    /// Where what is drawn for this user once is kept; `None` where there is nowhere.
    pub folder: Option<PathBuf>,
}

/// How a source is made, as [`Late`] needs it; asked when something is to be sent.
pub type How = Arc<dyn Fn() -> Result<(Capabilities, Make), String> + Send + Sync>;

/// An account of who runs this in a system.
pub struct Account {
    pub source: SourceId,
    /// Seconds that one answer of the system may take.
    pub patience: i64,
    /// Says what the system takes, and how its source is made; or what is wrong in the settings.
    pub how: How,
}

impl Own {
    /// Nobody's.
    #[must_use]
    pub fn none() -> Self {
        Self { accounts: Arc::default(), folder: None }
    }

    /// The sources there is an account for.
    #[must_use]
    pub fn sources(&self) -> BTreeSet<SourceId> {
        self.accounts.iter().map(|account| account.source.clone()).collect()
    }

    /// Drawn once for this user: by it the service is told one credential from another, and nothing of either.
    fn key(&self) -> [u8; 32] {
        // Where it cannot be kept, a credential that was refused is tried once more by the next session.
        let drawn = || crate::store::random().unwrap_or_default();
        let Some(folder) = &self.folder else { return drawn() };
        let file = folder.join("marks.key");
        let read = || fs::read(&file).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        read().unwrap_or_else(|| {
            let key = drawn();
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).and_then(|()| {
                let mut options = fs::File::options();
                options.create_new(true).write(true).mode(0o600).open(&file)?.write_all(&key)
            });
            match made {
                Ok(()) => key,
                // Another session of this user was first.
                Err(_) => read().unwrap_or(key),
            }
        })
    }
}

/// By which the service is told that a credential is another one; only with the key does it say of which.
fn told_apart(key: &[u8; 32], mark: Option<Mark>) -> Mark {
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(mark.map(Mark::to_le_bytes).unwrap_or_default());
    let [first, second, ..] = <[u8; 32]>::from(hash.finalize());
    Mark::from_le_bytes([first, second])
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never how a credential is had.
        f.debug_set().entries(self.accounts.iter().map(|account| &account.source)).finish()
    }
}

impl Account {
    fn made(&self) -> Box<dyn Source> {
        match (self.how)() {
            Ok((able, make)) => Box::new(Late::new(self.source.clone(), able, make)),
            Err(why) => Box::new(Unusable::new(self.source.clone(), why)),
        }
    }

    /// For how long a write is asked for.
    fn lease(&self) -> i64 {
        REQUESTS * self.patience + 1
    }
}

/// What this session knows of a write that it could not have.
struct Rest {
    failures: u32,
    until: Instant,
}

/// Sends what is this person's own.
pub struct Sender<'a> {
    options: &'a Options,
    client: &'a Client,
    sources: RefCell<BTreeMap<SourceId, Box<dyn Source>>>,
    resting: RefCell<BTreeMap<Line, Rest>>,
    key: OnceCell<[u8; 32]>,
}

impl<'a> Sender<'a> {
    #[must_use]
    pub fn new(options: &'a Options, client: &'a Client) -> Self {
        let (sources, resting, key) = (RefCell::default(), RefCell::default(), OnceCell::new());
        Self { options, client, sources, resting, key }
    }

    /// Sends what it is asked to, and where the board is followed whatever the service shows to be due; for ever.
    pub async fn serve(
        &self,
        publish: &watch::Sender<Arc<Snapshot>>,
        asked: &mut mpsc::UnboundedReceiver<Errand>,
    ) {
        let follows = self.options.follow && !self.options.read_only && !self.options.own.accounts.is_empty();
        let mut shown = publish.subscribe();
        loop {
            let seen = shown.borrow_and_update().clone();
            let now = self.options.clock.now();
            let due = self.theirs(&seen, None).into_iter().find(|row| self.is_due(row, now));
            if let Some(row) = due.filter(|_| follows) {
                self.send(&row).await;
                continue;
            }
            let next = self.theirs(&seen, None).iter().filter_map(|row| self.due_at(row)).min();
            tokio::select! {
                Some(Errand { seen, source, reply }) = asked.recv() => {
                    for row in self.theirs(&seen, source.as_ref()) {
                        self.send(&row).await;
                    }
                    let _ = reply.send(Ok(()));
                }
                Ok(()) = shown.changed(), if follows => {}
                () = self.options.clock.reach(next), if follows => {}
                else => return std::future::pending().await,
            }
        }
    }

    /// The writes that wait for an account that is here.
    fn theirs(&self, seen: &Snapshot, source: Option<&SourceId>) -> Vec<WriteRow> {
        let here = self.options.own.sources();
        let fits = |row: &&WriteRow| {
            row.own
                && row.person.is_some()
                && row.person == seen.me.person
                && row.state == WriteState::Queued
                && here.contains(&row.source)
                && source.is_none_or(|source| row.source == *source)
        };
        // What is shown of a service that is gone is not what is due there.
        let there = seen.stuck.is_none() && seen.broken.is_none() && !seen.read_only;
        seen.writes.iter().filter(|row| there && !self.options.read_only && fits(row)).cloned().collect()
    }

    /// A session asks once for what waits for its next try: its credential may be another than the one refused.
    fn due_at(&self, row: &WriteRow) -> Option<Instant> {
        self.resting
            .borrow()
            .get(&row.id)
            .map(|rest| row.next_try.map_or(rest.until, |at| at.max(rest.until)))
    }

    fn is_due(&self, row: &WriteRow, now: Instant) -> bool {
        self.due_at(row).is_none_or(|at| at <= now)
    }

    /// Takes one write, sends it, and says how that ended.
    async fn send(&self, row: &WriteRow) {
        let Some(account) = self.options.own.accounts.iter().find(|account| account.source == row.source)
        else {
            return;
        };
        let known = self.sources.borrow_mut().remove(&account.source);
        let mut source = known.unwrap_or_else(|| account.made());
        let done = self.sent(account, &mut *source, row).await;
        self.sources.borrow_mut().insert(account.source.clone(), source);
        if let Err(problem) = &done {
            tracing::warn!(write = %row.id, %problem, "a write of one's own");
        }
        // Settled ones are shown no more as waiting; whatever still waits is left alone for a while.
        let mut resting = self.resting.borrow_mut();
        let failures = resting.get(&row.id).map_or(0, |rest| rest.failures + 1);
        let wait = FIRST_WAIT.saturating_mul(1 << failures.min(10)).min(LONGEST_WAIT);
        resting.insert(row.id.clone(), Rest { failures, until: self.options.clock.now().plus(wait) });
    }

    async fn sent(&self, account: &Account, source: &mut dyn Source, row: &WriteRow) -> Result<(), Problem> {
        // Without its secret nothing is asked for: the row goes on saying that it waits.
        if let Err(error) = source.ready().await {
            return Err(Problem::new(ProblemKind::Unreachable, error.message));
        }
        let drawn = crate::store::random::<16>().map_err(|error| {
            Problem::new(ProblemKind::Unreachable, format!("this computer gives no random bytes: {error}"))
        })?;
        let (write, claim) = (row.id.to_string(), super::send::hex(&drawn));
        let key = self.key.get_or_init(|| self.options.own.key());
        let mark = told_apart(key, source.credential(true));
        let asked = Claim { write: write.clone(), claim: claim.clone(), mark, secs: account.lease() };
        let claimed = self.client.claim(&asked).await?;
        let me = row.person.as_ref();
        if claimed.write.person.as_ref() != me || !claimed.write.own || claimed.write.item != row.item {
            return Err(Problem::new(ProblemKind::Invalid, "the service gave out another write than this"));
        }
        // Given up before its time is over: from then on somebody else may have it.
        let lent = Duration::from_secs(u64::try_from(claimed.secs).unwrap_or_default()).mul_f64(0.9);
        let pushed = match timeout(lent, source.push(&claimed.write)).await {
            Ok(Pushed::Barred { words, by }) => Pushed::Barred { words, by: told_apart(key, Some(by)) },
            Ok(pushed) => pushed,
            Err(_) => Pushed::Unknown(Line::new("no answer came in time")),
        };
        self.told(&Report { write, claim, pushed }).await
    }

    /// Says how it ended, until it is heard.
    async fn told(&self, report: &Report) -> Result<(), Problem> {
        let mut wait = Duration::from_millis(200);
        loop {
            match self.client.report(report).await {
                Ok(reported) => {
                    tracing::info!(write = report.write, state = ?reported.state, "a write of one's own");
                    return Ok(());
                }
                Err(failed) if failed.answered || wait > Duration::from_secs(60) => {
                    return Err(failed.problem);
                }
                Err(_) => {}
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }

    /// Ends what is held open in systems.
    pub async fn close(&self) {
        let sources = std::mem::take(&mut *self.sources.borrow_mut());
        for (_, mut source) in sources {
            if source.holds() {
                let _ = timeout(Duration::from_secs(1), source.close()).await;
            }
        }
    }
}
