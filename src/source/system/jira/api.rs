//! The REST APIs of Jira: which of them a site speaks, who is asking, which custom field is which.
//!
//! Cloud and Data Center differ in version, in how a search is paged, in the shape of texts and in what names a person.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    model::text::clean_line,
    source::{
        http::{Answer, Call, HttpError, Login},
        markup,
        system::{Refusal, Setup, client::Client},
    },
};

/// Our field and the names it usually has, the first that is there counts.
const NAMES: [(&str, &[&str]); 14] = [
    ("kind", &["Change type"]),
    ("risk", &["Change risk"]),
    ("reason", &["Change reason"]),
    ("impact", &["Impact"]),
    ("planned_start", &["Planned start", "Change start date"]),
    ("planned_end", &["Planned end", "Change completion date"]),
    ("actual_start", &["Actual start"]),
    ("actual_end", &["Actual end"]),
    ("implementation_plan", &["Implementation plan"]),
    ("test_plan", &["Test plan"]),
    ("rollback_plan", &["Backout plan", "Rollback plan"]),
    ("services", &["Affected services"]),
    ("communication_plan", &["Communication plan"]),
    ("success_check", &["Success criteria"]),
];
/// Fields of ours that only the settings can name.
const OWN: [&str; 10] = [
    "rollback_minutes",
    "environment",
    "group",
    "presenter",
    "outage_start",
    "outage_end",
    "outcome",
    "severity",
    "opened",
    "restored",
];

/// One site.
pub struct Api {
    pub client: Client,
    pub address: String,
    pub login: Login,
    pub cloud: bool,
}

/// Our fields to those of theirs that may be meant: a site may have several of one name.
#[derive(Debug, Clone, Default)]
pub struct Fields(BTreeMap<&'static str, Vec<Candidate>>);

/// A field that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: String,
    pub name: String,
    /// The one project whose field it is, by its id; none where it is everybody's.
    pub project: Option<String>,
    /// Which of the usual names it has: the first counts most.
    rank: usize,
}

impl Fields {
    /// Ours of which there are any.
    pub fn ours(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// The ids of all of them.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.values().flatten().map(|one| one.id.as_str())
    }

    /// Those that count for an issue of this project: its own before everybody's, never another's. Where the project is
    /// not known, all of them.
    #[must_use]
    pub fn of(&self, ours: &str, project: Option<&str>) -> Vec<&Candidate> {
        let all: Vec<&Candidate> = self.0.get(ours).into_iter().flatten().collect();
        let Some(project) = project else { return all };
        let fits = |one: &&Candidate| one.project.as_deref().is_none_or(|own| own == project);
        let near = |one: &Candidate| (one.rank, one.project.is_none());
        let all: Vec<&Candidate> = all.into_iter().filter(fits).collect();
        let best = all.iter().map(|one| near(one)).min();
        all.into_iter().filter(|one| Some(near(one)) == best).collect()
    }

    /// What only the settings can tell: fields of one name, of one project or of none.
    #[must_use]
    pub fn doubts(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        for (ours, all) in &self.0 {
            let twin = |one: &&Candidate| {
                all.iter().any(|other| {
                    other.id != one.id && (other.rank, &other.project) == (one.rank, &one.project)
                })
            };
            let twins: Vec<&Candidate> = all.iter().filter(twin).collect();
            if let Some(first) = twins.first() {
                let ids: Vec<&str> = twins.iter().map(|one| one.id.as_str()).collect();
                let words = format!(
                    "several fields are named {:?} ({}): where one of them has a value that counts, where they differ none does; name one by its id in map.fields.{ours}",
                    first.name,
                    ids.join(", ")
                );
                found.push((*ours, clean_line(&words).into_owned()));
            }
        }
        found
    }
}

