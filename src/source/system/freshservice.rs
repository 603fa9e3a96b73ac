//! Freshservice: changes with the windows they name, releases, approvals and notes, by an API that cannot approve.
//!
//! Pages follow each other by when a change last moved, so that an edit meanwhile pushes nothing out of sight.

mod api; // how it is signed, paged and read
mod record; // its records as ours

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    Adapter, AnyComments, AnyWriter, Comments, Listing, Page, Refusal, Setup, SetupError, Wanted, Writer,
    client::Client, crawl, json,
};
use crate::{
    model::{Id, Instant, Line, Record, RecordKind, Stored, WindowKind, time::DAY},
    source::{
        Capabilities, Source, Write,
        http::{Http, HttpError, Login},
        markup,
    },
};
use api::{Api, Rows};
use record::Beside;

pub const README: &str = include_str!("freshservice/README.md");

const OPTIONS: [&str; 7] = ["auth", "workspace", "windows", "releases", "people", "history", "page_size"];
/// So many changes are read one by one before what came is kept.
const ALONE: usize = 25;
const KINDS: [RecordKind; 5] =
    [RecordKind::Release, RecordKind::Change, RecordKind::Window, RecordKind::Approval, RecordKind::Comment];
const NO_VOTES: &str = "Freshservice takes no approval by its API: the vote stands in the board's own record; approve in Freshservice";

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
    /// Which windows: all, blackouts, no.
    windows: &'static str,
    beside: Beside,
    knows_people: bool,
    /// Days back in which changes that are over are read whole still.
    history: i64,
}

/// Where a listing of changes goes on: what moved since, and which page of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct At {
    since: Instant,
    page: usize,
}

impl At {
    fn read(text: &str) -> Option<Self> {
        let (since, page) = text.split_once(' ')?;
        Some(Self { since: since.parse().ok()?, page: page.parse().ok()? })
    }

    fn text(self) -> String {
        format!("{} {}", self.since, self.page)
    }

    /// After a page whose rows moved at these times: from the last of them, or, where all moved at once or the order is
    /// another, the next page of the same question.
    fn next(self, moved: &[Option<Instant>]) -> Self {
        let sorted = moved.windows(2).all(|pair| pair[0] <= pair[1]) && moved.iter().all(Option::is_some);
        let last = moved.last().copied().flatten().map(|last| last.plus(-1));
        match last.filter(|last| sorted && *last > self.since) {
            Some(since) => Self { since, page: 1 },
            None => Self { since: self.since, page: self.page + 1 },
        }
    }
}

