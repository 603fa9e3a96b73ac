//! The key of the board that is served: what the gate answers is signed with it, so that a pipeline can prove what it was told.
//!
//! The key is made when the board is first served, beside its file or where the settings say, and for its owner alone; replicas of
//! one database are given the same. `GET /v1/keys` says the public half. A key that another follows stays beside it as `.old`
//! until it has signed that one.

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
    ledger::{
        event::Signed,
        heads::fingerprint,
        signed::{self, NotSigned},
    },
    model::Line,
    store::Location,
    wire::{GateAnswer, GateSignature, Problem, ProblemKind},
};

/// The one kind of signature there is.
const ALGORITHM: &str = "Ed25519";
/// The same as SSH calls it.
const SSH: &str = "ssh-ed25519";

/// What signs.
pub struct Signer {
    pair: Ed25519KeyPair,
    id: Line,
    /// Its file; none where it is this process's alone, and signs no heads.
    file: Option<PathBuf>,
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
    /// The same as OpenSSH writes it.
    pub openssh: Line,
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
    pub fn of(location: &Location, named: Option<&Path>) -> Result<Arc<Self>, Problem> {
        let random = SystemRandom::new();
        let fresh = || Ed25519KeyPair::generate_pkcs8(&random).map_err(|_| failed("no random numbers", ""));
        let file = match (named, location) {
            (Some(named), _) => Some(named.to_owned()),
            (None, Location::File(board)) => Some(beside(board)),
            // Nothing lies beside these: the key is this process's, and `/v1/keys` says it.
            (None, Location::Memory | Location::Postgres(_)) => None,
        };
        let bytes = match &file {
            Some(file) => kept(file, || Ok(fresh()?.as_ref().to_vec()))?,
            None => fresh()?.as_ref().to_vec(),
        };
        Self::read(&bytes, file).map(Arc::new)
    }

    fn read(bytes: &[u8], file: Option<PathBuf>) -> Result<Self, Problem> {
        let pair = Ed25519KeyPair::from_pkcs8(bytes)
            .map_err(|error| failed("the key of the gate cannot be read", &error.to_string()))?;
        let hash = Sha256::digest(pair.public_key().as_ref());
        let id: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { pair, id: Line::new(&id), file })
    }

    /// Whether it is there again after the next start, so that what it signs proves something.
    pub fn lasts(&self) -> bool {
        self.file.is_some()
    }

    /// The key that was in use before, where it still lies beside this one.
    pub fn retired(&self) -> Option<Self> {
        let old = PathBuf::from(format!("{}.old", self.file.as_ref()?.display()));
        let read = old.exists().then(|| kept(&old, || Err(failed("it is gone", ""))))?;
        let read = read.and_then(|bytes| Self::read(&bytes, None));
        read.inspect_err(|problem| tracing::warn!(%problem, "the key before cannot be used")).ok()
    }

    /// The text under the key, as SSH signs, for one use alone.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn prove(&self, namespace: &str, text: &str) -> Result<Signed, Problem> {
        let unsigned = |error: NotSigned| failed("this cannot be signed", &error.to_string());
        let message = signed::message(namespace, text).map_err(unsigned)?;
        let mut signature = Vec::new();
        [SSH.as_bytes(), self.pair.sign(&message).as_ref()].iter().for_each(|part| put(&mut signature, part));
        Signed::of(namespace, text, &self.blob(), &signature).map_err(unsigned)
    }

    /// The public half as SSH has it: two texts, each behind its length.
    fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        [SSH.as_bytes(), self.pair.public_key().as_ref()].iter().for_each(|part| put(&mut blob, part));
        blob
    }

    /// The public half as OpenSSH writes it.
    pub fn openssh(&self) -> Line {
        Line::new(&format!("{SSH} {}", STANDARD.encode(self.blob())))
    }

    /// As `ssh-keygen -l` names it.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.openssh()).unwrap_or_default()
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
        KeyDocument { id: self.id.clone(), algorithm: ALGORITHM, public, openssh: self.openssh() }
    }
}

fn put(out: &mut Vec<u8>, text: &[u8]) {
    out.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(text);
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
        let first = Signer::of(&board, None).unwrap().public();
        assert_eq!(Signer::of(&board, None).unwrap().public().public, first.public, "the same one again");
        let file = folder.path().join("b.db.key");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = Signer::of(&board, None).unwrap_err();
        assert!(refused.title.contains("others may read"), "{refused:?}");
        fs::write(&file, "no key").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(Signer::of(&board, None).unwrap_err().title.contains("cannot be read"));
    }

    #[test]
    fn what_is_proved_is_proved_for_one_use_and_a_retired_key_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let board = Location::File(folder.path().join("b.db"));
        let named = folder.path().join("own.key");
        let one = Signer::of(&board, Some(&named)).unwrap();
        let proof = one.prove("quorate-head@v1", "a head").unwrap();
        assert_eq!(proof.key, one.fingerprint());
        proof.check_for("quorate-head@v1", proof.own_key().into_iter()).unwrap();
        assert!(proof.check_for("quorate-vote@v1", proof.own_key().into_iter()).is_err());
        assert!(!folder.path().join("b.db.key").exists() && one.retired().is_none() && one.lasts());
        fs::rename(&named, folder.path().join("own.key.old")).unwrap();
        let two = Signer::of(&board, Some(&named)).unwrap();
        assert_ne!(two.fingerprint(), one.fingerprint());
        assert_eq!(two.retired().unwrap().fingerprint(), one.fingerprint());
        assert!(!Signer::of(&Location::Memory, None).unwrap().lasts());
    }
}
