//! A connection to PostgreSQL as the synchronous store uses it.
//!
//! The client speaks on a thread of its own, which also listens and keeps the lease; who asks waits on theirs, never longer than
//! [`LONGEST`]. A connection that failed is thrown away: the next one who asks makes another.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, sync::oneshot, task::JoinHandle};
use tokio_postgres::{AsyncMessage, Client, Row, Statement, error::SqlState, types::ToSql};
use tokio_rustls::rustls;

use super::{Address, tls};
use crate::store::{Fault, Mode};

/// How long one question to the database may take.
const LONGEST: Duration = Duration::from_secs(60);

/// Why something with the database failed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The connection is gone, or could not be had: another try may do.
    Lost(String),
    /// Somebody else was in the way: the same again may do.
    Again,
    Fault(Fault),
}

pub(super) type Tried<T> = Result<T, Trouble>;

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else {
            let cause = std::error::Error::source(&error);
            let why = cause.map_or_else(|| error.to_string(), ToString::to_string);
            // Another try finds the same certificate.
            return if cause.is_some_and(is_certificate) {
                Self::Fault(Fault::NotLetIn(why))
            } else {
                Self::Lost(why)
            };
        };
        let code = said.code();
        if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
            return Self::Again;
        }
        let message = said.message().to_owned();
        let class = code.code().get(..2).unwrap_or_default();
        // It goes down, comes up, has no room for another connection, or ended this one.
        if matches!(class, "08" | "57") || *code == SqlState::TOO_MANY_CONNECTIONS {
            return Self::Lost(message);
        }
        Self::Fault(match class {
            "28" => Fault::NotLetIn(message),
            "3D" => Fault::NotOurs(message),
            _ if *code == SqlState::DISK_FULL => Fault::DiskFull,
            _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Fault::ReadOnly,
            _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => Fault::Permission,
            _ if *code == SqlState::LOCK_NOT_AVAILABLE => Fault::Locked,
            "XX" => Fault::Corrupt(message),
            _ => Fault::Database(message),
        })
    }
}

/// Whether a connection was given up because of the certificate of who answered.
fn is_certificate(cause: &(dyn std::error::Error + 'static)) -> bool {
    let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inner
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .is_some_and(|error| matches!(error, rustls::Error::InvalidCertificate(_)))
}

impl Trouble {
    pub(super) fn fault(self) -> Fault {
        match self {
            Self::Lost(why) => Fault::Unreachable(why),
            Self::Again => Fault::Locked,
            Self::Fault(fault) => fault,
        }
    }
}

/// The thread on which all of a store's connections are driven; it ends with the last of who holds it.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) handle: Handle,
    pub(super) beat: Beat,
    _stop: oneshot::Sender<()>,
}

impl Side {
    pub(super) fn start() -> std::io::Result<Arc<Self>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let beat = Beat::new();
        let (stop, stopped) = oneshot::channel::<()>();
        thread::Builder::new().name("postgres".to_owned()).spawn(move || {
            let _ = runtime.block_on(stopped);
            // What was sent last goes out.
            runtime.block_on(async { tokio::time::sleep(Duration::from_millis(5)).await });
        })?;
        Ok(Arc::new(Self { handle, beat, _stop: stop }))
    }
}

/// When what is done now and then on that thread is done: all of it in the same moment, so that a service on which nothing
/// happens wakes up once for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beat {
    since: tokio::time::Instant,
}

impl Beat {
    /// Between two of them: a power of two of milliseconds, because a timer whose time is no multiple of these wakes its thread twice.
    pub(super) const EVERY: Duration = Duration::from_millis(2048);

    fn new() -> Self {
        let now = tokio::time::Instant::now();
        // The timers of the thread began less than a millisecond ago, and count whole ones.
        Self { since: now.checked_sub(Duration::from_millis(1)).unwrap_or(now) }
    }

    /// The next one.
    pub(super) fn next(self) -> tokio::time::Instant {
        let gone = self.since.elapsed().as_millis() / Self::EVERY.as_millis();
        let gone = u32::try_from(gone).unwrap_or(u32::MAX - 1);
        self.since + Self::EVERY.saturating_mul(gone + 1)
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread for something that is driven on another; nothing where it takes longer than the limit.
pub(super) fn wait<F: Future>(limit: Duration, work: F) -> Option<F::Output> {
    let until = Instant::now() + limit;
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut context, mut work) = (Context::from_waker(&waker), pin!(work));
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return Some(done);
        }
        let left = until.checked_duration_since(Instant::now())?;
        thread::park_timeout(left);
    }
}

