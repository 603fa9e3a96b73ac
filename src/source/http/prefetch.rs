//! A page asked for before it is wanted: on its way while the one before is still being read.
//!
//! One at a time, in the same turn and with the same manners as every request. What comes is used once, soon, and only
//! where exactly that is asked for; a failure counts as the first try of whoever wants it.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::{task::JoinHandle, time::Instant};

use super::{Answer, Body, Call, Http, HttpError, Login};

/// What was asked for ahead is not used after this long: what it says may have moved on.
const FRESH: Duration = Duration::from_secs(20);

/// A request under way.
#[derive(Debug)]
pub(super) struct Prefetch {
    call: Call,
    login: Login,
    at: Instant,
    answer: JoinHandle<Result<Answer, HttpError>>,
}

impl Drop for Prefetch {
    fn drop(&mut self) {
        self.answer.abort();
    }
}

impl Http {
    /// Asks for what will be read next. Within a runtime, which sends it whenever somebody else waits.
    pub async fn prefetch(&self, call: Call, login: &Login) {
        let (connection, by, asked) = (Arc::clone(&self.connection), login.clone(), call.clone());
        let answer = tokio::spawn(async move { connection.send(asked, &by).await });
        let prefetch = Prefetch { call, login: login.clone(), at: Instant::now(), answer };
        *self.prefetch.lock().unwrap_or_else(PoisonError::into_inner) = Some(prefetch);
        // Time to go out before the thread is busy with the page at hand: to the pool, to the connection, to the socket.
        for _ in 0..6 {
            tokio::task::yield_now().await;
        }
    }

    /// What came to this very call of this very account, where it was asked for ahead.
    pub(super) async fn prefetched(&self, call: &Call, login: &Login) -> Option<Result<Answer, HttpError>> {
        let mut prefetch = self.prefetch.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        if !same(&prefetch.call, call) || !prefetch.login.is(login) || prefetch.at.elapsed() > FRESH {
            return None;
        }
        (&mut prefetch.answer).await.ok()
    }
}

fn same(one: &Call, other: &Call) -> bool {
    let bare = |call: &Call| matches!(call.body, Body::Empty);
    bare(one)
        && bare(other)
        && one.method == other.method
        && one.address == other.address
        && one.query == other.query
        && one.headers == other.headers
}
