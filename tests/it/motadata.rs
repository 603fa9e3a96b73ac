//! Motadata `ServiceOps`, as its contract says it is: one way to search, no way to approve.

mod traps;

use crate::world::*;

pub type Motadata = Served<Ops>;

/// What the server has, and how odd it is.
#[derive(Default)]
pub struct Ops {
    changes: Vec<Value>,
    releases: Vec<Value>,
    /// With the change it is of.
    notes: Vec<(i64, Value)>,
    ignores_paging: bool,
    tells_no_total: bool,
    knows_no_updated: bool,
    knows_no_releases: bool,
    /// Tokens that are good.
    tokens: Vec<String>,
    granted: usize,
}

const KEYS: [(&str, &str); 2] = [("k%2Fquorate", "quorate"), ("k%2Fchair", "chair")];

fn millis(seconds_ago: i64) -> i64 {
    (now() - seconds_ago) * 1000
}

fn no(status: u16, code: &str) -> Reply {
    Reply::json(status, &json!({ "error": code, "code": status, "status": "FAILED" }))
}

fn change(id: i64) -> Value {
    json!({ "id": id, "name": format!("CHG-{id}"), "subject": format!("Change {id}"), "statusName": "Approval",
        "approvalStatus": "pending", "changeType": "Significant", "riskType": "High", "startDate": millis(-90_000),
        "endDate": millis(-97_200), "createdTime": millis(90_000), "updatedTime": millis(86_400) })
}

/// `Tue, Mar 03, 2026 02:05 pm`.
fn spoken(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%a, %b %d, %Y %I:%M %P").to_string()
}

fn caller(state: &Ops, asked: &Asked) -> Option<String> {
    let header = asked.header("authorization")?;
    if let Some(token) = header.strip_prefix("Bearer ") {
        return state.tokens.iter().find(|known| *known == token).map(|_| "quorate".into());
    }
    let key = header.strip_prefix("Apikey ")?;
    KEYS.iter().find(|(known, _)| *known == key).map(|(_, who)| (*who).to_owned())
}

fn grant(state: &mut Ops, asked: &Asked) -> Reply {
    let client = basic("client-1", "cs-1");
    if asked.header("authorization") != Some(&client) {
        return no(401, "invalid_client");
    }
    let kind = asked.header("content-type").unwrap_or_default();
    let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") else {
        return no(415, "multipart/form-data is wanted");
    };
    let body = String::from_utf8(asked.body.to_vec()).unwrap();
    assert!(body.ends_with(&format!("--{boundary}--\r\n")), "{body:?}");
    let mut fields: Vec<(String, String)> = Vec::new();
    for part in body.split(&format!("--{boundary}\r\n")).skip(1) {
        let (head, value) = part.split_once("\r\n\r\n").unwrap();
        let name = head.split("name=\"").nth(1).unwrap().trim_end_matches('"');
        fields.push((name.into(), value.split("\r\n").next().unwrap().into()));
    }
    let has = |name: &str, value: &str| fields.contains(&(name.into(), value.into()));
    if !has("grant_type", "password") || !has("username", "quorate") || !has("password", "pass word") {
        return Reply::json(
            400,
            &json!({ "error": "invalid_grant", "error_description": "Bad credentials" }),
        );
    }
    state.granted += 1;
    let token = format!("t{}", state.granted);
    state.tokens = vec![token.clone()];
    Reply::json(200, &json!({ "access_token": token, "token_type": "bearer", "expires_in": 3600 }))
}

/// The one relation that is asked for: key, operator, value.
fn relation(asked: &Asked) -> Option<(String, String, Value)> {
    let body = asked.json();
    let details = &body["qualDetails"];
    let quals = details["quals"].as_array()?;
    let qual = quals.first()?;
    let left = qual["leftOperand"]["type"].as_str()?;
    let fits = body.as_object()?.len() == 1
        && details["type"] == "FlatQualificationRest"
        && quals.len() == 1
        && qual["type"] == "RelationalQualificationRest"
        && matches!(left, "DbOperandRest" | "PropertyOperandRest")
        && qual["rightOperand"]["type"] == "ValueOperandRest";
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let value = qual["rightOperand"]["value"].clone();
    fits.then(|| Some((text(&qual["leftOperand"]["key"])?, text(&qual["operator"])?, value)))?
}

