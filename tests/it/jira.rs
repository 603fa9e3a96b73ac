//! Jira Service Management as its contract says it is, in both flavours: Cloud, and Data Center where `DC`.

mod incidents;
mod traps;

use crate::world::*;

#[derive(Default)]
pub struct Site<const DC: bool> {
    issues: Vec<Value>,
    /// Issues of the other search.
    incidents: Vec<Value>,
    /// Steps of approval by key; an issue that is not named is no request.
    steps: BTreeMap<String, Vec<Value>>,
    comments: BTreeMap<String, Vec<Value>>,
    fields: Vec<(String, String)>,
    /// The project of a field that belongs to one alone.
    scopes: BTreeMap<String, &'static str>,
    /// Whether the account is no agent.
    hides_approvals: bool,
    versions: BTreeMap<String, Vec<Value>>,
    /// What a token of Cloud stands for: keys, and where it goes on.
    tokens: Vec<(Vec<String>, usize)>,
    is_anonymous: bool,
}

pub type Jira<const DC: bool> = Served<Site<DC>>;

/// Name, secret.
const USERS: [(&str, &str); 3] = [("quorate", "s-q"), ("chair", "s-c"), ("other", "s-o")];
const SELECT: &str = "project = CHG AND issuetype = \"[System] Change\"";
const INCIDENTS: &str = "project = OPS AND issuetype = \"[System] Incident\"";

fn stamp(seconds_ago: i64) -> String {
    let at = chrono::Utc::now() - chrono::TimeDelta::seconds(seconds_ago);
    format!("{}+0000", at.format("%Y-%m-%dT%H:%M:%S%.3f"))
}

fn user<const DC: bool>(name: &str) -> Value {
    if DC {
        json!({ "name": name, "key": format!("JIRAUSER-{name}"), "displayName": name.to_uppercase(), "emailAddress": format!("{name}@example.com") })
    } else {
        json!({ "accountId": format!("5b10-{name}"), "displayName": name.to_uppercase(), "active": true })
    }
}

fn names<const DC: bool>(user: &Value, name: &str) -> bool {
    user[if DC { "name" } else { "accountId" }] == if DC { name.to_owned() } else { format!("5b10-{name}") }
}

fn issue<const DC: bool>(number: i64, status: &str) -> Value {
    json!({ "id": (10_400 + number).to_string(), "key": format!("CHG-{number}"), "fields": {
        "summary": format!("Change {number}"), "created": stamp(900_000 - number), "updated": stamp(86_400),
        "status": { "name": status, "statusCategory": { "key": "indeterminate" } },
        "project": { "id": "10000", "key": "CHG" }, "reporter": user::<DC>("other"), "assignee": Value::Null } })
}

fn step<const DC: bool>(id: &str, approvers: &[&str]) -> Value {
    let each: Vec<Value> = approvers
        .iter()
        .map(|name| json!({ "approver": user::<DC>(name), "approverDecision": "pending" }))
        .collect();
    json!({ "id": id, "name": "CAB approval", "finalDecision": "pending", "approvers": each,
        "createdDate": { "epochMillis": 1_772_355_600_000_i64 } })
}

fn no(status: u16, words: &str) -> Reply {
    Reply::json(status, &json!({ "errorMessages": [words], "errors": {} }))
}

fn desk_says_no(status: u16, words: &str) -> Reply {
    Reply::json(
        status,
        &json!({ "errorMessage": words, "i18nErrorMessage": { "i18nKey": "sd.no", "parameters": [] } }),
    )
}

fn caller<const DC: bool>(asked: &Asked) -> Option<&'static str> {
    let header = asked.header("authorization")?;
    USERS.iter().find_map(|(name, secret)| {
        let want =
            if DC { format!("Bearer {secret}") } else { basic(&format!("{name}@example.com"), secret) };
        (header == want).then_some(*name)
    })
}

/// One of the queries that are understood.
#[derive(Default)]
struct Query {
    incidents: bool,
    /// Only what moved so many seconds ago, or later.
    back: Option<i64>,
    /// Of what is done, only what moved so many seconds ago, or later.
    lately: Option<i64>,
}

