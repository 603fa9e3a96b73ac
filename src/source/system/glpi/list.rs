//! Pages. A full round goes by id and begins each page with the last row of the one before, so that a deletion meanwhile
//! passes over nothing; what moved is read from the latest back, so that no time is ever written into a question.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Glpi, Who, record};
use crate::{
    model::{Id, Instant, Record},
    source::system::{Page, Refusal, Setup, client},
};

/// Where a listing has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct At {
    offset: usize,
    /// The id of the row at `offset`, read before.
    last: Option<u64>,
}

/// Changes that need no reading as long as they have this stamp.
type Settled = BTreeMap<Id, Instant>;

fn token(at: At) -> Option<String> {
    serde_json::to_string(&at).ok()
}

/// Rows of an item type from an offset on; none past the end, which is an error there.
pub async fn rows(
    glpi: &mut Glpi,
    kind: &str,
    offset: usize,
    size: usize,
    order: (&str, &str),
) -> Result<Vec<Value>, Refusal> {
    rows_where(glpi, kind, offset, size, order, &[]).await
}

/// The same, of those alone in which a field has a value, as `searchText[field]` asks for it.
pub async fn rows_where(
    glpi: &mut Glpi,
    kind: &str,
    offset: usize,
    size: usize,
    (sort, order): (&str, &str),
    fields: &[(&str, &str)],
) -> Result<Vec<Value>, Refusal> {
    let mut query = vec![
        ("range", format!("{offset}-{}", offset + size - 1)),
        ("sort", sort.to_owned()),
        ("order", order.to_owned()),
    ];
    query.extend(fields.iter().map(|(field, value)| (*field, (*value).to_owned())));
    match glpi.session.get(Who::Board, kind, &query).await {
        Err(Refusal::Said(words)) if words.contains("ERROR_RANGE_EXCEED_TOTAL") => Ok(Vec::new()),
        other => other,
    }
}

async fn page(glpi: &mut Glpi, rows: Vec<Value>, settled: Option<&Settled>) -> Result<Page, Refusal> {
    let mut page = Page::default();
    for raw in client::each::<record::RawChange>(&glpi.setup, rows, "change", &mut page.faults) {
        let updated = raw.moved(&glpi.setup);
        if let Some(settled) = settled
            && updated.is_some()
            && glpi.setup.record_id(&raw.number()).is_ok_and(|id| settled.get(&id).copied() == updated)
        {
            // As it was read before, and what hangs on it as well: all of that moves its stamp.
            continue;
        }
        let recent = updated.is_none_or(|at| glpi.setup.now() - at < glpi.details.saturating_mul(86_400));
        let change = record::change(glpi, &raw, settled.is_some() || recent || raw.is_open()).await?;
        page.take(&glpi.setup, change.map(Record::from), updated);
    }
    Ok(page)
}

pub fn id_of(row: &Value) -> Option<u64> {
    row.get("id").and_then(Value::as_u64)
}

pub async fn all(glpi: &mut Glpi, before: Option<&str>) -> Result<Page, Refusal> {
    let at: At = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let rows = rows(glpi, "Change", at.offset, glpi.size, ("id", "ASC")).await?;
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
    let page = page(glpi, rows, None).await?;
    Ok(Page { next: token(next).filter(|_| full), ..page })
}

/// Whether a row moved before an instant, by whichever reading of its stamp; one without a stamp did not.
pub fn is_old(setup: &Setup, row: &Value, since: Instant) -> bool {
    let stamp = row.get("date_mod").and_then(Value::as_str).and_then(super::session::naive);
    stamp.is_some_and(|at| setup.moved(at) < since)
}

pub async fn moved(
    glpi: &mut Glpi,
    since: Instant,
    before: Option<&str>,
    settled: &Settled,
) -> Result<Page, Refusal> {
    let at: At = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let mut rows = rows(glpi, "Change", at.offset, glpi.size, ("date_mod", "DESC")).await?;
    let read = rows.len();
    rows.retain(|row| !is_old(&glpi.setup, row, since));
    let more = read >= glpi.size && rows.len() == read;
    let page = page(glpi, rows, Some(settled)).await?;
    let next = At { offset: at.offset + read, last: None };
    Ok(Page { next: token(next).filter(|_| more), ..page })
}

pub async fn events(glpi: &mut Glpi, before: Option<&str>) -> Result<Page, Refusal> {
    let at: At = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let rows = rows(glpi, "PlanningExternalEvent", at.offset, glpi.size, ("id", "ASC")).await?;
    let full = rows.len() >= glpi.size;
    let next = At { offset: at.offset + rows.len(), last: None };
    let mut page = Page { next: token(next).filter(|_| full), ..Page::default() };
    for event in &rows {
        if let Some(window) = record::window(&glpi.setup, event, glpi.planning).transpose() {
            page.take(&glpi.setup, window.map(|window| Record::Window(Box::new(window))), None);
        }
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::calendar::Zone;

    #[test]
    fn a_stamp_that_the_clock_shows_twice_is_never_taken_for_older_than_it_may_be() {
        let setup = Setup { zone: Zone::named("Europe/Paris").unwrap(), ..Setup::of_test("glpi") };
        // The clock goes back from 03:00 to 02:00 at 01:00Z: 02:30 is 00:30Z and 01:30Z.
        for (stamp, since, old) in [
            ("2026-10-25 01:59:59", "2026-10-25T00:00:00Z", true),
            ("2026-10-25 02:30:00", "2026-10-25T00:45:00Z", false),
            ("2026-10-25 02:30:00", "2026-10-25T01:15:00Z", false),
            ("2026-10-25 02:30:00", "2026-10-25T01:30:01Z", true),
            ("2026-10-25 03:10:00", "2026-10-25T02:00:00Z", false),
            ("0000-00-00 00:00:00", "2026-10-25T02:00:00Z", false),
        ] {
            let row = json!({ "id": 1, "date_mod": stamp });
            assert_eq!(is_old(&setup, &row, since.parse().unwrap()), old, "{stamp} since {since}");
        }
    }
}
