//! Requests of people, each put to the hub in the name of who the layer before it says they are.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::oneshot;

pub use super::refusal::{refusal, refusal_as};
use super::{
    caller::{Caller, How, unknown},
    door::Door,
    feed::Feed,
    keys::Signer,
    presence::Presence,
};
use crate::{
    hub::{
        Clock, Hub, Reply, Request,
        local::Identity,
        protocol::{Backup, Claim, Draft, KEY, MeDocument, Report, Sync},
    },
    model::{Grant, Line, SourceId},
    wire::{Actor, Answer, Command, Problem, ProblemKind, Question, Receipt, RunCommand},
};

/// The board as requests reach it.
#[derive(Debug, Clone)]
pub struct Board {
    pub hub: Hub,
    /// What it publishes.
    pub feed: Feed,
    /// Who is connected to a meeting.
    pub presence: Presence,
    /// When credentials end goes by this.
    pub clock: Clock,
    /// Who may come, by the settings.
    pub door: Door,
    /// Under whose key the gate answers.
    pub signer: Arc<Signer>,
}

impl Board {
    /// The author of what this caller does.
    ///
    /// # Errors
    /// When they may not even look.
    pub fn actor(&self, caller: &Caller) -> Result<Actor, Problem> {
        let identity = self.identity(caller);
        let actor = identity.actor(&self.hub.snapshot.borrow().people);
        if self.door.strangers() || identity.owns_board || actor.person.is_some() {
            Ok(actor)
        } else {
            Err(unknown(&actor))
        }
    }

    /// The author of what this caller does, where it is more than a look: who is nobody here keeps nothing and asks no system.
    fn member(&self, caller: &Caller) -> Result<Actor, Problem> {
        let actor = self.actor(caller)?;
        let known = actor.person.is_some() || self.door.admins().iter().any(|login| *login == *actor.login);
        if known { Ok(actor) } else { Err(unknown(&actor)) }
    }

    /// How a caller is known on this board.
    pub fn identity(&self, caller: &Caller) -> Identity {
        caller.identity(&self.door.admins())
    }

    /// Asks the hub in the name of somebody.
    ///
    /// # Errors
    /// As the hub answers, or that the service is ending.
    pub async fn question(&self, actor: Actor, question: Question) -> Result<Answer, Problem> {
        match self.put(|reply| Request::Ask { actor, question, reply }).await? {
            Answer::Gate(answer) => Ok(Answer::Gate(Box::new(self.signer.sign(*answer)?))),
            other => Ok(other),
        }
    }

    /// Does something in the name of somebody, once for each key.
    ///
    /// # Errors
    /// As the hub answers, or that the service is ending.
    pub async fn submit(&self, id: [u8; 16], actor: Actor, command: Command) -> Result<Receipt, Problem> {
        let command = Box::new(command);
        self.put(|reply| Request::Submit { id, actor, command, reply }).await
    }

