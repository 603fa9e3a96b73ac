//! Whose board a run works with: the one a service of this machine holds, or one's own.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::context::Context;
use crate::{
    config::{self, HubChoice, Origin, SecretString},
    errors::Stop,
    hub::{
        protocol::SOCKET,
        remote::{self, At, Credential, Session},
    },
};

/// The board that was found, and why that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is served; `None` for the embedded board.
    pub at: Option<At>,
    /// `because of QUORATE_HUB`, for people.
    pub why: String,
}

/// Whose board it is: `--db` and `QUORATE_DB` are a file of one's own; then what is chosen; then the usual socket, where
/// somebody listens.
///
/// # Errors
/// When the settings cannot be used.
pub fn found(context: &Context<'_>) -> Result<Found, Stop> {
    let own = |why: &str| Found { at: None, why: why.to_owned() };
    if context.global.db.is_some() {
        return Ok(own("--db names it"));
    }
    if config::system("QUORATE_DB").is_some() {
        return Ok(own("QUORATE_DB names it"));
    }
    let settings = context.settings()?;
    let by = match context.loaded.as_ref().map(|loaded| loaded.origin("hub")) {
        Ok(Origin::Env(name)) => format!("{name} says so"),
        Ok(Origin::Client) => format!("{} says so", config::CLIENT),
        Ok(Origin::File | Origin::Default) | Err(_) => "the settings say so".to_owned(),
    };
    if config::is_restricted() {
        return restricted(&settings.hub);
    }
    Ok(match &settings.hub {
        HubChoice::Embedded => own(&by),
        HubChoice::Socket(path) => Found { at: Some(At::Socket(path.clone())), why: by },
        HubChoice::Url(url) => Found { at: Some(At::Url(url.clone())), why: by },
        HubChoice::Auto if remote::listens(Path::new(SOCKET)) => {
            Found { at: Some(At::Socket(PathBuf::from(SOCKET))), why: "this machine serves one".to_owned() }
        }
        HubChoice::Auto => own("nobody serves one on this machine"),
    })
}

/// The board of a restricted run: the one that the administrator set, or the usual socket; never a file of one's own.
fn restricted(hub: &HubChoice) -> Result<Found, Stop> {
    let why = "this run is restricted".to_owned();
    match hub {
        HubChoice::Auto => Ok(Found { at: Some(At::Socket(PathBuf::from(SOCKET))), why }),
        HubChoice::Socket(path) => Ok(Found { at: Some(At::Socket(path.clone())), why }),
        HubChoice::Url(url) => Ok(Found { at: Some(At::Url(url.clone())), why }),
        HubChoice::Embedded => Err(Stop::invalid(
            format!("{} names no board that others share", config::CLIENT),
            "a restricted run needs a served board: hub = \"unix:/PATH\"",
        )),
    }
}

/// The environment variable with a token.
const TOKEN: &str = "QUORATE_TOKEN";

/// What is shown to the service: the kernel's word on this machine, a token to another one.
///
/// # Errors
/// When another machine's board is asked for, and there is no token, or it cannot be had.
pub fn credential(context: &Context<'_>, at: &At) -> Result<Credential, Stop> {
    let At::Url(url) = at else { return Ok(Credential::Kernel) };
    if let Some(token) = config::system(TOKEN) {
        return Ok(Credential::Token(SecretString::from(token)));
    }
    let token = context.settings()?.remote.token(config::system);
    let token = token.map_err(|error| {
        Stop::invalid(format!("[remote]: {error}"), "`quorate config show` says where it is set")
    })?;
    if let Some(token) = token {
        return Ok(Credential::Token(token));
    }
    let session = session(context, url)?;
    if session.login()?.is_some() {
        return Ok(Credential::Session(Arc::new(session)));
    }
    Err(Stop::invalid(
        format!("{url} wants to know who you are, and you have no token"),
        "log in with `quorate login`, or set QUORATE_TOKEN, or secret_file under [remote] in your settings",
    ))
}

/// Where a login to a board of another machine is kept.
///
/// # Errors
/// When there is no home directory to keep it in.
pub fn session(context: &Context<'_>, url: &str) -> Result<Session, Stop> {
    let paths = context.paths.as_ref().ok_or_else(|| {
        Stop::invalid("there is no home directory to keep a login in", "set HOME, or QUORATE_TOKEN")
    })?;
    Ok(Session::of(&paths.tokens, url, context.settings()?.remote.ca.clone()))
}
