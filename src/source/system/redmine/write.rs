//! Notes, and the status a decision brings where the settings name it.
//!
//! A status that the workflow forbids is answered with success and ignored while the note is kept: what may be set is
//! asked for first, and what was set is read again. A status is never moved back: only what still waits is moved.

use serde_json::{Value, json};

use super::{Answer, Redmine, record};
use crate::{
    model::{State, text::clean_line},
    source::{
        What, Write,
        http::{Call, Login},
        system::{
            Refusal, Standing,
            status::{self, same},
        },
        write::marked,
    },
};

impl Redmine {
    /// The status that a decision brings, where the settings name one.
    fn decides(&self, write: &Write) -> Option<&str> {
        match write.what {
            What::Decision { approved: Some(approved), .. } => {
                self.setup.option(if approved { "approved" } else { "rejected" })
            }
            What::Decision { approved: None, .. }
            | What::Comment { .. }
            | What::Vote { .. }
            | What::Progress { .. }
            | What::Dates { .. } => None,
        }
    }

    /// That the statuses of the settings are there, once: a typo is found before the first decision.
    pub(super) async fn know_statuses(&mut self) -> Result<(), Refusal> {
        let names = ["approved", "rejected"].into_iter().chain(status::OPTIONS);
        let named: Vec<_> = names.map(|name| (name, self.setup.option(name))).collect();
        if !self.statuses.is_empty() || named.iter().all(|(_, status)| status.is_none()) {
            return Ok(());
        }
        let answer: Value = self.get(Call::get(self.url("issue_statuses"))).await?.read()?;
        let all = answer["issue_statuses"].as_array().into_iter().flatten();
        let pair = |one: &Value| Some((one["id"].as_u64()?, one["name"].as_str()?.to_owned()));
        let found: Vec<(u64, String)> = all.filter_map(pair).collect();
        for (name, status) in named {
            if let Some(status) = status
                && !found.iter().any(|(_, own)| same(own, status))
            {
                let names: Vec<&str> = found.iter().map(|(_, own)| own.as_str()).collect();
                return Err(Refusal::Said(format!(
                    "options.{name} = {status:?}: Redmine has the statuses {}",
                    clean_line(&names.join(", "))
                )));
            }
        }
        self.statuses = found;
        Ok(())
    }

    /// Whether a text is there, and the status it was to bring.
    pub(super) async fn written(&self, write: &Write) -> Result<Option<String>, Refusal> {
        let issue = self.one(&write.item, "").await?;
        let Some(note) = note_of(&issue, write) else { return Ok(None) };
        let place = format!("note {} of issue {}", note["id"], issue["id"]);
        Ok(match self.decides(write) {
            Some(status) if same(status_of(&issue), status) => Some(format!("{place}, status {status}")),
            Some(_) => None,
            None => Some(place),
        })
    }

    pub(super) async fn write(
        &mut self,
        write: &Write,
        login: &Login,
        as_themselves: bool,
    ) -> Result<(), Refusal> {
        let note = self.note(write, as_themselves);
        match self.decides(write).map(str::to_owned) {
            Some(status) => self.decide(write, login, note, &status).await,
            None => self.put(write, note, login).await,
        }
    }

    fn note(&self, write: &Write, as_themselves: bool) -> Value {
        let mut issue = json!({ "notes": write.text(as_themselves) });
        if self.setup.option("notes").is_some_and(|notes| notes.eq_ignore_ascii_case("private")) {
            issue["private_notes"] = Value::Bool(true);
        }
        issue
    }

    /// The note of a decision and its status in one request; the note alone where the status may not be set.
    async fn decide(
        &mut self,
        write: &Write,
        login: &Login,
        note: Value,
        wanted: &str,
    ) -> Result<(), Refusal> {
        self.know_statuses().await?;
        let before = self.one(&write.item, ",allowed_statuses").await?;
        // A try before this one may have left its note.
        let mut issue = if note_of(&before, write).is_some() { json!({}) } else { note };
        let (is, may) = (status_of(&before).to_owned(), self.may_move(&before, wanted));
        let number = self.statuses.iter().find(|(_, own)| same(own, wanted)).map(|(number, _)| *number);
        if may.is_ok() && !same(&is, wanted) {
            issue["status_id"] = json!(number);
        }
        if issue.as_object().is_some_and(|fields| !fields.is_empty()) {
            self.put(write, issue, login).await?;
        }
        let why = match may {
            Err(why) => why,
            Ok(()) => {
                let after = self.one(&write.item, "").await?;
                if same(status_of(&after), wanted) {
                    return Ok(());
                }
                format!("it answered that all is well and left the status {:?}", status_of(&after))
            }
        };
        Err(Refusal::Said(format!("the note is there, the status {wanted:?} is not: {}", clean_line(&why))))
    }

