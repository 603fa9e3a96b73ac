//! iTop by its REST/JSON service: routine, normal and emergency changes with their items and case log.
//!
//! Every answer is HTTP 200 and only its code counts; times are naive and of the server; a time it cannot read means
//! *everything*. It does not check who approves: a stimulus is sent only for the approver the change itself names, and
//! only where the settings allow votes at all.

mod incident; // incidents as records
mod record; // changes and log entries as records
mod write; // stimuli and the case log

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Adapter, AnyStatuses, AnyWhoAmI, AnyWriter, Listing, Page, Refusal, Row, Setup, SetupError, Wanted,
    client::Client, crawl, incident::Reads,
};
use crate::{
    calendar::Zone,
    model::{Id, Instant, RecordKind, Stored, text::clean_line},
    source::{
        Capabilities, DATES_STAY, NO_HOLD, Source,
        http::{Call, Http, Login},
    },
};

pub const README: &str = include_str!("itop/README.md");

const KINDS: &[RecordKind] = &[RecordKind::Change, RecordKind::Approval, RecordKind::Comment];
/// The same, and incidents.
const AND_INCIDENTS: &[RecordKind] =
    &[RecordKind::Change, RecordKind::Approval, RecordKind::Comment, RecordKind::Incident];
const OPTIONS: [&str; 9] = [
    "page_size",
    "votes",
    "approver",
    "started",
    "turned_back",
    "ended",
    "incidents",
    "incident_days",
    "incident_changes",
];
const NO_VOTES: &str = "iTop does not check who approves over REST, so votes stay in the board's own record; options.votes = \"named\" sends those of the approver a change names";

/// The source.
///
/// # Errors
/// What is wrong with its settings.
pub fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    let adapter = Itop::new(setup.clone())?;
    Ok(crawl::source(setup, adapter))
}

/// The adapter.
pub struct Itop {
    setup: Setup,
    client: Client,
    size: usize,
    votes: bool,
    /// `manager` or `supervisor`: whose decision a change waits for.
    approver: &'static str,
    /// None where no incidents are asked for.
    incidents: Option<Reads>,
}

#[derive(Deserialize)]
struct Envelope {
    code: i64,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    objects: Option<BTreeMap<String, Value>>,
}

/// An object of an answer.
#[derive(Debug, Deserialize)]
pub struct Object {
    class: String,
    key: String,
    #[serde(default)]
    fields: BTreeMap<String, Value>,
}

/// The person behind a user.
pub struct Contact {
    number: String,
    email: String,
    name: String,
}

/// What an answer brings: its objects, and how many there are in all.
struct Found {
    objects: Vec<Value>,
    total: Option<usize>,
}

