//! What the adapters of systems have in common: how one is set up, what it must answer, and who is who.
//!
//! An adapter lists pages, reads one item, and writes; [`crawl`] makes a [`super::Source`] of it: incremental rounds with
//! overlap, sweeps for what is gone, doubt about odd answers, and *write, read again, compare*. A folder per system.

pub mod caldav; // a calendar collection, read only
pub mod crawl; // rounds of pages as a source
mod any; // an adapter whose type is not told
mod cursor; // how far a round has come
#[cfg(test)]
mod fixture; // settings for tests
mod clocks; // stamps without a zone, and whether they can be right
mod freshservice; // changes and their windows, without approving
mod jira; // Jira Service Management
mod motadata; // ServiceOps, which cannot approve
mod approval_rule; // the rule by which approvals count
mod push; // write, read again, compare
pub mod status; // the status that follows a run and a freeze
mod who_am_i; // whose a credential is
mod paged; // short lists, read to their end
mod client; // one client, and what systems say when they say no
mod deploy; // what systems that deploy have in common
pub mod fields; // a change by description
pub mod json; // JSON by names and paths
mod etag_cache; // answers that are asked for again by their tags
mod oauth; // tokens that are good for a while
mod setup_error; // what is wrong with the settings of a source
mod session; // what is got for a credential, renewed in one place
pub mod comments_and_approvals; // what people said, wherever
mod release; // what a version says about its release
mod redmine; // issues of a project, its versions, notes
mod servicedesk_plus; // changes with levels of approvals
mod servicenow; // change_request and what hangs on it
mod github; // deployments under review, releases
mod gitlab; // deployments, releases, freeze periods
mod rt; // Request Tracker
mod glpi; // changes, validations, followups
mod itop; // changes, their decision, the case log
mod pagerduty; // incidents and maintenance windows
pub mod incident; // incidents of systems, wherever they come from

use std::collections::{BTreeMap, BTreeSet, HashSet};

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

pub use self::{
    any::{AnyComments, AnyStatuses, AnyWhoAmI, AnyWriter},
    setup_error::{SetupError, SetupKey},
    status::{Standing, Statuses},
    who_am_i::{Account, WhoAmI},
};
use super::{
    Capabilities, Mark, Source, Write,
    http::{Http, HttpError, HttpOptions, Login},
    ics::FeedKind,
    words::Words,
};
use crate::{
    calendar::{Fold, Zone},
    config::SourceKind,
    model::{Fault, Id, Instant, Line, Record, RecordKind, SourceId, Stored},
};

/// What a system has that knows everything but people.
const ALL_BUT_PEOPLE: &[RecordKind] = &[
    RecordKind::Service,
    RecordKind::Window,
    RecordKind::Release,
    RecordKind::Change,
    RecordKind::Approval,
    RecordKind::Comment,
];

/// The same, and incidents.
const WITH_INCIDENTS: &[RecordKind] = &[
    RecordKind::Service,
    RecordKind::Window,
    RecordKind::Release,
    RecordKind::Change,
    RecordKind::Approval,
    RecordKind::Comment,
    RecordKind::Incident,
];

/// Everything an adapter is made of; it checks its own part and says what is missing.
#[derive(Debug, Clone)]
pub struct Setup {
    pub id: SourceId,
    /// Without a slash at its end.
    pub address: String,
    /// The account that reads, and that notes decisions.
    pub login: Login,
    /// My own account there: votes and comments are sent with it.
    pub me: Option<Login>,
    pub http: HttpOptions,
    /// The zone of times that come without one.
    pub zone: Zone,
    /// Calendars: nobody has chosen that zone, so the one a calendar names for itself goes before it.
    pub zone_by_feed: bool,
    /// Which records: a query, a project, a queue, a collection, as the adapter's README says.
    pub select: Option<String>,
    /// What only this system asks for.
    pub options: BTreeMap<String, String>,
    /// Our field to theirs.
    pub fields: BTreeMap<String, String>,
    pub words: Words,
    /// Whether anything is written back.
    pub write: bool,
    /// Seconds between two full rounds, which find what was deleted.
    pub sweep: i64,
    /// Calendars: what every event is; `None` = by the words of each.
    pub windows: Option<FeedKind>,
    /// Calendars: whether their freezes forbid.
    pub hard: bool,
}

/// A listing of a system: what one kind of page brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    /// `changes`, `releases`: for messages.
    pub name: &'static str,
    pub kinds: &'static [RecordKind],
    /// Whether it can be asked for what moved since an instant.
    pub incremental: bool,
}

