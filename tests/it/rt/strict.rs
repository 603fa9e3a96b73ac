//! Request Tracker 5 from memory, as 5.0.3 was seen to answer: TicketSQL, approval tickets, messages in base64.
//!
//! As strict as that: stamps in questions are not understood, a refused status is 200, an approval is seen only by
//! who names its type, a ticket needs its message's type, and a token is no bearer token.

use super::*;

mod sql;
mod traps;

/// Request Tracker with a queue of changes.
pub type Strict = Served<Desk>;

#[derive(Default)]
pub struct Desk {
    pub tickets: BTreeMap<u64, Ticket>,
    messages: Vec<Message>,
    /// Numbers of messages there were, whoever sent them.
    last: u64,
}

/// A ticket; of queue `Change`, or an approval in `___Approvals`.
#[derive(Default, Clone)]
pub struct Ticket {
    pub id: u64,
    pub queue: &'static str,
    pub kind: &'static str,
    pub subject: String,
    pub status: String,
    pub owner: &'static str,
    pub fields: Vec<(&'static str, Value)>,
    pub updated: i64,
    /// When it first left its initial status, for whatever other: RT calls that its start, also of one that is stalled.
    pub started: i64,
    /// What has to be resolved before it.
    pub depends_on: Vec<u64>,
}

/// A transaction of a ticket; without a text one of another kind.
struct Message {
    id: u64,
    ticket: u64,
    kind: &'static str,
    by: &'static str,
    at: i64,
    text: Option<(&'static str, String)>,
}

/// Token, number of the user, login.
const USERS: [(&str, u64, &str); 5] = [
    ("1-14-root-secret", 14, "root"),
    ("1-30-chair-secret", 30, "chair"),
    ("1-31-member-secret", 31, "member"),
    ("1-32-third-secret", 32, "third"),
    ("1-33-reader-secret", 33, "reader"),
];

fn refused(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "message": message }))
}

fn stamped(at: i64) -> String {
    ago(now() - at)
}

fn user(name: &str) -> Value {
    json!({ "id": name, "type": "user", "_url": format!("http://rt.invalid/REST/2.0/user/{name}") })
}

fn caller(asked: &Asked) -> Option<&'static str> {
    let header = asked.header("authorization")?;
    let known = |(token, _, name): &&(&str, u64, &'static str)| {
        header == format!("token {token}") || header == basic(name, &format!("{name}-pw-1"))
    };
    USERS.iter().find(known).map(|(_, _, name)| *name)
}

