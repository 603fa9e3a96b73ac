//! The board in PostgreSQL: the same promises as in a file, kept for several processes on several hosts.
//!
//! Plain SQL, so that an engine that speaks the protocol will do. Every commit locks the one row of `head`, compares the sequence
//! and moves it on, in one transaction. What was asked when the connection broke is asked again on another one; a commit that was
//! being confirmed then is looked for by its name, under the same lock, so that it is done once or not at all.
//!
//! The client is tokio-postgres: the protocol in Rust by the author of the `postgres` crate, without a pool, macros or a runtime of
//! its own, eleven small crates beside what was here. The `postgres` crate itself wraps it in a runtime that may not be entered from
//! the hub's; sqlx brings a pool, its own rows and 30 crates for what are twenty statements. Either way one thread writes.

mod address;
mod lease;
mod link;
mod listen;
mod open;
mod read;
mod replicas;
mod texts;
mod tls;
mod whole;
mod write;

use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use self::link::{Link, Side, Tried, Trouble, big, count, get};
pub(super) use self::listen::Listening;
pub use self::{address::Address, lease::Lease};
use super::{Fault, Mode, OpenOptions, Result, Seq, StoreError, chance::random};

const LOOK: &str = "look at the board";
/// Between two tries to reach a database.
const PAUSE: Duration = Duration::from_millis(100);

/// A board in a schema of a PostgreSQL database.
#[derive(Debug)]
pub struct Postgres {
    link: RefCell<Option<Link>>,
    side: Arc<Side>,
    address: Address,
    /// The address as messages name it.
    named: PathBuf,
    mode: Mode,
    patience: Duration,
    /// Where the board stood when it was last looked at or written.
    seen: RefCell<(String, Seq)>,
    /// The database's time in milliseconds since 1970, and when it was asked.
    time: Cell<Option<(Instant, i64)>>,
    lease: lease::Shared,
    /// All patience was in vain: until it is reached again, nobody waits for it any more.
    down: Cell<bool>,
}

impl Postgres {
    pub(super) fn open(address: &Address, options: &OpenOptions) -> Result<Self> {
        let named = PathBuf::from(&address.shown);
        let failed = |fault: Fault| StoreError::new(super::open::OPEN, &named, fault);
        let side = Side::start().map_err(|error| failed(error.into()))?;
        let me =
            random::<8>().map_err(|error| failed(Fault::Io(std::io::Error::other(error.to_string()))))?;
        let store = Self {
            link: RefCell::default(),
            side,
            address: address.clone(),
            named: named.clone(),
            mode: options.mode,
            patience: options.patience,
            seen: RefCell::default(),
            time: Cell::new(None),
            lease: lease::Shared::new(u64::from_be_bytes(me)),
            down: Cell::new(false),
        };
        store.run(super::open::OPEN, |link| open::prepare(link, &store.address.schema, options.mode))?;
        store.head()?;
        Ok(store)
    }

    /// The address without its password, as a path for messages.
    pub(super) fn named(&self) -> &Path {
        &self.named
    }

    /// The database's time now, in milliseconds since 1970.
    pub(super) fn time(&self) -> Option<i64> {
        let (asked, at) = self.time.get()?;
        Some(at.saturating_add(i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX)))
    }

    /// What was asked before `asked` was answered with this time.
    fn told_time(&self, asked: Instant, at: i64) {
        // Half of the way there and back: never later than it is.
        self.time.set(Some((asked + asked.elapsed() / 2, at)));
    }

    /// Does something on a connection that works, anew on another one where it breaks, as long as patience lasts. Only for what may
    /// be done twice.
    fn run<T>(&self, operation: &'static str, work: impl Fn(&Link) -> Tried<T>) -> Result<T> {
        let until = Instant::now() + self.patience;
        loop {
            let tried = self.connected().and_then(|()| match &*self.link.borrow() {
                Some(link) => work(link).inspect_err(|trouble| {
                    if !matches!(trouble, Trouble::Lost(_)) {
                        link.undo();
                    }
                }),
                None => Err(Trouble::Lost("it is not connected".to_owned())),
            });
            match tried {
                Ok(done) => return Ok(done),
                Err(trouble) => self
                    .after(trouble, until)
                    .map_err(|fault| StoreError::new(operation, &self.named, fault))?,
            }
        }
    }

    /// Makes the connection where there is none.
    fn connected(&self) -> Tried<()> {
        let mut link = self.link.borrow_mut();
        if link.is_none() {
            *link = Some(Link::make(&self.side, &self.address, self.mode)?);
            self.down.set(false);
        }
        Ok(())
    }

    /// Waits a moment before another try, where one may do and there is time for it.
    fn after(&self, trouble: Trouble, until: Instant) -> std::result::Result<(), Fault> {
        match trouble {
            Trouble::Fault(fault) => return Err(fault),
            Trouble::Lost(ref why) => {
                tracing::warn!(board = %self.address, why, "the connection to the database is lost");
                *self.link.borrow_mut() = None;
            }
            Trouble::Again => {}
        }
        if self.down.get() || Instant::now() >= until {
            self.down.set(matches!(trouble, Trouble::Lost(_)));
            return Err(trouble.fault());
        }
        thread::sleep(PAUSE);
        Ok(())
    }

    fn may_write(&self, operation: &'static str) -> Result<()> {
        match self.mode {
            Mode::Read => Err(StoreError::new(operation, &self.named, Fault::ReadOnly)),
            Mode::Make | Mode::Write | Mode::Move => Ok(()),
        }
    }

    pub(super) fn changed_elsewhere(&mut self) -> Result<bool> {
        let asked = Instant::now();
        let (lineage, seq, at) = self.run(LOOK, |link| {
            let row = link.first(&format!("SELECT lineage, seq, {NOW} FROM head"), &[])?;
            let row = row.ok_or_else(gone)?;
            Ok((get::<String>(&row, 0)?, count(&row, 1)?, get(&row, 2)?))
        })?;
        self.told_time(asked, at);
        let now = (lineage, seq);
        Ok(self.seen.replace(now.clone()) != now)
    }

    /// Whether this connection's role made the board: then it is theirs, as a file is its owner's.
    pub(super) fn is_own(&self) -> Result<bool> {
        self.run(LOOK, |link| {
            let sql = "SELECT pg_catalog.pg_get_userbyid(relowner) = current_user FROM pg_catalog.pg_class
                       WHERE oid = 'head'::regclass";
            link.first(sql, &[])?.map_or(Ok(false), |row| get(&row, 0))
        })
    }
}

/// The database's time in milliseconds.
const NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

fn gone() -> Trouble {
    Fault::Corrupt("what it says of itself is gone".to_owned()).into()
}

/// Runs statements in the schema of a board, past every rule, as somebody with the database's own tools would.
#[cfg(test)]
pub(super) fn by_hand(address: &Address, sql: &str) {
    let side = Side::start().unwrap();
    Link::make(&side, address, Mode::Write).unwrap().batch(sql).unwrap();
}
