//! Levels of approvals and notes of a change: how they are read, and how they are written as the person.
//!
//! A list of notes leaves out their words, so each is read for itself, once. Asked for the levels of a change that has
//! none, some builds say that something broke.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Adapted,
    api::{Denied, INTERNAL, NOWHERE},
    record::{self, id, name, person, time},
};
use crate::{
    model::{ApprovalAnswer, ApprovalRequest, Id, Instant, Line, Record, Word},
    source::{
        What, Write,
        http::Login,
        markup,
        system::{Refusal, Setup, approval_rule::ApprovalRule, comments_and_approvals::Note},
        write::{answer_of, words_of_theirs},
    },
};

const ANSWERS: [(&str, ApprovalAnswer); 5] = [
    ("to be sent", ApprovalAnswer::NotSent),
    ("pending approval", ApprovalAnswer::Requested),
    ("pending", ApprovalAnswer::Requested),
    // They asked back: their answer is still to come.
    ("pending clarification", ApprovalAnswer::Requested),
    ("denied", ApprovalAnswer::Rejected),
];
/// Rows of what hangs on one change, and the most pages of them.
const ROWS: usize = 100;
/// The longest comment of an approval.
const COMMENT: usize = 250;

/// An approval of a level.
#[derive(Debug)]
pub struct Asked {
    /// The path under the change.
    path: String,
    id: String,
    /// The level and its rule.
    step: String,
    rule: ApprovalRule,
    /// The level of it, by its id.
    level: String,
    /// Whether the system itself calls the level approved, where it says how the level stands.
    done: Option<bool>,
    value: Value,
}

impl Asked {
    fn is_theirs(&self, write: &Write) -> bool {
        self.value.get("approver").is_some_and(|who| record::names(who).any(|name| write.is_by(name)))
    }
}

impl Adapted {
    fn answer(&self, asked: &Asked) -> Word<ApprovalAnswer> {
        record::choice(&self.setup, &asked.value, "status", &ANSWERS)
    }

    /// The answer as it counts among those of its level: who still waits where its rule is met is needed no more.
    fn settled(&self, one: &Asked, all: &[Asked]) -> Word<ApprovalAnswer> {
        let own = self.answer(one);
        let level: Vec<ApprovalAnswer> = all
            .iter()
            .filter(|other| other.level == one.level)
            .map(|other| self.answer(other).value)
            .collect();
        // Its own word about the level goes before the rule, as far as it has one.
        let rule = match one.done {
            Some(true) => ApprovalRule::Anyone,
            Some(false) => return own,
            None => one.rule,
        };
        match rule.settles(&level, own.value) {
            same if same == own.value => own,
            other => Word::mapped(other, own.as_given()),
        }
    }

    /// Every row of a list under a change.
    pub(super) async fn under(&mut self, path: &str, key: &str) -> Result<Vec<Value>, Denied> {
        let mut all = Vec::new();
        let mut paged = self.api.session.pages(path);
        loop {
            let info = json!({ "list_info": { "row_count": ROWS, "start_index": all.len() + 1 } });
            let answer = self.api.ask(path, Some(&info)).await?;
            let rows = answer.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
            let more = answer.pointer("/list_info/has_more_rows").and_then(Value::as_bool) == Some(true);
            let none = rows.is_empty();
            if more && !none {
                paged.go_on(rows.iter().map(ToString::to_string))?;
            }
            all.extend(rows);
            if !more || none {
                break;
            }
        }
        Ok(all)
    }

    /// The approvals of all levels, in the order of the levels.
    pub(super) async fn asked(&mut self, change: &str) -> Result<Vec<Asked>, Refusal> {
        let levels = format!("changes/{change}/approval_levels");
        let mut found = match self.under(&levels, "approval_levels").await {
            Err(denied) if denied.code == INTERNAL => Vec::new(),
            other => other?,
        };
        found.retain(|level| !record::is_deleted(level));
        found.sort_by_key(|level| level.get("level").and_then(Value::as_i64));
        let mut all = Vec::new();
        for level in found {
            let Some(number) = id(&level) else { continue };
            let path = format!("{levels}/{number}/approvals");
            let (step, rule) = (step(&level), rule(&level));
            let word = record::choice::<ApprovalAnswer>(&self.setup, &level, "status", &ANSWERS);
            let told = record::choices(&level, "status").iter().any(|name| !name.is_empty());
            let done = told.then_some(word.value == ApprovalAnswer::Approved);
            for value in self.under(&path, "approvals").await? {
                let Some(id) = id(&value).filter(|_| !record::is_deleted(&value)) else { continue };
                let (path, step, level) = (format!("{path}/{id}"), step.clone(), number.clone());
                all.push(Asked { path, id, step, rule, level, done, value });
            }
        }
        Ok(all)
    }

