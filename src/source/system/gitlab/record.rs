//! Deployments, their approvals, releases, milestones and projects as records.

use serde::Deserialize;

use crate::{
    model::{
        ApprovalAnswer, ApprovalRequest, Change, Fault, Id, Instant, Line, Outcome, Prose, Record,
        ReleaseState, State, Wall, WindowKind, Word,
    },
    source::{
        system::{
            Setup,
            deploy::record::{self, Shipped, at, line},
        },
        write::words_of_theirs,
    },
};

const STATES: &[(&str, State)] = &[
    ("blocked", State::Authorize),
    ("created", State::Scheduled),
    ("running", State::Implement),
    ("success", State::Closed),
    ("failed", State::Closed),
    ("canceled", State::Cancelled),
    ("skipped", State::Cancelled),
];
const OUTCOMES: &[(&str, Outcome)] = &[("success", Outcome::Successful), ("failed", Outcome::Failed)];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Project {
    pub id: Option<u64>,
    pub name: Option<String>,
    pub path_with_namespace: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct User {
    pub username: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Deployment {
    pub id: u64,
    #[serde(default, rename = "ref")]
    pub tag: Option<String>,
    #[serde(default)]
    pub sha: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub created_at: Option<String>,
    #[serde(default)]
    pub updated_at: Option<String>,
    #[serde(default)]
    pub user: Option<User>,
    #[serde(default)]
    pub environment: Option<Environment>,
    #[serde(default)]
    pub deployable: Option<Job>,
    #[serde(default)]
    pub approvals: Option<Vec<Given>>,
    #[serde(default)]
    pub approval_summary: Option<Summary>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Environment {
    pub name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Job {
    pub name: Option<String>,
    pub web_url: Option<String>,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    pub commit: Option<Commit>,
    pub pipeline: Option<Pipeline>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Commit {
    pub message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pipeline {
    pub web_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Summary {
    pub rules: Vec<ApprovalRule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApprovalRule {
    pub id: Option<u64>,
    pub user_id: Option<u64>,
    pub access_level_description: Option<String>,
    pub required_approvals: Option<usize>,
    pub deployment_approvals: Option<Vec<Given>>,
}

/// An approval or a rejection somebody gave.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Given {
    pub user: Option<User>,
    pub status: Option<String>,
    pub created_at: Option<String>,
    pub comment: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Milestone {
    pub id: Option<u64>,
    pub title: Option<String>,
    pub start_date: Option<String>,
    pub due_date: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Release {
    pub tag_name: Option<String>,
    pub name: Option<String>,
    pub created_at: Option<String>,
    pub released_at: Option<String>,
    pub upcoming_release: Option<bool>,
    pub author: Option<User>,
    pub milestones: Option<Vec<Milestone>>,
    #[serde(rename = "_links")]
    pub links: Option<Links>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Links {
    #[serde(rename = "self")]
    pub own: Option<String>,
}

impl User {
    pub fn login(&self) -> Option<&str> {
        self.username.as_deref().or(self.name.as_deref())
    }

    /// All that people may know them by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.username, &self.name, &self.email].into_iter().filter_map(|name| name.as_deref())
    }
}

impl Deployment {
    pub fn updated(&self) -> Option<Instant> {
        at(self.updated_at.as_deref()).or_else(|| at(self.created_at.as_deref()))
    }

    pub fn environment_name(&self) -> &str {
        self.environment.as_ref().and_then(|environment| environment.name.as_deref()).unwrap_or_default()
    }

    pub fn waits(&self) -> bool {
        self.status.as_deref() == Some("blocked")
    }

    /// Everything that was given, by rules and without.
    pub fn given(&self) -> impl Iterator<Item = &Given> {
        let rules = self.approval_summary.iter().flat_map(|summary| &summary.rules);
        let by_rule = rules.flat_map(|rule| rule.deployment_approvals.iter().flatten());
        by_rule.chain(self.approvals.iter().flatten())
    }
}

impl Given {
    fn answer(&self) -> Word<ApprovalAnswer> {
        Word::read(self.status.as_deref().unwrap_or_default())
    }
}

/// A deployment as a change.
pub fn change(setup: &Setup, project: &str, deployment: &Deployment) -> Result<Change, Fault> {
    let status = deployment.status.as_deref().unwrap_or_default();
    let tag = deployment.tag.as_deref().unwrap_or("?");
    let mut change = record::change(
        setup,
        &Shipped {
            project,
            number: deployment.id,
            tag,
            environment: deployment.environment_name(),
            by: deployment.user.as_ref().and_then(User::login),
            created: at(deployment.created_at.as_deref()),
            updated: deployment.updated(),
            waits: deployment.waits(),
        },
    )?;
    change.state = setup.words.read(status, STATES);
    change.outcome = match setup.words.read(status, OUTCOMES) {
        word if word.value == Outcome::Unknown => None,
        word => Some(word),
    };
    let sha = deployment.sha.as_deref().unwrap_or_default();
    let mut about = String::new();
    if let Some(job) = &deployment.deployable {
        change.actual_start = at(job.started_at.as_deref());
        change.actual_end = at(job.finished_at.as_deref());
        let pipeline = job.pipeline.as_ref().and_then(|pipeline| pipeline.web_url.as_deref());
        change.url = line(job.web_url.as_deref().or(pipeline));
        about = job.commit.as_ref().and_then(|commit| commit.message.clone()).unwrap_or_default();
    }
    change.description = Prose::new(format!("{}\n\n{tag} at {sha}", about.trim()).trim());
    Ok(change)
}

/// What is asked by each rule, and what each person gave.
pub fn approvals(item: &Id, deployment: &Deployment) -> Vec<Record> {
    let mut found = Vec::new();
    let none = Vec::new();
    let rules = deployment.approval_summary.as_ref().map_or(&none, |summary| &summary.rules);
    for (number, rule) in rules.iter().enumerate() {
        let native = format!("rule-{}", rule.id.unwrap_or(number as u64));
        let given: Vec<&Given> = rule.deployment_approvals.iter().flatten().collect();
        let required = rule.required_approvals.unwrap_or(1);
        let mut asked =
            ApprovalRequest::new(item, &native, "", verdict(&given, required, deployment.waits()));
        let whom = rule.access_level_description.as_deref().unwrap_or("approvers");
        match rule.user_id {
            Some(_) => asked.approver = Line::new(whom),
            None => asked.group = Setup::line(whom),
        }
        asked.step = Setup::line(&format!("{} of {required}", given.len()));
        asked.asked_at = at(deployment.created_at.as_deref());
        found.push(asked);
        found.extend(given.into_iter().filter_map(|given| answer(item, &native, given)));
    }
    if rules.is_empty() {
        found.extend(deployment.approvals.iter().flatten().filter_map(|given| answer(item, "given", given)));
    }
    found.into_iter().map(|asked| Record::Approval(Box::new(asked))).collect()
}

fn verdict(given: &[&Given], required: usize, waits: bool) -> Word<ApprovalAnswer> {
    let count = |answer| given.iter().filter(|given| given.answer().value == answer).count();
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

fn answer(item: &Id, rule: &str, given: &Given) -> Option<ApprovalRequest> {
    let user = given.user.as_ref()?.login()?;
    let mut answer = ApprovalRequest::new(item, &format!("{rule}-{user}"), user, given.answer());
    let comment = given.comment.as_deref().unwrap_or_default();
    answer.comment = words_of_theirs(comment);
    answer.answered_at = at(given.created_at.as_deref());
    Some(answer)
}

pub fn service(setup: &Setup, project: &str, found: &Project) -> Result<Record, Fault> {
    let names = [found.path_with_namespace.as_deref(), found.name.as_deref()];
    record::service(setup, project, "project", names)
}

/// A milestone with both dates as a sprint.
pub fn sprint(setup: &Setup, project: &str, milestone: &Milestone) -> Option<Result<Record, Fault>> {
    let date = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok()).map(Wall::Date);
    let days = date(&milestone.start_date).zip(date(&milestone.due_date))?;
    let named = (WindowKind::Sprint, milestone.title.as_deref().unwrap_or_default());
    Some(record::milestone(setup, project, milestone.id.unwrap_or_default(), named, days))
}

pub fn release(setup: &Setup, project: &str, found: &Release) -> Result<Record, Fault> {
    let tag = found.tag_name.as_deref().unwrap_or_default();
    let upcoming = found.upcoming_release == Some(true);
    let out = at(found.released_at.as_deref()).map(|at| (at, !upcoming));
    let native = format!("{project}@{tag}");
    let mut release = record::release(setup, project, &native, (tag, found.name.as_deref()), out)?;
    release.state = if upcoming { ReleaseState::Planning } else { ReleaseState::Closed }.into();
    release.manager = line(found.author.as_ref().and_then(User::login));
    release.sprint = line(found.milestones.iter().flatten().find_map(|one| one.title.as_deref()));
    release.url = line(found.links.as_ref().and_then(|links| links.own.as_deref()));
    release.updated_at = at(found.created_at.as_deref());
    Ok(Record::Release(Box::new(release)))
}
