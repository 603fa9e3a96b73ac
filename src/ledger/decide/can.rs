//! What somebody may do: each operation with yes, or no and its reason, as the one judge says it that decides commands.
//!
//! Nothing is re-told here: for each operation the least command is made that a person could give in good faith, and
//! judged without being recorded. What hangs on its words (a reason, an owner) is theirs to give.

use serde::{Deserialize, Serialize};

use super::{Ask, Who, invalid};
use crate::{
    ledger::{
        command::{Command, MeetingCommand, Problem, RollCalled},
        derive::Ledger,
        event::Vote,
        fold::{Meeting, Round},
    },
    model::{Decision, Id, Instant, Prose, Revision, time::HOUR},
    rules::approval::{Route, route::EVERYONE},
};

/// Something that can be asked of the board: of an item, of a meeting, or of an item in a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Vote,
    Withdraw,
    Reaffirm,
    Recuse,
    /// Enter a vote for somebody (chair).
    RollCall,
    /// Say whether a vote that was entered for me is mine.
    AnswerRollCall,
    Comment,
    /// Ask its owner something.
    Question,
    /// Answer the first question that nobody has.
    Answer,
    Open,
    OpenAgain,
    Close,
    Defer,
    /// Close it as in need of information.
    Ask,
    Condition,
    Override,
    ConfirmOverride,
    Move,
    Report,
    Review,
    BreakGlass,
    /// Ask for an item to be decided in a meeting.
    Pull,
    Start,
    Next,
    Previous,
    Consent,
    Pause,
    Resume,
    End,
    Arrive,
    Leave,
    /// Mark somebody else as here or gone.
    Mark,
    Away,
    TakeChair,
    HandChair,
    AddAction,
    IssueMinutes,
    AmendMinutes,
    Focus,
    Skip,
    /// Put an item off to another meeting.
    Postpone,
    Restore,
    Promote,
    Demote,
    Place,
    /// Let an item in that came late.
    Late,
    PullOut,
    Presenter,
    /// Propose that somebody steps out of an item.
    StepOut,
    /// Enter the votes of a room.
    CallRoll,
}

impl Operation {
    /// What is asked of an item.
    pub const OF_ITEMS: [Self; 22] = [
        Self::Vote,
        Self::Withdraw,
        Self::Reaffirm,
        Self::Recuse,
        Self::RollCall,
        Self::AnswerRollCall,
        Self::Comment,
        Self::Question,
        Self::Answer,
        Self::Open,
        Self::OpenAgain,
        Self::Close,
        Self::Defer,
        Self::Ask,
        Self::Condition,
        Self::Override,
        Self::ConfirmOverride,
        Self::Move,
        Self::Report,
        Self::Review,
        Self::BreakGlass,
        Self::Pull,
    ];

    /// What is asked of a meeting.
    pub const OF_MEETINGS: [Self; 16] = [
        Self::Start,
        Self::Next,
        Self::Previous,
        Self::Consent,
        Self::Pause,
        Self::Resume,
        Self::End,
        Self::Arrive,
        Self::Leave,
        Self::Mark,
        Self::Away,
        Self::TakeChair,
        Self::HandChair,
        Self::AddAction,
        Self::IssueMinutes,
        Self::AmendMinutes,
    ];

    /// What is asked of an item in a meeting.
    pub const IN_MEETINGS: [Self; 13] = [
        Self::Pull,
        Self::Focus,
        Self::Skip,
        Self::Postpone,
        Self::Restore,
        Self::Promote,
        Self::Demote,
        Self::Place,
        Self::Late,
        Self::PullOut,
        Self::Presenter,
        Self::StepOut,
        Self::CallRoll,
    ];
}

/// One operation, and why not where it may not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permission {
    pub operation: Operation,
    /// `None`: it may be tried.
    pub refusal: Option<Problem>,
}

