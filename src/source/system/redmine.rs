//! Redmine by its REST API: issues of a project as changes, its versions as releases, journals as comments and notes.
//!
//! Pages go by the number of the issue, so that an edit shifts nothing. Redmine names no approver, so that votes are not
//! sent; a decision is a note, and sets a status where the settings name it.

mod record; // issues, versions and journals as records
mod write; // notes, and the status of a decision

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    Adapter, AnyComments, AnyStatuses, AnyWriter, Comments, Listing, Page, Refusal, Row, Setup, SetupError,
    SetupKey, Standing, Statuses, Wanted, Writer, crawl,
};
use crate::{
    model::{Id, Instant, Record, RecordKind, Stored, text::clean_line},
    source::{
        Capabilities, DATES_STAY, Point, Source, What, Write,
        http::{Answer, Call, Http, HttpError, Login},
    },
};
use record::{Issue, Version};

/// How it is set up.
pub const README: &str = include_str!("redmine/README.md");

const OPTIONS: [&str; 12] = [
    "page_size",
    "tracker",
    "markup",
    "notes",
    "releases",
    "approved",
    "rejected",
    "started",
    "turned_back",
    "ended",
    "held",
    "thawed",
];
const CHANGES: Listing = Listing { name: "changes", kinds: &[RecordKind::Change], incremental: true };
const RELEASES: Listing = Listing { name: "releases", kinds: &[RecordKind::Release], incremental: false };
/// Redmine gives at most so many on a page.
const PAGE: usize = 100;

/// The source of a project.
///
/// # Errors
/// What is missing or wrong in its settings.
pub fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    let setup = Setup { login: keyed(setup.login), me: setup.me.map(keyed), ..setup };
    Ok(crawl::source(setup.clone(), Redmine::new(setup)?))
}

/// A secret without a user is an API key, which Redmine wants in a header of its own.
fn keyed(login: Login) -> Login {
    match login {
        Login::Bearer(value) => Login::Header { name: "x-redmine-api-key", value },
        Login::Nobody | Login::Basic { .. } | Login::Header { .. } => login,
    }
}

struct Redmine {
    setup: Setup,
    http: Http,
    project: String,
    page: usize,
    /// The number of the tracker, once its name was looked up.
    tracker: Option<u64>,
    /// Every status there, once asked for: where the settings name one to set.
    statuses: Vec<(u64, String)>,
}

#[derive(Debug, Deserialize)]
struct Issues {
    issues: Vec<Box<RawValue>>,
    #[serde(default)]
    total_count: Option<usize>,
}

/// Issues by their numbers, and how many there are where that is told.
type Numbered = (Vec<(u64, Result<Issue, String>)>, Option<usize>);

#[derive(Debug, Deserialize)]
struct One {
    issue: Value,
}

#[derive(Debug, Deserialize)]
struct Versions {
    versions: Vec<Value>,
}

