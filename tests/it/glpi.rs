//! The adapter of GLPI against fakes of versions 10 and 11 that lie as the real ones do: 200 for what is dropped, the
//! whole list for an id that is none, anybody's answer taken for anybody's.

mod incidents;
mod real;
mod traps;

use crate::world::*;

/// The zone of the server, +05:30.
const ZONE: &str = "Asia/Kolkata";

#[derive(Clone)]
struct Validation {
    id: u64,
    user: u64,
    group: bool,
    status: i64,
    comment: String,
}

#[derive(Clone)]
struct Change {
    id: u64,
    name: String,
    status: i64,
    moved: i64,
    validations: Vec<Validation>,
    followups: Vec<(u64, u64, String)>,
    deleted: bool,
}

#[derive(Default)]
pub struct State<const V: u8> {
    changes: Vec<Change>,
    sessions: BTreeMap<String, u64>,
    events: Vec<Value>,
    /// Tickets by their fields, with what hangs on each by its kind.
    tickets: Vec<(Value, BTreeMap<&'static str, Vec<Value>>)>,
    next: u64,
    /// Validations are dropped for whom they do not ask, with a 200, as newer versions do.
    strict: bool,
    /// Kinds that the profile of the board's account may not read.
    hidden: BTreeSet<&'static str>,
    /// What is said to whoever wants to log in.
    shut: Option<(u16, &'static str, &'static str)>,
}

pub type Glpi<const V: u8> = Served<State<V>>;

fn local(secs: i64) -> String {
    chrono::DateTime::from_timestamp(secs + 19_800, 0).unwrap().format("%Y-%m-%d %H:%M:%S").to_string()
}

fn said(status: u16, code: &str, words: &str) -> Reply {
    Reply::json(status, &json!([code, words]))
}

/// How version 10 stores what it is given.
fn encoded(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;")
}

/// What a browser shows of HTML.
fn shown(html: &str) -> String {
    let html = html.replace("<br>\n", "\n").replace("<p>", "").replace("</p>", "");
    assert!(!html.contains('<'), "no other tag is written: {html}");
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

impl<const V: u8> State<V> {
    fn stored(&self, html: &str) -> String {
        if V == 11 { html.to_owned() } else { encoded(html) }
    }

    /// A name, as this version stores it.
    fn named(&self, name: &str) -> String {
        if V == 11 { name.to_owned() } else { encoded(name) }
    }

    fn answer(&mut self, asked: &Asked) -> Reply {
        let Some(path) = asked.path.strip_prefix("/apirest.php/") else {
            return Reply::new(404, "text/html", "<html>");
        };
        if path == "initSession" {
            if let Some((status, code, words)) = self.shut {
                return said(status, code, words);
            }
            let user = match asked.header("authorization") {
                None => {
                    return said(
                        400,
                        "ERROR_LOGIN_PARAMETERS_MISSING",
                        "parameter(s) login, password or user_token are missing",
                    );
                }
                Some("user_token tok-board") => 5,
                Some("user_token tok-chair") => 7,
                Some("user_token tok-member") => 8,
                Some(_) => {
                    return said(401, "ERROR_GLPI_LOGIN_USER_TOKEN", "parameter user_token seems invalid");
                }
            };
            self.next += 1;
            let token = format!("session-{}", self.next);
            self.sessions.insert(token.clone(), user);
            let mut opened = json!({ "session_token": token });
            if asked.param("get_full_session") == Some("true") {
                opened["session"] = session(user);
            }
            return Reply::json(200, &opened);
        }
        let user = match asked.header("session-token") {
            None => {
                return said(
                    400,
                    "ERROR_SESSION_TOKEN_MISSING",
                    "parameter session_token is missing or empty",
                );
            }
            Some(token) => match self.sessions.get(token) {
                Some(user) => *user,
                None => return said(401, "ERROR_SESSION_TOKEN_INVALID", "session_token seems invalid"),
            },
        };
        if path == "killSession" {
            self.sessions.remove(asked.header("session-token").unwrap_or_default());
            return Reply::json(200, &json!(null));
        }
        let parts: Vec<&str> = path.split('/').collect();
        match asked.method.as_str() {
            "GET" if !asked.body.is_empty() => said(400, "ERROR", "GET has no body"),
            "GET" => self.get(asked, &parts, user),
            "PUT" | "POST" => {
                match (asked.header("content-type"), serde_json::from_slice::<Value>(&asked.body)) {
                    (Some("application/json"), Ok(body)) if body["input"].is_object() => {
                        self.write(asked.method.as_str(), &parts, &body["input"], user)
                    }
                    _ => said(400, "ERROR_JSON_PAYLOAD_INVALID", "JSON payload seems not valid"),
                }
            }
            _ => said(405, "ERROR_METHOD_NOT_ALLOWED", "Method Not Allowed"),
        }
    }

    fn get(&mut self, asked: &Asked, parts: &[&str], user: u64) -> Reply {
        match parts {
            ["getFullSession"] => Reply::json(200, &json!({ "session": session(user) })),
            [kind] | [kind, _] | ["Change" | "Ticket", _, kind] if self.hidden.contains(kind) => {
                said(403, "ERROR_RIGHT_MISSING", "You don't have permission to perform this action.")
            }
            ["User", "9"] => {
                said(403, "ERROR_RIGHT_MISSING", "You don't have permission to perform this action.")
            }
            ["User", id] => Reply::json(
                200,
                &json!({ "id": 1, "name": login(id.parse().unwrap()), "realname": self.named("R&D <T>"), "firstname": "Ana" }),
            ),
            ["ITILCategory", _] => {
                Reply::json(200, &json!({ "name": "Emergency", "completename": "Infra > Emergency" }))
            }
            ["Computer", _] => Reply::json(200, &json!({ "name": self.named("R&D <web> 02") })),
            ["Group", _] => Reply::json(200, &json!({ "name": "CAB" })),
            ["Change"] => self.list(asked),
            ["ChangeValidation"] => {
                let all = self.changes.iter();
                let mut all: Vec<Value> =
                    all.flat_map(|one| self.children(one, "ChangeValidation")).collect();
                all.sort_by_key(|row| row["id"].as_u64());
                if asked.param("order") == Some("DESC") {
                    all.reverse();
                }
                ranged(asked, all)
            }
            ["Ticket"] => self.tickets(asked),
            ["Ticket", id, child] => {
                match self.tickets.iter().find(|(row, _)| row["id"].as_u64() == id.parse().ok()) {
                    Some((_, hangs)) => ranged(asked, hangs.get(child).cloned().unwrap_or_default()),
                    None => said(404, "ERROR_ITEM_NOT_FOUND", "Item not found"),
                }
            }
            ["PlanningExternalEvent"] => ranged(asked, self.events.clone()),
            ["Change", id] => match id.parse::<u64>() {
                // An id that is none is answered with everything.
                Err(_) => self.list(asked),
                Ok(id) => match self.find(id) {
                    Some(one) => Reply::json(200, &self.json(one)),
                    None => said(404, "ERROR_ITEM_NOT_FOUND", "Item not found"),
                },
            },
            ["Change", id, child] => match id.parse().ok().and_then(|id| self.find(id)) {
                Some(one) => ranged(asked, self.children(one, child)),
                None => said(404, "ERROR_ITEM_NOT_FOUND", "Item not found"),
            },
            _ => said(400, "ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM", "resource not found"),
        }
    }

    /// One in the trash is in no list, and comes by its number all the same.
    fn find(&self, id: u64) -> Option<&Change> {
        self.changes.iter().find(|one| one.id == id)
    }

    fn list(&self, asked: &Asked) -> Reply {
        let mut found: Vec<&Change> = self.changes.iter().filter(|one| !one.deleted).collect();
        match asked.param("sort") {
            Some("id") => found.sort_by_key(|one| one.id),
            Some("date_mod") => found.sort_by_key(|one| (one.moved, one.id)),
            _ => return said(400, "ERROR", "sort param is not a field of glpi_changes"),
        }
        if asked.param("order") == Some("DESC") {
            found.reverse();
        }
        ranged(asked, found.into_iter().map(|one| self.json(one)).collect())
    }

    /// Tickets of a type, by a field that there is; requests are among them.
    fn tickets(&self, asked: &Asked) -> Reply {
        let mut rows: Vec<Value> = self.tickets.iter().map(|(row, _)| row.clone()).collect();
        for (name, value) in &asked.query {
            match name.strip_prefix("searchText[").and_then(|rest| rest.strip_suffix(']')) {
                Some("type") => rows.retain(|row| row["type"].to_string().contains(value)),
                Some(_) => return said(400, "ERROR_FIELD_NOT_FOUND", "the field is not known"),
                None => {}
            }
        }
        match (asked.param("sort"), asked.param("order")) {
            (Some("date_mod"), Some("DESC")) => {
                rows.sort_by_key(|row| (row["date_mod"].as_str().unwrap().to_owned(), row["id"].as_u64()));
                rows.reverse();
            }
            _ => return said(400, "ERROR", "sort param is not a field of glpi_tickets"),
        }
        ranged(asked, rows)
    }

    fn json(&self, one: &Change) -> Value {
        let html = self.stored("<p>Upgrade &amp; restart <b>node 1</b>\u{1b}[31m</p>");
        // Without a percentage the first answer decides, while others still wait.
        let answered = one.validations.iter().map(|validation| validation.status).find(|status| *status > 2);
        let global = answered.unwrap_or(if one.validations.is_empty() { 1 } else { 2 });
        json!({ "id": one.id, "name": if V == 11 { one.name.clone() } else { encoded(&one.name) }, "status": one.status,
            "content": html, "date": local(one.moved - 3600), "date_mod": local(one.moved), "time_to_resolve": null,
            "solvedate": "2026-12-03 04:00:00", "impact": 4, "priority": 5, "itilcategories_id": 3, "users_id_recipient": 9,
            "global_validation": global, "rolloutplancontent": self.stored("<p>roll out</p>"),
            "backoutplancontent": self.stored("<p>restore snapshot</p>"), "is_deleted": u8::from(one.deleted) })
    }

    fn children(&self, one: &Change, kind: &str) -> Vec<Value> {
        match kind {
            "ChangeTask" => vec![
                json!({ "id": 1, "begin": "2026-12-02 22:00:00", "end": "2026-12-02 23:30:00" }),
                json!({ "id": 2, "begin": "2026-12-03 01:00:00", "end": "2026-12-03 02:00:00" }),
                json!({ "id": 3, "begin": null, "end": null }),
            ],
            "Change_User" => vec![json!({ "id": 1, "users_id": 6, "type": 2 }), json!({ "id": 2, "users_id": 8, "type": 3 })],
            "Change_Item" => vec![json!({ "id": 1, "itemtype": "Computer", "items_id": 4 })],
            "ChangeValidation" => one.validations.iter().map(|validation| self.validation(one, validation)).collect(),
            "ITILFollowup" => one
                .followups
                .iter()
                .map(|(id, user, text)| json!({ "id": id, "users_id": user, "content": text, "date": local(now()), "is_private": 0 }))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn validation(&self, of: &Change, one: &Validation) -> Value {
        let mut value = json!({ "id": one.id, "changes_id": of.id, "users_id": 2, "status": one.status, "comment_validation": one.comment,
            "submission_date": local(now() - 3600), "validation_date": null });
        if V == 11 {
            value["users_id_validate"] = json!(0);
            value["itemtype_target"] = json!(if one.group { "Group" } else { "User" });
            value["items_id_target"] = json!(one.user);
        } else {
            value["users_id_validate"] = json!(one.user);
        }
        value
    }

    fn write(&mut self, method: &str, parts: &[&str], input: &Value, user: u64) -> Reply {
        match (method, parts) {
            ("PUT", ["ChangeValidation", id]) => {
                let (id, eleven, strict): (u64, bool, bool) = (id.parse().unwrap(), (V == 11), self.strict);
                let all = self.changes.iter_mut().flat_map(|one| one.validations.iter_mut());
                let Some(one) = all.into_iter().find(|one| one.id == id) else {
                    return said(404, "ERROR_ITEM_NOT_FOUND", "Item not found");
                };
                let comment = input["comment_validation"].as_str().unwrap_or_default();
                if (if eleven { comment.len() } else { encoded(comment).len() }) > 65_535 {
                    let words = "Data too long for column 'comment_validation' at row 1";
                    return said(400, "ERROR_GLPI_UPDATE", words);
                }
                if input["status"] == 4 && comment.is_empty() {
                    return said(400, "ERROR_GLPI_UPDATE", "If approval is denied, specify a reason.");
                }
                if !strict || one.user == user {
                    one.status = input["status"].as_i64().unwrap();
                    one.comment = if eleven { comment.to_owned() } else { encoded(comment) };
                }
                Reply::json(200, &json!([{ (id.to_string()): true, "message": "" }]))
            }
            ("PUT", ["Change", id]) => {
                let Some(one) = self.changes.iter_mut().find(|one| one.id.to_string() == *id) else {
                    return said(404, "ERROR_ITEM_NOT_FOUND", "Item not found");
                };
                // Whatever number it is, and in the trash as well.
                if let Some(status) = input["status"].as_i64() {
                    one.status = status;
                    one.moved = now();
                }
                Reply::json(200, &json!([{ (*id): true, "message": "" }]))
            }
            ("POST", ["ITILFollowup"]) => {
                let (text, id) = (self.stored(input["content"].as_str().unwrap_or_default()), self.next + 1);
                let change = input["items_id"].as_u64().unwrap_or_default();
                let known = input["itemtype"] == "Change" && !text.is_empty();
                match self.changes.iter_mut().find(|one| one.id == change && known) {
                    Some(one) => {
                        self.next = id;
                        one.followups.push((id, user, text));
                        one.moved = now();
                        Reply::json(201, &json!({ "id": id, "message": "" }))
                    }
                    None => said(400, "ERROR_GLPI_ADD", "You don't have permission to perform this action."),
                }
            }
            _ => said(400, "ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM", "resource not found"),
        }
    }
}

/// What a session knows of who opened it, and what the clock showed then.
fn session(user: u64) -> Value {
    json!({ "glpiID": user, "glpiname": login(user), "glpifriendlyname": "Tester", "glpi_currenttime": local(now()) })
}

fn login(user: u64) -> &'static str {
    match user {
        5 => "cab-bot",
        6 => "implementer",
        7 => "chair",
        8 => "member",
        _ => "reader",
    }
}

/// 206 while there is more, 200 when all; past the end an error.
fn ranged(asked: &Asked, rows: Vec<Value>) -> Reply {
    let range = asked.param("range").unwrap_or("0-49");
    let Some((from, to)) =
        range.split_once('-').and_then(|(a, b)| Some((a.parse::<usize>().ok()?, b.parse::<usize>().ok()?)))
    else {
        return said(400, "ERROR", "range must be in format : [start-end] with integers");
    };
    if from > 0 && from >= rows.len() {
        return said(
            400,
            "ERROR_RANGE_EXCEED_TOTAL",
            &format!("Provided range exceed total count of data: {}", rows.len()),
        );
    }
    let total = rows.len();
    let shown: Vec<Value> = rows.into_iter().skip(from).take(to + 1 - from).collect();
    let status = if shown.len() < total { 206 } else { 200 };
    let header = format!("{from}-{}/{total}", from + shown.len().saturating_sub(1));
    Reply::json(status, &json!(shown)).header("content-range", header)
}

impl<const V: u8> World for Glpi<V> {
    const KIND: SourceKind = SourceKind::Glpi;

    fn start() -> Self {
        let mut state = State { next: 900, ..State::default() };
        for id in 11..24 {
            let waiting =
                |id: u64, user| Validation { id, user, group: false, status: 2, comment: String::new() };
            let validations = match id {
                12 => vec![waiting(100 + id, 8)],
                _ => vec![waiting(100 + id, 7), waiting(200 + id, 8)],
            };
            state.changes.push(Change {
                id,
                name: format!("Change {id}"),
                status: 10,
                moved: now() - 86_400 + i64::try_from(id).unwrap(),
                validations,
                followups: Vec::new(),
                deleted: false,
            });
        }
        Self::new(state, State::answer)
    }

    fn setup(&self) -> Setup {
        Setup { zone: Zone::named(ZONE).unwrap(), ..self.paged("glpi", bearer("tok-board"), 5) }
    }

    fn chair(&self) -> Person {
        Person { login: bearer("tok-chair"), names: &["chair"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let state = self.state();
        state.changes.iter().filter(|one| !one.deleted).map(|one| one.id.to_string()).collect()
    }

    fn create(&self) -> String {
        let mut state = self.state();
        state.next += 1;
        let id = state.next;
        let one = Change { id, moved: now(), followups: Vec::new(), ..state.changes[2].clone() };
        state.changes.push(one);
        id.to_string()
    }

    fn edit(&self, native: &str, title: &str) {
        self.with(native, |one| {
            one.name = title.to_owned();
            one.moved = now();
        });
    }

    fn delete(&self, native: &str) -> bool {
        self.with(native, |one| one.deleted = true);
        true
    }

    fn run(&self) -> Option<Run> {
        self.with("13", |one| one.status = 7);
        Some(Run {
            options: &[("started", "12"), ("ended", "8")],
            ready: "13".into(),
            statuses: ["12", "8"],
            refused: ("14".into(), "77", "GLPI has no status"),
        })
    }

    fn hold(&self) -> Option<Hold> {
        let waits = ["13", "14", "15"].map(str::to_owned);
        waits.iter().for_each(|native| self.bring(native, "7"));
        Some(Hold {
            options: [("held", "Pending"), ("thawed", "accepted")],
            waits,
            statuses: ["4", "7", "12"],
            refused: None,
        })
    }

    fn bring(&self, native: &str, status: &str) {
        self.with(native, |one| one.status = status.parse().unwrap());
    }

    fn status(&self, native: &str) -> String {
        let mut status = String::new();
        self.with(native, |one| status = one.status.to_string());
        status
    }

    fn votable(&self) -> Option<String> {
        Some("11".into())
    }

    fn not_mine(&self) -> Option<String> {
        Some("12".into())
    }

    fn decided_elsewhere(&self, native: &str) {
        self.with(native, |one| one.validations[0].status = 4);
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        let mut status = None;
        self.with(native, |one| {
            status = one.validations.iter().find(|one| one.user == 7).map(|one| one.status)
        });
        Some(match status? {
            2 => ApprovalAnswer::Requested,
            3 => ApprovalAnswer::Approved,
            4 => ApprovalAnswer::Rejected,
            _ => ApprovalAnswer::Unknown,
        })
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let mut notes = Vec::new();
        self.with(native, |one| notes = one.followups.iter().map(|(_, _, text)| text.clone()).collect());
        let plain = |text: String| match V {
            11 => shown(&text),
            _ => shown(&text.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&")),
        };
        notes.into_iter().map(plain).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let mut state = self.state();
        state.next += 1;
        let (id, text) = (state.next, state.stored(&format!("<p>{text}</p><script>alert(1)</script>")));
        let one = state.changes.iter_mut().find(|one| one.id.to_string() == native).unwrap();
        one.followups.push((id, 8, text));
        one.moved = now();
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path == "/apirest.php/Change"
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!([]))
    }
}

impl<const V: u8> Glpi<V> {
    fn with(&self, native: &str, act: impl FnOnce(&mut Change)) {
        let mut state = self.state();
        act(state.changes.iter_mut().find(|one| one.id.to_string() == native).unwrap());
    }

    fn read(&self, setup: Setup) -> Reader {
        Reader::round(setup, SourceKind::Glpi)
    }
}

mod ten {
    conforms!(super::Glpi<10>, crate::fake::Reply::json(201, &serde_json::json!({ "id": 1, "message": "" })));
}

mod eleven {
    conforms!(super::Glpi<11>, crate::fake::Reply::json(201, &serde_json::json!({ "id": 1, "message": "" })));
}