/// Somebody, as far as the site tells.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct User {
    pub account_id: Option<String>,
    pub name: Option<String>,
    pub key: Option<String>,
    pub display_name: Option<String>,
    pub email_address: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Issue {
    pub id: String,
    pub key: String,
    pub fields: serde_json::Map<String, Value>,
}

/// A page of a search of either kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Issues {
    pub issues: Option<Vec<Value>>,
    pub next_page_token: Option<String>,
    pub start_at: Option<usize>,
    pub total: Option<usize>,
}

#[derive(Deserialize)]
struct Field {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scope: Option<ScopeOf>,
}

#[derive(Deserialize)]
struct ScopeOf {
    #[serde(default)]
    project: Value,
}

impl Field {
    /// The project whose field it is; of a scope that names none, nobody's.
    fn project(&self) -> Option<String> {
        let id = &self.scope.as_ref()?.project["id"];
        Some(id.as_str().map_or_else(|| id.to_string(), str::to_owned))
    }
}

impl User {
    /// What people know them by: e-mail address, login, name, account.
    #[must_use]
    pub fn called(&self) -> &str {
        let names = [&self.email_address, &self.name, &self.display_name, &self.account_id];
        names.into_iter().flatten().map(|name| name.trim()).find(|name| !name.is_empty()).unwrap_or_default()
    }

    /// What tells them from everybody else.
    pub fn marks(&self) -> impl Iterator<Item = &str> {
        [&self.account_id, &self.name, &self.key, &self.email_address]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        same(&self.account_id, &other.account_id)
            || (self.account_id.is_none() && (same(&self.key, &other.key) || same(&self.name, &other.name)))
    }
}

impl Api {
    /// `/rest/api/3` or `/rest/api/2`, and what follows.
    #[must_use]
    pub fn platform(&self, path: &str) -> String {
        format!("{}/rest/api/{}/{path}", self.address, if self.cloud { 3 } else { 2 })
    }

