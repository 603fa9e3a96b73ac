//! Freshservice as its contract says it is: pages by when something moved, approvals that can only be cancelled.

mod traps;

use crate::world::*;

pub type Fresh = Served<Desk>;

#[derive(Default)]
pub struct Desk {
    changes: Vec<Value>,
    releases: Vec<Value>,
    notes: BTreeMap<i64, Vec<Value>>,
    approvals: BTreeMap<i64, Vec<Value>>,
    agents: Vec<Value>,
    hides_agents: bool,
    ignores_since: bool,
}

/// Key, agent.
const KEYS: [(&str, i64); 3] = [("key-q", 70), ("key-c", 71), ("key-o", 72)];

fn change(id: i64) -> Value {
    json!({ "id": id, "workspace_id": 2, "subject": format!("Change {id}"), "status": 3, "risk": 3, "impact": 2,
        "change_type": 1, "approval_status": 0, "agent_id": 71, "requester_id": 22, "description": "<div>why</div>",
        "created_at": ago(90_000), "updated_at": ago(86_400 - id * 60), "custom_fields": {}, "planning_fields": {} })
}

fn denied(status: u16, code: &str) -> Reply {
    Reply::json(status, &json!({ "code": code, "message": format!("{code}.") }))
}

fn invalid(field: &str, message: &str) -> Reply {
    let error = json!({ "field": field, "message": message, "code": "invalid_value" });
    Reply::json(400, &json!({ "description": "Validation failed", "errors": [error] }))
}

fn caller(asked: &Asked) -> Option<i64> {
    let header = asked.header("authorization")?;
    KEYS.iter().find_map(|(key, agent)| {
        (header == basic(key, "X") || header == format!("Bearer {key}")).then_some(*agent)
    })
}

/// A page, with the header that names the next one.
fn page(asked: &Asked, name: &str, all: &[Value]) -> Reply {
    let number = |name: &str, stock: usize| asked.param(name).map_or(stock, |text| text.parse().unwrap());
    let (page, size) = (number("page", 1), number("per_page", 30));
    if size > 100 || page == 0 {
        return invalid("per_page", "It should be a number from 1 to 100");
    }
    let rows: Vec<&Value> = all.iter().skip((page - 1) * size).take(size).collect();
    let reply = Reply::json(200, &json!({ name: rows })).header("x-ratelimit-remaining", "300");
    if page * size < all.len() {
        reply.header("link", "<https://elsewhere.invalid/api/v2/changes?page=2>; rel=\"next\"")
    } else {
        reply
    }
}

fn changes(desk: &Desk, asked: &Asked) -> Reply {
    let known = ["updated_since", "order_by", "order_type", "page", "per_page", "workspace_id", "query"];
    if let Some((name, _)) = asked.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        return invalid(name, "Unexpected/invalid field in request");
    }
    let since = asked.param("updated_since").unwrap_or_default();
    if chrono::DateTime::parse_from_rfc3339(since).is_err() {
        return invalid("updated_since", "It should be a valid date");
    }
    let mut found: Vec<Value> = desk.changes.clone();
    found.retain(|change| desk.ignores_since || change["updated_at"].as_str().unwrap() >= since);
    if let Some(query) = asked.param("query") {
        let risk = query.strip_prefix("\"risk:").and_then(|rest| rest.strip_suffix('"')).unwrap();
        found.retain(|change| change["risk"] == risk.parse::<u64>().unwrap());
    }
    found.sort_by_key(|change| change["updated_at"].as_str().unwrap().to_owned());
    if asked.param("order_type") != Some("asc") || asked.param("order_by") != Some("updated_at") {
        found.reverse();
    }
    // Rows of the list have no plans and no fields of their own: only the change alone has.
    for change in &mut found {
        let fields = change.as_object_mut().unwrap();
        fields.retain(|name, _| !matches!(name.as_str(), "planning_fields" | "custom_fields"));
    }
    page(asked, "changes", &found)
}

