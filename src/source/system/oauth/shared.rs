//! Tokens that all programs of one person share, until they end: some systems grant only a few in ten minutes.
//!
//! A file of each beside the refresh tokens, readable by its owner alone, with the time until which the system asked to
//! be left alone: whoever asks sooner prolongs that.

use std::{
    fs::{self, File},
    path::PathBuf,
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::renewed::{place, turn, written};
use crate::source::{clock::WallClock, system::Setup};

/// Where the tokens of one source are.
#[derive(Debug)]
pub struct Shared {
    source: String,
    address: String,
    folder: PathBuf,
    clock: WallClock,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    token: Option<String>,
    /// Seconds since 1970.
    until: u64,
    patience: u64,
}

impl Shared {
    /// None where nothing is kept over restarts.
    #[must_use]
    pub fn of(setup: &Setup) -> Option<Self> {
        let folder = setup.http.kept.clone()?;
        Some(Self {
            source: setup.id.as_str().to_owned(),
            address: setup.address.clone(),
            folder,
            clock: setup.http.clock.clone(),
        })
    }

    /// Seconds since 1970.
    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().secs()).unwrap_or(0)
    }

    fn path(&self, key: &str) -> PathBuf {
        place(&self.folder, &self.source, &self.address, key).with_extension("token")
    }

    fn read(&self, key: &str) -> Kept {
        let text = fs::read_to_string(self.path(key)).ok();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    fn write(&self, key: &str, kept: &Kept) {
        let path = self.path(key);
        let text = serde_json::to_string(kept).unwrap_or_default();
        if let Err(error) = written(&path, &text) {
            let (source, path) = (&self.source, path.display());
            tracing::warn!(source, %path, %error, "a token cannot be kept: every program asks for its own");
        }
    }

    /// The turn of this program to ask, until it is dropped.
    pub async fn turn(&self, key: &str) -> Option<File> {
        turn(&self.path(key).with_extension("turn")).await
    }

    /// The token for this, and how long it is good.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<(SecretString, Duration)> {
        let kept = self.read(key);
        let left = kept.until.checked_sub(self.now()).filter(|left| *left > 0)?;
        Some((kept.token?.into(), Duration::from_secs(left)))
    }

    /// Keeps what was granted for this.
    pub fn keep(&self, key: &str, token: &SecretString, lasts: Duration) {
        let token = Some(token.expose_secret().to_owned());
        self.write(key, &Kept { token, until: self.now() + lasts.as_secs(), patience: 0 });
    }

    /// Forgets a token that is no longer good; one that another program got since stays.
    pub fn forget(&self, key: &str, token: &SecretString) {
        let kept = self.read(key);
        if kept.token.as_deref() == Some(token.expose_secret()) {
            self.write(key, &Kept { token: None, ..kept });
        }
    }

    /// Seconds in which the system wants to be left alone still.
    #[must_use]
    pub fn patience(&self, key: &str) -> Option<u64> {
        self.read(key).patience.checked_sub(self.now()).filter(|left| *left > 0)
    }

    /// Notes that the system wants to be left alone for so many seconds.
    pub fn wait(&self, key: &str, seconds: u64) {
        self.write(key, &Kept { patience: self.now() + seconds, ..self.read(key) });
    }
}
