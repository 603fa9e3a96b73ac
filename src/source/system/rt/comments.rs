//! What is said on a ticket, and what we say: comments with our marker, a vote on one's own approval ticket.

use std::{collections::HashSet, fmt::Write as _};

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Listed, Rt, record};
use crate::{
    model::{ApprovalAnswer, Id, Instant, Record},
    source::{
        What, Write,
        http::{Answer, Call, Login},
        markup,
        system::{Page, Refusal, Row, Standing, comments_and_approvals::Note},
        write::answer_of,
    },
};

/// Comments of one ticket that are read at most, the newest.
pub(super) const COMMENTS: usize = 100;
/// Tickets asked about in one question.
const TICKETS: usize = 10;
/// Seconds before a write in which its text is looked for, against clocks that differ.
const BEFORE: i64 = 900;

#[derive(Debug, Deserialize)]
struct Transaction {
    id: Value,
    #[serde(default, rename = "Type")]
    kind: String,
    #[serde(default, rename = "Created")]
    created: String,
    #[serde(default, rename = "Creator")]
    creator: Value,
    #[serde(default, rename = "_hyperlinks")]
    links: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Attachment {
    #[serde(default, rename = "Content")]
    content: String,
    #[serde(default, rename = "ContentType")]
    kind: String,
}

impl Transaction {
    fn number(&self) -> String {
        self.id.as_str().map_or_else(|| self.id.to_string(), str::to_owned)
    }

    fn at(&self) -> Option<Instant> {
        let at = chrono::DateTime::parse_from_rfc3339(&self.created).ok()?;
        Some(Instant::from_secs(at.timestamp()))
    }

    /// Numbers of its attachments: of the address only the number is used.
    fn attachments(&self) -> Vec<u64> {
        let of = |link: &Value| {
            let is = link.get("ref").and_then(Value::as_str) == Some("attachment");
            let url = link.get("_url").and_then(Value::as_str).filter(|_| is)?;
            url.rsplit('/').next()?.parse().ok()
        };
        self.links.iter().filter_map(of).collect()
    }
}

impl Rt {
    /// The newest messages of a ticket, oldest first, and whether there are more. Pages are read until one is not full: no
    /// total is told.
    async fn history(&self, native: &str) -> Result<(Vec<Transaction>, bool), Refusal> {
        let (mut found, mut cut) = (Vec::new(), false);
        for page in 1..=COMMENTS {
            let listed: Listed<Transaction> = self
                .get(
                    &format!("ticket/{native}/history"),
                    &[
                        ("fields", "Type,Created,Creator,_hyperlinks"),
                        ("orderby", "id"),
                        ("order", "DESC"),
                        ("per_page", "100"),
                        ("page", &page.to_string()),
                    ],
                )
                .await?
                .read()?;
            let full = listed.items.len() >= 100;
            let said = |t: &Transaction| matches!(t.kind.as_str(), "Create" | "Comment" | "Correspond");
            found.extend(listed.items.into_iter().filter(said));
            cut = full || found.len() > COMMENTS;
            if !full || found.len() >= COMMENTS {
                break;
            }
        }
        found.truncate(COMMENTS);
        found.reverse();
        Ok((found, cut))
    }

    /// The text of a message: `Content` is base64, HTML comes as it was sent.
    async fn text(&self, transaction: &Transaction) -> Result<String, Refusal> {
        let mut text = String::new();
        for number in transaction.attachments() {
            let part: Attachment = self.get(&format!("attachment/{number}"), &[]).await?.read()?;
            let body = String::from_utf8_lossy(&decoded(&part.content)).into_owned();
            match part.kind.as_str() {
                "text/html" => text.push_str(&markup::html(&body)),
                kind if kind.is_empty() || kind.starts_with("text/") => text.push_str(&body),
                _ => {}
            }
        }
        Ok(text)
    }

