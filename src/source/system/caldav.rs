//! A calendar collection of a CalDAV server (RFC 4791): its events as windows, freezes and releases. Read only.
//!
//! A collection is asked for its tag first, and read whole only when that moved: validators of plain requests are
//! ignored by some servers. Each resource is read by itself, so that a broken one hides no other. A server that speaks
//! no WebDAV at this address is asked for one document.

mod dav; // the answers: RFC 4918 multistatus

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Setup, SetupError, SetupKey};
use crate::{
    model::{BoardFile, Fault, Instant, Line, RecordKind, SourceId, Stored},
    source::{
        Capabilities, Keep, Pending, Pull, PullError, Pulled, Source, Terms, board_file,
        http::{Answer, Body, Call, Http, HttpError, looks_like_html},
        ics::{self, IcsOptions},
        shrunk::{Fewer, Shrunk},
    },
};
use dav::Resource;

/// How it is set up.
pub const README: &str = include_str!("caldav/README.md");

/// Seconds between the server's clock and ours that are worth a word.
const SKEW: i64 = 60;

const ASK_TAG: &str = concat!(
    r#"<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/">"#,
    "<D:prop><D:resourcetype/><D:getetag/><D:sync-token/><D:displayname/><CS:getctag/></D:prop></D:propfind>"
);
const ASK_EVENTS: &str = concat!(
    r#"<?xml version="1.0" encoding="utf-8"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">"#,
    "<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\">",
    "<C:comp-filter name=\"VEVENT\"/></C:comp-filter></C:filter></C:calendar-query>"
);

/// The source of a collection.
///
/// # Errors
/// When it has no address.
pub fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    if setup.address.is_empty() {
        return Err(setup.missing(SetupKey::Url, "the address of the calendar collection"));
    }
    if setup.me.is_some() {
        return Err(setup.wrong(SetupKey::Me, "is for systems that take votes; a calendar takes none"));
    }
    Ok(Box::new(Collection { setup, client: None, terms: Terms::default() }))
}

struct Collection {
    setup: Setup,
    client: Option<Http>,
    terms: Terms,
}

/// What the next pull goes by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// What the collection and our way to read it were when it was read.
    tag: Option<String>,
    records: usize,
    shrunk: Shrunk,
}

/// What a collection has: the name and the text of each of its resources.
type Texts = Vec<(String, Vec<u8>)>;

impl Source for Collection {
    fn id(&self) -> &SourceId {
        &self.setup.id
    }

    fn capabilities(&self) -> Capabilities {
        let why = "a calendar takes no answer; the vote is kept in the board's own record";
        Capabilities::read_only(&[RecordKind::Window, RecordKind::Release], why)
    }

    fn agree(&mut self, terms: Terms) {
        self.terms = terms;
    }

    fn pull<'a>(
        &'a mut self,
        cursor: Option<&'a [u8]>,
        _now: Instant,
    ) -> Pending<'a, Result<Pull, PullError>> {
        Box::pin(self.next_pull(cursor))
    }
}

impl Collection {
    fn error(&self, message: impl std::fmt::Display) -> PullError {
        PullError::new(format!("{}: {message}", self.setup.id))
    }

    fn failed(&self, error: &HttpError) -> PullError {
        PullError { message: format!("{}: {error}", self.setup.id), retry_after: error.retry_after() }
    }

    fn http(&mut self) -> Result<&Http, HttpError> {
        let client = match self.client.take() {
            Some(client) => client,
            None => Http::new(self.setup.http.clone())?,
        };
        Ok(self.client.insert(client))
    }

    /// The address as collections are named: with a slash at its end, unless it names a document.
    fn address(&self) -> String {
        let address = &self.setup.address;
        let is_document = std::path::Path::new(address).extension().is_some_and(|end| end == "ics");
        if is_document || address.contains('?') { address.clone() } else { format!("{address}/") }
    }

    async fn dav(&mut self, method: &[u8], depth: &str, text: &'static str) -> Result<Answer, HttpError> {
        let method = reqwest::Method::from_bytes(method).unwrap_or_default();
        let mut call = Call::new(method, self.address()).header("depth", depth);
        call.body = Body::Text { kind: "application/xml; charset=utf-8", text: text.to_owned() };
        let login = self.setup.login.clone();
        self.http()?.read(call, &login).await
    }

