//! Deployments, releases, milestones and repositories as records.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    model::{Change, Fault, Instant, Outcome, Record, ReleaseState, State, Wall, WindowKind},
    source::{
        markup,
        system::{
            Setup,
            deploy::record::{self, Native, Shipped},
            fields::{Stock, Table},
            json::{at, instant, key, line, text},
        },
    },
};

pub const STOCK: Stock = Stock {
    names: &[
        ("environment", &["environment"]),
        ("owner", &["creator.login"]),
        ("submitted_at", &["created_at"]),
        ("updated_at", &["updated_at", "created_at"]),
    ],
    // Of its latest status.
    states: Table::Words(&[
        ("waiting", State::Authorize),
        ("pending", State::Scheduled),
        ("queued", State::Scheduled),
        ("in_progress", State::Implement),
        ("success", State::Closed),
        ("failure", State::Closed),
        ("error", State::Closed),
        ("inactive", State::Closed),
    ]),
    ..Stock::NONE
};
const OUTCOMES: &[(&str, Outcome)] =
    &[("success", Outcome::Successful), ("failure", Outcome::Failed), ("error", Outcome::Failed)];
const RELEASES: &[(&str, ReleaseState)] = &[
    ("draft", ReleaseState::Planning),
    ("prerelease", ReleaseState::Closed),
    ("published", ReleaseState::Closed),
];

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct User {
    pub login: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
}

/// A deployment as it is listed, and what [`super::Github::complete`] adds.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct Deployment {
    pub id: u64,
    pub sha: String,
    row: Value,
    pub statuses: Vec<Status>,
    pub pull: Option<Pull>,
}

impl TryFrom<Value> for Deployment {
    type Error = &'static str;

    fn try_from(row: Value) -> Result<Self, Self::Error> {
        let id = key(&row, "id").ok_or("it has no id")?;
        let sha = at(&row, "sha").as_str().ok_or("it names no commit (sha)")?.to_owned();
        Ok(Self { id, sha, row, statuses: Vec::new(), pull: None })
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Status {
    pub id: u64,
    pub state: Option<String>,
    pub log_url: Option<String>,
    pub target_url: Option<String>,
    pub created_at: Option<String>,
}

/// A pull request.
#[derive(Debug, Clone, Deserialize)]
pub struct Pull {
    pub number: u64,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    pub merged_at: Option<String>,
}

impl Status {
    fn at(&self) -> Option<Instant> {
        self.created_at.as_deref()?.parse().ok()
    }
}

impl User {
    pub fn login(&self) -> &str {
        self.login.as_deref().unwrap_or_default()
    }

    /// All that people may know them by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.login, &self.name, &self.email].into_iter().filter_map(|name| name.as_deref())
    }
}

impl Deployment {
    pub fn created(&self) -> Option<Instant> {
        instant(&self.row, "created_at")
    }

    pub fn updated(&self) -> Option<Instant> {
        instant(&self.row, "updated_at").or_else(|| self.created())
    }

    /// Its stamp, for comparing.
    pub fn stamp(&self) -> &str {
        text(&self.row, "updated_at")
    }

    pub fn environment_name(&self) -> &str {
        text(&self.row, "environment")
    }

    /// Of its latest status; without one it is pending.
    pub fn state(&self) -> &str {
        self.latest().and_then(|status| status.state.as_deref()).unwrap_or("pending")
    }

    fn latest(&self) -> Option<&Status> {
        self.statuses.iter().max_by_key(|status| status.id)
    }

    pub fn waits(&self) -> bool {
        self.state() == "waiting"
    }

    /// How it went: an inactive one was pushed aside by the next, after it ended.
    fn result(&self) -> Option<&Status> {
        let told = |status: &&Status| status.state.as_deref() != Some("inactive");
        self.statuses.iter().filter(told).max_by_key(|status| status.id)
    }

    fn began(&self) -> Option<Instant> {
        let running = self.statuses.iter().filter(|status| status.state.as_deref() == Some("in_progress"));
        running.filter_map(Status::at).min()
    }