impl Itop {
    fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.only(&OPTIONS)?;
        Ok(Self {
            client: Client::new(&setup),
            size: setup.number("page_size", 100, 1..=1000)?,
            votes: setup.choice("votes", &["no", "named"])? == "named",
            approver: setup.choice("approver", &["manager", "supervisor"])?,
            incidents: Reads::of(&setup)?,
            setup,
        })
    }

    fn call(&self, operation: &Value) -> Call {
        let field = |name: &str, value: String| (name.to_owned(), SecretString::from(value));
        Call::post(format!("{}/webservices/rest.php", self.setup.address))
            .form(vec![field("version", "1.3".to_owned()), field("json_data", operation.to_string())])
    }

    /// A secret without a user is a token of the module `authent-token`.
    fn login(login: &Login) -> Login {
        match login {
            Login::Bearer(token) => {
                Login::Header { name: "auth-token", value: token.expose_secret().to_owned().into() }
            }
            other => other.clone(),
        }
    }

    /// Reads, with retries.
    async fn ask(&self, operation: &Value) -> Result<Found, Refusal> {
        let answer = self.client.read(self.call(operation), &Self::login(&self.setup.login)).await?;
        opened(answer.read()?)
    }

    /// Writes, once.
    async fn tell(&self, operation: &Value, login: &Login) -> Result<(), Refusal> {
        let answer = self.client.write(self.call(operation), &Self::login(login)).await?;
        opened(answer.read()?).map(drop)
    }

    /// Objects of a class that fulfil a condition, newest first.
    async fn objects(&self, class: &str, fields: &str, condition: &str) -> Result<Found, Refusal> {
        self.ask(&json!({
            "operation": "core/get", "class": class, "key": format!("SELECT {class} WHERE {condition}"),
            "output_fields": fields, "limit": self.size, "page": 1,
        }))
        .await
    }

    /// Stamps are text of PHP's clock and are compared as text: SQL's NOW() is another clock.
    fn touched(&self, since: Instant) -> String {
        format!("last_update >= '{}'", self.setup.zone.local(since).format(record::STAMP))
    }

    /// A page of changes.
    async fn changes(&self, since: Option<Instant>, page: Option<&str>) -> Result<Page, Refusal> {
        let below = below(page);
        let moved = since.map(|since| format!(" AND {}", self.touched(since))).unwrap_or_default();
        let own = self.setup.select.as_deref().map(|own| format!(" AND ({own})")).unwrap_or_default();
        let found = self.objects("Change", "*+", &format!("id < {below}{moved}{own}")).await?;
        let (mut answer, objects) = self.read(found, page, "change");
        for object in &objects {
            match record::records(self, object) {
                Ok(records) => {
                    let updated = record::moved(&self.setup, object);
                    answer.rows.extend(records.into_iter().map(|record| {
                        let updated = updated.filter(|_| matches!(record, crate::model::Record::Change(_)));
                        Row { stored: self.setup.stored(record), updated }
                    }));
                }
                Err(fault) => answer.faults.push(fault),
            }
        }
        Ok(answer)
    }

    /// The objects of an answer, with a page that says what is wrong with some and by what the next is asked.
    fn read(&self, found: Found, page: Option<&str>, what: &str) -> (Page, Vec<Object>) {
        let full = found.objects.len() >= self.size;
        let mut answer = Page { total: found.total.filter(|_| page.is_none()), ..Page::default() };
        let objects: Vec<Object> = super::client::each(&self.setup, found.objects, what, &mut answer.faults);
        let lowest = objects.iter().filter_map(|object| object.key.parse().ok()).min();
        let next = lowest.filter(|lowest: &u64| full && *lowest < below(page));
        answer.next = next.map(|lowest| lowest.to_string());
        (answer, objects)
    }

    /// Who a credential is: the person its user is linked to; none where there is none, or it may not be seen.
    async fn contact(&self, login: &Login) -> Result<Option<Contact>, Refusal> {
        let operation = json!({
            "operation": "core/get", "class": "Person", "key": "SELECT Person WHERE id = :current_contact_id",
            "output_fields": "friendlyname,email",
        });
        let answer = self.client.read(self.call(&operation), &Self::login(login)).await?;
        let found = match opened(answer.read()?) {
            Ok(found) => found.objects,
            // The credential itself; everything else is of persons it may not see.
            Err(Refusal::Said(words)) if words.contains(BAD_LOGIN) => return Err(Refusal::Said(words)),
            Err(Refusal::Said(_)) => Vec::new(),
            Err(refusal @ (Refusal::Http(_) | Refusal::NotAsked(_) | Refusal::OddPage(_))) => {
                return Err(refusal);
            }
        };
        let [only] = &found[..] else { return Ok(None) };
        let Ok(object) = serde_json::from_value::<Object>(only.clone()) else { return Ok(None) };
        let (email, name) = (object.text("email").to_owned(), object.text("friendlyname").to_owned());
        Ok(Some(Contact { number: object.key, email, name }))
    }

    /// The number of a change.
    fn number(&self, item: &Id) -> Result<u64, Refusal> {
        let native = self.setup.native(item);
        native.parse().map_err(|_| Refusal::Said(format!("{item} is no change of {}", self.setup.id)))
    }

    /// One change.
    async fn one(&self, item: &Id) -> Result<Object, Refusal> {
        let number = self.number(item)?;
        let operation =
            json!({ "operation": "core/get", "class": "Change", "key": number, "output_fields": "*+" });
        let gone = || Refusal::Said(format!("change {number} is not there, or may not be seen"));
        let found = self.ask(&operation).await?.objects.pop().ok_or_else(gone)?;
        serde_json::from_value(found).map_err(|error| Refusal::Said(format!("change {number}: {error}")))
    }
}