impl Query {
    fn read(jql: &str) -> Result<Self, String> {
        let rest = jql.strip_suffix(" ORDER BY created ASC, key ASC").ok_or("no order")?;
        let back = |text: &str, unit: &str, seconds: i64| -> Result<i64, String> {
            let number =
                text.strip_prefix("updated >= \"-").and_then(|rest| rest.strip_suffix(&format!("{unit}\"")));
            number
                .and_then(|number| number.parse::<i64>().ok())
                .map(|number| number * seconds)
                .ok_or_else(|| format!("cannot parse {text}"))
        };
        let lately = rest.strip_prefix(&format!("(({INCIDENTS}) AND (statusCategory != Done OR "));
        if let Some(rest) = lately {
            let rest = rest.strip_suffix("))").ok_or("a bracket is missing")?;
            return Ok(Self { incidents: true, lately: Some(back(rest, "d", 86_400)?), back: None });
        }
        let (incidents, rest) = match rest.strip_prefix(&format!("({SELECT})")) {
            Some(rest) => (false, rest),
            None => {
                (true, rest.strip_prefix(&format!("({INCIDENTS})")).ok_or("Field 'projekt' does not exist")?)
            }
        };
        let back = match rest {
            "" => None,
            rest => Some(back(rest.strip_prefix(" AND ").ok_or("AND is missing")?, "m", 60)?),
        };
        Ok(Self { incidents, back, lately: None })
    }

    fn fits(&self, issue: &Value) -> bool {
        let since = |seconds: i64| issue["fields"]["updated"].as_str().unwrap() >= stamp(seconds).as_str();
        let done = issue["fields"]["status"]["statusCategory"]["key"] == "done";
        self.back.is_none_or(since) && self.lately.is_none_or(|seconds| !done || since(seconds))
    }
}

