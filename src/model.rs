//! The nouns of the board (rules § Things): records, ids, revisions, sanitised text, instants.
//!
//! Records are plain values as a board file has them (source § Board file). Nothing here knows a rule, a file or a screen;
//! untrusted text is cleaned by [`text`] while it is read into these types.

pub mod address;
pub mod audience;
pub mod board;
pub mod change;
pub mod comment;
pub mod condition;
pub mod conflict;
pub mod extra;
pub mod field;
pub mod file;
pub mod given;
pub mod hook;
pub mod id;
pub mod incident;
pub mod meeting;
pub mod merging;
pub mod named;
mod nearest;
pub mod notice;
pub mod pool;
pub mod quorum;
mod reading;
pub mod record;
pub mod release;
pub mod revision;
pub mod risk;
pub mod round;
pub mod rule_id;
pub mod rulebook;
pub mod run;
pub mod service;
pub mod telling;
pub mod template;
pub mod terms;
pub mod text;
pub mod time;
pub mod token;
pub mod vote;
pub mod walk;
pub mod window;
pub mod word;

pub use address::Shows;
pub use audience::{Audience, DateLanguage, Hears, QuietHours};
pub use board::{Board, Delegation, Person, Role, Seat};
pub use change::{Approval, Change, Impact, Kind, Outage, Outcome, Risk, State, Step};
pub use comment::{ApprovalAnswer, ApprovalRequest, Comment};
pub use condition::{Condition, ItemKind};
pub use conflict::ConflictKey;
pub use extra::Extra;
pub use file::BoardFile;
pub use given::{FilePart, GivenFields};
pub use id::{Id, IdError};
pub use incident::{Incident, IncidentSeverity, IncidentState, Relation};
pub use meeting::{ItemMinutes, MeetingKind, MeetingPlan, Section};
pub use merging::{Mention, Merging, Same};
pub use named::{Named, Part};
pub use nearest::nearest;
pub use notice::{Notice, NoticeKey, NoticeKind, NoticeState, PreferencePart, Preferences, Signal};
pub use pool::pooled;
pub use quorum::{Fraction, Quorum, VotingRule};
pub use record::{Fault, Record, RecordKind, SourceId, Stored};
pub use release::{
    Acceptance, Criterion, Defect, Phase, PhaseState, Release, ReleaseState, ReleaseType, Strategy, Success,
};
pub use revision::{FieldChange, Material, Revision};
pub use round::{CloseCause, Known, OpenCause, RoundOutcome, Verdict};
pub use rule_id::{RuleId, Severity};
pub use rulebook::{
    Capacity, CapacityScope, EarlyClose, Floor, FloorWhen, OnDeadline, Policy, RuleBook, Settings, Tie,
};
pub use run::{Run, RunAct};
pub use service::Service;
pub use telling::{Course, Message, MessageKind, Outlook};
pub use template::{Blamed, Stands, Template, Why};
pub use text::{Line, Printable, Prose};
pub use time::{Instant, Span, When};
pub use token::{Grant, NewToken, Token, TokenId};
pub use vote::{Decision, Standing, Vote};
pub use window::{Scope, Wall, Window, WindowKind};
pub use word::{Vocabulary, Word};
