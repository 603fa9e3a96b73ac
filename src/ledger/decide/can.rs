//! What somebody may do: each operation with yes, or no and its reason, as the one judge says it that decides commands.
//!
//! Nothing is re-told here: for each operation the least command is made that a person could give in good faith, and
//! judged without being recorded. What hangs on its words (a reason, an owner) is theirs to give.

use serde::{Deserialize, Serialize};

mod attempt;
mod run;

use self::attempt::Attempt;
use super::Who;
use crate::{
    ledger::{
        command::{Command, Problem},
        derive::Ledger,
        fold::Meeting,
    },
    model::{Id, Instant},
};

/// Something that can be asked of the board: of an item, of a meeting, of an item in a meeting, or of a run.
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
    /// Say that somebody is not the person whom an item names (chair).
    Clear,
    /// Call the emergency board about an item, at once.
    Convene,
    /// Stop a scope at once (chair).
    Freeze,
    /// Suspend a template of standard changes.
    SuspendTemplate,
    /// Put it before the board again.
    ResubmitTemplate,
    RetireTemplate,
    /// Give somebody a seat of a board (admin).
    GiveSeat,
    /// Take a seat of a board from who holds it (admin).
    TakeSeat,
    RunStart,
    /// The step that is worked on is done.
    RunTick,
    /// The step that is worked on failed.
    RunFailStep,
    /// Try the step that failed again.
    RunRetry,
    /// Skip the step that failed.
    RunSkip,
    /// The newest step that is settled is not done after all.
    RunUntick,
    RunHold,
    /// Say why it is held.
    RunExplain,
    /// Go on after a hold.
    RunResume,
    RunTurnBack,
    /// Answer for going on past the time to turn back.
    RunGoOn,
    RunGo,
    RunNoGo,
    /// Say whether a criterion is met.
    RunAnswer,
    /// A phase is not tried again.
    RunDrop,
    /// The service is there again.
    RunRestored,
    RunEndSuccessful,
    RunEndWithIssues,
    RunEndFailed,
    RunEndBackedOut,
}

impl Operation {
    /// What is asked of an item.
    pub const OF_ITEMS: [Self; 25] = [
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
        Self::Clear,
        Self::Convene,
        Self::Freeze,
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

    /// What is asked of the proposal of a template besides.
    pub const OF_TEMPLATES: [Self; 3] = [Self::SuspendTemplate, Self::ResubmitTemplate, Self::RetireTemplate];

    /// What is asked of a board.
    pub const OF_BOARDS: [Self; 2] = [Self::GiveSeat, Self::TakeSeat];

    /// What is asked of the run of a change or a phase.
    pub const OF_RUNS: [Self; 20] = [
        Self::RunStart,
        Self::RunTick,
        Self::RunFailStep,
        Self::RunRetry,
        Self::RunSkip,
        Self::RunUntick,
        Self::RunHold,
        Self::RunExplain,
        Self::RunResume,
        Self::RunTurnBack,
        Self::RunGoOn,
        Self::RunGo,
        Self::RunNoGo,
        Self::RunAnswer,
        Self::RunDrop,
        Self::RunRestored,
        Self::RunEndSuccessful,
        Self::RunEndWithIssues,
        Self::RunEndFailed,
        Self::RunEndBackedOut,
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
    /// A change, a release, a meeting, or a board.
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

    /// What somebody may do about an item, a meeting, a board, or an item in a meeting; about a change also in its run, and about a
    /// phase in its run alone.
    #[must_use]
    pub fn can(&self, about: About<'_>, who: &Who, now: Instant) -> Vec<Permission> {
        let is_meeting =
            about.meeting.is_none() && !self.knows(about.id) && self.meeting_of(about.id).is_some();
        let is_board = about.meeting.is_none() && !self.knows(about.id) && self.board(about.id).is_some();
        let facts = self.facts();
        let runs: &[Operation] =
            if facts.number(about.id).is_some() { &Operation::OF_RUNS } else { Default::default() };
        let (operations, runs): (&[Operation], &[Operation]) = match about.meeting {
            Some(_) => (&Operation::IN_MEETINGS, &[]),
            None if is_meeting => (&Operation::OF_MEETINGS, &[]),
            None if is_board => (&Operation::OF_BOARDS, &[]),
            None if facts.phase(about.id).is_some() => (&[], runs),
            None => (&Operation::OF_ITEMS, runs),
        };
        let template: &[Operation] = match about.meeting {
            None if self.proposal(about.id).is_some() => &Operation::OF_TEMPLATES,
            None | Some(_) => &[],
        };
        let judged = |operation: &Operation| Permission {
            operation: *operation,
            refusal: self
                .attempt(*operation, about, who, now)
                .and_then(|command| super::rehearse(self, &command, who, now))
                .err(),
        };
        operations.iter().chain(template).chain(runs).map(judged).collect()
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