fn search<const DC: bool>(site: &mut Site<DC>, asked: &Asked) -> Reply {
    let body = asked.json();
    let known = if DC {
        ["jql", "fields", "maxResults", "startAt"]
    } else {
        ["jql", "fields", "maxResults", "nextPageToken"]
    };
    if body.as_object().is_none_or(|body| body.keys().any(|key| !known.contains(&key.as_str()))) {
        return no(400, "Unrecognized field");
    }
    let query = match Query::read(body["jql"].as_str().unwrap_or_default()) {
        Ok(query) => query,
        Err(words) => return no(400, &words),
    };
    let size = body["maxResults"].as_u64().unwrap() as usize;
    let (keys, start) = match body["nextPageToken"].as_str() {
        Some(token) => site.tokens[token.strip_prefix("tok-").unwrap().parse::<usize>().unwrap()].clone(),
        None => {
            let all = if query.incidents { &site.incidents } else { &site.issues };
            let mut found: Vec<&Value> = all.iter().collect();
            found.retain(|issue| query.fits(issue));
            found.sort_by_key(|issue| issue["fields"]["created"].as_str().unwrap().to_owned());
            let keys = found.iter().map(|issue| issue["key"].as_str().unwrap().to_owned()).collect();
            (keys, body["startAt"].as_u64().unwrap_or(0) as usize)
        }
    };
    let fields: Vec<&str> = body["fields"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let page: Vec<Value> = keys
        .iter()
        .skip(start)
        .take(size)
        .filter_map(|key| site.issues.iter().chain(&site.incidents).find(|issue| issue["key"] == **key))
        .map(|issue| only(issue, &fields))
        .collect();
    let end = start + size;
    if DC {
        let total = keys.len();
        return Reply::json(
            200,
            &json!({ "startAt": start, "maxResults": size, "total": total, "issues": page }),
        );
    }
    if end >= keys.len() {
        return Reply::json(200, &json!({ "issues": page, "isLast": true }));
    }
    site.tokens.push((keys, end));
    let token = format!("tok-{}", site.tokens.len() - 1);
    Reply::json(200, &json!({ "issues": page, "isLast": false, "nextPageToken": token }))
}

fn only(issue: &Value, fields: &[&str]) -> Value {
    let mut issue = issue.clone();
    issue["fields"].as_object_mut().unwrap().retain(|name, _| fields.contains(&name.as_str()));
    issue
}

/// A page of a list, by the names of its parameters.
fn page(asked: &Asked, all: &[Value], (start, limit, list): (&str, &str, &str)) -> Reply {
    let number = |name: &str, stock: usize| asked.param(name).map_or(stock, |text| text.parse().unwrap());
    let (from, size) = (number(start, 0), number(limit, 50));
    let page: Vec<&Value> = all.iter().skip(from).take(size).collect();
    let is_last = from + page.len() >= all.len();
    Reply::json(
        200,
        &json!({ list: page, start: from, "total": all.len(), "isLast": is_last, "isLastPage": is_last }),
    )
}

fn approvals<const DC: bool>(site: &Site<DC>, asked: &Asked, key: &str, who: &str) -> Reply {
    if site.hides_approvals {
        return desk_says_no(403, "You do not have permission to view the approvals of this request.");
    }
    let Some(steps) = site.steps.get(key) else { return desk_says_no(404, "The request does not exist.") };
    let mut steps = steps.clone();
    for step in &mut steps {
        let own = step["approvers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| names::<DC>(&one["approver"], who) && one["approverDecision"] == "pending");
        step["canAnswerApproval"] = json!(own && step["finalDecision"] == "pending");
    }
    page(asked, &steps, ("start", "limit", "values"))
}

fn decide<const DC: bool>(site: &mut Site<DC>, key: &str, id: &str, who: &str, body: &Value) -> Reply {
    let decision = match body["decision"].as_str() {
        Some("approve") => "approved",
        Some("decline") => "declined",
        _ => return desk_says_no(400, "decision must be approve or decline"),
    };
    let step = site.steps.get_mut(key).and_then(|steps| steps.iter_mut().find(|step| step["id"] == id));
    let Some(step) = step.filter(|step| step["finalDecision"] == "pending") else {
        return desk_says_no(409, "already decided");
    };
    let approvers = step["approvers"].as_array_mut().unwrap();
    let own = approvers.iter_mut().find(|one| names::<DC>(&one["approver"], who));
    let Some(own) = own.filter(|own| own["approverDecision"] == "pending") else {
        return desk_says_no(403, "You do not have permission to answer the approval");
    };
    own["approverDecision"] = json!(decision);
    let all = approvers.iter().all(|one| one["approverDecision"] == "approved");
    if decision == "declined" || all {
        step["finalDecision"] = json!(decision);
        step["completedDate"] = json!({ "epochMillis": chrono::Utc::now().timestamp_millis() });
    }
    Reply::json(201, step)
}

fn remark<const DC: bool>(site: &mut Site<DC>, key: &str, who: &str, body: &Value) -> Reply {
    let known = |key: &String| matches!(key.as_str(), "body" | "properties");
    let fits = if DC { body["body"].is_string() } else { body["body"]["type"] == "doc" };
    if !fits || !body.as_object().unwrap().keys().all(known) {
        return no(400, "INVALID_INPUT");
    }
    let list = site.comments.entry(key.to_owned()).or_default();
    let internal = body["properties"][0]["value"]["internal"] == true;
    let made = json!({ "id": (list.len() + 500).to_string(), "author": user::<DC>(who), "body": body["body"],
        "created": stamp(0), "jsdPublic": !internal });
    list.push(made.clone());
    Reply::json(201, &made)
}

fn answer<const DC: bool>(site: &mut Site<DC>, asked: &Asked) -> Reply {
    if asked.header("accept") != Some("application/json") {
        return no(406, "not acceptable");
    }
    let caller = caller::<DC>(asked);
    let version = if DC { "2" } else { "3" };
    let path: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    if site.is_anonymous && path.last() == Some(&"myself") {
        return Reply::json(200, &json!({}));
    }
    let Some(who) = caller else { return no(401, "Client must be authenticated to access this resource.") };
    if asked.is_write() && asked.header("content-type") != Some("application/json") {
        return no(415, "unsupported media type");
    }
    match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["rest", "servicedeskapi", "request", key, "approval"]) => {
            approvals::<DC>(site, asked, key, who)
        }
        ("POST", ["rest", "servicedeskapi", "request", key, "approval", id]) => {
            decide::<DC>(site, key, id, who, &asked.json())
        }
        ("POST", ["rest", "api", v, "search", "jql"]) if *v == version && !DC => search::<DC>(site, asked),
        ("POST", ["rest", "api", v, "search"]) if *v == version && DC => search::<DC>(site, asked),
        (_, ["rest", "api", _, "search"]) => no(410, "The requested API has been removed."),
        (method, ["rest", "api", v, rest @ ..]) if *v == version => {
            platform::<DC>(site, asked, method, rest, who)
        }
        _ => no(404, "null for uri"),
    }
}