impl Desk {
    /// A change of a kind; one that is not standard waits for the approvals of these.
    pub fn raise(&mut self, kind: &str, approvers: &[&'static str]) -> u64 {
        let field = |name: &'static str, value: &str| (name, json!([value]));
        let id = self.open(Ticket {
            queue: "Change",
            kind: "ticket",
            subject: format!("A {kind} change"),
            fields: vec![field("Change Type", kind), field("Risk", "Low")],
            ..Ticket::default()
        });
        let asks = |owner| Ticket {
            queue: "___Approvals",
            kind: "approval",
            subject: format!("CAB decision by {owner} for #{id}"),
            owner,
            ..Ticket::default()
        };
        let asked: Vec<u64> = approvers.iter().map(|owner| self.open(asks(owner))).collect();
        self.tickets.get_mut(&id).unwrap().depends_on = asked;
        id
    }

    fn open(&mut self, ticket: Ticket) -> u64 {
        let id = self.tickets.keys().next_back().map_or(1, |last| last + 1);
        let (status, owner) =
            ("new".to_owned(), if ticket.owner.is_empty() { "Nobody" } else { ticket.owner });
        self.tickets.insert(id, Ticket { id, status, owner, updated: now(), ..ticket });
        self.tell(id, "Create", "root", Some(("text/plain", "why".to_owned())));
        id
    }

    /// A message, or without a text another transaction: both move the ticket.
    pub fn tell(
        &mut self,
        id: u64,
        kind: &'static str,
        by: &'static str,
        text: Option<(&'static str, String)>,
    ) {
        self.last += 1;
        self.messages.push(Message { id: self.last, ticket: id, kind, by, at: now(), text });
        self.tickets.get_mut(&id).unwrap().updated = now();
    }

    /// All messages of a ticket are moved back by so many seconds.
    pub fn age(&mut self, id: u64, seconds: i64) {
        self.messages.iter_mut().filter(|one| one.ticket == id).for_each(|one| one.at -= seconds);
    }

    fn etag(&self, id: u64) -> String {
        format!(
            "\"{}\"",
            self.messages.iter().filter(|one| one.ticket == id).map(|one| one.id).max().unwrap()
        )
    }

    pub fn approval(&self, change: u64, owner: &str) -> Option<&Ticket> {
        let asked = self.tickets.get(&change)?.depends_on.iter().filter_map(|id| self.tickets.get(id));
        asked.into_iter().find(|ticket| ticket.kind == "approval" && ticket.owner == owner)
    }

    /// A status as the lifecycle allows it, and what follows for the change and the other approvals.
    pub fn set_status(&mut self, id: u64, status: &str, by: &'static str) -> Option<String> {
        let ticket = self.tickets.get_mut(&id).unwrap();
        if !["new", "open", "stalled", "resolved", "rejected", "deleted"].contains(&status) {
            return Some(format!("Status '{status}' isn't a valid status for this ticket."));
        }
        if ticket.status == status {
            return None;
        }
        let before = std::mem::replace(&mut ticket.status, status.to_owned());
        if before == "new" && ticket.started == 0 && status != "deleted" {
            ticket.started = now();
        }
        let is_approval = ticket.kind == "approval";
        self.tell(id, "Status", by, None);
        if is_approval {
            self.roll_up(id, status);
        }
        Some(format!("Status changed from '{before}' to '{status}'"))
    }

    fn roll_up(&mut self, approval: u64, status: &str) {
        let waits = |ticket: &&Ticket| ticket.depends_on.contains(&approval);
        let Some(parent) = self.tickets.values().find(waits).cloned() else { return };
        let pending: Vec<u64> = parent.depends_on.iter().copied().filter(|id| self.is_pending(*id)).collect();
        match status {
            "resolved" if pending.is_empty() => {
                self.tell(
                    parent.id,
                    "Correspond",
                    "root",
                    Some(("text/plain", "All Approvals Passed".into())),
                );
                self.tickets.get_mut(&parent.id).unwrap().status = "open".to_owned();
            }
            "rejected" => {
                self.tell(parent.id, "Correspond", "root", Some(("text/plain", "Ticket Rejected".into())));
                for id in pending.into_iter().chain([parent.id]) {
                    let ticket = self.tickets.get_mut(&id).unwrap();
                    ticket.status = if id == parent.id { "rejected" } else { "deleted" }.to_owned();
                }
            }
            _ => {}
        }
    }

    fn is_pending(&self, id: u64) -> bool {
        matches!(self.tickets[&id].status.as_str(), "new" | "open" | "stalled")
    }

    fn answer(&mut self, asked: &Asked) -> Reply {
        let Some(me) = caller(asked) else { return refused(401, "Unauthorized") };
        let path = asked.path.strip_prefix("/REST/2.0/").unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let number = parts.get(1).and_then(|text| text.parse::<u64>().ok());
        match (asked.method.as_str(), parts.as_slice()) {
            ("GET", ["tickets"]) => self.search(asked),
            ("GET", ["queue", "Change"]) => Reply::json(200, &json!({ "id": 3, "Name": "Change" })),
            ("GET", ["user", _]) => match USERS.iter().find(|(_, id, _)| Some(*id) == number) {
                Some((_, id, name)) => Reply::json(200, &json!({ "id": id, "Name": name })),
                None => refused(404, "Not Found"),
            },
            ("GET", ["attachment", _]) => self.attachment(number),
            (method, ["ticket", _, rest @ ..]) => {
                let Some(id) = number.filter(|id| self.tickets.contains_key(id)) else {
                    return refused(404, "Not Found");
                };
                self.ticket(asked, me, (method, rest), id)
            }
            _ => refused(404, "Not Found"),
        }
    }

    fn ticket(&mut self, asked: &Asked, me: &'static str, what: (&str, &[&str]), id: u64) -> Reply {
        if asked.is_write() && asked.header("content-type") != Some("application/json") {
            return refused(415, "Unsupported Media Type");
        }
        if asked.is_write() && asked.header("if-match").is_some_and(|etag| etag != self.etag(id)) {
            return refused(412, "Precondition Failed");
        }
        match what {
            ("GET", []) => {
                let mut whole = self.columns(&self.tickets[&id], "Subject,Status,Owner,_hyperlinks", false);
                whole["id"] = json!(id);
                Reply::json(200, &whole).header("etag", self.etag(id))
            }
            ("GET", ["history"]) => self.history(asked, id),
            ("PUT", []) if me == "reader" => refused(403, "Forbidden"),
            ("PUT", []) => {
                let done = asked.json()["Status"].as_str().and_then(|status| self.set_status(id, status, me));
                // A refused status is 200 too.
                Reply::json(
                    200,
                    &json!(done.map(|said| format!("Ticket {id}: {said}")).into_iter().collect::<Vec<_>>()),
                )
            }
            ("POST", ["comment" | "correspond"]) if me == "reader" => refused(400, "Permission Denied"),
            ("POST", [kind @ ("comment" | "correspond")]) => {
                let body = asked.json();
                let Some(text) = body["Content"].as_str() else { return refused(400, "Bad Request") };
                let of = match body["ContentType"].as_str() {
                    Some("text/plain") => "text/plain",
                    Some("text/html") => "text/html",
                    _ => return refused(400, "ContentType is a required field for application/json"),
                };
                let kind = if *kind == "comment" { "Comment" } else { "Correspond" };
                self.tell(id, kind, me, Some((of, text.to_owned())));
                let mut said = vec![format!("{kind} added")];
                said.extend(body["Status"].as_str().and_then(|status| self.set_status(id, status, me)));
                Reply::json(201, &json!(said))
                    .header("location", format!("/REST/2.0/transaction/{}", self.last))
            }
            _ => refused(405, "Method Not Allowed"),
        }
    }

    /// The columns that are asked for, of a list or of one.
    fn columns(&self, ticket: &Ticket, fields: &str, expanded: bool) -> Value {
        let mut row = json!({ "id": ticket.id.to_string(), "type": "ticket",
            "_url": format!("http://rt.invalid/REST/2.0/ticket/{}", ticket.id) });
        for name in fields.split(',') {
            row[name] = match name {
                "Subject" => json!(ticket.subject),
                "Status" => json!(ticket.status),
                "Type" => json!(ticket.kind),
                "Owner" => {
                    let mut owner = user(ticket.owner);
                    if expanded {
                        owner["Name"] = json!(ticket.owner);
                    }
                    owner
                }
                "Requestor" => json!([]),
                // One without custom fields has an empty text.
                "CustomFields" if ticket.fields.is_empty() => json!(""),
                "CustomFields" => {
                    let field =
                        |(name, values): &(&str, Value)| json!({ "id": "4", "name": name, "values": values });
                    ticket.fields.iter().map(field).collect()
                }
                "Created" | "LastUpdated" => json!(stamped(ticket.updated)),
                "Resolved" if ticket.status == "resolved" => json!(stamped(ticket.updated)),
                "Started" => json!(stamped(ticket.started)),
                "Starts" | "Due" | "Resolved" => json!("1970-01-01T00:00:00Z"),
                "Priority" => json!("0"),
                "_hyperlinks" => self.links(ticket),
                other => panic!("{other} is no column"),
            };
        }
        row
    }

    fn links(&self, ticket: &Ticket) -> Value {
        let link = |kind: &str, id: u64| json!({ "ref": kind, "type": "ticket", "id": id.to_string() });
        let own = ticket.depends_on.iter().map(|id| link("depends-on", *id));
        let above = self.tickets.values().filter(|other| other.depends_on.contains(&ticket.id));
        own.chain(above.map(|other| link("depended-on-by", other.id))).collect()
    }

    fn search(&self, asked: &Asked) -> Reply {
        let query = asked.param("query").unwrap_or_default();
        let fits = match sql::read(query) {
            Ok(fits) => fits,
            Err(why) => return refused(400, &format!("{why} at /usr/share/rt/lib/RT/SQL.pm line 229.")),
        };
        let mut found: Vec<&Ticket> = self.tickets.values().filter(|ticket| fits(self, ticket)).collect();
        if asked.param("orderby") != Some("id") || asked.param("order") != Some("ASC") {
            found.sort_by_key(|ticket| (ticket.status.clone(), ticket.id));
        }
        let number = |name: &str, stock: usize| asked.param(name).map_or(stock, |text| text.parse().unwrap());
        let (page, size) = (number("page", 1).max(1), number("per_page", 20).clamp(1, 100));
        let fields = asked.param("fields");
        let expanded = asked.param("fields[Owner]").is_some_and(|names| names.contains("Name"));
        let bare = |ticket: &Ticket| json!({ "id": ticket.id.to_string(), "type": "ticket" });
        let row = |ticket: &&Ticket| {
            fields.map_or_else(|| bare(ticket), |names| self.columns(ticket, names, expanded))
        };
        let items: Vec<Value> = found.iter().skip((page - 1) * size).take(size).map(row).collect();
        Reply::json(
            200,
            &json!({ "count": items.len(), "total": found.len(), "page": page,
            "pages": found.len().div_ceil(size), "per_page": size, "items": items }),
        )
    }

    /// Pages without a total: who reads goes on until one is not full.
    fn history(&self, asked: &Asked, id: u64) -> Reply {
        let mut found: Vec<&Message> = self.messages.iter().filter(|one| one.ticket == id).collect();
        if asked.param("order") == Some("DESC") {
            found.reverse();
        }
        let number = |name: &str, stock: usize| asked.param(name).map_or(stock, |text| text.parse().unwrap());
        let (page, size) = (number("page", 1).max(1), number("per_page", 20).clamp(1, 100));
        let links = |one: &Message| {
            let part = json!({ "ref": "attachment", "_url": format!("http://rt.invalid/REST/2.0/attachment/{}", one.id) });
            let own = json!({ "ref": "self", "type": "transaction", "id": one.id });
            if one.text.is_some() { json!([own, part]) } else { json!([own]) }
        };
        let row = |one: &&Message| {
            json!({ "id": one.id.to_string(), "type": "transaction", "Type": one.kind,
            "Created": stamped(one.at), "Creator": user(one.by), "_hyperlinks": links(one) })
        };
        let items: Vec<Value> = found.iter().skip((page - 1) * size).take(size).map(row).collect();
        Reply::json(
            200,
            &json!({ "count": items.len(), "total": null, "pages": null, "per_page": size, "items": items }),
        )
    }

    fn attachment(&self, number: Option<u64>) -> Reply {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let found = self.messages.iter().find(|one| Some(one.id) == number);
        let Some((kind, text)) = found.and_then(|one| one.text.as_ref()) else {
            return refused(404, "Not Found");
        };
        Reply::json(
            200,
            &json!({ "id": number, "ContentType": kind, "Content": STANDARD.encode(text) + "\n" }),
        )
    }
}

impl Strict {
    fn id(native: &str) -> u64 {
        native.parse().unwrap()
    }

    /// Every text on a ticket but the first.
    fn said(&self, native: &str) -> usize {
        World::notes(self, native).len()
    }
}

impl World for Strict {
    const KIND: SourceKind = SourceKind::RequestTracker;

    fn start() -> Self {
        let mut desk = Desk::default();
        for _ in 0..4 {
            desk.raise("Standard", &[]);
        }
        desk.raise("Normal", &["chair", "member"]);
        Self::new(desk, Desk::answer)
    }

    fn setup(&self) -> Setup {
        Setup { select: Some("Change".into()), ..self.paged("rt", bearer("1-14-root-secret"), 2) }
    }

    fn lean(&self) -> Setup {
        let mut setup = self.setup();
        setup.options.insert("comments".into(), "no".into());
        setup
    }

    fn chair(&self) -> Person {
        Person { login: bearer("1-30-chair-secret"), names: &["chair", "chair@cab.test"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let desk = self.state();
        let shown = desk.tickets.values().filter(|one| one.queue == "Change" && one.status != "deleted");
        shown.map(|ticket| ticket.id.to_string()).collect()
    }

    fn create(&self) -> String {
        self.state().raise("Standard", &[]).to_string()
    }

    fn edit(&self, native: &str, title: &str) {
        let mut desk = self.state();
        desk.tickets.get_mut(&Self::id(native)).unwrap().subject = title.to_owned();
        desk.tell(Self::id(native), "Set", "root", None);
    }

    fn delete(&self, native: &str) -> bool {
        self.state().set_status(Self::id(native), "deleted", "root");
        true
    }

    fn run(&self) -> Option<Run> {
        let [ready, refused] = [(); 2].map(|()| self.state().raise("Standard", &[]).to_string());
        Some(Run {
            options: &[("started", "open"), ("ended", "resolved")],
            ready,
            statuses: ["open", "resolved"],
            // Answered with 200.
            refused: (refused, "working", "isn't a valid status"),
        })
    }

    fn hold(&self) -> Option<Hold> {
        Some(Hold {
            options: [("held", "stalled"), ("thawed", "new")],
            waits: [(); 3].map(|()| self.state().raise("Standard", &[]).to_string()),
            statuses: ["stalled", "new", "open"],
            refused: None,
        })
    }

    fn bring(&self, native: &str, status: &str) {
        self.state().set_status(Self::id(native), status, "root");
    }

    fn status(&self, native: &str) -> String {
        self.state().tickets[&Self::id(native)].status.clone()
    }

    fn votable(&self) -> Option<String> {
        Some(self.state().raise("Normal", &["chair", "member"]).to_string())
    }

    fn not_mine(&self) -> Option<String> {
        Some(self.state().raise("Normal", &["member"]).to_string())
    }

    fn decided_elsewhere(&self, native: &str) {
        let mut desk = self.state();
        let own = desk.approval(Self::id(native), "chair").unwrap().id;
        desk.set_status(own, "rejected", "chair");
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        Some(match self.state().approval(Self::id(native), "chair")?.status.as_str() {
            "resolved" => ApprovalAnswer::Approved,
            "rejected" => ApprovalAnswer::Rejected,
            _ => ApprovalAnswer::Requested,
        })
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let desk = self.state();
        let said = desk.messages.iter().filter(|one| one.ticket == Self::id(native) && one.kind != "Create");
        said.filter_map(|one| one.text.as_ref().map(|(_, text)| text.clone())).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        self.state().tell(Self::id(native), "Comment", "member", Some(("text/html", text.to_owned())));
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path.ends_with("/tickets")
            && asked.param("query").is_some_and(|query| query.starts_with("Queue = 'Change'"))
    }

    fn nothing(&self) -> Reply {
        Reply::json(
            200,
            &json!({ "count": 0, "total": 0, "page": 1, "pages": 0, "per_page": 2, "items": [] }),
        )
    }
}

crate::conforms!(Strict, Reply::json(201, &json!(["Comments added"])));