fn search(state: &Ops, asked: &Asked, all: &[Value]) -> Reply {
    let Some((key, operator, value)) = relation(asked) else {
        return no(400, "cannot read the qualification");
    };
    let kind = value["type"].as_str().unwrap_or_default();
    let ids = value["value"].as_array().cloned().unwrap_or_default();
    let keep: Box<dyn Fn(&Value) -> bool> = match (key.as_str(), operator.as_str(), kind) {
        ("id", "not_in", "ListLongValueRest") => Box::new(|row| !ids.contains(&row["id"])),
        ("id", "in", "ListLongValueRest") => Box::new(|row| ids.contains(&row["id"])),
        ("updatedTime", "GreaterThanOrEqual", "LongValueRest") if !state.knows_no_updated => {
            Box::new(|row| row["updatedTime"].as_i64() >= value["value"].as_i64())
        }
        (".conversation.conversationType", "equal", "EnumValueRest") => {
            Box::new(|row| row["conversationType"] == value["value"])
        }
        _ => return no(400, "unknown operator, key or value"),
    };
    let mut found: Vec<Value> = all.iter().filter(|row| keep(row)).cloned().collect();
    // The newest first, as in the samples.
    found.sort_by_key(|row| std::cmp::Reverse(row["id"].as_i64()));
    let total = found.len();
    let number = |name: &str| asked.param(name).unwrap().parse::<usize>().unwrap();
    if !state.ignores_paging {
        found = found.into_iter().skip(number("offset")).take(number("size")).collect();
    }
    let body = if state.tells_no_total {
        json!({ "objectList": found })
    } else {
        json!({ "objectList": found, "totalCount": total })
    };
    Reply::json(200, &body)
}

fn converse(state: &mut Ops, who: &str, id: i64, body: &Value) -> Reply {
    let kind = body["conversationType"].as_str().unwrap_or_default();
    let known = ["conversationType", "conversationState", "subject", "details"];
    let fits = body.as_object().is_some_and(|fields| fields.keys().all(|key| known.contains(&key.as_str())));
    if !matches!(kind, "note" | "collaborate") || !fits || !body["details"].is_string() {
        return no(400, "not a conversation");
    }
    if !state.changes.iter().any(|change| change["id"] == id) {
        return no(404, "no such change");
    }
    let mut made = body.clone();
    made["id"] = json!(state.notes.len() + 70);
    made["createdByName"] = json!(who);
    made["createdTime"] = json!(spoken(chrono::Utc::now()));
    state.notes.push((id, made.clone()));
    Reply::json(200, &made)
}

fn answer(state: &mut Ops, asked: &Asked) -> Reply {
    if asked.method != "POST" {
        return no(405, "method not allowed");
    }
    if asked.header("accept") != Some("application/json") {
        return no(406, "not acceptable");
    }
    if asked.path == "/api/oauth/token" {
        return grant(state, asked);
    }
    let Some(who) = caller(state, asked) else { return no(401, "unauthorized") };
    if asked.header("content-type") != Some("application/json") {
        return no(415, "unsupported media type");
    }
    let path: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    match path.as_slice() {
        ["api", "v1", "change", "search", "byqual"] => search(state, asked, &state.changes),
        ["api", "v1", "release", "search", "byqual"] if !state.knows_no_releases => {
            search(state, asked, &state.releases)
        }
        ["api", "v1", "change", id, "conversation", "search", "byqual"] => {
            let id: i64 = id.parse().unwrap();
            let own: Vec<Value> =
                state.notes.iter().filter(|(of, _)| *of == id).map(|(_, note)| note.clone()).collect();
            search(state, asked, &own)
        }
        ["api", "v1", "change", id, "conversation"] => {
            converse(state, &who, id.parse().unwrap(), &asked.json())
        }
        _ => no(404, "not found"),
    }
}

fn id_of(native: &str) -> i64 {
    native.rsplit('-').next().unwrap().parse().unwrap()
}

impl World for Motadata {
    const KIND: SourceKind = SourceKind::Motadata;
    const RESET: &'static str = "300000";

    fn start() -> Self {
        Self::new(Ops { changes: (1..=9).map(change).collect(), ..Ops::default() }, answer)
    }

    fn setup(&self) -> Setup {
        self.paged("ops", bearer("k%2Fquorate"), 4)
    }

    fn chair(&self) -> Person {
        Person { login: bearer("k%2Fchair"), names: &["chair"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let state = self.state();
        state.changes.iter().map(|change| change["name"].as_str().unwrap().to_owned()).collect()
    }

    fn create(&self) -> String {
        let mut made = change(10);
        made["updatedTime"] = json!(millis(0));
        self.state().changes.push(made);
        "CHG-10".into()
    }

    fn edit(&self, native: &str, title: &str) {
        let mut state = self.state();
        let change = state.changes.iter_mut().find(|change| change["name"] == native).unwrap();
        overwrite(change, json!({ "subject": title, "updatedTime": millis(0) }));
    }

    fn delete(&self, native: &str) -> bool {
        self.state().changes.retain(|change| change["name"] != native);
        true
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let state = self.state();
        let own = state.notes.iter().filter(|(of, _)| *of == id_of(native));
        own.map(|(_, note)| markup::html(note["details"].as_str().unwrap())).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let details = format!("<p>{}</p>", markup::to_html(text));
        let body = json!({ "conversationType": "note", "details": details });
        converse(&mut self.state(), "somebody", id_of(native), &body);
        Some(())
    }

    fn writes(asked: &Asked) -> bool {
        asked.path.ends_with("/conversation")
    }

    fn page(asked: &Asked) -> bool {
        asked.path.ends_with("/change/search/byqual")
            && relation(asked).is_some_and(|(_, operator, _)| operator != "in")
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "objectList": [], "totalCount": 0 }))
    }
}

conforms!(Motadata, Reply::json(200, &json!({ "id": 77 })));
