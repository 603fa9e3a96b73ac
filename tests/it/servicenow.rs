//! ServiceNow, as its contract says it is: encoded queries that drop what they do not know, limits before rights.

mod dates;
mod incidents;
mod oauth;
mod program;
mod schedules;
mod traps;

use crate::world::*;

type Row = BTreeMap<String, (String, String)>;
type Tables = BTreeMap<String, Vec<Row>>;

pub type Snow = Served<Tables>;

/// Users: login, password, `sys_id`.
const USERS: [(&str, &str, &str); 3] =
    [("quorate", "pw-q", "u0"), ("m.ortiz", "pw-m", "u1"), ("someone", "pw-s", "u2")];
const PARAMS: [&str; 6] = [
    "sysparm_query",
    "sysparm_fields",
    "sysparm_display_value",
    "sysparm_exclude_reference_link",
    "sysparm_limit",
    "sysparm_offset",
];

fn stamp(seconds_ago: i64) -> String {
    (chrono::Utc::now() - chrono::TimeDelta::seconds(seconds_ago)).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A row: a text is value and label, a pair is both.
fn row(fields: Value) -> Row {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let both = |value: &Value| match value {
        Value::Array(pair) => (text(&pair[0]), text(&pair[1])),
        other => (text(other), text(other)),
    };
    fields.as_object().unwrap().iter().map(|(name, value)| (name.clone(), both(value))).collect()
}

fn failure(status: u16, message: &str, detail: &str) -> Reply {
    let body = json!({ "error": { "message": message, "detail": detail }, "status": "failure" });
    Reply::json(status, &body)
}

fn caller(tables: &Tables, asked: &Asked) -> Option<&'static str> {
    let key = asked.header("x-sn-apikey");
    let bearer = asked.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
    if let Some(token) = bearer {
        let granted = tables["oauth_credential"].iter().find(|row| row["token"].0 == token)?;
        return USERS.iter().find(|(_, _, id)| *id == granted["user"].0).map(|(_, _, id)| *id);
    }
    let header = asked.header("authorization");
    USERS.iter().find_map(|(login, password, id)| {
        (header == Some(&basic(login, password)) || key == Some(*password)).then_some(*id)
    })
}

/// `oauth_token.do`: an application is a row of `oauth_entity`, a token one of `oauth_credential`.
fn grant(tables: &mut Tables, asked: &Asked) -> Reply {
    assert_eq!(asked.method, "POST");
    let form: BTreeMap<String, String> = asked.form().into_iter().collect();
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let denied = |error: &str| {
        let words = json!({ "error": error, "error_description": format!("access_denied for {}", given("client_secret")) });
        Reply::json(401, &words)
    };
    if asked.header("content-type") != Some("application/x-www-form-urlencoded") || !asked.query.is_empty() {
        return denied("invalid_request");
    }
    let entity = tables["oauth_entity"][0].clone();
    if given("client_id") != entity["client_id"].0 || given("client_secret") != entity["client_secret"].0 {
        return denied("server_error");
    }
    let user = match given("grant_type") {
        "client_credentials" => Some(entity["user"].0.as_str()),
        "password" => USERS
            .iter()
            .find(|(login, password, _)| *login == given("username") && *password == given("password"))
            .map(|(_, _, id)| *id),
        "refresh_token" => USERS
            .iter()
            .find(|(login, ..)| good_refresh(tables, login) == given("refresh_token"))
            .map(|(_, _, id)| *id),
        _ => None,
    };
    let Some(user) = user else { return denied("invalid_grant") };
    let mut answer = json!({ "scope": "useraccount", "token_type": "Bearer" });
    if given("grant_type") == "refresh_token" {
        answer["refresh_token"] = given("refresh_token").into();
        if entity.contains_key("rotate") {
            let login = USERS.iter().find(|(_, _, id)| *id == user).unwrap().0;
            let spent = tables.get_mut("oauth_refresh").unwrap();
            let next = format!("again-{login}-{}", spent.len() + 1);
            spent.push(row(json!({ "login": login, "token": next })));
            answer["refresh_token"] = next.into();
        }
    }
    let granted = tables.get_mut("oauth_credential").unwrap();
    let token = format!("token-{}", granted.len() + 1);
    granted.push(row(json!({ "sys_id": token, "token": token, "user": user, "grant": given("grant_type") })));
    let lasts: u64 = entity["access_token_lifespan"].0.parse().unwrap();
    (answer["expires_in"], answer["access_token"]) = (lasts.into(), token.into());
    Reply::json(200, &answer)
}

