//! GitHub as its contract says it is: no question for what moved, reviews without times, a comment with every review.

mod traps;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use quorate::{
    config::SourceKind,
    model::ApprovalAnswer,
    source::{http::Login, system::Setup},
};
use serde_json::{Value, json};

use crate::{
    conformance::{self, World},
    fake::{Asked, Fake, Reply, rendered},
};

const REPOSITORY: &str = "/api/v3/repos/acme/pay";
/// Its environments with their numbers.
const ENVIRONMENTS: [(&str, u64); 2] = [("production", 5501), ("review/x", 5502)];

#[derive(Clone)]
struct Review {
    user: String,
    state: String,
    comment: String,
}

#[derive(Clone)]
struct Deployment {
    id: u64,
    tag: String,
    sha: String,
    environment: &'static str,
    team: &'static str,
    creator: &'static str,
    created: i64,
    updated: i64,
    /// Oldest first.
    statuses: Vec<(&'static str, i64)>,
    reviews: Vec<Review>,
    /// Whether its statuses link its run.
    linked: bool,
}

#[derive(Default)]
struct State {
    deployments: Vec<Deployment>,
    /// By the path they hang on.
    comments: BTreeMap<String, Vec<Value>>,
    releases: Vec<Value>,
    milestones: Vec<Value>,
    /// Whom comments mentioned.
    mentioned: Vec<String>,
    next: u64,
    /// Whether the board's token may not read actions.
    blind: bool,
}

struct Github {
    fake: Fake,
    state: Arc<Mutex<State>>,
}

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

fn stamp(secs: i64) -> String {
    chrono::DateTime::from_timestamp(secs, 0).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn user_of(token: &str) -> Option<(&'static str, &'static str)> {
    match token {
        "Bearer ghp-board" => Some(("cab-bot", "none")),
        "Bearer ghp-chair" => Some(("c.hair", "cab")),
        "Bearer ghp-lee" => Some(("lee", "cab")),
        _ => None,
    }
}

fn deployment(id: u64, statuses: &[&'static str]) -> Deployment {
    let created = now() - 86_400 + i64::try_from(id).unwrap() / 4;
    let (environment, team, creator, linked) = ("production", "cab", "ana", true);
    let statuses: Vec<_> = (0..).zip(statuses).map(|(at, state)| (*state, created + at * 60)).collect();
    let (tag, sha, updated) = (format!("v26.{id}.0"), format!("{id:040x}"), created + 600);
    let reviews = Vec::new();
    Deployment { id, tag, sha, environment, team, creator, created, updated, statuses, reviews, linked }
}

fn said(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "message": message, "documentation_url": "https://docs.github.com/rest" }))
}

/// A page of rows, with a link to the next that points elsewhere.
fn paged(asked: &Asked, rows: &[Value], known: &[&str]) -> Reply {
    let odd = asked
        .query
        .iter()
        .find(|(name, _)| !["per_page", "page"].contains(&&**name) && !known.contains(&&**name));
    if let Some((name, _)) = odd {
        return said(422, &format!("{name} is no parameter"));
    }
    let number = |name: &str, stock: usize| asked.param(name).map_or(stock, |text| text.parse().unwrap());
    let (size, page) = (number("per_page", 30).min(100), number("page", 1));
    let shown: Vec<&Value> = rows.iter().skip((page - 1) * size).take(size).collect();
    let reply = Reply::json(200, &json!(shown)).header("x-ratelimit-remaining", "4000");
    if page * size >= rows.len() {
        return reply;
    }
    reply.header("link", "<https://elsewhere.invalid/repositories/1/x?page=2>; rel=\"next\"")
}

