//! Heads of the record under the key of the service that keeps it (ledger § Signed heads): who has seen one, and knows the key,
//! can tell a record that was written anew from the one that was signed.
//!
//! A head is signed as SSH signs (SSHSIG), so that `ssh-keygen -Y verify` alone judges it. The key that follows another is
//! signed by that one.

use serde::{Deserialize, Serialize};
use ssh_key::{HashAlg, PublicKey};

use super::{
    event::{Event, Signed},
    log::{self, hex},
};
use crate::model::Line;

/// What a head is signed for, so that the signature can be used for nothing else.
pub const HEAD: &str = "quorate-head@v1";
/// What a key that follows another is signed for.
pub const KEY: &str = "quorate-key@v1";

/// What is said of a head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The lineage of the board as it was signed.
    pub board: String,
    /// The number of the event.
    pub n: u64,
    /// Its hash, in hex.
    pub hash: String,
}

/// What is said of a key that follows another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    pub board: String,
    /// The new one, as OpenSSH writes it.
    pub key: Line,
}

/// The text that is signed: canonical JSON (RFC 8785).
#[must_use]
pub fn text(what: &impl Serialize) -> String {
    // Texts and one number below 2^53, which all have a canonical form.
    log::canonical(what).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// As `ssh-keygen -l` names a key; none where the line is no key.
#[must_use]
pub fn fingerprint(key: &str) -> Option<String> {
    PublicKey::from_openssh(key).ok().map(|key| key.fingerprint(HashAlg::Sha256).to_string())
}

/// How the record stands with signed heads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignedTo {
    /// The newest head that is signed.
    pub n: u64,
    /// The fingerprint of the key in use.
    pub key: Option<String>,
    /// The event of the newest minutes.
    pub minutes: u64,
}

impl SignedTo {
    /// Takes an event of number `n`.
    pub fn take(&mut self, n: u64, event: &Event) {
        match event {
            Event::HeadSigned { n: head, proof, .. } => {
                self.n = self.n.max(*head);
                self.key = Some(proof.key.clone());
            }
            Event::ServiceKeyChanged { key, .. } => self.key = fingerprint(key).or(self.key.take()),
            Event::Meeting { act, .. } if act.issues_minutes() => self.minutes = n,
            _ => {}
        }
    }

    /// Whether the head of so many events is to be signed: `every` so many (0: never), and with issued minutes.
    #[must_use]
    pub fn is_due(&self, events: u64, every: u64) -> bool {
        every > 0 && (self.minutes > self.n || events >= self.n + every)
    }
}

/// What was found of the signed heads of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How many were signed.
    pub heads: u64,
    /// The newest head that holds.
    pub to: u64,
    /// The first that does not hold, and why.
    pub broken: Option<(u64, String)>,
    /// Fingerprints of the keys in the order of their use.
    pub keys: Vec<String>,
    /// Keys that came without the word of the one before.
    pub strange: Vec<String>,
}

impl Found {
    /// Takes the event of number `at` where it is about heads; `hash` says what hash an event of the record has.
    pub fn take(&mut self, at: u64, event: &Event, hash: impl Fn(u64) -> Option<log::Hash>) {
        match event {
            Event::HeadSigned { n, hash: said, proof } => {
                self.heads += 1;
                match self.head(at, (*n, said), proof, hash(*n)) {
                    Ok(()) => self.to = self.to.max(*n),
                    Err(why) => self.breaks(at, why),
                }
            }
            Event::ServiceKeyChanged { key, proof } => match self.follows(key, proof.as_deref()) {
                Ok(()) => {}
                Err(why) => self.breaks(at, why),
            },
            _ => {}
        }
        if let Event::ServiceKeyChanged { key, proof: None } = event {
            let key = fingerprint(key).unwrap_or_default();
            self.strange.push(format!("the key {key} of event {at} came without the word of the one before"));
        }
    }

    fn breaks(&mut self, at: u64, why: String) {
        self.broken.get_or_insert((at, why));
    }

    fn head(
        &mut self,
        at: u64,
        (n, said): (u64, &str),
        proof: &Signed,
        hash: Option<log::Hash>,
    ) -> Result<(), String> {
        let own = proof.own_key();
        proof.check_for(HEAD, own.into_iter()).map_err(|why| why.to_string())?;
        let head: Head = serde_json::from_str(&proof.text).map_err(|_| "what was signed is no head")?;
        if (head.n, head.hash.as_str()) != (n, said) {
            return Err("another head was signed".to_owned());
        }
        if n >= at || hash.map(|hash| hex(&hash)).as_deref() != Some(said) {
            return Err(format!(
                "event {n} was another one when its head was signed: the record was rewritten"
            ));
        }
        match self.keys.last() {
            Some(key) if *key != proof.key => {
                Err(format!("it is signed with {}, and the key in use is {key}", proof.key))
            }
            Some(_) => Ok(()),
            None => {
                self.keys.push(proof.key.clone());
                Ok(())
            }
        }
    }

    fn follows(&mut self, key: &str, proof: Option<&Signed>) -> Result<(), String> {
        let new = fingerprint(key).ok_or("the key that follows is no key")?;
        if let (Some(proof), Some(old)) = (proof, self.keys.last()) {
            proof.check_for(KEY, proof.own_key().into_iter()).map_err(|why| why.to_string())?;
            let said: Successor =
                serde_json::from_str(&proof.text).map_err(|_| "what was signed is no key that follows")?;
            if proof.key != *old || *said.key != *key {
                return Err(format!("the key {new} is not signed by {old}, which was in use"));
            }
        }
        self.keys.push(new);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
