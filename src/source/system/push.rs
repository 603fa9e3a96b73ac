//! Write, read again, compare, and only then say done: success codes lie, and so do time-outs.

mod progress; // the status that follows a run

use super::{
    Refusal, Setup,
    any::{AnyAdapter, AnyWriter},
};
use crate::{
    model::Line,
    source::{
        Pushed, What, Write,
        http::{HttpError, Login},
    },
};

/// Sends one write at most once, and says how it stands there now.
pub async fn push<A: AnyAdapter + ?Sized>(setup: &Setup, adapter: &mut A, write: &Write) -> Pushed {
    if let Err(why) = adapter.capabilities().takes(&write.what) {
        return Pushed::Refused(Line::new(why));
    }
    let vote = matches!(write.what, What::Vote { .. });
    let (login, as_themselves) = match &setup.me {
        Some(me) if write.own => (me, true),
        Some(_) | None if vote => {
            return Pushed::Refused(Line::new(&format!(
                "no credential of yours for {0}: add [sources.{0}.me]; the vote stands in the board's own record",
                setup.id
            )));
        }
        _ => (&setup.login, false),
    };
    let login = login.clone();
    if let What::Progress { point, .. } = &write.what
        && let Some(wanted) = adapter.statuses().and_then(|statuses| statuses.brings(point))
    {
        return progress::push(setup, adapter, write, (point, &wanted), (&login, as_themselves)).await;
    }
    told(setup, adapter, write, &login, as_themselves).await
}

/// What writes there; a system that says it takes a write has it.
fn writer<A: AnyAdapter + ?Sized>(adapter: &mut A) -> Result<&mut dyn AnyWriter, Refusal> {
    adapter.writer().ok_or_else(|| Refusal::Said("this source takes no writes".to_owned()))
}

/// Whether a write is there, and where.
pub async fn find<A: AnyAdapter + ?Sized>(adapter: &mut A, write: &Write) -> Result<Option<String>, Refusal> {
    writer(adapter)?.find(write).await
}

/// That a vote goes out with a credential of its voter, where the system tells whose it is.
async fn must_be_theirs<A: AnyAdapter + ?Sized>(
    adapter: &mut A,
    write: &Write,
    login: &Login,
    own: bool,
) -> Result<(), Refusal> {
    match adapter.who_am_i() {
        Some(who) if matches!(write.what, What::Vote { .. }) => {
            who.account(login, own).await?.must_be_of(write)
        }
        Some(_) | None => Ok(()),
    }
}

/// Sends a text or a vote at most once.
async fn told<A: AnyAdapter + ?Sized>(
    setup: &Setup,
    adapter: &mut A,
    write: &Write,
    login: &Login,
    as_themselves: bool,
) -> Pushed {
    // A try before this one may have arrived.
    match find(adapter, write).await {
        Ok(Some(place)) => return Pushed::Accepted(Line::new(&place)),
        Ok(None) => {}
        Err(refusal) => return later(setup, write, &refusal),
    }
    if let Err(refusal) = must_be_theirs(adapter, write, login, as_themselves).await {
        return later(setup, write, &refusal);
    }
    let answer = match writer(adapter) {
        Ok(writer) => writer.send(write, login, as_themselves).await,
        Err(refusal) => Err(refusal),
    };
    let heard_nothing = match &answer {
        Err(Refusal::Http(error)) if error.may_have_arrived() => Some(error.to_string()),
        Err(Refusal::Http(error)) if error.may_pass() => {
            return Pushed::Later { words: Line::new(&error.to_string()), after: error.retry_after() };
        }
        Err(Refusal::NotAsked(words)) => return Pushed::Ours(Line::new(words)),
        Err(Refusal::Http(error)) if is_barred(error) => return barred(setup, write, error),
        Err(refusal) => return Pushed::Refused(Line::new(&refusal.to_string())),
        Ok(()) => None,
    };
    match (find(adapter, write).await, heard_nothing) {
        (Ok(Some(place)), _) => Pushed::Accepted(Line::new(&place)),
        (Ok(None), Some(words)) => Pushed::Unknown(Line::new(&words)),
        (Ok(None), None) => Pushed::Refused(Line::new(
            "it answered that all is well and did not keep it: probably a right is missing there",
        )),
        (Err(refusal), _) => Pushed::Unknown(Line::new(&format!("sent, and not yet read again: {refusal}"))),
    }
}

/// Whether a credential is refused, which says nothing of the write itself.
const fn is_barred(error: &HttpError) -> bool {
    matches!(error, HttpError::Refused { status: 401, .. })
}

/// Kept, for when the credential is another.
fn barred(setup: &Setup, write: &Write, error: &HttpError) -> Pushed {
    let words = format!(
        "{error}; it is sent once they are right: at once with others, else within half an hour or by `quorate sync --retry`"
    );
    Pushed::Barred { words: Line::new(&words), by: setup.credential(write.own) }
}

/// Nothing was sent.
fn later(setup: &Setup, write: &Write, refusal: &Refusal) -> Pushed {
    match refusal {
        Refusal::Http(error) if is_barred(error) => barred(setup, write, error),
        Refusal::NotAsked(words) => Pushed::Ours(Line::new(words)),
        Refusal::Http(error) => {
            Pushed::Later { words: Line::new(&error.to_string()), after: error.retry_after() }
        }
        Refusal::Said(words) | Refusal::OddPage(words) => Pushed::Refused(Line::new(words)),
    }
}
