//! Pages. PagerDuty pages by offset, and no page reaches beyond ten thousand rows; dates of a question are at most half a
//! year apart, and without an end they are a month.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Pagerduty, record};
use crate::{
    model::Instant,
    source::system::{Page, Refusal, json},
};

/// Names of the listings, as messages call them.
pub const SERVICES: &str = "services";
pub const WINDOWS: &str = "maintenance windows";
pub const INCIDENTS: &str = "incidents";

/// The last row that any page may have.
const REACH: usize = 10_000;
/// Rows that two pages have in common, which an incident that ends meanwhile would else push out of sight.
const OVERLAP: usize = 5;
/// Seconds that one question about ended incidents spans, well within the half year that is let.
const SPAN: i64 = 90 * 86_400;

/// Where a listing has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum At {
    /// Services, or windows that are not over.
    Row(usize),
    /// Windows that are over.
    Past(usize),
    /// Incidents that go on.
    Open(usize),
    /// Ended ones by when they began, the earliest first: from an instant on, after so many rows.
    Began(Instant, usize),
    /// Ended ones by when they ended, the latest first.
    Ended(usize),
}

impl At {
    fn read(page: Option<&str>, first: Self) -> Self {
        page.and_then(|page| serde_json::from_str(page).ok()).unwrap_or(first)
    }

    fn token(self) -> Option<String> {
        serde_json::to_string(&self).ok()
    }
}

/// Rows of one answer, and whether more are there.
struct Rows {
    list: Vec<Value>,
    more: bool,
}

impl Rows {
    /// Where the next page begins after one at `offset`.
    fn after(&self, offset: usize) -> usize {
        let read = self.list.len();
        offset + read.saturating_sub(OVERLAP.min(read / 4)).max(1)
    }
}

/// Rows from an offset on; odd where they are plainly the answer to another question.
async fn rows(
    pager: &Pagerduty,
    (path, key): (&str, &str),
    offset: usize,
    more: Vec<(&str, String)>,
) -> Result<Rows, Refusal> {
    if offset + pager.size > REACH {
        return Err(Refusal::Said(format!(
            "PagerDuty lists no more than {REACH} {key}; name services or teams in the options, so that there are fewer"
        )));
    }
    let mut query = vec![("limit", pager.size.to_string()), ("offset", offset.to_string())];
    query.extend(more);
    query.extend(pager.teams.iter().map(|id| ("team_ids[]", id.clone())));
    let found = pager.get(path, &query).await?;
    let Some(list) = json::at(&found, key).as_array() else {
        return Err(Refusal::Said(format!("what came for {key} has no list of them in it")));
    };
    if json::number(&found, "offset") != i64::try_from(offset).ok() {
        return Err(Refusal::OddPage(format!("{key} from {offset} on were asked for, and others came")));
    }
    let more = json::at(&found, "more").as_bool() == Some(true) && !list.is_empty();
    Ok(Rows { list: list.clone(), more })
}

/// The services of the options, all where they name none.
fn of_services(pager: &Pagerduty) -> impl Iterator<Item = (&'static str, String)> {
    pager.services.iter().map(|id| ("service_ids[]", id.clone()))
}

pub async fn services(pager: &Pagerduty, page: Option<&str>) -> Result<Page, Refusal> {
    let At::Row(offset) = At::read(page, At::Row(0)) else { return Ok(Page::default()) };
    let found = rows(pager, ("services", "services"), offset, vec![("sort_by", "name".to_owned())]).await?;
    let mut answer = Page::default();
    let asked = |row: &&Value| {
        pager.services.is_empty() || pager.services.iter().any(|id| id == json::text(row, "id"))
    };
    for row in found.list.iter().filter(asked) {
        answer.take(&pager.setup, record::service(&pager.setup, row), None);
    }
    answer.next = At::Row(found.after(offset)).token().filter(|_| found.more);
    Ok(answer)
}