    pub(super) fn approvals(&self, item: &Id, asked: &[Asked]) -> Vec<Record> {
        let row = |one: &Asked| {
            let null = Value::Null;
            let who = person(one.value.get("approver").unwrap_or(&null)).unwrap_or_default();
            let mut request = ApprovalRequest::new(item, &one.id, &who, self.settled(one, asked));
            request.step = Setup::line(&one.step);
            let words = one.value.get("comments").and_then(Value::as_str).unwrap_or_default();
            request.comment = words_of_theirs(&markup::html(words));
            request.asked_at = time(&one.value, "sent_on");
            request.answered_at = time(&one.value, "action_taken_on");
            // A stand-in answers for somebody: by either name, as the build has it.
            let instead = ["obo_approver", "original_approver"];
            if let Some(instead) = instead.iter().find_map(|field| person(one.value.get(*field)?)) {
                request.extra.insert("instead_of".to_owned(), Value::from(instead.as_str()));
            }
            Record::Approval(Box::new(request))
        };
        asked.iter().map(row).collect()
    }

    /// The notes of a change with their words.
    pub(super) async fn notes(&mut self, change: &str) -> Result<Vec<Value>, Refusal> {
        let path = format!("changes/{change}/notes");
        let mut all = self.under(&path, "notes").await?;
        for note in &mut all {
            let Some(number) = id(note) else { continue };
            if note.get("description").is_some_and(Value::is_string) {
                continue;
            }
            let key = (number.clone(), record::updated(note));
            let words = match self.words.get(&key) {
                Some(words) => words.clone(),
                None => {
                    let one = self.api.ask(&format!("{path}/{number}"), None).await.map_err(Refusal::from)?;
                    let words = one.pointer("/note/description").and_then(Value::as_str).unwrap_or_default();
                    self.words.insert(key, words.to_owned());
                    words.to_owned()
                }
            };
            note["description"] = Value::from(words);
        }
        Ok(all)
    }

    /// A note as a comment, unless the board wrote it.
    pub(super) fn comment(item: &Id, note: &Value) -> Option<Record> {
        let times = ["performed_time", "added_time", "created_time"];
        let at = times.iter().find_map(|field| time(note, field)).unwrap_or(Instant::MIN);
        let people = ["performed_by", "added_by", "created_by"];
        let author = people.iter().find_map(|field| person(note.get(*field)?)).unwrap_or_default();
        Note { native: &id(note)?, author: &author, at, text: &words(note), internal: true }.comment(item)
    }

    /// Where the person's own answer stands as it is wanted: in the last level that asks them.
    pub(super) async fn stands(
        &mut self,
        write: &Write,
        change: &str,
        approve: bool,
    ) -> Result<Option<String>, Refusal> {
        let asked = self.asked(change).await?;
        let wanted = answer_of(approve);
        let last = asked.iter().rfind(|one| one.is_theirs(write));
        Ok(last.filter(|one| self.answer(one).value == wanted).map(|one| format!("approval {}", one.id)))
    }

    pub(super) async fn noted(&mut self, write: &Write, change: &str) -> Result<Option<String>, Refusal> {
        let notes = self.notes(change).await?;
        let ours = notes.iter().find(|note| write.is_in(&words(note)));
        Ok(ours.and_then(id).map(|id| format!("note {id}")))
    }

