//! Sessions: one for the board's account and one for the person, opened once, and again when the server forgot them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::NaiveDateTime;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    calendar::Zone,
    model::{Instant, Named},
    source::{
        Write,
        http::{Answer, Call, Http, HttpError, Login},
        markup,
        system::{
            Refusal, Setup, SetupError, client, oauth,
            paged::Paged,
            session::{self, Auth},
        },
    },
};

/// In whose name something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    Board,
    Me,
}

/// The sessions of a source.
pub struct Session {
    session: session::Session<Opening>,
    logins: HashMap<Who, Login>,
    /// The zone was found to be the server's.
    zone_is_right: bool,
    users: HashMap<u64, Somebody>,
    names: HashMap<String, Option<String>>,
}

/// How sessions are opened, and those that are open.
struct Opening {
    /// `https://host/apirest.php`.
    base: String,
    app: Option<SecretString>,
    open: Mutex<Open>,
}

/// The sessions that are open, by what they were opened with.
#[derive(Default)]
struct Open {
    tokens: HashMap<String, SecretString>,
    /// What its clock showed when the first was opened, and when that was.
    clock: Option<(String, Instant)>,
}

#[derive(Deserialize)]
struct Opened {
    session_token: String,
    /// Where it was asked for, and is given.
    #[serde(default)]
    session: Option<Me>,
}

