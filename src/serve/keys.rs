//! The key of the board that is served: what the gate answers is signed with it, so that a pipeline can prove what it was told.
//!
//! The key is made when the board is first served, beside its file and for its owner alone. `GET /v1/keys` says the public half.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    model::Line,
    store::Location,
    wire::{GateAnswer, GateSignature, Problem, ProblemKind},
};

/// The one kind of signature there is.
const ALGORITHM: &str = "Ed25519";

/// What signs.
pub struct Signer {
    pair: Ed25519KeyPair,
    id: Line,
}

/// The public half of a key.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeyDocument {
    /// As answers name it: the first 16 hex digits of the SHA-256 of the public key.
    pub id: Line,
    pub algorithm: &'static str,
    /// 32 bytes in base64.
    pub public: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Signer {
    /// The key of a board: read from beside its file, or made there.
    ///
    /// # Errors
    /// When it cannot be read or made, or others may read it.
    pub fn of(location: &Location) -> Result<Arc<Self>, Problem> {
        let random = SystemRandom::new();
        let fresh = || Ed25519KeyPair::generate_pkcs8(&random).map_err(|_| failed("no random numbers", ""));
        let bytes = match location {
            Location::File(file) => kept(&beside(file), || Ok(fresh()?.as_ref().to_vec()))?,
            // Nothing lies beside these: the key is this process's, and `/v1/keys` says it.
            Location::Memory | Location::Postgres(_) => fresh()?.as_ref().to_vec(),
        };
        let pair = Ed25519KeyPair::from_pkcs8(&bytes)
            .map_err(|error| failed("the key of the gate cannot be read", &error.to_string()))?;
        let hash = Sha256::digest(pair.public_key().as_ref());
        let id: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Arc::new(Self { pair, id: Line::new(&id) }))
    }

    /// The answer under the key.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn sign(&self, answer: GateAnswer) -> Result<GateAnswer, Problem> {
        let answer = GateAnswer { signature: None, ..answer };
        let signed = serde_json::to_string(&answer)
            .map_err(|error| failed("the answer cannot be written", &error.to_string()))?;
        let value = STANDARD.encode(self.pair.sign(signed.as_bytes()));
        let (algorithm, value) = (Line::new(ALGORITHM), Line::new(&value));
        Ok(GateAnswer {
            signature: Some(GateSignature { algorithm, key: self.id.clone(), signed, value }),
            ..answer
        })
    }

    /// What others check with.
    pub fn public(&self) -> KeyDocument {
        let public = STANDARD.encode(self.pair.public_key().as_ref());
        KeyDocument { id: self.id.clone(), algorithm: ALGORITHM, public }
    }
}

/// `board.db` has its key in `board.db.key`.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

/// The bytes of a file that only its owner may read; made where it is not there yet, whole or not at all.
fn kept(path: &Path, fresh: impl FnOnce() -> Result<Vec<u8>, Problem>) -> Result<Vec<u8>, Problem> {
    let what = || format!("the key of the gate, {}", path.display());
    match File::open(path) {
        Ok(mut file) => {
            let mode = file.metadata().map(|meta| meta.permissions().mode()).unwrap_or(0o777);
            if mode & 0o077 != 0 {
                return Err(failed(&format!("others may read {}", what()), "").hint(format!(
                    "chmod 600 {}; remove it where others had it, and a new one is made",
                    path.display()
                )));
            }
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(|error| failed(&what(), &error.to_string()))?;
            Ok(bytes)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let bytes = fresh()?;
            let made = PathBuf::from(format!("{}.new", path.display()));
            let written = File::options().write(true).create(true).truncate(true).mode(0o600).open(&made);
            let written = written.and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()));
            written
                .and_then(|()| fs::rename(&made, path))
                .map_err(|error| failed(&what(), &error.to_string()))?;
            Ok(bytes)
        }
        Err(error) => Err(failed(&what(), &error.to_string())),
    }
}

fn failed(what: &str, why: &str) -> Problem {
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    Problem::new(ProblemKind::Unreachable, format!("{what}{why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let board = Location::File(folder.path().join("b.db"));
        let first = Signer::of(&board).unwrap().public();
        assert_eq!(Signer::of(&board).unwrap().public().public, first.public, "the same one again");
        let file = folder.path().join("b.db.key");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = Signer::of(&board).unwrap_err();
        assert!(refused.title.contains("others may read"), "{refused:?}");
        fs::write(&file, "no key").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(Signer::of(&board).unwrap_err().title.contains("cannot be read"));
    }
}
