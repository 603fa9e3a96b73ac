//! Tokens of the cloud: an hour each, for a refresh token that stays with the client of a person or of the board.

use std::{
    collections::HashMap,
    time::{Duration, Instant as Clock},
};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::source::{
    http::{Call, Http, HttpError, Login},
    system::{Refusal, Setup},
};

/// Renewed so long before its end.
const EARLY: Duration = Duration::from_secs(120);

/// The tokens of one portal, by what they were granted for.
#[derive(Debug)]
pub struct Tokens {
    client_id: String,
    /// Where they are granted, without a path.
    accounts: String,
    known: HashMap<String, (SecretString, Clock)>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl Tokens {
    /// # Errors
    /// When nothing says where tokens are granted.
    pub fn new(setup: &Setup, client_id: &str) -> Result<Self, String> {
        let accounts = match setup.option("accounts") {
            Some(address) => address.trim_end_matches('/').to_owned(),
            None => granting(&setup.address).ok_or_else(|| {
                format!(
                    "sources.{}.options.accounts is missing: where tokens are granted, such as https://accounts.zoho.eu",
                    setup.id
                )
            })?,
        };
        let local = ["http://127.0.0.1", "http://localhost"].iter().any(|start| accounts.starts_with(start));
        if !accounts.starts_with("https://") && !local {
            return Err(format!("sources.{}.options.accounts must begin with https://", setup.id));
        }
        Ok(Self { client_id: client_id.to_owned(), accounts, known: HashMap::new() })
    }

    /// The token for a secret, which is the client secret, a blank and the refresh token.
    ///
    /// # Errors
    /// When none is granted; what was said is never shown.
    pub async fn token(&mut self, http: &Http, secret: &SecretString) -> Result<SecretString, Refusal> {
        let key = secret.expose_secret().trim();
        if let Some((token, until)) = self.known.get(key)
            && Clock::now() < *until
        {
            return Ok(token.clone());
        }
        let Some((client_secret, refresh)) = key.split_once(char::is_whitespace) else {
            return Err(Refusal::Said(
                "the credentials are not whole: with client_id, the secret is the client secret, a blank and the refresh token"
                    .to_owned(),
            ));
        };
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", client_secret),
            ("refresh_token", refresh.trim()),
        ];
        let form = fields.map(|(name, value)| (name.to_owned(), value.to_owned().into())).to_vec();
        let call = Call::post(format!("{}/oauth/v2/token", self.accounts)).form(form);
        let answer = http.send(call, &Login::Nobody).await?;
        if let 400 | 401 | 403 = answer.status {
            return Err(Refusal::Http(HttpError::Refused { place: answer.place, status: answer.status }));
        }
        answer.verdict()?;
        let granted: Granted = answer.read()?;
        // It says no with success.
        let place = answer.place;
        let token = granted.access_token.ok_or(HttpError::Refused { place, status: 200 })?;
        let lasts = Duration::from_secs(granted.expires_in.unwrap_or(3600));
        let token: SecretString = token.into();
        self.known.insert(key.to_owned(), (token.clone(), Clock::now() + lasts.saturating_sub(EARLY)));
        Ok(token)
    }

    /// Forgets what was granted: a token may be taken back before its end.
    pub fn forget(&mut self) -> bool {
        let had = !self.known.is_empty();
        self.known.clear();
        had
    }
}

/// Of `https://sdpondemand.manageengine.eu/…`, `https://accounts.zoho.eu`.
fn granting(address: &str) -> Option<String> {
    let host = address.split_once("://")?.1.split(['/', ':']).next()?;
    let country = host.strip_prefix("sdpondemand.manageengine.")?;
    Some(format!("https://accounts.zoho.{country}"))
}

#[cfg(test)]
mod tests {
    use super::granting;

    #[test]
    fn tokens_are_granted_in_the_country_of_the_portal() {
        for (address, want) in [
            ("https://sdpondemand.manageengine.com/app/itdesk", Some("https://accounts.zoho.com")),
            ("https://sdpondemand.manageengine.com.au", Some("https://accounts.zoho.com.au")),
            ("https://desk.example.com/app/itdesk", None),
        ] {
            assert_eq!(granting(address).as_deref(), want, "{address}");
        }
    }
}
