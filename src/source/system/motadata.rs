//! Motadata `ServiceOps`: changes, releases and conversations, by an API that cannot approve.
//!
//! Paging, order and dates are hardly documented: pages overlap, a server that ignores paging is noticed, and what moved
//! is told from stamps read here.

mod record; // changes, releases, conversations
mod search; // search/byqual
mod token; // API key, password grant

use serde_json::{Value, json};

use super::{
    Adapter, AnyComments, AnyWriter, Comments, Listing, Page, Refusal, Setup, SetupError, Wanted, Writer,
    crawl, session::Session,
};
use crate::{
    model::{Id, Record, RecordKind, Stored},
    source::{
        Capabilities, Source, Write,
        http::{Call, Http, HttpError, Login},
        markup,
    },
};
use search::{Found, Object};
use token::Tokens;

pub const README: &str = include_str!("motadata/README.md");

const OPTIONS: [&str; 6] = ["client_id", "page_size", "releases", "conversations", "incremental", "link"];
const KINDS: [RecordKind; 3] = [RecordKind::Release, RecordKind::Change, RecordKind::Comment];
const NO_VOTES: &str = "ServiceOps has no way to approve by its API: the vote stands in the board's own record; approve in ServiceOps";
/// Pages of conversations of one item.
const MOST_PAGES: usize = 20;

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
    session: Session<Tokens>,
    page_size: usize,
    /// Whether the server is asked for what moved; it said no once where this is false and the option is not.
    incremental: bool,
    /// The ids of the page before.
    before: Vec<i64>,
    /// Somewhere more is said than is read.
    cut: bool,
}

impl Adapted {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        if matches!(setup.login, Login::Basic { .. }) {
            setup.need(
                "client_id",
                "the id of the REST integration; without user, the secret is an API key",
            )?;
        }
        Ok(Self {
            session: Session::in_milliseconds(&setup, Tokens::new(&setup)),
            page_size: setup.number("page_size", 50, 4..=100)?,
            incremental: setup.choice("incremental", &["no", "yes"])? == "yes",
            before: Vec::new(),
            cut: false,
            setup,
        })
    }

    async fn search(&self, path: &str, qual: &Value, rows: (usize, usize)) -> Result<Found, Refusal> {
        let address = format!("{}/api/v1/{path}/search/byqual", self.setup.address);
        search::search(&self.session, &address, qual, rows, &self.setup.login).await
    }

    /// A page by offset, which overlaps the one before, and what the next is asked by.
    async fn rows(
        &mut self,
        path: &str,
        Wanted { since, page, again, .. }: Wanted<'_>,
    ) -> Result<(Found, Option<String>), Refusal> {
        let offset: usize = page.and_then(|page| page.parse().ok()).unwrap_or(0);
        let size = self.page_size;
        let qual = match since.filter(|_| self.incremental) {
            Some(since) => search::since(since),
            None => search::everything(),
        };
        let found = match self.search(path, &qual, (offset, size)).await {
            // It does not know the question for what moved: everything is read from now on, and sorted out here.
            Err(Refusal::Http(HttpError::Status { .. })) if since.is_some() && self.incremental => {
                self.incremental = false;
                self.search(path, &search::everything(), (offset, size)).await?
            }
            other => other?,
        };
        let ids = |found: &Found| -> Vec<i64> { found.objects().iter().filter_map(Object::id).collect() };
        let count = found.objects().len();
        let end = offset + count;
        let repeats = offset > 0 && count > 0 && ids(&found) == self.before;
        let all = found.total.is_none_or(|total| total <= count);
        if repeats && !(all && again) {
            return Err(Refusal::OddPage(format!(
                "the page of {path} from {offset} is the page before again"
            )));
        }
        self.before = ids(&found);
        // More than asked for, or the same again: paging is ignored there, and that page is all there is.
        let more = count == size && !repeats && found.total.is_none_or(|total| end < total);
        let next = more.then(|| (offset + size - size / 4).to_string());
        Ok((found, next))
    }

    async fn listed(
        &mut self,
        path: &str,
        wanted: Wanted<'_>,
        read: impl Fn(&Setup, &Object) -> Result<Record, crate::model::Fault>,
    ) -> Result<Page, Refusal> {
        let since = wanted.since;
        let (found, next) = self.rows(path, wanted).await?;
        let mut answer = Page { next, total: found.total, ..Page::default() };
        for object in found.objects() {
            let updated = record::moved(object);
            if since.zip(updated).is_some_and(|(since, updated)| updated < since) {
                continue;
            }
            answer.take(&self.setup, read(&self.setup, object), updated);
        }
        Ok(answer)
    }

    fn number(&self, item: &Id) -> Result<i64, Refusal> {
        let number = record::number(self.setup.native(item));
        number.ok_or_else(|| Refusal::Said(format!("{item} is no change of ServiceOps")))
    }

    /// Everything said about a change, and whether there is more than that.
    async fn conversations(&mut self, item: &Id) -> Result<(Vec<Object>, bool), Refusal> {
        let path = format!("change/{}/conversation", self.number(item)?);
        let kinds = self.setup.option("conversations").unwrap_or("note").to_owned();
        let (mut all, mut cut) = (Vec::<Object>::new(), false);
        for kind in kinds.split(',').map(str::trim).filter(|kind| !kind.is_empty()) {
            let (size, before) = (self.page_size, all.len());
            for page in 0..MOST_PAGES {
                let found = self.search(&path, &search::conversations(kind), (page * size, size)).await?;
                let known = |object: &Object| all.iter().any(|other| other.id() == object.id());
                let new: Vec<Object> = found.objects().iter().filter(|o| !known(o)).cloned().collect();
                let (full, nothing) = (found.objects().len() == size, new.is_empty());
                all.extend(new);
                if !full || nothing {
                    // It gives the same again, and says that there are more.
                    cut |= nothing && full && found.total.is_some_and(|total| total > all.len() - before);
                    break;
                }
                let read = (page + 1) * size;
                cut |= page + 1 == MOST_PAGES && found.total.is_none_or(|total| total > read);
            }
        }
        self.cut |= cut;
        Ok((all, cut))
    }
}

