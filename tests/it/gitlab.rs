//! The adapter of GitLab against a fake of its REST API v4, strict about what it is asked.

mod traps;

use quorate::model::{Id, Instant};

use crate::{
    forge::{self, Deployments, Forge, Given, PROJECT, User, deployment, odd, paged},
    world::*,
};

const ADDRESS: &str = "/api/v4/projects/acme%2Fpay";

type Deployment = forge::Deployment<Own>;
pub type Gitlab = Served<State>;

#[derive(Clone)]
pub struct Own {
    status: &'static str,
    started: Option<i64>,
}

#[derive(Clone)]
struct Note {
    id: u64,
    body: String,
    user: String,
    system: bool,
}

pub struct State {
    deployments: Deployments<Own>,
    notes: BTreeMap<u64, Vec<Note>>,
    freezes: Vec<Value>,
    releases: Vec<Value>,
    milestones: Vec<Value>,
    /// Quick actions that a note made it carry out.
    actions: Vec<String>,
    guest: bool,
}

fn stamp(secs: i64) -> String {
    let at = chrono::DateTime::from_timestamp(secs, 123_000_000).unwrap();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn said(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "message": message }))
}

fn knows(asked: &Asked, names: &[&str]) -> Option<Reply> {
    let name = odd(asked, names)?;
    Some(Reply::json(400, &json!({ "error": format!("{name} is invalid") })))
}

fn body(asked: &Asked) -> Result<Value, Reply> {
    if asked.header("content-type") != Some("application/json") {
        return Err(Reply::json(415, &json!({ "error": "The provided content-type is not supported." })));
    }
    serde_json::from_slice(&asked.body).map_err(|_| Reply::json(400, &json!({ "error": "malformed" })))
}

impl State {
    fn answer(&mut self, asked: &Asked, user: Option<User>) -> Reply {
        let Some((user, team)) = user else {
            return said(401, "401 Unauthorized");
        };
        if asked.path == "/api/v4/user" {
            return Reply::json(200, &json!({ "id": 7, "username": user, "name": user, "email": null }));
        }
        let Some(rest) = asked.path.strip_prefix(ADDRESS) else { return said(404, "404 Project Not Found") };
        let parts: Vec<&str> = rest.trim_start_matches('/').split('/').collect();
        let list = ["per_page", "page"];
        match (asked.method.as_str(), parts.as_slice()) {
            ("GET", [""]) => {
                Reply::json(200, &json!({ "id": 3, "name": "pay", "path_with_namespace": PROJECT }))
            }
            ("GET", ["freeze_periods"]) if self.guest => said(403, "403 Forbidden"),
            ("GET", ["freeze_periods"]) => {
                knows(asked, &list).unwrap_or_else(|| paged::<Self>(asked, &self.freezes))
            }
            ("GET", ["milestones"]) => {
                knows(asked, &list).unwrap_or_else(|| paged::<Self>(asked, &self.milestones))
            }
            ("GET", ["releases"]) => knows(asked, &["per_page", "page", "order_by", "sort"])
                .unwrap_or_else(|| paged::<Self>(asked, &self.releases)),
            ("GET", ["deployments"]) => self.listed(asked),
            ("GET", ["deployments", id]) => match self.deployments.find(id) {
                Some(one) => Reply::json(200, &one.json(true)),
                None => said(404, "404 Not found"),
            },
            ("GET", ["deployments", id, "merge_requests"]) => match self.deployments.find(id) {
                Some(one) if one.own.status == "created" => Reply::json(200, &json!([])),
                Some(one) => {
                    let iid = one.id + 1000;
                    Reply::json(
                        200,
                        &json!([{ "iid": iid, "merged_at": "2026-11-20T10:00:00.000Z" },
                            { "iid": 3, "merged_at": "2026-11-19T10:00:00.000Z" }]),
                    )
                }
                None => said(404, "404 Not found"),
            },
            ("POST", ["deployments", id, "approval"]) => self.approve(asked, id, user, team),
            ("GET", ["merge_requests", iid, "notes"]) => {
                let mut rows: Vec<Value> =
                    self.notes.entry(iid.parse().unwrap()).or_default().iter().map(Note::json).collect();
                if asked.param("sort") != Some("asc") {
                    rows.reverse();
                }
                knows(asked, &["per_page", "page", "sort", "order_by"])
                    .unwrap_or_else(|| paged::<Self>(asked, &rows))
            }
            ("POST", ["merge_requests", iid, "notes"]) => self.note(asked, iid.parse().unwrap(), user),
            _ => Reply::json(405, &json!({ "error": "405 Not Allowed" })),
        }
    }

    fn listed(&self, asked: &Asked) -> Reply {
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
        let found = self.deployments.of_environment(asked).into_iter().filter(|one| one.updated >= after);
        let rows: Vec<Value> = found.map(|one| one.json(false)).collect();
        paged::<Self>(asked, &rows)
    }

