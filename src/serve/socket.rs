//! The socket: made for everybody to reach, by one service at a time, or given by who started the service (systemd's socket
//! activation). Reaching it is no right by itself.

use std::{
    fs,
    io::ErrorKind,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

use crate::wire::{Problem, ProblemKind};

/// A socket that is listened on.
#[derive(Debug)]
pub struct Listening {
    pub listener: UnixListener,
    /// Where people find it.
    pub path: PathBuf,
    /// It was made here, and goes with the service.
    pub made: bool,
}

/// Listens where who started the service already does, else on a path.
///
/// # Errors
/// As [`bind`], or when what was given is no socket of this kind.
pub fn listen(path: &Path) -> Result<Listening, Problem> {
    match given()? {
        Some((listener, at)) => {
            Ok(Listening { listener, path: at.unwrap_or_else(|| path.to_owned()), made: false })
        }
        None => Ok(Listening { listener: bind(path)?, path: path.to_owned(), made: true }),
    }
}

/// The socket this process was started with, and where it is.
fn given() -> Result<Option<(UnixListener, Option<PathBuf>)>, Problem> {
    let refused = |why: String| {
        Problem::new(ProblemKind::Invalid, format!("the socket this service was started with: {why}"))
            .hint("its unit has one ListenStream=, a path; or is started without a socket")
    };
    let mut all = listenfd::ListenFd::from_env();
    if all.len() > 1 {
        return Err(refused(format!("there are {}", all.len())));
    }
    let Some(given) = all.take_unix_listener(0).map_err(|error| refused(error.to_string()))? else {
        return Ok(None);
    };
    let failed = |error: std::io::Error| refused(error.to_string());
    // What this process starts has no business with it.
    rustix::io::fcntl_setfd(&given, rustix::io::FdFlags::CLOEXEC).map_err(|error| failed(error.into()))?;
    given.set_nonblocking(true).map_err(failed)?;
    let at = given.local_addr().ok().and_then(|at| at.as_pathname().map(Path::to_owned));
    UnixListener::from_std(given).map(|listener| Some((listener, at))).map_err(failed)
}

/// Listens on a path; what a service that is gone left there is taken away.
///
/// # Errors
/// When somebody listens there already, something else lies there, or it cannot be made.
fn bind(path: &Path) -> Result<UnixListener, Problem> {
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
