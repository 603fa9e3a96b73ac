//! Pages. A full round goes by id and begins each page with the last row of the one before, so that a deletion meanwhile
//! passes over nothing; what moved is read from the latest back, so that no time is ever written into a question.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Glpi, Who, record};
use crate::{
    model::{Instant, Record},
    source::system::{Page, Refusal, Row, client},
};

/// Where a listing has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct At {
    offset: usize,
    /// The id of the row at `offset`, read before.
    last: Option<u64>,
}

fn token(at: At) -> Option<String> {
    serde_json::to_string(&at).ok()
}

/// Rows of an item type from an offset on; none past the end, which is an error there.
async fn rows(
    glpi: &mut Glpi,
    kind: &str,
    offset: usize,
    sort: &str,
    order: &str,
) -> Result<Vec<Value>, Refusal> {
    let query = [
        ("range", format!("{offset}-{}", offset + glpi.size - 1)),
        ("sort", sort.to_owned()),
        ("order", order.to_owned()),
    ];
    match glpi.session.get(Who::Board, kind, &query).await {
        Err(Refusal::Said(words)) if words.contains("ERROR_RANGE_EXCEED_TOTAL") => Ok(Vec::new()),
        other => other,
    }
}

async fn page(glpi: &mut Glpi, rows: Vec<Value>, all: bool) -> Result<Page, Refusal> {
    let mut page = Page::default();
    for raw in client::each::<record::RawChange>(&glpi.setup, rows, "change", &mut page.faults) {
        let updated = raw.moved(&glpi.setup);
        let recent = updated.is_none_or(|at| {
            Instant::from_utc(chrono::Utc::now()) - at < glpi.details.saturating_mul(86_400)
        });
        let change = record::change(glpi, &raw, all || recent || raw.is_open()).await?;
        page.take(&glpi.setup, change.map(|change| Record::Change(Box::new(change))), updated);
    }
    Ok(page)
}

fn id_of(row: &Value) -> Option<u64> {
    row.get("id").and_then(Value::as_u64)
}

pub async fn all(glpi: &mut Glpi, before: Option<&str>) -> Result<Page, Refusal> {
    let at: At = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let rows = rows(glpi, "Change", at.offset, "id", "ASC").await?;
    let first = rows.first().and_then(id_of);
    if let Some(last) = at.last
        && first.is_none_or(|first| first > last)
    {
        // Something before was deleted: what stood here has moved up.
        let back = At { offset: at.offset.saturating_sub(glpi.size), last: None };
        return Ok(Page { next: token(back), ..Page::default() });
    }
    let full = rows.len() >= glpi.size;
    let last = rows.last().and_then(id_of);
    let next = At { offset: at.offset + rows.len().saturating_sub(1), last };
    let page = page(glpi, rows, false).await?;
    Ok(Page { next: token(next).filter(|_| full), ..page })
}

pub async fn moved(glpi: &mut Glpi, since: Instant, before: Option<&str>) -> Result<Page, Refusal> {
    let at: At = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let mut rows = rows(glpi, "Change", at.offset, "date_mod", "DESC").await?;
    let read = rows.len();
    let zone = glpi.setup.clone();
    let is_old = |row: &Value| {
        let stamp = row.get("date_mod").and_then(Value::as_str).and_then(super::session::naive);
        stamp.is_some_and(|at| zone.moved(at) < since)
    };
    rows.retain(|row| !is_old(row));
    let more = read >= glpi.size && rows.len() == read;
    let page = page(glpi, rows, true).await?;
    let next = At { offset: at.offset + read, last: None };
    Ok(Page { next: token(next).filter(|_| more), ..page })
}

pub async fn events(glpi: &mut Glpi, before: Option<&str>) -> Result<Page, Refusal> {
    let at: At = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let rows = rows(glpi, "PlanningExternalEvent", at.offset, "id", "ASC").await?;
    let full = rows.len() >= glpi.size;
    let next = At { offset: at.offset + rows.len(), last: None };
    let mut page = Page { next: token(next).filter(|_| full), ..Page::default() };
    for event in client::each::<record::Event>(&glpi.setup, rows, "planned event", &mut page.faults) {
        match record::window(&glpi.setup, &event, glpi.planning) {
            Ok(Some(window)) => {
                page.rows
                    .push(Row { stored: glpi.setup.stored(Record::Window(Box::new(window))), updated: None });
            }
            Ok(None) => {}
            Err(fault) => page.faults.push(fault),
        }
    }
    Ok(page)
}
