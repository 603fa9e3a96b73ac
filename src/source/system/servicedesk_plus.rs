//! ServiceDesk Plus on premises and in the cloud: changes with their levels of approvals, releases, notes, downtimes.
//!
//! Lists leave much out, so changes that matter still are read one by one. A key belongs to one technician, and an
//! approval is answered by its approver; which of them a key is, is told nowhere, so the approver has to be the person.

mod api; // how it is signed, asked, and says no
mod list; // pages
mod oauth; // tokens of the cloud
mod record; // its records as ours
mod comments_and_approvals; // approvals and notes

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    Adapter, AnyComments, AnyWriter, Comments, Listing, Page, Refusal, Setup, SetupError, Wanted, Writer,
    crawl,
};
use crate::{
    model::{Id, Instant, RecordKind, Stored},
    source::{
        Capabilities, Source, What, Write,
        http::{Http, HttpError, Login},
    },
};
use api::{Api, Denied};
use record::Full;

pub const README: &str = include_str!("servicedesk_plus/README.md");

const OPTIONS: [&str; 7] = ["auth", "client_id", "accounts", "releases", "downtimes", "history", "page_size"];
const KINDS: &[RecordKind] =
    &[RecordKind::Release, RecordKind::Change, RecordKind::Approval, RecordKind::Comment];

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
    page_size: usize,
    /// Days back in which changes that are over are read one by one still.
    history: i64,
    /// Which stamp can be searched by: a place in the list of them, or past its end.
    stamp: usize,
    /// Whether lists are asked for columns; not after the build said that it knows one of them not.
    columns: bool,
    /// What this build has no address for.
    lacks: HashSet<&'static str>,
    /// Words of notes by note and by when it moved.
    words: HashMap<(String, Option<Instant>), String>,
}

impl Adapted {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        setup.no_user("ServiceDesk Plus takes no passwords here", "a technician's key")?;
        setup.choice("releases", &["yes", "no"])?;
        let mut lacks = HashSet::new();
        if setup.choice("downtimes", &["yes", "no"])? == "no" {
            lacks.insert("downtimes");
        }
        Ok(Self {
            api: Api::new(&setup)?,
            page_size: setup.number("page_size", 100, 1..=100)?,
            history: i64::try_from(setup.number("history", 90, 1..=3650)?).unwrap_or(90),
            stamp: 0,
            columns: true,
            lacks,
            words: HashMap::new(),
            setup,
        })
    }

    fn has_releases(&self) -> bool {
        self.setup.option("releases") != Some("no")
    }

    /// The id of a change there.
    fn number(&self, item: &Id) -> Result<String, Refusal> {
        let native = self.setup.native(item);
        let is_number = !native.is_empty() && native.bytes().all(|b| b.is_ascii_digit());
        is_number
            .then(|| native.to_owned())
            .ok_or_else(|| Refusal::Said(format!("{item} is no change of ServiceDesk Plus")))
    }

    /// Whether a change is read whole: its row leaves things out.
    fn matters(&self, row: &Value) -> bool {
        let now = self.setup.now();
        let horizon = now.plus(-self.history.saturating_mul(86_400));
        let stamps =
            ["last_updated_time", "updated_time", "completed_time", "scheduled_end_time", "created_time"];
        let is_recent = stamps.iter().filter_map(|field| record::time(row, field)).any(|at| at >= horizon);
        is_recent || record::is_open(&self.setup, row, now)
    }

    /// A change whole.
    async fn read(&mut self, id: &str) -> Result<Full, Refusal> {
        let answer = self.api.ask(&format!("changes/{id}"), None).await?;
        let change = answer.get("change").filter(|change| change.is_object()).cloned();
        let change =
            change.ok_or_else(|| Refusal::Said(format!("there is no change {id} in the answer for it")))?;
        let downtimes = self.hanging(id, "downtimes").await?;
        let releases =
            if self.has_releases() { self.hanging(id, "associated_releases").await? } else { Vec::new() };
        Ok(Full { change, downtimes, releases })
    }

    /// What hangs on a change, where the build has an address for that.
    async fn hanging(&mut self, id: &str, what: &'static str) -> Result<Vec<Value>, Refusal> {
        if self.lacks.contains(what) {
            return Ok(Vec::new());
        }
        match self.under(&format!("changes/{id}/{what}"), what).await {
            // What some builds say where there is nothing.
            Err(denied) if denied.code == api::INTERNAL => Ok(Vec::new()),
            Err(Denied {
                why: Refusal::Http(HttpError::Missing { .. } | HttpError::Refused { status: 403, .. }),
                ..
            }) => {
                self.lacks.insert(what);
                Ok(Vec::new())
            }
            other => Ok(other?),
        }
    }
}

impl Adapter for Adapted {
    fn capabilities(&self) -> Capabilities {
        Capabilities::notes(KINDS, Ok(()))
    }

    fn listings(&self) -> Vec<Listing> {
        let listed = list::LISTINGS.iter().filter(|(name, _)| *name == "changes" || self.has_releases());
        listed.map(|(name, kinds)| Listing { name, kinds, incremental: true }).collect()
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let Wanted { listing, since, page, .. } = wanted;
        if listing.name == "changes" {
            self.changes(since, page).await
        } else {
            self.releases(since, page).await
        }
    }

    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        Some(self)
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Some(self)
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let number = self.number(item)?;
        let full = self.read(&number).await?;
        let change = full.change(&self.setup, self.setup.now())?;
        let mut found = vec![change];
        let asked = self.asked(&number).await?;
        found.extend(self.approvals(item, &asked));
        Ok(self.setup.stored_all(found))
    }

    fn http(&self) -> Option<&Http> {
        self.api.session.built()
    }
}

impl Comments for Adapted {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        let number = self.number(item)?;
        let asked = self.asked(&number).await?;
        let mut answer = Page::default();
        answer.extend(&self.setup, self.approvals(item, &asked));
        let notes = self.notes(&number).await?;
        answer.extend(&self.setup, notes.iter().filter_map(|note| Self::comment(item, note)));
        Ok(answer)
    }
}

impl Writer for Adapted {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        let number = self.number(&write.item)?;
        match write.what {
            What::Vote { approve, .. } => self.stands(write, &number, approve).await,
            What::Comment { .. } | What::Decision { .. } | What::Dates { .. } | What::Progress { .. } => {
                self.noted(write, &number).await
            }
        }
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        let number = self.number(&write.item)?;
        self.tell(write, &number, login, as_themselves).await
    }
}
