//! Jira Service Management, Cloud and Data Center: change issues by JQL, their approvals and comments, versions.
//!
//! A search by when something moved asks in minutes ago, which no time zone can turn round; a folder per matter.

mod api; // the REST APIs of a site
mod incident; // issues of another search as incidents
mod record; // issues and versions
mod comments_and_approvals; // approvals and comments
mod transition; // from status to status

use super::{
    Account, Adapter, AnyComments, AnyStatuses, AnyWhoAmI, AnyWriter, Comments, Listing, Page, Refusal, Row,
    Setup, SetupError, SetupKey, Standing, Statuses, Wanted, WhoAmI, Writer,
    client::{self, Client},
    crawl,
};
use crate::{
    model::{Change, Fault, Id, Instant, Record, RecordKind, Stored},
    source::{
        Capabilities, DATES_STAY, Point, Source, What, Write,
        http::{Http, HttpError, Login},
    },
};
use api::{Api, Fields, Issue, Issues};
use comments_and_approvals::Asked;
use serde::Deserialize;
use serde_json::Value;

pub const README: &str = include_str!("jira/README.md");

const OPTIONS: [&str; 13] = [
    "deployment",
    "projects",
    "page_size",
    "link",
    "started",
    "turned_back",
    "ended",
    "held",
    "thawed",
    "incidents",
    "incident_days",
    "caused_by",
    "fixed_by",
];
const KINDS: &[RecordKind] =
    &[RecordKind::Release, RecordKind::Change, RecordKind::Approval, RecordKind::Comment];
/// The same, and incidents.
const AND_INCIDENTS: &[RecordKind] = &[
    RecordKind::Release,
    RecordKind::Change,
    RecordKind::Approval,
    RecordKind::Comment,
    RecordKind::Incident,
];
/// Rows that two pages of Data Center have in common, which a deleted issue would else push out of sight.
const OVERLAP: usize = 5;

const ORDERED: &str = "must not have ORDER BY: pages have an order of their own";

/// Whether a query says in which order issues come.
fn is_ordered(jql: &str) -> bool {
    jql.to_lowercase().contains("order by")
}

/// The source.
///
/// # Errors
/// What is missing or wrong in its settings.
pub fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    Ok(crawl::source(setup.clone(), Adapted::new(setup)?))
}

/// The adapter.
struct Adapted {
    setup: Setup,
    api: Api,
    select: String,
    projects: Vec<String>,
    page_size: usize,
    fields: Option<Fields>,
    /// Which issues are incidents; none where none are asked for.
    incidents: Option<incident::Search>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Versions {
    values: Option<Vec<Value>>,
    is_last: Option<bool>,
}

impl Adapted {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        let select = setup.select.clone().unwrap_or_default();
        if select.trim().is_empty() {
            let what =
                "which issues are changes, in JQL, such as project = CHG AND issuetype = \"[System] Change\"";
            return Err(setup.missing(SetupKey::Select, what));
        }
        if is_ordered(&select) {
            return Err(setup.wrong(SetupKey::Select, ORDERED));
        }
        let projects = setup.option("projects").unwrap_or_default().split(',').map(str::trim);
        let client = Client::new(&setup);
        let cloud = setup.choice("deployment", &["cloud", "data_center"])? == "cloud";
        Ok(Self {
            api: Api { client, address: setup.address.clone(), login: setup.login.clone(), cloud },
            projects: projects.filter(|key| !key.is_empty()).map(str::to_owned).collect(),
            page_size: setup.number("page_size", 100, 1..=1000)?,
            fields: None,
            incidents: incident::Search::of(&setup)?,
            select,
            setup,
        })
    }

    /// The key of an item, which becomes part of an address.
    fn key<'a>(&'a self, item: &'a Id) -> Result<&'a str, Refusal> {
        let key = self.setup.native(item);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if key.chars().all(plain) {
            Ok(key)
        } else {
            Err(Refusal::Said(format!("{item} is no key of an issue")))
        }
    }

    async fn know_fields(&mut self) -> Result<Fields, Refusal> {
        if let Some(fields) = &self.fields {
            return Ok(fields.clone());
        }
        let fields = self.api.fields(&self.setup).await?;
        self.fields = Some(fields.clone());
        Ok(fields)
    }

    /// The search for issues of a query, those that moved since where that is said, in an order that no edit shifts.
    fn jql(&self, select: &str, since: Option<Instant>) -> String {
        let moved = since.map(|since| {
            let now = self.setup.now().secs() + self.api.client.built().and_then(Http::skew).unwrap_or(0);
            let minutes = (now - since.secs()).max(0) / 60 + 1;
            format!(" AND updated >= \"-{minutes}m\"")
        });
        format!("({select}){} ORDER BY created ASC, key ASC", moved.unwrap_or_default())
    }

