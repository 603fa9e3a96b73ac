//! ServiceDesk Plus as its contract says it is: a status in every answer that counts more than HTTP's, lists that leave
//! words out, approvals nobody may answer before they are sent.

mod traps;

use crate::world::*;

pub type Plus = Served<Desk>;

#[derive(Clone)]
struct Approval {
    id: u64,
    approver: &'static str,
    status: &'static str,
    comments: Option<String>,
}

#[derive(Clone)]
struct Level {
    id: u64,
    name: &'static str,
    rule: (&'static str, Option<&'static str>),
    approvals: Vec<Approval>,
}

#[derive(Default)]
pub struct Desk {
    changes: Vec<Value>,
    releases: Vec<Value>,
    levels: BTreeMap<u64, Vec<Level>>,
    notes: BTreeMap<u64, Vec<Value>>,
    downtimes: BTreeMap<u64, Vec<Value>>,
    bundled: BTreeMap<u64, u64>,
    /// What a build does not know: stamps, columns, downtimes, `_approve`.
    lacks: Vec<&'static str>,
    /// The token that is good now.
    token: Option<&'static str>,
    granted: usize,
    /// Asked for tokens too often.
    limited: bool,
    /// How levels stand; a build may not say so.
    standing: Option<&'static str>,
}

/// Key, technician.
const KEYS: [(&str, &str); 3] = [("key-q", "quorate"), ("key-c", "m.ortiz"), ("key-o", "other")];
/// Ids are longer than some numbers are.
const BASE: u64 = 100_000_000_000_000;

fn millis(seconds_ago: i64) -> i64 {
    (now() - seconds_ago) * 1000
}

fn at(millis: i64) -> Value {
    json!({ "value": millis.to_string(), "display_value": "some day" })
}

fn who(name: &str) -> Value {
    json!({ "id": "7", "name": name, "email_id": format!("{name}@example.com") })
}

fn change(number: u64) -> Value {
    let ago = 90_000 - i64::try_from(number).unwrap() * 60;
    json!({ "id": (BASE + number).to_string(), "display_id": { "value": number, "display_value": format!("CH-{number}") },
        "title": format!("Change {number}"), "description": "<p>why</p>",
        "stage": { "id": "3", "internal_name": "approval", "name": "CAB Evaluation" },
        "status": { "id": "31", "name": "Approval Pending" }, "change_type": { "id": "2", "name": "Major" },
        "emergency": false, "risk": { "id": "3", "name": "High" }, "impact": { "id": "1", "name": "Affects Business" },
        "change_owner": who("m.ortiz"), "change_requester": who("ana"), "created_time": at(millis(ago)),
        "last_updated_time": at(millis(ago - 30)), "scheduled_start_time": at(millis(-86_400)),
        "scheduled_end_time": at(millis(-90_000)), "completed_time": null })
}

fn approval(id: u64, approver: &'static str, status: &'static str) -> Approval {
    Approval { id, approver, status, comments: None }
}

fn ok(single: bool) -> Value {
    let status = json!({ "status_code": 2000, "status": "success" });
    if single { status } else { json!([status]) }
}

fn denied(http: u16, code: i64, field: &str, message: &str) -> Reply {
    let message = json!({ "status_code": code, "type": "failed", "field": field, "message": message });
    let status = json!({ "status_code": 4000, "status": "failed", "messages": [message] });
    Reply::json(http, &json!({ "response_status": status }))
}

fn invalid_url() -> Reply {
    denied(404, 4007, "", "Invalid URL")
}

fn single(key: &str, value: &Value) -> Reply {
    Reply::json(200, &json!({ key: value, "response_status": ok(true) }))
}

/// The input of a request, which knows these keys alone.
fn input(asked: &Asked, known: &[&str]) -> Result<Value, Reply> {
    let fields = if asked.is_write() { asked.form() } else { asked.query.clone() };
    if asked.is_write() && asked.header("content-type") != Some("application/x-www-form-urlencoded") {
        return Err(denied(400, 4000, "", "Content type is not supported"));
    }
    let text = match fields.as_slice() {
        [] => return Ok(json!({})),
        [(name, text)] if name == "input_data" => text,
        _ => return Err(denied(400, 4014, "", "Extra parameter(s) not allowed")),
    };
    let value: Value = serde_json::from_str(text).map_err(|_| denied(400, 4001, "input_data", "No JSON"))?;
    let odd = value.as_object().unwrap().keys().find(|key| !known.contains(&key.as_str())).cloned();
    odd.map_or(Ok(value), |key| Err(denied(400, 4014, &key, "Extra key found in JSON")))
}