/// The one refresh token of somebody that is good: the last that was given out.
fn good_refresh(tables: &Tables, login: &str) -> String {
    let given = tables["oauth_refresh"].iter().rfind(|row| row["login"].0 == login);
    given.map_or_else(|| format!("again-{login}"), |row| row["token"].0.clone())
}

/// Whether a row fits one clause; a clause on a field that no row has is dropped.
fn fits(rows: &[Row], row: &Row, clause: &str, who: &str) -> bool {
    let end = clause.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c)));
    let (field, rest) = clause.split_at(end.unwrap_or(clause.len()));
    if !rows.iter().any(|row| row.contains_key(field)) {
        return true;
    }
    let own = row.get(field).map_or("", |(value, _)| value.as_str());
    if rest == "ISNOTEMPTY" {
        return !own.is_empty();
    }
    let said = |value: &str| match value {
        "javascript:gs.getUserID()" => who.to_owned(),
        _ => {
            match value.strip_prefix("javascript:gs.daysAgoStart(").and_then(|rest| rest.strip_suffix(')')) {
                Some(days) => stamp(days.parse::<i64>().unwrap() * 86_400),
                None => value.to_owned(),
            }
        }
    };
    for (operator, test) in [
        (">=", (|own, value| own >= value) as fn(&str, &str) -> bool),
        ("!=", |own, value| own != value),
        ("IN", |own, value| value.split(',').any(|value| value == own)),
        ("LIKE", |own, value| own.contains(value)),
        ("=", |own, value| own == value),
        (">", |own, value| own > value),
    ] {
        if let Some(value) = rest.strip_prefix(operator) {
            return test(own, &said(value));
        }
    }
    true
}

fn selected(rows: &[Row], query: &str, who: &str) -> Vec<Row> {
    let mut found: Vec<Row> = rows.to_vec();
    let clauses = query.split('^').filter(|clause| !clause.is_empty() && !clause.starts_with("ORDERBY"));
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for clause in clauses {
        match clause.strip_prefix("OR") {
            Some(other) => groups.last_mut().unwrap().push(other),
            None => groups.push(vec![clause]),
        }
    }
    found.retain(|row| groups.iter().all(|group| group.iter().any(|clause| fits(rows, row, clause, who))));
    if query.split('^').any(|clause| clause == "ORDERBYsys_id") {
        found.sort_by_key(|row| row["sys_id"].clone());
    }
    found
}

fn list(tables: &Tables, asked: &Asked, table: &str, who: &str) -> Reply {
    if let Some((name, _)) = asked.query.iter().find(|(name, _)| !PARAMS.contains(&name.as_str())) {
        return failure(400, "Invalid parameter", name);
    }
    let Some(rows) = tables.get(table) else {
        return failure(400, &format!("Invalid table {table}"), "");
    };
    if rows.iter().any(|row| row.contains_key("_forbidden")) {
        return failure(403, "User Not Authorized", "Failed API level ACL Validation");
    }
    let found = selected(rows, asked.param("sysparm_query").unwrap_or_default(), who);
    let number = |name: &str, stock: usize| asked.param(name).map_or(stock, |text| text.parse().unwrap());
    let (limit, offset) = (number("sysparm_limit", 10_000), number("sysparm_offset", 0));
    let fields: Vec<&str> = asked.param("sysparm_fields").unwrap_or_default().split(',').collect();
    // Rights after the limit: a page may be short, or empty.
    let page = found.iter().skip(offset).take(limit).filter(|row| !row.contains_key("_hidden"));
    let answer: Vec<Value> = page
        .map(|row| {
            let known = fields.iter().filter(|field| rows.iter().any(|row| row.contains_key(**field)));
            let both = known.map(|field| {
                let (value, label) = row.get(*field).cloned().unwrap_or_default();
                ((*field).to_owned(), json!({ "value": value, "display_value": label }))
            });
            Value::Object(both.collect())
        })
        .collect();
    let mut links = vec!["<https://elsewhere.invalid/?sysparm_offset=0>;rel=\"first\"".to_owned()];
    if offset + limit < found.len() {
        links.push("<https://elsewhere.invalid/?sysparm_offset=9>;rel=\"next\"".to_owned());
    }
    Reply::json(200, &json!({ "result": answer }))
        .header("link", links.join(","))
        .header("x-total-count", found.len().to_string())
}

