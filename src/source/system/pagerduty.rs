//! PagerDuty by its REST API: incidents, the services they are on, and maintenance windows. Read only.
//!
//! Incidents cannot be asked for by when they moved: those that go on are read in every round, those that ended from the
//! latest back. A page is asked for by the time of the row before, because no page begins beyond ten thousand rows.

mod list; // pages of incidents, windows and services
mod record; // what they become

use serde_json::Value;

use super::{
    Adapter, Listing, Page, Refusal, Setup, SetupError, SetupKey, Wanted, client::Client, crawl, incident,
};
use crate::{
    model::{Id, RecordKind, Stored},
    source::{
        Capabilities, Source,
        http::{Call, Http, Login},
    },
};
use secrecy::ExposeSecret;

/// How it is set up.
pub const README: &str = include_str!("pagerduty/README.md");

const KINDS: &[RecordKind] = &[RecordKind::Service, RecordKind::Window, RecordKind::Incident];
const OPTIONS: [&str; 6] = ["auth", "teams", "services", "windows", "incident_days", "page_size"];
const READ_ONLY: &str = "PagerDuty has incidents, and no changes to decide about: what is said of them is kept in the board's own record";
/// PagerDuty gives at most so many on a page.
const PAGE: usize = 100;

/// The source.
///
/// # Errors
/// What is wrong with its settings.
pub fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    Ok(crawl::source(setup.clone(), Pagerduty::new(setup)?))
}

/// The adapter.
pub struct Pagerduty {
    setup: Setup,
    client: Client,
    login: Login,
    size: usize,
    /// Days back in which an incident began that is read after its end.
    days: i64,
    /// The ids of teams and services that are read alone; all where there is none.
    teams: Vec<String>,
    services: Vec<String>,
    windows: bool,
    /// Whether there are more past windows than can be listed.
    cut: bool,
}

impl Pagerduty {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        setup.no_user("a key has no user", "the key")?;
        if setup.select.is_some() {
            let why = "must be left out: options.services and options.teams say whose incidents are read";
            return Err(setup.wrong(SetupKey::Select, why));
        }
        if setup.me.is_some() {
            return Err(setup.wrong(SetupKey::Me, "must be left out: nothing is written to PagerDuty"));
        }
        let key = setup.choice("auth", &["key", "oauth"])? == "key";
        let login = match &setup.login {
            Login::Bearer(secret) if key => Login::Header {
                name: "authorization",
                value: format!("Token token={}", secret.expose_secret()).into(),
            },
            other => other.clone(),
        };
        Ok(Self {
            client: Client::new(&setup),
            login,
            size: setup.number("page_size", PAGE, 1..=PAGE)?,
            days: incident::days(&setup)?,
            teams: ids(&setup, "teams")?,
            services: ids(&setup, "services")?,
            windows: setup.choice("windows", &["yes", "no"])? == "yes",
            cut: false,
            setup,
        })
    }

    async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Refusal> {
        let call = Call::get(format!("{}/{path}", self.setup.address))
            .header("accept", "application/vnd.pagerduty+json;version=2");
        let call = query.iter().fold(call, |call, (name, value)| call.query(name, value.clone()));
        self.client.json(call, &self.login).await
    }
}

/// The ids of an option, with commas.
fn ids(setup: &Setup, option: &str) -> Result<Vec<String>, SetupError> {
    let given = setup.option(option).unwrap_or_default().split(',').map(str::trim);
    let ids: Vec<String> = given.filter(|id| !id.is_empty()).map(str::to_owned).collect();
    match ids.iter().find(|id| !id.chars().all(|c| c.is_ascii_alphanumeric())) {
        Some(wrong) => {
            let why = format!("must be ids, as addresses there have them: {wrong:?} is a name");
            Err(setup.wrong_option(option, why))
        }
        None => Ok(ids),
    }
}

impl Adapter for Pagerduty {
    fn capabilities(&self) -> Capabilities {
        Capabilities::read_only(KINDS, READ_ONLY)
    }

    fn listings(&self) -> Vec<Listing> {
        let services = Listing { name: list::SERVICES, kinds: &[RecordKind::Service], incremental: false };
        let windows = Listing { name: list::WINDOWS, kinds: &[RecordKind::Window], incremental: true };
        let incidents = Listing { name: list::INCIDENTS, kinds: &[RecordKind::Incident], incremental: true };
        if self.windows { vec![services, windows, incidents] } else { vec![services, incidents] }
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        match wanted.listing.name {
            list::SERVICES => list::services(self, wanted.page).await,
            list::WINDOWS => list::windows(self, wanted.since, wanted.page).await,
            _ => list::incidents(self, wanted.since, wanted.page).await,
        }
    }

    fn notes(&self) -> Vec<String> {
        let words =
            "it lists no more than ten thousand past maintenance windows: older ones are missing here";
        if self.cut { vec![words.to_owned()] } else { Vec::new() }
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let native = self.setup.native(item);
        if native.is_empty() || !native.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(Refusal::Said(format!("{item} is no incident of {}", self.setup.id)));
        }
        let found = self.get(&format!("incidents/{native}"), &[]).await?;
        Ok(vec![self.setup.stored(record::incident(&self.setup, &found["incident"])?)])
    }

    fn http(&self) -> Option<&Http> {
        self.client.built()
    }
}