impl Adapter for Adapted {
    fn capabilities(&self) -> Capabilities {
        Capabilities::notes(&KINDS, Err(NO_VOTES))
    }

    fn listings(&self) -> Vec<Listing> {
        let releases = Listing { name: "releases", kinds: &[RecordKind::Release], incremental: true };
        let changes = Listing { name: "changes", kinds: &[RecordKind::Change], incremental: true };
        match self.setup.option("releases") {
            Some("no") => vec![changes],
            _ => vec![releases, changes],
        }
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        if wanted.listing.name == "changes" {
            let read = |setup: &Setup, object: &Object| record::change(setup, object).map(Record::from);
            return self.listed("change", wanted, read).await;
        }
        let read = |setup: &Setup, object: &Object| {
            record::release(setup, object).map(|release| Record::Release(Box::new(release)))
        };
        match self.listed("release", wanted, read).await {
            // Searching releases is not documented: an instance may not know it.
            Err(Refusal::Http(HttpError::Missing { .. } | HttpError::Status { status: 405, .. })) => {
                Ok(Page::default())
            }
            other => other,
        }
    }

    fn notes(&self) -> Vec<String> {
        let most = MOST_PAGES * self.page_size;
        let note = || {
            format!("of one kind of conversation {most} are read for each change; somewhere there are more")
        };
        self.cut.then(note).into_iter().collect()
    }

    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        Some(self)
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Some(self)
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let number = self.number(item)?;
        let found = self.search("change", &search::by_id(number), (0, self.page_size)).await?;
        let object = found.objects().iter().find(|object| object.id() == Some(number));
        let object = object.ok_or_else(|| Refusal::Said(format!("{item} is not there")))?;
        let change = record::change(&self.setup, object)?;
        Ok(vec![self.setup.stored(Record::from(change))])
    }

    fn http(&self) -> Option<&Http> {
        self.session.built()
    }
}

impl Comments for Adapted {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        let mut answer = Page::default();
        for object in self.conversations(item).await?.0 {
            match record::comment(&self.setup, item, &object) {
                Ok(comment) => answer.extend(&self.setup, comment),
                Err(fault) => answer.faults.push(fault),
            }
        }
        Ok(answer)
    }
}

impl Writer for Adapted {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        let (all, cut) = self.conversations(&write.item).await?;
        let ours = all.iter().find(|object| write.is_in(&markup::html(&object.text("details"))));
        if ours.is_none() && cut {
            return Err(Refusal::Said(format!(
                "{} has more conversations than are read, so nobody could tell whether this is there; it was not sent again",
                write.item
            )));
        }
        Ok(ours.map(|object| format!("note {}", object.text("id"))))
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        let number = self.number(&write.item)?;
        let details = markup::to_html(&write.text(as_themselves));
        // A note is mailed to nobody.
        let body = json!({ "conversationType": "note", "conversationState": "published", "subject": "CAB", "details": details });
        let address = format!("{}/api/v1/change/{number}/conversation", self.setup.address);
        let call = Call::post(address).header("accept", "application/json").json(body);
        let answer = self.session.send(call, login).await?;
        match answer.judged() {
            Err(HttpError::Status { status, .. }) if status < 500 => {
                Err(Refusal::Said(format!("ServiceOps says no (HTTP {status}): {}", answer.words())))
            }
            other => other.map_err(Refusal::Http),
        }
    }
}
