//! ServiceNow: changes with their approvals and journal, releases, blackout and maintenance schedules, CI relations.
//!
//! It is read with the Table API and voted in with the Change Management API, as the person; a folder per matter.

mod change; // change_request and rm_release
mod dates; // planned dates, moved
mod list; // pages of every table
mod comments_and_approvals; // approvals and journal
mod incident; // incidents
mod holes; // what excluded entries cut out
mod oauth; // tokens
mod progress; // states, and on hold
mod reach; // whom a schedule is for
mod schedule; // blackout and maintenance schedules
mod table; // rows of a table
mod windows; // schedules, those they include, those of CIs
mod write; // votes and notes

use std::collections::{BTreeMap, HashMap};

use super::{
    ALL_BUT_PEOPLE, Adapter, AnyStatuses, AnyWriter, Listing, Page, Refusal, Setup, SetupError, SetupKey,
    Standing, Statuses, WITH_INCIDENTS, Wanted, Writer, crawl, session::Session,
};
use crate::{
    model::{Id, Line, Record, RecordKind, Stored},
    source::{
        Capabilities, Point, Source, What, Why, Write,
        http::{Http, HttpError, Login},
    },
};
use oauth::Oauth;
use table::{Ask, Rec, Tables};

pub const README: &str = include_str!("servicenow/README.md");

const OPTIONS: [&str; 17] = [
    "auth",
    "client_id",
    "page_size",
    "notes",
    "journal_days",
    "windows",
    "releases",
    "relations",
    "affected",
    "comments",
    "dates",
    "progress",
    "started",
    "turned_back",
    "ended",
    "incidents",
    "incident_days",
];
const STOCK_RELATIONS: &str = "type.name=Depends on::Used by";

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
    tables: Tables,
    page_size: usize,
    /// The journal field that notes go into.
    notes: &'static str,
    journal_days: usize,
    /// Whether incidents are read, and how old ones that are over.
    incidents: bool,
    incident_days: usize,
    relations: String,
    /// Numbers of changes by `sys_id`, as far as they are known and selected.
    numbers: HashMap<String, String>,
    /// What depends on what, as far as this round has read; none before its first page.
    edges: Option<BTreeMap<Line, Vec<Line>>>,
    /// Tables beside the changes that could not be read, each said once.
    absent: Vec<&'static str>,
    /// Whom schedules are for, as the instance said a while ago.
    reaches: HashMap<reach::Wanted, (std::time::Instant, reach::Reach)>,
    /// Whether planned dates are moved there, or why not.
    dates: Result<(), Why>,
    /// Whether states follow a run there, or why not.
    progress: Result<(), Why>,
}

impl Adapted {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        if setup.select.as_deref().is_some_and(|select| select.contains("^NQ")) {
            return Err(setup.wrong(SetupKey::Select, "must not have ^NQ: write ^OR"));
        }
        let auth = setup.choice("auth", &["login", "api_key", "oauth"])?;
        let api_key = auth == "api_key";
        let sign = |login: Login| match login {
            Login::Bearer(value) if api_key => Login::Header { name: "x-sn-apikey", value },
            Login::Nobody | Login::Bearer(_) | Login::Basic { .. } | Login::Header { .. } => login,
        };
        let mut setup = setup;
        setup.login = sign(setup.login);
        let tables = Tables {
            session: Session::new(&setup, if auth == "oauth" { Some(Oauth::new(&setup)?) } else { None }),
            address: setup.address.clone(),
            login: setup.login.clone(),
        };
        Ok(Self {
            page_size: setup.number("page_size", 200, 1..=1000)?,
            notes: setup.choice("notes", &["work_notes", "comments"])?,
            journal_days: setup.number("journal_days", 180, 1..=3650)?,
            incidents: setup.choice("incidents", &["no", "yes"])? == "yes",
            incident_days: setup.number("incident_days", 180, 1..=3650)?,
            relations: setup.option("relations").unwrap_or(STOCK_RELATIONS).to_owned(),
            dates: dates::able(&setup)?,
            progress: progress::able(&setup)?,
            tables,
            setup,
            numbers: HashMap::new(),
            edges: None,
            absent: Vec::new(),
            reaches: HashMap::new(),
        })
    }

    fn on(&self, option: &str) -> bool {
        self.setup.option(option).is_none_or(|value| value != "no")
    }

    /// A login as this instance wants it signed.
    fn signed(&self, login: &Login) -> Login {
        match (&self.setup.login, login) {
            (Login::Header { name, .. }, Login::Bearer(value)) => {
                Login::Header { name, value: value.clone() }
            }
            _ => login.clone(),
        }
    }

    /// The `sys_id` of an item, asked anew.
    async fn sys_id(&self, item: &Id) -> Result<String, Refusal> {
        let rec = self.one(item, "sys_id,number").await?;
        Ok(rec.sys_id().to_owned())
    }

    async fn one(&self, item: &Id, fields: &str) -> Result<Rec, Refusal> {
        let number = self.setup.native(item);
        let missing = || Refusal::Said(format!("{item} is not there, or this account may not see it"));
        if number.contains('^') {
            return Err(missing());
        }
        let query = format!("number={number}");
        let ask = Ask { table: "change_request", query, fields, limit: 1, offset: 0 };
        let rows = self.tables.ask(&ask, &self.setup.login).await?.rows;
        rows.into_iter().find(|row| row.value("number") == number).ok_or_else(missing)
    }
}