fn platform<const DC: bool>(
    site: &mut Site<DC>,
    asked: &Asked,
    method: &str,
    path: &[&str],
    who: &str,
) -> Reply {
    match (method, path) {
        ("GET", ["myself"]) => Reply::json(200, &user::<DC>(who)),
        ("GET", ["field"]) => {
            let field = |(id, name): &(String, String)| match site.scopes.get(id) {
                Some(project) => {
                    json!({ "id": id, "name": name, "scope": { "type": "PROJECT", "project": { "id": project } } })
                }
                None => json!({ "id": id, "name": name }),
            };
            let all: Vec<Value> = site.fields.iter().map(field).collect();
            Reply::json(200, &json!(all))
        }
        ("GET", ["issue", key]) => match site.issues.iter().find(|issue| issue["key"] == **key) {
            Some(issue) => Reply::json(
                200,
                &only(issue, &asked.param("fields").unwrap_or_default().split(',').collect::<Vec<_>>()),
            ),
            None => no(404, "Issue does not exist or you do not have permission to see it."),
        },
        ("GET", ["issue", key, "transitions"]) => Reply::json(
            200,
            &json!({ "expand": "transitions", "transitions": site.ways(key).map(Way::json).collect::<Vec<_>>() }),
        ),
        ("POST", ["issue", key, "transitions"]) => site.transit(key, &asked.json()),
        ("GET", ["issue", key, "comment"]) => page(
            asked,
            site.comments.get(*key).map_or(&[], Vec::as_slice),
            ("startAt", "maxResults", "comments"),
        ),
        ("POST", ["issue", key, "comment"]) => remark::<DC>(site, key, who, &asked.json()),
        ("GET", ["project", key, "version"]) => match site.versions.get(*key) {
            Some(versions) => page(asked, versions, ("startAt", "maxResults", "values")),
            None => no(404, "No project could be found"),
        },
        _ => no(405, "method not allowed"),
    }
}

/// A way of the workflow: its number, from, to, and whether a screen asks for something.
struct Way(&'static str, &'static str, &'static str, bool);

const WAYS: [Way; 6] = [
    Way("11", "Awaiting implementation", "Implementing", false),
    Way("21", "Implementing", "Post-implementation review", false),
    Way("31", "Implementing", "Failed", true),
    Way("41", "Planning", "Done", true),
    // Not one of the words that are known: the settings name it.
    Way("51", "Awaiting implementation", "Parked", false),
    Way("61", "Parked", "Awaiting implementation", false),
];

impl Way {
    fn json(&self) -> Value {
        json!({ "id": self.0, "name": format!("Go to {}", self.2), "hasScreen": self.3, "isAvailable": true,
            "to": { "id": format!("1{}", self.0), "name": self.2 } })
    }
}

impl<const DC: bool> Site<DC> {
    fn ways(&self, key: &str) -> impl Iterator<Item = &'static Way> {
        let issue = self.issues.iter().find(|issue| issue["key"] == key);
        let status = issue.map(|issue| issue["fields"]["status"]["name"].clone()).unwrap_or_default();
        WAYS.iter().filter(move |way| status == way.1)
    }

    /// 204 without a body; one that is not offered from here, or asks for more, is 400.
    fn transit(&mut self, key: &str, body: &Value) -> Reply {
        let Some(way) = self.ways(key).find(|way| body["transition"]["id"] == way.0) else {
            return no(400, "It seems that you have tried to perform an illegal workflow operation.");
        };
        if way.3 {
            let errors =
                json!({ "errorMessages": [], "errors": { "resolution": "Resolution is required." } });
            return Reply::json(400, &errors);
        }
        let issue = self.issues.iter_mut().find(|issue| issue["key"] == key).unwrap();
        issue["fields"]["status"]["name"] = json!(way.2);
        Reply::empty(204)
    }
}

impl<const DC: bool> Jira<DC> {
    fn login(name: &str) -> Login {
        let secret = USERS.iter().find(|(known, _)| *known == name).unwrap().1;
        if DC { bearer(secret) } else { password(&format!("{name}@example.com"), secret) }
    }

    fn set(&self, key: &str, fields: Value) {
        let mut site = self.state();
        let issue = site.issues.iter_mut().find(|issue| issue["key"] == key).unwrap();
        overwrite(&mut issue["fields"], fields);
    }
}

impl<const DC: bool> World for Jira<DC> {
    const KIND: SourceKind = SourceKind::Jira;

    fn start() -> Self {
        let mut site =
            Site { issues: (3..=9).map(|at| issue::<DC>(at, "Planning")).collect(), ..Site::default() };
        site.issues
            .extend([issue::<DC>(1, "Awaiting CAB approval"), issue::<DC>(2, "Awaiting CAB approval")]);
        site.steps.insert("CHG-1".into(), vec![step::<DC>("31", &["chair", "other"])]);
        site.steps.insert("CHG-2".into(), vec![step::<DC>("32", &["other"])]);
        Self::new(site, answer::<DC>)
    }

