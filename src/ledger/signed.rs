//! Votes that their author signed: what is signed, and whether a signature holds (ledger § Signed votes).
//!
//! A statement names everything that makes a vote this vote: the board, the item and its revision, the round by the hash of
//! the event that opened it, the person and for whom they act, the vote, and the comment by its hash. It is signed by the
//! person's own SSH key (SSHSIG), so that `ssh-keygen -Y verify` alone tells whose vote it is.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ssh_key::{Algorithm, HashAlg, PublicKey, SshSig};

use super::{
    event::{Event, Vote},
    log,
};
use crate::model::{Id, Line, Person, Prose, Revision};

/// What a signature is made for, so that it can be used for nothing else.
pub const NAMESPACE: &str = "quorate-vote@v1";

/// A statement with the signature of its author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The exact text that was signed: a [`Statement`] as canonical JSON.
    pub text: String,
    /// The signature, as `ssh-keygen -Y sign` writes it.
    pub signature: String,
    /// Which key: `SHA256:` and base64, as `ssh-add -l` prints it.
    pub key: String,
}

/// What a vote says, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The lineage of the board: a vote of one board is none of another.
    pub board: String,
    pub item: Id,
    pub revision: Revision,
    /// Which round of the item, from 1.
    pub round: u32,
    /// Hex SHA-256 of the event that opened the round.
    pub opened: String,
    pub person: Id,
    /// The holders in whose seats the person acts: their own, and those who delegated to them.
    pub seats: Vec<Id>,
    /// `None` takes a vote back.
    pub vote: Option<Vote>,
    /// Hex SHA-256 of the comment.
    pub comment: Option<String>,
}

/// Where a statement stands: what the ledger alone does not know of an open round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    pub lineage: String,
    /// Hex SHA-256 of the event that opened the round.
    pub opened: String,
}

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    #[error("the signature cannot be read: {0}")]
    Unreadable(String),
    #[error("it is signed for {0:?}, which is something else")]
    Namespace(String),
    #[error("the key {0} is none of theirs")]
    Key(String),
    #[error("the signature does not fit what was signed")]
    Wrong,
}

impl Statement {
    /// The text that is signed: canonical JSON (RFC 8785).
    #[must_use]
    pub fn text(&self) -> String {
        // It holds texts and one small number, which all have a canonical form.
        log::canonical(self).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

/// The hash by which a statement names a comment.
#[must_use]
pub fn comment_hash(comment: &Prose) -> String {
    let hash: log::Hash = Sha256::digest(comment.as_bytes()).into();
    log::hex(&hash)
}

/// The public keys of a person that can be used here, one a line as OpenSSH writes them. Others are left out.
pub fn keys(person: &Person) -> impl Iterator<Item = PublicKey> {
    person.keys.iter().filter_map(|line| PublicKey::from_openssh(line).ok())
}

/// Reads a public key as OpenSSH writes it.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read_key(line: &str) -> Result<Line, String> {
    let key =
        PublicKey::from_openssh(line.trim()).map_err(|error| format!("it is no public key: {error}"))?;
    if usable(&key.algorithm()) {
        Ok(Line::new(line.trim()))
    } else {
        Err(format!(
            "keys of {} cannot be checked here; use ed25519, ecdsa of 256 bits, or one of either on a token (sk-)",
            key.algorithm()
        ))
    }
}

fn usable(algorithm: &Algorithm) -> bool {
    matches!(algorithm, Algorithm::Ed25519 | Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256)
        || matches!(algorithm, Algorithm::Ecdsa { curve: ssh_key::EcdsaCurve::NistP256 })
}

/// What an agent has to sign for a text: the message of an SSHSIG, around the hash of the text.
///
/// # Errors
/// Never for a namespace that is not empty.
pub fn message(namespace: &str, text: &str) -> Result<Vec<u8>, NotSigned> {
    SshSig::signed_data(namespace, HashAlg::Sha512, text.as_bytes())
        .map_err(|error| NotSigned::Unreadable(error.to_string()))
}

/// Whether a public key, as an agent names it, is one of these.
#[must_use]
pub fn is_one_of(blob: &[u8], keys: &[Line]) -> bool {
    let Ok(key) = PublicKey::from_bytes(blob) else { return false };
    keys.iter()
        .filter_map(|line| PublicKey::from_openssh(line).ok())
        .any(|own| own.key_data() == key.key_data())
}

impl Signed {
    /// A text with the signature that an agent made of its [`message`] by this key.
    ///
    /// # Errors
    /// When the key or the signature is none.
    pub fn of(namespace: &str, text: &str, key: &[u8], signature: &[u8]) -> Result<Self, NotSigned> {
        let unreadable = |error: ssh_key::Error| NotSigned::Unreadable(error.to_string());
        let key = PublicKey::from_bytes(key).map_err(unreadable)?;
        let signature = ssh_key::Signature::try_from(signature).map_err(unreadable)?;
        let whole =
            SshSig::new(key.key_data().clone(), namespace, HashAlg::Sha512, signature).map_err(unreadable)?;
        Ok(Self {
            text: text.to_owned(),
            signature: whole.to_pem(ssh_key::LineEnding::LF).map_err(unreadable)?,
            key: key.fingerprint(HashAlg::Sha256).to_string(),
        })
    }

