//! What holds a deployment: who is asked to review it, who did, and reviewing it as the person.
//!
//! One reviewer is enough. While it waits its run says who is asked; afterwards only the rules of the environment do. A
//! run tells reviews of all its attempts, without their times: what waits is not answered, whatever stands there.

use serde::Deserialize;
use serde_json::json;

use super::{
    Github,
    record::{Deployment, User},
    versioned,
};
use crate::{
    model::{ApprovalAnswer, ApprovalRequest, Id, Instant, Line, Prose, Record, Word},
    source::{
        Write,
        http::{Call, HttpError, Login},
        system::{Account, Refusal, WhoAmI, deploy::encode},
        write::{answer_of, word_of, words_of_theirs},
    },
};

/// The longest comment of a review.
const COMMENT: usize = 1000;

/// Somebody who is asked: a person or a team.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    #[serde(rename = "type")]
    kind: String,
    reviewer: Option<Reviewer>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Reviewer {
    login: Option<String>,
    slug: Option<String>,
    name: Option<String>,
}

/// An environment that holds a run.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pending {
    environment: Named,
    current_user_can_approve: Option<bool>,
    reviewers: Vec<Asked>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Named {
    id: u64,
    name: Option<String>,
}

/// A review that was given.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Review {
    state: String,
    comment: Option<String>,
    environments: Vec<Named>,
    user: Option<User>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rules {
    protection_rules: Vec<Rule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rule {
    reviewers: Vec<Asked>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Runs {
    workflow_runs: Vec<Run>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Run {
    id: u64,
}

/// How a deployment stands with its reviewers.
#[derive(Debug, Default)]
pub struct Gate {
    waits: bool,
    asked: Vec<Asked>,
    given: Vec<Review>,
    since: Option<Instant>,
}

impl Asked {
    fn name(&self) -> &str {
        let Some(reviewer) = &self.reviewer else { return "" };
        let names = [&reviewer.login, &reviewer.slug, &reviewer.name];
        names.into_iter().find_map(|name| name.as_deref()).unwrap_or_default()
    }

    fn is_team(&self) -> bool {
        self.kind.eq_ignore_ascii_case("team")
    }
}

impl Review {
    fn is_of(&self, environment: &str) -> bool {
        self.environments.iter().any(|one| one.name.as_deref() == Some(environment))
    }

    fn answer(&self) -> ApprovalAnswer {
        Word::read(&self.state).value
    }

    fn by(&self) -> &str {
        self.user.as_ref().map(User::login).unwrap_or_default()
    }
}

/// Reads who is asked and who answered.
pub async fn read(github: &mut Github, repository: &str, found: &Deployment) -> Result<Gate, Refusal> {
    let environment = found.environment_name();
    let Some(run) = run(github, repository, found).await? else { return Ok(Gate::default()) };
    let pending = match found.waits() {
        true => pending(github, repository, run, environment, None).await?,
        false => None,
    };
    let waits = pending.is_some();
    let asked = match pending {
        Some(pending) => pending.reviewers,
        None => reviewers(github, repository, environment).await?,
    };
    let given = reviews(github, repository, run, environment).await?;
    Ok(Gate { waits, asked, given, since: found.created() })
}

/// The run of a deployment; of one that waits and links none, the run of its commit that is held by its environment.
async fn run(github: &mut Github, repository: &str, found: &Deployment) -> Result<Option<u64>, Refusal> {
    let linked = found.run(repository).or_else(|| github.runs.get(&found.id).copied());
    if linked.is_some() || !found.waits() {
        return Ok(linked);
    }
    let path = format!("/actions/runs?status=waiting&head_sha={}&per_page=100", encode(&found.sha));
    let runs: Runs = github.get(repository, &path).await.map_err(|refusal| explain(repository, refusal))?;
    for run in runs.workflow_runs {
        if pending(github, repository, run.id, found.environment_name(), None).await?.is_some() {
            github.runs.insert(found.id, run.id);
            return Ok(Some(run.id));
        }
    }
    Ok(None)
}

/// Whom an environment holds a run for, as the source sees it, or as a person with a login of their own does.
async fn pending(
    github: &Github,
    repository: &str,
    run: u64,
    environment: &str,
    own: Option<&Login>,
) -> Result<Option<Pending>, Refusal> {
    let path = format!("/actions/runs/{run}/pending_deployments");
    let found = match own {
        Some(own) => github.client.json(github.call(repository, &path), own).await,
        None => github.get(repository, &path).await,
    };
    let all: Vec<Pending> = match found {
        // Runs are deleted after a while, their deployments are not.
        Err(Refusal::Http(HttpError::Missing { .. })) => Vec::new(),
        other => other.map_err(|refusal| explain(repository, refusal))?,
    };
    Ok(all.into_iter().find(|one| one.environment.name.as_deref() == Some(environment)))
}

/// Reviews that cannot be read are not "no reviews".
fn explain(repository: &str, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Http(HttpError::Refused { status: 403, .. }) => Refusal::Said(format!(
            "reviews of deployments of {repository} cannot be read with these credentials: give the token read access to actions and deployments"
        )),
        refusal => refusal,
    }
}

async fn reviews(
    github: &Github,
    repository: &str,
    run: u64,
    environment: &str,
) -> Result<Vec<Review>, Refusal> {
    let path = format!("/actions/runs/{run}/approvals");
    let mut all: Vec<Review> = match github.get(repository, &path).await {
        Err(Refusal::Http(HttpError::Missing { .. })) => Vec::new(),
        other => other.map_err(|refusal| explain(repository, refusal))?,
    };
    all.retain(|review| review.is_of(environment));
    Ok(all)
}

/// Who reviews in an environment, by its rules.
async fn reviewers(github: &mut Github, repository: &str, environment: &str) -> Result<Vec<Asked>, Refusal> {
    let key = (repository.to_owned(), environment.to_owned());
    if let Some(known) = github.reviewers.get(&key) {
        return Ok(known.clone());
    }
    let path = format!("/environments/{}", encode(environment));
    let rules: Rules = match github.get(repository, &path).await {
        Err(Refusal::Http(HttpError::Missing { .. } | HttpError::Refused { status: 403, .. })) => {
            Rules::default()
        }
        other => other?,
    };
    let asked: Vec<Asked> = rules.protection_rules.into_iter().flat_map(|rule| rule.reviewers).collect();
    github.reviewers.insert(key, asked.clone());
    Ok(asked)
}

impl Gate {
    /// A record for everybody who is asked, and one for everybody else who answered.
    pub fn records(&self, item: &Id) -> Vec<Record> {
        let mut found = Vec::new();
        let own = |name: &str| self.given.iter().rfind(|review| review.by().eq_ignore_ascii_case(name));
        for asked in &self.asked {
            let (name, team) = (asked.name(), asked.is_team());
            let review = own(name).filter(|_| !team && !self.waits);
            let answer = review.map_or_else(|| self.verdict(team), Review::answer);
            let native = format!("{}-{name}", if team { "team" } else { "user" });
            let whom = if team { "" } else { name };
            let mut request = ApprovalRequest::new(item, &native, whom, Word::known(answer));
            request.group = team.then(|| Line::new(name));
            request.step = Some(Line::new(&format!("one of {}", self.asked.len())));
            request.asked_at = self.since;
            request.comment = review.map(words).unwrap_or_default();
            found.push(request);
        }
        let is_asked = |name: &str| {
            self.asked.iter().any(|asked| !asked.is_team() && asked.name().eq_ignore_ascii_case(name))
        };
        // While it waits, what stands there is of an attempt before.
        for review in self.given.iter().filter(|review| !self.waits && !is_asked(review.by())) {
            let native = format!("given-{}", review.by());
            let mut request = ApprovalRequest::new(item, &native, review.by(), Word::known(review.answer()));
            request.comment = words(review);
            found.retain(|one| one.id != request.id);
            found.push(request);
        }
        found.into_iter().map(|request| Record::Approval(Box::new(request))).collect()
    }

    /// What became of asking: a team's answer is that of anybody, a person who was not needed is asked no more.
    fn verdict(&self, team: bool) -> ApprovalAnswer {
        let any = |answer| self.given.iter().any(|review| review.answer() == answer);
        match (self.waits, team) {
            (true, _) => ApprovalAnswer::Requested,
            (false, true) if any(ApprovalAnswer::Rejected) => ApprovalAnswer::Rejected,
            (false, true) if any(ApprovalAnswer::Approved) => ApprovalAnswer::Approved,
            (false, _) => ApprovalAnswer::NotRequired,
        }
    }
}

fn words(review: &Review) -> Prose {
    words_of_theirs(review.comment.as_deref().unwrap_or_default())
}

/// Whether the person's own review stands as it is wanted: by its marker, or by what holds nothing any more.
pub async fn find(
    github: &mut Github,
    repository: &str,
    found: &Deployment,
    write: &Write,
    approve: bool,
) -> Result<Option<String>, Refusal> {
    let Some(run) = run(github, repository, found).await? else { return Ok(None) };
    let environment = found.environment_name();
    let wanted = answer_of(approve);
    let given = reviews(github, repository, run, environment).await?;
    let is_theirs = |review: &&Review| {
        review.answer() == wanted
            && review.user.as_ref().is_some_and(|user| user.names().any(|name| write.is_by(name)))
    };
    let ours = |review: &&Review| write.is_in(review.comment.as_deref().unwrap_or_default());
    let theirs: Vec<&Review> = given.iter().filter(is_theirs).collect();
    let stands = theirs.iter().any(ours)
        || (!theirs.is_empty() && pending(github, repository, run, environment, None).await?.is_none());
    Ok(stands.then(|| format!("review of {environment} in run {run} of {repository}: {}", word_of(approve))))
}

impl WhoAmI for Github {
    async fn account(&mut self, login: &Login, _own: bool) -> Result<Account, Refusal> {
        let me = myself(self, login).await?;
        Account::known_as(me.names())
            .ok_or_else(|| Refusal::Said("GitHub does not tell whose token this is".to_owned()))
    }
}

async fn myself(github: &Github, login: &Login) -> Result<User, Refusal> {
    let me = versioned(Call::get(format!("{}/user", github.base)));
    github.client.json(me, login).await
}

/// Reviews as the person, whom GitHub itself says it lets.
pub async fn vote(
    github: &mut Github,
    repository: &str,
    found: &Deployment,
    write: &Write,
    login: &Login,
    approve: bool,
) -> Result<(), Refusal> {
    let me = myself(github, login).await?;
    let (number, environment) = (found.id, found.environment_name());
    let run = run(github, repository, found).await?;
    let held = match run {
        Some(run) => {
            pending(github, repository, run, environment, Some(login)).await?.map(|held| (run, held))
        }
        None => None,
    };
    let Some((run, held)) = held.filter(|_| found.waits()) else {
        return Err(Refusal::Said(format!(
            "deployment {number} of {repository} waits for no review: it is {}",
            found.state()
        )));
    };
    if held.current_user_can_approve != Some(true) {
        let asked: Vec<&str> = held.reviewers.iter().map(Asked::name).collect();
        return Err(Refusal::NotAsked(format!(
            "GitHub does not let {} review {environment}; it asks {}, and nobody for what they started themselves",
            me.login(),
            if asked.is_empty() { "nobody".to_owned() } else { asked.join(", ") }
        )));
    }
    let body = json!({
        "environment_ids": [held.environment.id], "state": word_of(approve), "comment": write.text_within(COMMENT),
    });
    let path = format!("{}/repos/{repository}/actions/runs/{run}/pending_deployments", github.base);
    github.client.write(versioned(Call::post(path)).json(body), login).await.map(drop)
}