    /// Comments of a ticket that this process has not read yet, without our own.
    pub(super) async fn comments(&mut self, item: &Id) -> Result<Page, Refusal> {
        let native = self.setup.native(item).to_owned();
        let mut page = Page::default();
        let (history, cut) = self.history(&native).await?;
        self.cut |= cut;
        for transaction in history {
            let number = transaction.number();
            if self.told.contains(&number) {
                continue;
            }
            let text = self.text(&transaction).await?;
            self.told.insert(number.clone());
            let Some(at) = transaction.at() else { continue };
            if text.trim().is_empty() {
                continue;
            }
            let author = record::login(&transaction.creator).unwrap_or_default();
            let internal = transaction.kind == "Comment";
            let note = Note { native: &number, author: &author, at, text: text.trim(), internal };
            page.rows.extend(note.comment(item).map(|comment| self.setup.row(comment, Some(at))));
        }
        Ok(page)
    }

    /// The approval tickets a change depends on.
    pub(super) async fn approvals_of(&self, native: &str) -> Result<Vec<Row>, Refusal> {
        let found = self.all_tickets(&format!("DependedOnBy = {native} AND Type = 'approval'")).await?;
        let mut rows = Vec::new();
        for item in found {
            rows.extend(record::approval(&self.setup, item)?);
        }
        Ok(rows)
    }

    /// Those of these tickets that approval tickets were opened for: a ticket may depend on any other.
    pub(super) async fn decided(&self, natives: &[String]) -> Result<HashSet<String>, Refusal> {
        let mut found = HashSet::new();
        for some in natives.chunks(TICKETS) {
            let any: Vec<String> = some.iter().map(|native| format!("DependedOnBy = {native}")).collect();
            let query = format!("Type = 'approval' AND ( {} )", any.join(" OR "));
            for item in self.all_tickets(&query).await? {
                found.extend(record::parents(&self.setup, item)?);
            }
        }
        Ok(found)
    }

    /// The person's approval on a change: its ticket, answer and owner.
    async fn own_approval(&self, write: &Write) -> Result<Vec<(String, ApprovalAnswer, String)>, Refusal> {
        let me = match &self.setup.me {
            Some(me) => self.who(me).await.ok(),
            None => None,
        };
        let native = self.setup.native(&write.item).to_owned();
        let mut own = Vec::new();
        for row in self.approvals_of(&native).await? {
            let Record::Approval(approval) = row.stored.record else { continue };
            let owner = approval.approver.to_string();
            if write.is_by(&owner) || me.as_deref() == Some(&owner) {
                let ticket = super::Setup::native_under(&approval.id).to_owned();
                own.push((ticket, approval.answer.value, owner));
            }
        }
        Ok(own)
    }

    /// Who a credential is: there is no such question, but a token names its user's number.
    async fn who(&self, login: &Login) -> Result<String, Refusal> {
        let number = match login {
            Login::Basic { user, .. } => return Ok(user.clone()),
            Login::Header { value, .. } => value
                .expose_secret()
                .trim_start_matches("token ")
                .split('-')
                .nth(1)
                .and_then(|number| number.parse::<u64>().ok()),
            Login::Nobody | Login::Bearer(_) => None,
        };
        let number =
            number.ok_or_else(|| Refusal::Said("the token names no user; make a new one in RT".into()))?;
        let user: Value =
            self.http.read(Call::get(self.url(&format!("user/{number}"))), login).await?.read()?;
        record::login(&user).ok_or_else(|| Refusal::Said("RT does not say whose token this is".into()))
    }

    pub(super) async fn found(&self, write: &Write) -> Result<Option<String>, Refusal> {
        if let What::Vote { approve, .. } = write.what {
            let wanted = answer_of(approve);
            let own = self.own_approval(write).await?;
            let there = own.into_iter().find(|(_, answer, _)| *answer == wanted);
            return Ok(there.map(|(ticket, answer, owner)| format!("approval {ticket} of {owner}: {answer}")));
        }
        let native = self.setup.native(&write.item).to_owned();
        let (history, cut) = self.history(&native).await?;
        for transaction in history.iter().rev() {
            if transaction.at().is_some_and(|at| at < write.at.plus(-BEFORE)) {
                return Ok(None);
            }
            if transaction.kind != "Create" && write.is_in(&self.text(transaction).await?) {
                return Ok(Some(format!("transaction {}", transaction.number())));
            }
        }
        if cut {
            return Err(Refusal::Said(format!(
                "{} has more messages than are read, so nobody could tell whether this is there; it was not sent again",
                write.item
            )));
        }
        Ok(None)
    }

