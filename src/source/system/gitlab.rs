//! GitLab: deployments as changes, with their approvals; releases, milestones as sprints, freeze periods as freezes.
//!
//! A deployment waiting for approval is what a board can decide there: one ref, one environment, one moment, approvers
//! by rule. So it is a change (normal, in authorize) and no phase, which has no approval; its release is named by the tag.

mod cron; // a cron line as clocks and as a rule
mod freeze; // freeze periods as windows
mod list; // pages
mod record; // deployments, releases and milestones as records
mod write; // approvals and notes

use serde_json::Value;

use super::{
    ALL_BUT_PEOPLE, Adapter, AnyComments, AnyWhoAmI, AnyWriter, Comments, Listing, Page, Refusal, Setup,
    SetupError, Wanted,
    client::Client,
    crawl,
    deploy::{self, Environments, encode},
};
use crate::{
    model::{Id, RecordKind, Stored},
    source::{
        Capabilities, Source,
        http::{Call, Http},
    },
};

pub const README: &str = include_str!("gitlab/README.md");

/// The source.
///
/// # Errors
/// What is missing in its settings.
pub fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    Ok(crawl::source(setup.clone(), Gitlab::new(setup)?))
}

/// The adapter of some projects.
pub struct Gitlab {
    setup: Setup,
    client: Client,
    projects: Vec<String>,
    environments: Environments,
    /// Records per page.
    size: usize,
    /// Somewhere more is said than is read.
    cut: bool,
}

impl Gitlab {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        let projects = deploy::projects(&setup, "projects")?;
        let size = match setup.option("page_size").map(str::parse::<usize>) {
            None => 100,
            Some(Ok(size)) if (1..=100).contains(&size) => size,
            Some(_) => return Err(setup.wrong_option("page_size", "must be from 1 to 100")),
        };
        let environments = Environments::of(&setup);
        let client = Client::new(&setup);
        Ok(Self { client, projects, environments, size, cut: false, setup })
    }

    /// The address under a project: `/api/v4/projects/acme%2Fpay` and what follows.
    fn address(&self, project: &str, rest: &str) -> String {
        format!("{}/api/v4/projects/{}{rest}", self.setup.address, encode(project))
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, project: &str, rest: &str) -> Result<T, Refusal> {
        self.client.json(Call::get(self.address(project, rest)), &self.setup.login).await
    }
}

impl Adapter for Gitlab {
    fn capabilities(&self) -> Capabilities {
        Capabilities::notes(ALL_BUT_PEOPLE, Ok(()))
    }

    fn listings(&self) -> Vec<Listing> {
        let listing = |name, kinds, incremental| Listing { name, kinds, incremental };
        let mut listings = vec![
            listing("projects", &[RecordKind::Service][..], false),
            listing("milestones", &[RecordKind::Window], false),
            listing("releases", &[RecordKind::Release], false),
            listing("deployments", &[RecordKind::Change], true),
        ];
        if self.setup.option("freezes") != Some("no") {
            listings.insert(1, listing("freeze periods", &[RecordKind::Window], false));
        }
        listings
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        list::page(self, wanted).await
    }

    fn notes(&self) -> Vec<String> {
        self.cut.then(|| deploy::cut("newest")).into_iter().collect()
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
        let (project, number) = deploy::deployment(&self.setup, item)?;
        let detail: record::Deployment = self.get(project, &format!("/deployments/{number}")).await?;
        let change = record::change(&self.setup, project, &detail)?;
        let mut records = vec![crate::model::Record::from(change)];
        records.extend(record::approvals(item, &detail));
        Ok(self.setup.stored_all(records))
    }

    fn http(&self) -> Option<&Http> {
        self.client.built()
    }
}

impl Comments for Gitlab {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        let (mut page, mut cut) = (Page::default(), false);
        let (project, number) = deploy::deployment(&self.setup, item)?;
        let detail: record::Deployment = self.get(project, &format!("/deployments/{number}")).await?;
        page.extend(&self.setup, record::approvals(item, &detail));
        if let Some(request) = write::merge_request(self, project, number).await? {
            let notes = write::notes(self, project, request).await?;
            cut = notes.cut;
            page.extend(&self.setup, notes.all.iter().filter_map(|note| note.record(item)));
        }
        self.cut |= cut;
        Ok(page)
    }
}

/// One page of a listing, as values, with whether more follows and how many there are.
struct Raw {
    rows: Vec<Value>,
    more: bool,
    total: Option<usize>,
}

impl Gitlab {
    async fn raw(&self, call: Call, number: u32) -> Result<Raw, Refusal> {
        let call = call.query("per_page", self.size.to_string()).query("page", number.to_string());
        let answer = self.client.read(call, &self.setup.login).await?;
        let rows: Vec<Value> = answer.read()?;
        let more = match answer.header("x-next-page") {
            Some(next) => !next.trim().is_empty(),
            None => rows.len() >= self.size,
        };
        let total = answer.header("x-total").and_then(|total| total.trim().parse().ok());
        Ok(Raw { rows, more, total })
    }
}