/// A list by its `list_info`; these stamps can be searched by.
fn list(asked: &Asked, key: &str, all: &[Value], stamps: &[&str], columns: bool) -> Reply {
    let input = match input(asked, &["list_info"]) {
        Ok(input) => input,
        Err(reply) => return reply,
    };
    let info = &input["list_info"];
    let known = [
        "row_count",
        "start_index",
        "sort_field",
        "sort_order",
        "search_criteria",
        "get_total_count",
        "filter_by",
        "fields_required",
    ];
    if let Some(odd) =
        info.as_object().and_then(|info| info.keys().find(|key| !known.contains(&key.as_str())))
    {
        return denied(400, 4014, odd, "Extra key found in JSON");
    }
    let stamp = |row: &Value, field: &str| {
        row[field]["value"].as_str().map_or(0, |text| text.parse::<i64>().unwrap())
    };
    let mut rows: Vec<Value> = all.to_vec();
    if let Some(criteria) = info["search_criteria"].as_array() {
        let one = &criteria[0];
        let (field, value) = (one["field"].as_str().unwrap(), one["value"].as_str().unwrap());
        if !stamps.contains(&field) {
            return denied(400, 4001, field, "Field is not searchable");
        }
        assert_eq!(one["condition"], "greater than");
        rows.retain(|row| stamp(row, field) > value.parse::<i64>().unwrap());
    }
    if let Some(view) = info["filter_by"]["name"].as_str() {
        assert_eq!(view, "high_risk");
        rows.retain(|row| row["risk"]["name"] == "High");
    }
    if let Some(field) = info["sort_field"].as_str() {
        if !stamps.contains(&field) {
            return denied(400, 4001, field, "Field is not sortable");
        }
        rows.sort_by_key(|row| stamp(row, field));
        assert_eq!(info["sort_order"], "asc");
    }
    if let Some(wanted) = info["fields_required"].as_array() {
        if !columns {
            return denied(400, 4001, "fields_required", "Invalid value");
        }
        for row in &mut rows {
            row.as_object_mut().unwrap().retain(|key, _| key == "id" || wanted.contains(&json!(key)));
        }
    }
    let number =
        |name: &str, stock: usize| info[name].as_u64().map_or(stock, |n| usize::try_from(n).unwrap());
    let (start, count) = (number("start_index", 1), number("row_count", 10));
    if !(1..=100).contains(&count) || start == 0 {
        return denied(400, 4001, "row_count", "Value must be from 1 to 100");
    }
    let total = rows.len();
    let shown: Vec<Value> = rows.into_iter().skip(start - 1).take(count).collect();
    let mut told =
        json!({ "row_count": shown.len(), "start_index": start, "has_more_rows": start - 1 + count < total });
    if info["get_total_count"] == true {
        told["total_count"] = json!(total);
    }
    Reply::json(200, &json!({ "list_info": told, key: shown, "response_status": ok(false) }))
}

impl Desk {
    fn grant(&mut self, asked: &Asked) -> Reply {
        let form: BTreeMap<String, String> = asked.form().into_iter().collect();
        let wanted = [
            ("grant_type", "refresh_token"),
            ("client_id", "1000.A"),
            ("client_secret", "shh"),
            ("refresh_token", "again"),
        ];
        if wanted.iter().any(|(name, value)| form.get(*name).map(String::as_str) != Some(value)) {
            return Reply::json(200, &json!({ "error": "invalid_code" }));
        }
        if self.limited {
            let words = "You have made too many requests continuously. Please try again after some time.";
            return Reply::json(
                400,
                &json!({ "error": "Access Denied", "error_description": words, "status": "failure" }),
            );
        }
        self.granted += 1;
        let token = ["token-1", "token-2"][(self.granted - 1).min(1)];
        self.token = Some(token);
        Reply::json(200, &json!({ "access_token": token, "expires_in": 3600, "token_type": "Bearer" }))
    }

