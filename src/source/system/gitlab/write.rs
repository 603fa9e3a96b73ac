//! Approvals of waiting deployments, and notes on the merge request that a deployment ships.
//!
//! A deployment takes no notes of its own. One is written to the latest merge request it ships, escaped, so that nothing
//! in it is markup, a mention, or a quick action that GitLab would carry out.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Gitlab, record};
use crate::{
    model::{Id, Instant, Record},
    source::{
        What, Write,
        http::{Call, Login},
        markup,
        system::{Account, Refusal, WhoAmI, Writer, comments_and_approvals::Note, deploy, json},
        write::word_of,
    },
};

/// The longest comment an approval takes.
const COMMENT: usize = 255;

/// A note on a merge request, as it stands there.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Remark(Value);

impl Remark {
    /// As a comment, unless the board or GitLab itself wrote it.
    pub fn record(&self, item: &Id) -> Option<Record> {
        let is = |name: &str| json::at(&self.0, name) == &Value::Bool(true);
        let native = json::key(&self.0, "id").filter(|_| !is("system"))?.to_string();
        let at = json::instant(&self.0, "created_at").unwrap_or(Instant::MIN);
        let author = record::login(json::at(&self.0, "author")).unwrap_or_default();
        Note { native: &native, author, at, text: &self.text(), internal: is("internal") }.comment(item)
    }

    fn text(&self) -> String {
        markup::markdown(json::text(&self.0, "body"))
    }
}

/// The latest merge request that a deployment ships: its number.
pub async fn merge_request(gitlab: &Gitlab, project: &str, number: u64) -> Result<Option<u64>, Refusal> {
    let path = format!("/deployments/{number}/merge_requests?per_page=100");
    let shipped: Vec<Value> = gitlab.get(project, &path).await?;
    let numbered = |one: &Value| Some((json::instant(one, "merged_at"), json::key(one, "iid")?));
    Ok(shipped.iter().filter_map(numbered).max().map(|(_, number)| number))
}

pub async fn notes(gitlab: &Gitlab, project: &str, request: u64) -> Result<deploy::Said<Remark>, Refusal> {
    // The newest first: what is not read then is the oldest, and never what was just written.
    let path = format!("/merge_requests/{request}/notes?sort=desc&order_by=created_at");
    let read = async |page| gitlab.get(project, &format!("{path}&{page}")).await;
    deploy::all_pages(&gitlab.setup, "note", read).await
}

impl Writer for Gitlab {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        let (project, number) = deploy::deployment(&self.setup, &write.item)?;
        if let What::Vote { approve, .. } = write.what {
            let detail: record::Deployment = self.get(project, &format!("/deployments/{number}")).await?;
            let wanted = word_of(approve);
            let stands = |given: record::Given<'_>| is_theirs(given, write) && given.status() == Some(wanted);
            return Ok(detail
                .given()
                .any(stands)
                .then(|| format!("deployment {number} of {project}: {wanted}")));
        }
        let Some(request) = merge_request(self, project, number).await? else { return Ok(None) };
        let found =
            notes(self, project, request).await?.all.into_iter().find(|note| write.is_in(&note.text()));
        Ok(found.map(|note| {
            format!("note {} on merge request !{request} of {project}", json::words(json::at(&note.0, "id")))
        }))
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        let (project, number) = deploy::deployment(&self.setup, &write.item)?;
        if let What::Vote { approve, .. } = write.what {
            return vote(self, write, login, approve).await;
        }
        let Some(request) = merge_request(self, project, number).await? else {
            return Err(Refusal::Said(format!(
                "deployment {number} of {project} ships no merge request, and a deployment takes no notes of its own; it stands in the board's own record"
            )));
        };
        let address = self.address(project, &format!("/merge_requests/{request}/notes"));
        let body = json!({ "body": markup::to_markdown(&write.text(as_themselves)) });
        self.client.write(Call::post(address).json(body), login).await.map(drop)
    }
}

impl WhoAmI for Gitlab {
    async fn account(&mut self, login: &Login, _own: bool) -> Result<Account, Refusal> {
        let me = myself(self, login).await?;
        Account::known_as(record::names(&me))
            .ok_or_else(|| Refusal::Said("GitLab does not tell whose token this is".to_owned()))
    }
}

async fn myself(gitlab: &Gitlab, login: &Login) -> Result<Value, Refusal> {
    gitlab.client.json(Call::get(format!("{}/api/v4/user", gitlab.setup.address)), login).await
}

async fn vote(gitlab: &Gitlab, write: &Write, login: &Login, approve: bool) -> Result<(), Refusal> {
    let (project, number) = deploy::deployment(&gitlab.setup, &write.item)?;
    let me = myself(gitlab, login).await?;
    let detail: record::Deployment = gitlab.get(project, &format!("/deployments/{number}")).await?;
    let own = json::at(&me, "username");
    let mine = |given: &record::Given<'_>| own.is_string() && json::at(given.user(), "username") == own;
    if let Some(given) = detail.given().find(mine) {
        let answer = given.status().unwrap_or("answered");
        return Err(Refusal::Said(format!(
            "you have {answer} deployment {number} already: it is not turned round"
        )));
    }
    if !detail.waits() {
        let status = Some(detail.status()).filter(|status| !status.is_empty()).unwrap_or("in no state");
        return Err(Refusal::Said(format!("deployment {number} waits for no approval: it is {status}")));
    }
    let mut body = json!({ "status": word_of(approve), "comment": write.text_within(COMMENT) });
    if let Some(rule) = gitlab.setup.option("represent_as") {
        body["represented_as"] = json!(rule);
    }
    let address = gitlab.address(project, &format!("/deployments/{number}/approval"));
    match gitlab.client.write(Call::post(address).json(body), login).await {
        // It may be voted on, and not by this one.
        Err(Refusal::Said(words)) if words.ends_with("(HTTP 403)") => Err(Refusal::NotAsked(words)),
        other => other.map(drop),
    }
}

fn is_theirs(given: record::Given<'_>, write: &Write) -> bool {
    record::names(given.user()).any(|name| write.is_by(name))
}
