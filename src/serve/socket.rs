//! The socket: made for everybody to reach, by one service at a time. Reaching it is no right by itself.

use std::{
    fs,
    io::ErrorKind,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::Path,
};

use tokio::net::UnixListener;

use crate::wire::{Problem, ProblemKind};

/// Listens on a path; what a service that is gone left there is taken away.
///
/// # Errors
/// When somebody listens there already, something else lies there, or it cannot be made.
pub fn bind(path: &Path) -> Result<UnixListener, Problem> {
    let refused = |why: String, hint: &str| {
        Problem::new(ProblemKind::Unreachable, format!("{}: {why}", path.display())).hint(hint)
    };
    match UnixStream::connect(path) {
        Ok(_) => return Err(refused("a board is served here already".into(), "stop that service first")),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => unlink(path),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(refused(error.to_string(), "name another path with --socket")),
    }
    let listener = UnixListener::bind(path).map_err(|error| {
        refused(
            error.to_string(),
            "the directory must exist and belong to the service, or name another with --socket",
        )
    })?;
    let open = fs::set_permissions(path, fs::Permissions::from_mode(0o666));
    open.map_err(|error| refused(error.to_string(), "the directory must belong to the service"))?;
    Ok(listener)
}

/// Takes the socket away.
pub fn unlink(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "the socket stays behind");
    }
}
