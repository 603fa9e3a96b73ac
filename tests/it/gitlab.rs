//! The adapter of GitLab against a fake of its REST API v4, strict about what it is asked.

mod traps;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use quorate::{
    config::SourceKind,
    model::{ApprovalAnswer, Id, Instant, Prose, Record},
    source::{Pushed, What, Write, http::Login, system::Setup},
};
use serde_json::{Value, json};

use crate::{
    conformance::{self, Reader, World},
    fake::{Asked, Fake, Fault, Reply, rendered},
};

const PROJECT: &str = "/api/v4/projects/acme%2Fpay";

#[derive(Clone)]
struct Given {
    user: String,
    status: String,
    comment: String,
}

#[derive(Clone)]
struct Deployment {
    id: u64,
    tag: String,
    status: &'static str,
    environment: &'static str,
    updated: i64,
    started: Option<i64>,
    group: &'static str,
    given: Vec<Given>,
}

#[derive(Clone)]
struct Note {
    id: u64,
    body: String,
    user: String,
    system: bool,
}

#[derive(Default)]
struct State {
    deployments: Vec<Deployment>,
    notes: BTreeMap<u64, Vec<Note>>,
    freezes: Vec<Value>,
    releases: Vec<Value>,
    /// Quick actions that a note made it carry out.
    actions: Vec<String>,
    next: u64,
    guest: bool,
}

pub struct Gitlab {
    fake: Fake,
    state: Arc<Mutex<State>>,
}

fn stamp(secs: i64) -> String {
    let at = chrono::DateTime::from_timestamp(secs, 123_000_000).unwrap();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

fn user_of(token: &str) -> Option<(&'static str, &'static str)> {
    match token {
        "Bearer glpat-board" => Some(("cab-bot", "none")),
        "Bearer glpat-chair" => Some(("c.hair", "cab")),
        "Bearer glpat-lee" => Some(("lee", "cab")),
        _ => None,
    }
}

fn deployment(id: u64, status: &'static str, group: &'static str) -> Deployment {
    let updated = now() - 86_400 + i64::try_from(id).unwrap() / 4;
    let tag = format!("v26.{id}.0");
    Deployment {
        id,
        tag,
        status,
        environment: "production",
        updated,
        started: None,
        group,
        given: Vec::new(),
    }
}

fn said(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "message": message }))
}

/// What a page of rows looks like, by the query.
fn paged(asked: &Asked, rows: &[Value]) -> Reply {
    let number = |name: &str, default: usize| asked.param(name).map_or(default, |text| text.parse().unwrap());
    let (size, page) = (number("per_page", 20).min(100), number("page", 1));
    let shown: Vec<&Value> = rows.iter().skip((page - 1) * size).take(size).collect();
    let next = if page * size < rows.len() { (page + 1).to_string() } else { String::new() };
    Reply::json(200, &json!(shown)).header("x-next-page", next).header("x-total", rows.len().to_string())
}

fn knows(asked: &Asked, names: &[&str]) -> Option<Reply> {
    let odd = asked.query.iter().find(|(name, _)| !names.contains(&name.as_str()))?;
    Some(Reply::json(400, &json!({ "error": format!("{} is invalid", odd.0) })))
}

