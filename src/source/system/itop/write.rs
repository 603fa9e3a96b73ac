//! Stimuli with the fields they require, for the approver a change names, and entries of the case log.

use serde_json::{Value, json};

use super::{Itop, record};
use crate::source::{
    Point, What, Write,
    http::Login,
    system::{Account, Refusal, Standing, Statuses, WhoAmI, Writer, status::same},
};

/// The longest words of a decision: a longer `approval_comment` or `reason` is refused with everything else that was sent.
const WORDS: usize = 255;
/// And of the simple module, whose reason is a text.
const SIMPLE_WORDS: usize = 2_000;

impl Writer for Itop {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        let object = self.one(&write.item).await?;
        let What::Vote { approve, .. } = write.what else {
            let mut all = record::entries(&object).into_iter();
            let found = all.find(|entry| write.is_in(&entry.text));
            return Ok(found.map(|entry| format!("{} of change {}", entry.native, object.key)));
        };
        // Anybody could have set the status: only the words of this vote show that it was this one.
        let (word, states): (_, &[&str]) = match (approve, object.is_simple()) {
            (true, false) => (Some("approval_comment"), &["approved", "implemented", "monitored", "closed"]),
            (true, true) => (None, &["approved", "closed"]),
            (false, false) => (Some("reason"), &["notapproved"]),
            (false, true) => (Some("reject_reason"), &["rejected"]),
        };
        let ours = match word {
            Some(name) => write.is_in(object.text(name)),
            None => record::entries(&object).iter().any(|entry| write.is_in(&entry.text)),
        };
        let there = ours && states.contains(&object.text("status"));
        Ok(there.then(|| format!("change {} is {}", object.key, object.text("status"))))
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        if let What::Vote { approve, .. } = write.what {
            return vote(self, write, login, approve).await;
        }
        let number = self.number(&write.item)?;
        let entry = added(&write.text(as_themselves));
        let operation = json!({
            "operation": "core/update", "comment": format!("quorate {}", write.id), "class": "Change", "key": number,
            "fields": { "private_log": entry }, "output_fields": "id",
        });
        self.tell(&operation, login).await
    }
}

impl Statuses for Itop {
    fn brings(&self, point: &Point) -> Option<String> {
        self.setup.brings(point).map(str::to_owned)
    }

    async fn standing(&mut self, write: &Write, _login: &Login) -> Result<Standing, Refusal> {
        let object = self.one(&write.item).await?;
        let next = ways(&object).map(|(_, _, to)| (*to).to_owned()).collect();
        let status = object.text("status");
        Ok(Standing { next: Some(next), ..Standing::called(status, record::state(self, &object)) })
    }

    async fn set_status(
        &mut self,
        write: &Write,
        wanted: &str,
        login: &Login,
    ) -> Result<Option<String>, Refusal> {
        let object = self.one(&write.item).await?;
        let Some((_, stimulus, _)) = ways(&object).find(|(_, _, to)| same(to, wanted)) else {
            return Err(Refusal::Said(format!("nothing leads there from {:?}", object.text("status"))));
        };
        let operation = json!({
            "operation": "core/apply_stimulus", "comment": format!("quorate {}", write.id), "class": object.class(),
            "key": self.number(&write.item)?, "stimulus": stimulus, "fields": {}, "output_fields": "status",
        });
        self.tell(&operation, login).await.map(|()| None)
    }
}

/// Status, stimulus, the status it leads to: of work, in the classes that have it.
const WAYS: [(&str, &str, &str); 4] = [
    ("approved", "ev_implement", "implemented"),
    ("implemented", "ev_monitor", "monitored"),
    ("implemented", "ev_finish", "closed"),
    ("monitored", "ev_finish", "closed"),
];
/// As [`WAYS`], of a routine change, which nobody approves, and of the simple kind.
const ROUTINE: (&str, &str, &str) = ("plannedscheduled", "ev_implement", "implemented");
const SIMPLE: [(&str, &str, &str); 1] = [("approved", "ev_finish", "closed")];

fn ways(object: &super::Object) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let (all, more): (&[_], &[_]) = match object.class() {
        "Change" => (&SIMPLE, &[]),
        "RoutineChange" => (&WAYS, std::slice::from_ref(&ROUTINE)),
        _ => (&WAYS, &[]),
    };
    let status = object.text("status").to_owned();
    all.iter().chain(more).filter(move |(from, ..)| *from == status)
}

impl WhoAmI for Itop {
    // By the person its user is linked to, or by the user itself.
    async fn account(&mut self, login: &Login, _own: bool) -> Result<Account, Refusal> {
        let user = match login {
            Login::Basic { user, .. } => Some(user.clone()),
            Login::Bearer(_) | Login::Header { .. } | Login::Nobody => None,
        };
        let told = self.contact(login).await?.into_iter().flat_map(|me| [me.email, me.name]);
        Account::known_as(told.chain(user)).ok_or_else(|| {
            Refusal::Said(
                "iTop does not tell whose token this is: link its user to a person there, or vote with a user and a password in [me]".to_owned(),
            )
        })
    }
}

async fn vote(itop: &Itop, write: &Write, login: &Login, approve: bool) -> Result<(), Refusal> {
    let me = itop.contact(login).await?;
    let object = itop.one(&write.item).await?;
    let role = object.decider(itop);
    let approvers = object.approvers(role);
    // By number where there is one: names may be those of two.
    let mine = match me {
        Some(me) => object.is_number(role, &me.number),
        None => approvers.iter().any(|name| write.is_by(name)),
    };
    if !mine {
        let named = approvers.first().copied().unwrap_or("nobody");
        return Err(Refusal::NotAsked(format!(
            "change {} is to be approved by {named}, not by you",
            object.key
        )));
    }
    if !object.waits() {
        let status = object.text("status");
        return Err(Refusal::Said(format!("change {} waits for no approval: it is {status}", object.key)));
    }
    let simple = object.is_simple();
    let words = write.text_within(if simple { SIMPLE_WORDS } else { WORDS });
    // Nothing fills in the date over REST; it is read on the server's clock.
    let local = itop.setup.zone.local(write.at).format(record::STAMP).to_string();
    let (stimulus, fields) = match (approve, simple) {
        (true, false) => ("ev_approve", json!({ "approval_date": local, "approval_comment": words })),
        // No field takes the words of an approval there.
        (true, true) => ("ev_approve", json!({ "approval_date": local, "private_log": added(&words) })),
        (false, false) => ("ev_notapprove", json!({ "reason": words })),
        (false, true) => ("ev_reject", json!({ "reject_reason": words })),
    };
    let operation = json!({
        "operation": "core/apply_stimulus", "comment": format!("quorate {}", write.id), "class": object.class(),
        "key": itop.number(&write.item)?, "stimulus": stimulus, "fields": fields, "output_fields": "status",
    });
    itop.tell(&operation, login).await
}

/// An entry of the case log: added, never set, for a list of entries would replace the log.
fn added(text: &str) -> Value {
    json!({ "add_item": { "message": text, "format": "text" } })
}
