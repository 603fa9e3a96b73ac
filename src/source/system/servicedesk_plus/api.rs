//! The API v3 of ServiceDesk Plus: how it is signed, asked by `input_data`, and what its `response_status` means.
//!
//! A status is a list beside a list and an object beside an object, and it counts, not the status of HTTP.

use reqwest::Method;
use serde_json::Value;

use super::oauth::Tokens;
use crate::{
    model::text::clean_line,
    source::{
        http::{Answer, Call, Http, HttpError, Login},
        system::{
            Refusal, Setup, SetupError,
            session::{Auth, Session},
        },
    },
};

const ACCEPT: &str = "application/vnd.manageengine.sdp.v3+json";
/// A value or a field that is not taken.
pub const FIELD: i64 = 4001;
/// Something broke there; what is asked for approvals where there are none says so too.
pub const INTERNAL: i64 = 4004;
/// No such address, or no such record.
pub const NOWHERE: i64 = 4007;
/// Asked too often.
const BLOCKED: i64 = 4015;
/// Seconds to wait then, where it does not say.
const PATIENCE: i64 = 60;

/// One instance, or one portal of it.
pub struct Api {
    pub session: Session<Keys>,
    /// With `/api/v3`.
    base: String,
    login: Login,
}

/// How a secret is shown.
pub enum Keys {
    /// A key of a technician.
    Technician,
    /// A token of OAuth.
    Token,
    /// What a token is granted for.
    Granted(Tokens),
}

impl Auth for Keys {
    async fn signed(&self, http: &Http, login: &Login) -> Result<Login, Refusal> {
        let Login::Bearer(secret) = login else { return Ok(login.clone()) };
        let token = match self {
            Self::Technician => return Ok(Login::Header { name: "authtoken", value: secret.clone() }),
            Self::Token => secret.clone(),
            Self::Granted(tokens) => tokens.token(http, secret).await?,
        };
        let value = format!("Zoho-oauthtoken {}", secrecy::ExposeSecret::expose_secret(&token));
        Ok(Login::Header { name: "authorization", value: value.into() })
    }

    fn forget(&self, _: &Login) -> bool {
        match self {
            Self::Technician | Self::Token => false,
            Self::Granted(tokens) => tokens.forget(),
        }
    }
}

/// A no, with the code that it has there; 0 where it has none.
#[derive(Debug)]
pub struct Denied {
    pub code: i64,
    pub why: Refusal,
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        denied.why
    }
}

impl From<HttpError> for Denied {
    fn from(error: HttpError) -> Self {
        Self { code: 0, why: Refusal::Http(error) }
    }
}

impl From<Refusal> for Denied {
    fn from(why: Refusal) -> Self {
        Self { code: 0, why }
    }
}

impl Api {
    /// # Errors
    /// What is missing in the settings.
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let oauth = setup.choice("auth", &["authtoken", "oauth"])? == "oauth";
        let keys = match setup.option("client_id") {
            _ if !oauth => Keys::Technician,
            Some(id) => Keys::Granted(Tokens::new(setup, id)?),
            None => Keys::Token,
        };
        let base = format!("{}/api/v3", setup.address.trim_end_matches("/api/v3"));
        Ok(Self { session: Session::new(setup, keys), base, login: setup.login.clone() })
    }

    /// Reads.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn ask(&self, path: &str, input: Option<&Value>) -> Result<Value, Denied> {
        let mut call = Call::get(format!("{}/{path}", self.base)).header("accept", ACCEPT);
        if let Some(input) = input {
            call = call.query("input_data", input.to_string());
        }
        let understood = |answer: &Answer| matches!(answer.status, 400 | 404 | 500) && has_status(answer);
        let answer = self.session.read_or(call, &self.login, understood).await?;
        judge(&answer)
    }

    /// Writes once.
    ///
    /// # Errors
    /// What is said against it there.
    pub async fn tell(&self, method: Method, path: &str, input: &Value, login: &Login) -> Result<(), Denied> {
        let form = vec![("input_data".to_owned(), input.to_string().into())];
        let call = Call::new(method, format!("{}/{path}", self.base)).header("accept", ACCEPT).form(form);
        let answer = self.session.send(call, login).await?;
        // What broke there may have been done all the same: that is looked up, not taken for a no.
        if answer.status >= 500 || matches!(answer.status, 401 | 429) || !has_status(&answer) {
            answer.verdict()?;
        }
        judge(&answer).map(drop)
    }
}

fn has_status(answer: &Answer) -> bool {
    answer.read::<Value>().is_ok_and(|value| value.get("response_status").is_some())
}

/// A usable answer, or why there is none.
fn judge(answer: &Answer) -> Result<Value, Denied> {
    let value: Value = answer.read()?;
    let place = answer.place.clone();
    let Some(told) = value.get("response_status") else {
        let reason = "there is no response_status in it".to_owned();
        return Err(HttpError::Garbled { place, reason }.into());
    };
    let one = std::slice::from_ref(told);
    let all = told.as_array().map_or(one, Vec::as_slice);
    let Some(failed) = all.iter().find(|status| !is_success(status)) else {
        answer.verdict()?;
        return Ok(value);
    };
    let (code, words) = code_and_reason(failed);
    let status = answer.status;
    let why = match code {
        BLOCKED => blocked(place, status),
        _ if words.contains("access limit") => blocked(place, status),
        NOWHERE => Refusal::Http(HttpError::Missing { place, status }),
        _ if status == 404 => Refusal::Http(HttpError::Missing { place, status }),
        4002 | 401 => Refusal::Http(HttpError::Refused { place, status }),
        _ => Refusal::Said(format!("{words} (code {code})")),
    };
    Err(Denied { code, why })
}

fn blocked(place: String, status: u16) -> Refusal {
    Refusal::Http(HttpError::Busy { place, status, retry_after: Some(PATIENCE) })
}

fn is_success(status: &Value) -> bool {
    match status.get("status").and_then(Value::as_str) {
        Some(word) => word.eq_ignore_ascii_case("success"),
        None => status.get("status_code").and_then(Value::as_i64) == Some(2000),
    }
}

/// The code and the sentences of a no; the innermost code says most.
fn code_and_reason(status: &Value) -> (i64, String) {
    let code = |value: &Value| value.get("status_code").and_then(Value::as_i64);
    let messages = status.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let sentences = messages.iter().filter_map(|message| {
        let words = message.get("message").and_then(Value::as_str)?;
        let field = message.get("field").and_then(Value::as_str);
        Some(field.map_or_else(|| words.to_owned(), |field| format!("{field}: {words}")))
    });
    let words = sentences.collect::<Vec<_>>().join("; ");
    let words: String = clean_line(&words).trim().chars().take(300).collect();
    let words = if words.is_empty() { "it says no and not why".to_owned() } else { words };
    (messages.iter().find_map(code).or_else(|| code(status)).unwrap_or(0), words)
}