/// Who is logged in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Me {
    #[serde(rename = "glpiID")]
    pub id: u64,
    #[serde(rename = "glpiname")]
    pub login: String,
    #[serde(rename = "glpifriendlyname")]
    pub friendly: String,
    #[serde(rename = "glpi_currenttime")]
    now: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Full {
    session: Me,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User {
    name: Option<String>,
    realname: Option<String>,
    firstname: Option<String>,
}

/// A user of it.
#[derive(Debug, Clone)]
pub struct Somebody {
    number: String,
    /// Empty where the account may not read users.
    login: String,
    name: String,
}

impl Somebody {
    /// By the login, else the name; a number alone is nobody's name, and nobody is matched by it.
    pub fn called(&self) -> &str {
        [&self.login, &self.name].into_iter().find(|text| !text.is_empty()).unwrap_or(&self.number)
    }

    /// Whether a write is by this user.
    pub fn is_by(&self, write: &Write) -> bool {
        write.is_by(&self.login) || write.is_by(&self.name)
    }

    pub fn named(&self, named: Named) -> Named {
        named.native(&self.number).login(&self.login).name(&self.name)
    }
}

/// Seconds by which a wall clock may differ and still be of the zone.
const SAME_ZONE: i64 = 25 * 60;

impl Session {
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let api = setup.option("api").unwrap_or("apirest.php").trim_matches('/').to_owned();
        let app = match setup.option("app_token_env") {
            None => None,
            Some(name) => Some(std::env::var(name).map(SecretString::from).map_err(|_| {
                setup.wrong_option("app_token_env", format!("names no variable: there is none called {name}"))
            })?),
        };
        let mut logins = HashMap::from([(Who::Board, setup.login.clone())]);
        if let Some(me) = &setup.me {
            logins.insert(Who::Me, me.clone());
        }
        let opening = Opening { base: format!("{}/{api}", setup.address), app, open: Mutex::default() };
        Ok(Self {
            session: session::Session::new(setup, opening),
            logins,
            zone_is_right: false,
            users: HashMap::new(),
            names: HashMap::new(),
        })
    }

    pub fn built(&self) -> Option<&Http> {
        self.session.built()
    }

    /// A list that is read to its end.
    pub fn pages(&self, what: String) -> Paged {
        self.session.pages(what)
    }

    /// The credential of somebody.
    fn login(&self, who: Who) -> Login {
        self.logins.get(&who).cloned().unwrap_or(Login::Nobody)
    }

    /// Ends every session: the server keeps those that nobody ends.
    pub async fn close(&mut self) {
        let opening = &self.session.auth;
        let tokens = std::mem::take(&mut opening.open().tokens);
        for value in tokens.into_values() {
            let call = opening.call(reqwest::Method::GET, "killSession");
            let login = Login::Header { name: "session-token", value };
            let Ok(http) = self.session.http() else { return };
            if let Err(error) = http.send(call, &login).await {
                tracing::warn!(%error, "a session of GLPI is left open");
            }
        }
    }

    /// Reads.
    pub async fn get<T: DeserializeOwned>(
        &self,
        who: Who,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, Refusal> {
        let call = self.session.auth.call(reqwest::Method::GET, path);
        let call = query.iter().fold(call, |call, (name, value)| call.query(name, value.as_str()));
        // Why is in the body, of these two.
        let told = |answer: &Answer| matches!(answer.status, 400 | 401);
        let answer = self.session.read_or(call, &self.login(who), told).await?;
        match client::refused(&answer) {
            None => Ok(answer.read()?),
            Some(refusal) => Err(refusal),
        }
    }

    /// Writes, once.
    pub async fn write(
        &self,
        who: Who,
        method: reqwest::Method,
        path: &str,
        input: serde_json::Value,
    ) -> Result<(), Refusal> {
        let call = self.session.auth.call(method, path).json(serde_json::json!({ "input": input }));
        let answer = self.session.send(call, &self.login(who)).await?;
        client::refused(&answer).map_or(Ok(()), Err)
    }

    pub async fn me(&self, who: Who) -> Result<Me, Refusal> {
        Ok(self.get::<Full>(who, "getFullSession", &[]).await?.session)
    }

    /// That the wall clock there is the one of the settings: times come without a zone, and would all be wrong else.
    pub async fn right_zone(&mut self, setup: &Setup) -> Result<(), Refusal> {
        if self.zone_is_right {
            return Ok(());
        }
        self.session.auth.signed(self.session.http()?, &self.login(Who::Board)).await?;
        let clock = self.session.auth.open().clock.clone();
        let (now, heard) = match clock {
            Some(told) => told,
            None => (self.me(Who::Board).await?.now, setup.now()),
        };
        if let Some(local) = naive(&now) {
            let at = setup.naive(local);
            let apart = at - heard;
            if apart.abs() > SAME_ZONE {
                return Err(Refusal::Said(wrong_zone(setup.zone, apart, &now)));
            }
        }
        self.zone_is_right = true;
        Ok(())
    }

    /// Who a user is; only a number where the account may not read users.
    pub async fn user(&mut self, id: u64) -> Result<Somebody, Refusal> {
        if let Some(names) = self.users.get(&id) {
            return Ok(names.clone());
        }
        let user = match self.get::<User>(Who::Board, &format!("User/{id}"), &[]).await {
            Ok(user) => user,
            Err(Refusal::Http(HttpError::Refused { status: 403, .. } | HttpError::Missing { .. })) => {
                User::default()
            }
            Err(refusal) => return Err(refusal),
        };
        let text = |text: Option<String>| markup::decoded(text.unwrap_or_default().trim());
        let (login, real, first) = (text(user.name), text(user.realname), text(user.firstname));
        let name = format!("{first} {real}").trim().to_owned();
        let found = Somebody { number: id.to_string(), login, name };
        self.users.insert(id, found.clone());
        Ok(found)
    }

    /// What an item is called: a computer, a category.
    pub async fn name(&mut self, kind: &str, id: u64) -> Result<Option<String>, Refusal> {
        let path = format!("{}/{id}", kind.replace('\\', "%5C"));
        if let Some(name) = self.names.get(&path) {
            return Ok(name.clone());
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Named {
            name: Option<String>,
            completename: Option<String>,
        }
        let name = match self.get::<Named>(Who::Board, &path, &[]).await {
            Ok(named) => named.completename.or(named.name).map(|name| markup::decoded(&name)),
            Err(
                Refusal::Said(_)
                | Refusal::Http(HttpError::Refused { status: 403, .. } | HttpError::Missing { .. }),
            ) => None,
            Err(refusal) => return Err(refusal),
        };
        self.names.insert(path, name.clone());
        Ok(name)
    }
}

impl Opening {
    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call with the header of the API client, where there is one.
    fn call(&self, method: reqwest::Method, path: &str) -> Call {
        let call = Call::new(method, format!("{}/{path}", self.base));
        match &self.app {
            Some(app) => call.header("App-Token", app.expose_secret()),
            None => call,
        }
    }

    /// Opens a session, with who it is and what its clock shows.
    async fn opened(&self, http: &Http, login: &Login) -> Result<(Opened, Instant), Refusal> {
        let login = match login {
            // A secret without a user is a personal token of GLPI.
            Login::Bearer(token) => Login::Header {
                name: "authorization",
                value: format!("user_token {}", token.expose_secret()).into(),
            },
            login => login.clone(),
        };
        let call = self.call(reqwest::Method::GET, "initSession").query("get_full_session", "true");
        let told = |answer: &Answer| matches!(answer.status, 400 | 401);
        let answer = http.read_or(call, &login, told).await?;
        if answer.is_success() {
            return Ok((answer.read()?, answer.heard));
        }
        let words = answer.reason().unwrap_or_default();
        // A wrong credential has its own name; whatever else is shut there has the server's words.
        if answer.status == 401 && (words.is_empty() || words.contains("_LOGIN")) {
            return Err(answer.fault().into());
        }
        let (place, status) = (answer.place.clone(), answer.status);
        let words = format!("{words}; what may log in is set there in Setup > General > API");
        Err(HttpError::Status { place, status, words }.into())
    }
}

impl Auth for Opening {
    async fn signed(&self, http: &Http, login: &Login) -> Result<Login, Refusal> {
        let key = oauth::key(login).unwrap_or_default();
        let known = self.open().tokens.get(&key).cloned();
        let value = match known {
            Some(token) => token,
            None => {
                let (Opened { session_token, session }, heard) = self.opened(http, login).await?;
                let (token, mut open) = (SecretString::from(session_token), self.open());
                open.clock = open.clock.take().or(session.map(|me| (me.now, heard)));
                open.tokens.insert(key, token.clone());
                token
            }
        };
        Ok(Login::Header { name: "session-token", value })
    }

    fn forget(&self, login: &Login) -> bool {
        self.open().tokens.remove(&oauth::key(login).unwrap_or_default()).is_some()
    }

    /// Whether the server forgot the session.
    fn is_over(&self, answer: &Answer) -> bool {
        answer.status == 401 && answer.reason().is_some_and(|words| words.contains("SESSION_TOKEN"))
    }
}

fn wrong_zone(zone: Zone, apart: i64, now: &str) -> String {
    let minutes = apart.div_euclid(60).abs();
    format!(
        "its clock shows {now}, which in {} is {minutes} minutes from now: write the zone of that server as zone = \"Continent/City\", all its times come without one",
        zone.name()
    )
}

/// `2026-11-22 14:00:46`; none for anything else, and for the zeros that mean never.
pub fn naive(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%d %H:%M:%S").ok()
}
