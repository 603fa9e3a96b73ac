//! Answers to validations, only one's own, and followups.

use serde_json::json;

use super::{Glpi, Who, record};
use crate::source::{
    Point, What, Write,
    http::Login,
    markup,
    system::{Account, Refusal, Standing, Statuses, WhoAmI, Writer},
};

/// The longest comment an answer takes with certainty: 65,535 bytes, of which a line break needs thirteen, encoded twice.
const COMMENT: usize = 5_000;

fn wanted(approve: bool) -> i64 {
    if approve { record::ACCEPTED } else { record::REFUSED }
}

impl Writer for Glpi {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        let number = self.number(&write.item)?;
        let What::Vote { approve, .. } = write.what else {
            let mut all = record::all_followups(self, &number).await?.into_iter();
            let found = all.find(|followup| write.is_in(&followup.text()));
            return Ok(found.map(|followup| format!("followup {} on change {number}", followup.id)));
        };
        let mut last = None;
        for validation in record::asked(self, &number).await? {
            let Some(user) = validation.user() else { continue };
            if !self.session.user(user).await?.is_by(write) {
                continue;
            }
            if validation.status == Some(record::WAITING) {
                return Ok(None);
            }
            last = Some(validation);
        }
        let found = last.filter(|validation| validation.status == Some(wanted(approve)));
        Ok(found.map(|validation| format!("validation {} of change {number}", validation.id)))
    }

    async fn send(&mut self, write: &Write, _login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        // The engine hands over `setup.me` for themselves, whose session this is.
        let who = if as_themselves { Who::Me } else { Who::Board };
        let number = self.number(&write.item)?;
        if let What::Vote { approve, .. } = write.what {
            return vote(self, write, &number, approve).await;
        }
        let change = record::one(self, &number).await?;
        if !change.is_open() {
            return Err(Refusal::Said(format!(
                "change {number} is finished there ({}), and a followup could open it again; it stands in the board's own record",
                change.word()
            )));
        }
        let content = markup::to_html(&write.text(as_themselves));
        let input = json!({
            "itemtype": "Change", "items_id": number.parse::<u64>().unwrap_or_default(), "content": content,
            "is_private": u8::from(self.private),
        });
        self.session.write(who, reqwest::Method::POST, "ITILFollowup", input).await
    }
}

impl Statuses for Glpi {
    fn brings(&self, point: &Point) -> Option<String> {
        self.setup.brings(point).map(str::to_owned)
    }

    async fn standing(&mut self, write: &Write, _login: &Login) -> Result<Standing, Refusal> {
        let number = self.number(&write.item)?;
        let change = record::one(self, &number).await?;
        let names = vec![change.word(), change.status().to_string()];
        Ok(Standing { names, state: change.state(&self.setup), next: None })
    }

    async fn set_status(
        &mut self,
        write: &Write,
        wanted: &str,
        _login: &Login,
    ) -> Result<Option<String>, Refusal> {
        let number = self.number(&write.item)?;
        let status = record::status(wanted).ok_or_else(|| {
            Refusal::Said(format!("GLPI has no status {wanted:?}; name one as GLPI does, or its number"))
        })?;
        let who = if write.own && self.setup.me.is_some() { Who::Me } else { Who::Board };
        let input = json!({ "status": status });
        self.session.write(who, reqwest::Method::PUT, &format!("Change/{number}"), input).await?;
        Ok(None)
    }
}

impl WhoAmI for Glpi {
    async fn account(&mut self, _login: &Login, own: bool) -> Result<Account, Refusal> {
        let who = if own { Who::Me } else { Who::Board };
        let me = self.session.me(who).await?;
        Account::known_as([&me.login, &me.friendly])
            .ok_or_else(|| Refusal::Said("GLPI does not tell whose session this is".to_owned()))
    }
}

/// GLPI would take an answer from anybody with the right, and let it be turned round: both are looked at here.
async fn vote(glpi: &mut Glpi, write: &Write, number: &str, approve: bool) -> Result<(), Refusal> {
    let me = glpi.session.me(Who::Me).await?;
    let asked = record::asked(glpi, number).await?;
    let mine: Vec<_> = asked.iter().filter(|validation| validation.user() == Some(me.id)).collect();
    if mine.is_empty() {
        return Err(Refusal::NotAsked(format!("change {number} asks no validation of you")));
    }
    record::one(glpi, number).await?;
    let waiting: Vec<u64> =
        mine.iter().filter(|one| one.status == Some(record::WAITING)).map(|one| one.id).collect();
    if waiting.is_empty() {
        let answers: Vec<String> = mine.iter().map(|one| one.word().to_lowercase()).collect();
        return Err(Refusal::Said(format!(
            "your validation of change {number} is answered already ({}): it is not turned round",
            answers.join(", ")
        )));
    }
    let comment = markup::to_html(&write.text_within(COMMENT));
    for id in waiting {
        let input = json!({ "status": wanted(approve), "comment_validation": comment });
        glpi.session.write(Who::Me, reqwest::Method::PUT, &format!("ChangeValidation/{id}"), input).await?;
    }
    Ok(())
}