    /// Where the issue stands, and where to the workflow lets this account bring it.
    pub(super) async fn stands(&mut self, write: &Write) -> Result<Standing, Refusal> {
        self.know_statuses().await?;
        let issue = self.one(&write.item, ",allowed_statuses").await?;
        let state = self.state_of(&issue).map_err(Refusal::Said)?;
        let allowed = issue["allowed_statuses"]
            .as_array()
            .map(|all| all.iter().filter_map(|status| status["name"].as_str()).map(str::to_owned).collect());
        Ok(Standing { next: allowed, ..Standing::called(status_of(&issue), state) })
    }

    /// Brings the issue to a status; one that the workflow forbids is answered with success and ignored.
    pub(super) async fn bring(&mut self, write: &Write, wanted: &str, login: &Login) -> Result<(), Refusal> {
        let number = self.statuses.iter().find(|(_, own)| same(own, wanted)).map(|(number, _)| *number);
        self.put(write, json!({ "status_id": number }), login).await
    }

    fn state_of(&self, issue: &Value) -> Result<State, String> {
        serde_json::from_value::<record::Issue>(issue.clone())
            .map(|issue| record::state_of(&self.setup, &issue))
            .map_err(|error| error.to_string())
    }

    /// Whether the issue may get this status from this account, as far as can be told beforehand.
    fn may_move(&self, issue: &Value, wanted: &str) -> Result<(), String> {
        let is = status_of(issue);
        if same(is, wanted) {
            return Ok(());
        }
        match self.state_of(issue)? {
            State::Draft | State::Assess | State::Authorize => {}
            State::Unknown => {
                return Err(format!("what its status {is:?} means is not known; name it in map.state"));
            }
            State::Scheduled
            | State::Implement
            | State::Review
            | State::Closed
            | State::Cancelled
            | State::Rejected => return Err(format!("it is {is:?} already, and is not moved back")),
        }
        // Redmine before 5.0 does not say: then the answer is compared.
        let Some(allowed) = issue["allowed_statuses"].as_array() else { return Ok(()) };
        let names: Vec<&str> = allowed.iter().filter_map(|status| status["name"].as_str()).collect();
        if names.iter().any(|own| same(own, wanted)) {
            return Ok(());
        }
        Err(format!("from {is:?} the workflow of this account's role allows only {}", names.join(", ")))
    }

    async fn put(&self, write: &Write, issue: Value, login: &Login) -> Result<(), Refusal> {
        let number = self.number(&write.item)?;
        let call = Call::put(self.url(&format!("issues/{number}"))).json(json!({ "issue": issue }));
        let answer = self.http.send(call, login).await?;
        let said = |words: &str| Err(Refusal::Said(format!("{words} (HTTP {})", answer.status)));
        match answer.status {
            403 => said(
                "this account may not add notes to the issue: its role there needs the right to add notes",
            ),
            404 => Err(self.missing(&write.item)),
            409 | 422 => said(&errors(&answer)),
            _ => Ok(answer.judged()?),
        }
    }
}

/// The journal that carries a text of ours.
fn note_of<'a>(issue: &'a Value, write: &Write) -> Option<&'a Value> {
    let mut journals = issue["journals"].as_array().into_iter().flatten();
    journals.find(|journal| journal["notes"].as_str().and_then(marked) == Some(write.id.as_str()))
}

fn status_of(issue: &Value) -> &str {
    issue["status"]["name"].as_str().unwrap_or_default()
}

/// What Redmine says is wrong; it says nothing when somebody else saved meanwhile.
fn errors(answer: &Answer) -> String {
    let said: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
    let words: Vec<&str> =
        said["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if words.is_empty() {
        return "Redmine did not take it and says no reason; somebody may have saved the issue meanwhile"
            .to_owned();
    }
    clean_line(&words.join("; ")).chars().take(300).collect()
}