    async fn changes(&mut self, since: Option<Instant>, page: Option<&str>) -> Result<Page, Refusal> {
        if page.is_none() {
            self.api.myself(&self.setup.login).await?;
        }
        let fields = self.know_fields().await?;
        let names: Vec<&str> = record::SYSTEM.iter().copied().chain(fields.ids()).collect();
        let (issues, next) = self.issues(&self.jql(&self.select, since), &names, page).await?;
        let mut answer = Page { next, total: issues.total, ..Page::default() };
        if page.is_none() {
            let doubts = fields.doubts().into_iter();
            answer.faults.extend(doubts.map(|(ours, words)| self.setup.fault(None, ours, words)));
        }
        let rows = issues.issues.unwrap_or_default();
        let list: Vec<Issue> = client::each(&self.setup, rows, "issue", &mut answer.faults);
        for issue in &list {
            match record::change(&self.setup, &self.api, &fields, issue) {
                Ok(mut change) => {
                    let steps = self.asked(&mut change).await?;
                    if steps.is_none() {
                        answer.faults.push(self.hidden(&change.id, &issue.key));
                    }
                    answer.faults.extend(record::doubts(&self.setup, &self.api, &fields, issue));
                    let updated = change.updated_at;
                    answer.rows.push(Row { stored: self.setup.stored(Record::from(change)), updated });
                }
                Err(fault) => answer.faults.push(fault),
            }
        }
        Ok(answer)
    }

    /// The steps of a change that is asked for them, and what they come to; none where they are hidden.
    async fn asked(&self, change: &mut Change) -> Result<Option<Vec<Asked>>, Refusal> {
        let state = change.state.value;
        if !comments_and_approvals::is_asked(state) {
            return Ok(Some(Vec::new()));
        }
        let key = self.key(&change.id)?;
        let steps = match comments_and_approvals::approvals(&self.api, key, &self.setup.login).await {
            Err(refusal) if comments_and_approvals::is_hidden(&refusal) => return Ok(None),
            other => other?,
        };
        change.approval = comments_and_approvals::counted(&self.setup, state, &steps);
        Ok(Some(steps))
    }

    fn hidden(&self, item: &Id, key: &str) -> Fault {
        self.setup.fault(Some(item), "approval", comments_and_approvals::hidden(key))
    }

    /// A page of issues; odd where it is plainly the answer to another question.
    async fn issues(
        &self,
        jql: &str,
        names: &[&str],
        page: Option<&str>,
    ) -> Result<(Issues, Option<String>), Refusal> {
        let start: usize = page.and_then(|page| page.parse().ok()).unwrap_or(0);
        let fits = |found: &Issues| {
            let there = if self.api.cloud {
                page.is_none() || found.next_page_token.as_deref() != page
            } else {
                found.start_at == Some(start)
            };
            found.issues.is_some() && there
        };
        let found = self.api.search(jql, names, self.page_size, page).await?;
        if !fits(&found) {
            let odd = HttpError::Garbled {
                place: self.api.platform("search"),
                reason: "it is no page of issues, or not the page that was asked for".to_owned(),
            };
            return Err(Refusal::OddPage(odd.to_string()));
        }
        let got = found.issues.as_ref().map_or(0, Vec::len);
        let next = if self.api.cloud {
            found.next_page_token.clone()
        } else {
            let end = start + got;
            let step = got.saturating_sub(OVERLAP.min(got / 4)).max(1);
            (got > 0 && found.total.is_some_and(|total| end < total)).then(|| (start + step).to_string())
        };
        Ok((found, next))
    }

    /// Versions of one project after the other; `page` is `PROJECT START`.
    async fn versions(&self, page: Option<&str>) -> Result<Page, Refusal> {
        let (at, start) = page.and_then(|page| page.split_once(' ')).unwrap_or(("0", "0"));
        let at: usize = at.parse().unwrap_or(0);
        let start: usize = start.parse().unwrap_or(0);
        let Some(project) = self.projects.get(at) else { return Ok(Page::default()) };
        let query = [("startAt", start.to_string()), ("maxResults", "50".to_owned())];
        let address = self.api.platform(&format!("project/{project}/version"));
        let versions: Versions = self.api.get(address, &query, &self.setup.login).await?;
        let values = versions.values.ok_or_else(|| {
            Refusal::Said(format!("what came for the versions of {project} has no values in it"))
        })?;
        let mut answer = Page::default();
        for version in &values {
            let release = record::release(&self.setup, &self.api, project, version);
            answer.take(&self.setup, release.map(|release| Record::Release(Box::new(release))), None);
        }
        let more = versions.is_last == Some(false) && !values.is_empty();
        let next = if more { (at, start + values.len()) } else { (at + 1, 0) };
        answer.next = (next.0 < self.projects.len()).then(|| format!("{} {}", next.0, next.1));
        Ok(answer)
    }
}

