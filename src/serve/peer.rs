//! Who is at the other end of the socket, as the kernel knows them.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{ConnectInfo, Request, State, connect_info::Connected},
    middleware::Next,
    response::Response,
    serve::IncomingStream,
};

use super::{
    board::refusal,
    caller::{By, Caller, How},
    door::Door,
    gate::Gate,
    su::came_as,
};
use crate::{
    model::{Grant, Line},
    wire::{Problem, ProblemKind},
};

/// The user of a connection; none where the kernel does not say.
#[derive(Debug, Clone)]
pub struct Peer {
    uid: Option<u32>,
    /// The login by which they became that user, where it is another one.
    via: Option<Line>,
}

impl Connected<IncomingStream<'_, Gate>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        let (uid, pid) = (stream.io().uid(), stream.io().pid());
        let via = uid.zip(pid).and_then(|(uid, pid)| came_as(pid, uid));
        Self { uid, via }
    }
}

impl Peer {
    /// Who this user is.
    ///
    /// # Errors
    /// When the kernel does not say who they are, or nobody bears that number: such a caller is no stranger, but nobody.
    fn caller(self, su: bool) -> Result<Caller, Problem> {
        let refused = |why: String| {
            Problem::new(ProblemKind::NotAllowed, why).hint("log in to this machine with a user of your own")
        };
        let uid = self.uid.ok_or_else(|| refused("the kernel does not say who you are".to_owned()))?;
        if uid == overflow() {
            return Err(refused(format!(
                "user number {uid} stands for everybody this machine does not know"
            )));
        }
        let user = uzers::get_user_by_uid(uid)
            .ok_or_else(|| refused(format!("no user of this machine has the number {uid}")))?;
        let login = user.name().to_string_lossy().into_owned();
        if let Some(via) = self.via.as_ref().filter(|_| !su) {
            return Err(refused(format!(
                "you are {login} via su from {via}, and this board takes nobody so"
            )));
        }
        let grants = Arc::from([Grant::Act]);
        Ok(Caller {
            by: By::Login(login),
            how: How::Peer { uid },
            grants,
            until: None,
            revoked: None,
            via: self.via,
        })
    }
}

/// The layer of the socket: puts who sends a request beside it, by the kernel's word.
pub async fn verified(
    State(door): State<Door>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    match peer.caller(door.su()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => refusal(&problem),
    }
}

/// The number that the kernel gives whom it cannot map: it may be anybody.
fn overflow() -> u32 {
    static UID: OnceLock<u32> = OnceLock::new();
    *UID.get_or_init(|| {
        let said = std::fs::read_to_string("/proc/sys/kernel/overflowuid");
        said.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(65534)
    })
}
