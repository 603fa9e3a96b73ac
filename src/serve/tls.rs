//! The certificate of the service: read at the start, and again when its files change or the process is told to (SIGHUP). One
//! that cannot be used leaves the last one in place, and is said in the log.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::wire::{Problem, ProblemKind};

/// What TLS is spoken with.
#[derive(Debug)]
pub struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    now: RwLock<(Stamp, Arc<ServerConfig>)>,
}

/// When both files were last written.
type Stamp = [Option<SystemTime>; 2];

impl Certificate {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// When they cannot be read, do not belong together, or others may read the key.
    pub fn read(cert: PathBuf, key: PathBuf) -> Result<Self, Problem> {
        let now = RwLock::new((stamp(&cert, &key), Arc::new(config(&cert, &key)?)));
        Ok(Self { cert, key, now })
    }

    /// What the next connection is spoken with.
    pub fn acceptor(&self) -> TlsAcceptor {
        let config = &self.now.read().unwrap_or_else(PoisonError::into_inner).1;
        TlsAcceptor::from(Arc::clone(config))
    }

    /// Reads both files again where they changed, or in any case.
    pub fn read_again(&self, in_any_case: bool) {
        let stamp = stamp(&self.cert, &self.key);
        if !in_any_case && self.now.read().unwrap_or_else(PoisonError::into_inner).0 == stamp {
            return;
        }
        match config(&self.cert, &self.key) {
            Ok(config) => {
                tracing::info!(cert = %self.cert.display(), "the certificate was read again");
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = (stamp, Arc::new(config));
            }
            Err(problem) => {
                tracing::error!(%problem, "the certificate stays as it was");
                self.now.write().unwrap_or_else(PoisonError::into_inner).0 = stamp;
            }
        }
    }
}

fn stamp(cert: &Path, key: &Path) -> Stamp {
    [cert, key].map(|file| fs::metadata(file).and_then(|facts| facts.modified()).ok())
}

fn config(cert: &Path, key: &Path) -> Result<ServerConfig, Problem> {
    let refused = |file: &Path, why: &dyn std::fmt::Display| {
        Problem::new(ProblemKind::Invalid, format!("{}: {why}", file.display()))
            .hint("certificate and key are PEM files; the chain begins with the certificate of this host")
    };
    private(key).map_err(|why| refused(key, &why))?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|error| refused(cert, &error))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| refused(key, &error))?;
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(cert, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| refused(cert, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// A key that everybody may read is none.
fn private(key: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let facts = fs::metadata(key).map_err(|error| error.to_string())?;
    match facts.mode() & 0o007 {
        0 => Ok(()),
        _ => Err(format!("everybody can read it (mode {:04o}); run chmod o= on it", facts.mode() & 0o777)),
    }
}