    /// Where a ticket stands.
    pub(super) async fn stands(&self, write: &Write, login: &Login) -> Result<Standing, Refusal> {
        let native = self.setup.native(&write.item);
        let ticket: Value =
            self.http.read(Call::get(self.url(&format!("ticket/{native}"))), login).await?.read()?;
        let status = ticket["Status"].as_str().unwrap_or_default();
        Ok(Standing::called(status, record::state(&self.setup, status)))
    }

    /// Brings a ticket to a status; RT answers a no with success, and its words are told.
    pub(super) async fn bring(
        &self,
        write: &Write,
        wanted: &str,
        login: &Login,
    ) -> Result<Option<String>, Refusal> {
        let native = self.setup.native(&write.item);
        let call = Call::put(self.url(&format!("ticket/{native}"))).json(json!({ "Status": wanted }));
        let answer = self.http.send(call, login).await?;
        accepted(&answer)?;
        let said: Vec<String> = answer.read().unwrap_or_default();
        Ok(said.into_iter().next())
    }

    pub(super) async fn sent(
        &self,
        write: &Write,
        login: &Login,
        as_themselves: bool,
    ) -> Result<(), Refusal> {
        let body = json!({ "Content": write.text(as_themselves), "ContentType": "text/plain" });
        let What::Vote { approve, .. } = write.what else {
            let native = self.setup.native(&write.item);
            let call = Call::post(self.url(&format!("ticket/{native}/comment"))).json(body);
            return accepted(&self.http.send(call, login).await?);
        };
        let me = self.who(login).await?;
        let own = self.own_approval(write).await?;
        let mine = own.iter().find(|(_, answer, owner)| *owner == me && *answer == ApprovalAnswer::Requested);
        let Some((ticket, _, _)) = mine else {
            let mut stands = String::new();
            for (ticket, answer, owner) in &own {
                let _infallible = write!(stands, "; approval {ticket} of {owner} is {answer}");
            }
            let words = format!("no approval of {me} is waiting on this change{stands}");
            let is_asked = own.iter().any(|(_, _, owner)| *owner == me);
            return Err(if is_asked { Refusal::Said(words) } else { Refusal::NotAsked(words) });
        };
        let status = if approve { "resolved" } else { "rejected" };
        if matches!(&write.what, What::Vote { comment: Some(_), .. }) {
            // Message and answer in one request. RT takes no If-Match here: it knows no stamp of a message.
            let mut body = body;
            body["Status"] = json!(status);
            let call = Call::post(self.url(&format!("ticket/{ticket}/correspond"))).json(body);
            return accepted(&self.http.send(call, login).await?);
        }
        // The stamp of the approval as it was seen: somebody who is faster makes this a refusal.
        let seen = self.http.read(Call::get(self.url(&format!("ticket/{ticket}"))), login).await?;
        let mut call = Call::put(self.url(&format!("ticket/{ticket}"))).json(json!({ "Status": status }));
        if let Some(etag) = seen.header("etag") {
            call = call.header("if-match", etag);
        }
        accepted(&self.http.send(call, login).await?)
    }
}

/// RT says 200 or 201 to nearly everything: what it did is read afterwards. A plain no is told in its own words.
fn accepted(answer: &Answer) -> Result<(), Refusal> {
    if answer.is_success() {
        return Ok(());
    }
    let said = serde_json::from_slice::<Value>(&answer.bytes).ok();
    let words = said.as_ref().and_then(|said| said.get("message")).and_then(Value::as_str);
    match answer.status {
        412 => Err(Refusal::Said("somebody changed it in this moment; nothing was written".to_owned())),
        500..=599 | 429 => Err(Refusal::Http(answer.fault())),
        status => {
            Err(Refusal::Said(format!("{} (HTTP {status})", words.unwrap_or("refused without a word"))))
        }
    }
}

/// Base64 as MIME writes it, with line ends; what is none of it is nothing.
fn decoded(text: &str) -> Vec<u8> {
    let compact: String = text.split_whitespace().collect();
    STANDARD.decode(compact).unwrap_or_default()
}
