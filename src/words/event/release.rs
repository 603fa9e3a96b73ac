//! What became of a release as a plan, in words.

use crate::{
    ledger::event::ReleaseAct,
    model::{Id, Prose},
    words::Form,
};

/// What happened, and what was written to it.
pub fn act<'a>(form: Form, item: &Id, act: &'a ReleaseAct) -> (String, Option<&'a Prose>) {
    let (whole, of) = match form {
        Form::Whole => (format!(" {item}"), format!(" of {item}")),
        Form::Beside => (String::new(), String::new()),
    };
    match act {
        ReleaseAct::Moved { from, to, reason } => {
            (format!("moved{whole} from {from} to {to}"), reason.as_ref())
        }
        ReleaseAct::Submitted => (format!("put{whole} before the board"), None),
        ReleaseAct::Bundled { change, .. } => match form {
            Form::Whole => (format!("bundled {change} in {item}"), None),
            Form::Beside => (format!("bundled {change}"), None),
        },
        ReleaseAct::Unbundled { change, .. } => (format!("took {change} out{of}"), None),
    }
}
