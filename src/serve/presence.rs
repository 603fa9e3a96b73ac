//! Who is connected to a meeting (ledger § Meetings). A session of a terminal names itself on its stream and beside what it
//! sends; once it has said that its person is in a meeting, its stream is their presence there. Where that is lost, and not
//! back within the time of the settings, the service says so on the record, unless they are heard of by another way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::HeaderMap;
use tokio::sync::oneshot;

use super::door::Door;
use crate::{
    hub::{
        Hub, Request,
        protocol::{MEETING, SESSION},
    },
    model::Id,
    wire::{Actor, Command, MeetingCommand},
};

/// A session of somebody: nobody else's, whatever it calls itself.
type Key = (Id, String);

/// The sessions that are connected, and those that were a moment ago.
#[derive(Debug, Clone)]
pub struct Presence(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    hub: Hub,
    door: Door,
    sessions: Mutex<HashMap<Key, Session>>,
}

#[derive(Debug, Default)]
struct Session {
    /// Streams that are open.
    streams: usize,
    /// The meeting it has said that its person is in.
    meeting: Option<Id>,
    /// How often its last stream was lost.
    lost: u64,
}

impl Presence {
    #[must_use]
    pub fn new(hub: Hub, door: Door) -> Self {
        Self(Arc::new(Inner { hub, door, sessions: Mutex::default() }))
    }

    /// A stream of this session, until it is dropped; none where the request names no session, or comes from nobody.
    #[must_use]
    pub fn connected(&self, actor: &Actor, headers: &HeaderMap) -> Option<Connected> {
        let key = (actor.person.clone()?, session(headers)?);
        let known = {
            let mut sessions = self.0.sessions();
            let session = sessions.entry(key.clone()).or_default();
            session.streams += 1;
            session.meeting.is_some()
        };
        let connected = Connected { inner: Arc::clone(&self.0), key };
        if let Some(meeting) = meeting(headers).filter(|_| !known) {
            connected.again(actor.clone(), meeting);
        }
        Some(connected)
    }

    /// What a session did with its place in a meeting, once that is on record.
    pub fn done(&self, actor: &Actor, headers: &HeaderMap, command: &Command) {
        let Command::Meeting { meeting, act } = command else { return };
        let here = matches!(act, MeetingCommand::StillHere | MeetingCommand::Reconnected);
        if !here && !matches!(act, MeetingCommand::Leave { person: None }) {
            return;
        }
        let Some(key) = actor.person.clone().zip(session(headers)) else { return };
        if let Some(session) = self.0.sessions().get_mut(&key) {
            session.meeting = here.then(|| meeting.clone());
        }
    }
}

impl Inner {
    fn sessions(&self) -> MutexGuard<'_, HashMap<Key, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The meeting that a session has not come back to, where no other session of the person is there.
    fn given_up(&self, key: &Key, lost: u64) -> Option<Id> {
        let mut sessions = self.sessions();
        let here = |session: &Session| session.streams == 0 && session.lost == lost;
        sessions.get(key).filter(|session| here(session))?;
        let meeting = sessions.remove(key)?.meeting?;
        let elsewhere = |(other, session): (&Key, &Session)| {
            other.0 == key.0 && session.streams > 0 && session.meeting.as_ref() == Some(&meeting)
        };
        (!sessions.iter().any(elsewhere)).then_some(meeting)
    }

    async fn submit(&self, actor: Actor, meeting: Id, act: MeetingCommand) -> bool {
        let Ok(id) = crate::store::random::<16>() else { return false };
        let (reply, answer) = oneshot::channel();
        let command = Box::new(Command::Meeting { meeting, act });
        if self.hub.requests.send(Request::Submit { id, actor, command, reply }).await.is_err() {
            return false;
        }
        match answer.await {
            Ok(Ok(_)) => true,
            Ok(Err(problem)) => {
                tracing::debug!(%problem, "a presence is not recorded");
                false
            }
            Err(_) => false,
        }
    }
}

/// A stream of a session.
#[derive(Debug)]
pub struct Connected {
    inner: Arc<Inner>,
    key: Key,
}

impl Connected {
    /// A session that this start of the service does not know was in a meeting: it says so anew, before another replica says
    /// that it is gone.
    fn again(&self, actor: Actor, meeting: Id) {
        let (inner, key) = (Arc::clone(&self.inner), self.key.clone());
        tokio::spawn(async move {
            if inner.submit(actor, meeting.clone(), MeetingCommand::Reconnected).await
                && let Some(session) = inner.sessions().get_mut(&key)
            {
                session.meeting = Some(meeting);
            }
        });
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let lost = {
            let mut sessions = self.inner.sessions();
            let Some(session) = sessions.get_mut(&self.key) else { return };
            session.streams = session.streams.saturating_sub(1);
            if session.streams > 0 {
                return;
            }
            if session.meeting.is_none() {
                sessions.remove(&self.key);
                return;
            }
            session.lost += 1;
            session.lost
        };
        // The service ends: who comes next says whom it has.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (inner, key) = (Arc::clone(&self.inner), self.key.clone());
        let after = inner.hub.snapshot.borrow().events;
        runtime.spawn(async move {
            tokio::time::sleep(Duration::from_secs(inner.door.gone_after())).await;
            if let Some(meeting) = inner.given_up(&key, lost) {
                inner
                    .submit(
                        crate::ledger::decide::system(),
                        meeting,
                        MeetingCommand::Gone { person: key.0, after },
                    )
                    .await;
            }
        });
    }
}

/// What a session calls itself: 32 hex digits.
fn session(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(SESSION)?.to_str().ok()?;
    (said.len() == 32 && said.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| said.to_owned())
}

fn meeting(headers: &HeaderMap) -> Option<Id> {
    Id::new(headers.get(MEETING)?.to_str().ok()?).ok()
}