impl Redmine {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        setup.choice("markup", &["textile", "markdown"])?;
        setup.choice("notes", &["public", "private"])?;
        setup.choice("releases", &["yes", "no"])?;
        let project = setup.select.clone().unwrap_or_default().trim().to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if project.is_empty() || !project.chars().all(plain) {
            let why = "must be the identifier of a project, as its address has it: change-advisory";
            return Err(setup.wrong(SetupKey::Select, why));
        }
        let http = Http::new(setup.http.clone()).map_err(|error| error.to_string())?;
        Ok(Self {
            page: setup.number("page_size", PAGE, 1..=PAGE)?,
            project,
            http,
            tracker: None,
            statuses: Vec::new(),
            setup,
        })
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}.json", self.setup.address)
    }

    async fn get(&self, call: Call) -> Result<Answer, Refusal> {
        Ok(self.http.read(call, &self.setup.login).await?)
    }

    /// A list of the project; one that is not there says so by its name.
    async fn list(&self, call: Call) -> Result<Answer, Refusal> {
        match self.get(call).await {
            Err(Refusal::Http(HttpError::Missing { place, status })) => Err(Refusal::Said(format!(
                "{place}: there is no project {:?}, or this account may not see it (HTTP {status}); check select",
                self.project
            ))),
            other => other,
        }
    }

    /// The number of the tracker of changes, where one is named.
    async fn tracker(&mut self) -> Result<Option<u64>, Refusal> {
        let Some(name) = self.setup.option("tracker") else { return Ok(None) };
        if self.tracker.is_some() {
            return Ok(self.tracker);
        }
        let call = Call::get(self.url(&format!("projects/{}", self.project))).query("include", "trackers");
        let answer: Value = self.list(call).await?.read()?;
        let all = answer["project"]["trackers"].as_array().cloned().unwrap_or_default();
        let is_it =
            |tracker: &&Value| tracker["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name));
        self.tracker = all.iter().find(is_it).and_then(|tracker| tracker["id"].as_u64());
        if self.tracker.is_none() {
            let names: Vec<&str> = all.iter().filter_map(|tracker| tracker["name"].as_str()).collect();
            return Err(Refusal::Said(format!(
                "options.tracker = {name:?}: the project has {}",
                clean_line(&names.join(", "))
            )));
        }
        Ok(self.tracker)
    }

    /// Asks for issues after a number, by rising number.
    fn after(&self, since: Option<Instant>, after: u64) -> Call {
        let mut call = Call::get(self.url("issues"))
            .query("project_id", self.project.as_str())
            .query("status_id", "*")
            .query("issue_id", format!(">={}", after + 1))
            .query("sort", "id:asc")
            .query("include", "relations")
            .query("limit", self.page.to_string());
        if let Some(since) = since {
            // Only this form is understood; another one is refused, never taken for everything.
            call = call.query("updated_on", format!(">={since}"));
        }
        match self.tracker {
            Some(tracker) => call.query("tracker_id", tracker.to_string()),
            None => call,
        }
    }

    /// Issues after a number, by rising number, each read or with why it cannot be; and how many there are. The page
    /// after this one is asked for already.
    async fn issues(&mut self, since: Option<Instant>, after: u64) -> Result<Numbered, Refusal> {
        self.tracker().await?;
        let call = self.after(since, after);
        let Issues { issues, total_count } = self.list(call).await?.read()?;
        let numbered: Vec<_> = issues.iter().map(|issue| numbered(issue, after)).collect();
        if numbered.iter().any(|(number, _)| *number <= after) {
            return Err(Refusal::OddPage(format!(
                "issues after {after} were asked for, and others came; nothing of it was used"
            )));
        }
        if let Some((last, _)) = numbered.last().filter(|_| numbered.len() >= self.page) {
            self.http.prefetch(self.after(since, *last), &self.setup.login).await;
        }
        Ok((numbered, total_count))
    }

    async fn changes(&mut self, since: Option<Instant>, page: Option<&str>) -> Result<Page, Refusal> {
        self.know_statuses().await?;
        let after = page.and_then(|page| page.parse().ok()).unwrap_or(0);
        let (issues, total) = self.issues(since, after).await?;
        let full = issues.len() >= self.page;
        let mut answer = Page { total, ..Page::default() };
        answer.next = issues.last().filter(|_| full).map(|(number, _)| number.to_string());
        for (number, issue) in issues {
            match issue.and_then(|issue| self.change(&issue, &mut answer)) {
                Ok(row) => answer.rows.push(row),
                Err(why) => answer.faults.push(self.setup.fault(
                    None,
                    &format!("issue {number}"),
                    format!("{why}: it was left out"),
                )),
            }
        }
        Ok(answer)
    }

    fn change(&self, issue: &Issue, page: &mut Page) -> Result<Row, String> {
        let change = record::change(&self.setup, issue, &mut page.faults)?;
        let updated = change.updated_at;
        Ok(Row { stored: self.setup.stored(Record::from(change)), updated })
    }

    async fn releases(&self) -> Result<Page, Refusal> {
        let call = Call::get(self.url(&format!("projects/{}/versions", self.project)));
        let Versions { versions } = self.list(call).await?.read()?;
        let mut page = Page::default();
        for version in versions {
            let name = version["id"].to_string();
            let read = serde_json::from_value::<Version>(version).map_err(|error| error.to_string());
            match read.and_then(|version| record::release(&self.setup, &version)) {
                Ok(release) => {
                    let updated = release.updated_at;
                    let stored = self.setup.stored(Record::Release(Box::new(release)));
                    page.rows.push(Row { stored, updated });
                }
                Err(why) => page.faults.push(self.setup.fault(
                    None,
                    &format!("version {}", clean_line(&name)),
                    format!("{}: it was left out", clean_line(&why)),
                )),
            }
        }
        Ok(page)
    }

    /// One issue with what was said about it, and more where it is named: `,allowed_statuses`.
    async fn one(&self, item: &Id, more: &str) -> Result<Value, Refusal> {
        let call = Call::get(self.url(&format!("issues/{}", self.number(item)?)));
        let call = call.query("include", format!("journals,relations{more}"));
        match self.get(call).await {
            Ok(answer) => Ok(answer.read::<One>()?.issue),
            Err(Refusal::Http(HttpError::Missing { .. })) => Err(self.missing(item)),
            Err(refusal) => Err(refusal),
        }
    }

    fn missing(&self, item: &Id) -> Refusal {
        Refusal::Said(format!("{item} is not there any more, or this account may not see it"))
    }

    fn number(&self, item: &Id) -> Result<u64, Refusal> {
        let native = self.setup.native(item);
        native.parse().map_err(|_| Refusal::Said(format!("{item} is no issue: its number was expected")))
    }

    fn comments(&self, item: &Id, issue: &Value) -> Page {
        let mut page = Page::default();
        for journal in issue["journals"].as_array().into_iter().flatten() {
            match record::comment(&self.setup, item, journal) {
                Ok(Some(comment)) => {
                    let updated = Some(comment.at);
                    page.rows
                        .push(Row { stored: self.setup.stored(Record::Comment(Box::new(comment))), updated });
                }
                Ok(None) => {}
                Err(why) => page.faults.push(self.setup.fault(Some(item), "journals", why)),
            }
        }
        page
    }
}