    #[must_use]
    pub fn desk(&self, path: &str) -> String {
        format!("{}/rest/servicedeskapi/request/{path}", self.address)
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn get<T: DeserializeOwned>(
        &self,
        address: String,
        query: &[(&str, String)],
        login: &Login,
    ) -> Result<T, Refusal> {
        let mut call = Call::get(address).header("accept", "application/json");
        for (name, value) in query {
            call = call.query(name, value.clone());
        }
        let answer = self.client.http()?.read(call.header("x-experimentalapi", "opt-in"), login).await?;
        Ok(answer.read()?)
    }

    /// Writes once.
    ///
    /// # Errors
    /// What the site says against it, in its own words.
    pub async fn post(&self, address: String, body: Value, login: &Login) -> Result<(), Refusal> {
        let call = Call::new(Method::POST, address)
            .header("accept", "application/json")
            .header("x-experimentalapi", "opt-in")
            .json(body);
        let answer = self.client.http()?.send(call, login).await?;
        match answer.judged() {
            Err(error) if matches!(answer.status, 400 | 403..=409) && error.retry_after().is_none() => {
                Err(reason(&answer).map_or(Refusal::Http(error), Refusal::Said))
            }
            other => other.map_err(Refusal::Http),
        }
    }

    /// Who asks: an anonymous search may answer with no issues instead of no.
    ///
    /// # Errors
    /// When it is nobody.
    pub async fn myself(&self, login: &Login) -> Result<User, Refusal> {
        let user: User = self.get(self.platform("myself"), &[], login).await?;
        if user.marks().next().is_none() {
            let status = 401;
            return Err(Refusal::Http(HttpError::Refused { place: self.platform("myself"), status }));
        }
        Ok(user)
    }

    /// Which custom field is which, by the settings, else by its usual name.
    ///
    /// # Errors
    /// When fields cannot be listed, or the settings name one that is not there.
    pub async fn fields(&self, setup: &Setup) -> Result<Fields, Refusal> {
        let all: Vec<Field> = self.get(self.platform("field"), &[], &self.login).await?;
        let find = |name: &str, rank: usize| -> Vec<Candidate> {
            let exact: Vec<&Field> = all.iter().filter(|field| field.id == name).collect();
            let by_name = || all.iter().filter(|field| field.name.eq_ignore_ascii_case(name)).collect();
            // One that the settings name by its id is meant wherever it is.
            let of = |field: &Field| if exact.is_empty() { field.project() } else { None };
            let found: Vec<&Field> = if exact.is_empty() { by_name() } else { exact.clone() };
            let candidate = |field: &&Field| Candidate {
                id: field.id.clone(),
                name: field.name.clone(),
                project: of(field),
                rank,
            };
            found.iter().map(candidate).collect()
        };
        let stock = NAMES.iter().copied().chain(OWN.iter().map(|ours| (*ours, &[][..])));
        let mut fields = Fields::default();
        for (ours, names) in stock {
            let found = match setup.fields.get(ours) {
                Some(name) => {
                    let found = find(name, 0);
                    if found.is_empty() {
                        return Err(Refusal::Said(format!(
                            "map.fields.{ours}: there is no field {name:?} on this site"
                        )));
                    }
                    found
                }
                None => names.iter().enumerate().flat_map(|(rank, name)| find(name, rank)).collect(),
            };
            if !found.is_empty() {
                fields.0.insert(ours, found);
            }
        }
        Ok(fields)
    }

    /// A page of a search; `page` is a token of Cloud, or where Data Center begins.
    ///
    /// # Errors
    /// When it cannot be had, with the words about the query where it is wrong.
    pub async fn search(
        &self,
        jql: &str,
        fields: &[&str],
        size: usize,
        page: Option<&str>,
    ) -> Result<Issues, Refusal> {
        let mut body = json!({ "jql": jql, "fields": fields, "maxResults": size });
        let path = if self.cloud { "search/jql" } else { "search" };
        match page {
            Some(token) if self.cloud => body["nextPageToken"] = token.into(),
            Some(start) => body["startAt"] = start.parse::<usize>().unwrap_or(0).into(),
            None => {}
        }
        let call = Call::post(self.platform(path)).header("accept", "application/json").json(body);
        // Searching changes nothing: it may be asked again.
        match self.client.http()?.read(call.clone(), &self.login).await {
            Ok(answer) => Ok(answer.read()?),
            Err(error @ HttpError::Status { status: 400 | 410, .. }) => {
                let answer = self.client.http()?.send(call, &self.login).await?;
                Err(reason(&answer)
                    .map_or(Refusal::Http(error), |words| Refusal::Said(format!("select: {words}"))))
            }
            Err(error) => Err(Refusal::Http(error)),
        }
    }

    /// A text of this site as plain text.
    #[must_use]
    pub fn text(&self, value: &Value) -> String {
        match value {
            Value::String(text) if !self.cloud => markup::wiki(&text.replace("\\{", "{").replace("\\[", "[")),
            Value::String(text) => text.clone(),
            other => markup::adf(other),
        }
    }

    /// Plain text as this site takes it: nothing in it is a macro or a link.
    #[must_use]
    pub fn body(&self, text: &str) -> Value {
        if self.cloud {
            markup::to_adf(text)
        } else {
            Value::from(text.replace('{', "\\{").replace('[', "\\["))
        }
    }
}

/// What either API says when it says no.
fn reason(answer: &Answer) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Told {
        error_messages: Vec<String>,
        errors: BTreeMap<String, Value>,
        error_message: Option<String>,
    }
    let told: Told = answer.read().ok()?;
    let fields =
        told.errors.iter().map(|(field, words)| format!("{field}: {}", words.as_str().unwrap_or_default()));
    let words: Vec<String> =
        told.error_messages.into_iter().chain(told.error_message).chain(fields).collect();
    let text: String = clean_line(&words.join("; ")).trim().chars().take(200).collect();
    (!text.is_empty()).then_some(text)
}
