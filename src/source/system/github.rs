//! GitHub: deployments as changes, with the reviews that let them pass; releases, and milestones on the day they are due.
//!
//! A deployment waiting in an environment is what a board can decide there. It names its run only in its statuses, and a
//! listing knows neither its state nor what moved: new ones are listed, open ones asked for one by one.

mod gate; // who is asked, who answered, and answering
mod list; // pages
mod record; // deployments, releases and milestones as records
mod comments; // comments where people talk about what is shipped

use std::collections::HashMap;

use serde::de::DeserializeOwned;

use super::{
    ALL_BUT_PEOPLE, Adapter, AnyComments, AnyWhoAmI, AnyWriter, Comments, Listing, Page, Refusal, Setup,
    SetupError, Wanted, Writer,
    client::Client,
    crawl,
    deploy::{self, Environments},
    etag_cache::EtagCache,
};
use crate::{
    model::{Id, Instant, Record, RecordKind, State, Stored},
    source::{
        Capabilities, Source, What, Write,
        http::{Answer, Call, Http, HttpError, Login},
    },
};
use record::{Deployment, Pull, Status};

pub const README: &str = include_str!("github/README.md");

const OPTIONS: [&str; 4] = ["environments", "history", "milestones", "page_size"];
/// The source.
///
/// # Errors
/// What is missing or wrong in its settings.
pub fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    Ok(crawl::source(setup.clone(), Github::new(setup)?))
}

/// The adapter of some repositories.
pub struct Github {
    setup: Setup,
    client: Client,
    /// What did not change costs no request of the hour's.
    etags: EtagCache,
    /// With `/api/v3` where it is a server of one's own.
    base: String,
    repositories: Vec<String>,
    environments: Environments,
    /// Records per page.
    size: usize,
    /// Days back to which deployments are listed.
    history: i64,
    /// What deployments came to that are over, while they do not move: their statuses cost a request each.
    settled: HashMap<u64, (String, Vec<Status>)>,
    /// The pull request of a repository and a commit.
    shipped: HashMap<(String, String), Option<Pull>>,
    /// Open deployments as this round listed them: what is said about them needs no second reading.
    listed: HashMap<u64, Deployment>,
    /// Runs of deployments that link none, found while they waited.
    runs: HashMap<u64, u64>,
    /// Who reviews in an environment of a repository; of this round.
    reviewers: HashMap<(String, String), Vec<gate::Asked>>,
    /// Somewhere more is said than is read.
    cut: bool,
}

impl Github {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        setup.no_user("GitHub takes no passwords", "a token")?;
        setup.choice("milestones", &["yes", "no"])?;
        Ok(Self {
            client: Client::new(&setup),
            etags: EtagCache::default(),
            base: base(&setup.address),
            repositories: deploy::projects(&setup, "repositories")?,
            environments: Environments::of(&setup),
            size: setup.number("page_size", 100, 1..=100)?,
            history: i64::try_from(setup.number("history", 90, 1..=3650)?).unwrap_or(90),
            settled: HashMap::new(),
            shipped: HashMap::new(),
            listed: HashMap::new(),
            runs: HashMap::new(),
            reviewers: HashMap::new(),
            cut: false,
            setup,
        })
    }

    /// A call under a repository, with the headers that fix the version of the API.
    fn call(&self, repository: &str, path: &str) -> Call {
        versioned(Call::get(format!("{}/repos/{repository}{path}", self.base)))
    }

    async fn read(&self, call: Call) -> Result<Answer, Refusal> {
        self.etags.read(&self.client, call, &self.setup.login).await
    }

    async fn get<T: DeserializeOwned>(&self, repository: &str, path: &str) -> Result<T, Refusal> {
        Ok(self.read(self.call(repository, path)).await?.read()?)
    }

    /// A deployment by its id: the repository and its number.
    fn deployment(&self, item: &Id) -> Result<(String, u64), Refusal> {
        deploy::deployment(&self.setup, item).map(|(name, number)| (name.to_owned(), number))
    }

    /// Deployments before this are history.
    fn horizon(&self) -> Instant {
        self.setup.now().plus(-self.history.saturating_mul(86_400))
    }

    async fn load(&mut self, repository: &str, number: u64) -> Result<Deployment, Refusal> {
        let found = self.get(repository, &format!("/deployments/{number}")).await?;
        self.complete(repository, found).await
    }

    /// What a listing leaves out: the statuses of a deployment, and the pull request it ships.
    async fn complete(&mut self, repository: &str, mut found: Deployment) -> Result<Deployment, Refusal> {
        let stamp = found.stamp().to_owned();
        match self.settled.get(&found.id) {
            Some((then, statuses)) if *then == stamp => found.statuses = statuses.clone(),
            _ => {
                let path = format!("/deployments/{}/statuses?per_page=100", found.id);
                found.statuses = self.get(repository, &path).await?;
                let state = record::STOCK.states.read(&self.setup.words, found.state()).value;
                if state == State::Closed {
                    self.settled.insert(found.id, (stamp, found.statuses.clone()));
                }
            }
        }
        found.pull = self.pull(repository, &found.sha).await?;
        Ok(found)
    }

    /// The latest merged pull request that brought a commit.
    async fn pull(&mut self, repository: &str, sha: &str) -> Result<Option<Pull>, Refusal> {
        let key = (repository.to_owned(), sha.to_owned());
        if let Some(known) = self.shipped.get(&key) {
            return Ok(known.clone());
        }
        let path = format!("/commits/{}/pulls?per_page=100", deploy::encode(sha));
        let found: Vec<Pull> = match self.get(repository, &path).await {
            // Not there any more, or nothing this token may see: it is shown without.
            Err(Refusal::Http(
                HttpError::Missing { .. }
                | HttpError::Refused { status: 403, .. }
                | HttpError::Status { status: 409 | 422, .. },
            )) => Vec::new(),
            other => other?,
        };
        let latest = found.into_iter().filter(|pull| pull.merged_at.is_some());
        let latest = latest.max_by(|one, other| one.merged_at.cmp(&other.merged_at));
        self.shipped.insert(key, latest.clone());
        Ok(latest)
    }
}

