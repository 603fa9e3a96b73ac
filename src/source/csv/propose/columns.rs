//! Which column is which field, by the headers that systems write, as stored names and as labels.

use super::{Column, times, words};
use crate::source::csv::field::{Field, Shape};

/// A system whose exports are known by their header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    ServiceNow,
    Jira,
    Freshservice,
    ServiceDeskPlus,
    Itop,
    Glpi,
}

impl System {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ServiceNow => "ServiceNow",
            Self::Jira => "Jira",
            Self::Freshservice => "Freshservice",
            Self::ServiceDeskPlus => "ServiceDesk Plus",
            Self::Itop => "iTop",
            Self::Glpi => "GLPI",
        }
    }
}

/// Columns that together only one system writes; the first that fits counts.
const SIGNS: [(System, &[&str]); 10] = [
    (System::ServiceNow, &["number", "shortdescription"]),
    (System::Jira, &["issuekey", "summary"]),
    (System::Freshservice, &["subject", "agent", "changetype"]),
    (System::Freshservice, &["subject", "plannedstartdate"]),
    (System::Freshservice, &["subject", "agentname"]),
    (System::ServiceDeskPlus, &["changeid", "scheduledstart"]),
    (System::ServiceDeskPlus, &["changeid", "stage"]),
    (System::Itop, &["ref", "title"]),
    (System::Glpi, &["id", "title", "openingdate"]),
    (System::Glpi, &["id", "title", "lastupdate"]),
];

/// Headers of the id, the best first.
const ID: [&str; 17] = [
    "number",
    "issuekey",
    "changenumber",
    "changeid",
    "changerequestnumber",
    "changerequestid",
    "ref",
    "reference",
    "displayid",
    "changeref",
    "changekey",
    "key",
    "ticketnumber",
    "ticketid",
    "id",
    "nr",
    "no",
];

/// Headers of each field, the best first. `approval` is never among them: only a system that runs approvals can say it.
const NAMES: [(Field, &[&str]); 30] = [
    (Field::Title, &["shortdescription", "summary", "title", "subject", "name", "changetitle", "changename"]),
    (Field::Description, &["description", "details", "changedescription"]),
    (Field::Reason, &["justification", "reason", "reasonforchange", "changereason", "businessjustification"]),
    (
        Field::Kind,
        &[
            "changetype",
            "type",
            "kind",
            "changeclass",
            "changesubclass",
            "finalclass",
            "class",
            "category",
            "issuetype",
        ],
    ),
    (Field::State, &["state", "changestate", "stage", "status", "changestatus", "workflowstate", "phase"]),
    (Field::Risk, &["risk", "changerisk", "risklevel", "riskassessment"]),
    (Field::Impact, &["impact", "changeimpact", "impactlevel"]),
    (Field::Outcome, &["closecode", "closurecode", "outcome", "changeresult"]),
    (
        Field::Requester,
        &[
            "requestedby",
            "requester",
            "changerequester",
            "requesterrequester",
            "requestername",
            "reporter",
            "caller",
            "callerfullname",
            "callername",
            "initiator",
            "requestedbyname",
        ],
    ),
    (
        Field::Owner,
        &[
            "assignedto",
            "assignedtotechnician",
            "assignee",
            "changeowner",
            "owner",
            "agent",
            "agentfullname",
            "agentname",
            "technician",
            "technicianname",
            "implementer",
            "implementor",
            "changeimplementer",
            "changeimplementor",
        ],
    ),
    (
        Field::Group,
        &[
            "assignmentgroup",
            "assignedtotechniciangroup",
            "group",
            "groupname",
            "agentgroup",
            "supportgroup",
            "team",
            "teamname",
            "workgroup",
        ],
    ),
    (
        Field::Services,
        &[
            "cmdbci",
            "configurationitem",
            "configurationitems",
            "affectedcis",
            "affectedci",
            "affectedconfigurationitems",
            "businessservice",
            "affectedservices",
            "servicesaffected",
            "affectedservice",
            "services",
            "service",
            "components",
            "component",
            "associatedassets",
            "assetsinvolved",
            "associatedelements",
            "functionalcis",
            "assets",
            "asset",
            "affectedsystems",
            "cis",
            "ci",
            "system",
        ],
    ),
    (Field::Environment, &["environment", "targetenvironment", "env"]),
    (
        Field::PlannedStart,
        &[
            "startdate",
            "plannedstartdate",
            "plannedstart",
            "plannedstarttime",
            "changestartdate",
            "scheduledstart",
            "scheduledstarttime",
            "scheduledstartdate",
            "plannedimplementationstart",
            "implementationstart",
            "taskplannedstartdate",
            "start",
            "starttime",
            "begin",
            "begindate",
            "from",
        ],
    ),
    (
        Field::PlannedEnd,
        &[
            "enddate",
            "plannedenddate",
            "plannedend",
            "plannedendtime",
            "changecompletiondate",
            "changeenddate",
            "scheduledend",
            "scheduledendtime",
            "scheduledenddate",
            "plannedimplementationend",
            "implementationend",
            "taskplannedenddate",
            "end",
            "endtime",
            "finish",
            "plannedfinish",
            "completiondate",
            "to",
        ],
    ),
    (Field::ActualStart, &["workstart", "actualstart", "actualstartdate", "actualstarttime"]),
    (Field::ActualEnd, &["workend", "actualend", "actualenddate", "actualendtime"]),
    (
        Field::OutageStart,
        &["downtimestart", "scheduleddowntimestart", "outagestart", "outagestartdate", "outagestarttime"],
    ),
    (
        Field::OutageEnd,
        &["downtimeend", "scheduleddowntimeend", "outageend", "outageenddate", "outageendtime"],
    ),
    (
        Field::SubmittedAt,
        &[
            "syscreatedon",
            "created",
            "createdtime",
            "createdat",
            "createdon",
            "createddate",
            "creationdate",
            "openedat",
            "opened",
            "openingdate",
            "submittedat",
            "submitdate",
        ],
    ),
    (
        Field::UpdatedAt,
        &[
            "sysupdatedon",
            "updated",
            "updatedat",
            "lastupdate",
            "lastupdated",
            "lastupdatedtime",
            "lastupdatetime",
            "lastmodified",
            "modified",
        ],
    ),
    (Field::ImplementationPlan, &["implementationplan", "rolloutplan", "deploymentplan"]),
    (Field::TestPlan, &["testplan", "validationplan"]),
    (
        Field::RollbackPlan,
        &["backoutplan", "rollbackplan", "fallbackplan", "fallback", "backupplan", "remediationplan"],
    ),
    (Field::RollbackMinutes, &["rollbackminutes"]),
    (Field::CommunicationPlan, &["communicationplan"]),
    (Field::SuccessCheck, &["successcheck", "successcriteria"]),
    (Field::Release, &["release", "releaseid", "fixversions", "fixversion"]),
    (Field::Template, &["template", "standardchangetemplate"]),
    (Field::Url, &["url", "link"]),
];

