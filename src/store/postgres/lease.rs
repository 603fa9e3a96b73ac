//! The lead of a board in PostgreSQL: a row that says who holds it until when, by the database's clock.
//!
//! The holder says so again with every [`Beat`] and stops by its own clock, counted from before it asked: its lead ends here before it
//! ends there. The fence counts the holders; a commit that only the lead may make proves holder and fence in its own transaction.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, mpsc},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, oneshot};
use tokio_postgres::{Client, Statement};

use super::{
    Address, Postgres, Tried,
    link::{self, Beat, Link, Side, get, wait},
};
use crate::store::{Fault, Lead, Result, StoreError};

const LEAD: &str = "take the lead of the board";
/// How long the lead is held without a word.
const LASTS: Duration = Duration::from_secs(6);
/// It is said again at least twice in that time.
const _: () = assert!(LASTS.as_millis() > 2 * Beat::EVERY.as_millis());
/// How long who goes waits for the row to be given back.
const FAREWELL: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Copy)]
struct Held {
    fence: i64,
    until: Instant,
}

/// What the store knows of the lead it holds.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    /// By what this process is known to the others.
    pub(super) me: String,
    held: Arc<Mutex<Option<Held>>>,
    /// Told when the lead is lost, and when the board may have changed.
    pub(super) woken: Arc<Notify>,
}

impl Shared {
    pub(super) fn new(me: u64) -> Self {
        Self { me: format!("{me:016x}"), held: Arc::default(), woken: Arc::new(Notify::new()) }
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fence while the lead is held, by this process's clock.
    fn fence(&self) -> Option<i64> {
        self.held().filter(|held| Instant::now() < held.until).map(|held| held.fence)
    }

    /// Refuses where this process leads no more; the row stays as it is until the transaction ends.
    pub(super) fn prove(&self, link: &Link) -> Tried<()> {
        let fence = self.fence().ok_or(Fault::NotLeading)?;
        let sql = "SELECT fence FROM lease WHERE holder = $1 AND fence = $2 AND until > clock_timestamp() FOR SHARE";
        match link.first(sql, &[&self.me, &fence])? {
            Some(_) => Ok(()),
            None => Err(Fault::NotLeading.into()),
        }
    }
}

/// Held while this process leads; dropping it gives the lead back.
#[derive(Debug)]
pub struct Lease {
    shared: Shared,
    stop: Option<oneshot::Sender<mpsc::Sender<()>>>,
    /// Drives the keeping.
    _side: Arc<Side>,
}

impl Lease {
    /// Whether it is still held.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.shared.fence().is_some()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (said, heard) = mpsc::channel();
        if let Some(stop) = self.stop.take()
            && stop.send(said).is_ok()
        {
            let _ = heard.recv_timeout(FAREWELL);
        }
        *self.shared.held() = None;
    }
}

impl Postgres {
    /// Takes the lead if it is free.
    pub(in crate::store) fn try_lead(&self) -> Result<Option<Lead>> {
        let (shared, address, side) = (self.lease.clone(), self.address.clone(), Arc::downgrade(&self.side));
        let taking = self.side.handle.spawn(async move {
            let open = Open::connect(&address).await?;
            Ok(match open.take(&shared).await? {
                true => kept(open.client, shared, &side),
                false => None,
            })
        });
        let failed = |fault: Fault| StoreError::new(LEAD, &self.named, fault);
        let taken: Option<Tried<Option<Lease>>> = wait(LASTS, taking).and_then(std::result::Result::ok);
        let taken = taken.ok_or_else(|| failed(Fault::Unreachable("it does not answer".to_owned())))?;
        Ok(taken.map_err(|trouble| failed(trouble.fault()))?.map(Lead::of_lease))
    }

    /// Resolves with the lead once it is free.
    pub(in crate::store) fn wait_lead(&self) -> oneshot::Receiver<Lead> {
        let (mut tell, told) = oneshot::channel();
        let (shared, address, side) = (self.lease.clone(), self.address.clone(), Arc::downgrade(&self.side));
        let beat = self.side.beat;
        self.side.handle.spawn(async move {
            let mut known: Option<Open> = None;
            loop {
                if known.as_ref().is_none_or(|open| open.client.is_closed()) {
                    known = Open::connect(&address).await.ok();
                }
                if let Some(open) = known.take() {
                    match open.take(&shared).await {
                        Ok(true) => {
                            if let Some(lease) = kept(open.client, shared, &side)
                                && let Err(Lead::Lease(mut unwanted)) = tell.send(Lead::of_lease(lease))
                            {
                                // On this very thread nothing can be waited for; without its holder the keeping ends by itself.
                                unwanted.stop = None;
                            }
                            return;
                        }
                        Ok(false) => known = Some(open),
                        Err(trouble) => {
                            tracing::warn!(error = %trouble.fault(), "the lead cannot be asked for")
                        }
                    }
                }
                tokio::select! {
                    () = tokio::time::sleep_until(beat.next()) => {}
                    () = tell.closed() => return,
                }
            }
        });
        told
    }
}