    fn links(&self) -> impl Iterator<Item = &str> {
        self.statuses
            .iter()
            .flat_map(|status| [&status.log_url, &status.target_url])
            .filter_map(|url| url.as_deref())
    }

    /// The run of this repository that made it, as its statuses link it.
    pub fn run(&self, repository: &str) -> Option<u64> {
        let path = format!("/{repository}/actions/runs/").to_lowercase();
        self.links().find_map(|url| {
            let url = url.to_lowercase();
            let rest = url.split_once(&path)?.1;
            rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        })
    }
}

/// A deployment as a change.
pub fn change(setup: &Setup, repository: &str, found: &Deployment) -> Result<Change, Fault> {
    let short = found.sha.get(..7).unwrap_or(&found.sha);
    let tag = at(&found.row, "ref").as_str().filter(|tag| *tag != found.sha).unwrap_or(short);
    let mut change = record::change(&Shipped {
        setup,
        stock: &STOCK,
        value: &found.row,
        project: repository,
        number: found.id,
        tag,
        about: &about(found, tag, short),
        waits: found.waits(),
    })?;
    change.state = STOCK.states.read(&setup.words, found.state());
    change.actual_start = found.began();
    if change.state.value == State::Closed {
        let result = found.result();
        let word =
            setup.words.read(result.and_then(|one| one.state.as_deref()).unwrap_or_default(), OUTCOMES);
        change.outcome = (word.value != Outcome::Unknown).then_some(word);
        change.actual_end = result.and_then(Status::at);
    }
    let url = found.latest().and_then(|one| one.log_url.as_deref().or(one.target_url.as_deref()));
    change.url = url.and_then(Setup::line);
    Ok(change)
}

/// What is shipped: its pull request, what the deployment says of itself, and the commit.
fn about(found: &Deployment, tag: &str, short: &str) -> String {
    let mut parts = Vec::new();
    if let Some(pull) = &found.pull {
        parts.push(format!("{} (#{})", pull.title.as_deref().unwrap_or_default(), pull.number));
        parts.push(markup::markdown(pull.body.as_deref().unwrap_or_default()));
    }
    parts.push(text(&found.row, "description").to_owned());
    parts.push(format!("{tag} at {short}"));
    parts.retain(|part| !part.trim().is_empty());
    parts.join("\n\n")
}

pub fn service(setup: &Setup, repository: &str, found: &Value) -> Result<Record, Fault> {
    record::service(
        setup,
        repository,
        "repository",
        ["full_name", "name"].map(|name| at(found, name).as_str()),
    )
}

/// A milestone as the day on which it is due: when it begins is told nowhere.
pub fn due(setup: &Setup, repository: &str, found: &Value) -> Option<Result<Record, Fault>> {
    let day = text(found, "due_on").get(..10)?.parse().ok().map(Wall::Date)?;
    let name = format!("Milestone {} is due", text(found, "title"));
    let number = ("number", key(found, "number"));
    Some(record::milestone(setup, repository, number, (WindowKind::Event, &name), (day, day)))
}

pub fn release(setup: &Setup, repository: &str, found: &Value) -> Result<Record, Fault> {
    let tag = text(found, "tag_name");
    let number = key(found, "id").map(|id| id.to_string());
    let by_number = Native { what: "release", by: ("id", number.as_deref()), mark: ":release-" };
    // A draft may have no tag yet. What has a tag and no number is odd, and no release of GitHub's.
    let native = match (tag.trim(), &number) {
        ("", _) | (_, None) => by_number,
        _ => Native { by: ("tag", Some(tag)), mark: "@", ..by_number },
    };
    let out = instant(found, "published_at").map(|at| (at, true));
    let mut release = record::release(setup, repository, native, (tag, at(found, "name").as_str()), out)?;
    let state = match ["draft", "prerelease"].iter().find(|name| at(found, name) == &Value::Bool(true)) {
        Some(name) => name,
        None => "published",
    };
    release.state = setup.words.read(state, RELEASES);
    release.manager = line(found, "author.login");
    release.url = line(found, "html_url");
    release.updated_at = instant(found, "updated_at").or_else(|| instant(found, "created_at"));
    Ok(Record::Release(Box::new(release)))
}
