//! What crosses a boundary: slim rows, derived rows, tallies, questions and answers, the snapshot.
//!
//! Faces read these and nothing else of the board; the command line prints them with `--json`. Commands, receipts and
//! problems come from the ledger and are re-exported, so that a face needs only this room.

pub mod api;
pub mod conflicts;
pub mod filter;
pub mod gone;
pub mod hook;
pub mod meeting;
pub mod notices;
pub mod documents;
pub mod pack;
pub mod personal;
pub mod question;
pub mod release;
pub mod rehearsal;
pub mod row;
pub mod run;
pub mod service;
pub mod snapshot;
pub mod telling;

pub use crate::ledger::command::{
    AlsoReported, Command, HeldSeat, MeetingCommand, NewSeat, Problem, ProblemKind, Receipt, ReleaseCommand,
    RollCalled, RunCommand, TemplateCommand,
};
pub use crate::ledger::decide::can::{Operation, Permission};
pub use crate::ledger::derive::catalogue::{Catalogue, SuspendedBy, TemplateState, TemplateView};
pub use crate::ledger::derive::incidents::{IncidentLink, IncidentView, LinkedBy};
pub use crate::ledger::derive::insights::{Insights, InsightsAsked, PeriodAsked};
pub use crate::ledger::derive::mirror::{Mirror, Of, RuleKeep};
pub use crate::ledger::derive::suggestions::Suggestion;
pub use crate::ledger::derive::what_changed::Suspect;
pub use crate::ledger::event::{Actor, Event, Known, LogEntry, MeetingAct, RoundOutcome, Vote};
pub use crate::ledger::minutes::{Action, ItemResult, Verdict};
pub use crate::ledger::tally;
pub use crate::ledger::tally::{
    After, AgainstVote, Ballot, BallotStatus, Closing, Condition, DisputedVote, NoVote, Objection, OwnBallot,
    QuorumState, Tally, TallyOutcome, ToConfirm, UnknownTie,
};
pub use crate::rules::approval::Needs;
pub use crate::rules::numbers::{By, Finding, Kpi, Measure, Number};
pub use conflicts::Conflicts;
pub use documents::{AgendaItem, Decided, MinuteItem, Minutes};
pub use gone::{Gone, GoneRecord};
pub use meeting::{AgendaRow, GlassRow, ItemPhase, MeetingPerson, MeetingPhase, MeetingRow, QuestionRow};
pub use personal::Personal;
pub use question::{
    Answer, ApproverRow, Can, ChangeDetail, Comment, DelegationRow, DelegationState, Difference,
    ExplainedRule, Explanation, Export, Fact, GateAnswer, GateReason, GateSignature, GateVerdict, Limit,
    LimitKind, LogFilter, LogPage, Names, Question, ReleaseDetail, RuleState, Slot, Slots, Verification,
    WhatIf,
};
pub use rehearsal::{Rehearsal, RehearsedClash};
pub use row::{
    Ack, ActivityKind, ActivityRow, Clashes, ConflictRow, ItemRow, Standing, StateWord, UncheckedRow,
};
pub use service::ServiceView;
pub use snapshot::{Broken, Me, Opening, Snapshot, SourceHealth, SourceState, WriteRow, WriteState};