/// What operations are about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// A change, a release, or a meeting.
    pub id: &'a Id,
    /// The meeting in which it is about an item.
    pub meeting: Option<&'a Id>,
}

impl Ledger {
    /// Whether somebody may give a command now, by the judge of commands; nothing is recorded.
    ///
    /// # Errors
    /// Why not.
    pub fn may(&self, command: &Command, who: &Who, now: Instant) -> Result<(), Problem> {
        super::step(self, command, who, now).map(drop)
    }

    /// What somebody may do about an item, a meeting, or an item in a meeting.
    #[must_use]
    pub fn can(&self, about: About<'_>, who: &Who, now: Instant) -> Vec<Permission> {
        let is_meeting =
            about.meeting.is_none() && !self.knows(about.id) && self.meeting_of(about.id).is_some();
        let operations: &[Operation] = match about.meeting {
            Some(_) => &Operation::IN_MEETINGS,
            None if is_meeting => &Operation::OF_MEETINGS,
            None => &Operation::OF_ITEMS,
        };
        let judged = |operation: &Operation| Permission {
            operation: *operation,
            refusal: self
                .attempt(*operation, about, who, now)
                .and_then(|command| super::rehearse(self, &command, who, now))
                .err(),
        };
        operations.iter().map(judged).collect()
    }

    /// The least command that an operation comes to.
    ///
    /// # Errors
    /// Where there is nothing that it could be about: no open question, no meeting to come.
    pub fn attempt(
        &self,
        operation: Operation,
        about: About<'_>,
        who: &Who,
        now: Instant,
    ) -> Result<Command, Problem> {
        Attempt { ledger: self, who, now }.command(operation, about)
    }

    /// A meeting on record, or one that is planned.
    fn meeting_of(&self, id: &Id) -> Option<Meeting> {
        match self.fold().meetings.get(id) {
            Some(meeting) => Some(Meeting::clone(meeting)),
            None => self.planned(id),
        }
    }

    /// The next meeting of a board that has not started, on record or planned, besides one.
    #[must_use]
    pub fn next_meeting(&self, board: &Id, besides: Option<&Id>, now: Instant) -> Option<Id> {
        let known = self.fold().meetings.values();
        let known = known.filter(|m| m.sealed.is_none() && m.ended_at.is_none() && m.board == *board);
        let planned = self.upcoming(now).into_iter().filter(|(id, _)| self.is_of(id, board));
        let mut all: Vec<(Instant, Id)> = known.map(|m| (m.start, m.id.clone())).collect();
        all.extend(planned.map(|(id, meets)| (meets.span.start(), id)));
        all.retain(|(_, id)| Some(id) != besides);
        all.into_iter().min().map(|(_, id)| id)
    }

    fn is_of(&self, planned: &Id, board: &Id) -> bool {
        self.planned(planned).is_some_and(|meeting| meeting.board == *board)
    }
}

/// A command being made up for an operation.
struct Attempt<'a> {
    ledger: &'a Ledger,
    who: &'a Who,
    now: Instant,
}

