//! GLPI 10 and 11 by their REST API with sessions: changes with planned tasks, items, validations and followups.
//!
//! Its times are naive and of the server, its HTML is stored encoded, its success codes lie, and it lets anybody with the
//! right decide in another's name: a vote goes only onto the validation that asks the person whose session it is.

mod list; // pages of changes and of planned events
mod record; // changes, validations, followups as records
mod session; // who is logged in, and how it is asked
mod ticket; // tickets of the type incident
mod under; // what hangs on changes
mod write; // answers and followups

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Adapter, AnyComments, AnyStatuses, AnyWhoAmI, AnyWriter, Comments, Listing, Page, Refusal, Setup,
    SetupError, Wanted, crawl, incident::Reads,
};
use crate::{
    calendar::Zone,
    model::{Id, Record, RecordKind, Stored},
    source::{Capabilities, DATES_STAY, Source, http::Http},
};
use session::{Session, Who};

pub const README: &str = include_str!("glpi/README.md");

const KINDS: &[RecordKind] =
    &[RecordKind::Window, RecordKind::Change, RecordKind::Approval, RecordKind::Comment];
/// The same, and incidents.
const AND_INCIDENTS: &[RecordKind] = &[
    RecordKind::Window,
    RecordKind::Change,
    RecordKind::Approval,
    RecordKind::Comment,
    RecordKind::Incident,
];
const OPTIONS: [&str; 14] = [
    "api",
    "app_token_env",
    "page_size",
    "details_days",
    "planning",
    "private",
    "started",
    "turned_back",
    "ended",
    "held",
    "thawed",
    "incidents",
    "incident_days",
    "incident_changes",
];

/// The source.
///
/// # Errors
/// What is wrong with its settings.
pub fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    let adapter = Glpi::new(setup.clone())?;
    Ok(crawl::source(setup, adapter))
}

/// The adapter.
pub struct Glpi {
    setup: Setup,
    session: Session,
    /// Records per page.
    size: usize,
    /// Days after their last move in which finished changes are still read with tasks, items and people.
    details: i64,
    /// What planned external events are; none where they are left out.
    planning: &'static str,
    /// Whether our followups are private.
    private: bool,
    /// None where no incidents are asked for.
    incidents: Option<Reads>,
    /// Kinds of what hangs on changes and tickets that the account may not read.
    unseen: BTreeSet<&'static str>,
}

impl Glpi {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        let days = setup.number("details_days", 400, 0..=100_000)?;
        Ok(Self {
            session: Session::new(&setup)?,
            size: setup.number("page_size", 100, 2..=1000)?,
            details: i64::try_from(days).unwrap_or(400),
            planning: setup.choice("planning", &["no", "freeze", "maintenance", "event"])?,
            private: setup.choice("private", &["no", "yes"])? == "yes",
            incidents: Reads::of(&setup)?,
            unseen: BTreeSet::new(),
            setup,
        })
    }

    /// Notes whether the account may read a kind of what hangs on changes.
    fn saw(&mut self, kind: &'static str, seen: bool) {
        if seen {
            self.unseen.remove(kind);
        } else {
            self.unseen.insert(kind);
        }
    }

    /// The number of a change.
    fn number(&self, item: &Id) -> Result<String, Refusal> {
        let native = self.setup.native(item);
        if !native.is_empty() && native.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(native.to_owned());
        }
        // What is no number is answered with the whole list there.
        Err(Refusal::Said(format!("{item} is no change of {}", self.setup.id)))
    }
}

impl Adapter for Glpi {
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
        let mut listings = Vec::new();
        if self.planning != "no" {
            let kinds = &[RecordKind::Window];
            listings.push(Listing { name: "planned events", kinds, incremental: false });
        }
        listings.push(Listing { name: "changes", kinds: &[RecordKind::Change], incremental: true });
        if self.incidents.is_some() {
            listings.push(Listing { name: "incidents", kinds: &[RecordKind::Incident], incremental: true });
        }
        listings
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let Wanted { listing, since, page, settled, .. } = wanted;
        self.session.right_zone(&self.setup).await?;
        match (listing.name, since) {
            ("changes", None) => list::all(self, page).await,
            ("changes", Some(since)) => list::moved(self, since, page, settled).await,
            ("incidents", since) => ticket::page(self, since, page, settled).await,
            _ => list::events(self, page).await,
        }
    }

    fn notes(&self) -> Vec<String> {
        self.unseen.iter().map(|kind| under::unseen(kind)).collect()
    }

    fn holds(&self) -> bool {
        true
    }

    async fn close(&mut self) {
        self.session.close().await;
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
        let number = self.number(item)?;
        let change = record::one(self, &number).await?;
        let change = record::change(self, &change, true).await?;
        let change = change?;
        let mut records = vec![Record::from(change)];
        records.extend(record::validations(self, item, &number).await?);
        Ok(self.setup.stored_all(records))
    }

    fn http(&self) -> Option<&Http> {
        self.session.built()
    }

    fn unsaid_zone(&self) -> Option<Zone> {
        Some(self.setup.zone)
    }
}

impl Comments for Glpi {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        let number = self.number(item)?;
        let mut page = Page::default();
        let mut records = record::validations(self, item, &number).await?;
        records.extend(record::followups(self, item, &number, &mut page.faults).await?);
        page.extend(&self.setup, records);
        Ok(page)
    }

    async fn marks(&mut self, open: &BTreeSet<Id>) -> Result<Option<BTreeMap<Id, String>>, Refusal> {
        under::marks(self, open).await
    }
}