/// Where the API of an address is: of github.com at api.github.com, of a server under `/api/v3`.
fn base(address: &str) -> String {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    match host {
        "github.com" | "www.github.com" => "https://api.github.com".to_owned(),
        host if host.starts_with("api.") || address.ends_with("/api/v3") => address.to_owned(),
        _ => format!("{address}/api/v3"),
    }
}

fn versioned(call: Call) -> Call {
    call.header("accept", "application/vnd.github+json").header("x-github-api-version", "2022-11-28")
}

impl Adapter for Github {
    fn capabilities(&self) -> Capabilities {
        Capabilities::notes(ALL_BUT_PEOPLE, Ok(()))
    }

    fn listings(&self) -> Vec<Listing> {
        let listing = |name, kinds, incremental| Listing { name, kinds, incremental };
        let mut listings = vec![
            listing("repositories", &[RecordKind::Service][..], false),
            listing("milestones", &[RecordKind::Window], false),
            listing("releases", &[RecordKind::Release], true),
            listing("deployments", &[RecordKind::Change], true),
        ];
        listings.retain(|one| one.name != "milestones" || self.setup.option("milestones") != Some("no"));
        listings
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        list::page(self, wanted).await
    }

    fn notes(&self) -> Vec<String> {
        self.cut.then(|| deploy::cut("oldest")).into_iter().collect()
    }

    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        Some(self)
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Some(self)
    }

    fn who_am_i(&mut self) -> Option<&mut dyn AnyWhoAmI> {
        Some(self)
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let (repository, number) = self.deployment(item)?;
        let found = self.load(&repository, number).await?;
        let change = record::change(&self.setup, &repository, &found)?;
        let mut records = vec![Record::from(change)];
        records.extend(gate::read(self, &repository, &found).await?.records(item));
        Ok(self.setup.stored_all(records))
    }

    fn http(&self) -> Option<&Http> {
        self.client.built()
    }
}

impl Comments for Github {
    /// The deployment itself too: a listing does not say what moved.
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        let (repository, number) = self.deployment(item)?;
        let listed = self.listed.remove(&number);
        let is_known = listed.is_some();
        let found = match listed {
            Some(found) => found,
            None => self.load(&repository, number).await?,
        };
        if !found.waits() && found.created().is_some_and(|at| at < self.horizon()) {
            // Nobody ever said how it ended.
            let place = format!("deployment {number} of {repository}");
            return Err(Refusal::Http(HttpError::Missing { place, status: 404 }));
        }
        let mut page = Page::default();
        match record::change(&self.setup, &repository, &found) {
            Ok(change) if !is_known => page.extend(&self.setup, [Record::from(change)]),
            Ok(_) => {}
            Err(fault) => page.faults.push(fault),
        }
        let gate = gate::read(self, &repository, &found).await?;
        page.extend(&self.setup, gate.records(item));
        let said = comments::comments(self, &repository, &found).await?;
        self.cut |= said.cut;
        page.extend(&self.setup, said.all.iter().filter_map(|comment| comment.record(item)));
        Ok(page)
    }
}

impl Writer for Github {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        let (repository, number) = self.deployment(&write.item)?;
        let found = self.load(&repository, number).await?;
        match write.what {
            What::Vote { approve, .. } => gate::find(self, &repository, &found, write, approve).await,
            What::Comment { .. } | What::Decision { .. } | What::Dates { .. } | What::Progress { .. } => {
                comments::find(self, &repository, &found, write).await
            }
        }
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        let (repository, number) = self.deployment(&write.item)?;
        let found = self.load(&repository, number).await?;
        match write.what {
            What::Vote { approve, .. } => gate::vote(self, &repository, &found, write, login, approve).await,
            What::Comment { .. } | What::Decision { .. } | What::Dates { .. } | What::Progress { .. } => {
                comments::say(self, &repository, &found, &write.text(as_themselves), login).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::base;

    #[test]
    fn the_api_is_where_its_address_says() {
        for (address, want) in [
            ("https://github.com", "https://api.github.com"),
            ("https://api.github.com", "https://api.github.com"),
            ("https://api.acme.ghe.com", "https://api.acme.ghe.com"),
            ("https://git.example.com", "https://git.example.com/api/v3"),
            ("https://git.example.com/api/v3", "https://git.example.com/api/v3"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v3"),
        ] {
            assert_eq!(base(address), want, "{address}");
        }
    }
}
