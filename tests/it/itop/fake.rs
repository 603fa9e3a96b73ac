//! The fake: it answers 200 to everything, as the real one does, and knows its lifecycle.

use serde_json::Map;

use super::*;

/// Changes, and two clocks: iTop writes stamps by PHP's, SQL's `NOW()` is the database's.
#[derive(Default)]
pub struct Server {
    pub changes: Vec<Change>,
    /// Incidents by their fields, and when each last moved; none where the account may not read them.
    pub incidents: Option<Vec<(Value, i64)>>,
    /// Who may read nothing of persons.
    pub blind: &'static str,
    /// Seconds that PHP's wall clock is ahead of UTC.
    pub php: i64,
    /// And the database's.
    pub db: i64,
}

/// Plain text, as every text but the description and the log.
pub const FALLBACK: &str = "if <node 2> is down\nrestore a & b";

/// The zone of PHP, +05:30.
pub const ZONE: (&str, i64) = ("Asia/Kolkata", 19_800);

#[derive(Clone)]
pub struct Change {
    pub id: u64,
    pub class: &'static str,
    pub title: String,
    pub status: &'static str,
    pub manager: &'static str,
    pub description: &'static str,
    pub moved: i64,
    pub approval: String,
    pub reason: String,
    pub log: Vec<(String, String)>,
}

/// A wall clock that is so many seconds ahead of UTC.
pub fn wall(secs: i64, ahead: i64) -> String {
    chrono::DateTime::from_timestamp(secs + ahead, 0).unwrap().format("%Y-%m-%d %H:%M:%S").to_string()
}

pub fn said(code: i64, message: &str) -> Reply {
    Reply::json(200, &json!({ "code": code, "message": message }))
}

/// A right that is missing has the code of a login that is wrong.
pub fn may_not(what: &str, class: &str) -> Reply {
    said(1, &format!("The current user does not have enough permissions for {what} data of class {class}"))
}

pub fn operation(asked: &Asked) -> Option<Value> {
    let form = reqwest::Url::parse(&format!("http://x/?{}", String::from_utf8_lossy(&asked.body))).ok()?;
    let field =
        |name: &str| form.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    field("version")?;
    serde_json::from_str(&field("json_data")?).ok()
}

/// The user of basic authentication.
pub fn user(asked: &Asked) -> Option<&'static str> {
    let of = |name: &'static str| asked.header("authorization") == Some(&basic(name, &format!("{name}-pw")));
    let token = |name: &&'static str| asked.header("auth-token") == Some(&format!("{name}-token"));
    let names = ["bot", "chair", "member"].into_iter();
    names.clone().find(|name| of(name)).or_else(|| names.clone().find(token))
}

pub fn answer(state: &mut Server, asked: &Asked) -> Reply {
    if asked.path != "/webservices/rest.php" {
        return Reply::new(404, "text/html", "<html>");
    }
    let form = asked.header("content-type") == Some("application/x-www-form-urlencoded");
    let Some(operation) = operation(asked).filter(|_| form) else {
        return said(3, "Error: Missing parameter 'json_data'");
    };
    let Some(user) = user(asked) else { return said(1, "Error: Invalid login") };
    if operation["class"] == "Person" && user == state.blind {
        return may_not("reading", "Person");
    }
    if operation["class"] == "Person" {
        return contact(&operation, user);
    }
    if operation["class"] == "Incident" {
        return incidents::get(state, &operation);
    }
    match operation["operation"].as_str().unwrap_or_default() {
        "core/get" => get(state, &operation),
        "core/update" | "core/apply_stimulus" if operation["comment"].as_str().is_none() => {
            said(100, "Error: Missing parameter 'comment'")
        }
        "core/update" => update(&mut state.changes, &operation, user),
        "core/apply_stimulus" => stimulus(&mut state.changes, &operation, user),
        other => said(11, &format!("Unknown operation '{other}'")),
    }
}

/// Who a user is linked to: the OQL knows it, and the board's account is linked to nobody.
pub fn contact(operation: &Value, user: &str) -> Reply {
    assert_eq!(operation["key"], "SELECT Person WHERE id = :current_contact_id");
    let (id, email) = match user {
        // This one has no address there.
        "chair" => ("7", ""),
        "member" => ("8", "member@cab.test"),
        _ => return Reply::json(200, &json!({ "code": 0, "message": "Found: 0", "objects": null })),
    };
    let fields = json!({ "friendlyname": format!("{user} of the board"), "email": email });
    let person = json!({ "code": 0, "message": "", "class": "Person", "key": id, "fields": fields });
    Reply::json(
        200,
        &json!({ "code": 0, "message": "Found: 1", "objects": { (format!("Person::{id}")): person } }),
    )
}