impl Adapted {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        setup.no_user("Freshservice takes no passwords any more", "an API key")?;
        let client = Client::new(&setup);
        let base = format!("{}/api/v2", setup.address.trim_end_matches("/api/v2"));
        let bearer = setup.choice("auth", &["api_key", "bearer"])? == "bearer";
        if setup.option("workspace") == Some("0") {
            let why = "must not be 0: that leaves out fields; one source per workspace";
            return Err(setup.wrong_option("workspace", why));
        }
        Ok(Self {
            api: Api { client, base, login: setup.login.clone(), bearer },
            page_size: setup.number("page_size", 100, 1..=100)?,
            windows: setup.choice("windows", &["all", "blackouts", "no"])?,
            beside: Beside::default(),
            knows_people: false,
            history: i64::try_from(setup.number("history", 90, 1..=3650)?).unwrap_or(90),
            setup,
        })
    }

    /// Agents by their number, once; without the right to see them, numbers are shown.
    async fn know_people(&mut self, answer: &mut Page) -> Result<(), Refusal> {
        if self.knows_people || self.setup.option("people") == Some("no") {
            return Ok(());
        }
        match self.api.all("agents", "agents", 100).await {
            Ok(agents) => {
                let named =
                    agents.iter().filter_map(|agent| Some((record::id(agent)?, record::agent(agent)?)));
                self.beside.people = named.collect::<HashMap<i64, Line>>();
            }
            Err(Refusal::Http(
                error @ (HttpError::Missing { .. } | HttpError::Refused { status: 403, .. }),
            )) => {
                let words = format!(
                    "{error}: people are shown by their numbers; let the key view agents, or set options.people = \"no\""
                );
                answer.faults.push(self.setup.fault(None, "agents", words));
            }
            Err(refusal) => return Err(refusal),
        }
        self.knows_people = true;
        Ok(())
    }

    async fn changes(&mut self, since: Option<Instant>, page: Option<&str>) -> Result<Page, Refusal> {
        let mut answer = Page::default();
        let first = At { since: since.unwrap_or(Instant::from_secs(0)), page: 1 };
        let at = page.and_then(At::read).unwrap_or(first);
        let rows = self.moved(at).await?;
        let moved: Vec<Option<Instant>> = rows.rows.iter().map(updated).collect();
        let mut alone = 0;
        let mut cut = None;
        for (place, row) in rows.rows.iter().enumerate() {
            let whole = record::id(row).filter(|_| self.matters(row));
            if whole.is_some() && alone >= ALONE {
                // What came is kept; the rest of the page is asked for again, where its stamps tell the way.
                cut = Some(at.next(&moved[..place])).filter(|next| next.since > at.since);
                if cut.is_some() {
                    break;
                }
            }
            alone += usize::from(whole.is_some());
            let value = match whole {
                Some(number) => match self.api.one(&format!("changes/{number}"), "change").await {
                    // Deleted since the page was made.
                    Err(Refusal::Http(HttpError::Missing { .. })) => continue,
                    other => &other?,
                },
                None => row,
            };
            let change = record::change(&self.setup, &self.beside, value);
            if let Ok(change) = &change {
                self.windows_of(&change.id, value, &mut answer);
            }
            let moved = change.as_ref().ok().and_then(|change| change.updated_at);
            answer.take(&self.setup, change.map(Record::from), moved);
        }
        let next = (rows.more && !rows.rows.is_empty()).then(|| at.next(&moved));
        answer.next = cut.or(next).map(At::text);
        Ok(answer)
    }

    /// Whether a change is read whole: rows of the list have neither plans nor fields of their own.
    fn matters(&self, row: &Value) -> bool {
        let horizon = self.setup.now().plus(-self.history * DAY);
        record::is_open(&self.setup, row) || updated(row).is_some_and(|moved| moved >= horizon)
    }

    /// One page of what moved; odd where something older came, which is the answer to another question.
    async fn moved(&self, at: At) -> Result<Rows, Refusal> {
        let mut query = vec![
            ("updated_since", at.since.to_string()),
            ("order_by", "updated_at".to_owned()),
            ("order_type", "asc".to_owned()),
            ("page", at.page.to_string()),
            ("per_page", self.page_size.to_string()),
        ];
        if let Some(workspace) = self.setup.option("workspace") {
            query.push(("workspace_id", workspace.to_owned()));
        }
        if let Some(select) = &self.setup.select {
            query.push(("query", format!("\"{}\"", select.trim_matches('"'))));
        }
        let rows = self.api.list("changes", "changes", &query).await?;
        if rows.rows.iter().filter_map(updated).any(|moved| moved < at.since) {
            return Err(Refusal::OddPage(format!(
                "changes are older than the {} that was asked for: the question for what moved is ignored",
                at.since
            )));
        }
        Ok(rows)
    }

    fn windows_of(&self, item: &Id, change: &Value, answer: &mut Page) {
        let kinds: &[WindowKind] = match self.windows {
            "all" => &[WindowKind::Freeze, WindowKind::Maintenance],
            "blackouts" => &[WindowKind::Freeze],
            _ => &[],
        };
        for kind in kinds {
            if let Some(window) = record::window(&self.setup, item, change, *kind) {
                answer.take(&self.setup, window.map(|window| Record::Window(Box::new(window))), None);
            }
        }
    }

    async fn releases(&mut self, since: Option<Instant>, page: Option<&str>) -> Result<Page, Refusal> {
        let number: usize = page.and_then(|page| page.parse().ok()).unwrap_or(1);
        let mut answer = Page::default();
        if page.is_none() {
            self.beside.bundled.clear();
        }
        let query = [("page", number.to_string()), ("per_page", self.page_size.to_string())];
        let rows = self.api.list("releases", "releases", &query).await?;
        for value in &rows.rows {
            let id = record::id(value);
            if let Some(id) = id {
                self.beside.bundled.extend(record::bundled(value).map(|change| (change, id)));
            }
            let updated = updated(value);
            // There is no question for what moved: it is sorted out here.
            if since.zip(updated).is_some_and(|(since, updated)| updated < since) {
                continue;
            }
            let release = record::release(&self.setup, &self.beside, value);
            answer.take(&self.setup, release.map(|release| Record::Release(Box::new(release))), updated);
        }
        answer.next = (rows.more && !rows.rows.is_empty()).then(|| (number + 1).to_string());
        Ok(answer)
    }

    fn number<'a>(&'a self, item: &'a Id) -> Result<&'a str, Refusal> {
        let number = self.setup.native(item).strip_prefix("CHN-");
        number
            .filter(|number| number.parse::<u64>().is_ok())
            .ok_or_else(|| Refusal::Said(format!("{item} is no change of Freshservice")))
    }

    async fn notes(&self, number: &str) -> Result<Vec<Value>, Refusal> {
        self.api.all(&format!("changes/{number}/notes"), "notes", 100).await
    }

    async fn approvals(&self, item: &Id, number: &str) -> Result<Vec<Record>, Refusal> {
        let all = self.api.all(&format!("changes/{number}/approvals"), "approvals", 100).await?;
        let read = |value| record::approval(&self.setup, &self.beside, item, value, &all);
        Ok(all.iter().filter_map(read).collect())
    }
}

