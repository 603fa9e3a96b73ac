//! What happened: the events of the record, append-only (ledger § Events).
//!
//! The log folds by itself: a round carries its policy, seats and tied people, a revision carries its facts once, and
//! the rules in force come by [`Event::RulesChanged`]. Other people's unknown fields never enter an event.
//! Over 600 lines: the whole vocabulary stands in one list.

mod meeting;
mod notice;
mod release;
mod telling;
mod template;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::{
    ConflictKey, FieldChange, Id, Instant, Line, Material, Part, Policy, Prose, RecordKind, Relation,
    Revision, Risk, RuleBook, Scope, Seat, Severity, SourceId, hook::Delivery,
};

pub use super::agenda_item::{AgendaItem, Named};
pub use super::signed::Signed;
pub use crate::model::{CloseCause, Known, OpenCause, RoundOutcome, RunAct, Vote};
pub use crate::rules::approval::{RoutedBy, changed::RulesDiffer, line::Arithmetic};
pub use meeting::{LeftOut, MeetingAct, NotConsented};
pub use notice::NoticeAct;
pub use release::ReleaseAct;
pub use telling::TellingAct;
pub use template::TemplateAct;

/// An event with who and when: what is hashed, stored and printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Entry"))]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// The vocabulary it is written in; none is the first.
    #[serde(default = "first_vocabulary", skip_serializing_if = "is_first_vocabulary")]
    pub v: u32,
    /// The number of the event in its log, from 1.
    pub n: u64,
    pub at: Instant,
    pub by: Actor,
    pub event: Event,
    /// Hex SHA-256 of the predecessor's bytes; 64 zeros for the first.
    pub prev: String,
    /// Seconds by which the clock of who acted was ahead of `at` (behind, when negative), where it was off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<i64>,
}

/// The vocabulary of an event that names none.
#[must_use]
pub const fn first_vocabulary() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_first_vocabulary(v: &u32) -> bool {
    *v == first_vocabulary()
}

/// Who acted and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The person, where the login maps to one.
    pub person: Option<Id>,
    /// The operating-system login, token name, or `quorate` for the board itself.
    pub login: Line,
    /// The login by which a user of this machine became who they are, by su or sudo, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Line>,
    pub known: Known,
}

/// Somebody an item names whom nobody here is, and who might be them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    pub part: Part,
    /// As the item writes it.
    pub name: Line,
    pub people: Vec<Id>,
}

/// What became of the rights, the login or the names of one of the board's own people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    pub person: Id,
    /// `admin`, `login`, `email`, `aliases`, `name`, `token`.
    pub field: String,
    pub from: Line,
    pub to: Line,
}

/// What voters had before them besides the facts of the revision, so that a decision can be shown as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The version of the program that counted.
    pub engine: String,
    /// When each source had last been read.
    pub sources: Vec<SourceRead>,
    /// Conflict rows that named the item, acknowledged ones too; at most [`Seen::ROWS`].
    pub conflicts: Vec<SeenConflict>,
    /// The estimate of its risk, of a change where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<SeenEstimate>,
}

/// How likely a change was said to fail: outcomes and failures of its like and of the board, of which the chance follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeenEstimate {
    /// `normal × high`.
    pub class: Line,
    /// How many of its like ended with a known outcome.
    pub outcomes: u64,
    /// How many of those failed or were backed out.
    pub failures: u64,
    /// How many of its like on this board ended with a known outcome.
    pub board_outcomes: u64,
    /// How many of those failed or were backed out.
    pub board_failures: u64,
    /// The chance, rounded half up.
    pub permille: u16,
}

/// When a source was read for the last time, as far as the seal of an event knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceRead {
    pub source: SourceId,
    /// When it was read; none was never.
    pub read_at: Option<Instant>,
}

/// A conflict row as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeenConflict {
    pub conflict: ConflictKey,
    pub severity: Severity,
    pub reason: String,
    /// Who had acknowledged it, where somebody had.
    pub acknowledged: Option<Line>,
}

