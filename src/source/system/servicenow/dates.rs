//! Planned dates moved there: one change of the record, with its note, believed only when it is read again.
//!
//! ServiceNow answers 200 and leaves a field as it is where a right on that field, or the state of the change, forbids
//! it. The note of the same request may stand all the same: what arrived once is not sent again.

use serde_json::json;

use super::{
    Adapted, comments_and_approvals, is_forbidden,
    table::{Rec, stamp},
};
use crate::{
    model::Instant,
    source::{
        Why, Write,
        http::Login,
        system::{Refusal, Setup, SetupError},
    },
};

const OFF: Why = "options.dates = \"no\" in the settings of this source: planned dates are changed there";
const NO_FIELD: Why =
    "map.fields names no field of the change itself for planned_start: planned dates are changed there";

/// Whether dates are moved here at all.
///
/// # Errors
/// When the option is neither word.
pub fn able(setup: &Setup) -> Result<Result<(), Why>, SetupError> {
    if setup.choice("dates", &["yes", "no"])? == "no" {
        return Ok(Err(OFF));
    }
    let written = |field: &str| !field.is_empty() && !field.contains('.');
    Ok(if written(start_field(setup)) { Ok(()) } else { Err(NO_FIELD) })
}

fn start_field(setup: &Setup) -> &str {
    setup.field("planned_start", "start_date")
}

fn end_field(setup: &Setup) -> &str {
    setup.field("planned_end", "end_date")
}

impl Adapted {
    async fn dated(&self, write: &Write) -> Result<Rec, Refusal> {
        let fields =
            ["sys_id", "number", start_field(&self.setup), end_field(&self.setup)].map(str::to_owned);
        let named: Vec<String> = fields.into_iter().filter(|field| !field.is_empty()).collect();
        self.one(&write.item, &named.join(",")).await
    }

    /// Whether a record has these dates; an end that is not moved may be anything.
    fn has(&self, rec: &Rec, start: Instant, end: Option<Instant>) -> bool {
        rec.time(start_field(&self.setup)) == Some(start)
            && (end.is_none() || rec.time(end_field(&self.setup)) == end)
    }

    pub(super) async fn find_dates(
        &self,
        write: &Write,
        start: Instant,
        end: Option<Instant>,
    ) -> Result<Option<String>, Refusal> {
        let rec = self.dated(write).await?;
        let found = self.has(&rec, start, end);
        Ok(found.then(|| format!("{} starts {start}", rec.value("number"))))
    }

    /// Moves a change that still starts where its author saw it.
    pub(super) async fn move_dates(
        &self,
        write: &Write,
        (was, start, end): (Instant, Instant, Option<Instant>),
        login: &Login,
    ) -> Result<(), Refusal> {
        let rec = self.dated(write).await?;
        if self.arrived(write).await? {
            return Err(self.kept(&rec, "was sent before and"));
        }
        let there = rec.time(start_field(&self.setup));
        if there != Some(was) {
            let there =
                there.map_or_else(|| "has no start there".to_owned(), |at| format!("starts {at} there"));
            return Err(Refusal::Said(format!(
                "{} {there}, no longer {was}: look at it and move it again; nothing was sent",
                write.item
            )));
        }
        let mut body = json!({ start_field(&self.setup): stamp(start) });
        if let Some(end) = end {
            body[end_field(&self.setup)] = stamp(end).into();
        }
        body[self.notes] = comments_and_approvals::plain(&write.text(true)).into();
        let path = format!("/api/now/v2/table/change_request/{}", rec.sys_id());
        self.tables.patch(&path, body, login).await?;
        match self.dated(write).await {
            Ok(rec) if !self.has(&rec, start, end) => Err(self.kept(&rec, "answered that all is well and")),
            // Whether it is there is asked again by the engine, which waits where it cannot be told.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Whether the note of this move stands already: then a try before this one arrived. Where the journal may not be
    /// read, nobody knows.
    async fn arrived(&self, write: &Write) -> Result<bool, Refusal> {
        match self.find_note(write).await {
            Ok(found) => Ok(found.is_some()),
            Err(refusal) if is_forbidden(&refusal) => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    fn kept(&self, rec: &Rec, how: &str) -> Refusal {
        let dates = |field: &str| match rec.value(field) {
            "" => "nothing".to_owned(),
            text => text.to_owned(),
        };
        let (start, end) = (start_field(&self.setup), end_field(&self.setup));
        Refusal::Said(format!(
            "{}: it {how} kept its dates ({start} {}, {end} {} UTC): a right on {start} and {end}, or the state of the change, forbids it",
            self.setup.id,
            dates(start),
            dates(end)
        ))
    }
}
