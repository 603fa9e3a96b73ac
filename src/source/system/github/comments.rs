//! Comments: a deployment takes none, so they stand on the pull request it ships, or, without one, on its commit.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Github, record::Deployment, versioned};
use crate::{
    model::{Id, Instant, Record},
    source::{
        Write,
        http::{Call, Login},
        markup,
        system::{
            Refusal,
            comments_and_approvals::Note,
            deploy::{self, encode},
            json,
        },
    },
};

/// As it stands there.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Comment(Value);

impl Comment {
    fn id(&self) -> String {
        json::words(json::at(&self.0, "id"))
    }

    fn text(&self) -> String {
        markup::markdown(json::text(&self.0, "body"))
    }

    /// As a comment of ours, unless the board wrote it.
    pub fn record(&self, item: &Id) -> Option<Record> {
        let native = json::key(&self.0, "id")?.to_string();
        let at = json::instant(&self.0, "created_at").unwrap_or(Instant::MIN);
        let author = json::text(&self.0, "user.login");
        Note { native: &native, author, at, text: &self.text(), internal: false }.comment(item)
    }
}

/// Where people talk about what is shipped.
fn place(found: &Deployment) -> (String, String) {
    match &found.pull {
        Some(pull) => (format!("/issues/{}/comments", pull.number), format!("pull request #{}", pull.number)),
        None => (format!("/commits/{}/comments", encode(&found.sha)), format!("commit {}", found.sha)),
    }
}

pub async fn comments(
    github: &Github,
    repository: &str,
    found: &Deployment,
) -> Result<deploy::Said<Comment>, Refusal> {
    let (path, _) = place(found);
    let read = async |page| github.get(repository, &format!("{path}?{page}")).await;
    deploy::all_pages(&github.setup, "comment", read).await
}

pub async fn find(
    github: &Github,
    repository: &str,
    found: &Deployment,
    write: &Write,
) -> Result<Option<String>, Refusal> {
    // The oldest first, and in no other order: what is not among those read may be there all the same.
    let deploy::Said { all, cut } = comments(github, repository, found).await?;
    let ours = all.iter().find(|comment| write.is_in(&comment.text()));
    if ours.is_none() && cut {
        let place = place(found).1;
        return Err(Refusal::Said(format!(
            "{place} of {repository} has more comments than are read, so nobody could tell whether this is there; it was not sent again"
        )));
    }
    Ok(ours.map(|comment| format!("comment {} on {} of {repository}", comment.id(), place(found).1)))
}

pub async fn say(
    github: &Github,
    repository: &str,
    found: &Deployment,
    text: &str,
    login: &Login,
) -> Result<(), Refusal> {
    let call = Call::post(format!("{}/repos/{repository}{}", github.base, place(found).0));
    let body = json!({ "body": markup::to_github(text) });
    github.client.write(versioned(call).json(body), login).await.map(drop)
}