    /// Answers the approval that waits for this person.
    pub(super) async fn vote(
        &mut self,
        write: &Write,
        change: &str,
        approve: bool,
        login: &Login,
    ) -> Result<(), Refusal> {
        let asked = self.asked(change).await?;
        let own: Vec<&Asked> = asked.iter().filter(|one| one.is_theirs(write)).collect();
        let is = |one: &&&Asked, answer| self.answer(one).value == answer;
        let Some(one) = own.iter().find(|one| is(one, ApprovalAnswer::Requested)) else {
            let unsent = own.iter().any(|one| is(&one, ApprovalAnswer::NotSent));
            let why = if unsent {
                "the approval is not sent yet: somebody has to send it in ServiceDesk Plus first"
            } else {
                "no approval of it waits for them"
            };
            let words = format!("change {change}, {}: {why}; nothing was sent", write.name);
            return Err(if own.is_empty() { Refusal::NotAsked(words) } else { Refusal::Said(words) });
        };
        let (path, words) = (one.path.clone(), write.text_within(COMMENT));
        let whole = write.text(true);
        let input = json!({ "approval": { "comments": words } });
        let verb = if approve { "approve" } else { "reject" };
        match self.api.tell(Method::PUT, &format!("{path}/_{verb}"), &input, login).await {
            // Older builds spell it otherwise.
            Err(denied) if denied.code == NOWHERE => {
                self.api.tell(Method::PUT, &format!("{path}/{verb}"), &input, login).await?;
            }
            other => other?,
        }
        if words != whole
            && let Err(error) = self.note(change, &whole, login).await
        {
            // The vote stands; the words beside it may fail without undoing that.
            tracing::warn!(%error, change, "the vote was sent, the whole of its words was not");
        }
        Ok(())
    }

    pub(super) async fn note(&mut self, change: &str, words: &str, login: &Login) -> Result<(), Refusal> {
        let input = json!({ "note": { "description": format!("<div>{}</div>", markup::to_html(words)) } });
        let path = format!("changes/{change}/notes");
        Ok(self.api.tell(Method::POST, &path, &input, login).await?)
    }

    pub(super) async fn tell(
        &mut self,
        write: &Write,
        change: &str,
        login: &Login,
        own: bool,
    ) -> Result<(), Refusal> {
        match write.what {
            What::Vote { approve, .. } => self.vote(write, change, approve, login).await,
            What::Comment { .. } | What::Decision { .. } | What::Dates { .. } | What::Progress { .. } => {
                self.note(change, &write.text(own), login).await
            }
        }
    }
}

fn words(note: &Value) -> String {
    markup::html(note.get("description").and_then(Value::as_str).unwrap_or_default())
}

/// A level by its name and how many have to say yes.
fn step(level: &Value) -> String {
    let rule = match rule(level) {
        ApprovalRule::Anyone => " (anyone)".to_owned(),
        ApprovalRule::Everyone => " (everyone)".to_owned(),
        ApprovalRule::First => " (first response)".to_owned(),
        ApprovalRule::Majority => " (majority)".to_owned(),
        ApprovalRule::Percent(share) => format!(" ({share} %)"),
        ApprovalRule::Unknown => {
            let told = ["/rule/value", "/rule/type"].map(|part| level.pointer(part).and_then(Value::as_str));
            told.into_iter()
                .flatten()
                .next()
                .map_or_else(String::new, |rule| format!(" ({})", Line::new(rule)))
        }
    };
    format!("{}{rule}", name(level, "name"))
}

/// `{"type": "anyone"}`, `{"type": "percent", "value": "90"}`, `{"type": "condition", "value": "anyone_approves"}`.
fn rule(level: &Value) -> ApprovalRule {
    let part = |name: &str| level.pointer(name).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let (kind, value) = (part("/rule/type"), part("/rule/value"));
    let share = value.trim_end_matches(['%', ' ']).parse().ok();
    let word = if kind == "condition" { value } else { kind };
    let known = [
        ("anyone", ApprovalRule::Anyone),
        ("everyone", ApprovalRule::Everyone),
        ("first", ApprovalRule::First),
        ("majority", ApprovalRule::Majority),
    ];
    match known.iter().find(|(start, _)| word.starts_with(start)) {
        Some((_, rule)) => *rule,
        None => share
            .filter(|share| (1..=100).contains(share))
            .map_or(ApprovalRule::Unknown, ApprovalRule::Percent),
    }
}