    fn caller(&self, asked: &Asked) -> Option<&'static str> {
        if let Some(header) = asked.header("authorization") {
            let good = self.token.is_some_and(|token| header == format!("Zoho-oauthtoken {token}"));
            return good.then_some("quorate");
        }
        KEYS.iter().find(|(key, _)| asked.header("authtoken") == Some(key)).map(|(_, name)| *name)
    }

    fn answer(&mut self, asked: &Asked) -> Reply {
        if asked.path == "/oauth/v2/token" {
            return self.grant(asked);
        }
        let Some(caller) = self.caller(asked) else { return denied(401, 4002, "", "UNAUTHORISED") };
        if asked.header("accept") != Some("application/vnd.manageengine.sdp.v3+json") {
            return denied(400, 4000, "", "Accept header is wrong");
        }
        let path: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
        let has = |what: &str| !self.lacks.contains(&what);
        let stamps: &[&str] =
            if has("stamps") { &["created_time", "last_updated_time"] } else { &["created_time"] };
        match (asked.method.as_str(), path.as_slice()) {
            ("GET", ["api", "v3", "changes"]) => {
                list(asked, "changes", &self.changes, stamps, has("columns"))
            }
            ("GET", ["api", "v3", "releases"]) if has("releases") => {
                list(asked, "releases", &self.releases, stamps, has("columns"))
            }
            (method, ["api", "v3", "changes", id, rest @ ..]) => {
                let method = method.to_owned();
                let Some(found) = self.changes.iter().find(|change| change["id"] == **id).cloned() else {
                    return invalid_url();
                };
                let number = id.parse::<u64>().unwrap() - BASE;
                self.under(asked, &method, &found, number, rest, caller)
            }
            _ => invalid_url(),
        }
    }

    fn under(
        &mut self,
        asked: &Asked,
        method: &str,
        found: &Value,
        number: u64,
        rest: &[&str],
        caller: &str,
    ) -> Reply {
        let lacks = self.lacks.clone();
        let rows = |rows: Option<&Vec<Value>>| rows.cloned().unwrap_or_default();
        match (method, rest) {
            ("GET", []) => single("change", found),
            ("GET", ["downtimes"]) if !lacks.contains(&"downtimes") => {
                list(asked, "downtimes", &rows(self.downtimes.get(&number)), &[], true)
            }
            ("GET", ["associated_releases"]) => {
                let release = self.bundled.get(&number).map(|id| json!({ "id": id.to_string() }));
                list(asked, "associated_releases", &release.into_iter().collect::<Vec<_>>(), &[], true)
            }
            ("GET", ["notes"]) => {
                let mut notes = rows(self.notes.get(&number));
                notes.iter_mut().for_each(|note| drop(note.as_object_mut().unwrap().remove("description")));
                list(asked, "notes", &notes, &[], true)
            }
            ("GET", ["notes", id]) => {
                let note =
                    self.notes.get(&number).and_then(|notes| notes.iter().find(|note| note["id"] == **id));
                note.map_or_else(invalid_url, |note| single("note", note))
            }
            ("POST", ["notes"]) => match input(asked, &["note"]) {
                Ok(input) => self.take_note(number, caller, &input["note"]),
                Err(reply) => reply,
            },
            ("GET", ["approval_levels"]) => match self.levels.get(&number) {
                None => denied(500, 4004, "", "Internal Error"),
                Some(levels) => {
                    let mut levels: Vec<Value> = levels.iter().map(Level::json).collect();
                    if let Some(standing) = self.standing {
                        levels
                            .iter_mut()
                            .for_each(|level| level["status"] = json!({ "id": "1", "name": standing }));
                    }
                    let mut gone = levels[0].clone();
                    overwrite(&mut gone, json!({ "id": "99", "name": "Old level", "deleted": true }));
                    levels.insert(0, gone);
                    list(asked, "approval_levels", &levels, &[], true)
                }
            },
            ("GET", ["approval_levels", level, "approvals"]) => {
                let level = self.level(number, level);
                // What was deleted stays in the list, and waits there for ever.
                let gone = |level: &Level| {
                    let mut one =
                        approval(1000 + level.id, level.approvals[0].approver, "Pending Approval").json();
                    one["deleted"] = json!(true);
                    one
                };
                let rows = level.map(|level| {
                    let live = level.approvals.iter().map(Approval::json);
                    std::iter::once(gone(level)).chain(live).collect::<Vec<_>>()
                });
                list(asked, "approvals", &rows.unwrap_or_default(), &[], true)
            }
            ("PUT", ["approval_levels", level, "approvals", id, verb]) => {
                let plain = lacks.contains(&"_approve");
                let status = match *verb {
                    "_approve" if !plain => "Approved",
                    "_reject" if !plain => "Rejected",
                    "approve" if plain => "Approved",
                    "reject" if plain => "Rejected",
                    _ => return invalid_url(),
                };
                self.decide(asked, number, level, id, status, caller)
            }
            _ => invalid_url(),
        }
    }

    fn level(&mut self, number: u64, id: &str) -> Option<&mut Level> {
        self.levels.get_mut(&number)?.iter_mut().find(|level| level.id.to_string() == id)
    }

    fn decide(
        &mut self,
        asked: &Asked,
        number: u64,
        level: &str,
        id: &str,
        status: &'static str,
        caller: &str,
    ) -> Reply {
        let input = match input(asked, &["approval"]) {
            Ok(input) => input,
            Err(reply) => return reply,
        };
        let comments = input["approval"]["comments"].as_str().unwrap_or_default().to_owned();
        if comments.chars().count() > 250 {
            return denied(400, 4001, "comments", "Maximum length is 250");
        }
        let Some(level) = self.level(number, level) else { return invalid_url() };
        let Some(one) = level.approvals.iter_mut().find(|one| one.id.to_string() == id) else {
            return invalid_url();
        };
        // It says no with success.
        if one.approver != caller {
            return denied(200, 4000, "", "You are not an approver of this");
        }
        if one.status == "To Be Sent" {
            return denied(400, 4000, "", "Recommendation mail is not yet sent");
        }
        (one.status, one.comments) = (status, Some(comments));
        single("approval", &one.json())
    }

    fn take_note(&mut self, number: u64, caller: &str, note: &Value) -> Reply {
        let fields =
            note.as_object().map(|note| note.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        if fields != ["description"] {
            return denied(400, 4014, "note", "Extra key found in JSON");
        }
        let notes = self.notes.entry(number).or_default();
        let made = json!({ "id": (500 + notes.len()).to_string(), "description": note["description"],
            "performed_by": who(caller), "performed_time": at(millis(0)) });
        notes.push(made.clone());
        single("note", &made)
    }
}