impl Attempt<'_> {
    /// Each operation once: an item's as it is, a meeting's on the one that is named or meant.
    fn command(
        &self,
        operation: Operation,
        About { id, meeting: named }: About<'_>,
    ) -> Result<Command, Problem> {
        use MeetingCommand as C;
        use Operation as O;
        let item = id.clone();
        let meeting = named.unwrap_or(id).clone();
        let act = match operation {
            O::Vote => {
                let revision = self.revision(id)?;
                return Ok(Command::Vote {
                    item,
                    revision,
                    vote: Vote::Approve,
                    comment: None,
                    on_behalf: None,
                });
            }
            O::Withdraw => return Ok(Command::Withdraw { item }),
            O::Reaffirm => return Ok(Command::Reaffirm { revision: self.revision(id)?, item }),
            O::Recuse => return Ok(Command::Recuse { item, reason: None }),
            O::RollCall => {
                let on_behalf = Some(self.somebody_waiting(id).unwrap_or_else(|| self.me()));
                let revision = self.revision(id)?;
                return Ok(Command::Vote { item, revision, vote: Vote::Abstain, comment: None, on_behalf });
            }
            O::AnswerRollCall => return Ok(Command::AnswerRollCall { item, agrees: true, comment: None }),
            O::Comment => return Ok(Command::Comment { item, text: words() }),
            O::Question => return Ok(Command::Question { item, text: words() }),
            O::Answer => return Ok(Command::Answer { question: self.question(id)?, item, text: words() }),
            O::Open => return Ok(Command::Open { item }),
            O::OpenAgain => return Ok(Command::OpenAgain { item }),
            O::Close => return Ok(Command::Close { item }),
            O::Defer => return Ok(Command::Defer { item, reason: words() }),
            O::Ask => return Ok(Command::Ask { item, question: words() }),
            O::Condition => return Ok(Command::Condition { item, text: words(), owner: self.somebody() }),
            O::Override => {
                let approve = self.against(id);
                return Ok(Command::Override { item, approve, reason: words(), second: None });
            }
            O::ConfirmOverride => return Ok(Command::ConfirmOverride { item }),
            O::Move => return Ok(Command::Move { start: self.elsewhere(id), item }),
            O::Report => {
                let (started, finished, outcome) = (Some(self.now), None, None);
                return Ok(Command::Report { item, started, finished, outcome });
            }
            O::Review => return Ok(Command::Review { item, successful: true, text: words() }),
            O::BreakGlass => return Ok(self.break_glass(item)),
            O::Away => {
                return Ok(Command::Away { person: None, start: self.now, end: self.now.plus(HOUR) });
            }
            O::AddAction => {
                let (meeting, owner) = (Some(meeting), self.somebody());
                return Ok(Command::AddAction { meeting, item: None, text: words(), owner, due: None });
            }
            O::Pull => {
                let meeting = named.cloned().map_or_else(|| self.next_meeting_for(id), Ok)?;
                return Ok(Command::Meeting { meeting, act: C::Pull { item, reason: None } });
            }
            O::Start => C::Start,
            O::Next => C::Next,
            O::Previous => C::Previous,
            O::Consent => C::Consent,
            O::Pause => C::Pause,
            O::Resume => C::Resume,
            O::End => C::End,
            O::Arrive => C::Arrive { person: None },
            O::Leave => C::Leave { person: None },
            O::Mark => C::Arrive { person: Some(self.other_member(&meeting)) },
            O::TakeChair => C::TakeChair { reason: None },
            O::HandChair => C::HandChair { to: self.other_chair(&meeting) },
            O::IssueMinutes => C::IssueMinutes,
            O::AmendMinutes => C::AmendMinutes { text: words() },
            O::Focus => C::Focus { item },
            O::Skip => C::Skip { item: Some(item) },
            O::Postpone => C::Defer { item: Some(item), to: self.another(&meeting)?, reason: words() },
            O::Restore => C::Restore { item },
            O::Promote => C::Promote { item },
            O::Demote => C::Demote { item },
            O::Place => C::Place { item, before: None },
            O::Late => C::Late { item, reason: words() },
            O::PullOut => C::PullOut { item },
            O::Presenter => C::Presenter { item, present: true },
            O::StepOut => C::ProposeRecusal { person: self.not_asked(id, &meeting), item, reason: words() },
            O::CallRoll => {
                let person = self.somebody_waiting(id).unwrap_or_else(|| self.me());
                let votes = vec![RollCalled { person, vote: Vote::Abstain, comment: None }];
                C::RollCall { revision: self.revision(id)?, item, votes }
            }
        };
        Ok(Command::Meeting { meeting, act })
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

    fn ask(&self) -> Ask<'_> {
        Ask { ledger: self.ledger, who: self.who, now: self.now, signing: super::Signing::Rehearsed }
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
fn words() -> Prose {
    Prose::new("?")
}