/// A record as a page had it.
#[derive(Debug, Clone)]
pub struct Row {
    pub stored: Stored,
    /// When the system says it last moved.
    pub updated: Option<Instant>,
}

/// One page.
#[derive(Debug, Default)]
pub struct Page {
    pub rows: Vec<Row>,
    pub faults: Vec<Fault>,
    /// What the next page is asked by; none on the last.
    pub next: Option<String>,
    /// How many records the listing has in all, where it is told.
    pub total: Option<usize>,
}

impl Page {
    /// Takes a record that was read, or what was wrong with it.
    pub fn take(&mut self, setup: &Setup, read: Result<Record, Fault>, updated: Option<Instant>) {
        match read {
            Ok(record) => self.rows.push(setup.row(record, updated)),
            Err(fault) => self.faults.push(fault),
        }
    }

    /// Takes records that say nothing of when they moved.
    pub fn extend(&mut self, setup: &Setup, records: impl IntoIterator<Item = Record>) {
        self.rows.extend(records.into_iter().map(|record| setup.row(record, None)));
    }
}

/// Why a system did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It said no, in its own words, whatever the status.
    #[error("{0}")]
    Said(String),
    /// A vote of somebody whom it does not ask.
    #[error("{0}")]
    NotAsked(String),
    /// What came is plainly the answer to another question: the page is asked for once more, see [`Wanted::again`].
    #[error("{0}")]
    OddPage(String),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Said(fault.message)
    }
}

/// What one page is asked by.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub listing: &'a Listing,
    /// Only those that moved at or after this, where the listing is incremental.
    pub since: Option<Instant>,
    /// What the page before said; none for the first.
    pub page: Option<&'a str>,
    /// Items that need not be read anew as long as the system names this stamp for them.
    pub settled: &'a BTreeMap<Id, Instant>,
    /// Whether it is asked for once more, because what came was [`Refusal::OddPage`].
    pub again: bool,
}

/// What an adapter reads. Requests are made with [`Http::read`], which retries, or, to write, [`Http::send`], which does not.
#[expect(async_fn_in_trait, reason = "adapters live on the hub's own thread")]
pub trait Adapter: Send {
    fn capabilities(&self) -> Capabilities;

    /// The listings in the order in which they are read: people and services before what names them.
    fn listings(&self) -> Vec<Listing>;

    /// One page of a listing. Sorted by a key wherever the system can, so that an edit meanwhile shifts nothing out of
    /// sight.
    ///
    /// # Errors
    /// When the page cannot be had; it is asked for again later, never skipped.
    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal>;

    /// What is asked for item by item, because listings do not bring it; none where they do.
    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        None
    }

    /// What writes; none in a system that takes nothing.
    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        None
    }

    /// What moves the status of a change; none where a run is told as notes alone.
    fn statuses(&mut self) -> Option<&mut dyn AnyStatuses> {
        None
    }

    /// What says whose a credential is, before a vote goes out with it; none where the system cannot tell.
    fn who_am_i(&mut self) -> Option<&mut dyn AnyWhoAmI> {
        None
    }

    /// What this account may not see there, and what is missing for it: said with the health of the source.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether something is held open there that [`Adapter::close`] ends.
    fn holds(&self) -> bool {
        false
    }

    /// Ends what is held open there; what fails is let go.
    async fn close(&mut self) {}

    /// One item anew, with its approvals.
    ///
    /// # Errors
    /// When it cannot be had.
    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal>;

    /// The client, for what the engine asks of it: the skew of the server's clock.
    fn http(&self) -> Option<&Http>;

    /// The zone by which its stamps are read, where it writes them without one. What moved is then asked for no later
    /// than the newest stamp it ever wrote: that holds whatever its clocks and this zone are.
    fn unsaid_zone(&self) -> Option<Zone> {
        None
    }
}

/// What people said about open items, of an adapter whose listings do not bring it.
#[expect(async_fn_in_trait, reason = "adapters live on the hub's own thread")]
pub trait Comments: Send {
    /// Comments and approvals of one item, whose own stamp does not always move with them. Texts with our marker are
    /// left out.
    ///
    /// # Errors
    /// When they cannot be had.
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal>;

    /// Whether every open item is asked about in each round, or, where comments move the item's own stamp, only those
    /// that moved.
    fn asks_all_open(&self) -> bool {
        true
    }

