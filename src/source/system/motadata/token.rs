//! How ServiceOps is spoken to: an API key, or a bearer token that a password is exchanged for, renewed in time.

use std::{
    collections::HashMap,
    time::{Duration, Instant as Clock},
};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::source::{
    http::{Answer, Body, Call, Http, HttpError, Login, judge},
    system::Refusal,
};

const BOUNDARY: &str = "quorate-6f1c2e9a4b7d4c0e";
const MULTIPART: &str = "multipart/form-data; boundary=quorate-6f1c2e9a4b7d4c0e";
/// Renewed so long before its end.
const EARLY: Duration = Duration::from_secs(60);

/// The tokens of one instance, by user.
#[derive(Debug, Default)]
pub struct Tokens {
    client_id: String,
    known: HashMap<String, (SecretString, Clock)>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl Tokens {
    #[must_use]
    pub fn new(client_id: &str) -> Self {
        Self { client_id: client_id.to_owned(), known: HashMap::new() }
    }

    /// The login that a request is signed with.
    ///
    /// # Errors
    /// When no token is granted.
    pub async fn login(&mut self, http: &Http, address: &str, login: &Login) -> Result<Login, Refusal> {
        match login {
            Login::Bearer(key) => {
                // Sent exactly as it is shown there: its %2F stays %2F.
                let value = format!("Apikey {}", key.expose_secret());
                Ok(Login::Header { name: "authorization", value: value.into() })
            }
            Login::Basic { user, password } => {
                if let Some((token, until)) = self.known.get(user)
                    && Clock::now() < *until
                {
                    return Ok(Login::Bearer(token.clone()));
                }
                let (token, lasts) = self.grant(http, address, user, password).await?;
                let until = Clock::now() + lasts.saturating_sub(EARLY);
                self.known.insert(user.clone(), (token.clone(), until));
                Ok(Login::Bearer(token))
            }
            Login::Nobody | Login::Header { .. } => Ok(login.clone()),
        }
    }

    /// Forgets what was granted: a token may be taken back before its end.
    pub fn forget(&mut self) -> bool {
        let had = !self.known.is_empty();
        self.known.clear();
        had
    }

    async fn grant(
        &self,
        http: &Http,
        address: &str,
        user: &str,
        secret: &SecretString,
    ) -> Result<(SecretString, Duration), Refusal> {
        let Some((client_secret, password)) = secret.expose_secret().trim().split_once(char::is_whitespace)
        else {
            return Err(Refusal::Said(
                "the credentials are not whole: with user, the secret is the client secret, a space and the password"
                    .to_owned(),
            ));
        };
        let fields = [("username", user), ("password", password.trim_start()), ("grant_type", "password")];
        let call = Call {
            body: Body::Sealed { kind: MULTIPART, text: multipart(&fields).into() },
            ..Call::post(format!("{address}/api/oauth/token")).header("accept", "application/json")
        };
        let client = Login::Basic { user: self.client_id.clone(), password: client_secret.to_owned().into() };
        let answer = http.send(call, &client).await?;
        refused(&answer)?;
        let granted: Granted = answer.read()?;
        let token = granted.access_token.ok_or_else(|| HttpError::Garbled {
            place: answer.place.clone(),
            reason: "there is no access_token in it".to_owned(),
        })?;
        Ok((token.into(), Duration::from_secs(granted.expires_in.unwrap_or(300))))
    }
}

/// What the token endpoint says no to is about credentials, whatever its status; its body is never shown.
fn refused(answer: &Answer) -> Result<(), HttpError> {
    match answer.status {
        400 | 401 | 403 => Err(HttpError::Refused { place: answer.place.clone(), status: answer.status }),
        status => judge(status, &answer.headers, &answer.place),
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
