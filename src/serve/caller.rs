//! Who sends a request. A layer finds it out once (the socket by the kernel's word, TCP by a credential) and puts a
//! [`Caller`] beside the request; the routes take that and never look at the connection.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use tokio::sync::watch;

use super::refusal::refusal;
use crate::{
    hub::local::Identity,
    model::{Grant, Id, Instant, Line},
    wire::{Actor, Problem, ProblemKind},
};

/// Whose acts these are; which person that is, the board says anew each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A user of this machine.
    Login(String),
    /// A person of the board by name, whom an admin gave a credential.
    Person(Id),
}

/// Nobody: what is shown is not a credential that holds.
pub fn no_credential(why: &str) -> Problem {
    Problem::new(ProblemKind::NotAllowed, why)
        .hint("an admin makes a token: `quorate token new --person YOU`")
}

/// How it was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The kernel knows the other end of the socket.
    Peer { uid: u32 },
    /// A credential that was sent, in words of its own for people: `token k3f9`, `https://login.example`.
    Credential { name: Line },
}

/// Who sends a request, how that was verified, and until when it holds.
#[derive(Debug, Clone)]
pub struct Caller {
    pub by: By,
    pub how: How,
    /// What the credential is for; a peer may do whatever the person may.
    pub grants: Arc<[Grant]>,
    /// When the credential ends; a stream ends with it.
    pub until: Option<Instant>,
    /// Turns true when the credential is taken back; a stream ends with it.
    pub revoked: Option<watch::Receiver<bool>>,
    /// The login by which a user of this machine became who they are, where it is another one.
    pub via: Option<Line>,
}

impl Caller {
    /// How they are known on a board whose first admins have these logins.
    #[must_use]
    pub fn identity(&self, admins: &[String]) -> Identity {
        match &self.by {
            By::Login(login) => Identity {
                login: login.clone(),
                owns_board: admins.contains(login),
                claimed: None,
                verified: true,
            },
            By::Person(person) => Identity {
                login: match &self.how {
                    How::Credential { name } => name.to_string(),
                    How::Peer { uid } => uid.to_string(),
                },
                owns_board: false,
                claimed: Some(person.clone()),
                verified: true,
            },
        }
    }

    /// The author of an act, with the login by which they came beside their own, for the record.
    #[must_use]
    pub fn with_via(&self, actor: Actor) -> Actor {
        Actor { via: self.via.clone(), ..actor }
    }

    /// Refuses what the credential is not for.
    ///
    /// # Errors
    /// Says what it is for.
    pub fn may(&self, needed: Grant) -> Result<(), Problem> {
        if self.grants.iter().any(|grant| grant.covers(needed)) {
            return Ok(());
        }
        let name = match &self.how {
            How::Credential { name } => name.as_str(),
            How::Peer { .. } => "this login",
        };
        let grants: Vec<&str> = self.grants.iter().map(|grant| grant.word()).collect();
        let (needed, grants) = (needed.word(), grants.join(", "));
        Err(Problem::new(ProblemKind::NotAllowed, format!("{name} is for {grants}, and this needs {needed}"))
            .hint("an admin makes a token for it: `quorate token new --scope`"))
    }

    /// Resolves when the credential ends or is taken back; never for a peer, who ends with the connection.
    pub async fn ended(&self, clock: &crate::hub::Clock) {
        let mut revoked = self.revoked.clone();
        let taken_back = async {
            let said = match &mut revoked {
                Some(revoked) => revoked.wait_for(|revoked| *revoked).await.is_ok(),
                None => false,
            };
            // Who gave it no longer says: it holds until its end.
            if !said {
                std::future::pending::<()>().await;
            }
        };
        let over = async {
            match self.until {
                Some(until) => clock.reach(Some(until)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = taken_back => {}
            () = over => {}
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let nobody =
            || refusal(&Problem::new(ProblemKind::NotAllowed, "nobody says who sends this")).into_response();
        parts.extensions.get::<Self>().cloned().ok_or_else(nobody)
    }
}

/// What is said to somebody whom the board does not know.
#[must_use]
pub fn unknown(actor: &Actor) -> Problem {
    Problem::new(ProblemKind::NotAllowed, format!("nobody on this board has the login {}", actor.login))
        .hint("an admin of the board adds you: `quorate seats add YOU --login LOGIN`")
}
