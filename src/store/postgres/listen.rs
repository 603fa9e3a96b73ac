//! Waking up when another process commits: told by the database, and looked for four times a second until it is seen that what the
//! database tells arrives (behind a pooler of transactions nobody is told anything). A word of our own, said on another
//! connection, shows that at once, so that a board on which nobody does anything is not looked at all the time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, task::AbortHandle};

use super::{
    Address, Postgres, Tried, gone,
    link::{self, Beat},
};
use crate::store::Watch;

const POLL: Duration = Duration::from_millis(250);

/// What a commit in this schema is called out on.
pub(super) fn channel(schema: &str) -> String {
    format!("quorate_{schema}")
}

/// Ends the listening with who listens.
#[derive(Debug)]
pub(in crate::store) struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Postgres {
    pub(in crate::store) fn watch(&self) -> Watch {
        let (woken, address) = (Arc::clone(&self.lease.woken), self.address.clone());
        let beat = self.side.beat;
        let listening = self.side.handle.spawn(async move {
            loop {
                let why =
                    listen(&address, &woken, beat).await.err().map(|trouble| trouble.fault().to_string());
                tracing::warn!(why, "nobody tells when the board changes; connecting again");
                // What was said meanwhile was not heard, and that the database is gone is news as well.
                woken.notify_one();
                tokio::time::sleep(POLL).await;
            }
        });
        Watch::told(Arc::clone(&self.lease.woken), Listening(listening.abort_handle()))
    }
}

/// Listens and looks until the connection breaks.
async fn listen(address: &Address, woken: &Arc<Notify>, beat: Beat) -> Tried<()> {
    let told = Arc::new(Told::default());
    let (heard, told_now) = (Arc::clone(woken), Arc::clone(&told));
    let (client, _) = link::connect(address, move || {
        told_now.since.store(true, Ordering::SeqCst);
        told_now.again.notify_one();
        heard.notify_one();
    })
    .await?;
    client
        .batch_execute(&format!(
            "SET search_path TO {schema}; SET statement_timeout = '5s'; LISTEN {}",
            channel(&address.schema),
            schema = address.schema
        ))
        .await?;
    let look = client.prepare("SELECT lineage, seq FROM head").await?;
    say(address).await?;
    let mut known: Option<(String, i64)> = None;
    let mut seldom = false;
    loop {
        let rows = client.query(&look, &[]).await?;
        let row = rows.first().ok_or_else(gone)?;
        let now = Some((link::get(row, 0)?, link::get(row, 1)?));
        let was_told = told.since.swap(false, Ordering::SeqCst);
        if known != now {
            // The first look finds what was there before anybody listened; a change that nobody told, that it has to be looked for.
            seldom = was_told && known.is_some();
            known = now;
            woken.notify_one();
        } else if was_told {
            // The look was faster than the word of that change, or it was one of a process that begins to listen.
            seldom = true;
        }
        let next = if seldom { beat.next() } else { tokio::time::Instant::now() + POLL };
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            // Looked at once more soon after the last word, so that it is known which change was told.
            () = told.again.notified() => tokio::time::sleep(POLL).await,
        }
    }
}

/// Says on a connection of its own what a commit says, to hear whether it arrives.
async fn say(address: &Address) -> Tried<()> {
    let (client, _) = link::connect(address, || ()).await?;
    Ok(client.batch_execute(&format!("NOTIFY {}", channel(&address.schema))).await?)
}

/// What the database has told on one connection.
#[derive(Debug, Default)]
struct Told {
    /// Something, since it was last looked.
    since: AtomicBool,
    again: Notify,
}
