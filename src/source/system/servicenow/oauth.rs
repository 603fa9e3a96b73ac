//! Tokens of OAuth, half an hour each: granted for a password, for a refresh token, or to the client by itself.
//!
//! One that ends is asked for anew in time, and once where it is refused before its end. A refresh token that comes back
//! replaces the one that was used.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::source::{
    http::{Call, Http, HttpError, Login},
    system::{Refusal, Setup, SetupError, oauth, session::Auth},
};

/// Seconds before its end in which a token is renewed, and how long one is good where that is not told.
const EARLY: u64 = 60;
const LASTS: Duration = Duration::from_secs(1800);

/// Where tokens are granted, and those that were.
pub struct Oauth {
    client_id: String,
    address: String,
    granted: oauth::Tokens,
    renewed: oauth::Renewed,
}

impl Oauth {
    /// # Errors
    /// When the settings do not name the client.
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let client_id = setup.need("client_id", "the id of the OAuth application registry entry")?;
        Ok(Self {
            client_id: client_id.to_owned(),
            address: format!("{}/oauth_token.do", setup.address),
            granted: oauth::Tokens::of_this_program(EARLY),
            renewed: oauth::Renewed::of(setup),
        })
    }

    /// What is granted for a user with their password, for a refresh token, or to the client by itself.
    async fn grant(&self, http: &Http, login: &Login) -> Result<oauth::Granted, Refusal> {
        match login {
            Login::Basic { user, password } => self.ask(http, for_password(user, password)?).await,
            Login::Bearer(secret) => match oauth::parts(secret.expose_secret(), "") {
                Ok((client, refresh)) => self.refreshed(http, secret.expose_secret(), client, refresh).await,
                Err(_) => self.ask(http, for_client(secret.expose_secret().trim())).await,
            },
            Login::Nobody | Login::Header { .. } => {
                Err(Refusal::Said("nothing is granted for a credential that is sent as it is".to_owned()))
            }
        }
    }

    async fn ask(&self, http: &Http, fields: Fields) -> Result<oauth::Granted, Refusal> {
        let client = [("client_id".to_owned(), self.client_id.clone().into())];
        let form = client.into_iter().chain(fields).collect();
        let call = Call::post(&self.address).header("accept", "application/json").form(form);
        oauth::ask(http, call, &Login::Nobody).await
    }

    /// For the newest refresh token that came after the one of the settings, which is tried where that is refused.
    async fn refreshed(
        &self,
        http: &Http,
        secret: &str,
        client: &str,
        given: &str,
    ) -> Result<oauth::Granted, Refusal> {
        let _turn = self.renewed.turn(secret).await;
        let newest = self.renewed.newest(secret);
        let used = newest.as_ref().map_or(given, |newest| newest.expose_secret());
        let granted = match self.ask(http, for_refresh(client, used)).await {
            Err(Refusal::Http(HttpError::Refused { .. })) if used != given => {
                self.ask(http, for_refresh(client, given)).await?
            }
            other => other?,
        };
        if let Some(next) = granted.refresh.as_ref().filter(|next| next.expose_secret() != used) {
            self.renewed.keep(secret, next);
        }
        Ok(granted)
    }
}

/// With tokens, where the settings say so; else a login is sent as it is.
impl Auth for Option<Oauth> {
    async fn signed(&self, http: &Http, login: &Login) -> Result<Login, Refusal> {
        let (Some(oauth), Some(key)) = (self, oauth::key(login)) else { return Ok(login.clone()) };
        let grant = async || oauth.grant(http, login).await;
        Ok(Login::Bearer(oauth.granted.token(&key, &oauth.address, LASTS, grant).await?))
    }

    fn forget(&self, _: &Login) -> bool {
        self.as_ref().is_some_and(|oauth| oauth.granted.forget())
    }
}

type Fields = Vec<(String, SecretString)>;

fn fields<const N: usize>(given: [(&str, &str); N]) -> Fields {
    given.map(|(name, value)| (name.to_owned(), value.to_owned().into())).to_vec()
}

/// With a user, the secret is the client's and the user's.
fn for_password(user: &str, secret: &SecretString) -> Result<Fields, Refusal> {
    let what = "with auth = \"oauth\" and user, the secret is the client secret, a blank and the password";
    let (client_secret, password) = oauth::parts(secret.expose_secret(), what)?;
    Ok(fields([
        ("grant_type", "password"),
        ("client_secret", client_secret),
        ("username", user),
        ("password", password),
    ]))
}

/// Without, it is the client's alone.
fn for_client(client_secret: &str) -> Fields {
    fields([("grant_type", "client_credentials"), ("client_secret", client_secret)])
}

/// Or the client's with a refresh token.
fn for_refresh(client_secret: &str, refresh: &str) -> Fields {
    fields([("grant_type", "refresh_token"), ("client_secret", client_secret), ("refresh_token", refresh)])
}
