//! A person's command becomes events, or a problem with its reason (rules § Rights).
//!
//! Nothing is changed here: a [`Step`] says what would happen. What follows from it (a round that closes early, a
//! record that moves on) is the work of the transaction, in the same commit.

pub mod can;
mod chair;
mod conflict;
mod give_up;
mod hook;
mod import;
mod incident;
mod meeting;
mod notices;
mod record;
mod release;
mod run;
mod roll_call;
mod seating;
mod seats;
mod tokens;
mod comments;
mod sign;
mod telling;
mod standard;
pub(super) mod template;

pub use template::put_forward;
mod urgent;
mod vote;
mod writing;

use super::{
    command::{AlsoReported, Command, Problem, ProblemKind},
    derive::Ledger,
    event::{Actor, Event, Known, Signed},
    who::Who,
};
use crate::{
    model::{Id, Instant, Line, RecordKind, Stored},
    rules::authority::{self, Act, Relations},
};

pub use import::{Counts, ignored};
pub use meeting::takes;
pub(super) use record::own;
pub use sign::ToSign;

/// The board itself: time passed, or a source moved.
#[must_use]
pub fn system() -> Actor {
    Actor { person: None, login: Line::new("quorate"), via: None, known: Known::System }
}

/// What would happen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Step {
    pub events: Vec<Event>,
    pub upserts: Vec<Stored>,
    pub tombstones: Vec<(RecordKind, Id)>,
    /// In words, for the receipt.
    pub said: String,
    /// What an import brought.
    pub counts: Option<Counts>,
}

impl Step {
    pub(super) fn one(event: Event, said: impl Into<String>) -> Self {
        Self { events: vec![event], said: said.into(), ..Self::default() }
    }
}

/// Whether a command could be given; a vote that must be signed is taken as if it were.
fn rehearse(ledger: &Ledger, command: &Command, who: &Who, now: Instant) -> Result<(), Problem> {
    judged(&Ask { ledger, who, now, signing: Signing::Rehearsed }, command).map(drop)
}

/// What a command turns into on the board as it stands.
///
/// # Errors
/// When it may not be done, makes no sense, or was decided on something that has changed since.
pub(super) fn step(ledger: &Ledger, command: &Command, who: &Who, now: Instant) -> Result<Step, Problem> {
    judged(&Ask { ledger, who, now, signing: Signing::Unsigned }, command)
}

/// What is reported of a change in the call that makes it.
pub(super) fn reported(command: &Command, made: &Step) -> Option<Command> {
    let Command::Standard { also, .. } = command else { return None };
    let item = made.upserts.first().filter(|_| !also.is_nothing())?.record.id().clone();
    let AlsoReported { started, finished, outcome } = also.clone();
    Some(Command::Report { item, started, finished, outcome })
}