/// Windows that are not over; in a full round, those that are over as well.
pub async fn windows(
    pager: &mut Pagerduty,
    since: Option<Instant>,
    page: Option<&str>,
) -> Result<Page, Refusal> {
    let at = At::read(page, At::Row(0));
    let (filter, offset) = match at {
        At::Past(offset) => ("past", offset),
        At::Row(offset) => ("open", offset),
        At::Open(_) | At::Began(..) | At::Ended(_) => return Ok(Page::default()),
    };
    let past = filter == "past";
    if past && offset + pager.size > REACH {
        pager.cut = true;
        return Ok(Page::default());
    }
    pager.cut = false;
    let more = std::iter::once(("filter", filter.to_owned())).chain(of_services(pager)).collect();
    let found = rows(pager, ("maintenance_windows", "maintenance_windows"), offset, more).await?;
    let mut answer = Page::default();
    for row in &found.list {
        answer.take(&pager.setup, record::window(&pager.setup, row), None);
    }
    let next = match (past, found.more) {
        (false, true) => Some(At::Row(found.after(offset))),
        (true, true) => Some(At::Past(found.after(offset))),
        (false, false) if since.is_none() => Some(At::Past(0)),
        (_, false) => None,
    };
    answer.next = next.and_then(At::token);
    Ok(answer)
}

/// Incidents: those that go on, whenever they began; then those that ended, in a full round by when they began, else
/// those that ended since.
pub async fn incidents(
    pager: &Pagerduty,
    since: Option<Instant>,
    page: Option<&str>,
) -> Result<Page, Refusal> {
    let at = At::read(page, At::Open(0));
    let now = pager.setup.now();
    let (mut query, until) = (vec![("time_zone", "UTC".to_owned())], |from: Instant| from.plus(SPAN));
    let mut ask = |name: &'static str, value: String| query.push((name, value));
    let offset = match at {
        At::Open(offset) => {
            ask("date_range", "all".to_owned());
            ask("statuses[]", "triggered".to_owned());
            ask("statuses[]", "acknowledged".to_owned());
            ask("sort_by", "created_at:asc".to_owned());
            offset
        }
        At::Began(from, offset) => {
            ask("since", from.to_string());
            ask("until", until(from).to_string());
            ask("statuses[]", "resolved".to_owned());
            ask("sort_by", "created_at:asc".to_owned());
            offset
        }
        At::Ended(offset) => {
            ask("date_range", "all".to_owned());
            ask("statuses[]", "resolved".to_owned());
            ask("sort_by", "resolved_at:desc".to_owned());
            offset
        }
        At::Row(_) | At::Past(_) => return Ok(Page::default()),
    };
    query.extend(of_services(pager));
    let found = rows(pager, ("incidents", "incidents"), offset, query).await?;
    let next = match (at, since) {
        (At::Open(_), _) if found.more => Some(At::Open(found.after(offset))),
        (At::Open(_), Some(_)) => Some(At::Ended(0)),
        (At::Open(_), None) => Some(At::Began(now.plus(-86_400 * pager.days), 0)),
        (At::Began(from, _), _) if found.more => Some(below(from, offset, &found)),
        (At::Began(from, _), _) => Some(until(from)).filter(|end| *end < now).map(|end| At::Began(end, 0)),
        (At::Ended(_), since) => {
            let older =
                |row: &Value| record::ended(row).zip(since).is_some_and(|(ended, since)| ended < since);
            let on = found.more && !found.list.iter().any(older);
            on.then(|| At::Ended(found.after(offset)))
        }
        (At::Row(_) | At::Past(_), _) => None,
    };
    let mut answer = Page { next: next.and_then(At::token), ..Page::default() };
    for row in &found.list {
        answer.take(&pager.setup, record::incident(&pager.setup, row), None);
    }
    Ok(answer)
}

/// Where ended incidents go on after a page: at the second of its last row, whose others may be still to come, else, where
/// the whole page is of that second, after its rows.
fn below(from: Instant, offset: usize, found: &Rows) -> At {
    let last = found.list.last().and_then(record::began).map(|last| last.plus(-1));
    match last.filter(|last| *last > from) {
        Some(last) => At::Began(last, 0),
        None => At::Began(from, offset + found.list.len()),
    }
}
