//! Approvals and comments of one issue: how they are read, and how they are written.

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, User};
use crate::{
    model::{Approval, ApprovalAnswer, ApprovalRequest, Id, Instant, Line, Record, State, Word},
    source::{
        http::{HttpError, Login},
        system::{Refusal, Row, Setup, comments_and_approvals::Note},
        write::{What, Write, answer_of},
    },
};

const ANSWERS: [(&str, ApprovalAnswer); 2] =
    [("pending", ApprovalAnswer::Requested), ("declined", ApprovalAnswer::Rejected)];
const FINAL: [(&str, Approval); 2] = [("pending", Approval::Requested), ("declined", Approval::Rejected)];
const PAGE: usize = 50;

/// One step that people approve.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Asked {
    pub id: String,
    pub name: String,
    pub final_decision: String,
    pub can_answer_approval: bool,
    pub approvers: Vec<Approver>,
    created_date: When,
    completed_date: Option<When>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Approver {
    pub approver: User,
    pub approver_decision: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct When {
    epoch_millis: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Steps {
    values: Option<Vec<Asked>>,
    is_last_page: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Remarks {
    comments: Option<Vec<Remark>>,
    total: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Remark {
    id: String,
    author: User,
    body: Value,
    created: Value,
    jsd_public: Option<bool>,
}

impl When {
    fn instant(&self) -> Option<Instant> {
        self.epoch_millis.map(|millis| Instant::from_secs(millis.div_euclid(1000)))
    }
}

/// Whether somebody may not see approvals: an account that is no agent of the service project, or a project that is none.
#[must_use]
pub fn is_hidden(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Http(HttpError::Refused { status: 403, .. }))
}

/// What that means for one issue.
#[must_use]
pub fn hidden(key: &str) -> String {
    format!(
        "the approvals of {key} may not be read by this account (HTTP 403), so nothing is known of them: make it an agent of the service project, where it is one"
    )
}

/// What the site says of an approval, as far as it counts in this state: who approved before the work was planned anew
/// did not approve this.
#[must_use]
pub fn counted(setup: &Setup, state: State, steps: &[Asked]) -> Option<Word<Approval>> {
    let word = whole(setup, steps)?;
    let early = matches!(state, State::Draft | State::Assess);
    (!early || word.value != Approval::Approved).then_some(word)
}

/// Whether an issue in this state is asked for its approvals: a status that nobody knows may well be one of approval.
#[must_use]
pub fn is_asked(state: State) -> bool {
    match state {
        State::Assess
        | State::Authorize
        | State::Scheduled
        | State::Implement
        | State::Review
        | State::Unknown => true,
        State::Draft | State::Closed | State::Cancelled | State::Rejected => false,
    }
}

/// The steps of approval of an issue; none where it is no request of a service project.
///
/// # Errors
/// When they cannot be had, as where the account may not see them.
pub async fn approvals(api: &Api, key: &str, login: &Login) -> Result<Vec<Asked>, Refusal> {
    let mut all: Vec<Asked> = Vec::new();
    let mut paged = api.client.pages(format!("approvals of {key}"));
    loop {
        let query = [("start", all.len().to_string()), ("limit", PAGE.to_string())];
        let steps: Steps = match api.get(api.desk(&format!("{key}/approval")), &query, login).await {
            Err(Refusal::Http(HttpError::Missing { .. })) => break,
            other => other?,
        };
        let values = steps.values.ok_or_else(|| nothing(api, key))?;
        let more = steps.is_last_page == Some(false) && !values.is_empty();
        if more {
            paged.go_on(values.iter().map(|step| step.id.as_str()))?;
        }
        all.extend(values);
        if !more {
            break;
        }
    }
    all.sort_by_key(|step| step.created_date.epoch_millis);
    Ok(all)
}

fn nothing(api: &Api, key: &str) -> HttpError {
    HttpError::Garbled { place: api.desk(key), reason: "there are no values in it".to_owned() }
}

/// What the site says about the whole: the step that is pending, else the last.
#[must_use]
pub fn whole(setup: &Setup, steps: &[Asked]) -> Option<Word<Approval>> {
    let step = steps.iter().find(|step| step.final_decision == "pending").or(steps.last())?;
    Some(setup.words.read(&step.final_decision, &FINAL))
}

/// A record per approver of each step.
#[must_use]
pub fn requests(setup: &Setup, item: &Id, steps: &[Asked]) -> Vec<Row> {
    let mut rows = Vec::new();
    for step in steps {
        for one in &step.approvers {
            let mut answer = setup.words.read(&one.approver_decision, &ANSWERS);
            if answer.value == ApprovalAnswer::Requested && step.final_decision != "pending" {
                answer = Word::mapped(ApprovalAnswer::NotRequired, &one.approver_decision);
            }
            let mark = one.approver.marks().next().unwrap_or_default();
            let native = format!("{}-{mark}", step.id);
            let mut request = ApprovalRequest::new(item, &native, one.approver.called(), answer);
            request.step = Some(Line::new(&step.name));
            request.asked_at = step.created_date.instant();
            request.answered_at = step.completed_date.as_ref().and_then(When::instant);
            rows.push(setup.row(Record::Approval(Box::new(request)), None));
        }
    }
    rows
}

fn is_theirs(write: &Write, user: &User) -> bool {
    user.marks().any(|mark| write.is_by(mark))
}

/// Where the person's own answer stands as it is wanted: in the last step that asks them.
#[must_use]
pub fn stands(setup: &Setup, write: &Write, steps: &[Asked], approve: bool) -> Option<String> {
    let mut own = steps.iter().filter_map(|step| {
        let one = step.approvers.iter().find(|one| is_theirs(write, &one.approver))?;
        Some((step, setup.words.read::<ApprovalAnswer>(&one.approver_decision, &ANSWERS).value))
    });
    let wanted = answer_of(approve);
    let (step, _) = own.next_back().filter(|(_, answer)| *answer == wanted)?;
    Some(format!("approval {}", step.id))
}

/// Answers the one step that waits for this person, who is the account that asks; then says why, where they did.
///
/// # Errors
/// Why nothing was sent, or what the site says against it.
pub async fn vote(
    api: &Api,
    setup: &Setup,
    write: &Write,
    key: &str,
    approve: bool,
    login: &Login,
) -> Result<(), Refusal> {
    let me = api.myself(login).await?;
    let steps = match approvals(api, key, login).await {
        Err(refusal) if is_hidden(&refusal) => {
            let why = format!("{}: {}; nothing was sent", setup.id, hidden(key));
            return Err(Refusal::Said(why));
        }
        other => other?,
    };
    let waits = |step: &&Asked| {
        let own = step.approvers.iter().find(|one| one.approver.is(&me));
        step.can_answer_approval
            && step.final_decision == "pending"
            && own.is_some_and(|one| one.approver_decision == "pending")
    };
    let Some(step) = steps.iter().find(waits) else {
        let words =
            format!("{}: no approval of {} waits for {}; nothing was sent", setup.id, key, write.name);
        let is_asked = steps.iter().flat_map(|step| &step.approvers).any(|one| one.approver.is(&me));
        return Err(if is_asked { Refusal::Said(words) } else { Refusal::NotAsked(words) });
    };
    let body = json!({ "decision": if approve { "approve" } else { "decline" } });
    api.post(api.desk(&format!("{key}/approval/{}", step.id)), body, login).await?;
    let words = matches!(&write.what, What::Vote { comment: Some(text), .. } if !text.is_empty());
    if words {
        // The vote stands; the words beside it may fail without undoing that.
        if let Err(error) = note(api, write, key, login, true).await {
            tracing::warn!(%error, key, "the vote was sent, the words with it were not");
        }
    }
    Ok(())
}

/// An internal comment.
///
/// # Errors
/// What the site says against it.
pub async fn note(api: &Api, write: &Write, key: &str, login: &Login, own: bool) -> Result<(), Refusal> {
    let body = json!({
        "body": api.body(&write.text(own)),
        "properties": [{ "key": "sd.public.comment", "value": { "internal": true } }],
    });
    api.post(api.platform(&format!("issue/{key}/comment")), body, login).await
}

async fn remarks(api: &Api, key: &str) -> Result<Vec<Remark>, Refusal> {
    let mut all: Vec<Remark> = Vec::new();
    let mut paged = api.client.pages(format!("comments of {key}"));
    loop {
        let query = [("startAt", all.len().to_string()), ("maxResults", PAGE.to_string())];
        let page: Remarks =
            api.get(api.platform(&format!("issue/{key}/comment")), &query, &api.login).await?;
        let comments = page.comments.ok_or_else(|| nothing(api, key))?;
        let ends = comments.is_empty() || page.total.is_none_or(|total| all.len() + comments.len() >= total);
        if !ends {
            paged.go_on(comments.iter().map(|remark| remark.id.as_str()))?;
        }
        all.extend(comments);
        if ends {
            return Ok(all);
        }
    }
}

/// Comments of an issue, without ours.
///
/// # Errors
/// When they cannot be had.
pub async fn comments(api: &Api, setup: &Setup, item: &Id, key: &str) -> Result<Vec<Row>, Refusal> {
    let mut rows = Vec::new();
    for remark in remarks(api, key).await? {
        let text = api.text(&remark.body);
        let Some(at) = super::record::instant(&remark.created) else { continue };
        let (author, internal) = (remark.author.called(), remark.jsd_public == Some(false));
        let note = Note { native: &remark.id, author, at, text: &text, internal };
        rows.extend(note.comment(item).map(|comment| setup.row(comment, None)));
    }
    Ok(rows)
}

/// The comment that carries our marker.
///
/// # Errors
/// When comments cannot be had.
pub async fn find(api: &Api, write: &Write, key: &str) -> Result<Option<String>, Refusal> {
    let all = remarks(api, key).await?;
    let ours = all.iter().find(|remark| write.is_in(&api.text(&remark.body)));
    Ok(ours.map(|remark| format!("comment {}", remark.id)))
}
