//! Sessions: one for the board's account and one for the person, opened once, and again when the server forgot them.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    calendar::Zone,
    model::Named,
    source::{
        Write,
        http::{Answer, Call, Http, HttpError, Login},
        markup,
        system::{Refusal, Setup, client, client::Client, paged::Paged},
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
    client: Client,
    /// `https://host/apirest.php`.
    base: String,
    app: Option<SecretString>,
    logins: HashMap<Who, Login>,
    tokens: HashMap<Who, SecretString>,
    /// What its clock showed when the board's session was opened.
    clock: Option<String>,
    /// The zone was found to be the server's.
    zone_is_right: bool,
    users: HashMap<u64, Somebody>,
    names: HashMap<String, Option<String>>,
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
    pub fn new(setup: &Setup) -> Result<Self, String> {
        let api = setup.option("api").unwrap_or("apirest.php").trim_matches('/').to_owned();
        let app = match setup.option("app_token_env") {
            None => None,
            Some(name) => Some(std::env::var(name).map(SecretString::from).map_err(|_| {
                format!("sources.{}.options.app_token_env: no variable is called {name}", setup.id)
            })?),
        };
        let mut logins = HashMap::from([(Who::Board, setup.login.clone())]);
        if let Some(me) = &setup.me {
            logins.insert(Who::Me, me.clone());
        }
        Ok(Self {
            client: Client::new(setup),
            base: format!("{}/{api}", setup.address),
            app,
            logins,
            tokens: HashMap::new(),
            clock: None,
            zone_is_right: false,
            users: HashMap::new(),
            names: HashMap::new(),
        })
    }

    pub fn built(&self) -> Option<&Http> {
        self.client.built()
    }

    /// A list that is read to its end.
    pub fn pages(&self, what: String) -> Paged {
        self.client.pages(what)
    }

    /// A call with the header of the API client, where there is one.
    pub fn call(&self, method: reqwest::Method, path: &str) -> Call {
        let call = Call::new(method, format!("{}/{path}", self.base));
        match &self.app {
            Some(app) => call.header("App-Token", app.expose_secret()),
            None => call,
        }
    }

    /// The login of a session, opened if there is none.
    pub async fn login(&mut self, who: Who) -> Result<Login, Refusal> {
        if !self.tokens.contains_key(&who) {
            let login = match self.logins.get(&who) {
                // A secret without a user is a personal token of GLPI.
                Some(Login::Bearer(token)) => Login::Header {
                    name: "authorization",
                    value: format!("user_token {}", token.expose_secret()).into(),
                },
                Some(login) => login.clone(),
                None => Login::Nobody,
            };
            let opened = self.open(&login).await?;
            if let Some(now) = opened.session.map(|me| me.now).filter(|_| who == Who::Board) {
                self.clock = Some(now);
            }
            self.tokens.insert(who, opened.session_token.into());
        }
        let value = self.tokens.get(&who).cloned().unwrap_or_default();
        Ok(Login::Header { name: "session-token", value })
    }

    /// Opens a session, with who it is and what its clock shows.
    async fn open(&self, login: &Login) -> Result<Opened, Refusal> {
        let call = self.call(reqwest::Method::GET, "initSession").query("get_full_session", "true");
        let told = |answer: &Answer| matches!(answer.status, 400 | 401);
        let answer = self.client.http()?.read_or(call, login, told).await?;
        if answer.is_success() {
            return Ok(answer.read()?);
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

    /// Ends every session: the server keeps those that nobody ends.
    pub async fn close(&mut self) {
        let tokens: Vec<SecretString> = self.tokens.drain().map(|(_, token)| token).collect();
        for value in tokens {
            let call = self.call(reqwest::Method::GET, "killSession");
            let login = Login::Header { name: "session-token", value };
            let Ok(http) = self.client.http() else { return };
            if let Err(error) = http.send(call, &login).await {
                tracing::warn!(%error, "a session of GLPI is left open");
            }
        }
    }

    /// Reads; a session that the server forgot is opened once more.
    pub async fn get<T: DeserializeOwned>(
        &mut self,
        who: Who,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, Refusal> {
        for last in [false, true] {
            let login = self.login(who).await?;
            let mut call = self.call(reqwest::Method::GET, path);
            for (name, value) in query {
                call = call.query(name, value.as_str());
            }
            // Why is in the body, of these two.
            let told = |answer: &Answer| matches!(answer.status, 400 | 401);
            let answer = self.client.http()?.read_or(call, &login, told).await?;
            if answer.is_success() {
                return Ok(answer.read()?);
            }
            let forgotten = answer.reason().is_some_and(|words| words.contains("SESSION_TOKEN"));
            if answer.status != 401 || !forgotten || last {
                return Err(client::refused(&answer).unwrap_or_else(|| answer.fault().into()));
            }
            self.tokens.remove(&who);
        }
        Err(Refusal::Said("the session was refused twice".to_owned()))
    }

    /// Writes, once, in a session that works: reading before has opened it.
    pub async fn write(
        &mut self,
        who: Who,
        method: reqwest::Method,
        path: &str,
        input: serde_json::Value,
    ) -> Result<(), Refusal> {
        let login = self.login(who).await?;
        let call = self.call(method, path).json(serde_json::json!({ "input": input }));
        self.client.write(call, &login).await.map(drop)
    }

    pub async fn me(&mut self, who: Who) -> Result<Me, Refusal> {
        Ok(self.get::<Full>(who, "getFullSession", &[]).await?.session)
    }

    /// That the wall clock there is the one of the settings: times come without a zone, and would all be wrong else.
    pub async fn right_zone(&mut self, setup: &Setup) -> Result<(), Refusal> {
        if self.zone_is_right {
            return Ok(());
        }
        self.login(Who::Board).await?;
        let now = match self.clock.clone() {
            Some(now) => now,
            None => self.me(Who::Board).await?.now,
        };
        if let Some(local) = naive(&now) {
            let at = setup.naive(local);
            let apart = at - setup.now();
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