    fn resources(&self, answer: &Answer) -> Result<Vec<Resource>, PullError> {
        if looks_like_html(&answer.bytes) {
            return Err(self.error(format!(
                "{} answered with a web page, a login perhaps; check the address and the credentials",
                answer.place
            )));
        }
        dav::read(&answer.bytes).map_err(|why| {
            self.error(format!("{}: the answer cannot be read as that of a calendar: {why}", answer.place))
        })
    }

    /// What the collection is now, without its events; `None` where this address speaks no WebDAV.
    async fn tag(&mut self) -> Result<Option<String>, PullError> {
        let answer = match self.dav(b"PROPFIND", "0", ASK_TAG).await {
            Ok(answer) => answer,
            Err(error) if speaks_not(&error) => return Ok(None),
            Err(error) => return Err(self.failed(&error)),
        };
        let Some(own) = self.resources(&answer)?.into_iter().next() else {
            return Err(self.error(format!("{} says nothing about itself", answer.place)));
        };
        if !own.calendar {
            return Err(self.no_calendar(&answer.place).await);
        }
        if let Some(tag) = own.ctag.or(own.sync) {
            return Ok(Some(tag));
        }
        let answer = self.dav(b"PROPFIND", "1", ASK_TAG).await.map_err(|error| self.failed(&error))?;
        let mut etags: Vec<String> = self
            .resources(&answer)?
            .into_iter()
            .map(|there| format!("{} {}\n", there.href, there.etag.unwrap_or_default()))
            .collect();
        etags.sort_unstable();
        Ok(Some(digest(etags.concat().as_bytes())))
    }

    /// Says which calendars there are below an address that is none.
    async fn no_calendar(&mut self, place: &str) -> PullError {
        let listed = self.dav(b"PROPFIND", "1", ASK_TAG).await.ok();
        let found = listed.and_then(|answer| self.resources(&answer).ok()).unwrap_or_default();
        let names: Vec<&str> =
            found.iter().filter(|there| there.calendar).map(|there| there.href.as_str()).collect();
        let words = if names.is_empty() {
            "write the address of one calendar".to_owned()
        } else {
            format!("write the address of one of these: {}", names.join(", "))
        };
        self.error(format!("{place} is no calendar; {words}"))
    }

    /// Every resource with events, as the server has it.
    async fn texts(&mut self) -> Result<Option<Texts>, PullError> {
        let answer = match self.dav(b"REPORT", "1", ASK_EVENTS).await {
            Ok(answer) => answer,
            Err(error) if speaks_not(&error) => return Ok(None),
            Err(error) => return Err(self.failed(&error)),
        };
        let resources = self.resources(&answer)?;
        if let Some(cut) = resources.iter().find(|there| there.status == Some(507)) {
            return Err(self.error(format!(
                "{} has more events than it lists at once; nothing of it was used, split the calendar",
                cut.href
            )));
        }
        Ok(Some(
            resources
                .into_iter()
                .filter_map(|there| there.data.map(|text| (there.href, text.into_bytes())))
                .collect(),
        ))
    }

    /// The whole calendar as one document, with its tag.
    async fn document(&mut self) -> Result<(String, Texts), PullError> {
        let call = Call::get(self.address()).header("accept", "text/calendar");
        let login = self.setup.login.clone();
        let read = match self.http() {
            Ok(http) => http.read(call, &login).await,
            Err(error) => Err(error),
        };
        let answer = read.map_err(|error| self.failed(&error))?;
        let tag = answer.header("etag").unwrap_or_else(|| digest(&answer.bytes));
        Ok((tag, vec![(String::new(), answer.bytes)]))
    }