    fn setup(&self) -> Setup {
        let mut setup = self.paged("jira", Self::login("quorate"), if DC { 4 } else { 3 });
        setup.select = Some(SELECT.into());
        setup.options.insert("deployment".into(), if DC { "data_center" } else { "cloud" }.into());
        setup
    }

    fn chair(&self) -> Person {
        Person { login: Self::login("chair"), names: if DC { &["chair"] } else { &["5b10-chair"] } }
    }

    fn changes(&self) -> BTreeSet<String> {
        let site = self.state();
        site.issues.iter().map(|issue| issue["key"].as_str().unwrap().to_owned()).collect()
    }

    fn create(&self) -> String {
        let mut made = issue::<DC>(10, "Planning");
        made["fields"]["created"] = json!(stamp(0));
        made["fields"]["updated"] = json!(stamp(0));
        self.state().issues.push(made);
        "CHG-10".into()
    }

    fn edit(&self, native: &str, title: &str) {
        self.set(native, json!({ "summary": title, "updated": stamp(0) }));
    }

    fn delete(&self, native: &str) -> bool {
        self.state().issues.retain(|issue| issue["key"] != native);
        true
    }

    fn run(&self) -> Option<Run> {
        self.set("CHG-3", json!({ "status": { "name": "Awaiting implementation" } }));
        Some(Run {
            options: &[("started", "implementing"), ("ended", "Post-implementation review")],
            ready: "CHG-3".into(),
            statuses: ["Implementing", "Post-implementation review"],
            refused: ("CHG-4".into(), "Done", "Resolution is required"),
        })
    }

    fn hold(&self) -> Option<Hold> {
        let waits = ["CHG-3", "CHG-4", "CHG-5"].map(str::to_owned);
        waits.iter().for_each(|native| self.bring(native, "Awaiting implementation"));
        Some(Hold {
            options: [("held", "parked"), ("thawed", "Awaiting implementation")],
            waits,
            statuses: ["Parked", "Awaiting implementation", "Implementing"],
            refused: Some(("CHG-6".into(), "allows only Done")),
        })
    }

    fn bring(&self, native: &str, status: &str) {
        self.set(native, json!({ "status": { "name": status } }));
    }

    fn status(&self, native: &str) -> String {
        let site = self.state();
        let issue = site.issues.iter().find(|issue| issue["key"] == native).unwrap();
        issue["fields"]["status"]["name"].as_str().unwrap().to_owned()
    }

    fn votable(&self) -> Option<String> {
        Some("CHG-1".into())
    }

    fn not_mine(&self) -> Option<String> {
        Some("CHG-2".into())
    }

    fn decided_elsewhere(&self, native: &str) {
        let body = json!({ "decision": "approve" });
        let answer = decide::<DC>(&mut self.state(), native, "31", "chair", &body);
        assert_eq!(answer.status, 201);
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        let site = self.state();
        let steps = site.steps.get(native)?;
        let mut all = steps.iter().flat_map(|step| step["approvers"].as_array().unwrap());
        let own = all.find(|one| names::<DC>(&one["approver"], "chair"))?;
        Some(match own["approverDecision"].as_str().unwrap() {
            "approved" => ApprovalAnswer::Approved,
            "declined" => ApprovalAnswer::Rejected,
            _ => ApprovalAnswer::Requested,
        })
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let site = self.state();
        let text = |comment: &Value| match &comment["body"] {
            // As it is rendered: a backslash takes the meaning from what follows.
            Value::String(text) => text.replace("\\{", "{").replace("\\[", "["),
            adf => markup::adf(adf),
        };
        site.comments.get(native).into_iter().flatten().map(text).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let body = if DC { json!(text) } else { markup::to_adf(text) };
        remark::<DC>(&mut self.state(), native, "other", &json!({ "body": body }));
        Some(())
    }

    fn writes(asked: &Asked) -> bool {
        let ends = ["/comment", "/transitions"].iter().any(|end| asked.path.ends_with(end));
        asked.method == "POST" && (ends || asked.path.contains("/approval/"))
    }

    fn page(asked: &Asked) -> bool {
        asked.path.ends_with("/search/jql") || asked.path.ends_with("/search")
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "issues": [], "isLast": true, "startAt": 0, "total": 0 }))
    }
}

mod cloud {
    use super::*;
    conforms!(Jira<false>, Reply::json(201, &json!({ "id": "1" })));
}

mod data_center {
    use super::*;
    conforms!(Jira<true>, Reply::json(201, &json!({ "id": "1" })));
}