fn take_note(desk: &mut Desk, id: i64, agent: i64, body: &Value) -> Reply {
    if body.as_object().is_none_or(|fields| fields.keys().any(|key| key != "body"))
        || !body["body"].is_string()
    {
        return invalid("body", "Unexpected/invalid field in request");
    }
    let notes = desk.notes.entry(id).or_default();
    let html = body["body"].as_str().unwrap();
    let made = json!({ "id": 500 + notes.len(), "user_id": agent, "body": html, "body_text": markup::html(html),
        "created_at": ago(0), "updated_at": ago(0) });
    notes.push(made.clone());
    Reply::json(201, &json!({ "note": made }))
}

fn answer(desk: &mut Desk, asked: &Asked) -> Reply {
    let Some(agent) = caller(asked) else { return denied(401, "invalid_credentials") };
    if asked.header("accept") != Some("application/json") {
        return denied(406, "invalid_accept");
    }
    if asked.is_write() && asked.header("content-type") != Some("application/json") {
        return denied(415, "invalid_content_type");
    }
    let path: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    let of = |id: &str| id.parse::<i64>().unwrap_or_default();
    match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["api", "v2", "changes"]) => changes(desk, asked),
        ("GET", ["api", "v2", "releases"]) => page(asked, "releases", &desk.releases),
        ("GET", ["api", "v2", "agents"]) if desk.hides_agents => denied(403, "access_denied"),
        ("GET", ["api", "v2", "agents"]) => page(asked, "agents", &desk.agents),
        (method, ["api", "v2", "changes", id, rest @ ..]) => {
            let id = of(id);
            let Some(found) = desk.changes.iter().find(|change| change["id"] == id) else {
                return Reply::empty(404);
            };
            match (method, rest) {
                ("GET", []) => Reply::json(200, &json!({ "change": found })),
                ("GET", ["notes"]) => page(asked, "notes", desk.notes.get(&id).map_or(&[], Vec::as_slice)),
                ("GET", ["approvals"]) => {
                    page(asked, "approvals", desk.approvals.get(&id).map_or(&[], Vec::as_slice))
                }
                ("POST", ["notes"]) => take_note(desk, id, agent, &asked.json()),
                ("PUT", ["approvals", _]) => {
                    invalid("approval_status", "It should be one of these values: '3'")
                }
                _ => denied(405, "method_not_allowed"),
            }
        }
        _ => Reply::empty(404),
    }
}

impl Fresh {
    fn set(&self, id: i64, fields: Value) {
        overwrite(self.state().changes.iter_mut().find(|change| change["id"] == id).unwrap(), fields);
    }
}

fn id_of(native: &str) -> i64 {
    native.strip_prefix("CHN-").unwrap().parse().unwrap()
}

impl World for Fresh {
    const KIND: SourceKind = SourceKind::Freshservice;

    fn start() -> Self {
        let mut desk = Desk { changes: (1..=7).map(change).collect(), ..Desk::default() };
        desk.agents = [(70, "quorate"), (71, "m.ortiz"), (72, "other")]
            .map(|(id, name)| json!({ "id": id, "email": format!("{name}@example.com") }))
            .to_vec();
        Self::new(desk, answer)
    }

    fn setup(&self) -> Setup {
        self.paged("fresh", bearer("key-q"), 2)
    }

    fn chair(&self) -> Person {
        Person { login: bearer("key-c"), names: &["m.ortiz@example.com"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        self.state().changes.iter().map(|change| format!("CHN-{}", change["id"])).collect()
    }

    fn create(&self) -> String {
        let mut made = change(9);
        made["updated_at"] = json!(ago(0));
        self.state().changes.push(made);
        "CHN-9".into()
    }

    fn edit(&self, native: &str, title: &str) {
        self.set(id_of(native), json!({ "subject": title, "updated_at": ago(0) }));
    }

    fn delete(&self, native: &str) -> bool {
        self.state().changes.retain(|change| change["id"] != id_of(native));
        true
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let desk = self.state();
        let notes = desk.notes.get(&id_of(native)).into_iter().flatten();
        notes.map(|note| note["body_text"].as_str().unwrap().to_owned()).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let body = json!({ "body": format!("<div>{}</div>", markup::to_html(text)) });
        take_note(&mut self.state(), id_of(native), 72, &body);
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path == "/api/v2/changes"
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "changes": [] }))
    }
}

conforms!(Fresh, Reply::json(201, &json!({ "note": { "id": 1 } })));