fn updated(value: &Value) -> Option<Instant> {
    json::instant(value, "updated_at")
}

impl Adapter for Adapted {
    fn capabilities(&self) -> Capabilities {
        Capabilities::notes(&KINDS, Err(NO_VOTES))
    }

    fn listings(&self) -> Vec<Listing> {
        let releases = Listing { name: "releases", kinds: &[RecordKind::Release], incremental: true };
        let kinds: &[RecordKind] = &[RecordKind::Change, RecordKind::Window];
        let changes = Listing { name: "changes", kinds, incremental: true };
        if self.setup.option("releases") == Some("no") { vec![changes] } else { vec![releases, changes] }
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let Wanted { listing, since, page, .. } = wanted;
        let mut people = Page::default();
        self.know_people(&mut people).await?;
        let mut answer = match listing.name {
            "changes" => self.changes(since, page).await?,
            _ => self.releases(since, page).await?,
        };
        answer.faults.append(&mut people.faults);
        Ok(answer)
    }

    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        Some(self)
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Some(self)
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let number = self.number(item)?.to_owned();
        self.know_people(&mut Page::default()).await?;
        let value = self.api.one(&format!("changes/{number}"), "change").await?;
        let change = record::change(&self.setup, &self.beside, &value)?;
        let mut found = vec![Record::from(change)];
        found.extend(self.approvals(item, &number).await?);
        Ok(self.setup.stored_all(found))
    }

    fn http(&self) -> Option<&Http> {
        self.api.client.built()
    }
}

impl Comments for Adapted {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        let number = self.number(item)?.to_owned();
        let mut answer = Page::default();
        self.know_people(&mut answer).await?;
        answer.extend(&self.setup, self.approvals(item, &number).await?);
        let notes = self.notes(&number).await?;
        let comments = notes.iter().filter_map(|note| record::comment(&self.beside, item, note));
        answer.extend(&self.setup, comments);
        Ok(answer)
    }
}

impl Writer for Adapted {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        let notes = self.notes(self.number(&write.item)?).await?;
        let ours = notes.iter().find(|note| write.is_in(&record::note_text(note)));
        Ok(ours.and_then(|note| note.get("id")).map(|id| format!("note {id}")))
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        let path = format!("changes/{}/notes", self.number(&write.item)?);
        let body = format!("<div>{}</div>", markup::to_html(&write.text(as_themselves)));
        self.api.post(&path, json!({ "body": body }), login).await
    }
}