fn vote(tables: &mut Tables, change: &str, who: &str, body: &Value) -> Reply {
    let state = body["state"].as_str().unwrap_or_default();
    let words = body["comments"].as_str().unwrap_or_default();
    if !matches!(state, "approved" | "rejected") || (state == "rejected" && words.is_empty()) {
        return failure(400, "Invalid request", "state, and comments for a rejection");
    }
    let rows = tables.get_mut("sysapproval_approver").unwrap();
    let own = rows.iter_mut().find(|row| {
        row["sysapproval"].0 == change && row["approver"].0 == who && row["state"].0 == "requested"
    });
    let Some(own) = own else {
        return failure(400, "user has no authority to approve or reject", "");
    };
    own.insert("state".into(), (state.into(), state.into()));
    own.insert("sys_updated_on".into(), (stamp(0), String::new()));
    Reply::json(200, &json!({ "result": [{ "sys_id": { "value": change } }] }))
}

/// Fields that the state model lets one set until work begins.
const DATES: [&str; 4] = ["start_date", "end_date", "u_start", "u_end"];

/// Where the state model leads from a state.
fn next_states(state: &str) -> &'static [&'static str] {
    match state {
        "-5" => &["-4", "4"],
        "-4" => &["-3", "4"],
        "-3" => &["-2", "4"],
        "-2" => &["-1", "4"],
        "-1" => &["0", "4"],
        "0" => &["3"],
        _ => &[],
    }
}

/// State and hold, as the model and its rules take them; what they do not take stops the whole request.
fn model(row: &Row, body: &Value) -> Result<Vec<(&'static str, (String, String))>, Reply> {
    let stopped = |why: &str| failure(403, "Operation Failed", why);
    let text = |name: &str| row.get(name).map_or("", |(value, _)| value.as_str());
    let mut set = Vec::new();
    if let Some(wanted) = body["state"].as_str() {
        if text("on_hold") == "true" {
            return Err(stopped("Error during insert of change_request: a change on hold does not move"));
        }
        if !next_states(text("state")).contains(&wanted) {
            return Err(stopped("Invalid update: the state model has no such transition"));
        }
        if wanted == "3" && body["close_code"].as_str().unwrap_or_default().is_empty() {
            return Err(stopped("Data Policy Exception: Close code is mandatory"));
        }
        let label = match wanted {
            "-4" => "Assess",
            "-3" => "Authorize",
            "-2" => "Scheduled",
            "-1" => "Implement",
            "0" => "Review",
            "3" => "Closed",
            _ => "Canceled",
        };
        set.push(("state", (wanted.to_owned(), label.to_owned())));
    }
    if let Some(hold) = body["on_hold"].as_str() {
        let reason = body["on_hold_reason"].as_str().unwrap_or_default();
        if hold == "true" && reason.is_empty() {
            return Err(stopped("Data Policy Exception: On hold reason is mandatory"));
        }
        if hold == "true" && ["-5", "3", "4"].contains(&text("state")) {
            return Err(stopped("a change that is new, closed or canceled is not put on hold"));
        }
        set.push(("on_hold", (hold.to_owned(), hold.to_owned())));
        set.push(("on_hold_reason", (reason.to_owned(), reason.to_owned())));
    }
    Ok(set)
}

