//! Commands that wait together are one commit: each is decided on top of the one before, with what follows from it, and all
//! of them are answered once that is on the disk.
//!
//! What fails, fails alone; what was done before is answered as before. Where somebody else was faster, as another replica may be,
//! they are decided anew together.

use std::{cell::RefCell, collections::VecDeque};

use tokio::sync::mpsc;

use super::{
    again::Patience,
    commit::{Sent, Tried, answered_before, may_move},
    problem,
    serve::Server,
};
use crate::{
    hub::{Reply, Request},
    ledger::Who,
    store::{self, Batch},
    wire::{Actor, Command, Problem, ProblemKind, Receipt},
};

/// How many commands become one commit at most.
const GROUP: usize = 256;

/// A command that waits for its answer.
#[derive(Debug)]
pub struct Waiting {
    id: [u8; 16],
    actor: Actor,
    command: Box<Command>,
    reply: Reply<Receipt>,
}

impl Waiting {
    /// By what its receipt is found: two of one key are one after the other, so that the later one finds it.
    fn key(&self) -> (Option<&crate::model::Id>, &str, [u8; 16]) {
        (self.actor.person.as_ref(), &self.actor.login, self.id)
    }
}

/// What comes first of the requests, and what was taken out behind it.
#[derive(Debug, Default)]
pub struct Inbox {
    /// Taken out, and not yet looked at.
    next: VecDeque<Request>,
}

impl Inbox {
    /// The next request; none when the last handle is gone.
    pub async fn recv(&mut self, inbox: &mut mpsc::Receiver<Request>) -> Option<Request> {
        match self.next.pop_front() {
            Some(request) => Some(request),
            None => inbox.recv().await,
        }
    }

    /// The next request that is there already.
    pub fn at_once(&mut self, inbox: &mut mpsc::Receiver<Request>) -> Option<Request> {
        self.next.pop_front().or_else(|| inbox.try_recv().ok())
    }

    /// The commands that wait behind this one and may become one commit with it; nobody waits for more of them. Questions between
    /// them, which nobody was answered yet either, are answered on what these make of the board. Whatever else waits keeps its
    /// place: a draft that was kept before a command is not kept after it.
    fn group(&mut self, first: Waiting, inbox: &mut mpsc::Receiver<Request>) -> Vec<Waiting> {
        if !may_share(&first.command) {
            return vec![first];
        }
        let mut group = vec![first];
        let mut passed = VecDeque::new();
        while group.len() < GROUP && passed.len() < GROUP {
            match self.at_once(inbox) {
                Some(Request::Submit { id, actor, command, reply }) => {
                    let waiting = Waiting { id, actor, command, reply };
                    let other = group.iter().all(|known| known.key() != waiting.key());
                    if other && may_share(&waiting.command) {
                        group.push(waiting);
                        continue;
                    }
                    let Waiting { id, actor, command, reply } = waiting;
                    passed.push_back(Request::Submit { id, actor, command, reply });
                    break;
                }
                Some(question @ Request::Ask { .. }) => passed.push_back(question),
                Some(request) => {
                    passed.push_back(request);
                    break;
                }
                None => break,
            }
        }
        passed.append(&mut self.next);
        self.next = passed;
        group
    }
}

/// Whether a command may be one commit with others: not what reads or writes something of its own in the store, or moves
/// what a system has, where the later one makes the earlier void.
fn may_share(command: &Command) -> bool {
    !matches!(
        command,
        Command::Import { .. }
            | Command::Move { .. }
            | Command::GiveUp { .. }
            | Command::Signed { .. }
            | Command::Prefer { .. }
            | Command::MakeToken { .. }
            | Command::RevokeToken { .. }
    )
}