    /// What is known of what is said about open items without asking each: a mark per item that moves with its
    /// comments and approvals, at least where the item's own stamp does not. Asked once per round; none where the
    /// system cannot tell, and every open item is asked then.
    ///
    /// # Errors
    /// When it cannot be had.
    async fn marks(&mut self, _open: &BTreeSet<Id>) -> Result<Option<BTreeMap<Id, String>>, Refusal> {
        Ok(None)
    }
}

/// What an adapter writes: *write, read again, compare* is the engine's.
#[expect(async_fn_in_trait, reason = "adapters live on the hub's own thread")]
pub trait Writer: Send {
    /// Whether a write is there: a text by its marker, a vote by the answer on the person's own approval. Says where.
    ///
    /// # Errors
    /// When it cannot be told.
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal>;

    /// Sends a write once. A vote goes onto the person's own approval, with their login, or is refused with the reason;
    /// a note goes with `login`. What it answers is checked by [`Adapter::find`] afterwards.
    ///
    /// # Errors
    /// When the system, or the adapter for it, says no.
    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal>;
}

impl Setup {
    /// See [`Source::credential`]: of the account that reads, without which nothing is written, and of my own.
    #[must_use]
    pub fn credential(&self, own: bool) -> Mark {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update(text.len().to_le_bytes());
            hash.update(text.as_bytes());
        };
        part(self.id.as_str());
        for login in [Some(&self.login), self.me.as_ref().filter(|_| own)] {
            match login {
                None | Some(Login::Nobody) => part("nobody"),
                Some(Login::Bearer(secret)) => part(secret.expose_secret()),
                Some(Login::Basic { user, password }) => {
                    part(user);
                    part(password.expose_secret());
                }
                Some(Login::Header { name, value }) => {
                    part(name);
                    part(value.expose_secret());
                }
            }
        }
        let [first, second, ..] = <[u8; 32]>::from(hash.finalize());
        Mark::from_le_bytes([first, second])
    }

    /// What time it is here.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.http.clock.now()
    }

    /// The id of a record of this source.
    ///
    /// # Errors
    /// When the native id is empty or too long.
    pub fn record_id(&self, native: &str) -> Result<Id, Fault> {
        Id::new(native).map(|id| Id::of_source(self.id.as_str(), &id)).map_err(|error| Fault {
            source: self.id.clone(),
            record: None,
            place: "id".to_owned(),
            message: format!("{error}: the record was left out"),
        })
    }

    /// What the system calls a record.
    #[must_use]
    pub fn native<'a>(&self, id: &'a Id) -> &'a str {
        let text = id.as_str();
        text.strip_prefix(self.id.as_str()).and_then(|rest| rest.strip_prefix(':')).unwrap_or(text)
    }

    /// What something said about an item is called there: the part after `#`.
    #[must_use]
    pub fn native_under(id: &Id) -> &str {
        id.as_str().rsplit_once('#').map_or(id.as_str(), |(_, native)| native)
    }

    #[must_use]
    pub fn stored(&self, record: Record) -> Stored {
        Stored { source: self.id.clone(), record }
    }

    #[must_use]
    pub fn stored_all(&self, records: impl IntoIterator<Item = Record>) -> Vec<Stored> {
        records.into_iter().map(|record| self.stored(record)).collect()
    }

    /// A record as a page has it, with when it last moved where that is told.
    #[must_use]
    pub fn row(&self, record: Record, updated: Option<Instant>) -> Row {
        Row { stored: self.stored(record), updated }
    }

    /// The name of a field there: by the settings, else the stock one.
    #[must_use]
    pub fn field<'a>(&'a self, ours: &str, stock: &'a str) -> &'a str {
        self.fields.get(ours).map_or(stock, String::as_str)
    }

    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// An option that is a number, within a range.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub fn number(
        &self,
        name: &str,
        stock: usize,
        range: std::ops::RangeInclusive<usize>,
    ) -> Result<usize, SetupError> {
        let Some(text) = self.option(name) else { return Ok(stock) };
        text.trim().parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
            let (low, high) = (range.start(), range.end());
            self.wrong_option(name, format!("must be a number from {low} to {high}"))
        })
    }

    /// An option that is one of a few words; the first is the stock one.
    ///
    /// # Errors
    /// A sentence that names the key and the words.
    pub fn choice(&self, name: &str, words: &[&'static str]) -> Result<&'static str, SetupError> {
        let given = self.option(name).or(words.first().copied()).unwrap_or_default();
        words
            .iter()
            .find(|word| word.eq_ignore_ascii_case(given.trim()))
            .copied()
            .ok_or_else(|| self.wrong_option(name, format!("must be one of {}", words.join(", "))))
    }

    /// That no option is given which the system does not have: a typo would be ignored else.
    ///
    /// # Errors
    /// A sentence that names the first such option and those there are.
    pub fn only(&self, known: &[&str]) -> Result<(), SetupError> {
        match self.options.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                Err(self
                    .wrong_option(name, format!("is no option of this kind; there are {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }

    /// That no user is given where the secret alone is the credential.
    ///
    /// # Errors
    /// A sentence that names the key, and what the secret is.
    pub fn no_user(&self, why: &str, secret: &str) -> Result<(), SetupError> {
        match self.login {
            Login::Basic { .. } => {
                let why = format!("must be left out: {why}; the secret is {secret}");
                Err(self.wrong(SetupKey::User, why))
            }
            Login::Nobody | Login::Bearer(_) | Login::Header { .. } => Ok(()),
        }
    }

    /// What is asked for and not given.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub fn need(&self, name: &str, what: &str) -> Result<&str, SetupError> {
        self.option(name).ok_or_else(|| self.missing(SetupKey::Option(name.to_owned()), what))
    }

    /// That a record cannot be told from others.
    #[must_use]
    pub fn nameless(&self) -> Fault {
        self.fault(None, "id", "it has no id: the record was left out")
    }

    #[must_use]
    pub fn fault(&self, record: Option<&Id>, place: &str, message: impl Into<String>) -> Fault {
        Fault {
            source: self.id.clone(),
            record: record.cloned(),
            place: place.to_owned(),
            message: message.into(),
        }
    }

    /// A naive local time of the server, in the configured zone; a gap or a fold is read as its earlier instant.
    #[must_use]
    pub fn naive(&self, local: chrono::NaiveDateTime) -> Instant {
        self.zone.instant(local, Fold::First).0
    }

    /// When something moved, by a naive local time: of a time that the clock shows twice the later one, so that it is
    /// never taken for older than it is.
    #[must_use]
    pub fn moved(&self, local: chrono::NaiveDateTime) -> Instant {
        self.zone.instant(local, Fold::Second).0
    }

    /// A line, cleaned; none where it is empty.
    #[must_use]
    pub fn line(text: &str) -> Option<Line> {
        let line = Line::new(text.trim());
        (!line.is_empty()).then_some(line)
    }
}

/// Ids seen in a full round.
pub type Seen = HashSet<Id>;

/// The source of a system.
///
/// # Errors
/// What is missing or wrong in its settings.
pub fn build(kind: SourceKind, setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    match kind {
        SourceKind::BoardFile | SourceKind::Icalendar => {
            Err(SetupError::Other(format!("{} is a document, no system: {}", kind.word(), setup.id)))
        }
        SourceKind::RequestTracker => rt::source(setup),
        SourceKind::Motadata => motadata::source(setup),
        SourceKind::Jira => jira::source(setup),
        SourceKind::Freshservice => freshservice::source(setup),
        SourceKind::ServicedeskPlus => servicedesk_plus::source(setup),
        SourceKind::Servicenow => servicenow::source(setup),
        SourceKind::Caldav => caldav::source(setup),
        SourceKind::Gitlab => gitlab::source(setup),
        SourceKind::Github => github::source(setup),
        SourceKind::Redmine => redmine::source(setup),
        SourceKind::Glpi => glpi::source(setup),
        SourceKind::Itop => itop::source(setup),
        SourceKind::Pagerduty => pagerduty::source(setup),
    }
}

/// What has to be made in a system, a working configuration, and what cannot be done: Markdown. None for documents.
#[must_use]
pub fn readme(kind: SourceKind) -> Option<&'static str> {
    match kind {
        SourceKind::BoardFile | SourceKind::Icalendar => None,
        SourceKind::Motadata => Some(motadata::README),
        SourceKind::Jira => Some(jira::README),
        SourceKind::Freshservice => Some(freshservice::README),
        SourceKind::ServicedeskPlus => Some(servicedesk_plus::README),
        SourceKind::Servicenow => Some(servicenow::README),
        SourceKind::Caldav => Some(caldav::README),
        SourceKind::Gitlab => Some(gitlab::README),
        SourceKind::Github => Some(github::README),
        SourceKind::RequestTracker => Some(rt::README),
        SourceKind::Redmine => Some(redmine::README),
        SourceKind::Glpi => Some(glpi::README),
        SourceKind::Itop => Some(itop::README),
        SourceKind::Pagerduty => Some(pagerduty::README),
    }
}
