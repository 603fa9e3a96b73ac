//! A vote that must be signed, signed on its way to the board by the SSH agent of who sits here (ledger § Signed votes).

mod ssh_agent;

use std::path::PathBuf;

use tokio::sync::oneshot;

use super::{Hub, Request};
use crate::{
    model::{Id, Prose},
    wire::{Actor, Answer, Command, Problem, ProblemKind, Question, Vote},
};

/// What is sent for a command: itself, or where it is a vote that must be signed, or is to be, the signed one.
///
/// # Errors
/// When it cannot be signed: nothing was sent then.
pub async fn signed(hub: &Hub, actor: &Actor, command: Command, sign: bool) -> Result<Command, Problem> {
    let Some((item, vote, comment, again)) = vote_of(&command) else { return Ok(command) };
    let required = hub.snapshot.borrow().tallies.get(&item).is_some_and(|tally| tally.signed);
    if !(required || sign) {
        return Ok(command);
    }
    let question = Question::ToSign { item, vote, comment, again };
    let Answer::ToSign(what) = ask(hub, actor.clone(), question).await? else { return Ok(command) };
    let comment = what.comment.clone();
    let agent = std::env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty()).map(PathBuf::from);
    let signed = tokio::task::spawn_blocking(move || ssh_agent::sign(agent.as_deref(), &what)).await;
    let signed = signed.map_err(|_| gone())??;
    Ok(Command::Signed { signed: Box::new(signed), comment })
}

/// A person's own vote, one given again, or taken back; nothing else is signed.
fn vote_of(command: &Command) -> Option<(Id, Option<Vote>, Option<Prose>, bool)> {
    match command {
        Command::Vote { item, vote, comment, on_behalf: None, .. } => {
            Some((item.clone(), Some(*vote), comment.clone(), false))
        }
        Command::Withdraw { item } => Some((item.clone(), None, None, false)),
        // Which vote that was, the record says.
        Command::Reaffirm { item, .. } => Some((item.clone(), None, None, true)),
        _ => None,
    }
}

async fn ask(hub: &Hub, actor: Actor, question: Question) -> Result<Answer, Problem> {
    let (reply, answer) = oneshot::channel();
    hub.requests.send(Request::Ask { actor, question, reply }).await.map_err(|_| gone())?;
    answer.await.map_err(|_| gone())?
}

fn gone() -> Problem {
    Problem::new(ProblemKind::Unreachable, "the hub has gone").hint("try again; see the log")
}
