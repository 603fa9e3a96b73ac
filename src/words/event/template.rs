//! What became of a template of standard changes, in words.

use super::about;
use crate::{
    ledger::{derive::catalogue::blame, event::TemplateAct},
    model::{Id, Prose, Why},
    words::Form,
};

/// What happened, and what was written to it.
pub fn act<'a>(form: Form, template: &Id, act: &'a TemplateAct) -> (String, Option<&'a Prose>) {
    let whole = match form {
        Form::Whole => format!(" template {template}"),
        Form::Beside => String::new(),
    };
    match act {
        TemplateAct::Proposed { changes } => {
            (format!("put{whole} before the board: {}", about::edits(changes)), None)
        }
        TemplateAct::Suspended { why: Why::Said { reason } } => (format!("suspended{whole}"), Some(reason)),
        TemplateAct::Suspended { why: Why::Change { item, blamed } } => {
            (format!("suspended{whole}: {}", blame(item, blamed)), None)
        }
        TemplateAct::Resubmitted { reason } => {
            (format!("put{whole} before the board again"), reason.as_ref())
        }
        TemplateAct::Retired { reason } => (format!("retired{whole}"), Some(reason)),
    }
}
