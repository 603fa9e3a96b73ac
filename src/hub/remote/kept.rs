//! What the first screen shows of a served board, kept among this user's own caches: the next start draws it as soon as the
//! service has said that the same person looks at the same board, and before the board is there.
//!
//! It is what everybody shares of that board: no secret vote, no draft, nothing of one person but who they are. Another board,
//! person or seat, a service that says no, a logout and another build take it away unseen.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{At, Options};
use crate::{
    hub::{local::cache, unsent},
    ledger::log,
    model::Instant,
    projection,
    wire::{Me, Snapshot},
};

/// More is not kept, in bytes: it would not be there at once.
const LARGEST: usize = 500_000;

/// Bytes of the hash at the beginning.
const HASH: usize = 32;

/// The place of one service's board.
#[derive(Debug)]
pub struct Kept {
    file: PathBuf,
    /// What the file must agree with besides its content: this build, and where the board is served.
    ours: String,
}

/// What lies there.
#[derive(Serialize, Deserialize)]
struct Content {
    /// As the service names the board, who looks and as what.
    view: String,
    /// As JSON.
    me: Vec<u8>,
    opening: Vec<u8>,
}

/// What was kept, until the service says whether it is still of whom it was.
pub struct Before(Content);

impl Kept {
    /// The place of what these options look at; none where nothing is kept.
    #[must_use]
    pub fn of(options: &Options) -> Option<Self> {
        let directory = options.cache.as_deref()?;
        let ours = format!("{} {}", cache::layout()?, options.at);
        Some(Self { file: file(directory, &options.at), ours })
    }

    /// What was kept by this build; anything else that lies there is taken away.
    #[must_use]
    pub fn read(&self) -> Option<Before> {
        let bytes = fs::read(&self.file).ok()?;
        let whole = bytes.split_at_checked(HASH).filter(|(hash, rest)| *hash == self.hash(rest).as_slice());
        let read = whole.and_then(|(_, rest)| postcard::from_bytes(rest).ok());
        if read.is_none() {
            self.forget();
        }
        read.map(Before)
    }

    /// Keeps the opening of a board that everybody shares, and as whom it is looked at.
    ///
    /// # Errors
    /// When it cannot be written; what was kept before is gone then.
    pub fn write(&self, view: &str, board: &Snapshot, me: &Me) -> Result<(), String> {
        let Some(part) = projection::opening(board) else {
            self.forget();
            return Ok(());
        };
        let me = serde_json::to_vec(me).map_err(|error| error.to_string())?;
        let content = Content { view: view.to_owned(), me, opening: cache::write_packed(&part)? };
        let rest = postcard::to_stdvec(&content).map_err(|error| error.to_string())?;
        if rest.len() > LARGEST {
            self.forget();
            return Ok(());
        }
        self.put(&rest).map_err(|error| {
            self.forget();
            error.to_string()
        })
    }

    /// In one move, for this user alone. It need not be on the disk when the power goes: half of it agrees with no hash.
    fn put(&self, rest: &[u8]) -> io::Result<()> {
        let directory = self.file.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(&self.hash(rest))?;
        file.write_all(rest)?;
        file.persist(&self.file).map(drop).map_err(|error| error.error)
    }

    /// Takes it away.
    pub fn forget(&self) {
        if let Err(error) = unsent::forget(&self.file) {
            tracing::warn!(%error, "what is kept of a served board stays");
        }
    }

    fn hash(&self, rest: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(&self.ours);
        hash.update([0]);
        hash.update(rest);
        hash.finalize().to_vec()
    }
}

impl Before {
    /// What the service is told, so that it need not send the same.
    #[must_use]
    pub fn view(&self) -> &str {
        &self.0.view
    }

    /// The board and as whom it was looked at, where it says all that the first screen shows now.
    #[must_use]
    pub fn open(self, now: Instant) -> Option<(Snapshot, Me)> {
        let board = cache::read_packed(&self.0.opening)?;
        let serves = board.opening.is_some_and(|opening| opening.serves(now));
        let me = serde_json::from_slice(&self.0.me).ok()?;
        serves.then(|| (Snapshot { kept: true, ..board }, me))
    }
}

/// Takes away what is kept of a board.
///
/// # Errors
/// When it cannot be taken away.
pub fn forget(directory: &Path, at: &At) -> io::Result<()> {
    unsent::forget(&file(directory, at))
}

fn file(directory: &Path, at: &At) -> PathBuf {
    let name = log::hex(&Sha256::digest(at.to_string().trim_end_matches('/')));
    directory.join(format!("{}.opening", name.get(..24).unwrap_or(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What would not be there at once is not kept, nor what was kept before it.
    #[test]
    fn more_than_the_limit_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let kept =
            Kept { file: folder.path().join("kept/board.opening"), ours: "this build, there".to_owned() };
        let (board, me) = (Snapshot::empty(Instant::from_secs(1_795_608_000)), Me::default());
        let write = |bytes: usize| kept.write(&"v".repeat(bytes), &board, &me).unwrap();
        let read = || kept.read().map(|before| before.view().len());
        write(LARGEST / 2);
        assert_eq!(read(), Some(LARGEST / 2));
        // All but the view, whose length takes as many bytes in each case.
        let rest = usize::try_from(fs::metadata(&kept.file).unwrap().len()).unwrap() - HASH - LARGEST / 2;
        write(LARGEST - rest);
        assert_eq!(read(), Some(LARGEST - rest));
        write(LARGEST - rest + 1);
        assert_eq!((read(), kept.file.exists()), (None, false));
        // Of another place, or of another build, is nothing.
        write(10);
        let other = Kept { ours: "this build, elsewhere".to_owned(), file: kept.file.clone() };
        assert!(other.read().is_none() && !kept.file.exists());
    }
}