/// A PATCH of a change: forbidden as a whole, or field by field without a word.
fn update(tables: &mut Tables, change: &str, who: &str, body: &Value) -> Reply {
    let rows = &tables["change_request"];
    let Some(at) = rows.iter().position(|row| row["sys_id"].0 == change && !row.contains_key("_hidden"))
    else {
        return failure(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval");
    };
    let planned = ["-5", "-4", "-3", "-2"].contains(&rows[at]["state"].0.as_str());
    let given = body.as_object().unwrap();
    let modelled = |field: &str| matches!(field, "state" | "on_hold" | "on_hold_reason" | "close_code");
    let may = |field: &str| {
        matches!(field, "work_notes" | "comments") || modelled(field) || (planned && DATES.contains(&field))
    };
    if !given.keys().all(|field| may(field)) {
        return failure(403, "Operation Failed", "ACL Exception Update Failed due to security constraints");
    }
    match model(&rows[at], body) {
        Ok(set) => tables.get_mut("change_request").unwrap()[at]
            .extend(set.into_iter().map(|(field, both)| (field.to_owned(), both))),
        Err(reply) => return reply,
    }
    let plain = given.iter().filter(|(field, _)| !modelled(field));
    let (notes, dates) = plain.partition::<Vec<_>, _>(|(field, _)| !DATES.contains(&field.as_str()));
    for (field, value) in dates {
        let text = value.as_str().unwrap_or_default();
        let is_date = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").is_ok();
        let is_known = rows_have(tables, field);
        // What has no right, no field or no form is left as it is, and all is said to be well.
        let denied =
            tables["sys_security_acl"].iter().any(|acl| acl["name"].0 == format!("change_request.{field}"));
        if is_date && is_known && !denied {
            let row = &mut tables.get_mut("change_request").unwrap()[at];
            row.insert(field.clone(), (text.to_owned(), format!("shown {text}")));
            row.insert("sys_updated_on".into(), (stamp(0), String::new()));
        }
    }
    for (element, text) in notes {
        note(tables, change, who, &json!({ element: text }));
    }
    Reply::json(200, &json!({ "result": { "sys_id": change } }))
}

fn rows_have(tables: &Tables, field: &str) -> bool {
    tables["change_request"].iter().any(|row| row.contains_key(field))
}

fn note(tables: &mut Tables, change: &str, who: &str, body: &Value) -> Reply {
    for (element, text) in body.as_object().unwrap() {
        let at = tables["sys_journal_field"].len();
        let login = USERS.iter().find(|(_, _, id)| *id == who).unwrap().0;
        tables.get_mut("sys_journal_field").unwrap().push(row(json!({
            "sys_id": format!("j{at:03}"), "name": "change_request", "element": element, "element_id": change,
            "value": text, "sys_created_on": stamp(0), "sys_created_by": login,
        })));
    }
    Reply::json(200, &json!({ "result": { "sys_id": change } }))
}

fn answer(tables: &mut Tables, asked: &Asked) -> Reply {
    if asked.path == "/oauth_token.do" {
        return grant(tables, asked);
    }
    let Some(who) = caller(tables, asked) else {
        return failure(401, "User is not authenticated", "Required to provide Auth information");
    };
    if asked.header("accept") != Some("application/json") {
        return failure(406, "Not acceptable", "");
    }
    let path: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    if asked.is_write() && asked.header("content-type") != Some("application/json") {
        return failure(415, "Unsupported media type", "");
    }
    match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["api", "now", "v2", "table", table]) => list(tables, asked, table, who),
        ("PATCH", ["api", "now", "v2", "table", "change_request", id]) => {
            update(tables, id, who, &asked.json())
        }
        ("PATCH", ["api", "sn_chg_rest", "v1", "change", id, "approvals"]) => {
            vote(tables, id, who, &asked.json())
        }
        ("GET", ["api", "sn_chg_rest", "v1", "change", id, "nextstates"]) => {
            match tables["change_request"].iter().find(|row| row["sys_id"].0 == *id) {
                Some(row) if !row.contains_key("_no_nextstates") => {
                    let labels = json!({ "-1": "Implement", "0": "Review", "3": "Closed" });
                    let next = next_states(&row["state"].0);
                    Reply::json(
                        200,
                        &json!({ "result": { "available_states": next, "state_label": labels } }),
                    )
                }
                _ => failure(404, "Requested URI does not represent any resource", ""),
            }
        }
        (_, ["api", "sn_chg_rest", ..]) => failure(405, "Method not allowed", ""),
        _ => failure(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval"),
    }
}

fn change(number: &str, sys_id: &str) -> Row {
    row(json!({
        "sys_id": sys_id, "number": number, "short_description": format!("Change {number}"), "active": "true",
        "type": ["normal", "Normal"], "state": ["-3", "Authorize"], "approval": ["requested", "Requested"],
        "risk": ["3", "Moderate"], "impact": ["2", "2 - Medium"], "sys_updated_on": stamp(86_400),
        "sys_created_on": stamp(90_000), "conflict_status": "Not Run",
    }))
}

fn approver(sys_id: &str, change: &str, who: &str, state: &str) -> Row {
    let (login, _, id) = USERS.iter().find(|(login, _, _)| *login == who).unwrap();
    row(json!({
        "sys_id": sys_id, "source_table": "change_request", "sysapproval": change, "approver": [id, login],
        "approver.user_name": login, "approver.email": format!("{login}@example.com"), "group": "", "state": state,
        "sys_created_on": stamp(86_000), "sys_updated_on": stamp(86_000),
    }))
}

impl Snow {
    fn sys_id(&self, number: &str) -> String {
        let state = self.state();
        let row = state["change_request"].iter().find(|row| row["number"].0 == number);
        row.unwrap()["sys_id"].0.clone()
    }

    pub fn set(&self, number: &str, fields: Value) {
        let mut state = self.state();
        let rows = state.get_mut("change_request").unwrap();
        rows.iter_mut().find(|row| row["number"].0 == number).unwrap().extend(row(fields));
    }

    fn read(&self) -> Reader {
        Reader::round_of(self)
    }
}

impl World for Snow {
    const KIND: SourceKind = SourceKind::Servicenow;