/// Makes a connection and drives it; what it is told besides goes to `heard`.
pub(super) async fn connect(
    address: &Address,
    mut heard: impl FnMut() + Send + 'static,
) -> Tried<(Client, JoinHandle<()>)> {
    let config = address.config().map_err(Fault::NotLetIn)?;
    let (client, mut connection) = config.connect(tls::maker(&address.tls)?).await?;
    let driven = tokio::spawn(async move {
        let mut next = futures::stream::poll_fn(|context| connection.poll_message(context));
        while let Some(message) = futures::StreamExt::next(&mut next).await {
            match message {
                Ok(AsyncMessage::Notification(_)) => heard(),
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = %Trouble::from(error).fault(), "a connection to the database ended");
                    heard();
                    return;
                }
            }
        }
    });
    Ok((client, driven))
}

/// One connection, with the statements that were prepared on it.
#[derive(Debug)]
pub(super) struct Link {
    client: Client,
    driven: JoinHandle<()>,
    prepared: RefCell<HashMap<String, Statement>>,
}

impl Drop for Link {
    fn drop(&mut self) {
        // A connection that answers ends by itself; one that does not must not hold its thread.
        let driven = self.driven.abort_handle();
        if self.client.is_closed() {
            driven.abort();
        }
    }
}

pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Link {
    pub(super) fn make(side: &Side, address: &Address, mode: Mode) -> Tried<Self> {
        let to = address.clone();
        let connecting = side.handle.spawn(async move { connect(&to, || ()).await });
        let made = wait(LONGEST, connecting).ok_or_else(|| Trouble::Lost("it does not answer".to_owned()))?;
        let (client, driven) = made.map_err(|error| Trouble::Lost(error.to_string()))??;
        let link = Self { client, driven, prepared: RefCell::default() };
        let read_only = if mode == Mode::Read { "SET default_transaction_read_only = on;" } else { "" };
        link.batch(&format!(
            "SET client_min_messages = warning; SET search_path TO {}; SET synchronous_commit = on;
             SET lock_timeout = '10s'; SET statement_timeout = '60s';
             SET idle_in_transaction_session_timeout = '15s'; {read_only}",
            address.schema
        ))?;
        Ok(link)
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Tried<T> {
        match wait(LONGEST, work) {
            Some(done) => Ok(done?),
            None => {
                self.driven.abort();
                Err(Trouble::Lost("it does not answer".to_owned()))
            }
        }
    }

    /// Runs statements without values.
    pub(super) fn batch(&self, sql: &str) -> Tried<()> {
        self.wait(self.client.batch_execute(sql))
    }

    fn statement(&self, sql: &str) -> Tried<Statement> {
        if let Some(known) = self.prepared.borrow().get(sql) {
            return Ok(known.clone());
        }
        let made = self.wait(self.client.prepare(sql))?;
        self.prepared.borrow_mut().insert(sql.to_owned(), made.clone());
        Ok(made)
    }

    pub(super) fn query(&self, sql: &str, values: Values<'_>) -> Tried<Vec<Row>> {
        let statement = self.statement(sql)?;
        self.wait(self.client.query(&statement, values))
    }

    pub(super) fn first(&self, sql: &str, values: Values<'_>) -> Tried<Option<Row>> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    pub(super) fn execute(&self, sql: &str, values: Values<'_>) -> Tried<u64> {
        let statement = self.statement(sql)?;
        self.wait(self.client.execute(&statement, values))
    }

    /// Undoes what was begun; a connection on which that fails is of no more use.
    pub(super) fn undo(&self) -> bool {
        self.batch("ROLLBACK").is_ok()
    }
}

/// A number of ours as the database counts.
pub(super) fn big(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A value of a row.
///
/// # Errors
/// When the row is of another shape than the migrations made.
pub(super) fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, at: usize) -> Tried<T> {
    row.try_get(at).map_err(|error| Fault::Corrupt(error.to_string()).into())
}

/// A number that is never below zero.
pub(super) fn count(row: &Row, at: usize) -> Tried<u64> {
    let number: i64 = get(row, at)?;
    u64::try_from(number).map_err(|_| Fault::Corrupt(format!("{number} where a count should be")).into())
}

/// A hash.
pub(super) fn hash<const N: usize>(row: &Row, at: usize) -> Tried<[u8; N]> {
    let bytes: &[u8] = get(row, at)?;
    bytes.try_into().map_err(|_| Fault::Corrupt(format!("{} bytes where {N} should be", bytes.len())).into())
}