pub fn get(state: &Server, operation: &Value) -> Reply {
    assert_eq!(
        (operation["class"].as_str(), operation["output_fields"].as_str()),
        (Some("Change"), Some("*+"))
    );
    let mut found: Vec<&Change> = match &operation["key"] {
        Value::Number(id) => state.changes.iter().filter(|one| Some(one.id) == id.as_u64()).collect(),
        Value::String(oql) => {
            let rest = oql.strip_prefix("SELECT Change WHERE id < ").expect("the OQL this fake knows");
            let (below, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let below: u64 = below.parse().unwrap();
            let since = since(state, rest);
            let stamp = |one: &Change| wall(one.moved, state.php);
            state.changes.iter().filter(|one| one.id < below && stamp(one) >= since).collect()
        }
        _ => return said(100, "Error: key"),
    };
    found.sort_by_key(|one| std::cmp::Reverse(one.id));
    let total = found.len();
    let limit = operation["limit"].as_u64().map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
    let objects: Map<String, Value> = found
        .into_iter()
        .take(limit)
        .map(|one| (format!("{}::{}", one.class, one.id), one.json(state.php)))
        .collect();
    // Null, not an empty object.
    let objects = if objects.is_empty() { Value::Null } else { Value::Object(objects) };
    Reply::json(200, &json!({ "code": 0, "message": format!("Found: {total}"), "objects": objects }))
}

/// The text that stamps are compared with, as texts: a literal, or what the database's own clock makes of its words.
pub fn since(state: &Server, condition: &str) -> String {
    if condition.is_empty() {
        return String::new();
    }
    let within = |(start, end): (&str, &str)| {
        condition.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).map(str::to_owned)
    };
    if let Some(minutes) = within(("AND last_update > DATE_SUB(NOW(), INTERVAL ", " MINUTE)")) {
        return wall(now() - minutes.parse::<i64>().unwrap() * 60, state.db);
    }
    let literal = within(("AND last_update >= '", "'")).expect("the OQL this fake knows");
    let read = chrono::NaiveDateTime::parse_from_str(&literal, "%Y-%m-%d %H:%M:%S");
    // What is no time finds everything.
    if read.is_ok() && literal.len() == 19 { literal } else { String::new() }
}

pub fn one<'a>(state: &'a mut [Change], operation: &Value) -> Option<&'a mut Change> {
    let id = operation["key"].as_u64()?;
    state.iter_mut().find(|one| one.id == id)
}

pub fn done(one: &Change) -> Reply {
    let object = json!({ (format!("{}::{}", one.class, one.id)): { "code": 0, "message": "updated", "class": one.class,
        "key": one.id.to_string(), "fields": { "status": one.status } } });
    Reply::json(200, &json!({ "code": 0, "message": null, "objects": object }))
}

pub fn update(state: &mut [Change], operation: &Value, user: &str) -> Reply {
    let Some(one) = one(state, operation) else { return said(100, "Error: No item found with criteria") };
    let item = &operation["fields"]["private_log"]["add_item"];
    assert_eq!(item["format"], "text", "text, or it would be HTML; and never a list, which replaces the log");
    one.log.push((user.to_owned(), item["message"].as_str().unwrap().to_owned()));
    one.moved = now();
    done(one)
}

/// What is wrong with the fields of a stimulus: names that the class does not have, and texts that are too long for it.
pub fn wrong(class: &str, fields: &Map<String, Value>) -> Option<Reply> {
    let simple = class == "Change";
    for (name, value) in fields {
        let long = match (name.as_str(), simple) {
            ("approval_comment" | "reason", false) => 255,
            ("reject_reason", true) => 65_535,
            ("approval_date" | "private_log", _) => continue,
            _ => return Some(said(100, &format!("Error: {name}: Unknown attribute"))),
        };
        let found = value.as_str().unwrap().chars().count();
        if found > long {
            let why = format!(
                "Unexpected value for attribute '{name}' ({name}) : String too long (found {found}, limited to {long})"
            );
            return Some(said(100, &format!("Error: {why}: issues = {{0=>{why}}}, class = {class}, id = 1")));
        }
    }
    None
}

