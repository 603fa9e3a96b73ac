//! Deployments, their approvals, releases, milestones and projects as records.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    model::{
        ApprovalAnswer, ApprovalRequest, Change, Fault, Id, Instant, Line, Outcome, Record, ReleaseState,
        State, Wall, WindowKind, Word,
    },
    source::{
        system::{
            Setup,
            deploy::record::{self, Native, Shipped},
            fields::{Stock, Table},
            json::{at, instant, key, line, list, text},
        },
        write::words_of_theirs,
    },
};

const STOCK: Stock = Stock {
    names: &[
        ("environment", &["environment.name"]),
        ("state", &["status"]),
        ("owner", &["user.username", "user.name"]),
        ("submitted_at", &["created_at"]),
        ("updated_at", &["updated_at", "created_at"]),
        ("actual_start", &["deployable.started_at"]),
        ("actual_end", &["deployable.finished_at"]),
        ("url", &["deployable.web_url", "deployable.pipeline.web_url"]),
    ],
    states: Table::Words(&[
        ("blocked", State::Authorize),
        ("created", State::Scheduled),
        ("running", State::Implement),
        ("success", State::Closed),
        ("failed", State::Closed),
        ("canceled", State::Cancelled),
        ("skipped", State::Cancelled),
    ]),
    ..Stock::NONE
};
const OUTCOMES: &[(&str, Outcome)] = &[("success", Outcome::Successful), ("failed", Outcome::Failed)];

/// A deployment as it is listed, or with its approvals where it is asked for by itself.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct Deployment {
    pub id: u64,
    row: Value,
}

impl TryFrom<Value> for Deployment {
    type Error = &'static str;

    fn try_from(row: Value) -> Result<Self, Self::Error> {
        Ok(Self { id: key(&row, "id").ok_or("it has no id")?, row })
    }
}

/// An approval or a rejection somebody gave.
#[derive(Clone, Copy)]
pub struct Given<'a>(&'a Value);

/// What somebody is called by, their login first.
pub fn login(user: &Value) -> Option<&str> {
    names(user).next()
}

/// All that people may know somebody by.
pub fn names(user: &Value) -> impl Iterator<Item = &str> {
    ["username", "name", "email"].into_iter().filter_map(|name| at(user, name).as_str())
}

impl Deployment {
    pub fn updated(&self) -> Option<Instant> {
        instant(&self.row, "updated_at").or_else(|| instant(&self.row, "created_at"))
    }

    pub fn environment_name(&self) -> &str {
        text(&self.row, "environment.name")
    }

    pub fn status(&self) -> &str {
        text(&self.row, "status")
    }

    pub fn waits(&self) -> bool {
        self.status() == "blocked"
    }

    fn rules(&self) -> &[Value] {
        list(&self.row, "approval_summary.rules")
    }

    /// Everything that was given, by rules and without.
    pub fn given(&self) -> impl Iterator<Item = Given<'_>> {
        let by_rule = self.rules().iter().flat_map(|rule| list(rule, "deployment_approvals"));
        by_rule.chain(list(&self.row, "approvals")).map(Given)
    }
}

impl<'a> Given<'a> {
    pub fn user(self) -> &'a Value {
        at(self.0, "user")
    }

    pub fn status(self) -> Option<&'a str> {
        at(self.0, "status").as_str()
    }

    fn answer(self) -> Word<ApprovalAnswer> {
        Word::read(self.status().unwrap_or_default())
    }
}

/// A deployment as a change.
pub fn change(setup: &Setup, project: &str, deployment: &Deployment) -> Result<Change, Fault> {
    let row = &deployment.row;
    let tag = at(row, "ref").as_str().unwrap_or("?");
    let about = format!("{}\n\n{tag} at {}", text(row, "deployable.commit.message").trim(), text(row, "sha"));
    let mut change = record::change(&Shipped {
        setup,
        stock: &STOCK,
        value: row,
        project,
        number: deployment.id,
        tag,
        about: about.trim(),
        waits: deployment.waits(),
    })?;
    let outcome = setup.words.read(deployment.status(), OUTCOMES);
    change.outcome = (!outcome.is_unknown()).then_some(outcome);
    Ok(change)
}

