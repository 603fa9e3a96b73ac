//! GitHub as its contract says it is: no question for what moved, reviews without times, a comment with every review.

mod traps;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::{
    forge::{self, Deployments, Forge, Given, PROJECT, User, deployment, odd},
    world::*,
};

const REPOSITORY: &str = "/api/v3/repos/acme/pay";
const PAGE: [&str; 2] = ["per_page", "page"];
/// Its environments with their numbers.
const ENVIRONMENTS: [(&str, u64); 2] = [("production", 5501), ("review/x", 5502)];

type Deployment = forge::Deployment<Own>;
pub type Github = Served<State>;

#[derive(Clone)]
pub struct Own {
    creator: &'static str,
    /// Oldest first.
    statuses: Vec<(&'static str, i64)>,
    /// Whether its statuses link its run.
    linked: bool,
}

#[derive(Default)]
pub struct State {
    deployments: Deployments<Own>,
    /// By the path they hang on.
    comments: BTreeMap<String, Vec<Value>>,
    releases: Vec<Value>,
    milestones: Vec<Value>,
    /// Whom comments mentioned.
    mentioned: Vec<String>,
    /// Whether the board's token may not read actions.
    blind: bool,
    /// What was read and counted, and how often it was as it had been.
    counted: Vec<String>,
    unchanged: usize,
}

fn stamp(secs: i64) -> String {
    ago(now() - secs)
}

/// One that took these statuses, a minute after the other.
fn through(id: u64, statuses: &[&'static str]) -> Deployment {
    let mut made = deployment(id, Own { creator: "ana", statuses: Vec::new(), linked: true });
    let told = (0..).zip(statuses).map(|(at, state)| (*state, made.created + at * 60));
    made.own.statuses = told.collect();
    made
}

fn said(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "message": message, "documentation_url": "https://docs.github.com/rest" }))
}

/// A page of rows, by what the query may have beside its number.
fn paged(asked: &Asked, rows: &[Value], known: &[&str]) -> Reply {
    match odd(asked, &[&PAGE, known].concat()) {
        Some(name) => said(422, &format!("{name} is no parameter")),
        None => forge::paged::<State>(asked, rows),
    }
}

fn body(asked: &Asked) -> Result<Value, Reply> {
    serde_json::from_slice(&asked.body).map_err(|_| said(400, "Problems parsing JSON"))
}