/// The newest id first, and each page below the last id of the one before: nothing shifts.
fn below(page: Option<&str>) -> u64 {
    page.and_then(|page| page.parse().ok()).unwrap_or(u64::from(u32::MAX))
}

/// How a refusal begins that is of the credential itself.
const BAD_LOGIN: &str = "iTop refuses these credentials";

/// What an answer of HTTP 200 really says.
fn opened(envelope: Envelope) -> Result<Found, Refusal> {
    let words = told(&clean_line(envelope.message.as_deref().unwrap_or_default()));
    match envelope.code {
        0 => {
            let total = words.strip_prefix("Found:").and_then(|total| total.trim().parse().ok());
            let objects = envelope.objects.unwrap_or_default().into_values().collect();
            Ok(Found { objects, total })
        }
        // The same code: whoever may not log in at all, and a right on a class that is missing.
        1 if words.contains("enough permissions") => Err(Refusal::Said(format!(
            "{words} (code 1); give the account a profile that may, with the right to read or modify in bulk"
        ))),
        1 => Err(Refusal::Said(format!(
            "{BAD_LOGIN}: {words} (code 1); the account needs the profile REST Services User"
        ))),
        code => Err(Refusal::Said(format!("{words} (code {code})"))),
    }
}

/// The words of a message: it lists every field of a class after a condition it cannot read, and says twice what is wrong
/// with a value.
fn told(message: &str) -> String {
    const LONGEST: usize = 300;
    let of_value = message.split(": issues = {").next().unwrap_or(message);
    let said = of_value.split(", expecting {").next().unwrap_or(of_value).trim();
    match said.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", said[..end].trim_end()),
        None => said.to_owned(),
    }
}

impl Adapter for Itop {
    fn capabilities(&self) -> Capabilities {
        let votes = if self.votes { Ok(()) } else { Err(NO_VOTES) };
        Capabilities {
            reads: if self.incidents.is_some() { AND_INCIDENTS } else { KINDS },
            votes,
            comments: Ok(()),
            dates: Err(DATES_STAY),
            progress: self.setup.progress(),
            holds: Err(NO_HOLD),
        }
    }

    fn listings(&self) -> Vec<Listing> {
        let changes = Listing { name: "changes", kinds: KINDS, incremental: true };
        let incidents = Listing { name: "incidents", kinds: &[RecordKind::Incident], incremental: true };
        if self.incidents.is_some() { vec![changes, incidents] } else { vec![changes] }
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let Wanted { listing, since, page, .. } = wanted;
        match listing.name {
            "incidents" => self.incidents(since, page).await,
            _ => self.changes(since, page).await,
        }
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Some(self)
    }

    fn statuses(&mut self) -> Option<&mut dyn AnyStatuses> {
        Some(self)
    }

    fn who_am_i(&mut self) -> Option<&mut dyn AnyWhoAmI> {
        Some(self)
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let object = self.one(item).await?;
        let records = record::records(self, &object)?;
        Ok(self.setup.stored_all(records))
    }

    fn http(&self) -> Option<&Http> {
        self.client.built()
    }

    fn unsaid_zone(&self) -> Option<Zone> {
        Some(self.setup.zone)
    }
}
