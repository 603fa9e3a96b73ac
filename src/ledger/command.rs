//! What a person asks of the board, and the answers: a receipt or a problem.

mod meeting;
mod release;
mod run;
mod template;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::{
    BoardFile, Change, ConflictKey, FieldChange, GivenFields, Id, Instant, Line, Message, NewToken, Outcome,
    Preferences, Prose, RecordKind, Relation, Revision, Role, Scope, SourceId, TokenId, hook::Delivery,
};

use super::event::{Signed, Vote};

pub use meeting::{MeetingCommand, RollCalled};
pub use release::ReleaseCommand;
pub use run::RunCommand;
pub use template::{AlsoReported, TemplateCommand};

/// What a person asks of the board. Who asks comes beside it as an [`super::event::Actor`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    Vote {
        item: Id,
        /// The revision the author saw.
        revision: Revision,
        vote: Vote,
        /// What was written with it; none where nothing was.
        comment: Option<Prose>,
        /// The chair's roll call: whose vote it is.
        on_behalf: Option<Id>,
    },
    /// A vote, or a vote taken back, that its author signed: the statement says which.
    Signed {
        signed: Box<Signed>,
        /// What was written with it; none where nothing was.
        comment: Option<Prose>,
    },
    /// The chair's roll call, against a vote of their own: what somebody says instead, to be confirmed by them.
    SayOtherwise {
        item: Id,
        revision: Revision,
        person: Id,
        vote: Vote,
        /// What was written with it; none where nothing was.
        comment: Option<Prose>,
    },
    /// Whether a vote that was entered for who acts is theirs.
    AnswerRollCall {
        item: Id,
        agrees: bool,
        /// What was written with it; none where nothing was.
        comment: Option<Prose>,
    },
    /// Somebody is not the one an item names, whom nobody here is (chair).
    Clear {
        item: Id,
        person: Id,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    Withdraw {
        item: Id,
    },
    /// Casts the person's vote of an earlier round again, after its difference has been shown.
    Reaffirm {
        item: Id,
        revision: Revision,
    },
    Recuse {
        item: Id,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    Comment {
        item: Id,
        text: Prose,
    },
    Open {
        item: Id,
    },
    /// Opens a new round in place of the one that is open; its votes start again.
    OpenAgain {
        item: Id,
    },
    Close {
        item: Id,
    },
    Defer {
        item: Id,
        reason: Prose,
    },
    Ask {
        item: Id,
        question: Prose,
    },
    Condition {
        item: Id,
        text: Prose,
        owner: Id,
    },
    MeetCondition {
        item: Id,
        /// The number of the condition in the item, from 1.
        condition: u32,
    },
    Acknowledge {
        conflict: ConflictKey,
        reason: Prose,
        until: Instant,
    },
    Unacknowledge {
        conflict: ConflictKey,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    /// Puts somebody in the chair of an item whose chairs are all tied to it.
    NameChair {
        item: Id,
        person: Id,
    },
    Delegate {
        board: Id,
        from: Id,
        to: Id,
        start: Instant,
        end: Instant,
    },
    /// Ends what was delegated of somebody's seats, to one or to anybody, in force or to come.
    Undelegate {
        board: Id,
        from: Id,
        /// Whose delegation ends; none is each one that this person gave.
        to: Option<Id>,
    },
    /// Gives people seats (admin): on the only board where none is named, on a new one where there is none.
    Seat {
        /// Which board; none is the only one.
        board: Option<Id>,
        people: Vec<NewSeat>,
    },
    /// Takes somebody's seats (admin).
    Unseat {
        /// Which board; none is the only one.
        board: Option<Id>,
        person: Id,
        /// Which of them, by its name, empty for the one without a name; none is each one that they hold there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<Line>,
    },
    /// Moves a record to a new planned start, its length kept: one of the embedded board at once, a change of a source
    /// by asking that source.
    Move {
        item: Id,
        start: Instant,
    },
    /// Gives up writing a vote to a source that takes it only with its person's own credential: it counts here, and is sent no
    /// more (that person; an admin with a reason).
    GiveUp {
        item: Id,
        /// The name of the write that is given up.
        write: Line,
        /// Where it waits to be written.
        source: SourceId,
        /// Whose vote it is.
        person: Id,
        /// Why, in their words; none where its person gives none.
        reason: Option<Prose>,
    },
    /// Replaces a change of the embedded board.
    Edit {
        change: Box<Change>,
    },
    /// Makes a record of the board's own, or edits one: the fields that are named, in the shape of the board file.
    Write {
        kind: RecordKind,
        /// Absent: the next free one, of a change.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<Id>,
        #[serde(default)]
        new: bool,
        /// By name; a dot leads into what is inside, and null empties a field.
        fields: serde_json::Map<String, serde_json::Value>,
        /// When it was last edited, as who writes saw it: another time is a refusal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<Instant>,
    },
    /// Reports what happened to a change.
    Report {
        item: Id,
        /// When it began; none where that is not reported.
        started: Option<Instant>,
        /// When it ended; none where it did not yet.
        finished: Option<Instant>,
        /// How it went; none where that is not reported.
        outcome: Option<Outcome>,
    },
    /// Takes what a pipeline told.
    Hook {
        delivery: Box<Delivery>,
    },
    /// Says what an unmapped delivery is about.
    AssignHook {
        /// The number of its event.
        told: u64,
        activity: Id,
    },
    /// Something in the run of a change or a phase.
    Run {
        /// The change, or the phase as `RELEASE/PHASE`.
        activity: Id,
        act: RunCommand,
    },
    /// Something about a release as a plan.
    Release {
        release: Id,
        act: ReleaseCommand,
    },
    /// Sends messages about an item to audiences, as they were shown.
    Tell {
        item: Id,
        messages: Vec<Message>,
    },
    /// Something about a template of standard changes.
    Template {
        template: Id,
        act: TemplateCommand,
    },
    /// Makes a standard change from a template that is approved.
    Standard {
        template: Id,
        /// Absent: the next of the board's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<Id>,
        /// What is filled in, by name as in the board file.
        #[serde(default)]
        fields: serde_json::Map<String, serde_json::Value>,
        #[serde(default, skip_serializing_if = "AlsoReported::is_nothing")]
        also: AlsoReported,
    },
    Review {
        item: Id,
        successful: bool,
        text: Prose,
    },
    /// Says what caused or mended an incident, or that it did not.
    LinkIncident {
        incident: Id,
        item: Id,
        relation: Relation,
        linked: bool,
        /// Why, in their words; none where no reason is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
    /// Upserts records by id, deletes nothing, replaces the policies it brings.
    Import {
        from: Line,
        source: SourceId,
        file: Box<BoardFile>,
        /// Which fields of what records the file names; the others stay as they are. Absent: every record is whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given: Option<GivenFields>,
    },
    /// Recorded, because backing out is never frozen (rules § The gate).
    RollbackGate {
        item: Id,
    },
    /// Something in a meeting.
    Meeting {
        meeting: Id,
        act: MeetingCommand,
    },
    /// A question to the owner of an item; any member may ask.
    Question {
        item: Id,
        text: Prose,
    },
    Answer {
        item: Id,
        /// The number of the question in the item, from 1.
        question: u32,
        text: Prose,
    },
    /// The item was opened at this revision by who acts.
    Read {
        item: Id,
        revision: Revision,
    },
    /// Nobody answered: work starts now, and is ratified afterwards, or not.
    BreakGlass {
        item: Id,
        incident: Line,
        agreed: Vec<Line>,
        channel: Line,
        claimed_at: Instant,
        reason: Prose,
    },
    /// An outcome against the vote (chair, where the board allows it).
    Override {
        item: Id,
        approve: bool,
        reason: Prose,
        /// Who is asked to confirm it; any voter where nobody is named.
        #[serde(default)]
        second: Option<Id>,
    },
    /// The second person of an override.
    ConfirmOverride {
        item: Id,
    },
    AddAction {
        /// The meeting in which it was; none is outside of any.
        meeting: Option<Id>,
        /// The item it follows from; none follows from the meeting alone.
        item: Option<Id>,
        text: Prose,
        owner: Id,
        /// The day by which it is to be done, in the board's zone; none has no day.
        due: Option<NaiveDate>,
    },
    CloseAction {
        /// The number of the action on the board, from 1.
        action: u32,
        /// What came of it; none where nothing was said.
        note: Option<Prose>,
    },
    /// A member is away for a time, without a delegate as far as this goes.
    Away {
        /// Who is away; none is whoever acts.
        person: Option<Id>,
        start: Instant,
        end: Instant,
    },
    /// Stops a scope at once (chair).
    Freeze {
        scope: Scope,
        until: Instant,
        reason: Prose,
        /// Kinds that may go on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        allow: Vec<Line>,
    },
    /// Ends a freeze of the chair before its time.
    Thaw {
        window: Id,
        reason: Prose,
    },
    /// How who acts wants to hear of what concerns them: theirs alone, and in no event.
    Prefer {
        preferences: Box<Preferences>,
    },
    /// Makes a token (admin), or a secret address (for oneself anybody the board knows).
    MakeToken {
        token: NewToken,
    },
    /// Takes a token back (admin), which was made for this person, or a secret address (one's own anybody).
    RevokeToken {
        id: TokenId,
        person: Id,
        /// It is an address.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        address: bool,
    },
}

/// Somebody who gets a seat, and what of them is to be known besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewSeat {
    /// Somebody the board knows by this name, or the id of somebody new.
    pub person: Line,
    /// The name, for somebody new on the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Line>,
    /// The address, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Line>,
    /// The name on this machine or at the provider, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Line>,
    /// Absent: in the chair where there is none yet, else voting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The name of a named seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<Line>,
    /// The seat whose place it takes, which is held no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<HeldSeat>,
}

impl NewSeat {
    /// A seat for somebody, of whom and of which nothing else is said.
    #[must_use]
    pub fn of(person: &str) -> Self {
        Self {
            person: Line::new(person),
            name: None,
            email: None,
            login: None,
            role: None,
            seat: None,
            instead: None,
        }
    }
}

/// A seat that somebody holds on a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldSeat {
    pub person: Id,
    /// Its name; absent for one without a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<Line>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// The commit.
    pub seq: u64,
    /// Numbers of the events it appended.
    pub events: Vec<u64>,
    /// What happened in one sentence: `yes on CHG0030042, closed: approved`.
    pub said: String,
}

/// Why something was not done: problem details for people and programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{title}")]
pub struct Problem {
    pub kind: ProblemKind,
    /// What happened, to what.
    pub title: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// For a record that moved: what differs from what the author saw.
    pub changes: Vec<FieldChange>,
}

/// The kinds of problem, each with its exit code (map § Command line).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The answer is no. Exit code 1.
    No,
    /// The request makes no sense as it is. Exit code 2.
    Invalid,
    /// No such thing. Exit code 2.
    NotFound,
    /// The hub, the store or a source could not be reached. Exit code 3.
    Unreachable,
    /// Who asks may not (rules § Rights). Exit code 4.
    NotAllowed,
    /// The record changed. Exit code 5.
    Changed,
}

impl ProblemKind {
    /// What a process that is refused for this ends with.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::No => 1,
            Self::Invalid | Self::NotFound => 2,
            Self::Unreachable => 3,
            Self::NotAllowed => 4,
            Self::Changed => 5,
        }
    }
}

impl Problem {
    /// A refusal with its kind and one sentence.
    #[must_use]
    pub fn new(kind: ProblemKind, title: impl Into<String>) -> Self {
        Self { kind, title: title.into(), hint: None, changes: Vec::new() }
    }

    /// The same refusal with what may be done about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
