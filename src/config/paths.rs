//! Where files belong, by the XDG base directories.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// The places of this user's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The settings file.
    pub config: PathBuf,
    /// Themes of the user's own.
    pub themes: PathBuf,
    /// Templates of messages of the user's own.
    pub messages: PathBuf,
    /// The embedded board.
    pub board: PathBuf,
    /// The directory of what was seen of each board, and when.
    pub looked: PathBuf,
    /// The directory of the log files.
    pub logs: PathBuf,
    /// The directory of refresh tokens that systems replaced.
    pub tokens: PathBuf,
    /// The directory of unsent text that a board could not take.
    pub unsent: PathBuf,
    /// The directory of what is kept of served boards, so that the next start shows it at once.
    pub cache: PathBuf,
}

impl Paths {
    /// The XDG places; `None` where not even a home directory is known.
    #[must_use]
    pub fn find() -> Option<Self> {
        let base = etcetera::base_strategy::Xdg::new().ok()?;
        let config = base.config_dir().join("quorate");
        let state = base.state_dir().unwrap_or_else(|| base.data_dir()).join("quorate");
        Some(Self {
            themes: config.join("themes"),
            messages: config.join("messages"),
            config: config.join("config.toml"),
            board: base.data_dir().join("quorate").join("board.db"),
            tokens: state.join("tokens"),
            looked: state.join("looked"),
            unsent: state.join("unsent"),
            cache: base.cache_dir().join("quorate"),
            logs: state,
        })
    }
}

/// A path as written in a settings file: `~/` is the home directory, a relative one starts at the file's directory.
#[must_use]
pub(super) fn resolve(path: &Path, home: Option<&Path>, base: &Path) -> PathBuf {
    // The address of a database is no path.
    if path.to_str().is_some_and(|text| text.contains("://")) {
        return path.to_owned();
    }
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => base.join(path),
    }
}

/// From now on files this process makes are for its user alone, or for the group too where the board is shared: logs,
/// exports and settings name changes and people.
pub fn keep_private(shared: bool) {
    let mask = if shared { 0o007 } else { 0o077 };
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_settings_file() {
        let (home, base) = (Path::new("/home/ana"), Path::new("/etc/quorate"));
        for (given, want) in [
            ("/srv/cab.db", "/srv/cab.db"),
            ("~/cab.db", "/home/ana/cab.db"),
            ("cab.db", "/etc/quorate/cab.db"),
        ] {
            assert_eq!(resolve(Path::new(given), Some(home), base), Path::new(want));
        }
    }
}