    fn approve(&mut self, asked: &Asked, id: &str, user: &str, team: &str) -> Reply {
        let body = match body(asked) {
            Ok(body) => body,
            Err(reply) => return reply,
        };
        let Some(one) = self.deployments.find(id) else { return said(404, "404 Not found") };
        let status = body["status"].as_str().unwrap_or_default();
        if !["approved", "rejected"].contains(&status) {
            return said(400, "status does not have a valid value");
        }
        if body["comment"].as_str().is_some_and(|text| text.chars().count() > 255) {
            return said(400, "Comment is too long (maximum is 255 characters)");
        }
        if one.own.status != "blocked" {
            return said(400, "This deployment is not waiting for approvals.");
        }
        if one.team != team {
            return said(403, "You do not have permission to approve or reject this deployment.");
        }
        one.given.retain(|given| given.user != user);
        Self::decide(one, user, status, body["comment"].as_str().unwrap_or_default());
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
        let note = Note {
            id: self.deployments.number(),
            body: text.to_owned(),
            user: user.to_owned(),
            system: false,
        };
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

impl forge::Deployment<Own> {
    fn json(&self, detail: bool) -> Value {
        let mut value = json!({
            "id": self.id, "iid": self.id - 100, "ref": self.tag, "sha": "4f2c", "status": self.own.status,
            "created_at": stamp(self.created), "updated_at": stamp(self.updated),
            "user": { "id": 9, "username": "ana", "name": "Ana Ruiz" },
            "environment": { "id": 9, "name": self.environment, "external_url": null },
            "deployable": { "id": 9001, "name": "deploy", "status": "manual", "started_at": self.own.started.map(stamp), "finished_at": null,
                "web_url": "https://git.example.org/acme/pay/-/jobs/9001",
                "commit": { "message": "Round half to even\u{1b}[31m" }, "pipeline": { "id": 77 } },
        });
        if detail {
            let given: Vec<Value> = self
                .given
                .iter()
                .map(|given| {
                    json!({ "user": { "username": given.user }, "status": given.answer,
                    "created_at": stamp(self.updated), "comment": given.comment })
                })
                .collect();
            value["pending_approval_count"] = json!(2usize.saturating_sub(given.len()));
            value["approvals"] = json!([]);
            value["approval_summary"] = json!({ "rules": [{ "user_id": null, "group_id": 12, "access_level": null,
                "access_level_description": self.team, "required_approvals": 2, "deployment_approvals": given }] });
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

impl Default for State {
    fn default() -> Self {
        let assigned = Note { id: 1, body: "assigned to @ana".into(), user: "ana".into(), system: true };
        let freeze = json!({ "id": 1, "freeze_start": "0 23 * * 5", "freeze_end": "0 8 * * 1",
            "cron_timezone": "Madrid", "created_at": "2026-01-10T09:00:00.000Z" });
        let release = json!({ "tag_name": "v26.101.0", "name": "Autumn", "created_at": "2026-11-01T09:00:00.000Z",
            "released_at": "2027-01-15T09:00:00.000Z", "upcoming_release": true, "author": { "username": "ana" },
            "milestones": [{ "id": 12, "title": "26.4" }], "_links": { "self": "https://git.example.org/r" } });
        Self {
            deployments: Deployments::default(),
            notes: BTreeMap::from([(1101, vec![assigned])]),
            freezes: vec![freeze],
            releases: vec![release],
            milestones: milestones(),
            actions: Vec::new(),
            guest: false,
        }
    }
}

impl Forge for State {
    type Own = Own;
    const KIND: SourceKind = SourceKind::Gitlab;
    const TOKENS: &'static str = "glpat-";
    const PAGE: usize = 20;

    fn deployments(&mut self) -> &mut Deployments<Own> {
        &mut self.deployments
    }

    fn waiting() -> Own {
        Own { status: "blocked", started: None }
    }

    fn over() -> Own {
        Own { status: "success", started: None }
    }

    fn decide(one: &mut Deployment, user: &str, answer: &str, comment: &str) {
        one.given.push(Given { user: user.into(), answer: answer.into(), comment: comment.into() });
    }

    fn reply(&mut self, asked: &Asked, user: Option<User>) -> Reply {
        self.answer(asked, user)
    }

    fn page(rows: &[&Value], next: Option<usize>, total: usize) -> Reply {
        let next = next.map(|page| page.to_string()).unwrap_or_default();
        Reply::json(200, &json!(rows)).header("x-next-page", next).header("x-total", total.to_string())
    }

    fn said(&self, number: u64) -> Vec<String> {
        let notes = self.notes.get(&(number + 1000)).into_iter().flatten();
        notes.filter(|note| !note.system).map(|note| note.body.clone()).collect()
    }

    fn say(&mut self, number: u64, user: &str, text: &str) {
        let id = self.deployments.number();
        let note = Note { id, body: text.to_owned(), user: user.to_owned(), system: false };
        self.notes.entry(number + 1000).or_default().push(note);
    }
}

impl Gitlab {
    /// A deployment to production that runs since so many seconds.
    pub fn runs_since(&self, id: u64, seconds: i64) {
        let own = Own { status: "running", started: Some(now() - seconds) };
        self.state().deployments.all.push(deployment(id, own));
    }

    fn read(&self, setup: Setup) -> Reader {
        Reader::round(setup, SourceKind::Gitlab)
    }
}

conforms!(Gitlab, Reply::json(201, &json!({ "id": 1, "body": "swallowed" })));
