//! Tokens as the service checks them: kept in memory while the board stands still, looked at anew when it moved, and their last
//! use noted by the hour.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use subtle::ConstantTimeEq;
use tokio::sync::{oneshot, watch};

use super::caller::{By, Caller, How, no_credential};
use crate::{
    hub::{Clock, Hub, Request, local},
    model::{Instant, Line, Token, TokenId},
    wire::{Problem, ProblemKind},
};

/// Names that are remembered, those that nobody has among them.
const REMEMBERED: usize = 4096;
/// How often those in use are looked at while the board moves, and how often their use is noted.
const LOOK: Duration = Duration::from_secs(1);
const NOTED: Duration = Duration::from_secs(3600);

/// The tokens that were shown to this service.
#[derive(Debug)]
pub struct Tokens {
    hub: Hub,
    clock: Clock,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// By name, each with the commit at which it was read.
    known: HashMap<TokenId, (u64, Option<Arc<Held>>)>,
    used: HashMap<TokenId, Instant>,
}

#[derive(Debug)]
struct Held {
    token: Token,
    sha256: [u8; 32],
    revoked: watch::Sender<bool>,
}

impl Tokens {
    pub fn new(hub: Hub, clock: Clock) -> Arc<Self> {
        Arc::new(Self { hub, clock, inner: Mutex::default() })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// When there is none of that name and secret, or it holds no longer. The words are the same for a name that nobody has and
    /// a secret that is wrong.
    pub async fn caller(&self, id: &TokenId, sha256: &[u8; 32]) -> Result<Caller, Problem> {
        let held = self.held(id).await?;
        let kept = held.as_ref().map_or([0; 32], |held| held.sha256);
        let same = bool::from(kept.ct_eq(sha256));
        // What stands in an address is no credential, however it is shown.
        let Some(held) = held.filter(|held| same && held.token.shows.is_none()) else {
            return Err(no_credential("this is no token of this board"));
        };
        let now = self.clock.now();
        if let Some(at) = held.token.revoked_at {
            return Err(no_credential(&format!("token {id} was taken back at {at}")));
        }
        if !held.token.holds(now) {
            return Err(no_credential(&format!("token {id} is over")));
        }
        if !self.hub.snapshot.borrow().people.contains_key(&held.token.person) {
            return Err(no_credential(&format!(
                "token {id} is for {}, who is nobody here",
                held.token.person
            )));
        }
        self.inner().used.insert(id.clone(), now);
        Ok(Caller {
            by: By::Person(held.token.person.clone()),
            how: How::Credential { name: Line::new(&local::token_login(id)) },
            grants: Arc::from(held.token.grants.as_slice()),
            until: held.token.expires,
            revoked: Some(held.revoked.subscribe()),
            via: None,
        })
    }

    /// The address that this is; none where it never was one, is over, or was taken back.
    ///
    /// # Errors
    /// When the service is ending, or the store cannot be read.
    pub async fn address(&self, id: &TokenId, sha256: &[u8; 32]) -> Result<Option<Token>, Problem> {
        let held = self.held(id).await?;
        let kept = held.as_ref().map_or([0; 32], |held| held.sha256);
        let same = bool::from(kept.ct_eq(sha256));
        let now = self.clock.now();
        let held = held.filter(|held| same && held.token.shows.is_some() && held.token.holds(now));
        if held.is_some() {
            self.inner().used.insert(id.clone(), now);
        }
        Ok(held.map(|held| held.token.clone()))
    }

    /// The token of a name as of the newest commit.
    async fn held(&self, id: &TokenId) -> Result<Option<Arc<Held>>, Problem> {
        let seq = self.hub.snapshot.borrow().seq;
        let before = self.inner().known.get(id).cloned();
        let before = match before {
            Some((known, held)) if known == seq => return Ok(held),
            Some((_, held)) => held,
            None => None,
        };
        let now = self.look(id).await?;
        let held = match (before, now) {
            (Some(held), Some((token, _))) if held.token.revoked_at == token.revoked_at => Some(held),
            (before, now) => {
                // Whoever came by it before is cut off.
                if let Some(held) = before {
                    held.revoked.send_replace(true);
                }
                now.map(|(token, sha256)| {
                    Arc::new(Held { token, sha256, revoked: watch::Sender::new(false) })
                })
            }
        };
        let mut inner = self.inner();
        if inner.known.len() >= REMEMBERED {
            let used = |held: &Option<Arc<Held>>| {
                held.as_ref().is_some_and(|held| held.revoked.receiver_count() > 0)
            };
            inner.known.retain(|_, (_, held)| used(held));
        }
        inner.known.insert(id.clone(), (seq, held.clone()));
        Ok(held)
    }

    async fn look(&self, id: &TokenId) -> Result<Option<(Token, [u8; 32])>, Problem> {
        let gone = || Problem::new(ProblemKind::Unreachable, "the service is ending").hint("try again");
        let (reply, answer) = oneshot::channel();
        let asked = Request::Token { id: id.clone(), reply };
        self.hub.requests.send(asked).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Looks at the tokens in use whenever the board moved, and notes their use, until the board is closed.
    pub async fn follow(self: Arc<Self>) {
        let mut snapshot = self.hub.snapshot.clone();
        let mut seq = snapshot.borrow_and_update().seq;
        let mut noted = tokio::time::interval(NOTED);
        noted.tick().await;
        loop {
            tokio::select! {
                changed = snapshot.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let now = snapshot.borrow_and_update().seq;
                    if now != seq {
                        seq = now;
                        self.look_again().await;
                        tokio::time::sleep(LOOK).await;
                    }
                }
                _ = noted.tick() => self.note().await,
            }
        }
    }

    /// Looks at every token that somebody is connected by.
    async fn look_again(&self) {
        let used = |(_, held): &(u64, Option<Arc<Held>>)| {
            held.as_ref().is_some_and(|held| held.revoked.receiver_count() > 0)
        };
        let known: Vec<TokenId> = {
            let inner = self.inner();
            inner.known.iter().filter(|(_, held)| used(held)).map(|(id, _)| id.clone()).collect()
        };
        for id in known {
            if let Err(problem) = self.held(&id).await {
                tracing::warn!(%problem, "a token in use is not looked at");
            }
        }
    }

    /// Notes when tokens were last used.
    pub async fn note(&self) {
        let used: Vec<(TokenId, Instant)> = self.inner().used.drain().collect();
        if !used.is_empty() {
            let _closed = self.hub.requests.send(Request::TokensUsed { used }).await;
        }
    }
}
