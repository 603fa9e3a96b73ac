//! Tokens of the cloud: an hour each, for a refresh token that stays with the client of a person or of the board.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::source::{
    http::{Call, Http, Login},
    system::{Refusal, Setup, SetupError, SetupKey, oauth},
};

/// Seconds before its end in which a token is renewed, and how long one is good where that is not told.
const EARLY: u64 = 120;
const LASTS: Duration = Duration::from_secs(3600);

/// The tokens of one portal, by what they were granted for.
#[derive(Debug)]
pub struct Tokens {
    client_id: String,
    /// Where they are granted, without a path.
    accounts: String,
    granted: oauth::Tokens,
}

impl Tokens {
    /// # Errors
    /// When nothing says where tokens are granted.
    pub fn new(setup: &Setup, client_id: &str) -> Result<Self, SetupError> {
        let accounts = match setup.option("accounts") {
            Some(address) => address.trim_end_matches('/').to_owned(),
            None => granting(&setup.address).ok_or_else(|| {
                let what = "where tokens are granted, such as https://accounts.zoho.eu";
                setup.missing(SetupKey::Option("accounts".to_owned()), what)
            })?,
        };
        let local = ["http://127.0.0.1", "http://localhost"].iter().any(|start| accounts.starts_with(start));
        if !accounts.starts_with("https://") && !local {
            return Err(setup.wrong_option("accounts", "must begin with https://"));
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            accounts,
            granted: oauth::Tokens::renewed_early(setup, EARLY),
        })
    }

    /// The token for a secret, which is the client secret, a blank and the refresh token.
    ///
    /// # Errors
    /// When none is granted; what was said is never shown.
    pub async fn token(&self, http: &Http, secret: &SecretString) -> Result<SecretString, Refusal> {
        let key = secret.expose_secret().trim();
        let address = format!("{}/oauth/v2/token", self.accounts);
        let what = "with client_id, the secret is the client secret, a blank and the refresh token";
        let grant = async || {
            let (client_secret, refresh) = oauth::parts(key, what)?;
            let fields = [
                ("grant_type", "refresh_token"),
                ("client_id", self.client_id.as_str()),
                ("client_secret", client_secret),
                ("refresh_token", refresh),
            ];
            let form = fields.map(|(name, value)| (name.to_owned(), value.to_owned().into())).to_vec();
            oauth::ask(http, Call::post(&address).form(form), &Login::Nobody).await
        };
        // Few are granted in ten minutes: one serves every program of this person.
        self.granted.token(key, &address, LASTS, grant).await
    }

    /// Forgets what was granted; whether there was any.
    pub fn forget(&self) -> bool {
        self.granted.forget()
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
