//! Request Tracker 5 by REST 2.0: tickets of a change queue, approval tickets they depend on, comments.
//!
//! What real servers answer decides: dates are asked for as relative words, because RT reads stamps in each user's own
//! zone; a refused status is HTTP 200; anybody with the right may resolve another's approval, so that we check whose it is.

mod record; // a ticket as a change, an approval ticket as an approval
mod comments; // history, comments, votes

use std::collections::HashSet;

use secrecy::ExposeSecret;
use serde::Deserialize;

use super::{
    Adapter, AnyComments, AnyStatuses, AnyWriter, Comments, Listing, Page, Refusal, Row, Setup, SetupError,
    SetupKey, Standing, Statuses, Wanted, Writer, crawl, paged::Paged,
};
use crate::{
    model::{Id, RecordKind, Stored},
    source::{
        Capabilities, DATES_STAY, Point, Source, Write,
        http::{Answer, Call, Http, Login},
    },
};

pub const README: &str = include_str!("rt/README.md");

const FIELDS: &str = "Subject,Status,Owner,Requestor,CustomFields,Created,LastUpdated,Starts,Due,Started,Resolved,Priority,Type,_hyperlinks";
const CHANGES: Listing = Listing { name: "changes", kinds: &[RecordKind::Change], incremental: true };
const APPROVALS: Listing = Listing { name: "approvals", kinds: &[RecordKind::Approval], incremental: true };
/// RT gives at most so many on a page.
const PAGE: usize = 100;

/// The source of a queue.
///
/// # Errors
/// What is missing in its settings.
pub fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    let queue = setup.select.clone();
    let queue = queue.ok_or_else(|| setup.missing(SetupKey::Select, "the name of the queue of changes"))?;
    let page = match setup.option("page_size") {
        None => PAGE,
        Some(size) => size.parse().ok().filter(|size| (1..=PAGE).contains(size)).ok_or_else(|| {
            setup.wrong_option("page_size", format!("must be from 1 to {PAGE}, not {size:?}"))
        })?,
    };
    let http = Http::new(setup.http.clone()).map_err(|error| error.to_string())?;
    let rt = Rt { setup: own_login(setup), queue, page, http, told: HashSet::new(), skew: 0, cut: false };
    Ok(crawl::source(rt.setup.clone(), rt))
}

/// RT wants its own word before a token.
fn own_login(setup: Setup) -> Setup {
    let token = |login: Login| match login {
        Login::Bearer(secret) => {
            Login::Header { name: "authorization", value: format!("token {}", secret.expose_secret()).into() }
        }
        other => other,
    };
    Setup { login: token(setup.login), me: setup.me.map(token), ..setup }
}

/// The adapter.
pub struct Rt {
    setup: Setup,
    queue: String,
    page: usize,
    http: Http,
    /// Transactions whose text was read by this process.
    told: HashSet<String>,
    skew: i64,
    /// Some ticket has more messages than are read.
    cut: bool,
}

/// An answer with a list.
#[derive(Debug, Deserialize)]
struct Listed<T> {
    items: Vec<T>,
    #[serde(default)]
    total: Option<usize>,
}