    fn start() -> Self {
        let mut changes: Vec<Row> =
            (1..=5).map(|at| change(&format!("CHG000{at}"), &format!("c{at:03}"))).collect();
        // What this account may not see, more than a page of it, in the middle.
        for at in 0..5 {
            let mut hidden = change(&format!("CHG9{at}"), &format!("c002h{at}"));
            hidden.insert("_hidden".into(), Default::default());
            changes.push(hidden);
        }
        let approvers = vec![
            approver("a1", "c001", "m.ortiz", "requested"),
            approver("a2", "c001", "someone", "requested"),
            approver("a3", "c002", "someone", "requested"),
            approver("a4", "c002h0", "someone", "requested"),
        ];
        let mut tables: Tables =
            ["sys_journal_field", "task_ci", "rm_m2m_release_task", "rm_release", "conflict"]
                .into_iter()
                .chain([
                    "cmn_schedule",
                    "cmn_schedule_condition",
                    "cmn_schedule_span",
                    "cmn_other_schedule",
                    "cmdb_ci",
                    "cmdb_ci_server",
                    "cmdb_rel_ci",
                    "oauth_credential",
                    "sys_security_acl",
                    "oauth_refresh",
                ])
                .map(|name| (name.to_owned(), Vec::new()))
                .collect();
        let application = row(
            json!({ "client_id": "c-1", "client_secret": "cs-1", "user": "u0", "access_token_lifespan": "1800" }),
        );
        tables.insert("oauth_entity".into(), vec![application]);
        tables.insert("change_request".into(), changes);
        tables.insert("sysapproval_approver".into(), approvers);
        Self::new(tables, answer)
    }

    fn setup(&self) -> Setup {
        self.paged("snow", password("quorate", "pw-q"), 2)
    }

    fn chair(&self) -> Person {
        Person { login: password("m.ortiz", "pw-m"), names: &["m.ortiz@example.com"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let state = self.state();
        let seen = state["change_request"].iter().filter(|row| !row.contains_key("_hidden"));
        seen.map(|row| row["number"].0.clone()).collect()
    }

    fn create(&self) -> String {
        let mut row = change("CHG0900", "c000new");
        row.insert("sys_updated_on".into(), (stamp(0), String::new()));
        self.state().get_mut("change_request").unwrap().push(row);
        "CHG0900".into()
    }

    fn edit(&self, native: &str, title: &str) {
        self.set(native, json!({ "short_description": title, "sys_updated_on": stamp(0) }));
    }

    fn delete(&self, native: &str) -> bool {
        let mut state = self.state();
        state.get_mut("change_request").unwrap().retain(|row| row["number"].0 != native);
        true
    }

    fn votable(&self) -> Option<String> {
        Some("CHG0001".into())
    }

    fn not_mine(&self) -> Option<String> {
        Some("CHG0002".into())
    }

    fn decided_elsewhere(&self, native: &str) {
        let change = self.sys_id(native);
        let answer = vote(&mut self.state(), &change, "u1", &json!({ "state": "approved" }));
        assert_eq!(answer.status, 200);
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        let change = self.sys_id(native);
        let state = self.state();
        let mut rows = state["sysapproval_approver"].iter();
        let own = rows.find(|row| row["sysapproval"].0 == change && row["approver"].0 == "u1")?;
        Some(match own["state"].0.as_str() {
            "approved" => ApprovalAnswer::Approved,
            "rejected" => ApprovalAnswer::Rejected,
            _ => ApprovalAnswer::Requested,
        })
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let change = self.sys_id(native);
        let state = self.state();
        let own = state["sys_journal_field"].iter().filter(|row| row["element_id"].0 == change);
        own.map(|row| row["value"].0.clone()).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let change = self.sys_id(native);
        note(&mut self.state(), &change, "u2", &json!({ "comments": text }));
        Some(())
    }

    fn run(&self) -> Option<Run> {
        self.set("CHG0003", json!({ "state": ["-2", "Scheduled"] }));
        Some(Run {
            options: &[],
            ready: "CHG0003".into(),
            statuses: ["Implement", "Review"],
            refused: ("CHG0004".into(), "Implement", "allows only"),
        })
    }

    fn status(&self, native: &str) -> String {
        let state = self.state();
        state["change_request"].iter().find(|row| row["number"].0 == native).unwrap()["state"].1.clone()
    }

    fn page(asked: &Asked) -> bool {
        asked.path.ends_with("/change_request")
            && asked.param("sysparm_fields").is_some_and(|fields| fields.contains("short_description"))
            && asked.param("sysparm_limit") == Some("2")
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "result": [] }))
    }
}

conforms!(Snow, Reply::json(200, &json!({ "result": {} })));