fn is_forbidden(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Http(HttpError::Refused { status: 403, .. }))
}

const fn listing(name: &'static str, kinds: &'static [RecordKind], incremental: bool) -> Listing {
    Listing { name, kinds, incremental }
}

impl Adapter for Adapted {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            reads: if self.incidents { WITH_INCIDENTS } else { ALL_BUT_PEOPLE },
            votes: Ok(()),
            comments: Ok(()),
            dates: self.dates,
            progress: self.progress,
            holds: self.progress,
        }
    }

    fn listings(&self) -> Vec<Listing> {
        let all = [
            (self.relations != "no", listing("services", &[RecordKind::Service], true)),
            (self.on("windows"), listing("windows", &[RecordKind::Window], false)),
            (self.on("releases"), listing("releases", &[RecordKind::Release], true)),
            (true, listing("changes", &[RecordKind::Change], true)),
            (true, listing("approvals", &[RecordKind::Approval], true)),
            (self.incidents, listing("incidents", &[RecordKind::Incident], true)),
            (self.on("comments"), listing("comments", &[RecordKind::Comment], true)),
        ];
        all.into_iter().filter_map(|(on, listing)| on.then_some(listing)).collect()
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let Wanted { listing, since, page, .. } = wanted;
        let answer = match listing.name {
            "services" => self.services(since, page).await,
            "windows" => self.windows(page).await,
            "releases" => self.releases(since, page).await,
            "changes" => return self.changes(since, page).await,
            "approvals" => return self.approvals(since, page).await,
            "incidents" => self.incidents(since, page).await,
            _ => self.comments(since, page).await,
        };
        match answer {
            // An instance without that plug-in.
            Err(refusal) if table::is_absent(&refusal) => Ok(Page::default()),
            Err(refusal) if is_forbidden(&refusal) => Err(Refusal::Said(format!(
                "{refusal}; let the account read {0}, or leave them out: options.{1} = \"no\"",
                listing.name,
                if listing.name == "services" { "relations" } else { listing.name }
            ))),
            other => other,
        }
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Some(self)
    }

    fn statuses(&mut self) -> Option<&mut dyn AnyStatuses> {
        Some(self)
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let rec = self.one(item, &change::fields(&self.setup)).await?;
        let beside = self.beside(std::slice::from_ref(&rec), &mut Vec::new()).await?;
        let change = change::change(&self.setup, &rec, &beside)?;
        let id = change.id.clone();
        let mut found = vec![self.setup.stored(Record::from(change))];
        for row in self.approvers(rec.sys_id(), "", &self.setup.login).await? {
            found.push(comments_and_approvals::approval(&self.setup, &id, &row).stored);
        }
        Ok(found)
    }

    fn http(&self) -> Option<&Http> {
        self.tables.session.built()
    }
}

impl Writer for Adapted {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        match write.what {
            What::Vote { approve, .. } => self.find_vote(write, approve).await,
            What::Comment { .. } | What::Decision { .. } | What::Progress { .. } => {
                self.find_note(write).await
            }
            What::Dates { start, end, .. } => self.find_dates(write, start, end).await,
        }
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        let login = self.signed(login);
        match write.what {
            What::Vote { approve, .. } => self.vote(write, approve, &login).await,
            What::Comment { .. } | What::Decision { .. } | What::Progress { .. } => {
                self.note(write, &login, as_themselves).await
            }
            What::Dates { was, start, end } => self.move_dates(write, (was, start, end), &login).await,
        }
    }
}

impl Statuses for Adapted {
    fn brings(&self, point: &Point) -> Option<String> {
        self.progress.ok().and_then(|()| progress::brings(&self.setup, point))
    }

    async fn standing(&mut self, write: &Write, login: &Login) -> Result<Standing, Refusal> {
        let login = self.signed(login);
        self.stands(write, &login).await
    }

    async fn set_status(
        &mut self,
        write: &Write,
        wanted: &str,
        login: &Login,
    ) -> Result<Option<String>, Refusal> {
        let login = self.signed(login);
        self.bring(write, wanted, &login).await.map(|()| None)
    }
}
