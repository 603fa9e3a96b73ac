//! Pages of changes and releases by a stamp: the next page begins where the last ended, so that an edit shifts nothing.
//!
//! Which stamp can be searched by depends on the build: it is found out, and without one everything is read.

use serde_json::{Value, json};

use super::{Adapted, api, record};
use crate::{
    model::{Instant, RecordKind},
    source::{
        http::HttpError,
        system::{Page, Refusal},
    },
};

/// So many changes are read one by one before what came is kept; the rest of the page is asked for again.
const ALONE: usize = 25;
/// What tells that a record moved, the likelier first.
const STAMPS: [&str; 2] = ["last_updated_time", "updated_time"];
const CREATED: &str = "created_time";

/// Where a listing goes on: by which stamp, from when on, and which row of that, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
struct At {
    by: String,
    after: i64,
    start: usize,
}

impl At {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (by, after, start) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { by: by.to_owned(), after: after.parse().ok()?, start: start.parse().ok()? })
    }

    fn text(&self) -> String {
        format!("{} {} {}", self.by, self.after, self.start)
    }

    /// After a page: from the stamp of its last row, or, where all have one stamp or the order is another, the next rows.
    fn next(&self, rows: &[Value]) -> Self {
        let stamps: Vec<Option<i64>> = rows.iter().map(|row| record::millis(row, &self.by)).collect();
        let sorted = stamps.windows(2).all(|pair| pair[0] <= pair[1]) && stamps.iter().all(Option::is_some);
        match stamps.last().copied().flatten().filter(|last| sorted && *last > self.after) {
            Some(after) => Self { after, start: 1, ..self.clone() },
            None => Self { start: self.start + rows.len(), ..self.clone() },
        }
    }
}

impl Adapted {
    fn begin(&self, since: Option<Instant>) -> At {
        match (since, STAMPS.get(self.stamp)) {
            (Some(since), Some(stamp)) => {
                At { by: (*stamp).to_owned(), after: since.secs() * 1000, start: 1 }
            }
            _ => At { by: CREATED.to_owned(), after: 0, start: 1 },
        }
    }

    fn list_info(&self, path: &str, at: &At, first: bool) -> Value {
        let mut info = json!({
            "row_count": self.page_size, "start_index": at.start, "sort_field": at.by, "sort_order": "asc",
        });
        if at.after > 0 {
            // The one before it: there is "greater or equal" too, but not in every build.
            let before = (at.after - 1).to_string();
            info["search_criteria"] =
                json!([{ "field": at.by, "condition": "greater than", "value": before }]);
        }
        if first {
            info["get_total_count"] = json!(true);
        }
        if self.columns {
            info["fields_required"] = json!(if path == "changes" { record::CHANGE } else { record::RELEASE });
        }
        if let Some(view) = self.setup.select.as_ref().filter(|_| path == "changes") {
            info["filter_by"] = json!({ "name": view });
        }
        json!({ "list_info": info })
    }

    /// One page, and what the next is asked by.
    async fn rows(
        &mut self,
        path: &str,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<(Vec<Value>, Page, At), Refusal> {
        let mut at = page.and_then(At::read).unwrap_or_else(|| self.begin(since));
        let answer = loop {
            let info = self.list_info(path, &at, page.is_none());
            match self.api.ask(path, Some(&info)).await {
                Err(denied) if denied.code == api::FIELD => {
                    let by_stamp = at.by != CREATED;
                    let about_it = denied.why.to_string().contains(&at.by);
                    if by_stamp && (about_it || !self.columns) {
                        self.stamp += 1;
                        at = self.begin(since);
                    } else if self.columns {
                        self.columns = false;
                    } else {
                        return Err(denied.why);
                    }
                }
                other => break other?,
            }
        };
        let rows = answer.get(path).and_then(Value::as_array).cloned().ok_or_else(|| {
            Refusal::Said(format!("there are no {path} in its answer, and no reason: ask its keeper"))
        })?;
        let info = answer.get("list_info").unwrap_or(&Value::Null);
        let more = info.get("has_more_rows").and_then(Value::as_bool).unwrap_or(rows.len() >= self.page_size);
        let total = info.get("total_count").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let next = (more && !rows.is_empty()).then(|| at.next(&rows).text());
        Ok((rows, Page { next, total, ..Page::default() }, at))
    }

    /// What a row that did not move is left out by, where the question for it could not be asked.
    fn is_old(&self, row: &Value, since: Option<Instant>) -> bool {
        let asked = self.stamp < STAMPS.len();
        !asked && since.zip(record::updated(row)).is_some_and(|(since, updated)| updated < since)
    }

    pub(super) async fn changes(
        &mut self,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<Page, Refusal> {
        let (rows, mut answer, at) = self.rows("changes", since, page).await?;
        let mut alone = 0;
        for (place, row) in rows.iter().enumerate() {
            if self.is_old(row, since) {
                continue;
            }
            let id = record::id(row).filter(|_| self.matters(row));
            if id.is_some() && alone == ALONE {
                answer.next = Some(at.next(&rows[..place]).text());
                break;
            }
            alone += usize::from(id.is_some());
            let full = match id {
                Some(id) => self.read(&id).await,
                None => Ok(record::Full { change: row.clone(), ..record::Full::default() }),
            };
            match full {
                Ok(full) => {
                    answer.take(&self.setup, full.change(&self.setup, self.setup.now()), record::updated(row))
                }
                // Deleted since the page was made.
                Err(Refusal::Http(HttpError::Missing { .. })) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(answer)
    }

    pub(super) async fn releases(
        &mut self,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<Page, Refusal> {
        let (rows, mut answer, _) = match self.rows("releases", since, page).await {
            // Editions without the module.
            Err(Refusal::Http(HttpError::Missing { .. })) => return Ok(Page::default()),
            other => other?,
        };
        for row in rows.iter().filter(|row| !self.is_old(row, since)) {
            let updated = record::updated(row);
            answer.take(&self.setup, record::release(&self.setup, row), updated);
        }
        Ok(answer)
    }
}

pub(super) const LISTINGS: [(&str, &[RecordKind]); 2] =
    [("releases", &[RecordKind::Release]), ("changes", &[RecordKind::Change])];