impl Server {
    /// Does this, and what waits behind it with it, and answers each.
    pub(super) fn submit_with_waiting(
        &mut self,
        first: Request,
        waiting: &mut Inbox,
        inbox: &mut mpsc::Receiver<Request>,
    ) {
        let Request::Submit { id, actor, command, reply } = first else { return };
        let mut group = waiting.group(Waiting { id, actor, command, reply }, inbox);
        if group.len() == 1 {
            let only = group.remove(0);
            // A face that no longer waits for its answer is no fault.
            let _ = only.reply.send(self.submit(only.id, &only.actor, &only.command));
            return;
        }
        let mut patience = Patience::new();
        let done = loop {
            match self.submit_group(&group) {
                Ok(None) if patience.again() => {}
                done => break done,
            }
        };
        match done {
            Ok(Some(answers)) => {
                for (waiting, answer) in group.into_iter().zip(answers) {
                    let _ = waiting.reply.send(answer);
                }
            }
            // Others were faster all the while: one by one they wait in line.
            Ok(None) => {
                for waiting in group {
                    let _ = waiting.reply.send(self.submit(waiting.id, &waiting.actor, &waiting.command));
                }
            }
            Err(problem) => {
                for waiting in group {
                    let _ = waiting.reply.send(Err(problem.clone()));
                }
            }
        }
    }

    /// Commits what of these can be done, at once; none where the board changed meanwhile.
    fn submit_group(&mut self, group: &[Waiting]) -> Result<Option<Vec<Result<Receipt, Problem>>>, Problem> {
        self.refuse_read_only()?;
        self.follow();
        self.refuse_broken()?;
        self.refuse_stuck()?;
        let now = self.now();
        let sent: Vec<Sent<'_>> =
            group.iter().map(|one| Sent::new(one.id, &one.actor, &one.command, now)).collect();
        let keys: Vec<_> = sent.iter().map(Sent::unhashed).collect();
        let given = self.store.given_before(&keys).map_err(problem)?;
        let mut before = Vec::new();
        for ((one, sent), given) in group.iter().zip(&sent).zip(given) {
            before.push(match self.refuse_ended(&one.actor) {
                Ok(()) if given => sent.before(&self.store)?.map(answered_before),
                Ok(()) => None,
                Err(refused) => Some(Err(refused)),
            });
        }
        let mut whos = Vec::new();
        for one in group {
            let salt = store::random().map_err(no_chance)?;
            whos.push(Who { salt: Some(salt), ..self.who(one.actor.clone()) });
        }
        let answers = RefCell::new(before.clone());
        let tried = self.try_commit(&|tx, beside| {
            let mut batch = Batch::default();
            let mut answers = answers.borrow_mut();
            answers.clone_from(&before);
            for ((one, sent), (who, answer)) in
                group.iter().zip(&sent).zip(whos.iter().zip(answers.iter_mut()))
            {
                if answer.is_some() {
                    continue;
                }
                let from = tx.proposal().events.len();
                let decided = may_move(tx.ledger(), beside.sources, &one.command)
                    .and_then(|()| tx.decide_apart(&one.command, who));
                let said = match decided {
                    Ok(said) => said,
                    Err(problem) => {
                        *answer = Some(Err(problem));
                        continue;
                    }
                };
                let events = tx.proposal().events.iter().skip(from).map(|sealed| sealed.entry.n).collect();
                let receipt = Receipt { seq: beside.seq + 1, events, said };
                batch.also.push((sent.key()?, super::commit::written(&receipt)?));
                *answer = Some(Ok(receipt));
            }
            Ok(batch)
        });
        self.settle();
        if self.options.follow {
            self.send_due();
        }
        match tried? {
            Tried::Done(_) => {
                let unanswered =
                    || Err(Problem::new(ProblemKind::Unreachable, "this was not decided; try again"));
                Ok(Some(answers.into_inner().into_iter().map(|a| a.unwrap_or_else(unanswered)).collect()))
            }
            Tried::Before(_) | Tried::Late => {
                self.catch_up()?;
                Ok(None)
            }
        }
    }
}

fn no_chance(error: impl std::fmt::Display) -> Problem {
    Problem::new(ProblemKind::Unreachable, format!("this computer gives no random bytes: {error}"))
}
