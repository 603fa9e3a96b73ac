//! Pages of a repository after the other, newest first: what is new pushes nothing out of sight, it only comes twice.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Github, record};
use crate::{
    model::{Instant, Record},
    source::system::{Page, Refusal, Wanted, client},
};

/// Deployments on a page, at most: each costs requests of its own before the page is kept.
const DEPLOYMENTS: usize = 25;

/// Where a listing has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct At {
    repository: usize,
    environment: usize,
    /// From 1.
    page: u32,
}

impl Default for At {
    fn default() -> Self {
        Self { repository: 0, environment: 0, page: 1 }
    }
}

pub async fn page(github: &mut Github, wanted: Wanted<'_>) -> Result<Page, Refusal> {
    let Wanted { listing, since, page, .. } = wanted;
    let at: At = page.and_then(|token| serde_json::from_str(token).ok()).unwrap_or_default();
    let Some(repository) = github.repositories.get(at.repository).cloned() else {
        return Ok(Page::default());
    };
    let (page, next) = match listing.name {
        "repositories" => (one_repository(github, &repository).await?, None),
        "milestones" => {
            let (rows, more) = rows(github, &repository, "/milestones", &[("state", "all")], &at).await?;
            (milestones(github, &repository, rows), more.then(|| At { page: at.page + 1, ..at.clone() }))
        }
        "releases" => {
            let (rows, more) = rows(github, &repository, "/releases", &[], &at).await?;
            // There is no question for what moved: the newest in every round, all of them in a full one.
            let more = more && since.is_none();
            (releases(github, &repository, rows), more.then(|| At { page: at.page + 1, ..at.clone() }))
        }
        _ => deployments(github, &repository, &at, since).await?,
    };
    let further = At { repository: at.repository + 1, ..At::default() };
    let next = next.or((further.repository < github.repositories.len()).then_some(further));
    Ok(Page { next: next.and_then(|at| serde_json::to_string(&at).ok()), ..page })
}

/// One page as values, and whether another follows. Its address is never taken from the answer.
async fn rows(
    github: &Github,
    repository: &str,
    path: &str,
    query: &[(&str, &str)],
    at: &At,
) -> Result<(Vec<Value>, bool), Refusal> {
    let size = if path == "/deployments" { github.size.min(DEPLOYMENTS) } else { github.size };
    let mut call = github.call(repository, path);
    for (name, value) in query {
        call = call.query(name, *value);
    }
    call = call.query("per_page", size.to_string()).query("page", at.page.to_string());
    let answer = github.read(call).await?;
    let more = answer.header("link").is_some_and(|link| link.contains("rel=\"next\""));
    Ok((answer.read()?, more))
}

async fn one_repository(github: &mut Github, repository: &str) -> Result<Page, Refusal> {
    // A round begins: who reviews may have changed.
    github.reviewers.clear();
    github.listed.clear();
    let found: Value = github.get(repository, "").await?;
    let mut page = Page::default();
    page.take(&github.setup, record::service(&github.setup, repository, &found), None);
    Ok(page)
}

fn milestones(github: &Github, repository: &str, rows: Vec<Value>) -> Page {
    let mut page = Page::default();
    let due = rows.iter().filter_map(|one| record::due(&github.setup, repository, one));
    due.for_each(|due| page.take(&github.setup, due, None));
    page
}

fn releases(github: &Github, repository: &str, rows: Vec<Value>) -> Page {
    let mut page = Page::default();
    let releases = rows.iter().map(|one| record::release(&github.setup, repository, one));
    releases.for_each(|release| page.take(&github.setup, release, None));
    page
}

/// Those that were made since, or in the days that are listed.
async fn deployments(
    github: &mut Github,
    repository: &str,
    at: &At,
    since: Option<Instant>,
) -> Result<(Page, Option<At>), Refusal> {
    let (environment, count) = {
        let asked = github.environments.asked();
        (asked.get(at.environment).map(|name| name.map(str::to_owned)), asked.len())
    };
    let Some(environment) = environment else { return Ok((Page::default(), None)) };
    let query: Vec<(&str, &str)> = environment.iter().map(|name| ("environment", name.as_str())).collect();
    let (rows, more) = rows(github, repository, "/deployments", &query, at).await?;
    let after = since.map_or_else(|| github.horizon(), |since| since.max(github.horizon()));
    let mut page = Page::default();
    let read = client::each::<record::Deployment>(&github.setup, rows, "deployment", &mut page.faults);
    let is_past = |one: &record::Deployment| one.created().is_some_and(|made| made < after);
    let reached = read.iter().any(is_past);
    for one in read {
        if is_past(&one) || !github.environments.has(one.environment_name()) {
            continue;
        }
        let one = github.complete(repository, one).await?;
        let change = record::change(&github.setup, repository, &one);
        page.take(&github.setup, change.map(Record::from), one.updated());
        if !github.settled.contains_key(&one.id) {
            github.listed.insert(one.id, one);
        }
    }
    let next = (more && !reached).then(|| At { page: at.page + 1, ..at.clone() });
    let other = At { environment: at.environment + 1, page: 1, ..at.clone() };
    Ok((page, next.or((other.environment < count).then_some(other))))
}
