//! The least command that a person could give in good faith, for each operation.

use super::{About, Operation};
use crate::{
    ledger::{
        command::{Command, MeetingCommand, NewSeat, Problem, RollCalled, RunCommand, TemplateCommand},
        decide::{Ask, Signing, invalid},
        derive::Ledger,
        event::Vote,
        fold::Round,
        who::Who,
    },
    model::{Decision, Id, Instant, Line, Outcome, Prose, Revision, Scope, run::Tick, time::HOUR},
    rules::{
        approval::{Route, route::EVERYONE},
        authority::Act,
    },
};

/// A command being made up for an operation.
pub(super) struct Attempt<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) who: &'a Who,
    pub(super) now: Instant,
}

impl Attempt<'_> {
    /// Each operation once: an item's as it is, a meeting's on the one that is named or meant.
    ///
    /// # Errors
    /// Where there is nothing that it could be about.
    pub(super) fn command(
        &self,
        operation: Operation,
        About { id, meeting: named }: About<'_>,
    ) -> Result<Command, Problem> {
        use MeetingCommand as C;
        use Operation as O;
        use RunCommand as R;
        let item = id.clone();
        let meeting = named.unwrap_or(id);
        let meet = |act| Command::Meeting { meeting: meeting.clone(), act };
        let of_template = |act| Command::Template { template: id.clone(), act };
        let run = |act| Command::Run { activity: id.clone(), act };
        let ended = |outcome| run(R::End { at: None, outcome, reason: None });
        Ok(match operation {
            O::Vote => self.vote(item)?,
            O::Withdraw => Command::Withdraw { item },
            O::Reaffirm => Command::Reaffirm { revision: self.revision(id)?, item },
            O::Recuse => Command::Recuse { item, reason: None },
            O::RollCall => self.roll_call(item)?,
            O::AnswerRollCall => Command::AnswerRollCall { item, agrees: true, comment: None },
            O::Comment => Command::Comment { item, text: words() },
            O::Question => Command::Question { item, text: words() },
            O::Answer => Command::Answer { question: self.question(id)?, item, text: words() },
            O::Open => Command::Open { item },
            O::OpenAgain => Command::OpenAgain { item },
            O::Close => Command::Close { item },
            O::Defer => Command::Defer { item, reason: words() },
            O::Ask => Command::Ask { item, question: words() },
            O::Condition => Command::Condition { item, text: words(), owner: self.somebody() },
            O::Override => {
                Command::Override { approve: self.against(id), item, reason: words(), second: None }
            }
            O::ConfirmOverride => Command::ConfirmOverride { item },
            O::Move => Command::Move { start: self.elsewhere(id), item },
            O::Report => Command::Report { item, started: Some(self.now), finished: None, outcome: None },
            O::Review => Command::Review { item, successful: true, text: words() },
            O::BreakGlass => self.break_glass(item),
            O::Clear => Command::Clear { person: self.doubted(id)?, item, reason: None },
            O::Convene => self.convene(item)?,
            O::Freeze => self.freeze(),
            O::SuspendTemplate => of_template(TemplateCommand::Suspend { reason: words() }),
            O::ResubmitTemplate => of_template(TemplateCommand::Resubmit { reason: None, until: None }),
            O::RetireTemplate => of_template(TemplateCommand::Retire { reason: words() }),
            O::GiveSeat => Command::Seat { board: Some(item), people: vec![NewSeat::of(&self.nobody_yet())] },
            O::TakeSeat => Command::Unseat { person: self.seated(id)?, board: Some(item), seat: None },
            O::Away => Command::Away { person: None, start: self.now, end: self.now.plus(HOUR) },
            O::AddAction => self.action(meeting.clone()),
            O::Pull => {
                let meeting = named.cloned().map_or_else(|| self.next_meeting_for(id), Ok)?;
                Command::Meeting { meeting, act: C::Pull { item, reason: None } }
            }
            O::Start => meet(C::Start),
            O::Next => meet(C::Next),
            O::Previous => meet(C::Previous),
            O::Consent => meet(C::Consent),
            O::Pause => meet(C::Pause),
            O::Resume => meet(C::Resume),
            O::End => meet(C::End),
            O::Arrive => meet(C::Arrive { person: None }),
            O::Leave => meet(C::Leave { person: None }),
            O::Mark => meet(C::Arrive { person: Some(self.other_member(meeting)) }),
            O::TakeChair => meet(C::TakeChair { reason: None }),
            O::HandChair => meet(C::HandChair { to: self.other_chair(meeting) }),
            O::IssueMinutes => meet(C::IssueMinutes),
            O::AmendMinutes => meet(C::AmendMinutes { text: words() }),
            O::Focus => meet(C::Focus { item }),
            O::Skip => meet(C::Skip { item: Some(item) }),
            O::Postpone => meet(C::Defer { item: Some(item), to: self.another(meeting)?, reason: words() }),
            O::Restore => meet(C::Restore { item }),
            O::Promote => meet(C::Promote { item }),
            O::Demote => meet(C::Demote { item }),
            O::Place => meet(C::Place { item, before: None }),
            O::Late => meet(C::Late { item, reason: words() }),
            O::PullOut => meet(C::PullOut { item }),
            O::Presenter => meet(C::Presenter { item, present: true }),
            O::StepOut => {
                meet(C::ProposeRecusal { person: self.not_asked(id, meeting), item, reason: words() })
            }
            O::CallRoll => meet(self.called_roll(item)?),
            O::RunStart => run(R::Start { at: None, reason: Some(words()) }),
            O::RunTick => run(self.tick(id, Tick::Done)?),
            O::RunFailStep => run(self.tick(id, Tick::Failed)?),
            O::RunRetry => run(self.tick(id, Tick::Retried)?),
            O::RunSkip => run(self.tick(id, Tick::Skipped)?),
            O::RunUntick => run(self.tick(id, Tick::Undone)?),
            O::RunHold => run(R::Hold { reason: None }),
            O::RunExplain => run(R::Explain { reason: words() }),
            O::RunResume => run(R::Resume { answer: Some(words()) }),
            O::RunTurnBack => run(R::Back { reason: None }),
            O::RunGoOn => run(R::GoOn { reason: words() }),
            O::RunGo => run(R::Go { reason: None }),
            O::RunNoGo => run(R::NoGo { reason: None }),
            O::RunAnswer => run(R::Criterion { criterion: Line::new("1"), met: true }),
            O::RunDrop => run(R::Drop { reason: None }),
            O::RunRestored => run(R::Restored { at: None }),
            O::RunEndSuccessful => ended(Outcome::Successful),
            O::RunEndWithIssues => ended(Outcome::SuccessfulWithIssues),
            O::RunEndFailed => ended(Outcome::Failed),
            O::RunEndBackedOut => ended(Outcome::BackedOut),
        })
    }

    /// An id of nobody on the board.
    fn nobody_yet(&self) -> String {
        let mut name = "somebody-new".to_owned();
        while self.ledger.facts().person(&name).is_some() {
            name.push('-');
        }
        name
    }

    /// Who holds the first seat of a board.
    fn seated(&self, board: &Id) -> Result<Id, Problem> {
        let first = self.ledger.board(board).and_then(|board| board.seats.first());
        first
            .map(|seat| seat.person.clone())
            .ok_or_else(|| invalid(format!("nobody holds a seat on {board}")))
    }

    fn vote(&self, item: Id) -> Result<Command, Problem> {
        let revision = self.revision(&item)?;
        Ok(Command::Vote { item, revision, vote: Vote::Approve, comment: None, on_behalf: None })
    }

    fn convene(&self, item: Id) -> Result<Command, Problem> {
        let act = MeetingCommand::Convene { items: vec![item], deadline_minutes: None };
        Ok(Command::Meeting { meeting: self.emergency_board()?, act })
    }

    fn freeze(&self) -> Command {
        let (scope, until) = (Scope::default(), self.now.plus(HOUR));
        Command::Freeze { scope, until, reason: words(), allow: Vec::new() }
    }

    fn action(&self, meeting: Id) -> Command {
        let (meeting, owner) = (Some(meeting), self.somebody());
        Command::AddAction { meeting, item: None, text: words(), owner, due: None }
    }

    fn roll_call(&self, item: Id) -> Result<Command, Problem> {
        let on_behalf = Some(self.somebody_waiting(&item).unwrap_or_else(|| self.me()));
        let revision = self.revision(&item)?;
        Ok(Command::Vote { item, revision, vote: Vote::Abstain, comment: None, on_behalf })
    }

    fn called_roll(&self, item: Id) -> Result<MeetingCommand, Problem> {
        let person = self.somebody_waiting(&item).unwrap_or_else(|| self.me());
        let votes = vec![RollCalled { person, vote: Vote::Abstain, comment: None }];
        Ok(MeetingCommand::RollCall { revision: self.revision(&item)?, item, votes })
    }

    fn break_glass(&self, item: Id) -> Command {
        Command::BreakGlass {
            item,
            incident: "?".into(),
            agreed: vec![self.somebody().as_str().into()],
            channel: "?".into(),
            claimed_at: self.now,
            reason: words(),
        }
    }

    /// Who acts; a name nobody has where that is nobody the board knows.
    fn me(&self) -> Id {
        self.who.actor.person.clone().unwrap_or_else(|| Id::constant(EVERYONE))
    }

    /// Somebody who can own something: who acts, where they are known.
    fn somebody(&self) -> Id {
        let me = self.me();
        match self.ledger.facts().person(me.as_str()) {
            Some(_) => me,
            None => self.ledger.facts().people().next().map_or(me, |person| person.id.clone()),
        }
    }

    /// What the item is now, as who looks at it sees.
    fn revision(&self, item: &Id) -> Result<Revision, Problem> {
        let now = self.ledger.facts().material(item).map(|material| material.revision());
        let round = || self.ledger.fold().round(item).map(|round| round.revision);
        let gone = || {
            let why = self.ask().known(item).err();
            why.unwrap_or_else(|| invalid(format!("{item} is gone from its source")))
        };
        now.or_else(round).ok_or_else(gone)
    }

    pub(super) fn ask(&self) -> Ask<'_> {
        Ask { ledger: self.ledger, who: self.who, now: self.now, signing: Signing::Rehearsed }
    }

    /// A voter of the item for whom a roll call enters a vote.
    fn somebody_waiting(&self, item: &Id) -> Option<Id> {
        let round: &Round = self.ledger.fold().open_round(item)?;
        let electorate = round.electorate(&self.ledger.fold().delegations(&round.board), self.now);
        round.poll(&electorate).waiting().next().cloned().or_else(|| electorate.people.first().cloned())
    }

    /// The first question about an item that nobody has answered.
    fn question(&self, item: &Id) -> Result<u32, Problem> {
        let known = self.ledger.fold().get(item);
        let open = known.and_then(|known| known.unanswered().next().map(|question| question.number));
        open.ok_or_else(|| invalid(format!("no question about {item} is open")))
    }

    /// The first person of an item who might be somebody it names.
    fn doubted(&self, item: &Id) -> Result<Id, Problem> {
        self.ask().allowed(item, Act::Preside)?;
        let doubts = self.ledger.doubts(item);
        let first = doubts.iter().flat_map(|doubt| &doubt.people).next().cloned();
        first.ok_or_else(|| invalid(format!("no name of {item} is in doubt")))
    }

    /// The board that decides what cannot wait.
    fn emergency_board(&self) -> Result<Id, Problem> {
        let boards = self.ledger.boards();
        let board = boards.iter().find(|board| board.emergency).map(|board| board.id.clone());
        board.ok_or_else(|| {
            invalid("there is no emergency board").hint("a board with `emergency` decides what cannot wait")
        })
    }

    /// The outcome that the vote does not say.
    fn against(&self, item: &Id) -> bool {
        let Some(round) = self.ledger.fold().open_round(item) else { return true };
        let electorate = round.electorate(&self.ledger.fold().delegations(&round.board), self.now);
        round.poll(&electorate).outcome() != Decision::Approved
    }

    /// A start that is not the one of now.
    fn elsewhere(&self, item: &Id) -> Instant {
        let start = self.ledger.facts().change(item).and_then(|change| change.planned_start);
        start.unwrap_or(self.now).plus(HOUR)
    }

    /// The meeting that an item would come before: the next of its board.
    fn next_meeting_for(&self, item: &Id) -> Result<Id, Problem> {
        let round = self.ledger.fold().open_round(item).map(|round| round.board.clone());
        let board = round.or_else(|| match self.ledger.routing_to_board(item, self.now)?.route {
            Route::Board { board, .. } => Some(board),
            Route::Auto { .. } => None,
        });
        let next = board.and_then(|board| self.ledger.next_meeting(&board, None, self.now));
        next.ok_or_else(|| {
            invalid("no meeting of its board is to come").hint("`settings.meetings` plans them")
        })
    }

    /// A meeting that something can be put off to.
    fn another(&self, meeting: &Id) -> Result<Id, Problem> {
        let board = self.ledger.meeting_of(meeting).map(|meeting| meeting.board);
        let mine = board.and_then(|board| self.ledger.next_meeting(&board, Some(meeting), self.now));
        let any = || self.ledger.upcoming(self.now).into_iter().map(|(id, _)| id).find(|id| id != meeting);
        mine.or_else(any)
            .ok_or_else(|| invalid("no other meeting is to come").hint("`settings.meetings` plans them"))
    }

    /// Another of those who act in chair seats.
    fn other_member(&self, meeting: &Id) -> Id {
        let me = self.me();
        let known = self.ledger.meeting_of(meeting);
        let mut seats = known.iter().flat_map(|meeting| meeting.seats.iter()).map(|seat| &seat.person);
        seats.find(|person| **person != me).cloned().unwrap_or(me)
    }

    fn other_chair(&self, meeting: &Id) -> Id {
        let me = self.me();
        let chairs = self.ledger.meeting_of(meeting).map(|m| self.ask().chairs(&m.board));
        chairs.into_iter().flatten().find(|chair| *chair != me).unwrap_or(me)
    }

    /// A voter of the item whom nobody has asked to step out.
    fn not_asked(&self, item: &Id, meeting: &Id) -> Id {
        let able = self.ledger.panel(item, self.now).electorate.able;
        let known = self.ledger.meeting_of(meeting);
        let line = known.as_ref().and_then(|meeting| meeting.entry(item));
        let asked = |person: &Id| line.is_some_and(|line| line.recusals.iter().any(|r| r.person == *person));
        able.iter().find(|person| !asked(person)).or(able.first()).cloned().unwrap_or_else(|| self.me())
    }
}

/// Words that are there; what they say is the person's.
pub(super) fn words() -> Prose {
    Prose::new("?")
}