fn body(asked: &Asked) -> Result<Value, Reply> {
    if asked.header("content-type") != Some("application/json") {
        return Err(Reply::json(415, &json!({ "error": "The provided content-type is not supported." })));
    }
    serde_json::from_slice(&asked.body).map_err(|_| Reply::json(400, &json!({ "error": "malformed" })))
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Reply {
        let Some((user, group)) = asked.header("authorization").and_then(user_of) else {
            return said(401, "401 Unauthorized");
        };
        if asked.path == "/api/v4/user" {
            return Reply::json(200, &json!({ "id": 7, "username": user, "name": user, "email": null }));
        }
        let Some(rest) = asked.path.strip_prefix(PROJECT) else { return said(404, "404 Project Not Found") };
        let parts: Vec<&str> = rest.trim_start_matches('/').split('/').collect();
        let list = ["per_page", "page"];
        match (asked.method.as_str(), parts.as_slice()) {
            ("GET", [""]) => {
                Reply::json(200, &json!({ "id": 3, "name": "pay", "path_with_namespace": "acme/pay" }))
            }
            ("GET", ["freeze_periods"]) if self.guest => said(403, "403 Forbidden"),
            ("GET", ["freeze_periods"]) => knows(asked, &list).unwrap_or_else(|| paged(asked, &self.freezes)),
            ("GET", ["milestones"]) => knows(asked, &list).unwrap_or_else(|| paged(asked, &milestones())),
            ("GET", ["releases"]) => knows(asked, &["per_page", "page", "order_by", "sort"])
                .unwrap_or_else(|| paged(asked, &self.releases)),
            ("GET", ["deployments"]) => self.deployments(asked),
            ("GET", ["deployments", id]) => match self.find(id) {
                Some(one) => Reply::json(200, &self.deployments[one].json(true)),
                None => said(404, "404 Not found"),
            },
            ("GET", ["deployments", id, "merge_requests"]) => match self.find(id) {
                Some(one) if self.deployments[one].status == "created" => Reply::json(200, &json!([])),
                Some(one) => {
                    let iid = self.deployments[one].id + 1000;
                    Reply::json(
                        200,
                        &json!([{ "iid": iid, "merged_at": "2026-11-20T10:00:00.000Z" },
                            { "iid": 3, "merged_at": "2026-11-19T10:00:00.000Z" }]),
                    )
                }
                None => said(404, "404 Not found"),
            },
            ("POST", ["deployments", id, "approval"]) => self.approve(asked, id, user, group),
            ("GET", ["merge_requests", iid, "notes"]) => {
                let rows: Vec<Value> =
                    self.notes.entry(iid.parse().unwrap()).or_default().iter().map(Note::json).collect();
                knows(asked, &["per_page", "page", "sort", "order_by"]).unwrap_or_else(|| paged(asked, &rows))
            }
            ("POST", ["merge_requests", iid, "notes"]) => self.note(asked, iid.parse().unwrap(), user),
            _ => Reply::json(405, &json!({ "error": "405 Not Allowed" })),
        }
    }

    fn find(&self, id: &str) -> Option<usize> {
        let id: u64 = id.parse().ok()?;
        self.deployments.iter().position(|one| one.id == id)
    }

    fn deployments(&self, asked: &Asked) -> Reply {
        let known = ["order_by", "sort", "updated_after", "environment", "per_page", "page", "status"];
        if let Some(odd) = knows(asked, &known) {
            return odd;
        }
        assert_eq!(asked.param("order_by"), Some("updated_at"), "updated_after goes with that order alone");
        let after = match asked.param("updated_after").map(str::parse::<Instant>) {
            None => i64::MIN,
            Some(Ok(at)) => at.secs(),
            Some(Err(_)) => return Reply::json(400, &json!({ "error": "updated_after is invalid" })),
        };
        let mut found: Vec<&Deployment> = self
            .deployments
            .iter()
            .filter(|one| one.updated >= after)
            .filter(|one| asked.param("environment").is_none_or(|name| name == one.environment))
            .collect();
        found.sort_by_key(|one| (one.updated, one.id));
        let rows: Vec<Value> = found.into_iter().map(|one| one.json(false)).collect();
        paged(asked, &rows)
    }

    fn approve(&mut self, asked: &Asked, id: &str, user: &str, group: &str) -> Reply {
        let body = match body(asked) {
            Ok(body) => body,
            Err(reply) => return reply,
        };
        let Some(at) = self.find(id) else { return said(404, "404 Not found") };
        let one = &mut self.deployments[at];
        let status = body["status"].as_str().unwrap_or_default();
        if !["approved", "rejected"].contains(&status) {
            return said(400, "status does not have a valid value");
        }
        if body["comment"].as_str().is_some_and(|text| text.chars().count() > 255) {
            return said(400, "Comment is too long (maximum is 255 characters)");
        }
        if one.status != "blocked" {
            return said(400, "This deployment is not waiting for approvals.");
        }
        if one.group != group {
            return said(403, "You do not have permission to approve or reject this deployment.");
        }
        let comment = body["comment"].as_str().unwrap_or_default().to_owned();
        one.given.retain(|given| given.user != user);
        one.given.push(Given { user: user.to_owned(), status: status.to_owned(), comment });
        Reply::json(201, &json!({ "user": { "username": user }, "status": status }))
    }

    fn note(&mut self, asked: &Asked, iid: u64, user: &str) -> Reply {
        let body = match body(asked) {
            Ok(body) => body,
            Err(reply) => return reply,
        };
        let Some(text) = body["body"].as_str().filter(|text| !text.is_empty()) else {
            return Reply::json(400, &json!({ "error": "body is missing" }));
        };
        self.actions.extend(text.lines().filter(|line| line.starts_with('/')).map(str::to_owned));
        self.next += 1;
        let note = Note { id: self.next, body: text.to_owned(), user: user.to_owned(), system: false };
        let reply = Reply::json(201, &note.json());
        self.notes.entry(iid).or_default().push(note);
        reply
    }
}