/// The columns by field; those that fill none.
pub struct Picked<'a> {
    pub id: Option<&'a Column>,
    /// In the order of the fields.
    pub fields: Vec<(Field, &'a Column)>,
    pub unused: Vec<&'a Column>,
}

/// A header as it is compared: `Custom field (Change risk)` and `change_risk` are both `changerisk`.
pub fn plain(header: &str) -> String {
    let lower = header.trim().to_lowercase();
    let inner =
        lower.strip_prefix("custom field (").and_then(|rest| rest.strip_suffix(')')).unwrap_or(&lower);
    inner.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The system whose export has these columns.
pub fn system(columns: &[Column]) -> Option<System> {
    let names: Vec<String> = columns.iter().map(|column| plain(&column.name)).collect();
    let has = |sign: &&str| names.iter().any(|name| name == sign);
    SIGNS.iter().find(|(_, signs)| signs.iter().all(&has)).map(|(system, _)| *system)
}

/// The best column of each field: of the names a field goes by, the first whose cells are of its kind.
pub fn pick(columns: &[Column], system: Option<System>) -> Picked<'_> {
    let named = |wanted: &str| columns.iter().find(|column| plain(&column.name) == wanted);
    let id = ID.iter().find_map(|wanted| named(wanted));
    let mut taken: Vec<&str> = id.iter().map(|column| column.name.as_str()).collect();
    let mut fields = Vec::new();
    for (field, names) in &NAMES {
        let free = names.iter().filter_map(|wanted| named(wanted));
        let free = free.filter(|column| !taken.contains(&column.name.as_str())).collect::<Vec<_>>();
        let fits = free.iter().find(|column| fits(*field, column, system));
        // Of a state or a risk in words nobody knows, every word counts as unknown; without it, it would pass as clean.
        let careful = matches!(field, Field::State | Field::Risk);
        let filled = || free.iter().find(|column| careful && !column.cells.is_empty());
        if let Some(column) = fits.or_else(filled) {
            taken.push(&column.name);
            fields.push((*field, *column));
        }
    }
    fields.sort_by_key(|(field, _)| *field);
    let unused = columns.iter().filter(|column| !taken.contains(&column.name.as_str())).collect();
    Picked { id, fields, unused }
}

/// Whether cells are what a field holds: a blank column fits none, a word must be read, times mostly.
fn fits(field: Field, column: &Column, system: Option<System>) -> bool {
    if column.cells.is_empty() {
        return false;
    }
    match field.shape() {
        Shape::Word => words::table(field, column, system).any(),
        Shape::Time => times::most(column),
        Shape::Number => column.cells.iter().all(|cell| cell.parse::<u32>().is_ok()),
        Shape::Text | Shape::List => true,
    }
}