impl Rt {
    fn url(&self, path: &str) -> String {
        format!("{}/REST/2.0/{path}", self.setup.address)
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Refusal> {
        let call =
            query.iter().fold(Call::get(self.url(path)), |call, (name, value)| call.query(name, *value));
        Ok(self.http.read(call, &self.setup.login).await?)
    }

    /// Tickets by TicketSQL, by rising id.
    async fn tickets(&self, query: &str) -> Result<Listed<serde_json::Value>, Refusal> {
        let size = self.page.to_string();
        let answer = self
            .get(
                "tickets",
                &[
                    ("query", query),
                    ("fields", FIELDS),
                    ("fields[Owner]", "Name,EmailAddress"),
                    ("fields[Requestor]", "Name,EmailAddress"),
                    ("orderby", "id"),
                    ("order", "ASC"),
                    ("per_page", &size),
                ],
            )
            .await?;
        Ok(answer.read()?)
    }

    /// Every ticket of a short list, read to its end.
    async fn all_tickets(&self, query: &str) -> Result<Vec<serde_json::Value>, Refusal> {
        let (mut all, mut after) = (Vec::new(), String::new());
        let mut paged = Paged::new(format!("tickets of {query}"), self.setup.http.timeout);
        loop {
            let items = self.tickets(&format!("{query}{after}")).await?.items;
            let ids: Vec<String> = items.iter().filter_map(record::id_of).collect();
            let last = ids.last().filter(|_| items.len() >= self.page).cloned();
            all.extend(items);
            let Some(last) = last else { return Ok(all) };
            paged.go_on(ids)?;
            after = format!(" AND id > {last}");
        }
    }

    /// RT answers a queue that is not there, or not to be seen, with an empty list.
    async fn check_queue(&self) -> Result<(), Refusal> {
        let answer =
            self.http.send(Call::get(self.url(&format!("queue/{}", self.queue))), &self.setup.login).await?;
        if answer.is_success() {
            return Ok(());
        }
        Err(Refusal::Said(format!(
            "the queue {:?} is not there, or this account may not see it (HTTP {}); check select and the right SeeQueue",
            self.queue, answer.status
        )))
    }
}

/// A text inside TicketSQL.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

impl Adapter for Rt {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            reads: &[RecordKind::Change, RecordKind::Approval, RecordKind::Comment],
            votes: Ok(()),
            comments: Ok(()),
            dates: Err(DATES_STAY),
            progress: self.setup.progress(),
            holds: self.setup.holds(),
        }
    }

    fn listings(&self) -> Vec<Listing> {
        vec![CHANGES, APPROVALS]
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let Wanted { listing, since, page, .. } = wanted;
        let mut query = if *listing == CHANGES {
            format!("Queue = {}", quoted(&self.queue))
        } else {
            "Queue = '___Approvals' AND Type = 'approval'".to_owned()
        };
        if let Some(since) = since {
            // Relative, because a stamp is read in the zone of the account and a broken one means everything.
            let now = self.setup.now().secs() + self.skew;
            let minutes = (now - since.secs()).max(0) / 60 + 1;
            query.push_str(&format!(" AND LastUpdated > '{minutes} minutes ago'"));
        }
        if let Some(last) = page {
            query.push_str(&format!(" AND id > {last}"));
        }
        let listed = self.tickets(&query).await?;
        self.skew = self.http.skew().unwrap_or(0);
        if listed.items.is_empty() && page.is_none() && since.is_none() && *listing == CHANGES {
            self.check_queue().await?;
        }
        let mut brought = Page { total: listed.total.filter(|_| page.is_none()), ..Page::default() };
        let full = listed.items.len() >= self.page;
        let depending: Vec<String> = match *listing == CHANGES {
            true => listed.items.iter().filter_map(record::depends).collect(),
            false => Vec::new(),
        };
        let decided = self.decided(&depending).await?;
        let mut last = None;
        for item in listed.items {
            last = record::id_of(&item).or(last);
            let row = if *listing == CHANGES {
                record::change(&self.setup, item, &decided)
            } else {
                match record::approval(&self.setup, item) {
                    Ok(None) => continue,
                    Ok(Some(row)) => Ok(row),
                    Err(fault) => Err(fault),
                }
            };
            match row {
                Ok(row) => brought.rows.push(row),
                Err(fault) => brought.faults.push(fault),
            }
        }
        brought.next = last.filter(|_| full);
        Ok(brought)
    }

    fn notes(&self) -> Vec<String> {
        let most = comments::COMMENTS;
        let note = || {
            format!("of each ticket the newest {most} messages are read; some ticket has, or may have, more")
        };
        self.cut.then(note).into_iter().collect()
    }

    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        if self.setup.option("comments") == Some("no") { None } else { Some(self) }
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Some(self)
    }

    fn statuses(&mut self) -> Option<&mut dyn AnyStatuses> {
        Some(self)
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let native = self.setup.native(item).to_owned();
        let found = self.tickets(&format!("id = {native} AND Queue = {}", quoted(&self.queue))).await?;
        let Some(ticket) = found.items.into_iter().next() else {
            return Err(Refusal::Said(format!("{item} is not there, or this account may not see it")));
        };
        let approvals = self.approvals_of(&native).await?;
        let decided = if approvals.is_empty() { HashSet::new() } else { HashSet::from([native]) };
        let row = record::change(&self.setup, ticket, &decided)?;
        Ok(std::iter::once(row).chain(approvals).map(|Row { stored, .. }| stored).collect())
    }

    fn http(&self) -> Option<&Http> {
        Some(&self.http)
    }
}

impl Comments for Rt {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        self.comments(item).await
    }

    fn asks_all_open(&self) -> bool {
        false
    }
}

impl Writer for Rt {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        self.found(write).await
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        self.sent(write, login, as_themselves).await
    }
}

impl Statuses for Rt {
    fn brings(&self, point: &Point) -> Option<String> {
        self.setup.brings(point).map(str::to_owned)
    }

    async fn standing(&mut self, write: &Write, login: &Login) -> Result<Standing, Refusal> {
        self.stands(write, login).await
    }

    async fn set_status(
        &mut self,
        write: &Write,
        wanted: &str,
        login: &Login,
    ) -> Result<Option<String>, Refusal> {
        self.bring(write, wanted, login).await
    }
}
