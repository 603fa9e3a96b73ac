//! How ServiceOps is spoken to: an API key, or a bearer token that a password is exchanged for, renewed in time.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::source::{
    http::{Body, Call, Http, Login},
    system::{Refusal, Setup, oauth, session::Auth},
};

const BOUNDARY: &str = "quorate-6f1c2e9a4b7d4c0e";
const MULTIPART: &str = "multipart/form-data; boundary=quorate-6f1c2e9a4b7d4c0e";
/// Seconds before its end in which a token is renewed, and how long one is good where that is not told.
const EARLY: u64 = 60;
const LASTS: Duration = Duration::from_secs(300);

/// The tokens of one instance, by user.
#[derive(Debug)]
pub struct Tokens {
    client_id: String,
    /// Where they are granted.
    place: String,
    granted: oauth::Tokens,
}

impl Tokens {
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let client_id = setup.option("client_id").unwrap_or_default();
        Self {
            client_id: client_id.to_owned(),
            place: format!("{}/api/oauth/token", setup.address),
            granted: oauth::Tokens::renewed_early(setup, EARLY),
        }
    }

    async fn grant(&self, http: &Http, user: &str, secret: &SecretString) -> Result<oauth::Granted, Refusal> {
        let what = "with user, the secret is the client secret, a space and the password";
        let (client_secret, password) = oauth::parts(secret.expose_secret(), what)?;
        let fields = [("username", user), ("password", password), ("grant_type", "password")];
        let call = Call {
            body: Body::Sealed { kind: MULTIPART, text: multipart(&fields).into() },
            ..Call::post(&self.place).header("accept", "application/json")
        };
        let client = Login::Basic { user: self.client_id.clone(), password: client_secret.to_owned().into() };
        oauth::ask(http, call, &client).await
    }
}

impl Auth for Tokens {
    async fn signed(&self, http: &Http, login: &Login) -> Result<Login, Refusal> {
        match login {
            Login::Bearer(key) => {
                // Sent exactly as it is shown there: its %2F stays %2F.
                let value = format!("Apikey {}", key.expose_secret());
                Ok(Login::Header { name: "authorization", value: value.into() })
            }
            Login::Basic { user, password } => {
                let key = format!("{user} {}", password.expose_secret());
                let grant = async || self.grant(http, user, password).await;
                Ok(Login::Bearer(self.granted.token(&key, &self.place, LASTS, grant).await?))
            }
            Login::Nobody | Login::Header { .. } => Ok(login.clone()),
        }
    }

    fn forget(&self, _: &Login) -> bool {
        self.granted.forget()
    }
}

fn multipart(fields: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        let value: String = value.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        out.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    out.push_str(&format!("--{BOUNDARY}--\r\n"));
    out
}