fn body(asked: &Asked) -> Result<Value, Reply> {
    serde_json::from_slice(&asked.body).map_err(|_| said(400, "Problems parsing JSON"))
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Reply {
        if asked.header("user-agent").is_none_or(str::is_empty) {
            return said(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent",
            );
        }
        let Some((user, team)) = asked.header("authorization").and_then(user_of) else {
            return said(401, "Bad credentials");
        };
        if asked.header("accept") != Some("application/vnd.github+json")
            || asked.header("x-github-api-version") != Some("2022-11-28")
        {
            return said(415, "Unsupported 'Accept' header or version");
        }
        if asked.path == "/api/v3/user" {
            return Reply::json(200, &json!({ "id": 7, "login": user, "name": null, "email": null }));
        }
        let Some(rest) = asked.path.strip_prefix(REPOSITORY) else { return said(404, "Not Found") };
        let parts: Vec<&str> = rest.trim_start_matches('/').split('/').collect();
        match (asked.method.as_str(), parts.as_slice()) {
            ("GET", [""]) => Reply::json(200, &json!({ "id": 3, "name": "pay", "full_name": "acme/pay" })),
            ("GET", ["milestones"]) => paged(asked, &self.milestones, &["state"]),
            ("GET", ["releases"]) => paged(asked, &self.releases, &[]),
            ("GET", ["environments", name]) => environment(name),
            ("GET", ["deployments"]) => self.deployments(asked),
            ("GET", ["deployments", id]) => self.one(id, |one| Reply::json(200, &one.json())),
            ("GET", ["deployments", id, "statuses"]) => {
                self.one(id, |one| paged(asked, &one.statuses_json(), &[]))
            }
            ("GET", ["actions", ..]) if self.blind => {
                said(403, "Resource not accessible by personal access token")
            }
            ("GET", ["actions", "runs"]) => self.runs(asked),
            ("GET", ["actions", "runs", run, "pending_deployments"]) => {
                let held = self.held(run).map(|one| one.pending(user, team));
                Reply::json(200, &held.collect())
            }
            ("POST", ["actions", "runs", run, "pending_deployments"]) => self.review(asked, run, user, team),
            ("GET", ["actions", "runs", run, "approvals"]) => self.approvals(run),
            ("GET", ["commits", sha, "pulls"]) => pulls(sha),
            ("GET", ["issues" | "commits", _, "comments"]) => {
                paged(asked, self.comments.get(rest).map_or(&[], Vec::as_slice), &[])
            }
            ("POST", ["issues" | "commits", _, "comments"]) => self.comment(asked, rest, user),
            _ => said(404, "Not Found"),
        }
    }

    fn one(&self, id: &str, answer: impl FnOnce(&Deployment) -> Reply) -> Reply {
        let found = self.deployments.iter().find(|one| one.id.to_string() == id);
        found.map_or_else(|| said(404, "Not Found"), answer)
    }

    fn deployments(&self, asked: &Asked) -> Reply {
        let mut found: Vec<&Deployment> = self
            .deployments
            .iter()
            .filter(|one| asked.param("environment").is_none_or(|name| name == one.environment))
            .collect();
        found.sort_by_key(|one| std::cmp::Reverse(one.id));
        let rows: Vec<Value> = found.into_iter().map(Deployment::json).collect();
        paged(asked, &rows, &["environment", "ref", "sha", "task"])
    }

    fn runs(&self, asked: &Asked) -> Reply {
        assert_eq!(asked.param("status"), Some("waiting"));
        let found =
            self.deployments.iter().filter(|one| one.waits() && asked.param("head_sha") == Some(&one.sha));
        let rows: Vec<Value> = found.map(|one| json!({ "id": one.run(), "status": "waiting" })).collect();
        Reply::json(200, &json!({ "total_count": rows.len(), "workflow_runs": rows }))
    }

    fn held(&self, run: &str) -> impl Iterator<Item = &Deployment> {
        self.deployments.iter().filter(move |one| one.waits() && one.run().to_string() == run)
    }

    fn approvals(&self, run: &str) -> Reply {
        let of_run = self.deployments.iter().filter(|one| one.run().to_string() == run);
        let rows: Vec<Value> = of_run
            .flat_map(|one| one.reviews.iter().map(move |review| (one, review)))
            .map(|(one, review)| {
                json!({ "state": review.state, "comment": review.comment, "user": { "login": review.user },
                    "environments": [{ "id": one.environment_id(), "name": one.environment }] })
            })
            .collect();
        Reply::json(200, &json!(rows))
    }

    fn review(&mut self, asked: &Asked, run: &str, user: &str, team: &str) -> Reply {
        let body = match body(asked) {
            Ok(body) => body,
            Err(reply) => return reply,
        };
        let keys: BTreeSet<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        if keys != BTreeSet::from(["comment", "environment_ids", "state"]) {
            return said(422, "Invalid request. comment, environment_ids and state are wanted");
        }
        let (state, comment) =
            (body["state"].as_str().unwrap(), body["comment"].as_str().unwrap_or_default());
        if !["approved", "rejected"].contains(&state) || comment.is_empty() {
            return said(422, "Invalid request. comment must not be empty");
        }
        let wanted = body["environment_ids"].as_array().unwrap();
        let Some(one) = self.deployments.iter_mut().find(|one| {
            one.waits() && one.run().to_string() == run && wanted.contains(&json!(one.environment_id()))
        }) else {
            return said(422, "There are no pending deployment requests to approve or reject");
        };
        if one.team != team || one.creator == user {
            return said(403, "You are not a reviewer of this environment");
        }
        one.decide(user, state, comment);
        Reply::json(200, &json!([one.json()]))
    }

    fn comment(&mut self, asked: &Asked, path: &str, user: &str) -> Reply {
        let body = match body(asked) {
            Ok(body) => body,
            Err(reply) => return reply,
        };
        let Some(text) = body["body"].as_str().filter(|text| !text.is_empty()) else {
            return said(422, "Validation Failed: body is missing");
        };
        // Names are looked for in what comes out: a backslash is gone by then.
        let plain = text.replace('\\', "");
        let names = plain.split('@').skip(1).filter(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
        self.mentioned.extend(names.map(str::to_owned));
        let made = self.said(path, user, text);
        Reply::json(201, &made)
    }

    fn said(&mut self, path: &str, user: &str, text: &str) -> Value {
        self.next += 1;
        let made =
            json!({ "id": self.next, "body": text, "user": { "login": user }, "created_at": stamp(now()) });
        self.comments.entry(path.to_owned()).or_default().push(made.clone());
        made
    }
}

fn environment(name: &str) -> Reply {
    let plain = name.replace("%2F", "/");
    if ENVIRONMENTS.iter().all(|(known, _)| *known != plain) {
        return said(404, "Not Found");
    }
    let team = json!({ "type": "Team", "reviewer": { "id": 9, "slug": "cab", "name": "CAB" } });
    let person = json!({ "type": "User", "reviewer": { "id": 4, "login": "boss" } });
    let rules = json!([{ "type": "wait_timer", "wait_timer": 0 }, { "type": "required_reviewers", "reviewers": [team, person] },
        { "type": "branch_policy" }]);
    Reply::json(200, &json!({ "id": 5501, "name": plain, "protection_rules": rules }))
}

/// The pull requests of a commit; those of odd numbers ship none.
fn pulls(sha: &str) -> Reply {
    let Ok(id) = u64::from_str_radix(sha, 16) else { return said(422, "No commit found for SHA") };
    if id == 106 {
        return Reply::json(200, &json!([{ "number": 6, "title": "open", "merged_at": null }]));
    }
    let pull = |number: u64, merged: &str| json!({ "number": number, "title": "Round half to even\u{1b}[31m", "body": "As **agreed**\r\n<!-- template -->", "merged_at": merged });
    Reply::json(200, &json!([pull(3, "2026-11-01T10:00:00Z"), pull(id + 1000, "2026-11-20T10:00:00Z")]))
}

impl Deployment {
    fn run(&self) -> u64 {
        self.id + 9000
    }

    fn waits(&self) -> bool {
        self.statuses.last().is_some_and(|(state, _)| *state == "waiting")
    }

    fn environment_id(&self) -> u64 {
        ENVIRONMENTS.iter().find(|(name, _)| *name == self.environment).unwrap().1
    }

    fn decide(&mut self, user: &str, state: &str, comment: &str) {
        let (user, comment) = (user.to_owned(), comment.to_owned());
        self.reviews.push(Review { user, state: state.to_owned(), comment });
        self.statuses.push((if state == "approved" { "queued" } else { "failure" }, now()));
        self.updated = now();
    }

    fn json(&self) -> Value {
        json!({ "id": self.id, "sha": self.sha, "ref": self.tag, "task": "deploy", "environment": self.environment,
            "description": null, "payload": {}, "creator": { "login": self.creator, "type": "User" },
            "created_at": stamp(self.created), "updated_at": stamp(self.updated),
            "statuses_url": "https://elsewhere.invalid/statuses" })
    }

    fn statuses_json(&self) -> Vec<Value> {
        let link = format!("https://git.example.com/acme/pay/actions/runs/{}/job/77", self.run());
        let link = if self.linked { link } else { "https://ci.example.com/9".to_owned() };
        let told = (self.id * 100..).zip(&self.statuses).map(|(id, (state, at))| {
            json!({ "id": id, "state": state, "log_url": link, "target_url": link, "environment": self.environment,
                "created_at": stamp(*at), "description": "" })
        });
        let mut told: Vec<Value> = told.collect();
        told.reverse();
        told
    }

    fn pending(&self, user: &str, team: &str) -> Value {
        json!({ "environment": { "id": self.environment_id(), "name": self.environment }, "wait_timer": 0,
            "wait_timer_started_at": null, "current_user_can_approve": team == self.team && user != self.creator,
            "reviewers": [{ "type": "Team", "reviewer": { "id": 9, "slug": self.team, "name": self.team } },
                { "type": "User", "reviewer": { "id": 4, "login": "boss" } }] })
    }
}

impl Github {
    fn with<T>(&self, native: &str, act: impl FnOnce(&mut Deployment) -> T) -> T {
        let mut state = self.state.lock().unwrap();
        let id = number(native);
        act(state.deployments.iter_mut().find(|one| one.id == id).unwrap())
    }
}

fn number(native: &str) -> u64 {
    native.rsplit(':').next().unwrap().parse().unwrap()
}

/// Where people talk about a deployment.
fn thread(native: &str) -> String {
    format!("/issues/{}/comments", number(native) + 1000)
}

impl World for Github {
    const KIND: SourceKind = SourceKind::Github;

    fn start() -> Self {
        let mut state = State { next: 500, ..State::default() };
        state.deployments = (101..123).map(|id| deployment(id, &["waiting"])).collect();
        state.deployments.push(Deployment { team: "security", ..deployment(123, &["waiting"]) });
        state.deployments.push(deployment(124, &["queued", "in_progress", "success", "inactive"]));
        state.deployments.push(Deployment { environment: "review/x", ..deployment(125, &["success"]) });
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        Self { fake: Fake::answering(move |asked| shared.lock().unwrap().answer(asked)), state }
    }

    fn fake(&self) -> &Fake {
        &self.fake
    }

    fn setup(&self) -> Setup {
        let login = Login::Bearer("ghp-board".to_owned().into());
        let mut setup = conformance::setup("github", &self.fake.url, login);
        setup.select = Some("acme/pay".into());
        setup.options.insert("page_size".into(), "6".into());
        setup
    }

    fn chair(&self) -> Login {
        Login::Bearer("ghp-chair".to_owned().into())
    }

    fn chair_names(&self) -> Vec<String> {
        vec!["c.hair".into()]
    }

    fn changes(&self) -> BTreeSet<String> {
        let state = self.state.lock().unwrap();
        let shown = state.deployments.iter().filter(|one| one.environment == "production");
        shown.map(|one| format!("acme/pay:{}", one.id)).collect()
    }

    fn create(&self) -> String {
        let mut state = self.state.lock().unwrap();
        state.next += 1;
        let id = state.next;
        let made = Deployment { created: now(), updated: now(), ..deployment(id, &["waiting"]) };
        state.deployments.push(made);
        format!("acme/pay:{id}")
    }

    fn edit(&self, native: &str, title: &str) {
        self.with(native, |one| {
            one.tag = title.to_owned();
            one.updated = now();
        });
    }

    fn titled(title: &str) -> String {
        format!("pay: {title} to production")
    }

    fn delete(&self, native: &str) -> bool {
        self.state.lock().unwrap().deployments.retain(|one| one.id != number(native));
        true
    }

    fn votable(&self) -> Option<String> {
        Some("acme/pay:101".into())
    }

    fn not_mine(&self) -> Option<String> {
        Some("acme/pay:123".into())
    }

    fn decided_elsewhere(&self, native: &str) {
        self.with(native, |one| one.decide("c.hair", "rejected", "no"));
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        self.with(native, |one| {
            let mine = one.reviews.iter().find(|review| review.user == "c.hair")?;
            Some(if mine.state == "approved" { ApprovalAnswer::Approved } else { ApprovalAnswer::Rejected })
        })
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let notes = state.comments.get(&thread(native)).into_iter().flatten();
        notes.map(|note| rendered(note["body"].as_str().unwrap())).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        self.state.lock().unwrap().said(&thread(native), "lee", text);
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path.ends_with("/deployments")
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!([]))
    }
}

conforms!(Github, Reply::json(201, &json!({ "id": 1, "body": "swallowed" })));