fn judged(ask: &Ask<'_>, command: &Command) -> Result<Step, Problem> {
    match command {
        Command::Vote { item, revision, vote, comment, on_behalf } => {
            ask.vote(item, *revision, *vote, comment.as_ref(), on_behalf.as_ref())
        }
        Command::Signed { signed, comment } => ask.signed(signed, comment.as_ref()),
        Command::SayOtherwise { item, revision, person, vote, comment } => {
            ask.says_otherwise(item, *revision, person, *vote, comment.as_ref())
        }
        Command::AnswerRollCall { item, agrees, comment } => {
            ask.answer_roll_call(item, *agrees, comment.as_ref())
        }
        Command::Clear { item, person, reason } => ask.clear(item, person, reason.as_ref()),
        Command::Withdraw { item } => ask.withdraw(item),
        Command::Reaffirm { item, revision } => ask.reaffirm(item, *revision),
        Command::Recuse { item, reason } => ask.recuse(item, reason.as_ref()),
        Command::Comment { item, text } => ask.comment(item, text),
        Command::Open { item } => ask.open(item),
        Command::OpenAgain { item } => ask.open_again(item),
        Command::Close { item } => ask.close(item),
        Command::Defer { item, reason } => ask.defer(item, reason),
        Command::Ask { item, question } => ask.ask_for(item, question),
        Command::Condition { item, text, owner } => ask.condition(item, text, owner),
        Command::MeetCondition { item, condition } => ask.meet(item, *condition),
        Command::Acknowledge { conflict, reason, until } => ask.acknowledge(conflict, reason, *until),
        Command::Unacknowledge { conflict, reason } => ask.unacknowledge(conflict, reason.as_ref()),
        Command::NameChair { item, person } => ask.name_chair(item, person),
        Command::Delegate { board, from, to, start, end } => ask.delegate(board, from, to, (*start, *end)),
        Command::Undelegate { board, from, to } => ask.undelegate(board, from, to.as_ref()),
        Command::Seat { board, people } => ask.seat(board.as_ref(), people),
        Command::Unseat { board, person, seat } => ask.unseat(board.as_ref(), person, seat.as_ref()),
        Command::Move { item, start } => ask.move_to(item, *start),
        Command::GiveUp { item, write: _, source, person, reason } => {
            ask.give_up(item, source, person, reason.as_ref())
        }
        Command::Edit { change } => ask.edit(change),
        Command::Write { kind, id, new, fields, seen } => {
            ask.write(&writing::Writing { kind: *kind, id: id.as_ref(), new: *new, fields, seen: *seen })
        }
        Command::Report { item, started, finished, outcome } => {
            ask.report(item, *started, *finished, *outcome)
        }
        Command::Hook { delivery } => ask.hook(delivery),
        Command::AssignHook { told, activity } => ask.assign_hook(*told, activity),
        Command::Run { activity, act } => ask.run(activity, act),
        Command::Release { release, act } => ask.release(release, act),
        Command::Tell { item, messages } => ask.tell(item, messages),
        Command::Template { template, act } => ask.template(template, act),
        Command::Standard { template, id, fields, also: _ } => ask.standard(template, id.as_ref(), fields),
        Command::LinkIncident { incident, item, relation, linked, reason } => {
            ask.link_incident((incident, item), *relation, *linked, reason.as_ref())
        }
        Command::Review { item, successful, text } => ask.review(item, *successful, text),
        Command::Import { from, source, file, given } => ask.import(from, source, file, given.as_ref()),
        Command::RollbackGate { item } => {
            ask.known(item)?;
            Ok(Step::one(Event::RollbackAsked { item: item.clone() }, format!("rollback of {item}: go")))
        }
        Command::Meeting { meeting, act } => ask.meeting(meeting, act),
        Command::Question { item, text } => ask.question(item, text),
        Command::Answer { item, question, text } => ask.answer(item, *question, text),
        Command::Read { item, revision } => ask.read(item, *revision),
        Command::BreakGlass { item, incident, agreed, channel, claimed_at, reason } => {
            let said = urgent::Break { incident, agreed, channel, claimed_at: *claimed_at, reason };
            ask.break_glass(item, &said)
        }
        Command::Override { item, approve, reason, second } => {
            ask.override_vote(item, *approve, reason, second.as_ref())
        }
        Command::ConfirmOverride { item } => ask.confirm_override(item),
        Command::AddAction { meeting, item, text, owner, due } => {
            ask.add_action((meeting.as_ref(), item.as_ref()), text, owner, *due)
        }
        Command::CloseAction { action, note } => ask.close_action(*action, note.as_ref()),
        Command::Away { person, start, end } => ask.away(person.as_ref(), *start, *end),
        Command::Freeze { scope, until, reason, allow } => ask.freeze(scope, allow, *until, reason),
        Command::Thaw { window, reason } => ask.thaw(window, reason),
        Command::Prefer { preferences } => ask.prefer(preferences),
        Command::MakeToken { token } => ask.make_token(token),
        Command::RevokeToken { id, person, address } => ask.revoke_token(id, person, *address),
    }
}

/// A command being decided: by whom, on which board, when.
#[derive(Clone, Copy)]
struct Ask<'a> {
    ledger: &'a Ledger,
    who: &'a Who,
    now: Instant,
    signing: Signing<'a>,
}

/// Whether a vote is signed.
#[derive(Clone, Copy)]
enum Signing<'a> {
    Unsigned,
    /// It is asked whether somebody may vote at all.
    Rehearsed,
    By(&'a Signed),
}

impl Ask<'_> {
    /// The item must be there.
    fn known(&self, item: &Id) -> Result<(), Problem> {
        if self.ledger.knows(item) {
            return Ok(());
        }
        let phase = self.ledger.facts().phase(item).map(|(release, _)| release.id.clone());
        let problem = Problem::new(ProblemKind::NotFound, format!("there is no change or release {item}"));
        Err(match phase {
            Some(release) => problem.hint(format!("{item} is a phase: decide on its release {release}")),
            None => problem.hint("list them with `quorate changes` and `quorate releases`"),
        })
    }

    /// The item must be there, and the person may do this to it.
    fn allowed(&self, item: &Id, act: Act) -> Result<Relations, Problem> {
        self.known(item)?;
        let relations = self.ledger.relations(item, self.who, self.now);
        self.may(&relations, act, item.as_str())?;
        Ok(relations)
    }

    fn may(&self, relations: &Relations, act: Act, what: &str) -> Result<(), Problem> {
        authority::may(relations, act).map_err(|refusal| {
            let title = format!("{} may not do this on {what}: {refusal}", self.who.name());
            let problem = Problem::new(ProblemKind::NotAllowed, title);
            match refusal.hint() {
                Some(hint) => problem.hint(hint.replace(" ID", &format!(" {what}"))),
                None => problem,
            }
        })
    }

    /// The person, for acts that are somebody's own.
    fn me(&self) -> Result<&Id, Problem> {
        self.who.actor.person.as_ref().ok_or_else(|| {
            Problem::new(
                ProblemKind::NotAllowed,
                format!("the login {} belongs to nobody the board knows", self.who.actor.login),
            )
            .hint(format!(
                "say who you are with --as PERSON, or get a seat: quorate seats add PERSON --login {}",
                self.who.actor.login
            ))
        })
    }
}

fn invalid(title: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Invalid, title)
}

#[cfg(test)]
mod tests;
