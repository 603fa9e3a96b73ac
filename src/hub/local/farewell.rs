//! The end of every hub of this process: a board is closed before the program ends, however that comes about.
//!
//! A store that is closed leaves one file: what was only in the log beside it is carried over. A process that ends
//! while its hub's thread still runs would leave that undone.

use std::{
    sync::{Condvar, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

/// How many hubs have not closed their store.
static OPEN: Mutex<usize> = Mutex::new(0);
static CLOSED: Condvar = Condvar::new();

/// Becomes true when every hub has to end, whoever still holds it.
static ENDING: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));

/// One open hub; dropped after its store.
#[derive(Debug)]
pub(super) struct Counted(());

impl Counted {
    pub(super) fn new() -> Self {
        *OPEN.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        *OPEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        CLOSED.notify_all();
    }
}

/// Resolves when every hub has to end.
pub(super) async fn ending() {
    if ENDING.subscribe().wait_for(|ending| *ending).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Ends every hub of this process, for who has no handle at hand: signals and watchdogs.
pub fn end_all() {
    ENDING.send_replace(true);
}

/// Waits until every hub has closed its store, but not for ever. Whether they have.
pub fn wait_closed(limit: Duration) -> bool {
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = CLOSED.wait_timeout_while(open, limit, |open| *open > 0);
    let (open, _) = waited.unwrap_or_else(PoisonError::into_inner);
    *open == 0
}

/// Held by `main`: when it goes, by return or panic, the hubs that nobody holds any more have closed their stores.
#[derive(Debug, Default)]
pub struct Farewell(());

/// How long the end of the program waits for that.
const CLOSING: Duration = Duration::from_secs(10);

impl Drop for Farewell {
    fn drop(&mut self) {
        // A handle that is still about somewhere must not keep the program.
        end_all();
        wait_closed(CLOSING);
    }
}