impl Seen {
    /// Rows that are kept; an item with more has other troubles.
    pub const ROWS: usize = 64;
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    RoundOpened {
        item: Id,
        title: Line,
        /// Which round of the item, from 1.
        round: u32,
        revision: Revision,
        /// The facts of the revision in full, where the log does not hold them yet.
        facts: Option<Material>,
        policy: Box<Policy>,
        board: Id,
        seats: Vec<Seat>,
        /// People tied to the item: they may not vote.
        tied: Vec<Id>,
        /// Whom the item names and nobody is, with who might be: they may not vote either.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unsure: Vec<Doubt>,
        treated_risk: Risk,
        /// How routing came here.
        routed: Vec<RoutedBy>,
        /// The freezes that hit the item as it opened: a new one ends the round.
        freezes: Vec<Id>,
        /// The source's word for its state.
        state: String,
        cause: OpenCause,
        /// Until when votes count; none has no deadline.
        deadline: Option<Instant>,
    },
    /// Approved by a template of the board, without a round.
    AutoApproved {
        item: Id,
        title: Line,
        revision: Revision,
        /// What voters saw of it, by field; none in events of before this was kept.
        facts: Option<Material>,
        policy: Id,
        template: Id,
        state: String,
        tied: Vec<Id>,
    },
    Voted {
        item: Id,
        /// Which round of the item, from 1.
        round: u32,
        revision: Revision,
        /// Whose vote it is; the author of a roll call is in `by`.
        person: Id,
        vote: Vote,
        /// What was written with it; none where nothing was.
        comment: Option<Prose>,
        roll_call: bool,
        reaffirmed: bool,
        /// Of a secret vote: hex that nobody can guess. The hashes of the chain are public, and without it three tries
        /// would tell the vote from them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        salt: Option<String>,
        /// What its author signed, where they did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed: Option<Box<Signed>>,
    },
    /// In a copy of the log: a secret vote that was not told yet stayed behind. The chain goes on with its hash.
    VoteWithheld {
        item: Id,
        /// Which round of the item, from 1.
        round: u32,
        person: Id,
        /// Hex SHA-256 of the event that stands here in the log this is a copy of.
        hash: String,
    },
    Withdrawn {
        item: Id,
        /// Which round of the item, from 1.
        round: u32,
        person: Id,
        /// The signature that the withdrawn vote had; none had none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed: Option<Box<Signed>>,
    },
    Recused {
        item: Id,
        /// Which round of the item, from 1.
        round: u32,
        person: Id,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    Commented {
        item: Id,
        text: Prose,
    },
    RoundClosed {
        item: Id,
        /// Which round of the item, from 1.
        round: u32,
        revision: Revision,
        outcome: RoundOutcome,
        arithmetic: Arithmetic,
        cause: CloseCause,
        /// When it was due, where a deadline closed it.
        due: Option<Instant>,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
        /// What the voters had before them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<Box<Seen>>,
        /// By which reading of the electorate it was counted: 0, the delegate of a tied person votes, and a vote goes with
        /// its seat; 1, as it is now (rules § Electorate).
        #[serde(default, skip_serializing_if = "is_first")]
        reading: u8,
    },
    /// The person for whom a roll call entered a vote says whether it is theirs, or what the chair says they say instead of
    /// their own.
    RollCallAnswered {
        item: Id,
        /// Which round of the item, from 1.
        round: u32,
        person: Id,
        agrees: bool,
        /// What was written with it; none where nothing was.
        comment: Option<Prose>,
    },
    /// The chair says that somebody says otherwise than they voted; their own vote stands until they confirm it.
    SaidOtherwise {
        item: Id,
        /// Which round of the item, from 1.
        round: u32,
        revision: Revision,
        person: Id,
        vote: Vote,
        /// What was written with it; none where nothing was.
        comment: Option<Prose>,
    },
    /// The chair says that somebody is not who an item names, whom nobody is: remembered for that name.
    Cleared {
        item: Id,
        /// As the item writes it.
        shown: Line,
        /// As it is compared.
        name: Line,
        person: Id,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    /// Rights, logins or names of the board's own people changed.
    PeopleChanged {
        changes: Vec<PersonChange>,
    },
    ConditionAdded {
        item: Id,
        /// The number of the condition in the item, from 1.
        condition: u32,
        text: Prose,
        owner: Id,
    },
    ConditionMet {
        item: Id,
        /// The number of the condition in the item, from 1.
        condition: u32,
    },
    /// An approval no longer holds: the item changed materially.
    Lapsed {
        item: Id,
        from: Revision,
        to: Revision,
        /// What voters saw of it, by field; none in events of before this was kept.
        facts: Option<Material>,
        changes: Vec<FieldChange>,
    },
    /// A source moved an item that the board follows.
    ItemObserved {
        item: Id,
        /// The source's words.
        from: Option<String>,
        to: String,
        revision: Revision,
        /// What voters saw of it, by field; none in events of before this was kept.
        facts: Option<Material>,
        tied: Vec<Id>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unsure: Vec<Doubt>,
    },
    Acknowledged {
        conflict: ConflictKey,
        severity: Severity,
        fingerprint: String,
        reason: Prose,
        until: Instant,
    },
    Unacknowledged {
        conflict: ConflictKey,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    /// An admin put somebody in the chair of an item whose chairs are all tied to it.
    ChairNamed {
        item: Id,
        person: Id,
    },
    Delegated {
        board: Id,
        from: Id,
        to: Id,
        start: Instant,
        end: Instant,
    },
    /// A delegation ends now, before its time, or does not begin. Its start says which one it is.
    DelegationEnded {
        board: Id,
        from: Id,
        to: Id,
        start: Instant,
    },
    /// A record owned by the board was edited here.
    Edited {
        item: Id,
        changes: Vec<FieldChange>,
    },
    /// Somebody says what caused or mended an incident, or that it did not.
    IncidentLinked {
        incident: Id,
        /// The change or the release.
        item: Id,
        relation: Relation,
        /// False where a link is taken back, one of a source too.
        linked: bool,
        /// Why, in their words; none where no reason is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
    /// A record of the board's own was made, or one that is no item was edited, here.
    Written {
        kind: RecordKind,
        id: Id,
        created: bool,
        changes: Vec<FieldChange>,
    },
    /// Somebody wants a change of a source at another start; it moves when its source says so.
    MoveProposed {
        item: Id,
        revision: Revision,
        /// The planned start as it was seen.
        was: Instant,
        start: Instant,
        /// The planned end that goes with it; none where the change has none.
        end: Option<Instant>,
    },
    /// The outcome of the post-implementation review.
    Reviewed {
        item: Id,
        successful: bool,
        text: Prose,
    },
    RulesChanged {
        rules: Box<RuleBook>,
        /// What differs from the rules before.
        summary: Vec<RulesDiffer>,
    },
    Imported {
        from: Line,
        /// Records that were not there before.
        added: u32,
        /// Records that are no longer as they were.
        changed: u32,
        /// Records that are as they were.
        unchanged: u32,
    },
    /// A source named far fewer records than before, and somebody said that this is right.
    FewerAccepted {
        source: SourceId,
        /// `records`, or what of them it lost: `changes`.
        what: Line,
        /// Records the source had.
        before: u32,
        /// Records it has now.
        after: u32,
    },
    /// What a source answered to a write.
    Pushed {
        source: SourceId,
        item: Id,
        write: String,
        accepted: bool,
        words: Line,
    },
    /// A vote that only its person's own credential takes to a source is written there no more: it never was.
    GivenUp {
        item: Id,
        source: SourceId,
        /// Whose vote it is.
        person: Id,
        /// Why, in their words; none where its person gave none.
        reason: Option<Prose>,
    },
    /// Somebody asked the gate to let a rollback through; the answer is always go.
    RollbackAsked {
        item: Id,
    },
    /// What happened while something was carried out.
    Run {
        /// The change, or the release of the phase.
        item: Id,
        /// The phase of the release; none is a change.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<Id>,
        act: Box<RunAct>,
    },
    /// What people decide about a release as a plan.
    Release {
        item: Id,
        act: Box<ReleaseAct>,
    },
    /// Somebody outside the board is told of an item.
    Telling {
        item: Id,
        act: Box<TellingAct>,
    },
    /// A person of the board is told what concerns them.
    Notified {
        person: Id,
        act: Box<NoticeAct>,
    },
    /// What becomes of a template of standard changes.
    Template {
        /// The template, and the item that is decided.
        item: Id,
        act: Box<TemplateAct>,
    },
    /// A pipeline told something, by a webhook or the command line: each delivery once.
    PipelineTold {
        delivery: Box<Delivery>,
        /// The change or phase it is about; none where nobody can tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        activity: Option<Id>,
        /// It was old news as it came, and started nothing.
        late: bool,
    },
    /// Somebody said what an unmapped delivery is about.
    PipelineAssigned {
        /// The number of its event.
        told: u64,
        activity: Id,
    },
    /// The service that keeps the record signed its head, as it was after event `n`.
    HeadSigned {
        n: u64,
        /// Of that event, in hex.
        hash: String,
        proof: Box<Signed>,
    },
    /// The key of the service is another one from here on.
    ServiceKeyChanged {
        /// As OpenSSH writes it.
        key: Line,
        /// Signed by the key before; none where that was not there any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Box<Signed>>,
    },
    /// What happens in a meeting.
    Meeting {
        meeting: Id,
        act: Box<MeetingAct>,
    },
    /// A question to the owner of an item.
    QuestionAsked {
        item: Id,
        /// The number of the question in the item, from 1.
        question: u32,
        text: Prose,
    },
    QuestionAnswered {
        item: Id,
        /// The number of the question in the item, from 1.
        question: u32,
        text: Prose,
    },
    /// Somebody has opened an item at a revision.
    ItemRead {
        item: Id,
        revision: Revision,
    },
    /// Nobody answered: work may start, and the board says afterwards whether that was right.
    GlassBroken {
        item: Id,
        title: Line,
        revision: Revision,
        /// What voters saw of it, by field; none in events of before this was kept.
        facts: Option<Material>,
        incident: Line,
        /// Who agreed, and by which channel.
        agreed: Vec<Line>,
        channel: Line,
        /// When they say it was agreed; the time of the entry stands beside it.
        claimed_at: Instant,
        reason: Prose,
        /// Until when the board ratifies, or not.
        due: Instant,
    },
    /// The chair wants an outcome against the vote; it needs a second person.
    OverrideProposed {
        item: Id,
        /// Which round of the item, from 1.
        round: u32,
        outcome: RoundOutcome,
        reason: Prose,
        /// Who is asked to be the second person; any voter where nobody is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second: Option<Id>,
    },
    ActionAdded {
        /// The number of the action on the board, from 1.
        action: u32,
        /// The meeting in which it was; none is outside of any.
        meeting: Option<Id>,
        /// The item it follows from; none follows from the meeting alone.
        item: Option<Id>,
        text: Prose,
        owner: Id,
        /// The day by which it is to be done, in the board's zone; none has no day.
        due: Option<NaiveDate>,
    },
    ActionClosed {
        /// The number of the action on the board, from 1.
        action: u32,
        /// What came of it; none where nothing was said.
        note: Option<Prose>,
    },
    /// Somebody is away, and cannot vote unless a delegate acts.
    Away {
        person: Id,
        start: Instant,
        end: Instant,
    },
    /// A chair stopped a scope at once; it thaws by itself.
    FrozenNow {
        window: Id,
        scope: Scope,
        until: Instant,
        reason: Prose,
    },
    /// A freeze of the chair ended before its time.
    Thawed {
        window: Id,
        reason: Prose,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
fn is_first(reading: &u8) -> bool {
    *reading == 0
}

impl Event {
    /// What its author signed, of a vote or one taken back.
    #[must_use]
    pub fn signed(&self) -> Option<&Signed> {
        match self {
            Self::Voted { signed, .. } | Self::Withdrawn { signed, .. } => signed.as_deref(),
            _ => None,
        }
    }

    /// Item, round and person of an event that tells what somebody voted.
    #[must_use]
    pub fn ballot(&self) -> Option<(&Id, u32, &Id)> {
        if let Self::Voted { item, round, person, .. }
        | Self::SaidOtherwise { item, round, person, .. }
        | Self::RollCallAnswered { item, round, person, .. } = self
        {
            return Some((item, *round, person));
        }
        None
    }

    /// The item this event is about, if it is about one.
    #[must_use]
    pub fn item(&self) -> Option<&Id> {
        match self {
            Self::RoundOpened { item, .. }
            | Self::AutoApproved { item, .. }
            | Self::Voted { item, .. }
            | Self::VoteWithheld { item, .. }
            | Self::Withdrawn { item, .. }
            | Self::Recused { item, .. }
            | Self::Commented { item, .. }
            | Self::RoundClosed { item, .. }
            | Self::ConditionAdded { item, .. }
            | Self::ConditionMet { item, .. }
            | Self::Lapsed { item, .. }
            | Self::ItemObserved { item, .. }
            | Self::Edited { item, .. }
            | Self::MoveProposed { item, .. }
            | Self::IncidentLinked { item, .. }
            | Self::Reviewed { item, .. }
            | Self::Pushed { item, .. }
            | Self::GivenUp { item, .. }
            | Self::ChairNamed { item, .. }
            | Self::QuestionAsked { item, .. }
            | Self::QuestionAnswered { item, .. }
            | Self::ItemRead { item, .. }
            | Self::GlassBroken { item, .. }
            | Self::OverrideProposed { item, .. }
            | Self::RollCallAnswered { item, .. }
            | Self::SaidOtherwise { item, .. }
            | Self::Cleared { item, .. }
            | Self::Run { item, .. }
            | Self::Release { item, .. }
            | Self::Telling { item, .. }
            | Self::Template { item, .. }
            | Self::RollbackAsked { item } => Some(item),
            Self::Written { kind: RecordKind::Change | RecordKind::Release, id, .. } => Some(id),
            Self::Meeting { act, .. } => act.item(),
            Self::ActionAdded { item, .. } => item.as_ref(),
            Self::Acknowledged { conflict, .. } | Self::Unacknowledged { conflict, .. } => Some(&conflict.a),
            Self::Delegated { .. }
            | Self::DelegationEnded { .. }
            | Self::Written { .. }
            | Self::RulesChanged { .. }
            | Self::PeopleChanged { .. }
            | Self::Imported { .. }
            | Self::FewerAccepted { .. }
            | Self::ActionClosed { .. }
            | Self::Away { .. }
            | Self::FrozenNow { .. }
            | Self::Notified { .. }
            | Self::PipelineTold { .. }
            | Self::PipelineAssigned { .. }
            | Self::HeadSigned { .. }
            | Self::ServiceKeyChanged { .. }
            | Self::Thawed { .. } => None,
        }
    }
}
