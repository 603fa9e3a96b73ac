//! What crosses a boundary: slim rows, derived rows, tallies, questions and answers, the snapshot.
//!
//! Faces read these and nothing else of the board; the command line prints them with `--json`. Commands, receipts and
//! problems come from the ledger and are re-exported, so that a face needs only this room.

pub mod api;
pub mod filter;
pub mod question;
pub mod row;
mod said;
pub mod snapshot;

pub use crate::ledger::command::{Command, Problem, ProblemKind, Receipt};
pub use crate::ledger::event::{Actor, Entry, Event, Known, RoundOutcome, Vote};
pub use crate::ledger::tally;
pub use crate::ledger::tally::{
    Ballot, BallotStatus, Closing, Condition, Objection, QuorumState, Tally, TallyOutcome,
};
pub use question::{
    Answer, ChangeDetail, Comment, Difference, ExplainedRule, Explanation, Export, Fact, GateAnswer,
    GateVerdict, LogFilter, LogPage, Question, ReleaseDetail, RuleState, Slot, Slots, Verification, WhatIf,
};
pub use row::{
    Ack, ActivityKind, ActivityRow, Clashes, ConflictRow, ItemRow, Standing, StateWord, UncheckedRow,
};
pub use snapshot::{Me, Snapshot, SourceHealth, SourceState, WriteRow, WriteState};
