//! Tokens as the hub reads and writes them: the store keeps bytes, the ledger says who may.

use super::{problem, serve::Server};
use crate::{
    model::{Id, Instant, Line, NewToken, Token, TokenId},
    store::{Store, TokenAct, TokenRow},
    wire::{Actor, Command, Known, Problem, ProblemKind},
};

/// What the login of an actor begins with whom a token verified; no user of a machine has a space in the name.
const LOGIN: &str = "token ";

/// The login of whom a token verified.
#[must_use]
pub fn login(id: &TokenId) -> String {
    format!("{LOGIN}{id}")
}

/// The token that verified an actor, where one did.
pub(super) fn of(actor: &Actor) -> Option<TokenId> {
    let verified = actor.known == Known::Verified;
    actor.login.strip_prefix(LOGIN).filter(|_| verified).and_then(|id| id.parse().ok())
}

/// What a command writes of a token, or that there is no such token to take back.
///
/// # Errors
/// When the token is not there, is another person's, or was taken back before.
pub(super) fn act(
    store: &Store,
    command: &Command,
    by: &Actor,
    now: Instant,
) -> Result<Option<TokenAct>, Problem> {
    if let Command::MakeToken { token } = command {
        return made(store, token.clone(), by, now).map(Some);
    }
    if let Command::RevokeToken { id, person, address } = command {
        return revoked(store, id, (person, *address), now).map(Some);
    }
    Ok(None)
}

fn made(store: &Store, new: NewToken, by: &Actor, now: Instant) -> Result<TokenAct, Problem> {
    let NewToken { id, sha256, person, pipeline, grants, expires, shows } = new;
    if store.token(id.as_str()).map_err(problem)?.is_some() {
        let taken = format!("there is a token {id} already");
        return Err(Problem::new(ProblemKind::Invalid, taken).hint("draw another name for it"));
    }
    let token = Token {
        id,
        person,
        pipeline,
        grants,
        made_at: now,
        made_by: by.person.as_ref().map_or_else(|| by.login.clone(), |id| Line::new(id.as_str())),
        expires,
        revoked_at: None,
        last_used: None,
        shows,
    };
    let json = serde_json::to_vec(&token).map_err(|error| unreadable(&error))?;
    let sha256 = digest(&sha256).ok_or_else(|| unreadable(&"its SHA-256"))?;
    Ok(TokenAct::Made { id: token.id.to_string(), sha256, json })
}

/// Whose token is taken back, and whether it is an address: who may take back the one may not take back the other.
fn revoked(
    store: &Store,
    id: &TokenId,
    (person, address): (&Id, bool),
    now: Instant,
) -> Result<TokenAct, Problem> {
    let (kind, list) =
        if address { ("address", "quorate feed list") } else { ("token", "quorate token list") };
    let known = store.token(id.as_str()).map_err(problem)?;
    let token = known.as_ref().map(read).transpose()?;
    let token = token.filter(|token| token.person == *person && token.shows.is_some() == address);
    match token.map(|token| token.revoked_at) {
        None => Err(Problem::new(ProblemKind::NotFound, format!("there is no {kind} {id} of {person}"))
            .hint(format!("`{list}` lists them"))),
        Some(Some(at)) => {
            Err(Problem::new(ProblemKind::Invalid, format!("{kind} {id} is revoked since {at}")))
        }
        Some(None) => Ok(TokenAct::Revoked { id: id.to_string(), at: now.secs() }),
    }
}

/// A token as it is listed.
///
/// # Errors
/// When what is kept of it cannot be read.
pub(super) fn read(row: &TokenRow) -> Result<Token, Problem> {
    let token: Token = serde_json::from_slice(&row.json).map_err(|error| unreadable(&error))?;
    let at = |secs: i64| Instant::from_secs(secs);
    Ok(Token { revoked_at: row.revoked.map(at), last_used: row.used.map(at), ..token })
}

fn unreadable(why: &dyn std::fmt::Display) -> Problem {
    Problem::new(ProblemKind::Unreachable, format!("what is kept of a token cannot be read: {why}"))
}

/// The bytes of 64 hex digits.
fn digest(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

impl Server {
    /// The token of a name, and the SHA-256 of its secret.
    pub(super) fn token(&self, id: &TokenId) -> Result<Option<(Token, [u8; 32])>, Problem> {
        let row = self.store.token(id.as_str()).map_err(problem)?;
        row.map(|row| Ok((read(&row)?, row.sha256))).transpose()
    }

    /// Whether the actor is a machine, by the token that verified it.
    pub(super) fn is_pipeline(&self, actor: &Actor) -> bool {
        let Some(id) = of(actor) else { return false };
        match self.token(&id) {
            Ok(Some((token, _))) => token.pipeline,
            // Nobody knows whose it is: the fewest rights.
            Ok(None) | Err(_) => true,
        }
    }

    /// Refuses who acts by a token that holds no longer: between its check and this moment it may have been taken back.
    pub(super) fn refuse_ended(&self, actor: &Actor) -> Result<(), Problem> {
        let Some(id) = of(actor) else { return Ok(()) };
        match self.token(&id)? {
            Some((token, _)) if token.holds(self.now()) => Ok(()),
            Some(_) | None => {
                Err(Problem::new(ProblemKind::NotAllowed, format!("token {id} holds no longer"))
                    .hint("an admin makes another: `quorate token new`"))
            }
        }
    }

    pub(super) fn tokens_used(&mut self, used: &[(TokenId, Instant)]) {
        let used: Vec<(String, i64)> = used.iter().map(|(id, at)| (id.to_string(), at.secs())).collect();
        if let Err(error) = self.store.tokens_used(&used) {
            tracing::warn!(%error, "the last use of tokens is not noted");
        }
    }
}