/// What is asked by each rule, and what each person gave.
pub fn approvals(item: &Id, deployment: &Deployment) -> Vec<Record> {
    let mut found = Vec::new();
    for (number, rule) in deployment.rules().iter().enumerate() {
        let native = format!("rule-{}", at(rule, "id").as_u64().unwrap_or(number as u64));
        let given: Vec<Given<'_>> = list(rule, "deployment_approvals").iter().map(Given).collect();
        let required = at(rule, "required_approvals").as_u64().unwrap_or(1);
        let mut asked =
            ApprovalRequest::new(item, &native, "", verdict(&given, required, deployment.waits()));
        let whom = at(rule, "access_level_description").as_str().unwrap_or("approvers");
        match key(rule, "user_id") {
            Some(_) => asked.approver = Line::new(whom),
            None => asked.group = Setup::line(whom),
        }
        asked.step = Setup::line(&format!("{} of {required}", given.len()));
        asked.asked_at = instant(&deployment.row, "created_at");
        found.push(asked);
        found.extend(given.into_iter().filter_map(|given| answer(item, &native, given)));
    }
    if found.is_empty() {
        found.extend(deployment.given().filter_map(|given| answer(item, "given", given)));
    }
    found.into_iter().map(|asked| Record::Approval(Box::new(asked))).collect()
}

fn verdict(given: &[Given<'_>], required: u64, waits: bool) -> Word<ApprovalAnswer> {
    let count = |answer| given.iter().filter(|given| given.answer().value == answer).count() as u64;
    Word::known(if count(ApprovalAnswer::Rejected) > 0 {
        ApprovalAnswer::Rejected
    } else if count(ApprovalAnswer::Approved) >= required {
        ApprovalAnswer::Approved
    } else if waits {
        ApprovalAnswer::Requested
    } else {
        ApprovalAnswer::Cancelled
    })
}

fn answer(item: &Id, rule: &str, given: Given<'_>) -> Option<ApprovalRequest> {
    let user = login(given.user())?;
    let mut answer = ApprovalRequest::new(item, &format!("{rule}-{user}"), user, given.answer());
    answer.comment = words_of_theirs(text(given.0, "comment"));
    answer.answered_at = instant(given.0, "created_at");
    Some(answer)
}

pub fn service(setup: &Setup, project: &str, found: &Value) -> Result<Record, Fault> {
    let names = ["path_with_namespace", "name"].map(|name| at(found, name).as_str());
    record::service(setup, project, "project", names)
}

/// A milestone with both dates as a sprint.
pub fn sprint(setup: &Setup, project: &str, milestone: &Value) -> Option<Result<Record, Fault>> {
    let date = |name: &str| text(milestone, name).parse().ok().map(Wall::Date);
    let days = date("start_date").zip(date("due_date"))?;
    let number = ("id", key(milestone, "id"));
    Some(record::milestone(setup, project, number, (WindowKind::Sprint, text(milestone, "title")), days))
}

pub fn release(setup: &Setup, project: &str, found: &Value) -> Result<Record, Fault> {
    let tag = text(found, "tag_name");
    let upcoming = at(found, "upcoming_release") == &Value::Bool(true);
    let out = instant(found, "released_at").map(|at| (at, !upcoming));
    let named = (tag, at(found, "name").as_str());
    let native = Native { what: "release", by: ("tag", Some(tag)), mark: "@" };
    let mut release = record::release(setup, project, native, named, out)?;
    release.state = if upcoming { ReleaseState::Planning } else { ReleaseState::Closed }.into();
    release.manager = login(at(found, "author")).and_then(Setup::line);
    release.sprint = list(found, "milestones").iter().find_map(|one| line(one, "title"));
    release.url = line(found, "_links.self");
    release.updated_at = instant(found, "created_at");
    Ok(Record::Release(Box::new(release)))
}
