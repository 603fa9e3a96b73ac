//! How another machine is reached: by TLS, and by nothing that could be read on its way.

use std::{path::Path, time::Duration};

use reqwest::ClientBuilder;

use crate::wire::{Problem, ProblemKind};

/// What reaches another machine: no redirect is followed, with which a credential would go elsewhere.
///
/// # Errors
/// When the further certificates cannot be read.
pub fn over_network(url: &str, ca: Option<&Path>) -> Result<ClientBuilder, Problem> {
    crate::source::http::tls_provider();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .https_only(url.starts_with("https://"));
    if let Some(file) = ca {
        let refused = |why: String| {
            Problem::new(ProblemKind::Invalid, format!("{}: {why}", file.display()))
                .hint("`ca` under [remote] names a PEM file with the certificates to trust")
        };
        let pem = std::fs::read(file).map_err(|error| refused(error.to_string()))?;
        let trusted =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| refused(error.to_string()))?;
        if trusted.is_empty() {
            return Err(refused("it holds no certificate".to_owned()));
        }
        builder = builder.tls_certs_merge(trusted);
    }
    Ok(builder)
}
