//! Whose board a run works with: the one a service of this machine holds, or one's own.

use std::path::{Path, PathBuf};

use super::context::Context;
use crate::{
    config::{self, HubChoice, Origin},
    errors::Stop,
    hub::{protocol::SOCKET, remote},
};

/// The board that was found, and why that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The socket of the service; `None` for the embedded board.
    pub socket: Option<PathBuf>,
    /// `because of QUORATE_HUB`, for people.
    pub why: String,
}

/// Whose board it is: `--db` and `QUORATE_DB` are a file of one's own; then what is chosen; then the usual socket, where
/// somebody listens.
///
/// # Errors
/// When the settings cannot be used.
pub fn found(context: &Context<'_>) -> Result<Found, Stop> {
    let own = |why: &str| Found { socket: None, why: why.to_owned() };
    if context.global.db.is_some() {
        return Ok(own("--db names it"));
    }
    if config::system("QUORATE_DB").is_some() {
        return Ok(own("QUORATE_DB names it"));
    }
    let settings = context.settings()?;
    let by = match context.loaded.as_ref().map(|loaded| loaded.origin("hub")) {
        Ok(Origin::Env(name)) => format!("{name} says so"),
        Ok(Origin::File | Origin::Default) | Err(_) => "the settings say so".to_owned(),
    };
    Ok(match &settings.hub {
        HubChoice::Embedded => own(&by),
        HubChoice::Socket(path) => Found { socket: Some(path.clone()), why: by },
        HubChoice::Auto if remote::listens(Path::new(SOCKET)) => {
            Found { socket: Some(PathBuf::from(SOCKET)), why: "this machine serves one".to_owned() }
        }
        HubChoice::Auto => own("nobody serves one on this machine"),
    })
}
