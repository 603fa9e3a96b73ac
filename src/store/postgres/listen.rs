//! Waking up when another process commits: told by the database, and looked for four times a second where that does not arrive
//! (behind a pooler of transactions nobody is told anything).

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, task::AbortHandle};

use super::{Address, Postgres, Tried, gone, link};
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
        let listening = self.side.handle.spawn(async move {
            loop {
                let why = listen(&address, &woken).await.err().map(|trouble| trouble.fault().to_string());
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
async fn listen(address: &Address, woken: &Arc<Notify>) -> Tried<()> {
    let heard = Arc::clone(woken);
    let (client, _) = link::connect(address, move || heard.notify_one()).await?;
    client
        .batch_execute(&format!(
            "SET search_path TO {schema}; SET statement_timeout = '5s'; LISTEN {}",
            channel(&address.schema),
            schema = address.schema
        ))
        .await?;
    let look = client.prepare("SELECT lineage, seq FROM head").await?;
    let mut known: Option<(String, i64)> = None;
    loop {
        let rows = client.query(&look, &[]).await?;
        let row = rows.first().ok_or_else(gone)?;
        let now = Some((link::get(row, 0)?, link::get(row, 1)?));
        if known != now {
            known = now;
            woken.notify_one();
        }
        tokio::time::sleep(POLL).await;
    }
}