fn milestones() -> Vec<Value> {
    vec![
        json!({ "id": 12, "title": "26.4", "start_date": "2026-11-16", "due_date": "2026-11-27", "state": "active" }),
        json!({ "id": 13, "title": "Some day", "start_date": null, "due_date": null, "state": "active" }),
    ]
}

impl Deployment {
    fn json(&self, detail: bool) -> Value {
        let mut value = json!({
            "id": self.id, "iid": self.id - 100, "ref": self.tag, "sha": "4f2c", "status": self.status,
            "created_at": stamp(self.updated - 600), "updated_at": stamp(self.updated),
            "user": { "id": 9, "username": "ana", "name": "Ana Ruiz" },
            "environment": { "id": 9, "name": self.environment, "external_url": null },
            "deployable": { "id": 9001, "name": "deploy", "status": "manual", "started_at": self.started.map(stamp), "finished_at": null,
                "web_url": "https://git.example.org/acme/pay/-/jobs/9001",
                "commit": { "message": "Round half to even\u{1b}[31m" }, "pipeline": { "id": 77 } },
        });
        if detail {
            let given: Vec<Value> = self
                .given
                .iter()
                .map(|given| {
                    json!({ "user": { "username": given.user }, "status": given.status,
                    "created_at": stamp(self.updated), "comment": given.comment })
                })
                .collect();
            value["pending_approval_count"] = json!(2usize.saturating_sub(given.len()));
            value["approvals"] = json!([]);
            value["approval_summary"] = json!({ "rules": [{ "user_id": null, "group_id": 12, "access_level": null,
                "access_level_description": self.group, "required_approvals": 2, "deployment_approvals": given }] });
        }
        value
    }
}

impl Note {
    fn json(&self) -> Value {
        json!({ "id": self.id, "body": self.body, "author": { "username": self.user }, "system": self.system,
            "created_at": stamp(now()), "internal": false })
    }
}

impl World for Gitlab {
    const KIND: SourceKind = SourceKind::Gitlab;