    async fn put<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, Problem> {
        let gone = || Problem::new(ProblemKind::Unreachable, "the service is ending").hint("try again");
        let (reply, answer) = oneshot::channel();
        self.hub.requests.send(request(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// Does something.
pub async fn command(
    State(board): State<Board>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answered(async {
        let actor = caller.with_via(board.actor(&caller)?);
        let id = key(&headers)?;
        let command = Box::new(read::<Command>(&body)?);
        caller.may(grant_of(&command))?;
        if matches!(&*command, Command::MakeToken { token } if token.shows.is_some()) && !board.door.feeds() {
            return Err(Problem::new(ProblemKind::NotAllowed, "this board has no secret addresses")
                .hint("`feeds = false` under [serve] of the service says so"));
        }
        let (author, said) = (actor.clone(), Command::clone(&command));
        let done = board.put(|reply| Request::Submit { id, actor, command, reply }).await?;
        board.presence.done(&author, &headers, &said);
        Ok(done)
    })
    .await
}

/// Answers something.
pub async fn ask(State(board): State<Board>, caller: Caller, body: Bytes) -> Response {
    answered(async {
        let actor = board.actor(&caller)?;
        let question = read::<Question>(&body)?;
        let gate = matches!(question, Question::Gate { .. });
        caller.may(if gate { Grant::Gate } else { Grant::See })?;
        board.question(actor, question).await
    })
    .await
}

/// Who asks.
pub async fn me(State(board): State<Board>, caller: Caller) -> Response {
    answered(async {
        board.actor(&caller)?;
        let snapshot = board.hub.snapshot.borrow().clone();
        let me = board.identity(&caller).me(&snapshot.people, &snapshot.rules.boards);
        let by = match &caller.how {
            How::Credential { name } => name.clone(),
            How::Peer { uid } => match &caller.via {
                Some(via) => Line::new(&format!("user number {uid}, via su from {via}")),
                None => Line::new(&format!("user number {uid}")),
            },
        };
        let (grants, until) = (caller.grants.to_vec(), caller.until);
        let url = board.door.url();
        Ok(MeDocument { person: me.person, name: me.name, by, admin: me.admin, grants, until, url })
    })
    .await
}

/// The drafts of who asks.
pub async fn drafts(State(board): State<Board>, caller: Caller) -> Response {
    answered(async {
        let actor = board.member(&caller)?;
        caller.may(Grant::See)?;
        board.put(|reply| Request::Drafts { actor, reply }).await
    })
    .await
}

/// Keeps a draft of who sends it.
pub async fn draft(State(board): State<Board>, caller: Caller, body: Bytes) -> Response {
    answered(async {
        let actor = board.member(&caller)?;
        caller.may(Grant::Act)?;
        let Draft { item, text } = read(&body)?;
        let gone = |_| Problem::new(ProblemKind::Unreachable, "the service is ending");
        board.hub.requests.send(Request::Draft { actor, item, text }).await.map_err(gone)
    })
    .await
}

/// Reads sources now.
pub async fn sync(State(board): State<Board>, caller: Caller, body: Bytes) -> Response {
    answered(async {
        let actor = board.member(&caller)?;
        caller.may(Grant::Act)?;
        let Sync { source, accept } = read(&body)?;
        board.put(|reply| Request::Sync { actor, source, accept, reply }).await
    })
    .await
}

/// Copies the board into a file of the service; what it holds stays there.
pub async fn backup(State(board): State<Board>, caller: Caller, body: Bytes) -> Response {
    answered(async {
        let actor = board.member(&caller)?;
        caller.may(Grant::Act)?;
        let Backup { name } = read(&body)?;
        board.put(|reply| Request::Backup { actor, name, reply }).await
    })
    .await
}

/// How long an answer waits for channels; what they say later is on record.
const CHANNELS: Duration = Duration::from_secs(15);

/// Hands over what is due, and answers when its channels have, or when they take too long.
pub async fn deliver(State(board): State<Board>, caller: Caller) -> Response {
    answered(async {
        board.member(&caller)?;
        caller.may(Grant::Act)?;
        match tokio::time::timeout(CHANNELS, board.put(|reply| Request::Deliver { reply })).await {
            Ok(done) => done,
            Err(_) => Ok(()),
        }
    })
    .await
}

/// Sends what waits for its next try.
pub async fn retry(State(board): State<Board>, caller: Caller, body: Bytes) -> Response {
    answered(async {
        let actor = board.member(&caller)?;
        caller.may(Grant::Act)?;
        let source = read::<Option<SourceId>>(&body)?;
        board.put(|reply| Request::Retry { actor, source, reply }).await
    })
    .await
}

/// Gives a write out to a session of its person.
pub async fn claim(State(board): State<Board>, caller: Caller, body: Bytes) -> Response {
    answered(async {
        let actor = caller.with_via(board.member(&caller)?);
        caller.may(Grant::Act)?;
        let claim = read::<Claim>(&body)?;
        if claim.claim.len() != 32 || !claim.claim.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Problem::new(ProblemKind::Invalid, "a claim is called by 32 hex digits")
                .hint("draw 16 random bytes for each try"));
        }
        board.put(|reply| Request::Claim { actor, claim, reply }).await
    })
    .await
}

/// Hears how a write ended that a session of its person took.
pub async fn report(State(board): State<Board>, caller: Caller, body: Bytes) -> Response {
    answered(async {
        let actor = caller.with_via(board.member(&caller)?);
        caller.may(Grant::Act)?;
        let report = Box::new(read::<Report>(&body)?);
        board.put(|reply| Request::Report { actor, report, reply }).await
    })
    .await
}

/// What a credential must be for to send this.
fn grant_of(command: &Command) -> Grant {
    if matches!(command, Command::Report { .. } | Command::Hook { .. } | Command::Standard { .. }) {
        return Grant::Report;
    }
    // What a run is told by who carries it out; what people decide in it is an act of theirs.
    if let Command::Run { act, .. } = command
        && matches!(
            act,
            RunCommand::Start { .. }
                | RunCommand::Step { .. }
                | RunCommand::Hold { .. }
                | RunCommand::Criterion { .. }
                | RunCommand::Restored { .. }
                | RunCommand::End { .. }
        )
    {
        return Grant::Report;
    }
    if matches!(command, Command::RollbackGate { .. }) {
        return Grant::Gate;
    }
    Grant::Act
}

async fn answered<T: Serialize>(answer: impl Future<Output = Result<T, Problem>>) -> Response {
    match answer.await {
        Ok(answer) => Json(answer).into_response(),
        Err(problem) => refusal(&problem),
    }
}

/// What a request says.
///
/// # Errors
/// When it cannot be read.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::new(ProblemKind::Invalid, format!("this request cannot be read: {error}")))
}

/// The author's key of a command.
fn key(headers: &HeaderMap) -> Result<[u8; 16], Problem> {
    let said = headers.get(KEY).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wrong = || {
        Problem::new(ProblemKind::Invalid, format!("a command needs its {KEY}: 32 hex digits"))
            .hint("draw 16 random bytes for each command, and send the same ones when it is sent again")
    };
    let mut id = [0; 16];
    if said.len() != 32 || !said.is_ascii() {
        return Err(wrong());
    }
    for (byte, at) in id.iter_mut().zip((0..32).step_by(2)) {
        *byte = said.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).ok_or_else(wrong)?;
    }
    Ok(id)
}