impl Adapter for Adapted {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            reads: if self.incidents.is_some() { AND_INCIDENTS } else { KINDS },
            votes: Ok(()),
            comments: Ok(()),
            dates: Err(DATES_STAY),
            progress: self.setup.progress(),
            holds: self.setup.holds(),
        }
    }

    fn listings(&self) -> Vec<Listing> {
        let releases = Listing { name: "releases", kinds: &[RecordKind::Release], incremental: false };
        let changes = Listing { name: "changes", kinds: &[RecordKind::Change], incremental: true };
        let incidents = Listing { name: "incidents", kinds: &[RecordKind::Incident], incremental: true };
        let all =
            [(!self.projects.is_empty(), releases), (true, changes), (self.incidents.is_some(), incidents)];
        all.into_iter().filter(|(asked, _)| *asked).map(|(_, listing)| listing).collect()
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let Wanted { listing, since, page, .. } = wanted;
        match listing.name {
            "changes" => self.changes(since, page).await,
            "incidents" => self.incidents(since, page).await,
            _ => self.versions(page).await,
        }
    }

    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        Some(self)
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Some(self)
    }

    fn statuses(&mut self) -> Option<&mut dyn AnyStatuses> {
        Some(self)
    }

    fn who_am_i(&mut self) -> Option<&mut dyn AnyWhoAmI> {
        Some(self)
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let fields = self.know_fields().await?;
        let key = self.key(item)?;
        let names: Vec<&str> = record::SYSTEM.iter().copied().chain(fields.ids()).collect();
        let query = [("fields", names.join(","))];
        let address = self.api.platform(&format!("issue/{key}"));
        let issue: Issue = self.api.get(address, &query, &self.setup.login).await?;
        let mut change = record::change(&self.setup, &self.api, &fields, &issue)?;
        let steps = self.asked(&mut change).await?.unwrap_or_default();
        let mut found = vec![self.setup.stored(Record::from(change))];
        found.extend(
            comments_and_approvals::requests(&self.setup, item, &steps).into_iter().map(|row| row.stored),
        );
        Ok(found)
    }

    fn http(&self) -> Option<&Http> {
        self.api.client.built()
    }
}

impl Comments for Adapted {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        let key = self.key(item)?;
        let steps = match comments_and_approvals::approvals(&self.api, key, &self.setup.login).await {
            // Said where the issue itself was read.
            Err(refusal) if comments_and_approvals::is_hidden(&refusal) => Vec::new(),
            other => other?,
        };
        let mut rows = comments_and_approvals::requests(&self.setup, item, &steps);
        rows.extend(comments_and_approvals::comments(&self.api, &self.setup, item, key).await?);
        Ok(Page { rows, ..Page::default() })
    }
}

impl Writer for Adapted {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        let key = self.key(&write.item)?;
        match write.what {
            What::Vote { approve, .. } => {
                let steps = comments_and_approvals::approvals(&self.api, key, &self.setup.login).await?;
                Ok(comments_and_approvals::stands(&self.setup, write, &steps, approve))
            }
            What::Comment { .. } | What::Decision { .. } | What::Dates { .. } | What::Progress { .. } => {
                comments_and_approvals::find(&self.api, write, key).await
            }
        }
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        let key = self.key(&write.item)?;
        match write.what {
            What::Vote { approve, .. } => {
                comments_and_approvals::vote(&self.api, &self.setup, write, key, approve, login).await
            }
            What::Comment { .. } | What::Decision { .. } | What::Dates { .. } | What::Progress { .. } => {
                comments_and_approvals::note(&self.api, write, key, login, as_themselves).await
            }
        }
    }
}

impl WhoAmI for Adapted {
    async fn account(&mut self, login: &Login, _own: bool) -> Result<Account, Refusal> {
        let me = self.api.myself(login).await?;
        // By what tells them from everybody else alone: two people may be called the same.
        let mut names: Vec<&str> = me.marks().collect();
        names.sort_by_key(|name| *name != me.called());
        Account::known_as(names)
            .ok_or_else(|| Refusal::Said("Jira does not tell whose credential this is".to_owned()))
    }
}

impl Statuses for Adapted {
    fn brings(&self, point: &Point) -> Option<String> {
        self.setup.brings(point).map(str::to_owned)
    }

    async fn standing(&mut self, write: &Write, login: &Login) -> Result<Standing, Refusal> {
        transition::standing(&self.api, &self.setup, self.key(&write.item)?, login).await
    }

    async fn set_status(
        &mut self,
        write: &Write,
        wanted: &str,
        login: &Login,
    ) -> Result<Option<String>, Refusal> {
        transition::go(&self.api, self.key(&write.item)?, wanted, login).await.map(|()| None)
    }
}
