//! Being logged in at a provider: an identity that is good for a while, and what renews it, kept in a file for this user alone.
//! Programs of one user take turns: a provider that replaces the refresh token takes the newest one only.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use reqwest::Client;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    over_network,
    provider::{Discovered, Granted, Told, end_of, post, revoke},
};
use crate::{
    config::{ExposeSecret, SecretString},
    hub::{Clock, protocol::Issuer},
    model::Instant,
    wire::{Problem, ProblemKind},
};

/// Seconds before its end at which an identity is renewed.
const EARLY: i64 = 60;

/// Where somebody is logged in.
#[derive(Debug)]
pub struct Session {
    file: PathBuf,
    ca: Option<PathBuf>,
    clock: Clock,
}

/// What is kept of it.
#[derive(Serialize, Deserialize)]
struct Kept {
    url: String,
    issuer: String,
    client_id: String,
    id_token: String,
    refresh_token: Option<String>,
}

/// Who is logged in where, without a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub issuer: String,
    pub until: Option<Instant>,
    /// It is renewed by itself.
    pub renewed: bool,
}

impl Session {
    /// The session of a board; there or not.
    #[must_use]
    pub fn of(folder: &Path, url: &str, ca: Option<PathBuf>) -> Self {
        let name = Sha256::digest(url.trim_end_matches('/').as_bytes());
        let name: String = name.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Self { file: folder.join(format!("{name}.login")), ca, clock: Clock::System }
    }

    /// Who is logged in; `None` where nobody is.
    ///
    /// # Errors
    /// When what is kept cannot be read, or others could read it.
    pub fn login(&self) -> Result<Option<Login>, Problem> {
        Ok(self.read()?.map(|kept| Login {
            until: end_of(&kept.id_token),
            renewed: kept.refresh_token.is_some(),
            issuer: kept.issuer,
        }))
    }

    /// Keeps what was granted.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(&self, url: &str, at: &Issuer, granted: &Granted) -> Result<(), Problem> {
        self.write(&Kept {
            url: url.to_owned(),
            issuer: at.issuer.clone(),
            client_id: at.client_id.clone(),
            id_token: granted.id_token.expose_secret().to_owned(),
            refresh_token: granted.refresh_token.as_ref().map(|token| token.expose_secret().to_owned()),
        })
    }

    /// Has the provider take back what renews it; whether there was something to take back, and a provider that does.
    ///
    /// # Errors
    /// When the provider cannot be told: what renews the login is good until it ends there.
    pub async fn revoke(&self) -> Result<bool, Problem> {
        // Also one that others could read: it is taken back all the more.
        let Some(kept) =
            fs::read(&self.file).ok().and_then(|text| serde_json::from_slice::<Kept>(&text).ok())
        else {
            return Ok(false);
        };
        let Some(refresh) = &kept.refresh_token else { return Ok(false) };
        let http = over_network(&kept.issuer, self.ca.as_deref())?
            .build()
            .map_err(|error| Problem::new(ProblemKind::Unreachable, error.to_string()))?;
        let found = Discovered::of(&http, &kept.issuer).await?;
        let Some(endpoint) = found.revocation_endpoint else { return Ok(false) };
        revoke(&http, &endpoint, &kept.client_id, refresh).await.map(|()| true)
    }

    /// Forgets it; whether there was one.
    ///
    /// # Errors
    /// When the file cannot be taken away.
    pub fn end(&self) -> Result<bool, Problem> {
        match fs::remove_file(&self.file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// The identity to show, renewed where it is about to end.
    ///
    /// # Errors
    /// When nobody is logged in any more.
    pub async fn bearer(&self) -> Result<SecretString, Problem> {
        let fresh =
            |kept: &Kept| end_of(&kept.id_token).is_some_and(|end| self.clock.now().plus(EARLY) < end);
        if let Some(kept) = self.read()?.filter(fresh) {
            return Ok(SecretString::from(kept.id_token));
        }
        let _turn = self.turn()?;
        // Another program may have renewed it meanwhile.
        let kept = self.read()?.ok_or_else(|| over("you are not logged in"))?;
        if fresh(&kept) {
            return Ok(SecretString::from(kept.id_token));
        }
        let Some(refresh) = kept.refresh_token.clone() else {
            return Err(over("your login is over"));
        };
        let http = over_network(&kept.issuer, self.ca.as_deref())?
            .build()
            .map_err(|error| Problem::new(ProblemKind::Unreachable, error.to_string()))?;
        let granted = renew(&http, &kept, &refresh).await?;
        let id_token = granted.id_token.expose_secret().to_owned();
        let replaced = granted.refresh_token.as_ref().map(|token| token.expose_secret().to_owned());
        self.write(&Kept { id_token: id_token.clone(), refresh_token: replaced.or(Some(refresh)), ..kept })?;
        Ok(SecretString::from(id_token))
    }

    fn read(&self) -> Result<Option<Kept>, Problem> {
        let facts = match fs::metadata(&self.file) {
            Ok(facts) => facts,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(&error)),
        };
        if facts.mode() & 0o077 != 0 {
            return Err(
                self.failed(&format!("others can read it (mode {:04o}); log in again", facts.mode() & 0o777))
            );
        }
        let text = fs::read(&self.file).map_err(|error| self.failed(&error))?;
        serde_json::from_slice(&text).map(Some).map_err(|_| self.failed(&"it cannot be read; log in again"))
    }

    fn write(&self, kept: &Kept) -> Result<(), Problem> {
        let text = serde_json::to_vec(kept).map_err(|_| self.failed(&"it cannot be written"))?;
        let folder = self.folder()?;
        // A temporary file is its owner's alone from the start.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| self.failed(&error))?;
        file.write_all(&text)
            .and_then(|()| file.as_file().sync_all())
            .map_err(|error| self.failed(&error))?;
        file.persist(&self.file).map(drop).map_err(|error| self.failed(&error.error))
    }

    fn folder(&self) -> Result<&Path, Problem> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| self.failed(&error))?;
        Ok(folder)
    }

    /// Waits until no other program of this user renews.
    fn turn(&self) -> Result<File, Problem> {
        self.folder()?;
        let lock = self.file.with_extension("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(lock)
            .map_err(|error| self.failed(&error))?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|error| self.failed(&error))?;
        Ok(file)
    }

    fn failed(&self, why: &dyn std::fmt::Display) -> Problem {
        Problem::new(ProblemKind::Invalid, format!("your login in {}: {why}", self.file.display()))
            .hint("`quorate login URL` makes it anew")
    }
}

fn over(why: &str) -> Problem {
    Problem::new(ProblemKind::NotAllowed, why).hint("`quorate login URL` logs you in again")
}

async fn renew(http: &Client, kept: &Kept, refresh: &str) -> Result<Granted, Problem> {
    let found = Discovered::of(http, &kept.issuer).await?;
    let endpoint = found.token_endpoint.ok_or_else(|| over("your provider renews no logins"))?;
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", kept.client_id.as_str())];
    match post::<Granted>(http, &endpoint, &form).await? {
        Told::Granted(granted) => Ok(granted),
        Told::Refused(refusal) => Err(over(&format!("your login is over: {}", refusal.words()))),
    }
}