    fn start() -> Self {
        let mut state = State { next: 500, ..State::default() };
        state.deployments = (101..123).map(|id| deployment(id, "blocked", "cab")).collect();
        state.deployments.push(deployment(123, "blocked", "security"));
        state.deployments.push(deployment(124, "success", "cab"));
        state.deployments.push(Deployment { environment: "review/x", ..deployment(125, "success", "cab") });
        state.notes.insert(
            1101,
            vec![Note { id: 1, body: "assigned to @ana".into(), user: "ana".into(), system: true }],
        );
        state.freezes = vec![json!({ "id": 1, "freeze_start": "0 23 * * 5", "freeze_end": "0 8 * * 1",
            "cron_timezone": "Madrid", "created_at": "2026-01-10T09:00:00.000Z" })];
        state.releases = vec![
            json!({ "tag_name": "v26.101.0", "name": "Autumn", "created_at": "2026-11-01T09:00:00.000Z",
            "released_at": "2027-01-15T09:00:00.000Z", "upcoming_release": true, "author": { "username": "ana" },
            "milestones": [{ "id": 12, "title": "26.4" }], "_links": { "self": "https://git.example.org/r" } }),
        ];
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        Self { fake: Fake::answering(move |asked| shared.lock().unwrap().answer(asked)), state }
    }

    fn fake(&self) -> &Fake {
        &self.fake
    }

    fn setup(&self) -> Setup {
        let login = Login::Bearer("glpat-board".to_owned().into());
        let mut setup = conformance::setup("gitlab", &self.fake.url, login);
        setup.select = Some("acme/pay".into());
        setup.options.insert("page_size".into(), "6".into());
        setup
    }

    fn chair(&self) -> Login {
        Login::Bearer("glpat-chair".to_owned().into())
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
        state.deployments.push(Deployment { updated: now(), ..deployment(id, "blocked", "cab") });
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
        let id: u64 = native.rsplit(':').next().unwrap().parse().unwrap();
        self.state.lock().unwrap().deployments.retain(|one| one.id != id);
        true
    }

    fn votable(&self) -> Option<String> {
        Some("acme/pay:101".into())
    }

    fn not_mine(&self) -> Option<String> {
        Some("acme/pay:123".into())
    }

    fn decided_elsewhere(&self, native: &str) {
        self.with(native, |one| {
            let (user, status) = ("c.hair".to_owned(), "rejected".to_owned());
            one.given.push(Given { user, status, comment: "no".into() });
        });
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        let mut answer = None;
        self.with(native, |one| {
            answer = one.given.iter().find(|given| given.user == "c.hair").map(|given| {
                match given.status.as_str() {
                    "approved" => ApprovalAnswer::Approved,
                    _ => ApprovalAnswer::Rejected,
                }
            });
        });
        answer
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let id: u64 = native.rsplit(':').next().unwrap().parse().unwrap();
        let state = self.state.lock().unwrap();
        let notes = state.notes.get(&(id + 1000)).cloned().unwrap_or_default();
        notes.iter().filter(|note| !note.system).map(|note| rendered(&note.body)).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let id: u64 = native.rsplit(':').next().unwrap().parse().unwrap();
        let mut state = self.state.lock().unwrap();
        state.next += 1;
        let note = Note { id: state.next, body: text.to_owned(), user: "lee".into(), system: false };
        state.notes.entry(id + 1000).or_default().push(note);
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path.ends_with("/deployments")
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!([])).header("x-next-page", "").header("x-total", "0")
    }
}

impl Gitlab {
    /// A deployment to production that runs since so many seconds.
    pub fn runs_since(&self, id: u64, seconds: i64) {
        let one = Deployment { started: Some(now() - seconds), ..deployment(id, "running", "cab") };
        self.state.lock().unwrap().deployments.push(one);
    }

    fn with(&self, native: &str, act: impl FnOnce(&mut Deployment)) {
        let mut state = self.state.lock().unwrap();
        let at = state.find(native.rsplit(':').next().unwrap()).unwrap();
        act(&mut state.deployments[at]);
    }

    fn read(&self, setup: Setup) -> Reader {
        let mut reader = Reader::new(setup, SourceKind::Gitlab);
        reader.read().unwrap();
        reader
    }
}

conforms!(Gitlab, Reply::json(201, &json!({ "id": 1, "body": "swallowed" })));
