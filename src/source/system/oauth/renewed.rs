//! Refresh tokens that a system replaces as they are used: the newest alone is good, so it is kept over restarts.
//!
//! One file of each, readable by its owner alone, named by the source and a hash of what the settings say: a new secret
//! in the settings begins anew. It is on disk before it is used. Programs of one person take turns by a lock beside it.

use std::{
    collections::HashMap,
    fs::{self, DirBuilder, File},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::source::system::Setup;

/// How often, and how long in between, the lock is asked for; then it goes on without: better late than never.
const TRIES: usize = 50;
const BETWEEN: Duration = Duration::from_millis(100);

/// The newest tokens of one source.
pub struct Renewed {
    source: String,
    address: String,
    /// None where nothing is kept over restarts.
    folder: Option<PathBuf>,
    known: Mutex<HashMap<String, SecretString>>,
}

impl Renewed {
    #[must_use]
    pub fn of(setup: &Setup) -> Self {
        Self {
            source: setup.id.as_str().to_owned(),
            address: setup.address.clone(),
            folder: setup.http.kept.clone(),
            known: Mutex::default(),
        }
    }

    /// Where the token that replaces those of a secret is kept.
    fn path(&self, secret: &str) -> Option<PathBuf> {
        Some(place(self.folder.as_ref()?, &self.source, &self.address, secret))
    }

    /// The turn of this program, until it is dropped.
    pub async fn turn(&self, secret: &str) -> Option<File> {
        turn(&self.path(secret)?.with_extension("lock")).await
    }

    /// What came after the token of the settings; none where nothing did.
    #[must_use]
    pub fn newest(&self, secret: &str) -> Option<SecretString> {
        // Another program of mine may have used it since.
        let kept = self.path(secret).and_then(|path| fs::read_to_string(path).ok());
        let kept = kept.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept {
            known.insert(secret.to_owned(), kept.into());
        }
        known.get(secret).cloned()
    }

    /// Keeps what replaces the token used a moment ago. Where it cannot be written, this program goes on with it all the
    /// same: the old one is no longer good.
    pub fn keep(&self, secret: &str, token: &SecretString) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.to_owned(), token.clone());
        let Some(path) = self.path(secret) else { return };
        if let Err(error) = written(&path, token.expose_secret()) {
            tracing::error!(
                source = self.source,
                path = %path.display(),
                %error,
                "the refresh token was replaced and cannot be kept: after a restart a new one is needed"
            );
        }
    }
}

/// The file of one secret of one source.
pub(super) fn place(folder: &Path, source: &str, address: &str, secret: &str) -> PathBuf {
    let mut hash = Sha256::new();
    for part in [source, address, secret] {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    let hash: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    let source: String = source.chars().take(64).map(plain).collect();
    folder.join(format!("{source}-{hash}"))
}

/// The turn of this program at a lock, until it is dropped; none where it cannot be had, or not in time.
pub(super) async fn turn(path: &Path) -> Option<File> {
    made(path.parent()?).ok()?;
    let lock = File::options().create(true).truncate(false).write(true).mode(0o600).open(path).ok()?;
    for _ in 0..TRIES {
        match lock.try_lock() {
            Ok(()) => return Some(lock),
            Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(BETWEEN).await,
            Err(fs::TryLockError::Error(_)) => return None,
        }
    }
    None
}

fn made(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The old file or the new one, whatever happens.
pub(super) fn written(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    made(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(folder: &Path, source: &str) -> Renewed {
        let folder = Some(folder.join("tokens"));
        Renewed { source: source.into(), address: "https://a".into(), folder, known: Mutex::default() }
    }

    #[test]
    fn a_file_is_of_one_source_and_one_secret() {
        let dir = Path::new("/kept");
        let path = |source: &str, secret: &str| kept(dir, source).path(secret).unwrap();
        assert_eq!(path("snow", "a b"), path("snow", "a b"));
        for other in [path("snow", "a c"), path("snow2", "a b"), path("sno", "wa b")] {
            assert_ne!(path("snow", "a b"), other);
        }
        let odd = path("../../etc/x", "a b");
        assert_eq!(odd.parent(), Some(Path::new("/kept/tokens")), "{}", odd.display());
    }

    #[tokio::test]
    async fn programs_take_turns_and_each_finds_what_the_other_got() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (kept(dir.path(), "snow"), kept(dir.path(), "snow"));
        let turn = one.turn("a b").await.unwrap();
        let early = tokio::time::timeout(Duration::from_millis(20), other.turn("a b")).await;
        assert!(early.is_err(), "it waits");
        one.keep("a b", &"newer".to_owned().into());
        drop(turn);
        assert!(other.turn("a b").await.is_some());
        assert_eq!(other.newest("a b").unwrap().expose_secret(), "newer");
        assert!(other.newest("a c").is_none());
    }
}