/// A connection on which the lead is asked for.
struct Open {
    client: Client,
    take: Statement,
}

impl Open {
    async fn connect(address: &Address) -> Tried<Self> {
        let (client, _) = link::connect(address, || ()).await?;
        client
            .batch_execute(&format!("SET search_path TO {}; SET statement_timeout = '5s'", address.schema))
            .await?;
        let sql = format!(
            "UPDATE lease SET holder = $1, fence = fence + 1, until = clock_timestamp() + interval '{} s'
             WHERE until < clock_timestamp() OR until > clock_timestamp() + interval '{} s' RETURNING fence",
            LASTS.as_secs(),
            2 * LASTS.as_secs()
        );
        let take = client.prepare(&sql).await?;
        Ok(Self { client, take })
    }

    /// Takes the lead where it is free, or held for longer than anybody holds it: then the database's clock was set back since,
    /// and a holder that has died would keep it until that time comes again. One that lives is fenced off, and loses it.
    async fn take(&self, shared: &Shared) -> Tried<bool> {
        let asked = Instant::now();
        let rows = self.client.query(&self.take, &[&shared.me]).await?;
        let Some(row) = rows.first() else { return Ok(false) };
        *shared.held() = Some(Held { fence: get(row, 0)?, until: asked + LASTS });
        Ok(true)
    }
}

/// Keeps what was taken until it is given back or lost.
fn kept(client: Client, shared: Shared, side: &Weak<Side>) -> Option<Lease> {
    let side = side.upgrade()?;
    let (stop, mut stopped) = oneshot::channel::<mpsc::Sender<()>>();
    let (mine, beat) = (shared.clone(), side.beat);
    tokio::spawn(async move {
        let mut renew = None;
        loop {
            tokio::select! {
                said = &mut stopped => {
                    let fence = mine.held().map(|held| held.fence);
                    let sql = "UPDATE lease SET until = '-infinity' WHERE holder = $1 AND fence = $2";
                    if let Some(fence) = fence
                        && let Err(error) = client.execute(sql, &[&mine.me, &fence]).await
                    {
                        tracing::warn!(%error, "the lead is not given back, and ends by itself");
                    }
                    *mine.held() = None;
                    // Who waits for it may be gone.
                    let _ = said.map(|said| said.send(()));
                    return;
                }
                () = tokio::time::sleep_until(beat.next()) => {}
            }
            if !renewed(&client, &mut renew, &mine).await {
                *mine.held() = None;
                mine.woken.notify_one();
                return;
            }
        }
    });
    Some(Lease { shared, stop: Some(stop), _side: side })
}

/// Holds it longer; false where it is lost. One word that does not arrive is no loss as long as there is time.
async fn renewed(client: &Client, known: &mut Option<Statement>, shared: &Shared) -> bool {
    let Some(held) = *shared.held() else { return false };
    let asked = Instant::now();
    let renewing = async {
        let statement = match known {
            Some(statement) => statement,
            None => {
                let sql = format!(
                    "UPDATE lease SET until = clock_timestamp() + interval '{} s'
                     WHERE holder = $1 AND fence = $2 AND until > clock_timestamp()",
                    LASTS.as_secs()
                );
                known.insert(client.prepare(&sql).await?)
            }
        };
        client.execute(&*statement, &[&shared.me, &held.fence]).await
    };
    let left = held.until.saturating_duration_since(asked);
    match tokio::time::timeout(left, renewing).await {
        Ok(Ok(1)) => {
            *shared.held() = Some(Held { until: asked + LASTS, ..held });
            true
        }
        Ok(Ok(_)) => {
            tracing::warn!("another process took the lead");
            false
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "the lead is not kept");
            false
        }
        Err(_) => {
            tracing::warn!("the lead ended: the database did not answer in time");
            false
        }
    }
}
