//! Whether a socket is the service's: somebody who can put one of their own in its place would be told every vote.

use std::{
    fmt,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
};

use crate::wire::{Problem, ProblemKind};

/// Why a socket is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    NoSocket,
    Link(PathBuf),
    Owner(PathBuf),
    Writable(PathBuf),
    /// The other end is somebody else than the owner of the socket.
    Peer(u32),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSocket => f.write_str("it is no socket"),
            Self::Link(path) => write!(f, "{} is a symbolic link", path.display()),
            Self::Owner(path) => {
                write!(f, "{} belongs neither to root nor to the service", path.display())
            }
            Self::Writable(path) => write!(f, "others may write in {}", path.display()),
            Self::Peer(uid) => write!(f, "user number {uid} answers there, who does not own the socket"),
        }
    }
}

/// Looks at the socket, at every directory above it, and at who answers.
///
/// # Errors
/// When nobody answers, or the socket is not to be trusted.
pub fn check(socket: &Path) -> Result<(), Problem> {
    let failed = |why: String, hint: &str| {
        Problem::new(ProblemKind::Unreachable, format!("the board at {}: {why}", socket.display())).hint(hint)
    };
    let unreachable = |error: std::io::Error| {
        failed(
            format!("nobody serves it ({error})"),
            "ask whoever runs the service; `--db FILE` opens a board of your own",
        )
    };
    let facts = socket.symlink_metadata().map_err(unreachable)?;
    let connection = std::os::unix::net::UnixStream::connect(socket).map_err(unreachable)?;
    let answers = rustix::net::sockopt::socket_peercred(&connection).map(|cred| cred.uid.as_raw()).ok();
    let doubt = if facts.file_type().is_socket() {
        doubt(socket, facts.uid())
            .or_else(|| answers.filter(|uid| ![0, facts.uid()].contains(uid)).map(Why::Peer))
    } else {
        Some(Why::NoSocket)
    };
    match doubt {
        None => Ok(()),
        Some(why) => Err(failed(
            format!("{why}; somebody could have put it there to be told your votes"),
            "ask whoever runs the service to keep the socket in a directory of its own",
        )),
    }
}

/// What of the directories above a socket lets others than root and its owner put another in its place.
fn doubt(socket: &Path, owner: u32) -> Option<Why> {
    const OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let above = std::path::absolute(socket).ok()?;
    for dir in above.ancestors().skip(1) {
        let Ok(facts) = dir.symlink_metadata() else { return Some(Why::Owner(dir.to_owned())) };
        if facts.file_type().is_symlink() {
            return Some(Why::Link(dir.to_owned()));
        }
        if ![0, owner].contains(&facts.uid()) {
            return Some(Why::Owner(dir.to_owned()));
        }
        // In a sticky directory nobody takes away what others own.
        if facts.mode() & OTHERS != 0 && facts.mode() & STICKY == 0 {
            return Some(Why::Writable(dir.to_owned()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::{fs::PermissionsExt, net::UnixListener},
    };

    use super::*;

    #[test]
    fn a_socket_others_can_replace_is_not_trusted() {
        let dir = tempfile::tempdir().unwrap();
        let mode = |path: &Path, mode: u32| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let home = dir.path().join("quorate");
        fs::create_dir(&home).unwrap();
        mode(&home, 0o755);
        let socket = home.join("quorate.sock");
        assert!(check(&socket).unwrap_err().title.contains("nobody serves it"));
        let _listener = UnixListener::bind(&socket).unwrap();
        assert_eq!(check(&socket), Ok(()));
        mode(&home, 0o777);
        let said = check(&socket).unwrap_err().title;
        assert!(said.contains("others may write in") && said.contains("quorate"), "{said}");
        mode(&home, 0o755);
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&home, &link).unwrap();
        let said = check(&link.join("quorate.sock")).unwrap_err().title;
        assert!(said.contains("link is a symbolic link"), "{said}");
        let file = home.join("file");
        fs::write(&file, "").unwrap();
        assert!(check(&file).unwrap_err().title.contains("nobody serves it"));
    }
}
