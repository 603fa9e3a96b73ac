//! Rows of `sysapproval_approver` and `sys_journal_field` as approvals and comments.

use super::{change::person, table::Rec};
use crate::{
    model::{ApprovalAnswer, ApprovalRequest, Id, Line, Record, Word},
    source::{
        markup,
        system::{Row, Setup, comments_and_approvals::Note},
        write::Write,
    },
};

pub const APPROVAL_FIELDS: &str = "sys_id,state,approver,approver.email,approver.user_name,group,sysapproval,\
sys_created_on,sys_updated_on";
pub const JOURNAL_FIELDS: &str = "sys_id,element,element_id,value,sys_created_on,sys_created_by";

const ANSWERS: [(&str, ApprovalAnswer); 3] = [
    ("not requested", ApprovalAnswer::NotSent),
    ("not_requested", ApprovalAnswer::NotSent),
    ("duplicate", ApprovalAnswer::NotRequired),
];

/// What a row of an approver answers.
#[must_use]
pub fn answer(setup: &Setup, row: &Rec) -> Word<ApprovalAnswer> {
    super::change::word(setup, row, "state", &ANSWERS)
}

#[must_use]
pub fn approval(setup: &Setup, item: &Id, row: &Rec) -> Row {
    let answer = answer(setup, row);
    let who = person(row, "approver").unwrap_or_default();
    let decided = matches!(answer.value, ApprovalAnswer::Approved | ApprovalAnswer::Rejected);
    let mut request = ApprovalRequest::new(item, row.sys_id(), &who, answer);
    request.group = Setup::line(row.label("group"));
    request.asked_at = row.time("sys_created_on");
    request.answered_at = row.time("sys_updated_on").filter(|_| decided);
    setup.row(Record::Approval(Box::new(request)), row.time("sys_updated_on"))
}

/// A comment or a work note; none where it is one of ours.
#[must_use]
pub fn comment(setup: &Setup, item: &Id, row: &Rec) -> Option<Row> {
    let (text, at) = (text(row.value("value")), row.time("sys_created_on")?);
    let (author, internal) = (row.value("sys_created_by"), row.value("element") == "work_notes");
    let note = Note { native: row.sys_id(), author, at, text: &text, internal };
    note.comment(item).map(|comment| setup.row(comment, Some(at)))
}

/// Between `[code]` and `[/code]` an entry is HTML.
fn text(value: &str) -> String {
    if !value.contains("[code]") {
        return value.to_owned();
    }
    let mut out = String::new();
    for (at, piece) in value.split("[code]").enumerate() {
        match piece.split_once("[/code]") {
            Some((inside, rest)) if at > 0 => {
                out.push_str(&markup::html(inside));
                out.push_str(rest);
            }
            _ => out.push_str(piece),
        }
    }
    out
}

/// Whether an approver is the person who acts.
#[must_use]
pub fn is_theirs(write: &Write, row: &Rec) -> bool {
    ["approver.email", "approver.user_name"].iter().any(|field| write.is_by(row.value(field)))
}

/// A text as the journal takes it: nothing in it is HTML.
#[must_use]
pub fn plain(text: &str) -> String {
    text.replace("[code]", "[code ]").replace("[/code]", "[/code ]")
}

/// Names of services that a relation names.
#[must_use]
pub fn relation(row: &Rec) -> Option<(Line, Line)> {
    Setup::line(row.label("parent")).zip(Setup::line(row.label("child")))
}