/// An issue with its number, or why it cannot be read; one without a number stands at that of the page.
fn numbered(raw: &RawValue, page: u64) -> (u64, Result<Issue, String>) {
    match serde_json::from_str::<Issue>(raw.get()) {
        Ok(issue) => (issue.id, Ok(issue)),
        Err(error) => {
            let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            (value["id"].as_u64().unwrap_or(page), Err(unreadable(error)))
        }
    }
}

fn unreadable(error: serde_json::Error) -> String {
    clean_line(&error.to_string()).into_owned()
}

impl Adapter for Redmine {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            reads: &[RecordKind::Release, RecordKind::Change, RecordKind::Comment],
            votes: Err(
                "Redmine asks nobody by name for approval: the vote is kept in the board's own record, and its decision goes there as a note",
            ),
            comments: Ok(()),
            dates: Err(DATES_STAY),
            progress: self.setup.progress(),
            holds: self.setup.holds(),
        }
    }

    fn listings(&self) -> Vec<Listing> {
        let releases = self.setup.option("releases").is_none_or(|word| !word.eq_ignore_ascii_case("no"));
        if releases { vec![RELEASES, CHANGES] } else { vec![CHANGES] }
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let Wanted { listing, since, page, .. } = wanted;
        if *listing == RELEASES { self.releases().await } else { self.changes(since, page).await }
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

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let issue = self.one(item, "").await?;
        let mut page = self.comments(item, &issue);
        let issue = serde_json::from_value(issue).map_err(unreadable).map_err(Refusal::Said)?;
        let row = self.change(&issue, &mut page).map_err(Refusal::Said)?;
        Ok(std::iter::once(row).chain(page.rows).map(|row| row.stored).collect())
    }

    fn http(&self) -> Option<&Http> {
        Some(&self.http)
    }
}

impl Comments for Redmine {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        match self.one(item, "").await {
            Ok(issue) => Ok(self.comments(item, &issue)),
            // Gone since it was listed; the next full round says so.
            Err(Refusal::Said(_)) => Ok(Page::default()),
            Err(refusal) => Err(refusal),
        }
    }

    // A note moves the stamp of its issue.
    fn asks_all_open(&self) -> bool {
        false
    }
}

impl Writer for Redmine {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        if matches!(write.what, What::Vote { .. }) {
            return Ok(None);
        }
        self.written(write).await
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        match write.what {
            What::Vote { .. } => Err(Refusal::Said("Redmine takes no votes".to_owned())),
            What::Comment { .. } | What::Decision { .. } | What::Dates { .. } | What::Progress { .. } => {
                self.write(write, login, as_themselves).await
            }
        }
    }
}

impl Statuses for Redmine {
    fn brings(&self, point: &Point) -> Option<String> {
        self.setup.brings(point).map(str::to_owned)
    }

    async fn standing(&mut self, write: &Write, _login: &Login) -> Result<Standing, Refusal> {
        self.stands(write).await
    }

    async fn set_status(
        &mut self,
        write: &Write,
        wanted: &str,
        login: &Login,
    ) -> Result<Option<String>, Refusal> {
        self.bring(write, wanted, login).await.map(|()| None)
    }
}