impl State {
    fn answer(&mut self, asked: &Asked, user: Option<User>) -> Reply {
        if asked.header("user-agent").is_none_or(str::is_empty) {
            return said(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent",
            );
        }
        let Some((user, team)) = user else {
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
            ("GET", [""]) => Reply::json(200, &json!({ "id": 3, "name": "pay", "full_name": PROJECT })),
            ("GET", ["milestones"]) => paged(asked, &self.milestones, &["state"]),
            ("GET", ["releases"]) => paged(asked, &self.releases, &[]),
            ("GET", ["environments", name]) => environment(name),
            ("GET", ["deployments"]) => self.listed(asked),
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

    fn one(&mut self, id: &str, answer: impl FnOnce(&Deployment) -> Reply) -> Reply {
        self.deployments.find(id).map_or_else(|| said(404, "Not Found"), |one| answer(one))
    }

    fn listed(&self, asked: &Asked) -> Reply {
        let mut found = self.deployments.of_environment(asked);
        found.sort_by_key(|one| std::cmp::Reverse(one.id));
        let rows: Vec<Value> = found.into_iter().map(Deployment::json).collect();
        paged(asked, &rows, &["environment", "ref", "sha", "task"])
    }

    fn runs(&self, asked: &Asked) -> Reply {
        assert_eq!(asked.param("status"), Some("waiting"));
        let found = self
            .deployments
            .all
            .iter()
            .filter(|one| one.waits() && asked.param("head_sha") == Some(&one.sha()));
        let rows: Vec<Value> = found.map(|one| json!({ "id": one.run(), "status": "waiting" })).collect();
        Reply::json(200, &json!({ "total_count": rows.len(), "workflow_runs": rows }))
    }

    fn held(&self, run: &str) -> impl Iterator<Item = &Deployment> {
        self.deployments.all.iter().filter(move |one| one.waits() && one.run().to_string() == run)
    }

    fn approvals(&self, run: &str) -> Reply {
        let of_run = self.deployments.all.iter().filter(|one| one.run().to_string() == run);
        let rows: Vec<Value> = of_run
            .flat_map(|one| one.given.iter().map(move |given| (one, given)))
            .map(|(one, given)| {
                json!({ "state": given.answer, "comment": given.comment, "user": { "login": given.user },
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
        let Some(one) = self.deployments.all.iter_mut().find(|one| {
            one.waits() && one.run().to_string() == run && wanted.contains(&json!(one.environment_id()))
        }) else {
            return said(422, "There are no pending deployment requests to approve or reject");
        };
        if one.team != team || one.own.creator == user {
            return said(403, "You are not a reviewer of this environment");
        }
        State::decide(one, user, state, comment);
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
        let made = self.talk(path, user, text);
        Reply::json(201, &made)
    }

    fn talk(&mut self, path: &str, user: &str, text: &str) -> Value {
        let made = json!({ "id": self.deployments.number(), "body": text, "user": { "login": user }, "created_at": stamp(now()) });
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

impl forge::Deployment<Own> {
    fn sha(&self) -> String {
        format!("{:040x}", self.id)
    }

    fn run(&self) -> u64 {
        self.id + 9000
    }

    fn waits(&self) -> bool {
        self.own.statuses.last().is_some_and(|(state, _)| *state == "waiting")
    }

    fn environment_id(&self) -> u64 {
        ENVIRONMENTS.iter().find(|(name, _)| *name == self.environment).unwrap().1
    }

    fn json(&self) -> Value {
        json!({ "id": self.id, "sha": self.sha(), "ref": self.tag, "task": "deploy", "environment": self.environment,
            "description": null, "payload": {}, "creator": { "login": self.own.creator, "type": "User" },
            "created_at": stamp(self.created), "updated_at": stamp(self.updated),
            "statuses_url": "https://elsewhere.invalid/statuses" })
    }

    fn statuses_json(&self) -> Vec<Value> {
        let link = format!("https://git.example.com/acme/pay/actions/runs/{}/job/77", self.run());
        let link = if self.own.linked { link } else { "https://ci.example.com/9".to_owned() };
        let told = (self.id * 100..).zip(&self.own.statuses).map(|(id, (state, at))| {
            json!({ "id": id, "state": state, "log_url": link, "target_url": link, "environment": self.environment,
                "created_at": stamp(*at), "description": "" })
        });
        let mut told: Vec<Value> = told.collect();
        told.reverse();
        told
    }

    fn pending(&self, user: &str, team: &str) -> Value {
        json!({ "environment": { "id": self.environment_id(), "name": self.environment }, "wait_timer": 0,
            "wait_timer_started_at": null, "current_user_can_approve": team == self.team && user != self.own.creator,
            "reviewers": [{ "type": "Team", "reviewer": { "id": 9, "slug": self.team, "name": self.team } },
                { "type": "User", "reviewer": { "id": 4, "login": "boss" } }] })
    }
}

/// Where people talk about a deployment.
fn thread(number: u64) -> String {
    format!("/issues/{}/comments", number + 1000)
}

impl Forge for State {
    type Own = Own;
    const KIND: SourceKind = SourceKind::Github;
    const TOKENS: &'static str = "ghp-";
    const PAGE: usize = 30;

    fn deployments(&mut self) -> &mut Deployments<Own> {
        &mut self.deployments
    }

    fn waiting() -> Own {
        through(1, &["waiting"]).own
    }

    fn over() -> Own {
        through(1, &["queued", "in_progress", "success", "inactive"]).own
    }

    fn decide(one: &mut Deployment, user: &str, answer: &str, comment: &str) {
        one.given.push(Given { user: user.into(), answer: answer.into(), comment: comment.into() });
        one.own.statuses.push((if answer == "approved" { "queued" } else { "failure" }, now()));
        one.updated = now();
    }

    /// A tag is of an answer and of who asked; what it still fits is not counted.
    fn reply(&mut self, asked: &Asked, user: Option<User>) -> Reply {
        let reply = self.answer(asked, user);
        if asked.method != "GET" || reply.status != 200 {
            return reply;
        }
        let mut hasher = DefaultHasher::new();
        (user, &reply.headers, &reply.body).hash(&mut hasher);
        let tag = format!("W/\"{:016x}\"", hasher.finish());
        if asked.header("if-none-match") == Some(&tag) {
            self.unchanged += 1;
            return Reply::empty(304).header("etag", tag);
        }
        self.counted.push(asked.path.clone());
        reply.header("etag", tag)
    }

    /// Its link to the next page points elsewhere.
    fn page(rows: &[&Value], next: Option<usize>, _total: usize) -> Reply {
        let reply = Reply::json(200, &json!(rows)).header("x-ratelimit-remaining", "4000");
        match next {
            Some(_) => {
                reply.header("link", "<https://elsewhere.invalid/repositories/1/x?page=2>; rel=\"next\"")
            }
            None => reply,
        }
    }

    fn said(&self, number: u64) -> Vec<String> {
        let notes = self.comments.get(&thread(number)).into_iter().flatten();
        notes.map(|note| note["body"].as_str().unwrap().to_owned()).collect()
    }

    fn say(&mut self, number: u64, user: &str, text: &str) {
        self.talk(&thread(number), user, text);
    }
}

conforms!(Github, Reply::json(201, &json!({ "id": 1, "body": "swallowed" })));
