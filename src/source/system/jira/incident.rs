//! Incidents: the issues of a search of their own, and the changes that they are linked to by what a link says.

use serde_json::Value;

use super::{
    Adapted,
    api::{Api, Fields, Issue},
    is_ordered,
    record::{self, Reading},
};
use crate::{
    model::{Fault, Id, Incident, IncidentSeverity, IncidentState, Instant, Record, Word},
    source::system::{
        Page, Refusal, Setup, SetupError, client, fields::Fields as _, fields::Table, incident,
    },
};

/// What is asked for beside what is of changes as well.
const MORE: [&str; 2] = ["issuelinks", "resolutiondate"];

const STATES: [(&str, IncidentState); 24] = [
    ("Open", IncidentState::Open),
    ("New", IncidentState::Open),
    ("To Do", IncidentState::Open),
    ("Reopened", IncidentState::Open),
    ("In progress", IncidentState::Open),
    ("Work in progress", IncidentState::Open),
    ("Under investigation", IncidentState::Open),
    ("Investigating", IncidentState::Open),
    ("Identified", IncidentState::Open),
    ("Fixing", IncidentState::Open),
    ("Pending", IncidentState::Open),
    ("Escalated", IncidentState::Open),
    ("Waiting for support", IncidentState::Open),
    ("Waiting for customer", IncidentState::Open),
    // It may be mended; whether it is, is watched.
    ("Monitoring", IncidentState::Open),
    ("Resolved", IncidentState::Restored),
    ("Completed", IncidentState::Restored),
    ("Closed", IncidentState::Closed),
    ("Done", IncidentState::Closed),
    ("Canceled", IncidentState::Cancelled),
    ("Cancelled", IncidentState::Cancelled),
    ("Declined", IncidentState::Cancelled),
    ("Duplicate", IncidentState::Cancelled),
    ("Won't do", IncidentState::Cancelled),
];
const SEVERITIES: Table<IncidentSeverity> = Table::Words(&[
    ("Blocker", IncidentSeverity::Critical),
    ("Highest", IncidentSeverity::Critical),
    ("Major", IncidentSeverity::High),
    ("Medium", IncidentSeverity::Moderate),
    ("Minor", IncidentSeverity::Low),
    ("Lowest", IncidentSeverity::Low),
    ("Trivial", IncidentSeverity::Low),
    ("Sev 1", IncidentSeverity::Critical),
    ("Sev 2", IncidentSeverity::High),
    ("Sev 3", IncidentSeverity::Moderate),
    ("Sev 4", IncidentSeverity::Low),
]);

/// Which issues are incidents, and which words of a link say what a change has to do with one.
pub struct Search {
    select: String,
    days: i64,
    caused_by: Vec<String>,
    fixed_by: Vec<String>,
}

impl Search {
    /// None where none are asked for.
    ///
    /// # Errors
    /// Which option is wrong.
    pub fn of(setup: &Setup) -> Result<Option<Self>, SetupError> {
        let days = incident::days(setup)?;
        let Some(select) = setup.option("incidents") else { return Ok(None) };
        if is_ordered(select) {
            return Err(setup.wrong_option("incidents", super::ORDERED));
        }
        let words = |option: &str, stock: &str| -> Vec<String> {
            let given =
                setup.option(option).unwrap_or(stock).split(',').map(|word| word.trim().to_lowercase());
            given.filter(|word| !word.is_empty()).collect()
        };
        let (caused_by, fixed_by) = (words("caused_by", "is caused by"), words("fixed_by", "is fixed by"));
        Ok(Some(Self { select: select.to_owned(), days, caused_by, fixed_by }))
    }

    /// Those that go on, and those that were touched lately.
    fn jql(&self) -> String {
        format!("({}) AND (statusCategory != Done OR updated >= \"-{}d\")", self.select, self.days)
    }
}

impl Adapted {
    /// A page of them, those that moved since where that is said.
    pub(super) async fn incidents(
        &mut self,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<Page, Refusal> {
        let fields = self.know_fields().await?;
        let Some(search) = &self.incidents else { return Ok(Page::default()) };
        let select = if since.is_some() { search.select.clone() } else { search.jql() };
        let names: Vec<&str> = record::SYSTEM.iter().copied().chain(MORE).chain(fields.ids()).collect();
        let (issues, next) = self.issues(&self.jql(&select, since), &names, page).await?;
        let mut answer = Page { next, total: issues.total, ..Page::default() };
        let rows = issues.issues.unwrap_or_default();
        for issue in client::each::<Issue>(&self.setup, rows, "incident", &mut answer.faults) {
            let moved = record::instant(issue.fields.get("updated").unwrap_or(&Value::Null));
            answer.take(&self.setup, read(&self.setup, &self.api, &fields, (search, &issue)), moved);
        }
        Ok(answer)
    }
}

/// # Errors
/// When it cannot be told from others.
fn read(
    setup: &Setup,
    api: &Api,
    fields: &Fields,
    (search, issue): (&Search, &Issue),
) -> Result<Record, Fault> {
    let read = Reading { setup, api, fields, issue };
    let at = |ours: &str, system: &str| {
        record::instant(read.value(ours)).or_else(|| record::instant(read.system(system)))
    };
    let severity = [read.word("severity"), record::names(read.system("priority")).join(" ")];
    let linked = |words: &[String]| linked(setup, read.system("issuelinks"), words);
    Ok(incident::record(Incident {
        title: crate::model::Line::new(&read.text("title")),
        state: state(setup, read.system("status")),
        severity: match severity.iter().find(|word| !word.is_empty()) {
            Some(word) => SEVERITIES.read(&setup.words, word),
            None => Word::default(),
        },
        opened: at("opened", "created"),
        restored: at("restored", "resolutiondate"),
        services: read.services(),
        environment: read.line("environment"),
        caused_by: linked(&search.caused_by)?,
        fixed_by: linked(&search.fixed_by)?,
        url: Some(record::url(setup, api, issue)),
        ..Incident::new(setup.record_id(&issue.key)?)
    }))
}

/// By its name; whatever else it is called, what is done is over. Of what is not, nothing is guessed.
fn state(setup: &Setup, status: &Value) -> Word<IncidentState> {
    let name = status.get("name").and_then(Value::as_str).unwrap_or_default();
    let word = setup.words.read(name, &STATES);
    let done = status.pointer("/statusCategory/key").is_some_and(|key| key == "done");
    if word.is_unknown() && done { Word::mapped(IncidentState::Closed, name) } else { word }
}

/// The issues that this one is linked to by one of these words, as the link reads from this one.
fn linked(setup: &Setup, links: &Value, words: &[String]) -> Result<Vec<Id>, Fault> {
    let mut found = Vec::new();
    for link in links.as_array().into_iter().flatten() {
        for (direction, other) in [("inward", "inwardIssue"), ("outward", "outwardIssue")] {
            let says = link["type"][direction].as_str().unwrap_or_default().trim().to_lowercase();
            if let Some(key) = link[other]["key"].as_str().filter(|_| words.contains(&says)) {
                found.push(setup.record_id(key)?);
            }
        }
    }
    Ok(found)
}
