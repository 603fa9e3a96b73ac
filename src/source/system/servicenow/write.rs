//! Votes and notes: a vote by the change API as the person, a note into the journal.

use serde_json::json;

use super::{
    Adapted, comments_and_approvals,
    table::{Ask, Rec},
};
use crate::{
    model::ApprovalAnswer,
    source::{
        http::Login,
        system::Refusal,
        write::{What, Write, answer_of, word_of},
    },
};

impl Adapted {
    /// Rows of the approvers of one change, as one account sees them.
    pub(super) async fn approvers(
        &self,
        sys_id: &str,
        more: &str,
        login: &Login,
    ) -> Result<Vec<Rec>, Refusal> {
        let query = super::table::all_of(&[&format!("sysapproval={sys_id}"), more]);
        let ask = Ask {
            table: "sysapproval_approver",
            query,
            fields: comments_and_approvals::APPROVAL_FIELDS,
            limit: 500,
            offset: 0,
        };
        let rows = self.tables.ask(&ask, login).await?.rows;
        // A clause that was dropped brings the approvals of everything.
        Ok(rows.into_iter().filter(|row| row.value("sysapproval") == sys_id).collect())
    }

    pub(super) async fn find_vote(&self, write: &Write, approve: bool) -> Result<Option<String>, Refusal> {
        let sys_id = self.sys_id(&write.item).await?;
        let rows = self.approvers(&sys_id, "", &self.setup.login).await?;
        let mine = rows.iter().filter(|row| comments_and_approvals::is_theirs(write, row));
        let wanted = answer_of(approve);
        let mut last: Option<&Rec> = None;
        for row in mine {
            if comments_and_approvals::answer(&self.setup, row).value == ApprovalAnswer::Requested {
                return Ok(None);
            }
            let is_later = |last: &Rec| row.time("sys_updated_on") >= last.time("sys_updated_on");
            if last.is_none_or(is_later) {
                last = Some(row);
            }
        }
        let found = last.filter(|row| comments_and_approvals::answer(&self.setup, row).value == wanted);
        Ok(found.map(|row| format!("approval {}", row.sys_id())))
    }

    pub(super) async fn find_note(&self, write: &Write) -> Result<Option<String>, Refusal> {
        let (sys_id, marker) = (self.sys_id(&write.item).await?, write.marker());
        let query = format!("element_id={sys_id}^elementINcomments,work_notes^valueLIKE{}", write.id);
        let fields = comments_and_approvals::JOURNAL_FIELDS;
        let ask = Ask { table: "sys_journal_field", query, fields, limit: 500, offset: 0 };
        let rows = self.tables.ask(&ask, &self.setup.login).await?.rows;
        let is_ours = |row: &&Rec| row.value("element_id") == sys_id && row.value("value").contains(&marker);
        if let Some(row) = rows.iter().find(is_ours) {
            return Ok(Some(format!("{} {}", row.value("element"), row.sys_id())));
        }
        // Where the journal may not be read, the change itself shows it to people.
        let query = format!("sys_id={sys_id}");
        let fields = "sys_id,comments_and_work_notes";
        let ask = Ask { table: "change_request", query, fields, limit: 1, offset: 0 };
        let rows = self.tables.ask(&ask, &self.setup.login).await?.rows;
        let shown = rows
            .iter()
            .any(|row| row.sys_id() == sys_id && row.label("comments_and_work_notes").contains(&marker));
        Ok(shown.then(|| "a note on the change".to_owned()))
    }

    pub(super) async fn vote(&self, write: &Write, approve: bool, login: &Login) -> Result<(), Refusal> {
        let sys_id = self.sys_id(&write.item).await?;
        // As the account that votes: the approvals of the one who asks, and of nobody else.
        let rows = self.approvers(&sys_id, "approver=javascript:gs.getUserID()", login).await?;
        let mine: Vec<&Rec> =
            rows.iter().filter(|row| comments_and_approvals::is_theirs(write, row)).collect();
        if mine.is_empty() {
            let words = format!(
                "{}: no approval of {} is there for your credential; nothing was sent",
                self.setup.id, write.name
            );
            // Where it asks the one whose credential this is, that is somebody else.
            return Err(if rows.is_empty() { Refusal::NotAsked(words) } else { Refusal::Said(words) });
        }
        let waits =
            |row: &&&Rec| comments_and_approvals::answer(&self.setup, row).value == ApprovalAnswer::Requested;
        if !mine.iter().any(|row| waits(&row)) {
            let words: Vec<&str> = mine.iter().map(|row| row.label("state")).collect();
            return Err(Refusal::Said(format!(
                "{}: your approval is answered there already ({}); nothing was sent",
                self.setup.id,
                words.join(", ")
            )));
        }
        let mut body = json!({ "state": word_of(approve) });
        let has_words = matches!(&write.what, What::Vote { comment: Some(text), .. } if !text.is_empty());
        if has_words || !approve {
            // A rejection without words is refused there.
            let text = if has_words { write.text(true) } else { format!("Rejected. {}", write.marker()) };
            body["comments"] = comments_and_approvals::plain(&text).into();
        }
        self.tables.patch(&format!("/api/sn_chg_rest/v1/change/{sys_id}/approvals"), body, login).await
    }

    pub(super) async fn note(
        &self,
        write: &Write,
        login: &Login,
        as_themselves: bool,
    ) -> Result<(), Refusal> {
        let sys_id = self.sys_id(&write.item).await?;
        let text = comments_and_approvals::plain(&write.text(as_themselves));
        let body = json!({ self.notes: text });
        self.tables.patch(&format!("/api/now/v2/table/change_request/{sys_id}"), body, login).await
    }
}