    async fn next_pull(&mut self, cursor: Option<&[u8]>) -> Result<Pull, PullError> {
        let known: Cursor = cursor.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
        let told = self.tag().await?;
        let same = |tag: &str| known.tag.as_deref() == Some(self.with_settings(tag).as_str());
        if told.as_deref().is_some_and(same) {
            return Ok(self.pull_of(Pulled::Unchanged, &known, None, None));
        }
        let listed = if told.is_some() { self.texts().await? } else { None };
        let (tag, texts) = match (told, listed) {
            (Some(tag), Some(texts)) => (tag, texts),
            _ => self.document().await?,
        };
        let tag = self.with_settings(&tag);
        if known.tag.as_ref() == Some(&tag) {
            return Ok(self.pull_of(Pulled::Unchanged, &known, None, None));
        }
        let (file, faults) = self.read(&texts)?;
        let records: Vec<Stored> = file.into_records().map(|record| self.setup.stored(record)).collect();
        let mut shrunk = known.shrunk;
        let doubted = shrunk.doubts(records.len(), known.records);
        if let Some(lost) = doubted.filter(|_| !self.terms.fewer) {
            let next = Cursor { tag: None, shrunk, ..known };
            let words = lost.doubt(&self.setup.id);
            return Ok(self.pull_of(Pulled::Unchanged, &next, Some(words), None));
        }
        let far = Fewer::of(records.len(), known.records).filter(|_| self.terms.fewer);
        let next = Cursor { tag: Some(tag), records: records.len(), shrunk: Shrunk::default() };
        Ok(self.pull_of(Pulled::Whole { records, faults, keep: Keep::Nothing }, &next, None, far))
    }

    /// A tag that moves when the settings do, so that what was read by others is read again.
    fn with_settings(&self, tag: &str) -> String {
        let setup = &self.setup;
        digest(format!("{:?} {} {} {tag}", setup.windows, setup.hard, self.options().zone).as_bytes())
    }

    /// How its events are read, on the board as it is.
    fn options(&self) -> IcsOptions {
        let options = IcsOptions {
            source: self.setup.id.clone(),
            zone: self.setup.zone,
            zone_by_feed: self.setup.zone_by_feed,
            kind: self.setup.windows,
            hard: self.setup.hard,
            scope: crate::model::Scope::default(),
        };
        IcsOptions { zone: options.zone_at(self.terms.zone), ..options }
    }

    /// The events of all resources; what is wrong says in which.
    fn read(&self, texts: &Texts) -> Result<(BoardFile, Vec<Fault>), PullError> {
        let options = self.options();
        let (mut file, mut faults) = (BoardFile::default(), Vec::new());
        for (href, text) in texts {
            match ics::read(text, &options) {
                Ok(read) => {
                    let in_resource = |fault: Fault| Fault { place: place(href, &fault.place), ..fault };
                    faults.extend(read.faults.into_iter().map(in_resource));
                    file.windows.extend(read.windows);
                    file.releases.extend(read.releases);
                }
                Err(error) if href.is_empty() => return Err(self.error(error)),
                Err(error) => faults.push(self.setup.fault(None, &place(href, ""), error.to_string())),
            }
        }
        board_file::qualify(&mut file, &self.setup.id);
        Ok((file, faults))
    }

    fn pull_of(&self, what: Pulled, cursor: &Cursor, doubt: Option<String>, fewer: Option<Fewer>) -> Pull {
        let skew = self.client.as_ref().and_then(Http::skew).filter(|skew| skew.abs() > SKEW);
        let clock = skew.map(|skew| {
            let which = if skew > 0 { "ahead of" } else { "behind" };
            format!("{}: its clock is {} s {which} ours; set both by NTP", self.setup.id, skew.abs())
        });
        let warnings = doubt.into_iter().chain(clock).map(|words| Line::new(&words)).collect();
        let cursor = serde_json::to_vec(cursor).unwrap_or_default();
        Pull { what, cursor, more: None, warnings, fewer: fewer.into_iter().collect() }
    }
}

/// Whether the server does not know what it was asked, as plain web servers do not.
fn speaks_not(error: &HttpError) -> bool {
    matches!(error, HttpError::Status { status: 400 | 405 | 415 | 501, .. })
}

/// Where something is: the last part of the resource's address, and the place in it.
fn place(href: &str, within: &str) -> String {
    let name = href.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let text = [name, within].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ");
    crate::model::text::clean_line(&text).into_owned()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