impl Approval {
    fn json(&self) -> Value {
        let done = matches!(self.status, "Approved" | "Rejected");
        json!({ "id": self.id.to_string(), "approver": who(self.approver), "original_approver": null, "obo_approver": null,
            "deleted": false, "status": { "id": "1", "internal_name": self.status, "name": format!("«{}»", self.status) }, "comments": self.comments, "sent_on": at(millis(5000)),
            "action_taken_on": done.then(|| at(millis(0))) })
    }
}

impl Level {
    fn json(&self) -> Value {
        json!({ "id": self.id.to_string(), "name": self.name, "level": self.id,
            "rule": { "type": self.rule.0, "value": self.rule.1 }, "status": { "name": "Pending" } })
    }
}

impl Plus {
    fn set(&self, number: u64, fields: Value) {
        let id = native(number);
        overwrite(self.state().changes.iter_mut().find(|change| change["id"] == id).unwrap(), fields);
    }
}

fn number(native: &str) -> u64 {
    native.parse::<u64>().unwrap() - BASE
}

fn native(number: u64) -> String {
    (BASE + number).to_string()
}

impl World for Plus {
    const KIND: SourceKind = SourceKind::ServicedeskPlus;

    fn start() -> Self {
        let mut desk = Desk { changes: (1..=7).map(change).collect(), ..Desk::default() };
        let both =
            vec![approval(901, "m.ortiz", "Pending Approval"), approval(902, "other", "Pending Approval")];
        desk.levels
            .insert(1, vec![Level { id: 1, name: "CAB", rule: ("percent", Some("50")), approvals: both }]);
        let other = vec![approval(903, "other", "Pending Approval")];
        desk.levels
            .insert(2, vec![Level { id: 2, name: "Security", rule: ("anyone", None), approvals: other }]);
        Self::new(desk, Desk::answer)
    }

    fn setup(&self) -> Setup {
        self.paged("sdp", bearer("key-q"), 2)
    }

    fn chair(&self) -> Person {
        Person { login: bearer("key-c"), names: &["m.ortiz@example.com"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let desk = self.state();
        desk.changes.iter().map(|change| change["id"].as_str().unwrap().to_owned()).collect()
    }

    fn create(&self) -> String {
        let mut made = change(9);
        (made["created_time"], made["last_updated_time"]) = (at(millis(0)), at(millis(0)));
        self.state().changes.push(made);
        native(9)
    }

    fn edit(&self, native: &str, title: &str) {
        self.set(number(native), json!({ "title": title, "last_updated_time": at(millis(0)) }));
    }

    fn delete(&self, native: &str) -> bool {
        self.state().changes.retain(|change| change["id"] != native);
        true
    }

    fn votable(&self) -> Option<String> {
        Some(native(1))
    }

    fn not_mine(&self) -> Option<String> {
        Some(native(2))
    }

    fn decided_elsewhere(&self, native: &str) {
        let mut desk = self.state();
        desk.levels.get_mut(&number(native)).unwrap()[0].approvals[0].status = "Rejected";
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        let desk = self.state();
        let mut all = desk.levels.get(&number(native))?.iter().flat_map(|level| &level.approvals);
        match all.find(|one| one.approver == "m.ortiz")?.status {
            "Approved" => Some(ApprovalAnswer::Approved),
            "Rejected" => Some(ApprovalAnswer::Rejected),
            _ => None,
        }
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let desk = self.state();
        let notes = desk.notes.get(&number(native)).into_iter().flatten();
        notes.map(|note| markup::html(note["description"].as_str().unwrap())).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let note = json!({ "description": format!("<div>{}</div>", markup::to_html(text)) });
        self.state().take_note(number(native), "other", &note);
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path == "/api/v3/changes"
    }

    fn nothing(&self) -> Reply {
        let info = json!({ "row_count": 0, "has_more_rows": false });
        Reply::json(200, &json!({ "list_info": info, "changes": [], "response_status": ok(false) }))
    }
}

conforms!(Plus, Reply::json(201, &json!({ "note": { "id": "1" }, "response_status": ok(true) })));