    /// Checks that one of these keys signed the text as a vote, and says which.
    ///
    /// # Errors
    /// Why it does not hold.
    pub fn check(&self, keys: impl Iterator<Item = PublicKey>) -> Result<PublicKey, NotSigned> {
        self.check_for(NAMESPACE, keys)
    }

    /// Checks that one of these keys signed the text for this use, and says which.
    ///
    /// # Errors
    /// Why it does not hold.
    pub fn check_for(
        &self,
        namespace: &str,
        mut keys: impl Iterator<Item = PublicKey>,
    ) -> Result<PublicKey, NotSigned> {
        let signature = SshSig::from_pem(self.signature.as_bytes())
            .map_err(|error| NotSigned::Unreadable(error.to_string()))?;
        if signature.namespace() != namespace {
            return Err(NotSigned::Namespace(signature.namespace().to_owned()));
        }
        let by = signature.public_key();
        let fingerprint = by.fingerprint(HashAlg::Sha256).to_string();
        let key = keys.find(|key| key.key_data() == by).ok_or(NotSigned::Key(fingerprint.clone()))?;
        if self.key != fingerprint {
            return Err(NotSigned::Key(self.key.clone()));
        }
        key.verify(namespace, self.text.as_bytes(), &signature).map_err(|_| NotSigned::Wrong)?;
        Ok(key)
    }

    /// The key that the signature names as its own, whoever's that is.
    #[must_use]
    pub fn own_key(&self) -> Option<PublicKey> {
        let signature = SshSig::from_pem(self.signature.as_bytes()).ok()?;
        Some(PublicKey::from(signature.public_key().clone()))
    }

    /// Whether it is about the vote of this event, in a round that the event with this hash opened, and its signature is one
    /// of the key it names. Whose key that is, the board's people say.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn holds(&self, event: &Event, opened: Option<&str>) -> Result<PublicKey, String> {
        let said = self.statement().ok_or("what was signed is no statement of a vote")?;
        let (item, round, person, vote) = match event {
            Event::Voted { item, round, revision, person, vote, comment, .. } => {
                if said.revision != *revision || said.comment != comment.as_ref().map(comment_hash) {
                    return Err("another revision or comment was signed".to_owned());
                }
                (item, *round, person, Some(*vote))
            }
            Event::Withdrawn { item, round, person, .. } => (item, *round, person, None),
            _ => return Err("it is no vote".to_owned()),
        };
        if (&said.item, said.round, &said.person, said.vote) != (item, round, person, vote) {
            return Err("another vote was signed".to_owned());
        }
        if opened != Some(said.opened.as_str()) {
            return Err("it was signed for a round that another event opened".to_owned());
        }
        self.check(self.own_key().into_iter()).map_err(|why| why.to_string())
    }

    /// What it says; `None` where the text is no statement.
    #[must_use]
    pub fn statement(&self) -> Option<Statement> {
        serde_json::from_str(&self.text).ok()
    }
}

#[cfg(test)]
mod tests;