pub fn stimulus(state: &mut [Change], operation: &Value, user: &str) -> Reply {
    let class = operation["class"].as_str().unwrap_or_default().to_owned();
    let Some(one) = one(state, operation) else { return said(100, "Error: No item found with criteria") };
    let name = operation["stimulus"].as_str().unwrap_or_default();
    let text = |field: &str| operation["fields"][field].as_str().unwrap_or_default().to_owned();
    if let Some(refused) = operation["fields"].as_object().and_then(|fields| wrong(one.class, fields)) {
        return refused;
    }
    let work = match (one.status, name, one.class) {
        ("approved", "ev_finish", "Change") => Some("closed"),
        (_, _, "Change") => None,
        ("approved", "ev_implement", _) | ("plannedscheduled", "ev_implement", "RoutineChange") => {
            Some("implemented")
        }
        ("implemented", "ev_monitor", _) => Some("monitored"),
        ("implemented" | "monitored", "ev_finish", _) => Some("closed"),
        _ => None,
    };
    if let Some(to) = work.filter(|_| class == one.class && operation["fields"].is_object()) {
        (one.status, one.moved) = (to, now());
        return done(one);
    }
    let waits = if one.class == "Change" { "planned" } else { "plannedscheduled" };
    if one.status != waits || one.class == "RoutineChange" || class != one.class {
        let (id, status) = (one.id, one.status);
        return said(100, &format!("Invalid stimulus: '{name}' on the object C-{id} in state '{status}'"));
    }
    match name {
        // It fills in the date by itself, and asks for nothing.
        "ev_approve" if class == "Change" => {
            one.status = "approved";
            let log = &operation["fields"]["private_log"]["add_item"];
            one.log.extend(log["message"].as_str().map(|text| (user.to_owned(), text.to_owned())));
        }
        "ev_reject" if class == "Change" && !text("reject_reason").is_empty() => {
            (one.status, one.reason) = ("rejected", text("reject_reason"));
        }
        _ if class == "Change" => {
            return said(100, "Missing mandatory attribute(s) for applying the stimulus: reject_reason.");
        }
        "ev_approve" if text("approval_date").len() == 19 && !text("approval_comment").is_empty() => {
            (one.status, one.approval) = ("approved", text("approval_comment"));
        }
        "ev_notapprove" if !text("reason").is_empty() => {
            (one.status, one.reason) = ("notapproved", text("reason"))
        }
        "ev_approve" | "ev_notapprove" => {
            return said(
                100,
                "Missing mandatory attribute(s) for applying the stimulus: approval_date, approval_comment.",
            );
        }
        _ => return said(100, &format!("Invalid stimulus: '{name}'")),
    }
    one.moved = now();
    done(one)
}

impl Change {
    fn json(&self, php: i64) -> Value {
        let mut object = self.itil(php);
        if self.class == "Change" {
            let fields = object["fields"].as_object_mut().unwrap();
            fields.retain(|name, _| {
                !["manager", "approval_comment", "reason", "fallback", "impact"]
                    .iter()
                    .any(|itil| name.starts_with(itil))
            });
            overwrite(
                &mut object["fields"],
                json!({ "reject_reason": self.reason, "fallback_plan": FALLBACK, "changemanager_id": "7",
                    "changemanager_email": self.manager, "changemanager_id_friendlyname": "Chair Tester" }),
            );
        }
        object
    }

    fn itil(&self, php: i64) -> Value {
        let local = |secs: i64| wall(secs, php);
        let entries: Vec<Value> = self
            .log
            .iter()
            .map(|(user, text)| {
                let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                json!({ "date": local(now()), "user_login": user, "user_id": "2", "message": text, "message_html": html })
            })
            .collect();
        json!({ "code": 0, "message": "", "class": self.class, "key": self.id.to_string(), "fields": {
            "id": self.id.to_string(), "ref": format!("C-{:06}", self.id), "title": self.title, "status": self.status,
            "description": self.description, "reason": self.reason, "fallback": FALLBACK,
            "start_date": "2026-12-02 22:00:00", "end_date": "2026-12-02 23:30:00", "outage": "yes", "impact": format!("node {} down", self.id),
            "last_update": local(self.moved), "creation_date": local(self.moved - 60), "close_date": "2026-12-04 09:00:00", "approval_date": "",
            "approval_comment": self.approval, "manager_email": self.manager, "manager_id": if self.id == 2 { "8" } else { "7" }, "manager_id_friendlyname": "Chair Tester", "manager_group_name": "CAB", "agent_id": "42",
            "agent_name": "Tester", "agent_id_friendlyname": "Imp Tester", "requestor_id": "0", "requestor_email": "",
            "requestor_id_friendlyname": " ", "caller_id": "43", "caller_id_friendlyname": "Ana Ruiz", "team_name": " ",
            "functionalcis_list": [{ "functionalci_id": "4", "functionalci_name": "db01", "impact_code": "manual" },
                { "functionalci_id": "5", "functionalci_name": "web01", "impact_code": "not_impacted" }],
            "private_log": { "entries": entries } } })
    }
}
