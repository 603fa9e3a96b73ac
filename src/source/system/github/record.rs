//! Deployments, releases, milestones and repositories as records.

use serde::Deserialize;

use crate::{
    model::{Change, Fault, Instant, Outcome, Prose, Record, ReleaseState, State, Wall, WindowKind},
    source::{
        markup,
        system::{
            Setup,
            deploy::record::{self, Shipped, at, line},
        },
    },
};

pub const STATES: &[(&str, State)] = &[
    ("waiting", State::Authorize),
    ("pending", State::Scheduled),
    ("queued", State::Scheduled),
    ("in_progress", State::Implement),
    ("success", State::Closed),
    ("failure", State::Closed),
    ("error", State::Closed),
    ("inactive", State::Closed),
];
const OUTCOMES: &[(&str, Outcome)] =
    &[("success", Outcome::Successful), ("failure", Outcome::Failed), ("error", Outcome::Failed)];
const RELEASES: &[(&str, ReleaseState)] = &[
    ("draft", ReleaseState::Planning),
    ("prerelease", ReleaseState::Closed),
    ("published", ReleaseState::Closed),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Repository {
    pub name: Option<String>,
    pub full_name: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct User {
    pub login: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
}

/// A deployment as it is listed, and what [`super::Github::complete`] adds.
#[derive(Debug, Deserialize)]
pub struct Deployment {
    pub id: u64,
    pub sha: String,
    #[serde(default, rename = "ref")]
    pub tag: Option<String>,
    #[serde(default)]
    pub environment: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub creator: Option<User>,
    #[serde(default)]
    pub created_at: Option<String>,
    #[serde(default)]
    pub updated_at: Option<String>,
    #[serde(skip)]
    pub statuses: Vec<Status>,
    #[serde(skip)]
    pub pull: Option<Pull>,
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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Milestone {
    pub number: u64,
    pub title: Option<String>,
    pub due_on: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Release {
    pub id: u64,
    #[serde(default)]
    pub tag_name: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub draft: bool,
    #[serde(default)]
    pub prerelease: bool,
    #[serde(default)]
    pub created_at: Option<String>,
    #[serde(default)]
    pub updated_at: Option<String>,
    #[serde(default)]
    pub published_at: Option<String>,
    #[serde(default)]
    pub author: Option<User>,
    #[serde(default)]
    pub html_url: Option<String>,
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
        at(self.created_at.as_deref())
    }

    pub fn updated(&self) -> Option<Instant> {
        at(self.updated_at.as_deref()).or_else(|| self.created())
    }

    pub fn environment_name(&self) -> &str {
        self.environment.as_deref().unwrap_or_default()
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
        running.filter_map(|status| at(status.created_at.as_deref())).min()
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
    let tag = found.tag.as_deref().filter(|tag| *tag != found.sha).unwrap_or(short);
    let mut change = record::change(
        setup,
        &Shipped {
            project: repository,
            number: found.id,
            tag,
            environment: found.environment_name(),
            by: found.creator.as_ref().map(User::login),
            created: found.created(),
            updated: found.updated(),
            waits: found.waits(),
        },
    )?;
    change.state = setup.words.read(found.state(), STATES);
    change.actual_start = found.began();
    if change.state.value == State::Closed {
        let result = found.result();
        let word =
            setup.words.read(result.and_then(|one| one.state.as_deref()).unwrap_or_default(), OUTCOMES);
        change.outcome = (word.value != Outcome::Unknown).then_some(word);
        change.actual_end = result.and_then(|one| at(one.created_at.as_deref()));
    }
    change.url = line(found.latest().and_then(|one| one.log_url.as_deref().or(one.target_url.as_deref())));
    change.description = about(found, tag, short);
    Ok(change)
}

/// What is shipped: its pull request, what the deployment says of itself, and the commit.
fn about(found: &Deployment, tag: &str, short: &str) -> Prose {
    let mut parts = Vec::new();
    if let Some(pull) = &found.pull {
        parts.push(format!("{} (#{})", pull.title.as_deref().unwrap_or_default(), pull.number));
        parts.push(markup::markdown(pull.body.as_deref().unwrap_or_default()));
    }
    parts.push(found.description.clone().unwrap_or_default());
    parts.push(format!("{tag} at {short}"));
    parts.retain(|part| !part.trim().is_empty());
    Prose::new(&parts.join("\n\n"))
}

pub fn service(setup: &Setup, repository: &str, found: &Repository) -> Result<Record, Fault> {
    let names = [found.full_name.as_deref(), found.name.as_deref()];
    record::service(setup, repository, "repository", names)
}

/// A milestone as the day on which it is due: when it begins is told nowhere.
pub fn due(setup: &Setup, repository: &str, found: &Milestone) -> Option<Result<Record, Fault>> {
    let day = found.due_on.as_deref().and_then(|text| text.get(..10)?.parse().ok()).map(Wall::Date)?;
    let name = format!("Milestone {} is due", found.title.as_deref().unwrap_or_default());
    Some(record::milestone(setup, repository, found.number, (WindowKind::Event, &name), (day, day)))
}

pub fn release(setup: &Setup, repository: &str, found: &Release) -> Result<Record, Fault> {
    let tag = found.tag_name.as_deref().filter(|tag| !tag.trim().is_empty());
    let native =
        tag.map_or_else(|| format!("{repository}:release-{}", found.id), |tag| format!("{repository}@{tag}"));
    let out = at(found.published_at.as_deref()).map(|at| (at, true));
    let named = (tag.unwrap_or_default(), found.name.as_deref());
    let mut release = record::release(setup, repository, &native, named, out)?;
    let state = match (found.draft, found.prerelease) {
        (true, _) => "draft",
        (false, true) => "prerelease",
        (false, false) => "published",
    };
    release.state = setup.words.read(state, RELEASES);
    release.manager = line(found.author.as_ref().map(User::login));
    release.url = line(found.html_url.as_deref());
    release.updated_at = at(found.updated_at.as_deref()).or_else(|| at(found.created_at.as_deref()));
    Ok(Record::Release(Box::new(release)))
}
